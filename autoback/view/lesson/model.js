// A multilayer perceptron of doubles: forward, backward, gradients, on arrays that are made once. Knows nothing of the page.

class Model {
  // sizes: numbers in, then neurons of each layer; activations: a name in ACTIVATIONS for each layer
  constructor(sizes, activations) {
    const count = sizes.slice(1).reduce((sum, n, l) => sum + n * (sizes[l] + 1), 0);
    Object.assign(this, { sizes, activations, input: new Float64Array(sizes[0]) });
    // Layer by layer the weights, neuron by neuron, and then the biases: the order of net.parameters() in Python.
    this.parameters = new Float64Array(count);
    this.gradients = new Float64Array(count);
    let start = 0;
    this.layers = activations.map((activation, l) => {
      const [inputs, outputs] = [sizes[l], sizes[l + 1]], middle = start + inputs * outputs, end = middle + outputs;
      const numbers = () => new Float64Array(outputs);
      const layer = {
        inputs, outputs, activation, row: ACTIVATIONS[activation], start,
        weights: this.parameters.subarray(start, middle), biases: this.parameters.subarray(middle, end),
        weightGradients: this.gradients.subarray(start, middle), biasGradients: this.gradients.subarray(middle, end),
        // Of the sample that ran last: weighted sums z, activations a, da/dz, dC/da and dC/dz.
        z: numbers(), a: numbers(), slope: numbers(), upstream: numbers(), delta: numbers(),
      };
      start = end;
      return layer;
    });
    this.outputs = this.layers.at(-1).a;
  }

  // Runs the sample whose first number is inputs[at]; its outputs.
  forward(inputs, at) {
    let below = this.input;
    for (let k = 0; k < below.length; k++) below[k] = inputs[at + k];
    for (const layer of this.layers) {
      const { weights, biases, z, inputs: n, outputs: m } = layer;
      for (let j = 0, p = 0; j < m; j++) {
        let sum = weights[p++] * below[0];
        for (let k = 1; k < n; k++) sum += weights[p++] * below[k];
        z[j] = sum + biases[j];
      }
      layer.row.forward(z, layer.a, m);
      below = layer.a;
    }
    return below;
  }

  // The cost of the sample that ran forward last, whose target begins at targets[at]; its slopes are added to the gradients.
  // cost: one of LOSSES[...].of
  backward(cost, targets, at) {
    const { layers, input } = this, found = cost(this.outputs, targets, at, layers[layers.length - 1].upstream);
    for (let l = layers.length - 1; l >= 0; l--) {
      const { weights, weightGradients, biasGradients, z, a, slope, upstream, delta, inputs: n, outputs: m, row } = layers[l];
      const below = l ? layers[l - 1].a : input, down = l ? layers[l - 1].upstream : null;
      row.slope(z, a, slope, m);
      if (down) down.fill(0);
      for (let j = 0, p = 0; j < m; j++) {
        const d = (delta[j] = upstream[j] * slope[j]);
        biasGradients[j] += d;
        if (down) for (let k = 0; k < n; k++, p++) { weightGradients[p] += d * below[k]; down[k] += d * weights[p]; }
        else for (let k = 0; k < n; k++, p++) weightGradients[p] += d * below[k];
      }
    }
    return found;
  }

  // The cost of a sample, forward only.
  cost(cost, inputs, targets, i) {
    this.forward(inputs, i * this.input.length);
    return cost(this.outputs, targets, i * this.outputs.length, this.layers.at(-1).upstream);
  }

  // The activations of all neurons on a grid of n by n points of a square: [layer][neuron], row by row from the top.
  grid(n, [low, high]) {
    const planes = this.layers.map(({ outputs }) => Array.from({ length: outputs }, () => new Float64Array(n * n)));
    const at = (i) => low + ((high - low) * (i + 0.5)) / n, point = new Float64Array(2);
    for (let row = 0; row < n; row++)
      for (let column = 0; column < n; column++) {
        point[0] = at(column);
        point[1] = at(n - 1 - row);
        this.forward(point, 0);
        for (let l = 0; l < planes.length; l++) for (let j = 0; j < planes[l].length; j++) planes[l][j][row * n + column] = this.layers[l].a[j];
      }
    return planes;
  }
}
