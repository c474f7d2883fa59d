"""`compile`: functions of plain numbers."""

import copy
import importlib
import itertools
import math
import pickle
import random
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient, hessian
from autoback.engine.value import RecordingError, Value
from autoback.native.function import compile as compiled


def product(x: Value, y: Value) -> Value:
    """x times y, plus one."""
    return x * y + 1.0


def test_one_value_gives_a_number_and_several_a_tuple() -> None:
    """The answer has the form of what the function returns."""
    assert compiled(product)(2.0, 3.0) == 7.0
    assert compiled(lambda x: [x + 1.0, x * 2.0])(3.0) == (4.0, 6.0)
    assert compiled(lambda x: [x])(3.0) == (3.0,)


def test_gradients_have_an_entry_for_each_argument_and_a_row_for_each_value() -> None:
    """One value: a list; several: a list of lists, the Jacobian."""
    assert compiled(product).gradient(2.0, 3.0) == [3.0, 2.0]
    assert compiled(product).value_and_gradient(2.0, 3.0) == (7.0, [3.0, 2.0])
    assert compiled(lambda x, y: [x + y, x * y]).value_and_gradient(2.0, 3.0) == ((5.0, 6.0), [[1.0, 1.0], [3.0, 2.0]])


def test_batches_have_a_row_for_each_sample() -> None:
    """N numbers for one value, N × m for m of them; gradients likewise with one more axis."""
    f, g = compiled(product), compiled(lambda x, y: [x + y, x * y, x])
    points = [[1.0, 2.0], [3.0, 4.0]]
    assert f.batch(points).tolist() == [3.0, 13.0]
    assert g.batch(points).tolist() == [[3.0, 2.0, 1.0], [7.0, 12.0, 3.0]]
    assert f.batch_gradient(points).tolist() == [[2.0, 1.0], [4.0, 3.0]]
    assert g.batch_gradient(points).shape == (2, 3, 2)


