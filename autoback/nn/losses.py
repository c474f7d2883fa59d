"""Losses: how wrong the outputs for one sample are, as one number, the cost C.

Each takes the n outputs of a network (or its single one) and the target, and returns a Value. The
cost of a training set is the mean of its samples' costs; `training` takes it. The cross-entropies
take logits, the outputs of an identity layer, and are exact for logits of any size.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Number, Value
from autoback.nn.modules import MLP
from autoback.nn.naming import choose

__all__ = [
    "LOSSES", "Loss", "absolute_error", "binary_cross_entropy", "check_index", "check_targets", "cross_entropy", "hinge",
    "l2_penalty", "squared_error",
]  # fmt: skip

Outputs = Value | Sequence[Value]
Target = Number | Iterable[Number]
Loss = Callable[[Any, Any], Value]

_abs, _dot, _relu, _softplus, _sum = (FUNCTIONS[name] for name in ("abs", "dot", "relu", "softplus", "sum"))


def squared_error(outputs: Outputs, target: Target) -> Value:
    """Σⱼ (aⱼ − yⱼ)²: the textbooks' quadratic cost, without the factor ½ that some put in front.

    outputs: n Values; target: n numbers
    Source: Nielsen, Neural Networks and Deep Learning, chapter 1, equation 6 (there halved).

    >>> squared_error([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    5.0
    """
    return _total([(a - y) ** 2 for a, y in _pairs("squared_error", outputs, target)])


def absolute_error(outputs: Outputs, target: Target) -> Value:
    """Σⱼ |aⱼ − yⱼ|.

    outputs: n Values; target: n numbers
    Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed., section 10.6.

    >>> absolute_error([Value(1.0), Value(2.0)], [0.0, 4.0]).data
    3.0
    """
    return _total([_abs(a - y) for a, y in _pairs("absolute_error", outputs, target)])


def hinge(outputs: Outputs, target: Target) -> Value:
    """Σⱼ max(0, 1 − yⱼ aⱼ), the max-margin loss.

    outputs: n Values, whose sign is the answer; target: n numbers, each −1 or 1
    Source: Cortes & Vapnik, Support-vector networks, Machine Learning 20 (1995).

    >>> hinge(Value(0.25), 1.0).data, hinge(Value(3.0), 1.0).data
    (0.75, 0.0)
    """
    return _total([_relu(1.0 - y * a) for a, y in _pairs("hinge", outputs, target)])


def binary_cross_entropy(outputs: Outputs, target: Target) -> Value:
    """−Σⱼ (yⱼ log σ(zⱼ) + (1 − yⱼ) log(1 − σ(zⱼ))), written as Σⱼ softplus(zⱼ) − yⱼ zⱼ.

    outputs: n logits z; target: n numbers from 0 to 1
    Source: Bishop, Pattern Recognition and Machine Learning, equation 4.90.

    >>> binary_cross_entropy(Value(-1000.0), 1.0).data, binary_cross_entropy(Value(1000.0), 1.0).data
    (1000.0, 0.0)
    """
    return _total([_softplus(z) - y * z for z, y in _pairs("binary_cross_entropy", outputs, target)])


def cross_entropy(outputs: Outputs, target: int | Iterable[Number]) -> Value:
    """−Σⱼ yⱼ log softmax(z)ⱼ, written as log Σⱼ exp zⱼ − Σⱼ yⱼ zⱼ.

    outputs: n logits z; target: the index of the right class, from 0, or n probabilities y with sum 1
    The logarithm of the sum is built up as log(eᵃ + eᵇ) = a + softplus(b − a), which no logit overflows.
    Source: Bishop, Pattern Recognition and Machine Learning, equation 4.108.

    >>> round(cross_entropy([Value(0.0), Value(0.0)], 1).data, 6)
    0.693147
    >>> cross_entropy([Value(1000.0), Value(-1000.0)], [0.0, 1.0]).data
    2000.0
    """
    logits = [outputs] if isinstance(outputs, Value) else list(outputs)
    total = reduce(lambda a, b: a + _softplus(b - a), logits)
    if isinstance(target, Iterable):
        chosen, probabilities = zip(*_pairs("cross_entropy", logits, target), strict=True)
        return total - _dot(probabilities, chosen)  # type: ignore[no-any-return]
    check_index(target, len(logits))
    return total - logits[target]


def l2_penalty(net: MLP, strength: float) -> Value:
    """strength · Σ w² over the weights; biases are left free.

    Source: Goodfellow, Bengio & Courville, Deep Learning, section 7.1.1 (there halved).

    >>> round(l2_penalty(MLP(2, [1], initializer="constant"), 0.1).data, 6)
    0.05
    """
    weights = [weight for layer in net.layers for neuron in layer.neurons for weight in neuron.weights]
    return strength * _dot(weights, weights)  # type: ignore[no-any-return]


#: The losses that go by a name.
LOSSES: Mapping[str, Loss] = {
    loss.__name__: loss for loss in (squared_error, absolute_error, hinge, binary_cross_entropy, cross_entropy)
}  # fmt: skip

_RANGES: Mapping[Loss, tuple[Callable[[float], bool], str]] = {
    hinge: (lambda y: abs(y) == 1.0, "-1 or 1"),
    binary_cross_entropy: (lambda y: 0.0 <= y <= 1.0, "from 0 to 1"),
}


def check_targets(loss: str | Loss, targets: Sequence[Any], n_outputs: int, name: str = "targets") -> Loss:
    """The loss a name stands for, once the targets are known to suit it.

    targets: for each sample a class index or a list of `n_outputs` numbers
    Raises ValueError for an unknown name, and for a target outside the loss's range, which it names by its place.
    """
    chosen: Loss = loss if callable(loss) else choose("loss", loss, LOSSES)
    for i, target in enumerate(targets):
        if isinstance(target, int):
            if chosen is not cross_entropy and chosen in LOSSES.values():
                raise ValueError(f"{name}[{i}] must be a row of {n_outputs} numbers; the index of a class is for the loss cross_entropy")
            check_index(target, n_outputs, f"{name}[{i}]")
        elif chosen is cross_entropy and (min(target) < 0.0 or abs(sum(target) - 1.0) > 1e-9):
            raise ValueError(f"{name}[{i}] must be probabilities with sum 1, or the index of a class, got {target}")
        elif chosen in _RANGES:
            fits, wanted = _RANGES[chosen]
            for y in target:
                if not fits(y):
                    raise ValueError(f"{name}[{i}] must be {wanted} for {chosen.__name__}, got {y:g}")
    return chosen


def _pairs(name: str, outputs: Outputs, target: Target) -> list[tuple[Value, Number]]:
    values = [outputs] if isinstance(outputs, Value) else list(outputs)
    numbers = list(target) if isinstance(target, Iterable) else [target]
    if len(values) != len(numbers):
        raise ValueError(f"{name} takes one target for each of the {len(values)} outputs, got {len(numbers)}")
    return list(zip(values, numbers, strict=True))


def _total(terms: list[Value]) -> Value:
    return terms[0] if len(terms) == 1 else _sum(terms)


def check_index(index: object, count: int, what: str = "the target") -> None:
    """Raise TypeError for what is no index, ValueError for the index of none of `count` classes."""
    if isinstance(index, bool) or not isinstance(index, int):
        raise TypeError(f"{what} must be the index of a class or a list of probabilities, got {index!r:.40}")
    if not 0 <= index < count:
        raise ValueError(f"{what} must be a class from 0 to {count - 1} (one for each output), got {index}")
