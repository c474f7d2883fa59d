"""Epochs a second of the playground's arithmetic in Chromium, beside TensorFlow Playground's own code.

    python tests/benchmarks/playground.py nn.js [--write]

nn.js is src/nn.ts of github.com/tensorflow/playground, made JavaScript by `npx esbuild nn.ts --bundle --global-name=TFP`. Both train
the same sizes with tanh everywhere, squared error and plain gradient descent on 200 points of two moons, and nothing else: no
picture, no cost of the whole set. They take turns in one page; the processor's time of its thread counts, and the median of the
ratios. With --write the table goes into docs/performance.md.
"""

import re
import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from autoback.nn.losses import LOSSES
from autoback.view.playground.playground import _engine
from autoback.view.playground.programs import loss

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
#: Sizes, and how many epochs are timed at once.
NETS = (([2, 16, 16, 1], 200), ([2, 4, 2, 1], 1000))
ROUNDS = 11

RACE = """
window.prepare = (sizes, batch) => {
  const points = SETS.moons.points(200, 0.1, new Random(0)), goal = (point) => 2 * point[2] - 1, rate = 0.03;
  const other = TFP.buildNetwork(sizes, TFP.Activations.TANH, TFP.Activations.TANH, null, ["x", "y"], false);
  const mine = new Trainer({
    sizes, activations: sizes.slice(1).map(() => "tanh"), parameters: firstParameters(sizes, 0), loss: "squared_error", optimizer: "sgd",
    rate, batch, l2: 0, seed: 0, held: null,
    inputs: Float64Array.from(points.flatMap(([a, b]) => [a, b])), targets: Float64Array.from(points, goal),
  });
  const epoch = () => points.forEach((point, i) => {
    TFP.forwardProp(other, [point[0], point[1]]);
    TFP.backProp(other, goal(point), TFP.Errors.SQUARE);
    if ((i + 1) % batch === 0) TFP.updateWeights(other, rate, 0);
  });
  window.mine = (n) => { mine.epochs(n); };
  window.other = (n) => { for (let k = 0; k < n; k++) epoch(); };
};
"""


def speed(tab: Any, session: Any, who: str, epochs: int) -> float:
    """Epochs a second of the processor's time."""

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

    before = busy()
    tab.evaluate(f"{who}({epochs})")
    return epochs / (busy() - before)


def lines(peer: str) -> Iterator[str]:
    """The table, row by row."""
    engine = _engine({name: loss(row) for name, row in LOSSES.items()})
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = browser.new_page()
        session = tab.context.new_cdp_session(tab)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        tab.add_script_tag(content=f"{peer}; window.TFP = TFP; (() => {{ {engine} {RACE} }})();")
        yield f"Chromium {browser.version.split('.')[0]}, one thread."
        yield ""
        yield "| network | batch | autoback, epochs a second | TensorFlow Playground | ratio |"
        yield "|---|---:|---:|---:|---:|"
        for sizes, epochs in NETS:
            for batch in (10, 200):
                tab.evaluate(f"prepare({sizes}, {batch})")
                rounds = [[speed(tab, session, who, epochs) for who in ("mine", "other")] for _ in range(ROUNDS + 1)][1:]
                mine, other = (statistics.median(column) for column in zip(*rounds, strict=True))
                ratio = statistics.median(a / b for a, b in rounds)
                yield f"| {'-'.join(map(str, sizes))} | {batch} | {mine:,.0f} | {other:,.0f} | {ratio:.1f} |"
        browser.close()


def main(path: str, *options: str) -> None:
    table = "\n".join(lines(Path(path).read_text(encoding="utf-8")))
    print(table)
    if "--write" in options:
        text = PAGE.read_text(encoding="utf-8")
        marks = ("<!-- playground table -->\n", "\n<!-- end of playground table -->")
        PAGE.write_text(re.sub(f"{marks[0]}.*?{marks[1]}", lambda _: f"{marks[0]}{table}{marks[1]}", text, flags=re.S), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
