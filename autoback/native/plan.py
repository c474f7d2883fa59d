"""The steps of a program: loops over evenly stepping numbers, and tables of addresses for the rest."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autoback.engine.operations import Operation

__all__ = ["CONSTANT", "PARAMETER", "RESULT", "SLOT", "Integers", "Loop", "Place", "Table", "regular_pieces"]

Integers = np.ndarray[Any, np.dtype[np.int64]]

#: The four spaces of numbers. A slot holds one number for each sample of a block.
SLOT, PARAMETER, CONSTANT, RESULT = "slot", "parameter", "constant", "result"


@dataclass(frozen=True)
class Place:
    """Where numbers lie: in `space`, at base + outer·i + inner·j + term·t."""

    space: str
    base: int
    outer: int = 0
    inner: int = 0
    term: int = 0


@dataclass(frozen=True)
class Loop:
    """One operation on evenly stepping operands, outer × inner times; `op` None copies.

    terms:    how many terms each result sums, 0 where the row is not n-ary
    operands: one Place for each input (n-ary: for each sequence of inputs)
    checked:  whether a result that is not finite must be noticed here, since no later one shows it
    """

    op: Operation | None
    outer: int
    inner: int
    terms: int
    operands: tuple[Place, ...]
    target: Place
    checked: bool = False

    @property
    def work(self) -> int:
        return self.outer * self.inner * max(1, self.terms)


@dataclass(frozen=True)
class Table:
    """One operation on operands anywhere: a row of slot numbers for each result; targets follow each other.

    operands: count × inputs slot numbers; literals: numbers that stand in for trailing inputs
    """

    op: Operation | None
    terms: int
    operands: Integers = field(repr=False)
    literals: tuple[float, ...]
    target: Place
    checked: bool = False

    @property
    def count(self) -> int:
        return len(self.operands)

    @property
    def work(self) -> int:
        return self.count * max(1, self.terms)


def regular_pieces(matrix: Integers) -> list[tuple[int, int, int, Integers, Integers]]:
    """The rows of a matrix as few evenly stepping regular_pieces (start, outer, inner, outer step, inner step).

    >>> [piece[:3] for piece in regular_pieces(np.array([[0, 5], [0, 6], [1, 5], [1, 6], [9, 9]]))]
    [(0, 2, 2), (4, 1, 1)]
    """
    count, width = matrix.shape
    zero = np.zeros(width, np.int64)
    difference = np.diff(matrix, axis=0)
    change = np.flatnonzero((difference[1:] != difference[:-1]).any(axis=1)) + 1 if count > 2 else np.zeros(0, np.int64)
    runs: list[tuple[int, int]] = []  # (start, length): rows whose difference stays the same
    start = 0
    while start < count:
        if start >= count - 1:
            length = 1
        else:
            later = np.searchsorted(change, start, side="right")
            length = int(change[later]) - start + 1 if later < len(change) else count - start
        runs.append((start, length))
        start += length
    found = []
    at = 0
    while at < len(runs):
        start, inner = runs[at]
        near = difference[start] if inner > 1 else zero
        end = at + 1
        far = zero
        while end < len(runs) and runs[end][1] == inner and (inner == 1 or (difference[runs[end][0]] == near).all()):
            step = matrix[runs[end][0]] - matrix[runs[end - 1][0]]
            if end > at + 1 and (step != far).any():
                break
            far = step
            end += 1
        outer = end - at
        found.append((start, outer, inner, far if outer > 1 else zero, near))
        at = end
    return found
