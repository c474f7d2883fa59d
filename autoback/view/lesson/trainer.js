// Gradient descent over all samples at once, as `fit` does it by default. Knows nothing of the page.

class Trainer {
  // data: {nodes, x, y, layers, samples, rate}, places being indices into nodes
  constructor(data) {
    this.data = data;
    this.graph = new Graph(data.nodes);
    this.parameters = data.layers.flatMap(({ neurons }) => [...neurons.flatMap((n) => n.weights), ...neurons.map((n) => n.bias)]);
    this.first = this.parameters.map((k) => this.graph.value[k]);
    this.output = data.layers.at(-1).neurons[0].out;
    this.rate = data.rate;
    this.reset();
  }

  reset() {
    this.parameters.forEach((k, i) => { this.graph.value[k] = this.first[i]; });
    this.slopes = this.parameters.map(() => null);
    this.epoch = 0;
    this.costs = [this.cost()]; // costs[e] is the mean cost after e epochs
    this.diverged = !Number.isFinite(this.costs[0]);
  }

  // Lets one sample through the network forward; whether all numbers are finite.
  feed([x1, x2, y]) {
    const { value } = this.graph, { x, y: target } = this.data;
    if (x[0] >= 0) value[x[0]] = x1;
    if (x[1] >= 0) value[x[1]] = x2;
    if (target >= 0 && y !== undefined) value[target] = y;
    return this.graph.forward() < 0;
  }

  // The mean cost over the samples, with the outputs noted on the way.
  cost() {
    let sum = 0, finite = true;
    this.outputs = this.data.samples.map((sample) => {
      finite = this.feed(sample) && finite;
      sum += this.graph.value[this.graph.root];
      return this.graph.value[this.output];
    });
    return finite ? sum / this.data.samples.length : NaN;
  }

  // One epoch: every sample forward and backward, then one step against the mean gradient.
  // Answers false, and changes nothing, when the numbers have left the range of doubles.
  step() {
    const { graph, parameters, data } = this, n = data.samples.length;
    const sums = parameters.map(() => 0);
    for (const sample of data.samples) {
      if (!this.feed(sample)) return this.stop();
      graph.backward();
      parameters.forEach((k, i) => { sums[i] += graph.gradient[k]; });
    }
    const before = parameters.map((k) => graph.value[k]);
    this.slopes = sums.map((sum) => sum / n);
    parameters.forEach((k, i) => { graph.value[k] = before[i] - this.rate * this.slopes[i]; });
    const cost = this.cost();
    if (!Number.isFinite(cost) || !parameters.every((k) => Number.isFinite(graph.value[k]))) {
      parameters.forEach((k, i) => { graph.value[k] = before[i]; });
      this.cost();
      return this.stop();
    }
    this.epoch++;
    this.costs.push(cost);
    return true;
  }

  stop() {
    this.diverged = true;
    return false;
  }

  // The outputs of all neurons on a grid of n by n points of a square: one array for each neuron, row by row from the top.
  grid(n, [low, high]) {
    const outs = this.data.layers.flatMap(({ neurons }) => neurons.map((neuron) => neuron.out));
    const planes = outs.map(() => new Float64Array(n * n));
    const at = (i) => low + ((high - low) * (i + 0.5)) / n;
    for (let row = 0; row < n; row++)
      for (let column = 0; column < n; column++) {
        this.feed([at(column), at(n - 1 - row)]);
        outs.forEach((k, i) => { planes[i][row * n + column] = this.graph.value[k]; });
      }
    return planes;
  }
}
