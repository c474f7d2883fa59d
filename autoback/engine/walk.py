"""The order of a graph, in which nothing recurses, and the care of `backward` for its leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autoback.engine.value import Value

__all__ = ["Restored", "ancestors", "insist", "require_finite", "topological_order"]


def topological_order(*roots: Value) -> list[Value]:
    """All ancestors of the roots and the roots themselves, each after its inputs.

    A depth-first walk with a stack of its own, so a chain of a million nodes is no deeper than
    one of three. The order depends on the graph alone.

    >>> from autoback import Value
    >>> a = Value(2.0, "a"); b = Value(3.0, "b")
    >>> [node.label or node.op.name for node in topological_order(a * b + a)]
    ['a', 'b', 'mul', 'add']
    """
    order: list[Value] = []
    _walk(roots, order, order)
    return order


def ancestors(root: Value) -> tuple[list[Value], list[Value]]:
    """The inner nodes up to the root, each after its inputs, and the leaves."""
    inner: list[Value] = []
    leaves: list[Value] = []
    _walk((root,), inner, leaves)
    return inner, leaves


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


class Restored:
    """A block that gives leaves their former `grad` back when an error or an interruption ends it."""

    def __init__(self, leaves: list[Value]) -> None:
        self.leaves = leaves
        self.before: list[float | None] = [leaf.grad for leaf in leaves]

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            insist(self.restore)

    def restore(self) -> None:
        """Give the leaves their `grad` back."""
        for leaf, grad in zip(self.leaves, self.before, strict=True):
            leaf.grad = grad


def insist(act: Callable[[], object]) -> None:
    """Call something until it comes to its end, however often Ctrl-C is pressed meanwhile; it must be able to begin again.

    >>> done = []
    >>> insist(lambda: done.append(1))
    >>> done
    [1]
    """
    while True:
        try:
            act()
        except KeyboardInterrupt:
            continue
        return


def require_finite(leaves: list[Value]) -> None:
    """Raise OverflowError, which names the leaf, when a gradient is not a finite number."""
    for leaf in leaves:
        if leaf.grad * 0.0 != 0.0:  # type: ignore[operator]
            raise OverflowError(
                f"the gradient of {leaf.label or 'a leaf'} (data {leaf._number:.6g}) is too large for a double: "
                "scale the data, the parameters or the loss down"
            )
