"""A number that remembers how it was made, and `backward`, which walks that memory.

A graph is nothing but Values pointing at the Values they were made from. Each keeps the row of
the table that made it and, as plain numbers, its local derivatives; the chain rule does the rest.
This is the definition; `fast` installs the same operators and the same `backward`, written out for speed.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from numbers import Real
from operator import eq, ge, gt
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, Union

from autoback.engine.choice import engine_in_c
from autoback.engine.floatlike import FloatLike
from autoback.engine.operations import OPERATIONS, Operation, OperationError
from autoback.engine.tracing import RecordingError, is_recording, recording, recording_variable, refuse_while_recording
from autoback.engine.walk import Restored, ancestors, insist, require_finite, topological_order

__all__ = ["Number", "Operand", "RecordingError", "Value", "record", "recording", "stale", "topological_order"]

if TYPE_CHECKING:  # every row of the table is a method too, x.tanh(), x.maximum(y): `functions` puts them in
    from autoback.engine.rows import Rows
else:
    Rows = object

Number = Union["Value", float]
Operand = Union["Value", FloatLike]  # what operations take: also the integers, fractions and NumPy scalars that become floats


class Value(Rows):
    """A node of a computation graph: a number, and the operation and inputs it came from.

    data:  a finite real number (int, float, Fraction or NumPy scalar); kept as a float
    label: a name for pictures and messages, or None

    data      the number                     grad      d(root)/d(this), None until a backward reached it
    op        the row that made it, or None  inputs    the Values it was made from, in order, with repeats
    partials  d(this)/d(input) for each      label     the name

    A leaf's `data` may be assigned, and becomes a float; the graphs above it are then stale until `refresh`.
    While a program is recorded, `data` cannot be read: the number would freeze into the program.
    `==` compares numbers, as `<` does, while hash and dict keys go by identity, as in PyTorch.
    Raises TypeError for what is no real number, ValueError for NaN and infinity, and from
    every operation OperationError where its result or a derivative is not finite.

    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> y.backward()
    >>> y.data, x.grad
    (9.0, 6.0)
    """

    __slots__ = ("__weakref__", "_number", "grad", "inputs", "label", "op", "partials")

    _number: float
    grad: float | None
    op: Operation | None
    inputs: tuple["Value", ...]
    partials: tuple[float, ...]
    label: str | None

    def __init__(self, data: FloatLike, label: str | None = None) -> None:
        if label is not None and not isinstance(label, str):
            raise TypeError(f"label must be a string or None, got {type(label).__name__}")
        self._number = data if type(data) is float and data * 0.0 == 0.0 else _finite(data)  # neither inf nor nan times 0 is 0
        self.grad = self.op = None
        self.inputs = self.partials = ()
        self.label = label

    @property
    def data(self) -> float:
        """The number. Raises RecordingError while a program is recorded."""
        if is_recording():
            refuse_while_recording("reading v.data")
        try:
            return self._number
        except AttributeError:
            raise without_number(self) from None

    @data.setter
    def data(self, number: FloatLike) -> None:
        self._number = number if type(number) is float and number * 0.0 == 0.0 else _finite(number)

    def __repr__(self) -> str:
        parts = [repr(self._number)]
        if self.label is not None:
            parts.append(f"label={self.label!r}")
        if self.op is not None:
            parts.append(f"op={self.op.name}")
        if self.grad is not None:
            parts.append(f"grad={self.grad!r}")
        return f"{type(self).__name__}({', '.join(parts)})"

    # Arithmetic: each operator is a row of the table

    def __add__(self, other: Operand) -> "Value":
        return _binary(_ADD, self, other)

    def __radd__(self, other: FloatLike) -> "Value":
        return _binary(_ADD, other, self)

    def __sub__(self, other: Operand) -> "Value":
        return _binary(_SUB, self, other)

    def __rsub__(self, other: FloatLike) -> "Value":
        return _binary(_SUB, other, self)

    def __mul__(self, other: Operand) -> "Value":
        return _binary(_MUL, self, other)

    def __rmul__(self, other: FloatLike) -> "Value":
        return _binary(_MUL, other, self)

    def __truediv__(self, other: Operand) -> "Value":
        return _binary(_DIV, self, other)

    def __rtruediv__(self, other: FloatLike) -> "Value":
        return _binary(_DIV, other, self)

    def __pow__(self, exponent: Operand) -> "Value":
        return _binary(_POW if isinstance(exponent, Value) else _POWER, self, exponent)

    def __rpow__(self, base: FloatLike) -> "Value":
        return _binary(_POW, base, self)

    def __neg__(self) -> "Value":
        return record(_NEG, (self,))

    def __pos__(self) -> "Value":
        return self

    def __abs__(self) -> "Value":
        return record(_ABS, (self,))

    # The chain rule

    def backward(self) -> None:
        """Set the `grad` of every ancestor to d(self)/d(ancestor).

        Inner nodes start afresh; leaves accumulate, so several backwards add up until their `grad`
        is set to None. Raises OverflowError when a gradient is too large for a double; then, as
        after an interruption, the leaves are as they were. Raises RecordingError while a program is recorded.
        Threads: graphs that share no Value may go at once. On a shared one let one thread at a time go back,
        for each adds to `grad`; `gradient` touches no `grad` and asks for no order.
        """
        refuse_while_recording("backward()", "gradient(output, inputs), which is recorded")
        inner, leaves = ancestors(self)
        with Restored(leaves):
            for node in inner:
                node.grad = 0.0
            for leaf in leaves:
                leaf.grad = leaf.grad or 0.0
            self.grad += 1.0  # type: ignore[operator]
            for node in reversed(inner):
                for below, partial in zip(node.inputs, node.partials, strict=True):
                    below.grad += node.grad * partial  # type: ignore[operator]
            require_finite(leaves)

    # A graph whose leaves have changed

    def refresh(self) -> None:
        """Recompute every value and partial below this one from the leaves, in place.

        Gradients of inner nodes become None, since they belonged to the old numbers.
        Raises OperationError, and leaves the graph as it was, when a new number leaves a domain.
        """
        nodes = [node for node in topological_order(self) if node.op is not None]
        before = [(node._number, node.partials, node.grad) for node in nodes]

        def restore() -> None:
            for node, kept in zip(nodes, before, strict=True):
                node._number, node.partials, node.grad = kept

        try:
            for node in nodes:
                fresh = record_again(node, node.inputs)
                node._number, node.partials, node.grad = fresh._number, fresh.partials, None
        except BaseException:
            insist(restore)
            raise

    def is_stale(self) -> bool:
        """Whether a leaf was changed after the graph was recorded, so that `refresh` would change it."""
        return any(True for _ in stale(topological_order(self)))

    # Conversions and comparisons

    def _refuse_conversion(self, *_: object) -> NoReturn:
        """Raise TypeError: a Value does not turn into a plain number unseen."""
        raise TypeError(
            "a Value does not turn into a plain number, which would cut the graph and lose gradients: use autoback.exp, autoback.sin, ... "
            "in place of the functions of math and numpy, or v.data for the number alone"
        )

    if not TYPE_CHECKING:  # a type checker is to report these
        __float__ = __int__ = __complex__ = __round__ = __trunc__ = __floor__ = __ceil__ = item = _refuse_conversion

    def __bool__(self) -> bool:
        refuse_while_recording("a branch on it (if, and, or, not, while, min, max)")
        return self._number != 0.0

    def __format__(self, spec: str) -> str:
        return format(self._number, spec) if spec else str(self)

    if TYPE_CHECKING:

        def __hash__(self) -> int: ...
    else:
        __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return _compare("equal", eq, self, other)

    def __ne__(self, other: object) -> bool:
        equal = _compare("equal", eq, self, other)
        if isinstance(equal, Value):
            return 1.0 - equal  # a recorded 0 or 1
        return equal if equal is NotImplemented else not equal

    def __gt__(self, other: Operand) -> bool:
        return _compare("greater", gt, self, other)

    def __ge__(self, other: Operand) -> bool:
        return _compare("greater_equal", ge, self, other)

    def __lt__(self, other: Operand) -> bool:
        return _compare("greater", gt, other, self)

    def __le__(self, other: Operand) -> bool:
        return _compare("greater_equal", ge, other, self)


_ADD, _SUB, _MUL, _DIV, _NEG, _ABS, _POW, _POWER = (OPERATIONS[name] for name in ("add", "sub", "mul", "div", "neg", "abs", "pow", "power"))
_new = Value.__new__


def restore(
    data: float, grad: float | None, op: Operation | None, inputs: tuple[Value, ...], partials: tuple[float, ...], label: str | None
) -> Value:
    """A Value with every field given, unchecked: what copies and pickles are rebuilt with."""
    node = _new(Value)
    node._number, node.grad, node.op, node.inputs, node.partials, node.label = data, grad, op, inputs, partials, label
    return node


def record(op: Operation, inputs: tuple[Value, ...]) -> Value:
    """The Value that `op` makes of `inputs`: how a graph grows. `fast` writes the same out for each row.

    Raises OperationError, which names the operation and its operands, where the result or a
    derivative would not be a finite number.

    >>> record(OPERATIONS["dot"], (Value(1.0), Value(2.0), Value(3.0), Value(4.0))).partials
    (3.0, 4.0, 1.0, 2.0)
    """
    node = _new(Value)
    try:
        if len(inputs) == 2:  # the last line by hand for the common cases: a third of its time
            x, y = inputs
            node._number, node.partials = op.forward(x._number, y._number)
        elif len(inputs) == 1:
            node._number, node.partials = op.forward(inputs[0]._number)
        else:
            node._number, node.partials = op.forward(*[below._number for below in inputs])
    except (ArithmeticError, ValueError):
        node._number, node.partials = op.evaluate_ieee([below._number for below in inputs], [below.label for below in inputs])
    except AttributeError:
        for each in inputs:
            if isinstance(each, Value) and not hasattr(each, "_number"):
                raise without_number(each) from None
        raise
    node.op = op
    node.inputs = inputs
    node.grad = node.label = None
    return node


def without_number(node: Value) -> AttributeError:
    """The error for an instance of a subclass whose own `__init__` gave it no number."""
    return AttributeError(f"this {type(node).__name__} has no number: __init__ has to call super().__init__(data)")


def record_value(op: Operation, inputs: tuple[Value, ...]) -> Value:
    """As `record`, but a partial may be infinite: for a node of a gradient graph, which need not have a derivative.

    d/dx x^1.5 is 1.5 √x, and a number at 0, although its own slope there is not.
    """
    try:
        return record(op, inputs)
    except OperationError:
        out, partials = op.ieee([below._number for below in inputs])
        if not math.isfinite(out):
            raise
        return restore(out, None, op, inputs, tuple([p if math.isfinite(p) else math.inf for p in partials]), None)


def record_again(node: Value, inputs: tuple[Value, ...]) -> Value:
    """The operation of a node recorded on `inputs`, as strictly as the node was."""
    assert node.op is not None
    return (record if all(map(math.isfinite, node.partials)) else record_value)(node.op, inputs)


def stale(order: Iterable[Value]) -> Iterator[Value]:
    """The nodes whose numbers no longer follow from the leaves, inputs first.

    order: nodes of a graph, each after its inputs, as `topological_order` gives them

    >>> x = Value(2.0); y = x * x; z = y + 1.0
    >>> x.data = 3.0
    >>> [node.op.name for node in stale(topological_order(z))]
    ['mul', 'add']
    """
    found: set[Value] = set()
    for node in order:
        if node.op is not None and (not found.isdisjoint(node.inputs) or _has_changed(node)):
            found.add(node)
            yield node


def _has_changed(node: Value) -> bool:
    try:
        fresh = record_again(node, node.inputs)
    except ArithmeticError:
        return True
    return (fresh._number, fresh.partials) != (node._number, node.partials)


def as_operand(number: object) -> Value | None:
    """A Value for an operand: itself, or a constant leaf for a real number, or None for anything else."""
    kind = type(number)
    if kind is float or kind is int:  # asking whether it is Real takes longer than all the rest
        return Value(number)  # type: ignore[arg-type]
    if isinstance(number, Value):
        return number
    return Value(number) if isinstance(number, Real) else None  # type: ignore[arg-type]


def _binary(row: Operation, left: Operand, right: Operand) -> Value:
    """A row on a Value and an operand; NotImplemented, so that Python asks the operand, if that is neither Value nor real number."""
    x, y = as_operand(left), as_operand(right)
    return NotImplemented if x is None or y is None else record(row, (x, y))


def _finite(number: object) -> float:
    if type(number) is not int and (isinstance(number, Value) or not isinstance(number, Real)):
        got = "None" if number is None else f"a {type(number).__name__}, {number!r:.40}"
        way_out = "use it as it is, or its .data for the number alone" if isinstance(number, Value) else "give it one number"
        raise TypeError(f"a Value holds one real number (int, float, Fraction or NumPy scalar), got {got}; {way_out}")
    try:
        data = float(number)
    except OverflowError:
        raise ValueError("a Value holds a double, at most 1.8e308 in size, got an integer beyond that; scale it down") from None
    if not math.isfinite(data):
        raise ValueError(f"a Value holds a finite number, got {data}; find where it arose, for no gradient can pass it")
    return data


def _compare(row: str, compare: Callable[[Any, Any], bool], left: object, right: object) -> bool:
    if not (isinstance(left, (Value, Real)) and isinstance(right, (Value, Real))):
        return NotImplemented  # type: ignore[no-any-return]  # Python then tries the other operand
    if not is_recording():
        return bool(compare(*(side._number if isinstance(side, Value) else side for side in (left, right))))
    # While a program is recorded, a comparison is a 0-or-1 Value that `where` understands.
    operands = tuple(side if isinstance(side, Value) else Value(side) for side in (left, right))  # type: ignore[arg-type]
    return record(OPERATIONS[row], operands)  # type: ignore[return-value]


#: The class as it stands here, whichever engine runs.
Definition = Value
#: The extension where the engine in C runs, else None; see c/__init__.py.
extension: ModuleType | None = engine_in_c(OPERATIONS.values())
#: Which engine runs.
engine_name = "c" if extension else "python"

if not TYPE_CHECKING and extension is not None:  # the same in C; whatever is unusual, C leaves to what is defined above
    _plain = {"record": record, "restore": restore, "topological_order": topological_order}
    Value = extension.bind(OPERATIONS, Value, _finite, as_operand, record_again, recording_variable, _plain)
    record, restore, topological_order = extension.record, extension.restore, extension.topological_order
    record.__module__ = restore.__module__ = topological_order.__module__ = __name__  # where a pickle of either engine finds them
