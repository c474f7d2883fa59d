"""Data: samples of any form as plain numbers, checked, turned into leaves, and judged by a loss."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autoback.engine.value import RecordingError, Value, recording
from autoback.nn.indices import check_indices
from autoback.nn.losses import Loss, LossRow, check_outputs, check_targets, row_for
from autoback.nn.module import Module
from autoback.nn.naming import Names, labels

__all__ = [
    "Recorded", "Samples", "form_of", "input_rows",
    "leaves", "outputs_of", "require_value", "sample_trees", "target_rows",
]  # fmt: skip

Target = list[float] | int
#: A number, or a list of such trees: what one sample is, whatever the model takes.
Tree = Any


@dataclass(frozen=True)
class Recorded:
    """The cost of one sample as it is of any of the same form: the cost, and the leaves of its inputs and of its target."""

    cost: Value
    inputs: list[Value]
    targets: list[Value]
    outputs: list[Value]


class Samples:
    """N inputs with their targets, and the loss by which a module is judged on them.

    net, inputs, targets, loss: as for `fit`, which also says what is raised
    name: goes in front of "inputs" and "targets" in messages

    >>> from autoback import MLP
    >>> len(Samples(MLP(2, [1]), [[0, 0], [0, 1]], [0, 1], "squared_error"))
    2
    """

    def __init__(self, net: Module, inputs: Iterable[Any], targets: Iterable[Any], loss: str | Loss, name: str = "") -> None:
        if not isinstance(net, Module):
            raise TypeError(f"expected a Module, such as an MLP or a class that derives from Module, got a {type(net).__name__}")
        self.net = net
        self.name = name
        self.loss: LossRow = row_for(loss)
        self.n_outputs: int | None = getattr(net, "n_outputs", None)
        self._given = sample_trees(inputs, getattr(net, "n_inputs", None), f"{name}inputs")
        self.targets: list[Any]
        if self.n_outputs is not None:
            self.targets = list(target_rows(targets, self.n_outputs, len(self), f"{name}targets"))
        else:
            trees = _Trees(f"{name}targets", whole=self.loss.classes or self.loss.takes is None)
            self.targets = [trees.read(item, i) for i, item in enumerate(_counted(targets, len(self), f"{name}targets"))]
        check_targets(self.loss, [[t] if isinstance(t, float) else t for t in self.targets], self.n_outputs, f"{name}targets")
        self._leaves: dict[int, tuple[Tree, Tree]] = {}  # made once, for training passes over them often

    def __len__(self) -> int:
        return len(self._given)

    @cached_property
    def inputs(self) -> list[Any]:
        """The samples as lists of numbers."""
        return self._given if isinstance(self._given, list) else self._given.tolist()

    @cached_property
    def forms(self) -> list[object]:
        """For each sample what it has in common with those that one recording serves: the lengths of all lists in it."""
        if getattr(self.net, "n_inputs", None) is not None and self.n_outputs is not None:
            return [type(target) is int and not self.loss.classes for target in self.targets]
        return [(form_of(sample), form_of(target)) for sample, target in zip(self.inputs, self.targets, strict=True)]

    @cached_property
    def rows(self) -> list[list[float]]:
        """The numbers of each sample, its inputs and then its target, as `recorded` has leaves for them."""
        return [[*_flat(sample), *_flat(self._target(i))] for i, sample in enumerate(self.inputs)]

    def _sample(self, index: int) -> Tree:
        return self._given[index] if isinstance(self._given, list) else self._given[index].tolist()

    def cost(self, index: int) -> Value:
        """The cost of one sample, recorded from the parameters as they are now."""
        return self.outcome(index)[1]

    def outcome(self, index: int) -> tuple[Any, Value]:
        """What the network returns for one sample, and its cost."""
        if index not in self._leaves:
            self._leaves[index] = _grown(self.inputs[index], "x"), _grown(self.targets[index], "y")
        inputs, goal = self._leaves[index]
        outputs = self.net(inputs)
        return outputs, self._judged(outputs, goal)

    def _judged(self, outputs: Any, goal: Any) -> Value:
        if isinstance(outputs, Value) and isinstance(goal, list) and len(goal) == 1:  # one output and its target, both without a list
            [goal] = goal
        try:
            return require_value("the loss", self.loss.function(outputs, goal))
        except TypeError as error:
            if not isinstance(outputs, Value) or not re.search("'Value' object is not (subscriptable|iterable)", str(error)):
                raise
            raise TypeError(f"{error}: of a network with one output a loss gets two Values, as in (output - target) ** 2") from error

    def recorded(self, index: int = 0) -> Recorded:
        """The cost of the samples of one form, that of sample `index`.

        Raises RecordingError when the loss or the network branches on a number, reads one, or takes one for the index of a list.
        """
        inputs: list[Value] = []
        targets: list[Value] = []
        given = _grown(self._sample(index), "x", inputs)
        goal = _grown(self._target(index), "y", targets)
        with recording():
            try:
                outputs = self.net(given)
                return Recorded(self._judged(outputs, goal), inputs, targets, _listed(outputs))
            except TypeError as error:
                if "indices must be integers" not in str(error):
                    raise
                raise RecordingError(
                    "an index is a Value while a program is recorded, and cannot pick from a list; "
                    "Embedding and cross_entropy take it, or leave out native=True"
                ) from error

    def arrays(self, recorded: Recorded, indices: Sequence[int]) -> tuple[Any, Any]:
        """(inputs, targets) of some samples as NumPy arrays, a row for each. Raises ValueError for an index that has no place."""
        import numpy as np

        if getattr(self.net, "n_inputs", None) is not None and len(indices) == len(self):
            inputs = np.asarray(self._given, dtype=np.float64)
        else:
            inputs = np.array([list(_flat(self._sample(i))) for i in indices], dtype=np.float64).reshape(len(indices), -1)
        if self.loss.classes and self.n_outputs is not None and all([type(target) is int for target in self.targets]):
            targets = np.eye(self.n_outputs)[[self.targets[i] for i in indices]]
        else:
            targets = np.array([list(_flat(self._target(i))) for i in indices], dtype=np.float64).reshape(len(indices), -1)
        check_indices(recorded.inputs, inputs)
        check_indices(recorded.targets, targets)
        return inputs, targets

    def mean_cost(self) -> float:
        """The mean of all costs, as a number; no more than one sample's graph exists at a time."""
        return math.fsum([self.cost(index).data for index in range(len(self))]) / len(self)

    def check(self) -> None:
        """Raise ValueError where the network's last operation cannot give what the loss or the targets want."""
        try:
            outputs = outputs_of(self.net, self._sample(0))
        except ArithmeticError:
            return  # whoever trains will meet it, and say where
        targets = [target if isinstance(target, (int, list)) else [target] for target in self.targets]
        if all(isinstance(y, (int, float)) for target in targets if isinstance(target, list) for y in target):
            check_outputs(self.loss, outputs, targets, f"{self.name}targets")

    def _target(self, index: int) -> Any:
        """A target as numbers: the index of a class, where the number of outputs is known, as a row with a 1 in its place."""
        target = self.targets[index]
        if isinstance(target, int) and self.loss.classes and self.n_outputs is not None:
            return [float(target == k) for k in range(self.n_outputs)]
        return target


