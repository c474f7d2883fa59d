// A multilayer perceptron of doubles: forward, backward, gradients, on arrays that are made once. Knows nothing of the page.
// It runs a block of samples at a time; the numbers of a layer lie neuron by neuron, those of one neuron sample by sample.

// out[j, s] = Σₖ weights[j·across + k·along] · below[k, s], added from the left, for m neurons, n numbers below and c samples.
function weighted(out, weights, across, along, below, m, n, c) {
  for (let j = 0; j < m; j++) {
    const row = j * c;
    let p = j * across, k = 0;
    if (n % 2) {
      const w = weights[p];
      for (let s = 0; s < c; s++) out[row + s] = w * below[s];
      p += along;
      k = 1;
    } else {
      const w = weights[p], v = weights[p + along];
      for (let s = 0; s < c; s++) out[row + s] = w * below[s] + v * below[c + s];
      p += 2 * along;
      k = 2;
    }
    // Two at a time, so that a number is loaded and stored half as often.
    for (; k < n; k += 2, p += 2 * along) {
      const w = weights[p], v = weights[p + along], x = k * c, y = x + c;
      for (let s = 0; s < c; s++) out[row + s] = out[row + s] + w * below[x + s] + v * below[y + s];
    }
  }
}

class Model {
  // sizes: numbers in, then neurons of each layer; activations: a name in ACTIVATIONS for each layer; block: samples at a time
  constructor(sizes, activations, block = 1) {
    const count = sizes.slice(1).reduce((sum, n, l) => sum + n * (sizes[l] + 1), 0);
    Object.assign(this, { sizes, activations, block, input: new Float64Array(sizes[0] * block) });
    // Layer by layer the weights, neuron by neuron, and then the biases: the order of net.parameters() in Python.
    this.parameters = new Float64Array(count);
    this.gradients = new Float64Array(count);
    let start = 0;
    this.layers = activations.map((activation, l) => {
      const [inputs, outputs] = [sizes[l], sizes[l + 1]], middle = start + inputs * outputs, end = middle + outputs;
      const numbers = () => new Float64Array(outputs * block);
      const layer = {
        inputs, outputs, activation, row: ACTIVATIONS[activation], start,
        weights: this.parameters.subarray(start, middle), biases: this.parameters.subarray(middle, end),
        weightGradients: this.gradients.subarray(start, middle), biasGradients: this.gradients.subarray(middle, end),
        // Of the samples that ran last: weighted sums z, activations a, da/dz, dC/da and dC/dz.
        z: numbers(), a: numbers(), slope: numbers(), upstream: numbers(), delta: numbers(),
      };
      start = end;
      return layer;
    });
    this.outputs = this.layers.at(-1).a;
  }

  // Runs the sample whose first number is inputs[at]; its outputs.
  forward(inputs, at) {
    for (let k = 0; k < this.sizes[0]; k++) this.input[k] = inputs[at + k];
    this.propagate(1);
    return this.outputs;
  }

  // Runs c samples, those that order[from], order[from + 1], … name, no more than a block.
  forwardAll(inputs, order, from, c) {
    const { input, sizes: [n] } = this;
    for (let s = 0; s < c; s++) for (let k = 0, at = order[from + s] * n; k < n; k++) input[k * c + s] = inputs[at + k];
    this.propagate(c);
  }

  propagate(c) {
    let below = this.input;
    for (const { weights, biases, z, a, inputs: n, outputs: m, row } of this.layers) {
      weighted(z, weights, n, 1, below, m, n, c);
      for (let j = 0, i = 0; j < m; j++) {
        const b = biases[j];
        for (let s = 0; s < c; s++, i++) z[i] += b;
      }
      row.forward(z, a, m * c);
      below = a;
    }
  }

  // The cost of the sample that ran forward last, whose target begins at targets[at]; its slopes are added to the gradients.
  // cost: one of LOSSES[...].of
  backward(cost, targets, at) {
    const found = cost(this.outputs, targets, at, this.layers.at(-1).upstream);
    this.pull(1);
    return found;
  }

