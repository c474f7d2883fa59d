// Walk: one operation forward at a time, then one edge back at a time. Beside it the chain grows: the same product
// as the ripple's, read from the end.

// Of a graph with more edges nobody walks back along each: a step is then a node, to which all its parts come at once.
const MANY_EDGES = 60;

class Walk {
  constructor(lesson) {
    const { graph, ways } = lesson, steps = graph.steps(ways.totals().edges > MANY_EDGES);
    Object.assign(this, { lesson, graph, ways, steps, name: "walk", step: 0, seed: steps.findIndex((step) => step.kind === "seed") });
  }

  light(now) {
    if (now.kind === "backward") return { nodes: [now.input], edges: [[now.node, now.position]] };
    if (now.kind === "gather") return { nodes: [now.input], edges: this.ways.above(now.input) };
    if (now.kind === "forward") return { nodes: [now.node], edges: [] };
    return now.kind === "seed" ? { nodes: [now.node], edges: [] } : { nodes: [], edges: [] };
  }

  pulse(now) {
    if (now.kind === "forward") this.lesson.stage.pulse(this.graph.nodes[now.node].inputs.map((_, p) => [now.node, p]));
    if (now.kind === "backward") this.lesson.stage.pulse([[now.node, now.position]], true);
    if (now.kind === "gather") this.lesson.stage.pulse(this.ways.above(now.input), true);
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
      if (past.kind === "gather") {
        gradient[past.input] = graph.gradient[past.input];
        for (const [k, p] of this.ways.above(past.input)) passed.add(`${k}-${p}`);
      }
    }
    const chosen = this.lesson.chosen, active = now.input ?? now.node, look = now.kind === "forward" ? "now" : "back";
    const path = now.kind === "backward" ? this.trace(now) : new Set();
    return {
      value: (k) => (computed[k] ? graph.value[k] : null),
      below: (k) => (now.kind === "end" ? (graph.nodes[k].constant ? null : graph.gradient[k]) : gradient[k]),
      card: (k) => (k === chosen ? "chosen" : k === active ? look : ""),
      edge: (k, p) => {
        if (now.kind === "forward" && k === now.node) return "now";
        if ((now.kind === "backward" && k === now.node && p === now.position) || (now.kind === "gather" && graph.nodes[k].inputs[p] === now.input)) return `back hue${this.lesson.chain.hue[k]}`;
        if (path.has(`${k}-${p}`) && passed.has(`${k}-${p}`)) return `way hue${this.lesson.chain.hue[k]}`;
        return passed.has(`${k}-${p}`) ? "done" : "";
      },
      local: () => true,
    };
  }

  // The edges of the paths in the line under the graph.
  trace(now) { return new Set(this.ways.paths(now.input, MOST_PATHS).flat().map(([k, p]) => `${k}-${p}`)); }

  // Whether an edge was walked back by now.
  walked() {
    const passed = new Set(this.steps.slice(0, this.step + 1).filter(({ kind }) => kind === "backward").map(({ node, position }) => `${node}-${position}`));
    return ([k, p]) => passed.has(`${k}-${p}`);
  }

  side(now) {
    const { graph, ways, lesson } = this, root = lesson.ref(graph.root);
    if (now.kind === "backward") return [make("h3", {}, ...say("walk.side.backward", { name: lesson.ref(now.input), root })), ...lesson.chain.lines(now.input, this.walked())];
    if (now.kind === "gather") return [make("h3", {}, ...say("walk.side.gather", { name: lesson.ref(now.input) })), contributionTable(lesson, now.input)];
    if (now.kind === "seed") return [make("h3", {}, ...say("walk.side.backward", { name: root, root })), ...lesson.chain.lines(graph.root)];
    if (now.kind === "end") return this.counted();
    if (now.kind === "forward") return closer(lesson, now.node, this.state(), false); // every operation is a picture
    return [make("p", { class: "quiet" }, ...say("walk.side.hint"))];
  }

  // How many paths there are, and what one way back saves.
  counted() {
    const { graph, ways, lesson } = this, all = graph.nodes.some((node) => node.inside) ? (this.whole ??= wholeWays(graph)) : ways, { paths, edges, forward, backward } = all.totals(), n = all.inputs.length;
    const root = lesson.ref(graph.root), values = { n, nodes: all.graph.nodes.length, root, paths: short(paths), edges: short(edges), forward: short(forward), backward: short(backward) };
    const rows = ways.inputs.slice(0, 24).map((k) => make("span", { class: "result", "data-node": k }, lesson.quotient(k), ` = ${short(graph.gradient[k])}`));
    return [make("h3", {}, ...say("walk.count.title")), make("p", {}, ...(all === ways ? [] : [...say("walk.count.whole", values), " "]), ...say("walk.count.paths", values)), make("p", {}, ...say("walk.count.work", values)), make("p", { class: "results" }, ...rows)];
  }

  tell(now) {
    const { graph, lesson } = this, { ref } = lesson, root = ref(graph.root), operations = this.seed - 1;
    if (now.kind === "start") return { phase: tell("walk.phase.start"), title: say("walk.start.title"), lines: [], why: say("walk.start.why", { n: operations, root }), said: tell("walk.start.title") };
    if (now.kind === "forward") return this.forward(now.node);
    if (now.kind === "seed") {
      const line = math("math", derivative(graph, graph.root, graph.root), math("mo", "="), math("mn", "1"));
      return { way: "backward", phase: tell("walk.phase.backward"), title: say("walk.seed.title", { root }), lines: [line], why: say("walk.seed.why", { root }), said: tell("walk.seed.said", { root }), terms: ["gradient"] };
    }
    if (now.kind === "backward") return this.backward(now);
    if (now.kind === "gather") return this.gather(now.input);
    const n = this.ways.inputs.length;
    return { way: "backward", phase: tell("walk.phase.done"), title: say("walk.end.title"), lines: [], why: say("walk.end.why", { n, root }), said: tell("walk.end.title") };
  }

  forward(k) {
    const { graph, lesson } = this, node = graph.nodes[k], tree = valueTree(graph, k), chosen = settled(tree, graph.value), out = short(graph.value[k]), sign = equals(worked(chosen, graph.value), graph.value[k]);
    const called = phrase(graph, k);
    const names = [mark(math("mrow", node.math ? [] : named(node.name)), k), ...(node.math ? [] : [math("mo", "=")]), ...written(called, lesson.phrase)];
    const numbers = plain(chosen, lesson.number) === out ? [] : [math("mo", "="), ...written(chosen, lesson.number)];
    const lines = [[math("math", ...names), math("math", ...numbers, math("mo", sign), mark(math("mn", out), k))]];
    const inputs = [...new Set(node.inputs.filter((i) => !graph.nodes[i].constant))];
    const values = { out: lesson.ref(k), op: operation(node.op), n: inputs.length, inputs: listed(inputs.map(lesson.ref), inputs.length) };
    const formula = node.math ? node.name : `${node.name} = ${plain(called, lesson.phrase)}`;
    const said = tell("walk.forward.said", { formula, numbers: plain(chosen, lesson.number), sign, value: out });
    return { way: "forward", phase: tell("walk.phase.forward"), title: say("walk.forward.title", values), lines, why: say("walk.forward.why", values), said };
  }

  // All the parts that come to node i, at once.
  gather(i) {
    const { graph, lesson } = this, sent = graph.contributions(i), n = sent.length, root = graph.root, few = sent.slice(0, 3);
    const more = n > few.length ? [math("mo", "+"), math("mo", "⋯")] : [], joined = (write) => few.flatMap((c, k) => [...(k ? [math("mo", "+")] : []), ...write(c)]);
    const left = mark(math("mrow", derivative(graph, root, i)), i), given = more.length ? NaN : few.reduce((sum, c) => sum + multiplied([c.upstream, c.local]), 0);
    const symbols = joined((c) => [derivative(graph, root, c.consumer), math("mo", "·"), lesson.chain.factor([c.consumer, c.position], lesson.symbols.math([c.consumer, c.position]))]);
    const numbers = joined((c) => [bracketed(c.upstream), math("mo", "·"), lesson.chain.factor([c.consumer, c.position], bracketed(c.local))]);
    const line = [math("math", left, math("mo", "="), ...symbols, ...more), math("math", math("mo", "="), ...numbers, ...more, math("mo", equals(given, graph.gradient[i])), mark(math("mrow", written(graph.gradient[i])), i))];
    const values = { n, to: lesson.ref(i), sum: shown(short(graph.gradient[i]), i) };
    return { way: "backward", phase: tell("walk.phase.backward"), title: say("walk.gather.title", values), lines: [line], why: say("walk.gather.why", values), said: tell("walk.gather.why", values), terms: ["upstream", "local derivative", "chain rule"] };
  }

  backward({ node: k, position: p, input: i }) {
    const { graph, steps, step, lesson } = this, { name, number, ref, symbols, chain } = lesson, edge = [k, p];
    const upstream = graph.gradient[k], local = graph.partials[k][p], amount = upstream * local, tree = partialTree(graph, k, p);
    const root = graph.nodes[graph.root].name, from = graph.nodes[k].name, to = graph.nodes[i].name, hue = `hue${chain.hue[k]}`;
    const earlier = steps.slice(0, step).filter((s) => s.kind === "backward" && s.input === i).length;
    const all = steps.filter((s) => s.kind === "backward" && s.input === i).length;
    const before = graph.contributions(i).slice(0, earlier).reduce((sum, c) => sum + c.amount, 0);
    // The slope of this edge: its rule in names, in numbers where that says more, and its number.
    const rule = typeof tree === "number" ? [] : [math("mo", "="), ...written(tree, lesson.phrase)];
    const chosen = settled(tree, graph.value);
    const numbers = Array.isArray(chosen) && plain(chosen, number) !== plain(tree, name) ? [math("mo", "="), ...written(chosen, number)] : [];
    const sign = numbers.length ? equals(worked(chosen, graph.value), local) : "=", last = [math("mo", sign), chain.factor(edge, written(local))];
    const head = [chain.factor(edge, symbols.math(edge)), ...rule], slope = numbers.length ? [math("math", ...head), math("math", ...numbers, ...last)] : [math("math", ...head, ...last)]; // may break before its numbers
    // The chain rule, with a left side: the whole gradient where this is the only way, else one part of it.
    const left = all === 1 ? [mark(math("mrow", derivative(graph, graph.root, i)), i)] : [math("mtext", tell("walk.backward.part", { n: earlier + 1, all }))];
    const up = mark(math("mrow", derivative(graph, graph.root, k)), k);
    // From the root the slope is itself ∂root/∂(this): the symbols would only say that it equals itself.
    const factors = k === graph.root ? ["upstream", "slope"].map((word) => math("mtext", tell(`walk.backward.${word}`))) : [up, chain.factor(edge, symbols.math(edge))];
    const product = [
      math("math", ...left, ...(all === 1 ? [math("mo", "=")] : []), factors[0], math("mo", "·"), factors[1]),
      math("math", math("mo", "="), mark(bracketed(upstream), k), math("mo", "·"), chain.factor(edge, bracketed(local)), math("mo", equals(multiplied([upstream, local]), amount)), mark(math("mrow", written(amount)), i)),
    ];
    const values = { from: ref(k), to: ref(i), root: ref(graph.root), upstream: shown(short(upstream), k), local: along(short(local), edge), amount: shown(short(amount), i), before: short(before), added: shown(bracketedText(amount), i), sign: equals(summed([before, amount]), before + amount), sum: short(before + amount), n: all - earlier - 1, all, own: symbols.use(edge) };
    const terms = ["upstream", "local derivative", "chain rule"];
    const why = [...say("walk.backward.why", values)];
    if (symbols.use(edge)) why.push(" ", ...say("walk.backward.own", values));
    if (tree.node === i) why.push(" ", ...say("walk.backward.other", values)); // only x·x has x as its slope
    if (tree.node === i && !RULES[graph.nodes[k].op].nary && p === graph.nodes[k].inputs.lastIndexOf(i)) why.push(" ", ...say("walk.backward.square", { ...values, local: short(local), twice: short(2 * local) }));
    if (all > 1) why.push(" ", ...say(earlier ? (values.n ? "walk.backward.adds" : "walk.backward.complete") : "walk.backward.first", values));
    const said = tell("walk.backward.said", { from, to, upstream: short(upstream), rule: plain(tree, name), local: short(local), amount: short(amount) });
    return { way: `backward ${hue}`, phase: tell("walk.phase.backward"), title: say("walk.backward.title", values), lines: [slope, product], why, said, terms };
  }
}

// x and y; w, x and b; of many: all 12 inputs.
function listed(names, n) {
  if (n > 4) return say("walk.forward.all", { n });
  return names.flatMap((name, i) => (i === 0 ? [name] : i === n - 1 ? [tell("walk.forward.and"), name] : [", ", name]));
}
