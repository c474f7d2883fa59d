"""Evaluation: what a network says, how much that costs, and how often it is right."""

from collections.abc import Iterable
from typing import Any

from autoback.engine.functions import mean
from autoback.engine.value import Value, recording
from autoback.nn.data import Samples, input_rows, leaves, target_rows
from autoback.nn.losses import Loss, check_index
from autoback.nn.modules import MLP

__all__ = ["accuracy", "cost", "predict"]


def cost(net: MLP, inputs: Iterable[Any], targets: Iterable[Any], loss: str | Loss = "squared_error") -> Value:
    """The cost of a network on N samples, the mean of their costs, as one graph.

    inputs, targets, loss: as for `fit`

    >>> c = cost(MLP(2, [1], "sigmoid", initializer="zeros"), [[0, 1], [1, 0]], [1, 0])
    >>> c.data
    0.25
    """
    samples = Samples(net, inputs, targets, loss)
    total: Value = mean([samples.cost(index) for index in range(len(samples))])
    return total


def predict(net: MLP, inputs: Iterable[Any], *, native: bool = False) -> list[list[float]]:
    """The outputs of a network for each of N inputs, as plain numbers.

    inputs: N rows of `net.n_inputs` numbers
    native: whether to compute in machine code, which needs the extra `native`; the numbers agree but for rounding

    >>> predict(MLP(2, [2], "sigmoid", initializer="zeros"), [[0, 1]])
    [[0.5, 0.5]]
    """
    rows = input_rows(inputs, net.n_inputs)
    if not native:
        return [[output.data for output in net.forward(leaves(row, "x"))] for row in rows]
    from autoback.native.program import Program

    sample = leaves(rows[0], "x")
    with recording():
        outputs = net.forward(sample)
    predicted: list[list[float]] = Program(outputs, sample, net.parameters()).run(rows).tolist()
    return predicted


def accuracy(net: MLP, inputs: Iterable[Any], targets: Iterable[Any], threshold: float | None = None) -> float:
    """The share of samples, from 0 to 1, that a network puts into the right class.

    targets:   class indices or rows, whose largest number marks the class; of a network with one output
               numbers, those above 0 being the class that an output above the threshold stands for
    threshold: default 0.5 where the output is a sigmoid, which is a probability, else 0

    >>> accuracy(MLP(1, [1], "identity", initializer="constant"), [2.0, -2.0, 1.0, 3.0], [1, 0, 1, -1])
    0.75
    """
    outputs = predict(net, inputs)
    wanted = target_rows(targets, net.n_outputs, len(outputs))
    for i, target in enumerate(wanted):
        if isinstance(target, int):
            check_index(target, net.n_outputs, f"targets[{i}]")
    limit = threshold if threshold is not None else 0.5 if net.activations[-1] == "sigmoid" else 0.0
    return sum([_class(output, limit) == _class(target, 0.0) for output, target in zip(outputs, wanted, strict=True)]) / len(outputs)


def _class(answer: list[float] | int, limit: float) -> int:
    if isinstance(answer, int):
        return answer
    return answer.index(max(answer)) if len(answer) > 1 else int(answer[0] > limit)
