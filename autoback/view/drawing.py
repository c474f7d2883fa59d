"""Drawings: `draw` makes an SVG of a computation graph, of a network, or of a training."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from autoback.engine.value import Value
from autoback.files import write_atomically
from autoback.nn.module import Module
from autoback.view.charts import Chart, chart
from autoback.view.convert import bundle, png, render
from autoback.view.depths import LIMIT, Depth, fitting
from autoback.view.dot import digraph
from autoback.view.module_tree import tree
from autoback.view.network import Network
from autoback.view.neurons import is_stack
from autoback.view.picture import Picture
from autoback.view.svg import drawing_svg

__all__ = ["LIMIT", "Drawing", "draw", "shown"]

Style = Literal["plain", "detailed"]
Theme = Literal["light", "dark", "auto"]
Direction = Literal["LR", "TB"]

_CHOICES = {
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
    parameters = isinstance(thing, Module) and bool(thing.arrays())
    return isinstance(thing, Value) or parameters or chart(thing) is not None or is_stack(thing)


@dataclass(frozen=True, repr=False)
class Drawing:
    """A picture of a graph or of a Module, drawn when it is asked for.

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
    """The picture of the graph that ends in a Value, of a Module, or of what training and data are like.

    root:       a Value, drawn with all it was made from; a Module: layers of neurons one after the other, as in an MLP, as
                circles, any other as the tree of its parts; or a History, a Dataset, a Health or a Sweep, for which only
                `theme` counts
    fold:       a Module whose parts are recognised in the graph by their parameters: the neurons and layers of an MLP, the
                attributes of any other, and what lies between them
    depth:      what gets a card of its own: each "operation" (with frames round the neurons of `fold`),
                each "neuron", each "layer", or each part of `fold` to this depth: 1 for its attributes and the items of
                its lists, 2 for theirs, and so on
    style:      "plain" writes the local derivative on each edge, "detailed" also upstream × local = contribution
    theme:      "light", "dark", or "auto", which follows the notebook's theme or the reader's setting
    elementary: draw fused nodes (dot, sigmoid, ...) taken apart into their definitions
    direction:  "LR", left to right, or "TB", top to bottom
    limit:      with more cards than this, or more than two fifths of it in a row, the picture folds to neurons,
                then to layers, or to parts of `fold` at the greatest depth that fits, then to the nodes nearest to the
                root, and says so
    Raises TypeError for what is neither a Value nor a Module with parameters, ValueError for an unknown choice and
    for a depth at which no neuron can be found.

    >>> x = Value(3.0, "x")
    >>> drawing = draw(x * x)
    >>> drawing.dot.count("->"), drawing.notes
    (2, ('No gradients yet: call backward() on L.',))
    """
    _check({"style": style, "theme": theme, "direction": direction}, depth, limit)
    if not _drawable(root):
        raise TypeError(f"draw takes a Value, or a Module with parameters such as an MLP, got a {type(root).__name__}: {root!r:.40}")
    if isinstance(root, Module) and not is_stack(root):
        structure = tree(root, limit)
        return Drawing(structure, f"parts of {structure.name}: {len(structure.cards)} cards", theme, direction, tuple(structure.notes))
    if not isinstance(root, Value):
        other = chart(root) or Network(root)
        return Drawing(other, other.name, theme, direction, other.notes)
    picture = fitting(root, fold, depth, limit, detailed=style == "detailed", elementary=elementary)
    name = f"computation graph of {picture.name}: {len(picture.cards)} cards, {len(picture.links)} edges"
    return Drawing(picture, name, theme, direction, tuple(picture.notes))


def _check(chosen: dict[str, str], depth: Depth, limit: int) -> None:
    level = depth if isinstance(depth, int) and not isinstance(depth, bool) else 0
    if depth not in ("operation", "neuron", "layer") and level < 1:
        raise ValueError(f"depth must be 'operation', 'neuron', 'layer', or a whole number of levels from 1, got {depth!r:.40}")
    for name, choice in chosen.items():
        if choice not in _CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, _CHOICES[name]))}, got {choice!r:.40}")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit must be a whole number of cards, at least 1, got {limit!r:.40}")
