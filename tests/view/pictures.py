"""What the tests of the drawings read out of an SVG or a DOT text."""

import os
from pathlib import Path
from xml.etree import ElementTree as ET

from autoback.engine.value import Value
from autoback.nn.modules import MLP

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"


class Page:
    """An SVG, parsed."""

    def __init__(self, svg):
        self.root = ET.fromstring(svg)
        self.nodes = {group.get("data-node"): group for group in self.root.iter() if group.get("data-node")}
        self.edges = [group for group in self.root.iter() if "autoback-edge" in group.get("class", "").split()]
        self.labels = [group for group in self.root.iter() if group.get("class") == "autoback-label"]

    def texts(self, key):
        """The lines of a card, from the top."""
        return ["".join(text.itertext()) for text in self.nodes[key].iter(f"{SVG}text")]

    def tooltip(self, group):
        return group.findtext(f"{SVG}title")

    def everything(self):
        return "\n".join(self.root.itertext())


def network(n_inputs=2, sizes=(2, 1), activation="sigmoid"):
    return MLP(n_inputs, list(sizes), activation=activation, output_activation=activation, seed=3)


def cost(net, x=(1.0, 0.0), y=1.0):
    """The cost of one sample, after its backward."""
    loss = (net(x) - Value(y, "y")) ** 2
    loss.label = "C"
    loss.backward()
    return loss


def assert_golden(name, dot):
    """The DOT text is the one in the file; AUTOBACK_GOLDEN=1 writes the file anew."""
    path = GOLDEN / name
    if os.environ.get("AUTOBACK_GOLDEN"):
        path.write_text(dot, encoding="utf-8")
    assert dot == path.read_text(encoding="utf-8")
