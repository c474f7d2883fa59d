// Every operation is a picture, drawn from its row: a curve with its tangent, a rectangle, pipes, a switch, a row of bars.
// Which one follows from the derivatives alone, so that a new row has its picture at once.

function shape(lesson, k) {
  const { op, inputs } = lesson.graph.nodes[k], rule = RULES[op], free = rule.arity - rule.constants;
  const partials = rule.partials.slice(0, free);
  if (partials.every((tree) => tree === 1 || (tree?.[0] === "neg" && tree[1] === 1)) && free > 1) return pipes(lesson, k);
  if (partials.length === 2 && partials[0] === "y" && partials[1] === "x") return rule.nary ? bars(lesson, k) : rectangle(lesson, k);
  if (free > 1 && partials.every((tree) => arms(tree).every((arm) => [0, 0.5, 1].includes(arm)))) return railway(lesson, k);
  if (rule.nary) return bars(lesson, k);
  return new Curve(lesson, k, partials.findIndex((_, p) => lesson.graph.nodes[inputs[p]].op) > 0 ? 1 : 0).element;
}

const arms = (tree) => (Array.isArray(tree) && tree[0] === "where" ? [...arms(tree[2]), ...arms(tree[3])] : [tree]);

const frame = (width, height, said) => draw("svg", { class: "shape", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said });
const figure = (svg, caption) => make("figure", {}, svg, make("figcaption", {}, ...caption));

// The curve of an operation against one of its inputs, the others held: the point, and a tangent that can be dragged.
class Curve {
  constructor(lesson, k, position) {
    const { graph } = lesson, node = graph.nodes[k];
    Object.assign(this, { row: RULES[node.op], inputs: node.inputs.map((i) => graph.value[i]), position, op: node.op, of: graph.nodes[node.inputs[position]].name });
    const x = this.inputs[position], half = Math.max(3, 1.5 * Math.abs(x));
    this.from = -half;
    this.to = half;
    this.slider = make("input", { type: "range", min: this.from, max: this.to, step: (this.to - this.from) / 600, "aria-label": tell("shapes.slider", { name: this.of }) });
    this.slider.value = x;
    this.slider.addEventListener("input", () => this.render(Number(this.slider.value)));
    this.svg = frame(320, 170, "");
    this.svg.addEventListener("pointerdown", (event) => { this.svg.setPointerCapture(event.pointerId); this.drag(event); });
    this.svg.addEventListener("pointermove", (event) => { if (event.buttons) this.drag(event); });
    this.caption = make("figcaption", { role: "status" });
    this.element = make("figure", { class: "curve-of" }, this.svg, this.slider, this.caption);
    this.measure();
    this.render(x);
  }

  run(x) {
    const [out, partials] = this.row.run(this.inputs.map((y, p) => (p === this.position ? x : y)));
    return [out, partials[this.position]];
  }

  measure() {
    const n = 160, points = Array.from({ length: n + 1 }, (_, i) => { const x = this.from + ((this.to - this.from) * i) / n; return [x, ...this.run(x)]; });
    this.points = points.filter(([, y, slope]) => Number.isFinite(y) && Number.isFinite(slope));
    const here = Math.abs(this.run(this.inputs[this.position])[0]), cap = Math.max(1.2, 2.5 * here, 1.2 * Math.min(...this.points.map(([, y]) => Math.abs(y))));
    const ys = this.points.map(([, y]) => Math.max(-cap, Math.min(cap, y)));
    this.low = Math.min(0, ...ys);
    this.high = Math.max(this.low + 0.5, 0, ...ys);
    this.steepest = Math.max(...this.points.map(([, , slope]) => Math.abs(slope)));
  }

  drag(event) {
    const box = this.svg.getBoundingClientRect(), x = this.from + ((event.clientX - box.left) / box.width) * (this.to - this.from);
    this.slider.value = x;
    this.render(Number(this.slider.value));
  }

  render(x) {
    const [y, slope] = this.run(x), right = (u) => ((u - this.from) / (this.to - this.from)) * 320, up = (v) => 12 + ((this.high - v) / (this.high - this.low)) * 146;
    const inside = this.points.filter(([, v]) => v >= this.low - 1e-9 && v <= this.high + 1e-9);
    const parts = [draw("path", { class: "axis", d: `M0 ${up(0)}H320M${right(0)} 0V170` }), draw("path", { class: "curve", d: line(inside.map(([u, v]) => [right(u), up(v)])) })];
    if (Number.isFinite(y) && Number.isFinite(slope)) {
      const reach = (this.to - this.from) / 5;
      parts.push(draw("path", { class: "tangent", d: line([[right(x - reach), up(y - slope * reach)], [right(x + reach), up(y + slope * reach)]]) }), draw("circle", { class: "here", cx: right(x), cy: up(y), r: 6 }));
    }
    this.svg.replaceChildren(...parts);
    const flat = !Number.isFinite(slope) ? "shapes.none" : slope === 0 ? "shapes.dead" : Math.abs(slope) < 0.05 * this.steepest ? "shapes.saturated" : "shapes.slope";
    const text = tell(flat, { op: operation(this.op), name: this.of, x: short(tidy(x, 0.01)), y: short(y), slope: short(slope) });
    this.svg.setAttribute("aria-label", text);
    if (this.caption.textContent !== text) this.caption.textContent = text;
  }
}

