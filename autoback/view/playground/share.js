// The ways in and out: a link, a file, Python code, pasted points.

class Share {
  constructor(playground) {
    // In a notebook the page is in a frame, which has no address of its own and may not save files.
    Object.assign(this, { playground, framed: self !== top });
    const on = (id, kind, act) => byId(id).addEventListener(kind, act), press = (id, act) => on(id, "click", act);
    press("copy-link", () => this.copy(`${this.framed ? "" : location.href.split("#")[0]}#${toHash(playground.present(), playground.first)}`, this.framed ? "part copied" : "link copied"));
    press("copy-python", () => this.copy(toPython(playground.state, playground.model), "python copied"));
    press("save", () => this.save());
    press("open", () => byId("file").click());
    press("paste", () => { byId("paste-trouble").textContent = ""; byId("pasting").showModal(); });
    press("choose-csv", () => byId("csv").click());
    press("take", () => this.points(byId("pasted").value));
    on("file", "change", (event) => this.read(event.target, (text, name) => this.open(text, name)));
    on("csv", "change", (event) => this.read(event.target, (text) => { byId("pasted").value = text; this.points(text); }));
    for (const dialog of document.querySelectorAll("dialog")) for (const button of dialog.querySelectorAll(".close")) button.addEventListener("click", () => dialog.close());
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => { event.preventDefault(); this.dropped(event.dataTransfer.files[0]); });
  }

  async read(input, act) {
    const [file] = input.files;
    input.value = ""; // so that the same file can be chosen again
    if (file) act(await file.text(), file.name);
  }

  // A file from the desktop: a network, or a table of points.
  async dropped(file) {
    if (!file) return;
    const text = await file.text();
    if (/\.json$/i.test(file.name)) return this.open(text, file.name);
    byId("pasted").value = text;
    byId("paste").click();
    this.points(text);
  }

  // Into the clipboard; where the browser forbids it, into a box to copy from.
  async copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
      byId("copied").textContent = tell(`share.${done}`);
    } catch { byId("copied").textContent = `${tell("share.by hand")} ${tell(`share.${done}`)}`; }
    byId("live").textContent = byId("copied").textContent;
    byId("copy").value = text;
    byId("copying").showModal();
    byId("copy").select();
  }

  save() {
    const { playground } = this;
    if (this.framed) return this.copy(toFile(playground.state, playground.model), "file copied");
    const address = URL.createObjectURL(new Blob([toFile(playground.state, playground.model)], { type: "application/json" }));
    make("a", { href: address, download: TEXTS.share.file }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  open(text, name) {
    const { playground } = this;
    try {
      const given = fromFile(text);
      playground.adopt(given, playground.state).then(() => { byId("live").textContent = tell("share.opened", { name }); });
    } catch (trouble) {
      if (!Array.isArray(trouble)) throw trouble;
      playground.complain([trouble]);
    }
  }

  points(text) {
    const { playground } = this;
    try {
      const { own, regression } = parsePoints(text), most = Math.max(0, ...own.map(([, , kind]) => kind));
      byId("pasting").close();
      const { activations } = playground.state; // any number can be an answer only of an identity layer
      playground.change({ set: "own", own, regression, ...(regression ? { outputs: 1, activations: [...activations.slice(0, -1), "identity"] } : most === 2 ? { outputs: 3 } : {}) }, true);
    } catch (trouble) {
      if (!Array.isArray(trouble)) throw trouble;
      byId("paste-trouble").textContent = tell(...trouble);
    }
  }
}
