"""The graph of a lesson as SVG: cards for nodes, curves for edges, and room for every number."""

import re
import unicodedata
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Literal

from autoback.text import clean, short
from autoback.view.lesson.layers import Arrangement, Point, arrange
from autoback.view.lesson.snapshot import Node

__all__ = ["card_size", "gaps", "picture"]

_WIDTH, _HEAD, _BODY, _BAND = 154, 30, 28, 28
_MARGIN = 14.0
#: With more edges than this their numbers would lie on top of each other; they show on demand.
_CROWDED = 140

_TYPED = re.compile("([^\\W\\d_])(?:_([a-zA-Z0-9]+)|([0-9]+))")  # x_in, x_1 and x1, an index as it is typed
_INDICES = re.compile("([^⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾₀₁₂₃₄₅₆₇₈₉₊₋₍₎]*)([⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾]*)([₀₁₂₃₄₅₆₇₈₉₊₋₍₎,]*)")
ZERO_WIDTH = "\N{ZERO WIDTH SPACE}"

Shown = Literal["everything", "blanks"]


def picture(nodes: Sequence[Node], flow: str = "LR", shown: Shown = "everything", prefix: str = "") -> str:
    """An SVG element with one group `n3` for each node and `e3-0` for each edge, the first input of node 3.

    nodes:  a snapshot
    flow:   "LR" or "TB", the direction in which the computation runs
    shown:  "everything", or "blanks" to fill in for whatever is not given
    prefix: put before every id, so that several pictures can stand in one page

    >>> from autoback.engine.value import Value
    >>> from autoback.view.lesson.snapshot import snapshot
    >>> picture(snapshot(Value(2.0, "<x>") * 3.0)).count("&lt;x&gt;") > 0
    True
    """
    layout = arrange([node.inputs for node in nodes], [card_size(node) for node in nodes], gaps(flow), flow)
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    crowded = sum(len(node.inputs) for node in nodes) > _CROWDED
    lines = [
        f'<svg class="graph{" crowded" * crowded}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="group" aria-label="Computation graph of {escape(nodes[-1].name)}">',
        f"<defs>{_marker(prefix, '')}{_marker(prefix, '-now')}{_marker(prefix, '-back')}</defs>",
        f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">',
    ]
    taken: list[tuple[float, ...]] = [(x, y, *card_size(node)) for (x, y), node in zip(layout.centres, nodes, strict=True)]
    labels: list[str] = []  # above all edges, so that none runs through a number
    for k, node in enumerate(nodes):
        for p in range(len(node.inputs)):
            lines.append(_edge(nodes, k, p, layout, prefix))
            labels += _label(nodes, k, p, layout, [] if crowded else taken, shown, prefix)
    lines += labels
    for k, node in enumerate(nodes):
        lines += _card(node, k, layout.centres[k], shown, prefix)
    return "\n".join([*lines, "</g>", "</svg>"])


def gaps(flow: str) -> tuple[float, float]:
    """The space between two ranks, where a local derivative has to fit, and between two cards of one rank."""
    return (66.0, 16.0) if flow == "LR" else (54.0, 16.0)


def card_size(node: Node) -> tuple[float, float]:
    """Width and height of a node's card."""
    if node.constant:
        return 64, 34
    return (_WIDTH, _HEAD + _BODY + _BAND) if node.op else (_WIDTH, 38 + _BAND)


def _marker(prefix: str, kind: str) -> str:
    return (
        f'<marker id="{prefix}head{kind}" class="head{kind}" viewBox="0 0 8 8" refX="6.5" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .8 7 4 0 7.2z"/></marker>'
    )


def _card(node: Node, k: int, centre: Point, shown: Shown, prefix: str) -> list[str]:
    width, height = card_size(node)
    x, y = centre[0] - width / 2, centre[1] - height / 2
    kind = "constant" if node.constant else "operation" if node.op else "leaf"
    said = f"{node.name}, {node.op.name if node.op else kind}"
    name, value = _indexed(clean(node.name, 14 if node.op is None else 11)), short(node.value)
    lines = [
        f'<g class="node {kind}" id="{prefix}n{k}" transform="translate({x:.1f} {y:.1f})" role="button" tabindex="-1" '
        f'aria-label="{escape(said)}"><title>{escape(said)}</title>',
        f'<rect class="card" width="{width}" height="{height}" rx="{17 if node.constant else 12}"/>',
    ]
    if node.constant:
        return [*lines, f'<text class="value" x="{width / 2:g}" y="22" text-anchor="middle">{value}</text></g>']
    blank = shown == "blanks"
    top = height - _BAND
    bottom = f"V{height - 12.75}a11.25 11.25 0 0 1-11.25 11.25h-{width - 24}a11.25 11.25 0 0 1-11.25-11.25z"
    lines.append(f'<path class="band" d="M.75 {top}H{width - 0.75}{bottom}"/>')
    if node.op:
        symbol = node.op.symbol
        pill = max(28.0, 14 + 8.2 * len(symbol))
        lines.append(f'<rect class="pill" x="7" y="7" width="{pill:g}" height="22" rx="11"/>')
        lines.append(f'<text class="symbol" x="{7 + pill / 2:g}" y="22.5" text-anchor="middle">{escape(symbol)}</text>')
        lines.append(f'<text class="name" x="{width - 11}" y="24" text-anchor="end">{name}</text>')
        if blank:
            lines.append('<text class="word" x="12" y="51">value</text>')
        lines.append(_number("value", prefix, k, value, blank, width - 11, 51))
    else:
        lines.append(f'<text class="name" x="12" y="25">{name}</text>')
        lines.append(_number("value", prefix, k, value, False, width - 11, 26))
    lines.append(f'<text class="word" x="12" y="{top + 19:g}">grad</text>')
    lines.append(_number("gradient", prefix, k, short(node.gradient), blank, width - 11, top + 20))
    return [*lines, "</g>"]


