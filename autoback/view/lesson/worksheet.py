"""A worksheet: the graph with blanks to fill in on paper, and an answer key on its own page."""

import os
import re
from collections.abc import Sequence
from html import escape

from autoback.engine.value import Value
from autoback.text import clean, short
from autoback.view.cards import Deck
from autoback.view.lesson.paper import PAPERS, pages, strips
from autoback.view.notation import MATHML, TEXT
from autoback.view.pages.page import Page, assemble, current
from autoback.view.phrases import ATOM, equals, joined, product, spelled
from autoback.view.rules import formula
from autoback.view.snapshot import Snapshot
from autoback.view.svg import drawing_svg

__all__ = ["worksheet"]

def worksheet(root: Value, path: str | os.PathLike[str] | None = None, *, title: str | None = None, refresh: bool = False) -> Page:
    """Pages for A4 paper: a graph whose results, local derivatives and gradients are blanks, and the answer key.

    root:  the Value a computation ends in
    path:  where to save the page too; None only returns it
    title: the heading of both pages; default names the root
    refresh: take a stale graph with the numbers that follow from its leaves as they are now; without it a stale graph is refused
    The graph runs from left to right or from top to bottom, whichever needs fewer pages, and is printed so large that people
    can write in it: what does not fit on one page goes on below or on the next.

    >>> x = Value(3.0, "x")
    >>> page = worksheet(x * x, title="A square")
    >>> page.html.count("A square")
    3
    """
    snapshot = current(root, refresh)
    picture, name = Deck(snapshot, computed=True).operations(), snapshot.name
    heading = clean(title, 200) if title else f"How {name} depends on its inputs"
    cut = {paper: strips(picture, paper, "blanks", "") for paper in PAPERS}
    paper = min(PAPERS, key=lambda paper: (pages([high for high, _ in cut[paper]], paper), len(cut[paper])))
    page = assemble(
        "worksheet.html",
        styles=("base.css", "worksheet.css"),
        more_style=f"@page {{ size: A4 {paper.orientation}; margin: 12mm; }}\n",
        title=escape(heading),
        root=escape(name),
        blanks=_figures(cut[paper]),
        answers=_figures(strips(picture, paper, "everything", "key-")),
        rules="\n".join(_rules(snapshot)),
        sums="\n".join(_sums(snapshot)),
        picture=drawing_svg(picture, name, "auto"),
    )
    if path is not None:
        page.save(path)
    return page


def _figures(parts: Sequence[tuple[float, str]]) -> str:
    # A link that is in two strips would have its id twice.
    without = [re.sub(r' id="[^"]*e\d+-\d+"', "", svg) for _, svg in parts]
    return "\n".join(f"<figure>\n{svg}\n</figure>" for svg in without)


def _rules(snapshot: Snapshot) -> list[str]:
    """What each operation computes, in names, as MathML; what is called by its formula is not told again."""
    names = snapshot.names
    lines = []
    for node in snapshot.order:
        if node.op is not None and names.is_word(node):
            rule = formula(node, lambda below: names.whole(below, MATHML), MATHML)
            lines.append(f"<li><math>{MATHML.infix(names.phrase(node, MATHML).text, '=', rule.text)}</math></li>")
    return lines


def _sums(snapshot: Snapshot) -> list[str]:
    """A line of the answer key for each gradient: its contributions and their sum, in the order of backward."""
    nodes, rows = snapshot.nodes, []
    for k in reversed(range(len(nodes) - 1)):
        if nodes[k].constant:
            continue
        uses = sorted(snapshot.uses[k], key=lambda use: (-use[0], use[1]))
        parts = joined("+", [product([nodes[c].gradient, nodes[c].partials[p]], TEXT) for c, p in uses], TEXT)
        sign = equals(parts, spelled(nodes[k].gradient, TEXT))
        derivative = f"<math>{_change(snapshot, -1)}<mo>/</mo>{_change(snapshot, k)}</math>"  # on one line, for paper
        rows.append(f"<li>{derivative} = {parts.text} {sign} <b>{short(nodes[k].gradient)}</b></li>")
    return rows


def _change(snapshot: Snapshot, k: int) -> str:
    name = snapshot.names.phrase(snapshot.order[k], MATHML)
    return f"<mo>∂</mo>{name.text if name.binds >= ATOM else MATHML.parentheses(name.text)}"
