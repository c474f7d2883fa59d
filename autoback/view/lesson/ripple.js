// Ripple: one input moves by h, and the move runs through the graph. Every card shows its own Δ, every edge the rate
// Δout/Δin beside its local derivative; rates along a path multiply, and ripples that meet add.

class Ripple {
  constructor(lesson) {
    const { graph, ways } = lesson;
    Object.assign(this, { lesson, graph, ways, name: "ripple", step: 0, h: 0.01, guess: {}, far: new Map() });
    this.select = byId("rippled");
    for (const k of ways.inputs) this.select.append(make("option", { value: k }, graph.nodes[k].name));
    const depth = depths(graph); // the longest way has most to show
    this.leaf = ways.inputs.reduce((best, k) => (depth[k] > depth[best] ? k : best), ways.inputs[0] ?? graph.root);
    this.select.value = this.leaf;
    this.width = byId("h");
    this.width.value = decimal(this.h);
    this.select.addEventListener("change", () => this.take(Number(this.select.value)));
    this.width.addEventListener("input", () => this.resize());
    this.width.addEventListener("blur", () => { this.width.value = decimal(this.h); this.width.removeAttribute("aria-invalid"); });
    this.errors = new ErrorCurve(this);
    this.prepare();
  }

  // Another input: the ripple starts again from there.
  take(leaf) {
    this.leaf = leaf;
    this.select.value = leaf;
    this.step = 0;
    this.guess = {};
    this.prepare();
    this.lesson.player.attach(this);
    this.lesson.player.go(0);
  }

  resize() {
    const h = typed(this.width.value), bad = !Number.isFinite(h) || h === 0;
    this.width.setAttribute("aria-invalid", bad);
    this.trouble = bad ? this.step : null; // said at this step, so that no other h is used in silence
    if (bad) return this.lesson.render();
    this.h = h;
    this.prepare();
    this.lesson.render();
  }

  // What moves how far: all at once, and along each edge alone.
  prepare() {
    const { graph, ways, leaf } = this, x = graph.value[leaf];
    this.moved = ways.moved(leaf);
    this.after = graph.values(leaf, x + this.h);
    this.delta = this.after.map((y, k) => y - graph.value[k]);
    this.alone = graph.nodes.map((node, k) => node.inputs.map((i, p) => (this.moved[i] && !graph.frozen(k, p) ? ways.lone(k, p, this.after[i]) - graph.value[k] : 0)));
    const reached = graph.nodes.flatMap((node, k) => (node.op && this.moved[k] ? [{ kind: "pass", node: k }] : []));
    this.steps = [{ kind: "start" }, ...reached, ...(reached.length ? [{ kind: "end" }] : [])];
  }

  still(k, p) { return this.delta[this.graph.nodes[k].inputs[p]] === 0; }
  // Where nothing comes along an edge no rate can be seen, and the slope stands in its place: 0 times it is 0 all the same.
  rate(k, p) { return this.still(k, p) ? this.graph.partials[k][p] : this.alone[k][p] / this.delta[this.graph.nodes[k].inputs[p]]; }
  edges(k) { return this.ways.below(k).filter(([i]) => this.moved[i]).map(([, p]) => [k, p]); }

  enter() { this.prepare(); this.lesson.player.attach(this); }
  leave() { this.lesson.player.stop(); }
  key(event) { return this.lesson.player.key(event); }
  render() { this.lesson.player.render(); }

  choose(k) {
    if (!this.ways.inputs.includes(k)) return false;
    this.take(k);
    return true;
  }

  state() {
    const { graph, steps, step, leaf } = this, now = steps[step];
    const last = now.kind === "start" ? leaf : now.kind === "end" ? graph.root : now.node;
    const there = (k) => k <= last && this.moved[k] && (k === leaf || graph.nodes[k].op);
    return {
      word: "Δ", spoken: tell("card.delta"), written: signed,
      value: (k) => graph.value[k],
      below: (k) => (there(k) ? this.delta[k] : null),
      card: (k) => (k === (now.node ?? leaf) && now.kind !== "end" ? "now" : ""),
      edge: (k, p) => (!there(k) || !this.moved[graph.nodes[k].inputs[p]] || graph.frozen(k, p) ? "" : k === now.node ? "now" : `way hue${this.lesson.chain.hue[k]}`),
      local: () => step > 0 || steps.length === 1, // the prediction comes first
      rate: (k, p) => (there(k) && this.moved[graph.nodes[k].inputs[p]] && !graph.frozen(k, p) && !this.still(k, p) ? seen(this.rate(k, p)) : ""),
    };
  }

