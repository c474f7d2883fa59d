// The quiz: fresh numbers from a seed, one question after the other, hints in three stages, and a result to copy.

class Quiz {
  constructor(lesson) {
    Object.assign(this, { lesson, ways: lesson.ways, seed: 1 });
    const on = (id, kind, act) => byId(id).addEventListener(kind, act);
    // Enter answers, and once the answer is settled goes on.
    on("ask", "submit", (event) => { event.preventDefault(); if (this.settled) this.next(); else this.check(); });
    on("hint", "click", () => this.hint());
    on("show", "click", () => this.reveal());
    on("following", "click", () => this.next());
    on("finish", "click", () => this.end());
    on("copy", "click", () => { this.result.select(); byId("copy").textContent = tell(document.execCommand("copy") ? "quiz.copied" : "quiz.selected"); }); // works from disk and in a frame
    on("again", "click", () => { this.anew(); this.render(); this.focus(); });
    for (const [id, up] of [["up", true], ["down", false]]) on(id, "click", () => this.choice(this.graph.gradient[this.now.node] > 0 === up, tell("quiz.miss.direction")));
    this.field = byId("answer");
    this.feedback = byId("feedback");
    this.result = byId("result");
    this.begin(1);
  }

  // Fresh numbers from a seed; `given` are the numbers of a quiz that was sent as a link, by node.
  begin(seed, given = new Map()) {
    const { lesson } = this, { nodes } = lesson.data;
    this.seed = seed;
    this.graph = friendly(nodes, this.ways.inputs, random(seed));
    if (given.size) this.graph = computedAt(this.graph, this.graph.value.map((x, k) => given.get(k) ?? x));
    this.questions = questions(this.graph, this.ways, random(seed + 1e6));
    this.first = new Map(); // question -> whether the first answer was right, without a hint
    this.done = new Set();
    this.turn(0);
    this.over = this.questions.length === 0;
  }

  // Another seed, and other numbers, as far as there are any.
  anew() {
    const before = this.graph.value.join();
    for (let attempt = 0; attempt < 9; attempt++) {
      this.begin(this.seed + 1);
      if (this.graph.value.join() !== before) return;
    }
  }

  get now() { return this.questions[this.at]; }
  get settled() { return this.done.has(this.now); }

  turn(at) {
    Object.assign(this, { at, stage: 0 });
    this.feedback.replaceChildren();
    this.field.value = "";
  }

  enter() {}
  leave() {}
  focus() { (this.over ? byId("again") : this.typed() ? this.field : this.now.kind === "sign" ? byId("up") : byId("show")).focus(); }
  typed() { return this.now.kind === "local" || this.now.kind === "gradient"; }

  note(right) { if (!this.first.has(this.now)) this.first.set(this.now, right); }

  check() {
    if (!this.typed()) return;
    const answer = typed(this.field.value);
    if (Number.isNaN(answer)) return this.say("wrong", tell("quiz.no number"), tell("quiz.type"));
    const verdict = judged(this.graph, this.now, answer);
    this.verdict(Boolean(verdict.right), verdict.hint);
  }

  verdict(right, hint) {
    this.note(right);
    if (right) this.done.add(this.now);
    this.say(right ? "right" : "wrong", tell(right ? "quiz.right" : "quiz.wrong"), hint);
    this.render();
    if (right) byId("following").focus();
  }

  choice(right, missed) { if (!this.settled) this.verdict(right, right ? this.told() : missed); }

  hint() {
    this.note(false);
    const all = hints(this.lesson, this.graph, this.now);
    this.stage = Math.min(all.length, this.stage + 1);
    this.say("", tell("quiz.hint.number", { n: this.stage, all: all.length }), all[this.stage - 1]);
    this.render();
  }

  reveal() {
    this.note(false);
    this.done.add(this.now);
    this.say("", "", this.told());
    this.render();
    byId("following").focus();
  }

  // The answer, with its reason.
  told() {
    const { graph, now, lesson } = this, k = now.node;
    if (now.kind === "local") return `${lesson.symbols.text(now.edge)} = ${short(graph.partials[now.edge[0]][now.edge[1]])}.`;
    if (now.kind === "gradient") return added(graph, k);
    if (now.kind === "sign") return tell(`quiz.told.sign.${graph.gradient[k] > 0 ? "up" : "down"}`, { name: lesson.name(k), root: lesson.name(graph.root) }); // its number is asked later
    const values = { name: lesson.name(k), slope: short(graph.gradient[k]), sum: added(graph, k) };
    return now.kind === "most" ? tell("quiz.told.most", values) : tell("quiz.told.mistake", { ...values, slip: tell(`quiz.slip.${now.slip}`), wrong: short(now.number) });
  }

  // On to the next question without an answer, round and round; to the end when there is none.
  next() {
    const n = this.questions.length, after = Array.from({ length: n }, (_, i) => (this.at + 1 + i) % n).find((i) => !this.done.has(this.questions[i]));
    if (after === undefined) return this.end();
    this.turn(after);
    this.render();
    this.focus();
  }

  // A click on a card answers where a card is asked for, and else asks about that card.
  choose(k) {
    if (this.over) return true;
    if (!this.settled && (this.now.kind === "most" || this.now.kind === "mistake")) this.pick(k);
    else {
      const at = this.questions.findIndex((question) => question.kind === "gradient" && question.node === k && !this.done.has(question));
      if (at >= 0) { this.turn(at); this.render(); this.focus(); }
    }
    return true;
  }

