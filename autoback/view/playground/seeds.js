// Twenty seeds side by side: the same training from each, in workers of their own; which get stuck, and whose weights to take.

class SeedsView {
  constructor(playground) {
    Object.assign(this, { playground, count: 20, runs: [], running: 0 });
    byId("sweep").addEventListener("click", () => (this.running ? this.stop() : this.start()));
    this.box = byId("strip");
    this.label();
  }

  // What is on show belongs to one setting; the seed and the weights may change.
  build() {
    const { state } = this.playground, key = JSON.stringify({ ...state, seed: 0, weights: null });
    if (this.key !== undefined && key !== this.key) this.clear();
    this.key = key;
  }

  render() {
    const { state, report } = this.playground;
    byId("sweep").disabled = !report;
    for (const { seed, button } of this.runs) button.setAttribute("aria-pressed", String(this.taken === seed && state.seed === seed));
  }

  clear() {
    this.stop();
    this.runs = [];
    this.box.replaceChildren();
    byId("swept").textContent = "";
  }

  stop() {
    this.turn = null;
    for (const runner of this.runners ?? []) runner.stop();
    this.runners = [];
    this.running = 0;
    this.label();
    if (this.runs.some(({ done }) => done)) this.conclude();
  }

  label() { byId("sweep").textContent = tell(this.running ? "seeds.stop" : "seeds.start", { n: this.count }); }

  start() {
    const { playground } = this, { state, samples } = playground, job = jobOf(state, samples), box = byId("sweep-epochs"), asked = Math.round(Number(box.value));
    const epochs = (this.epochs = asked >= 1 ? Math.min(asked, Number(box.max)) : Number(box.defaultValue));
    box.value = epochs;
    this.clear();
    const turn = (this.turn = {}), sizes = sizesOf(state);
    this.runs = Array.from({ length: this.count }, (_, k) => this.run((state.seed + k) % (LIMITS.seed + 1)));
    this.box.replaceChildren(...this.runs.map(({ button }) => button));
    const waiting = [...this.runs], hands = Math.min(4, Math.max(1, (navigator.hardwareConcurrency ?? 2) - 1));
    const work = async (runner) => {
      for (let run = waiting.shift(); run && this.turn === turn; run = waiting.shift()) {
        run.report = await runner.start({ ...job, parameters: firstParameters(sizes, run.seed), seed: run.seed });
        for (let chunk = 16; run.report.epoch < epochs && !run.report.diverged && this.turn === turn;) {
          const before = performance.now();
          run.report = await runner.advance({ epochs: Math.min(chunk, epochs - run.report.epoch) });
          for (const loss of run.report.losses) run.losses.push(loss);
          run.held = run.report.validationLosses.at(-1) ?? run.held;
          if (performance.now() - before < 80) chunk *= 2;
          this.show(run);
          if (!runner.worker) await new Promise((resolve) => setTimeout(resolve)); // the page's own thread has to draw, too
        }
        if (this.turn === turn) this.judge(run, samples, state);
      }
    };
    this.runners = Array.from({ length: hands }, () => new Runner());
    this.running = hands;
    this.label();
    this.finished = Promise.all(this.runners.map(work)).then(() => { if (this.turn === turn) this.stop(); });
    return this.finished;
  }

  run(seed) {
    const path = draw("path", { class: "curve" }), svg = draw("svg", { viewBox: "0 0 112 62", "aria-hidden": "true" }), name = make("span", {}, tell("seeds.seed", { seed })), verdict = make("b", {});
    svg.append(draw("path", { class: "axes", d: "M0 0V62H112" }), path);
    const run = { seed, path, verdict, losses: [], report: null, done: false, button: make("button", { type: "button", class: "seed", "data-seed": seed }, make("span", { class: "line" }, name, verdict), svg) };
    run.button.disabled = true;
    run.button.addEventListener("click", () => this.take(run));
    return run;
  }

  // Whether it is stuck, in the words of `health`.
  judge(run, samples, state) {
    const model = new Model(sizesOf(state), state.activations);
    model.parameters.set(run.report.parameters);
    const { quantities } = healthOf(model, samples, state.loss, state.rate, run.losses, run.report.step);
    const [said = run.report.diverged ? tell("run.diverged") : ""] = alarmsOf("network", quantities);
    Object.assign(run, { quantities, said, stuck: said !== "", done: true, loss: run.report.diverged ? Infinity : quantities.loss });
    run.reached = run.report.diverged ? Infinity : run.held ?? run.loss;
    run.button.disabled = false;
    run.button.title = said;
    run.button.classList.toggle("stuck", run.stuck);
    run.verdict.textContent = run.stuck ? tell("seeds.stuck") : "";
    run.button.setAttribute("aria-label", tell("seeds.said", { seed: run.seed, loss: short(run.loss), epochs: run.report.epoch, said }));
    this.show(run);
  }

  // The best is, as in Python's `Sweep`, the one with the smallest cost of the held-out samples, where there are some.
  conclude() {
    const done = this.runs.filter((run) => run.done), stuck = done.filter((run) => run.stuck), best = done.reduce((a, b) => (b.reached < a.reached ? b : a));
    for (const run of done) run.verdict.textContent = run === best ? tell("seeds.best") : run.stuck ? tell("seeds.stuck") : "";
    const which = stuck.length ? ` (seed${stuck.length > 1 ? "s" : ""} ${few(stuck.map(({ seed }) => seed))})` : "", values = { stuck: stuck.length, count: done.length, which, best: String(best.seed), loss: best.reached };
    byId("swept").textContent = filled(ALARMS.swept, values);
    byId("live").textContent = byId("swept").textContent;
  }

  // All curves share a logarithmic scale: that of all losses so far.
  show(changed) {
    changed.low = changed.losses.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), Infinity);
    changed.high = changed.losses.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, b) : a), 0);
    const met = this.runs.filter(({ high }) => high > 0), low = Math.log10(Math.min(changed.high || 1, ...met.map((run) => run.low))), high = Math.log10(Math.max(...met.map((run) => run.high)));
    const again = low !== this.low || high !== this.high ? met : [changed];
    Object.assign(this, { low, high });
    for (const { losses, path } of again) {
      const stride = Math.max(1, Math.ceil(losses.length / 112)), y = (loss) => 60 - 58 * (loss > 0 ? (Math.log10(loss) - low) / Math.max(high - low, 0.5) : 0), points = [];
      for (let e = 0; e < losses.length; e += stride) if (Number.isFinite(losses[e])) points.push([(112 * e) / this.epochs, y(losses[e])]);
      path.setAttribute("d", line(points));
    }
  }

  take(run) {
    this.taken = run.seed;
    return this.playground.change({ seed: run.seed, weights: Array.from(run.report.parameters) });
  }
}
