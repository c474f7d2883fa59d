// A closer look at one node: its rule, its picture, what it does to a gradient, and where its own gradient came from.
// Only what the graph shows at this moment is told. The picture stands on the left, the words beside it.

function closer(lesson, k, state, chosen = true) {
  const { graph, name, number, ref } = lesson, node = graph.nodes[k], known = { value: state.value(k) !== null, below: state.below(k) !== null };
  const close = make("button", { type: "button", class: "plain", "aria-label": tell("closer.close"), id: "close-look" }, "×");
  close.addEventListener("click", () => { lesson.chosen = null; lesson.render(); });
  const kind = node.op ? operation(node.op) : tell(node.constant ? "card.constant" : "card.leaf");
  const parts = [make("h3", {}, ref(k), ": ", kind, ...(chosen ? [close] : []))], picture = node.op && known.value ? shape(lesson, k) : null;
  let said = `${node.name}, ${kind}. `;
  if (node.op) {
    const tree = valueTree(graph, k), left = node.math ? [] : [mark(math("mrow", named(node.name)), k), math("mo", "=")];
    const chosen = settled(tree, graph.value);
    const worth = plain(chosen, number) === short(graph.value[k]) ? [] : [math("mo", "="), ...written(chosen, number)];
    const numbers = known.value ? [...worth, math("mo", equals(worked(chosen, graph.value), graph.value[k])), math("mn", short(graph.value[k]))] : [];
    parts.push(make("p", { class: "formula" }, math("math", ...left, ...written(tree, lesson.phrase)), " ", ...(numbers.length ? [math("math", ...numbers)] : [])));
    said += `${node.name} = ${plain(tree, name)}. `;
    if (picture) parts.push(picture.querySelector("figcaption"));
    // The slope, said from the row: a = tanh(z) has the slope 1 − a². The slopes of sums and products are in their pictures.
    const free = lesson.ways.below(k), rule = free.length === 1 ? partialTree(graph, k, free[0][1]) : 0;
    if (known.value && Array.isArray(rule)) {
      const edge = [k, free[0][1]], slope = graph.partials[k][edge[1]], arm = settled(rule, graph.value);
      parts.push(make("p", { class: "formula" }, tell("closer.slope"), math("math", lesson.symbols.math(edge), math("mo", "="), ...written(rule, lesson.phrase)), math("math", ...(plain(arm, number) === short(slope) ? [] : [math("mo", "="), ...written(arm, number)]), math("mo", equals(worked(arm, graph.value), slope)), math("mn", short(slope))), " ", ...(lesson.why.about(k) ? [lesson.why.button(k)] : [])));
    }
    if (known.below || !lesson.data.characters[node.op]) parts.push(make("p", { class: "why" }, lesson.data.characters[node.op] ?? tell("closer.neuron"))); // what becomes of a gradient, once there is one
    if (RULES[node.op].convention) parts.push(make("p", { class: "quiet" }, tell("closer.convention", { text: convention(lesson, k) })));
  }
  const laid = () => [...(picture ? [picture] : []), make("div", { class: "words" }, ...parts)];
  if (lesson.mode !== "walk" || !chosen) return laid();
  const sent = graph.contributions(k), root = graph.nodes[graph.root].name;
  if (!node.constant && !known.below) {
    parts.push(make("p", { class: "why" }, ...say("closer.unknown", { root: ref(graph.root), name: ref(k) })));
    said += tell("closer.unknown", { root, name: node.name });
  } else if (k === graph.root) parts.push(make("p", { class: "why" }, ...say("closer.root", { root: ref(k) })));
  else if (sent.length) {
    const sum = short(graph.gradient[k]);
    parts.push(contributionTable(lesson, k));
    for (const c of sent) said += tell("closer.said", { through: name(c.consumer), upstream: short(c.upstream), local: short(c.local), amount: short(c.amount) });
    said += tell("closer.together", { sum });
  }
  if (RULES[node.op]?.inner && known.below) parts.push(parameterTable(lesson, k));
  lesson.looked = said;
  return laid();
}

// The convention of a row, whose x, y and z are the inputs of this node.
function convention({ graph, name }, k) {
  const { op, inputs } = graph.nodes[k];
  return RULES[op].convention.replace(/\b([xyz])\b( \*\* )?/g, (_, letter, power) => {
    const word = name(inputs["xyz".indexOf(letter)]);
    return power ? `${/[ ·]/.test(word) ? `(${word})` : word}^` : word;
  });
}

const row = (...cells) => make("tr", {}, ...cells.map((inside) => make("td", {}, inside)));
const heading = (...keys) => make("tr", {}, ...keys.map((key) => make("th", { scope: "col" }, tell(key))));

// Where the gradient of node k came from: upstream, local and part for each way, and the sum.
function contributionTable(lesson, k) {
  const { graph, ref } = lesson, rows = graph.contributions(k).map((c) => row(ref(c.consumer), shown(short(c.upstream), c.consumer), along(short(c.local), [c.consumer, c.position]), short(c.amount)));
  const total = make("tr", { class: "total" }, make("td", { colspan: 3 }, lesson.quotient(k)), make("td", {}, short(graph.gradient[k])));
  return make("table", {}, heading("closer.through", "closer.upstream", "closer.local", "closer.part"), ...rows, total);
}

// The weights and the bias of a neuron, which stand on no card.
function parameterTable(lesson, k) {
  const rows = parametersWithin(lesson.graph, k).map(({ name, value, gradient }) => row(called(name), short(value), short(gradient)));
  return make("table", {}, heading("closer.parameter", "tape.value", "closer.its gradient"), ...rows);
}
