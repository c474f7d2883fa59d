"""Forward mode: derivatives along a direction, against gradients, differences and second derivatives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback import OPERATIONS, Operation, Value, finite_differences, gradient, hessian, jvp, tanh
from autoback.engine.value import record
from autoback.native.function import compile as compiled
from tests import oracles
from tests.graphs import Program, programs

DIRECTION = [0.7, -1.3, 0.4, 2.0]


@given(programs(40))
def test_the_rate_along_a_direction_is_the_gradient_times_it(program: Program) -> None:
    """Forward and reverse mode agree on any graph: Σ ∂y/∂xᵢ vᵢ."""
    leaves = program.leaves()
    root = program(*leaves)
    direction = DIRECTION[: len(leaves)]
    slopes = [slope.data for slope in gradient(root, leaves)]
    expected = sum(slope * v for slope, v in zip(slopes, direction, strict=True))
    size = sum(abs(slope * v) for slope, v in zip(slopes, direction, strict=True))
    assert jvp(root, leaves, direction).data == pytest.approx(expected, rel=1e-12, abs=1e-13 * max(1.0, size))


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_one_operation_moves_as_its_partials_say(row: Operation) -> None:
    """Along each single input the rate of a node is its recorded partial, bit for bit."""
    for point in oracles.points(row):
        leaves = [Value(x) for x in point]
        node = record(row, tuple(leaves))
        for k in oracles.variables(row, point):
            assert jvp(node, leaves[k], 1.0).data == node.partials[k]


@given(programs(8), st.integers(0, 3))
def test_forward_over_reverse_is_a_product_with_the_hessian(program: Program, k: int) -> None:
    """The rate of the gradient along a unit vector is a row of the Hessian."""
    leaves = program.leaves()
    root = program(*leaves)
    unit = [float(i == k % len(leaves)) for i in range(len(leaves))]
    product = [entry.data for entry in jvp(gradient(root, leaves), leaves, unit)]
    expected = [entry.data for entry in hessian(root, leaves)[k % len(leaves)]]
    assert product == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_rate_is_a_graph() -> None:
    """It can be differentiated again, by its inputs and by its direction, and follows a refresh."""
    x, v = Value(0.5), Value(2.0)
    rate = jvp(tanh(x), x, v)
    slope = 1.0 - tanh(0.5) ** 2
    assert rate.data == pytest.approx(2.0 * slope, rel=1e-15)
    assert gradient(rate, v).data == pytest.approx(slope, rel=1e-15)
    assert gradient(rate, x).data == pytest.approx(finite_differences(lambda a: jvp(tanh(a), a, 2.0), [0.5])[0], rel=1e-7)
    x.data = 0.0
    rate.refresh()
    assert rate.data == 2.0


def test_several_outputs_and_inner_nodes() -> None:
    """Outputs that do not move have rate 0; an inner node and a leaf below it can both be inputs, as in gradient."""
    x, y = Value(2.0), Value(3.0)
    z = x * y
    assert [rate.data for rate in jvp([z, z * z, y], x, 1.0)] == [3.0, 36.0, 0.0]
    assert jvp(z * x, [z, x], [1.0, 1.0]).data == sum(slope.data for slope in gradient(z * x, [z, x]))
    assert jvp(x, [x, x], [1.0, 2.0]).data == 3.0
    assert jvp([], [x], [1.0]) == []
    assert (x.grad, y.grad) == (None, None)


def test_a_rate_can_be_compiled() -> None:
    """While a program is recorded the rate is recorded too, with the direction as an argument."""
    f = compiled(lambda x, y, v, w: jvp(tanh(x * y), [x, y], [v, w]), 4)
    x, y = Value(0.3), Value(0.8)
    assert f(0.3, 0.8, 1.0, -2.0) == jvp(tanh(x * y), [x, y], [1.0, -2.0]).data


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3, Value(1.0), 1.0), TypeError, r"jvp\(.*\) takes Values, got a int: 3"),
        ((Value(1.0), "x", 1.0), TypeError, r"takes Values, got a str: 'x'"),
        ((Value(1.0), [Value(1.0)], [1.0, 2.0]), ValueError, "one number for each of the 1 inputs, got 2"),
        ((Value(1.0), Value(1.0), "1"), TypeError, "direction takes Values and real numbers, got a str: '1'"),
        ((Value(1.0), Value(1.0), float("nan")), ValueError, "a Value holds a finite number, got nan"),
    ],
)
def test_wrong_arguments_are_named(arguments: tuple[object, ...], error: type[Exception], message: str) -> None:
    """What is no Value, no number or too many is said."""
    with pytest.raises(error, match=message):
        jvp(*arguments)  # type: ignore[call-overload]
