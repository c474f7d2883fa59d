"""The lesson of a computation graph; and `lesson`, the door to this one and to that of a network."""

import os
import re
from html import escape
from typing import Any
from xml.etree import ElementTree

from autoback.engine.functions import take_apart
from autoback.engine.operations import OPERATIONS, Operation
from autoback.engine.value import Value, topological_order
from autoback.text import clean
from autoback.view.depths import LIMIT
from autoback.view.lesson.folded import Folded
from autoback.view.pages.javascript import rules
from autoback.view.pages.page import Page, assemble, current, scripted, texts
from autoback.view.playground.playground import playground
from autoback.view.rules import character
from autoback.view.snapshot import Snapshot
from autoback.view.svg import drawing_svg, page_svg

__all__ = ["LARGEST", "lesson"]

#: A graph with more nodes, each neuron counted as one, is no lesson: nobody would walk through it.
LARGEST = 200

_SCRIPTS = (
    "graph.js", "ways.js", "neuron.js", "words.js", "say.js", "spotlight.js", "formula.js", "stage.js", "player.js", "chain.js",
    "shapes.js", "why.js", "closer.js", "errors.js", "ripple.js", "walk.js", "orders.js", "directions.js", "contour.js", "hill.js",
    "touch.js", "numbers.js", "diagnosis.js", "questions.js", "source.js", "quiz.js", "lesson.js", "start.js",
)  # fmt: skip


def lesson(
    subject: Any, path: str | os.PathLike[str] | None = None, *, title: str | None = None, refresh: bool = False, **training: Any
) -> Page:
    """A page to learn backpropagation from: a ripple runs through the graph, the chain rule walks back, a quiz asks.

    subject:  the Value a computation ends in; or an MLP with 2 inputs and 1 to 3 outputs, for a playground on which it learns
    path:     where to save the page too; None only returns it
    title:    the heading; default names the root
    refresh:  show a stale graph with the numbers that follow from its leaves as they are now; without it a stale graph is refused
    training: for a network, what `autoback.view.playground.playground.playground` takes: inputs, targets, data, loss, rate
    Raises TypeError for any other subject, ValueError for one too large to show.

    >>> x = Value(3.0, "x")
    >>> lesson(x * x, title="A square").html.count("<h1>A square</h1>")
    1
    """
    if isinstance(subject, Value):
        if training:
            raise TypeError(f"{', '.join(training)}: only the lesson of a network takes these, this is a Value's")
        page = _graph_lesson(subject, title, refresh)
    else:
        page = playground(subject, title=title, **training)
    if path is not None:
        page.save(path)
    return page


def _graph_lesson(root: Value, title: str | None, refresh: bool) -> Page:
    count = len(topological_order(root))
    # No reading of a huge graph for the error alone: so many cards have fewer edges than LARGEST² / 2, each a weight and a product.
    if count > LARGEST**2:
        raise ValueError(_too_large(count))
    snapshot = current(root, refresh)
    folded = Folded(snapshot, neurons=count > LIMIT)
    if len(folded.shown) > LARGEST:
        raise ValueError(_too_large(count, f", {len(folded.shown)} with each neuron as one" * (len(folded.shown) < count)))
    picture = folded.picture()
    rows = sorted({node.op.name for node in snapshot.nodes if node.op})
    definitions = {name: _definition(OPERATIONS[name]) for name in rows if _compound(OPERATIONS[name])}
    used = {*rows, *(node["op"] for nodes in definitions.values() for node in nodes if node["op"])}
    data = {
        "nodes": folded.nodes(),
        "whole": count,
        "characters": {name: f"It {character(OPERATIONS[name])}." for name in rows},
        "definitions": definitions,
        "upright": places(page_svg(picture, "TB")),
        "refreshed": refresh and snapshot.root is not root,
    }
    return assemble(
        "lesson.html",
        styles=("base.css", "lesson.css"),
        scripts=_SCRIPTS,
        # The data is packed with the script; the picture is not, for a reader without JavaScript.
        before=rules(row for name, row in OPERATIONS.items() if name in used)
        + f"const SAID = {scripted(texts())};\nconst DATA = {scripted(data)};\n",
        title=escape(clean(title, 200) if title else f"How {snapshot.name} depends on its inputs"),
        graph=page_svg(picture),
        picture=drawing_svg(picture, snapshot.name, "auto"),
    )


def _too_large(count: int, folded: str = "") -> str:
    return (
        f"a lesson shows at most {LARGEST} nodes, this graph has {count}{folded}; take a smaller network or a part of it, "
        "or draw() the graph, which folds"
    )


def _compound(row: Operation) -> bool:
    """Whether a row of one number has a definition in more than one simpler operation, from which its slope can be derived."""
    return row.elementary is not None and not row.nary and len(row.letters) == 1 and len(_definition(row)) > 3


def _definition(row: Operation) -> list[dict[str, Any]]:
    """The elementary definition of a row as the nodes of a small graph, from its one input on.

    >>> [node["op"] for node in _definition(OPERATIONS["sigmoid"])]
    [None, None, None, 'neg', 'exp', 'add', 'div']
    """
    snapshot = Snapshot(take_apart(row, (Value(sum(row.domain) / 2.0 + 0.25, "z"),)))
    return [
        {"op": node.op.name if node.op else None, "inputs": node.inputs, "value": node.value, "constant": node.constant}
        for node in snapshot.nodes
    ]


def places(svg: str) -> dict[str, Any]:
    """Where everything stands in a drawing, by id: enough to turn another drawing of the same graph into this one.

    >>> from autoback.view.snapshot import Snapshot
    >>> picture = Folded(Snapshot(Value(2.0, "x").tanh()), neurons=False).picture()
    >>> sorted(places(page_svg(picture, "TB"))["at"])
    ['e1-0', 'e1-0l', 'n0', 'n1']
    """
    root = ElementTree.fromstring(svg)
    at: dict[str, Any] = {}
    for element in root.iter():
        if (name := element.get("id")) and not name.startswith("head"):
            if element.tag.endswith("}path"):
                at[name] = re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.0f}", element.get("d", ""))
            elif element.tag.endswith("}g"):
                at[name] = element.get("transform")
            elif name.endswith("l"):
                at[name] = [float(element.get("x", "0")), float(element.get("y", "0"))]
    return {"box": root.get("viewBox"), "at": at}
