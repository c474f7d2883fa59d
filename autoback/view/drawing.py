"""Drawings: `draw` makes an SVG of a computation graph, of a network, or of a training."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from autoback.engine.value import Value
from autoback.files import write_atomically
from autoback.nn.module import Module
from autoback.view import folding
from autoback.view.cards import Deck
from autoback.view.charts import Chart, chart
from autoback.view.convert import bundle, png, render
from autoback.view.dot import digraph
from autoback.view.expand import expand
from autoback.view.network import Network
from autoback.view.neurons import find
from autoback.view.picture import Picture
from autoback.view.snapshot import Snapshot
from autoback.view.svg import drawing_svg

__all__ = ["LIMIT", "Drawing", "draw", "shown"]

#: A picture with more cards than this folds by itself.
LIMIT = 60

Depth = Literal["operation", "neuron", "layer"]
Style = Literal["plain", "detailed"]
Theme = Literal["light", "dark", "auto"]
Direction = Literal["LR", "TB"]

_CHOICES = {
    "depth": ("operation", "neuron", "layer"),
    "style": ("plain", "detailed"),
    "theme": ("light", "dark", "auto"),
    "direction": ("LR", "TB"),
}


def shown(self: Any) -> dict[str, Any] | None:
    """What a notebook shows: the picture and the text; None, upon which it shows the text alone, where there is no picture."""
    if not _drawable(self):
        return None
    drawing = draw(self)
    return bundle(drawing.svg, repr(drawing if isinstance(self, (Value, Module)) else self))


def _drawable(thing: Any) -> bool:
    return isinstance(thing, Value) or chart(thing) is not None or any(hasattr(thing, name) for name in ("layers", "neurons", "weights"))


@dataclass(frozen=True, repr=False)
class Drawing:
    """A picture of a graph or of a network, drawn when it is asked for.

    name:  what it shows, for screen readers
    notes: what the picture says about itself: that it is folded, stale, without gradients or with too much in them
    """

    picture: Picture | Network | Chart
    name: str
    theme: Theme = "auto"
    direction: Direction = "LR"
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Drawing({self.name}; save(path) writes it)"

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text, for a file or for a page; the same bytes for the same graph."""
        if isinstance(self.picture, Picture):
            return drawing_svg(self.picture, self.name, self.theme, self.direction)
        return self.picture.svg(self.theme)

    @property
    def graphviz(self) -> Any:
        """The picture as a `graphviz.Digraph`, to be restyled, or laid out by any of Graphviz's programs."""
        return digraph(self.picture, self.direction) if isinstance(self.picture, Picture) else self.picture.digraph()

    @property
    def dot(self) -> str:
        """The same as text in the DOT language."""
        return str(self.graphviz.source)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """The path, after the picture is in it: as .svg, .dot or .png, or as .pdf, ... where Graphviz's `dot` can.

        A .png is drawn by resvg (`pip install resvg-py`), or else by `dot`.
        Raises ValueError for a name without such an ending, LayoutError and OSError when it cannot be made.
        """
        ending = Path(path).suffix.lower().lstrip(".")
        if not ending:
            raise ValueError(f"the name must end in .svg, .dot, .png or .pdf to say what to write, got {os.fspath(path)!r}")
        if ending in ("dot", "gv"):
            return write_atomically(path, self.dot)
        if ending == "svg":
            return write_atomically(path, self.svg)
        drawn = png(self.svg) if ending == "png" else None
        return write_atomically(path, drawn or render(self.dot, ending))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """What a notebook shows; a picture also where it does not trust the notebook, and then refuses SVG but not <img>."""
        return bundle(self.svg, repr(self))


def draw(
    root: Any,
    *,
    fold: Any = None,
    depth: Depth = "operation",
    style: Style = "plain",
    theme: Theme = "auto",
    elementary: bool = False,
    direction: Direction = "LR",
    limit: int = LIMIT,
) -> Drawing:
    """The picture of the graph that ends in a Value, of a network as layers of circles, or of what training and data are like.

    root:       a Value, drawn with all it was made from; or a network such as an MLP; or a History, a Dataset, a Health or
                a Sweep, for which only `theme` counts
    fold:       a network whose neurons and layers are recognised in the graph by their parameters
    depth:      what gets a card of its own: each "operation" (with frames round the neurons of `fold`),
                each "neuron", or each "layer"
    style:      "plain" writes the local derivative on each edge, "detailed" also upstream × local = contribution
    theme:      "light", "dark", or "auto", which follows the notebook's theme or the reader's setting
    elementary: draw fused nodes (dot, sigmoid, ...) taken apart into their definitions
    direction:  "LR", left to right, or "TB", top to bottom
    limit:      with more cards than this, or more than two fifths of it in a row, the picture folds to neurons,
                then to layers, then to the nodes nearest to the root, and says so
    Raises TypeError for what is neither a Value nor a network, ValueError for an unknown choice and
    for a depth at which no neuron can be found.

    >>> x = Value(3.0, "x")
    >>> drawing = draw(x * x)
    >>> drawing.dot.count("->"), drawing.notes
    (2, ('No gradients yet: call backward() on L.',))
    """
    _check({"depth": depth, "style": style, "theme": theme, "direction": direction}, limit)
    if not _drawable(root):
        raise TypeError(f"draw takes a Value or a network with layers, such as an MLP, got a {type(root).__name__}: {root!r:.40}")
    if not isinstance(root, Value):
        other = chart(root) or Network(root)
        return Drawing(other, other.name, theme, direction, other.notes)
    picture = _graph(root, fold, depth, style == "detailed", elementary, limit)
    name = f"computation graph of {picture.name}: {len(picture.cards)} cards, {len(picture.links)} edges"
    return Drawing(picture, name, theme, direction, tuple(picture.notes))


