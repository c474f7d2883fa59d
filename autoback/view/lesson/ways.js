// Ways through a graph: its inputs, the paths from the root down, how many there are, and a derivative carried forward.
// An edge is [consumer, position among its inputs]; a path is its edges from the root down to a node.

class Ways {
  constructor(graph) {
    this.graph = graph;
    const n = graph.nodes.length;
    this.count = new Array(n).fill(0); // paths from each node to the root
    this.count[graph.root] = 1;
    for (let k = graph.root; k >= 0; k--) for (const [i] of this.below(k)) this.count[i] += this.count[k];
    this.inputs = graph.nodes.flatMap((node, k) => (node.op || node.constant ? [] : [k])); // what a reader can move
  }

  // The inputs of node k that have a derivative: [node, position].
  below(k) { return this.graph.nodes[k].inputs.map((i, p) => [i, p]).filter(([, p]) => !this.graph.frozen(k, p)); }

  // The edges out of node k, those that carry a derivative.
  above(k) { return this.graph.uses[k].filter(([c, p]) => !this.graph.frozen(c, p)); }

  // For each node whether node k can move it.
  moved(k) {
    const moved = this.graph.nodes.map((_, j) => j === k);
    for (let j = k + 1; j < moved.length; j++) moved[j] = this.below(j).some(([i]) => moved[i]);
    return moved;
  }

  // At most `most` paths from the root down to node k.
  paths(k, most = 4) {
    const found = [], leads = this.moved(k);
    const down = (at, path) => {
      if (found.length >= most) return;
      if (at === k) return void found.push(path);
      for (const [i, p] of this.below(at)) if (leads[i]) down(i, [...path, [at, p]]);
    };
    down(this.graph.root, []);
    return found.sort((a, b) => arrival(a.at(-1), b.at(-1))); // as their parts arrive on the way back
  }

  // Sizes of the work: paths from all inputs, edges with a derivative, and multiplications in either direction.
  totals() {
    const edges = this.graph.nodes.reduce((sum, _, k) => sum + this.below(k).length, 0);
    const paths = this.inputs.reduce((sum, k) => sum + this.count[k], 0);
    const forward = this.inputs.reduce((sum, leaf) => {
      const moved = this.moved(leaf);
      return sum + this.graph.nodes.reduce((more, _, k) => more + this.below(k).filter(([i]) => moved[i]).length, 0);
    }, 0);
    return { edges, paths, forward, backward: edges };
  }

  // d(every node)/d(leaf), carried forward along with the values: one number for each node.
  tangents(leaf) {
    const { graph } = this, tangent = graph.nodes.map((_, k) => (k === leaf ? 1 : 0));
    graph.nodes.forEach((node, k) => {
      if (node.op) tangent[k] = this.below(k).reduce((sum, [i, p]) => sum + graph.partials[k][p] * tangent[i], 0);
    });
    return tangent;
  }

  // What node k would be if only its input at one position were moved, to x.
  lone(k, position, x) {
    const node = this.graph.nodes[k];
    return RULES[node.op].run(node.inputs.map((i, p) => (p === position ? x : this.graph.value[i])))[0];
  }
}

const arrival = ([c, p] = [0, 0], [d, q] = [0, 0]) => d - c || p - q;
