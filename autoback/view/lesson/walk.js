// Walk through: one operation forward at a time, then one edge backward at a time, and why in this order.

class Walk {
  constructor(lesson) {
    Object.assign(this, { lesson, graph: lesson.graph, steps: lesson.graph.steps(), step: 0, timer: 0 });
    const on = (id, act) => document.getElementById(id).addEventListener("click", act);
    on("first", () => this.go(0));
    on("previous", () => this.go(this.step - 1));
    on("next", () => this.go(this.step + 1));
    on("last", () => this.go(this.steps.length - 1));
    on("play", () => this.play());
    this.scrub = document.getElementById("scrub");
    this.scrub.max = this.steps.length - 1;
    this.scrub.addEventListener("input", () => this.go(Number(this.scrub.value)));
    this.seed = this.steps.findIndex((step) => step.kind === "seed");
  }

  go(step) {
    this.stop();
    this.move(step);
  }

  move(step) {
    this.step = Math.min(this.steps.length - 1, Math.max(0, step));
    this.lesson.render();
    const now = this.steps[this.step];
    this.lesson.announce(document.getElementById("story").dataset.said);
    if (now.kind !== "start" && now.kind !== "end") this.lesson.stage.follow(now.kind === "forward" ? [now.node] : [now.node, now.input ?? now.node]);
  }

  play() {
    if (this.timer) return this.stop();
    if (this.step === this.steps.length - 1) this.move(0);
    const tick = () => {
      this.lesson.stage.hurried = this.pace() > 2;
      this.move(this.step + 1);
      if (this.step < this.steps.length - 1) this.timer = setTimeout(tick, 1600 / this.pace());
      else this.stop();
    };
    this.timer = setTimeout(tick, 500 / this.pace());
    document.getElementById("play").textContent = "Pause";
  }

