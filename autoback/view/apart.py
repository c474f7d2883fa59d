"""A graph with its fused nodes taken apart, for a picture; the graph itself is not touched."""

from autoback.engine.functions import elementary, take_apart
from autoback.engine.value import Value, record, topological_order

__all__ = ["apart"]


def apart(root: Value) -> tuple[Value, dict[Value, Value]]:
    """A copy of a graph in which compound rows (dot, sigmoid, ...) are their elementary definitions.

    Returns the copy's root, and for each node of the copy the one it comes from. Values and gradients
    are carried over; the inner nodes of a definition get the gradient the chain rule gives them.
    A row stays whole where its definition is not finite (e^x overflows before sigmoid does).

    >>> from autoback.engine.functions import FUNCTIONS
    >>> top, _ = apart(FUNCTIONS["sigmoid"](Value(0.0)))
    >>> [node.op.symbol if node.op else node.data for node in topological_order(top)]
    [1.0, 1.0, 0.0, '−', 'exp', '+', '÷']
    """
    copies: dict[Value, Value] = {}
    origins: dict[Value, Value] = {}
    for node in topological_order(root):
        if node.op is None:
            made = [Value(node.data)]
        else:
            inputs = tuple([copies[below] for below in node.inputs])
            try:
                with elementary():
                    copy = take_apart(node.op, inputs)
            except ArithmeticError:
                copy = record(node.op, inputs)
            made = _made(copy, inputs)
        copies[node] = copy = made[-1]
        if copy not in origins:  # the sum of a single number is that number
            copy.label, copy.grad = node.label, node.grad
            _spread(made)
            origins |= dict.fromkeys(made, node)
    return copies[root], origins


def _made(copy: Value, inputs: tuple[Value, ...]) -> list[Value]:
    """The nodes that are new in `copy`, in topological order; `copy` itself when none is."""
    made: list[Value] = []
    seen = set(inputs)
    stack: list[tuple[Value, bool]] = [(copy, False)]
    while stack:
        node, done = stack.pop()
        if done:
            made.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((below, False) for below in reversed(node.inputs))
    return made or [copy]


def _spread(made: list[Value]) -> None:
    """Hand the gradient of the last node on to the other new ones."""
    *inner, last = made
    if last.grad is None:
        return
    new = set(inner)
    for node in inner:
        node.grad = 0.0
    for node in reversed(made):
        for below, partial in zip(node.inputs, node.partials, strict=True):
            if below in new:
                below.grad += node.grad * partial  # type: ignore[operator]
