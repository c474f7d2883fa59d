// The playground: one state, a trainer at work, a model with its last numbers, and views that show them.

class Playground {
  constructor({ state, texts, geometry, alarms }) {
    TEXTS = texts;
    GEOMETRY = geometry;
    ALARMS = alarms;
    Object.assign(this, { first: state, palette: new Palette(), runner: new Runner(), playing: false, chosen: null, tool: "look", queue: Promise.resolve() });
    const { state: begun, troubles } = checked(fromHash(location.hash), state);
    this.state = begun;
    const network = new NetworkView(this);
    this.views = [new Controls(this), new Tools(this), new SurfaceView(this), network, new Inside(this, network), new CurveView(this), new Tables(this), new HealthView(this), new SeedsView(this)];
    new Share(this);
    this.listen();
    this.restart();
    this.complain(troubles);
  }

  listen() {
    const on = (id, act) => byId(id).addEventListener("click", act);
    on("play", () => this.toggle());
    on("step", () => this.advance({ epochs: 1 }));
    on("step-batch", () => this.advance({ batches: 1 }));
    on("step-sample", () => this.advance({ samples: 1 }));
    on("reset", () => { this.complain([]); this.restart(); });
    on("dismiss", () => { this.complain([]); this.dismissed = byId("trouble-text").textContent; this.complain(); });
    on("new-seed", () => this.change({ seed: (this.state.seed + 1) % (LIMITS.seed + 1), weights: null }));
    const keys = { " ": "play", p: "play", ArrowRight: "step", b: "step-batch", s: "step-sample", r: "reset", n: "new-seed" };
    document.addEventListener("keydown", (event) => {
      const at = event.target, typing = at.closest("input, select, textarea, dialog, [role=application]");
      if (event.ctrlKey || event.metaKey || event.altKey || typing || (event.key === " " && at.closest("button, summary, [role=radio]")) || !(event.key in keys)) return;
      byId(keys[event.key]).click();
      event.preventDefault();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.palette.read(); this.render(); });
    addEventListener("hashchange", () => { if (location.hash !== this.hash) this.adopt(fromHash(location.hash), this.first); });
    addEventListener("resize", () => this.render());
  }

  // Work is done in order, one piece after the other, whatever is pressed meanwhile.
  then(work) {
    this.queue = this.queue.then(work).catch((error) => { console.error(error); this.complain([["run.broken", { why: error.message }]]); });
    return this.queue;
  }

  // Work that may come between two frames of a running training: the runner answers in order.
  soon(work) { return this.playing ? Promise.resolve().then(work) : this.then(work); }

  // Changes of the state by the reader: rate and L2 hold at once, others of the training go on from the present weights, the rest begins anew, as all does if asked.
  change(changes, anew = false) {
    const was = this.state, { weights, ...kept } = was, { state, troubles } = checked({ ...kept, ...changes }, was);
    const moved = Object.keys(state).filter((name) => JSON.stringify(state[name]) !== JSON.stringify(was[name]));
    const within = (...names) => moved.every((name) => names.includes(name));
    // Weights belong to one architecture and one seed.
    if (!("weights" in changes) && moved.some((name) => ["hidden", "outputs", "seed"].includes(name))) state.weights = null;
    this.state = state;
    this.complain(troubles);
    if (!moved.length) return this.soon(() => this.show());
    if (within("rate", "l2")) return this.soon(async () => { this.take(await this.runner.change({ rate: state.rate, l2: state.l2 })); this.show(); });
    return this.restart(!anew && (within("rate", "l2", "batch", "optimizer", "own") || (within("own", "set") && state.set === "own")));
  }

  // A whole state from a link or a file.
  adopt(given, first) {
    const { state, troubles } = checked(given, first);
    this.state = state;
    this.complain(troubles);
    return this.restart();
  }

  // Begins anew from the first weights; or, if asked to go on, from the present ones.
  restart(on = false) {
    const playing = this.playing;
    this.playing = false;
    return this.then(async () => {
      const { state } = this;
      this.samples = samplesOf(state);
      const job = jobOf(state, this.samples), going = on && this.report && this.model.sizes.join() === sizesOf(state).join();
      if (going && job) Object.assign(job, { parameters: this.model.parameters.slice(), epoch: this.report.epoch });
      if (!going) Object.assign(this, { model: new Model(sizesOf(state), state.activations), losses: new ThinnedLosses(), validationLosses: new ThinnedLosses(), report: null });
      if (this.chosen >= this.samples.count) this.chosen = null;
      if (job) this.take(await this.runner.start(job));
      else { this.model.parameters.set(state.weights ?? firstParameters(sizesOf(state), state.seed)); this.report = null; }
      this.address();
      for (const view of this.views) view.build();
      this.render();
      if (playing && job) this.toggle();
    });
  }

  show() { for (const view of this.views) view.build(); this.address(); this.render(); }

  // A report becomes the page's numbers.
  take(report) {
    this.report = report;
    this.model.parameters.set(report.parameters);
    this.model.gradients.set(report.gradients);
    this.losses.add(report.losses);
    this.validationLosses.add(report.validationLosses);
  }

  advance(much) {
    this.playing = false;
    this.dismissed = null;
    return this.then(async () => {
      if (!this.report) return;
      this.take(await this.runner.advance(much));
      this.render();
      this.announce();
    });
  }

