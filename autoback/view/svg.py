"""A picture as SVG: cards, curves between them, frames round them, and a legend under them.

Every picture of a graph is written here, for notebooks and files, for the lesson and for paper. What a
mark means is its class; the colours of the classes come from `colors`.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Literal

from autoback.text import columns
from autoback.view.layout import Arrangement, Point, arrange_framed
from autoback.view.measure import width
from autoback.view.picture import Card, Link, Picture
from autoback.view.style import legend, style

__all__ = ["Shown", "arranged", "card_size", "drawing_svg", "page_svg", "standalone"]

Shown = Literal["everything", "blanks"]

#: Sizes of type, in the unit of the picture.
NAME, VALUE, SMALL, LOCAL, WORD = 18.0, 18.0, 13.0, 14.5, 13.0
_HEAD, _BODY, _BAND, _LEAF, _LINE = 30.0, 27.0, 27.0, 36.0, 21.0
_PAD, _MARGIN = 11.0, 14.0
#: The room for a blank to be written in, in a card and on an arrow.
_BLANK, _BOX = (84.0, 0.0), (76.0, 24.0)
#: How much smaller a drawing in a notebook or a file is than a lesson on a projector.
_SCALE = 0.8

_TYPED = re.compile("([^\\W\\d_])(?:_([a-zA-Z0-9]+)|([0-9]+))")  # x_in, x_1 and x1, an index as it is typed
_INDICES = re.compile("([^⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾₀₁₂₃₄₅₆₇₈₉₊₋₍₎]*)([⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾]*)([₀₁₂₃₄₅₆₇₈₉₊₋₍₎,]*)")
_ZERO_WIDTH = "\N{ZERO WIDTH SPACE}"
_FOLDS = ("neuron", "layer", "module", "inputs", "between", "cost")


def drawing_svg(picture: Picture, label: str, theme: str, flow: str = "LR") -> str:
    """A picture that needs nothing else, as the text of an SVG file; the same bytes for the same picture.

    label: read out by screen readers in place of the picture
    theme: "light", "dark", or "auto", which follows the notebook's theme or the reader's setting
    flow:  "LR", from left to right, or "TB", from top to bottom
    Its style is limited to a class made from its content, and it has no ids, so several can stand in one page.
    """
    layout = arranged(picture, flow)
    body = [*_frames(picture, layout), *_links(picture, layout, None, "everything"), *_cards(picture, layout, None, "everything")]
    carried = f"Colour and thickness of an arrow: {picture.carried}; each step is a factor of about 3."
    under, room, below = legend(picture.notes, picture.legend, picture.largest, layout.height + 22, max(layout.width, 560.0), carried)
    return standalone([*body, *under], max(layout.width, room), layout.height + below + 22, label, theme)


def standalone(body: Sequence[str], wide: float, high: float, label: str, theme: str) -> str:
    """An SVG file around what is drawn in a box of this width and height."""
    wide, high = wide + 2 * _MARGIN, high + 2 * _MARGIN
    ground = f'<rect class="ground" width="{wide:.0f}" height="{high:.0f}"/>'
    inner = "\n".join([ground, f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">', *body, "</g>"])
    scope = "autoback-" + hashlib.sha256(f"{theme}{inner}".encode()).hexdigest()[:12]
    return (
        f'<svg class="autoback {scope}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" '
        f'width="{wide * _SCALE:.0f}" height="{high * _SCALE:.0f}" role="img" aria-label="{escape(label)}" '
        f'style="max-width:100%;height:auto">\n'
        f"<style>{style(scope, theme, inner)}</style>\n{inner}\n</svg>\n"
    )


def page_svg(picture: Picture, flow: str = "LR", shown: Shown = "everything", prefix: str = "") -> str:
    """A picture for a page with its own style and script: ids `n3` for cards, `e3-0` for the arrow to the first input of node 3.

    shown:  "everything", or "blanks" to fill in for what is not given
    prefix: put before every id, so that several pictures can stand in one page
    The number on a card is `n3v`, its gradient `n3g`, and the number on an arrow `e3-0l`.
    """
    layout = arranged(picture, flow, shown)
    wide, high = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    heads = "".join(_marker(prefix, kind) for kind in ("", "-now", "-back"))
    lines = [
        f'<svg class="graph{" crowded" * picture.crowded}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" '
        f'width="{wide:.0f}" height="{high:.0f}" role="group" aria-label="Computation graph of {escape(picture.name)}">',
        f"<defs>{heads}</defs>",
        f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">',
        *_links(picture, layout, prefix, shown),
        *_cards(picture, layout, prefix, shown),
    ]
    return "\n".join([*lines, "</g>", "</svg>"])


def _frames(picture: Picture, layout: Arrangement) -> Iterator[str]:
    for key, (left, top, wide, high) in layout.frames.items():
        yield f'<rect class="frame" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="12"/>'
        yield f'<text class="frame-title" x="{left + 12:.1f}" y="{top + 18:.1f}">{escape(picture.frames[key].title)}</text>'


# Layout


def arranged(picture: Picture, flow: str, shown: Shown = "everything") -> Arrangement:
    """Where the cards and links of a picture go."""
    number, inputs, order = _numbered(picture)
    sizes = [card_size(card, shown) for card in order]
    frames: dict[str, list[int]] = {key: [] for key in picture.frames}  # those that others stand in come first
    for k, card in enumerate(order):
        frame = card.frame
        while frame:
            frames[frame].append(k)
            frame = picture.frames[frame].within
    frames = {key: members for key, members in frames.items() if members}
    widest = max([_extent(link, shown)[0 if flow == "LR" else 1] for link in picture.links], default=0.0)
    twice = len({(link.source, link.target) for link in picture.links}) < len(picture.links)  # x·x has two numbers side by side
    gaps = (min(200.0, max(48.0, (1 + twice) * widest + 30.0)), 16.0) if not picture.crowded else (260.0, 14.0)
    columns = [[number[key] for key in column] for column in picture.columns]
    return arrange_framed(inputs, sizes, frames, gaps, flow, columns)


def _numbered(picture: Picture) -> tuple[dict[str, int], list[list[int]], list[Card]]:
    """The cards in topological order, and for each the numbers of those that its links come from, in the order of the links."""
    coming: dict[str, list[str]] = {card.key: [] for card in picture.cards}
    users: dict[str, list[str]] = {card.key: [] for card in picture.cards}
    for link in picture.links:
        coming[link.target].append(link.source)
        users[link.source].append(link.target)
    waiting = {key: len(sources) for key, sources in coming.items()}
    ready = [key for key, count in waiting.items() if not count]
    for key in ready:
        for user in users[key]:
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    number = {key: k for k, key in enumerate(ready)}
    cards = {card.key: card for card in picture.cards}
    return number, [[number[source] for source in coming[key]] for key in ready], [cards[key] for key in ready]


def card_size(card: Card, shown: Shown = "everything") -> tuple[float, float]:
    """Width and height of a card, so that no text in it meets another, however long its label."""
    if card.kind == "constant":
        return max(44.0, width(card.title, 15.0) + 22.0), 34.0
    band = 1.08 * width(card.band, VALUE, True) + 2 * _PAD + 30.0 if card.band else 0.0
    if shown == "blanks":
        band = _BLANK[0] + 2 * _PAD + 38.0
    name = _name_width(card.title)
    if card.kind == "leaf":
        return max(104.0, name + 18.0 + max(56.0, 1.08 * width(card.lines[0], VALUE, True)) + 2 * _PAD, band), _LEAF + _BAND
    pill = _pill(card) + 14.0 if card.symbol else 0.0
    lines = max([1.08 * width(line, VALUE if card.kind == "operation" else LOCAL, True) for line in card.lines], default=0.0)
    roomy = 1.0 if card.kind == "operation" else 1.1  # a path is long, and in a wide type longer than it measures
    wide = max(104.0, 7.0 + pill + roomy * name + _PAD, max(lines, 78.0) + 2 * _PAD, band)
    if card.kind == "operation":
        return wide, _HEAD + _BODY + _BAND
    return wide, _HEAD + _LINE * len(card.lines) + (_BAND if card.band else 6.0)


def _name_width(name: str) -> float:
    """A little more than `width` measures, for readers whose serif type is a wide one."""
    return 1.1 * width(name, NAME)


def _pill(card: Card) -> float:
    return max(28.0, 14.0 + 8.2 * columns(card.symbol))


def _extent(link: Link, shown: Shown) -> tuple[float, float]:
    """Width and height of what is written on a link."""
    if shown == "blanks" and not link.constant:
        return _BOX
    return max([width(line, LOCAL) for line in link.lines], default=0.0) + 8.0, 18.0 * len(link.lines)


# Links


def _links(picture: Picture, layout: Arrangement, prefix: str | None, shown: Shown) -> Iterator[str]:
    number, _, order = _numbered(picture)
    taken = _Taken()
    for card in order:
        taken.add((*layout.centres[number[card.key]], *card_size(card, shown)))
    positions: dict[str, int] = {}
    labels: list[str] = []  # above all links, so that none runs through a number
    routed = []
    for link in picture.links:
        position = positions[link.target] = positions.get(link.target, -1) + 1
        routed.append((link, position, layout.routes[number[link.target], position]))
    if picture.crowded:
        routed.sort(key=lambda each: abs(each[0].step or 0))  # the strongest on top
    for link, position, points in routed:
        yield _curve(link, position, points, layout.flow, prefix, picture.crowded)
        if link.lines and not link.constant:
            labels.append(_label(link, position, points, layout.flow, prefix, shown, taken))
    yield from labels


def _curve(link: Link, position: int, points: Sequence[Point], flow: str, prefix: str | None, crowded: bool) -> str:
    bends = [_bend(a, b, flow) for a, b in pairwise(points)]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    if crowded:
        path += "".join(f"L{x:.1f} {y:.1f}" for x, y in points[1:])
    else:
        path += "".join("C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in bend[1:]) for bend in bends)
    if prefix is not None:
        frozen = " frozen" * link.constant
        return f'<path class="edge{frozen}" id="{prefix}e{link.target[1:]}-{position}" d="{path}" marker-end="url(#{prefix}head)"/>'
    words = " ".join(["edge", "frozen" if link.constant else _step(link.step), *["faint"] * crowded])
    x, y = points[-1]
    head = f"M{x:.1f} {y:.1f}l-8 -3.6v7.2z" if flow == "LR" else f"M{x:.1f} {y:.1f}l-3.6 -8h7.2z"
    return (
        f'<g class="{words}" data-edge="{escape(link.source)}->{escape(link.target)}"><title>{_text(link.tooltip)}</title>'
        f'<path class="line" d="{path}"/><path class="head" d="{head}"/></g>'
    )


def _step(step: int | None) -> str:
    """The class of a number by its sign and size: p1 … p5, m1 … m5, zero, or unknown."""
    if step is None:
        return "unknown"
    return f"{'p' if step > 0 else 'm'}{abs(step)}" if step else "zero"


def _label(link: Link, position: int, points: Sequence[Point], flow: str, prefix: str | None, shown: Shown, taken: "_Taken") -> str:
    start, end = points[-2:]
    extent = _extent(link, shown)
    x, y = taken.free_spot(
        _bend(start, end, flow), extent, beside=flow == "LR" and abs(end[1] - start[1]) < 16 and shown != "blanks", spread=shown == "blanks"
    )
    taken.add((x, y, *extent))
    if shown == "blanks":
        return f'<rect class="blank" x="{x - _BOX[0] / 2:.1f}" y="{y - 12:.1f}" width="{_BOX[0]:g}" height="{_BOX[1]:g}" rx="5"/>'
    if prefix is not None:
        text = link.lines[0]
        name = f"{prefix}e{link.target[1:]}-{position}l"
        return f'<text class="local{_long(text)}" id="{name}" x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle">{text}</text>'
    top = y + 4.5 - 9.0 * (len(link.lines) - 1)
    texts = "".join(
        f'<text class="local{f" {_step(link.step)}" * (row > 0)}" x="{x:.1f}" y="{top + 18.0 * row:.1f}" text-anchor="middle">'
        f"{escape(line)}</text>"
        for row, line in enumerate(link.lines)
    )
    return f'<g class="label" data-edge="{escape(link.source)}->{escape(link.target)}"><title>{_text(link.tooltip)}</title>{texts}</g>'


def _bend(a: Point, b: Point, flow: str) -> tuple[Point, Point, Point, Point]:
    """A cubic curve that leaves and arrives along the direction of flow."""
    if flow == "LR":
        reach = (b[0] - a[0]) * 0.5
        return a, (a[0] + reach, a[1]), (b[0] - reach, b[1]), b
    reach = (b[1] - a[1]) * 0.5
    return a, (a[0], a[1] + reach), (b[0], b[1] - reach), b


class _Taken:
    """The boxes that something is written in, found by the cell of a grid that they touch."""

    cell = 120.0

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], list[tuple[float, float, float, float]]] = {}

    def _touched(self, x: float, y: float, wide: float, high: float) -> Iterator[tuple[int, int]]:
        for column in range(int((x - wide / 2) // self.cell), int((x + wide / 2) // self.cell) + 1):
            for row in range(int((y - high / 2) // self.cell), int((y + high / 2) // self.cell) + 1):
                yield column, row

    def add(self, box: tuple[float, float, float, float]) -> None:
        """Take a box: the middle, the width and the height."""
        for cell in self._touched(*box):
            self.cells.setdefault(cell, []).append(box)

    def hidden(self, x: float, y: float, wide: float, high: float) -> float:
        """How much of what is there a box would hide."""
        area = 0.0
        for box in {box for cell in self._touched(x, y, wide, high) for box in self.cells.get(cell, ())}:
            across = min(x + wide / 2, box[0] + box[2] / 2) - max(x - wide / 2, box[0] - box[2] / 2)
            down = min(y + high / 2, box[1] + box[3] / 2) - max(y - high / 2, box[1] - box[3] / 2)
            area += max(0.0, across) * max(0.0, down)
        return area

    def free_spot(self, bend: tuple[Point, ...], extent: tuple[float, float], beside: bool, spread: bool = False) -> Point:
        """The place on a curve, or beside one that it would hide from end to end, where a label hides least.

        spread: look beside the curve too where no place on it is free
        """
        best, least = bend[0], float("inf")
        shift = extent[1] / 2 + 3.0
        shifts = ((-shift, shift) if bend[0][1] >= bend[3][1] - 4.0 else (shift, -shift)) if beside else (0.0,)
        along = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18)
        places = [(t, shifts) for t in along] + [(t, (shift, -shift, 2 * shift, -2 * shift)) for t in along if spread]
        for t, ups in places:
            u = 1 - t
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            x, y = (sum(w * point[axis] for w, point in zip(weights, bend, strict=True)) for axis in (0, 1))
            for up in ups:
                area = self.hidden(x, y + up, *extent)
                if area < least:
                    best, least = (x, y + up), area
                if area == 0.0:
                    return best
        return best


# Cards


def _cards(picture: Picture, layout: Arrangement, prefix: str | None, shown: Shown) -> Iterator[str]:
    number, _, order = _numbered(picture)
    for card in order:
        yield from _card(card, layout.centres[number[card.key]], prefix, shown)


def _card(card: Card, centre: Point, prefix: str | None, shown: Shown) -> Iterator[str]:
    wide, high = card_size(card, shown)
    place = f"translate({centre[0] - wide / 2:.1f} {centre[1] - high / 2:.1f})"
    kind = " ".join([card.kind, *["fold"] * (card.kind in _FOLDS), *["stale"] * card.stale])
    if prefix is None:
        yield f'<g class="node {kind}" data-node="{escape(card.key)}" transform="{place}"><title>{_text(card.tooltip)}</title>'
    else:
        said = escape(f"{card.title}, {card.symbol or card.kind}")
        yield (
            f'<g class="node {kind}" id="{prefix}{card.key}" transform="{place}" role="button" tabindex="-1" '
            f'aria-label="{said}"><title>{said}</title>'
        )
    yield f'<rect class="card" width="{wide:.1f}" height="{high:g}" rx="{17 if card.kind == "constant" else 12}"/>'
    if card.kind == "constant":
        yield f'<text class="value" x="{wide / 2:.1f}" y="22" text-anchor="middle">{escape(card.title)}</text></g>'
        return
    blank, right = shown == "blanks", wide - _PAD
    if card.band:
        top = high - _BAND
        bottom = f"V{high - 12.75}a11.25 11.25 0 0 1-11.25 11.25h-{wide - 24:.1f}a11.25 11.25 0 0 1-11.25-11.25z"
        step = f" {_step(card.step)}" * (prefix is None)
        yield f'<path class="band{step}" d="M.75 {top:g}H{wide - 0.75:.1f}{bottom}"/>'
        yield f'<text class="word" x="12" y="{top + 18.5:g}">{"grad" if prefix is not None else "∂"}</text>'
        yield _number("gradient", card.band, card.key, prefix, blank, right, top + 19.5)
    if card.kind == "leaf":
        yield f'<text class="name" x="12" y="25">{_indexed(card.title)}</text>'
        yield _number("value", card.lines[0], card.key, prefix, False, right, 25)
    else:
        yield from _head(card, right)
        yield from _body(card, prefix, blank, right)
    yield "</g>"


def _head(card: Card, right: float) -> Iterator[str]:
    if card.symbol:
        pill = _pill(card)
        yield f'<rect class="pill" x="7" y="6" width="{pill:g}" height="22" rx="11"/>'
        yield f'<text class="symbol" x="{7 + pill / 2:g}" y="21.5" text-anchor="middle">{escape(card.symbol)}</text>'
    yield f'<text class="name" x="{right:.1f}" y="23" text-anchor="end">{_indexed(card.title)}</text>'


def _body(card: Card, prefix: str | None, blank: bool, right: float) -> Iterator[str]:
    if card.kind != "operation":
        for row, line in enumerate(card.lines):
            yield f'<text class="fact" x="{right:.1f}" y="{_HEAD + 16 + _LINE * row:g}" text-anchor="end">{escape(line)}</text>'
        return
    if blank:
        yield f'<text class="word" x="12" y="{_HEAD + 19:g}">value</text>'
    yield _number("value", card.lines[0], card.key, prefix, blank, right, _HEAD + 20)


def _number(kind: str, text: str, key: str, prefix: str | None, blank: bool, x: float, y: float) -> str:
    if blank:
        return f'<path class="blank" d="M{x - _BLANK[0]:.1f} {y + 2:g}h{_BLANK[0]:g}"/>'
    name = "" if prefix is None else f' id="{prefix}{key}{kind[0]}"'
    kind += _long(text) if prefix is not None else ""
    return f'<text class="{kind}"{name} x="{x:.1f}" y="{y:g}" text-anchor="end">{escape(text)}</text>'


def _long(text: str) -> str:
    return " long" * (len(text) > 8)  # a power of ten does not fit in the usual size


def _indexed(name: str) -> str:
    """A name with its indices raised and lowered, which reads better from afar."""
    parts = []
    typed = _TYPED.fullmatch(name)
    for text, above, below in [(typed[1], "", typed[2] or typed[3])] if typed else _INDICES.findall(name):
        parts.append(escape(text))
        if above:
            parts.append(f'<tspan dy="-6">{unicodedata.normalize("NFKC", above)}</tspan>')
        if above or below:  # back down, and below the line if there is a lower index
            fall = 6 * bool(above) + 4 * bool(below)
            parts.append(f'<tspan dy="{fall}">{unicodedata.normalize("NFKC", below) or _ZERO_WIDTH}</tspan>')
        if below:
            parts.append(f'<tspan dy="-4">{_ZERO_WIDTH}</tspan>')
    return "".join(parts)


def _text(tooltip: str) -> str:
    return escape(tooltip, quote=False)


def _marker(prefix: str, kind: str) -> str:
    return (
        f'<marker id="{prefix}head{kind}" class="head{kind}" viewBox="0 0 8 8" refX="6.5" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .8 7 4 0 7.2z"/></marker>'
    )
