"""What NumPy does with Values: right, or refused with the way out."""

import inspect
import operator
from collections.abc import Callable

import numpy as np
import pytest

from autoback import RecordingError, Value
from autoback.engine.tracing import recording

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_an_operator_on_an_array_works_element_by_element(op: Callable[..., np.ndarray], kind: type) -> None:
    """An array of numbers and a Value make an array of Values, on either side."""
    numbers = np.array([1, 2, 4], dtype=kind)
    for made, expected in ((op(numbers, Value(3.0)), op(numbers, 3.0)), (op(Value(3.0), numbers), op(3.0, numbers))):
        assert [type(each) for each in made] == [Value] * 3
        assert [each.data for each in made] == pytest.approx(expected.tolist(), rel=1e-7)


def test_gradients_go_through_arrays() -> None:
    """Sums, means and products of arrays of Values are graphs."""
    v = Value(2.0)
    (np.array([1.0, 2.0]) * v).sum().backward()
    assert v.grad == 3.0
    v, w = Value(2.0), Value(3.0)
    np.dot(np.array([v, w]), np.array([5.0, 7.0])).backward()
    assert (v.grad, w.grad) == (5.0, 7.0)
    v, w = Value(2.0), Value(3.0)
    (np.array([v, w]) * np.array([v, w])).mean().backward()
    assert (v.grad, w.grad) == (2.0, 3.0)


def test_an_array_without_axes_is_one_number() -> None:
    """Values and arrays of no axes make one Value; an array of objects may hold NumPy numbers."""
    assert (Value(3.0) * np.array(2.0)).data == 6.0
    assert [each.data for each in np.array([np.float32(1.0), Value(2.0)], dtype=object) * Value(3.0)] == [3.0, 6.0]


def test_functions_of_numpy_on_arrays_of_values() -> None:
    """NumPy asks each object of an array for the method of that name, which is the row."""
    v, w = Value(0.5), Value(0.25)
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "log1p", "expm1"):
        assert [each.op.name for each in getattr(np, name)(np.array([v, w]))] == [name] * 2


def test_the_larger_of_two_arrays_chooses_as_max_does() -> None:
    """numpy.maximum compares and takes one of the two, as Python's max; while a program is recorded it is refused."""
    v, w = Value(-1.0), Value(3.0)
    first, second = np.maximum(np.array([v, w]), 0)
    assert (first, second is w) == (0, True)
    with recording(), pytest.raises(RecordingError, match="use maximum, minimum or where"):
        np.maximum(np.array([v, w]), 0)


@pytest.mark.parametrize("call", [np.sin, np.exp, np.maximum, np.matmul, np.add.outer, np.logaddexp])
def test_functions_that_would_leave_the_graph_are_refused(call: Callable[..., object]) -> None:
    """A function of NumPy on a Value names the way out."""
    arguments = (Value(1.0),) if call in (np.sin, np.exp) else (Value(1.0), np.array([1.0]))
    with pytest.raises(TypeError, match=r"does not know Values .* use a function of autoback .* v\.data"):
        call(*arguments)


def test_an_array_of_numbers_takes_no_value_in_place() -> None:
    """a += v cannot work, and the error says what can."""
    numbers = np.array([1.0, 2.0])
    with pytest.raises(TypeError, match=r"write a = a \+ v"):
        numbers += Value(1.0)


def test_comparisons_with_an_array() -> None:
    """An array compared with a Value is compared element by element."""
    assert (np.array([1.0, 2.0, 3.0]) > Value(2.0)).tolist() == [False, False, True]


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, np.multiply])
def test_a_masked_array_keeps_its_mask(op: Callable[..., np.ma.MaskedArray]) -> None:
    """What is masked stays masked, and the rest are Values of the graph, on either side."""
    masked, v = np.ma.masked_array([1.0, 3.0], mask=[True, False]), Value(2.0)
    for made, expected in ((op(masked, v), op(masked, 2.0)), (op(v, masked), op(2.0, masked))):
        assert made.mask.tolist() == [True, False]
        assert [each.data for each in made.compressed()] == expected.compressed().tolist()
    v.grad = None
    op(masked, v).sum().backward()
    assert v.grad == {"add": 1.0, "sub": -1.0}.get(op.__name__, 3.0)


def test_a_masked_array_is_not_divided() -> None:
    """NumPy wants to know where a masked quotient is finite, which it cannot ask of objects."""
    with pytest.raises(TypeError, match="isfinite"):
        operator.truediv(np.ma.masked_array([1.0, 2.0], mask=[True, False]), Value(2.0))


def test_tools_can_read_every_attribute_that_a_value_lists() -> None:
    """`inspect.getmembers`, as debuggers use it, meets no attribute that refuses to be read."""
    assert dict(inspect.getmembers(Value(2.0)))["data"] == 2.0
