"""A network as the familiar picture: layers of circles, weights as coloured lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import fsum
from typing import Any

from autoback.engine.operations import OPERATIONS
from autoback.nn.naming import labels
from autoback.text import clean, short
from autoback.view.colors import WIDTHS, level
from autoback.view.neurons import layers_of, parameters_of
from autoback.view.style import legend
from autoback.view.svg import standalone

__all__ = ["GEOMETRY", "MOST", "Network", "number_places"]

#: A layer with more circles than this shows its first and last ones only.
MOST = 16
_ENDS = 6

#: The measures of the picture, which the playground reads too.
#: few:          up to so many lines, their numbers are written on them; above, weak lines are drawn faint
#: left, top:    where the first column and the circles begin
#: large, small: with few lines and with many, a column's distance from the next, a circle's from the next, and a circle's radius
#: steps:        at which part of the largest a step is reached; weights are spread more evenly than gradients, so their steps are even
#: widths:       of the lines of each step
#: parts:        of its line, where a number may stand, the best first; number: how wide and high it is taken to be
GEOMETRY: Mapping[str, Any] = {
    "few": 30,
    "left": 70.0,
    "top": 46.0,
    "large": {"across": 240.0, "down": 100.0, "radius": 33.0},
    "small": {"across": 250.0, "down": 54.0, "radius": 20.0},
    "steps": (0.0, 0.2, 0.4, 0.6, 0.8),
    "widths": WIDTHS,
    "parts": (0.34, 0.28, 0.4, 0.46, 0.52, 0.58, 0.64, 0.7),
    "number": (64.0, 17.0),
}
_LEFT, _TOP, _STEPS = GEOMETRY["left"], GEOMETRY["top"], GEOMETRY["steps"]


@dataclass(frozen=True)
class _Line:
    """A weight: between which circles it lies, and its step."""

    layer: int
    to: int
    start: int
    weight: Any
    step: int

    @property
    def tooltip(self) -> str:
        return f"{clean(self.weight.label or 'weight')} = {self.weight.data!r}"


class Network:
    """The layers of a network side by side. A line's colour and width are its weight, a circle's rim its bias, both
    against the largest of the network.

    net: has `layers` of `neurons`, each with `weights` and a `bias`; or is such a layer, or such a neuron
    Raises TypeError for anything else.
    """

    layers: list[Any]
    sizes: list[int]
    shown: list[list[int]]
    largest: float
    lines: list["_Line"]
    few: bool
    across: float
    down: float
    radius: float
    name: str
    notes: tuple[str, ...]
    high: float

    def __init__(self, net: Any) -> None:
        self.layers = layers_of(net)
        self.sizes = [len(self.layers[0].neurons[0].weights), *(len(layer.neurons) for layer in self.layers)]
        self.shown = [_shown(size) for size in self.sizes]
        neurons = [neuron for layer in self.layers for neuron in layer.neurons]
        self.largest = max(abs(parameter.data) for neuron in neurons for parameter in parameters_of(neuron))
        self.lines = [
            _Line(number, j, k, weight, level(weight.data, self.largest, _STEPS))
            for number, layer in enumerate(self.layers, 1)
            for j in self.shown[number]
            for k in self.shown[number - 1]
            for weight in [layer.neurons[j].weights[k]]
        ]
        self.few = len(self.lines) <= GEOMETRY["few"]
        self.across, self.down, self.radius = GEOMETRY["large" if self.few else "small"].values()
        self.name = f"network {'-'.join(map(str, self.sizes))}"
        left_out = [f"{size - len(places)} of {size}" for size, places in zip(self.sizes, self.shown, strict=True) if len(places) < size]
        self.notes = (f"Not drawn, with their lines: {', '.join(left_out)} circles.",) if left_out else ()
        self.high = max(len(places) + 2 * (len(places) < size) for places, size in zip(self.shown, self.sizes, strict=True)) * self.down

    def svg(self, theme: str) -> str:
        """The picture as the text of an SVG file."""
        what = (
            "On a line: its weight. In a circle: the activation, and under it the bias."
            if self.few
            else "A line is a weight, a circle's rim a bias."
        )
        wide, top = self.across * (len(self.sizes) - 1) + 2 * _LEFT, _TOP
        under, room, below = legend(self.notes, [what], self.largest, top + self.high + 14, max(wide, 560.0), _LARGER)
        body = [*self._lines(), *self._circles(), *self._titles(), *under]
        return standalone(body, max(wide, room), top + self.high + 14 + below, self.name, theme)

    def _place(self, number: int, place: int) -> tuple[float, float]:
        """The middle of a circle; where some are left out there is a gap of two."""
        places = self.shown[number]
        gap = 2 * (len(places) < self.sizes[number])
        row = places.index(place)
        row += gap * (row >= _ENDS)
        return _LEFT + number * self.across, _TOP + self.high / 2 + (row - (len(places) + gap - 1) / 2) * self.down

    def _ends(self, line: _Line) -> tuple[float, float, float, float]:
        return (*self._place(line.layer - 1, line.start), *self._place(line.layer, line.to))

    def _lines(self) -> Iterator[str]:
        faint = "" if self.few else " faint"
        for line in sorted(self.lines, key=lambda line: abs(line.step)):  # the strongest on top
            x, y, to_x, to_y = self._ends(line)
            yield (
                f'<g class="edge {_class(line.step)}{faint}" data-edge="c{line.layer - 1}_{line.start}->c{line.layer}_{line.to}">'
                f'<title>{escape(line.tooltip)}</title><path class="line" d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}"/></g>'
            )
        if self.few:
            for line, (x, y) in zip(self.lines, number_places([self._ends(line) for line in self.lines]), strict=True):
                yield (
                    f'<text class="number {_class(line.step)}" x="{x:.1f}" y="{y + 5:.1f}" '
                    f'text-anchor="middle">{short(line.weight.data)}<title>{escape(line.tooltip)}</title></text>'
                )

    def _circles(self) -> Iterator[str]:
        names = labels("x", self.sizes[0])
        for place in self.shown[0]:
            yield self._circle(0, place, "", f"input {place + 1}", names[place], "")
        for number, layer in enumerate(self.layers, 1):
            for place in self.shown[number]:
                neuron = layer.neurons[place]
                row, bias = OPERATIONS.get(neuron.activation), neuron.bias
                z = "w · x" if bias is None else "w · x + b"
                tooltip = f"neuron {place + 1} of layer {number}: a = {f'{neuron.activation}({z})' if row else z}"
                kind = under = ""
                if bias is not None:
                    tooltip += f"\n{clean(bias.label or 'b')} = {bias.data!r}"
                    kind, under = _class(level(bias.data, self.largest, _STEPS)), short(bias.data) if self.few else ""
                yield self._circle(number, place, kind, tooltip, row.symbol if row else "Σ", under)

    def _circle(self, number: int, place: int, kind: str, tooltip: str, symbol: str, under: str) -> str:
        x, y = self._place(number, place)
        size = min(18.0 if self.few else 12.0, 1.5 * self.radius / max(1, len(symbol)) + 5.0)
        style = f'x="{x:.1f}" y="{y + (1 if under else 5):.1f}" text-anchor="middle" style="font-size:{size:.0f}px"'
        lines = f"<text {style}>{escape(symbol)}</text>"
        if under:
            lines += f'<text class="legend" x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{under}</text>'
        return (
            f'<g class="node" data-node="c{number}_{place}"><title>{escape(tooltip)}</title>'
            f'<circle class="circle card {kind}" cx="{x:.1f}" cy="{y:.1f}" r="{self.radius:g}"/>{lines}</g>'
        )

    def _titles(self) -> Iterator[str]:
        for number, size in enumerate(self.sizes):
            x = _LEFT + number * self.across
            if number:
                under = f"{size} neuron{'s' * (size > 1)}, {self.layers[number - 1].activation}"
            else:
                under = f"{size} number{'s' * (size > 1)}"
            yield f'<text class="note" x="{x:.1f}" y="12" text-anchor="middle">{f"layer {number}" if number else "inputs"}</text>'
            yield f'<text class="legend" x="{x:.1f}" y="30" text-anchor="middle">{escape(under)}</text>'
            if len(self.shown[number]) < size:
                yield f'<text x="{x:.1f}" y="{_TOP + self.high / 2 + 8:.1f}" text-anchor="middle">⋮<title>not drawn</title></text>'

    def digraph(self) -> Any:
        """The network as a `graphviz.Digraph`, from left to right."""
        import graphviz

        graph = graphviz.Digraph("autoback", encoding="utf-8")
        graph.attr(rankdir="LR", splines="line", ranksep="1.5")
        graph.attr("node", shape="circle", label="")
        for number, places in enumerate(self.shown):
            symbols: Sequence[str] = labels("x", self.sizes[0])
            if number:
                row = OPERATIONS.get(self.layers[number - 1].activation)
                symbols = [row.symbol if row else "Σ"] * self.sizes[number]
            for place in places:
                graph.node(f"c{number}_{place}", label=symbols[place])
        for line in self.lines:
            style = {"style": "dashed"} if line.step < 0 else {}
            written = short(line.weight.data) if self.few else ""
            graph.edge(f"c{line.layer - 1}_{line.start}", f"c{line.layer}_{line.to}", label=written, **style)
        return graph


def number_places(ends: Sequence[tuple[float, float, float, float]]) -> Iterator[tuple[float, float]]:
    """The middle of the number on each line, where it is on none that was placed before, or on as little as can be.

    ends: for each line x, y, x, y

    >>> list(number_places([(0, 0, 100, 0), (0, 0, 100, 10)]))
    [(34.0, 0.0), (70.0, 7.0)]
    """
    wide, high = GEOMETRY["number"]
    placed: list[tuple[float, float]] = []
    for x, y, to_x, to_y in ends:
        free = [(x + part * (to_x - x), y + part * (to_y - y)) for part in GEOMETRY["parts"]]
        covered = [fsum([max(0.0, wide - abs(a - p)) * max(0.0, high - abs(b - q)) for p, q in placed]) for a, b in free]
        placed.append(free[covered.index(min(covered))])
        yield placed[-1]


_LARGER = "The larger, the thicker; each step is a fifth."


def _class(step: int) -> str:
    return f"{'p' if step > 0 else 'm'}{abs(step)}" if step else "zero"


def _shown(size: int) -> list[int]:
    """Which circles of a layer are drawn."""
    return list(range(size)) if size <= MOST else [*range(_ENDS), *range(size - _ENDS, size)]
