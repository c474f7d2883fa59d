"""Finite differences, the gradient check that prints a table, and the V of the step sweep."""

import math
import sys
from collections.abc import Callable

import pytest

from autoback import GradientMismatch, OperationError, Value, check_gradients, finite_differences, relu, sin, step_sweep, tanh
from autoback.engine.check import Method, default_step


def neuron(w: Value, x: Value, b: Value) -> Value:
    return tanh(w * x + b)


AT = [0.5, 2.0, -0.3]
SLOPES = [(1 - math.tanh(0.7) ** 2) * k for k in (2.0, 0.5, 1.0)]


def test_central_differences() -> None:
    """(f(x+h) − f(x−h)) / 2h is right to about 1e-10 with its own step."""
    assert finite_differences(neuron, AT) == pytest.approx(SLOPES, rel=1e-9)


def test_forward_differences() -> None:
    """(f(x+h) − f(x)) / h, as the classic C code has it, is right to about 1e-7."""
    found = finite_differences(neuron, AT, method="forward")
    assert found == pytest.approx(SLOPES, rel=1e-6)
    assert found != pytest.approx(SLOPES, rel=1e-10)


@pytest.mark.parametrize(("method", "expected"), [("central", 12.0 + 0.25), ("forward", 12.0 + 6.0 * 0.5 + 0.25)])
def test_differences_of_a_cube_by_hand(method: str, expected: float) -> None:
    """With x = 2 and h = ½ the differences of x³ are 12 + h² and 12 + 6h + h²."""
    assert finite_differences(lambda x: x * x * x, [2.0], 0.5, method=method) == [expected]  # type: ignore[arg-type]


def test_the_distance_moved_is_the_one_divided_by() -> None:
    """A step that rounding changes does no harm: the slope of x is exactly 1 anywhere."""
    for at in (0.1, 1e6 + 0.1, 1e12 + 0.3):
        assert finite_differences(lambda x: x * 1.0, [at]) == [1.0]
        assert finite_differences(lambda x: x * 1.0, [at], method="forward") == [1.0]


@pytest.mark.parametrize("at", [0.0, 0.5, -3.0, 1e6])
def test_default_steps(at: float) -> None:
    """The step grows with the input, as the cube root of eps for central and its square root for forward."""
    eps = sys.float_info.epsilon
    assert default_step(at) == pytest.approx(eps ** (1 / 3) * max(1.0, abs(at)))
    assert default_step(at, "forward") == pytest.approx(math.sqrt(eps) * max(1.0, abs(at)))


@pytest.mark.parametrize("step", [0.0, -1e-3, math.nan, math.inf])
def test_a_step_is_a_positive_number(step: float) -> None:
    """Anything else is refused by name."""
    with pytest.raises(ValueError, match=r"step must be a positive number, got"):
        finite_differences(neuron, AT, step)


def test_a_step_too_small_to_move_is_refused() -> None:
    """A step lost in rounding would give 0/0; the error says which step is not."""
    with pytest.raises(ValueError, match=r"step 1e-20 is too small to move the input 0.5; the least that does is"):
        finite_differences(neuron, AT, 1e-20)


def test_the_method_is_one_of_two() -> None:
    """Another method is refused, with what there is."""
    with pytest.raises(ValueError, match=r"method must be 'central' or 'forward', got 'backward'"):
        finite_differences(neuron, AT, method="backward")  # type: ignore[arg-type]


def test_the_function_must_return_a_value() -> None:
    """A function that returns a bare number has no gradient."""
    with pytest.raises(TypeError, match=r"must return a Value, got a float; wrap a constant"):
        check_gradients(lambda x: 1.0, [1.0])  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match="must return a Value, got a NoneType"):
        finite_differences(lambda x: None, [1.0])  # type: ignore[arg-type,return-value]


def test_a_right_gradient_passes_with_one_row_for_each_input() -> None:
    """check_gradients returns name, point, both derivatives and their relative error."""
    checks = check_gradients(neuron, AT, names=["w", "x", "b"])
    assert [check.name for check in checks] == ["w", "x", "b"]
    assert [check.at for check in checks] == AT
    assert [check.analytic for check in checks] == pytest.approx(SLOPES, rel=1e-15)
    assert [check.numeric for check in checks] == finite_differences(neuron, AT)
    assert all(check.passed and check.error < 1e-8 for check in checks)


def test_names_default_to_numbers_or_to_labels() -> None:
    """Inputs are x1, x2, … unless the function labels its arguments."""

    def labelled(a: Value, b: Value) -> Value:
        a.label = "first"
        return a * b

    assert [check.name for check in check_gradients(neuron, AT)] == ["x1", "x2", "x3"]
    assert [check.name for check in check_gradients(labelled, [1.0, 2.0])] == ["first", "x2"]
    for names in (["w"], ["w", "x", "b", "more"]):
        with pytest.raises(ValueError, match=f"names must have one entry for each of the 3 inputs, got {len(names)}"):
            check_gradients(neuron, AT, names=names)


def detached(x: Value, y: Value) -> Value:
    """A gradient bug as it is usually written: part of the path goes through a bare float."""
    return x * y + Value(y.data * y.data)


def test_a_wrong_gradient_raises_the_table() -> None:
    """GradientMismatch prints every input, marks the wrong ones, and is an AssertionError, so tests report it well."""
    with pytest.raises(GradientMismatch) as caught:
        check_gradients(detached, [2.0, 3.0], names=["mass", "speed"])
    head, columns, mass, speed = str(caught.value).splitlines()
    assert head == "1 of 2 gradients differ from the central difference by more than 1e-06"
    assert columns.split() == ["input", "at", "analytic", "numeric", "rel.", "error"]
    assert mass.split()[:4] == ["mass", "2", "3", "3"]
    assert speed.split()[:3] == ["speed", "3", "2"]
    assert not mass.endswith("<- differs")
    assert speed.endswith("<- differs")
    assert isinstance(caught.value, AssertionError)


