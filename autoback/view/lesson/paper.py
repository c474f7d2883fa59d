"""A picture on paper: at its full size, since people write in it, and in as many strips as the paper needs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from autoback.view.layout import Box
from autoback.view.measure import width
from autoback.view.picture import Picture
from autoback.view.svg import MARGIN, graph_element, pieces
from autoback.view.svg_cards import Piece, Shown, indexed
from autoback.view.svg_links import sampled

__all__ = ["PAPERS", "Paper", "pages", "strips"]

#: The size of the words that say where an arrow from another strip comes from, and how high a line of them is.
_TYPE, _LINE = 14.0, 18.0


class Paper(NamedTuple):
    """A4: how it lies, its width and height without margins of 12 mm, and the height that title and tasks take, in CSS pixels."""

    orientation: str
    flow: str
    wide: float
    high: float
    head: float


#: 273 × 186 mm and 186 × 273 mm, less a little for rounding. A unit of a picture is one CSS pixel, 0.265 mm.
PAPERS = (Paper("landscape", "LR", 1028.0, 694.0, 150.0), Paper("portrait", "TB", 698.0, 1022.0, 190.0))


def pages(heights: Sequence[float], paper: Paper) -> int:
    """How many pages strips of these heights fill, the first below title and tasks."""
    count, left = 1, paper.high - paper.head
    for high in heights:
        if high > left:
            count, left = count + 1, paper.high
        left -= high
    return count


def strips(picture: Picture, paper: Paper, shown: Shown, prefix: str) -> list[tuple[float, str]]:
    """The picture in strips that fit the paper: of each the height and the SVG.

    It is cut between cards and blanks, not through them. An arrow that goes on in another strip begins there with the name
    of the card that it comes from.
    """
    layout, drawn = pieces(picture, paper.flow, shown, prefix)
    names = {card.key: _short(card.title) for card in picture.cards}
    named = {piece.key for piece in drawn if piece.kind == "link"}
    lead = max([width(names[key], _TYPE) for key in named], default=0.0) + 12.0 if paper.flow == "LR" else _LINE
    room = paper.wide - 2 * MARGIN, paper.high - 2 * MARGIN
    across = _cuts(drawn, 0, layout.width, room[0], lead if paper.flow == "LR" else 0.0)
    down = _cuts(drawn, 1, layout.height, room[1], _LINE)
    ways = {id(piece): list(sampled(piece.points, paper.flow)) for piece in drawn}
    made = []
    for left, right in pairwise(across):
        for top, bottom in pairwise(down):
            cell = left, top, right, bottom
            inside = [piece for piece in drawn if _lies_in(piece, cell)]
            if any(piece.kind == "card" for piece in inside):
                words = list(_origins(inside, ways, cell, names))
                x, y, end, low = _extent(inside, ways, cell)
                box = x - lead * (left > 0.0 and paper.flow == "LR"), y - _LINE * bool(top), end, low
                made.append((low - box[1] + 2 * MARGIN, graph_element(picture, [*[piece.svg for piece in inside], *words], box, prefix)))
    return made


def _short(name: str) -> str:
    """A name that takes no more than a fifth of the width of the paper."""
    kept = name
    while width(kept, _TYPE) > 140.0:
        kept = kept[:-1]
    return kept if kept == name else f"{kept}…"


def _cuts(drawn: Sequence[Piece], axis: int, length: float, room: float, lead: float) -> list[float]:
    """Where to cut a length into pieces of at most `room`, all but the first after a lead: behind a card, through nothing if possible."""
    taken = [(piece.box[axis], piece.box[axis + 2], piece.kind) for piece in drawn if piece.kind != "link"]
    cuts, free = [0.0], room
    while length - cuts[-1] > free:
        last = cuts[-1] + free
        ends = [end + 5.0 for _, end, kind in taken if kind == "card" and cuts[-1] < end + 5.0 <= last]
        least = max(stop - start for start, stop, _ in taken)  # room for what has its middle in this strip
        forced = max(last - least, cuts[-1] + free / 2)  # a card that is larger than the paper is wider than its strip
        cuts.append(max([end for end in ends if not any(start < end < stop for start, stop, _ in taken)], default=forced))
        free = room - lead
    return [*cuts, length]


#: The points along each link, by the id of its piece.
_Ways = Mapping[int, Sequence[tuple[float, float]]]


def _extent(inside: Sequence[Piece], ways: _Ways, cell: Box) -> Box:
    """The box round the cards and numbers of a cell, and round its links as far as they are in it."""
    corners = [point for piece in inside if piece.kind != "link" for point in (piece.box[:2], piece.box[2:])]
    for piece in inside:
        corners += [(x, y) for x, y in ways[id(piece)] if cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]]
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _lies_in(piece: Piece, cell: Box) -> bool:
    """Whether the middle of a card or of a number is in a cell, or a link may run through it."""
    left, top, right, bottom = piece.box
    if piece.kind == "link":
        return left <= cell[2] and right >= cell[0] and top <= cell[3] and bottom >= cell[1]
    x, y = (left + right) / 2, (top + bottom) / 2
    return cell[0] < x <= cell[2] and cell[1] < y <= cell[3]


def _origins(inside: Sequence[Piece], ways: _Ways, cell: Box, names: dict[str, str]) -> Iterator[str]:
    """For each arrow that comes into a cell from another one the name of the card it comes from, where it comes in; each name once."""
    placed: list[tuple[str, float, float]] = []
    for piece in inside:
        for (ax, ay), (bx, by) in pairwise(ways[id(piece)]):
            before, now = (cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3] for x, y in ((ax, ay), (bx, by)))
            comes = now and not before
            if comes and not any(key == piece.key and abs(x - bx) + abs(y - by) < 3 * _LINE for key, x, y in placed):
                placed.append((piece.key, bx, by))
                # From the left, before the arrow; from above or below, over it.
                place = f'x="{cell[0] - 4:.1f}" y="{by + 5:.1f}" text-anchor="end"'
                if ax >= cell[0]:
                    place = f'x="{bx:.1f}" y="{cell[1] - 4 if ay < cell[1] else cell[3] - 4:.1f}" text-anchor="middle"'
                yield f'<text class="origin" {place}>{indexed(names[piece.key])}</text>'
