"""Copies and pickles of a graph, however deep, with everything that was shared still shared.

Python copies and pickles by recursion, which a chain of 100,000 nodes would exhaust. Both
functions therefore go through the ancestors in topological order: when a node's turn comes,
its inputs are already known and nothing recurses.
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from autoback.engine.value import Value, restore, topological_order


def deep(root: Value, memo: dict[int, Any]) -> Value:
    """A copy of `root` and of all its ancestors, for `copy.deepcopy`."""
    for node in topological_order(root):
        if id(node) not in memo:
            inputs = tuple([memo[id(below)] for below in node.inputs])
            memo[id(node)] = restore(node.data, node.grad, node.op, inputs, node.partials, node.label)
    copy: Value = memo[id(root)]
    return copy


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
    """What `pickle` stores of a Value: its fields, and before them, once, its ancestors in order."""
    fields = (node.data, node.grad, node.op, node.inputs, node.partials, node.label)
    if _streaming.get() or not node.inputs:
        return restore, fields
    rebuild: Callable[..., Value] = _after_ancestors
    return rebuild, (Ancestors(topological_order(node)[:-1]), *fields)


def _after_ancestors(ancestors: list[Value], *fields: Any) -> Value:
    return restore(*fields)


def shallow(node: Value) -> Value:
    """A second node with the same inputs, for `copy.copy`."""
    return restore(node.data, node.grad, node.op, node.inputs, node.partials, node.label)


# The engine reads without copies, so they are hung in from here.
Value.__copy__ = shallow  # type: ignore[attr-defined]
Value.__deepcopy__ = deep  # type: ignore[attr-defined]
Value.__reduce__ = reduced  # type: ignore[method-assign, assignment]