def _check(chosen: dict[str, str], limit: int) -> None:
    for name, choice in chosen.items():
        if choice not in _CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, _CHOICES[name]))}, got {choice!r:.40}")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit must be a whole number of cards, at least 1, got {limit!r:.40}")


def _graph(root: Value, fold: Any, depth: Depth, detailed: bool, elementary: bool, limit: int) -> Picture:
    """The first picture that is within the limit, with what has to be said about it."""
    pictures = _pictures(root, fold, depth, detailed, elementary, limit)
    return next(picture for picture in pictures if len(picture.cards) <= max(limit, 2))


def _pictures(root: Value, fold: Any, depth: Depth, detailed: bool, elementary: bool, limit: int) -> Iterator[Picture]:
    """Pictures of one graph from the depth that was asked for, each smaller than the one before."""
    snapshot = Snapshot(root)
    nodes = snapshot.order
    units = find(nodes, fold) if fold is not None or depth != "operation" or len(nodes) > limit else []
    if depth != "operation" and not units:
        whose = "; give the network as fold=net" if fold is None else ", or they belong to another network"
        raise ValueError(f"depth={depth!r} needs neurons, but the graph of {snapshot.name} has none{whose}")
    if depth == "operation":
        top, origins = expand(root) if elementary else (root, {})
        whole = Snapshot(top) if elementary else snapshot
        if len(whole.nodes) <= limit and _columns(whole.order) <= _deepest(limit):
            places, frames = folding.framed(units if fold is not None else [])
            if elementary:
                places = {copy: places[node] for copy, node in origins.items() if node in places}
            picture = Deck(whole, detailed=detailed).operations(places, frames)
            if fold is not None and not units:
                picture.notes.append("No neuron of the given network is in this graph.")
            yield _noted(picture, snapshot)
    for each, gathered in (("neuron", folding.neurons), ("layer", folding.layers)):
        if units and not (depth == "layer" and each == "neuron"):
            folds = gathered(units, snapshot)
            if len(folds) > limit:
                continue
            picture = Deck(snapshot, detailed=detailed).folded(folds)
            why = "" if each == depth else f", more than the limit of {limit}"
            picture.notes.append(f"{len(nodes)} nodes{why}; folded by {each} into {len(picture.cards)} cards.")
            yield _noted(picture, snapshot)
    nearest = _nearest(root, nodes, limit)
    picture = Deck(snapshot, nearest, detailed).operations()
    columns = _columns(nodes)
    over = f"{len(nodes)} nodes, more than the limit of {limit}"
    if len(nodes) <= limit:
        over = f"{columns} nodes in a row, more than {_deepest(limit)}, which is two fifths of the limit"
    picture.notes.append(f"{over}: the {len(nearest)} nearest to {picture.name} are drawn; raise limit to see more.")
    yield _noted(picture, snapshot)


def _noted(picture: Picture, snapshot: Snapshot) -> Picture:
    picture.notes += snapshot.notes()
    return picture


def _nearest(root: Value, nodes: Sequence[Value], limit: int) -> list[Value]:
    """As many nodes as fit, nearest to the root first, in the order of the graph.

    Half of the limit is kept for the stubs that stand for what is left out.
    """
    near, queue = {root: 0}, deque([root])  # each with its distance from the root
    while queue:
        node = queue.popleft()
        for below in node.inputs:
            if below not in near and len(near) < limit // 2 and near[node] < _deepest(limit) // 2:
                near[below] = near[node] + 1
                queue.append(below)
    return [node for node in nodes if node in near]


def _columns(nodes: Sequence[Value]) -> int:
    """How many nodes follow each other on the longest way."""
    columns: dict[Value, int] = {}
    for node in nodes:
        columns[node] = 1 + max([columns[below] for below in node.inputs], default=0)
    return max(columns.values())


def _deepest(limit: int) -> int:
    """How many columns a picture may have, so that it does not become a ribbon."""
    return max(2, 2 * limit // 5)
