// Touch it: a slider and a number box for every leaf, and the whole graph recomputed at each move.

class Touch {
  constructor(lesson) {
    const { graph } = lesson;
    Object.assign(this, { lesson, graph, first: graph.value.slice() });
    const leaves = graph.nodes.flatMap((node, k) => (node.op ? [] : [k]));
    leaves.sort((a, b) => Number(Boolean(graph.nodes[a].constant)) - Number(Boolean(graph.nodes[b].constant)));
    this.rows = leaves.map((k) => this.row(k));
    document.getElementById("leaves").append(...this.rows.map((row) => row.element));
    document.getElementById("restore").addEventListener("click", () => {
      for (const row of this.rows) this.set(row, this.first[row.node]);
    });
    lesson.broken = -1;
  }

  row(k) {
    const { name, constant } = this.graph.nodes[k], x = this.first[k];
    const step = 10 ** Math.ceil(Math.log10(Math.max(1, Math.abs(x)))) / 100;
    // A slider counts from its minimum, which is chosen so that the first number is one of its places.
    const slider = make("input", { type: "range", min: x - 200 * step, max: x + 200 * step, step, "aria-label": `${name}, slider` });
    const box = make("input", { type: "number", step: "any", "aria-label": `${name}, number` });
    const row = { node: k, slider, box };
    slider.value = x;
    box.value = brief(x);
    slider.addEventListener("input", () => this.set(row, tidy(Number(slider.value), step), slider));
    box.addEventListener("input", () => { if (box.value !== "" && Number.isFinite(Number(box.value))) this.set(row, Number(box.value), box); });
    for (const input of [slider, box]) input.addEventListener("change", () => { this.lesson.render(); this.lesson.announce(this.said); });
    for (const input of [slider, box]) input.addEventListener("focus", () => this.lesson.stage.follow([k]));
    box.addEventListener("blur", () => { box.value = brief(this.graph.value[k]); });
    const label = constant ? make("span", { class: "quiet" }, "constant") : called(name);
    label.title = name;
    row.element = make("div", { class: "leaf-row" }, label, slider, box);
    return row;
  }

  set(row, x, source) {
    this.graph.value[row.node] = x;
    if (source !== row.slider) {
      if (x < Number(row.slider.min)) row.slider.min = x - 200 * row.slider.step;
      if (x > Number(row.slider.max)) row.slider.max = x + 200 * row.slider.step;
      row.slider.value = x;
    }
    if (source !== row.box) row.box.value = brief(x);
    this.lesson.broken = this.graph.forward();
    if (this.lesson.broken < 0) this.graph.backward();
    this.lesson.later();
  }

  enter() {}

  // Leaving with impossible numbers would leave the other ways without a graph to show.
  leave() {
    if (this.lesson.broken >= 0) for (const row of this.rows) this.set(row, this.first[row.node]);
  }

  choose(k) {
    const row = this.rows.find((row) => row.node === k);
    row?.slider.focus();
    return Boolean(row);
  }

  render() {
    const { graph, lesson, first } = this, root = graph.root, broken = lesson.broken;
    lesson.stage.show(everything(lesson, broken >= 0 ? { [broken]: "broken" } : {}));
    const changed = graph.value[root] - first[root];
    const was = broken < 0 && changed !== 0 ? `, was ${short(first[root])}` : "";
    const result = make("b", {}, broken < 0 ? short(graph.value[root]) : "?");
    document.getElementById("readout").replaceChildren(called(graph.nodes[root].name), " = ", result, make("span", { class: "quiet" }, was));
    this.said = broken < 0 ? `${graph.nodes[root].name} = ${short(graph.value[root])}${was}.` : "";
    const trouble = document.getElementById("trouble");
    const text = broken < 0 ? "" : complaint(graph, broken);
    if (trouble.textContent !== text) trouble.textContent = text;
  }
}

// What fits into a number box; the graph keeps every digit until the box is changed.
const brief = (x) => Number(x.toPrecision(5));

// A slider's place in binary, 0.30000000000000004, is meant as the decimal 0.3.
const tidy = (x, step) => Number(x.toFixed(Math.max(0, 2 - Math.floor(Math.log10(step)))));

function complaint(graph, k) {
  const { op, inputs } = graph.nodes[k];
  const operands = inputs.slice(0, 4).map((i) => `${graph.nodes[i].name} = ${short(graph.value[i])}`).join(", ");
  return `${op} has no finite result or slope at ${operands}${RULES[op].hint ? `: ${RULES[op].hint}` : ""}`;
}
