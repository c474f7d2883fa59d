// Formulas and numbers for people. A formula is a row's tree with its names bound to nodes of the graph.

const LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎,", RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾", LEVEL = "0123456789+−=(),";
const translated = (text, from, to) => text.replace(/./gu, (c) => to[from.indexOf(c)] ?? c);
// A whole number with its digits raised, or lowered.
const raised = (n) => translated(String(n).replace("-", "−"), LEVEL, RAISED);
const lowered = (n) => translated(String(n), LEVEL, LOWERED);
const trimmed = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);

// About four digits, and never 0 for what is only small: `short` of the Python side, digit for digit.
function short(number) {
  if (Number.isNaN(number)) return "not a number";
  const sign = number < 0 ? "−" : "", size = Math.abs(number);
  if (size === Infinity) return sign + "∞";
  if (size === 0) return "0";
  if (!(size >= 1e-4 && size < 1e6)) {
    const [mantissa, exponent] = size.toExponential(3).split("e");
    return `${sign}${trimmed(mantissa)}×10${raised(Number(exponent))}`;
  }
  if (size >= 1e3) return sign + size.toFixed(0);
  let text = "";
  for (const digits of [4, 5, 6, 7]) {
    text = trimmed(size.toFixed(digits - 1 - Math.floor(Math.log10(size))));
    if (text.includes(".") || Math.abs(Number(text) - size) <= 1e-6 * size) break;
  }
  return sign + text;
}

// The row's formulas with x, y, z, out replaced by nodes ({node: k}), and constants worked out.
function valueTree(graph, k) {
  const { op, inputs } = graph.nodes[k], rule = RULES[op];
  if (rule.inner) return within(graph, k);
  if (!rule.nary) return bound(graph, rule.value, inputs, k);
  const n = inputs.length / rule.arity;
  const terms = Array.from({ length: n }, (_, i) => bound(graph, rule.value, inputs.filter((_, p) => p % n === i), k));
  const shown = n <= 5 ? terms : [...terms.slice(0, 3), "⋯", terms[n - 1]];
  return shown.reduce((sum, term) => ["+", sum, term]);
}

function partialTree(graph, k, p) {
  const { op, inputs } = graph.nodes[k], rule = RULES[op];
  if (rule.inner) return slopeWithin(graph, k, p);
  if (!rule.nary) return bound(graph, rule.partials[p], inputs, k);
  const n = inputs.length / rule.arity;
  return bound(graph, rule.partials[Math.floor(p / n)], inputs.filter((_, q) => q % n === p % n), k);
}

function bound(graph, tree, inputs, out) {
  const walk = (part) => {
    if (typeof part === "number") return part;
    if (typeof part === "string") {
      const k = part === "out" ? out : inputs["xyz".indexOf(part)];
      return graph.nodes[k].constant ? graph.value[k] : { node: k };
    }
    // A power of one name is a square, 1 − a²; a product of two inputs is a product, even where both are x.
    if (part[0] === "*" && typeof part[1] === "string" && part[1] === part[2]) return simplified("pow", [walk(part[1]), 2]);
    return simplified(part[0], part.slice(1).map(walk));
  };
  return walk(tree);
}

// 2·x¹ is 2·x: what only constants decide is decided before it is shown.
function simplified(head, parts) {
  const [a, b, c] = parts, fixed = (part) => typeof part === "number";
  if (parts.slice(0, 2).every(fixed)) {
    if (head === "==") return a === b;
    if (head === "-") return a - b;
  }
  if (head === "where" && typeof a === "boolean") return a ? b : c;
  if (head === "pow" && b === 1) return a;
  if (head === "pow" && b === 0) return 1;
  if (head === "*" && (a === 1 || b === 1)) return a === 1 ? b : a;
  if (head === "neg" && fixed(a)) return -a;
  return [head, ...parts];
}

// The arms of a choice: [[value, condition], ..., [value, null]].
const branches = (tree) => (tree[0] === "where" ? [[tree[2], tree[1]], ...branches(tree[3])] : [[tree, null]]);

// A formula with every choice made, as the numbers make it: only the arm that counts is left.
function settled(tree, value) {
  if (!Array.isArray(tree)) return tree;
  if (tree[0] !== "where") return [tree[0], ...tree.slice(1).map((part) => settled(part, value))];
  const [, [sign, left, right], yes, no] = tree, [a, b] = [left, right].map((part) => (typeof part === "number" ? part : value[part.node]));
  const holds = { ">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b, "==": a === b }[sign];
  return settled(holds ? yes : no, value);
}

// What a formula gives with the numbers as they are printed; NaN where a row has a word that Math has not.
const ARITHMETIC = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, neg: (a) => -a, maximum: Math.max, minimum: Math.min };
function worked(tree, value) {
  if (typeof tree === "number") return printed(tree);
  if (!Array.isArray(tree)) return "node" in Object(tree) ? printed(value[tree.node]) : NaN;
  return (ARITHMETIC[tree[0]] ?? Math[tree[0]] ?? (() => NaN))(...tree.slice(1).map((part) => worked(part, value)));
}

