// The tables under the pictures: the first samples with their outputs, and all weights and gradients on request.

// Three digits are enough for a row of a small table.
const brief = (x) => short(Number(x.toPrecision(3)));

class Tables {
  constructor(playground) {
    this.playground = playground;
    byId("numbers").addEventListener("toggle", () => this.render());
  }

  build() {
    const { samples, state, model } = this.playground, head = (text) => make("th", { scope: "col" }, text), { outputs, regression } = state;
    const columns = outputs > 1 ? Array.from({ length: outputs }, (_, j) => `${tell("samples.output")} ${j + 1}`) : [tell("samples.output")];
    byId("samples-head").replaceChildren(make("tr", {}, make("td", {}), head(called("x₁")), head(called("x₂")), head(tell(outputs > 1 ? "samples.class" : "samples.target")), ...columns.map(head), head(make("span", { class: "off-screen" }, tell("samples.verdict")))));
    this.cells = samples.points.slice(0, 8).map(([a, b, kind], i) => {
      const results = columns.map(() => make("td", {})), verdict = make("td", {}), goal = outputs > 1 ? String(kind) : short(samples.targets[i]);
      return { row: make("tr", {}, make("td", {}, this.follow(i)), ...[brief(a), brief(b), goal].map((text) => make("td", {}, text)), ...results, verdict), results, verdict, i, kind: regression ? null : kind };
    });
    byId("samples").replaceChildren(...this.cells.map(({ row }) => row));
    byId("more").textContent = !samples.count ? tell("samples.none") : samples.count > 8 ? tell("samples.more", { n: samples.count - 8 }) : "";
    this.rows = parametersOf(model).map(({ name }, k) => [k, name]);
    byId("parameters").replaceChildren();
    this.shown = null;
  }

  // A button that looks inside a sample.
  follow(i) {
    const button = make("button", { type: "button", class: "follow", "aria-label": tell("inside.follow", { n: i + 1 }), title: tell("inside.follow", { n: i + 1 }) }, "▸");
    button.addEventListener("click", () => { this.playground.choose(i); byId("inside-play").focus(); byId("inside-play").click(); });
    return button;
  }

  render() {
    const { playground } = this, { model, samples, report } = playground;
    for (const { results, verdict, i, kind } of this.cells) {
      const outputs = model.forward(samples.inputs, 2 * i), right = kind === null ? null : playground.answer(outputs) === kind;
      results.forEach((cell, j) => { cell.textContent = brief(outputs[j]); });
      verdict.textContent = right === null ? "" : right ? "✓" : "✗";
      verdict.className = right ? "right" : "wrong";
    }
    if (!byId("numbers").open) return;
    if (!this.shown) {
      this.shown = this.rows.map(([k, name]) => ({ k, value: make("td", {}), slope: make("td", {}), name }));
      byId("parameters").replaceChildren(...this.shown.map(({ name, value, slope }) => make("tr", {}, make("td", {}, called(name)), value, slope)));
    }
    const met = report && (report.step || report.sample);
    for (const { k, value, slope } of this.shown) {
      value.textContent = short(model.parameters[k]);
      slope.textContent = met ? short(model.gradients[k]) : "–";
    }
  }
}
