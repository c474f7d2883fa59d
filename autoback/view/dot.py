"""A picture in the DOT language, which layout programs draw: HTML-like tables as cards, the legend as the graph's label."""

import html
from collections.abc import Sequence
from itertools import pairwise

import graphviz

from autoback.text import short
from autoback.view.colors import Theme
from autoback.view.labels import measured, width
from autoback.view.picture import Card, Link, Picture

__all__ = ["FONT", "LINE_WIDTHS", "OPACITIES", "SLASH", "attribute", "dot", "markup", "scale"]

FONT = "Arial"

#: Font sizes, in points: of bands, links and the legend, of lines, of titles.
_SMALL, _MIDDLE, _LARGE = 10.0, 12.0, 13.0

#: How much of a line's colour is seen where there is a crowd of them, for the steps 0 … 5, in hexadecimal.
OPACITIES = ("22", "33", "55", "88", "bb", "ff")

#: For the steps 0 … 5, in points.
LINE_WIDTHS = (0.8, 0.9, 1.3, 1.9, 2.7, 3.6)

#: Stands for a backslash in attributes, where the programs disagree how often it is obeyed; the SVG has the backslash again.
SLASH = "⧵"


def dot(picture: Picture, theme: Theme, direction: str = "LR") -> str:
    """The picture in the DOT language, in the colours of a theme.

    direction: "LR", from the inputs on the left to the root on the right, or "TB", downwards
    """
    # Laid out from the root back, neurons in frames keep their order, and the inputs stand between them.
    back = bool(picture.frames)
    graph = graphviz.Digraph("autoback", encoding="utf-8")
    rankdir = {"LR": "RL", "TB": "BT"}[direction] if back else direction
    ranksep, splines = ("2", "line") if picture.crowded else ("0.42", "true")
    graph.attr(
        rankdir=rankdir, ranksep=ranksep, nodesep="0.16", splines=splines, outputorder="edgesfirst", bgcolor=theme.background, pad="0.2",
        fontname=FONT, fontsize=f"{_SMALL:g}", fontcolor=theme.muted, labeljust="l", labelloc="b", label=_legend(picture, theme),
    )  # fmt: skip
    graph.attr("node", shape="plain", fontname=FONT, fontsize=f"{_MIDDLE:g}", fontcolor=theme.ink)
    graph.attr("edge", fontname=FONT, fontsize=f"{_SMALL:g}", arrowsize="0.55", color=theme.muted, fontcolor=theme.ink)
    framed: dict[str, list[Card]] = {}
    for card in picture.cards:
        framed.setdefault(card.frame, []).append(card)
    for key, cards in framed.items():
        if not key:
            _write(graph, cards, theme)
            continue
        with graph.subgraph(name=f"cluster_{key}") as inner:
            title = attribute(picture.frames[key].title)
            inner.attr(
                label=title, tooltip=title, labelloc="t", style="rounded,filled", color=theme.border, fillcolor=theme.frame,
                penwidth="0.6", margin="7",
            )  # fmt: skip
            _write(inner, cards, theme)
    for column in picture.columns:
        _stack(graph, column)
    if picture.crowded:
        graph.attr("edge", arrowsize="0.35", **({"tailport": "e", "headport": "w"} if direction == "LR" else {}))
    for link in picture.links:
        attributes = _link(link, theme)
        if picture.crowded:
            attributes["color"] += OPACITIES[abs(link.step or 0)]
            attributes["penwidth"] = f"{0.6 * LINE_WIDTHS[abs(link.step or 0)]:.2g}"
        if back:
            graph.edge(link.target, link.source, dir="back", **{"class": "back"}, **attributes)
        else:
            graph.edge(link.source, link.target, **attributes)
    return str(graph.source)


def _legend(picture: Picture, theme: Theme) -> str:
    rows = [f'<TR><TD ALIGN="LEFT"><FONT COLOR="{theme.ink}"><B>{markup(note)}</B></FONT></TD></TR>' for note in picture.notes]
    rows += [f'<TR><TD ALIGN="LEFT">{markup(line)}</TD></TR>' for line in picture.legend]
    if picture.largest is not None:
        rows.append(f'<TR><TD ALIGN="LEFT">{scale(picture.largest, theme)}</TD></TR>')
        carried = "Colour and thickness of an arrow: what it carries back, upstream × local; each step is a factor of about 3."
        rows.append(f'<TR><TD ALIGN="LEFT">{carried}</TD></TR>')
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{"".join(rows)}</TABLE>>' if rows else ""


def markup(text: str) -> str:
    """A text as part of an HTML-like label, where Graphviz would still obey a backslash."""
    return html.escape(text).replace("\\", "\\\\")


def attribute(text: str) -> str:
    """A text as the value of a DOT attribute: no escape of Graphviz's own and no markup is left in it."""
    return str(graphviz.nohtml(text.replace("&", "&amp;").replace("\\", SLASH)))


