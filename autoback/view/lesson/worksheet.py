"""A worksheet: the graph with blanks to fill in on paper, and an answer key on its own page."""

import os
from collections.abc import Sequence
from html import escape

from autoback.engine.value import Value
from autoback.text import clean, short
from autoback.view.lesson.layers import arrange
from autoback.view.lesson.page import Page, assemble
from autoback.view.lesson.picture import card_size, gaps, picture
from autoback.view.lesson.snapshot import Node, fresh_copy, snapshot
from autoback.view.notation import MATHML
from autoback.view.rules import Phrase, value_rule

__all__ = ["worksheet"]

#: For each direction of flow how the paper lies, the width and height in mm it leaves for the graph, and the height in the key.
_ROOM = {"LR": ("landscape", 273.0, 100.0, 100.0), "TB": ("portrait", 186.0, 182.0, 140.0)}


def worksheet(root: Value, path: str | os.PathLike[str] | None = None, *, title: str | None = None) -> Page:
    """Two pages for A4 paper: a graph whose results, local derivatives and gradients are blanks, and the answer key.

    root:  the Value a computation ends in
    path:  where to save the page too; None only returns it
    title: the heading of both pages; default names the root
    The graph runs from left to right or from top to bottom, whichever prints larger.

    >>> x = Value(3.0, "x")
    >>> page = worksheet(x * x, title="A square")
    >>> page.html.count("A square")
    3
    """
    nodes = snapshot(root)
    name = nodes[-1].name
    heading = clean(title, 200) if title else f"How {name} depends on its inputs"
    flow = max(_ROOM, key=lambda flow: _scale(nodes, flow))
    orientation, _, height, key = _ROOM[flow]
    heights = f".graph {{ max-height: {height:g}mm; }} #key .graph {{ max-height: {key:g}mm; }}"
    page = assemble(
        "worksheet.html",
        styles=("base.css", "worksheet.css"),
        more_style=f"@page {{ size: A4 {orientation}; margin: 12mm; }}\n@media print {{ {heights} }}\n",
        title=escape(heading),
        root=escape(name),
        blanks=picture(nodes, flow, "blanks"),
        answers=picture(nodes, flow, prefix="key-"),
        rules="\n".join(_rules(root, nodes)),
        sums="\n".join(_sums(nodes)),
    )
    if path is not None:
        page.save(path)
    return page


def _scale(nodes: Sequence[Node], flow: str) -> float:
    layout = arrange([node.inputs for node in nodes], [card_size(node) for node in nodes], gaps(flow), flow)
    _, width, height, _ = _ROOM[flow]
    return min(width / layout.width, height / layout.height)


def _rules(root: Value, nodes: Sequence[Node]) -> list[str]:
    """What each operation computes, in names, as MathML."""
    values = fresh_copy(root)
    names = {value: node.name for value, node in zip(values, nodes, strict=True)}

    def symbol(value: Value) -> Phrase:
        return Phrase(MATHML.symbol(names[value]), binds=7)

    lines = []
    for value, node in zip(values, nodes, strict=True):
        if node.op is not None:
            formula = MATHML.infix(symbol(value).text, "=", value_rule(value, symbol, symbol, MATHML).symbols.text)
            lines.append(f"<li><math>{formula}</math></li>")
    return lines


def _sums(nodes: Sequence[Node]) -> list[str]:
    """A line of the answer key for each gradient: its contributions and their sum, in the order of backward."""
    parts: list[list[str]] = [[] for _ in nodes]
    for node in reversed(nodes):
        for p, below in enumerate(node.inputs):
            if node.op is not None and p < len(node.inputs) - node.op.constants:
                parts[below].append(f"{_factor(node.gradient)} × {_factor(node.partials[p])}")
    rows = []
    for k in reversed(range(len(nodes))):
        if parts[k]:
            derivative = f"<math>{_change(nodes[-1])}<mo>/</mo>{_change(nodes[k])}</math>"
            rows.append(f"<li>{derivative} = {' + '.join(parts[k])} = <b>{short(nodes[k].gradient)}</b></li>")
    return rows


def _change(node: Node) -> str:
    return f"<mo>∂</mo>{MATHML.symbol(node.name)}"


def _factor(number: float) -> str:
    return f"({short(number)})" if number < 0.0 else short(number)
