"""Two moons, told apart by a network of 2-16-16-1: how neurons bend a straight line into a curve.

Trains with the max-margin loss, as a support-vector machine would, and draws what the network answers
at every place in the plane: `#` and `.` are its two answers, `1` and `0` the points it learned from.

    python demos/two_moons.py [--quick]
"""

import sys

from autoback import MLP, SGD, accuracy, datasets, fit


def picture(net, data, columns=66, rows=22):
    """The plane from (−1.5, −1) to (2.5, 1.5) as lines of text."""
    cells = [
        ["#" if net([-1.5 + 4.0 * c / (columns - 1), 1.5 - 2.5 * r / (rows - 1)]) > 0 else "." for c in range(columns)] for r in range(rows)
    ]
    for (x, y), (label,) in zip(data.inputs, data.targets, strict=True):
        r, c = round((1.5 - y) / 2.5 * (rows - 1)), round((x + 1.5) / 4.0 * (columns - 1))
        if 0 <= r < rows and 0 <= c < columns:
            cells[r][c] = "1" if label > 0 else "0"
    return "\n".join("".join(row) for row in cells)


def main(quick: bool = False) -> None:
    data = datasets.two_moons(100, noise=0.1, seed=1, labels=(-1.0, 1.0))
    net = MLP(2, [16, 16, 1], activation="relu", output_activation="identity", initializer="he", seed=1)
    print(net.summary())
    done = 0
    for epochs in (1,) if quick else (1, 9, 40, 150):
        history = fit(net, data.inputs, data.targets, loss="hinge", optimizer=SGD(rate=0.2, momentum=0.5), epochs=epochs, penalty=1e-4)
        done += history.epochs
        share = accuracy(net, data.inputs, data.targets)
        print(f"\nepoch {done}: loss {history.losses[-1]:.4f}, {share:.0%} right")
        print(picture(net, data))


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