def test_arguments_and_constants_are_answers_too() -> None:
    """What is returned need not be computed."""
    f = compiled(lambda x, y: [x, x, 2.0, x * y, Value(0.0)])
    assert f(3.0, 4.0) == (3.0, 3.0, 2.0, 12.0, 0.0)
    assert f.gradient(3.0, 4.0) == [[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [4.0, 3.0], [0.0, 0.0]]
    assert f.batch([[3.0, 4.0]] * 3).tolist() == [[3.0, 3.0, 2.0, 12.0, 0.0]] * 3


def test_the_second_call_for_a_gradient_answers_as_the_first() -> None:
    """The short way of later calls gives the same numbers, reads outside Values anew, and leaves what is unusual to the long way."""
    outside = Value(2.0)
    f = compiled(lambda x, y: x / y * outside)
    first = f.value_and_gradient(3.0, 4.0)
    assert f.value_and_gradient(3.0, 4.0) == first == (1.5, [0.5, -0.375])
    assert (f.gradient(3, np.float64(4.0)), f.gradient(y=4.0, x=3.0)) == ([0.5, -0.375], [0.5, -0.375])
    outside.data = 4.0
    assert f.value_and_gradient(3.0, 4.0) == (3.0, [1.0, -0.75])
    with pytest.raises(ArithmeticError, match="divisor must not be zero"):
        f.gradient(3.0, 0.0)
    with pytest.raises(TypeError, match="takes 2 arguments, got 1"):
        f.gradient(3.0)
    assert f.value_and_gradient(3.0, 4.0) == (3.0, [1.0, -0.75])


def test_a_masked_array_is_no_batch() -> None:
    """The numbers behind a mask do not count."""
    with pytest.raises(TypeError, match=r"samples must be rows of 1 real numbers, got MaskedArray"):
        compiled(lambda x: x).batch(np.ma.array([[1.0], [2.0]], mask=[[True], [False]]))


def test_a_gradient_inside_the_function_is_recorded_with_it() -> None:
    """A Newton step: the derivative is part of the program."""

    def newton(x: Value) -> Value:
        y = x**3 - 2.0 * x - 5.0
        return x - y / gradient(y, x)

    assert compiled(newton)(2.0) == 2.1


def test_an_empty_batch_is_no_error() -> None:
    """No samples, no answers, whether or not the function was recorded before."""
    f = compiled(product)
    assert f.batch(np.empty((0, 2))).shape == (0,)
    f(1.0, 1.0)
    assert f.batch([]).shape == (0,)
    assert f.batch_gradient([]).shape == (0, 2)


def test_a_function_is_recorded_twice_and_no_more() -> None:
    """Twice, to compare; then never again, however often it is called, and for whichever answer."""
    calls = []

    def f(x: Value) -> Value:
        calls.append(x)
        return x * x

    g = compiled(f)
    g(1.0), g.gradient(2.0), g.batch([[1.0], [2.0]]), g(4)
    assert len(calls) == 2


def test_a_branch_on_a_recorded_number_is_refused() -> None:
    """It would freeze into the program; the message names the way out."""
    with pytest.raises(RecordingError, match=r"maximum.*where"):
        compiled(lambda x: x if x > 0.0 else -x)(1.0)


def test_comparisons_are_recorded_as_numbers() -> None:
    """`where` chooses anew in each call."""
    f = compiled(lambda x: FUNCTIONS["where"](x > 1.0, x * 10.0, -x))
    assert (f(2.0), f(1.0), f(0.5)) == (20.0, -1.0, -0.5)


def test_a_function_can_be_recorded_where_the_first_call_fails() -> None:
    """The first numbers may lie outside the domain: the error is theirs alone."""
    f = compiled(FUNCTIONS["log"], arguments=1)
    with pytest.raises(ArithmeticError, match=r"^log\(x1=-1\) is not defined"):
        f(-1.0)
    assert f(1.0) == 0.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f(1.0), TypeError, "product takes 2 arguments, got 1"),
        (lambda f: f(1.0, "a"), TypeError, "real number"),
        (lambda f: f(1.0, math.nan), ValueError, "finite number, got nan"),
        (lambda f: f.gradient(1.0, math.inf), ValueError, "finite number, got inf"),
        (lambda f: f.batch([[1.0]]), ValueError, r"shape \(samples, 2\), got \(1, 1\)"),
        (lambda f: f.batch([[1.0, 2.0], [3.0, math.nan]]), ValueError, "got nan in row 1, column 1"),
        (lambda f: f.batch([["a", "b"]]), TypeError, "rows of 2 real numbers"),
        (lambda f: f.batch([[1.0, 2.0], [3.0]]), TypeError, "rows of 2 real numbers"),
        (lambda f: f.batch([[True, False]]), TypeError, "rows of 2 real numbers"),
    ],
)
def test_wrong_arguments_are_named(call: object, error: type[Exception], message: str) -> None:
    """Before the first call and after it, the error says what was expected and what came."""
    f = compiled(product)
    with pytest.raises(error, match=message):
        call(f)  # type: ignore[operator]
    f(1.0, 2.0)
    with pytest.raises(error, match=message):
        call(f)  # type: ignore[operator]
    assert f(2.0, 3.0) == 7.0


def test_what_cannot_be_compiled_is_named() -> None:
    """No function, no telling signature, no Value."""
    with pytest.raises(TypeError, match="a function of Values, got a int"):
        compiled(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="arguments=n"):
        compiled(lambda *x: x[0])
    with pytest.raises(TypeError, match="must return a Value"):
        compiled(lambda x: "x")(1.0)  # type: ignore[arg-type,return-value]
    with pytest.raises(ValueError, match="at least one argument, got 0"):
        compiled(product, arguments=0)


def test_it_keeps_the_name_and_the_docstring() -> None:
    """A compiled function introduces itself as the function it was."""
    f = compiled(product)
    assert (f.__name__, f.__doc__, repr(f)) == ("product", "x times y, plus one.", "<compiled product, 2 arguments>")


