// The picture of the graph on the page: shows numbers and states, follows the action, takes clicks and keys.
// There are two drawings of one graph, lying and upright; the one that is larger in the room there is stands on the stage.

// The smallest scale that a drawing gets by itself, and how many pixels of the screen its letters have at least.
const SMALLEST = { narrow: 0.72, wide: 0.44 }, LARGEST = 1.9, LETTER = 11;
// What stays free between a number and the edge of its card.
const EDGE = 6;

class Drawing {
  constructor(graph, svg, prefix) {
    const find = (id) => svg.querySelector(`#${prefix}${id}`), box = svg.viewBox.baseVal;
    Object.assign(this, { svg, prefix, size: [box.width, box.height] });
    this.cards = graph.nodes.map((_, k) => find(`n${k}`));
    this.values = graph.nodes.map((_, k) => find(`n${k}v`) ?? this.cards[k].querySelector(".value"));
    this.gradients = graph.nodes.map((_, k) => find(`n${k}g`));
    this.words = this.cards.map((card) => card.querySelector(".word"));
    this.edges = graph.nodes.map((node, k) => node.inputs.map((_, p) => find(`e${k}-${p}`)));
    this.locals = graph.nodes.map((node, k) => node.inputs.map((_, p) => find(`e${k}-${p}l`)));
    if (svg.classList.contains("crowded")) this.number(graph);
    this.cards.forEach((card, k) => { for (const [name, value] of [["data-node", k], ["role", "button"], ["tabindex", -1]]) card.setAttribute(name, value); });
    this.rates = this.edges.map((edges, k) => edges.map((edge, p) => this.prepare(edge, k, p, graph.nodes[k].inputs)));
  }

  // Among hundreds of arrows a number shows for a moment only, in the middle of its arrow's last piece; below the cards.
  number(graph) {
    const texts = this.edges.map((edges, k) => edges.map((edge, p) => {
      const [x, y, right, low] = edge.getAttribute("d").match(/-?[\d.]+/g).slice(-4).map(Number);
      return graph.frozen(k, p) ? null : draw("text", { class: "local", id: `${edge.id}l`, x: (x + right) / 2, y: (y + low) / 2 + 4.5, "text-anchor": "middle" }, "");
    }));
    this.svg.querySelector(".node").before(...texts.flat().filter(Boolean));
    this.locals = texts;
  }

  // Cards were measured for one type and size; where letters are larger or wider, a long name is drawn narrower instead of
  // over the operation's symbol or the number beside it; a symbol stays within its pill, and a number within its card.
  tighten(cards = this.cards.keys()) {
    if (!this.svg.getBoundingClientRect().width) return;
    for (const k of cards) {
      const card = this.cards[k], name = card.querySelector(".name"), pill = card.querySelector(".pill")?.getBBox(), number = this.values[k];
      if (pill) fitted(card.querySelector(".symbol"), pill.width - 10);
      if (!name) { shrunk(number, card.querySelector(".card").getBBox().width - 2 * EDGE); continue; } // a constant
      const at = Number(name.getAttribute("x")), right = Number(number.getAttribute("x"));
      if (pill) { fitted(name, at - pill.x - pill.width - 5); shrunk(number, right - EDGE); continue; }
      name.removeAttribute("textLength"); // a name beside a long number: both give way
      fitted(number, right - at - 6 - Math.min(name.getComputedTextLength(), Math.max(0.7 * name.getComputedTextLength(), 0.4 * (right - at))));
      fitted(name, right - number.getComputedTextLength() - at - 6);
    }
  }

  // An edge gets a wide twin to point at, and under its local derivative a place for the rate that was seen.
  prepare(edge, k, p, inputs) {
    const name = `${k}-${p}`, label = this.locals[k][p], twin = inputs.indexOf(inputs[p], p + 1) > 0;
    edge.setAttribute("data-edge", name);
    label?.setAttribute("data-edge", name);
    edge.after(draw("path", { class: "wide", d: edge.getAttribute("d"), "data-edge": name }));
    if (!label) return null;
    // of two arrows between the same cards the first has it above
    const rate = draw("text", { class: "rate", x: label.getAttribute("x"), y: Number(label.getAttribute("y")) + (twin ? -17 : 17), "text-anchor": "middle", "data-edge": name }, "");
    label.after(rate);
    return rate;
  }
}

