// A sample inside training: the network opens into its graph, runs it forward and back step by step, and each weight gets an arrow,
// the step it asks for. Several samples' arrows add up to the step.

const SHOWN = 8; // samples with arrows and columns of their own

class Inside {
  constructor(playground, network) {
    Object.assign(this, { playground, network, box: byId("inside"), samples: [], step: 0, timer: 0, shown: null });
    const on = (id, act) => byId(id).addEventListener("click", act);
    on("inside-previous", () => this.go(this.step - 1));
    on("inside-next", () => this.go(this.step + 1));
    on("inside-play", () => (this.timer ? this.stop() : this.play()));
    on("inside-close", () => { playground.choose(null); byId("surface").focus(); });
    on("wish-all", () => this.include(Array.from({ length: playground.samples.count }, (_, i) => i)));
    on("wish-none", () => { this.samples = []; playground.choose(playground.chosen); });
    on("wish-step", () => this.take());
    byId("inside-scrub").addEventListener("input", (event) => this.go(Number(event.target.value)));
    byId("wishes").addEventListener("toggle", () => this.render());
    this.box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") byId("inside-close").click();
      else if (/^Arrow(Left|Right)$/.test(event.key) && event.target.tagName !== "INPUT") this.go(this.step + (event.key === "ArrowRight" ? 1 : -1));
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  // A new network has other steps, and new data have other samples.
  build() {
    const { model, samples } = this.playground, { sizes } = model, data = samples.points.join(";");
    if (data !== this.data) this.samples = [];
    this.data = data;
    if (model === this.model) return;
    this.model = model;
    this.stop();
    const layers = sizes.slice(1).map((n, l) => Array.from({ length: n }, (_, j) => [l, j])), run = (kind, order) => order.flat().map(([l, j]) => [kind, l, j]);
    this.steps = [["start"], ...run("forward", layers), ["cost"], ...run("back", layers.toReversed()), ["end"]];
    byId("inside-scrub").max = this.steps.length - 1;
    this.own = new Model(sizes, model.activations);
  }

  // The cost of a sample and its gradient; `own` holds the numbers of the sample that ran last.
  gradient(i) {
    const { samples, state, model } = this.playground, { own } = this, m = own.outputs.length;
    own.parameters.set(model.parameters);
    own.gradients.fill(0);
    own.forward(samples.inputs, 2 * i);
    const cost = own.backward(LOSSES[state.loss].of[m], samples.targets, i * m);
    return { i, cost, slopes: own.gradients.slice() };
  }

  include(indices) {
    this.samples = [...new Set([...this.samples, ...indices])].sort((a, b) => a - b);
    this.playground.render();
  }

  play() {
    if (this.step === this.steps.length - 1) this.step = 0;
    const tick = () => {
      this.move(this.step + 1);
      if (this.step < this.steps.length - 1) this.timer = setTimeout(tick, this.patience());
      else this.stop();
    };
    this.timer = setTimeout(tick, 300);
    byId("inside-play").textContent = tell("run.pause");
  }

  patience() { return readingTime(byId("inside-story")) / Number(byId("inside-speed").value); }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    byId("inside-play").textContent = tell("run.play");
  }

  go(step) {
    this.stop();
    this.move(step);
  }

  move(step) {
    this.step = Math.min(this.steps.length - 1, Math.max(0, step));
    if (this.steps[this.step][0] === "end") this.samples = [...new Set([...this.samples, this.playground.chosen])].sort((a, b) => a - b);
    this.render();
    byId("live").textContent = byId("inside-story").textContent;
  }

  // Plain gradient descent with the chosen samples as the batch.
  take() {
    const { playground } = this;
    playground.playing = false;
    return playground.then(async () => {
      const { mean, cost } = this.wishes(), parameters = playground.model.parameters.map((x, k) => x - playground.state.rate * mean[k]);
      playground.take(await playground.runner.change({ parameters }));
      playground.render();
      byId("taken").textContent = tell("inside.taken", { n: this.samples.length, before: short(cost), after: short(this.wishes().cost) });
    });
  }

  // Of the chosen samples: the mean of their gradients, their mean cost, and, of the first of them, each one's gradient.
  wishes() {
    const each = [], n = this.samples.length || 1, mean = new Float64Array(this.own.gradients.length);
    let cost = 0;
    for (const i of this.samples) {
      const wish = this.gradient(i);
      if (each.length < SHOWN) each.push(wish);
      cost += wish.cost / n;
      for (let k = 0; k < mean.length; k++) mean[k] += wish.slopes[k] / n;
    }
    return { each, mean, cost };
  }

  render() {
    const { playground, network, own } = this, { chosen } = playground;
    this.box.hidden = chosen === null;
    network.marks.replaceChildren();
    network.svg.classList.toggle("open", chosen !== null);
    if (chosen === null) { this.stop(); this.shown = null; return; }
    if (this.shown !== chosen) this.show(chosen);
    const wishes = this.wishes(), now = this.gradient(chosen), kind = this.steps[this.step];
    byId("inside-title").textContent = tell("inside.title", { n: chosen + 1 });
    byId("inside-story").replaceChildren(...sentencesOf(kind, now, playground, own, network.geometry).map((text) => make("p", {}, text)));
    byId("inside-scrub").value = this.step;
    byId("inside-scrub").setAttribute("aria-valuetext", tell("inside.at", { step: this.step, total: this.steps.length - 1 }));
    byId("inside-previous").disabled = this.step === 0;
    byId("inside-next").disabled = this.step === this.steps.length - 1;
    this.light(kind, now);
    this.arrows(kind, now, wishes);
    byId("wish-step").disabled = byId("wish-none").disabled = !this.samples.length;
    const values = { n: this.samples.length, which: few(this.samples.map((i) => i + 1)), rate: short(playground.state.rate) };
    byId("wished").textContent = values.n ? tell(values.n === 1 ? "inside.wish" : "inside.wished", values) : "";
    if (byId("wishes").open) this.table(wishes);
  }