def test_two_threads_may_call_at_once() -> None:
    """Each has memory of its own."""
    f = compiled(lambda x: FUNCTIONS["sin"](x) * FUNCTIONS["cos"](x) + x)
    wrong = []

    def work(start: int) -> None:
        for k in range(start, start + 2000):
            x = k / 1000.0
            if abs(f(x) - (math.sin(x) * math.cos(x) + x)) > 1e-15 * max(1.0, x):
                wrong.append(x)

    f(0.0)
    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 5000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_without_the_extra_one_sentence_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing the room without llvmlite says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for name in [name for name in sys.modules if name.startswith("autoback.native")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match="pip install llvmlite numpy"):
        importlib.import_module("autoback.native.function")


def test_an_argument_that_gets_new_data_is_refused() -> None:
    """The assignment is no operation, so a program could not repeat it."""

    def shifted(x: Value) -> Value:
        x.data = 7.0
        return x * x

    with pytest.raises(RecordingError, match="shifted changed the data of its argument x1"):
        compiled(shifted)(2.0)


def test_the_number_of_arguments_is_a_whole_number() -> None:
    """Said before anything is recorded."""
    for wrong in (1.5, "2", True):
        with pytest.raises(TypeError, match="arguments must be a whole number"):
            compiled(product, wrong)  # type: ignore[arg-type]


def test_what_is_no_number_is_refused_at_every_call_alike() -> None:
    """The first call records and the second does not; both say the same."""
    f = compiled(product)
    for _ in range(2):
        for wrong, error in (("2", TypeError), (None, TypeError), (1j, TypeError), (math.nan, ValueError), (10**400, ValueError)):
            with pytest.raises(error, match="a Value holds"):
                f(1.0, wrong)  # type: ignore[arg-type]
        assert f(2.0, 3.0) == 7.0


def test_no_points_have_values_of_the_usual_shape() -> None:
    """Once it is known how many Values the function gives."""
    f = compiled(lambda x, y: (x * y, x + y, x - y))
    assert f.batch([]).shape == (0,)
    f(1.0, 2.0)
    assert f.batch([]).shape == (0, 3)
    assert f.batch_gradient(np.empty((0, 2))).shape == (0, 3, 2)


def test_a_constant_of_any_real_kind_is_a_value() -> None:
    """As it is in the engine."""
    assert compiled(lambda x: np.float32(0.5)).value_and_gradient(3.0) == (0.5, [0.0])


def test_a_used_function_can_be_copied_and_pickled() -> None:
    """The copy records anew."""
    f = compiled(FUNCTIONS["tanh"])
    assert f(0.5) == copy.deepcopy(f)(0.5) == pickle.loads(pickle.dumps(f))(0.5) == math.tanh(0.5)


@pytest.mark.parametrize("first", [0.0, -1.0])
def test_a_first_call_at_an_awkward_point_spoils_nothing(first: float) -> None:
    """x ** 0.5 has no slope at 0 and no value at -1; at 4 it has both, whatever was asked before."""
    f = compiled(lambda x: x**0.5)
    for call in (f, f.gradient, lambda x: f.batch([[x]]), lambda x: f.batch_gradient([[x]])):
        with suppress(ArithmeticError):
            call(first)  # type: ignore[operator]
    assert f.gradient(4.0) == [0.25]
    assert f.batch_gradient([[4.0], [16.0]]).tolist() == [[0.25], [0.125]]


def test_constants_of_powers_are_equal_to_math_to_the_last_bit() -> None:
    """LLVM would replace pow(8, x) by exp2(3 x), and pow(x, 2) by x·x, which have other last bits."""
    rng = np.random.default_rng(0)
    for base in (2.0, 8.0, 10.0, 32.0, 1024.0, 0.5):
        f = compiled(lambda x, base=base: base**x)
        low = -1000.0 / math.log2(max(base, 1.0 / base))
        for x in rng.uniform(low, -low, 500).tolist():
            assert f(x) == math.pow(base, x)
    for exponent in (-2.0, -1.0, -0.5, 0.5, 1.5, 2.0, 3.0, 4.0):
        f = compiled(lambda x, exponent=exponent: x**exponent)
        for x in (10.0 ** rng.uniform(-60.0, 60.0, 500)).tolist():
            assert f(x) == math.pow(x, exponent)


