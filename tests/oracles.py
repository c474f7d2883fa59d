"""The judges: what each row of the table must agree with, each learnt in another way than the engine's.

Every judge takes a row, whether it stands in the table or not, and raises AssertionError when the
row is wrong; `engine/test_planted.py` shows that they do.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import sympy

from autoback.engine.check import check_gradients
from autoback.engine.formula import evaluate, fold
from autoback.engine.functions import take_apart
from autoback.engine.gradient import gradient
from autoback.engine.operations import Operation
from autoback.engine.value import Value, record, topological_order

Function = Callable[[Sequence[float]], float]

TERMS = 3  #: how many terms an n-ary row is given here


# Where a row is asked


def points(row: Operation) -> list[list[float]]:
    """Numbers from the row's domain, the same on every machine; some with a zero in front, where `where` turns."""
    lo, hi = row.domain
    draw = random.Random(row.name)
    n = row.arity * TERMS if row.nary else row.arity
    drawn = [[draw.uniform(lo, hi) for _ in range(n)] for _ in range(24 if row.arity > 2 else 6)]  # as many ways as three have to lie
    return drawn + [[0.0, *point[1:]] for point in drawn[:2] if lo < 0.0 < hi]


def variables(row: Operation, point: Sequence[float]) -> range:
    """The inputs that have a derivative: all but the trailing constants."""
    return range(len(point) - row.constants)


def slopes(f: Function, point: Sequence[float], k: int) -> tuple[float, float]:
    """The slope of f along input k to the left of a point and to the right; far apart at a kink."""
    here, h = f(point), 4e-3  # wider than any difference taken below
    left, right = ([*point[:k], point[k] + step, *point[k + 1 :]] for step in (-h, h))
    return (here - f(left)) / h, (f(right) - here) / h


def curvatures(f: Function, point: Sequence[float], k: int) -> tuple[float, float]:
    """The second differences of f along input k to the left of a point and to the right; far apart where the slope has a kink."""
    h = 4e-3
    there = [f([*point[:k], point[k] + n * h, *point[k + 1 :]]) for n in (-2, -1, 0, 1, 2)]
    left, right = ((there[n] - 2.0 * there[n + 1] + there[n + 2]) / (h * h) for n in (0, 2))
    return left, right


def smooth(f: Function, point: Sequence[float], k: int) -> bool:
    """Whether f has a derivative along input k at a point, and a second: slopes and curvatures on its two sides agree."""
    return all(abs(right - left) < 0.25 * max(1.0, abs(left), abs(right)) for left, right in (slopes(f, point, k), curvatures(f, point, k)))


def difference(f: Function, point: Sequence[float], k: int) -> float:
    """The derivative of f along input k by a difference of fourth order, good to some 1e-11.

    Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 25.3.6.
    """
    h = 1e-3
    there = {n: f([*point[:k], point[k] + n * h, *point[k + 1 :]]) for n in (-2, -1, 1, 2)}
    return (8.0 * (there[1] - there[-1]) - (there[2] - there[-2])) / (12.0 * h)


def value(row: Operation) -> Function:
    """What the row's value formula means, by the language's own definition and not by the code generated from it."""
    term = row.term

    def f(point: Sequence[float]) -> float:
        if not row.nary:
            return evaluate(term, dict(zip("xyz", point, strict=False)))
        n = len(point) // row.arity
        return sum(evaluate(term, {name: point[k * n + i] for k, name in enumerate("xyz"[: row.arity])}) for i in range(n))

    return f


def close(found: float, expected: float, tolerance: float, what: str) -> None:
    """Refuse a number that is further from what was expected than the tolerance, absolute below 1 and relative above."""
    assert abs(found - expected) <= tolerance * max(1.0, abs(expected)), f"{what}: {found!r}, expected {expected!r}"


# The judges


def judge_partials(row: Operation, slope: Callable[[Sequence[float], int], float], tolerance: float) -> None:
    """Each partial, where the value formula is smooth, is what `slope` says of that input at that point."""
    f = value(row)
    for point in points(row):
        _, partials = row.forward(*point)
        for k in variables(row, point):
            if smooth(f, point, k):
                close(partials[k], slope(point, k), tolerance, f"partial {k} of {row.name} at {point}")


def judge_by_differences(row: Operation) -> None:
    """Each partial is the slope of the value formula."""
    f = value(row)
    judge_partials(row, lambda point, k: difference(f, point, k), 1e-9)


def judge_by_algebra(row: Operation) -> None:
    """Each partial is sympy's derivative of the row's own value formula, to rounding."""
    judge_partials(row, lambda point, k: symbolic(row, point, k), 1e-14)


def judge_by_check(row: Operation) -> None:
    """The library's own gradient check finds nothing, through `record` and `backward`."""
    f = value(row)
    for point in points(row):
        free = [k for k in variables(row, point) if smooth(f, point, k)]

        def g(*moving: Value, free: Sequence[int] = free, point: Sequence[float] = point) -> Value:
            inputs = [Value(number) for number in point]
            for k, x in zip(free, moving, strict=True):
                inputs[k] = x
            return record(row, tuple(inputs))

        check_gradients(g, [point[k] for k in free], tolerance=2e-8)


