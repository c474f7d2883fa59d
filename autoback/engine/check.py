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
    """A gradient and its finite difference disagree; the message is the table of all inputs."""


@dataclass(frozen=True)
class Check:
    """One row of a gradient check.

    name: the input; at: where; analytic, numeric: the two derivatives;
    error: their difference relative to the larger of the two and `floor`; passed: within the tolerance
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
    here = _at(f, point) if method == "forward" else 0.0
    slopes = []
    for k, x in enumerate(point):
        h = default_step(x, method) if step is None else step
        above, below = x + h, x - h
        if not below < x < above:
            raise ValueError(f"step {h:g} is too small to move the input {x:g}; the least that does is {math.ulp(x):g}")
        # Divide by the distance really moved: x + h is rounded, and the rounding is known.
        rise, run = (_at(f, [*point[:k], above, *point[k + 1 :]]), above)
        if method == "central":
            slopes.append((rise - _at(f, [*point[:k], below, *point[k + 1 :]])) / (run - below))
        else:
            slopes.append((rise - here) / (run - x))
    return slopes


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
    """The gradients of f at one point, each beside its finite difference.

    f:         callable of n Values returning a Value
    at:        n numbers
    step:      half-width of the difference, in the unit of `at`; default cbrt(eps) * max(1, |x|)
    method:    "central" or "forward"
    tolerance: largest relative error that passes; default 1e-6 central, 1e-4 forward
    names:     n names for the table; default x1 … xn, or the labels f gives its arguments
    The error is relative to the larger derivative or to eps·|f|/step, whichever is more: below that
    a difference of rounded numbers says nothing.
    Raises GradientMismatch, which prints the table, when a pair differs by more than the tolerance,
    ValueError for a step or a tolerance that is not positive.
    Source: Nocedal & Wright, Numerical Optimization, 2nd ed., section 8.1

    >>> print(*check_gradients(lambda w, x: (w * x).tanh(), [0.5, 2.0]), sep="\\n")  # doctest: +ELLIPSIS
    Check(name='x1', at=0.5, analytic=0.8399..., numeric=0.8399..., error=..., passed=True)
    Check(name='x2', at=2.0, analytic=0.2099..., numeric=0.2099..., error=..., passed=True)
    """
    inputs = [Value(x) for x in at]
    output = _result(f(*inputs))
    if output.is_stale():
        raise ValueError("the function changed a leaf after using it, so its graph is stale; call refresh() on what it returns")
    output.backward()
    numeric = finite_differences(f, at, step, method)
    labels = list(names) if names is not None else [node.label or f"x{k}" for k, node in enumerate(inputs, 1)]
    if len(labels) != len(inputs):
        raise ValueError(f"names must have one entry for each of the {len(inputs)} inputs, got {len(labels)}")
    return compared(labels, inputs, numeric, output.data, step, method, tolerance)


def compared(
    labels: Sequence[str],
    leaves: Sequence[Value],
    numeric: Sequence[float],
    result: float,
    step: float | None,
    method: Method,
    tolerance: float | None,
) -> list[Check]:
    """The gradients that a `backward` left in some leaves, each beside its finite difference; arguments and errors as `check_gradients`.

    result: the number that was differentiated
    """
    if tolerance is None:
        tolerance = 1e-6 if method == "central" else 1e-4
    if not tolerance > 0.0:
        raise ValueError(f"tolerance must be a positive number, got {tolerance}")
    checks = []
    for label, node, difference in zip(labels, leaves, numeric, strict=True):
        analytic = node.grad or 0.0  # None: f does not depend on this input
        h = step or default_step(node.data, method)
        floor = max(_EPSILON * abs(result) / h, _TINY) / tolerance
        error = abs(analytic - difference) / max(abs(analytic), abs(difference), floor)
        checks.append(Check(label, node.data, analytic, difference, error, error <= tolerance))
    if not all(check.passed for check in checks):
        raise GradientMismatch(
            f"{sum(not check.passed for check in checks)} of {len(checks)} gradients differ from the {method} difference "
            f"by more than {tolerance:g}\n{table(checks)}"
        )
    return checks


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
