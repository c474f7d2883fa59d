"""Handwritten digits, read by a network of 64-32-10 that trains in pure Python.

Four fifths of 1797 small images train it, in batches of 32 by stochastic gradient descent with
cross-entropy; the last fifth, which it never saw, judges it. Needs the extra `data`, and with
--native the extra `native`, which trains by compiled code.

    python demos/digits.py [--quick] [--native]
"""

import sys

from autoback import MLP, SGD, accuracy, datasets, fit, predict


def show(image):
    """An image of 8 × 8 numbers from 0 to 1 as lines of text."""
    return "\n".join("".join(" .:-=+*#%@"[round(9 * pixel)] * 2 for pixel in image[row : row + 8]) for row in range(0, 64, 8))


def largest(numbers):
    """The place of the largest number: the digit that an output means."""
    return max(range(len(numbers)), key=numbers.__getitem__)


def main(quick: bool = False, native: bool = False) -> None:
    training, held_out = datasets.digits().split(held_out=0.2, seed=0)
    net = MLP(64, [32, 10], activation="tanh", output_activation="identity", seed=0)
    print(f"{len(net.parameters())} parameters, {len(training)} images to learn from, {len(held_out)} to be judged by")
    history = fit(
        net, training.inputs, training.targets, loss="cross_entropy", optimizer=SGD(rate=0.1, momentum=0.9),
        epochs=3 if quick else 12, batch_size=32, seed=0, progress=True, native=native,
    )  # fmt: skip
    share = accuracy(net, held_out.inputs, held_out.targets)
    print(f"{history.epochs} epochs, {history.steps} steps in {history.seconds:.1f} s, loss {history.losses[-1]:.4f}")
    print(f"held out: {share:.1%} right")

    outputs = predict(net, held_out.inputs)
    wrong = [k for k, target in enumerate(held_out.targets) if largest(outputs[k]) != largest(target)]
    for k in wrong[:2]:
        print(f"\nread as {largest(outputs[k])}, but it is a {largest(held_out.targets[k])}:\n{show(held_out.inputs[k])}")


if __name__ == "__main__":
    try:
        main(quick="--quick" in sys.argv, native="--native" in sys.argv)
    except ImportError as error:  # an extra is not installed; the message says which
        sys.exit(str(error))
