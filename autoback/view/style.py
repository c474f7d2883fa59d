"""What every drawing has besides its cards and arrows: its style, for its place alone, and its legend."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from autoback.text import short
from autoback.view.colors import DARK, LIGHT, OPACITIES, WIDTHS, rules
from autoback.view.measure import width

__all__ = ["FONT", "legend", "style"]

FONT = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_MATH = "'STIX Two Text', Cambria, 'Times New Roman', 'Liberation Serif', 'DejaVu Sans', serif"

_TYPE, _LINE = 13.0, 20.0

#: The rules that are the same in every theme.
_SHAPES = (
    ("text", f"font-family:{FONT};font-size:18px"),
    (".name", f"font-family:{_MATH};font-style:italic"),
    (".name tspan", "font-size:13px;font-style:normal"),
    (".value,.gradient,.symbol,.note,.frame-title", "font-weight:650"),
    (".symbol", "font-size:14px"),
    (".constant .value", "font-size:15px;font-weight:400"),
    (".gradient", "font-size:16px"),
    (".word", "font-size:14px"),
    (".fact", "font-size:14.5px"),
    (".local,.number", "font-size:14.5px;paint-order:stroke;stroke-width:9px;stroke-linejoin:round"),
    (".legend,.note,.frame-title", f"font-size:{_TYPE:g}px"),
    (".card", "stroke-width:1.3"),
    (".constant .card", "fill:none;stroke-dasharray:3 4"),
    (".fold .card,.stale .card", "stroke-width:2.2"),
    (".stale .card,.more .card", "stroke-dasharray:7 4"),
    (".band.unknown", "fill:none"),
    (".frame", "stroke-width:0.8"),
    (".line", "fill:none;stroke-width:1.4"),
    (".zero .line,.frozen .line", "stroke-dasharray:1.5 5"),
    *((f".p{k} .line,.m{k} .line,.circle.p{k},.circle.m{k}", f"stroke-width:{WIDTHS[k]:g}") for k in range(1, 6)),
    (",".join(f".m{k} .line,.circle.m{k}" for k in range(1, 6)), "stroke-dasharray:7 4"),
    (".faint.zero,.faint.unknown", f"opacity:{OPACITIES[0]:g}"),
    *((f".faint.p{k},.faint.m{k}", f"opacity:{OPACITIES[k]:g}") for k in range(1, 6)),
    (".sample", "stroke-width:0.8"),
)


def style(scope: str, theme: str, body: str) -> str:
    """The style of one drawing: every rule begins with its own class, and is one that the drawing uses.

    theme: "light", "dark", or "auto": as the reader or the page around it prefers
    """
    used = {word for words in re.findall(r'class="([^"]*)"', body) for word in words.split()}
    lines = [*_scoped(scope, used, _SHAPES), *_scoped(scope, used, rules(DARK if theme == "dark" else LIGHT))]
    if theme == "auto":
        lines += ["@media (prefers-color-scheme:dark){", *_scoped(scope, used, rules(DARK)), "}"]
    return "\n".join(lines)


def _scoped(scope: str, used: set[str], pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for selectors, declarations in pairs:
        kept = [f".{scope} {each}" for each in selectors.split(",") if used.issuperset(re.findall(r"\.([\w-]+)", each))]
        if kept:
            yield ",".join(kept) + "{" + declarations + "}"


def legend(
    notes: Sequence[str], lines: Sequence[str], largest: float | None, top: float, room: float, more: str = ""
) -> tuple[list[str], float, float]:
    """What stands under a picture: its notes, what its numbers mean, the scale of its colours; and the width and height of that.

    largest: the number that has the strongest colour, None where nothing is coloured
    top, room: where it begins, and how wide a line may be
    more: a line under the scale
    """
    rows = [("note", line) for note in notes for line in _wrapped(note, room)]
    rows += [("legend", line) for text in lines for line in _wrapped(text, room)]
    elements, y = [], top + _LINE / 2
    for kind, line in rows:
        elements.append(f'<text class="{kind}" x="0" y="{y:.1f}">{escape(line)}</text>')
        y += _LINE
    wide = max([_room(line, kind == "note") for kind, line in rows], default=0.0)
    if largest is not None:
        scale, end = _scale(largest, y)
        elements += scale
        y += _LINE
        wide = max(wide, end)
        for line in _wrapped(more, room) if more else ():
            elements.append(f'<text class="legend" x="0" y="{y:.1f}">{escape(line)}</text>')
            wide = max(wide, _room(line))
            y += _LINE
    return elements, wide, (y - top if elements else 0.0)


def _room(line: str, bold: bool = False) -> float:
    """A little more than `width` measures, for readers whose type is a wide one."""
    return 1.12 * width(line, _TYPE, bold)


def _scale(largest: float, y: float) -> tuple[list[str], float]:
    """The colours from the most negative to the most positive, and the two kinds of line."""
    low, high = short(-largest), short(largest)
    elements, x = [f'<text class="legend" x="0" y="{y:.1f}">{low}</text>'], width(low, _TYPE) + 8.0
    for step in range(-5, 6):
        name = f"{'p' if step > 0 else 'm'}{abs(step)}" if step else "zero"
        elements.append(f'<rect class="sample {name}" x="{x:.1f}" y="{y - 11:.1f}" width="17" height="13"/>')
        x += 20.0
    elements.append(f'<text class="legend" x="{x + 6:.1f}" y="{y:.1f}">{high}</text>')
    x += width(high, _TYPE) + 34.0
    for kind, word in (("p4", "positive"), ("m4", "negative")):
        elements.append(f'<g class="{kind}"><path class="line" d="M{x:.1f} {y - 4.5:.1f}h32"/></g>')
        elements.append(f'<text class="legend" x="{x + 40:.1f}" y="{y:.1f}">{word}</text>')
        x += 40.0 + width(word, _TYPE) + 22.0
    return elements, x


def _wrapped(text: str, room: float) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and width(f"{line} {word}", _TYPE, True) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield line
