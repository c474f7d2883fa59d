"""Charts: the curve of a training run, the samples of a data set, the health of a network, the curves of many seeds."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NoReturn

from autoback.nn.alarms import GOOD_RATIO
from autoback.nn.datasets import Dataset
from autoback.nn.health import Health, LayerHealth
from autoback.nn.history import History
from autoback.nn.sweep import Run, Sweep
from autoback.text import percent, raised, short
from autoback.view.measure import width
from autoback.view.style import legend
from autoback.view.svg import standalone

__all__ = ["Chart", "bars", "chart", "curve", "curves", "scatter"]

_WIDE, _HIGH, _LEFT, _BOTTOM = 520.0, 300.0, 64.0, 44.0
#: More points than this on a curve could not be told apart.
_POINTS = 500


@dataclass(frozen=True)
class Chart:
    """A picture that is no graph, drawn by `draw_in(theme)` as SVG; name and notes as those of a Drawing."""

    draw_in: Callable[[str], str]
    name: str
    notes: tuple[str, ...] = ()

    def svg(self, theme: str) -> str:
        """The chart as the text of an SVG file."""
        return self.draw_in(theme)

    def digraph(self) -> NoReturn:
        """A chart has no nodes and edges. Raises ValueError."""
        raise ValueError(f"the {self.name} is no graph, so it cannot be written as dot or by Graphviz: save it as .svg or .png")


def chart(thing: Any) -> Chart | None:
    """The chart of a History, a Dataset, a Health or a Sweep; None for what has none, as a History of no epochs."""
    match thing:
        case History() if thing.losses:
            return Chart(lambda theme: curve(thing, theme), "curve of the losses")
        case Dataset():
            return Chart(lambda theme: scatter(thing, theme), f"picture of {thing.name}")
        case Health():
            return Chart(lambda theme: bars(thing, theme), "health of the network", thing.alarms)
        case Sweep():
            return Chart(lambda theme: curves(thing, theme), "sweep over seeds", thing.notes)
    return None


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


#: Where the columns of bars begin, how long a bar may be, and how far one row is from the next.
_COLUMN, _LONG, _ROW = 190.0, 96.0, 26.0


def bars(found: Health, theme: str = "auto") -> str:
    """The health of a network as SVG: for each array of parameters four bars, and under them the alarms.

    Shares from 0 to all; the size of the gradient, and what a step changes of the size, on logarithmic scales, each
    mark of which is a factor of ten. A line marks a thousandth, which a step should be about.
    """
    start = max([width(layer.name, 13.0) for layer in found.layers]) + 24.0
    gradients = [layer.gradient for layer in found.layers if layer.gradient]
    scales = _decades(gradients), _decades([layer.ratio for layer in found.layers if layer.ratio > 0.0] + [GOOD_RATIO])
    bottom = 40.0 + _ROW * len(found.layers)
    body = []
    heads = ("saturated", "dead", "gradient", "update / size")
    for k, head in enumerate(heads):
        x = start + k * _COLUMN
        body.append(f'<text class="note" x="{x:.1f}" y="12">{head}</text>')
        body.append(f'<g class="edge"><path class="line" d="M{x:.1f} 24V{bottom - 8:.1f}"/></g>')
        if k > 1:
            low, high = scales[k - 2]
            marks = "".join(f"M{x + _LONG * (e - low) / (high - low):.1f} {bottom - 8:.1f}v-5" for e in range(low, high + 1))
            body.append(f'<g class="edge"><path class="line" d="M{x:.1f} {bottom - 8:.1f}h{_LONG:g}{marks}"/></g>')
            for end, at, anchor in ((low, x, "start"), (high, x + _LONG, "end")):
                body.append(f'<text class="legend" x="{at:.1f}" y="{bottom + 10:.1f}" text-anchor="{anchor}">10{raised(end)}</text>')
    low, high = scales[1]
    good = start + 3 * _COLUMN + _LONG * (math.log10(GOOD_RATIO) - low) / (high - low)
    body.append(f'<g class="m2"><path class="line" d="M{good:.1f} 22V{bottom + 14:.1f}"/></g>')
    for row, layer in enumerate(found.layers):
        y = 48.0 + _ROW * row
        body.append(f'<text class="legend" x="0" y="{y:.1f}">{escape(layer.name)}</text>')
        for k, (part, text) in enumerate(_lengths(layer, scales)):
            x = start + k * _COLUMN
            body.append(f'<rect class="sample p4" x="{x:.1f}" y="{y - 12:.1f}" width="{_LONG * part:.1f}" height="15"/>' if part else "")
            body.append(f'<text class="number" x="{x + _LONG * part + 6:.1f}" y="{y:.1f}">{escape(text)}</text>')
    power = raised(round(math.log10(GOOD_RATIO)))
    body.append(f'<text class="legend" x="{good:.1f}" y="{bottom + 28:.1f}" text-anchor="middle">10{power}</text>')
    wide = start + 4 * _COLUMN
    under, room, below = legend(found.alarms or ("nothing alarming",), [], None, bottom + 40.0, wide)
    return standalone([*filter(None, body), *under], max(wide, room), bottom + 40.0 + below, "health of a network", theme)


def _lengths(layer: LayerHealth, scales: Sequence[tuple[int, int]]) -> Iterator[tuple[float, str]]:
    """For each bar of a row its length, from 0 to 1, and the number beside it."""
    for share in (layer.saturated, layer.dead):
        yield (share, percent(share)) if layer.units else (0.0, "–")
    for number, (low, high) in zip((layer.gradient, layer.ratio), scales, strict=True):
        part = (math.log10(number) - low) / (high - low) if number > 0.0 else 0.0
        yield max(part, 0.01 * (number > 0.0)), "–" if math.isnan(number) else short(number)


def _decades(numbers: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around some positive numbers, at least two."""
    low = math.floor(math.log10(min(numbers, default=1.0)) - 0.1)
    return low, max(low + 2, math.ceil(math.log10(max(numbers, default=1.0))))