def _indexed(name: str) -> str:
    """A name with its indices raised and lowered by the page, which reads better from afar."""
    parts = []
    typed = _TYPED.fullmatch(name)
    for text, above, below in [(typed[1], "", typed[2] or typed[3])] if typed else _INDICES.findall(name):
        parts.append(escape(text))
        if above:
            parts.append(f'<tspan dy="-6">{unicodedata.normalize("NFKC", above)}</tspan>')
        if above or below:  # back down, and below the line if there is a lower index
            fall = 6 * bool(above) + 4 * bool(below)
            parts.append(f'<tspan dy="{fall}">{unicodedata.normalize("NFKC", below) or ZERO_WIDTH}</tspan>')
        if below:
            parts.append(f'<tspan dy="-4">{ZERO_WIDTH}</tspan>')
    return "".join(parts)


def _number(kind: str, prefix: str, k: int, text: str, blank: bool, x: float, y: float) -> str:
    if blank:
        return f'<path class="blank" d="M{x - 78:g} {y + 2:g}h78"/>'
    return f'<text class="{kind}{_long(text)}" id="{prefix}n{k}{kind[0]}" x="{x:g}" y="{y:g}" text-anchor="end">{text}</text>'


def _long(text: str) -> str:
    return " long" * (len(text) > 8)  # a power of ten does not fit in the usual size


def _frozen(nodes: Sequence[Node], k: int, p: int) -> bool:
    op = nodes[k].op
    return op is not None and p >= len(nodes[k].inputs) - op.constants


def _edge(nodes: Sequence[Node], k: int, p: int, layout: Arrangement, prefix: str) -> str:
    points = layout.routes[k, p]
    segments = [_bend(a, b, layout.flow) for a, b in pairwise(points)]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}" + "".join("C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in bend[1:]) for bend in segments)
    frozen = " frozen" * _frozen(nodes, k, p)
    return f'<path class="edge{frozen}" id="{prefix}e{k}-{p}" d="{path}" marker-end="url(#{prefix}head)"/>'


def _label(
    nodes: Sequence[Node], k: int, p: int, layout: Arrangement, taken: list[tuple[float, ...]], shown: Shown, prefix: str
) -> list[str]:
    if _frozen(nodes, k, p):
        return []
    text = short(nodes[k].partials[p])
    start, end = layout.routes[k, p][-2:]
    extent = (62.0, 24.0) if shown == "blanks" else (10 + 8.2 * len(text), 18.0)
    x, y = _free_spot(_bend(start, end, layout.flow), extent, taken)
    if layout.flow == "LR" and abs(end[1] - start[1]) < 16 and shown != "blanks":
        y += 11 if end[1] - start[1] > 4 else -11  # beside a level edge, which it would hide from end to end
    taken.append((x, y, *extent))
    if shown == "blanks":
        return [f'<rect class="blank" x="{x - 30:.1f}" y="{y - 12:.1f}" width="60" height="24" rx="5"/>']
    return [f'<text class="local{_long(text)}" id="{prefix}e{k}-{p}l" x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle">{text}</text>']


def _bend(a: Point, b: Point, flow: str) -> tuple[Point, Point, Point, Point]:
    """A cubic curve that leaves and arrives along the direction of flow."""
    if flow == "LR":
        reach = (b[0] - a[0]) * 0.5
        return a, (a[0] + reach, a[1]), (b[0] - reach, b[1]), b
    reach = (b[1] - a[1]) * 0.5
    return a, (a[0], a[1] + reach), (b[0], b[1] - reach), b


def _free_spot(bend: tuple[Point, ...], extent: tuple[float, float], taken: list[tuple[float, ...]]) -> Point:
    """The place on a curve where a label hides least of what is already there."""
    best, least = bend[0], float("inf")
    wide, high = extent[0] / 2, extent[1] / 2
    for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18):
        u = 1 - t
        weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
        x, y = (sum(w * point[axis] for w, point in zip(weights, bend, strict=True)) for axis in (0, 1))
        hidden = 0.0
        for cx, cy, width, height in taken:
            overlap = min(x + wide, cx + width / 2) - max(x - wide, cx - width / 2)
            if overlap > 0:
                hidden += overlap * max(0.0, min(y + high, cy + height / 2) - max(y - high, cy - height / 2))
        if hidden < least:
            best, least = (x, y), hidden
        if hidden == 0.0:
            break
    return best
