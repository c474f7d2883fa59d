"""Functions of a whole sequence: safe at every size, right in value, gradient and second derivative."""

import itertools
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autoback
from autoback import (
    OperationError,
    Value,
    check_gradients,
    cross_entropy,
    finite_differences,
    gradient,
    log_softmax,
    logsumexp,
    norm,
    prod,
    softmax,
)

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


def _largest_first(logits: list[float]) -> tuple[float, list[float]]:
    """log Σ exp and softmax in plain floats, with the exact sum of the powers."""
    largest = sorted(logits)[-1]
    powers = [math.exp(logit - largest) for logit in logits]
    return largest + math.log(math.fsum(powers)), [power / math.fsum(powers) for power in powers]


@pytest.mark.parametrize(
    "logits",
    [[-1e30, 2.0, 1.0], [-1e17, 1.0], [1e16] * 3, [-1e16] * 3, [1000.0, -1000.0, 999.0], [-1000.0] * 4, [0.0, -745.0, -1e308], [7.0]],
    ids=str,
)
def test_the_order_of_logits_of_any_size_does_not_matter(logits: list[float]) -> None:
    """logsumexp, log_softmax and cross_entropy are right wherever a logit far below the others stands, and where logits tie."""
    for order in itertools.permutations(logits):
        expected, shares = _largest_first(list(order))
        z = [Value(logit) for logit in order]
        total = logsumexp(z)
        total.backward()
        assert total.data == logsumexp(order) == pytest.approx(expected, rel=1e-15)
        assert [logit.grad for logit in z] == pytest.approx(shares, rel=1e-15, abs=1e-15)
        assert softmax(order) == pytest.approx(shares, rel=1e-15)
        assert [math.exp(log) for log in log_softmax(order)] == pytest.approx(shares, rel=1e-14)
        curvature = [[entry.data for entry in gradient(slope, z)] for slope in gradient(logsumexp(z), z)]
        for i, p in enumerate(shares):
            assert curvature[i] == pytest.approx([p * ((i == j) - q) for j, q in enumerate(shares)], abs=1e-15)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_loss_survives_a_logit_far_below_the_others(place: int) -> None:
    """cross_entropy, compiled too, is the loss of the other logits; their gradients are softmax minus the target."""
    at = [2.0, 1.0]
    at.insert(place, -1e30)
    right = at.index(1.0)
    shares = _largest_first(at)[1]
    z = [Value(logit) for logit in at]
    loss = cross_entropy(z, right)
    loss.backward()
    assert loss.data == pytest.approx(math.log1p(math.e), rel=1e-15)
    expected = [p - (k == right) for k, p in enumerate(shares)]
    assert [logit.grad for logit in z] == pytest.approx(expected, abs=1e-15)
    compiled = autoback.compile(lambda a, b, c: cross_entropy([a, b, c], right))
    assert compiled(*at) == pytest.approx(loss.data, rel=1e-15)
    assert list(compiled.gradient(*at)) == pytest.approx(expected, abs=1e-15)


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


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e-160, 1e160, 1e200, 1e307])
def test_a_norm_needs_no_squares_that_fit(size: float) -> None:
    """Numbers and Values whose squares are too large or too small for a double have a length and slopes all the same."""
    assert norm([3 * size, -4 * size]) == pytest.approx(5 * size, rel=1e-3 if size < 1e-300 else 1e-15, abs=0.0)
    x, y = Value(3 * size), Value(-4 * size)
    length = norm([x, y])
    length.backward()
    assert (x.grad, y.grad) == pytest.approx((0.6, -0.8), rel=1e-3 if size < 1e-300 else 1e-14)


def test_a_norm_beyond_all_doubles_is_refused() -> None:
    """The length of (1.7e308, 1.7e308) is no double."""
    for vector in ([1.7e308] * 2, [Value(1.7e308)] * 2):
        with pytest.raises(OperationError, match="is not finite"):
            norm(vector)