def test_the_two_zeros_are_two_constants() -> None:
    """0.0 and -0.0 are equal, but what is added to them or divided by them differs."""
    f = compiled(lambda x: [FUNCTIONS["maximum"](x, 0.0) * -0.0, x * 0.0 + 0.0, x * -0.0 + -0.0])
    assert [math.copysign(1.0, out) for out in f(3.0)] == [-1.0, 1.0, -1.0]


def test_what_is_zero_for_finite_numbers_alone_is_not_folded() -> None:
    """x - x and 0 * y are computed: where y overflows, the product is refused and not 0."""
    f = compiled(lambda x: 0.0 * FUNCTIONS["exp"](x) + (x - x))
    assert f(1.0) == 0.0
    with pytest.raises(ArithmeticError, match="exp"):
        f(1000.0)


def test_a_call_with_values_records() -> None:
    """The first call and every other: what f makes of them, in the graph."""
    f = compiled(product)
    for _ in range(2):
        x = Value(2.0)
        out = f(x, 3.0)
        out.backward()
        assert (out.data, x.grad, f(2.0, 3.0)) == (7.0, 3.0, 7.0)
        with pytest.raises(TypeError, match="take plain numbers, got Values"):
            f.gradient(x, 3.0)


def test_values_outside_the_function_are_read_at_each_call() -> None:
    """Also by gradients and batches."""
    w = Value(2.0)
    f = compiled(lambda x: w * x * x)
    assert (f(3.0), f.gradient(3.0)) == (18.0, [12.0])
    w.data = 5.0
    assert (f(3.0), f.gradient(3.0), f.batch([[3.0], [1.0]]).tolist()) == (45.0, [30.0], [45.0, 5.0])


def test_a_function_that_changes_from_call_to_call_is_refused() -> None:
    """Random numbers, counters and branches on a number outside: two recordings show it."""
    rng, count = random.Random(0), itertools.count()
    for f in (
        lambda x: x * rng.random(),
        lambda x: x * float(next(count)),
        lambda x: x + 1.0 if next(count) % 2 else x * 2.0,
    ):
        with pytest.raises(RecordingError, match="recorded twice and gave two different programs"):
            compiled(f)(1.0)


def test_arguments_may_be_lists_and_arrays_nested() -> None:
    """The derivatives have their form; another form is recorded anew."""

    def f(weights: Any, x: Any) -> Value:
        return FUNCTIONS["tanh"](FUNCTIONS["dot"](weights["w"], x) + weights["b"])

    g = compiled(f)
    weights = {"w": [0.5, -0.25], "b": 0.125}
    value, (by_weights, by_x) = g.value_and_gradient(weights, np.array([1.0, 2.0]))
    assert value == math.tanh(0.125)
    slope = 1.0 - value * value
    assert by_weights == {"w": [slope, 2.0 * slope], "b": slope}
    assert isinstance(by_x, np.ndarray)
    assert by_x.tolist() == [0.5 * slope, -0.25 * slope]
    assert g(x=(1.0, 2.0), weights=weights) == value
    assert g({"w": [1.0], "b": 0.0}, [0.5]) == math.tanh(0.5)


def test_an_argument_with_a_default_may_be_given_by_name() -> None:
    """Then it is a number like the others; left out, it stays what the function says."""

    def scaled(x: Value, by: float = 3.0) -> Value:
        return x * by

    f = compiled(scaled)
    assert (f(2.0), f(2.0, by=5.0), f.gradient(2.0, by=5.0), f.gradient(2.0)) == (6.0, 10.0, [5.0, 2.0], [3.0])
    with pytest.raises(TypeError, match="unexpected keyword"):
        f(2.0, other=1.0)


@pytest.mark.parametrize(
    ("argument", "error", "message"),
    [
        ([], ValueError, "at least one number"),
        (["a"], TypeError, "real number"),
        (np.array(["a"]), TypeError, "array of real numbers"),
        (np.array([math.nan]), ValueError, "finite numbers, got nan"),
        (np.ma.masked_array([1.0], [True]), TypeError, "without a mask"),
        ([[1.0, None]], TypeError, "real number"),
    ],
)
def test_wrong_trees_are_named(argument: object, error: type[Exception], message: str) -> None:
    """What was expected, what came."""
    with pytest.raises(error, match=message):
        compiled(lambda x: x[0])(argument)


