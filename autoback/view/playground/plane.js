// The output on the plane, with the samples on it; and the tools with which the reader chooses, adds, moves and removes them.

class Tools {
  constructor(playground) {
    this.playground = playground;
    const signs = ["■", "●", "▲"], tools = byId("tools");
    const names = ["look", "0", "1", "2", "remove"];
    this.boxes = names.map((name) => {
      const box = make("input", { type: "radio", name: "tool", value: name, id: `tool-${name}` });
      box.addEventListener("change", () => { playground.tool = name; });
      const text = name in signs ? [make("span", { class: `class-${name}`, "aria-hidden": "true" }, signs[name]), make("span", { class: "off-screen" }, `${tell("data.add")} ${tell("samples.class")} ${name}`)] : [tell(`data.${name}`)];
      tools.append(make("label", {}, box, " ", ...text));
      return box;
    });
    byId("clear").addEventListener("click", () => playground.change({ set: "own", own: [] }));
  }

  build() {}

  render() { for (const box of this.boxes) box.checked = box.value === this.playground.tool; }
}

class SurfaceView {
  constructor(playground) {
    Object.assign(this, { playground, canvas: byId("surface"), cursor: null, dragged: null, square: [-1, 1] });
    const { canvas } = this, at = (event) => { const box = canvas.getBoundingClientRect(); return this.inverse((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height); };
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); this.press(at(event)); });
    canvas.addEventListener("pointermove", (event) => { if (this.dragged !== null) this.drag(at(event)); });
    canvas.addEventListener("pointerup", (event) => this.drop(at(event)));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => { this.cursor = null; playground.render(); });
  }

  // The reader's points: those of the set, the first time one is touched.
  own() {
    const { state, samples } = this.playground;
    if (state.set === "own") return state.own.map((point) => [...point]);
    const all = [];
    for (const side of [samples, samples.held]) side?.indices.forEach((index, k) => { all[index] = [...side.points[k]]; });
    return all;
  }

  nearest(points, [a, b], reach = 0.035) {
    const far = points.map(([x, y]) => Math.hypot(x - a, y - b)), best = far.indexOf(Math.min(...far));
    return best >= 0 && far[best] <= reach * (this.square[1] - this.square[0]) ? best : null;
  }

  press(place) {
    const { playground } = this, { tool, samples } = playground, points = this.own();
    if (tool === "look") {
      const k = this.nearest(samples.points, place);
      playground.choose(k === playground.chosen ? null : k);
      if (playground.chosen !== null) byId("live").textContent = tell("surface.chosen", { n: k + 1, ...this.named(samples.points[k]) });
      return;
    }
    const near = this.nearest(points, place);
    if (tool === "remove") {
      if (near === null) { byId("live").textContent = tell("surface.nothing"); return; }
      byId("live").textContent = tell("surface.removed", this.named(points[near]));
      this.put(points.filter((_, k) => k !== near));
    } else if (near !== null) this.dragged = near;
    else if (points.length >= LIMITS.points) playground.complain([["surface.full", { most: LIMITS.points }]]);
    else {
      const kind = Number(tool);
      byId("live").textContent = tell("surface.added", { kind, ...this.named(place) });
      this.put([...points, [...place.map((x) => this.tidy(x)), kind]]);
    }
  }

  named([a, b]) { return { x: short(this.tidy(a)), y: short(this.tidy(b)) }; }

  // A place to a thousandth of the square.
  tidy(x) { const unit = 10 ** Math.floor(Math.log10(this.square[1] - this.square[0]) - 2.5); return Number((Math.round(x / unit) * unit).toPrecision(12)); }

  put(own) {
    const { state } = this.playground, most = Math.max(0, ...own.map(([, , kind]) => kind));
    this.playground.change({ set: "own", own, regression: state.set === "own" && state.regression, ...(most === 2 && !state.regression && state.outputs < 3 ? { outputs: 3 } : {}) });
  }

  drag(place) { this.moved = place; this.render(); }

  drop(place) {
    const { dragged, moved } = this;
    Object.assign(this, { dragged: null, moved: null });
    if (dragged === null || !moved) return;
    const points = this.own(), [low, high] = this.square, outside = place.some((x) => x < low || x > high);
    this.put(outside ? points.filter((_, k) => k !== dragged) : points.map((point, k) => (k === dragged ? [...place.map((x) => this.tidy(x)), point[2]] : point)));
  }

  key(event) {
    const { playground } = this, [low, high] = this.square, step = (event.shiftKey ? 10 : 2) * (high - low) / 100;
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }, tools = { 0: "0", 1: "1", 2: "2", 3: "look", Delete: "remove", Backspace: "remove" };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ways) {
      this.cursor = (this.cursor ?? [(low + high) / 2, (low + high) / 2]).map((x, i) => Math.min(high, Math.max(low, x + step * ways[event.key][i])));
      byId("live").textContent = tell("surface.at", this.named(this.cursor));
    } else if (event.key in tools) playground.tool = tools[event.key];
    else if ((event.key === "Enter" || event.key === " ") && this.cursor) { this.press(this.cursor); this.dragged = null; }
    else return;
    event.preventDefault();
    playground.render();
  }

  // The part of the plane that is drawn: all points with a margin. It stays while points of one's own lie well within.
  build() {
    const { samples, state } = this.playground, places = [samples, samples.held].flatMap((side) => (side ? Array.from(side.inputs) : []));
    const [low, high] = this.square, [least, most] = places.length ? [places.reduce((a, b) => Math.min(a, b)), places.reduce((a, b) => Math.max(a, b))] : [-1, 1];
    if (state.set === "own" && this.set === "own" && low <= least && most <= high && high - low < 20 * Math.max(most - least, 0.2)) return;
    const margin = 0.25 * (most - least || 1);
    Object.assign(this, { set: state.set, square: [least - margin, most + margin] });
    this.buildAxes();
  }

  // Both axes have the same range; its ends get as many decimals as its length needs to be read to a hundredth.
  buildAxes() {
    const [low, high] = this.square, decimals = Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(high - low))));
    const ends = [low, high].map((x) => short(Number(x.toFixed(decimals))));
    for (const [axis, texts] of Object.entries({ up: [ends[1], ends[0]], along: ends }))
      document.querySelectorAll(`.axis.${axis} .end`).forEach((end, i) => { end.textContent = texts[i]; });
  }

  place([a, b]) { const [low, high] = this.square, size = this.canvas.width, at = (x) => ((x - low) / (high - low)) * size; return [at(a), size - at(b)]; }

  inverse(across, down) { const [low, high] = this.square; return [low + across * (high - low), high - down * (high - low)]; }

  // How sure the output is of its answer at pixel i, and of which: a scale from -1 to 1, or the class that leads and by how much.
  render() {
    const { playground, canvas } = this, { model, palette } = playground, side = model.parameters.length > 150 ? 28 : 40, context = canvas.getContext("2d"), size = canvas.width;
    this.planes = model.grid(side, this.square);
    this.side = side;
    const outputs = this.planes.at(-1), middle = playground.middle(), reach = playground.reach();
    context.strokeStyle = playground.palette.ink;
    context.lineWidth = 3;
    if (outputs.length === 1) {
      const [plane] = outputs, scale = (i) => (plane[i] - middle) / reach;
      paint(canvas, side, (i) => palette.at(scale(i)));
      boundary(context, side, size, scale);
    } else {
      const lead = (i, k) => { let best = -Infinity; for (let j = 0; j < outputs.length; j++) if (j !== k && outputs[j][i] > best) best = outputs[j][i]; return outputs[k][i] - best; };
      const first = (i) => { let best = 0; for (let j = 1; j < outputs.length; j++) if (outputs[j][i] > outputs[best][i]) best = j; return best; };
      paint(canvas, side, (i) => { const k = first(i); return palette.of(k, 0.15 + 0.85 * lead(i, k) / reach); });
      for (let k = 0; k < outputs.length - (outputs.length === 2); k++) boundary(context, side, size, (i) => lead(i, k));
    }
    context.drawImage(this.points(), 0, 0);
    if (this.cursor) this.renderCursor(context);
    this.say();
  }

  // The samples as a picture of their own, for they seldom change; those to train with are full, those held out are rings.
  points() {
    const { playground } = this, { samples, state, chosen, palette } = playground, radius = samples.count > 40 ? 7 : 13, moving = this.dragged;
    const key = [chosen, palette.ink, state.regression, String(this.square), String(moving !== null && this.moved)].join("|");
    if (this.layer?.samples === samples && this.layer.key === key) return this.layer;
    const layer = (this.layer = Object.assign(make("canvas", { width: this.canvas.width, height: this.canvas.height }), { samples, key })), context = layer.getContext("2d");
    for (const side of [samples.held, samples]) side?.points.forEach((point, i) => {
      const [x, y] = this.place(moving !== null && this.moved && side.indices[i] === moving ? this.moved : point);
      const kind = state.regression ? 1 : side.classes[i], full = state.regression ? palette.shade((side.targets[i] - playground.middle()) / playground.reach()) : palette.css(kind);
      badge(context, kind, x, y, side === samples ? radius : 0.75 * radius);
      context.strokeStyle = playground.palette.card;
      context.lineWidth = radius / 2;
      context.stroke();
      context.fillStyle = side === samples ? full : playground.palette.card;
      context.fill();
      context.strokeStyle = side === samples ? playground.palette.ink : full;
      context.lineWidth = side === samples ? radius / 6 : radius / 3;
      context.stroke();
      if (side === samples && i === chosen) { context.beginPath(); context.arc(x, y, radius + 7, 0, 2 * Math.PI); context.strokeStyle = playground.palette.ink; context.lineWidth = 4; context.stroke(); }
    });
    return layer;
  }

  renderCursor(context) {
    const [x, y] = this.place(this.cursor), { playground } = this;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { context.moveTo(x + 6 * dx, y + 6 * dy); context.lineTo(x + 24 * dx, y + 24 * dy); }
    context.strokeStyle = playground.palette.ink;
    context.lineWidth = 4;
    context.stroke();
  }

  say() {
    const { playground, canvas } = this, { samples, state } = playground, hint = tell("surface.hint");
    if (state.regression) {
      byId("right").textContent = "";
      return canvas.setAttribute("aria-label", tell("surface.numbers", { n: samples.count, hint }));
    }
    const right = playground.right(samples), { held } = samples;
    const text = tell("surface.right", { right, n: samples.count }) + (held ? ` · ${tell("surface.held", { right: playground.right(held), n: held.count })}` : "");
    if (byId("right").textContent !== text) {
      byId("right").textContent = text;
      canvas.setAttribute("aria-label", tell("surface.said", { right, n: samples.count, hint }));
    }
  }
}
