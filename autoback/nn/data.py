"""Data: rows of plain numbers from whatever holds them, checked, turned into leaves, and judged by a loss."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from autoback.engine.value import Value, recording
from autoback.nn.losses import Loss, check_targets, cross_entropy
from autoback.nn.modules import MLP
from autoback.nn.naming import labels

__all__ = ["Samples", "input_rows", "leaves", "require_value", "target_rows"]

Target = list[float] | int


class Samples:
    """N inputs with their targets, and the loss by which a network is judged on them.

    net, inputs, targets, loss: as for `fit`, which also says what is raised
    name: goes in front of "inputs" and "targets" in messages

    >>> len(Samples(MLP(2, [1]), [[0, 0], [0, 1]], [0, 1], "squared_error"))
    2
    """

    def __init__(self, net: MLP, inputs: Iterable[Any], targets: Iterable[Any], loss: str | Loss, name: str = "") -> None:
        self.net = net
        self.inputs = input_rows(inputs, net.n_inputs, f"{name}inputs")
        self.targets = target_rows(targets, net.n_outputs, len(self.inputs), f"{name}targets")
        self.loss = check_targets(loss, self.targets, net.n_outputs, f"{name}targets")
        self._leaves: dict[int, tuple[list[Value], list[Value] | int]] = {}  # made once, for training passes over them often

    def __len__(self) -> int:
        return len(self.inputs)

    def cost(self, index: int) -> Value:
        """The cost of one sample, recorded from the parameters as they are now."""
        if index not in self._leaves:
            target = self.targets[index]
            self._leaves[index] = leaves(self.inputs[index], "x"), target if isinstance(target, int) else leaves(target, "y")
        inputs, goal = self._leaves[index]
        return require_value("the loss", self.loss(self.net.forward(inputs), goal))

    def recorded(self) -> tuple[Value, list[Value], list[Value]]:
        """The cost of one sample as it is of any: (cost, the leaves of the inputs, the leaves of the target).

        Raises RecordingError when the loss branches on a number, ValueError as `target_numbers`.
        """
        inputs, targets = leaves(self.inputs[0], "x"), leaves(self.target_numbers()[0], "y")
        with recording():
            return require_value("the loss", self.loss(self.net.forward(inputs), targets)), inputs, targets

    def target_numbers(self) -> list[list[float]]:
        """The targets as rows of numbers, the index of a class as a row with a 1 in its place.

        Raises ValueError for indices that a loss of one's own would have to understand.
        """
        classes = range(self.net.n_outputs)
        if self.loss is not cross_entropy and any([isinstance(target, int) for target in self.targets]):
            raise ValueError("native=True takes targets as rows of numbers, but for the loss cross_entropy")
        return [[float(target == k) for k in classes] if isinstance(target, int) else target for target in self.targets]

    def rows(self) -> list[list[float]]:
        """For each sample the numbers of its inputs and then of its target, as `recorded` has leaves for them."""
        return [inputs + target for inputs, target in zip(self.inputs, self.target_numbers(), strict=True)]

    def mean_cost(self) -> float:
        """The mean of all costs, as a number; no more than one sample's graph exists at a time."""
        return math.fsum([self.cost(index).data for index in range(len(self))]) / len(self)


def input_rows(data: Iterable[Any], width: int, name: str = "inputs") -> list[list[float]]:
    """A list of rows of `width` floats each, from nested sequences or a NumPy array.

    For a width of 1 plain numbers will do as rows.
    Raises ValueError that names the place for empty data, rows of another width, NaN and infinity; TypeError for what is no number.

    >>> input_rows([(0, 1), (1, 1)], 2)
    [[0.0, 1.0], [1.0, 1.0]]
    """
    return [_row(row, width, f"{name}[{i}]") for i, row in enumerate(_items(data, name))]


def target_rows(data: Iterable[Any], width: int, count: int, name: str = "targets") -> list[Target]:
    """A target for each of `count` samples: a row of `width` floats, or, of several outputs, the index of the right class.

    Raises as `input_rows`, and ValueError when there are not `count` of them.

    >>> target_rows([0, 1], 1, 2), target_rows([2, 0], 3, 2)
    ([[0.0], [1.0]], [2, 0])
    """
    items = _items(data, name)
    if len(items) != count:
        raise ValueError(f"{name} must be as many as the inputs, {count}, got {len(items)}")
    rows: list[Target] = []
    for i, item in enumerate(items):
        if width > 1 and not isinstance(item, Iterable):
            rows.append(_index(item, f"{name}[{i}]", width))
        else:
            rows.append(_row(item, width, f"{name}[{i}]"))
    return rows


def require_value(what: str, made: object) -> Value:
    """What a loss or a penalty returned, if it is a Value. Raises TypeError when it is not."""
    if not isinstance(made, Value):
        raise TypeError(f"{what} must return a Value, got a {type(made).__name__}: {made!r:.40}")
    return made


def leaves(row: Sequence[float], letter: str) -> list[Value]:
    """Leaf Values for a row of numbers, with labels x₁, x₂, …

    >>> leaves([1.0, 2.0], "x")
    [Value(1.0, label='x₁'), Value(2.0, label='x₂')]
    """
    return [Value(number, label) for number, label in zip(row, labels(letter, len(row)), strict=True)]


def _items(data: Iterable[Any], name: str) -> list[Any]:
    if isinstance(data, (str, bytes)) or not isinstance(data, Iterable):
        raise TypeError(f"{name} must be a sequence with one row for each sample, got a {type(data).__name__}")
    items = list(data.tolist() if hasattr(data, "tolist") else data)  # NumPy's own way to plain numbers
    if not items:
        raise ValueError(f"{name} must hold at least one sample, got none")
    return items


def _row(row: Any, width: int, place: str) -> list[float]:
    if width == 1 and not isinstance(row, Iterable):
        row = [row]
    if isinstance(row, (str, bytes)) or not isinstance(row, Iterable):
        raise TypeError(f"{place} must be a row of {width} numbers, got a {type(row).__name__}: {row!r:.40}")
    items = list(row)
    if len(items) != width:
        raise ValueError(f"{place} must be a row of {width} numbers, got {len(items)}")
    try:
        return [Value(item).data for item in items]
    except (TypeError, ValueError):
        for k, item in enumerate(items):
            try:
                Value(item)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{place}[{k}]: {error}") from None
        raise


def _index(item: Any, place: str, width: int) -> int:
    if isinstance(item, bool) or not hasattr(item, "__index__"):
        raise TypeError(f"{place} must be a row of {width} numbers or the index of a class, got {item!r:.40}")
    return int(item)