  // A card as the answer; a wrong one says why it is not it.
  pick(k) {
    const { graph, lesson, now } = this, values = { name: lesson.name(k), slope: short(graph.gradient[k]) };
    if (graph.nodes[k].constant || (now.kind === "most" && graph.nodes[k].op)) return this.choice(false, tell("quiz.miss.no input", values));
    const why = now.kind === "most" ? "less" : k === graph.root ? "root" : "fine";
    this.choice(k === now.node, tell(`quiz.miss.${why}`, { ...values, sum: graph.contributions(k).length ? added(graph, k) : "" }));
  }

  end() {
    const { lesson, questions } = this, right = [...this.first.values()].filter(Boolean).length, total = questions.length;
    this.over = true;
    const missed = questions.filter((question) => this.first.get(question) === false).map((question) => this.asked(question));
    const advice = right === total ? tell("quiz.flawless") : missed.length ? tell("quiz.look", { names: `${missed.slice(0, 8).join("; ")}${missed.length > 8 ? "; …" : ""}` }) : "";
    this.say("", tell("quiz.score", { right, total }), advice);
    const numbers = this.ways.inputs.map((k) => `${lesson.name(k)} = ${short(this.graph.value[k])}`).join(", ");
    const link = `${lesson.link(true)}`, command = sourced(lesson);
    this.result.value = tell("quiz.result", { title: document.title, formula: lesson.formula.said, numbers, seed: this.seed, right, total, advice })
      + tell(command ? "quiz.link.command" : "quiz.link.plain", { command, link });
    byId("copy").textContent = tell("quiz.copy button");
    this.render();
    lesson.keep();
    byId("again").focus();
  }

  say(kind, word, text) { this.feedback.replaceChildren(make("p", {}, make("span", { class: kind }, word), text)); }

  asked(question) {
    const { lesson } = this, root = lesson.name(lesson.graph.root);
    if (question.kind === "local") return lesson.symbols.text(question.edge);
    return question.kind === "gradient" ? derivativeText(lesson.graph, lesson.graph.root, question.node) : tell(`quiz.short.${question.kind}`, { root, name: lesson.name(question.node) });
  }

  // What is known: in front of a gradient, all that comes before it on the way back; of a local derivative, everything but it.
  state() {
    const { graph, over, now } = this, settled = over || this.settled, k = now?.node, kind = now?.kind;
    const hidden = new Set(over ? [] : this.questions.filter((q) => q.kind === "gradient" && !this.done.has(q)).map((q) => q.node));
    const all = over || kind === "mistake" || (settled && kind === "most");
    const below = (n) => {
      if (graph.nodes[n].constant) return null;
      if (kind === "mistake" && n === k && !settled) return now.number;
      return all ? graph.gradient[n] : kind === "gradient" && (n > k || !hidden.has(n)) && !(n === k && !settled) ? graph.gradient[n] : null;
    };
    const asked = (c, p) => kind === "local" && !over && now.edge[0] === c && now.edge[1] === p;
    return {
      blank: "?", below, value: (n) => graph.value[n], slope: (c, p) => graph.partials[c][p],
      card: (n) => (!over && n === k && (kind === "gradient" || kind === "sign") ? "asked" : !over && settled && n === k ? "chosen" : ""),
      edge: (c, p) => (!over && (asked(c, p) || (kind === "gradient" && graph.nodes[c].inputs[p] === k)) ? "back" : ""),
      local: (c, p) => settled || !asked(c, p),
    };
  }

  render() {
    const { lesson, over, now } = this, root = lesson.graph.root, settled = over || this.settled, show = (id, visible) => { byId(id).hidden = !visible; };
    lesson.stage.show(this.state());
    show("answer", !over && this.typed());
    show("check", !settled && this.typed());
    for (const id of ["up", "down"]) show(id, !settled && now.kind === "sign");
    for (const id of ["hint", "show"]) show(id, !settled);
    show("finish", !over);
    show("following", !over && settled);
    show("again", over);
    for (const id of ["result", "copy"]) show(id, over);
    this.field.readOnly = settled;
    byId("progress").textContent = over ? tell("quiz.over") : tell(this.graph.exact ? "quiz.exact" : "quiz.rounded", { n: this.at + 1, all: this.questions.length });
    const question = byId("question");
    if (over) { question.replaceChildren(); lesson.spotlight.fix([]); return; }
    const asked = now.kind === "local" ? lesson.symbols.math(now.edge) : now.kind === "gradient" ? derivative(lesson.graph, root, now.node) : null;
    question.replaceChildren(...(asked ? [math("math", asked), " = "] : say(`quiz.asks.${now.kind}`, { root: lesson.ref(root), name: lesson.ref(now.node) })));
    question.setAttribute("aria-label", tell(now.kind === "gradient" ? "quiz.asks.gradient" : now.kind === "local" ? "quiz.asks.local" : `quiz.asks.${now.kind}`, { root: lesson.name(root), name: now.kind === "local" ? lesson.name(lesson.graph.nodes[now.edge[0]].inputs[now.edge[1]]) : lesson.name(now.node), out: now.kind === "local" ? lesson.name(now.edge[0]) : "" }));
    if (now.kind === "local") { lesson.spotlight.fix([], [now.edge]); lesson.stage.follow([now.edge[0], lesson.graph.nodes[now.edge[0]].inputs[now.edge[1]]]); }
    else if (now.kind === "gradient" || now.kind === "sign") { lesson.spotlight.fix([now.node]); lesson.stage.follow([now.node, ...this.graph.contributions(now.node).slice(0, 1).map((c) => c.consumer)]); }
    else lesson.spotlight.fix([]);
  }
}
