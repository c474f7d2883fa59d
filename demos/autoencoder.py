"""An autoencoder: handwritten digits squeezed through eight numbers, and what lies between two of them.

The network 64-32-8-32-64 learns to give back the image that it gets. In its middle there is room for eight numbers only, so
it has to find out what images of digits have in common; nobody says which digit is which. The second half of the network
then draws an image from any eight numbers, for instance from those halfway between two digits.
Needs the extra `data`, and with --native the extra `native`, which trains by compiled code.

    python demos/autoencoder.py [--quick] [--native]
"""

import math
import sys

from autoback import MLP, Adam, datasets, fit, predict


def beside(*images):
    """Images of 8 × 8 numbers from 0 to 1, one beside the other, as lines of text."""
    shades = [["".join(" .:-=+*#%@"[round(9 * pixel)] * 2 for pixel in image[k : k + 8]) for k in range(0, 64, 8)] for image in images]
    return "\n".join("  |  ".join(lines).rstrip() for lines in zip(*shades, strict=True))


def difference(images, others):
    """The root of the mean square of what two lists of images differ by, for each pixel."""
    squares = [(p - q) ** 2 for image, other in zip(images, others, strict=True) for p, q in zip(image, other, strict=True)]
    return math.sqrt(math.fsum(squares) / len(squares))


def through(layers, numbers):
    """What some layers make of an image or of a code."""
    for layer in layers:
        numbers = layer(numbers)
    return [number.data for number in numbers]


def main(quick: bool = False, native: bool = False) -> None:
    training, held_out = datasets.digits().split(held_out=0.2, seed=0)
    net = MLP(64, [32, 8, 32, 64], activation="tanh", output_activation="sigmoid", seed=0)
    fit(
        net, training.inputs, training.inputs, optimizer=Adam(0.01), epochs=1 if quick else 30, batch_size=32, seed=0,
        progress=True, native=native,
    )  # fmt: skip
    mean = [math.fsum(pixels) / len(training) for pixels in zip(*training.inputs, strict=True)]
    print(f"off by {difference(held_out.inputs, [mean] * len(held_out)):.3f} if every image is taken for the mean image")
    print(f"off by {difference(held_out.inputs, predict(net, held_out.inputs)):.3f} after eight numbers, for images that it has never seen")

    first, second = held_out.inputs[:2]
    codes = [through(net.layers[:2], image) for image in (first, second)]
    print("an image, and what comes back from its code", " ".join(f"{number:.2f}" for number in codes[0]))
    print(beside(first, through(net.layers[2:], codes[0])))
    print("from one image to another: what lies between their codes")
    steps = [[a + share * (b - a) for a, b in zip(*codes, strict=True)] for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    print(beside(*[through(net.layers[2:], code) for code in steps]))


if __name__ == "__main__":
    try:
        main(quick="--quick" in sys.argv, native="--native" in sys.argv)
    except ImportError as error:  # an extra is not installed; the message says which
        sys.exit(str(error))
