// Questions about a graph: friendly numbers from a seed, what is asked, three hints for each, and what a wrong answer missed.

// A small random generator, the same digits everywhere. Source: Tommy Ettinger's mulberry32, public domain
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FRIENDLY = [-3, -2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2, 3];

// The same graph with new numbers at its inputs: of many tries the one that is easiest to compute by hand, with the
// fewest results that need more than two decimals, no gradient that is lost or out of hand, and few slopes of 0 or 1 that
// would hide a mistake: a factor of 1 that was left out changes nothing.
function friendly(nodes, inputs, draw) {
  let best = null, least = Infinity;
  for (let attempt = 0; attempt < 60; attempt++) {
    const graph = new Graph(nodes);
    for (const k of inputs) graph.value[k] = FRIENDLY[Math.floor(draw() * FRIENDLY.length)];
    if (graph.forward() >= 0) continue;
    graph.backward();
    const long = (x) => (Math.abs(x * 100 - Math.round(x * 100)) > 1e-9 ? 1 : 0) + (Math.abs(x) > 100 ? 3 : 0);
    const lost = inputs.filter((k) => Math.abs(graph.gradient[k]) < 0.005).length;
    const plain = graph.nodes.flatMap((node, k) => node.inputs.filter((i, p) => !graph.frozen(k, p) && hides(graph.partials[k][p]) && typeof partialTree(graph, k, p) !== "number")).length;
    const cost = [...graph.value, ...graph.gradient].reduce((sum, x) => sum + long(x), 0) + 4 * lost + 6 * plain;
    if (cost < least) [best, least] = [graph, cost];
  }
  return best ?? new Graph(nodes);
}

// What is asked, from easy to hard: up or down, slopes of edges, gradients from the end on, which input matters most,
// and a mistake to find.
function questions(graph, ways, draw) {
  const nodes = graph.nodes.map((_, k) => k), inputs = ways.inputs.filter((k) => ways.count[k]), list = [];
  const any = (all) => all[Math.floor(draw() * all.length)];
  const edges = nodes.flatMap((k) => ways.below(k).map(([, p]) => [k, p])).filter(([k, p]) => Array.isArray(partialTree(graph, k, p)) || Math.abs(graph.partials[k][p]) !== 1);
  const felt = inputs.filter((k) => graph.gradient[k] !== 0);
  if (felt.length) list.push({ kind: "sign", node: any(felt) });
  if (edges.length) list.push({ kind: "local", edge: any(edges) });
  const asked = nodes.filter((k) => k !== graph.root && !graph.nodes[k].constant && ways.count[k]).reverse();
  list.push(...asked.slice(0, 12).map((node) => ({ kind: "gradient", node })));
  const sizes = inputs.map((k) => Math.abs(graph.gradient[k])).sort((a, b) => b - a);
  if (inputs.length > 1 && sizes[0] > 1.02 * sizes[1]) list.push({ kind: "most", node: inputs.find((k) => Math.abs(graph.gradient[k]) === sizes[0]) });
  const spoilt = asked.filter((k) => graph.gradient[k] !== 0);
  if (spoilt.length > 2) list.push({ kind: "mistake", node: any(spoilt), factor: any([-1, 2, 0.5]) });
  return list;
}

const hides = (slope) => Math.abs(slope) < 0.005 || Math.abs(Math.abs(slope) - 1) < 0.005;
const near = (answer, truth, sizes = 0) => Math.abs(answer - truth) <= 0.01 * Math.abs(truth) + 0.002 * sizes + 1e-12;

// Whether an answer is right within the digits on show, and what to say of it.
function judged(graph, question, answer) {
  if (question.kind === "local") {
    const [k, p] = question.edge, truth = graph.partials[k][p];
    if (near(answer, truth)) return { right: true, hint: "" };
    if (near(answer, -truth)) return { hint: tell("quiz.miss.sign") };
    return { hint: near(answer, graph.value[k]) ? tell("quiz.miss.value") : near(answer, graph.gradient[graph.nodes[k].inputs[p]]) ? tell("quiz.miss.whole") : tell("quiz.miss.other") };
  }
  const k = question.node, truth = graph.gradient[k], parts = graph.contributions(k), sizes = parts.reduce((sum, c) => sum + Math.abs(c.amount), 0);
  const is = (x) => near(answer, x, sizes);
  if (is(truth)) return { right: true, hint: added(graph, k) };
  const missed = parts.length > 1 && parts.length <= 12 ? missing(parts, is) : null;
  if (missed) return { hint: tell("quiz.miss.part", { parts: missed.map((c) => tell("quiz.through", { name: graph.nodes[c.consumer].name })).join(", ") }) };
  const ways = new Ways(graph), paths = ways.paths(k, 16).map((path) => path.reduce((all, [c, p]) => all * graph.partials[c][p], 1));
  if (paths.length > 1 && paths.some((amount) => near(answer, amount))) return { hint: tell("quiz.miss.path", { n: short(ways.count[k]) }) };
  if (is(-truth)) return { hint: tell("quiz.miss.sign") };
  if (is(parts.reduce((sum, c) => sum + c.local, 0))) return { hint: tell("quiz.miss.local") };
  if (is(parts.reduce((sum, c) => sum + c.upstream, 0))) return { hint: tell("quiz.miss.upstream") };
  if (is(graph.value[k])) return { hint: tell("quiz.miss.value") };
  return { hint: tell("quiz.miss.other") };
}

// The contributions left out, if the answer is the sum of only some of them.
function missing(parts, is) {
  for (let some = 1; some < 2 ** parts.length - 1; some++) {
    const kept = parts.filter((_, i) => some & (1 << i));
    if (is(kept.reduce((sum, c) => sum + c.amount, 0))) {
      const left = parts.filter((c, i) => !(some & (1 << i)) && c.amount !== 0);
      if (left.length) return left;
    }
  }
  return null;
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
