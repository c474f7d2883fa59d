"""Evaluation: what a network gives, how much that costs, how often it is right, and whether its gradients are."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload

from autoback.engine import check as engine_check
from autoback.engine.check import Check, Method
from autoback.engine.functions import mean
from autoback.engine.value import Value, recording
from autoback.nn.arguments import number
from autoback.nn.data import Samples, form_of, outputs_of, sample_trees, target_rows
from autoback.nn.indices import check_indices
from autoback.nn.losses import LOSSES, Loss, LossRow, check_index, row_for
from autoback.nn.module import Module, names_of
from autoback.nn.names import LossName

__all__ = ["accuracy", "check_gradients", "cost", "predict"]


def cost(net: Module, inputs: Iterable[Any], targets: Iterable[Any], loss: LossName | Loss = "squared_error") -> Value:
    """The cost of a network on N samples, the mean of their costs, as one graph.

    inputs, targets, loss: as for `fit`, and so are the errors

    >>> from autoback import MLP
    >>> c = cost(MLP(2, [1], "sigmoid", "sigmoid", initializer="zeros"), [[0, 1], [1, 0]], [1, 0])
    >>> c.data
    0.25
    """
    samples = Samples(net, inputs, targets, loss)
    total: Value = mean([samples.cost(index) for index in range(len(samples))])
    return total


def predict(net: Module, inputs: Iterable[Any], *, probabilities: bool | str | Loss = False, native: bool = False) -> list[list[float]]:
    """The outputs of a network for each of N inputs, as plain numbers, one list for each.

    inputs:        N samples, as for `fit`
    probabilities: whether outputs that are logits are turned into probabilities: True, a single one by the sigmoid and
                   several by the softmax; or the loss the network was trained with, which says how
    native:        whether to compute in machine code, which needs the extra `native`; the numbers agree but for rounding.
                   Samples of a module without `n_inputs` are then of one form
    Raises ValueError when probabilities are wanted of outputs that are no logits.

    >>> from autoback import MLP
    >>> net = MLP(2, [2], initializer="zeros")
    >>> predict(net, [[0, 1]]), predict(net, [[0, 1]], probabilities=True)
    ([[0.0, 0.0]], [[0.5, 0.5]])
    """
    if not isinstance(net, Module):
        raise TypeError(f"predict takes a Module, such as an MLP, got a {type(net).__name__}")
    samples = sample_trees(inputs, getattr(net, "n_inputs", None))
    turned = None if probabilities is False else _probabilities(net, samples[0], probabilities)
    if native:
        predicted = _predicted_natively(net, samples)
    else:
        trees = samples if isinstance(samples, list) else samples.tolist()
        predicted = [[output.data for output in outputs_of(net, tree)] for tree in trees]
    return predicted if turned is None else [list(turned(outputs)) for outputs in predicted]


def _predicted_natively(net: Module, samples: Any) -> list[list[float]]:
    import numpy as np

    from autoback.native.program import Program

    leaves: list[Value] = []
    tree = samples[0] if isinstance(samples, list) else samples[0].tolist()
    with recording():
        outputs = outputs_of(net, tree, leaves)
    forms = len({form_of(each) for each in samples}) if isinstance(samples, list) else 1
    if forms > 1:
        raise ValueError(f"native=True predicts samples of one form, and these have {forms}: leave out native=True")
    rows = np.array([_flat(each) for each in samples]) if isinstance(samples, list) else samples
    check_indices(leaves, rows)
    predicted: list[list[float]] = Program(outputs, leaves, net.parameters()).run(rows).tolist()
    return predicted


def _flat(tree: Any) -> list[float]:
    return [number for each in tree for number in _flat(each)] if isinstance(tree, (list, tuple)) else [float(tree)]


def _probabilities(net: Module, sample: Any, wanted: bool | str | Loss) -> Any:
    """What turns outputs into probabilities, or None where they are some already."""
    outputs = outputs_of(net, sample if isinstance(sample, (list, float, int)) else sample.tolist())
    ranges = {output.op.range for output in outputs if output.op is not None}
    row: LossRow = row_for(("binary_cross_entropy" if len(outputs) == 1 else "cross_entropy") if wanted is True else wanted)  # type: ignore[arg-type]
    if row.probabilities is None:
        raise ValueError(f"outputs trained with {row.name} are no logits, so they make no probabilities")
    if ranges == {row.targets}:  # a sigmoid
        return None
    name = next((output.op.name for output in outputs if output.op is not None and output.op.range != _ANY), None)
    if name is not None:
        raise ValueError(f"outputs of {name} are no logits, so they make no probabilities")
    return row.probabilities


_ANY = LOSSES["squared_error"].targets


def accuracy(
    net: Module,
    inputs: Iterable[Any],
    targets: Iterable[Any],
    loss: LossName | Loss = "squared_error",
    *,
    threshold: float | None = None,
    native: bool = False,
) -> float:
    """The share of samples, from 0 to 1, that a network puts into the right class.

    targets:   class indices or rows, whose largest number marks the class; of a network with one output
               numbers, 0 and 1 or −1 and 1: the class that an output above the threshold stands for
    loss:      what the network was trained with; of logits the threshold is 0
    threshold: default what the loss states, else halfway between the targets: 0.5 for 0 and 1, 0 for −1 and 1
    native:    as for `predict`
    Raises ValueError where targets are not as many as inputs, or name no class; TypeError for a loss that is none.

    >>> from autoback import MLP
    >>> accuracy(MLP(1, [1], initializer="constant"), [2.0, -2.0, 1.0, 3.0], [1, 0, 1, 0])
    0.75
    """
    if isinstance(loss, (int, float)):
        raise TypeError(f"loss must be a name in LOSSES or a callable, got {loss!r}; write threshold={loss!r}")
    row = row_for(loss)
    outputs = predict(net, inputs, native=native)
    width = len(outputs[0])
    wanted = target_rows(targets, width, len(outputs))
    for i, target in enumerate(wanted):
        if isinstance(target, int):
            check_index(target, width, f"targets[{i}]")
    middle = 0.0 if width > 1 or min(target[0] for target in wanted if not isinstance(target, int)) < 0.0 else 0.5
    limit = number("threshold", threshold, float("-inf")) if threshold is not None else middle if row.threshold is None else row.threshold
    return sum([_class(output, limit) == _class(target, middle) for output, target in zip(outputs, wanted, strict=True)]) / len(outputs)


@overload
def check_gradients(
    f: Callable[..., Value],
    at: Sequence[float],
    step: float | None = None,
    *,
    method: Method = "central",
    tolerance: float | None = None,
    names: Sequence[str] | None = None,
) -> list[Check]: ...
@overload
def check_gradients(
    f: Module, at: Iterable[Any], targets: Iterable[Any], *, loss: LossName | Loss = "squared_error", step: float | None = None,
    method: Method = "central", tolerance: float | None = None,
) -> list[Check]: ...  # fmt: skip
def check_gradients(f: Any, at: Any, *more: Any, **options: Any) -> list[Check]:
    """The gradients of a function at one point, or of the cost of a module along its parameters, each beside its finite difference.

    check_gradients(f, at, step=None, *, method, tolerance, names): f is a callable of n Values returning a Value, `at` n numbers
    check_gradients(net, inputs, targets, *, loss, step, method, tolerance): data and loss as for `fit`

    step:      half-width of the difference, in the unit of what moves; default cbrt(eps) * max(1, |x|)
    method:    "central" or "forward"
    tolerance: largest relative error that passes; default 1e-6 central, 1e-4 forward
    names:     n names for the table; default x1 … xn, or the labels f gives its arguments
    The error is relative to the larger derivative or to eps·|f|/step, whichever is more: below that
    a difference of rounded numbers says nothing. Where halving the default step brings the difference closer to the gradient
    as fast as the method promises, the rest is truncation, and the pair passes: x³ at 0 has slope 0 and difference h².
    Raises GradientMismatch, which prints the table, when a pair differs by more than the tolerance,
    ValueError for a step or a tolerance that is not positive.
    Source: Nocedal & Wright, Numerical Optimization, 2nd ed., section 8.1

    >>> from autoback import MLP
    >>> [check.passed for check in check_gradients(lambda w, x: (w * x).tanh(), [0.5, 2.0])]
    [True, True]
    >>> checks = check_gradients(MLP(2, [2, 1]), [[0, 1], [1, 1]], [1, 0])
    >>> len(checks), checks[0].name, all(check.passed for check in checks)
    (9, 'w⁽¹⁾₁₁', True)
    """
    if isinstance(f, Module):
        return _check_module(f, at, *more, **options)
    return engine_check.check_gradients(f, at, *more, **options)


def _check_module(
    net: Module,
    inputs: Iterable[Any],
    targets: Iterable[Any],
    loss: LossName | Loss = "squared_error",
    step: float | None = None,
    method: Method = "central",
    tolerance: float | None = None,
) -> list[Check]:
    samples, parameters = Samples(net, inputs, targets, loss), net.parameters()
    before = [(parameter.data, parameter.grad) for parameter in parameters]
    at = [data for data, _ in before]

    def moved(*values: Value) -> Value:
        for parameter, value in zip(parameters, values, strict=True):
            parameter.data = value.data
        return Value(samples.mean_cost())

    try:
        for parameter in parameters:
            parameter.grad = None
        total: Value = mean([samples.cost(index) for index in range(len(samples))])
        total.backward()
        gradients = [parameter.grad or 0.0 for parameter in parameters]
        return engine_check.compared(moved, at, names_of(net, parameters), gradients, total.data, step, method, tolerance)
    finally:
        for parameter, (data, grad) in zip(parameters, before, strict=True):
            parameter.data, parameter.grad = data, grad


def _class(answer: Sequence[float] | int, limit: float) -> int:
    if isinstance(answer, int):
        return answer
    return list(answer).index(max(answer)) if len(answer) > 1 else int(answer[0] > limit)
