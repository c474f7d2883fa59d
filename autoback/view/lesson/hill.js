// L as a hill: L against one input, the point where we stand and its tangent, what the gradient promised and what
// became of it, and one step downhill at a rate that can be too large.

class Hill {
  constructor(touch) {
    Object.assign(this, { touch, graph: touch.graph, ways: touch.lesson.ways, base: null, trail: [] });
    this.place = byId("hill");
    this.rate = byId("downhill-rate");
    this.rate.value = "0.1";
    this.rate.addEventListener("input", () => { this.rate.setAttribute("aria-invalid", !(typed(this.rate.value) > 0)); touch.lesson.render(); });
    byId("downhill").addEventListener("click", () => this.descend());
    this.second = byId("second"); // the other input, for a view from above
    this.offer();
    this.second.addEventListener("change", () => touch.lesson.render());
    this.contour = new Contour(this);
  }

  // The inputs that can be the other one: all but the one in hand.
  offer() {
    const { second, ways, graph, touch } = this, chosen = second.value;
    second.replaceChildren(make("option", { value: "" }, tell("contour.none")), ...ways.inputs.filter((k) => k !== touch.leaf).map((k) => make("option", { value: k }, graph.nodes[k].name)));
    second.value = [...second.options].some(({ value }) => value === chosen) ? chosen : "";
  }

  // Where the promise is made: here, with this slope, for this input. The way come downhill is kept as long as only steps are taken.
  stand(leaf) {
    const { graph, trail } = this, last = trail.at(-1);
    if (last && (last.leaf !== leaf || this.touch.last !== "step")) trail.length = 0;
    this.base = { leaf, x: graph.value[leaf], y: graph.value[graph.root], slope: graph.gradient[leaf], values: graph.value.slice(), slopes: graph.gradient.slice() };
    // A descent is seen in one picture, as long as it stays well within it.
    const reach = Math.max(2, 1.5 * Math.abs(this.base.x)), [from, to] = this.window ?? [NaN, NaN], edge = 0.1 * (to - from);
    if (!trail.length || !(from + edge < this.base.x && this.base.x < to - edge)) this.window = [this.base.x - reach, this.base.x + reach];
  }

  descend() {
    const rate = typed(this.rate.value), { touch, graph } = this;
    if (!(rate > 0) || touch.lesson.broken >= 0) return;
    this.stand(touch.leaf);
    this.trail.push(this.base);
    const steps = this.walked().map((k) => [k, graph.value[k] - rate * graph.gradient[k]]); // first all gradients, then the step
    for (const [k, x] of steps) touch.set(touch.rows.find((row) => row.node === k), x, "step");
    touch.lesson.render();
    touch.lesson.announce(byId("promise").textContent);
  }

  // The inputs that a step moves: the one in hand, and with a view from above the other one too.
  walked() {
    const other = this.second.value === "" ? NaN : Number(this.second.value);
    return Number.isNaN(other) ? [this.touch.leaf] : [this.touch.leaf, other];
  }

  render() {
    const walked = this.walked();
    if (walked.length > 1) {
      if (this.place.firstChild !== this.contour.element) this.place.replaceChildren(this.contour.element);
      if (this.touch.lesson.broken < 0) this.contour.render(...walked);
    } else this.curve();
    this.promise(walked);
  }

