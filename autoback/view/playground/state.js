// The state of the playground, one plain object: what it may hold, what follows from it, and how it travels in a link. Knows nothing of
// the page. LIMITS are those of playground.py.

const whole = (low, high) => ({ read: Number, good: (x) => Number.isInteger(x) && low <= x && x <= high, low, high });
const real = (low, high) => ({ read: Number, good: (x) => Number.isFinite(x) && low <= x && x <= high, low, high });
const among = (names) => ({ read: String, good: (name) => names().includes(name) });
const list = (good) => ({ read: (text) => (text === "" ? [] : text.split("-").map((part) => (isNaN(part) ? part : Number(part)))), good: (x) => Array.isArray(x) && good(x), write: (x) => x.join("-") });
// Numbers to the last bit, as the letters of base64 that a link may hold.
const numbers = (good) => ({
  read: (text) => [...new Float64Array(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0)).buffer)],
  write: (x) => btoa(String.fromCharCode(...new Uint8Array(Float64Array.from(x.flat()).buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
  good,
});

// Each field: how it is read from a link, and what is good. Texts for people are in playground.json.
const FIELDS = {
  set: among(() => [...Object.keys(SETS), "own"]),
  points: whole(4, LIMITS.points), noise: real(0, 1), dataSeed: whole(0, LIMITS.seed), held: real(0, 0.5),
  outputs: whole(1, 3),
  hidden: list((sizes) => sizes.every((n) => Number.isInteger(n) && n >= 1)), // how large is a question of all parameters together
  activations: list((names) => names.length >= 1 && names.every((name) => Object.hasOwn(ACTIVATIONS, name))),
  loss: among(() => Object.keys(LOSSES)), optimizer: among(() => Object.keys(OPTIMIZERS)),
  rate: { ...real(0, 1e300), good: (x) => x > 0 && x <= 1e300 }, batch: whole(0, LIMITS.points), l2: real(0, 1e6), seed: whole(0, LIMITS.seed),
  // The numbers that stand for no and yes where the loss leaves them open, and whether targets are any numbers instead of classes.
  ends: numbers((x) => Array.isArray(x) && x.length === 2 && x.every(Number.isFinite) && x[0] < x[1]),
  regression: { read: (text) => text === "true", good: (x) => typeof x === "boolean" },
  // Points of the reader, [x1, x2, class or number]; in a link one after the other.
  own: numbers((points) => Array.isArray(points) && points.length <= LIMITS.points && points.every((p) => Array.isArray(p) && p.length === 3 && p.every(Number.isFinite))),
  // Where training starts, if not from the seed.
  weights: { ...numbers((x) => x === null || (Array.isArray(x) && x.every(Number.isFinite))), null: true },
};
FIELDS.own.read = ((read) => (text) => { const flat = read(text); return Array.from({ length: flat.length / 3 }, (_, k) => flat.slice(3 * k, 3 * k + 3)); })(FIELDS.own.read);

const sizesOf = (state) => [2, ...state.hidden, state.outputs];
const parameterCount = (state) => sizesOf(state).reduce((sum, n, l, sizes) => sum + (l && n * (sizes[l - 1] + 1)), 0);

// A good state: the fields of `given` that are good, the others from `first`, with what was wrong as [key of a text, values].
function checked(given, first) {
  const state = { ...first }, troubles = [];
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(FIELDS, name)) troubles.push(["state.unknown", { name }]);
    else if (FIELDS[name].good(value)) state[name] = value;
    else troubles.push(["state.bad", { name, value: typeof value === "number" ? String(value) : (JSON.stringify(typeof value === "string" ? value.slice(0, 40) : value) ?? "").slice(0, 42), low: FIELDS[name].low, high: FIELDS[name].high }]);
  }
  // Any numbers are targets only among the reader's own points; and there they are, where one is the name of no class.
  state.regression = state.set === "own" && (state.regression || state.own.some(([, , y]) => ![0, 1, 2].includes(y)));
  if (state.regression) {
    state.outputs = 1;
    const takes = ({ classes, targets: [low, high], only }) => !classes && state.own.every(([, , y]) => (only.length ? only.includes(y) : low <= y && y <= high));
    if (!takes(LOSSES[state.loss])) {
      const { name } = LOSSES[state.loss];
      state.loss = [first.loss, ...Object.keys(LOSSES)].find((each) => takes(LOSSES[each]));
      troubles.push(["state.numbers", { loss: name, other: LOSSES[state.loss].name }]);
    }
  }
  const classes = classesOf(state);
  if (!state.regression && classes === 3 && state.outputs < 3) { state.outputs = 3; if ("outputs" in given) troubles.push(["state.three", {}]); }
  if (LOSSES[state.loss].classes && state.outputs === 1) {
    state.outputs = 2;
    troubles.push(["state.classes", { loss: LOSSES[state.loss].name }]);
  }
  // An activation for each layer: the last one's stays last.
  const { activations: names, hidden } = state, last = names.at(-1);
  if (names.length !== hidden.length + 1) state.activations = [...hidden.map((_, l) => (l < names.length - 1 ? names[l] : names.at(-2) ?? "tanh")), last];
  if (parameterCount(state) > LIMITS.parameters) {
    troubles.push(["state.large", { n: parameterCount(state), most: LIMITS.parameters }]);
    Object.assign(state, { hidden: first.hidden, activations: first.activations, outputs: first.outputs });
  }
  if (state.weights && state.weights.length !== parameterCount(state)) {
    if (given.weights) troubles.push(["state.weights", { n: state.weights.length, count: parameterCount(state) }]);
    state.weights = null;
  }
  return { state, troubles };
}

