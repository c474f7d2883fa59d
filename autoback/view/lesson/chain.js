// The chain that grows: one product for each path, its factors coloured as their edges, and the sum of the paths.

const HUES = 6, MOST_PATHS = 4;

// How far each node is from the root, on the longest way.
function depths(graph) {
  const depth = graph.nodes.map(() => 0);
  for (let k = graph.root; k >= 0; k--) for (const i of graph.nodes[k].inputs) depth[i] = Math.max(depth[i], depth[k] + 1);
  return depth;
}

// The slope along an edge in symbols: ∂a/∂z, where z is used once. Where it is used several times, ∂a/∂z is a sum over
// its uses, and along this arrow z is called by this use, z₍₁₎: the marks come with the nodes.
class Symbols {
  constructor(graph) { this.graph = graph; }

  // What the input is called along an edge, if not by its name.
  use([k, p]) { return this.graph.frozen(k, p) ? undefined : this.graph.nodes[k].marks?.[p].match(/.*₍[₀-₉]+₎$/)?.[0]; }

  below([k, p]) { return this.use([k, p]) ?? this.graph.nodes[this.graph.nodes[k].inputs[p]].name; }

  // As text, if it has a symbol of its own.
  short(edge) { return this.use(edge) && this.text(edge); }

  text(edge) {
    const [above, below] = [this.graph.nodes[edge[0]].name, this.below(edge)].map((name) => (single(name) ? name : `(${name})`));
    return `∂${above}/∂${below}`;
  }

  math(edge) { return ratio(this.graph.nodes[edge[0]].name, this.below(edge)); }
}

class Chain {
  constructor(graph, ways) {
    Object.assign(this, { graph, ways, symbols: new Symbols(graph), hue: depths(graph).map((depth) => depth % HUES) /* the colour of an edge, in the graph and in the line */ });
  }

  factor(edge, inside) {
    return mathWith({ class: `hue${this.hue[edge[0]]}`, "data-edge": `${edge[0]}-${edge[1]}` }, ...(Array.isArray(inside) ? inside : [inside]));
  }

  // The product along one path: symbols, and the numbers under them. known(edge) hides what is not reached yet;
  // slope(edge) is the number of an edge.
  product(path, slope = ([k, p]) => this.graph.partials[k][p], symbol = (edge) => this.symbols.math(edge)) {
    const joined = (parts) => parts.flatMap((part, i) => (i ? [math("mo", "·"), part] : [part]));
    const symbols = joined(path.map((edge) => this.factor(edge, symbol(edge))));
    const numbers = joined(path.map((edge) => this.factor(edge, bracketed(slope(edge)))));
    return { symbols, numbers, value: path.reduce((product, edge) => product * slope(edge), 1) };
  }

  // ∂L/∂w = a product for each path, then their sum. The paths end at node k; of a path only the edges that were
  // walked stand in its line, which so grows from step to step.
  lines(k, walked = () => true) {
    const { graph, ways } = this, root = graph.nodes[graph.root].name, name = graph.nodes[k].name;
    const left = mark(math("mrow", ratio(root, name)), k);
    if (k === graph.root) return [this.row(["", math("math", left, math("mo", "="), math("mn", "1"))])];
    const paths = ways.paths(k, MOST_PATHS), total = ways.count[k], rows = [];
    const come = paths.map((path) => path.slice(0, path.findIndex((edge) => !walked(edge)) >>> 0));
    const complete = come.every((edges, n) => edges.length === paths[n].length);
    paths.forEach((path, n) => {
      const label = total > 1 ? tell("chain.path", { n: n + 1 }) : "", { symbols, numbers, value } = this.product(come[n]);
      const open = come[n].length < path.length, dots = [math("mo", "·"), math("mo", "…")];
      if (open) return void rows.push(this.row([label, math("math", ...(come[n].length ? [...symbols, ...dots] : [math("mo", "…")]))]));
      const before = total > 1 ? [] : [left, math("mo", "=")];
      rows.push(this.row([label, math("math", ...before, ...symbols)], [math("math", math("mo", "="), ...numbers, math("mo", "="), ...written(value))]));
    });
    if (total > paths.length) rows.push(make("p", { class: "quiet" }, ...say("chain.more", { n: short(total - paths.length) })));
    if (total > 1 && complete) {
      const parts = sumOf(paths.map((path) => this.product(path).value));
      const dots = total > paths.length ? [math("mo", "+"), math("mo", "⋯")] : [];
      rows.push(this.row([tell("chain.sum"), math("math", left, math("mo", "="), ...parts, ...dots, math("mo", "="), mark(math("mrow", written(graph.gradient[k])), k))]));
    }
    return rows;
  }

  row(head, ...more) {
    const [label, ...pieces] = head;
    return make("p", { class: "chain-line" }, ...(label ? [make("span", { class: "path-name" }, label)] : []), ...pieces, ...more.flat());
  }
}

function mathWith(attributes, ...parts) {
  const element = math("mrow", ...parts);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// A number as it stands in a product: below zero, in brackets.
const bracketed = (number) => math("mrow", number < 0 ? [math("mo", "("), ...written(number), math("mo", ")")] : written(number));

// A sum of numbers as it is written: 3 + 3 − 1.
const sumOf = (numbers) => numbers.flatMap((x, i) => (i ? [math("mo", x < 0 ? "−" : "+"), ...written(Math.abs(x))] : written(x)));
