"""The structure of a recording: what it computes, so that two recordings can be compared."""

from collections.abc import Sequence
from typing import NamedTuple

from autoback.engine.value import Value, topological_order

__all__ = ["Structure", "difference", "outside_leaves", "structure"]


class Structure(NamedTuple):
    """Each node as its row and the places of its inputs, and the places of the roots; equal where two recordings compute the same.

    >>> x, y = Value(2.0), Value(3.0)
    >>> structure([x * y + 1.0], [x, y]) == structure([y * x + 1.0], [y, x])
    True
    >>> structure([x * y + 1.0], [x, y]) == structure([x * y + 1.5], [x, y])
    False
    """

    nodes: tuple[object, ...]
    roots: tuple[object, ...]


def structure(roots: Sequence[Value], leaves: Sequence[Value]) -> Structure:
    """The structure of a recording on some leaves, whose numbers do not count; every other leaf is a constant and its number does."""
    places: dict[Value, object] = dict(zip(leaves, range(len(leaves)), strict=True))
    place = places.__getitem__
    nodes: list[object] = []
    for number, node in enumerate(topological_order(*roots), len(leaves)):
        row = node.op
        if row is not None:
            places[node] = number
            nodes.append((row, *map(place, node.inputs)))
        else:
            if node not in places:
                places[node] = node.data.hex()  # 0.0 and -0.0 are two constants
            nodes.append(places[node])
    return Structure(tuple(nodes), tuple(map(place, roots)))


def difference(first: Sequence[Value], first_leaves: Sequence[Value], second: Sequence[Value], second_leaves: Sequence[Value]) -> str:
    """Where two recordings, each of some roots on some leaves, first compute something else; empty if they do not."""
    one, other = structure(first, first_leaves), structure(second, second_leaves)
    if one == other:
        return ""
    pairs = zip(topological_order(*first), topological_order(*second), one.nodes, other.nodes, strict=False)
    node, twin = next(((a, b) for a, b, made, again in pairs if made != again), (first[-1], second[-1]))
    return f"at {node!r} and {twin!r}"


def outside_leaves(first: Sequence[Value], second: Sequence[Value]) -> list[Value]:
    """The leaves that two recordings of a function have in common, in order: what it finds outside itself."""
    again = {node for node in topological_order(*second) if node.op is None}
    return [node for node in topological_order(*first) if node.op is None and node in again]