  toggle() {
    this.playing = !this.playing && Boolean(this.report);
    this.label();
    if (this.playing) this.then(() => this.play());
  }

  label() { byId("play").textContent = tell(this.playing ? "run.pause" : "run.play"); }

  // While the page draws a frame the trainer works for the next one.
  async play() {
    const speed = () => byId("speed").value, much = () => (speed() === "fastest" ? { milliseconds: 14 } : { epochs: speed() === "slow" ? 1 : Number(speed()) });
    const frame = () => new Promise((resolve) => { if (speed() === "slow") setTimeout(resolve, 333); else if (document.hidden) setTimeout(resolve, 50); else requestAnimationFrame(resolve); });
    let spoken = performance.now(), order = this.playing ? this.runner.advance(much()) : null;
    while (order) {
      this.take(await order);
      if (this.report.diverged) this.playing = false;
      order = this.playing ? this.runner.advance(much()) : null;
      this.render();
      if (performance.now() - spoken > 4000) { spoken = performance.now(); this.announce(); } // often enough to follow by ear, seldom enough to be heard out
      if (order) await frame();
    }
    this.label();
    this.announce();
  }

  // A weight or bias moved by hand, by its place in the parameters.
  setParameter(index, number) {
    if (!Number.isFinite(number)) return this.queue;
    return this.soon(async () => {
      if (this.report) this.take(await this.runner.change({ index, number }));
      else this.model.parameters[index] = number;
      this.render();
    });
  }

  // A sample of the training set, by its number, or null.
  choose(index) {
    this.chosen = index;
    this.render();
  }

  render() {
    if (this.model) for (const view of this.views) view.render();
    this.complain();
  }

  announce() {
    const { report } = this;
    if (!report) return;
    const values = { epoch: report.epoch, cost: short(report.cost), sample: report.sample, batch: Math.min(this.state.batch || Infinity, this.samples.count) };
    byId("live").textContent = report.diverged ? tell("run.diverged") : tell(report.sample ? "run.within" : "run.at", values);
  }

  // What is wrong with the last change, as keys of sentences; and what is wrong as things stand.
  complain(troubles) {
    if (troubles) this.troubles = troubles;
    const { samples, state, report } = this, said = (this.troubles ?? []).map((trouble) => this.sentence(trouble));
    if (samples && !samples.count) said.push(tell("samples.none"));
    else if (samples && !state.regression && samples.classes.every((kind) => kind === samples.classes[0])) said.push(tell("state.one class"));
    if (report?.diverged) said.push(tell("run.diverged"));
    const place = byId("trouble-text"), text = said.join(" ");
    if (place.textContent !== text) place.textContent = text;
    if (text !== this.dismissed) this.dismissed = null;
    byId("trouble").hidden = !text || text === this.dismissed;
  }

  // What is wrong, and for a field of a number what it takes.
  sentence([key, values]) {
    const said = tell(key, { ...values, name: TEXTS.names[values.name] ?? values.name });
    return key === "state.bad" && values.name in TEXTS.wanted ? `${said} ${tell(`wanted.${values.name}`, values)}` : said;
  }

  // The state, with the present weights if they are not those that the seed gives.
  present() {
    const { state, model } = this, first = firstParameters(sizesOf(state), state.seed);
    return { ...state, weights: model.parameters.every((x, k) => x === first[k]) ? null : Array.from(model.parameters) };
  }

  // The settings in the page's address, where the browser allows it.
  address() {
    this.hash = toHash(this.state, this.first);
    try { history.replaceState(null, "", this.hash ? `#${this.hash}` : location.pathname + location.search); } catch { /* in a frame there is none */ }
    this.hash = location.hash;
  }

  // Which class some outputs name; for regression whether the number is above the middle.
  answer(outputs, middle = this.middle()) {
    if (outputs.length === 1) return outputs[0] > middle ? 1 : 0;
    let best = 0;
    for (let k = 1; k < outputs.length; k++) if (outputs[k] > outputs[best]) best = k;
    return best;
  }

  // Above which a single output says yes.
  middle() {
    const { threshold } = LOSSES[this.state.loss], [low, high] = this.ends();
    return this.state.regression || threshold === null ? (low + high) / 2 : threshold;
  }

  // How far from there a colour is full; a logit is judged by its sign.
  reach() {
    const [low, high] = this.ends();
    return LOSSES[this.state.loss].threshold !== null && !this.state.regression ? 3 : Math.max((high - low) / 2, 1e-9);
  }

  ends() {
    if (!this.state.regression) return endsOf(this.state);
    const { targets } = this.samples;
    return targets.length ? [targets.reduce((a, b) => Math.min(a, b)), targets.reduce((a, b) => Math.max(a, b))] : [0, 1];
  }

  // How many samples of a side are right.
  right(side) {
    const { model, state } = this, m = model.outputs.length, found = model.answers(side.inputs, side.count), middle = this.middle();
    let right = 0;
    for (let i = 0; i < side.count; i++)
      right += this.answer(found.subarray(i * m, (i + 1) * m), middle) === (state.regression ? Number(side.targets[i] > middle) : side.classes[i]);
    return right;
  }
}

window.autoback = { playground: new Playground(JSON.parse(byId("data").textContent)) };