// The same drawing with everything in other places: {box, at: {id: transform, path or [x, y]}}.
function turned(svg, { box, at }) {
  const copy = svg.cloneNode(true);
  copy.setAttribute("viewBox", box);
  for (const element of copy.querySelectorAll("[id]")) {
    const place = at[element.id];
    if (Array.isArray(place)) { element.setAttribute("x", place[0]); element.setAttribute("y", place[1]); }
    else if (place) element.setAttribute(element.tagName === "g" ? "transform" : "d", place);
    element.id = `t${element.id}`;
  }
  return copy;
}

class Stage {
  constructor(graph, places, choose) {
    Object.assign(this, { graph, choose, current: graph.root, written: new Map(), manual: false, scale: 1 });
    this.scroller = byId("scroller");
    this.columns = [...document.querySelectorAll(".columns, .quiz")];
    const lying = this.scroller.querySelector("svg.graph"), upright = turned(lying, places);
    lying.after(upright);
    this.drawings = [new Drawing(graph, lying, ""), new Drawing(graph, upright, "t")];
    for (const drawing of this.drawings) {
      drawing.cards.forEach((card, k) => card.addEventListener("click", () => { this.aim(k); choose(k); }));
      drawing.svg.addEventListener("keydown", (event) => this.key(event));
    }
    this.take(this.drawings[0]);
    for (const [id, factor] of [["smaller", 1 / 1.25], ["larger", 1.25]])
      byId(id).addEventListener("click", () => { this.manual = true; this.zoom(this.scale * factor); });
    byId("fit").addEventListener("click", () => { this.manual = false; this.fit(0.2); });
    new ResizeObserver(() => { if (!this.manual) this.fit(); }).observe(this.scroller);
    this.fit();
  }

  take(drawing) {
    this.now = drawing;
    for (const other of this.drawings) other.svg.toggleAttribute("hidden", other !== drawing);
    this.aim(this.current);
    if (this.state) this.show(this.state);
  }

  // As large as the room allows in both directions. Where letters would be too small to read, the drawing stays
  // larger than the room, and the stage follows the action; `least` is a smaller scale for who wants to see it whole.
  fit(least) {
    const style = getComputedStyle(this.scroller);
    const wide = this.scroller.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const high = this.scroller.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    if (wide <= 0 || high <= 0) return; // not shown yet: the observer calls again
    const fits = (drawing) => Math.min(wide / drawing.size[0], high / drawing.size[1]);
    const [lying, upright = lying] = this.drawings;
    const narrow = wide < 600, best = fits(upright) > 1.1 * fits(lying) || (narrow && high > 0.35 * wide) ? upright : lying;
    if (best !== this.now) this.take(best);
    this.share(lying, wide, high);
    this.zoom(Math.min(LARGEST, Math.max(least ?? (narrow ? SMALLEST.narrow : SMALLEST.wide), fits(best))));
  }

  // What a wide, low graph leaves free belongs to the words below it.
  share(drawing, wide, high) {
    const words = this.columns.find((element) => element.clientHeight), main = document.querySelector("main");
    if (!words) return;
    const rem = parseFloat(getComputedStyle(main).fontSize), least = (words.closest("#touch") ? 13 : 10.8) * rem, ideal = Math.max(SMALLEST.wide, Math.min(LARGEST, wide / drawing.size[0])) * drawing.size[1] + 24;
    const rest = Math.min(26 * rem, Math.max(least, high + words.clientHeight - ideal));
    main.style.setProperty("--words", `${Math.floor(rest)}px`);
  }

