"""Shared weights: eight small filters slide along the rows of handwritten digits, and know a digit again that has moved.

A filter is one neuron that looks at four pixels. It is used at each place of each row with the same weights, and the strongest
answer in a row is what counts, wherever it came from: a convolution in one dimension, and the maximum over its places. A
network of layers with as many parameters reads digits as well, until they stand one pixel further to the side.
Needs the extra `data`, and with --native the extra `native`, which trains by compiled code.

    python demos/shared_weights.py [--quick] [--native]
"""

import sys

from autoback import MLP, Adam, Layer, Module, accuracy, datasets, fit, max

SIDE, WIDTH, FILTERS = 8, 4, 8  # pixels of an image, pixels that a filter sees, filters


class RowFilters(Module):
    """Filters along the rows, the maximum over the places in a row, and a layer that reads digits from that."""

    def __init__(self, seed=0):
        self.filters = Layer(WIDTH, FILTERS, "relu", seed=seed)
        self.read = Layer(SIDE * FILTERS, 10, "identity", seed=seed + 1)

    def forward(self, image):
        strongest = []
        for row in rows(image):
            answers = [self.filters(row[k : k + WIDTH]) for k in range(SIDE - WIDTH + 1)]
            strongest += [max(each) for each in zip(*answers, strict=True)]
        return self.read(strongest)


def rows(image):
    return [image[k : k + SIDE] for k in range(0, SIDE * SIDE, SIDE)]


def moved(image, by):
    """The image, by pixels to the right, or to the left where `by` is negative; what comes in is empty."""
    empty = [0.0] * abs(by)
    return [pixel for row in rows(list(image)) for pixel in [*empty, *row, *empty][abs(by) - by :][:SIDE]]


def main(quick: bool = False, native: bool = False) -> None:
    training, held_out = datasets.digits().split(held_out=0.2, seed=0)
    count, judges = (300, 90) if quick else (len(training), len(held_out))
    images, digits = held_out.inputs[:judges], held_out.targets[:judges]
    nets = {"shared weights": RowFilters(), "layers": MLP(SIDE * SIDE, [9, 10], activation="relu", seed=0)}
    for name, net in nets.items():
        fit(
            net, training.inputs[:count], training.targets[:count], loss="cross_entropy", optimizer=Adam(0.01),
            epochs=3 if quick else 12, batch_size=32, seed=0, native=native,
        )  # fmt: skip
        shares = [accuracy(net, [moved(image, by) for image in images], digits, loss="cross_entropy") for by in (0, 1, -1)]
        here, right, left = (f"{share:.0%}" for share in shares)
        print(f"{name:14} {len(net.parameters())} parameters, {here} right; moved to the right {right}, to the left {left}")


if __name__ == "__main__":
    try:
        main(quick="--quick" in sys.argv, native="--native" in sys.argv)
    except ImportError as error:  # an extra is not installed; the message says which
        sys.exit(str(error))
