// The network as a picture: lines are weights, and in each circle is what its neuron sees on the plane.

class NetworkView {
  constructor(playground) { this.playground = playground; }

  build() {
    const { model } = this.playground, columns = model.sizes, tall = Math.max(...columns);
    const [width, height] = [150 * columns.length, Math.max(340, 84 * tall)];
    const spot = (layer, i) => [150 * (layer + 0.5), (height * (i + 0.5)) / columns[layer]];
    const box = byId("network"), svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    this.lines = [];
    this.faces = [];
    model.layers.forEach(({ inputs, outputs, start }, l) => {
      for (let j = 0; j < outputs; j++) for (let i = 0; i < inputs; i++) {
        const [x1, y1] = spot(l, i), [x2, y2] = spot(l + 1, j), line = draw("line", { x1, y1, x2, y2 });
        svg.append(line);
        this.lines.push([start + j * inputs + i, line]);
      }
    });
    box.replaceChildren(svg);
    const radius = Math.min(34, (0.42 * height) / tall);
    columns.forEach((count, l) => {
      for (let i = 0; i < count; i++) {
        const [x, y] = spot(l, i);
        if (l === 0) {
          const label = draw("text", { x, y: y + 7, "text-anchor": "middle" });
          label.append(draw("tspan", { class: "name" }, "x"), draw("tspan", { class: "index", dy: 5 }, i + 1));
          svg.append(draw("circle", { class: "input", cx: x, cy: y, r: radius }), label);
        } else {
          const face = make("canvas", { width: 64, height: 64 });
          Object.assign(face.style, { left: `${(100 * (x - radius)) / width}%`, top: `${(100 * (y - radius)) / height}%`, width: `${(200 * radius) / width}%` });
          box.append(face);
          this.faces.push([face, l - 1, i]);
        }
      }
    });
    Object.assign(box.style, { aspectRatio: `${width} / ${height}` });
  }

  render() {
    const { playground } = this, { model, palette } = playground, { planes, side } = playground.views.find((view) => view instanceof SurfaceView), last = model.layers.length - 1;
    const largest = this.lines.reduce((most, [k]) => Math.max(most, Math.abs(model.parameters[k])), 2);
    for (const [k, line] of this.lines) {
      const weight = model.parameters[k];
      line.setAttribute("class", weight < 0 ? "negative" : "positive");
      line.setAttribute("stroke-width", (0.75 + (11 * Math.abs(weight)) / largest).toFixed(2));
    }
    for (const [face, l, j] of this.faces) {
      // A hidden neuron is coloured by the range of its activation, the output by the targets.
      const [low, high] = model.layers[l].row.range, bounded = Number.isFinite(high - low), plane = planes[l][j];
      const middle = l === last ? playground.middle() : bounded ? (low + high) / 2 : 0, reach = l === last ? playground.reach() : bounded ? (high - low) / 2 : 1;
      const scale = l === last || bounded ? (i) => (plane[i] - middle) / reach : (i) => Math.tanh(plane[i]);
      paint(face, side, (i) => palette.at(scale(i)));
    }
  }
}
