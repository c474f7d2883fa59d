// The lesson: one graph, four ways to learn from it, and what they share.

class Lesson {
  constructor(data) {
    this.data = data;
    this.graph = new Graph(data.nodes);
    this.chosen = null;
    this.name = (k) => this.graph.nodes[k].name;
    this.number = (k) => short(this.graph.value[k]);
    this.stage = new Stage(this.graph, (k) => this.choose(k));
    this.modes = { walk: new Walk(this), touch: new Touch(this), nudge: new Nudge(this), quiz: new Quiz(this) };
    this.buttons = [...document.querySelectorAll("[data-mode]")];
    for (const button of this.buttons) button.addEventListener("click", () => this.enter(button.dataset.mode));
    document.addEventListener("keydown", (event) => this.key(event));
    this.enter("walk");
  }

  enter(mode) {
    if (this.mode) this.modes[this.mode].leave();
    this.mode = mode;
    for (const button of this.buttons) button.setAttribute("aria-pressed", button.dataset.mode === mode);
    for (const name of Object.keys(this.modes)) document.getElementById(name).hidden = name !== mode;
    document.getElementById("walk-keys").hidden = mode !== "walk";
    this.modes[mode].enter();
    this.render();
  }

  // Drawing waits for the next frame, however fast a slider moves; render() draws at once.
  later() {
    this.frame ??= requestAnimationFrame(() => { this.frame = undefined; this.render(); });
  }

  render() { this.modes[this.mode].render(); }

  choose(k) {
    this.chosen = k;
    if (this.modes[this.mode].choose?.(k)) return;
    if (this.mode !== "walk") this.enter("walk");
    this.render();
    this.announce(document.getElementById("inspector").dataset.said);
  }

  announce(text) { document.getElementById("live").textContent = text ?? ""; }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const mode = ["walk", "touch", "nudge", "quiz"][Number(event.key) - 1];
    if (mode) this.enter(mode);
    else if (!this.modes[this.mode].key?.(event)) return;
    event.preventDefault();
  }

  // Everything about the chosen node: its rule, and where its gradient comes from.
  inspect(panel, known) {
    const { graph, chosen: k, name, number } = this, root = graph.nodes[graph.root].name;
    if (k === null) {
      const hint = "Choose any card in the graph, with a click or with Enter, and its rule and the sum behind its gradient appear here.";
      panel.replaceChildren(make("h2", {}, "A closer look"), make("p", { class: "why" }, hint));
      return;
    }
    const node = graph.nodes[k], kind = node.op ? ` by ${node.op}` : node.constant ? " is a constant" : " is a leaf";
    const parts = [make("h2", {}, called(node.name), kind)];
    let said = `${node.name}, ${node.op ?? "leaf"}. `;
    if (node.op) {
      const tree = valueTree(graph, k);
      const names = equation([node.name, "=", tree], name);
      const numbers = equation(["=", settled(tree, graph.value), "=", short(graph.value[k])], number);
      parts.push(make("p", { class: "formula" }, names), make("p", { class: "formula" }, numbers));
      said += `${node.name} = ${plain(tree, name)}. `;
      parts.push(make("p", { class: "why" }, this.data.characters[node.op]));
      if (RULES[node.op].convention) parts.push(make("p", { class: "quiet" }, `Convention: ${RULES[node.op].convention}.`));
    }
    const sent = graph.contributions(k);
    if (!node.constant && known && known[k] === null) {
      parts.push(make("p", { class: "why" }, `Its gradient ∂${root}/∂${node.name} is not computed yet; the backward steps will reach it.`));
      said += "Its gradient is not computed yet.";
    } else if (k === graph.root) {
      parts.push(make("p", { class: "why" }, `Its gradient is 1: ${root} with respect to itself.`));
    } else if (sent.length) {
      const cell = (...inside) => make("td", {}, ...inside), sum = short(graph.gradient[k]);
      const head = make("tr", {}, ...["through", "upstream", "× local", "= part"].map((text) => make("th", { scope: "col" }, text)));
      const rows = sent.map((c) => make("tr", {}, cell(called(name(c.consumer))), ...[c.upstream, c.local, c.amount].map((x) => cell(short(x)))));
      const total = make("tr", { class: "total" }, make("td", { colspan: 3 }, "∂", called(root), "/∂", called(node.name)), cell(sum));
      parts.push(make("table", {}, head, ...rows, total));
      for (const c of sent) said += `Through ${name(c.consumer)}: upstream ${short(c.upstream)} times local ${short(c.local)} = ${short(c.amount)}. `;
      said += `Together ${sum}.`;
    }
    panel.replaceChildren(...parts);
    panel.dataset.said = said;
  }
}

const everything = (lesson, words = {}) => ({
  value: (k) => (lesson.broken >= 0 && k >= lesson.broken && lesson.graph.nodes[k].op ? null : lesson.graph.value[k]),
  gradient: (k) => (lesson.broken >= 0 || lesson.graph.nodes[k].constant ? null : lesson.graph.gradient[k]),
  card: (k) => words[k] ?? "",
  edge: () => "",
  local: (k) => !(lesson.broken >= 0 && k >= lesson.broken),
});

window.autoback = { lesson: new Lesson(JSON.parse(document.getElementById("data").textContent)), RULES, short, typed };
