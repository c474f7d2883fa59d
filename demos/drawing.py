"""Pictures of a computation: a shared node, a network on one sample, folded to neurons and layers, and as circles.

Writes SVG files that open in any browser, and says of each what there is to see.

    python demos/drawing.py [--quick] [FOLDER]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from autoback import MLP, Value, draw, mean, squared_error


def pictures(quick: bool):
    """(name, drawing, what there is to see) one after another."""
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    y.backward()
    yield "square", draw(y, style="detailed"), "x stands twice in x · x, so it has two arrows, 3 + 3 = 6"

    net = MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid", seed=3)
    cost = squared_error([net([1.0, 0.0])], [1.0])
    cost.label = "C"
    cost.backward()
    yield "sample", draw(cost, fold=net, theme="auto"), "every step of one XOR sample, framed by neuron, light or dark as you like it"
    yield "apart", draw(cost, elementary=True), "the same with sums and sigmoids taken apart"
    yield "neurons", draw(cost, fold=net, depth="neuron"), "one card for each neuron"

    large = MLP(2, [4 if quick else 16, 16, 1], seed=1)
    batch = mean(squared_error([large([a, b])], [float(a != b)]) for a in (0.0, 1.0) for b in (0.0, 1.0))
    batch.label = "L"
    batch.backward()
    yield "layers", draw(batch), "four samples through a larger network, folded by itself"
    yield "network", draw(net), "the network as circles, its weights on the lines"
    yield "network_large", draw(large), "a larger one, its weights as colour and width"


def main(quick: bool = False, folder: str | None = None) -> None:
    with TemporaryDirectory() as temporary:
        place = Path(folder or temporary)
        place.mkdir(parents=True, exist_ok=True)
        for name, drawing, words in pictures(quick):
            path = drawing.save(place / f"{name}.svg")
            print(f"{path.name}: {words} ({path.stat().st_size / 1024:.0f} KB)")
            for note in drawing.notes:
                print(f"  it says: {note}")
    if folder is None:
        print("Name a folder to keep them: python demos/drawing.py FOLDER")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # the middle dot of a product, also into a file on Windows
    words = [word for word in sys.argv[1:] if word != "--quick"]
    main(quick="--quick" in sys.argv, folder=words[0] if words else None)
