"""A graph as a numbered list with a name for everything: what a page can hold and a reader can say."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from autoback.engine.operations import Operation
from autoback.engine.value import Value, record, topological_order
from autoback.view.notation import short

__all__ = ["Node", "readable", "snapshot"]

LARGEST = 2000
_NAME_LENGTH = 60
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class Node:
    """One node of a graph, by number: what it is called, what made it from which nodes, and its numbers.

    constant: an operand that has no derivative by its row's rule, such as the exponent 2 of x²
    gradient: d(root)/d(this), as `backward` gives it to a fresh graph
    """

    name: str
    op: Operation | None
    inputs: tuple[int, ...]
    value: float
    partials: tuple[float, ...]
    gradient: float
    constant: bool
    labelled: bool


def readable(label: str, length: int = _NAME_LENGTH) -> str:
    """A label as one short line that can stand anywhere: no control characters, no broken halves of characters.

    >>> readable("two\\nlines"), readable("x" * 100, length=5)
    ('two lines', 'xxxx…')
    """
    # Cc are controls, Cs half characters that no file can hold, Cf invisible marks that can turn text around.
    kinds = {"Cc": " ", "Cs": "\N{REPLACEMENT CHARACTER}", "Cf": "", "Co": "\N{REPLACEMENT CHARACTER}", "Cn": "\N{REPLACEMENT CHARACTER}"}
    clean = "".join(kinds.get(unicodedata.category(c), " " if c.isspace() else c) for c in label[: 4 * length])
    clean = " ".join(clean.split())
    return clean if len(clean) <= length else clean[: length - 1] + "…"


def snapshot(root: Value) -> list[Node]:
    """The nodes of a graph in topological order, recomputed from the leaves; the root is the last.

    The graph itself is left alone: a stale value or an old gradient in it does not show here.
    Raises TypeError for what is no Value, ValueError for a graph that no page can show, and
    OperationError where the leaves now lie outside an operation's domain.

    >>> x = Value(3.0, "x")
    >>> [(node.name, node.value, node.gradient) for node in snapshot(x * x)]
    [('x', 3.0, 6.0), ('L', 9.0, 1.0)]
    """
    if not isinstance(root, Value):
        raise TypeError(f"a lesson is about the Value that a computation ends in, got a {type(root).__name__}")
    order = topological_order(root)
    if len(order) > LARGEST:
        raise ValueError(f"a lesson shows at most {LARGEST} nodes, this graph has {len(order)}; take one sample or a smaller network")
    number = {node: k for k, node in enumerate(order)}
    fresh: list[Value] = []
    for node in order:
        inputs = tuple([fresh[number[below]] for below in node.inputs])
        fresh.append(Value(node.data, node.label) if node.op is None else record(node.op, inputs))
    fresh[-1].backward()
    constants = _constants(order)
    names = _names(order, constants)
    return [
        Node(
            names[k], node.op, tuple([number[below] for below in node.inputs]), copy.data, copy.partials,
            copy.grad or 0.0, node in constants, node.label is not None,
        )
        for k, (node, copy) in enumerate(zip(order, fresh, strict=True))
    ]  # fmt: skip


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
    """A name for each node: its label, the number of a constant, L for the root, c₁, ... for nameless leaves, v₁, ... for the rest."""
    given = [readable(node.label) if node.label else "" for node in order]
    taken = set(given)
    names: list[str] = []
    count = {"c": 0, "v": 0}
    for node, label in zip(order, given, strict=True):
        name = label
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