  // A number becomes smaller where it would not fit beside its word.
  beside(word, number, text) {
    if (this.written.get(number)?.text === text) return;
    this.write(number, "gradient", text);
    if (word) this.squeeze(word, number);
  }

  squeeze(word, number) {
    const beside = this.scroller.hasAttribute("data-small") ? 0 : word.getComputedTextLength() + 5; // a small drawing has no words
    shrunk(number, Number(number.getAttribute("x")) - Number(word.getAttribute("x")) - beside);
  }

  zoom(scale) {
    this.scale = Math.min(3, Math.max(0.15, scale));
    this.scroller.toggleAttribute("data-small", this.scale < 0.8); // then its letters grow within their cards
    this.scroller.style.setProperty("--least", `${Math.min(24, LETTER / this.scale + 0.01).toFixed(2)}px`);
    this.now.gradients.forEach((number, k) => number && this.now.words[k] && this.squeeze(this.now.words[k], number));
    this.put(this.now.svg, "width", Math.floor(this.now.size[0] * this.scale));
    this.put(this.now.svg, "height", Math.floor(this.now.size[1] * this.scale));
    this.now.tighten();
  }

  key(event) {
    const move = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (move) {
      this.aim(Math.min(this.graph.root, Math.max(0, this.current + move)));
      this.now.cards[this.current].focus();
    } else if (event.key === "Enter" || event.key === " ") this.choose(this.current);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Make node k the one that Tab reaches.
  aim(k) {
    for (const { cards } of this.drawings) {
      this.put(cards[this.current], "tabindex", -1);
      this.put(cards[k], "tabindex", 0);
    }
    this.current = k;
  }

  put(element, attribute, value) {
    let shown = this.written.get(element);
    if (!shown) this.written.set(element, (shown = {}));
    if (shown[attribute] === value) return;
    shown[attribute] = value;
    if (attribute === "text") element.textContent = value;
    else element.setAttribute(attribute, value);
  }

  // A number on the picture; a long one, with a power of ten, in smaller type.
  write(element, words, text) {
    this.put(element, "text", text);
    this.put(element, "class", text.length > 8 ? `${words} long` : words);
  }

  // state: value(k) gives a number, or null for what is hidden or not computed; below(k) likewise, with `word` before it,
  // the gradient unless said otherwise; written(x) writes the latter; {card(k), edge(k, p)} give class words;
  // local(k, p) says whether the local derivative shows, rate(k, p) what stands under it.
  show(state) {
    this.state = state;
    const { cards, values, gradients, words, edges, locals, rates } = this.now;
    const crowded = this.now.svg.classList.contains("crowded"), word = state.word ?? "grad", spoken = state.spoken ?? tell("card.gradient");
    const changed = []; // cards with another number than before
    this.graph.nodes.forEach((node, k) => {
      const value = state.value(k), below = state.below(k);
      const kind = node.constant ? "constant" : node.op ? "operation" : "leaf";
      const classes = [kind, value === null ? "todo" : "", below === null ? "unknown" : "reached", state.card(k)];
      this.put(cards[k], "class", ["node", ...classes].filter(Boolean).join(" "));
      const known = value === null ? tell("card.unknown") : tell("card.value", { x: short(value) });
      const write = state.written ?? short;
      const more = node.constant ? "" : `, ${spoken} ${below === null ? tell(state.blank ? "card.hidden" : "card.unknown") : write(below)}`;
      this.put(cards[k], "aria-label", `${node.name}, ${node.op ? operation(node.op) : tell(`card.${kind}`)}, ${known}${more}`);
      const digits = value === null ? "?" : short(value);
      if (this.written.get(values[k])?.text !== digits && this.written.has(values[k])) changed.push(k);
      this.write(values[k], "value", digits);
      if (words[k]) this.put(words[k], "text", word);
      if (gradients[k]) this.beside(words[k], gradients[k], below === null ? (state.blank ?? "–") : write(below));
      node.inputs.forEach((_, p) => {
        const look = state.edge(k, p);
        this.put(edges[k][p], "class", `edge ${this.graph.frozen(k, p) ? "frozen " : ""}${look}`.trim());
        const head = look.split(" ").map((name) => ({ now: "-now", back: "-back", done: "-back" }[name])).find(Boolean) ?? "";
        this.put(edges[k][p], "marker-end", `url(#${this.now.prefix}head${head})`);
        const label = locals[k][p];
        if (!label) return;
        const visible = value !== null && state.local(k, p);
        this.write(label, `local ${visible ? look : "hidden"}`.trim(), visible ? short(state.slope?.(k, p) ?? this.graph.partials[k][p]) : "");
        const seen = !crowded || look.startsWith("now"); // among hundreds of arrows only the rates of the present ones
        this.put(rates[k][p], "text", (seen && state.rate?.(k, p)) || "");
      });
    });
    if (changed.length) this.now.tighten(changed);
  }

  // Pulses run along some edges, [consumer, position], forward or back; for who wants calm nothing moves.
  pulse(edges, back = false) {
    if (calm() || this.hurried) return;
    for (const [k, p] of edges) {
      const path = this.now.edges[k][p], length = path.getTotalLength(), dot = draw("circle", { class: `pulse${back ? " back" : ""}`, r: 7 });
      path.after(dot);
      const begin = performance.now(), last = 700;
      const move = (time) => {
        const t = Math.min(1, Math.max(0, (time - begin) / last)), at = path.getPointAtLength(length * (back ? 1 - t : t));
        dot.setAttribute("cx", at.x);
        dot.setAttribute("cy", at.y);
        if (t < 1 && dot.isConnected) requestAnimationFrame(move);
        else dot.remove();
      };
      requestAnimationFrame(move);
    }
  }

  // Scroll so that the given nodes are in view, and no further than needed; where there is no room for all, node `first` is.
  follow(nodes, first = nodes[0]) {
    if (this.scroller.scrollWidth <= this.scroller.clientWidth && this.scroller.scrollHeight <= this.scroller.clientHeight) return;
    const frame = this.scroller.getBoundingClientRect();
    const all = nodes.map((k) => this.now.cards[k].getBoundingClientRect()), extent = (low, high) => Math.max(...all.map((b) => b[high])) - Math.min(...all.map((b) => b[low]));
    const room = extent("left", "right") <= frame.width - 24 && extent("top", "bottom") <= frame.height - 24, boxes = room ? all : [this.now.cards[first].getBoundingClientRect()];
    const edge = 12;
    const shift = (low, high, from, to) => (high - low > to - from - 2 * edge || low < from + edge ? low - from - edge : high > to - edge ? high - to + edge : 0);
    const left = shift(Math.min(...boxes.map((b) => b.left)), Math.max(...boxes.map((b) => b.right)), frame.left, frame.right);
    const top = shift(Math.min(...boxes.map((b) => b.top)), Math.max(...boxes.map((b) => b.bottom)), frame.top, frame.bottom);
    if (left || top) this.scroller.scrollBy({ left, top, behavior: calm() || this.hurried ? "instant" : "smooth" });
  }
}

// Draws a text narrower where it would need more room than there is.
function fitted(text, room) {
  for (const attribute of ["textLength", "lengthAdjust"]) text.removeAttribute(attribute);
  if (text.getComputedTextLength() > room) { text.setAttribute("textLength", Math.max(10, room)); text.setAttribute("lengthAdjust", "spacingAndGlyphs"); }
}

// Draws a number with smaller letters where it would need more room than there is, and narrower where they are as small as they may be.
function shrunk(number, room) {
  number.style.fontSize = "";
  fitted(number, Infinity);
  const long = number.getComputedTextLength();
  if (long <= room) return;
  number.style.fontSize = `max(var(--least), ${((room / long) * parseFloat(getComputedStyle(number).fontSize)).toFixed(1)}px)`;
  fitted(number, room);
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// An operation as a pupil says it.
const operation = (op) => TEXTS.operations[op.split(" ")[0]] ?? op;
