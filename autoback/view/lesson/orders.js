// Why this order? Three ways of walking back that go wrong, each computed edge by edge beside the right one:
// without waiting for all that will arrive, without zero_grad, and with an input updated before all gradients were taken.

const TOO_SOON = 0.1; // the rate at which the impatient one updates

// The right order: an edge for each step, and what each node has after it.
function inOrder(graph, ways) {
  const edges = [];
  for (let k = graph.root; k >= 0; k--) for (const [i, p] of ways.below(k)) edges.push({ node: k, position: p, input: i, local: graph.partials[k][p] });
  return edges;
}

// Depth first: whoever gets something passes it on at once, and only once. What arrives later stays where it is.
function withoutWaiting(graph, ways) {
  const edges = [], seen = new Set();
  const visit = (k) => {
    seen.add(k);
    for (const [i, p] of ways.below(k)) {
      const passes = graph.nodes[i].op !== null;
      edges.push({ node: k, position: p, input: i, local: graph.partials[k][p], late: passes && seen.has(i) });
      if (passes && !seen.has(i)) visit(i);
    }
  };
  visit(graph.root);
  return edges;
}

// An input is updated as soon as its own gradient is complete; what is derived afterwards meets the new number.
function tooSoon(graph, ways) {
  const value = graph.value.slice(), gradient = graph.nodes.map(() => 0), left = graph.nodes.map((_, k) => ways.above(k).length), edges = [];
  gradient[graph.root] = 1;
  for (const { node: k, position: p, input: i } of inOrder(graph, ways)) {
    const local = RULES[graph.nodes[k].op].run(graph.nodes[k].inputs.map((j) => value[j]))[1][p];
    gradient[i] += gradient[k] * local;
    const edge = { node: k, position: p, input: i, local, late: local !== graph.partials[k][p] };
    if (--left[i] === 0 && ways.inputs.includes(i)) edge.updated = value[i] -= TOO_SOON * gradient[i];
    edges.push(edge);
  }
  return edges;
}

class Orders {
  constructor(lesson, kind) {
    const { graph, ways } = lesson, right = inOrder(graph, ways);
    Object.assign(this, { lesson, graph, ways, kind, name: kind, step: 0, right });
    const edges = kind === "wait" ? withoutWaiting(graph, ways) : kind === "soon" ? tooSoon(graph, ways) : [...right, ...right];
    this.edges = edges.map((edge, n) => ({ ...edge, kind: "edge", again: kind === "zero" && n >= right.length, late: edge.late || (kind === "zero" && n >= right.length && !graph.nodes[edge.input].op) })); // inner nodes start afresh
    this.steps = [{ kind: "start" }, ...this.edges, { kind: "end" }];
  }

  // The gradients after so many edges. In a second walk without zero_grad only what is computed begins anew, not the leaves.
  after(edges, count) {
    const { graph } = this, gradient = graph.nodes.map(() => null);
    const begin = () => graph.nodes.forEach((node, k) => { if (node.op) gradient[k] = k === graph.root ? 1 : null; });
    begin();
    edges.slice(0, count).forEach(({ node, input, local, again }, n) => {
      if (again && !edges[n - 1].again) begin();
      gradient[input] = (gradient[input] ?? 0) + gradient[node] * local;
    });
    return gradient;
  }

  now() { return this.after(this.edges, Math.min(this.step, this.edges.length)); }
  light(now) { return now.kind === "edge" ? { nodes: [now.input], edges: [[now.node, now.position]] } : { nodes: [], edges: [] }; }
  pulse(now) { if (now.kind === "edge") this.lesson.stage.pulse([[now.node, now.position]], true); }

  state() {
    const { graph, steps, step, edges } = this, now = steps[step], gradient = this.now(), walked = edges.slice(0, step);
    const wrong = now.kind === "end" ? new Set(this.wrong()) : new Set(), value = graph.value.slice();
    for (const edge of walked) if (edge.updated !== undefined) value[edge.input] = edge.updated;
    const passed = new Map(walked.map((edge) => [`${edge.node}-${edge.position}`, edge]));
    return {
      value: (k) => value[k],
      below: (k) => gradient[k],
      card: (k) => (wrong.has(k) ? "broken" : k === now.input ? "back" : ""),
      edge: (k, p) => { const edge = passed.get(`${k}-${p}`); return !edge ? "" : edge.late ? "late" : k === now.node && p === now.position ? "back" : "done"; },
      local: () => true,
      slope: (k, p) => passed.get(`${k}-${p}`)?.local,
    };
  }

  // The nodes that end with another gradient than they should have.
  wrong() {
    const gradient = this.after(this.edges, this.edges.length);
    return this.graph.nodes.flatMap((_, k) => (gradient[k] !== null && Math.abs(gradient[k] - this.graph.gradient[k]) > 1e-9 * Math.max(1, Math.abs(this.graph.gradient[k])) ? [k] : []));
  }

  tell(now) {
    const { kind, graph, lesson } = this, { ref } = lesson, text = (key, values = {}) => ({ phase: tell("orders.phase"), lines: [], title: say(`orders.${kind}.title`), why: say(`orders.${key}`, values), said: tell(`orders.${key}`, values) });
    if (now.kind === "start") return text(`${kind}.start`, { rate: TOO_SOON });
    if (now.kind === "end") {
      const wrong = this.wrong().filter((k) => !graph.nodes[k].op), gradient = this.now(), k = wrong[0];
      if (k === undefined) return text(`${kind}.fine`);
      return { ...text(`${kind}.end`, { name: ref(k), root: ref(graph.root), got: shown(short(gradient[k]), k), right: shown(short(graph.gradient[k]), k) }), way: "wrong" };
    }
    const gradient = this.now(), upstream = this.after(this.edges, this.step - 1)[now.node] ?? 1, edge = [now.node, now.position];
    const values = { from: ref(now.node), to: ref(now.input), upstream: shown(short(now.again && now.node === graph.root ? 1 : upstream), now.node), local: along(bracketedText(now.local), edge), sum: shown(short(gradient[now.input]), now.input), value: short(now.updated ?? 0), amount: short(graph.gradient[now.node] * now.local) };
    const parts = text("edge", values), more = [];
    if (now.late) more.push(" ", ...say(`orders.${kind}.late`, values));
    else if (now.again) more.push(" ", ...say("orders.zero.afresh", values));
    if (now.updated !== undefined) more.push(" ", ...say("orders.soon.updated", values));
    return { ...parts, way: now.late ? "wrong" : "backward", why: [...parts.why, ...more], said: parts.said + more.map((part) => part.textContent ?? part).join("") };
  }

  // The two walks side by side, after as many edges.
  side(now) {
    const { graph, right, step, kind } = this, wrong = this.now(), should = this.after(right, Math.min(now.kind === "end" ? Infinity : step, right.length));
    const ended = now.kind === "end", bad = new Set(ended ? this.wrong() : []), cell = (x) => make("td", {}, x === null ? "–" : short(x));
    const nodes = graph.nodes.map((_, k) => k).filter((k) => !graph.nodes[k].constant).reverse();
    const rows = nodes.map((k) => make("tr", { "data-node": k, class: bad.has(k) ? "bad" : "" }, make("td", {}, this.lesson.quotient(k)), cell(should[k]), cell(wrong[k]), make("td", {}, bad.has(k) ? "✗" : ended ? "✓" : "")));
    return [tables(["", tell("orders.right"), tell(`orders.${kind}.short`), ""], rows)];
  }
}
