// Questions about a graph: what is asked, and three hints for each.

// A gradient of more parts is no sum to do by hand.
const MOST_PARTS = 4;

// What is asked, from easy to hard: up or down, slopes of edges, gradients from the end on, which input matters most,
// and a mistake to find.
function questions(graph, ways, draw) {
  const nodes = graph.nodes.map((_, k) => k), inputs = ways.inputs.filter((k) => ways.count[k]), list = [];
  const any = (all) => all[Math.floor(draw() * all.length)];
  const edges = nodes.flatMap((k) => ways.below(k).map(([, p]) => [k, p])).filter(([k]) => !graph.nodes[k].inside) // its weights stand on no card
    .filter(([k, p]) => Array.isArray(partialTree(graph, k, p)) || Math.abs(graph.partials[k][p]) !== 1);
  const felt = inputs.filter((k) => graph.gradient[k] !== 0);
  if (felt.length) list.push({ kind: "sign", node: any(felt) });
  for (const op of [...new Set(edges.map(([k]) => graph.nodes[k].op))].slice(0, 3)) list.push({ kind: "local", edge: any(edges.filter(([k]) => graph.nodes[k].op === op)) });
  const asked = nodes.filter((k) => k !== graph.root && !graph.nodes[k].constant && ways.count[k]).reverse();
  // From the root the gradient of a number used once is the slope of that edge: it is asked once.
  const same = (k) => list.some(({ kind, edge }) => kind === "local" && edge[0] === graph.root && graph.nodes[graph.root].inputs[edge[1]] === k && graph.contributions(k).length === 1);
  list.push(...asked.filter((k) => graph.contributions(k).length <= MOST_PARTS && !same(k)).slice(0, 12).map((node) => ({ kind: "gradient", node })));
  const sizes = inputs.map((k) => Math.abs(graph.gradient[k])).sort((a, b) => b - a);
  if (inputs.length > 1 && sizes[0] > 1.02 * sizes[1]) list.push({ kind: "most", node: inputs.find((k) => Math.abs(graph.gradient[k]) === sizes[0]) });
  const spoilt = asked.filter((k) => slips(graph, k).length);
  if (spoilt.length > 2) list.push(planted(graph, any(spoilt), any));
  return list;
}

// A mistake that people make: the wrong sign, a part that is missing, the upstream or the local derivative alone.
function planted(graph, node, any) {
  const [slip, number] = any(slips(graph, node));
  return { kind: "mistake", node, slip, number };
}

function slips(graph, k) {
  const parts = graph.contributions(k), sum = (of) => parts.reduce((all, c) => all + of(c), 0), truth = graph.gradient[k];
  const all = [["sign", -truth], ["upstream", sum((c) => c.upstream)], ["local", sum((c) => c.local)]];
  if (parts.length > 1) all.push(["path", truth - parts.at(-1).amount]);
  return all.filter(([, number]) => Math.abs(number - truth) > 0.02 * Math.max(Math.abs(truth), 0.1));
}

const product = (c) => `${bracketedText(c.upstream)} · ${bracketedText(c.local)}`;

// 1 · 3 + 1 · 3 = 6
function added(graph, k) {
  const parts = graph.contributions(k), given = parts.reduce((sum, c) => sum + multiplied([c.upstream, c.local]), 0);
  return `${parts.map(product).join(" + ")} ${equals(given, graph.gradient[k])} ${short(graph.gradient[k])}.`;
}

// Three hints: the idea, where to look, and the numbers without their result.
function hints(lesson, graph, question) {
  const { name } = lesson;
  if (question.kind === "local") {
    const [k, p] = question.edge, tree = partialTree(graph, k, p);
    return [tell("quiz.hint.local.idea"), tell("quiz.hint.local.rule", { op: operation(graph.nodes[k].op), rule: plain(tree, name) }), tell("quiz.hint.local.numbers", { rule: plain(settled(tree, graph.value), (i) => short(graph.value[i])) })];
  }
  if (question.kind === "gradient") {
    const parts = graph.contributions(question.node), through = parts.map((c) => tell("quiz.through", { name: name(c.consumer) })).join(", ");
    return [tell("quiz.hint.gradient.idea"), tell("quiz.hint.gradient.where", { n: parts.length, through }), tell("quiz.hint.gradient.numbers", { numbers: parts.map(product).join(" + ") })];
  }
  const key = `quiz.hint.${question.kind}`, sum = question.kind === "mistake" ? added(graph, question.node).replace(/ [=≈] .*/, "") : "";
  const slopes = question.kind === "sign" ? lesson.ways.paths(question.node, 1)[0].map(([c, p]) => bracketedText(graph.partials[c][p])).join(" · ") : "";
  return ["idea", "where", "numbers"].map((stage) => tell(`${key}.${stage}`, { slopes, slope: short(graph.gradient[question.node]), column: graph.nodes[question.node].op ? tell("card.operation") : tell("card.leaf"), sum, name: name(question.node) }));
}
