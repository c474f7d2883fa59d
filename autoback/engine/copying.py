"""Copies and pickles of a graph, however deep, with everything that was shared still shared.

Python copies and pickles by recursion, which a chain of 100,000 nodes would exhaust. Both
functions therefore go through the ancestors in topological order: when a node's turn comes,
its inputs are already known and nothing recurses. While a program is recorded all of them are
refused, as `v.data` is: a copy of a leaf is a constant. `repr`, `str` and `format` still show the
number then, for people who look for a mistake; no program is made of them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from copy import deepcopy
from types import MemberDescriptorType
from typing import Any

from autoback.engine.tracing import refuse_while_recording
from autoback.engine.value import Value, record_again, restore, topological_order

__all__ = ["rerecorded"]

_INSTEAD = "the Value itself, as often as it is needed"


def deep(root: Value, memo: dict[int, Any]) -> Value:
    """A copy of `root` and of all its ancestors, for `copy.deepcopy`. Raises RecordingError while a program is recorded."""
    refuse_while_recording("a copy", _INSTEAD)
    for node in topological_order(root):
        if id(node) not in memo:
            if type(node) is not Value:
                memo[id(node)] = instance(type(node), node._number, node.grad, node.label)
                _take_over(memo[id(node)], deepcopy(_state(node), memo))
                continue
            inputs = tuple([memo[id(below)] for below in node.inputs])
            memo[id(node)] = restore(node._number, node.grad, node.op, inputs, node.partials, node.label)
    copy: Value = memo[id(root)]
    return copy


# An instance of a subclass is a leaf, for operations make plain Values; it has attributes of its own


def instance(kind: type[Value], data: float, grad: float | None, label: str | None) -> Value:
    """A leaf of a subclass, made without its own `__init__`: what copies and pickles are rebuilt with."""
    node = kind.__new__(kind)
    Value.__init__(node, data, label)
    node.grad = grad
    return node


def _state(node: Value) -> tuple[dict[str, Any], dict[str, Any]]:
    """The attributes that a subclass has given a node, those in its dict and those in its `__slots__`."""
    kinds = type(node).__mro__
    slots = [name for kind in kinds[: kinds.index(Value)] for name, of in vars(kind).items() if isinstance(of, MemberDescriptorType)]
    return dict(getattr(node, "__dict__", {})), {name: getattr(node, name) for name in slots if hasattr(node, name)}


def _take_over(node: Value, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    for name, thing in {**state[0], **state[1]}.items():
        setattr(node, name, thing)


def rerecorded(*roots: Value, leaves: Mapping[Value, float] | None = None) -> dict[Value, Value]:
    """A fresh copy of the graph below the roots: for each node, inputs first, the node recorded anew.

    leaves: other numbers for some leaves; the rest keeps its own
    The copies have labels and no gradients. Raises OperationError where a number leaves the domain of an operation.

    >>> x = Value(2.0, "x"); y = x * x
    >>> rerecorded(y, leaves={x: 3.0})[y]
    Value(9.0, op=mul)
    """
    numbers = leaves or {}
    made: dict[Value, Value] = {}
    for node in topological_order(*roots):
        if node.op is None:
            made[node] = Value(numbers.get(node, node._number), node.label)
        else:
            made[node] = record_again(node, tuple([made[below] for below in node.inputs]))
            made[node].label = node.label
    return made


_streaming: ContextVar[bool] = ContextVar("streaming", default=False)


class Ancestors:
    """The inner nodes above a Value, pickled one after another as the items of a list."""

    def __init__(self, order: list[Value]) -> None:
        self.order = order

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._items()

    def _items(self) -> Iterator[Value]:
        token = _streaming.set(True)
        try:
            yield from self.order
        finally:
            _streaming.reset(token)


def reduced(node: Value) -> tuple[Any, ...]:
    """What `pickle` stores of a Value: its fields, and before them, once, its ancestors in order.

    Raises RecordingError while a program is recorded.
    """
    refuse_while_recording("a pickle", _INSTEAD)
    if type(node) is not Value:
        attributes, slots = _state(node)
        return instance, (type(node), node._number, node.grad, node.label), (attributes or None, slots)  # there may be no dict
    fields = (node._number, node.grad, node.op, node.inputs, node.partials, node.label)
    if _streaming.get() or not node.inputs:
        return restore, fields
    rebuild: Callable[..., Value] = _after_ancestors
    return rebuild, (Ancestors(topological_order(node)[:-1]), *fields)


def _after_ancestors(ancestors: list[Value], *fields: Any) -> Value:
    return restore(*fields)


def shallow(node: Value) -> Value:
    """A second node with the same inputs, for `copy.copy`. Raises RecordingError while a program is recorded."""
    refuse_while_recording("a copy", _INSTEAD)
    if type(node) is not Value:
        copy = instance(type(node), node._number, node.grad, node.label)
        _take_over(copy, _state(node))
        return copy
    return restore(node._number, node.grad, node.op, node.inputs, node.partials, node.label)


# The engine reads without copies, so they are hung in from here.
Value.__copy__ = shallow  # type: ignore[attr-defined]
Value.__deepcopy__ = deep  # type: ignore[attr-defined]
Value.__reduce__ = reduced  # type: ignore[method-assign, assignment]