def rosenbrock(x: Sequence[Value]) -> Value:
    """A valley with its lowest point at (1, 1, …)."""
    return FUNCTIONS["sum"]([100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x)])


def test_second_derivatives_and_their_products_are_programs() -> None:
    """The Hessian of an array is an array; its product with a vector needs no matrix."""
    f, x = compiled(rosenbrock), np.array([-1.2, 1.0, 0.5])
    matrix = f.hessian(x)
    leaves = [Value(number) for number in x.tolist()]
    assert matrix.tolist() == [[entry.data for entry in row] for row in hessian(rosenbrock(leaves), leaves)]
    vector = np.array([1.0, -2.0, 0.25])
    np.testing.assert_allclose(f.hessian_vector_product(x, vector), matrix @ vector, rtol=1e-13)
    assert compiled(lambda x, y: x * x * y).hessian(2.0, 3.0) == [[6.0, 4.0], [4.0, 0.0]]
    with pytest.raises(TypeError, match="one Value"):
        compiled(lambda x: [x, x]).hessian(1.0)
    with pytest.raises(ValueError, match="must have 3 numbers, as the arguments have, got 2"):
        f.hessian_vector_product(x, [1.0, 2.0])


def test_scipy_minimizes_a_compiled_function() -> None:
    """With its gradient, its Hessian and products of it; residuals with their Jacobian."""
    optimize = pytest.importorskip("scipy.optimize")
    f, start = compiled(rosenbrock), np.array([-1.2, 1.0, 0.5])
    for method, second in (("BFGS", {}), ("trust-exact", {"hess": f.hessian}), ("trust-ncg", {"hessp": f.hessian_vector_product})):
        found = optimize.minimize(f.value_and_gradient, start, jac=True, method=method, **second)
        np.testing.assert_allclose(found.x, 1.0, rtol=1e-5)
    residuals = compiled(lambda x: [10.0 * (x[1] - x[0] ** 2), 1.0 - x[0]])
    np.testing.assert_allclose(optimize.least_squares(residuals, start[:2], jac=residuals.gradient).x, 1.0, rtol=1e-8)


def test_a_value_as_exponent_of_power_is_followed():
    """power with an argument as exponent does not freeze the exponent of the first call."""
    f = compiled(FUNCTIONS["power"], 2)
    assert f(3.0, 2.0) == 9.0
    assert f.gradient(3.0, 3.0) == pytest.approx([27.0, 27.0 * math.log(3.0)], rel=1e-15)


def test_a_call_takes_the_same_answers_both_ways() -> None:
    """Once recorded, plain numbers go to the machine code directly; everything else, and every error, is as at the first call."""
    free = Value(2.0)
    f = compiled(lambda x, y: x * y + free)
    first = f(3.0, 4.0)
    assert [f(3.0, 4.0), f(3, 4), f(np.float64(3.0), 4.0), f(x=3.0, y=4.0)] == [first] * 4 == [14.0] * 4
    assert type(f(3, 4)) is float
    free.data = 5.0
    assert f(3.0, 4.0) == 17.0
    assert f(Value(3.0), 4.0).data == 17.0
    for bad, error in (((1e200, 1e200), ArithmeticError), ((math.nan, 1.0), ValueError), ((10**400, 1.0), ValueError), ((1.0,), TypeError)):
        with pytest.raises(error):
            f(*bad)
    several = compiled(lambda x: (x, x * x))
    assert [several(2.0), several(2.0), several(3)] == [(2.0, 4.0), (2.0, 4.0), (3.0, 9.0)]


def test_a_compiled_function_is_saved_as_a_c_header(tmp_path: Path) -> None:
    """save writes the header that c_header makes of the recording; another ending is refused."""
    f = compiled(lambda x, y: (x * y).tanh())
    text = f.save(tmp_path / "product.h").read_text("utf-8")
    assert "double product(const double *x)" in text
    assert "double product_gradient(const double *x, double *gradient)" in text
    with pytest.raises(ValueError, match=r"saved as a C header, NAME\.h, got 'product\.py'"):
        f.save(tmp_path / "product.py")
