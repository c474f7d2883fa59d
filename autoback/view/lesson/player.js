// The player: what the ways with steps share. One step at a time, by button, key or slider, or all by itself,
// waiting at each step as long as its sentence takes to read.

class Player {
  // A way has: steps, step, tell(step), state(), side(step), and perhaps light(step), pulse(step), seed.
  constructor(lesson) {
    Object.assign(this, { lesson, timer: 0, way: null });
    const on = (id, act) => byId(id).addEventListener("click", act);
    on("first", () => this.go(0));
    on("previous", () => this.go(this.way.step - 1));
    on("next", () => this.go(this.way.step + 1));
    on("last", () => this.go(Infinity));
    on("play", () => this.play());
    this.scrub = byId("scrub");
    this.scrub.addEventListener("input", () => this.go(Number(this.scrub.value)));
    this.introductions = new Introductions(lesson.letters);
    // Where the room changes after the words were set, they are set again; on a phone the room is as long as they are.
    const boxes = [byId("story"), byId("side")], again = new ResizeObserver(() => boxes.forEach((box) => getComputedStyle(box).overflowY !== "visible" && settle(box)));
    boxes.forEach((box) => again.observe(box));
  }

  attach(way) {
    this.stop();
    this.way = way;
    this.scrub.max = way.steps.length - 1;
    way.step = Math.min(way.step, way.steps.length - 1);
  }

  go(step) {
    this.stop();
    this.move(step);
  }

  move(step) {
    const { way, lesson } = this, before = way.step;
    way.step = Math.min(way.steps.length - 1, Math.max(0, step));
    lesson.chosen = null;
    lesson.render();
    if (way.step === before + 1) way.pulse?.(way.steps[way.step]);
    lesson.announce(this.said);
    this.follow();
  }

  // What the step is about is in view.
  follow() {
    const { way, lesson } = this, { nodes, edges } = way.light(way.steps[way.step]), ends = edges.slice(0, 2).flatMap(([k, p]) => [k, lesson.graph.nodes[k].inputs[p]]);
    if (nodes.length) lesson.stage.follow(ends.length ? ends : nodes, nodes.at(-1));
  }

  // How long a step stands while playing, in milliseconds.
  patience() { return readingTime(byId("story")) / this.pace(); }
  pace() { return Number(byId("speed").value); }

  play() {
    if (this.timer) return this.stop();
    if (this.way.step === this.way.steps.length - 1) this.move(0);
    const tick = () => {
      this.lesson.stage.hurried = this.pace() > 2;
      this.move(this.way.step + 1);
      if (this.way.step < this.way.steps.length - 1) this.timer = setTimeout(tick, this.patience());
      else this.stop();
    };
    this.timer = setTimeout(tick, 400 / this.pace());
    byId("play").textContent = tell("player.pause");
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.lesson.stage.hurried = false;
    byId("play").textContent = tell("player.play");
  }

  key(event) {
    const act = {
      ArrowRight: () => this.go(this.way.step + 1), ArrowLeft: () => this.go(this.way.step - 1),
      Home: () => this.go(0), End: () => this.go(Infinity), p: () => this.play(),
    }[event.key];
    if (act) act();
    return Boolean(act);
  }

  // Draws the step: the graph, the sentence, the line or table beside it, and the light on all of them.
  render() {
    const { way, lesson } = this, { steps, step } = way, total = steps.length - 1, now = steps[step];
    lesson.stage.show(way.state());
    lesson.caption(way.legend?.());
    this.scrub.value = step;
    this.scrub.setAttribute("aria-valuetext", tell("player.at", { step, total }));
    const share = (n) => `${total ? (100 * n) / total : 0}%`, seed = way.seed ?? steps.length;
    this.scrub.style.setProperty("--there", share(Math.min(step, seed - 1)));
    this.scrub.style.setProperty("--back", share(step));
    for (const id of ["first", "previous"]) byId(id).disabled = step === 0;
    for (const id of ["next", "last"]) byId(id).disabled = step === total;
    const told = way.tell(now), place = `${way.name}-${step}`;
    const introduced = this.introductions.at(place, told.terms ?? []);
    const phase = make("span", { class: `phase ${told.way ?? ""}` }, tell("player.phase", { phase: told.phase, step, total }));
    const lines = told.lines.length ? [make("div", { class: "lines" }, ...told.lines.map((line) => make("p", { class: "formula" }, ...[line].flat())))] : [];
    const why = told.why ? [make("p", { class: "why" }, told.why)] : [];
    const story = byId("story");
    story.replaceChildren(make("h2", {}, ...told.title, " ", phase), ...lines, ...why, ...introduced.map((text) => make("p", { class: "introduction" }, ...text)));
    const text = (parts) => parts.map((part) => part.textContent ?? part).join("");
    this.said = [tell("player.at", { step, total }), told.said, told.why ? text(told.why) : "", ...introduced.map(text)].filter(Boolean).join(" ");
    settle(story);
    const side = byId("side");
    if (lesson.chosen === null) side.replaceChildren(...way.side(now));
    else side.replaceChildren(...closer(lesson, lesson.chosen, way.state()));
    side.classList.toggle("look", side.querySelector(".words") !== null);
    settle(side);
    const light = way.light(now);
    lesson.spotlight.fix(lesson.chosen === null ? light.nodes : [lesson.chosen], lesson.chosen === null ? light.edges : lesson.chosenEdges);
    const row = side.querySelector("tr.bad") ?? side.querySelector("tr[data-lit]"); // the row that matters is in view
    if (row) side.scrollTop += Math.max(0, row.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom + 8);
  }
}

// Words that do not fit into their box become a little smaller, down to a size that can still be read.
function settle(box) {
  const free = getComputedStyle(box).overflowY === "visible"; // on a phone, as long as it likes to be
  for (let size = !free && box.clientHeight > 230 ? 1.15 : 1; size > 0.71; size -= 0.05) {
    box.style.fontSize = `${size}rem`;
    if ((free || box.scrollHeight <= box.clientHeight + 1) && box.scrollWidth <= box.clientWidth + 1) break;
  }
}
