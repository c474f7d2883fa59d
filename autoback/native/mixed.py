"""Training on samples of several forms: a program for each form, and one step for all samples of a batch."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autoback.native.program import Doubles, block_width, scratch
from autoback.native.training import TrainingProgram, indices, rates_of, spoiled

__all__ = ["run_mixed"]


def run_mixed(
    programs: Sequence[TrainingProgram],
    data: Sequence[tuple[Any, Any]],
    places: Any,
    order: Any,
    *,
    batch_size: int,
    rates: Any,
    first_step: int = 1,
) -> Doubles:
    """Train on samples of several forms, and give the loss of each batch before its step.

    programs: one for each form; all train the same parameters with the same optimiser, penalty and clip
    data:     for each program its x and y
    places:   N × 2 numbers: for each sample the number of its program, and its row in that program's data
    order:    S indices of samples, cut into batches. The gradient of a batch is summed over its forms, one after the other
    batch_size, rates, first_step: as for `TrainingProgram.run`
    `values` and `state` of the first program are where training starts; all programs have those that it reaches.
    Raises as `TrainingProgram.run`, with the values and state of the last good step.

    >>> from autoback import Value
    >>> w, x, y = Value(0.0), [Value(1.0), Value(1.0)], Value(1.0)
    >>> sgd = lambda p, g, rate, step: p - rate * g
    >>> short = TrainingProgram([w], x[:1], [y], (w * x[0] - y) ** 2.0, sgd)
    >>> long = TrainingProgram([w], x, [y], (w * (x[0] + x[1]) - y) ** 2.0, sgd)
    >>> data = [([[1.0]], [[3.0]]), ([[1.0, 1.0], [0.0, 1.0]], [[6.0], [3.0]])]
    >>> losses = run_mixed([short, long], data, [[0, 0], [1, 0], [1, 1]], [0, 1, 2], batch_size=2, rates=0.1)
    >>> losses.round(4).tolist(), long.values is short.values
    ([22.5, 2.25], True)
    """
    first = programs[0]
    _require_alike(programs)
    places, order = np.asarray(places, dtype=np.int64).reshape(-1, 2), indices(np.asarray(order)[np.newaxis], len(places))[0]
    pairs = [program.arrays(*pair) for program, pair in zip(programs, data, strict=True)]
    _require_places(places, [len(x) for x, _ in pairs])
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    count = -(-len(order) // batch_size)
    rates, several = rates_of(rates, count)
    order, rows, parts = _sorted(places, order, batch_size)
    ready = []
    for k, (program, (x, y)) in enumerate(zip(programs, pairs, strict=True)):
        sizes = [stop - start for each in parts for number, start, stop in each if number == k]
        width = block_width(program.plan, -(-sum(sizes) // len(sizes))) if sizes else 1
        function, size = program.function("sums", width, fresh=batch_size == 1)
        ready.append((function, x.ctypes.data, y.ctypes.data, scratch(size)))
    move, size = first.function("move")
    losses, sums, memory = np.empty(count), np.zeros(len(first.parameters) + 1), scratch(size)
    numbers = rates.tolist() * (1 if several else count)

    def train(values: Doubles, state: Doubles, most: int) -> int:
        """How many steps were taken; a step that fails may leave values behind that are not finite."""
        own, total, own_state, workplace = (array.ctypes.data for array in (values, sums, state, memory))
        at_rows, at_losses = rows.ctypes.data, losses.ctypes.data
        for number, each in enumerate(parts[:most]):
            if batch_size > 1:
                sums.fill(0.0)
            for k, start, stop in each:
                function, x, y, place = ready[k]
                if function(own, x, y, at_rows + 8 * start, stop - start, total, place.ctypes.data):
                    return number
            size = each[-1][2] - each[0][1]
            if move(own, own_state, total, size, numbers[number], float(first_step + number), at_losses + 8 * number, workplace):
                return number
        return most

    values, state = first.values.copy(), first.state.copy()
    done = train(values, state, count)
    if done < count:
        values, state = first.values.copy(), first.state.copy()
        train(values, state, done)
    for program in programs:
        program.values, program.state = values, state
    if done < count:
        for k, start, stop in parts[done]:
            programs[k].record_again(*pairs[k], zip(rows[start:stop], order[start:stop], strict=True))
        raise spoiled(order[parts[done][0][1] : parts[done][-1][2]])
    return losses


def _sorted(places: Any, order: Any, batch_size: int) -> tuple[Any, Any, list[list[tuple[int, int, int]]]]:
    """The samples so that in each batch those of a program follow each other.

    Returns their indices, the row of each in the data of its program, and for each batch (program, start, stop) of its parts.
    """
    batch = np.arange(len(order)) // batch_size
    order = order[np.lexsort((places[order, 0], batch))]
    which, rows = np.ascontiguousarray(places[order].T)
    starts = np.flatnonzero(np.diff(which, prepend=-1) | np.diff(batch, prepend=-1)).tolist()
    parts: list[list[tuple[int, int, int]]] = [[] for _ in range(-(-len(order) // batch_size))]
    for start, stop in pairwise([*starts, len(order)]):
        parts[start // batch_size].append((int(which[start]), start, stop))
    return order, rows, parts


def _require_alike(programs: Sequence[TrainingProgram]) -> None:
    """Raise ValueError where programs train other parameters, or have another optimiser, than the first."""
    shared, state = list(map(id, programs[0].parameters)), programs[0].state.shape
    if any(list(map(id, program.parameters)) != shared or program.state.shape != state for program in programs):
        raise ValueError("the programs must train the same parameters, in the same order, with the same optimiser")


def _require_places(places: Any, sizes: Sequence[int]) -> None:
    """Raise ValueError where a sample has no program, or no row in the data of its program."""
    program, row = places.T
    known = (program >= 0) & (program < len(sizes))
    good = known & (row >= 0) & (row < np.array(sizes)[np.where(known, program, 0)])
    if not good.all():
        sample = int(np.argmin(good))
        raise ValueError(
            f"places[{sample}] must be one of {len(sizes)} programs and a row of its data, got {program[sample]} and {row[sample]}"
        )
