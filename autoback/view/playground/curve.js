// The cost against epochs, on a linear or a logarithmic scale, with that of the held-out samples.

// The next 1, 2 or 5 times a power of ten, so that an axis does not twitch.
function ceiling(x) {
  const power = 10 ** Math.floor(Math.log10(x));
  return [1, 2, 5, 10].map((m) => m * power).find((m) => m >= x * (1 - 1e-12)) ?? x;
}

// The losses of a run, of which a long one keeps only every second, fourth, … so that a night of training fits as well.
class ThinnedLosses {
  constructor() { Object.assign(this, { kept: [], stride: 1, length: 0, last: NaN }); }

  add(losses) {
    for (const loss of losses) {
      if (this.length++ % this.stride === 0) this.kept.push(loss);
      this.last = loss;
      if (this.kept.length <= 8192) continue;
      this.kept = this.kept.filter((_, k) => k % 2 === 0);
      this.stride *= 2;
    }
  }

  // [epoch, loss] of no more than 600 of them, the first epoch being `first`.
  points(first) {
    const skip = Math.max(1, Math.ceil(this.kept.length / 600)), points = [];
    for (let k = 0; k < this.kept.length; k += skip) points.push([first + k * this.stride, this.kept[k]]);
    if (this.length) points.push([first + this.length - 1, this.last]);
    return points;
  }
}

class CurveView {
  constructor(playground) {
    this.playground = playground;
    Object.assign(this, { drawn: 0, room: null });
    addEventListener("resize", () => { this.room = null; });
    byId("log").addEventListener("change", () => this.render());
  }

  build() {}

  render() {
    const { playground } = this, { report, losses, validationLosses } = playground, box = byId("curve");
    byId("epoch").textContent = report?.epoch ?? 0;
    byId("cost").textContent = report ? short(report.cost) : "–";
    // The held-out cost has no penalty, so it compares with the cost without it.
    byId("parts").textContent = report?.penalty ? ` ${tell("curve.parts", { data: short(report.cost - report.penalty), penalty: short(report.penalty) })}` : "";
    byId("held-now").hidden = !validationLosses.length;
    if (validationLosses.length) byId("held-cost").textContent = short(validationLosses.last);
    if (!report) return box.replaceChildren();
    // A curve of many epochs hardly changes from frame to frame, and is the slowest to draw.
    if (playground.playing && losses.length > 100 && performance.now() - this.drawn < 100) return;
    this.drawn = performance.now();
    const full = !playground.state.batch || playground.state.batch >= playground.samples.count, start = report.epoch - losses.length;
    // The loss met during an epoch is, where there is one batch, the cost before it.
    const mine = [...losses.points(start + (full ? 0 : 0.5)), [report.epoch, report.cost]], held = validationLosses.points(report.epoch - validationLosses.length + 1);
    this.room ??= [box.clientWidth || 400, box.clientHeight || 200]; // to ask in every frame would lay the page out in every frame
    const width = Math.max(260, Math.min(640, this.room[0])), height = Math.max(130, Math.min(0.62 * width, this.room[1]));
    const log = byId("log").checked, all = [...mine, ...held].map(([, c]) => c).filter((c) => Number.isFinite(c) && (!log || c > 0));
    const most = all.reduce((a, b) => Math.max(a, b), 1e-12), least = all.reduce((a, b) => Math.min(a, b), most), top = 10, right = 14, bottom = 26;
    const levels = log ? this.decades(least, most) : [0, 0.5, 1].map((share) => share * ceiling(most)), texts = levels.map(short);
    const left = 16 + 7.5 * Math.max(...texts.map((text) => text.length)), last = Math.max(10, report.epoch);
    const place = log ? (c) => Math.log10(c / levels[0]) / Math.log10(levels.at(-1) / levels[0]) : (c) => c / levels.at(-1);
    const x = (e) => left + (e / last) * (width - left - right), y = (c) => top + (1 - place(c)) * (height - top - bottom);
    const said = tell("curve.said", { first: short(losses.kept[0] ?? report.cost), last: short(report.cost), n: report.epoch });
    const svg = draw("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said });
    levels.forEach((level, k) => svg.append(draw("line", { class: "grid", x1: left, x2: width - right, y1: y(level), y2: y(level) }), draw("text", { x: left - 8, y: y(level) + 4, "text-anchor": "end" }, texts[k])));
    for (const [e, anchor] of [[0, "start"], [Math.round(last / 2), "middle"], [last, "end"]]) svg.append(draw("text", { x: x(e), y: height - 6, "text-anchor": anchor }, e === 0 ? tell("curve.start") : String(e)));
    const path = (points, name) => { const good = points.filter(([, c]) => Number.isFinite(y(c))); if (good.length) svg.append(draw("path", { class: name, d: line(good.map(([e, c]) => [x(e), y(c)])) })); };
    path(held, "curve held");
    path(mine, "curve");
    if (Number.isFinite(y(report.cost))) svg.append(draw("circle", { class: "here", cx: x(report.epoch), cy: y(report.cost), r: 5 }));
    box.replaceChildren(svg);
  }

  // Powers of ten around the costs, no more than six of them.
  decades(least, most) {
    const high = Math.ceil(Math.log10(most) + 1e-9), low = Math.min(high - 1, Math.floor(Math.log10(Math.max(least, 1e-300)))), stride = Math.ceil((high - low) / 5);
    return Array.from({ length: Math.ceil((high - low) / stride) + 1 }, (_, k) => 10 ** (high - stride * k)).reverse();
  }
}