  // The costs of the samples that ran forward last, added up, and their slopes added to the gradients.
  backwardAll(cost, targets, order, from, c) {
    const { upstream, outputs: m } = this.layers.at(-1);
    let sum = 0;
    for (let s = 0; s < c; s++) sum += cost(this.outputs, targets, order[from + s] * m, upstream, s, c);
    this.pull(c);
    return sum;
  }

  pull(c) {
    const { layers, input } = this;
    for (let l = layers.length - 1; l >= 0; l--) {
      const { weights, weightGradients, biasGradients, z, a, slope, upstream, delta, inputs: n, outputs: m, row } = layers[l];
      const below = l ? layers[l - 1].a : input;
      row.slope(z, a, slope, m * c);
      for (let i = 0; i < m * c; i++) delta[i] = upstream[i] * slope[i];
      for (let j = 0; j < m; j++) {
        const mine = j * c, first = j * n;
        let sum = biasGradients[j], k = 0;
        for (let s = 0; s < c; s++) sum += delta[mine + s];
        biasGradients[j] = sum;
        // Two sums at a time, each from the first sample to the last.
        for (; k + 1 < n; k += 2) {
          const x = k * c, y = x + c;
          let one = weightGradients[first + k], two = weightGradients[first + k + 1];
          for (let s = 0; s < c; s++) { const d = delta[mine + s]; one += d * below[x + s]; two += d * below[y + s]; }
          weightGradients[first + k] = one;
          weightGradients[first + k + 1] = two;
        }
        if (k < n) {
          let one = weightGradients[first + k];
          for (let s = 0; s < c; s++) one += delta[mine + s] * below[k * c + s];
          weightGradients[first + k] = one;
        }
      }
      if (l) weighted(layers[l - 1].upstream, weights, 1, n, delta, n, m, c);
    }
  }

  // The costs of the first n samples, added up, forward only.
  costs(cost, inputs, targets, n) {
    const { upstream, outputs: m } = this.layers.at(-1), order = upTo(n);
    let sum = 0;
    for (let from = 0; from < n; from += this.block) {
      const c = Math.min(this.block, n - from);
      this.forwardAll(inputs, order, from, c);
      for (let s = 0; s < c; s++) sum += cost(this.outputs, targets, (from + s) * m, upstream, s, c);
    }
    return sum;
  }

  // The same network for at least c samples at a time, so that the arrays of this one hold one sample.
  widened(c) {
    if (!(this.wide?.block >= c)) this.wide = new Model(this.sizes, this.activations, Math.max(c, 40));
    this.wide.parameters.set(this.parameters);
    return this.wide;
  }

  // The outputs for the first n samples, one after the other.
  answers(inputs, n) {
    const wide = this.widened(1), m = this.sizes.at(-1), found = new Float64Array(n * m);
    for (let from = 0; from < n; from += wide.block) {
      const c = Math.min(wide.block, n - from);
      wide.forwardAll(inputs, upTo(n), from, c);
      for (let s = 0; s < c; s++) for (let j = 0; j < m; j++) found[(from + s) * m + j] = wide.outputs[j * c + s];
    }
    return found;
  }

  // The activations of all neurons on a grid of n by n points of a square: [layer][neuron], row by row from the top. They hold until the
  // next grid.
  grid(n, [low, high]) {
    const wide = this.widened(n), { input } = wide, at = (i) => low + ((high - low) * (i + 0.5)) / n;
    if (this.planes?.[0][0].length !== n * n) this.planes = this.layers.map(({ outputs }) => Array.from({ length: outputs }, () => new Float64Array(n * n)));
    const { planes } = this;
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) { input[column] = at(column); input[n + column] = at(n - 1 - row); }
      wide.propagate(n);
      planes.forEach((layer, l) => layer.forEach((plane, j) => plane.set(wide.layers[l].a.subarray(j * n, (j + 1) * n), row * n)));
    }
    return planes;
  }
}

// 0, 1, 2, … n - 1: samples in their own order.
const orders = new Map();
function upTo(n) {
  if (!orders.has(n)) orders.set(n, Int32Array.from({ length: n }, (_, k) => k));
  return orders.get(n);
}
