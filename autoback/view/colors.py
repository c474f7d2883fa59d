"""Colours of the pictures: blue for positive, orange for negative, in five steps, on light and dark.

Blue and orange stay apart for every common kind of colour blindness. In black and white the signs
are told by the line (a negative one is dashed) and the sizes by its width.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["DARK", "LIGHT", "STEPS", "Theme", "level"]

#: A step is reached at this part of the largest number in the picture; about a factor of three each.
STEPS = (0.0, 0.01, 0.03, 0.1, 0.3)

_LIGHT_TINTS = (0.0, 0.07, 0.15, 0.25, 0.37, 0.5)
_DARK_TINTS = (0.0, 0.10, 0.18, 0.27, 0.37, 0.47)


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, as #rrggbb; `name` is "light" or "dark"."""

    name: str
    background: str
    ink: str
    muted: str
    border: str
    card: str
    frame: str
    positive: str
    negative: str
    tints: tuple[float, ...]

    def line(self, sign: float) -> str:
        """The colour of a line or a number that is positive, negative or zero."""
        return self.positive if sign > 0 else self.negative if sign < 0 else self.muted

    def tint(self, step: int) -> str:
        """The colour of an area for −5 … 5, from the strongest negative to the strongest positive."""
        return _mix(self.card, self.line(step), self.tints[abs(step)]) if step else self.card

    def swap(self, other: "Theme") -> Mapping[str, str]:
        """Each colour of this theme with its counterpart in the other."""
        names = ("background", "ink", "muted", "border", "card", "frame", "positive", "negative")
        pairs = {getattr(self, name): getattr(other, name) for name in names}
        return pairs | {self.tint(step): other.tint(step) for step in range(-5, 6)}


LIGHT = Theme(
    "light", "#ffffff", "#16191d", "#59626e", "#9aa3ae", "#f6f7f9", "#f3f5f7", "#1a62ad", "#b04f06", _LIGHT_TINTS
)  # fmt: skip
DARK = Theme(
    "dark", "#12161c", "#f0f3f6", "#a6b0bd", "#667180", "#202731", "#191f27", "#74b5f7", "#f4a556", _DARK_TINTS
)  # fmt: skip


def level(number: float, largest: float, steps: Sequence[float] = STEPS) -> int:
    """The step of a number, −5 … 5: its sign, and its size against the largest in the picture; 0 only for 0.

    >>> level(1.0, 1.0), level(-0.05, 1.0), level(1e-9, 1.0), level(0.0, 1.0)
    (5, -3, 1, 0)
    """
    if number == 0.0:
        return 0
    part = abs(number) / largest if largest else 1.0
    step = sum(part > bound or part == bound > 0.0 for bound in steps) or 1
    return step if number > 0 else -step


def _mix(base: str, other: str, part: float) -> str:
    pairs = [(int(base[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
