"""`Value`: what it takes, what it refuses, its operators, its comparisons, and graphs whose leaves have changed."""

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autoback import OperationError, RecordingError, Value, greater, where
from autoback.engine.value import recording

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARE = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize(("a", "b"), [(3.0, 2.0), (0.5, 3.0), (2.5, 1.0)])
def test_arithmetic_in_both_orders(op: object, a: float, b: float) -> None:
    """Every operator gives Python's own number, whichever side the Value stands on."""
    expected = op(a, b)  # type: ignore[operator]
    for left, right in ((Value(a), Value(b)), (Value(a), b), (a, Value(b))):
        result = op(left, right)  # type: ignore[operator]
        assert type(result) is Value
        assert result.data == expected


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("number", [np.float64(2.0), np.float32(2.0), np.int64(2), 2, True, Fraction(1, 2)], ids=lambda x: type(x).__name__)
def test_other_real_numbers_on_both_sides(op: object, number: float) -> None:
    """NumPy scalars, ints, bools and fractions are operands on either side, and the answer is a Value."""
    v = Value(3.0)
    for result, expected in ((op(v, number), op(3.0, float(number))), (op(number, v), op(float(number), 3.0))):  # type: ignore[operator]
        assert type(result) is Value
        assert result.data == expected
        assert [type(below.data) for below in result.inputs] == [float, float]


@pytest.mark.parametrize("op", COMPARE)
@pytest.mark.parametrize("pair", [(1.0, 2.0), (2.0, 1.0), (2.0, 2.0)])
def test_comparisons_compare_numbers(op: object, pair: tuple[float, float]) -> None:
    """Comparisons of Values, floats and NumPy scalars answer as for the numbers, with a plain bool."""
    a, b = pair
    for left, right in ((Value(a), Value(b)), (Value(a), b), (a, Value(b)), (Value(a), np.float64(b)), (np.float64(a), Value(b))):
        answer = op(left, right)  # type: ignore[operator]
        assert type(answer) is bool
        assert answer is op(a, b)  # type: ignore[operator]


def test_unary_operators() -> None:
    """-v, +v and abs(v) are the usual ones."""
    v = Value(-2.0)
    assert ((-v).data, (+v).data, abs(v).data) == (2.0, -2.0, 2.0)
    assert (bool(Value(0.0)), bool(v)) == (False, True)


@pytest.mark.parametrize(("exponent", "slope"), [(2, 6.0), (0.5, 0.5 / math.sqrt(3.0)), (-1, -1.0 / 9.0), (0, 0.0), (1, 1.0)])
def test_a_constant_exponent(exponent: float, slope: float) -> None:
    """v ** n has slope n v**(n-1), and n, a constant, gets no gradient worth the name."""
    v = Value(3.0)
    y = v**exponent
    y.backward()
    assert y.op is not None
    assert y.op.name == "power"
    assert v.grad == pytest.approx(slope, rel=1e-15)
    assert y.partials[1] == 0.0


def test_a_value_as_exponent() -> None:
    """v ** w and 2 ** w have slopes in the exponent, with the logarithm of the base."""
    v, w = Value(3.0), Value(2.0)
    (v**w).backward()
    assert (v.grad, w.grad) == pytest.approx((6.0, 9.0 * math.log(3.0)), rel=1e-15)
    w.grad = None
    (2**w).backward()
    assert w.grad == pytest.approx(4.0 * math.log(2.0), rel=1e-15)


NO_NUMBERS = ["2", None, 1j, [1.0], (), {}, object(), Decimal(1), b"1"]


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("other", NO_NUMBERS, ids=lambda x: type(x).__name__)
def test_operands_that_are_no_numbers(op: object, other: object) -> None:
    """An operand that is no real number gets Python's own TypeError, on either side."""
    for left, right in ((Value(1.0), other), (other, Value(1.0))):
        with pytest.raises(TypeError):
            op(left, right)  # type: ignore[operator]


class Distance:
    """Something that knows what to do with a Value beside it."""

    def __radd__(self, other: Value) -> str:
        return f"{other.data} and a distance"


def test_other_types_may_answer() -> None:
    """An operator leaves what it does not know to the other operand, as NotImplemented asks."""
    assert Value(1.0) + Distance() == "1.0 and a distance"
    assert Value(1.0).__add__("2") is NotImplemented
    assert Value(1.0).__rpow__("2") is NotImplemented


@pytest.mark.parametrize("op", [operator.lt, operator.ge])
def test_order_with_what_is_no_number(op: object) -> None:
    """Ordering against something that is no number is Python's own TypeError, and equality is False."""
    with pytest.raises(TypeError, match="not supported between"):
        op(Value(1.0), "2")  # type: ignore[operator]
    assert (Value(1.0) == "1.0", Value(1.0) != None) == (False, True)  # noqa: E711