// A number as its printed digits say it; and the sign before a result: ≈ where the printed digits do not give it.
const printed = (x) => typed(short(x));
const equals = (computed, result) => (Number.isNaN(computed) || short(computed) === short(result) ? "=" : "≈");
const multiplied = (factors) => factors.reduce((all, x) => all * printed(x), 1);
const summed = (numbers) => numbers.reduce((all, x) => all + printed(x), 0);

// A factor or a term: a number below zero stands in parentheses.
const bracketedText = (x) => (x < 0 ? `(${short(x)})` : short(x));

// How tightly a phrase holds together: 1 sum, 2 product, 3 sign, 4 power, 5 atom.
const BINDING = { if: 0, "==": 0, ">": 0, ">=": 0, "<": 0, "<=": 0, "+": 1, "-": 1, neg: 1, "*": 2, "/": 2, pow: 4 };
const SPOKEN = { maximum: "max", minimum: "min" };
const SIGNS = { "-": "−", "*": "·", "==": "=", ">=": "≥", "<=": "≤" };

// How tightly a number or a name holds together: w·x + b is a name too.
const tightness = (text) => (/^−| [+−] /.test(text) ? 1 : /[×·/]/.test(text) && !/^\w+\(.*\)$/.test(text) ? 2 : 5);

// A formula as plain text; say(k) names node k or gives its number.
function plain(tree, say) {
  const wrap = (part, least) => { const [text, tight] = write(part); return tight < least ? `(${text})` : text; };
  const write = (part) => {
    if (typeof part === "object" && "node" in part) return write(say(part.node));
    if (typeof part === "number") part = short(part);
    if (typeof part === "string") return [part, tightness(part)];
    const [head, a, b, c] = part, tight = BINDING[head];
    if (head === "neg") return [`−${wrap(a, 2)}`, 1];
    if (head === "where") return [branches(part).map(([yes, when]) => (when ? `${wrap(yes, 1)} if ${wrap(when, 0)}` : `otherwise ${wrap(yes, 1)}`)).join(", "), 0];
    if (head === "pow") return [`${wrap(a, 5)}^${wrap(b, 5)}`, 4];
    if (head === "abs") return [`|${wrap(a, 0)}|`, 5];
    if (tight === undefined) return [`${SPOKEN[head] ?? head}(${part.slice(1).map((x) => wrap(x, 0)).join(", ")})`, 5];
    const loose = head === "-" || head === "/" ? tight + 1 : tight;
    const left = wrap(a, tight), beside = write(b)[0], right = head === "+" && beside[0] === "−" ? `(${beside})` : wrap(b, loose);
    // As in Python's texts, a product of plain names stands close: w·x + b.
    return [head === "*" && !/[ /]/.test(left + right) ? `${left}·${right}` : `${left} ${SIGNS[head] ?? head} ${right}`, tight];
  };
  return wrap(tree, 0);
}

const MATHML = "http://www.w3.org/1998/Math/MathML";
function math(tag, ...parts) {
  const element = document.createElementNS(MATHML, tag);
  for (const part of parts.flat()) element.append(part);
  return element;
}

