"""What a notebook shows of a training run and of data: the curve of the losses, and the samples as points."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from autoback.nn.datasets import Dataset
from autoback.nn.history import History
from autoback.text import short
from autoback.view.convert import bundle
from autoback.view.svg import standalone

__all__ = ["curve", "scatter", "shown"]

_WIDE, _HIGH, _LEFT, _BOTTOM = 520.0, 300.0, 64.0, 44.0
#: More points than this on a curve could not be told apart.
_POINTS = 500


def shown(thing: History | Dataset) -> dict[str, Any] | None:
    """What a notebook shows; None, upon which it shows the text, where there is nothing to draw."""
    if isinstance(thing, History):
        return bundle(curve(thing), repr(thing)) if thing.losses else None
    return bundle(scatter(thing), repr(thing))


def curve(history: History, theme: str = "auto") -> str:
    """The losses of a run against its epochs as SVG: solid of the training samples, dashed of the validation samples.

    The axis is logarithmic where the losses are positive and fall by more than a factor of 20.
    """
    series = [list(history.losses), list(history.validation_losses)]
    every = [loss for losses in series for loss in losses if math.isfinite(loss)] or [0.0]
    logarithmic = min(every) > 0.0 and max(every) > 20.0 * min(every)

    def scaled(loss: float) -> float:
        return math.log10(loss) if logarithmic else loss

    low, high = scaled(min(every)) if logarithmic else min(0.0, *every), scaled(max(every))
    last = max(1, len(series[0]) - 1)
    body = list(_axes(("epoch", ("1", short(last + 1))), ("loss", (short(10**low if logarithmic else low), short(max(every))))))
    for losses, kind in zip(series, ("p4", "m4"), strict=True):
        stride = max(1, math.ceil(len(losses) / _POINTS))
        places = sorted({*range(0, len(losses), stride), len(losses) - 1}) if losses else []
        points = [(_LEFT + _WIDE * k / last, _level(scaled(losses[k]), low, high)) for k in places if math.isfinite(losses[k])]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        if points:
            body.append(f'<g class="{kind}"><path class="line" d="{path}"/></g>')
    words = f"loss of the training samples, {short(history.losses[0])} to {short(history.losses[-1])} in {history.epochs} epochs"
    if history.validation_losses:
        words += f"; dashed, of the validation samples, to {short(history.validation_losses[-1])}"
    body.append(f'<text class="legend" x="{_LEFT}" y="{_HIGH + _BOTTOM + 22}">{escape(words)}</text>')
    return standalone(body, _LEFT + _WIDE + 60.0, _HIGH + _BOTTOM + 30.0, words, theme)


def scatter(data: Dataset, theme: str = "auto") -> str:
    """The samples of a data set as SVG, their first two features across and up: a disc for a larger answer, a square for a smaller one.

    Of a single feature the answer is the height. Of several answers, as of classes, the first is shown.
    """
    features = len(data.inputs[0])
    answers = [row[0] for row in data.targets]
    middle = (min(answers) + max(answers)) / 2
    across = [row[0] for row in data.inputs]
    up = [row[1] for row in data.inputs] if features > 1 else answers
    body = list(_axes(("x₁", _ends(across)), ("x₂" if features > 1 else "y", _ends(up))))
    for x, y, answer in zip(across, up, answers, strict=True):
        left, top = _LEFT + _WIDE * _share(x, across), _level(y, min(up), max(up))
        if answer > middle:
            body.append(f'<circle class="sample p5" cx="{left:.1f}" cy="{top:.1f}" r="5.5"/>')
        else:
            body.append(f'<rect class="sample m5" x="{left - 5:.1f}" y="{top - 5:.1f}" width="10" height="10"/>')
    words = f"{data.name}: {len(data)} samples; discs {short(max(answers))}, squares {short(min(answers))}"
    if features > 2:
        words += f"; the first 2 of {features} features"
    body.append(f'<text class="legend" x="{_LEFT}" y="{_HIGH + _BOTTOM + 22}">{escape(words)}</text>')
    return standalone(body, _LEFT + _WIDE + 60.0, _HIGH + _BOTTOM + 30.0, words, theme)


def _level(number: float, low: float, high: float) -> float:
    return _HIGH * (1.0 - (number - low) / (high - low)) if high > low else _HIGH / 2


def _share(number: float, numbers: Sequence[float]) -> float:
    low, high = min(numbers), max(numbers)
    return (number - low) / (high - low) if high > low else 0.5


def _ends(numbers: Sequence[float]) -> tuple[str, str]:
    return short(min(numbers)), short(max(numbers))


def _axes(across: tuple[str, tuple[str, str]], up: tuple[str, tuple[str, str]]) -> Iterator[str]:
    """Two axes, each with its name and the numbers at its ends."""
    yield f'<g class="edge"><path class="line" d="M{_LEFT} 0V{_HIGH + 8}H{_LEFT + _WIDE + 8}"/></g>'
    for x, anchor, text in ((_LEFT, "start", across[1][0]), (_LEFT + _WIDE / 2, "middle", across[0]), (_LEFT + _WIDE, "end", across[1][1])):
        yield f'<text class="legend" x="{x}" y="{_HIGH + 28}" text-anchor="{anchor}">{text}</text>'
    for y, text in ((_HIGH, up[1][0]), (_HIGH / 2, up[0]), (10.0, up[1][1])):
        yield f'<text class="legend" x="{_LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