def _stack(graph: "graphviz.Digraph", column: Sequence[str]) -> None:
    """Keep cards one below the other, by arrows between them that are not drawn."""
    with graph.subgraph() as inner:
        inner.attr(rank="same")
        for upper, lower in pairwise(column):
            inner.edge(upper, lower, style="invis")


def _write(graph: "graphviz.Digraph", cards: Sequence[Card], theme: Theme) -> None:
    for card in cards:
        graph.node(card.key, label=_card(card, theme), tooltip=attribute(card.tooltip), **{"class": card.kind})


def _card(card: Card, theme: Theme) -> str:
    title = f"{card.title}  {card.symbol}" if card.title and card.symbol else card.title or card.symbol
    texts = [(title, _LARGE, True)] if title else []
    texts += [(line, _MIDDLE, False) for line in card.lines]
    wide = max([34.0, *(width(text, size, bold) for text, size, bold in texts), width(card.band, _SMALL)]) + 10
    wide = max([wide, *(measured(text, size) for text, size, _ in texts)])
    cells = [_cell(_title(card, theme), wide, _LARGE + 8)] if title else []
    cells += [_cell(markup(line), wide, _MIDDLE + 4) for line in card.lines]
    if card.band:
        color = theme.muted if card.step is None else theme.ink
        band = f'<FONT POINT-SIZE="{_SMALL:g}" COLOR="{color}">{markup(card.band)}</FONT>'
        fill = "" if card.step is None else f' BGCOLOR="{theme.tint(card.step)}"'
        cells += [_cell(band, wide, _SMALL + 5, fill)]
    style = "DASHED" if card.stale or card.kind == "more" else "SOLID"
    border, thick = (theme.ink, 2) if card.stale else (theme.border, 2 if card.kind in ("neuron", "layer") else 1)
    return (
        f'<<TABLE BORDER="{thick}" STYLE="{style}" COLOR="{border}" BGCOLOR="{theme.card if card.kind != "leaf" else theme.background}" '
        f'CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{"".join(cells)}</TABLE>>'
    )


def _cell(content: str, wide: float, high: float, more: str = "") -> str:
    return f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{wide:.0f}" HEIGHT="{high:.0f}"{more}>{content}</TD></TR>'


def _title(card: Card, theme: Theme) -> str:
    title = f'<B><FONT POINT-SIZE="{_LARGE:g}">{markup(card.title)}</FONT></B>' if card.title else ""
    if not card.symbol:
        return title
    symbol = f'<FONT POINT-SIZE="{_LARGE:g}" COLOR="{theme.muted if card.title else theme.ink}">{markup(card.symbol)}</FONT>'
    return f"{title}&#160; {symbol}" if title else f"<B>{symbol}</B>"


def _link(link: Link, theme: Theme) -> dict[str, str]:
    step = link.step or 0
    attributes = {
        "color": theme.line(step),
        "penwidth": f"{LINE_WIDTHS[abs(step)]:g}",
        "tooltip": attribute(link.tooltip),
        "labeltooltip": attribute(link.tooltip),
    }
    if link.far:
        attributes["minlen"] = "2"
    if link.main:
        attributes["weight"] = "8"
    if step < 0:
        attributes["style"] = "dashed"
    elif link.step == 0:
        attributes["style"] = "dotted"
    if link.lines:
        rows = "".join(f"<TR><TD>{markup(line)}</TD></TR>" for line in link.lines)
        attributes["label"] = f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{rows}</TABLE>>'
        attributes["fontcolor"] = theme.line(step) if step else theme.muted
    return attributes


def scale(largest: float, theme: Theme) -> str:
    """A row of the legend: the colours from the most negative to the most positive, and what a line says."""
    cells = [f"<TD>{markup(short(-largest))}&#160;</TD>"]
    cells += [
        f'<TD FIXEDSIZE="TRUE" WIDTH="15" HEIGHT="11" BORDER="1" COLOR="{theme.border}" BGCOLOR="{theme.tint(step)}"></TD>'
        for step in range(-5, 6)
    ]
    cells.append(f"<TD>&#160;{markup(short(largest))}&#160;&#160;&#160;</TD>")
    for name, color, pieces in (("positive", theme.positive, [24]), ("negative", theme.negative, [7, 7, 7])):
        cells += [_bar(piece, color) for piece in pieces]
        cells.append(f"<TD>&#160;{name}&#160;&#160;&#160;</TD>")
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0"><TR>{"".join(cells)}</TR></TABLE>'


def _bar(length: int, color: str) -> str:
    cell = f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{length}" HEIGHT="3" BGCOLOR="{color}"></TD></TR>'
    return f'<TD><TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0">{cell}</TABLE></TD>'