@pytest.mark.parametrize("other", [*NO_NUMBERS, np.array([1.0, 2.0]), np.array(1.0)], ids=lambda x: type(x).__name__)
def test_what_is_no_number_is_refused(other: object) -> None:
    """A Value is made of one real number; anything else is named in the error, with the way out."""
    with pytest.raises(TypeError, match=r"a Value holds one real number .*, got .*; give it one number"):
        Value(other)  # type: ignore[arg-type]


def test_a_value_of_a_value_is_refused() -> None:
    """Value(v) would cut the graph unseen, so it is an error."""
    with pytest.raises(TypeError, match="got a Value"):
        Value(Value(1.0))  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan"), np.float32("inf"), 10**400])
def test_what_is_not_finite_is_refused(number: float) -> None:
    """NaN, infinities and integers beyond a double never enter a graph, neither as a leaf nor as an operand."""
    with pytest.raises(ValueError, match=r"a Value holds a (finite number|double)"):
        Value(number)
    with pytest.raises(ValueError, match=r"a Value holds a (finite number|double)"):
        Value(1.0) + number
    with pytest.raises(ValueError, match=r"a Value holds a (finite number|double)"):
        number * Value(1.0)


@pytest.mark.parametrize("number", [math.nan, math.inf, np.float32("nan"), 10**400])
def test_what_is_assigned_and_not_finite_is_refused(number: float) -> None:
    """data takes what the constructor takes, so that no number of a graph is ever NaN or infinite."""
    v = Value(0.5)
    with pytest.raises(ValueError, match=r"a Value holds a (finite number|double)"):
        v.data = number
    assert v.data == 0.5


@pytest.mark.parametrize("other", ["2", None, 1j, [1.0], Decimal(1), np.array([1.0]), Value(1.0)], ids=lambda x: type(x).__name__)
def test_what_is_assigned_and_no_number_is_refused(other: object) -> None:
    """Only a real number can be assigned to data."""
    v = Value(0.5)
    with pytest.raises(TypeError, match="a Value holds one real number"):
        v.data = other  # type: ignore[assignment]
    assert v.data == 0.5


@pytest.mark.parametrize("number", [3, np.float32(0.1), np.uint8(3), Fraction(1, 4), True])
def test_assigned_data_is_a_python_float(number: float) -> None:
    """No type of number from elsewhere takes over the arithmetic: uint8(3) negated is -3, not 253."""
    v = Value(0.5)
    v.data = number
    assert type(v.data) is float
    assert (-v).data == -float(number)


@pytest.mark.parametrize("number", [3, np.float64(0.1), np.float32(0.5), np.int8(3), Fraction(1, 4), True])
def test_data_is_a_python_float(number: float) -> None:
    """Whatever real number came, data is the double it stands for."""
    v = Value(number)
    assert type(v.data) is float
    assert v.data == float(number)


def test_labels() -> None:
    """A label is text or nothing."""
    assert Value(1.0, "x").label == "x"
    assert Value(1.0).label is None
    with pytest.raises(TypeError, match="label must be a string or None, got int"):
        Value(1.0, 2)  # type: ignore[arg-type]


def test_repr_says_what_is_known() -> None:
    """repr shows the number, and label, operation and gradient where there are any."""
    x = Value(2.0, "x")
    y = x * x
    assert (repr(Value(0.1)), repr(x), repr(y)) == ("Value(0.1)", "Value(2.0, label='x')", "Value(4.0, op=mul)")
    y.backward()
    assert repr(x) == "Value(2.0, label='x', grad=4.0)"
    assert (f"{x:.3f}", f"{x}") == ("2.000", repr(x))


def test_a_node_keeps_what_it_was_made_of() -> None:
    """op, inputs in order and with repeats, and one partial for each."""
    x, y = Value(3.0), Value(4.0)
    z = x * y
    assert z.op is not None
    assert z.op.name == "mul"
    assert z.inputs[0] is x
    assert z.inputs[1] is y
    assert z.partials == (4.0, 3.0)
    assert len((x + x).inputs) == 2
    assert (x.op, x.inputs, x.partials, x.grad) == (None, (), (), None)


def test_values_are_keys_by_identity() -> None:
    """Two Values of equal number are equal, and yet two keys of a dict."""
    x, y = Value(1.0), Value(1.0)
    assert x == y
    assert {x: "x", y: "y"}[x] == "x"
    assert hash(x) != hash(y)


def test_no_attribute_by_accident() -> None:
    """A misspelt attribute is an error, not a new attribute."""
    with pytest.raises(AttributeError):
        Value(1.0).gard = 1.0  # type: ignore[attr-defined]


# Conversions