def outputs_of(net: Module, sample: Tree, leaves_: list[Value] | None = None) -> list[Value]:
    """The outputs of a module for one sample, as a flat list of Values.

    leaves_: filled with the sample's leaves, whole numbers then being leaves too
    """
    return _listed(net(_grown(sample, "x", leaves_)))


def sample_trees(data: Iterable[Any], width: int | None, name: str = "inputs") -> Any:
    """Samples as lists of numbers, or as an array where they came as one: rows of `width` floats, or of any form where it is None.

    Raises ValueError or TypeError that names the place for what is no number, not finite, empty or of another width.
    """
    if width is None:
        trees = _Trees(name, whole=True)
        return [trees.read(item, i) for i, item in enumerate(_items(data, name))]
    if hasattr(data, "to_numpy"):  # a table, which may hold text: its array says what it holds
        data = data.to_numpy()
    kind = getattr(getattr(data, "dtype", None), "kind", None)
    if getattr(data, "ndim", 0) == 2 and kind in {"f", "i", "u"} and hasattr(data, "__array__") and not hasattr(data, "compressed"):
        import numpy as np

        array = np.ascontiguousarray(data, dtype=np.float64)
        if len(array) and array.shape[1] == width and np.isfinite(array).all():
            return array
    return input_rows(data, width, name)


def input_rows(data: Iterable[Any], width: int, name: str = "inputs") -> list[list[float]]:
    """A list of rows of `width` floats each, from nested sequences or a NumPy array.

    For a width of 1 plain numbers will do as rows.
    Raises ValueError that names the place for empty data, rows of another width, NaN and infinity; TypeError for what is no number.

    >>> input_rows([(0, 1), (1, 1)], 2)
    [[0.0, 1.0], [1.0, 1.0]]
    """
    return [_row(row, width, name, i) for i, row in enumerate(_items(data, name))]


def target_rows(data: Iterable[Any], width: int, count: int, name: str = "targets") -> list[Target]:
    """A target for each of `count` samples: a row of `width` floats, or, of several outputs, the index of the right class.

    Raises as `input_rows`, and ValueError when there are not `count` of them.

    >>> target_rows([0, 1], 1, 2), target_rows([2, 0], 3, 2)
    ([[0.0], [1.0]], [2, 0])
    """
    rows: list[Target] = []
    for i, item in enumerate(_counted(data, count, name)):
        if width > 1 and not isinstance(item, Iterable):
            rows.append(_index(item, f"{name}[{i}]", width))
        else:
            rows.append(_row(item, width, name, i))
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


