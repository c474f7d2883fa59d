// The formula on top of every page: each phrase of it is a node of the graph, and can be pointed at, chosen and reached by keys.

class Formula {
  constructor(graph, choose) {
    Object.assign(this, { graph, choose, element: byId("formula"), current: null });
    this.own = this.separate();
    this.render();
    this.element.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.fit()).observe(this.element.parentElement);
  }

  // The nodes with an equation of their own: the root, what is used more than once, and, where one line would be
  // too long, what has a name of its own and is long itself.
  separate() {
    const { graph } = this, size = [], own = new Set([graph.root]), leaves = graph.nodes.filter((node) => !node.op).length;
    graph.nodes.forEach((node, k) => {
      size[k] = node.op ? node.inputs.reduce((sum, i) => sum + (own.has(i) ? 1 : size[i]), 0) : 1;
      if (!node.op) return;
      const long = leaves > 12 && size[k] >= 5;
      if (!node.math && (graph.uses[k].length > 1 || long || node.inside)) own.add(k); // a phrase is short enough to stand wherever it is used
    });
    return own;
  }

  render() {
    const { graph, own } = this;
    const depth = depths(graph), order = [...own].sort((a, b) => depth[a] - depth[b] || a - b).filter((k) => graph.nodes[k].op);
    const inner = (k) => {
      const node = graph.nodes[k];
      if (!node.op) return node.constant ? short(graph.value[k]) : node.name;
      return own.has(k) ? node.name : decided(graph, phrase(graph, k));
    };
    const lines = order.slice(0, 12).map((k) => {
      const left = mark(math("mrow", symbol(graph, k)), k), right = mark(math("mrow", written(decided(graph, phrase(graph, k)), inner)), k);
      return math("math", left, math("mo", "="), right);
    });
    if (!lines.length) lines.push(math("math", mark(math("mrow", named(graph.nodes[graph.root].name)), graph.root)));
    if (order.length > 12) lines.push(make("span", { class: "quiet" }, "…"));
    this.element.replaceChildren(...lines);
    this.said = order.map((k) => `${graph.nodes[k].name} = ${plain(decided(graph, phrase(graph, k)), inner)}`).join(", where ");
    this.element.setAttribute("aria-label", tell("formula.label", { formula: this.said }));
    this.fit();
  }

  // As large as it can be on one line, or else on several; a longer one scrolls.
  fit() {
    const { element } = this;
    if (!element.clientWidth) return;
    const fits = () => element.scrollWidth <= element.clientWidth + 1 && element.scrollHeight <= element.clientHeight + 1;
    for (const wrap of ["nowrap", "wrap"]) {
      element.style.flexWrap = wrap;
      for (let size = 2; size > 0.94; size -= 0.05) {
        element.style.fontSize = `${size}rem`;
        if (fits()) return;
      }
    }
  }

  // The phrases, innermost last; up goes outwards, down inwards, Enter chooses.
  key(event) {
    const phrases = [...this.element.querySelectorAll("[data-node]")], n = phrases.length;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      this.current = this.current === null ? 0 : (this.current + move + n) % n;
      const k = Number(phrases[this.current].dataset.node);
      window.autoback.lesson.point(k);
    } else if (event.key === "Enter" && this.current !== null) this.choose(Number(phrases[this.current].dataset.node));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// A choice by a comparison that is a node, "no if (x > 1) = 0, otherwise yes", read as people write it: yes if x > 1.
function decided(graph, tree) {
  const [head, condition, no, yes] = Array.isArray(tree) ? tree : [];
  if (head !== "where" || condition[0] !== "==" || condition[2] !== 0 || condition[1]?.node === undefined) return tree;
  const { op } = graph.nodes[condition[1].node], rule = op && valueTree(graph, condition[1].node);
  return rule?.[0] === "where" && rule[2] === 1 && rule[3] === 0 ? ["where", rule[1], yes, no] : tree;
}

// A node's own formula on its direct inputs; a function of one number by its name, sigmoid(z).
function phrase(graph, k) {
  const { op, inputs } = graph.nodes[k];
  return RULES[op].arity === 1 && !RULES[op].nary && !RULES[op].inner ? [op, { node: inputs[0] }] : valueTree(graph, k);
}
