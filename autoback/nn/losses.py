"""Losses: how wrong the outputs for one sample are, as one number, the cost C.

Each takes the n outputs of a network (or its single one) and the target, and returns a Value. The
cost of a training set is the mean of its samples' costs; `training` takes it. The cross-entropies
take logits, the outputs of an identity layer, and are exact for logits of any size. What a loss
takes, and how its outputs are read, is stated once, in its row of `LOSSES`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, SupportsIndex, cast

from autoback.engine.functions import FUNCTIONS
from autoback.engine.sequences import log_softmax, shifted, softmax
from autoback.engine.value import Number, Value
from autoback.nn.alarms import MISFITS, say
from autoback.nn.arguments import choose
from autoback.nn.indices import one_hot
from autoback.nn.module import Module, flat
from autoback.nn.names import LossName

__all__ = [
    "LOSSES", "Loss", "LossRow", "absolute_error", "binary_cross_entropy", "check_index", "check_outputs", "check_targets",
    "cross_entropy", "hinge", "interval", "l2_penalty", "row_for", "squared_error",
]  # fmt: skip

Outputs = Value | Sequence[Value]
Target = Number | Iterable[Number]
Loss = Callable[[Any, Any], Value]

_abs, _dot, _relu, _softplus, _sum = (FUNCTIONS[name] for name in ("abs", "dot", "relu", "softplus", "sum"))


def squared_error(outputs: Outputs, target: Target) -> Value:
    """Σⱼ (aⱼ − yⱼ)²: the textbooks' quadratic cost, without the factor ½ that some put in front.

    outputs: n Values; target: n numbers
    Raises ValueError where they are not equally many, as all losses.
    Source: Nielsen, Neural Networks and Deep Learning, chapter 1, equation 6 (there halved).

    >>> squared_error([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    5.0
    """
    return _total([(a - y) ** 2 for a, y in _pairs("squared_error", outputs, target)])


def absolute_error(outputs: Outputs, target: Target) -> Value:
    """Σⱼ |aⱼ − yⱼ|.

    outputs: n Values; target: n numbers
    Raises ValueError where they are not equally many.
    Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed., section 10.6.

    >>> absolute_error([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    3.0
    """
    return _total([_abs(a - y) for a, y in _pairs("absolute_error", outputs, target)])


def hinge(outputs: Outputs, target: Target) -> Value:
    """Σⱼ max(0, 1 − yⱼ aⱼ), the max-margin loss.

    outputs: n Values, whose sign is the answer; target: n numbers, each −1 or 1
    Raises ValueError where they are not equally many.
    Source: Cortes & Vapnik, Support-vector networks, Machine Learning 20 (1995).

    >>> hinge(Value(0.25), 1.0).data, hinge(Value(3.0), 1.0).data
    (0.75, 0.0)
    """
    return _total([_relu(1.0 - y * a) for a, y in _pairs("hinge", outputs, target)])


def binary_cross_entropy(outputs: Outputs, target: Target) -> Value:
    """−Σⱼ (yⱼ log σ(zⱼ) + (1 − yⱼ) log(1 − σ(zⱼ))), written as Σⱼ softplus(zⱼ) − yⱼ zⱼ.

    outputs: n logits z; target: n numbers from 0 to 1
    Raises ValueError where they are not equally many.
    Source: Bishop, Pattern Recognition and Machine Learning, equation 4.90.

    >>> binary_cross_entropy(Value(-1000.0), 1.0).data, binary_cross_entropy(Value(1000.0), 1.0).data
    (1000.0, 0.0)
    """
    return _total([_softplus(z) - y * z for z, y in _pairs("binary_cross_entropy", outputs, target)])


def cross_entropy(outputs: Outputs, target: int | Iterable[Number]) -> Value:
    """−Σⱼ yⱼ log softmax(z)ⱼ, with log softmax(z)ⱼ = (zⱼ − m) − log Σₖ exp(zₖ − m), where m is the largest logit.

    outputs: n logits z; target: the index of the right class, from 0, or n probabilities y with sum 1. While a
             program is recorded the index may be a Value
    So no logit overflows, and no digit is lost to the size of the logits. Raises ValueError for the index of no class, or
    where there is not one probability for each logit; TypeError for what is no index.
    Source: Bishop, Pattern Recognition and Machine Learning, equation 4.108.

    >>> round(cross_entropy([Value(0.0), Value(0.0)], 1).data, 6)
    0.693147
    >>> cross_entropy([Value(1000.0), Value(-1000.0)], [0.0, 1.0]).data
    2000.0
    """
    logits = [outputs] if isinstance(outputs, Value) else list(outputs)
    if isinstance(target, Iterable) and not isinstance(target, Value):
        log_probabilities, probabilities = zip(*_pairs("cross_entropy", log_softmax(logits), target), strict=True)
        return -_dot(probabilities, log_probabilities)  # type: ignore[no-any-return]
    _, below, log_total = shifted(logits)
    if isinstance(target, Value):
        return log_total - _dot(one_hot(target, len(logits)), below)  # type: ignore[no-any-return]
    check_index(target, len(logits))
    return log_total - below[target]  # type: ignore[no-any-return]


def l2_penalty(net: Module, strength: float) -> Value:
    """strength · Σ w² over the weights; biases, which are all parameters named so, are left free.

    Source: Goodfellow, Bengio & Courville, Deep Learning, section 7.1.1 (there halved).

    >>> from autoback.nn.modules import MLP
    >>> round(l2_penalty(MLP(2, [1], initializer="constant"), 0.1).data, 6)
    0.05
    """
    biases = {bias for path, array in net.arrays().items() if path.split(".")[-1] in ("bias", "biases") for bias in flat(array)}
    weights = [parameter for parameter in net.parameters() if parameter not in biases]
    return strength * _dot(weights, weights) if weights else Value(0.0)


@dataclass(frozen=True, eq=False)
class LossRow:
    """A loss and the facts about it, which `fit`, `accuracy`, `predict` and the pages read.

    function:      (outputs, target) -> Value, the cost of one sample
    takes:         "logits", any numbers, which the loss itself turns into probabilities; "numbers", of the targets'
                   kind; None where it is not known, as of a custom loss
    targets:       smallest closed interval that holds every number of a target
    only:          the numbers that a target may be, where not the whole interval
    classes:       whether a target is a class: its index, or one probability for each output
    threshold:     above which a single output says yes; None: halfway between the targets for no and yes
    probabilities: the outputs -> probabilities, for numbers; None where outputs are not about probabilities

    >>> LOSSES["hinge"].name, LOSSES["hinge"].only, LOSSES["hinge"](Value(0.25), 1.0).data
    ('hinge', (-1.0, 1.0), 0.75)
    """

    function: Loss
    takes: Literal["logits", "numbers"] | None = None
    targets: tuple[float, float] = (-math.inf, math.inf)
    only: tuple[float, ...] = ()
    classes: bool = False
    threshold: float | None = None
    probabilities: Callable[[Sequence[float]], list[float]] | None = None

    def __call__(self, outputs: Any, target: Any) -> Value:
        return self.function(outputs, target)

    @property
    def name(self) -> str:
        """What messages call it."""
        return getattr(self.function, "__name__", type(self.function).__name__)


def _sigmoids(logits: Sequence[float]) -> list[float]:
    return [FUNCTIONS["sigmoid"](logit) for logit in logits]


_ROWS = (
    LossRow(squared_error, "numbers"),
    LossRow(absolute_error, "numbers"),
    LossRow(hinge, "numbers", targets=(-1.0, 1.0), only=(-1.0, 1.0), threshold=0.0),
    LossRow(binary_cross_entropy, "logits", targets=(0.0, 1.0), threshold=0.0, probabilities=_sigmoids),
    LossRow(cross_entropy, "logits", targets=(0.0, 1.0), classes=True, threshold=0.0, probabilities=softmax),
)

#: The losses that go by a name.
LOSSES: Mapping[LossName, LossRow] = {cast("LossName", row.name): row for row in _ROWS}


def row_for(loss: str | Loss) -> LossRow:
    """The row of a loss: of a name in `LOSSES`, of one of the functions there, or of a custom one, with no facts known.

    Raises ValueError for an unknown name.
    """
    if isinstance(loss, LossRow):
        return loss
    if not callable(loss):
        return choose("loss", loss, LOSSES)  # type: ignore[no-any-return]
    return next((row for row in _ROWS if row.function is loss), None) or LossRow(loss)


def check_targets(row: LossRow, targets: Sequence[Any], n_outputs: int | None, name: str = "targets") -> None:
    """Raise ValueError for a target outside the range of the loss, named by its place.

    targets: for each sample a class index or a list of numbers; n_outputs: None where it is not known
    """
    low, high = row.targets
    bounded = row.targets != (-math.inf, math.inf)
    for i, target in enumerate(targets):
        if isinstance(target, int):
            if row.takes and not row.classes:
                raise ValueError(f"{name}[{i}] must be a row of {n_outputs} numbers; the index of a class is for the loss cross_entropy")
            if n_outputs is not None:
                check_index(target, n_outputs, f"{name}[{i}]")
        elif row.classes:
            if min(target) < 0.0 or abs(sum(target) - 1.0) > 1e-9:
                raise ValueError(f"{name}[{i}] must be probabilities with sum 1, or the index of a class, got {target}")
        elif bounded:
            for y in target:
                if y not in row.only if row.only else not low <= y <= high:
                    wanted = " or ".join(f"{each:g}" for each in row.only) or f"from {low:g} to {high:g}"
                    raise ValueError(f"{name}[{i}] must be {wanted} for {row.name}, got {y:g}")


def check_outputs(row: LossRow, outputs: Sequence[Value], targets: Sequence[Any], name: str = "targets") -> None:
    """Raise ValueError where the last operation of a network cannot give what the loss or the targets want.

    outputs: of the network for one sample; the range of their operations is what the table states
    """
    for k, output in enumerate(outputs):
        low, high = output.op.range if output.op is not None else (-math.inf, math.inf)
        if output.op is None or row.takes is None or (low, high) == (-math.inf, math.inf):
            continue
        facts = {"loss": row.name, "last": output.op.name, "interval": interval(low, high)}
        if row.takes == "logits":
            raise ValueError(say(MISFITS["logits"], facts))
        for i, target in enumerate(targets):
            if not isinstance(target, int) and k < len(target) and not low <= target[k] <= high:
                raise ValueError(say(MISFITS["target"], facts | {"place": f"{name}[{i}]", "target": f"{target[k]:g}"}))


def interval(low: float, high: float) -> str:
    """A range of numbers in words."""
    if math.isinf(high):
        return f"numbers from {low:g} up"
    return f"numbers up to {high:g}" if math.isinf(low) else f"numbers from {low:.4g} to {high:.4g}"


def _pairs(name: str, outputs: Outputs, target: Target) -> list[tuple[Value, Number]]:
    if isinstance(outputs, Value) and type(target) in (float, int):  # the usual, without a question that takes time
        return [(outputs, cast("float", target))]
    values = [outputs] if isinstance(outputs, Value) else list(outputs)
    numbers = list(target) if isinstance(target, Iterable) else [target]
    if len(values) != len(numbers):
        raise ValueError(f"{name} takes one target for each of the {len(values)} outputs, got {len(numbers)}")
    return list(zip(values, numbers, strict=True))


def _total(terms: list[Value]) -> Value:
    return terms[0] if len(terms) == 1 else _sum(terms)


def check_index(index: object, count: int, what: str = "the target") -> None:
    """Raise TypeError for what is no index, ValueError for the index of none of `count` classes."""
    if isinstance(index, bool) or not isinstance(index, SupportsIndex):
        raise TypeError(f"{what} must be the index of a class or a list of probabilities, got {index!r:.40}")
    index = index.__index__()
    if not 0 <= index < count:
        raise ValueError(f"{what} must be a class from 0 to {count - 1} (one for each output), got {index}")
