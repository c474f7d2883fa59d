// Touch: a slider and a number box for every input, and the whole graph recomputed at each move, with the hill beside it.

class Touch {
  constructor(lesson) {
    const { graph, ways } = lesson;
    Object.assign(this, { lesson, graph, first: graph.value.slice(), leaf: ways.inputs[0] ?? graph.root, last: "" });
    this.rows = ways.inputs.map((k) => this.row(k));
    byId("leaves").append(...this.rows.map((row) => row.element));
    byId("restore").addEventListener("click", () => {
      this.last = "";
      for (const row of this.rows) this.set(row, this.first[row.node], "restore");
      this.hill.stand(this.leaf);
    });
    this.hill = new Hill(this);
  }

  row(k) {
    const { name } = this.graph.nodes[k], x = this.first[k];
    // Two hundred steps to either side, as fine as the number itself: −3e-7 has a slider of its own size.
    const step = 10 ** Math.ceil(Math.log10(Math.abs(x) || 1)) / 100;
    const slider = make("input", { type: "range", min: x - 200 * step, max: x + 200 * step, step, "aria-label": tell("touch.slider", { name }) });
    const box = make("input", { type: "text", inputmode: "decimal", "aria-label": tell("touch.number", { name }) });
    const row = { node: k, slider, box };
    slider.value = x;
    box.value = decimal(brief(x));
    slider.addEventListener("input", () => this.set(row, tidy(Number(slider.value), step), slider));
    box.addEventListener("input", () => {
      const number = typed(box.value), bad = !Number.isFinite(number);
      box.setAttribute("aria-invalid", bad);
      if (!bad) this.set(row, number, box);
    });
    for (const input of [slider, box]) input.addEventListener("change", () => { this.lesson.render(); this.lesson.announce(this.said); this.lesson.keep(); });
    for (const input of [slider, box]) input.addEventListener("focus", () => { this.take(k); this.lesson.stage.follow([k]); });
    box.addEventListener("blur", () => { box.value = decimal(brief(this.graph.value[k])); box.removeAttribute("aria-invalid"); });
    const label = this.lesson.ref(k);
    label.title = name;
    row.element = make("div", { class: "leaf-row", "data-node": k }, label, slider, box);
    return row;
  }

  // Another input is in hand: the hill shows it, and the promise is made from here.
  take(leaf) {
    if (leaf === this.leaf && this.hill.base) return;
    this.leaf = leaf;
    this.hill.offer();
    this.last = "";
    this.lesson.chosen = null;
    this.hill.stand(leaf);
    this.lesson.render();
  }

  put(k, x) { this.set(this.rows.find((row) => row.node === k), x, "restore"); }

  set(row, x, source) {
    if (row.node !== this.leaf && source !== "restore" && source !== "step") this.take(row.node);
    this.last = source;
    this.graph.value[row.node] = x;
    if (source !== row.slider) {
      if (x < Number(row.slider.min)) row.slider.min = x - 200 * row.slider.step;
      if (x > Number(row.slider.max)) row.slider.max = x + 200 * row.slider.step;
      row.slider.value = x;
    }
    if (source !== row.box) row.box.value = decimal(brief(x));
    this.lesson.broken = this.graph.forward();
    if (this.lesson.broken < 0) this.graph.backward();
    this.lesson.later();
  }

  enter() { this.last = ""; this.hill.stand(this.leaf); this.lesson.stage.follow([this.leaf]); }

  // Leaving with impossible numbers would leave the other ways without a graph to show.
  leave() {
    if (this.lesson.broken >= 0) for (const row of this.rows) this.set(row, this.first[row.node], "restore");
  }

  // A leaf is taken in hand; anything else is looked at closely, here, where one is.
  choose(k) {
    const row = this.rows.find((row) => row.node === k);
    if (!row) return false;
    this.take(k);
    row.slider.focus();
    return true;
  }

  render() {
    const { graph, lesson, first } = this, root = graph.root, broken = lesson.broken;
    lesson.stage.show(everything(lesson, { [this.leaf]: "chosen", ...(broken >= 0 ? { [broken]: "broken" } : {}) }));
    const changed = graph.value[root] - first[root];
    const was = broken < 0 && changed !== 0 ? tell("touch.was", { x: short(first[root]) }) : "";
    const result = make("b", {}, broken < 0 ? short(graph.value[root]) : "?");
    byId("readout").replaceChildren(lesson.ref(root), " = ", result, make("span", { class: "quiet" }, was));
    const trouble = byId("trouble"), text = broken < 0 ? "" : complaint(graph, broken);
    if (trouble.textContent !== text) trouble.textContent = text;
    const look = byId("look");
    look.hidden = lesson.chosen === null;
    byId("slope").hidden = lesson.chosen !== null;
    if (lesson.chosen === null) { this.hill.render(); settle(byId("slope")); }
    else look.replaceChildren(...closer(lesson, lesson.chosen, everything(lesson)));
    lesson.spotlight.fix([lesson.chosen ?? this.leaf], lesson.chosen === null ? [] : lesson.chosenEdges);
    this.said = broken < 0 ? `${graph.nodes[root].name} = ${short(graph.value[root])}${was}. ${byId("promise").textContent}` : "";
  }
}

// What fits into a number box; the graph keeps every digit until the box is changed.
const brief = (x) => Number(x.toPrecision(5));

function complaint(graph, k) {
  const { op, inputs } = graph.nodes[k];
  const say = (i) => (graph.nodes[i].constant ? short(graph.value[i]) : `${graph.nodes[i].name} = ${short(graph.value[i])}`);
  const operands = inputs.slice(0, 4).map(say).join(", ");
  return `${tell("touch.broken", { op: operation(op), operands })}${RULES[op].hint ? ` ${RULES[op].hint}` : ""}`;
}
