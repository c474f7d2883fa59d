"""Drawings: `draw` makes an SVG of a computation graph or of a network."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from autoback.engine.value import Value, record, topological_order
from autoback.files import write_atomically
from autoback.view import folding
from autoback.view.apart import apart
from autoback.view.cards import Deck
from autoback.view.colors import DARK, LIGHT
from autoback.view.dot import dot
from autoback.view.layout import LayoutError, render
from autoback.view.network import network_picture
from autoback.view.neurons import find
from autoback.view.picture import Picture
from autoback.view.svg import finish
from autoback.view.tooltips import node_name

__all__ = ["LIMIT", "Drawing", "draw", "shown"]

#: A picture with more cards than this folds by itself.
LIMIT = 60

Depth = Literal["operation", "neuron", "layer"]
Style = Literal["plain", "detailed"]
Theme = Literal["light", "dark", "auto"]

_CHOICES = {
    "depth": ("operation", "neuron", "layer"),
    "style": ("plain", "detailed"),
    "theme": ("light", "dark", "auto"),
    "direction": ("LR", "TB"),
}


def shown(self: Any) -> str | None:
    """What a notebook shows of a Value or a network: its picture.

    None, upon which the notebook shows the text, for a module without neurons and where there is no layout program.
    """
    if not _drawable(self):
        return None
    try:
        return draw(self, theme="auto").svg
    except LayoutError:
        return None


def _drawable(thing: Any) -> bool:
    return isinstance(thing, Value) or any(hasattr(thing, name) for name in ("layers", "neurons", "weights"))


@dataclass(frozen=True)
class Drawing:
    """A picture in the DOT language, laid out when its SVG is asked for.

    dot:   the DOT text
    name:  what it shows, for screen readers
    notes: what the picture says about itself: that it is folded, stale, or without gradients
    """

    dot: str
    name: str
    theme: Theme = "light"
    edges: int | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text, for a file or for a page; the same bytes for the same graph.

        Raises LayoutError when there is no layout program.
        """
        base = DARK if self.theme == "dark" else LIGHT
        dark = LIGHT.swap(DARK) if self.theme == "auto" else None
        return finish(render(self.dot, "svg", self.edges), self.dot, self.name, base.background, dark)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """The path, after the picture is in it: .svg, .dot, or .png, .pdf, ... where the layout program can.

        Raises ValueError for a name without such an ending, LayoutError and OSError when it cannot be made.
        """
        ending = Path(path).suffix.lower().lstrip(".")
        if not ending:
            raise ValueError(f"the name must end in .svg, .dot, .png or .pdf to say what to write, got {os.fspath(path)!r}")
        if ending in ("dot", "gv"):
            return write_atomically(path, self.dot)
        return write_atomically(path, self.svg if ending == "svg" else render(self.dot, ending))

    def _repr_svg_(self) -> str:
        return self.svg


