// The network picture: circles with each neuron's own decision surface inside, and weights as lines that can be dragged, typed, and
// reached by keys.

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
    const weight = byId("weight"), set = () => this.type(weight);
    weight.addEventListener("change", set);
    weight.addEventListener("keydown", (event) => { if (/^Arrow(Up|Down)$/.test(event.key)) { event.preventDefault(); this.move(event); } });
  }

  build() {
    const { model } = this.playground;
    if (this.model === model) return;
    this.model = model;
    const geometry = (this.geometry = new Geometry(model)), { parameters, few, width, height } = geometry;
    this.selected = Math.min(this.selected, parameters.length - 1);
    this.svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", class: few ? "" : "crowd" });
    this.box.replaceChildren(this.svg);
    this.lines = parameters.map((parameter, index) => (parameter.k >= 0 ? this.line(geometry.ends(parameter), index) : null));
    this.numbers = few ? geometry.numberPlaces().map((place, index) => (place ? this.number(place, index) : null)) : [];
    this.faces = [];
    model.sizes.forEach((size, c) => {
      const [x] = geometry.place(c, 0), layer = model.layers[c - 1];
      this.svg.append(draw("text", { class: "title", x, y: few ? 14 : 18 }, c ? tell("network.layer", { n: c }) : tell("network.inputs")));
      if (layer) this.svg.append(draw("text", { class: "under", x, y: few ? 34 : 42 }, layer.activation.replace("_", " ")));
      for (let j = 0; j < size; j++) this.circle(c, j, layer);
    });
    this.marks = draw("g", { class: "marks" });
    this.svg.append(this.marks);
    this.label();
    Object.assign(this.box.style, { aspectRatio: `${width} / ${height}`, width: `min(100%, calc(var(--tall) * ${(width / height).toFixed(4)}))` });
  }

  line([[x, y], [toX, toY]], index) {
    const path = draw("path", { class: "line", d: line([[x, y], [toX, toY]]) }), group = draw("g", { "data-parameter": index }), broad = path.cloneNode();
    broad.setAttribute("class", "hold"); // wide enough for a finger
    group.append(path, broad);
    this.svg.append(group);
    return group;
  }

  number([x, y], index) {
    const text = draw("text", { "data-parameter": index, x: x.toFixed(1), y: (y + 5).toFixed(1) });
    this.svg.append(text);
    return text;
  }

  circle(c, j, layer) {
    const { radius, width, height, few, parameters, sizes } = this.geometry, [x, y] = this.geometry.place(c, j), group = draw("g", { class: "neuron", "data-circle": `${c}-${j}` });
    group.append(draw("circle", { cx: x, cy: y, r: radius }));
    this.svg.append(group);
    if (!layer) {
      const name = draw("text", { class: "symbol", x, y: y + 6 }, "x");
      name.append(draw("tspan", { dy: 4 }, sizes[0] > 1 ? String(j + 1) : ""));
      group.append(name);
      return;
    }
    const bias = parameters.findIndex((each) => each.l === c - 1 && each.j === j && each.k < 0), face = make("canvas", { width: 64, height: 64 });
    Object.assign(face.style, { left: `${(100 * (x - radius)) / width}%`, top: `${(100 * (y - radius)) / height}%`, width: `${(200 * radius) / width}%` });
    this.box.prepend(face);
    group.setAttribute("data-parameter", bias);
    if (few) group.append(draw("text", { class: "symbol", x, y: y + 1 }, layer.row.symbol)); // many are named above
    const text = few ? draw("text", { class: "bias", x, y: y + 18 }) : null;
    if (text) group.append(text);
    this.faces.push({ face, group, text, bias, l: c - 1, j, last: c === sizes.length - 1 });
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
    this.numbers.forEach((text, index) => {
      if (!text) return;
      text.textContent = short(parameters[index]);
      text.setAttribute("class", `weight ${parameters[index] < 0 ? "minus" : "plus"}`);
    });
    for (const { face, group, text, bias, l, j, last } of this.faces) {
      const step = level(parameters[bias], largest, steps);
      group.setAttribute("class", `neuron ${stepClass(step)}${bias === this.selected ? " selected" : ""}`);
      group.style.setProperty("--width", widths[Math.abs(step)]);
      if (text) text.textContent = short(parameters[bias]);
      const plane = planes[l][j], middle = playground.middle(), reach = playground.reach(), scale = last ? (x) => (x - middle) / reach : squeezed(model.layers[l].row);
      paint(face, side, (i) => palette.at(scale(plane[i])));
    }
    const { name } = this.geometry.parameters[this.selected], number = parameters[this.selected];
    byId("weight-name").replaceChildren(called(name));
    const box = byId("weight");
    if (document.activeElement !== box) box.value = short(number);
  }

  // Not at every frame, for a screen reader reads it out.
  label() { this.box.setAttribute("aria-label", tell("network.said", this.named())); }

  // The name of the chosen parameter, and its number.
  named() { return { name: this.geometry.parameters[this.selected].name, x: short(this.model.parameters[this.selected]) }; }

  select(index) {
    this.selected = index;
    this.render();
    this.label();
  }

  // The box shows the number that the network has, whatever was typed.
  async type(box) {
    const { playground, selected } = this, x = typed(box.value);
    if (Number.isFinite(x)) await playground.setParameter(selected, x);
    playground.complain(playground.model.parameters[selected] === x ? [] : [["state.weight", { name: this.geometry.parameters[selected].name, value: JSON.stringify(box.value.slice(0, 40)) }]]);
    if (this.selected === selected) box.value = short(playground.model.parameters[selected]);
  }

  // Arrow keys: left and right choose, up and down change; Enter goes to the number.
  key(event) {
    const count = this.lines.length, by = { ArrowLeft: -1, ArrowRight: 1, Home: -this.selected, End: count - 1 - this.selected }[event.key];
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
    const { report } = this.playground, { name, x } = this.named();
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
