// Nudge: move one leaf by h, compare Δroot/h with the gradient, and watch the error fall and rise with h.

class Nudge {
  constructor(lesson) {
    const { graph } = lesson;
    Object.assign(this, { lesson, graph, leaf: null });
    this.select = document.getElementById("nudged");
    graph.nodes.forEach((node, k) => node.op || node.constant || this.select.append(make("option", { value: k }, node.name)));
    this.decade = document.getElementById("decade");
    this.method = document.getElementById("method");
    for (const input of [this.select, this.decade, this.method]) input.addEventListener("input", () => lesson.later());
    for (const input of [this.select, this.decade, this.method])
      input.addEventListener("change", () => { lesson.render(); lesson.announce(this.said); });
    this.select.addEventListener("change", () => this.enter());
  }

  enter() { this.lesson.stage.follow([Number(this.select.value)]); }
  leave() {}

  choose(k) {
    if (![...this.select.options].some((option) => Number(option.value) === k)) return false;
    this.select.value = k;
    this.lesson.later();
    return true;
  }

  // The slope seen with a step of h: divided by the distance really moved, since x + h is rounded.
  slope(leaf, h) {
    const x = this.graph.value[leaf], above = x + h, below = this.method.value === "central" ? x - h : x;
    return above === below ? NaN : (this.graph.at(leaf, above) - this.graph.at(leaf, below)) / (above - below);
  }

  // What to say where the slope on the left is not that on the right, so that no step is small enough.
  kink(leaf) {
    const { graph } = this, x = graph.value[leaf], h = 1e-6 * Math.max(1, Math.abs(x)), y = graph.value[graph.root];
    const left = (y - graph.at(leaf, x - h)) / h, right = (graph.at(leaf, x + h) - y) / h;
    if (!(Math.abs(right - left) > 1e-2 * Math.max(1, Math.abs(left), Math.abs(right)))) return "";
    return `A kink: on the left the slope is ${short(tidy(left, 1e-3))}, on the right ${short(tidy(right, 1e-3))}. `
      + "The gradient is the value that was agreed on here, and no h brings the two together.";
  }

  render() {
    const { graph, lesson } = this, leaf = Number(this.select.value), h = 10 ** Number(this.decade.value);
    const root = graph.nodes[graph.root].name, name = graph.nodes[leaf].name, x = graph.value[leaf];
    lesson.stage.show(everything(lesson, { [leaf]: "back", [graph.root]: "now" }));
    const central = this.method.value === "central", slope = this.slope(leaf, h), gradient = graph.gradient[leaf];
    const error = Math.abs(slope - gradient), after = graph.at(leaf, x + h), before = central ? graph.at(leaf, x - h) : graph.value[graph.root];
    document.getElementById("width").textContent = short(h);
    this.decade.setAttribute("aria-valuetext", `h = ${short(h)}`);
    for (const [k, plain] of ["(f(x + h) − f(x)) / h", "(f(x + h) − f(x − h)) / 2h"].entries())
      this.method.options[k].textContent = plain.replace(/[fx]/g, (letter) => (letter === "f" ? root : name));
    const row = (label, text, total) => make("tr", total ? { class: "total" } : {}, make("td", {}, ...label), make("td", {}, text));
    document.getElementById("comparison").replaceChildren(
      row(central ? [called(root), " at ", called(name), " − h"] : [called(root), " now"], digits(before)),
      row([called(root), " at ", called(name), " + h"], digits(after)),
      row([central ? "Δ/2h" : "Δ/h", ", the slope seen"], digits(slope)),
      row(["∂", called(root), "/∂", called(name), ", the gradient"], digits(gradient), true),
      row(["error"], Number.isNaN(error) ? `h does not move ${name}` : short(error)),
    );
    const kink = this.kink(leaf);
    Object.assign(document.getElementById("kink"), { textContent: kink, hidden: !kink });
    this.said = `With h = ${short(h)} the slope seen is ${digits(slope)}, the gradient is ${digits(gradient)}, the error ${short(error)}. ${kink}`;
    document.getElementById("chart").replaceChildren(this.chart(leaf, error));
  }

  chart(leaf, here) {
    const [width, height, left, bottom, right, top] = [room(document.getElementById("chart")), 300, 58, 44, 14, 14], low = -16, high = 0;
    const points = [];
    const miss = (e) => Math.abs(this.slope(leaf, 10 ** e) - this.graph.gradient[leaf]);
    // Rounding may hit the gradient by luck: the curve is the largest error of a few steps near h.
    for (let e = -15; e <= 0; e += 0.25)
      points.push([e, Math.max(...[-0.1, -0.04, 0, 0.07].map((d) => miss(Math.min(0, e + d))).filter(Number.isFinite))]);
    const level = (error) => Math.min(2, Math.max(low, Math.log10(Math.max(error, 1e-300))));
    const peak = Math.max(high, ...points.filter(([, error]) => Number.isFinite(error)).map(([, error]) => Math.ceil(level(error))));
    const x = (e) => left + ((e + 15) / 15) * (width - left - right);
    const y = (e) => top + ((peak - e) / (peak - low)) * (height - top - bottom);
    const said = "Error against h on logarithmic axes: truncation on the right, rounding on the left";
    const svg = draw("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said });
    for (let e = -15; e <= 0; e += 3) {
      svg.append(draw("line", { class: "grid", x1: x(e), x2: x(e), y1: top, y2: height - bottom }));
      svg.append(draw("text", { x: x(e), y: height - bottom + 20, "text-anchor": "middle" }, `10${raised(e)}`));
    }
    for (let e = low; e <= peak; e += 4) {
      svg.append(draw("line", { class: "grid", x1: left, x2: width - right, y1: y(e), y2: y(e) }));
      svg.append(draw("text", { x: left - 8, y: y(e) + 4, "text-anchor": "end" }, `10${raised(e)}`));
    }
    svg.append(draw("text", { x: width - right, y: height - 6, "text-anchor": "end" }, "truncation error"));
    svg.append(draw("text", { x: left, y: height - 6 }, "rounding error"));
    const finite = points.filter(([, error]) => Number.isFinite(error));
    svg.append(draw("path", { class: "curve", d: line(finite.map(([e, error]) => [x(e), y(level(error))])) }));
    if (Number.isFinite(here)) {
      const e = Number(this.decade.value);
      svg.append(draw("line", { class: "stem", x1: x(e), x2: x(e), y1: y(level(here)), y2: height - bottom }));
      svg.append(draw("circle", { class: "here", cx: x(e), cy: y(level(here)), r: 7 }));
    }
    return svg;
  }
}

// How wide a chart is drawn: its letters keep their size on a phone, and grow on a projector.
const room = (container) => Math.min(640, Math.max(300, container.clientWidth));

const digits = (number) => (Number.isNaN(number) ? "–" : Number(number.toPrecision(12)).toString().replace("-", "−"));
