// Why this slope? The rate of one operation for smaller and smaller h, and where the row has a definition in simpler
// operations, tanh(z) = (e^z − e^−z) / (e^z + e^−z), the derivative carried through it, step by step.

const LETTERS = "pqrsuvwkm";

class Why {
  constructor(lesson) {
    Object.assign(this, { lesson, dialog: byId("why") });
  }

  // The edge whose slope can be explained, if there is one: of one input, by a rule that is more than a number.
  about(k) {
    const { lesson } = this, { op, inside } = lesson.graph.nodes[k], free = op && !inside ? lesson.ways.below(k) : [];
    return free.length === 1 && Array.isArray(partialTree(lesson.graph, k, free[0][1])) ? [k, free[0][1]] : null;
  }

  button(k) {
    const button = make("button", { type: "button", id: "open-why" }, tell("why.open"));
    button.addEventListener("click", () => this.open(k));
    return button;
  }

  open(k) {
    const { lesson } = this, { graph, ref } = lesson, edge = this.about(k), [, p] = edge, i = graph.nodes[k].inputs[p];
    const rule = math("math", lesson.symbols.math(edge), math("mo", "="), ...written(settled(partialTree(graph, k, p), graph.value), lesson.phrase));
    const values = { op: operation(graph.nodes[k].op), out: ref(k), input: ref(i), x: short(graph.value[i]), slope: short(graph.partials[k][p]) };
    byId("why-title").replaceChildren(...say("why.title", values));
    const definition = lesson.data.definitions?.[graph.nodes[k].op];
    byId("why-parts").replaceChildren(make("p", { class: "formula" }, rule), ...this.smaller(k, p, values), ...(definition ? this.apart(k, p, definition, values) : [make("p", {}, ...say("why.given", values))]));
    this.dialog.showModal();
    lesson.announce(byId("why-parts").textContent);
  }

  // The rate seen for h = 0.1, 0.01, 0.001: ever closer to the slope.
  smaller(k, p, values) {
    const { graph, ways } = this.lesson, x = graph.value[graph.nodes[k].inputs[p]], y = graph.value[k];
    const rows = [0.1, 0.01, 0.001, 0.0001].map((h) => [h, (ways.lone(k, p, x + h) - y) / h]).filter(([, rate]) => Number.isFinite(rate));
    const line = (head, numbers) => make("tr", {}, make("th", { scope: "row" }, head), ...numbers.map((x) => make("td", {}, decimal(x))));
    return [make("p", {}, ...say("why.rates", values)), make("table", { class: "tape" }, line("h", rows.map(([h]) => h)), line(tell("why.rate"), rows.map(([, rate]) => Number(rate.toFixed(5)))))];
  }

  // The definition as a graph of its own; each number takes its derivative along.
  apart(k, p, nodes, values) {
    const { graph } = this.lesson, z = graph.nodes[k].inputs[p], small = new Definition(nodes), letter = graph.nodes[z].math ? "z" : graph.nodes[z].name, { name, order, letters } = small.letters(letter, graph.nodes[k].math ? "y" : graph.nodes[k].name);
    const at = graph.value[z], numbers = small.run(at), points = [at, at + 0.37, at - 0.61].map((x) => small.run(x));
    // A derivative that is always one of the values, or minus one of them, is called by its name.
    const same = (j) => {
      const of = (sign) => order.find((i) => points.every(({ value, slope }) => Math.abs(slope[j] - sign * value[i]) < 1e-9 * Math.max(1, Math.abs(value[i]))));
      const plus = of(1), minus = of(-1);
      return plus !== undefined ? { node: plus } : minus !== undefined ? ["neg", { node: minus }] : `${letters(j)}′`;
    };
    const steps = order.slice(1), cell = (...inside) => make("td", {}, ...inside), last = steps.at(-1);
    const rows = steps.map((j) => {
      const match = j === last ? "" : same(j), equal = typeof match === "string" ? [] : [math("math", math("mo", "="), ...written(match, name))];
      return make("tr", {}, cell(math("math", ...written({ node: j }, name), math("mo", "="), ...written(small.tree(j), name))), cell(short(numbers.value[j])), cell(short(numbers.slope[j]), " ", ...equal));
    });
    const table = make("table", { class: "tape" }, make("tr", {}, ...["", tell("tape.value"), tell("why.carried", { name: letter })].map((text) => make("th", { scope: "col" }, text))), ...rows);
    // The last step in letters: each slope of the last operation times what comes along.
    const parts = small.inputs(last).map(([i, q]) => simplified("*", [small.slope(last, q), i === small.input ? 1 : same(i)])), sum = parts.reduce((all, part) => ["+", all, part]);
    const whole = settled(partialTree(graph, k, p), graph.value), line = math("math", this.lesson.symbols.math([k, p]), math("mo", "="), ...written(sum, name), math("mo", "="), ...written(whole, (i) => (i === k ? name(last) : i === z ? letter : this.lesson.phrase(i))));
    const called = graph.nodes[z].math ? [" ", ...say("why.letter", { ...values, letter: math("math", named(letter)) })] : [];
    return [make("p", {}, ...say("why.apart", values), ...called), table, make("p", { class: "formula" }, line), make("p", {}, ...say("why.same", { ...values, last: math("math", ...written({ node: last }, name), math("mo", "="), ...written(small.tree(last), name)) }))];
  }
}

// A small graph with one input, in which what is written twice is one node.
class Definition {
  constructor(all) {
    const known = new Map(), place = [], nodes = (this.nodes = []);
    for (const node of all) {
      const inputs = node.inputs.map((i) => place[i]), key = node.constant ? node.value : `${node.op}(${inputs})`;
      if (!known.has(key)) known.set(key, nodes.push({ ...node, inputs }) - 1);
      place.push(known.get(key));
    }
    this.graph = new Graph(nodes);
    this.input = nodes.findIndex((node) => !node.op && !node.constant);
  }

  // The values, and their derivatives by the input, at x.
  run(x) {
    const { graph } = this;
    graph.value[this.input] = x;
    graph.forward();
    return { value: graph.value.slice(), slope: new Ways(graph).tangents(this.input) };
  }

  // A letter for each step, but for a sign: −z is written where it is used.
  letters(first, last) {
    const { nodes } = this, steps = nodes.flatMap((node, k) => (node.op && node.op !== "neg" ? [k] : [])), letter = new Map([[this.input, first], [nodes.length - 1, last]]), free = [...LETTERS].filter((text) => text !== first && text !== last);
    for (const k of steps) if (!letter.has(k)) letter.set(k, free.shift() ?? `p${k}`);
    const name = (k) => letter.get(k) ?? (nodes[k].constant ? this.graph.value[k] : ["neg", { node: nodes[k].inputs[0] }]);
    return { name, order: [this.input, ...steps], letters: (k) => letter.get(k) ?? "" };
  }

  tree(k) { return phrase(this.graph, k); }
  slope(k, p) { return settled(partialTree(this.graph, k, p), this.graph.value); }
  inputs(k) { return new Ways(this.graph).below(k); }
}
