// How well a network can learn from here: what `health` computes in Python, with its alarms. ALARMS is the table of nn/alarms.py.

let ALARMS = {};

const COMPARE = { ">": (a, b) => a > b, ">=": (a, b) => a >= b, "<": (a, b) => a < b, "==": (a, b) => a === b };

// A text of the table with quantities in its braces, {share:%} in per cent: `say` of nn/alarms.py.
function filled(text, quantities) {
  const put = (x) => (typeof x === "string" ? x : short(x));
  return text.replace(/\{(\w+)(:%)?\}/g, (all, name, share) => (share ? percent(quantities[name]) : put(quantities[name])));
}

// A share as a whole number of per cent: `percent` of the Python side.
function percent(share) {
  const whole = Math.floor(100 * share + 0.5);
  if (whole === 0 && share > 0) return "<1%";
  return whole === 100 && share < 1 ? ">99%" : `${whole}%`;
}

// The sentences that are true of some arrays of parameters, or of a network; what is true of several arrays is said once.
function alarmsOf(about, ...each) {
  return ALARMS.rows.filter((alarm) => alarm.about === about).flatMap(({ when, says }) => {
    const groups = new Map();
    for (const quantities of each) {
      if (!when.every(([name, sign, limit]) => name in quantities && COMPARE[sign](quantities[name], limit))) continue;
      const text = filled(says, { ...quantities, name: "{name}" });
      groups.set(text, [...(groups.get(text) ?? []), quantities.name]);
    }
    return [...groups].map(([text, names]) => text.replace("{name}", few(names)));
  });
}

// The first five of some names, and how many more there are.
const few = (names) => names.slice(0, 5).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");

const meanSquare = (numbers) => { let sum = 0; for (const x of numbers) sum += x * x; return Math.sqrt(sum / numbers.length); };

// {layers, alarms, quantities}: for each array of parameters its LayerHealth, the sentences, and what the run came to.
// model is left alone; samples, loss, rate: of the training; losses: of the epochs so far, steps: how many there were
function healthOf(model, samples, loss, rate, losses, steps) {
  const own = new Model(model.sizes, model.activations), cost = LOSSES[loss].of[own.outputs.length], { count, inputs, targets } = samples, m = own.outputs.length;
  own.parameters.set(model.parameters);
  const slopes = own.layers.map(({ outputs }) => ({ flat: 0, moving: new Uint8Array(outputs) })), wrong = [];
  const ends = [targets.reduce((a, b) => Math.min(a, b), Infinity), targets.reduce((a, b) => Math.max(a, b), -Infinity)];
  let total = 0;
  for (let i = 0; i < count; i++) {
    own.forward(inputs, 2 * i);
    if (missed(own.outputs, samples.targets, i, LOSSES[loss], ends)) wrong.push(i);
    total += own.backward(cost, targets, i * m);
    own.layers.forEach(({ slope, outputs }, l) => {
      for (let j = 0; j < outputs; j++) {
        slopes[l].flat += Math.abs(slope[j]) < ALARMS.flat;
        if (slope[j] !== 0) slopes[l].moving[j] = 1;
      }
    });
  }
  for (let k = 0; k < own.gradients.length; k++) own.gradients[k] /= count;
  const layers = own.layers.flatMap((layer, l) => {
    const [low, high] = layer.row.range, units = layer.row.linear ? 0 : layer.outputs;
    const saturated = units && Number.isFinite(high - low) ? slopes[l].flat / (units * count) : 0;
    const dead = units ? slopes[l].moving.filter((moves) => !moves).length / units : 0;
    return [["weight", layer.weights, layer.weightGradients], ["bias", layer.biases, layer.biasGradients]].map(([name, values, gradients]) => {
      const size = meanSquare(values), gradient = meanSquare(gradients);
      return { name: `layers.${l}.${name}`, units, saturated, dead, size, gradient, ratio: size ? (rate * gradient) / size : NaN, alike: name === "weight" ? alike(layer, units) : 0 };
    });
  });
  const quantities = runQuantities(losses, steps, total / count, wrong, samples), moving = layers.filter(({ gradient }) => gradient), largest = Math.max(0, ...moving.map(({ gradient }) => gradient));
  const size = Math.hypot(...own.parameters), change = size ? (rate * Math.hypot(...own.gradients)) / size : 0;
  const whole = { largest, change, ...(moving.length ? { first: moving[0].name, shrink: largest / moving[0].gradient } : {}), ...misfit(own, samples, loss), ...quantities };
  return { layers, quantities, alarms: [...alarmsOf("parameters", ...layers), ...alarmsOf("network", whole)] };
}

function alike({ weights, inputs, outputs }, units) {
  if (units < 2) return 0;
  for (let p = inputs; p < weights.length; p++) if (weights[p] !== weights[p - inputs]) return 0;
  return 1;
}

// Whether an answer is wrong, as `health` judges it.
function missed(outputs, targets, i, { classes, threshold }, [low, high]) {
  const m = outputs.length, target = (k) => targets[i * m + k];
  if (classes) {
    let best = 0, right = 0;
    for (let k = 1; k < m; k++) {
      if (outputs[k] > outputs[best]) best = k;
      if (target(k) > target(right)) right = k;
    }
    return outputs[right] < outputs[best];
  }
  for (let k = 0; k < m; k++) {
    if (threshold !== null ? outputs[k] > threshold !== target(k) > (low + high) / 2 : Math.abs(outputs[k] - target(k)) > ALARMS.wrong * (high - low || 1)) return true;
  }
  return false;
}

