"""Every row of the table, against differences, algebra, its own elementary definition, and at its special points."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback import OPERATIONS, Operation, OperationError, Value, gradient
from autoback.engine.formula import FUNCTIONS as LANGUAGE
from autoback.engine.formula import FormulaError, evaluate
from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import record
from tests import oracles

every_row = pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)


@every_row
def test_partials_are_the_slopes_of_the_value(row: Operation) -> None:
    """A row's partials are what finite differences of its value formula give."""
    oracles.judge_by_differences(row)


@every_row
def test_partials_are_the_symbolic_derivatives(row: Operation) -> None:
    """A row's partials are sympy's derivatives of its value formula, to rounding."""
    oracles.judge_by_algebra(row)


@every_row
def test_the_gradient_check_passes(row: Operation) -> None:
    """check_gradients finds nothing to complain about in any row."""
    oracles.judge_by_check(row)


@every_row
def test_second_derivatives_are_the_slopes_of_the_first(row: Operation) -> None:
    """The gradient of a row's gradient is what finite differences of that gradient give."""
    oracles.judge_second_order(row)


@every_row
def test_second_derivatives_are_the_symbolic_ones(row: Operation) -> None:
    """The gradient of a row's gradient is sympy's second derivative of its value formula."""
    oracles.judge_second_order_by_algebra(row)


@pytest.mark.parametrize("row", [row for row in OPERATIONS.values() if row.elementary], ids=lambda row: row.name)
def test_elementary_definitions_give_equal_numbers(row: Operation) -> None:
    """A compound row and its elementary definition agree in value and gradient."""
    oracles.judge_elementary(row)


@every_row
def test_the_generated_code_means_what_the_language_means(row: Operation) -> None:
    """A row's Python function returns, bit for bit, what the slow evaluation of its formulas returns."""
    for point in oracles.points(row):
        assert row.forward(*point) == row.evaluate_ieee(point)


@every_row
def test_values_and_numbers_take_the_same_road(row: Operation) -> None:
    """A row on Values, on floats and on both mixed gives one number."""
    function, n = FUNCTIONS[row.name], row.arity
    for point in oracles.points(row):
        vectors = [point[k * oracles.TERMS : (k + 1) * oracles.TERMS] for k in range(n)] if row.nary else point
        values = [[Value(x) for x in vector] for vector in vectors] if row.nary else [Value(x) for x in point]
        number = function(*vectors)
        assert type(number) is float
        assert function(*values).data == number
        assert function(values[0], *vectors[1:]).data == number


@every_row
def test_every_row_can_be_read(row: Operation) -> None:
    """A row has a symbol, a lower-case name that is its key, a domain, and a word on each kink."""
    assert OPERATIONS[row.name] is row
    assert row.name.isidentifier()
    assert row.name.islower()
    assert row.symbol
    lo, hi = row.domain
    assert lo < hi
    jumps = any(word in row.value for word in ("where", "maximum", "minimum", "abs")) and row.name != "softplus"
    assert bool(row.convention) or not jumps


def test_the_table_speaks_its_own_language() -> None:
    """Every function of the rule language is itself a row, so gradients of gradients never run out of rules."""
    assert set(LANGUAGE) <= set(OPERATIONS)


def test_the_table_holds_the_rows_that_were_asked_for() -> None:
    """The operations of the textbook are all there."""
    asked = "add sub mul div neg power pow exp log sqrt abs sin cos tan atan tanh sigmoid relu leaky_relu softplus maximum minimum sum dot"
    assert set(asked.split()) <= set(OPERATIONS)


