"""The steps of a program: loops over evenly stepping numbers, and tables of addresses for the rest."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autoback.engine.operations import Operation

__all__ = ["CONSTANT", "PARAMETER", "RESULT", "SLOT", "Integers", "Loop", "Place", "Segment", "Table", "regular_pieces"]

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
class Segment:
    """Terms of a sum that lie evenly: `terms` of them, with one Place for each sequence of inputs."""

    terms: int
    operands: tuple[Place, ...]


@dataclass(frozen=True)
class Loop:
    """One operation on evenly stepping operands, outer × inner times; `op` None copies.

    segments: the terms that each result sums, in order; a row that is not n-ary has one term
    checked:  whether a result that is not finite must be noticed here, since no later check would notice it
    start:    where the number lies that a sum starts with, or None
    """

    op: Operation | None
    outer: int
    inner: int
    segments: tuple[Segment, ...]
    target: Place
    checked: bool = False
    start: Place | None = None

    @property
    def terms(self) -> int:
        return sum(segment.terms for segment in self.segments)

    @property
    def work(self) -> int:
        return self.outer * self.inner * self.terms


@dataclass(frozen=True)
class Table:
    """One operation on operands anywhere: a row of slot numbers for each result; targets follow each other.

    operands: count × inputs slot numbers; with `started` a row begins with the slot of the number that a sum starts with
    literals: numbers that stand in for trailing inputs
    """

    op: Operation | None
    terms: int
    operands: Integers = field(repr=False)
    literals: tuple[float, ...]
    target: Place
    checked: bool = False
    started: bool = False

    @property
    def count(self) -> int:
        return len(self.operands)

    @property
    def work(self) -> int:
        return self.count * max(1, self.terms)


def regular_pieces(matrix: Integers, most: int | None = None) -> list[tuple[int, int, int, Integers, Integers]] | None:
    """The rows of a matrix as few evenly stepping pieces (start, outer, inner, outer step, inner step).

    most: give up and return None where more pieces than this would be needed

    >>> [piece[:3] for piece in regular_pieces(np.array([[0, 5], [0, 6], [1, 5], [1, 6], [9, 9]]))]
    [(0, 2, 2), (4, 1, 1)]
    """
    count, width = matrix.shape
    zero = np.zeros(width, np.int64)
    difference = np.diff(matrix, axis=0)
    change = (np.flatnonzero((difference[1:] != difference[:-1]).any(axis=1)) + 1).tolist() if count > 2 else []
    runs: list[tuple[int, int]] = []  # (start, length): rows whose difference stays the same
    start = later = 0
    while start < count:
        while later < len(change) and change[later] <= start:
            later += 1
        end = change[later] if later < len(change) else count - 1
        length = end - start + 1 if start < count - 1 else 1
        runs.append((start, length))
        start += length
    found: list[tuple[int, int, int, Integers, Integers]] = []
    at = 0
    while at < len(runs):
        if most is not None and len(found) == most:
            return None
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
