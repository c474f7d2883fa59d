// A neuron as one operation: the small graph inside it runs forward and back, so that its arrows have slopes of their own.
// Its parameters stand on no card; a closer look at the neuron lists them.

// The rule of one neuron, in the form of a row's; its node then has an operation of its own in RULES.
function neuronRule(node) {
  const inner = new Graph(node.inside.map((part) => ({ op: null, inputs: [], ...part }))), n = node.inputs.length;
  const run = (v) => {
    v.forEach((x, i) => { inner.value[i] = x; });
    inner.forward();
    inner.backward();
    return [inner.value[inner.root], inner.gradient.slice(0, n)];
  };
  return { symbol: "", arity: n, nary: false, constants: 0, value: 0, partials: node.inputs.map(() => null), convention: "", hint: "", inner, run };
}

// Every neuron of a graph gets its rule; a graph with none is left as it is.
function withNeurons(nodes) {
  nodes.forEach((node, k) => {
    if (node.op === "neuron") RULES[(node.op = `neuron ${k}`)] = neuronRule(node);
  });
  return nodes;
}

// What a part of neuron k computes, written on the neuron's inputs and the names of its parameters.
function within(graph, k, part = RULES[graph.nodes[k].op].inner.root) {
  const { inner } = RULES[graph.nodes[k].op], { inputs } = graph.nodes[k];
  if (part < inputs.length) return { node: inputs[part] };
  if (!inner.nodes[part].op) return inner.nodes[part].constant ? inner.value[part] : inner.nodes[part].name;
  const write = (tree) => (Array.isArray(tree) ? [tree[0], ...tree.slice(1).map(write)] : tree?.node === undefined ? tree : within(graph, k, tree.node));
  return write(phrase(inner, part));
}

// The slope along the only way from one input through the neuron, as a product; its number where there are several ways.
function slopeWithin(graph, k, p) {
  const { inner } = RULES[graph.nodes[k].op], ways = new Ways(inner);
  if (ways.count[p] !== 1) return graph.partials[k][p];
  const write = (tree) => (Array.isArray(tree) ? [tree[0], ...tree.slice(1).map(write)] : tree?.node === undefined ? tree : tree.node === inner.root ? { node: k } : within(graph, k, tree.node));
  return ways.paths(p, 1)[0].map(([c, q]) => write(partialTree(inner, c, q))).reduce((all, tree) => simplified("*", [all, tree]));
}

// The ways through the whole graph, each neuron taken apart: only its shape, without numbers.
function wholeWays(graph) {
  const nodes = [], place = [];
  graph.nodes.forEach((node, k) => {
    const inputs = node.inputs.map((i) => place[i]), { inner } = RULES[node.op] ?? {};
    if (inner) {
      const inside = inputs.slice();
      for (const part of inner.nodes.slice(inputs.length)) inside.push(nodes.push({ ...part, inputs: part.inputs.map((i) => inside[i]) }) - 1);
    } else nodes.push({ ...node, inputs });
    place[k] = nodes.length - 1;
  });
  return new Ways({ nodes, root: nodes.length - 1, frozen: (k, p) => Boolean(nodes[nodes[k].inputs[p]].constant) });
}

// The parameters of a neuron: name, value, and gradient, what has come to the neuron times its slope inside.
function parametersWithin(graph, k) {
  const { inner, run } = RULES[graph.nodes[k].op];
  run(graph.nodes[k].inputs.map((i) => graph.value[i]));
  return inner.nodes.flatMap((node, j) => (j >= graph.nodes[k].inputs.length && !node.op && !node.constant ? [{ name: node.name, value: inner.value[j], gradient: graph.gradient[k] * inner.gradient[j] }] : []));
}
