"""A picture as SVG: cards, curves between them, frames round them, and a legend under them.

Every picture of a graph is written here, for notebooks and files, for the lesson and for paper. What a
mark means is its class; the colours of the classes come from `colors`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from autoback.view.frames import arrange_framed
from autoback.view.layout import Arrangement
from autoback.view.picture import Card, Picture
from autoback.view.style import legend, style
from autoback.view.svg_cards import Piece, Shown, card_piece, card_size
from autoback.view.svg_links import extent, link_pieces

__all__ = ["MARGIN", "drawing_svg", "graph_element", "page_svg", "pieces", "standalone"]

#: Room round everything that is drawn.
MARGIN = 14.0
#: How much smaller a drawing in a notebook or a file is than a lesson on a projector.
_SCALE = 0.8
#: How long an arrow is at least, and how much of it shows besides the number on it.
_LEAST, _ENDS = {"LR": 54.0, "TB": 48.0}, {"LR": 30.0, "TB": 28.0}


def drawing_svg(picture: Picture, label: str, theme: str, flow: str = "LR") -> str:
    """A picture that needs nothing else, as the text of an SVG file; the same bytes for the same picture.

    label: read out by screen readers in place of the picture
    theme: "light", "dark", or "auto", which follows the notebook's theme or the reader's setting
    flow:  "LR", from left to right, or "TB", from top to bottom
    Its style is limited to a class made from its content, and it has no ids, so several can stand in one page.
    """
    layout, drawn = pieces(picture, flow)
    body = [*_frames(picture, layout), *(piece.svg for piece in drawn)]
    carried = f"Colour and thickness of an arrow: {picture.carried}; each step is a factor of about 3."
    under, room, below = legend(picture.notes, picture.legend, picture.largest, layout.height + 22, max(layout.width, 560.0), carried)
    return standalone([*body, *under], max(layout.width, room), layout.height + below + 22, label, theme)


def standalone(body: Sequence[str], wide: float, high: float, label: str, theme: str) -> str:
    """An SVG file around what is drawn in a box of this width and height."""
    wide, high = wide + 2 * MARGIN, high + 2 * MARGIN
    ground = f'<rect class="ground" width="{wide:.0f}" height="{high:.0f}"/>'
    inner = "\n".join([ground, f'<g transform="translate({MARGIN:g} {MARGIN:g})">', *body, "</g>"])
    scope = "autoback-" + hashlib.sha256(f"{theme}{inner}".encode()).hexdigest()[:12]
    return (
        f'<svg class="autoback {scope}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" '
        f'width="{wide * _SCALE:.0f}" height="{high * _SCALE:.0f}" role="img" aria-label="{escape(label)}" '
        f'style="max-width:100%;height:auto">\n'
        f"<style>{style(scope, theme, inner)}</style>\n{inner}\n</svg>\n"
    )


def page_svg(picture: Picture, flow: str = "LR") -> str:
    """A picture for a page with its own style and script: ids `n3` for cards, `e3-0` for the arrow to the first input of node 3.

    The number on a card is `n3v`, its gradient `n3g`, and the number on an arrow `e3-0l`. A crowd of arrows has no numbers:
    the page writes those that it shows for a moment.
    """
    layout, drawn = pieces(picture, flow, prefix="")
    seen = [piece.svg for piece in drawn if piece.kind != "label" or not picture.crowded]
    return graph_element(picture, seen, (0.0, 0.0, layout.width, layout.height))


def graph_element(picture: Picture, drawn: Sequence[str], box: tuple[float, float, float, float], prefix: str = "") -> str:
    """A picture for a page, or the part of it that lies in a box: left, top, right and bottom.

    prefix: put before every id, so that several pictures can stand in one page
    """
    left, top = box[0] - MARGIN, box[1] - MARGIN
    wide, high = box[2] + MARGIN - left, box[3] + MARGIN - top
    heads = "".join(_marker(prefix, kind) for kind in ("", "-now", "-back"))
    lines = [
        f'<svg class="graph{" crowded" * picture.crowded}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" '
        f'width="{wide:.0f}" height="{high:.0f}" role="group" aria-label="Computation graph of {escape(picture.name)}">',
        f"<defs>{heads}</defs>",
        f'<g transform="translate({-left:g} {-top:g})" marker-end="url(#{prefix}head)">',  # what every arrow inherits
        *drawn,
    ]
    return "\n".join([*lines, "</g>", "</svg>"])


def pieces(picture: Picture, flow: str, shown: Shown = "everything", prefix: str | None = None) -> tuple[Arrangement, list[Piece]]:
    """Where the cards and links of a picture go, and their SVG: links, what is written on them, cards.

    shown:  "everything", or "blanks" to fill in for what is not given
    prefix: put before every id; None for a drawing without ids
    """
    number, inputs, order = _numbered(picture)
    layout = _arranged(picture, number, inputs, order, flow, shown)
    cards = [card_piece(card, layout.centres[k], prefix, shown) for k, card in enumerate(order)]
    return layout, [*link_pieces(picture, layout, number, cards, prefix, shown), *cards]


def _frames(picture: Picture, layout: Arrangement) -> Iterator[str]:
    for key, (left, top, wide, high) in layout.frames.items():
        yield f'<rect class="frame" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="12"/>'
        yield f'<text class="frame-title" x="{left + 12:.1f}" y="{top + 18:.1f}">{escape(picture.frames[key].title)}</text>'


def _arranged(
    picture: Picture, number: dict[str, int], inputs: list[list[int]], order: list[Card], flow: str, shown: Shown
) -> Arrangement:
    sizes = [card_size(card, shown) for card in order]
    frames: dict[str, list[int]] = {key: [] for key in picture.frames}  # those that others stand in come first
    for k, card in enumerate(order):
        frame = card.frame
        while frame:
            frames[frame].append(k)
            frame = picture.frames[frame].within
    frames = {key: members for key, members in frames.items() if members}
    columns = [[number[key] for key in column] for column in picture.columns]
    if picture.crowded:
        return arrange_framed(inputs, sizes, frames, (260.0, 14.0), flow, columns)
    rooms = [0.0] * len(order)
    ends = [(link.source, link.target) for link in picture.links]
    for link, count in zip(picture.links, map(Counter(ends).get, ends), strict=True):
        widest = extent(link, shown)[0 if flow == "LR" else 1]
        room = widest + _ENDS[flow] + ((count or 0) > 1) * min(widest, 20.0)  # x·x has two numbers side by side
        rooms[number[link.target]] = max(rooms[number[link.target]], min(300.0, room))
    return arrange_framed(inputs, sizes, frames, (_LEAST[flow], 16.0), flow, columns, rooms=rooms)


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


def _marker(prefix: str, kind: str) -> str:
    return (
        f'<marker id="{prefix}head{kind}" class="head{kind}" viewBox="0 0 8 8" refX="6.5" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .8 7 4 0 7.2z"/></marker>'
    )