// A formula as MathML elements; say(k) names node k, or gives its number or the formula it stands for.
// Names reach the page as text and never as markup.
function written(tree, say) {
  const row = (part, least) => { const [nodes, tight] = write(part); return tight < least ? [math("mo", "("), ...nodes, math("mo", ")")] : nodes; };
  const one = (part, least = 0) => math("mrow", row(part, least));
  const write = (part) => {
    if (typeof part === "object" && "node" in part) {
      const [nodes, tight] = write(say(part.node)), phrase = math("mrow", nodes);
      phrase.setAttribute("data-node", part.node); // it shines together with its card
      return [[phrase], tight];
    }
    if (typeof part === "number") part = short(part);
    if (typeof part === "string") {
      if (/^−?[\d∞]+(\.\d+)?(×10[⁻⁰¹²³⁴-⁹]+)?$/.test(part)) return [[math("mn", part)], tightness(part)];
      return [[part === "⋯" ? math("mo", part) : named(part)], tightness(part)];
    }
    const [head, a, b, c] = part, tight = BINDING[head];
    if (head === "neg") return [[math("mo", "−"), ...row(a, 2)], 1];
    if (head === "where") {
      const cell = (...parts) => math("mtd", math("mrow", ...parts));
      const reason = (when) => (when ? cell(math("mtext", "\u2003if\u00a0"), row(when, 0)) : cell(math("mtext", "\u2003otherwise")));
      const lines = branches(part).map(([yes, when]) => math("mtr", cell(row(yes, 0)), reason(when)));
      return [[math("mo", "{"), math("mtable", lines)], 0];
    }
    if (head === "/") return [[math("mfrac", one(a), one(b))], 4];
    if (head === "pow") return [[math("msup", one(a, 5), one(b))], 4];
    if (head === "exp") return [[math("msup", math("mi", "e"), one(a))], 4];
    if (head === "sqrt") return [[math("msqrt", one(a))], 5];
    if (head === "abs") return [[math("mo", "|"), ...row(a, 0), math("mo", "|")], 5];
    if (tight === undefined) {
      const inside = part.slice(1).flatMap((x, i) => [...(i ? [math("mo", ",")] : []), ...row(x, 0)]);
      return [[math("mi", SPOKEN[head] ?? head), math("mo", "("), ...inside, math("mo", ")")], 5];
    }
    const minus = head === "+" && write(b)[0][0].textContent[0] === "−"; // 1 + (−1.5)
    return [[...row(a, tight), math("mo", SIGNS[head] ?? head), ...row(b, minus ? 5 : head === "-" ? tight + 1 : tight)], tight];
  };
  return row(tree, 0);
}

// An equation: names and trees joined by signs, such as equation("z", "=", tree, "=", "0.5").
function equation(parts, say) {
  return math("math", parts.flatMap((part) => (part === "=" || part === "≈" ? [math("mo", part)] : part instanceof Element ? [part] : written(part, say))));
}

// A name as mathematics: w⁽¹⁾₁₂ has its indices above and below each other.
function indices(name) {
  const typed = name.match(/^(\p{L})(?:_([a-zA-Z0-9]+)|([0-9]+))$/u);
  if (typed) return [typed[1], "", typed[2] ?? typed[3]];
  const [, base, above, below] = name.match(/^(.+?)([⁰¹²³⁴-⁹⁺⁻⁼⁽⁾]*)([₀-₎]?[₀-₎,]*)$/u) ?? [name, name, "", ""];
  return [base, translated(above, RAISED, LEVEL), translated(below, LOWERED, LEVEL)];
}

function named(name) {
  const [base, above, below] = indices(name), middle = math("mi", base);
  if (above && below) return math("msubsup", middle, math("mn", below), math("mn", above));
  if (above) return math("msup", middle, math("mn", above));
  return below ? math("msub", middle, math("mn", below)) : middle;
}

// A node in mathematics: its name, or in parentheses the phrase that it is called by, such as (w·x + b), which comes as MathML.
function symbol(graph, k) {
  const { name, math: phrase } = graph.nodes[k];
  if (!phrase) return [named(name)];
  const parsed = new DOMParser().parseFromString(`<math>${phrase}</math>`, "text/html").querySelector("math");
  return [math("mo", "("), ...document.importNode(parsed, true).childNodes, math("mo", ")")];
}

// ∂L/∂x and ΔL/Δx, of two symbols.
const ratio = (above, below, sign = "∂") => math("mfrac", math("mrow", math("mo", sign), above), math("mrow", math("mo", sign), below));
const derivativeText = (graph, k, i, use) => {
  const [above, below] = [k, i].map((j) => (graph.nodes[j].math ? `(${graph.nodes[j].name})` : graph.nodes[j].name));
  return `∂${above}/∂${use ?? below}`;
};
const derivative = (graph, k, i) => ratio(symbol(graph, k), symbol(graph, i));

const byId = (id) => document.getElementById(id);

// An element with text and other elements in it; class and attributes first.
function make(tag, attributes, ...parts) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...parts.flat());
  return element;
}

// The same for SVG.
function draw(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}


// The path of a polyline through [x, y] points.
const line = (points) => points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// A name as HTML, its indices raised and lowered.
function called(name) {
  const [base, above, below] = indices(name);
  return make("bdi", { class: "name" }, base, above ? make("sup", {}, above) : [], below ? make("sub", {}, below) : []);
}

// A number as a reader may type it: 0.25, −1,5, 1/3, 2e-3, 1.2×10⁻⁷. NaN when it is none.
function typed(text) {
  const ascii = text.trim().replace(/[−–]/g, "-").replace(",", ".")
    .replace(/\s*[×x*·]\s*10\^?/, "e").replace(/[⁻⁰¹²³⁴-⁹]/g, (c) => "-0123456789"["⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)]);
  const [above, below, ...more] = ascii.split("/").map((part) => (part.trim() === "" ? NaN : Number(part)));
  return more.length ? NaN : below === undefined ? above : above / below;
}
