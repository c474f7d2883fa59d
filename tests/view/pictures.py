"""What the tests of the drawings read out of an SVG or a DOT text."""

import json
import re
from base64 import b64decode
from xml.etree import ElementTree as ET
from zlib import decompress

from autoback.engine.value import Value
from autoback.nn.modules import MLP

SVG = "{http://www.w3.org/2000/svg}"


def data_of(html):
    """The data of a lesson, out of its packed script."""
    script = decompress(b64decode(re.search(r'id="packed">(.*?)</script>', html, re.S)[1])).decode()
    return json.loads(re.search(r"^const DATA = (.*);$", script, re.M)[1])


class Page:
    """An SVG, parsed."""

    def __init__(self, svg):
        self.root = ET.fromstring(svg)
        self.nodes = {group.get("data-node"): group for group in self.root.iter() if group.get("data-node")}
        self.edges = [group for group in self.root.iter() if group.get("data-edge") and "edge" in words(group)]
        self.labels = [group for group in self.root.iter() if "label" in words(group)]

    def texts(self, key):
        """The name of a card with its symbol, its lines, and its gradient after a ∂, as far as it has them."""
        parts = {}
        for text in self.nodes[key].iter(f"{SVG}text"):
            parts.setdefault(words(text)[0] if words(text) else "", []).append("".join(text.itertext()).replace("\u200b", ""))
        title = " ".join([*parts.get("name", ()), *parts.get("symbol", ())])
        gradient = [f"∂ {text}" for text in parts.get("gradient", ())]
        lines = [text for kind in ("value", "fact", "", "legend") for text in parts.get(kind, ())]
        return [*filter(None, [title]), *lines, *gradient]

    def box(self, key):
        """Left, top, width and height of a card."""
        left, top = map(float, re.findall(r"-?[\d.]+", self.nodes[key].get("transform")))
        card = self.nodes[key].find(f"{SVG}rect")
        return left, top, float(card.get("width")), float(card.get("height"))

    def tooltip(self, group):
        return group.findtext(f"{SVG}title")

    def everything(self):
        return "\n".join(self.root.itertext())


def words(element):
    """The classes of an element."""
    return element.get("class", "").split()


def network(n_inputs=2, sizes=(2, 1), activation="sigmoid"):
    return MLP(n_inputs, list(sizes), activation=activation, output_activation=activation, seed=3)


def cost(net, x=(1.0, 0.0), y=1.0):
    """The cost of one sample, after its backward."""
    loss = (net(x) - Value(y, "y")) ** 2
    loss.label = "C"
    loss.backward()
    return loss