#: How many small curves stand side by side, how large each is, and how far from one to the next.
_ACROSS, _SMALL, _APART = 5, (112.0, 62.0), (132.0, 104.0)


def curves(swept: Sweep, theme: str = "auto") -> str:
    """The curves of a sweep as SVG: a small one for each seed, all on the same logarithmic scale, those that are stuck dashed and named."""
    runs = swept.runs
    losses = [loss for run in runs for loss in run.history.losses if math.isfinite(loss) and loss > 0.0]
    low, high = _decades(losses)
    body = []
    for k, run in enumerate(runs):
        x, y = _APART[0] * (k % _ACROSS), _APART[1] * (k // _ACROSS) + 20.0
        said = "best" if run is swept.best else "stuck" if run.stuck else ""
        what = f"seed {run.seed}: loss {short(run.loss)} after {run.history.epochs} epochs, {len(run.wrong)} wrong"
        body.append(f'<g data-seed="{run.seed}"><title>{escape(what + (f"; {run.verdict}" if run.verdict else ""))}</title>')
        body.append(f'<text class="legend" x="{x:.1f}" y="{y - 6:.1f}">seed {run.seed}</text>')
        if said:
            body.append(f'<text class="note" x="{x + _SMALL[0]:.1f}" y="{y - 6:.1f}" text-anchor="end">{said}</text>')
        body.append(f'<g class="edge"><path class="line" d="M{x:.1f} {y:.1f}v{_SMALL[1]:g}h{_SMALL[0]:g}"/></g>')
        if path := _small(run, x, y, low, high):
            body.append(f'<g class="{"m4" if run.stuck else "p4"}"><path class="line" d="{path}"/></g>')
        body.append("</g>")
    rows = -(-len(runs) // _ACROSS)
    scale = f"Loss against epochs, from 10{raised(low)} to 10{raised(high)} on a logarithmic scale."
    wide = _APART[0] * min(_ACROSS, len(runs))
    under, room, below = legend(swept.notes, [scale], None, _APART[1] * rows + 6.0, max(wide, 420.0))
    return standalone([*body, *under], max(wide, room), _APART[1] * rows + 6.0 + below, "sweep over seeds", theme)


def _small(run: Run, x: float, y: float, low: int, high: int) -> str:
    losses = run.history.losses
    stride = max(1, math.ceil(len(losses) / _SMALL[0]))
    places = sorted({*range(0, len(losses), stride), len(losses) - 1}) if losses else []
    points = []
    for k in places:
        part = (math.log10(losses[k]) - low) / (high - low) if math.isfinite(losses[k]) and losses[k] > 0.0 else 0.0
        points.append(f"{x + _SMALL[0] * k / max(1, len(losses) - 1):.1f} {y + _SMALL[1] * (1.0 - part):.1f}")
    return "M" + "L".join(points) if points else ""


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
