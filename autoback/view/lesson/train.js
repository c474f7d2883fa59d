// The training page: what the trainer computes, shown, and the controls that drive it.

// What brings the outputs of an activation to -1 … 1; unbounded ones are squeezed by tanh.
const RANGES = { sigmoid: (x) => 2 * x - 1, tanh: (x) => x, sin: (x) => x };

class Training {
  constructor(data) {
    this.trainer = new Trainer(data);
    this.palette = new Palette();
    this.playing = false;
    const { samples } = data, targets = samples.map(([, , y]) => y);
    const [low, high] = [Math.min(...targets), Math.max(...targets)];
    // Where the answer changes, and how far from there a colour is full. A logit is judged by its sign.
    const stated = data.threshold !== null; // by the loss
    this.middle = stated ? data.threshold : (low + high) / 2;
    this.reach = stated ? 3 : Math.max((high - low) / 2, 1e-9);
    const places = samples.flatMap(([a, b]) => [a, b]), margin = 0.25 * (Math.max(...places) - Math.min(...places) || 1);
    this.square = [Math.min(...places) - margin, Math.max(...places) + margin];
    this.side = data.nodes.length > 80 ? 24 : 40;
    this.buildNetwork();
    this.buildAxes();
    this.buildTables();
    this.listen();
    this.showRate();
    this.render();
  }

