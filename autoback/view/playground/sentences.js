// What the page says of each step inside a sample: the formula of the step with its numbers.

const product = (...factors) => factors.map(bracketedText).join(" · ");
const long = (terms) => (terms.length > 6 ? [...terms.slice(0, 3), "⋯", terms.at(-1)] : terms).join(" + ");
const MOST_WEIGHTS = 4; // of a neuron, whose gradients are written out

// The sentences of a step. kind: [what, layer, neuron]; {i, cost}: the sample; own: the model that ran it
function sentencesOf([kind, l, j], { i, cost }, { samples, state }, own, { parameters }) {
  const m = own.outputs.length, target = Array.from(samples.targets.subarray(i * m, (i + 1) * m), short).join(", "), place = { j: j + 1, l: l + 1 };
  const [x, y] = samples.points[i].map(short), outputs = Array.from(own.outputs, short).join(", ");
  if (kind === "start") return [tell("inside.start", { n: i + 1, x, y, target })];
  if (kind === "cost") return [tell("inside.cost", { loss: LOSSES[state.loss].name, outputs, target, cost: short(cost) })];
  if (kind === "end") return [tell("inside.end")];
  const linear = own.layers[l].row.linear;
  if (kind === "forward") return [tell(linear ? "inside.linear" : "inside.neuron", place), ...forwardLines(own, l, j, linear)];
  const rest = own.layers[l].inputs - MOST_WEIGHTS;
  return [tell("inside.back", place), ...backwardLines(own, l, j, linear, parameters), ...(rest > 0 ? [tell("inside.others", { n: rest })] : [])];
}

// a⁽²⁾₁, or x₁ for an input.
function letterOf(letter, { layers }, l, j) {
  const below = lowered(j + 1);
  return l < 0 ? `x${below}` : `${letter}${layers.length > 1 ? `⁽${raised(l + 1)}⁾` : ""}${below}`;
}

const weightsOf = ({ weights, inputs }, j) => Array.from(weights.subarray(j * inputs, (j + 1) * inputs));

// z = w·x + b and a = act(z).
function forwardLines(own, l, j, linear) {
  const layer = own.layers[l], below = l ? own.layers[l - 1].a : own.input, weights = weightsOf(layer, j), bias = layer.biases[j], z = layer.z[j];
  const [nameZ, nameA] = ["z", "a"].map((letter) => letterOf(letter, own, l, j)), sign = equals(summed([...weights.map((w, k) => printed(w) * printed(below[k])), bias]), z);
  return [
    `${nameZ} = ${long([...weights.map((w, k) => product(w, below[k])), bracketedText(bias)])} ${sign} ${short(z)}`,
    linear ? `${nameA} = ${nameZ}` : `${nameA} = ${layer.row.symbol}(${short(z)}) ≈ ${short(layer.a[j])}`,
  ];
}

// ∂C/∂a from the layer above, ∂C/∂z, and ∂C/∂w of the first weights.
function backwardLines(own, l, j, linear, parameters) {
  const layer = own.layers[l], above = own.layers[l + 1], below = l ? own.layers[l - 1].a : own.input, { start, inputs, row } = layer;
  const [upstream, slope, delta] = [layer.upstream[j], layer.slope[j], layer.delta[j]], [z, a] = ["z", "a"].map((letter) => letterOf(letter, own, l, j));
  const ways = above ? Array.from({ length: above.outputs }, (_, q) => [above.delta[q], above.weights[q * above.inputs + j]]) : [];
  const sum = ways.length ? `${long(ways.map((way) => product(...way)))} ${equals(summed(ways.map(multiplied)), upstream)} ` : "";
  const through = linear ? "" : `∂C/∂${a} · ${row.symbol}′(${z}) = ${product(upstream, slope)} ${equals(multiplied([upstream, slope]), delta)} `;
  const gradients = weightsOf(layer, j).slice(0, MOST_WEIGHTS).map((_, k) => {
    const index = start + j * inputs + k, gradient = own.gradients[index], sign = equals(multiplied([delta, below[k]]), gradient);
    return `∂C/∂${parameters[index].name} = ∂C/∂${z} · ${letterOf("a", own, l - 1, k)} = ${product(delta, below[k])} ${sign} ${short(gradient)}`;
  });
  return [`∂C/∂${a} = ${sum}${short(upstream)}`, `∂C/∂${z} = ${through}${short(delta)}`, ...gradients];
}
