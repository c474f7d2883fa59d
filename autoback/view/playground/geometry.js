// Where everything of a network stands, as `draw(net)` puts it, what its parameters are called, and how strong their lines are.
// GEOMETRY is that of view/network.py.

let GEOMETRY = {};

// The step of a number, -5 … 5: its sign, and its size against the largest.
function level(number, largest, steps) {
  if (number === 0) return 0;
  const part = largest ? Math.abs(number) / largest : 1, step = steps.filter((bound) => part > bound || (part === bound && bound > 0)).length || 1;
  return number > 0 ? step : -step;
}
const stepClass = (step) => (step ? `${step > 0 ? "p" : "m"}${Math.abs(step)}` : "zero");

// For each parameter, in the order of the model: its name, w⁽²⁾₁₃ or b⁽²⁾₁, and the neuron j of layer l that it belongs to; k: its input, -1 for a bias.
function parametersOf({ layers, sizes }) {
  const above = (l) => (layers.length > 1 ? `⁽${raised(l + 1)}⁾` : ""), comma = Math.max(...sizes) > 9 ? "," : "";
  const below = (...parts) => parts.map((part) => lowered(part + 1)).join(comma);
  return layers.flatMap(({ inputs, outputs }, l) => {
    const neurons = Array.from({ length: outputs }, (_, j) => j), index = (j, ...more) => below(j, ...more);
    const weights = neurons.flatMap((j) => Array.from({ length: inputs }, (_, k) => ({ l, j, k, name: `w${above(l)}${index(j, k)}` })));
    return [...weights, ...neurons.map((j) => ({ l, j, k: -1, name: `b${above(l)}${index(j)}` }))];
  });
}

class Geometry {
  constructor(model) {
    const { few, left, top, large, small } = GEOMETRY, { sizes } = model;
    this.sizes = sizes;
    this.parameters = parametersOf(model);
    this.few = this.parameters.filter(({ k }) => k >= 0).length <= few;
    Object.assign(this, this.few ? large : small); // across, down, radius
    this.circles = Math.max(...sizes) * this.down;
    this.width = 2 * left + this.across * (sizes.length - 1);
    this.height = top + this.circles;
  }

  // The middle of circle j of column c, the inputs being column 0.
  place(c, j) {
    const { left, top } = GEOMETRY;
    return [left + c * this.across, top + this.circles / 2 + (j - (this.sizes[c] - 1) / 2) * this.down];
  }

  // A point of the line of a weight, part of the way from the middle of one circle to that of the other.
  along({ l, j, k }, part) {
    const [x, y] = this.place(l, k), [toX, toY] = this.place(l + 1, j);
    return [x + part * (toX - x), y + part * (toY - y)];
  }

  // Where the line of a weight begins and ends: at the rims of its circles.
  ends(weight) {
    const [x, y] = this.place(weight.l, weight.k), [toX, toY] = this.place(weight.l + 1, weight.j), share = this.radius / Math.hypot(toX - x, toY - y);
    return [this.along(weight, share), this.along(weight, 1 - share)];
  }

  // Where the number on each line stands: on none that was placed before, or on as little as can be. As number_places in Python.
  numberPlaces() {
    const { parts, number: [wide, high] } = GEOMETRY, placed = [];
    return this.parameters.map((parameter) => {
      if (parameter.k < 0) return null;
      const free = parts.map((part) => this.along(parameter, part));
      const covered = free.map(([a, b]) => placed.reduce((sum, [p, q]) => sum + Math.max(0, wide - Math.abs(a - p)) * Math.max(0, high - Math.abs(b - q)), 0));
      placed.push(free[covered.indexOf(Math.min(...covered))]);
      return placed.at(-1);
    });
  }

  // Where the arrow of a parameter begins: on its line, nearer to its end; for a bias beside its circle.
  foot(parameter) {
    if (parameter.k >= 0) return this.along(parameter, 0.62);
    const [x, y] = this.place(parameter.l + 1, parameter.j);
    return [x + 0.75 * this.radius, y - 0.8 * this.radius];
  }
}
