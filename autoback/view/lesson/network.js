// The network picture: layers of circles where `draw(net)` puts them, each with its own decision surface inside, weights as lines
// that can be dragged. GEOMETRY is that of view/network.py.

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
  const below = (...parts) => parts.map((part) => String(part + 1).replace(/\d/g, (digit) => LOWERED[digit])).join(comma);
  return layers.flatMap(({ inputs, outputs }, l) => {
    const neurons = Array.from({ length: outputs }, (_, j) => j), index = (j, ...more) => below(j, ...more);
    const weights = neurons.flatMap((j) => Array.from({ length: inputs }, (_, k) => ({ l, j, k, name: `w${above(l)}${index(j, k)}` })));
    return [...weights, ...neurons.map((j) => ({ l, j, k: -1, name: `b${above(l)}${index(j)}` }))];
  });
}

class NetworkView {
  constructor(playground) {
    this.playground = playground;
    this.box = byId("network");
    this.selected = 0;
    const on = (kind, act) => this.box.addEventListener(kind, act);
    on("keydown", (event) => this.key(event));
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel"]) on(kind, () => { this.held = null; });
    const weight = byId("weight"), set = () => { const x = typed(weight.value); if (Number.isFinite(x)) playground.setParameter(this.selected, x); else this.render(); };
    weight.addEventListener("change", set);
    weight.addEventListener("keydown", (event) => { if (/^Arrow(Up|Down)$/.test(event.key)) { event.preventDefault(); this.move(event); } });
  }

  // The middle of circle j of column c, the inputs being column 0.
  place(c, j) {
    const { left, top } = GEOMETRY, { across, down } = this.measures;
    return [left + c * across, top + this.high / 2 + (j - (this.sizes[c] - 1) / 2) * down];
  }

  // Where the line of a weight begins and ends: at the rims of its circles.
  ends({ l, j, k }) {
    const [x, y] = this.place(l, k), [toX, toY] = this.place(l + 1, j), { radius } = this.measures, share = radius / Math.hypot(toX - x, toY - y);
    return [x + share * (toX - x), y + share * (toY - y), toX - share * (toX - x), toY - share * (toY - y)];
  }

  build() {
    const { model } = this.playground, { few, left, top, large, small } = GEOMETRY;
    if (this.model === model) return;
    this.model = model;
    this.sizes = model.sizes;
    this.parameters = parametersOf(model);
    this.selected = Math.min(this.selected, this.parameters.length - 1);
    const weights = this.parameters.filter(({ k }) => k >= 0);
    this.few = weights.length <= few;
    this.measures = this.few ? large : small;
    this.high = Math.max(...this.sizes) * this.measures.down;
    const width = 2 * left + this.measures.across * (this.sizes.length - 1), height = top + this.high, { radius } = this.measures;
    this.svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", class: this.few ? "" : "crowd" });
    this.box.replaceChildren(this.svg);
    this.lines = this.parameters.map((parameter, index) => (parameter.k >= 0 ? this.line(parameter, index) : null));
    this.numbers = this.few ? this.numberPlaces(weights).map(([x, y], p) => this.number(this.parameters.indexOf(weights[p]), x, y)) : [];
    this.faces = [];
    this.sizes.forEach((size, c) => {
      const x = left + c * this.measures.across, layer = model.layers[c - 1];
      this.svg.append(draw("text", { class: "title", x, y: this.few ? 14 : 18 }, c ? tell("network.layer", { n: c }) : tell("network.inputs")));
      if (layer) this.svg.append(draw("text", { class: "under", x, y: this.few ? 34 : 42 }, layer.activation.replace("_", " ")));
      for (let j = 0; j < size; j++) this.circle(c, j, layer, radius, width, height);
    });
    this.marks = draw("g", { class: "marks" });
    this.svg.append(this.marks);
    this.label();
    Object.assign(this.box.style, { aspectRatio: `${width} / ${height}`, width: `min(100%, calc(var(--tall) * ${(width / height).toFixed(4)}))` });
  }

  line(parameter, index) {
    const [x1, y1, x2, y2] = this.ends(parameter), path = draw("path", { class: "line", d: `M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}` });
    const group = draw("g", { "data-parameter": index }), broad = path.cloneNode();
    broad.setAttribute("class", "hold"); // wide enough for a finger
    group.append(path, broad);
    this.svg.append(group);
    return group;
  }

  // Where the number on each line stands: on none that was placed before, or on as little as can be. As number_places in Python.
  numberPlaces(weights) {
    const { parts, number: [wide, high] } = GEOMETRY, placed = [];
    for (const { l, j, k } of weights) {
      const [x, y] = this.place(l, k), [toX, toY] = this.place(l + 1, j), free = parts.map((part) => [x + part * (toX - x), y + part * (toY - y)]);
      const covered = free.map(([a, b]) => placed.reduce((sum, [p, q]) => sum + Math.max(0, wide - Math.abs(a - p)) * Math.max(0, high - Math.abs(b - q)), 0));
      placed.push(free[covered.indexOf(Math.min(...covered))]);
    }
    return placed;
  }

  number(index, x, y) {
    const text = draw("text", { "data-parameter": index, x: x.toFixed(1), y: (y + 5).toFixed(1) });
    this.svg.append(text);
    return { text, index };
  }