const classesOf = (state) => (state.set === "own" ? Math.max(2, ...state.own.map((p) => (state.regression ? 0 : p[2] + 1))) : SETS[state.set].classes);

// The numbers for no and yes: the reader's, where the loss allows them, or else the loss's own.
function endsOf(state) {
  const { targets: [low, high], only, classes } = LOSSES[state.loss], { ends } = state;
  const allowed = classes ? ends[0] === 0 && ends[1] === 1 : only.length ? ends.every((y) => only.includes(y)) : low <= ends[0] && ends[1] <= high;
  return allowed ? ends : [low, high];
}

// The samples of a state: {inputs, targets, classes, count, points} and under `held` the same of those held out, or null.
function samplesOf(state) {
  const points = state.set === "own" ? state.own : SETS[state.set].points(state.points, state.noise, new Random(state.dataSeed));
  const { outputs, regression } = state, [low, high] = endsOf(state), { train, held } = split(points.length, state.held, state.dataSeed);
  const side = (indices) => {
    const taken = indices.map((i) => points[i]), row = ([, , y]) => (outputs > 1 ? Array.from({ length: outputs }, (_, j) => (j === y ? high : low)) : [regression ? y : y ? high : low]);
    return {
      inputs: Float64Array.from(taken.flatMap(([a, b]) => [a, b])), targets: Float64Array.from(taken.flatMap(row)),
      classes: Uint8Array.from(taken, ([, , y]) => (regression ? 0 : y)), count: taken.length, points: taken, indices,
    };
  };
  return { ...side(train), held: held.length ? side(held) : null };
}

// What a Trainer needs, or null where there is nothing to train with.
function jobOf(state, samples) {
  if (!samples.count) return null;
  const { inputs, targets, held } = samples, { activations, loss, optimizer, rate, batch, l2, seed, weights } = state, sizes = sizesOf(state);
  const parameters = weights ? Float64Array.from(weights) : firstParameters(sizes, seed);
  return { sizes, activations, parameters, loss, optimizer, rate, batch, l2, seed, inputs, targets, held: held && { inputs: held.inputs, targets: held.targets } };
}

// The part of a link behind the #: every field that is not as the page began.
function toHash(state, first) {
  const parts = Object.entries(FIELDS).filter(([name]) => JSON.stringify(state[name]) !== JSON.stringify(first[name]));
  return parts.map(([name, { write = String }]) => `${name}=${state[name] === null ? "" : encodeURIComponent(write(state[name]))}`).join("&");
}

// The fields in a link; what cannot be read is left to `checked` to name.
function fromHash(hash) {
  const given = {};
  for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
    const [name, ...rest] = part.split("="), text = rest.join("=");
    try {
      const value = decodeURIComponent(text);
      given[name] = Object.hasOwn(FIELDS, name) ? (value === "" && FIELDS[name].null ? null : FIELDS[name].read(value)) : value;
    } catch { given[name] = text; }
  }
  return given;
}
