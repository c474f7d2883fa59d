// L seen from above, against two inputs: the darker, the higher; where we stand, where the gradient points, and the way come.

class Contour {
  constructor(hill) {
    Object.assign(this, { hill, graph: hill.graph, key: "" });
    this.canvas = make("canvas", { width: 48, height: 36 });
    this.svg = draw("svg", { class: "chart", viewBox: "0 0 460 250", role: "img" });
    this.element = make("div", { class: "contour" }, this.canvas, this.svg);
  }

  // Both inputs' windows, as wide as the numbers themselves, around where the walk began.
  window(a, b) {
    const base = this.hill.trail[0] ?? this.hill.base, around = (k) => { const x = base.values[k], reach = Math.max(2, 1.5 * Math.abs(x)); return [x - reach, x + reach]; };
    return [around(a), around(b)];
  }

  height(a, x, b, y) {
    const value = this.graph.value.slice();
    [value[a], value[b]] = [x, y];
    this.graph.nodes.forEach((node, k) => { if (node.op) value[k] = RULES[node.op].run(node.inputs.map((i) => value[i]))[0]; });
    return value[this.graph.root];
  }

  // The levels: nine bands with as many cells each, so that flat and steep ground can both be seen.
  paint(a, b, [[left, right], [bottom, top]]) {
    const { canvas, graph } = this, key = [a, b, left, bottom, ...graph.value.filter((_, k) => !graph.nodes[k].op && k !== a && k !== b), matchMedia("(prefers-color-scheme: dark)").matches].join();
    if (key === this.key) return;
    this.key = key;
    const { width, height } = canvas, context = canvas.getContext("2d"), cells = [];
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++)
        cells.push(this.height(a, left + ((column + 0.5) / width) * (right - left), b, top - ((row + 0.5) / height) * (top - bottom)));
    const sorted = cells.filter(Number.isFinite).sort((p, q) => p - q), limits = Array.from({ length: 8 }, (_, n) => sorted[Math.floor(((n + 1) / 9) * sorted.length)]);
    context.clearRect(0, 0, width, height);
    context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--forward");
    cells.forEach((z, n) => {
      context.globalAlpha = Number.isFinite(z) ? 0.04 + 0.07 * limits.filter((limit) => z > limit).length : 0;
      context.fillRect(n % width, Math.floor(n / width), 1, 1);
    });
  }

  render(a, b) {
    const { graph, hill, svg } = this, [[left, right], [bottom, top]] = this.window(a, b), name = (k) => graph.nodes[k].name;
    this.paint(a, b, [[left, right], [bottom, top]]);
    const at = (x, y) => [((x - left) / (right - left)) * 460, ((top - y) / (top - bottom)) * 250];
    const here = at(graph.value[a], graph.value[b]), began = at(hill.base.values[a], hill.base.values[b]);
    const way = hill.trail.map(({ values }) => at(values[a], values[b]));
    // The gradient in the picture's own units, so that it stands upright on the lines of equal height; at most 90 long.
    const [gx, gy] = [(graph.gradient[a] * (right - left)) / 460, (-graph.gradient[b] * (top - bottom)) / 250], size = Math.hypot(gx, gy), long = size ? Math.min(90, 20 + 40 * size * 10) / size : 0;
    const tip = [here[0] + gx * long, here[1] + gy * long], head = draw("marker", { id: "uphill", viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: 5, markerHeight: 5, orient: "auto" });
    head.append(draw("path", { d: "M0 .8 7 4 0 7.2z", class: "tip" }));
    const said = tell("contour.said", { root: name(graph.root), x: name(a), y: name(b) });
    svg.setAttribute("aria-label", said);
    svg.replaceChildren(head, draw("text", { x: 454, y: 243, "text-anchor": "end" }, `${name(a)} →`), draw("text", { x: 6, y: 18 }, `${name(b)} ↑`), draw("path", { class: "gap", d: line([...way, began, here]) }), ...[...way, began].map(([cx, cy]) => draw("circle", { class: "was", cx, cy, r: 4 })),
      ...(size ? [draw("path", { class: "tangent", "marker-end": "url(#uphill)", d: line([here, tip]) })] : []), draw("circle", { class: "here", cx: here[0], cy: here[1], r: 7 }));
  }
}
