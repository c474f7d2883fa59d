"""A graph as a numbered list with a name for everything: what a page can hold and a reader can say."""

from collections.abc import Sequence
from dataclasses import dataclass

from autoback.engine.operations import Operation
from autoback.engine.value import Value, record, topological_order
from autoback.text import clean, short

__all__ = ["Node", "fresh_copy", "snapshot"]

LARGEST = 2000
_NAME_LENGTH = 60
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class Node:
    """One node of a graph, by number: what it is called, what made it from which nodes, and its numbers.

    constant: an operand that has no derivative by its row's rule, such as the exponent 2 of x²
    gradient: d(root)/d(this), as `backward` gives it to a fresh graph
    nameless: nobody gave it a label; a number without a name is no input that a reader would move
    """

    name: str
    op: Operation | None
    inputs: tuple[int, ...]
    value: float
    partials: tuple[float, ...]
    gradient: float
    constant: bool
    nameless: bool = False


def snapshot(root: Value) -> list[Node]:
    """The nodes of a graph in topological order, recomputed from the leaves; the root is the last.

    The graph itself is left alone: a stale value or an old gradient in it does not show here.
    Raises TypeError for what is no Value, ValueError for a graph that no page can show, and
    OperationError where the leaves now lie outside an operation's domain.

    >>> x = Value(3.0, "x")
    >>> [(node.name, node.value, node.gradient) for node in snapshot(x * x)]
    [('x', 3.0, 6.0), ('L', 9.0, 1.0)]
    """
    fresh = fresh_copy(root)
    number = {node: k for k, node in enumerate(fresh)}
    constants = _constants(fresh)
    return [
        Node(
            name,
            node.op,
            tuple([number[below] for below in node.inputs]),
            node.data,
            node.partials,
            node.grad or 0.0,
            node in constants,
            nameless=not node.label,
        )
        for node, name in zip(fresh, _names(fresh, constants), strict=True)
    ]


def fresh_copy(root: Value) -> list[Value]:
    """The graph recorded again from its leaves, in topological order, with the gradients of one backward."""
    if not isinstance(root, Value):
        raise TypeError(f"a lesson is about the Value that a computation ends in, got a {type(root).__name__}")
    order = topological_order(root)
    if len(order) > LARGEST:
        raise ValueError(f"a lesson shows at most {LARGEST} nodes, this graph has {len(order)}; take one sample or a smaller network")
    copies: dict[Value, Value] = {}
    for node in order:
        copy = Value(node.data) if node.op is None else record(node.op, tuple([copies[below] for below in node.inputs]))
        copy.label = node.label
        copies[node] = copy
    copies[root].backward()
    return list(copies.values())


def _constants(order: Sequence[Value]) -> set[Value]:
    """The leaves that only ever stand where a row takes a constant."""
    fixed: set[Value] = set()
    free = {order[-1]}
    for node in order:
        split = len(node.inputs) - (node.op.constants if node.op else 0)
        free.update(node.inputs[:split])
        fixed.update(node.inputs[split:])
    return {node for node in fixed - free if node.op is None}


def _names(order: Sequence[Value], constants: set[Value]) -> list[str]:
    """A name for each node: its label, the number of a constant, L for the root, c₁, ... for nameless leaves, v₁, ... for the rest.

    A label used again gets a number, x#2, so that every name means one node.
    """
    given = [clean(node.label, _NAME_LENGTH) if node.label else "" for node in order]
    taken = set(given)
    names: list[str] = []
    count = {"c": 0, "v": 0}
    uses: dict[str, int] = {}
    for node, label in zip(order, given, strict=True):
        uses[label] = uses.get(label, 0) + 1
        name = f"{label}#{uses[label]}" if label and uses[label] > 1 else label
        if not name and node in constants:
            name = short(node.data)
        elif not name and node is order[-1] and node.op is not None and "L" not in taken:
            name = "L"
        while not name:
            letter = "c" if node.op is None else "v"
            count[letter] += 1
            fresh = letter + str(count[letter]).translate(_SUBSCRIPTS)
            name = "" if fresh in taken else fresh
        names.append(name)
    return names
