// A graph of numbers, forward and backward, by the rules of the table. Knows nothing of the page.

class Graph {
  // nodes: [{name, op, inputs, value, constant}], each after its inputs; the last is the root
  constructor(nodes) {
    this.nodes = nodes;
    this.value = nodes.map((node) => node.value ?? 0);
    this.partials = nodes.map(() => []);
    this.gradient = nodes.map(() => 0);
    this.uses = nodes.map(() => []); // [consumer, position among its inputs]
    nodes.forEach((node, k) => node.inputs.forEach((i, p) => this.uses[i].push([k, p])));
    this.root = nodes.length - 1;
    this.forward();
    this.backward();
  }

  // Whether no derivative is asked for along this edge, because a constant stands at its start.
  frozen(k, p) { return Boolean(this.nodes[this.nodes[k].inputs[p]].constant); }

  // Computes every node from the leaves. Answers -1, or the first node that is not a finite number.
  forward() {
    for (let k = 0; k < this.nodes.length; k++) {
      const node = this.nodes[k];
      if (!node.op) continue;
      const [out, partials] = RULES[node.op].run(node.inputs.map((i) => this.value[i]));
      this.value[k] = out;
      this.partials[k] = partials;
      if (!Number.isFinite(out) || !partials.every(Number.isFinite)) return k;
    }
    return -1;
  }

  // The chain rule: consumers before inputs, upstream times local, added up.
  backward() {
    this.gradient.fill(0);
    this.gradient[this.root] = 1;
    for (let k = this.root; k >= 0; k--) {
      const upstream = this.gradient[k];
      if (upstream === 0) continue;
      const inputs = this.nodes[k].inputs;
      for (let p = 0; p < inputs.length; p++) this.gradient[inputs[p]] += upstream * this.partials[k][p];
    }
  }

  // What each consumer sends to node k: [{consumer, position, upstream, local, amount}], in the order of backward.
  contributions(k) {
    const sent = this.uses[k].filter(([c, p]) => !this.frozen(c, p)).map(([c, p]) => {
      const upstream = this.gradient[c], local = this.partials[c][p];
      return { consumer: c, position: p, upstream, local, amount: upstream * local };
    });
    return sent.sort((a, b) => b.consumer - a.consumer || a.position - b.position);
  }

  // The root's value if one leaf were x, everything else as it is.
  at(leaf, x) {
    return this.values(leaf, x)[this.root];
  }

  // Every value if one leaf were x, everything else as it is.
  values(leaf, x) {
    const value = this.value.slice();
    value[leaf] = x;
    for (let k = leaf + 1; k < this.nodes.length; k++) {
      const node = this.nodes[k];
      if (node.op) value[k] = RULES[node.op].run(node.inputs.map((i) => value[i]))[0];
    }
    return value;
  }

  // The lesson's steps: every operation forward, the seed, and backward every edge, or at once all edges to one node.
  steps(gathered = false) {
    const steps = [{ kind: "start" }];
    this.nodes.forEach((node, k) => node.op && steps.push({ kind: "forward", node: k }));
    steps.push({ kind: "seed", node: this.root });
    if (gathered) for (let k = this.root - 1; k >= 0; k--) this.nodes[k].constant || steps.push({ kind: "gather", input: k });
    else for (let k = this.root; k >= 0; k--)
      this.nodes[k].inputs.forEach((i, p) => this.frozen(k, p) || steps.push({ kind: "backward", node: k, position: p, input: i }));
    steps.push({ kind: "end" });
    return steps;
  }
}