  light(now) {
    if (now.kind === "end") return { nodes: [this.leaf, this.graph.root], edges: [] };
    return now.kind === "start" ? { nodes: [this.leaf], edges: [] } : { nodes: [now.node], edges: this.edges(now.node) };
  }

  pulse(now) { if (now.kind === "pass") this.lesson.stage.pulse(this.edges(now.node)); }

  tell(now) {
    const told = this.sentence(now);
    if (this.trouble !== this.step) return told;
    const trouble = tell("ripple.trouble", { h: decimal(this.h) });
    return { ...told, why: [make("b", { class: "wrong" }, trouble), " ", ...(told.why ?? [])] };
  }

  sentence(now) {
    const { graph, leaf, delta, lesson } = this, { ref } = lesson, root = graph.root, h = shown(signed(delta[leaf]), leaf);
    const names = { input: ref(leaf), root: ref(root), h };
    if (now.kind === "start") {
      names.far = shown(short(Math.abs(this.h)), leaf);
      if (this.steps.length > 1) return { ...this.predict(names), why: say(this.h > 0 ? "ripple.start.larger" : "ripple.start.smaller", { ...names, x: shown(short(graph.value[leaf]), leaf) }) };
      const said = tell("ripple.start.said", { ...names, x: short(graph.value[leaf]) });
      return { phase: tell("ripple.phase"), title: say("ripple.start.title", names), lines: [], why: say("ripple.nothing", names), said };
    }
    if (now.kind === "end") return this.total(names);
    return this.pass(now.node);
  }

  // Predict first: up or down, farther or less far? The answers are kept for the end, and both together start the ripple.
  predict(names) {
    const { lesson, graph, leaf } = this, pick = (question, answer, text) => {
      const button = make("button", { type: "button", id: `predict-${text}`, "aria-pressed": this.guess[question] === answer }, ...say(`ripple.${text}`, names));
      button.addEventListener("click", () => {
        this.guess[question] = answer;
        if (Object.keys(this.guess).length > 1) return lesson.player.go(1);
        lesson.render();
        byId(question === "way" ? "predict-farther" : "predict-up").focus();
      });
      return button;
    };
    const line = make("span", { class: "predict" }, tell("ripple.predict"), " ", ...say("ripple.root", names), " ", pick("way", 1, "up"), " ", pick("way", -1, "down"), " ", tell("ripple.and"), " ", pick("size", 1, "farther"), " ", pick("size", -1, "nearer"), " ", ...say("ripple.than", names));
    return { phase: tell("ripple.phase"), title: say("ripple.start.title", names), lines: [line], said: tell("ripple.start.said", { ...names, x: short(graph.value[leaf]) }) };
  }

  // What came of the prediction, as far as there was one.
  outcome(names) {
    const { guess, delta, graph, leaf } = this, rose = Math.sign(delta[graph.root]), farther = Math.sign(Math.abs(delta[graph.root]) - Math.abs(delta[leaf]));
    if (!guess.way && !guess.size) return [];
    const hits = [guess.way && guess.way === rose, guess.size && guess.size === farther].filter((hit) => hit !== undefined);
    if (hits.every(Boolean)) return [...say("ripple.guessed"), " "];
    return [...say(hits.some(Boolean) ? "ripple.half" : "ripple.missed", { ...names, way: tell(`ripple.went.${rose}`), size: tell(`ripple.far.${farther}`) }), " "];
  }

  // Before each step: will the next move be farther than this one? Nothing waits for the answer.
  ahead() {
    const { steps, step, graph, delta, lesson } = this, next = steps[step + 1], edges = next?.kind === "pass" ? this.edges(next.node) : [];
    if (step === 0 || edges.length !== 1 || this.still(...edges[0])) return [];
    const i = graph.nodes[next.node].inputs[edges[0][1]], buttons = [1, 0, -1].map((size) => {
      const button = make("button", { type: "button" }, tell(`ripple.step.${size}`));
      button.addEventListener("click", () => { this.far.set(step + 1, size); lesson.player.go(step + 1); });
      return button;
    });
    return [make("p", { class: "predict" }, ...say("ripple.ahead", { out: lesson.ref(next.node), moved: shown(signed(delta[i]), i) }), " ", ...buttons)];
  }

  // What came of that, for a node with one way in.
  reached(k, i) {
    const { far, step, delta } = this, size = far.get(step), rate = Math.abs(delta[k] / delta[i]), truth = Math.abs(rate - 1) < 1e-6 ? 0 : Math.sign(rate - 1);
    return size === undefined ? [] : [make("b", { class: size === truth ? "right" : "wrong" }, tell(size === truth ? "ripple.step.right" : "ripple.step.wrong", { size: tell(`ripple.step.${truth}`) })), " "];
  }

