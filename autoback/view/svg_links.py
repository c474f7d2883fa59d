"""Links as SVG: curves between cards, and what is written on them where it hides nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from math import fsum

from autoback.view.layout import Arrangement, Point
from autoback.view.measure import width
from autoback.view.picture import Link, Picture
from autoback.view.svg_cards import LOCAL, Piece, Shown, long, shade, text

__all__ = ["extent", "link_pieces", "sampled"]

#: The room for a blank to be written in, on an arrow.
_BOX = (76.0, 24.0)


def link_pieces(
    picture: Picture, layout: Arrangement, number: Mapping[str, int], cards: Sequence[Piece], prefix: str | None, shown: Shown
) -> Iterator[Piece]:
    """The links of a picture, and above all of them, so that none runs through a number, what is written on them.

    number: of each card in the layout; cards: what no text may hide; prefix: put before ids for a page, None without ids
    """
    taken = _Taken()
    for card in cards:
        left, top, right, bottom = card.box
        taken.add(((left + right) / 2, (top + bottom) / 2, right - left, bottom - top))
    positions: dict[str, int] = {}
    routed = []
    for link in picture.links:
        position = positions[link.target] = positions.get(link.target, -1) + 1
        routed.append((link, position, layout.routes[number[link.target], position]))
    if picture.crowded:
        routed.sort(key=lambda each: abs(each[0].step or 0))  # the strongest on top
    for link, position, points in routed:
        xs, ys = zip(*points, strict=True)
        box = min(xs), min(ys), max(xs), max(ys)
        yield Piece("link", link.source, box, _curve(link, position, points, layout.flow, prefix, picture.crowded), tuple(points))
    if not picture.crowded:
        for k, (_, _, points) in enumerate(routed):
            taken.add_link(k, sampled(points, layout.flow))
    for k, (link, position, points) in enumerate(routed):
        if link.lines and not link.constant:
            wide, high = extent(link, shown)
            curve = _bend(points[-2], points[-1], layout.flow)
            flat = layout.flow == "LR" and abs(points[-1][1] - points[-2][1]) < 16
            x, y = taken.spot(k, curve, (wide, high), beside=flat and shown != "blanks", spread=shown == "blanks")
            taken.add((x, y, wide, high))
            box = x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
            yield Piece("label", link.source, box, _written(link, position, (x, y), prefix, shown))


def extent(link: Link, shown: Shown) -> tuple[float, float]:
    """Width and height of what is written on a link."""
    if shown == "blanks" and not link.constant:
        return _BOX
    return 1.12 * width(" ".join(link.lines), LOCAL) + 8.0, 18.0


def _curve(link: Link, position: int, points: Sequence[Point], flow: str, prefix: str | None, crowded: bool) -> str:
    curves = [_bend(a, b, flow) for a, b in pairwise(points)]
    if crowded:
        path = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
    else:
        path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
        path += "".join("C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in curve[1:]) for curve in curves)
    if prefix is not None:
        frozen = " frozen" * link.constant
        return f'<path class="edge{frozen}" id="{prefix}e{link.target[1:]}-{position}" d="{path}"/>'
    words = " ".join(["edge", "frozen" if link.constant else shade(link.step), *["faint"] * crowded])
    x, y = points[-1]
    head = f"M{x:.1f} {y:.1f}l-8 -3.6v7.2z" if flow == "LR" else f"M{x:.1f} {y:.1f}l-3.6 -8h7.2z"
    return (
        f'<g class="{words}" data-edge="{escape(link.source)}->{escape(link.target)}"><title>{text(link.tooltip)}</title>'
        f'<path class="line" d="{path}"/><path class="head" d="{head}"/></g>'
    )


def _written(link: Link, position: int, middle: Point, prefix: str | None, shown: Shown) -> str:
    x, y = middle
    if shown == "blanks":
        return f'<rect class="blank" x="{x - _BOX[0] / 2:.1f}" y="{y - 12:.1f}" width="{_BOX[0]:g}" height="{_BOX[1]:g}" rx="5"/>'
    if prefix is not None:
        number = link.lines[0]
        name = f"{prefix}e{link.target[1:]}-{position}l"
        return f'<text class="local{long(number)}" id="{name}" x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle">{number}</text>'
    first, *rest = link.lines
    result = f' <tspan class="local {shade(link.step)}">{escape(" ".join(rest))}</tspan>' * bool(rest)
    words = f'<text class="local" x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle">{escape(first)}{result}</text>'
    return f'<g class="label" data-edge="{escape(link.source)}->{escape(link.target)}"><title>{text(link.tooltip)}</title>{words}</g>'


def _bend(a: Point, b: Point, flow: str) -> tuple[Point, Point, Point, Point]:
    """A cubic curve that leaves and arrives along the direction of flow."""
    if flow == "LR":
        reach = (b[0] - a[0]) * 0.5
        return a, (a[0] + reach, a[1]), (b[0] - reach, b[1]), b
    reach = (b[1] - a[1]) * 0.5
    return a, (a[0], a[1] + reach), (b[0], b[1] - reach), b


def sampled(points: Sequence[Point], flow: str, steps: int = 24) -> Iterator[Point]:
    """Points on the curve of a link, close together, from its start to its end."""
    for start, end in pairwise(points):
        for step in range(steps + 1):
            yield _at(_bend(start, end, flow), step / steps)


def _at(curve: Sequence[Point], t: float) -> Point:
    u = 1 - t
    weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
    x, y = (fsum(w * point[axis] for w, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y


class _Taken:
    """The boxes that something is written in, and the points of all links, found by the cell of a grid that they touch."""

    cell = 60.0

    def __init__(self) -> None:
        self.boxes: dict[tuple[int, int], list[tuple[float, float, float, float]]] = {}
        self.points: dict[tuple[int, int], list[tuple[float, float, int]]] = {}

    def _touched(self, x: float, y: float, wide: float, high: float) -> Iterator[tuple[int, int]]:
        for column in range(int((x - wide / 2) // self.cell), int((x + wide / 2) // self.cell) + 1):
            for row in range(int((y - high / 2) // self.cell), int((y + high / 2) // self.cell) + 1):
                yield column, row

    def add(self, box: tuple[float, float, float, float]) -> None:
        """Take a box: the middle, the width and the height."""
        for cell in self._touched(*box):
            self.boxes.setdefault(cell, []).append(box)

    def add_link(self, number: int, points: Iterable[Point]) -> None:
        """Take the points of a link."""
        for x, y in points:
            self.points.setdefault((int(x // self.cell), int(y // self.cell)), []).append((x, y, number))

    def hidden(self, x: float, y: float, wide: float, high: float) -> float:
        """How much of what is written a box would hide."""
        area = 0.0
        for box in {box for cell in self._touched(x, y, wide, high) for box in self.boxes.get(cell, ())}:
            across = min(x + wide / 2, box[0] + box[2] / 2) - max(x - wide / 2, box[0] - box[2] / 2)
            down = min(y + high / 2, box[1] + box[3] / 2) - max(y - high / 2, box[1] - box[3] / 2)
            area += max(0.0, across) * max(0.0, down)
        return area

    def foreign(self, number: int, x: float, y: float, wide: float, high: float) -> int:
        """How many points of other links than this one lie in a box: what is written there could be theirs."""
        return sum(
            abs(px - x) <= wide / 2 and abs(py - y) <= high / 2 and other != number
            for cell in self._touched(x, y, wide, high)
            for px, py, other in self.points.get(cell, ())
        )

    def spot(self, number: int, curve: Sequence[Point], extent: tuple[float, float], beside: bool, spread: bool) -> Point:
        """The place for a label on its curve where it hides nothing, and where no other link could be meant; near the middle if it can.

        number: of the link; beside: look beside the curve only, which is so flat that the label would hide it
        spread: look beside it as well
        """
        wide, high = extent
        shift = high / 2 + 3.0
        shifts = (-shift, shift) if beside else (0.0, shift, -shift, 2 * shift, -2 * shift) if spread else (0.0,)
        best, least = curve[0], float("inf")
        for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.88):
            x, y = _at(curve, t)
            for k, up in enumerate(shifts):
                cost = 10.0 * self.hidden(x, y + up, wide + 6.0, high) + 60.0 * self.foreign(number, x, y + up, wide, high - 2.0)
                cost += abs(t - 0.5) + 2.0 * k * spread
                if cost < least:
                    best, least = (x, y + up), cost
        return best
