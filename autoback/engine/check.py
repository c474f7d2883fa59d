"""Finite differences: the slow, sure way to a derivative, and the comparison with the fast one."""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from autoback.engine.value import Value

__all__ = ["Check", "GradientMismatch", "check_gradients", "finite_differences", "step_sweep"]

Function = Callable[..., Value]
Method = Literal["central", "forward"]

_EPSILON = sys.float_info.epsilon
_TINY = 1e-300


class GradientMismatch(AssertionError):
    """A gradient and its finite difference disagree; the message is the table of all inputs.

    >>> check_gradients(lambda x: x.data * x, [3.0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autoback.engine.check.GradientMismatch: 1 of 1 gradients differ from the central difference by more than 1e-06
    ...
    """


@dataclass(frozen=True)
class Check:
    """One row of a gradient check.

    name: the input; at: where; analytic, numeric: the two derivatives;
    error: their difference, relative to the larger of the two, or to what a difference can tell; passed: within the tolerance

    >>> check_gradients(lambda x: x * x, [3.0])[0]  # doctest: +ELLIPSIS
    Check(name='x1', at=3.0, analytic=6.0, numeric=..., error=..., passed=True)
    """

    name: str
    at: float
    analytic: float
    numeric: float
    error: float
    passed: bool


def default_step(at: float, method: Method = "central") -> float:
    """The step that balances truncation against rounding: cbrt(eps) for central, sqrt(eps) for forward, times max(1, |x|).

    Source: Nocedal & Wright, Numerical Optimization, 2nd ed., section 8.1.
    """
    return float((_EPSILON ** (1 / 3) if method == "central" else math.sqrt(_EPSILON)) * max(1.0, abs(at)))


def finite_differences(f: Function, at: Sequence[float], step: float | None = None, method: Method = "central") -> list[float]:
    """The n partial derivatives of f at one point, by differences alone.

    f:      callable of n Values returning a Value
    at:     n numbers
    step:   how far to move, in the unit of `at`; default: see `default_step`
    method: "central" is (f(x+h) − f(x−h)) / 2h, error of order h²; "forward" is
            (f(x+h) − f(x)) / h, error of order h, as the classic C code does
    Raises ValueError for a step that is not positive or too small to move an input.

    >>> [round(d, 6) for d in finite_differences(lambda x, y: x * y, [3.0, 4.0])]
    [4.0, 3.0]
    """
    if method not in ("central", "forward"):
        raise ValueError(f"method must be 'central' or 'forward', got {method!r}")
    if step is not None and not (math.isfinite(step) and step > 0.0):
        raise ValueError(f"step must be a positive number, got {step}")
    point = [Value(x).data for x in at]
    here = _at(f, point) if method == "forward" else None
    return [_difference(f, point, k, default_step(x, method) if step is None else step, here) for k, x in enumerate(point)]


def _difference(f: Function, point: list[float], k: int, h: float, here: float | None) -> float:
    """The slope along the k-th input: central, or forward from f(point) where that is given."""
    x = point[k]
    above, below = x + h, x - h
    if not below < x < above:
        raise ValueError(f"step {h:g} is too small to move the input {x:g}; the least that does is {math.ulp(x):g}")
    rise = _at(f, [*point[:k], above, *point[k + 1 :]])
    # Divide by the distance really moved: x + h is rounded, and the rounding is known.
    if here is not None:
        return (rise - here) / (above - x)
    return (rise - _at(f, [*point[:k], below, *point[k + 1 :]])) / (above - below)


def _at(f: Function, point: Sequence[float]) -> float:
    return _result(f(*map(Value, point))).data


def _result(output: object) -> Value:
    if not isinstance(output, Value):
        raise TypeError(f"the function must return a Value, got a {type(output).__name__}; wrap a constant as Value(...)")
    return output


def check_gradients(
    f: Function,
    at: Sequence[float],
    step: float | None = None,
    *,
    method: Method = "central",
    tolerance: float | None = None,
    names: Sequence[str] | None = None,
) -> list[Check]:
    """`autoback.check_gradients` of a function, where the arguments and errors are stated.

    >>> [check.passed for check in check_gradients(lambda w, x: (w * x).tanh(), [0.5, 2.0])]
    [True, True]
    """
    inputs = [Value(x) for x in at]
    output = _result(f(*inputs))
    if output.is_stale():
        raise ValueError("the function changed a leaf after using it, so its graph is stale; call refresh() on what it returns")
    output.backward()
    labels = list(names) if names is not None else [node.label or f"x{k}" for k, node in enumerate(inputs, 1)]
    if len(labels) != len(inputs):
        raise ValueError(f"names must have one entry for each of the {len(inputs)} inputs, got {len(labels)}")
    gradients = [node.grad or 0.0 for node in inputs]  # None: f does not depend on this input
    return compared(f, [node.data for node in inputs], labels, gradients, output.data, step, method, tolerance)


