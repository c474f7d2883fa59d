"""A network as the familiar picture: layers of circles, weights as coloured lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import graphviz

from autoback.engine.operations import OPERATIONS
from autoback.nn.naming import labels
from autoback.text import short
from autoback.view.colors import Theme, level
from autoback.view.dot import FONT, LINE_WIDTHS, OPACITIES, attribute, markup, scale
from autoback.view.labels import safe
from autoback.view.neurons import layers_of

__all__ = ["MOST", "NetworkPicture", "network_picture"]

#: A layer with more circles than this shows its first and last ones only.
MOST = 16
_ENDS = 6

#: Up to so many lines, their numbers are written on them; above, weak lines are drawn faint.
_FEW_LINES = 30

#: Weights are spread more evenly than gradients, so their steps are even.
_STEPS = (0.0, 0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class NetworkPicture:
    """The DOT text of a network, what it is called, how many lines it has, and what it says about itself."""

    dot: str
    name: str
    edges: int
    notes: tuple[str, ...]


def network_picture(net: Any, theme: Theme) -> NetworkPicture:
    """The layers of a network side by side, circles pinned to their places.

    net: has `layers` of `neurons`, each with `weights` and a `bias`; or is such a layer, or such a neuron
    Raises TypeError for anything else.
    A line's colour and width are its weight, a circle's rim its bias, both against the largest of the network.
    """
    return _Plan(net, theme).picture()


class _Plan:
    def __init__(self, net: Any, theme: Theme) -> None:
        self.theme = theme
        self.layers = layers_of(net)
        self.sizes = [len(self.layers[0].neurons[0].weights), *(len(layer.neurons) for layer in self.layers)]
        self.shown = [_shown(size) for size in self.sizes]
        neurons = [neuron for layer in self.layers for neuron in layer.neurons]
        self.largest = max(abs(parameter.data) for neuron in neurons for parameter in (*neuron.weights, neuron.bias))
        self.lines = sum(len(a) * len(b) for a, b in pairwise(self.shown))
        self.few = self.lines <= _FEW_LINES
        # In inches: a column's distance from the next, a circle's from the next, and a circle's width.
        self.across, self.down, self.circle = (2.5, 1.05, 0.66) if self.few else (2.6, 0.56, 0.42)

    def picture(self) -> NetworkPicture:
        theme = self.theme
        left_out = [f"{size - len(places)} of {size}" for size, places in zip(self.sizes, self.shown, strict=True) if len(places) < size]
        notes = (f"Not drawn, with their lines: {', '.join(left_out)} circles.",) if left_out else ()
        graph = graphviz.Graph("autoback", encoding="utf-8")
        graph.attr(
            layout="neato", bgcolor=theme.background, pad="0.2", outputorder="edgesfirst", splines="line",
            fontname=FONT, fontsize="10", fontcolor=theme.muted, labelloc="b", labeljust="l", label=self._legend(notes),
        )  # fmt: skip
        graph.attr(
            "node", shape="circle", fixedsize="true", width=f"{self.circle:g}", style="filled", fillcolor=theme.card, color=theme.border,
            fontname=FONT, fontsize="10", fontcolor=theme.ink, label="",
        )  # fmt: skip
        for number in range(len(self.sizes)):
            self._column(graph, number)
        self._lines(graph)
        return NetworkPicture(str(graph.source), f"network {'-'.join(map(str, self.sizes))}", self.lines, notes)

    def _place(self, number: int, place: int) -> tuple[float, float]:
        """Where a circle lies, in inches; where some are left out there is a gap of two."""
        places = self.shown[number]
        gap = 2 * (len(places) < self.sizes[number])
        row = places.index(place)
        row += gap * (row >= _ENDS)
        return number * self.across, ((len(places) + gap - 1) / 2 - row) * self.down

    def _column(self, graph: "graphviz.Graph", number: int) -> None:
        size, places = self.sizes[number], self.shown[number]
        if number == 0:
            below = f"{size} numbers" if size > 1 else "1 number"
            for place, label in zip(places, [labels("x", size)[place] for place in places], strict=True):
                graph.node(f"c0_{place}", pos=_at(self._place(0, place)), label=label, tooltip=f"input {place + 1}", **{"class": "circle"})
        else:
            layer = self.layers[number - 1]
            below = f"{size} neuron{'s' * (size > 1)}, {layer.activation}"
            for place in places:
                self._neuron(graph, number, place)
        if len(places) < size:
            dots = {"shape": "plain", "style": "", "label": "⋮", "fontsize": "22", "tooltip": "not drawn", "class": "dots"}
            graph.node(f"dots{number}", pos=_at((number * self.across, 0.0)), **dots)
        top = max(self._place(k, self.shown[k][0])[1] for k in range(len(self.sizes))) + self.circle / 2 + 0.42
        title = f"layer {number}" if number else "inputs"
        graph.node(
            f"title{number}", pos=_at((number * self.across, top)), shape="plain", style="", fixedsize="false", tooltip=title,
            label=f"<<B>{title}</B><BR/>{markup(below)}>", **{"class": "title"},
        )  # fmt: skip

    def _neuron(self, graph: "graphviz.Graph", number: int, place: int) -> None:
        layer = self.layers[number - 1]
        row, bias = OPERATIONS.get(layer.activation), layer.neurons[place].bias
        step = level(bias.data, self.largest, _STEPS)
        symbol = markup(row.symbol if row else "Σ")
        formula = f"a = {layer.activation}(w · x + b)" if row else "a = w · x + b"
        tooltip = f"neuron {place + 1} of layer {number}: {formula}\n{safe(bias.label or 'b')} = {bias.data!r}"
        under = f'<BR/><FONT POINT-SIZE="8.5" COLOR="{self.theme.muted}">{markup(short(bias.data))}</FONT>' if self.few else ""
        graph.node(
            f"c{number}_{place}", pos=_at(self._place(number, place)), label=f"<<B>{symbol}</B>{under}>" if self.few else f"<{symbol}>",
            style="filled,dashed" if step < 0 else "filled", color=self.theme.line(step), penwidth=f"{max(1.0, LINE_WIDTHS[abs(step)]):g}",
            tooltip=attribute(tooltip), **{"class": "circle"},
        )  # fmt: skip

    def _lines(self, graph: "graphviz.Graph") -> None:
        lines = []
        for number, layer in enumerate(self.layers, 1):
            for j in self.shown[number]:
                for k in self.shown[number - 1]:
                    weight = layer.neurons[j].weights[k]
                    lines.append((level(weight.data, self.largest, _STEPS), number, j, k, weight))
        for step, number, j, k, weight in sorted(lines, key=lambda line: abs(line[0])):  # the strongest on top
            color, width = self.theme.line(step), LINE_WIDTHS[abs(step)]
            graph.edge(
                f"c{number - 1}_{k}", f"c{number}_{j}",
                color=color if self.few else color + OPACITIES[abs(step)],
                penwidth=f"{width if self.few else 0.6 * width:g}",
                style="dashed" if step < 0 else "solid" if step else "dotted",
                tooltip=attribute(f"{safe(weight.label or 'weight')} = {weight.data!r}"),
            )  # fmt: skip
        if self.few:
            for _, number, j, k, weight in lines:
                self._number(graph, number, j, k, weight)

    def _number(self, graph: "graphviz.Graph", number: int, j: int, k: int, weight: Any) -> None:
        """A weight's number on its line, nearer to where it starts than to where lines cross."""
        (x, y), (to_x, to_y) = self._place(number - 1, k), self._place(number, j)
        part = 0.34
        at = _at((x + part * (to_x - x), y + part * (to_y - y)))
        tooltip = attribute(f"{safe(weight.label or 'weight')} = {weight.data!r}")
        graph.node(
            f"w{number}_{j}_{k}", pos=at, shape="plain", fixedsize="false", label=short(weight.data), tooltip=tooltip,
            fillcolor=self.theme.background, fontcolor=self.theme.line(weight.data), **{"class": "number"},
        )  # fmt: skip

    def _legend(self, notes: Sequence[str]) -> str:
        what = (
            "On a line: its weight. In a circle: the activation, and under it the bias."
            if self.few
            else "A line is a weight, a circle's rim a bias."
        )
        rows = [f'<FONT COLOR="{self.theme.ink}"><B>{markup(note)}</B></FONT>' for note in notes]
        rows += [what, scale(self.largest, self.theme), "The larger, the thicker; each step is a fifth."]
        cells = "".join(f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows)
        return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{cells}</TABLE>>'


def _shown(size: int) -> list[int]:
    """Which circles of a layer are drawn."""
    return list(range(size)) if size <= MOST else [*range(_ENDS), *range(size - _ENDS, size)]


def _at(place: tuple[float, float]) -> str:
    return f"{place[0]:.4g},{place[1]:.4g}!"
