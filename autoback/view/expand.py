"""A graph with its fused nodes expanded into their elementary definitions, for a picture; the graph itself is not touched."""

from autoback.engine.functions import elementary, take_apart
from autoback.engine.value import Value, record, topological_order
from autoback.view.snapshot import sensitivities

__all__ = ["expand"]


def expand(root: Value) -> tuple[Value, dict[Value, Value]]:
    """A copy of a graph in which compound rows (dot, sigmoid, ...) are their elementary definitions.

    Returns the copy's root, and for each node of the copy the one it comes from. Values and gradients
    are copied; the inner nodes of a definition get the gradient that the chain rule gives them.
    A row stays whole where its definition is not finite (e^x overflows before sigmoid does).

    >>> from autoback.engine.functions import FUNCTIONS
    >>> top, _ = expand(FUNCTIONS["sigmoid"](Value(0.0)))
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
            origins |= dict.fromkeys(made, node)
    top = copies[root]
    if root.grad is not None:
        for node, gradient in sensitivities(topological_order(top), top).items():
            if node.grad is None:
                node.grad = gradient
    return top, origins


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