  // L against the input in hand, with the tangent where the promise was made.
  curve() {
    const { graph, touch, base, place } = this, { leaf, x, y, slope } = base, here = graph.value[leaf], root = graph.nodes[graph.root].name, name = graph.nodes[leaf].name;
    const [wide, high] = [460, 210], shift = Math.max(0, here - this.window[1], this.window[0] - here) * 1.1, [from, to] = [this.window[0] - shift, this.window[1] + shift];
    const n = 120, points = Array.from({ length: n + 1 }, (_, i) => { const u = from + ((to - from) * i) / n; return [u, graph.at(leaf, u)]; }).filter(([, v]) => Number.isFinite(v));
    const ys = [...points.map(([, v]) => v), y], low = Math.min(...ys), top = Math.max(...ys, low + 1e-9), left = 76, tick = (v) => short(Math.abs(v) < 1e-3 * (top - low) ? 0 : Number(v.toPrecision(2)));
    const right = (u) => left + ((u - from) / (to - from)) * (wide - left - 10), up = (v) => 14 + ((top - v) / (top - low)) * (high - 46);
    const svg = draw("svg", { class: "chart", viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": tell("hill.said", { root, name }) });
    svg.append(draw("path", { class: "grid", d: `M${left} ${high - 28}H${wide}M${left} 8V${high - 28}` }),
      draw("text", { x: wide - 6, y: high - 8, "text-anchor": "end" }, `${name} →`), draw("text", { x: left - 6, y: 20, "text-anchor": "end" }, tick(top)), draw("text", { x: left - 6, y: high - 30, "text-anchor": "end" }, tick(low)),
      draw("text", { x: left + 6, y: 18 }, root), draw("path", { class: "curve", d: line(points.map(([u, v]) => [right(u), up(v)])) }));
    const clip = draw("clipPath", { id: "hill-clip" });
    clip.append(draw("rect", { x: left, y: 0, width: wide - left, height: high - 28 }));
    svg.append(clip, draw("path", { class: "tangent", "clip-path": "url(#hill-clip)", d: line([[right(from), up(y + slope * (from - x))], [right(to), up(y + slope * (to - x))]]) }));
    const promised = y + slope * (here - x), became = graph.value[graph.root], moved = here - x;
    if (moved !== 0 && touch.lesson.broken < 0) {
      svg.append(draw("path", { class: "gap", "clip-path": "url(#hill-clip)", d: line([[right(here), up(promised)], [right(here), up(became)]]) }),
        draw("circle", { class: "promised", "clip-path": "url(#hill-clip)", cx: right(here), cy: up(promised), r: 5 }), draw("circle", { class: "was", cx: right(x), cy: up(y), r: 5 }));
    }
    const others = this.ways.inputs.filter((k) => k !== leaf), same = ({ values }) => others.every((k) => values[k] === graph.value[k]); // on this curve
    for (const step of this.trail.filter(same)) svg.append(draw("circle", { class: "was", cx: right(step.x), cy: up(step.y), r: 4 }));
    if (touch.lesson.broken < 0) svg.append(draw("circle", { class: "here", cx: right(here), cy: up(became), r: 7 }));
    place.replaceChildren(svg);
  }

  // What the gradient promised for the moves since then, and what became of it.
  promise(walked) {
    const { graph, touch, base } = this, { leaf, x, y, slope } = base, here = graph.value[leaf], root = graph.nodes[graph.root].name, name = graph.nodes[leaf].name;
    const moved = here - x, became = graph.value[graph.root], promised = y + walked.reduce((sum, k) => sum + base.slopes[k] * (graph.value[k] - base.values[k]), 0);
    const values = { root: called(root), name: called(name), start: short(x), moved: signed(moved), promised: signed(promised - y), became: signed(became - y), slope: short(slope), x: short(here), other: called(graph.nodes[walked.at(-1)].name), y: short(graph.value[walked.at(-1)]) };
    const words = [];
    if (touch.lesson.broken < 0) {
      if (!(typed(this.rate.value) > 0)) words.push(make("b", { class: "wrong" }, tell("hill.trouble")), " ");
      const above = walked.length > 1, still = walked.every((k) => graph.value[k] === base.values[k]);
      words.push(...say(still ? (above ? "contour.stand" : "hill.stand") : above ? "contour.promise" : "hill.promise", values));
      if (above) words.push(" ", ...say("contour.reading", values));
      if (touch.last === "step" && became > y && slope !== 0) words.push(" ", ...say("hill.overshoot", values));
      else if (moved === 0 && slope === 0) words.push(" ", ...say("hill.flat", values));
    }
    byId("promise").replaceChildren(...words);
  }
}
