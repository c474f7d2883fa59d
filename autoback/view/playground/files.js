// Files and texts: a network as Python's `save` and `load` have it, as Python code, and points as pasted text. Knows nothing of the page.
// FORMAT is that of nn/storage.py.

// A network as JSON with a line for each neuron, and the playground's state beside it, which Python passes over.
function toFile(state, model) {
  const rows = ({ weights, inputs, outputs }) => Array.from({ length: outputs }, (_, j) => Array.from(weights.subarray(j * inputs, (j + 1) * inputs)));
  const layers = model.layers.map((layer) => `    {\n      "weights": [\n${rows(layer).map((row) => `        ${JSON.stringify(row)}`).join(",\n")}\n      ],\n      "biases": ${JSON.stringify(Array.from(layer.biases))}\n    }`);
  const architecture = { n_inputs: model.sizes[0], sizes: model.sizes.slice(1), activations: model.activations }, { weights, ...about } = state;
  return `{\n  "format": "${FORMAT}",\n  "architecture": ${JSON.stringify(architecture)},\n  "playground": ${JSON.stringify(about)},\n  "layers": [\n${layers.join(",\n")}\n  ]\n}\n`;
}

// The fields of the state that a file gives: its network, and the rest if a playground wrote it. Throws [key of a text, values].
function fromFile(text) {
  const refuse = (key, values = {}) => { throw [`file.${key}`, values]; };
  let content;
  try { content = JSON.parse(text); } catch (error) { refuse("json", { why: error.message }); }
  const { format, architecture, layers, playground } = content ?? {};
  if (format !== FORMAT) refuse("format", { format: format && typeof format === "object" ? "{ … }" : JSON.stringify(format ?? null).slice(0, 40), wanted: FORMAT });
  if (!architecture || !Array.isArray(architecture.sizes) || !Array.isArray(architecture.activations)) refuse("architecture");
  const { n_inputs: inputs, sizes, activations } = architecture, outputs = sizes.at(-1);
  if (inputs !== 2 || !(outputs >= 1 && outputs <= 3)) refuse("shape", { inputs, outputs });
  const unknown = activations.find((name) => !Object.hasOwn(ACTIVATIONS, name));
  if (unknown !== undefined || activations.length !== sizes.length) refuse("activation", { name: String(unknown) });
  const numbers = [], all = [inputs, ...sizes];
  sizes.forEach((size, l) => {
    const { weights, biases } = layers?.[l] ?? {};
    const good = Array.isArray(weights) && weights.length === size && weights.every((row) => Array.isArray(row) && row.length === all[l]) && Array.isArray(biases) && biases.length === size;
    if (!good) refuse("layer", { n: l + 1 });
    for (const x of [weights, biases].flat(2)) numbers.push(x);
  });
  if (!numbers.every((x) => typeof x === "number" && Number.isFinite(x))) refuse("numbers");
  return { ...(playground ?? {}), hidden: sizes.slice(0, -1), outputs, activations, weights: numbers };
}

// Python code that makes this network, with the data and the training that the page has.
function toPython(state, model) {
  const text = (x) => (Object.is(x, -0) ? "-0.0" : Number.isInteger(x) && Math.abs(x) < 1e16 ? x.toFixed(1) : String(x));
  const row = (numbers) => `[${Array.from(numbers, text).join(", ")}]`, names = (list) => `[${list.map((name) => `"${name}"`).join(", ")}]`;
  const arrays = model.layers.flatMap(({ weights, biases, inputs, outputs }, l) => [
    `    "layers.${l}.weight": [\n${Array.from({ length: outputs }, (_, j) => `        ${row(weights.subarray(j * inputs, (j + 1) * inputs))},\n`).join("")}    ],\n`,
    `    "layers.${l}.bias": ${row(biases)},\n`,
  ]);
  const samples = samplesOf(state), { name, arguments: more } = OPTIMIZERS[state.optimizer];
  const data = (side) => `${side.points.map(([a, b]) => row([a, b])).join(", ")}`;
  const targets = (side) => Array.from({ length: side.count }, (_, i) => (state.outputs > 1 ? row(side.targets.subarray(i * state.outputs, (i + 1) * state.outputs)) : text(side.targets[i]))).join(", ");
  const settings = [`loss="${state.loss}"`, `optimizer=${name}(rate=${text(state.rate)}${more})`, ...(state.batch ? [`batch_size=${Math.min(state.batch, samples.count)}`] : []), ...(state.l2 ? [`penalty=${text(state.l2)}`] : []), `seed=${state.seed}`, "epochs=100"];
  return [
    `from autoback import MLP, ${name}, cost, fit`, "",
    `net = MLP(2, [${model.sizes.slice(1).join(", ")}], ${names(model.activations)})`, `net.load_state_dict({\n${arrays.join("")}})`, "",
    `inputs = [${data(samples)}]`, `targets = [${targets(samples)}]`,
    `print(cost(net, inputs, targets, loss="${state.loss}").data)`, "", "# To train on from here:", `# fit(net, inputs, targets, ${settings.join(", ")})`, "",
  ].join("\n");
}

// Points from text: a line each with x1, x2 and a class (0, 1, 2 or a name), between commas, semicolons, tabs or spaces. A first line
// of names is passed over. Throws [key of a text, values].
function parsePoints(text) {
  const lines = text.split(/\r?\n/).map((line, k) => [line.trim(), k + 1]).filter(([line]) => line && line[0] !== "#");
  if (!lines.length) throw ["paste.empty", {}];
  const rows = lines.map(([line, number]) => {
    const mark = [";", "\t", ","].find((sign) => line.includes(sign));
    // Where semicolons or tabs part the numbers, a comma is a decimal comma.
    const cells = (mark ? line.split(mark) : line.split(/\s+/)).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    return { cells: mark && mark !== "," ? cells.map((cell) => cell.replace(/^(-?\d+),(\d+)$/, "$1.$2")) : cells, line, number };
  });
  const numeric = ({ cells }) => cells.slice(0, 2).every((cell) => cell !== "" && Number.isFinite(Number(cell)));
  if (!numeric(rows[0]) && rows.length > 1) rows.shift();
  if (rows.length > LIMITS.points) throw ["paste.many", { n: rows.length, most: LIMITS.points }];
  for (const row of rows) if (row.cells.length < 3 || !numeric(row)) throw ["paste.line", { n: row.number, line: row.line.slice(0, 40) }];
  const kinds = [...new Set(rows.map(({ cells }) => cells[2]))].sort((a, b) => (isNaN(a) || isNaN(b) ? (a < b ? -1 : 1) : a - b));
  if (kinds.length <= 3) {
    // 0, 1 and 2 are themselves, whatever else is there is counted.
    const own = kinds.every((kind) => ["0", "1", "2"].includes(kind));
    return { own: rows.map(({ cells: [a, b, c] }) => [Number(a), Number(b), own ? Number(c) : kinds.indexOf(c)]), regression: false };
  }
  if (!kinds.every((kind) => kind !== "" && Number.isFinite(Number(kind)))) throw ["paste.classes", { n: kinds.length }];
  return { own: rows.map(({ cells }) => cells.slice(0, 3).map(Number)), regression: true };
}
