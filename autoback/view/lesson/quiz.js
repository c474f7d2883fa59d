// Quiz: the gradients are hidden; the reader types each, and a wrong answer is told what it missed.

class Quiz {
  constructor(lesson) {
    Object.assign(this, { lesson, graph: lesson.graph });
    const on = (id, kind, act) => document.getElementById(id).addEventListener(kind, act);
    // Enter answers, and once the answer is settled goes on.
    on("ask", "submit", (event) => {
      event.preventDefault();
      if (this.known.has(this.questions[this.at])) this.next();
      else this.check();
    });
    on("show", "click", () => this.reveal());
    on("following", "click", () => this.next());
    on("finish", "click", () => this.end());
    on("again", "click", () => { this.begin(); this.render(); });
    this.field = document.getElementById("answer");
    this.feedback = document.getElementById("feedback");
    this.begin();
  }

  begin() {
    const { graph } = this;
    this.questions = graph.nodes.flatMap((node, k) => (k === graph.root || node.constant || !graph.contributions(k).length ? [] : [k])).reverse();
    this.first = new Map(); // question -> whether the first answer was right
    this.known = new Set([graph.root]);
    this.at = 0;
    this.over = this.questions.length === 0;
    this.feedback.replaceChildren();
    this.field.value = "";
  }

  // Touching the numbers in between changes the answers, so the quiz starts again.
  enter() {
    const gradients = this.graph.gradient.join();
    if (this.asked !== gradients) this.begin();
    this.asked = gradients;
  }
  leave() {}

  check() {
    const k = this.questions[this.at], answer = typed(this.field.value);
    if (Number.isNaN(answer)) return this.say("wrong", "That is no number. ", "Type one such as 0.25, −1.5e-3 or 1/3.");
    const verdict = judged(this.graph, k, answer);
    if (!this.first.has(k)) this.first.set(k, verdict.right);
    if (verdict.right) {
      this.settle(k);
      this.say("right", "Right. ", verdict.hint);
    } else this.say("wrong", "Not yet. ", verdict.hint);
    this.render();
  }

  reveal() {
    const k = this.questions[this.at];
    if (!this.first.has(k)) this.first.set(k, false);
    this.settle(k);
    this.say("", "", summed(this.graph, k));
    this.render();
  }

  settle(k) {
    this.known.add(k);
    document.getElementById("following").hidden = false;
  }

  // On to the next question without an answer, round and round; to the end when there is none.
  next() {
    const n = this.questions.length, open = (i) => !this.known.has(this.questions[i % n]);
    const after = Array.from({ length: n }, (_, i) => this.at + 1 + i).find(open);
    if (after === undefined) return this.end();
    this.turn(after % n);
    this.field.focus();
  }

  turn(at) {
    this.at = at;
    this.feedback.replaceChildren();
    this.field.value = "";
    this.render();
  }

  // A click on a card asks about that card.
  choose(k) {
    const at = this.questions.indexOf(k);
    if (!this.over && at >= 0 && !this.known.has(k)) this.turn(at);
    return true;
  }

  end() {
    this.over = true;
    const right = [...this.first.values()].filter(Boolean).length, total = this.questions.length;
    const missed = this.questions.filter((k) => this.first.get(k) === false).map((k) => this.graph.nodes[k].name);
    for (const k of this.questions) this.known.add(k);
    let advice = right === total ? "Flawless." : "";
    if (missed.length) advice = `Look again at ${missed.slice(0, 12).join(", ")}${missed.length > 12 ? ", …" : ""}.`;
    this.say("", `Score: ${right} of ${total} right at the first try. `, advice);
    this.render();
    document.getElementById("again").focus();
  }

  say(kind, word, text) {
    this.feedback.replaceChildren(make("p", {}, make("span", { class: kind }, word), text));
  }

  render() {
    const { graph, lesson, over } = this, k = this.questions[this.at], root = graph.nodes[graph.root].name;
    const state = everything(lesson, over ? {} : { [k]: "asked" });
    const gradient = state.below;
    const edge = (c, p) => (!over && graph.nodes[c].inputs[p] === k ? "back" : "");
    lesson.stage.show({ ...state, edge, below: (n) => (this.known.has(n) ? gradient(n) : null), blank: "?" });
    const settled = this.known.has(k);
    for (const id of ["answer", "show", "finish"]) document.getElementById(id).hidden = over;
    document.querySelector("#ask [type=submit]").hidden = over || settled;
    document.getElementById("show").hidden = over || settled;
    this.field.readOnly = settled;
    document.getElementById("following").hidden = over || !settled;
    document.getElementById("again").hidden = !over;
    document.getElementById("progress").textContent = over ? "The quiz is over." : `Question ${this.at + 1} of ${this.questions.length} · about three digits are enough`;
    document.getElementById("question").replaceChildren(...(over ? [] : [equation([ratio(root, graph.nodes[k].name)], lesson.name), " = "]));
    document.getElementById("question").setAttribute("aria-label", over ? "" : `Gradient of ${root} with respect to ${graph.nodes[k].name}`);
    if (!over) lesson.stage.follow([k]);
  }
}

// Whether an answer is right within the digits on show, and what to say of it.
function judged(graph, k, answer) {
  const gradient = graph.gradient[k], parts = graph.contributions(k), sizes = parts.reduce((sum, c) => sum + Math.abs(c.amount), 0);
  const slack = 0.01 * Math.abs(gradient) + 0.002 * sizes + 1e-12, near = (x) => Math.abs(answer - x) <= slack;
  if (near(gradient)) return { right: true, hint: summed(graph, k) };
  const missed = parts.length > 1 && parts.length <= 12 ? missing(parts, near) : null;
  if (missed) return { right: false, hint: `You missed the contribution ${missed.map((c) => told(graph, c)).join(" and ")}.` };
  if (near(-gradient)) return { right: false, hint: "The size is right, the sign is not." };
  const locals = parts.reduce((sum, c) => sum + c.local, 0);
  const way = parts.map((c) => `through ${graph.nodes[c.consumer].name}, ${short(c.upstream)} × ${short(c.local)}`).join("; ");
  if (near(locals)) return { right: false, hint: `That is the local derivative alone. Multiply by what arrives from above: ${way}.` };
  return { right: false, hint: `${parts.length > 1 ? `Add ${parts.length} contributions` : "Multiply upstream by local"}: ${way}.` };
}

// The contributions left out, if the answer is the sum of only some of them.
function missing(parts, near) {
  for (let some = 1; some < 2 ** parts.length - 1; some++) {
    const kept = parts.filter((_, i) => some & (1 << i));
    if (near(kept.reduce((sum, c) => sum + c.amount, 0))) {
      const left = parts.filter((c, i) => !(some & (1 << i)) && c.amount !== 0);
      if (left.length) return left;
    }
  }
  return null;
}

const told = (graph, c) => `through ${graph.nodes[c.consumer].name}: ${short(c.upstream)} × ${short(c.local)} = ${short(c.amount)}`;

function summed(graph, k) {
  const parts = graph.contributions(k), total = short(graph.gradient[k]);
  if (parts.length === 1) return `${short(parts[0].upstream)} × ${short(parts[0].local)} = ${total}.`;
  return `${parts.map((c) => `${short(c.upstream)} × ${short(c.local)}`).join(" + ")} = ${total}.`;
}