// A product is an area: it grows along one side by as much as the other side is long.
function rectangle(lesson, k) {
  const { graph, ref } = lesson, [a, b] = graph.nodes[k].inputs, [x, y] = [graph.value[a], graph.value[b]], unit = Math.min(150 / Math.max(Math.abs(x), 1e-9), 100 / Math.max(Math.abs(y), 1e-9));
  const [w, h] = [Math.max(6, unit * Math.abs(x)), Math.max(6, unit * Math.abs(y))], thick = 12; // one unit for both sides: a square is a square
  const svg = frame(320, 150, tell("shapes.rectangle", { x: graph.nodes[a].name, y: graph.nodes[b].name }));
  const label = (x, y, k, anchor = "middle") => { const text = draw("text", { x, y, "text-anchor": anchor, "data-node": k }, `${graph.nodes[k].name} = ${short(graph.value[k])}`); return text; };
  svg.append(
    draw("rect", { class: `area${x * y < 0 ? " negative" : ""}`, x: 60, y: 10, width: w, height: h, "data-node": k }),
    draw("rect", { class: "strip", x: 60 + w, y: 10, width: thick, height: h, "data-edge": `${k}-0` }),
    draw("rect", { class: "strip other", x: 60, y: 10 + h, width: w, height: thick, "data-edge": `${k}-1` }),
    draw("rect", { class: "corner", x: 60 + w, y: 10 + h, width: thick, height: thick }),
    label(60 + w / 2, 10 + h + thick + 17, a), label(60 + w + thick + 6, 10 + h / 2 + 5, b, "start"),
  );
  return figure(svg, say(a === b ? "shapes.square" : "shapes.area", { x: ref(a), y: ref(b), slope: along(short(graph.partials[k][0]), [k, 0]), other: along(short(graph.partials[k][1]), [k, 1]) }));
}

// A sum is pipes that run together: what comes in goes out, all of it.
function pipes(lesson, k) {
  const { graph, ref } = lesson, inputs = graph.nodes[k].inputs.slice(0, 6), high = 26 * inputs.length + 20, middle = high / 2;
  const svg = frame(320, Math.max(80, high), tell("shapes.pipes"));
  inputs.forEach((i, p) => {
    const y = 24 + 26 * p, minus = graph.partials[k][p] < 0;
    svg.append(draw("path", { class: `pipe${minus ? " minus" : ""}`, d: `M90 ${y}C160 ${y} 150 ${middle} 210 ${middle}`, "data-edge": `${k}-${p}` }),
      draw("text", { x: 82, y: y + 5, "text-anchor": "end", "data-node": i }, `${minus ? "− " : ""}${short(graph.value[i])}`));
  });
  svg.append(draw("path", { class: "pipe", d: `M205 ${middle}H240` }), draw("text", { x: 248, y: middle + 5, "data-node": k }, short(graph.value[k])));
  return figure(svg, say(graph.partials[k].some((x) => x < 0) ? "shapes.minus" : "shapes.plus", { out: ref(k) }));
}

// A choice is a railway point: one track is through, the other ends.
function railway(lesson, k) {
  const { graph, ref } = lesson, { inputs } = graph.nodes[k], tracks = inputs.map((i, p) => [i, p, graph.partials[k][p]]).filter(([, p]) => !graph.frozen(k, p)).slice(-2);
  const svg = frame(320, 90, tell("shapes.switch"));
  tracks.forEach(([i, p, slope], n) => {
    const y = 22 + 46 * n;
    svg.append(draw("path", { class: `track${slope ? "" : " shut"}`, d: slope ? `M90 ${y}C150 ${y} 150 45 210 45H240` : `M90 ${y}H140`, "data-edge": `${k}-${p}` }),
      draw("text", { x: 82, y: y + 5, "text-anchor": "end", "data-node": i }, short(graph.value[i])));
  });
  svg.append(draw("text", { x: 248, y: 50, "data-node": k }, short(graph.value[k])));
  const through = tracks.filter(([, , slope]) => slope), whole = through.find(([, , slope]) => slope === 1);
  if (whole) return figure(svg, say("shapes.chosen", { name: ref(whole[0]) }));
  return figure(svg, say(through.length ? "shapes.tie" : "shapes.closed", { slope: short(through[0]?.[2] ?? 0) }));
}

// A row of many terms, such as a weighted sum, is a bar for each term: the row's own formula for these inputs alone.
function bars(lesson, k) {
  const { graph, ref } = lesson, { op, inputs } = graph.nodes[k], rule = RULES[op], n = inputs.length / rule.arity, of = (t) => inputs.filter((_, p) => p % n === t);
  const terms = Array.from({ length: n }, (_, t) => rule.run(of(t).map((i) => graph.value[i]))[0]);
  const most = Math.max(...terms.map(Math.abs), 1e-9), shownTerms = terms.slice(0, 6), weighted = rule.arity === 2 && rule.partials[0] === "y" && rule.partials[1] === "x";
  const text = (t) => (weighted ? of(t).map((i) => short(graph.value[i])).join(" · ") : `${of(t).map((i) => graph.nodes[i].name).join(", ")}: ${short(terms[t])}`);
  const svg = frame(320, 30 * shownTerms.length + 8, tell("shapes.bars"));
  shownTerms.forEach((term, t) => {
    const long = Math.max(2, (90 * Math.abs(term)) / most), y = 6 + 30 * t;
    svg.append(draw("rect", { class: `area${term < 0 ? " negative" : ""}`, x: term < 0 ? 220 - long : 220, y, width: long, height: 20, "data-edge": `${k}-${t}` }),
      draw("text", { x: 118, y: y + 15, "text-anchor": "end" }, text(t)));
  });
  svg.append(draw("path", { class: "axis", d: `M220 0V${30 * shownTerms.length + 8}` }));
  return figure(svg, say(weighted ? "shapes.weighted" : "shapes.terms", { out: ref(k), n, slopes: listed(of(0).map((_, q) => math("math", ...written(bound(graph, rule.partials[q], of(0), k), lesson.phrase))), rule.arity) }));
}
