// Training as `fit` does it, with the same numbers: shuffled batches, an optimiser, an L2 penalty. Knows nothing of the page.

// So many samples run at a time.
const BLOCK = 32;

class Trainer {
  // job: {sizes, activations, parameters, loss, optimizer, rate, batch (0: all samples), l2, seed, inputs, targets,
  //       held: {inputs, targets} or null, epoch: how many there were before, if any}; numbers of samples one after the other
  constructor(job) {
    Object.assign(this, job);
    this.model = new Model(job.sizes, job.activations, BLOCK);
    this.model.parameters.set(job.parameters);
    this.outputs = job.sizes.at(-1);
    this.row = OPTIMIZERS[job.optimizer];
    this.loss = LOSSES[job.loss].of[this.outputs];
    this.count = job.targets.length / this.outputs;
    this.size = job.batch > 0 ? Math.min(job.batch, this.count) : this.count;
    this.memory = new Float64Array(this.row.states * job.parameters.length);
    this.before = { parameters: this.model.parameters.slice(), memory: this.memory.slice(), epoch: job.epoch ?? 0, step: 0 };
    this.random = new Random(job.seed);
    this.order = Int32Array.from({ length: this.count }, (_, k) => k);
    // epochs and steps that are finished, samples of the epoch and of the batch that are done
    Object.assign(this, { epoch: job.epoch ?? 0, step: 0, at: 0, within: 0, total: 0, sum: 0, diverged: false, losses: [], validationLosses: [] });
  }

  // What may change on the way.
  change({ rate, l2, parameters, index, number }) {
    if (rate !== undefined) this.rate = rate;
    if (l2 !== undefined) this.l2 = l2;
    if (parameters) this.model.parameters.set(parameters);
    this.diverged = false;
    if (index !== undefined) this.set(index, number);
  }

  // One number moved by hand, unless the cost would be beyond all numbers; to take back the last step leaves it moved.
  set(index, number) {
    const { parameters } = this.model, was = parameters[index];
    parameters[index] = number;
    if (Number.isFinite(this.mean(this) + this.penalty(false))) this.before.parameters[index] = number;
    else parameters[index] = was;
  }

  // Some samples forward and back, no more than the running batch has left; the last of a batch makes the step.
  // Whether all numbers are finite.
  some(n) {
    const { model, order } = this;
    if (this.at === 0 && this.within === 0) {
      for (let k = 0; k < this.count; k++) order[k] = k;
      if (this.size < this.count) this.random.shuffle(order);
      this.total = 0;
    }
    if (this.within === 0) { model.gradients.fill(0); this.sum = 0; }
    const c = Math.min(n, BLOCK, this.size - this.within, this.count - this.at);
    model.forwardAll(this.inputs, order, this.at, c);
    this.sum += model.backwardAll(this.loss, this.targets, order, this.at, c);
    this.at += c;
    this.within += c;
    return this.within < this.size && this.at < this.count ? true : this.move();
  }

  // Every sample of the running batch, and the step.
  several() {
    const { step } = this;
    while (this.step === step) if (!this.some(BLOCK)) return false;
    return true;
  }

  epochs(n) {
    for (const last = this.epoch + n; this.epoch < last;) if (!this.several()) return false;
    return true;
  }

  // The step at the end of a batch: the mean gradient, the penalty's, and the optimiser's formula.
  move() {
    const { model, memory, before } = this, { parameters, gradients } = model, share = 1 / this.within;
    let loss = this.sum * share, size = 0;
    for (let k = 0; k < gradients.length; k++) gradients[k] *= share;
    if (this.l2) loss += this.penalty(true);
    for (let k = 0; k < gradients.length; k++) size += gradients[k];
    if (!Number.isFinite(loss + size)) return this.undo();
    before.parameters.set(parameters);
    before.memory.set(memory);
    Object.assign(before, { epoch: this.epoch, step: this.step });
    this.step++;
    this.row.move(parameters, gradients, this.rate, this.step, memory, parameters.length);
    for (let k = 0; k < parameters.length; k++) size += parameters[k] * 0;
    if (!Number.isFinite(size)) return this.undo();
    this.total += loss * this.within;
    this.within = 0;
    if (this.at === this.count) {
      this.losses.push(this.total / this.count);
      this.at = 0;
      this.epoch++;
      if (this.held) this.validationLosses.push(this.mean(this.held));
    }
    return true;
  }

  // Numbers beyond all bounds: back to the last good ones, where the epoch began.
  undo() {
    this.model.parameters.set(this.before.parameters);
    this.memory.set(this.before.memory);
    const { epoch, step } = this.before;
    if (this.epoch > epoch) { this.losses.pop(); this.validationLosses.pop(); } // an epoch whose last step is taken back has not been
    Object.assign(this, { epoch, step, at: 0, within: 0, diverged: true });
    return false;
  }

  // The L2 penalty on all weights, its slopes added to the gradients if asked.
  penalty(slopes) {
    let sum = 0;
    for (const { weights, weightGradients } of this.model.layers) sum += PENALTY(weights, this.l2, slopes ? weightGradients : null);
    return sum;
  }

  // The mean cost of samples, with the numbers as they are now.
  mean({ inputs, targets }) {
    const n = targets.length / this.outputs;
    return this.model.costs(this.loss, inputs, targets, n) / n;
  }

  // Works through {samples, batches, epochs or milliseconds: n}, and reports.
  advance({ samples = 0, batches = 0, epochs = 0, milliseconds = 0 }) {
    const end = performance.now() + milliseconds;
    let good = true;
    for (let k = 0; good && k < samples; k++) good = this.some(1);
    for (let k = 0; good && k < batches; k++) good = this.several();
    if (good && epochs) good = this.epochs(epochs);
    while (good && performance.now() < end) good = this.several();
    return this.report();
  }

  // What the page has to know; losses are those since the last report.
  report() {
    const { model, within } = this, gradients = model.gradients.slice();
    let penalty = this.penalty(false), cost = this.mean(this) + penalty;
    if (!Number.isFinite(cost)) {
      this.undo();
      penalty = this.penalty(false);
      cost = this.mean(this) + penalty;
    }
    if (within) for (let k = 0; k < gradients.length; k++) gradients[k] /= within;
    const report = {
      parameters: model.parameters.slice(), gradients, epoch: this.epoch, step: this.step, sample: this.within,
      last: this.at ? this.order[this.at - 1] : null, // the sample that ran last in the running epoch
      losses: this.losses, validationLosses: this.validationLosses, cost, penalty, diverged: this.diverged,
    };
    this.losses = [];
    this.validationLosses = [];
    return report;
  }
}

// A function that answers orders one by one, [what, argument] -> report, with a trainer of its own.
function answering() {
  let trainer = null;
  return ([what, argument]) => {
    if (what === "start") trainer = new Trainer(argument);
    else if (what === "change") trainer.change(argument);
    return what === "advance" ? trainer.advance(argument) : trainer.report();
  };
}