  pass(k) {
    const { graph, delta, lesson } = this, { ref } = lesson, edges = this.edges(k), out = shown(signed(delta[k]), k);
    const title = say("ripple.pass.title", { out: ref(k), op: operation(graph.nodes[k].op) });
    const lines = edges.filter(([, p]) => !this.still(k, p)).slice(0, 2).map(([, p]) => this.quotient(k, p));
    if (edges.length === 1) {
      const [[, p]] = edges, i = graph.nodes[k].inputs[p], rate = along(seen(this.rate(k, p)), [k, p]);
      const values = { in: ref(i), out: ref(k), moved: shown(signed(delta[i]), i), rate, delta: out };
      const key = this.still(k, p) ? "ripple.pass.still" : "ripple.pass.why";
      return { way: "forward", phase: tell("ripple.phase"), title, lines, why: [...this.reached(k, i), ...say(key, values), ...this.uses(edges), ...this.named(k)], said: tell(key, values), terms: ["slope", "local derivative"] };
    }
    const parts = edges.slice(0, 6).flatMap(([, p], i) => [...(i ? [" + "] : []), along(bracketedText(this.alone[k][p]), [k, p])]);
    if (edges.length > 6) parts.push(" + …");
    const lone = edges.map(([, p]) => this.alone[k][p]), rest = this.rest(k, delta[k] - lone.reduce((a, b) => a + b)), sum = rest ? [...lone, rest] : lone;
    const values = { out: ref(k), n: edges.length, parts, rest: bracketedText(rest), sign: edges.length > 6 ? "=" : equals(summed(sum), delta[k]), delta: out };
    const key = !rest ? "ripple.meet.why" : edges.length > 2 ? "ripple.meet.all" : "ripple.meet.both";
    const said = tell(key, { ...values, parts: parts.map((part) => part.textContent ?? part).join("") });
    return { way: "forward", phase: tell("ripple.phase"), title, lines, why: [...say(key, values), ...this.uses(edges), ...this.named(k)], said, terms: this.uses(edges).length ? ["slope"] : ["slope", "local derivative"] };
  }

  // What the names along the arrows mean, where an input is used several times.
  uses(edges) {
    const { graph, lesson } = this, named = edges.slice(0, 2).filter((edge) => lesson.symbols.use(edge));
    if (!named.length) return [];
    const names = listed(named.map((edge) => called(lesson.symbols.use(edge))), named.length), [k, p] = named[0];
    return [" ", ...say("ripple.uses", { n: named.length, names, input: lesson.ref(graph.nodes[k].inputs[p]) })];
  }

  // What the letter on a card stands for, where the formula has no such letter.
  named(k) {
    const { graph, lesson } = this, node = graph.nodes[k], formula = node.math || k === graph.root ? "" : plain(phrase(graph, k), lesson.phrase);
    return formula && formula.length < 60 ? [" ", ...say("ripple.named", { out: lesson.ref(k), formula })] : [];
  }

  // What is left over where several inputs of node k moved together; 0 where it is only rounding.
  rest(k, left) { return Math.abs(left) <= 1e-15 * Math.max(1, ...[k, ...this.graph.nodes[k].inputs].map((i) => Math.abs(this.graph.value[i]))) + 1e-9 * Math.abs(this.delta[k]) ? 0 : left; }

  // The paths, as far as they can all be shown: the products of the rates and of the slopes, and what the rates leave over.
  sums() {
    const { graph, ways, leaf, delta } = this, paths = ways.paths(leaf, MOST_PATHS), of = (slope) => paths.map((path) => path.reduce((all, [k, p]) => all * slope(k, p), 1));
    const rates = of((k, p) => this.rate(k, p)), whole = delta[graph.root] / delta[leaf], left = whole - rates.reduce((a, b) => a + b, 0);
    if (ways.count[leaf] > paths.length || !Number.isFinite(left)) return null;
    return { rates, slopes: of((k, p) => graph.partials[k][p]), whole, rest: Math.abs(left) <= 1e-6 * Math.max(Math.abs(whole), ...rates.map(Math.abs)) ? 0 : left };
  }

