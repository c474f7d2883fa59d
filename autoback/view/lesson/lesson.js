// The lesson: one graph, the ways to learn from it, and what they share.

class Lesson {
  constructor(data) {
    TEXTS = SAID;
    this.data = data;
    this.graph = new Graph(withNeurons(data.nodes));
    this.ways = new Ways(this.graph);
    this.chosen = null;
    this.broken = -1;
    this.name = (k) => this.graph.nodes[k].name;
    this.phrase = (k) => (this.graph.nodes[k].math ? phrase(this.graph, k) : this.name(k)); // in a formula: the phrase that it is called by
    this.number = (k) => short(this.graph.value[k]);
    this.bracket = (k) => (this.graph.nodes[k].math ? ["(", this.ref(k), ")"] : [this.ref(k)]);
    this.quotient = (k) => make("span", {}, "∂", ...this.bracket(this.graph.root), "/∂", ...this.bracket(k)); // on one line, for tables
    this.ref = (k) => mark(called(this.name(k)), k);
    this.chain = new Chain(this.graph, this.ways);
    this.symbols = this.chain.symbols;
    const choose = (k) => this.choose(k);
    this.spotlight = new Spotlight(choose, (edge) => this.chooseEdge(edge));
    this.stage = new Stage(this.graph, data.upright, choose);
    this.formula = new Formula(this.graph, choose);
    // The page's own letters, for the words that explain.
    this.letters = { root: called(this.name(this.graph.root)), input: called(this.name(this.ways.inputs[0] ?? this.graph.root)) };
    this.glossary = new Glossary(this.letters);
    this.player = new Player(this);
    this.why = new Why(this);
    this.modes = { ripple: new Ripple(this) };
    Object.assign(this.modes, { walk: new Manners(this), touch: new Touch(this), quiz: new Quiz(this) });
    this.buttons = [...document.querySelectorAll("[data-mode]")];
    for (const button of this.buttons) button.addEventListener("click", () => this.enter(button.dataset.mode));
    byId("more").addEventListener("click", () => byId("more").setAttribute("aria-expanded", document.body.toggleAttribute("data-more")));
    document.addEventListener("keydown", (event) => this.key(event));
    addEventListener("beforeprint", () => this.print());
    addEventListener("afterprint", () => this.render());
    this.restore();
  }

  // The tail of the page's address carries the way, the quiz's seed and the inputs: #way=touch&seed=1&in.w=0.5. A link to it
  // opens the page as it was.
  restore() {
    const tail = new URLSearchParams(location.hash.slice(1)), seed = Number(tail.get("seed"));
    for (const k of this.ways.inputs) {
      const x = typed(tail.get(`in.${this.name(k)}`) ?? "");
      if (Number.isFinite(x)) this.modes.touch.put(k, x);
    }
    if (this.broken >= 0) this.modes.touch.leave();
    const numbers = (tail.get("numbers") ?? "").split(",").map(typed), given = new Map(this.ways.inputs.map((k, n) => [k, numbers[n]]).filter(([, x]) => Number.isFinite(x)));
    if (Number.isInteger(seed) && seed > 0) this.modes.quiz.begin(seed, given);
    const meant = tail.get("formula"), foreign = meant && meant !== this.formula.said;
    byId("notice").hidden = !foreign;
    if (foreign) byId("notice").textContent = tell("stage.foreign", { meant });
    this.enter(this.modes[tail.get("way")] ? tail.get("way") : "ripple");
  }

  // whole: with the formula, unless it is very long, and the numbers of the quiz, for a link that is sent to someone.
  link(whole = false) {
    const tail = new URLSearchParams({ way: this.mode, seed: this.modes.quiz.seed });
    for (const k of this.ways.inputs) if (this.graph.value[k] !== this.modes.touch.first[k]) tail.set(`in.${this.name(k)}`, this.graph.value[k]);
    if (whole) {
      if (this.formula.said.length < 120) tail.set("formula", this.formula.said);
      tail.set("numbers", this.ways.inputs.map((k) => this.modes.quiz.graph.value[k]));
    }
    return `#${tail}`.replaceAll("%2C", ",");
  }

  keep() {
    try { history.replaceState(null, "", this.link()); } catch { /* a notebook's frame has no address to keep */ }
  }

  enter(mode) {
    if (this.mode) this.modes[this.mode].leave();
    this.mode = mode;
    this.chosen = null;
    for (const button of this.buttons) button.setAttribute("aria-pressed", button.dataset.mode === mode);
    for (const element of document.querySelectorAll("[data-for]")) element.hidden = !element.dataset.for.split(" ").includes(mode);
    this.caption();
    this.modes[mode].enter();
    this.render();
    if (mode === "ripple" || mode === "walk") this.player.follow();
    this.modes[mode].focus?.();
    if (this.opened) this.keep();
    this.opened = true;
  }

  // What the numbers in the cards and on the edges are; a way may have a legend of its own.
  caption(text = say(`legend.${this.mode}`, { root: called(this.name(this.graph.root)) })) { byId("legend").replaceChildren(...text); }

  // Drawing waits for the next frame, however fast a slider moves; render() draws at once.
  later() {
    this.frame ??= requestAnimationFrame(() => { this.frame = undefined; this.render(); });
  }

  render() { this.modes[this.mode].render(); }

  // What is chosen in one place is chosen in all. A way may have a use of its own for it; else it is looked at closely.
  choose(k) {
    if (this.modes[this.mode].choose?.(k)) return;
    this.look(k);
  }

  // Of an edge the operation that it leads into is looked at, and the edge shines with it.
  chooseEdge(edge) { if (this.mode !== "quiz") this.look(edge[0], [edge]); }

  look(k, edges = []) {
    this.chosen = k;
    this.chosenEdges = edges;
    this.looked = "";
    this.render();
    this.announce(this.looked);
  }

  // The keyboard points at a node: it shines, and the screen reader says its card.
  point(k) {
    this.spotlight.show([`[data-node="${k}"]`]);
    this.announce(this.stage.now.cards[k].getAttribute("aria-label"));
  }

  announce(text) { byId("live").textContent = text ?? ""; }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const button = this.buttons.filter((button) => !button.hidden)[Number(event.key) - 1];
    if (button) this.enter(button.dataset.mode);
    else if (event.key === "g") this.glossary.open();
    else if (event.key === "Escape" && this.chosen !== null) { this.chosen = null; this.render(); }
    else if (!this.modes[this.mode].key?.(event)) return;
    event.preventDefault();
  }

  // On paper the whole graph is known, and every gradient has its line.
  print() {
    this.stage.show(everything(this));
    this.spotlight.show([]);
    const lines = this.ways.inputs.slice(0, 12).flatMap((k) => this.chain.lines(k));
    byId("paper").replaceChildren(make("h2", {}, ...say("paper.title")), ...lines);
  }
}

// Everything known, as far as the numbers are in the domain of every operation.
const everything = (lesson, words = {}) => ({
  value: (k) => (lesson.broken >= 0 && k >= lesson.broken && lesson.graph.nodes[k].op ? null : lesson.graph.value[k]),
  below: (k) => (lesson.broken >= 0 || lesson.graph.nodes[k].constant ? null : lesson.graph.gradient[k]),
  card: (k) => words[k] ?? "",
  edge: () => "",
  local: (k) => !(lesson.broken >= 0 && k >= lesson.broken),
});