// What a run came to: how many steps, how much the second half of them lowered the loss and how far it swings there, which answers are wrong.
function runQuantities(losses, steps, loss, wrong, { inputs, count }) {
  const finite = losses.filter(Number.isFinite), half = Math.floor(finite.length / 2), least = (some) => some.reduce((a, b) => Math.min(a, b), Infinity);
  const best = least(finite.slice(0, half)), late = finite.slice(half), last = least(late), fall = half && best > 0 ? 1 - last / best : 1;
  const swing = last > 0 && last < Infinity ? late.reduce((sum, x) => sum + x / late.length, 0) / last - 1 : 0;
  const asked = wrong.map((i) => `(${short(inputs[2 * i])}, ${short(inputs[2 * i + 1])})`);
  return { steps, fall, swing, loss, misses: wrong.length, samples: count, wrong: wrong.length / count, which: few(asked) };
}

// Whether loss and last layer fit, as `fit` judges it.
function misfit({ layers, outputs }, { targets }, loss) {
  const { activation, row } = layers.at(-1), [low, high] = row.range, facts = { loss, last: activation, interval: ALARMS.intervals[activation] };
  const put = (key, more) => ({ misfits: 1, misfit: filled(ALARMS.misfits[key], { ...facts, ...more }) });
  if (LOSSES[loss].takes === null || (!Number.isFinite(low) && !Number.isFinite(high))) return { misfits: 0 };
  if (LOSSES[loss].takes === "logits") return put("logits");
  const bad = targets.findIndex((y) => y < low || y > high);
  return bad < 0 ? { misfits: 0 } : put("target", { place: `targets[${Math.floor(bad / outputs.length)}]`, target: String(Number(targets[bad].toPrecision(6))) });
}

// Bars for each array of parameters, and the alarms.
class HealthView {
  constructor(playground) {
    this.playground = playground;
    this.at = 0;
    byId("health").addEventListener("toggle", () => this.render());
  }

  build() { this.at = 0; }

  // Five times a second is often enough to watch, and leaves the time to the training.
  render() {
    const { playground } = this, { report, samples, state, model, losses } = playground, now = performance.now();
    if (playground.playing && now - this.at < 200) return;
    this.at = now;
    if (!report) { this.found = null; byId("alarms").replaceChildren(); byId("bars").replaceChildren(); this.text = undefined; return; }
    this.found = healthOf(model, samples, state.loss, state.rate, losses.kept, report.step);
    this.said();
    if (byId("health").open) this.table();
  }

  // The alarms stand where they are seen, whether or not the bars are open.
  said() {
    const { alarms } = this.found, text = alarms.join("\n");
    if (text === this.text) return; // what a screen reader has read it need not read again
    this.text = text;
    byId("alarms").replaceChildren(...(alarms.length ? alarms : [tell("health.well")]).map((alarm) => make("li", {}, alarm)));
    byId("alarms").classList.toggle("well", !alarms.length);
  }

  table() {
    const { layers } = this.found, of = (name) => layers.map((layer) => layer[name]).filter((x) => x > 0);
    const scales = { gradient: decadesOf(of("gradient")), ratio: decadesOf([...of("ratio"), ALARMS.ratio]) };
    const share = (name, x) => { const [low, high] = scales[name]; return x > 0 ? Math.max(0.01, (Math.log10(x) - low) / (high - low)) : 0; };
    const bar = (length, text, mark) => {
      const fill = make("span", { class: "fill" }), cell = make("td", { class: "bar" }, make("span", { class: "track" }, fill), make("span", { class: "number" }, text));
      fill.style.width = `${100 * length}%`;
      if (mark !== undefined) {
        const stroke = make("span", { class: "mark" });
        stroke.style.left = `${100 * mark}%`;
        cell.firstChild.append(stroke);
      }
      return cell;
    };
    // A weight and a bias array for each layer; the picture counts layers from 1.
    const rows = layers.map((layer, k) => make("tr", {}, make("th", { scope: "row" }, `${layer.name} ${k % 2 ? "b" : "w"}⁽${raised(Math.floor(k / 2) + 1)}⁾`),
      ...["saturated", "dead"].map((name) => (layer.units ? bar(layer[name], percent(layer[name])) : bar(0, "–"))),
      bar(share("gradient", layer.gradient), short(layer.gradient)),
      bar(share("ratio", layer.ratio), Number.isNaN(layer.ratio) ? "–" : short(layer.ratio), share("ratio", ALARMS.ratio))));
    byId("bars").replaceChildren(...rows);
    for (const name of ["gradient", "ratio"]) byId(`scale-${name}`).textContent = `10${raised(scales[name][0])} … 10${raised(scales[name][1])}`;
  }
}

// The powers of ten around some positive numbers, at least two.
function decadesOf(numbers) {
  const low = Math.floor(Math.log10(Math.min(...(numbers.length ? numbers : [1]))) - 0.1);
  return [low, Math.max(low + 2, Math.ceil(Math.log10(Math.max(...(numbers.length ? numbers : [1])))))];
}