class _Trees:
    """Reads samples of any form. whole: whether whole numbers stay int, as indices have to."""

    def __init__(self, name: str, *, whole: bool) -> None:
        self.name, self.whole = name, whole

    def read(self, item: Any, *place: int) -> Tree:
        if type(item) is float and item * 0.0 == 0.0:
            return item
        if type(item) is int and self.whole:
            return item
        if hasattr(item, "tolist"):  # a NumPy scalar or array
            return self.read(item.tolist(), *place)
        if isinstance(item, (list, tuple)):
            return [self.read(each, *place, k) for k, each in enumerate(item)]
        where = self.name + "".join(f"[{k}]" for k in place)
        if isinstance(item, (str, bytes, set, frozenset, dict)) or (isinstance(item, Iterable) and not isinstance(item, Iterator)):
            raise TypeError(f"{where} must be a number or a list of numbers or of lists, got a {type(item).__name__}: {item!r:.40}")
        if isinstance(item, Iterator):
            return [self.read(each, *place, k) for k, each in enumerate(item)]
        try:
            return Value(item).data
        except (TypeError, ValueError) as error:
            raise type(error)(f"{where}: {error}") from None


def _grown(tree: Tree, letter: str, leaves_: list[Value] | None = None, widest: int = 0, *place: int) -> Any:
    """A sample with Values where its numbers are, whole numbers, which may be indices, left out; all of them go into `leaves_` if given."""
    if isinstance(tree, list):
        widest = max(widest, len(tree))
        if not place and tree and all(type(each) is float for each in tree):
            row = leaves(tree, letter)
            if leaves_ is not None:
                leaves_ += row
            return row
        return [_grown(each, letter, leaves_, widest, *place, k) for k, each in enumerate(tree, 1)]
    if leaves_ is None and type(tree) is int:
        return tree
    leaf = Value(tree, Names(widest)(letter, *place))
    if leaves_ is not None:
        leaves_.append(leaf)
    return leaf


def form_of(tree: Tree) -> object:
    """What a sample has in common with those that one recording serves: the lengths of all lists in it."""
    if not isinstance(tree, list):
        return None
    return len(tree) if not any(isinstance(each, list) for each in tree) else tuple(map(form_of, tree))


def _flat(tree: Tree) -> Iterator[float]:
    if isinstance(tree, list):
        for each in tree:
            yield from _flat(each)
    else:
        yield float(tree)


def _listed(outputs: Any) -> list[Value]:
    if isinstance(outputs, (list, tuple)):
        return [value for each in outputs for value in _listed(each)]
    return [require_value("the network", outputs)]


def _items(data: Iterable[Any], name: str) -> list[Any]:
    if isinstance(data, (set, frozenset, dict)):
        raise TypeError(f"{name} must be in an order, as in a list, got a {type(data).__name__}")
    if hasattr(data, "compressed"):  # numpy.ma
        raise TypeError(f"{name} must be an ordinary array, got a masked one: leave masked rows out, or use filled(number)")
    if hasattr(data, "to_numpy"):  # a table of pandas or polars, which would give out its columns' names
        data = data.to_numpy()
    if hasattr(data, "tolist"):  # NumPy's own way to plain numbers
        data = data.tolist()
    if isinstance(data, (str, bytes)) or not isinstance(data, Iterable):
        raise TypeError(f"{name} must be a sequence with one row for each sample, got a {type(data).__name__}")
    items = list(data)
    if not items:
        raise ValueError(f"{name} must hold at least one sample, got none")
    return items


def _counted(data: Iterable[Any], count: int, name: str) -> list[Any]:
    items = _items(data, name)
    if len(items) != count:
        raise ValueError(f"{name} must be as many as the inputs, {count}, got {len(items)}")
    return items


_PLAIN = {float, int}


def _row(row: Any, width: int, name: str, i: int) -> list[float]:
    if type(row) in (list, tuple) and len(row) == width and _PLAIN.issuperset(map(type, row)):  # the usual, checked quickly
        try:
            floats = list(map(float, row))
            if sum(floats) * 0.0 == 0.0:
                return floats
        except OverflowError:
            pass
    place = f"{name}[{i}]"
    if width == 1 and not isinstance(row, Iterable):
        row = [row]
    if isinstance(row, (str, bytes, set, frozenset, dict)) or not isinstance(row, Iterable):
        way = "; turn text into numbers, as by float(text), or names.index(text) for a class" if isinstance(row, (str, bytes)) else ""
        raise TypeError(f"{place} must be a row of {width} numbers, got a {type(row).__name__}: {row!r:.40}{way}")
    items = [item.item() if hasattr(item, "item") and not isinstance(item, Value) else item for item in row]
    if len(items) != width:
        raise ValueError(f"{place} must be a row of {width} numbers, got {len(items)}")
    numbers = []
    for k, item in enumerate(items):
        try:
            numbers.append(Value(item).data)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{place}[{k}]: {error}") from None
    return numbers


def _index(item: Any, place: str, width: int) -> int:
    if isinstance(item, bool) or not hasattr(item, "__index__"):
        raise TypeError(f"{place} must be a row of {width} numbers or the index of a class, got {item!r:.40}")
    return int(item)
