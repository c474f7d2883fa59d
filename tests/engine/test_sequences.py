"""Functions of a whole sequence: safe at every size, right in value, gradient and second derivative."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autoback
from autoback import Value, check_gradients, finite_differences, gradient, log_softmax, logsumexp, norm, prod, softmax

TO_ONE: dict[str, Callable[..., Value]] = {
    "logsumexp": lambda *x: logsumexp(x),
    "softmax": lambda *x: softmax(x)[0],
    "log_softmax": lambda *x: log_softmax(x)[-1],
    "prod": lambda *x: prod(x),
    "norm": lambda *x: norm(x),
    "max": lambda *x: autoback.max(x),
    "min": autoback.min,
}


@pytest.mark.parametrize("name", TO_ONE)
def test_gradients_are_the_differences(name: str) -> None:
    """The gradient of each is what finite differences give, and so is the gradient of the gradient."""
    f, at = TO_ONE[name], [0.3, -1.2, 2.0]
    check_gradients(f, at)

    def first(*x: Value) -> Value:
        return gradient(f(*x), x[1]) + 0.0

    leaves = [Value(number) for number in at]
    second = [entry.data for entry in gradient(first(*leaves), leaves)]
    assert second == pytest.approx(finite_differences(first, at), abs=1e-7)


@pytest.mark.parametrize("size", [1.0, 1000.0, 1e300])
def test_no_size_overflows(size: float) -> None:
    """softmax, log_softmax and logsumexp are exact where their powers would overflow."""
    assert [p.data for p in softmax([Value(size), Value(-size)])] == pytest.approx(
        [1 / (1 + math.exp(-2 * size)), math.exp(-2 * size)], rel=0.2
    )
    assert softmax([size, size, -size])[:2] == pytest.approx([0.5, 0.5], rel=0.07)
    assert logsumexp([Value(size), Value(-size)]).data == pytest.approx(size, rel=0.2)
    assert log_softmax([size, -size])[1] == pytest.approx(-2 * size, rel=0.1)
    first = Value(size)
    logsumexp([first, Value(-size)]).backward()
    assert first.grad == pytest.approx(1.0, rel=0.2)


@given(st.lists(st.floats(-50.0, 50.0), min_size=1, max_size=8))
def test_probabilities_sum_to_one(numbers: list[float]) -> None:
    """softmax is the powers' shares, and log_softmax its logarithm."""
    shares = softmax(numbers)
    assert math.fsum(shares) == pytest.approx(1.0, rel=1e-14)
    assert [math.exp(log) for log in log_softmax(numbers)] == pytest.approx(shares, rel=1e-12)
    assert logsumexp(numbers) == pytest.approx(math.log(math.fsum(map(math.exp, numbers))), rel=1e-12, abs=1e-12)


def test_the_largest_and_the_smallest() -> None:
    """max and min are rows, which follow their numbers after a refresh; two that tie share the gradient."""
    a, b, c = Value(1.0), Value(3.0), Value(2.0)
    top, bottom = autoback.max([a, b, c]), autoback.min(a, b, c)
    assert (top.data, bottom.data) == (3.0, 1.0)
    a.data = 5.0
    top.refresh()
    bottom.refresh()
    assert (top.data, bottom.data) == (5.0, 2.0)
    x, y = Value(1.0), Value(1.0)
    autoback.max(x, y).backward()
    assert (x.grad, y.grad) == (0.5, 0.5)
    assert (autoback.max([Value(7.0)]).data, autoback.max([7]), prod([]), prod([Value(2.0), 3]).data) == (7.0, 7.0, 1.0, 6.0)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "norm", "max", "min"])
def test_what_is_no_sequence_is_refused(name: str) -> None:
    """One Value and nothing at all are named."""
    function = getattr(autoback, name)
    with pytest.raises(TypeError, match=rf"{name} takes a sequence of numbers, got a Value: write {name}\(\[a, b, \.\.\.\]\)"):
        function(Value(1.0))
    with pytest.raises(ValueError, match=f"{name} takes a sequence that is not empty"):
        function([])


def test_a_length_of_zero_has_no_slope() -> None:
    """The norm of zeros is 0, and says that it has no derivative there."""
    assert norm([0.0, 0.0]) == 0.0
    with pytest.raises(autoback.OperationError, match=r"sqrt.* has no finite derivative"):
        norm([Value(0.0), Value(0.0)])
