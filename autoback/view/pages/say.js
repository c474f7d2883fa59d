// What the page says: texts by their key in texts.json, with nodes, numbers and glossary terms put into their places.

let TEXTS = {};

// The pieces of a text: {name} is replaced by a value, [term] links to the glossary. With {one, many} the number n chooses.
function say(key, values = {}) {
  let text = key.split(".").reduce((part, name) => part?.[name], TEXTS);
  if (text?.many) text = Number(values.n) === 1 ? text.one : text.many;
  if (typeof text !== "string") throw new Error(`no text for ${key}`);
  return text.split(/(\{\w+\}|\[[^\]]+\])/).filter(Boolean).flatMap((piece) => {
    if (piece[0] === "{") return copied(values[piece.slice(1, -1)] ?? "");
    return piece[0] === "[" ? term(piece.slice(1, -1)) : piece;
  });
}

// A value may stand in several sentences, an element only in one place.
const copied = (value) => (Array.isArray(value) ? value.map(copied) : value instanceof Node ? value.cloneNode(true) : String(value));

// The same as plain text, for labels and for the screen reader.
const tell = (key, values) => say(key, values).map((part) => part.textContent ?? part).join("");

// How long a text takes to read, in milliseconds: some 200 words a minute, and a look at what it is about.
const readingTime = (element) => Math.max(1500, 290 * element.textContent.split(/\s+/).length);

// A word of the glossary; "slopes|slope" shows the first and means the second.
function term(text) {
  const [shown, meant = shown] = text.split("|");
  return make("button", { type: "button", class: "term", "data-term": meant.toLowerCase() }, shown);
}

// A name or a number of node k, an edge's number: lit, and chosen, together with its card.
const mark = (element, node) => { element.setAttribute("data-node", node); return element; };
const shown = (text, node) => mark(make("b", { class: "number" }, text), node);
const along = (text, [c, p]) => make("b", { class: "number", "data-edge": `${c}-${p}` }, text);

// Each term is explained once, in the step that needs it first, and one at a time: a memory of who said it where.
class Introductions {
  constructor(letters) { Object.assign(this, { letters, where: new Map() }); }

  at(place, terms) {
    const here = terms.find((name) => this.where.get(name) === place) ?? terms.find((name) => !this.where.has(name));
    if (here === undefined) return [];
    this.where.set(here, place);
    return [say(`introduce.${here}`, this.letters)];
  }
}

// The glossary: every term with its sentence, and the keys of the page.
class Glossary {
  constructor(letters) {
    this.dialog = byId("glossary");
    const entries = Object.keys(TEXTS.glossary).map((name) => [name, say(`glossary.${name}`, letters)]);
    byId("terms").replaceChildren(...entries.flatMap(([name, text]) => [make("dt", { id: `term-${name.replaceAll(" ", "-")}`, tabindex: -1 }, name), make("dd", {}, ...text)]));
    byId("words").addEventListener("click", () => this.open());
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.querySelector(".close").addEventListener("click", () => dialog.close());
      dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); }); // beside it
    }
    document.addEventListener("click", (event) => {
      const name = event.target.closest?.("[data-term]")?.dataset.term;
      if (name) this.open(name);
    });
  }

  open(name) {
    if (!this.dialog.open) this.dialog.showModal();
    for (const dt of this.dialog.querySelectorAll("[data-here]")) dt.removeAttribute("data-here");
    const entry = name && byId(`term-${name.replaceAll(" ", "-")}`);
    if (entry) { entry.setAttribute("data-here", ""); entry.focus(); entry.scrollIntoView({ block: "nearest" }); }
  }
}