  pace() { return Number(document.getElementById("speed").value); }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    document.getElementById("play").textContent = "Play";
  }

  enter() {}
  leave() { this.stop(); }

  key(event) {
    const act = {
      ArrowRight: () => this.go(this.step + 1), ArrowLeft: () => this.go(this.step - 1),
      Home: () => this.go(0), End: () => this.go(this.steps.length - 1), p: () => this.play(),
    }[event.key];
    if (act) act();
    return Boolean(act);
  }

  // What is known after the steps so far.
  state() {
    const { graph, steps, step } = this, now = steps[step];
    const computed = graph.nodes.map((node) => !node.op), gradient = graph.nodes.map(() => null), passed = new Set();
    for (const past of steps.slice(1, step + 1)) {
      if (past.kind === "forward") computed[past.node] = true;
      if (past.kind === "seed") gradient[past.node] = 1;
      if (past.kind === "backward") {
        gradient[past.input] = (gradient[past.input] ?? 0) + graph.gradient[past.node] * graph.partials[past.node][past.position];
        passed.add(`${past.node}-${past.position}`);
      }
    }
    this.known = gradient;
    const chosen = this.lesson.chosen, active = now.input ?? now.node, look = now.kind === "forward" ? "now" : "back";
    return {
      value: (k) => (computed[k] ? graph.value[k] : null),
      gradient: (k) => (now.kind === "end" ? (graph.nodes[k].constant ? null : graph.gradient[k]) : gradient[k]),
      card: (k) => (k === active ? look : k === chosen ? "chosen" : ""),
      edge: (k, p) => {
        if (now.kind === "forward" && k === now.node) return "now";
        if (now.kind === "backward" && k === now.node && p === now.position) return "back";
        return passed.has(`${k}-${p}`) ? "done" : "";
      },
      local: () => true,
    };
  }

  render() {
    const { steps, step } = this;
    this.lesson.stage.show(this.state());
    this.scrub.value = step;
    const total = steps.length - 1, forward = Math.min(step, this.seed - 1);
    this.scrub.setAttribute("aria-valuetext", `step ${step} of ${total}`);
    this.scrub.style.setProperty("--there", `${(100 * forward) / total}%`);
    this.scrub.style.setProperty("--back", `${(100 * step) / total}%`);
    for (const id of ["first", "previous"]) document.getElementById(id).disabled = step === 0;
    for (const id of ["next", "last"]) document.getElementById(id).disabled = step === total;
    const story = document.getElementById("story"), told = this.tell(steps[step]);
    const phase = make("p", { class: `phase ${told.way}` }, `${told.phase} · step ${step} of ${total}`);
    const formulas = told.formulas.map((formula) => make("p", { class: "formula" }, equation(formula[0], formula[1])));
    story.replaceChildren(phase, make("h2", {}, ...told.title), ...formulas, make("p", { class: "why" }, told.why));
    story.dataset.said = `Step ${step} of ${total}. ${told.said} ${told.why}`;
    this.lesson.inspect(document.getElementById("inspector"), this.known);
  }

  tell(step) {
    const { graph, lesson } = this, root = graph.nodes[graph.root].name, { name, number } = lesson;
    const operations = this.seed - 1, node = graph.nodes[step.node];
    if (step.kind === "start")
      return {
        way: "", phase: "Start", title: ["Only the leaves have numbers"], formulas: [],
        said: `The graph has ${operations} operation${operations === 1 ? "" : "s"}.`,
        why: `First ${operations === 1 ? "the operation runs forward" : `the ${operations} operations run forward, each once its inputs are known`}; then every edge carries the gradient of ${root} back. Press the right arrow key, or Play.`,
      };
    if (step.kind === "forward") {
      const tree = valueTree(graph, step.node), chosen = settled(tree, graph.value), out = short(graph.value[step.node]);
      const inputs = [...new Set(node.inputs.filter((i) => !graph.nodes[i].constant))].map(name);
      return {
        way: "forward", phase: "Forward", title: ["Compute ", called(node.name), ` with ${node.op}`],
        formulas: [[[node.name, "=", tree], name], [["=", chosen, "=", out], number]],
        said: `Forward: ${node.name} = ${plain(tree, name)} = ${plain(chosen, number)} = ${out}.`,
        why: `Operation ${this.step} of ${operations}. ${listed(inputs)} ${inputs.length > 1 ? "are" : "is"} known, so ${node.name} can be computed: in topological order every node comes after its inputs. Its local derivatives are noted on its edges for the way back.`,
      };
    }
    if (step.kind === "seed")
      return {
        way: "backward", phase: "Backward", title: ["Begin at the end: ", called(root)],
        formulas: [[[ratio(root, root), "=", "1"], name]],
        said: `Backward: the gradient of ${root} with respect to itself is 1.`,
        why: `When ${root} grows by a little, ${root} grows by just as much. From here every edge multiplies by its local derivative, in the reverse of the topological order.`,
      };
    if (step.kind === "backward") return this.tellEdge(step);
    const leaves = graph.nodes.filter((n) => !n.op && !n.constant).length;
    return {
      way: "backward", phase: "Done", title: ["Every gradient is known"], formulas: [],
      said: "Every gradient is known.",
      why: `Each card now says how fast ${root} changes when its number changes. One walk back gave ${leaves === 1 ? "the leaf its gradient" : `all ${leaves} leaves their gradients`}. Choose a card to see where its gradient came from, or press 2 to touch the numbers.`,
    };
  }

  tellEdge({ node: k, position: p, input: i }) {
    const { graph, steps, step, lesson } = this, { name, number } = lesson;
    const root = graph.nodes[graph.root].name, from = graph.nodes[k].name, to = graph.nodes[i].name;
    const upstream = graph.gradient[k], local = graph.partials[k][p], amount = upstream * local, tree = partialTree(graph, k, p);
    const index = steps.slice(0, step).filter((s) => s.kind === "backward" && s.input === i).length;
    const all = steps.filter((s) => s.kind === "backward" && s.input === i).length;
    const before = graph.contributions(i).slice(0, index).reduce((sum, c) => sum + c.amount, 0);
    // The rule in names; in numbers too, unless it is a single name or number already.
    const rule = typeof tree === "number" ? [] : ["=", tree];
    const chosen = settled(tree, graph.value);
    const numbers = Array.isArray(chosen) ? ["=", math("mrow", written(chosen, number))] : [];
    const formulas = [
      [[ratio(from, to), ...rule, ...numbers, "=", short(local)], name],
      [[ratio(root, from), math("mo", "·"), ratio(from, to), "=", bracketed(upstream), math("mo", "·"), bracketed(local), "=", short(amount)], name],
    ];
    const sum = index ? `At ${to} contributions add up: ${short(before)} + ${short(amount)} = ${short(before + amount)}. ` : "";
    const left = all - index - 1;
    let rest = `${to} has no other consumer, so its gradient is complete too.`;
    if (left) rest = `${left} more ${left > 1 ? "contributions" : "contribution"} will be added.`;
    else if (all > 1) rest = `All ${all} contributions are in.`;
    return {
      way: "backward", phase: "Backward", title: ["From ", called(from), " to ", called(to), ": upstream × local"], formulas,
      said: `Backward from ${from} to ${to}: upstream ${short(upstream)} times local ${plain(tree, name)} = ${short(local)} gives ${short(amount)}.`,
      why: `${from}'s gradient is complete, so it can be passed on: in reverse topological order every consumer comes first. ${sum}${rest}`,
    };
  }
}

const bracketed = (number) => math("mrow", number < 0 ? [math("mo", "("), ...written(number), math("mo", ")")] : written(number));

function listed(names) {
  if (names.length > 4) return `All ${names.length} inputs`;
  return names.length < 2 ? names[0] ?? "Its input" : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
