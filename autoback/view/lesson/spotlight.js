// One light for one thing: a phrase of the formula, its card, its edge and its number in the sentence shine together.
// Whatever belongs to node 3 carries data-node="3"; whatever belongs to its first edge, data-edge="3-0".

class Spotlight {
  constructor(choose, chooseEdge) {
    this.lit = [];
    this.fixed = [];
    const place = (event) => event.target.closest?.("[data-node], [data-edge]");
    const look = (event) => { const element = place(event); if (element) this.show([this.name(element)]); };
    const away = (event) => { if (place(event)) this.show(this.fixed); };
    for (const [kind, act] of [["pointerover", look], ["pointerout", away], ["focusin", look], ["focusout", away]]) document.addEventListener(kind, act);
    document.addEventListener("click", (event) => {
      const element = place(event);
      if (!element || element.closest("button, dialog")) return;
      if (element.dataset.edge) chooseEdge(element.dataset.edge.split("-").map(Number));
      else if (!element.closest("svg.graph")) choose(Number(element.dataset.node)); // a card of the graph has its own way
    });
  }

  name(element) { return element.dataset.edge ? `[data-edge="${element.dataset.edge}"]` : `[data-node="${element.dataset.node}"]`; }

  // What the present step is about; shines whenever nothing else is pointed at.
  fix(nodes, edges = []) {
    this.fixed = [...nodes.map((k) => `[data-node="${k}"]`), ...edges.map(([c, p]) => `[data-edge="${c}-${p}"]`)];
    this.show(this.fixed);
  }

  show(names) {
    for (const element of this.lit) element.removeAttribute("data-lit");
    this.lit = names.length ? [...document.querySelectorAll(names.join())] : [];
    for (const element of this.lit) element.setAttribute("data-lit", "");
    // A formula of many lines shows the line that is lit.
    const bar = byId("formula"), line = this.lit.filter((element) => bar.contains(element)).at(-1)?.getBoundingClientRect(), box = bar.getBoundingClientRect();
    if (line && (line.top < box.top || line.bottom > box.bottom)) bar.scrollTop += line.top < box.top ? line.top - box.top - 4 : Math.min(line.bottom - box.bottom + 4, line.top - box.top);
  }
}
