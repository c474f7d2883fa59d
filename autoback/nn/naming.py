"""Naming: what parameters, inputs and nodes of a network are called."""

from functools import cache

from autoback.text import lowered, raised

__all__ = ["Names", "labels"]


class Names:
    """The labels of one neuron: w⁽²⁾₁₃, with a comma between the indices where they could be misread.

    widest: the most neurons or inputs that an index has to count
    layer, neuron: numbers from 1; None for a neuron that stands alone

    >>> Names(3, 2, 1)("w", 3), Names(12, 2, 1)("w", 3), Names(3)("b")
    ('w⁽²⁾₁₃', 'w⁽²⁾₁,₃', 'b')
    """

    def __init__(self, widest: int, layer: int | None = None, neuron: int | None = None) -> None:
        self.above: str = "" if layer is None else f"⁽{raised(layer)}⁾"
        self.below: list[int] = [] if neuron is None else [neuron]
        self.comma = "," if widest >= 10 else ""

    def __call__(self, letter: str, *more: int) -> str:
        indices = self.comma.join(map(str, [*self.below, *more]))
        return f"{letter}{self.above}{lowered(indices)}"


@cache
def labels(letter: str, count: int) -> tuple[str, ...]:
    """x₁, x₂, … for the numbers that go into a network or are asked of it; for a single one the letter alone.

    >>> labels("x", 3), labels("y", 1)
    (('x₁', 'x₂', 'x₃'), ('y',))
    """
    names = Names(1)
    return (letter,) if count == 1 else tuple([names(letter, k) for k in range(1, count + 1)])
