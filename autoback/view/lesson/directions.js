// Two directions on one picture, each with its tape, a table of values and derivatives: forward mode carries the derivative
// by one input along with the values; reverse mode walks back once and has the derivatives by all of them.
// Source: Griewank & Walther, Evaluating Derivatives, 2nd ed., tables 1.2 and 1.3

// The table: one row a node, its value, its derivative. The present row shines.
function tape(lesson, value, derivative, head) {
  const { graph, ref } = lesson, cell = (x) => make("td", {}, x === null || x === undefined ? "–" : short(x));
  const nodes = graph.nodes.map((_, k) => k).filter((k) => !graph.nodes[k].constant);
  const rows = nodes.map((k) => make("tr", { "data-node": k }, make("td", {}, ref(k)), cell(value(k)), cell(derivative(k))));
  return tables([tell("tape.node"), tell("tape.value"), head], rows);
}

// A table with more than six rows stands as several, side by side where there is room.
function tables(head, rows) {
  const n = rows.length > 6 ? Math.min(4, Math.max(2, Math.ceil(rows.length / 8))) : 1, high = Math.ceil(rows.length / n);
  const parts = Array.from({ length: n }, (_, i) => rows.slice(i * high, (i + 1) * high)).filter((part) => part.length);
  return make("div", { class: "tapes" }, ...parts.map((part) => make("table", { class: "tape" }, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text))), ...part)));
}

// Reverse mode is the walk itself, with the tape in place of the chain.
class Reverse extends Walk {
  constructor(lesson) { super(lesson); this.name = "reverse"; }

  side() {
    const { value, below } = this.state();
    return [tape(this.lesson, value, below, tell("tape.reverse", { root: this.lesson.name(this.graph.root) }))];
  }
}

class Forward {
  constructor(lesson) {
    const { graph, ways } = lesson;
    Object.assign(this, { lesson, graph, ways, name: "forward", step: 0, leaf: lesson.modes.ripple.leaf });
    this.prepare();
  }

  prepare() {
    this.tangent = this.ways.tangents(this.leaf);
    this.steps = [{ kind: "start" }, ...this.graph.nodes.flatMap((node, k) => (node.op ? [{ kind: "carry", node: k }] : [])), { kind: "end" }];
  }

  // Another input, another run.
  choose(k) {
    if (!this.ways.inputs.includes(k)) return false;
    this.leaf = k;
    this.step = 0;
    this.prepare();
    this.lesson.player.attach(this);
    this.lesson.player.go(0);
    return true;
  }

  edges(k) { return this.ways.below(k).filter(([i]) => this.tangent[i] !== 0).map(([, p]) => [k, p]); }
  light(now) { return { nodes: [now.kind === "end" ? this.graph.root : now.node ?? this.leaf], edges: now.kind === "carry" ? this.edges(now.node) : [] }; }
  pulse(now) { if (now.kind === "carry") this.lesson.stage.pulse(this.edges(now.node)); }

  state() {
    const { graph, leaf, steps, step, tangent } = this, now = steps[step], last = now.kind === "start" ? -1 : now.kind === "end" ? graph.root : now.node;
    const there = (k) => !graph.nodes[k].op || k <= last;
    return {
      word: `∂/∂${graph.nodes[leaf].name}`, spoken: tell("card.carried", { name: graph.nodes[leaf].name }),
      value: (k) => (there(k) ? graph.value[k] : null),
      below: (k) => (there(k) && !graph.nodes[k].constant ? tangent[k] : null),
      card: (k) => (k === (now.node ?? (now.kind === "start" ? leaf : -1)) ? "now" : ""),
      edge: (k, p) => (there(k) && tangent[graph.nodes[k].inputs[p]] !== 0 && !graph.frozen(k, p) ? (k === now.node ? "now" : `way hue${this.lesson.chain.hue[k]}`) : ""),
      local: () => true,
    };
  }

  legend() { return say("legend.forward", { input: called(this.graph.nodes[this.leaf].name) }); }

  side() {
    const { value, below } = this.state();
    return [tape(this.lesson, value, below, `∂/∂${this.graph.nodes[this.leaf].name}`)];
  }

  tell(now) {
    const { graph, ways, leaf, tangent, lesson } = this, { ref } = lesson, root = graph.root, n = ways.inputs.length;
    const values = { input: ref(leaf), root: ref(root), n, result: shown(short(tangent[root]), root) };
    const text = (key, lines = []) => ({ way: "forward", phase: tell("directions.phase"), title: say(`directions.${key}.title`, values), lines, why: say(`directions.${key}.why`, values), said: tell(`directions.${key}.why`, values) });
    if (now.kind === "start") return text("start");
    if (now.kind === "end") return text("end");
    const k = now.node, edges = this.edges(k);
    values.out = ref(k);
    const left = [mark(math("mrow", derivative(graph, k, leaf)), k), math("mo", "=")];
    if (!edges.length) return text("still", [math("math", ...left, math("mn", "0"))]);
    const joined = (pieces) => pieces.slice(0, 4).flatMap((piece, i) => (i ? [math("mo", "+"), ...piece] : piece)).concat(pieces.length > 4 ? [math("mo", "+"), math("mo", "⋯")] : []);
    const symbols = edges.map((edge) => [lesson.chain.factor(edge, lesson.symbols.math(edge)), math("mo", "·"), derivative(graph, graph.nodes[k].inputs[edge[1]], leaf)]);
    const given = edges.length > 4 ? NaN : edges.reduce((sum, [, p]) => sum + multiplied([graph.partials[k][p], tangent[graph.nodes[k].inputs[p]]]), 0);
    const numbers = edges.map(([, p]) => [lesson.chain.factor([k, p], bracketed(graph.partials[k][p])), math("mo", "·"), bracketed(tangent[graph.nodes[k].inputs[p]])]);
    return text(edges.length > 1 ? "meet" : "carry", [[math("math", ...left, ...joined(symbols)), math("math", math("mo", "="), ...joined(numbers), math("mo", equals(given, tangent[k])), ...written(tangent[k]))]]);
  }
}

// The switch of Walk: the chain, the tape in either direction, and the ways that go wrong.
class Manners {
  constructor(lesson) {
    this.lesson = lesson;
    this.ways = { chain: new Walk(lesson), reverse: new Reverse(lesson), forward: new Forward(lesson), wait: new Orders(lesson, "wait"), zero: new Orders(lesson, "zero"), soon: new Orders(lesson, "soon") };
    this.select = byId("manner");
    for (const name of Object.keys(this.ways)) this.select.append(make("option", { value: name }, tell(`manners.${name}`)));
    this.select.addEventListener("change", () => { this.enter(); lesson.chosen = null; lesson.render(); lesson.announce(lesson.player.said); });
  }

  get way() { return this.ways[this.select.value]; }
  // Numbers may have been touched in between: the walks that go wrong are computed anew.
  enter() {
    for (const kind of ["wait", "zero", "soon"]) this.ways[kind] = Object.assign(new Orders(this.lesson, kind), { step: this.ways[kind].step });
    this.ways.forward.prepare();
    this.lesson.player.attach(this.way);
  }

  leave() { this.lesson.player.stop(); }
  key(event) { return this.lesson.player.key(event); }
  render() { this.lesson.player.render(); }
  choose(k) { return this.way.choose?.(k); }
}
