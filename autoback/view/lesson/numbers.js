// Numbers for a quiz that can be done by hand: drawn from a seed, and where the rows allow it exact to two decimals.

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

// Halves first, since they look least like each other; whole numbers, of which sums, products, powers and choices make whole
// numbers again, whatever the graph; and divisors of 10, whose quotients and slopes have two decimals.
const POOLS = [[-3, -2, -1.5, -0.5, 0.5, 1.5, 2, 3, 4], [-4, -3, -2, 2, 3, 4, 5], [-5, -2, -1, 1, 2, 5, 10], [-2, -1, 1, 2]];
const TRIES = 60;

const SHORT = new Set(["+", "-", "*", "/", "neg", "where", "maximum", "minimum", "abs", "floor", "==", ">", ">=", "<", "<="]);
// Whether a formula makes short decimals of short decimals: arithmetic, choices and whole powers; not tanh or a root.
function arithmetic(tree) {
  if (!Array.isArray(tree)) return true;
  const whole = tree[0] === "pow" && Number.isInteger(tree[2]) && tree[2] >= 0;
  return (whole || SHORT.has(tree[0])) && tree.slice(1).every(arithmetic);
}

const twoDecimals = (x) => Math.abs(x * 100 - Math.round(x * 100)) < 1e-9 && Math.abs(x) < 1000;
const hides = (slope) => Math.abs(slope) < 0.005 || Math.abs(Math.abs(slope) - 1) < 0.005;

// Which numbers of a graph can be short decimals at all: values that no tanh and its like has gone into, the slopes between
// such values, and gradients that are made of such slopes.
function exactable(graph, ways) {
  const value = [], edges = [], gradient = graph.nodes.map((node) => !node.constant);
  graph.nodes.forEach((node, k) => {
    value[k] = !node.op || (node.inputs.every((i) => value[i]) && arithmetic(valueTree(graph, k)) && node.inputs.every((_, p) => graph.frozen(k, p) || arithmetic(partialTree(graph, k, p))));
    edges[k] = node.inputs.map((_, p) => value[k] || typeof partialTree(graph, k, p) === "number");
  });
  for (let k = graph.root; k >= 0; k--) for (const [i, p] of ways.below(k)) gradient[i] &&= gradient[k] && edges[k][p];
  return { value, edges, gradient };
}

// The same graph with new numbers at its inputs. Of many tries the one that is easiest by hand: the fewest numbers with more
// than two decimals among those that can do with two, few slopes of 0 or 1, which would hide a factor that was left out, and
// no gradient that is lost or out of hand. `graph.exact` says whether every number of it has two decimals or less.
function friendly(nodes, inputs, draw) {
  const graph = new Graph(nodes), ways = new Ways(graph), can = exactable(graph, ways), first = graph.value.slice();
  const slopes = nodes.flatMap((_, k) => ways.below(k).map(([, p]) => [k, p])), telling = slopes.filter(([k, p]) => typeof partialTree(graph, k, p) !== "number");
  const cost = () => {
    const long = (numbers, able) => numbers.filter((x, k) => able[k] && !twoDecimals(x)).length, size = Math.max(...graph.value.map(Math.abs), ...graph.gradient.map(Math.abs));
    const spoilt = long(graph.value, can.value) + long(graph.gradient, can.gradient) + slopes.filter(([k, p]) => can.edges[k][p] && !twoDecimals(graph.partials[k][p])).length;
    const lost = inputs.filter((k) => ways.count[k] && Math.abs(graph.gradient[k]) < 0.05).length;
    return 20 * spoilt + 4 * lost + 6 * telling.filter(([k, p]) => hides(graph.partials[k][p])).length + 2 * Math.max(0, Math.log2(size / 20));
  };
  let best = first, least = Infinity;
  for (const pool of POOLS)
    for (let attempt = 0; attempt < TRIES; attempt++) {
      for (const k of inputs) graph.value[k] = pool[Math.floor(draw() * pool.length)];
      if (graph.forward() >= 0) continue;
      graph.backward();
      const price = cost();
      if (price < least) [best, least] = [graph.value.slice(), price];
    }
  return computedAt(graph, best);
}

// The graph with given numbers at its inputs, computed.
function computedAt(graph, value) {
  value.forEach((x, k) => { if (!graph.nodes[k].op) graph.value[k] = x; });
  graph.forward();
  graph.backward();
  graph.exact = [...graph.value, ...graph.gradient.filter((_, k) => !graph.nodes[k].constant), ...graph.partials.flat()].every(twoDecimals);
  return graph;
}
