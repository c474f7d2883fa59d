// The graph as the command that makes its page again: autoback lesson "L = (tanh(w*x + b) - 1)**2" w=0.5 x=2 b=-1.5.

const TYPED = { add: ["+", 1], sub: ["-", 1], mul: ["*", 2], div: ["/", 2], power: ["**", 4], pow: ["**", 4], greater: [">", 0], greater_equal: [">=", 0], equal: ["==", 0] };

// The command line, or "" where a name is none that can be typed or a formula would be too long for one.
function sourced(lesson) {
  const { graph, ways, modes } = lesson, name = /^[A-Za-z][A-Za-z0-9_]*$/, root = graph.nodes[graph.root], named = (node) => name.test(node.name) && !node.math;
  if (!root.op || graph.nodes.length > 60 || graph.nodes.some((node) => node.inside) || !ways.inputs.every((k) => named(graph.nodes[k]))) return "";
  // What is used twice needs a statement of its own, since a phrase that is written twice would be two nodes.
  const alone = (k) => k !== graph.root && graph.nodes[k].op && (graph.uses[k].length > 1 || (named(graph.nodes[k]) && graph.nodes[k].name.length > 1));
  const letter = new Map(graph.nodes.flatMap((node, k) => (alone(k) ? [[k, named(node) ? node.name : `step${k}`]] : [])));
  const write = (k, own = false) => {
    const { op, inputs, constant } = graph.nodes[k], number = (x) => [String(x), x < 0 ? 3 : 5];
    if (!op) return constant ? number(graph.value[k]) : [graph.nodes[k].name, 5];
    if (letter.has(k) && !own) return [letter.get(k), 5];
    const wrap = (i, least) => { const [text, tight] = write(i); return tight < least ? `(${text})` : text; };
    if (op === "neg") return [`-${wrap(inputs[0], 3)}`, 3];
    if (TYPED[op]) {
      const [sign, tight] = TYPED[op], close = op === "mul" || sign === "**" ? "" : " ", power = sign === "**";
      return [`${wrap(inputs[0], power ? 5 : tight + (tight === 0))}${close}${sign}${close}${wrap(inputs[1], power ? 5 : tight + 1)}`, tight];
    }
    const rule = RULES[op], n = inputs.length / rule.arity, all = inputs.map((i) => wrap(i, 0));
    const lists = Array.from({ length: rule.arity }, (_, q) => `[${all.slice(q * n, (q + 1) * n).join(", ")}]`);
    return [`${op}(${(rule.nary ? lists : all).join(", ")})`, 5];
  };
  const steps = [...letter].map(([k, word]) => `${word} = ${write(k, true)[0]}`), last = named(root) ? `${root.name} = ${write(graph.root)[0]}` : write(graph.root)[0];
  return `autoback lesson "${[...steps, last].join("; ")}" ${ways.inputs.map((k) => `${graph.nodes[k].name}=${modes.touch.first[k]}`).join(" ")} -o lesson.html`;
}
