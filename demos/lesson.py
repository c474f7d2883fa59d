"""Three pages to learn from: a lesson and a worksheet about one XOR sample, and a network that trains in the browser.

They are written to the folder named, or to the present one, and open from disk in any browser.

    python demos/lesson.py [folder] [--quick]
"""

import sys
from pathlib import Path

from autoback import MLP, Value, datasets, lesson, squared_error, worksheet

xor = datasets.XOR


def main(folder: str = ".") -> None:
    net = MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid", initializer="park_miller", seed=69)
    cost = squared_error(net(xor.inputs[1]), Value(xor.targets[1][0], "y"))
    cost.label = "C"
    title = "One XOR sample through a 2-2-1 network"
    pages = {
        "lesson.html": (lesson(cost, title=title), "step through it, touch it, nudge it, take the quiz"),
        "worksheet.html": (worksheet(cost, title=title), "print it on A4: blanks first, the answer key behind"),
        "playground.html": (lesson(net, title="A network learns", rate=10.0), "play, choose data and layers, drag a weight, try 20 seeds"),
    }
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, (page, what) in pages.items():
        path = page.save(Path(folder, name))
        print(f"{path}, {len(page.html.encode()) // 1000} kB: {what}")


if __name__ == "__main__":
    main(*[argument for argument in sys.argv[1:] if argument != "--quick"][:1])
