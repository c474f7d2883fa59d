"""Cards as SVG: a name, numbers, and a band with the gradient; how large they are, and where a blank is to be filled in."""

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from typing import Literal, NamedTuple

from autoback.text import columns
from autoback.view.layout import Point
from autoback.view.measure import width
from autoback.view.picture import Card

__all__ = ["LOCAL", "Piece", "Shown", "card_piece", "card_size", "indexed", "long", "shade", "text"]

Shown = Literal["everything", "blanks"]

#: Sizes of type, in the unit of the picture.
NAME, VALUE, GRADIENT, LOCAL, LONG = 18.0, 18.0, 16.0, 14.5, 13.0
_HEAD, _BODY, _BAND, _LEAF, _LINE = 30.0, 27.0, 27.0, 36.0, 21.0
_PAD = 11.0
#: What stands before a gradient: the word of a page, the sign of a file.
_WORD, _SIGN = 42.0, 16.0
#: The room for a blank to be written in.
_BLANK = 84.0

_TYPED = re.compile("([^\\W\\d_])(?:_([a-zA-Z0-9]+)|([0-9]+))")  # x_in, x_1 and x1, an index as it is typed
_INDICES = re.compile("([^⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾₀₁₂₃₄₅₆₇₈₉₊₋₍₎]*)([⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾]*)([₀₁₂₃₄₅₆₇₈₉₊₋₍₎,]*)")
_ZERO_WIDTH = "\N{ZERO WIDTH SPACE}"
_FOLDS = ("neuron", "layer", "module", "inputs", "between", "cost")


class Piece(NamedTuple):
    """Something that is drawn: "card", "link" or "label", of which card (a link's: where it begins), in which box, and its SVG.

    box: left, top, right and bottom; points: those that a link runs through
    """

    kind: str
    key: str
    box: tuple[float, float, float, float]
    svg: str
    points: tuple[Point, ...] = ()


def card_size(card: Card, shown: Shown = "everything") -> tuple[float, float]:
    """Width and height of a card, so that no text in it meets another, however long its label."""
    if card.kind == "constant":
        return max(44.0, width(card.title, 15.0) + 22.0), 34.0
    band = _band(card.band) if shown == "everything" else _BLANK + 2 * _PAD + _WORD
    name = _name_width(card.title)
    if card.kind == "leaf":
        return max(104.0, name + 12.0 + max(56.0, 1.15 * width(card.lines[0], VALUE, True)) + 2 * _PAD, band), _LEAF + _BAND
    pill = _pill(card) + 14.0 if card.symbol else 0.0
    lines = max([1.15 * width(line, VALUE if card.kind == "operation" else LOCAL, True) for line in card.lines], default=0.0)
    roomy = 1.0 if card.kind == "operation" else 1.1  # a path is long, and in a wide type longer than it measures
    wide = max(104.0, 7.0 + pill + roomy * name + _PAD, max(lines, 78.0) + 2 * _PAD, band)
    if card.kind == "operation":
        return wide, _HEAD + _BODY + _BAND
    return wide, _HEAD + _LINE * len(card.lines) + (_BAND if card.band else 6.0)


def _band(gradient: str) -> float:
    """The room for a gradient beside its word, which is longer on a page, where a long number is smaller."""
    if not gradient:
        return 0.0
    file, page = (1.15 * width(gradient, size, True) for size in (GRADIENT, LONG if long(gradient) else GRADIENT))
    return max(file + _SIGN, page + _WORD) + 2 * _PAD


def _name_width(name: str) -> float:
    """A little more than `width` measures, for readers whose serif type is a wide one."""
    return 1.1 * width(name, NAME)


def _pill(card: Card) -> float:
    return max(28.0, 14.0 + 8.2 * columns(card.symbol))


def card_piece(card: Card, centre: Point, prefix: str | None, shown: Shown) -> Piece:
    """A card round its middle; prefix: put before its id for a page, None without ids."""
    wide, high = card_size(card, shown)
    left, top = centre[0] - wide / 2, centre[1] - high / 2
    return Piece("card", card.key, (left, top, left + wide, top + high), "\n".join(_card(card, centre, prefix, shown)))


def _card(card: Card, centre: Point, prefix: str | None, shown: Shown) -> Iterator[str]:
    wide, high = card_size(card, shown)
    place = f"translate({centre[0] - wide / 2:z.1f} {centre[1] - high / 2:z.1f})"
    kind = " ".join([card.kind, *["fold"] * (card.kind in _FOLDS), *["stale"] * card.stale])
    if prefix is None:
        yield f'<g class="node {kind}" data-node="{escape(card.key)}" transform="{place}"><title>{text(card.tooltip)}</title>'
    else:
        said = escape(f"{card.title}, {card.symbol or card.kind}")
        yield f'<g class="node {kind}" id="{prefix}{card.key}" transform="{place}"><title>{said}</title>'
    yield f'<rect class="card" width="{wide:.1f}" height="{high:g}" rx="{17 if card.kind == "constant" else 12}"/>'
    if card.kind == "constant":
        yield f'<text class="value" x="{wide / 2:.1f}" y="22" text-anchor="middle">{escape(card.title)}</text></g>'
        return
    blank, right = shown == "blanks", wide - _PAD
    if card.band:
        top = high - _BAND
        bottom = f"V{high - 12.75}a11.25 11.25 0 0 1-11.25 11.25h-{wide - 24:.1f}a11.25 11.25 0 0 1-11.25-11.25z"
        step = f" {shade(card.step)}" * (prefix is None)
        yield f'<path class="band{step}" d="M.75 {top:g}H{wide - 0.75:.1f}{bottom}"/>'
        yield f'<text class="word" x="12" y="{top + 18.5:g}">{"grad" if prefix is not None else "∂"}</text>'
        yield _number("gradient", card.band, card.key, prefix, blank, right, top + 19.5)
    if card.kind == "leaf":
        yield f'<text class="name" x="12" y="25">{indexed(card.title)}</text>'
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
    yield f'<text class="name" x="{right:.1f}" y="23" text-anchor="end">{indexed(card.title)}</text>'


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
        return f'<path class="blank" d="M{x - _BLANK:.1f} {y + 2:g}h{_BLANK:g}"/>'
    name = "" if prefix is None else f' id="{prefix}{key}{kind[0]}"'
    kind += long(text) if prefix is not None else ""
    return f'<text class="{kind}"{name} x="{x:.1f}" y="{y:g}" text-anchor="end">{escape(text)}</text>'


def long(text: str) -> str:
    """A class for a number that does not fit in the usual size."""
    return " long" * (len(text) > 8)  # a power of ten


def indexed(name: str) -> str:
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


def shade(step: int | None) -> str:
    """The class of a number by its sign and size: p1 … p5, m1 … m5, zero, or unknown."""
    if step is None:
        return "unknown"
    return f"{'p' if step > 0 else 'm'}{abs(step)}" if step else "zero"


def text(tooltip: str) -> str:
    """A text inside an element."""
    return escape(tooltip, quote=False)
