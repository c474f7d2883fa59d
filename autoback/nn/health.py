"""Health: what ails a network, layer by layer: units that saturate or are dead, gradients that vanish or explode."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from autoback.engine.value import Value, topological_order
from autoback.nn.data import Samples
from autoback.nn.losses import Loss
from autoback.nn.module import Module, flat
from autoback.nn.names import LossName

__all__ = ["Health", "LayerHealth", "health"]

#: A derivative below this is as good as none: tanh beyond ±1.83 has it, a sigmoid beyond ±3.48 at a quarter of its largest.
_FLAT = 0.03
#: How much the gradient may shrink or grow from one layer to the next but for reasons.
_FACTOR = 1e3
#: What a step should change of a weight, on the whole: about a thousandth.
_RATIO = (1e-5, 1e-1)


class _Slope(NamedTuple):
    """The derivative of an activation, and whether its range has two ends."""

    number: float
    bounded: bool


@dataclass(frozen=True)
class LayerHealth:
    """What `health` found out about the parameters of one array, and the units that they feed.

    name:       path of the parameters, such as layers.0.weight
    units:      activations among what these parameters lead to first, per sample; 0 where there are none
    saturated:  share of these, over all samples, whose derivative is close to 0 at an end of a bounded range, as of tanh
    dead:       share of the units whose derivative is exactly 0 for every sample
    size:       root mean square of the parameters
    gradient:   root mean square of their gradient
    ratio:      rate · gradient / size, what a step of gradient descent changes; NaN where the size is 0
    """

    name: str
    units: int
    saturated: float
    dead: float
    size: float
    gradient: float
    ratio: float


@dataclass(frozen=True)
class Health:
    """What `health` returns; its text is a table and the alarms.

    layers: a LayerHealth for each array of parameters, in their order
    alarms: what is wrong, in sentences with a way out; empty when nothing is
    """

    layers: tuple[LayerHealth, ...]
    alarms: tuple[str, ...]

    def __str__(self) -> str:
        width = max(len("parameters"), *(len(layer.name) for layer in self.layers))
        lines = [f"{'parameters':<{width}}  units  saturated  dead      size  gradient  update/size"]
        for layer in self.layers:
            units = f"{layer.units:5}  {layer.saturated:8.0%}  {layer.dead:5.0%}" if layer.units else f"{'-':>5}  {'-':>8}  {'-':>5}"
            lines.append(f"{layer.name:<{width}}  {units}  {layer.size:8.2g}  {layer.gradient:8.2g}  {layer.ratio:11.2g}")
        return "\n".join([*lines, *(self.alarms or ["nothing alarming"])])

    __repr__ = __str__


def health(
    net: Module, inputs: Iterable[Any], targets: Iterable[Any], *, loss: LossName | Loss = "squared_error", rate: float = 0.1
) -> Health:
    """How well a network can learn from here: saturated and dead units, sizes of weights and gradients, and alarms.

    net, inputs, targets, loss: as for `fit`; some dozens of samples will do, and nothing is changed
    rate: of gradient descent, for the last column: a step should change a weight by about a thousandth
    Source: Karpathy, makemore part 3 (2022), for the quantities; Glorot & Bengio, AISTATS 2010, for why they matter.

    >>> from autoback import MLP
    >>> print(health(MLP(2, [2, 1], "sigmoid", initializer="zeros"), [[0, 1], [1, 0]], [1, 0]))
    parameters      units  saturated  dead      size  gradient  update/size
    layers.0.weight     2        0%     0%         0         0          nan
    layers.0.bias       2        0%     0%         0         0          nan
    layers.1.weight     -         -      -         0       0.5          nan
    layers.1.bias       -         -      -         0         1          nan
    layers.0.weight: its units all have the same weights, so they stay alike: start from random numbers
    """
    samples = Samples(net, inputs, targets, loss)
    arrays = net.arrays()
    parameters = [parameter for array in arrays.values() for parameter in flat(array)]
    before = [parameter.grad for parameter in parameters]
    owner = {parameter: name for name, array in arrays.items() for parameter in flat(array)}
    found: dict[str, list[list[_Slope]]] = {name: [] for name in arrays}
    try:
        for parameter in parameters:
            parameter.grad = 0.0
        for index in range(len(samples)):
            cost = samples.cost(index)
            cost.backward()
            for name, slopes in _derivatives(cost, owner).items():
                found[name].append(slopes)
        gradients = {parameter: (parameter.grad or 0.0) / len(samples) for parameter in parameters}
    finally:
        for parameter, grad in zip(parameters, before, strict=True):
            parameter.grad = grad
    layers = tuple(_layer(name, flat(array), found[name], gradients, rate) for name, array in arrays.items())
    return Health(layers, tuple(_alarms(samples, layers, arrays)))


def _derivatives(cost: Value, owner: dict[Value, str]) -> dict[str, list[_Slope]]:
    """For each array the derivatives of the activations that it feeds without another activation between, in order."""
    order = topological_order(cost)
    behind: dict[Value, frozenset[str]] = {}
    slopes: dict[str, list[_Slope]] = {}
    for node in order:
        if node.op is None:
            behind[node] = frozenset([owner[node]] if node in owner else ())
            continue
        names = frozenset[str]().union(*[behind[below] for below in node.inputs])
        if node.op.activation:
            for name in names:
                bounded = all(map(math.isfinite, node.op.range))
                slopes.setdefault(name, []).append(_Slope(node.partials[0], bounded))
            names = frozenset()
        behind[node] = names
    return slopes


def _layer(name: str, values: Sequence[Value], found: list[list[_Slope]], gradients: dict[Value, float], rate: float) -> LayerHealth:
    units = max(map(len, found), default=0)
    every = [slope for slopes in found for slope in slopes]
    same = [slopes for slopes in found if len(slopes) == units]
    dead = sum(all(slopes[k].number == 0.0 for slopes in same) for k in range(units))
    size = _mean_square([value.data for value in values])
    gradient = _mean_square([gradients[value] for value in values])
    saturated = sum(slope.bounded and abs(slope.number) < _FLAT for slope in every)
    ratio = rate * gradient / size if size else math.nan
    return LayerHealth(name, units, saturated / max(1, len(every)), dead / max(1, units), size, gradient, ratio)


def _alarms(samples: Samples, layers: Sequence[LayerHealth], arrays: dict[str, Any]) -> Iterator[str]:
    try:
        samples.check()
    except ValueError as error:
        yield f"loss and last layer do not fit: {error}"
    for layer in layers:
        rows = arrays[layer.name]
        if layer.units and layer.saturated > 0.5:
            yield (
                f"{layer.name}: {layer.saturated:.0%} of its activations are saturated, so little gradient passes: "
                "start from smaller weights, or scale the inputs to about -1 to 1"
            )
        if layer.dead:
            yield (
                f"{layer.name}: {layer.dead:.0%} of its units are dead: their derivative is 0 for every sample, so they cannot learn: "
                "start anew with a lower rate or smaller weights, or take leaky_relu"
            )
        if layer.units > 1 and isinstance(rows[0], (list, tuple)) and len({tuple(w.data for w in flat(row)) for row in rows}) == 1:
            yield f"{layer.name}: its units all have the same weights, so they stay alike: start from random numbers"
        if layer.size and layer.ratio > _RATIO[1]:
            yield f"{layer.name}: a step would change it by {layer.ratio:.0%}, so training may diverge: lower the rate or scale the data"
    sizes = [layer.gradient for layer in layers if layer.gradient]
    if sizes and sizes[0] * _FACTOR < max(sizes):
        yield (
            f"the gradient vanishes: that of {layers[0].name} is {max(sizes) / sizes[0]:.0e} times smaller than the largest: "
            "take relu or tanh in place of sigmoid, fewer layers, or skip connections"
        )
    if max(sizes, default=0.0) > _FACTOR:
        yield f"the gradient explodes: its size is {max(sizes):.1e}: start from smaller weights, scale data and targets down, or clip it"
    if not sizes:
        yield "no gradient reaches any parameter: nothing will move"


def _mean_square(numbers: Sequence[float]) -> float:
    return math.hypot(*numbers) / math.sqrt(len(numbers))