@pytest.mark.parametrize(
    "convert",
    [float, int, complex, round, lambda v: round(v, 2), math.exp, math.floor, math.ceil, math.trunc, lambda v: v.item(), np.float64,
     lambda v: np.asarray([v, v], float), lambda v: np.array([v, v]).astype(float), lambda v: math.fsum([v, v])],
)  # fmt: skip
def test_a_value_does_not_turn_into_a_number_unseen(convert: Callable[[Value], object]) -> None:
    """A conversion would cut the graph, and every gradient through it would be wrong; so it is an error with two ways out."""
    with pytest.raises(TypeError, match=r"use autoback\.exp, .* or v\.data for the number alone"):
        convert(Value(0.5))


# Graphs whose leaves have changed


def test_refresh_recomputes_values_and_partials_in_place() -> None:
    """After a leaf changed, refresh makes the same nodes what recording anew would make them."""
    x, w = Value(1.0), Value(2.0)
    middle = x * w
    root = middle.tanh() + x
    root.backward()
    x.data = -3.0
    root.refresh()
    x.grad = w.grad = None
    root.backward()
    fresh_x, fresh_w = Value(-3.0), Value(2.0)
    fresh = (fresh_x * fresh_w).tanh() + fresh_x
    fresh.backward()
    assert (root.data, middle.data, x.grad, w.grad) == (fresh.data, -6.0, fresh_x.grad, fresh_w.grad)


def test_refresh_forgets_inner_gradients() -> None:
    """Gradients of inner nodes belonged to the old numbers; those of leaves are the reader's to keep."""
    x = Value(1.0)
    y = x * 2.0
    y.backward()
    y.refresh()
    assert (y.grad, x.grad) == (None, 2.0)


def test_a_graph_knows_when_it_is_stale() -> None:
    """Stale from the change of a leaf until the refresh, and not before or after."""
    x = Value(1.0)
    y = (x * x).exp()
    assert not y.is_stale()
    x.data = 2.0
    assert y.is_stale()
    y.refresh()
    assert not y.is_stale()
    x.data = 1e3  # exp would overflow
    assert y.is_stale()


def test_a_change_of_partials_alone_is_stale_too() -> None:
    """x * 0 stays 0 when x changes, but its slope along the other input does not."""
    x = Value(1.0)
    y = x * Value(0.0)
    x.data = 5.0
    assert y.is_stale()


def test_a_leaf_is_never_stale() -> None:
    """A leaf is what it is."""
    x = Value(1.0)
    x.data = 2.0
    assert not x.is_stale()
    x.refresh()
    assert x.data == 2.0


@pytest.mark.parametrize("bad", [-1.0, 0.0, -1e300])
def test_a_refresh_that_fails_changes_nothing(bad: float) -> None:
    """A new number outside a domain raises, and the whole graph is as it was."""
    x = Value(4.0, "x")
    y = x * 1.0  # computed again before the logarithm fails, number and partials
    z = y.log() * y
    z.backward()
    before = [(node.data, node.partials, node.grad) for node in (y, *z.inputs, z)]
    x.data = bad
    with pytest.raises(OperationError):
        z.refresh()
    assert [(node.data, node.partials, node.grad) for node in (y, *z.inputs, z)] == before


# Recording


def test_comparisons_are_numbers_while_recording() -> None:
    """Within recording() a comparison is a recorded 0 or 1, in every order of operands."""
    x = Value(2.0)
    with recording():
        answers = [x > 1.0, x >= 2.0, x < 1.0, x <= 2.0, x == 2.0, x != 2.0, x < 3.0, np.float64(3.0) < x]
        chosen = where(x > 1.0, x * 10.0, x)
    assert [type(answer) for answer in answers] == [Value] * 8
    assert [answer.data for answer in answers] == [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    assert chosen.data == 20.0
    chosen.backward()
    assert x.grad == 10.0
    assert (x > 1.0) is True


@pytest.mark.parametrize(
    "decide", [bool, lambda v: v.data, lambda v: 1 if v else 2, lambda v: not v, lambda v: max(v, Value(2.0)), lambda v: v and v]
)
def test_decisions_are_refused_while_recording(decide: object) -> None:
    """Within recording() a Value decides nothing, and the error names maximum and where."""
    with recording(), pytest.raises(RecordingError, match=r"freeze this number .* use maximum, minimum or where"):
        decide(Value(1.0))  # type: ignore[operator]
    assert Value(1.0).data == 1.0


def test_recording_ends_with_its_block_also_after_an_error() -> None:
    """recording() can be nested, and leaves nothing switched on behind it."""

    def fail() -> None:
        with recording(), recording():
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert bool(Value(1.0)) is True


def test_comparison_rows_are_functions_outside_recording_too() -> None:
    """greater(a, b) is always a node."""
    assert greater(Value(2.0), 1.0).data == 1.0


def test_backward_is_refused_while_recording() -> None:
    """Its gradients are plain numbers, which a recorded program would take for constants."""
    x = Value(2.0)
    with recording(), pytest.raises(RecordingError, match=r"use gradient\(output, inputs\)"):
        (x * x).backward()
    assert x.grad is None
