"""A picture before it is drawn: cards, links between them, frames round them."""

from dataclasses import dataclass, field, replace

__all__ = ["MOST_NUMBERS", "Card", "Frame", "Link", "Picture"]

#: With more links than this no numbers are written on them.
MOST_NUMBERS = 60


@dataclass(frozen=True)
class Card:
    """A box: a title, lines under it, and a band at the foot that is coloured by the gradient.

    key:     its name in the DOT text, also `data-node` in the SVG
    band:    the gradient, as text
    step:    −5 … 5 for the colour of the band, None where no gradient was computed
    kind:    "leaf", "constant" (a title and nothing else), "operation", a kind of fold, or "more" for what is left out
    frame:   key of the frame it stands in, or ""
    """

    key: str
    title: str
    symbol: str = ""
    lines: tuple[str, ...] = ()
    band: str = ""
    step: int | None = None
    tooltip: str = ""
    kind: str = "operation"
    frame: str = ""
    stale: bool = False


@dataclass(frozen=True)
class Link:
    """An arrow from a card to one that was made from it, with its local derivative.

    lines: what is written on it
    step:  −5 … 5 for its colour and width, None where no gradient was computed
    constant: it starts at a constant, along which there is no derivative
    """

    source: str
    target: str
    lines: tuple[str, ...] = ()
    step: int | None = None
    tooltip: str = ""
    constant: bool = False


@dataclass(frozen=True)
class Frame:
    """A frame round cards; `within` is the key of the frame that it stands in, or ""."""

    title: str
    within: str = ""


@dataclass
class Picture:
    """All that is to be drawn.

    name:    what the root is called, for the legend
    notes:   sentences under the picture
    frames:  by key, each after the one that it stands in
    largest: the number that has the strongest colour, None when no gradient was computed
    columns: keys of cards that stand one below the other, in this order
    crowded: so many links that they are straight, faint where they are weak, and without numbers
    legend:  what the numbers on cards and links mean, one sentence each
    carried: what the colour and thickness of a link show
    """

    name: str
    cards: list[Card] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    frames: dict[str, Frame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    legend: list[str] = field(default_factory=list)
    carried: str = "what it carries back, upstream × local"
    largest: float | None = None
    columns: list[list[str]] = field(default_factory=list)
    crowded: bool = False

    def quiet(self) -> None:
        """Leave numbers to the tooltips where there are so many that nobody could read them."""
        if len(self.links) > MOST_NUMBERS:
            self.cards = [replace(card, lines=card.lines[-1:]) if card.kind == "neuron" else card for card in self.cards]
            self.links = [replace(link, lines=()) for link in self.links]
            self.legend.append(f"The numbers on the {len(self.links)} arrows are in their tooltips.")
            self.links.sort(key=lambda link: abs(link.step or 0))  # the strongest on top
            self.crowded = True