  // Δout/Δin = 0.0157/0.02 = 0.7833 ≈ 0.7864, the local derivative of this edge
  quotient(k, p) {
    const { graph, delta, lesson } = this, i = graph.nodes[k].inputs[p], edge = [k, p];
    const several = this.edges(k).length > 1;
    const left = several ? lesson.chain.factor(edge, math("mtext", tell("ripple.alone", { name: lesson.symbols.use(edge) ?? graph.nodes[i].name }))) : lesson.chain.factor(edge, ratio(symbol(graph, k), symbol(graph, i), "Δ"));
    const numbers = math("mfrac", math("mrow", written(this.alone[k][p])), math("mrow", written(delta[i])));
    const slope = lesson.chain.factor(edge, [lesson.symbols.math(edge), math("mo", "="), ...written(graph.partials[k][p])]);
    const rate = against(this.rate(k, p), graph.partials[k][p]), given = equals(printed(this.alone[k][p]) / printed(delta[i]), this.rate(k, p));
    return [math("math", left, math("mo", "="), numbers), math("math", math("mo", given), math("mn", seen(this.rate(k, p)))), math("math", math("mo", rate), slope)];
  }

  total(names) {
    const { graph, ways, leaf, delta, lesson } = this, root = graph.root, all = delta[root] / delta[leaf], gradient = graph.gradient[leaf];
    const title = say(ways.count[leaf] > 1 ? "ripple.end.paths" : "ripple.end.path", names);
    const quotient = mark(ratio(symbol(graph, root), symbol(graph, leaf), "Δ"), leaf);
    const line = [math("math", quotient, math("mo", "="), math("mn", seen(all))), math("math", math("mo", against(all, gradient)), derivative(graph, root, leaf), math("mo", "="), ...written(gradient))];
    const values = { ...names, delta: shown(signed(delta[root]), root), rate: seen(all), gradient: short(gradient), n: ways.count[leaf] };
    const sums = ways.count[leaf] > 1 ? this.sums() : null;
    if (sums?.rest) values.rest = signed(sums.rest);
    const why = say(ways.count[leaf] === 1 ? "ripple.end.product" : !sums ? "ripple.end.many" : sums.rest ? "ripple.end.rest" : "ripple.end.sum", values);
    why.unshift(...this.outcome(names));
    const said = tell("ripple.end.said", { ...values, input: graph.nodes[leaf].name, root: graph.nodes[root].name });
    return { way: "forward", phase: tell("ripple.phase"), title, lines: [line], why, said, terms: ["chain rule", "gradient"] };
  }

  // Beside the sentence: the rates along each path, as far as the ripple has come.
  side(now) {
    const { graph, ways, leaf, lesson } = this, { chain } = lesson, done = now.kind === "end" ? graph.root : now.node ?? leaf;
    const head = make("h3", {}, ...say("ripple.side", { input: lesson.ref(leaf), root: lesson.ref(graph.root) }));
    if (!ways.count[leaf]) return [head];
    const paths = ways.paths(leaf, MOST_PATHS), rows = paths.map((path, n) => {
      const reached = path.filter(([k]) => k <= done).reverse(), open = reached.length < path.length, label = paths.length > 1 ? tell("chain.path", { n: n + 1 }) : "";
      if (!reached.length) return chain.row(label, math("math", math("mo", "…")));
      const { symbols, numbers, value, sign } = chain.product(reached, ([k, p]) => this.rate(k, p), (edge) => lesson.symbols.math(edge, "Δ"));
      const tail = math("math", math("mo", "·"), math("mo", "…")), result = math("math", math("mo", sign), math("mn", seen(value)));
      return chain.row(label, ...symbols, ...(open ? [tail, ...numbers, tail.cloneNode(true)] : [...(path.length > 1 ? numbers : []), result]));
    });
    if (ways.count[leaf] > paths.length) rows.push(make("p", { class: "quiet" }, ...say("chain.more", { n: short(ways.count[leaf] - paths.length) })));
    const sums = now.kind === "end" && paths.length > 1 ? this.sums() : null;
    if (sums) {
      const row = (label, parts, result) => chain.row(tell(label), math("math", ...sumOf(parts), math("mo", equals(summed(parts), result)), math("mn", seen(result))));
      rows.push(make("div", { class: "sums" }, row("ripple.rates", sums.rest ? [...sums.rates, sums.rest] : sums.rates, sums.whole), row("ripple.slopes", sums.slopes, graph.gradient[leaf])));
    }
    return [head, ...rows, ...(paths.length < MOST_PATHS ? this.ahead() : [])]; // below four paths there is no room
  }
}

// A move with its sign, +0.01.
const signed = (x) => (x > 0 ? `+${short(x)}` : short(x));
// Between a rate and its slope: "≈" only where they are near each other, which a large h does not promise.
const against = (rate, slope) => (Math.abs(rate - slope) > 0.1 * Math.max(Math.abs(rate), Math.abs(slope), 0.5) ? "≠" : equals(printed(rate), slope));
const seen = (rate) => (Number.isFinite(rate) ? short(Number(rate.toPrecision(6))) : "–");
const decimal = (x) => String(x).replace("-", "−");