  circle(c, j, layer, radius, width, height) {
    const [x, y] = this.place(c, j), group = draw("g", { class: "neuron", "data-circle": `${c}-${j}` });
    group.append(draw("circle", { cx: x, cy: y, r: radius }));
    if (!layer) {
      const [base, , below] = indices(this.sizes[0] > 1 ? `x${LOWERED[j + 1]}` : "x"), name = draw("text", { class: "symbol", x, y: y + 6 }, base);
      name.append(draw("tspan", { dy: 4 }, below));
      group.append(name);
    } else {
      const bias = this.parameters.findIndex((each) => each.l === c - 1 && each.j === j && each.k < 0), face = make("canvas", { width: 64, height: 64 });
      Object.assign(face.style, { left: `${(100 * (x - radius)) / width}%`, top: `${(100 * (y - radius)) / height}%`, width: `${(200 * radius) / width}%` });
      this.box.prepend(face);
      group.setAttribute("data-parameter", bias);
      if (this.few) group.append(draw("text", { class: "symbol", x, y: y + 1 }, layer.row.symbol)); // many are named above
      const text = this.few ? draw("text", { class: "bias", x, y: y + 18 }) : null;
      if (text) group.append(text);
      this.faces.push({ face, group, text, bias, l: c - 1, j, last: c === this.sizes.length - 1 });
    }
    this.svg.append(group);
  }

  render() {
    const { playground } = this, { model, palette } = playground, { parameters } = model, { steps, widths } = GEOMETRY;
    const largest = parameters.reduce((most, x) => Math.max(most, Math.abs(x)), 0), { planes, side } = playground.views.find((view) => view instanceof SurfaceView);
    const style = (element, index) => {
      const step = level(parameters[index], largest, steps), name = `${stepClass(step)}${index === this.selected ? " selected" : ""}`;
      if (element.getAttribute("class") === name) return;
      element.setAttribute("class", name);
      element.style.setProperty("--width", widths[Math.abs(step)]);
    };
    this.lines.forEach((group, index) => { if (group) style(group, index); });
    for (const { text, index } of this.numbers) {
      text.textContent = short(parameters[index]);
      text.setAttribute("class", `weight ${parameters[index] < 0 ? "minus" : "plus"}`);
    }
    for (const { face, group, text, bias, l, j, last } of this.faces) {
      const step = level(parameters[bias], largest, steps);
      group.setAttribute("class", `neuron ${stepClass(step)}${bias === this.selected ? " selected" : ""}`);
      group.style.setProperty("--width", widths[Math.abs(step)]);
      if (text) text.textContent = short(parameters[bias]);
      const plane = planes[l][j], middle = playground.middle(), reach = playground.reach(), scale = last ? (x) => (x - middle) / reach : squeezed(model.layers[l].row);
      paint(face, side, (i) => palette.at(scale(plane[i])));
    }
    const { name } = this.parameters[this.selected], number = parameters[this.selected];
    byId("weight-name").replaceChildren(called(name));
    const box = byId("weight");
    if (document.activeElement !== box) box.value = short(number);
  }

  // Not at every frame, for a screen reader reads it out.
  label() { this.box.setAttribute("aria-label", tell("network.said", { name: this.parameters[this.selected].name, x: short(this.playground.model.parameters[this.selected]) })); }

  select(index) {
    this.selected = index;
    this.render();
    this.label();
  }

  // Arrow keys: left and right choose, up and down change; Enter goes to the number.
  key(event) {
    const count = this.parameters.length, by = { ArrowLeft: -1, ArrowRight: 1, Home: -this.selected, End: count - 1 - this.selected }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (by !== undefined) this.select((this.selected + by + count) % count);
    else if (event.key === "Enter") byId("weight").select();
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.move(event);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (by !== undefined) this.say();
  }

  // One notch up or down: 0.1, with Shift 0.01.
  async move({ key, shiftKey }) {
    const notch = (shiftKey ? 0.01 : 0.1) * (key === "ArrowUp" ? 1 : -1), x = this.playground.model.parameters[this.selected];
    await this.playground.setParameter(this.selected, Number((x + notch).toPrecision(12)));
    byId("weight").value = short(this.playground.model.parameters[this.selected]);
    this.say();
  }

  say() {
    const { model, report } = this.playground, { name } = this.parameters[this.selected], x = short(model.parameters[this.selected]);
    this.label();
    byId("live").textContent = report ? tell("network.now", { name, x, cost: short(report.cost) }) : `${name} = ${x}`;
  }

  press(event) {
    const index = event.target.closest?.("[data-parameter]")?.dataset.parameter;
    if (index === undefined) return;
    this.select(Number(index));
    this.held = { y: event.clientY, x: this.playground.model.parameters[this.selected] };
    this.box.setPointerCapture(event.pointerId);
    this.box.focus({ preventScroll: true });
    event.preventDefault();
  }

  // A hand's breadth is about three; the last move counts, whatever is still under way.
  drag(event) {
    if (!this.held) return;
    this.held.to = Number((this.held.x + (this.held.y - event.clientY) * 0.02).toFixed(2));
    if (this.held.busy) return;
    this.held.busy = true;
    const { held, selected } = this;
    const follow = async () => {
      const { to } = held;
      await this.playground.setParameter(selected, to);
      if (held.to !== to) return follow();
      held.busy = false;
      this.say();
    };
    follow();
  }
}

// What brings the activations of a hidden neuron to -1 … 1: its row's range, or tanh where that has no end.
function squeezed({ range: [low, high] }) {
  if (!Number.isFinite(high - low)) return Math.tanh;
  return (x) => (2 * (x - low)) / (high - low) - 1;
}
