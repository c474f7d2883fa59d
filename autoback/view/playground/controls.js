// The settings: every control shows a field of the state and changes it.

// A number as its box has room for it: of a long one four digits, so that 1000000000 does not look like 10000.
const fitting = (x) => {
  const [plain, rounded] = [String(x), String(Number(x.toPrecision(4)))];
  return [plain, rounded].find((text) => text.length <= 6) ?? x.toExponential(2).replace(/\.?0*e\+?/, "e");
};

class Controls {
  constructor(playground) {
    this.playground = playground;
    const options = (select, pairs) => select.replaceChildren(...pairs.map(([value, text]) => make("option", { value }, text)));
    this.fields = [...document.querySelectorAll("[data-field]")];
    options(document.querySelector("[data-field=loss]"), Object.entries(LOSSES).map(([name, row]) => [name, row.name]));
    options(document.querySelector("[data-field=optimizer]"), Object.keys(OPTIMIZERS).map((name) => [name, TEXTS.optimizers[name]]));
    for (const field of this.fields) field.addEventListener("change", () => this.changed(field));
    byId("settings").addEventListener("submit", (event) => event.preventDefault());
    const slider = byId("rate-slider");
    slider.addEventListener("input", () => playground.change({ rate: Number((10 ** Number(slider.value)).toPrecision(2)) }));
    this.sets = [...Object.keys(SETS), "own"].map((name) => {
      const box = make("input", { type: "radio", name: "set", value: name, id: `set-${name}` });
      box.addEventListener("change", () => this.chooseSet(name));
      return [name, box];
    });
    byId("sets").replaceChildren(...this.sets.map(([name, box]) => make("label", {}, box, " ", tell(`sets.${name}`))));
    byId("layers").addEventListener("change", (event) => this.layerChanged(event.target));
    byId("layers").addEventListener("click", (event) => this.layerPressed(event.target.closest("button")));
  }

  // A set comes with its own noise, and at least two outputs if it has three classes.
  chooseSet(name) {
    const { playground } = this, { noise } = SETS[name] ?? {}, { outputs } = playground.state;
    playground.change({ set: name, ...(noise === undefined ? {} : { noise }), outputs: SETS[name]?.classes === 3 ? 3 : outputs === 3 && SETS[name] ? 1 : outputs, regression: name === "own" && playground.first.set === "own" && playground.first.regression });
  }

  changed(field) {
    const { field: name } = field.dataset, { playground } = this, text = field.value.trim();
    if (field.tagName === "SELECT") {
      const more = name === "optimizer" ? { rate: this.usualRate(text) } : {};
      return playground.change({ [name]: text, ...more });
    }
    const number = name === "batch" && (text === "" || text === tell("settings.all")) ? 0 : typed(text);
    playground.change({ [name]: FIELDS[name].good(number) ? number : text });
  }

  // Another optimiser wants another rate; one that was chosen by hand for a kind like it stays.
  usualRate(name) {
    const { state, first } = this.playground, kind = (each) => OPTIMIZERS[each].name, rate = OPTIMIZERS[name].rate;
    if (kind(name) === kind(state.optimizer)) return state.rate;
    return kind(name) === kind(first.optimizer) ? first.rate : Math.max(rate, 0.01);
  }

  layerChanged(control) {
    const { playground } = this, { hidden, activations } = playground.state, l = Number(control.dataset.layer);
    if (control.dataset.what === "outputs") return playground.change({ outputs: Number(control.value), weights: null });
    if (control.dataset.what === "activation") return playground.change({ activations: activations.map((name, k) => (k === l ? control.value : name)) });
    const n = Number(control.value);
    if (Number.isInteger(n) && n >= 1 && n <= LIMITS.neurons) return playground.change({ hidden: hidden.map((size, k) => (k === l ? n : size)) });
    playground.complain([["state.neurons", { n: l + 1, value: JSON.stringify(control.value), most: LIMITS.neurons }]]);
    control.value = hidden[l];
  }

  layerPressed(button) {
    if (!button) return;
    const { playground } = this, { hidden, activations } = playground.state, last = activations.at(-1), before = activations.slice(0, -1);
    if (button.dataset.what === "add") playground.change({ hidden: [...hidden, hidden.at(-1) ?? 4], activations: [...before, before.at(-1) ?? "tanh", last], weights: null });
    else playground.change({ hidden: hidden.slice(0, -1), activations: [...before.slice(0, -1), last], weights: null });
  }

  buildLayers({ hidden, activations, outputs }) {
    const select = (l, label) => {
      const box = make("select", { "data-what": "activation", "data-layer": l, "aria-label": label }, ...Object.keys(ACTIVATIONS).map((name) => make("option", { value: name }, name.replace("_", " "))));
      box.value = activations[l];
      return box;
    };
    const columns = hidden.map((size, l) => make("div", { class: "layer" },
      make("input", { type: "number", min: 1, max: LIMITS.neurons, value: size, "data-what": "size", "data-layer": l, "aria-label": tell("network.neurons", { n: l + 1 }) }),
      select(l, tell("network.activation", { n: l + 1 }))));
    const count = make("select", { "data-what": "outputs", "data-layer": hidden.length, "aria-label": tell("network.outputs") }, ...[1, 2, 3].map((n) => make("option", { value: n }, String(n))));
    count.value = outputs;
    const button = (what, sign, off) => { const made = make("button", { type: "button", "data-what": what, "aria-label": tell(`network.${what}`), title: tell(`network.${what}`) }, sign); made.disabled = off; return made; };
    const focused = document.activeElement?.closest("#layers") ? [document.activeElement.dataset.what, document.activeElement.dataset.layer] : null;
    byId("layers").replaceChildren(make("div", { class: "layer ends" }, button("remove", "−", hidden.length === 0), button("add", "+", hidden.length >= LIMITS.layers)), ...columns,
      make("div", { class: "layer" }, count, select(hidden.length, tell("network.last"))));
    if (focused) byId("layers").querySelector(`[data-what="${focused[0]}"]${focused[1] ? `[data-layer="${focused[1]}"]` : ""}`)?.focus();
  }

  build() {
    const { state, samples } = this.playground;
    for (const field of this.fields) {
      const { field: name } = field.dataset, value = state[name];
      field.value = name === "batch" && value === 0 ? tell("settings.all") : field.tagName === "SELECT" ? value : ["rate", "l2"].includes(name) ? fitting(value) : String(value);
      if (["points", "noise", "dataSeed"].includes(name)) field.disabled = SETS[state.set]?.noise === undefined && !(name === "dataSeed" && state.held);
    }
    const slider = byId("rate-slider");
    if (document.activeElement !== slider) slider.value = Math.log10(state.rate);
    slider.setAttribute("aria-valuetext", `${tell("settings.rate")} ${state.rate}`);
    for (const [name, box] of this.sets) box.checked = name === state.set;
    const key = JSON.stringify([state.hidden, state.activations, state.outputs]);
    if (key !== this.key) this.buildLayers(state);
    this.key = key;
    byId("sizes").textContent = sizesOf(state).join("-");
    byId("clear").disabled = !(samples.count + (samples.held?.count ?? 0));
  }

  render() {}
}
