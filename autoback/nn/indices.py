"""Indices: whole numbers that pick a row or a class, which are inputs like any other while a program is recorded."""

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value

__all__ = ["check_indices", "one_hot"]

_equal = FUNCTIONS["equal"]

#: How many rows or classes there are for a leaf that was recorded as an index.
_limits: WeakKeyDictionary[Value, int] = WeakKeyDictionary()


def one_hot(index: Value, size: int) -> list[Value]:
    """`size` Values, recorded: 1 at the index that a Value holds, 0 elsewhere."""
    _limits[index] = min(size, _limits.get(index, size))
    return [_equal(index, float(k)) for k in range(size)]


def check_indices(leaves_: Sequence[Value], rows: Any) -> None:
    """Raise ValueError where a sample has no such index as a leaf was recorded as. rows: the samples' numbers, as an array."""
    for k, leaf in enumerate(leaves_):
        limit = _limits.get(leaf)
        if limit is None:
            continue
        for i, number in enumerate(rows[:, k].tolist()):
            if not (number.is_integer() and 0.0 <= number < limit):
                place = f"{leaf.label} of sample {i}"
                raise ValueError(f"{place} is an index and must be a whole number from 0 to {limit - 1}, got {number:g}")