def compared(
    f: Function,
    at: Sequence[float],
    labels: Sequence[str],
    gradients: Sequence[float],
    result: float,
    step: float | None,
    method: Method,
    tolerance: float | None,
) -> list[Check]:
    """The gradients of f at a point, each beside its finite difference; other arguments and errors as `check_gradients`.

    result: f(at)
    """
    if tolerance is None:
        tolerance = 1e-6 if method == "central" else 1e-4
    if not tolerance > 0.0:
        raise ValueError(f"tolerance must be a positive number, got {tolerance}")
    checks = []
    numeric = finite_differences(f, at, step, method)
    for k, (label, x, analytic, difference) in enumerate(zip(labels, at, gradients, numeric, strict=True)):
        h = step or default_step(x, method)
        blur = max(_EPSILON * abs(result) / h, _TINY)
        error = _error(analytic, difference, blur / tolerance)
        if error > tolerance and step is None and (closer := _converged(f, list(at), k, h, method, analytic, difference)) is not None:
            error, numeric[k] = _error(analytic, closer, max(blur, abs(difference - closer)) / tolerance), closer
        checks.append(Check(label, x, analytic, numeric[k], error, error <= tolerance))
    if not all(check.passed for check in checks):
        raise GradientMismatch(
            f"{sum(not check.passed for check in checks)} of {len(checks)} gradients differ from the {method} difference "
            f"by more than {tolerance:g}\n{table(checks)}"
        )
    return checks


def _error(analytic: float, difference: float, floor: float) -> float:
    return abs(analytic - difference) / max(abs(analytic), abs(difference), floor)


def _converged(f: Function, at: list[float], k: int, h: float, method: Method, analytic: float, difference: float) -> float | None:
    """The difference of a quarter of the step, if each halving brings it closer to the gradient by the order of the method, else None.

    Then what lies between them is truncation, as for x³ at 0, whose slope is 0 and whose central difference is h².
    """
    here, order = (None, 4.0) if method == "central" else (_at(f, at), 2.0)
    for _ in range(2):
        h /= 2.0
        try:
            closer = _difference(f, at, k, h, here)
        except ValueError:  # so small a step moves nothing
            return None
        if abs(analytic - closer) > 1.2 / order * abs(analytic - difference):
            return None
        difference = closer
    return difference


def table(checks: Sequence[Check]) -> str:
    """A gradient check as aligned text, one line for each input."""
    width = max([5, *(len(check.name) for check in checks)])
    head = f"{'input':<{width}}  {'at':>12}  {'analytic':>16}  {'numeric':>16}  {'rel. error':>10}"
    lines = [head]
    for check in checks:
        verdict = "" if check.passed else "  <- differs"
        numbers = f"{check.at:12.6g}  {check.analytic:16.9g}  {check.numeric:16.9g}  {check.error:10.1e}"
        lines.append(f"{check.name:<{width}}  {numbers}{verdict}")
    return "\n".join(lines)


def step_sweep(
    f: Function, at: Sequence[float], steps: Sequence[float] | None = None, *, method: Method = "central"
) -> list[tuple[float, float]]:
    """(step, error) pairs: how far the finite difference is from the gradient as the step shrinks.

    f, at, method: as for `finite_differences`, which also states the errors
    steps: half-widths in the unit of `at`; default 1e-1, 1e-2, … 1e-14
    The error is the largest |difference − gradient| over the inputs. Plotted on two logarithmic
    axes it is a V: truncation falls with the step on the right, rounding grows as 1/step on the left.

    >>> errors = dict(step_sweep(lambda x: x.exp(), [1.0]))
    >>> errors[1e-1] > errors[1e-5] < errors[1e-11]
    True
    """
    inputs = [Value(x) for x in at]
    _result(f(*inputs)).backward()
    gradients = [node.grad or 0.0 for node in inputs]
    pairs = []
    for step in steps if steps is not None else [10.0**-k for k in range(1, 15)]:
        numeric = finite_differences(f, at, step, method)
        pairs.append((step, max((abs(a - b) for a, b in zip(gradients, numeric, strict=True)), default=0.0)))
    return pairs