SPECIAL = [
    # row, inputs, value, partials: exact, for these are conventions and limits
    ("abs", (0.0,), 0.0, (0.0,)),
    ("abs", (-3.0,), 3.0, (-1.0,)),
    ("relu", (0.0,), 0.0, (0.0,)),
    ("relu", (-1000.0,), 0.0, (0.0,)),
    ("relu", (1000.0,), 1000.0, (1.0,)),
    ("leaky_relu", (0.0,), 0.0, (0.01,)),
    ("leaky_relu", (-100.0,), -1.0, (0.01,)),
    ("maximum", (2.0, 2.0), 2.0, (0.5, 0.5)),
    ("maximum", (2.0, 1.0), 2.0, (1.0, 0.0)),
    ("minimum", (2.0, 2.0), 2.0, (0.5, 0.5)),
    ("minimum", (2.0, 1.0), 1.0, (0.0, 1.0)),
    ("greater", (2.0, 2.0), 0.0, (0.0, 0.0)),
    ("greater_equal", (2.0, 2.0), 1.0, (0.0, 0.0)),
    ("equal", (2.0, 2.0), 1.0, (0.0, 0.0)),
    ("where", (0.0, 5.0, 7.0), 7.0, (0.0, 0.0, 1.0)),
    ("where", (-0.0, 5.0, 7.0), 7.0, (0.0, 0.0, 1.0)),
    ("where", (-2.0, 5.0, 7.0), 5.0, (0.0, 1.0, 0.0)),
    ("sigmoid", (0.0,), 0.5, (0.25,)),
    ("sigmoid", (1000.0,), 1.0, (0.0,)),
    ("sigmoid", (-1000.0,), 0.0, (0.0,)),
    ("sigmoid", (1e308,), 1.0, (0.0,)),
    ("sigmoid", (-1e308,), 0.0, (0.0,)),
    ("tanh", (1000.0,), 1.0, (0.0,)),
    ("tanh", (-1000.0,), -1.0, (0.0,)),
    ("softplus", (1000.0,), 1000.0, (1.0,)),
    ("softplus", (-1000.0,), 0.0, (0.0,)),
    ("softplus", (0.0,), math.log(2.0), (0.5,)),
    ("atan", (1e300,), math.pi / 2, (0.0,)),
    ("pow", (-2.0, 3.0), -8.0, (12.0, 0.0)),
    ("pow", (0.0, 2.0), 0.0, (0.0, 0.0)),
    ("erfc", (27.5,), 0.0, (0.0,)),
    ("erfc", (-10.0,), 2.0, (-2.0 * math.exp(-100.0) / math.sqrt(math.pi),)),
    ("power", (0.0, 0.0), 1.0, (0.0, 0.0)),
    ("power", (0.0, 1.0), 0.0, (1.0, 0.0)),
    ("power", (0.0, 2.0), 0.0, (0.0, 0.0)),
    ("power", (-2.0, 3.0), -8.0, (12.0, 0.0)),
    ("power", (-2.0, -1.0), -0.5, (-0.25, 0.0)),
    ("power", (4.0, 0.5), 2.0, (0.25, 0.0)),
    ("expm1", (1e-20,), 1e-20, (1.0,)),
    ("expm1", (-40.0,), -1.0, (math.exp(-40.0),)),
    ("log1p", (1e-20,), 1e-20, (1.0,)),
    ("silu", (-1000.0,), 0.0, (0.0,)),
    ("silu", (1000.0,), 1000.0, (1.0,)),
    ("gelu", (-1000.0,), 0.0, (0.0,)),
    ("gelu", (1000.0,), 1000.0, (1.0,)),
    ("elu", (1000.0,), 1000.0, (1.0,)),
    ("elu", (0.0,), 0.0, (1.0,)),
    ("sinh", (1e-20,), 1e-20, (1.0,)),
    ("asinh", (1e-20,), 1e-20, (1.0,)),
    ("asinh", (-1e300,), -math.asinh(1e300), (0.0,)),
    ("atanh", (1e-20,), 1e-20, (1.0,)),
    ("log2", (8.0,), 3.0, (math.log2(math.e) / 8.0,)),
    ("log10", (1000.0,), 3.0, (math.log10(math.e) / 1000.0,)),
    ("floor", (-0.5,), -1.0, (0.0,)),
    ("floor", (1e300,), 1e300, (0.0,)),
    ("clip", (2.0, -1.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
    ("clip", (1.0, -1.0, 1.0), 1.0, (1.0, 0.0, 0.0)),
    ("sum", (1e16, 1.0, -1e16), 0.0, (1.0, 1.0, 1.0)),
    ("exp", (-1000.0,), 0.0, (0.0,)),
]


@pytest.mark.parametrize(("name", "inputs", "value", "partials"), SPECIAL, ids=[f"{row[0]}{row[1]}" for row in SPECIAL])
def test_special_points(name: str, inputs: tuple[float, ...], value: float, partials: tuple[float, ...]) -> None:
    """At kinks, ties, zeros and far out, value and partials are those of the row's convention."""
    node = record(OPERATIONS[name], tuple(map(Value, inputs)))
    assert (node.data, *node.partials) == pytest.approx((value, *partials), rel=1e-15, abs=0.0)
    assert FUNCTIONS[name](*([inputs] if OPERATIONS[name].nary else inputs)) == node.data


OUTSIDE = [
    ("div", (1.0, 0.0), "divisor"),
    ("div", (1.0, 1e-320), "divisor"),
    ("log", (0.0,), "x > 0"),
    ("log", (-1.0,), "softplus"),
    ("sqrt", (-1.0,), "x > 0"),
    ("sqrt", (0.0,), "slope is infinite"),
    ("log1p", (-1.0,), "x > -1"),
    ("asin", (1.0,), "slope is infinite"),
    ("acosh", (1.0,), "slope is infinite"),
    ("acosh", (0.5,), "x > 1"),
    ("atanh", (1.0,), "-1 < x < 1"),
    ("acos", (1.5,), "-1 < x < 1"),
    ("log2", (0.0,), "x > 0"),
    ("cosh", (711.0,), "overflows above 710.47"),
    ("log1p", (-2.0,), "x > -1"),
    ("exp", (710.0,), "overflows"),
    ("expm1", (710.0,), "overflows"),
    ("power", (0.0, -1.0), "exponent must be 0 or at least 1"),
    ("power", (0.0, 0.5), "exponent must be 0 or at least 1"),
    ("power", (-8.0, 1.0 / 3.0), "whole exponent"),
    ("power", (1e200, 2.0), "not finite: keep its operands smaller"),
    ("power", (1e-200, -1.0), "no finite derivative (its value is 1e+200): keep its operands smaller"),
    ("power", (0.0, -1.0), "exponent"),
    ("pow", (-2.0, 2.5), "whole exponent"),
    ("pow", (0.0, 0.5), "at 0 the exponent must be at least 1"),
    ("mul", (1e200, 1e200), "smaller"),
    ("add", (1.5e308, 1.5e308), "smaller"),
    ("sum", (1.5e308, 1.5e308), "smaller"),
    ("dot", (1e200, 1e200), "smaller"),
]


@pytest.mark.parametrize(("name", "inputs", "way_out"), OUTSIDE, ids=[f"{row[0]}{row[1]}" for row in OUTSIDE])
def test_errors_name_the_operation_its_operands_and_a_way_out(name: str, inputs: tuple[float, ...], way_out: str) -> None:
    """Outside its domain, and where it overflows, a row raises OperationError with labels, numbers and a hint."""
    labels = "uvw"[: len(inputs)]
    with pytest.raises(OperationError) as caught:
        record(OPERATIONS[name], tuple(Value(x, label) for x, label in zip(inputs, labels, strict=True)))
    message = str(caught.value)
    assert message.startswith(f"{name}(u={inputs[0]:.6g}")
    assert way_out in message
    assert (caught.value.operation, caught.value.operands) == (name, inputs)
    assert isinstance(caught.value, ArithmeticError)


def test_a_number_needs_no_derivative() -> None:
    """On plain floats a row answers wherever it has a value, also where its slope is infinite."""
    assert FUNCTIONS["sqrt"](0.0) == 0.0
    with pytest.raises(OperationError, match=r"sqrt\(-1\) is not defined"):
        FUNCTIONS["sqrt"](-1.0)


def test_x_to_the_zero_is_flat_also_at_zero() -> None:
    """x ** 0 is 1 with derivative 0 everywhere, of every order."""
    x = Value(0.0)
    first = gradient(x**0, x)
    assert ((x**0).data, first.data, gradient(first, x).data) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("value", "partials"),
    [("x @ y", ("1.0", "1.0")), ("x + w", ("1.0",)), ("x", ("x.y",)), ("open(x)", ("1.0",)), ("x", ("1e999",)), ("x +", ("1.0",))],
)
def test_a_row_is_checked_when_it_is_made(value: str, partials: tuple[str, ...]) -> None:
    """A row whose rule is no sentence of the language cannot be made."""
    with pytest.raises(FormulaError, match=r"formula|rule language"):
        Operation("bad", "?", value, partials)


def test_a_new_row_needs_no_other_code() -> None:
    """A row made here and now records, differentiates, and differentiates again."""
    cube = Operation("cube", "³", "x * x * x", ("3.0 * x * x",))
    x = Value(2.0, "x")
    y = record(cube, (x,))
    y.backward()
    assert (y.data, x.grad, gradient(gradient(y, x), x).data) == (8.0, 12.0, 12.0)
    oracles.judge_by_algebra(cube)


def test_sigmoid_keeps_its_small_tail() -> None:
    """Far below zero sigmoid(x) is e^x to full precision, not a rounded 0."""
    x = Value(-700.0)
    y = x.sigmoid()
    y.backward()
    assert y.data == pytest.approx(math.exp(-700.0), rel=1e-13)
    assert x.grad == pytest.approx(math.exp(-700.0), rel=1e-13)


def test_softplus_keeps_its_small_tail() -> None:
    """Far below zero softplus(x) and its slope are e^x to full precision."""
    x = Value(-50.0)
    y = x.softplus()
    y.backward()
    assert y.data == pytest.approx(math.exp(-50.0), rel=1e-13)
    assert x.grad == pytest.approx(math.exp(-50.0), rel=1e-13)


def test_ieee_evaluation_never_raises() -> None:
    """The slow evaluation follows IEEE: overflow is inf, a pole inf, a point outside nan."""
    meaning = {name: OPERATIONS[name].term for name in ("exp", "log", "div", "sqrt", "pow")}
    assert evaluate(meaning["exp"], {"x": 1000.0}) == math.inf
    assert evaluate(meaning["log"], {"x": 0.0}) == -math.inf
    assert math.isnan(evaluate(meaning["sqrt"], {"x": -1.0}))
    assert evaluate(meaning["div"], {"x": -1.0, "y": 0.0}) == -math.inf
    assert evaluate(meaning["div"], {"x": 1.0, "y": -0.0}) == -math.inf
    assert math.isnan(evaluate(meaning["div"], {"x": 0.0, "y": 0.0}))
    assert evaluate(meaning["pow"], {"x": -10.0, "y": 309.0}) == -math.inf
    assert evaluate(meaning["pow"], {"x": -0.0, "y": -1.0}) == -math.inf


@every_row
@given(numbers=st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3))
def test_a_result_lies_within_the_range_of_its_row(row: Operation, numbers: list[float]) -> None:
    """No result lies outside the interval that a row states."""
    operands = numbers[: row.arity]
    try:
        result = row.number(operands)
    except OperationError:
        return
    low, high = row.range
    assert low <= result <= high


