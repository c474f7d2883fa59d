// How wrong is the rate seen, for every size of h? Too large a step bends away from the slope, too small a one
// drowns in rounding. A drawer of Ripple, for the curious.

class ErrorCurve {
  constructor(ripple) {
    this.ripple = ripple;
    this.dialog = byId("errors");
    this.decade = byId("decade");
    this.method = byId("method");
    for (const input of [this.decade, this.method]) input.addEventListener("input", () => this.render());
    byId("open-errors").addEventListener("click", () => this.open());
  }

  open() {
    this.decade.value = Math.log10(Math.abs(this.ripple.h));
    this.dialog.showModal();
    this.render();
  }

  // The slope seen with a step of h: divided by the distance really moved, since x + h is rounded.
  slope(leaf, h) {
    const { graph } = this.ripple, x = graph.value[leaf], above = x + h, below = this.method.value === "central" ? x - h : x;
    return above === below ? NaN : (graph.at(leaf, above) - graph.at(leaf, below)) / (above - below);
  }

  // What to say where the slope on the left is not that on the right, so that no step is small enough.
  kink(leaf) {
    const { graph } = this.ripple, x = graph.value[leaf], h = 1e-6 * Math.max(1, Math.abs(x)), y = graph.value[graph.root];
    const left = (y - graph.at(leaf, x - h)) / h, right = (graph.at(leaf, x + h) - y) / h;
    if (!(Math.abs(right - left) > 1e-2 * Math.max(1, Math.abs(left), Math.abs(right)))) return "";
    return tell("errors.kink", { left: short(tidy(left, 1e-3)), right: short(tidy(right, 1e-3)) });
  }

  // How the error falls with h: as h itself, as its square, not at all because there is none, or in another way.
  order(leaf) {
    const [large, small] = [0.01, 0.001].map((h) => Math.abs(this.slope(leaf, h) - this.ripple.graph.gradient[leaf])), times = large / small;
    if (!(large > 1e-9 * Math.max(1, Math.abs(this.ripple.graph.gradient[leaf])))) return "exact";
    return Math.abs(times - 10) < 3 ? "linear" : Math.abs(times - 100) < 30 ? "square" : "other";
  }

  render() {
    const { graph, leaf, lesson } = this.ripple, h = 10 ** Number(this.decade.value);
    const root = graph.nodes[graph.root].name, name = graph.nodes[leaf].name, x = graph.value[leaf];
    const central = this.method.value === "central", slope = this.slope(leaf, h), gradient = graph.gradient[leaf], error = Math.abs(slope - gradient);
    byId("decade-h").textContent = short(h);
    for (const option of this.method.options) option.textContent = tell(`errors.way.${option.value}`, { root, name });
    byId("reading").replaceChildren(...say(`errors.reading.${this.order(leaf)}`, { root: called(root), name: called(name) }), " ", ...say("errors.reading.left", { root: called(root), name: called(name) }));
    const row = (head, value, total) => make("tr", total ? { class: "total" } : {}, make("td", {}, ...head), make("td", {}, value));
    const at = (move) => digits(graph.at(leaf, x + move));
    byId("comparison").replaceChildren(
      row(say(central ? "errors.before" : "errors.now", { root: called(root), name: called(name) }), at(central ? -h : 0)),
      row(say("errors.after", { root: called(root), name: called(name) }), at(h)),
      row(say(central ? "errors.central" : "errors.forward"), digits(slope)),
      row(say("errors.gradient", { root: called(root), name: called(name) }), digits(gradient), true),
      row(say("errors.error"), Number.isNaN(error) ? tell("errors.still", { name }) : short(error)),
    );
    const kink = this.kink(leaf);
    Object.assign(byId("kink"), { textContent: kink, hidden: !kink });
    byId("chart").replaceChildren(this.chart(leaf, error));
    lesson.announce(tell("errors.said", { h: short(h), slope: digits(slope), gradient: digits(gradient), error: short(error), kink }));
  }

  chart(leaf, here) {
    const { graph } = this.ripple, [width, height, left, bottom, right, top] = [560, 300, 84, 58, 16, 14], low = -16, high = 0, points = [];
    const miss = (e) => Math.abs(this.slope(leaf, 10 ** e) - graph.gradient[leaf]);
    // Rounding may hit the gradient by luck: the curve is the largest error of a few steps near h.
    for (let e = -15; e <= 0; e += 0.25)
      points.push([e, Math.max(...[-0.1, -0.04, 0, 0.07].map((d) => miss(Math.min(0, e + d))).filter(Number.isFinite))]);
    const level = (error) => Math.min(2, Math.max(low, Math.log10(Math.max(error, 1e-300))));
    const peak = Math.max(high, ...points.filter(([, error]) => Number.isFinite(error)).map(([, error]) => Math.ceil(level(error))));
    const x = (e) => left + ((e + 15) / 15) * (width - left - right);
    const y = (e) => top + ((peak - e) / (peak - low)) * (height - top - bottom);
    const svg = draw("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": tell("errors.chart") });
    for (let e = -15; e <= 0; e += 3) {
      svg.append(draw("line", { class: "grid", x1: x(e), x2: x(e), y1: top, y2: height - bottom }));
      svg.append(draw("text", { x: x(e), y: height - bottom + 20, "text-anchor": "middle" }, tenth(e)));
    }
    for (let e = low; e <= peak; e += 4) {
      svg.append(draw("line", { class: "grid", x1: left, x2: width - right, y1: y(e), y2: y(e) }));
      svg.append(draw("text", { x: left - 8, y: y(e) + 4, "text-anchor": "end" }, tenth(e)));
    }
    svg.append(draw("text", { x: width - right - 6, y: top + 14, "text-anchor": "end" }, tell("errors.truncation")));
    svg.append(draw("text", { x: left + 6, y: top + 14 }, tell("errors.rounding")));
    svg.append(draw("text", { class: "title", x: (left + width - right) / 2, y: height - 12, "text-anchor": "middle" }, tell("errors.axis h")));
    svg.append(draw("text", { class: "title", x: 14, y: (height - bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(height - bottom) / 2})` }, tell("errors.axis error")));
    // The lowest place, where neither of the two errs much.
    const lowest = points.filter(([, error]) => error > 0).reduce((a, b) => (b[1] < a[1] ? b : a), [NaN, Infinity]);
    if (Number.isFinite(lowest[0])) {
      const [u, v] = [x(lowest[0]), y(level(lowest[1]))];
      svg.append(draw("text", { class: "title", x: u, y: Math.min(v + 22, height - bottom - 6), "text-anchor": "middle" }, tell("errors.best", { h: tenth(lowest[0]) })));
    }
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

// 1, 0.1, 0.001; smaller ones as powers of ten.
const tenth = (e) => (e > -4 && e <= 0 ? String(10 ** Math.round(e)) : `10${raised(Math.round(e))}`);

const digits = (number) => (Number.isNaN(number) ? "–" : Number(number.toPrecision(12)).toString().replace("-", "−"));

// A slider's place in binary, 0.30000000000000004, is meant as the decimal 0.3.
const tidy = (x, step) => Number(x.toFixed(Math.max(0, 2 - Math.floor(Math.log10(step)))));
