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

  text(edge) { return derivativeText(this.graph, edge[0], this.graph.nodes[edge[0]].inputs[edge[1]], this.use(edge)); }

  math([k, p], sign = "∂") {
    const use = this.use([k, p]);
    return ratio(symbol(this.graph, k), use ? [named(use)] : symbol(this.graph, this.graph.nodes[k].inputs[p]), sign);
  }
}

// Of an edge both the line in the graph and the factor in the line of the chain have the colour `hue` of its consumer.
class Chain {
  constructor(graph, ways) {
    Object.assign(this, { graph, ways, symbols: new Symbols(graph), hue: depths(graph).map((depth) => depth % HUES) });
  }

  factor(edge, inside) {
    return mathWith({ class: `hue${this.hue[edge[0]]}`, "data-edge": `${edge[0]}-${edge[1]}` }, ...(Array.isArray(inside) ? inside : [inside]));
  }

  // The product along one path, in symbols and in numbers: a list of factors, so that a long line can be broken between them.
  // slope(edge) is the number of an edge, math(edge) its symbol.
  product(path, slope = ([k, p]) => this.graph.partials[k][p], symbols = (edge) => this.symbols.math(edge)) {
    const joined = (write, first) => path.map((edge, i) => math("math", ...(i ? [math("mo", "·")] : first), this.factor(edge, write(edge))));
    const numbers = joined((edge) => bracketed(slope(edge)), [math("mo", "=")]);
    const value = path.reduce((all, edge) => all * slope(edge), 1);
    return { symbols: joined(symbols, []), numbers, value, sign: equals(multiplied(path.map(slope)), value) };
  }

  // ∂L/∂w = a product for each path, then their sum. The paths end at node k; of a path only the edges that were
  // walked stand in its line, which so grows from step to step.
  lines(k, walked = () => true) {
    const { graph, ways } = this, left = math("math", mark(math("mrow", derivative(graph, graph.root, k)), k), math("mo", "="));
    if (k === graph.root) return [this.row("", left, math("math", math("mn", "1")))];
    const paths = ways.paths(k, MOST_PATHS), total = ways.count[k], rows = [], open = [math("math", math("mo", "·"), math("mo", "…"))];
    const come = paths.map((path) => path.slice(0, path.findIndex((edge) => !walked(edge)) >>> 0));
    const complete = come.every((edges, n) => edges.length === paths[n].length);
    come.forEach((path, n) => {
      const label = total > 1 ? tell("chain.path", { n: n + 1 }) : "", { symbols, numbers, value, sign } = this.product(path), alone = path.length === 1; // one slope alone is no product
      if (path.length < paths[n].length) rows.push(this.row(label, ...(path.length ? [...symbols, ...open] : [math("math", math("mo", "…"))])));
      else rows.push(this.row(label, ...(total > 1 ? [] : [left]), ...(alone && total === 1 ? [] : symbols), ...(alone ? [] : numbers), math("math", ...(alone && total === 1 ? [] : [math("mo", sign)]), ...written(value))));
    });
    if (total > paths.length) rows.push(make("p", { class: "quiet" }, ...say("chain.more", { n: short(total - paths.length) })));
    if (total > 1 && complete) {
      const more = total > paths.length ? [math("mo", "+"), math("mo", "⋯")] : [];
      const parts = paths.map((path) => this.product(path).value), sign = more.length ? "=" : equals(summed(parts), graph.gradient[k]);
      const sum = [...sumOf(parts), ...more, math("mo", sign), mark(math("mrow", written(graph.gradient[k])), k)];
      rows.push(this.row(tell("chain.sum"), left, math("math", ...sum)));
    }
    return rows;
  }

  // A line of the chain breaks before its "=", and between factors only where that is not enough.
  row(label, ...pieces) {
    const groups = [];
    for (const piece of pieces) {
      if (!groups.length || (groups.at(-1).length > 1 && /^[=≈]/.test(piece.textContent) && !/^[=≈]/.test(groups.at(-1)[0].textContent))) groups.push([]);
      groups.at(-1).push(piece);
    }
    return make("p", { class: "chain-line" }, ...(label ? [make("span", { class: "path-name" }, label)] : []), ...groups.map((group) => make("span", { class: "group" }, ...group)));
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
