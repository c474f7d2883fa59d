"""The colours of every picture and page, each with one meaning, on light and dark.

Blue is positive and orange is negative, for numbers, weights and what an arrow carries alike; both stay
apart for every common kind of colour blindness. In black and white a sign is told by the line (a negative
one is dashed) and a size by its width. Direction is shown by another pair, teal for forward and violet
for backward, and by the arrows. The third of three classes, beside those of blue and orange, is rose.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["DARK", "LIGHT", "OPACITIES", "STEPS", "WIDTHS", "Theme", "level", "rules", "variables"]

#: A step is reached at this part of the largest number in the picture; about a factor of three each.
STEPS = (0.0, 0.01, 0.03, 0.1, 0.3)

#: The widths of lines for the steps 0 … 5, and how much of a line is seen where there is a crowd of them.
WIDTHS = (1.2, 1.3, 1.8, 2.6, 3.6, 4.8)
OPACITIES = (0.3, 0.35, 0.45, 0.6, 0.8, 1.0)

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
    forward: str
    backward: str
    third: str
    tints: tuple[float, ...]

    def line(self, sign: float) -> str:
        """The colour of a line or a number that is positive, negative or zero."""
        return self.positive if sign > 0 else self.negative if sign < 0 else self.muted

    def tint(self, step: int) -> str:
        """The colour of an area for −5 … 5, from the strongest negative to the strongest positive."""
        return _mix(self.card, self.line(step), self.tints[abs(step)]) if step else self.card

    def soft(self, color: str) -> str:
        """A light shade of a colour, as the ground of words."""
        return _mix(self.background, color, 0.14 if self.name == "light" else 0.22)


LIGHT = Theme(
    "light", "#ffffff", "#16191d", "#59626e", "#9aa3ae", "#f6f7f9", "#eef1f4", "#1a62ad", "#b04f06", "#0b6b66", "#7b3aa6", "#b1226f",
    _LIGHT_TINTS,
)  # fmt: skip
DARK = Theme(
    "dark", "#12161c", "#f0f3f6", "#a6b0bd", "#667180", "#202731", "#191f27", "#74b5f7", "#f4a556", "#63d2c6", "#d2a8f5", "#f59ac4",
    _DARK_TINTS,
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


def variables() -> str:
    """The colours as CSS variables of a page, light and dark: --positive, --forward, --forward-soft, ...

    >>> "--positive: #1a62ad" in variables()
    True
    """
    return f":root {{ {_variables(LIGHT)} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}\n"


def _variables(theme: Theme) -> str:
    pairs = {name: getattr(theme, name) for name in ("positive", "negative", "forward", "backward", "third")}
    soft = {f"{name}-soft": theme.soft(color) for name, color in pairs.items()}
    return " ".join(f"--{name}: {color};" for name, color in {**pairs, **soft, "on-forward": theme.background}.items())


def rules(theme: Theme) -> Iterator[tuple[str, str]]:
    """The colours of a drawing: for each selector its declarations."""
    yield ".ground", f"fill:{theme.background}"
    yield "text", f"fill:{theme.ink}"
    yield ".word,.legend", f"fill:{theme.muted}"
    yield ".card", f"fill:{theme.card};stroke:{theme.border}"
    yield ".leaf .card", f"fill:{theme.background}"
    yield ".stale .card", f"stroke:{theme.ink}"
    yield ".pill", f"fill:{theme.ink}"
    yield ".symbol", f"fill:{theme.card}"
    yield ".frame", f"fill:{theme.frame};stroke:{theme.border}"
    yield ".line", f"stroke:{theme.muted}"
    yield ".head", f"fill:{theme.muted}"
    yield ".label text,.number", f"stroke:{theme.background}"
    yield ".circle", f"fill:{theme.card}"
    for step in range(-5, 6):
        name = f"{'p' if step > 0 else 'm'}{abs(step)}" if step else "zero"
        yield f".band.{name},.sample.{name}", f"fill:{theme.tint(step)}"
        if step:
            yield f".{name} .line,.circle.{name}", f"stroke:{theme.line(step)}"
            yield f".{name} .head,.local.{name},.number.{name}", f"fill:{theme.line(step)}"
    yield ".sample", f"stroke:{theme.border}"


def _mix(base: str, other: str, part: float) -> str:
    pairs = [(int(base[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
