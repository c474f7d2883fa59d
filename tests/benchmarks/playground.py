"""Epochs a second of the playground's arithmetic in Chromium, beside TensorFlow Playground's own code.

    python tests/benchmarks/playground.py nn.js [--write]

nn.js is src/nn.ts of github.com/tensorflow/playground, made JavaScript by `npx esbuild nn.ts --bundle --global-name=TFP`. Both train
the same sizes with tanh everywhere, squared error and plain gradient descent on 200 points of two moons, and nothing else: no
picture, no cost of the whole set. Rounds of half a second take turns on one thread of one page; the median of their ratios counts.
With --write the table goes into docs/performance.md.
"""

import re
import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from autoback.nn.losses import LOSSES
from autoback.view.lesson.programs import loss
from autoback.view.lesson.training import _engine

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
NETS = ([2, 16, 16, 1], [2, 4, 2, 1])
ROUNDS = 11

RACE = """
window.race = (sizes, batch, rounds) => {
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
  const speed = (work) => {
    const start = performance.now();
    let n = 0;
    while (performance.now() - start < 500) { work(); n++; }
    return (1000 * n) / (performance.now() - start);
  };
  const both = () => [speed(() => mine.epochs(1)), speed(epoch)];
  both();
  return Array.from({ length: rounds }, both);
};
"""


def lines(peer: str) -> Iterator[str]:
    """The table, row by row."""
    engine = _engine({name: loss(row) for name, row in LOSSES.items()})
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.add_script_tag(content=f"{peer}; window.TFP = TFP; (() => {{ {engine} {RACE} }})();")
        yield f"Chromium {browser.version.split('.')[0]}, one thread."
        yield ""
        yield "| network | batch | autoback, epochs a second | TensorFlow Playground | ratio |"
        yield "|---|---:|---:|---:|---:|"
        for sizes in NETS:
            for batch in (10, 200):
                rounds = tab.evaluate(f"race({sizes}, {batch}, {ROUNDS})")
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