  listen() {
    const on = (id, kind, act) => document.getElementById(id).addEventListener(kind, act);
    on("play", "click", () => this.play());
    on("step", "click", () => this.stepOnce());
    on("reset", "click", () => this.reset());
    on("rate", "input", (event) => this.setRate(tidied(10 ** Number(event.target.value)), event.target));
    on("rate-number", "input", (event) => this.setRate(Number(event.target.value), event.target));
    on("rate-number", "blur", () => this.showRate());
    on("numbers", "toggle", () => this.render());
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
      if (event.key === " " && /^(BUTTON|SUMMARY)$/.test(event.target.tagName)) return;
      const act = { " ": () => this.play(), p: () => this.play(), ArrowRight: () => this.stepOnce(), r: () => this.reset() }[event.key];
      if (!act) return;
      act();
      event.preventDefault();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.palette.read(); this.render(); });
  }

  setRate(rate, source) {
    if (!(rate > 0) || !Number.isFinite(rate)) return;
    this.trainer.rate = rate;
    this.showRate(source);
  }

  showRate(source) {
    const slider = document.getElementById("rate"), box = document.getElementById("rate-number");
    if (source !== slider) slider.value = Math.log10(this.trainer.rate);
    if (source !== box) box.value = this.trainer.rate;
    slider.setAttribute("aria-valuetext", `rate ${this.trainer.rate}`);
  }

  play() {
    this.playing = !this.playing;
    document.getElementById("play").textContent = this.playing ? "Pause" : "Play";
    if (!this.playing) return this.announce();
    let spoken = performance.now();
    const frame = () => {
      if (!this.playing) return;
      if (performance.now() - spoken > 4000) { // often enough to follow by ear, seldom enough to be heard out
        spoken = performance.now();
        this.announce();
      }
      const count = Number(document.getElementById("speed").value);
      for (let i = 0; i < Math.max(1, count) && this.playing; i++) if (!this.trainer.step()) this.play();
      this.render();
      if (count < 1) setTimeout(frame, 300);
      else requestAnimationFrame(frame);
    };
    frame();
  }

  stepOnce() {
    if (this.playing) this.play();
    this.trainer.step();
    this.render();
    this.announce();
  }

  reset() {
    if (this.playing) this.play();
    this.trainer.reset();
    this.render();
    this.announce();
  }

  announce() {
    const { trainer } = this;
    document.getElementById("live").textContent = trainer.diverged ? this.trouble() : `Epoch ${trainer.epoch}, cost ${short(trainer.costs.at(-1))}.`;
  }

  trouble() { return "The numbers have grown beyond all bounds: the rate is too large. Reset, and choose a smaller one."; }

  scale(x) { return (x - this.middle) / this.reach; }

  render() {
    const { trainer } = this, planes = trainer.grid(this.side, this.square);
    trainer.cost(); // the grid has moved the inputs: put the samples' outputs back in place
    document.getElementById("epoch").textContent = trainer.epoch;
    document.getElementById("cost").textContent = short(trainer.costs.at(-1));
    const trouble = document.getElementById("trouble"), text = trainer.diverged ? this.trouble() : "";
    if (trouble.textContent !== text) trouble.textContent = text;
    this.renderSurface(planes.at(-1));
    this.renderNetwork(planes);
    this.renderCurve();
    this.renderTables();
  }

  renderSurface(plane) {
    const canvas = document.getElementById("surface"), context = canvas.getContext("2d"), size = canvas.width;
    paint(canvas, plane, this.side, this.palette, (x) => this.scale(x));
    context.strokeStyle = theme("--ink");
    context.lineWidth = 3;
    boundary(context, plane, this.side, size, (x) => this.scale(x));
    const [low, high] = this.square, place = (x) => ((x - low) / (high - low)) * size, { samples } = this.trainer.data;
    const radius = samples.length > 40 ? 7 : 15;
    for (const [a, b, y] of samples) {
      context.beginPath();
      // Two shapes as well as two colours: a disc for high targets, a square for low ones.
      if (this.scale(y) > 0) context.arc(place(a), size - place(b), radius, 0, 2 * Math.PI);
      else context.rect(place(a) - 0.88 * radius, size - place(b) - 0.88 * radius, 1.76 * radius, 1.76 * radius);
      context.fillStyle = this.palette.css(this.scale(y) > 0 ? 1 : -1);
      context.strokeStyle = theme("--card");
      context.lineWidth = radius / 2;
      context.stroke();
      context.fill();
      context.strokeStyle = theme("--ink");
      context.lineWidth = radius / 6;
      context.stroke();
    }
    const right = samples.filter(([, , y], i) => this.scale(y) > 0 === this.scale(this.trainer.outputs[i]) > 0).length;
    canvas.setAttribute("aria-label", `Decision surface: ${right} of ${samples.length} samples on the right side`);
    document.getElementById("right").textContent = `${right} of ${samples.length}`;
  }

  // Both axes have the same range; its ends get as many decimals as its length needs to be read to a hundredth.
  buildAxes() {
    const [low, high] = this.square, decimals = Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(high - low))));
    const ends = [low, high].map((x) => short(Number(x.toFixed(decimals))));
    const shown = { up: [ends[1], ends[0]], along: ends };
    for (const [axis, texts] of Object.entries(shown))
      document.querySelectorAll(`.axis.${axis} .end`).forEach((end, i) => { end.textContent = texts[i]; });
  }

  buildNetwork() {
    const { layers } = this.trainer.data, columns = [["x₁", "x₂"], ...layers.map((layer) => layer.neurons)];
    const tall = Math.max(...columns.map((column) => column.length));
    const [width, height] = [150 * columns.length, Math.max(340, 84 * tall)];
    const spot = (layer, i) => [150 * (layer + 0.5), (height * (i + 0.5)) / columns[layer].length];
    const box = document.getElementById("network"), svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    this.lines = [];
    this.faces = [];
    layers.forEach(({ neurons }, l) => neurons.forEach((neuron, j) => neuron.weights.forEach((k, i) => {
      const [x1, y1] = spot(l, i), [x2, y2] = spot(l + 1, j);
      const line = draw("line", { x1, y1, x2, y2 });
      svg.append(line);
      this.lines.push([k, line]);
    })));
    box.append(svg);
    const radius = Math.min(34, (0.42 * height) / tall);
    columns.forEach((column, l) => column.forEach((neuron, i) => {
      const [x, y] = spot(l, i);
      if (l === 0) {
        svg.append(draw("circle", { class: "input", cx: x, cy: y, r: radius }));
        const label = draw("text", { x, y: y + 7, "text-anchor": "middle" });
        label.append(draw("tspan", { class: "name" }, "x"), draw("tspan", { class: "index", dy: 5 }, i + 1));
        svg.append(label);
        return;
      }
      const face = make("canvas", { width: 64, height: 64 });
      Object.assign(face.style, { left: `${(100 * (x - radius)) / width}%`, top: `${(100 * (y - radius)) / height}%`, width: `${(200 * radius) / width}%` });
      box.append(face);
      this.faces.push([face, layers[l - 1].activation, l === layers.length]);
    }));
    Object.assign(box.style, { aspectRatio: `${width} / ${height}`, width: `min(100%, ${(62 * width) / height}vh)` });
  }

  renderNetwork(planes) {
    const { value } = this.trainer.graph;
    const largest = Math.max(2, ...this.lines.map(([k]) => Math.abs(value[k])));
    for (const [k, line] of this.lines) {
      line.setAttribute("class", value[k] < 0 ? "negative" : "positive");
      line.setAttribute("stroke-width", (0.75 + (11 * Math.abs(value[k])) / largest).toFixed(2));
    }
    this.faces.forEach(([face, activation, last], i) => {
      // A hidden neuron is coloured by the range of its activation, the output by the targets.
      const scale = last ? (x) => this.scale(x) : RANGES[activation] ?? Math.tanh;
      paint(face, planes[i], this.side, this.palette, scale);
    });
  }

  renderCurve() {
    const { costs } = this.trainer, curve = document.getElementById("curve");
    const width = Math.min(560, Math.max(300, curve.clientWidth)), height = Math.round(width * (innerWidth > 900 ? 0.9 : 0.75));
    const [left, bottom, top, right] = [56, 40, 16, 16];
    const last = Math.max(10, costs.length - 1), peak = ceiling(costs.reduce((most, cost) => (cost > most ? cost : most), 1e-12));
    const x = (e) => left + (e / last) * (width - left - right), y = (c) => top + (1 - c / peak) * (height - top - bottom);
    const said = `Cost against epochs: from ${short(costs[0])} to ${short(costs.at(-1))} in ${costs.length - 1} epochs`;
    const svg = draw("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said });
    for (const level of [0, 0.25, 0.5, 0.75, 1].map((share) => share * peak)) {
      svg.append(draw("line", { class: "grid", x1: left, x2: width - right, y1: y(level), y2: y(level) }));
      svg.append(draw("text", { x: left - 10, y: y(level) + 6, "text-anchor": "end" }, short(level)));
    }
    for (const [e, anchor] of [[0, "start"], [Math.round(last / 2), "middle"], [last, "end"]])
      svg.append(draw("text", { x: x(e), y: height - 10, "text-anchor": anchor }, e === 0 ? "epoch 0" : e));
    // No more points than pixels, but always the first and the last.
    const stride = Math.max(1, Math.ceil(costs.length / 600)), points = [];
    for (let e = 0; e < costs.length - 1; e += stride) points.push([x(e), y(costs[e])]);
    const here = [x(costs.length - 1), y(costs.at(-1))];
    if (Number.isFinite(here[1])) {
      svg.append(draw("path", { class: "curve", d: line([...points, here]) }));
      svg.append(draw("circle", { class: "here", cx: here[0], cy: here[1], r: 7 }));
    }
    curve.replaceChildren(svg);
  }

  buildTables() {
    const { samples, nodes } = this.trainer.data, shown = samples.slice(0, 8);
    this.cells = shown.map(([a, b, y]) => {
      const output = make("td", {}), verdict = make("td", {});
      document.getElementById("samples").append(make("tr", {}, ...[a, b, y].map((x) => make("td", {}, short(x))), output, verdict));
      return [output, verdict, y];
    });
    document.getElementById("more").textContent = samples.length > 8 ? `and ${samples.length - 8} more` : "";
    this.rows = this.trainer.parameters.map((k) => {
      const value = make("td", {}), slope = make("td", {});
      document.getElementById("parameters").append(make("tr", {}, make("td", {}, called(nodes[k].name)), value, slope));
      return [k, value, slope];
    });
  }

  renderTables() {
    const { trainer } = this;
    this.cells.forEach(([output, verdict, y], i) => {
      output.textContent = short(trainer.outputs[i]);
      verdict.textContent = this.scale(y) > 0 === this.scale(trainer.outputs[i]) > 0 ? "✓" : "✗";
      verdict.className = verdict.textContent === "✓" ? "right" : "wrong";
    });
    if (!document.getElementById("numbers").open) return;
    this.rows.forEach(([k, value, slope], i) => {
      value.textContent = short(trainer.graph.value[k]);
      slope.textContent = trainer.slopes[i] === null ? "–" : short(trainer.slopes[i]);
    });
  }
}

// The next 1, 2 or 5 times a power of ten, so that an axis does not twitch.
function ceiling(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  return [1, 2, 5, 10].map((m) => m * power).find((m) => m >= x * (1 - 1e-12));
}
const tidied = (x) => Number(x.toPrecision(2));

const page = new Training(JSON.parse(document.getElementById("data").textContent));
window.autoback = { training: page, trainer: page.trainer, RULES };