def judge_second_order(row: Operation) -> None:
    """The gradient of a gradient is the slope of the gradient."""
    for point, k, j, first, second in _second_derivatives(row):
        close(second, difference(first, point, j), 1e-8, f"∂²{row.name}/∂{k}∂{j} at {point}")


def judge_second_order_by_algebra(row: Operation) -> None:
    """The gradient of a gradient is sympy's second derivative of the row's own value formula."""
    for point, k, j, _, second in _second_derivatives(row):
        close(second, symbolic(row, point, k, j), 1e-12, f"∂²{row.name}/∂{k}∂{j} at {point}")


def judge_elementary(row: Operation) -> None:
    """A row and its elementary definition have equal values and gradients."""
    for point in points(row):
        fused, apart = ([Value(number) for number in point] for _ in range(2))
        one, other = record(row, tuple(fused)), take_apart(row, tuple(apart))
        close(one.data, other.data, 1e-15, f"{row.name} at {point}")
        f = value(row)
        one.backward()
        other.backward()
        for k in variables(row, point):
            if smooth(f, point, k):
                close(fused[k].grad or 0.0, apart[k].grad or 0.0, 1e-14, f"partial {k} of {row.name} at {point}")


def _second_derivatives(row: Operation) -> Iterator[tuple[list[float], int, int, Function, float]]:
    """(point, k, j, the first derivative along k as a function, the derivative of it along j by two gradients) wherever it is smooth."""
    f = value(row)
    for point in points(row)[2:]:
        for k in variables(row, point):
            if not smooth(f, point, k):
                continue

            def first(at: Sequence[float], k: int = k) -> float:
                return row.forward(*at)[1][k]

            inputs = [Value(number) for number in point]
            slope = gradient(record(row, tuple(inputs)), inputs[k])
            for j in variables(row, point):
                if smooth(first, point, j):
                    yield point, k, j, first, gradient(slope, inputs[j]).data


# Algebra


class SympyReader:
    """A formula as a sympy expression, exact: literals become the rational numbers that the doubles are."""

    def __init__(self, bindings: dict[str, sympy.Expr]) -> None:
        self.bindings = bindings

    def number(self, value: float) -> sympy.Expr:
        return sympy.Rational(value)

    def name(self, name: str) -> sympy.Expr:
        return self.bindings[name]

    def negate(self, operand: sympy.Expr) -> sympy.Expr:
        return -operand

    def binary(self, symbol: str, left: sympy.Expr, right: sympy.Expr) -> sympy.Expr:
        match symbol:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
        return left / right

    def compare(self, symbol: str, left: sympy.Expr, right: sympy.Expr) -> sympy.Expr:
        relations = {">": sympy.Gt, ">=": sympy.Ge, "<": sympy.Lt, "<=": sympy.Le, "==": sympy.Eq}
        return relations[symbol](left, right)

    def call(self, function: str, arguments: list[sympy.Expr]) -> sympy.Expr:
        x = arguments[0]
        match function:
            case "where":
                return sympy.Piecewise((arguments[1], x), (arguments[2], True))
            case "maximum":
                return sympy.Piecewise((x, x > arguments[1]), (arguments[1], True))
            case "minimum":
                return sympy.Piecewise((x, x < arguments[1]), (arguments[1], True))
            case "abs":
                return sympy.Piecewise((x, x > 0), (-x, True))
            case "pow":
                return x ** arguments[1]
            case "log2" | "log10":
                return sympy.log(x) / sympy.log(int(function[3:]))
            case "floor":
                return sympy.Symbol("step")  # constant but for its jumps
            case "log1p":
                return sympy.log(1 + x)
            case "expm1":
                return sympy.exp(x) - 1
        return getattr(sympy, function)(x)


@cache
def _derivative(row: Operation, n: int, along: tuple[int, ...]) -> tuple[list[sympy.Symbol], sympy.Expr]:
    symbols = list(sympy.symbols(f"v:{n}", real=True))
    if row.nary:
        m = n // row.arity
        terms = [SympyReader({name: symbols[k * m + i] for k, name in enumerate("xyz"[: row.arity])}) for i in range(m)]
        expression = sum(fold(row.term, reader) for reader in terms)
    else:
        expression = fold(row.term, SympyReader(dict(zip("xyz", symbols, strict=False))))
    for k in along:
        expression = sympy.diff(expression, symbols[k])
    return symbols, expression


def symbolic(row: Operation, point: Sequence[float], *along: int) -> float:
    """Sympy's derivative of the row's value along the given inputs, to thirty digits and then rounded."""
    symbols, expression = _derivative(row, len(point), along)
    return float(expression.subs({symbol: sympy.Rational(x) for symbol, x in zip(symbols, point, strict=True)}).evalf(30))


# Graphs


def tangent(root: Value, leaf: Value) -> float:
    """d(root)/d(leaf) carried forward from the leaf, the other way round than `backward` goes."""
    along = {leaf: 1.0}
    for node in topological_order(root):
        if node.op is not None:
            along[node] = sum(partial * along.get(below, 0.0) for below, partial in zip(node.inputs, node.partials, strict=True))
    return along.get(root, 0.0)


def chain(n: int, leaf: Value) -> Value:
    """n nodes in a row above a leaf, of +, × and tanh in turn, each but tanh with a second edge to the leaf."""
    node = leaf
    for k in range(n):
        node = node + leaf if k % 3 == 0 else node * leaf if k % 3 == 1 else node.tanh()
    return node