@pytest.mark.parametrize("x", [-1.0, -5.0, -9.0, -20.0, -37.0])
def test_gelu_keeps_its_digits_far_below_zero(x: float) -> None:
    """x Φ(x) and its slope Φ(x) + x φ(x) are right to 12 digits where Φ(x) itself is 1e-300."""
    mpmath = pytest.importorskip("mpmath")
    node = FUNCTIONS["gelu"](Value(x))
    assert node.data == pytest.approx(float(x * mpmath.ncdf(x)), rel=1e-12)
    assert node.partials[0] == pytest.approx(float(mpmath.ncdf(x) + x * mpmath.npdf(x)), rel=1e-12)


def test_a_power_of_a_negative_base_is_the_same_in_every_reader() -> None:
    """(-8) ** 3 of two Values is -512, as in math.pow, with its slope along the base; the exponent has none, and gets 0."""
    base, exponent = Value(-8.0), Value(3.0)
    power = base**exponent
    power.backward()
    assert (power.data, base.grad, exponent.grad) == (-512.0, 192.0, 0.0)
    assert [slope.data for slope in gradient(power, [base, exponent])] == [192.0, 0.0]
    with pytest.raises(OperationError, match="a negative base needs a whole exponent"):
        Value(-8.0) ** Value(3.5)


@pytest.mark.parametrize("x", [1000.0, -1000.0])
@pytest.mark.parametrize("row", [row for row in OPERATIONS.values() if row.activation], ids=lambda row: row.name)
def test_the_gradient_of_an_activation_exists_far_out(row: Operation, x: float) -> None:
    """`gradient` has an answer where `backward` has one: no branch that is not taken overflows."""
    leaf = Value(x if row.name != "silu" else 0.7 * x)  # whose slope has an exponential that overflows below -709
    out = FUNCTIONS[row.name](leaf)
    out.backward()
    assert gradient(out, leaf).data == leaf.grad
