// What a wrong answer of the quiz missed: the usual slips are computed, and the answer is compared with each.

// Whether an answer is the number that is asked: within half a hundredth where all numbers are exact; else within one
// percent, or rounded to two digits. `sizes` is how large the parts of a sum are that may cancel.
function near(answer, truth, exact, sizes = 0) {
  if (Math.abs(answer - truth) <= 1e-12) return true;
  if (exact) return Math.abs(answer - truth) < 0.005;
  return Math.abs(answer - truth) <= 0.01 * Math.abs(truth) + 0.002 * sizes || (answer !== 0 && answer === Number(truth.toPrecision(2)));
}

// Whether an answer is right, and what to say of it.
function judged(graph, question, answer) {
  const slips = question.kind === "local" ? localSlips : gradientSlips, { truth, sizes = 0, told = "", all } = slips(graph, question);
  if (near(answer, truth, graph.exact, sizes)) return { right: true, hint: told };
  const is = (x) => Number.isFinite(x) && near(answer, x, graph.exact, sizes);
  for (const [key, number, values] of all(is)) if (is(number)) return { right: false, hint: tell(`quiz.miss.${key}`, values) };
  return { right: false, hint: tell("quiz.miss.other") };
}

// The slips are [name of the text, the number that they give, what stands in the text], the likelier first.
function localSlips(graph, { edge: [k, p] }) {
  const { inputs } = graph.nodes[k], truth = graph.partials[k][p], name = (i) => graph.nodes[i].name;
  const all = () => [
    ["sign", -truth], ["whole", graph.gradient[inputs[p]]], ["value", graph.value[k]],
    ...inputs.flatMap((i, q) => (q !== p && !graph.frozen(k, q) ? [["neighbour", graph.partials[k][q], { name: name(i) }]] : [])),
    ...inputs.flatMap((i) => (graph.nodes[i].constant ? [["factor", truth / graph.value[i], { factor: short(graph.value[i]) }]] : [["of", graph.value[i], { name: name(i) }]])),
    ["upside", 1 / truth], ["above", graph.gradient[k]],
  ];
  return { truth, all };
}

function gradientSlips(graph, { node: k }) {
  const truth = graph.gradient[k], parts = graph.contributions(k), sum = (of) => parts.reduce((total, c) => total + of(c), 0);
  const through = (some) => some.map((c) => tell("quiz.through", { name: graph.nodes[c.consumer].name })).join(", ");
  const several = parts.length > 1;
  const all = function* (is) {
    const missed = several && parts.length <= 12 ? missing(parts, is) : null;
    if (missed) yield ["part", missed.kept, { parts: through(missed.left) }];
    const ways = new Ways(graph), paths = ways.paths(k, 16), product = (path) => path.reduce((total, [c, p]) => total * graph.partials[c][p], 1);
    if (paths.length > 1) for (const path of paths) yield ["path", product(path), { n: short(ways.count[k]) }];
    yield ["sign", -truth];
    if (several) for (const c of parts) yield ["turned", truth - 2 * c.amount, { part: through([c]) }];
    yield ["local", sum((c) => c.local)];
    yield ["upstream", sum((c) => c.upstream)];
    yield ["added", sum((c) => c.upstream + c.local)];
    if (several) yield ["multiplied", parts.reduce((total, c) => total * c.amount, 1)];
    yield ["value", graph.value[k]];
    // one slope of the only way left out
    if (paths.length === 1) for (const [c, p] of paths[0]) if (!hides(graph.partials[c][p])) yield ["slope", truth / graph.partials[c][p], { slope: derivativeText(graph, c, graph.nodes[c].inputs[p]) }];
    if (!several) yield ["divided", parts[0].upstream / parts[0].local];
    // the gradient of another node, its neighbours first
    const beside = parts.flatMap((c) => graph.nodes[c.consumer].inputs), others = [...beside, ...graph.nodes.keys()];
    for (const j of others) if (j !== k && !graph.nodes[j].constant && Math.abs(graph.gradient[j]) !== 1) yield ["another", graph.gradient[j], { name: graph.nodes[j].name, asked: graph.nodes[k].name }];
  };
  return { truth, sizes: sum((c) => Math.abs(c.amount)), told: added(graph, k), all };
}

// The contributions left out, if the answer is the sum of only some of them.
function missing(parts, is) {
  for (let some = 1; some < 2 ** parts.length - 1; some++) {
    const kept = parts.filter((_, i) => some & (1 << i)).reduce((sum, c) => sum + c.amount, 0);
    if (!is(kept)) continue;
    const left = parts.filter((c, i) => !(some & (1 << i)) && c.amount !== 0);
    if (left.length) return { kept, left };
  }
  return null;
}