@pytest.mark.parametrize("factor", [-1.0, 2.0, 1.00001])
def test_wrong_factors_are_caught(factor: float) -> None:
    """A gradient negated, doubled, or off by a hundred-thousandth does not pass."""

    def wrong(x: Value) -> Value:
        y = x * x
        y.partials = (x.data * factor, x.data * factor)
        return y

    with pytest.raises((GradientMismatch, ValueError), match=r"differ from|stale"):
        check_gradients(wrong, [1.5])


def test_small_gradients_are_compared_relatively() -> None:
    """A wrong gradient is not excused by being small."""

    def tiny(x: Value) -> Value:
        return x * 1e-8 + Value(x.data) * 1e-8

    with pytest.raises(GradientMismatch):
        check_gradients(tiny, [1.0])
    check_gradients(lambda x: x * 1e-8, [1.0])


def test_a_gradient_of_zero_passes_beside_rounding() -> None:
    """Where the derivative is 0 the difference is rounding, which is not held against it."""
    check_gradients(lambda x: x * 0.0 + 1e6, [3.0])
    check_gradients(lambda x, y: (x - y) ** 2, [3.0, 3.0])
    check_gradients(lambda x: 1e8 * sin(x), [math.pi / 2])  # slope 6e-9, and the difference is 0


def test_an_input_that_is_not_used_has_gradient_zero() -> None:
    """An unused input is checked like any other."""
    assert check_gradients(lambda x, y: x * x, [1.0, 2.0])[1].analytic == 0.0


def test_the_tolerance_can_be_chosen() -> None:
    """The same gradient passes a loose tolerance and fails one that a difference cannot meet."""
    check_gradients(neuron, AT, 1e-2, tolerance=1e-3)
    with pytest.raises(GradientMismatch, match="by more than 1e-09"):
        check_gradients(neuron, AT, 1e-2, tolerance=1e-9)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, math.nan])
def test_the_tolerance_is_positive(tolerance: float) -> None:
    """Nothing could pass another."""
    with pytest.raises(ValueError, match="tolerance must be a positive number"):
        check_gradients(neuron, AT, tolerance=tolerance)


def test_forward_checks_are_looser() -> None:
    """Forward differences are good to half the digits, and the check knows."""
    assert all(check.passed for check in check_gradients(neuron, AT, method="forward"))


def test_a_stale_graph_is_refused() -> None:
    """A function that changes its leaf after use returns a graph of two minds, and is told so."""

    def changes(x: Value) -> Value:
        y = x * x
        x.data = 7.0
        return y

    with pytest.raises(ValueError, match=r"its graph is stale; call refresh\(\)"):
        check_gradients(changes, [1.0])


def test_a_kink_is_noticed() -> None:
    """At the kink of relu the central difference is ½ and the convention 0: the check shows both."""
    with pytest.raises(GradientMismatch, match=r"0\s+0\.5"):
        check_gradients(relu, [0.0])


def test_an_error_on_the_way_is_the_engines_own() -> None:
    """A difference that steps out of a domain says which operation it left."""
    with pytest.raises(OperationError, match="log"):
        finite_differences(lambda x: x.log(), [1e-9])


@pytest.mark.parametrize(("method", "order"), [("central", 2.0), ("forward", 1.0)])
def test_the_right_arm_of_the_v(method: str, order: float) -> None:
    """While truncation rules, a step ten times smaller is a hundred times better, or ten with forward differences."""
    (_, coarse), (_, fine) = step_sweep(lambda x: x.exp(), [1.0], [1e-2, 1e-3], method=method)  # type: ignore[arg-type]
    assert math.log10(coarse / fine) == pytest.approx(order, abs=0.05)


def test_the_error_of_a_step_is_that_of_its_worst_input() -> None:
    """Along x the function is a line, of which a difference is exact; along y it is not."""
    [(_, error)] = step_sweep(lambda x, y: x + y**3, [1.0, 1.0], [0.125])
    assert error == 0.125**2


def test_the_left_arm_of_the_v() -> None:
    """Below the best step the error grows again, for rounding is divided by less and less."""
    sweep = step_sweep(lambda x: x.exp(), [1.0])
    assert [step for step, _ in sweep] == pytest.approx([10.0**-k for k in range(1, 15)])
    errors = [error for _, error in sweep]
    best = errors.index(min(errors))
    assert 3 <= best <= 6
    assert errors[0] > 1e-3
    assert errors[-1] > 1e-4


@pytest.mark.parametrize("method", ["central", "forward"])
@pytest.mark.parametrize("f", [lambda x: x * x * x, lambda x: x * x, lambda x: x**3 + x.sin() - x], ids=["cube", "square", "flat"])
def test_truncation_is_no_mismatch(f: Callable[[Value], Value], method: Method) -> None:
    """A difference that falls with its step as the method promises converges to the slope 0, which no relative error can show."""
    assert check_gradients(f, [0.0], method=method)[0].passed


@pytest.mark.parametrize("method", ["central", "forward"])
@pytest.mark.parametrize(
    ("f", "at"), [(relu, 0.0), (lambda x: (x > 0.0) * 1.0 + 0.0 * x, 0.0), (lambda x: x.data * x, 1.0), (lambda x: x.data * x, 1e-3)]
)
def test_what_does_not_converge_is_a_mismatch(f: Callable[[Value], Value], at: float, method: Method) -> None:
    """Where differences of smaller and smaller steps come no closer to the gradient the pair differs."""
    with pytest.raises(GradientMismatch):
        check_gradients(f, [at], method=method)