  // Another sample, from its first step; what is told of it is brought into view, as on a phone it would not be.
  show(chosen) {
    this.stop();
    Object.assign(this, { shown: chosen, step: 0 });
    byId("taken").textContent = "";
    const { top, bottom } = byId("inside-title").getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) this.network.box.scrollIntoView({ block: "start" });
  }

  // How far the run has come: whether a neuron has its value, and its gradient.
  reached(what, l, j) { return this.steps.findIndex(([kind, k, i]) => kind === what && k === l && i === j) <= this.step; }

  // The neuron of the step, and the numbers that are known by now at the circles.
  light([kind, l, j], { i }) {
    const { network, own } = this, { samples } = this.playground, { radius } = network.geometry, end = kind === "end", apart = network.geometry.few ? 15 : 30;
    const put = (c, q, text, name, dy) => { const [x, y] = network.geometry.place(c, q); network.marks.append(draw("text", { class: name, x, y: y + dy }, text)); };
    for (const group of network.svg.querySelectorAll(".now")) group.classList.remove("now");
    const lit = (selector) => network.svg.querySelectorAll(selector).forEach((group) => group.classList.add("now"));
    if (kind === "start") [0, 1].forEach((k) => lit(`[data-circle="0-${k}"]`));
    if (l !== undefined) {
      lit(`[data-circle="${l + 1}-${j}"]`);
      network.geometry.parameters.forEach((each, index) => { if (each.l === l && each.j === j && each.k >= 0) { network.lines[index].classList.add("now"); network.numbers[index]?.classList.add("now"); } });
    }
    for (let k = 0; k < 2; k++) put(0, k, short(samples.inputs[2 * i + k]), "value", network.geometry.few ? radius + apart : k ? radius + apart : -radius - 8);
    own.layers.forEach(({ a, delta }, c) => a.forEach((value, q) => {
      const current = c === l && q === j;
      if (!network.geometry.few && !current) return;
      if (this.reached("forward", c, q)) put(c + 1, q, short(value), "value", radius + apart);
      if (this.reached("back", c, q) || end) put(c + 1, q, `∂ ${short(delta[q])}`, "gradient", radius + 2 * apart);
    }));
  }

  // The arrows on the weights: up where the weight should grow, as long as the gradient is large. Those of this sample as far as it has
  // come back, those of the other chosen samples, and, broad, their mean.
  arrows([kind], now, { each, mean }) {
    const { network, own, playground } = this, end = kind === "end" || this.samples.length > 0, many = network.geometry.few ? each.filter(({ i }) => i !== playground.chosen) : [];
    const every = [now, ...many], largest = every.reduce((most, { slopes }) => slopes.reduce((a, b) => Math.max(a, Math.abs(b)), most), 0);
    if (!largest) return;
    const arrow = (x, y, slope, name) => {
      const size = ((network.geometry.few ? 34 : 26) * Math.abs(slope)) / largest, tip = slope < 0 ? y - size - 4 : y + size + 4;
      if (!slope) return;
      const head = slope < 0 ? 5 : -5;
      network.marks.append(draw("path", { class: `wish ${name} ${slope < 0 ? "plus" : "minus"}`, d: `M${x.toFixed(1)} ${y.toFixed(1)}V${tip.toFixed(1)}m-4 ${head}l4 ${-head}l4 ${head}` }));
    };
    network.geometry.parameters.forEach((parameter, index) => {
      const { l, j } = parameter, [x, y] = network.geometry.foot(parameter);
      const back = this.reached("back", l, j), shown = [...many.map(({ slopes }) => [slopes[index], "other"]), ...(back ? [[now.slopes[index], "own"]] : [])];
      if (end && this.samples.length > 1) arrow(x, y, mean[index], "mean");
      shown.forEach(([slope, name], q) => arrow(x + 8 + 6 * q, y, slope, name));
    });
  }

  // What each chosen sample asks of each parameter, −∂C/∂w, the mean, and the step.
  table({ each, mean }) {
    const { playground, network } = this, { state, model } = playground, names = ["numbers.parameter", "numbers.value"].map((key) => tell(key));
    const heads = [...names, ...each.map(({ i }) => tell("inside.of", { n: i + 1 })), tell("inside.mean"), tell("inside.move", { rate: short(state.rate) })];
    byId("wish-head").replaceChildren(make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text))));
    byId("wish-rows").replaceChildren(...network.geometry.parameters.map(({ name }, k) => {
      const wishes = each.length ? [...each.map(({ slopes }) => -slopes[k]), -mean[k], -state.rate * mean[k]].map(short) : ["–", "–"];
      return make("tr", {}, make("td", {}, called(name)), ...[short(model.parameters[k]), ...wishes].map((text) => make("td", {}, text)));
    }));
  }
}