def draw(
    root: Any,
    *,
    fold: Any = None,
    depth: Depth = "operation",
    style: Style = "plain",
    theme: Theme = "light",
    elementary: bool = False,
    direction: Literal["LR", "TB"] = "LR",
    limit: int = LIMIT,
) -> Drawing:
    """The picture of the graph that ends in a Value, or of a network as layers of circles.

    root:       a Value, drawn with all it was made from; or a network such as an MLP
    fold:       a network whose neurons and layers are recognised in the graph by their parameters
    depth:      what gets a card of its own: each "operation" (with frames round the neurons of `fold`),
                each "neuron", or each "layer"
    style:      "plain" writes the local derivative on each edge, "detailed" also upstream × local = contribution
    theme:      "light", "dark", or "auto", which follows the reader's setting
    elementary: draw fused nodes (dot, sigmoid, ...) taken apart into their definitions
    direction:  "LR", left to right, or "TB", top to bottom
    limit:      with more cards than this, or more than two fifths of it in a row, the picture folds to neurons,
                then to layers, then to the nodes nearest to the root, and says so
    Raises TypeError for what is neither a Value nor a network, ValueError for an unknown choice and
    for a depth at which no neuron can be found.

    >>> x = Value(3.0, "x")
    >>> drawing = draw(x * x)
    >>> drawing.dot.count("->"), drawing.notes
    (2, ('No gradients yet: call backward() on root.',))
    """
    _check({"depth": depth, "style": style, "theme": theme, "direction": direction}, limit)
    colors = DARK if theme == "dark" else LIGHT
    if not _drawable(root):
        raise TypeError(f"draw takes a Value or a network with layers, such as an MLP, got a {type(root).__name__}: {root!r:.40}")
    if not isinstance(root, Value):
        network = network_picture(root, colors)
        return Drawing(network.dot, network.name, theme, network.edges, network.notes)
    picture = _graph(root, fold, depth, style == "detailed", elementary, limit)
    name = f"computation graph of {picture.name}: {len(picture.cards)} cards, {len(picture.links)} edges"
    return Drawing(dot(picture, colors, direction), name, theme, len(picture.links), tuple(picture.notes))


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
    nodes = topological_order(root)
    stale = _stale(nodes)
    units = find(nodes, fold) if fold is not None or depth != "operation" or len(nodes) > limit else []
    if depth != "operation" and not units:
        whose = "; give the network as fold=net" if fold is None else ", or they belong to another network"
        raise ValueError(f"depth={depth!r} needs neurons, but the graph of {node_name(root)} has none{whose}")
    if depth == "operation":
        top, origins = apart(root) if elementary else (root, {})
        shown = topological_order(top) if elementary else nodes
        if len(shown) <= limit and _columns(shown) <= _deepest(limit):
            places, frames = folding.framed(units if fold is not None else [])
            if elementary:
                places = {copy: places[node] for copy, node in origins.items() if node in places}
                stale = frozenset(copy for copy, node in origins.items() if node in stale)
            picture = Deck(top, shown, detailed, stale).operations(places, frames)
            if fold is not None and not units:
                picture.notes.append("No neuron of the given network is in this graph.")
            yield _noted(picture, root, stale)
    for each, gathered in (("neuron", folding.neurons), ("layer", folding.layers)):
        if units and not (depth == "layer" and each == "neuron"):
            folds = gathered(units, nodes, root)
            if len(folds) > limit:
                continue
            picture = Deck(root, nodes, detailed, stale).folded(folds)
            why = "" if each == depth else f", more than the limit of {limit}"
            picture.notes.append(f"{len(nodes)} nodes{why}; folded by {each} into {len(picture.cards)} cards.")
            yield _noted(picture, root, stale)
    nearest = _nearest(root, nodes, limit)
    picture = Deck(root, nearest, detailed, stale).operations({}, {})
    picture.notes.append(
        f"{len(nodes)} nodes in {_columns(nodes)} columns, more than the limit of {limit} or {_deepest(limit)}; "
        f"the {len(nearest)} nearest to {picture.name} are drawn."
    )
    yield _noted(picture, root, stale)


def _noted(picture: Picture, root: Value, stale: frozenset[Value]) -> Picture:
    if stale:
        picture.notes.append(f"Stale: a leaf was changed since (dashed frames); call refresh() on {picture.name}.")
    if root.grad is None:
        picture.notes.append(f"No gradients yet: call backward() on {picture.name}.")
    return picture


def _stale(nodes: Sequence[Value]) -> frozenset[Value]:
    """The nodes whose numbers no longer follow from the leaves."""
    stale: set[Value] = set()
    for node in nodes:
        if node.op is None:
            continue
        if not stale.isdisjoint(node.inputs):
            stale.add(node)
            continue
        try:
            fresh = record(node.op, node.inputs)
        except ArithmeticError:
            stale.add(node)
            continue
        if (fresh.data, fresh.partials) != (node.data, node.partials):
            stale.add(node)
    return frozenset(stale)


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
