// The picture of the graph on the page: shows numbers and states, follows the action, takes clicks and keys.

class Stage {
  constructor(graph, choose) {
    this.graph = graph;
    this.scroller = document.getElementById("scroller");
    this.svg = this.scroller.querySelector("svg");
    const box = this.svg.viewBox.baseVal;
    this.size = [box.width, box.height];
    this.cards = graph.nodes.map((_, k) => document.getElementById(`n${k}`));
    this.values = graph.nodes.map((_, k) => document.getElementById(`n${k}v`));
    this.gradients = graph.nodes.map((_, k) => document.getElementById(`n${k}g`));
    this.edges = graph.nodes.map((node, k) => node.inputs.map((_, p) => document.getElementById(`e${k}-${p}`)));
    this.locals = graph.nodes.map((node, k) => node.inputs.map((_, p) => document.getElementById(`e${k}-${p}l`)));
    this.written = new Map(); // what each element shows now, so that only what changes is touched
    this.current = 0;
    this.cards.forEach((card, k) => card.addEventListener("click", () => { this.aim(k); choose(k); }));
    this.svg.addEventListener("keydown", (event) => this.key(event, choose));
    this.aim(graph.root);
    for (const [id, factor] of [["smaller", 1 / 1.25], ["larger", 1.25]])
      document.getElementById(id).addEventListener("click", () => this.zoom(this.scale * factor));
    document.getElementById("fit").addEventListener("click", () => this.fit());
    new ResizeObserver(() => { if (this.fitted) this.fit(); }).observe(this.scroller);
    this.fit();
  }

  // As large as the window allows, but never too small to read: then the stage scrolls and follows.
  fit() {
    const room = this.scroller.clientWidth;
    if (!room) return;
    const least = room < 600 ? 0.55 : 0.5; // so that a 2-2-1 network is whole on the smallest projector
    this.zoom(Math.min(1.5, Math.max(least, room / this.size[0])));
    this.fitted = true;
  }

  zoom(scale) {
    this.fitted = false;
    this.scale = Math.min(3, Math.max(0.15, scale));
    this.put(this.svg, "width", Math.floor(this.size[0] * this.scale));
    this.put(this.svg, "height", Math.floor(this.size[1] * this.scale));
  }

  key(event, choose) {
    const move = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (move) {
      const last = this.graph.root;
      this.aim(Math.min(last, Math.max(0, this.current + move)));
      this.cards[this.current].focus();
    } else if (event.key === "Enter" || event.key === " ") choose(this.current);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Make node k the one that Tab reaches.
  aim(k) {
    this.put(this.cards[this.current], "tabindex", -1);
    this.put(this.cards[k], "tabindex", 0);
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

  // state: {value(k), gradient(k)} give a number, or null for what is hidden or not computed;
  // {card(k), edge(k, p)} give class words; local(k, p) says whether the local derivative shows.
  show(state) {
    this.graph.nodes.forEach((node, k) => {
      const value = state.value(k), gradient = state.gradient(k);
      const kind = node.constant ? "constant" : node.op ? "operation" : "leaf";
      const words = [kind, value === null ? "todo" : "", gradient === null ? "unknown" : "reached", state.card(k)];
      this.put(this.cards[k], "class", ["node", ...words].filter(Boolean).join(" "));
      const told = value === null ? "not computed yet" : `value ${short(value)}`;
      const slope = node.constant ? "" : gradient === null ? `, gradient ${state.blank ? "hidden" : "not computed"}` : `, gradient ${short(gradient)}`;
      this.put(this.cards[k], "aria-label", `${node.name}, ${node.op ?? kind}, ${told}${slope}`);
      this.write(this.values[k] ?? this.cards[k].querySelector(".value"), "value", value === null ? "?" : short(value));
      if (this.gradients[k]) this.write(this.gradients[k], "gradient", gradient === null ? (state.blank ?? "–") : short(gradient));
      node.inputs.forEach((_, p) => {
        const words = state.edge(k, p);
        this.put(this.edges[k][p], "class", `edge ${this.graph.frozen(k, p) ? "frozen " : ""}${words}`.trim());
        this.put(this.edges[k][p], "marker-end", `url(#head${{ now: "-now", back: "-back", done: "-back" }[words] ?? ""})`);
        const label = this.locals[k][p];
        if (!label) return;
        const visible = value !== null && state.local(k, p);
        this.write(label, `local ${visible ? words : "hidden"}`.trim(), visible ? short(this.graph.partials[k][p]) : "");
      });
    });
  }

  // Scroll so that the given nodes are in view, and no further than needed.
  follow(nodes) {
    if (this.scroller.scrollWidth <= this.scroller.clientWidth && this.scroller.scrollHeight <= this.scroller.clientHeight) return;
    const frame = this.scroller.getBoundingClientRect();
    const boxes = nodes.map((k) => this.cards[k].getBoundingClientRect());
    const edge = 20;
    const shift = (low, high, from, to) => (high - low > to - from - 2 * edge || low < from + edge ? low - from - edge : high > to - edge ? high - to + edge : 0);
    const left = shift(Math.min(...boxes.map((b) => b.left)), Math.max(...boxes.map((b) => b.right)), frame.left, frame.right);
    const top = shift(Math.min(...boxes.map((b) => b.top)), Math.max(...boxes.map((b) => b.bottom)), frame.top, frame.bottom);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (left || top) this.scroller.scrollBy({ left, top, behavior: calm || this.hurried ? "instant" : "smooth" });
  }
}
