"""Every row of the table, in machine code, against the engine."""

import math
from functools import cache

import numpy as np
import pytest

from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient
from autoback.engine.operations import OPERATIONS, Operation
from autoback.engine.value import Value, record
from autoback.native.function import Compiled
from autoback.native.program import Program

ROWS = list(OPERATIONS.values())
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-8, -1e-8, 1e-300, 5e-324, 20.0, -20.0, 700.0, -700.0, -745.0, 1e15, 1e150, -1e150, 1.7e308]


def inputs_of(row: Operation) -> int:
    return 6 if row.nary else row.arity


@cache
def points(row: Operation) -> list[list[float]]:
    """Numbers over the row's domain, and every special number that the engine accepts in it."""
    rng = np.random.default_rng(len(row.name))
    low, high = row.domain
    n = inputs_of(row)
    drawn = rng.uniform(low, high, (200, n)).tolist()
    drawn += [[special if k == where else float(rng.uniform(low, high)) for k in range(n)] for special in SPECIAL for where in range(n)]
    if row.constants:
        exponents = [2.0, 3.0, -1.0, 0.5, 1.0, 4.0, 2.5]
        drawn = [[*point[:-1], exponents[k % len(exponents)]] for k, point in enumerate(drawn)]
    return [point for point in drawn if accepted(row, point)]


def accepted(row: Operation, point: list[float]) -> bool:
    """Whether the engine computes the row there, and its partials also as Values."""
    try:
        recorded(row, point)
    except ArithmeticError:
        return False
    return True


def recorded(row: Operation, point: list[float]) -> tuple[list[Value], list[Value]]:
    """(the row and its gradients, its inputs); constant inputs stay the point's own."""
    leaves = [Value(number) for number in point]
    variable = leaves[: len(leaves) - row.constants]
    out = record(row, tuple(leaves))
    return [out, *gradient(out, variable)], variable


def groups(row: Operation) -> list[list[list[float]]]:
    """The points, those with the same constants together."""
    by_constants: dict[tuple[float, ...], list[list[float]]] = {}
    for point in points(row):
        by_constants.setdefault(tuple(point[len(point) - row.constants :]), []).append(point)
    return list(by_constants.values())


def scale(row: Operation, point: list[float], out: float) -> float:
    """The largest number that takes part in a partial or in a sum: what its rounding is relative to."""
    products = [abs(x * y) for x, y in zip(point, point[len(point) // 2 :], strict=False)] if row.nary else []
    return max([abs(out), *products, *(abs(number) for number in point if row.nary)])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_one_number_at_a_time_equals_the_engine_to_the_last_bit(row: Operation) -> None:
    """A call on single numbers uses the same libm in the same order, so value and partials are equal."""
    for some in groups(row):
        compiled = Program(*recorded(row, some[0]))
        for point in some:
            value, partials = row.evaluate_ieee(point)
            got = compiled.at(point[: len(point) - row.constants])
            want = [value, *partials[: len(point) - row.constants]]
            assert got == want, point


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_vectors_agree_with_the_engine_within_four_ulp(row: Operation) -> None:
    """Blocks of samples use polynomials for exp, log and tanh; each result is at most 4 units in the last place away."""
    for some in groups(row):
        compiled = Program(*recorded(row, some[0]))
        variable = len(some[0]) - row.constants
        got = compiled.run(np.array(some * 2)[:, :variable])  # twice, so that there are always several to a block
        for point, out in zip(some, got, strict=False):
            value, partials = row.evaluate_ieee(point)
            # A partial such as 1 − out² cancels: what 4 ulp of `out` mean for it is 4 ulp of the larger terms, here 1.
            assert abs(out[0] - value) <= 4 * math.ulp(scale(row, point, value) if row.nary else value), point
            for derivative, want in zip(out[1:], partials, strict=False):
                assert abs(derivative - want) <= 4 * max(math.ulp(want), math.ulp(1.0) if abs(want) <= 1.0 else 0.0), point


@pytest.mark.parametrize("row", [row for row in ROWS if not row.nary and not row.constants], ids=lambda row: row.name)
def test_where_the_engine_refuses_a_number_native_code_refuses_it(row: Operation) -> None:
    """Outside the domain, and where the result overflows, the error is the engine's and names the operation."""
    compiled = Compiled(FUNCTIONS[row.name], row.arity)
    for special in SPECIAL:
        point = [special] * row.arity
        try:
            row.evaluate_ieee(point)
        except ArithmeticError as error:
            if "no finite derivative" in str(error):
                continue  # a value alone needs no derivative
            with pytest.raises(type(error)) as caught:
                compiled(*point)
            assert caught.value.operation == row.name  # type: ignore[attr-defined]
        else:
            assert math.isfinite(compiled(*point))
