"""A number that remembers how it was made, and `backward`, which walks that memory.

A graph is nothing but Values pointing at the Values they were made from. Each keeps the row of
the table that made it and, as plain numbers, its local derivatives; the chain rule does the rest.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from numbers import Real
from operator import eq, ge, gt
from typing import TYPE_CHECKING, Any, Union

from autoback.engine.choice import engine_in_c
from autoback.engine.fast import recorder
from autoback.engine.operations import OPERATIONS, Operation
from autoback.engine.tracing import RecordingError, is_recording, recording, recording_variable, refuse_while_recording

__all__ = ["Number", "RecordingError", "Value", "record", "recording", "stale", "topological_order"]

Number = Union["Value", float]


class Value:
    """A node of a computation graph: a number, and the operation and inputs it came from.

    data:  a finite real number (int, float, Fraction or NumPy scalar); kept as a float
    label: a name for pictures and messages, or None

    data      the number                     grad      d(root)/d(this), None until a backward reached it
    op        the row that made it, or None  inputs    the Values it was made from, in order, with repeats
    partials  d(this)/d(input) for each      label     the name

    A leaf's `data` may be assigned: a float. It is looked at when an operation next uses it, not before,
    so that reading it stays fast; the graphs above it are then stale until `refresh`.
    `==` compares numbers, as `<` does, while hash and dict keys go by identity, as in PyTorch.
    Raises TypeError for what is no real number, ValueError for NaN and infinity, and from
    every operation OperationError where its result or a derivative is not finite.

    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> y.backward()
    >>> y.data, x.grad
    (9.0, 6.0)
    """

    __slots__ = ("__weakref__", "data", "grad", "inputs", "label", "op", "partials")
    __array_ufunc__ = None  # NumPy scalars on the left leave the operation to us

    data: float
    grad: float | None
    op: Operation | None
    inputs: tuple["Value", ...]
    partials: tuple[float, ...]
    label: str | None

    if TYPE_CHECKING:  # every row of the table is a method too: x.tanh(), x.maximum(y); see functions.py

        def __getattr__(self, name: str) -> Callable[..., "Value"]: ...
        def __add__(self, other: Number) -> "Value": ...
        def __sub__(self, other: Number) -> "Value": ...
        def __mul__(self, other: Number) -> "Value": ...
        def __truediv__(self, other: Number) -> "Value": ...
        def __radd__(self, other: float) -> "Value": ...
        def __rsub__(self, other: float) -> "Value": ...
        def __rmul__(self, other: float) -> "Value": ...
        def __rtruediv__(self, other: float) -> "Value": ...

    def __init__(self, data: float, label: str | None = None) -> None:
        if label is not None and not isinstance(label, str):
            raise TypeError(f"label must be a string or None, got {type(label).__name__}")
        self.data = data if type(data) is float and data * 0.0 == 0.0 else _finite(data)
        self.grad = self.op = None
        self.inputs = self.partials = ()
        self.label = label

    def __repr__(self) -> str:
        parts = [repr(self.data)]
        if self.label is not None:
            parts.append(f"label={self.label!r}")
        if self.op is not None:
            parts.append(f"op={self.op.name}")
        if self.grad is not None:
            parts.append(f"grad={self.grad!r}")
        return f"Value({', '.join(parts)})"

    # The chain rule

    def backward(self) -> None:
        """Set the `grad` of every ancestor to d(self)/d(ancestor).

        Inner nodes start afresh; leaves accumulate, so several backwards add up until their `grad`
        is set to None. Raises OverflowError when a gradient is too large for a double; then, as
        after an interruption, the leaves are as they were. Raises RecordingError while a program is recorded.
        """
        if is_recording():
            raise RecordingError(
                "the plain numbers of backward() would freeze into the recorded program; use gradient(output, inputs), which is recorded"
            )
        inner: list[Value] = []
        leaves: list[Value] = []
        _walk((self,), inner, leaves)
        before = [leaf.grad for leaf in leaves]
        try:
            for node in inner:
                node.grad = 0.0
            for leaf in leaves:
                if leaf.grad is None:
                    leaf.grad = 0.0
            self.grad += 1.0  # type: ignore[operator]
            for node in reversed(inner):
                upstream = node.grad
                if not upstream:  # what is 0 contributes nothing
                    continue
                inputs = node.inputs
                if len(inputs) == 2:  # the last loop by hand, for the commonest cases: twice as fast
                    x, y = inputs
                    along_x, along_y = node.partials
                    x.grad += upstream * along_x  # type: ignore[operator]
                    y.grad += upstream * along_y  # type: ignore[operator]
                elif len(inputs) == 1:
                    inputs[0].grad += upstream * node.partials[0]  # type: ignore[operator]
                else:
                    for below, partial in zip(inputs, node.partials):  # noqa: B905  # equal by construction
                        below.grad += upstream * partial  # type: ignore[operator]
            for leaf in leaves:
                if leaf.grad * 0.0 != 0.0:  # type: ignore[operator]  # neither inf nor nan times 0 is 0
                    raise OverflowError(
                        f"the gradient of {leaf.label or 'a leaf'} (data {leaf.data:.6g}) is too large for a double: "
                        "scale the data, the parameters or the loss down"
                    )
        except BaseException:
            for leaf, grad in zip(leaves, before, strict=True):
                leaf.grad = grad
            raise

    # A graph whose leaves have changed

    def refresh(self) -> None:
        """Recompute every value and partial below this one from the leaves, in place.

        Gradients of inner nodes become None, since they belonged to the old numbers.
        Raises OperationError, and leaves the graph as it was, when a new number leaves a domain.
        """
        nodes = [node for node in topological_order(self) if node.op is not None]
        before = [(node.data, node.partials, node.grad) for node in nodes]
        try:
            for node in nodes:
                fresh = record(node.op, node.inputs)  # type: ignore[arg-type]
                node.data, node.partials, node.grad = fresh.data, fresh.partials, None
        except BaseException:
            for node, kept in zip(nodes, before, strict=True):
                node.data, node.partials, node.grad = kept
            raise

    def is_stale(self) -> bool:
        """Whether a leaf was changed after the graph was recorded, so that `refresh` would change it."""
        return any(True for _ in stale(topological_order(self)))

    # Conversions and comparisons

    def __float__(self) -> float:
        refuse_while_recording("float(v)")
        return self.data

    def __bool__(self) -> bool:
        refuse_while_recording("a branch on it (if, and, or, not, while, min, max)")
        return self.data != 0.0

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else str(self)

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return _compare("equal", eq, self, other)

    def __ne__(self, other: object) -> bool:
        equal = _compare("equal", eq, self, other)
        if isinstance(equal, Value):
            return 1.0 - equal  # a recorded 0 or 1
        return equal if equal is NotImplemented else not equal

    def __gt__(self, other: Number) -> bool:
        return _compare("greater", gt, self, other)

    def __ge__(self, other: Number) -> bool:
        return _compare("greater_equal", ge, self, other)

    def __lt__(self, other: Number) -> bool:
        return _compare("greater", gt, other, self)

    def __le__(self, other: Number) -> bool:
        return _compare("greater_equal", ge, other, self)

    # Arithmetic: each operator is a row of the table; + − × ÷ are set below, see `_operators`

    def __neg__(self) -> "Value":
        return record(_NEG, (self,))

    def __pos__(self) -> "Value":
        return self

    def __abs__(self) -> "Value":
        return record(_ABS, (self,))

    def __pow__(self, exponent: Number) -> "Value":
        if isinstance(exponent, Value):
            return record(_POW, (self, exponent))
        constant = as_operand(exponent)
        return NotImplemented if constant is None else _power(self, constant)

    def __rpow__(self, base: float) -> "Value":
        constant = as_operand(base)
        return NotImplemented if constant is None else record(_POW, (constant, self))


_NEG, _ABS, _POW = (OPERATIONS[name] for name in ("neg", "abs", "pow"))
_new = Value.__new__


def _operators(name: str) -> tuple[Callable[[Value, Number], Value], Callable[[Value, float], Value]]:
    row = OPERATIONS[name]

    def converted(self: Value, other: object) -> Value:
        operand = as_operand(other)
        return NotImplemented if operand is None else record(row, (self, operand))

    def reflected(self: Value, other: float) -> Value:
        constant = as_operand(other)
        return NotImplemented if constant is None else record(row, (constant, self))

    return recorder(row, Value, record, converted), reflected


def restore(
    data: float, grad: float | None, op: Operation | None, inputs: tuple[Value, ...], partials: tuple[float, ...], label: str | None
) -> Value:
    """A Value with every field given, unchecked: what copies and pickles are rebuilt with."""
    node = _new(Value)
    node.data, node.grad, node.op, node.inputs, node.partials, node.label = data, grad, op, inputs, partials, label
    return node


def record(op: Operation, inputs: tuple[Value, ...]) -> Value:
    """The Value that `op` makes of `inputs`: how a graph grows. `recorder` writes the same out for each row.

    Raises OperationError, which names the operation and its operands, where the result or a
    derivative would not be a finite number.

    >>> record(OPERATIONS["dot"], (Value(1.0), Value(2.0), Value(3.0), Value(4.0))).partials
    (3.0, 4.0, 1.0, 2.0)
    """
    node = _new(Value)
    try:
        if len(inputs) == 2:  # the last line by hand for the common cases: a third of its time
            x, y = inputs
            node.data, node.partials = op.forward(x.data, y.data)
        elif len(inputs) == 1:
            node.data, node.partials = op.forward(inputs[0].data)
        else:
            node.data, node.partials = op.forward(*[below.data for below in inputs])
    except (ArithmeticError, ValueError):
        node.data, node.partials = op.evaluate_ieee([below.data for below in inputs], [below.label for below in inputs])
    node.op = op
    node.inputs = inputs
    node.grad = node.label = None
    return node


_power: Callable[..., Value] = recorder(OPERATIONS["power"], Value, record, lambda *inputs: record(OPERATIONS["power"], inputs))
Value.__add__, Value.__radd__ = _operators("add")  # type: ignore[method-assign]
Value.__sub__, Value.__rsub__ = _operators("sub")  # type: ignore[method-assign]
Value.__mul__, Value.__rmul__ = _operators("mul")  # type: ignore[method-assign]
Value.__truediv__, Value.__rtruediv__ = _operators("div")  # type: ignore[method-assign]


def topological_order(*roots: Value) -> list[Value]:
    """All ancestors of the roots and the roots themselves, each after its inputs.

    A depth-first walk with a stack of its own, so a chain of a million nodes is no deeper than
    one of three. The order depends on the graph alone.

    >>> a = Value(2.0, "a"); b = Value(3.0, "b")
    >>> [node.label or node.op.name for node in topological_order(a * b + a)]
    ['a', 'b', 'mul', 'add']
    """
    order: list[Value] = []
    _walk(roots, order, order)
    return order


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
        if node.op is not None and (not found.isdisjoint(node.inputs) or _has_changed(node, node.op)):
            found.add(node)
            yield node


def _has_changed(node: Value, row: Operation) -> bool:
    try:
        fresh = record(row, node.inputs)
    except ArithmeticError:
        return True
    return (fresh.data, fresh.partials) != (node.data, node.partials)


def _walk(roots: tuple[Value, ...], inner: list[Value], leaves: list[Value]) -> None:
    """Append the inner nodes and the leaves below `roots`, inputs first, to the two lists, which may be one."""
    seen: set[Value] = set()  # asked for membership only, never walked
    # Two stacks, for one of pairs would keep the garbage collector busy: the inner nodes that
    # wait, and for each the inputs it has still to visit.
    waiting: list[Value | None] = []
    visits: list[Iterator[Value]] = []
    node, inputs = None, iter(roots)
    while True:
        for below in inputs:
            if below not in seen:
                seen.add(below)
                if below.inputs:
                    waiting.append(node)
                    visits.append(inputs)
                    node, inputs = below, iter(below.inputs)
                    break
                leaves.append(below)
        else:  # all inputs of `node` are in the order
            if node is None:
                return
            inner.append(node)
            node, inputs = waiting.pop(), visits.pop()


def as_operand(number: object) -> Value | None:
    """A Value for an operand: itself, or a constant leaf for a real number, or None for anything else."""
    kind = type(number)
    if kind is float or kind is int:  # asking whether it is Real takes longer than all the rest
        return Value(number)  # type: ignore[arg-type]
    if isinstance(number, Value):
        return number
    return Value(number) if isinstance(number, Real) else None  # type: ignore[arg-type]


def _finite(number: object) -> float:
    if type(number) is not int and (isinstance(number, Value) or not isinstance(number, Real)):
        got = "None" if number is None else f"a {type(number).__name__}, {number!r:.40}"
        raise TypeError(f"a Value holds one real number (int, float or NumPy scalar), got {got}; convert it with float() first")
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
        return bool(compare(*(side.data if isinstance(side, Value) else side for side in (left, right))))
    # While a program is recorded, a comparison is a 0-or-1 Value that `where` understands.
    operands = tuple(side if isinstance(side, Value) else Value(side) for side in (left, right))  # type: ignore[arg-type]
    return record(OPERATIONS[row], operands)  # type: ignore[return-value]


#: The extension where the engine in C runs, else None; see c/__init__.py.
extension = engine_in_c(OPERATIONS.values())
#: Which engine runs.
engine_name = "c" if extension else "python"

if not TYPE_CHECKING and extension is not None:  # the same in C; whatever is unusual, C leaves to what is defined above
    Value = extension.bind(OPERATIONS, Value, _finite, as_operand, recording_variable)
    record, restore, topological_order = extension.record, extension.restore, extension.topological_order
