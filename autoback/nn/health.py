"""Health: what ails a network, layer by layer: units that saturate or are dead, gradients that vanish or explode."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, NamedTuple

from autoback.engine.formula import names
from autoback.engine.operation import Operation
from autoback.engine.value import Value, topological_order
from autoback.nn.alarms import FLAT, WRONG, alarms
from autoback.nn.arguments import few, number
from autoback.nn.data import Samples
from autoback.nn.history import History
from autoback.nn.losses import Loss
from autoback.nn.module import Module, flat
from autoback.nn.names import LossName
from autoback.text import short

__all__ = ["Health", "LayerHealth", "Outcome", "health", "outcome_of", "run_quantities"]


class _Slope(NamedTuple):
    """The derivative of an activation, and whether its range has two ends."""

    number: float
    bounded: bool


@dataclass(frozen=True)
class LayerHealth:
    """What `health` found out about the parameters of one array, and the units that they feed.

    name:       path of the parameters, such as layers.0.weight
    units:      how many neurons these parameters make that end in an activation; one that works at several places is one
    saturated:  share of their activations, over all samples, whose derivative is close to 0 at an end of a bounded range, as of tanh
    dead:       share of the units whose derivative is exactly 0 for every sample, and at every place
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
    """What `health` returns; its text is a table and the alarms, and `draw` makes a picture of it.

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
    net: Module,
    inputs: Iterable[Any],
    targets: Iterable[Any],
    *,
    loss: LossName | Loss = "squared_error",
    rate: float = 0.1,
    history: History | None = None,
) -> Health:
    """How well a network can learn from here: saturated and dead units, sizes of weights and gradients, and alarms.

    net, inputs, targets, loss: as for `fit`; some dozens of samples will do, and nothing is changed
    rate:    of gradient descent, for the last column: a step should change a weight by about a thousandth
    history: of the training so far, as `fit` returned it; with it, health also says whether the network is stuck
    Raises as `fit` does for bad arguments, and OperationError where a number leaves its domain.
    Source: Karpathy, makemore part 3 (2022), for the quantities; Glorot & Bengio, AISTATS 2010, for why they matter.

    >>> from autoback import MLP
    >>> print(health(MLP(2, [2, 1], "sigmoid", initializer="zeros"), [[0, 1], [1, 0]], [1, 0]))
    parameters      units  saturated  dead      size  gradient  update/size
    layers.0.weight     2        0%     0%         0         0          nan
    layers.0.bias       2        0%     0%         0         0          nan
    layers.1.weight     -         -      -         0       0.5          nan
    layers.1.bias       -         -      -         0         1          nan
    layers.0.weight: the units all have the same weights, so they stay alike: start from random numbers
    """
    samples, rate = Samples(net, inputs, targets, loss), number("rate", rate)
    if history is not None and not isinstance(history, History):
        raise TypeError(f"history must be what fit returned, got a {type(history).__name__}")
    arrays = net.arrays()
    if not arrays:
        raise ValueError(f"{net!r} has no parameters, so nothing to be healthy: set Values, or Modules that have some, as its attributes")
    gradients, units, outcome = _examined(samples, arrays)
    layers = [_layer(name, flat(array), units[name], gradients, rate) for name, array in arrays.items()]
    each = [asdict(layer) | {"alike": _alike(arrays[layer.name], layer.units)} for layer in layers]
    whole = _whole(layers, gradients, rate) | _misfit(samples) | (run_quantities(history, outcome) if history is not None else {})
    return Health(tuple(layers), (*alarms("parameters", *each), *alarms("network", whole)))


class Outcome(NamedTuple):
    """How a network answers: its mean cost, how many samples there are, and what it was asked where the answer is wrong."""

    loss: float
    samples: int
    wrong: tuple[str, ...]


def outcome_of(net: Module, inputs: Iterable[Any], targets: Iterable[Any], loss: LossName | Loss = "squared_error") -> Outcome:
    """How a network answers; the arguments are those of `fit`."""
    samples = Samples(net, inputs, targets, loss)
    found = [(_numbers(outputs), cost.data) for outputs, cost in map(samples.outcome, range(len(samples)))]  # one graph at a time
    return _outcome(samples, [cost for _, cost in found], [answer for answer, _ in found])


def _outcome(samples: Samples, costs: Sequence[float], answers: Sequence[Sequence[float]]) -> Outcome:
    return Outcome(math.fsum(costs) / len(samples), len(samples), _missed(samples, answers))


#: For each array its units, each known by the rows of the array that make it, with the derivatives of its activations.
_Units = dict[str, dict[frozenset[int], list[_Slope]]]


def _examined(samples: Samples, arrays: Mapping[str, Any]) -> tuple[dict[Value, float], _Units, Outcome]:
    """The gradient of the mean cost, the units of each array, and the outcome."""
    rows = {parameter: (name, row) for name, array in arrays.items() for row, part in enumerate(_rows(array)) for parameter in flat(part)}
    before = [(parameter, parameter.grad) for parameter in rows]
    units: _Units = {name: {} for name in arrays}
    costs, answers = list[float](), list[Any]()
    try:
        for parameter in rows:
            parameter.grad = 0.0
        for index in range(len(samples)):
            outputs, cost = samples.outcome(index)
            cost.backward()
            costs.append(cost.data)
            answers.append(_numbers(outputs))
            _add_slopes(units, _values(outputs), rows)
        gradients = {parameter: (parameter.grad or 0.0) / len(samples) for parameter in rows}
    finally:
        for parameter, grad in before:
            parameter.grad = grad
    return gradients, units, _outcome(samples, costs, answers)


def _rows(array: Any) -> Sequence[Any]:
    return [array] if isinstance(array, Value) else array


def _add_slopes(units: _Units, outputs: Sequence[Value], rows: Mapping[Value, tuple[str, int]]) -> None:
    """The derivatives of the activations of one sample, added to the units whose parameters feed them.

    A parameter feeds what follows until an activation, or until another parameter multiplies it: then the neuron is that one's.
    """
    behind: dict[Value, frozenset[tuple[str, int]]] = {}
    nothing = frozenset[tuple[str, int]]()
    for node in topological_order(*outputs):
        if node.op is None:
            behind[node] = frozenset([rows[node]]) if node in rows else nothing
            continue
        factors = [below for below in node.inputs if below in rows] if _multiplies(node.op) else []
        found = nothing.union(*[behind[below] for below in factors or node.inputs])
        if node.op.activation:
            slope = _Slope(node.partials[0], all(map(math.isfinite, node.op.range)))
            for name in dict(found):
                places = frozenset([row for owner, row in found if owner == name])
                units[name].setdefault(places, []).append(slope)
            found = nothing
        behind[node] = found


@cache
def _multiplies(row: Operation) -> bool:
    """Whether a derivative of an operation depends on its inputs, as that of a product does and that of a sum does not."""
    return any(names(slope) for slope in row.slopes)


def _values(outputs: Any) -> list[Value]:
    """The Values in what a network returns."""
    if isinstance(outputs, (list, tuple)):
        return [value for each in outputs for value in _values(each)]
    return [outputs] if isinstance(outputs, Value) else []


def _numbers(outputs: Any) -> list[float]:
    return [output.data for output in _values(outputs)]


def _layer(
    name: str, values: Sequence[Value], units: Mapping[Any, list[_Slope]], gradients: Mapping[Value, float], rate: float
) -> LayerHealth:
    every = [slope for slopes in units.values() for slope in slopes]
    dead = sum(all(slope.number == 0.0 for slope in slopes) for slopes in units.values())
    saturated = sum(slope.bounded and abs(slope.number) < FLAT for slope in every)
    size = _mean_square([value.data for value in values])
    gradient = _mean_square([gradients[value] for value in values])
    ratio = rate * gradient / size if size else math.nan
    return LayerHealth(name, len(units), saturated / max(1, len(every)), dead / max(1, len(units)), size, gradient, ratio)


def _alike(array: Any, units: int) -> int:
    """Whether the rows of an array, the weights of one unit each, are the same; for there to be a question, two units are needed."""
    return int(units > 1 and isinstance(array[0], (list, tuple)) and len({tuple(w.data for w in flat(row)) for row in array}) == 1)


def _whole(layers: Sequence[LayerHealth], gradients: Mapping[Value, float], rate: float) -> dict[str, Any]:
    """first, shrink, largest, change: the first array that has a gradient, how many times smaller it is than the largest, that one,
    and what a step changes of the size of all parameters together.
    """
    moving = [layer for layer in layers if layer.gradient]
    largest = max([layer.gradient for layer in moving], default=0.0)
    size = math.hypot(*[parameter.data for parameter in gradients])
    found = {"largest": largest, "change": rate * math.hypot(*gradients.values()) / size if size else 0.0}
    return found | ({"first": moving[0].name, "shrink": largest / moving[0].gradient} if moving else {})


def _misfit(samples: Samples) -> dict[str, Any]:
    """misfits, misfit: whether loss and last layer do not fit, and why."""
    try:
        samples.check()
    except ValueError as error:
        return {"misfits": 1, "misfit": str(error)}
    return {"misfits": 0}


def _missed(samples: Samples, answers: Sequence[Sequence[float]]) -> tuple[str, ...]:
    """The samples whose answers are wrong, as what was asked, (0, 1) or inputs[7].

    answers: for each sample the network's outputs, as numbers
    A class is wrong when another has the larger output; where the loss states a threshold, an output on its other side;
    any other number when it is further from its target than two fifths of the distance between the targets.
    """
    rows = [target if isinstance(target, (int, list)) else [target] for target in samples.targets]
    if any(isinstance(row, int) for row in rows) and not samples.loss.classes:  # only a loss of one's own knows what is right
        return ()
    if not all(isinstance(y, (int, float)) for row in rows if isinstance(row, list) for y in row):
        return ()
    numbers = [y for row in rows if isinstance(row, list) for y in row]
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    limit, middle = samples.loss.threshold, (low + high) / 2

    def wrong(answer: Sequence[float], target: Sequence[float] | int) -> bool:
        if samples.loss.classes:
            right = target if isinstance(target, int) else list(target).index(max(target))
            return answer[right] < max(answer)
        pairs = zip(answer, target, strict=False)  # type: ignore[arg-type]
        if limit is not None:
            return any([(a > limit) != (y > middle) for a, y in pairs])
        return any([abs(a - y) > WRONG * (high - low or 1.0) for a, y in pairs])

    return tuple([_asked(samples, i) for i, pair in enumerate(zip(answers, rows, strict=True)) if wrong(*pair)])


def _asked(samples: Samples, index: int) -> str:
    sample = samples.inputs[index]
    row = sample if isinstance(sample, list) else [sample]
    if len(row) > 4 or any(isinstance(x, list) for x in row):
        return f"inputs[{index}]"
    return f"({', '.join(map(short, row))})"


def run_quantities(history: History, outcome: Outcome) -> dict[str, Any]:
    """What a training run came to, for the alarms: steps, fall, swing, loss, wrong, misses, samples, which.

    fall:  the share by which the smallest loss of the second half of the run is below that of the first
    swing: by which part of the smallest loss of the second half their mean is above it; a loss that stands still has nearly 0
    """
    losses = [loss for loss in history.losses if math.isfinite(loss)]
    half = len(losses) // 2
    best = min(losses[:half], default=math.inf)
    late = min(losses[half:], default=0.0)
    fall = 1.0 - late / best if half and best > 0.0 else 1.0
    swing = math.fsum(losses[half:]) / len(losses[half:]) / late - 1.0 if late > 0.0 else 0.0
    loss, samples, wrong = outcome
    return {
        "steps": history.steps, "fall": fall, "swing": swing, "loss": loss, "misses": len(wrong), "samples": samples,
        "wrong": len(wrong) / samples, "which": few(wrong),
    }  # fmt: skip


def _mean_square(numbers: Sequence[float]) -> float:
    return math.hypot(*numbers) / math.sqrt(len(numbers))
