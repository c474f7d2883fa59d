"""The rows as functions and methods, on Values and on plain numbers, and `elementary`."""

import math
import pickle
import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autoback
from autoback import FUNCTIONS, OPERATIONS, OperationError, Value, dot, elementary, mean, topological_order
from tests import oracles


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_row_is_a_public_function(name: str) -> None:
    """autoback.NAME is the row's function, with the row's formulas as its description."""
    function = getattr(autoback, name)
    assert function is FUNCTIONS[name]
    assert function.__name__ == name
    assert OPERATIONS[name].value in function.__doc__


@pytest.mark.parametrize("row", [row for row in OPERATIONS.values() if not row.nary], ids=lambda row: row.name)
def test_every_row_is_a_method(row: autoback.Operation) -> None:
    """v.NAME(...) is NAME(v, ...), on Values and with plain numbers behind."""
    point = oracles.points(row)[0]
    expected = FUNCTIONS[row.name](*point)
    assert getattr(Value(point[0]), row.name)(*point[1:]).data == expected
    assert getattr(Value(point[0]), row.name)(*map(Value, point[1:])).data == expected


def test_plain_numbers_in_a_plain_number_out() -> None:
    """On floats, ints and NumPy scalars a function is plain arithmetic and returns a float."""
    assert autoback.tanh(0.5) == math.tanh(0.5)
    assert [type(f) for f in (autoback.tanh(1), autoback.tanh(np.float32(1)), dot([1], [2]), mean([1, 2]))] == [float] * 4


@pytest.mark.parametrize("other", ["1", None, 1j, [1.0]])
def test_what_is_no_number_is_refused(other: object) -> None:
    """The error names the function and what came."""
    with pytest.raises(TypeError, match=r"tanh takes Values and real numbers, got a \w+: "):
        autoback.tanh(other)
    with pytest.raises(TypeError, match=r"maximum takes Values and real numbers, got a \w+: "):
        autoback.maximum(Value(1.0), other)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_not_finite_is_refused(number: float) -> None:
    """A function is no back door for NaN."""
    with pytest.raises(ValueError, match="a Value holds a finite number"):
        autoback.tanh(number)


@pytest.mark.parametrize("arguments", [(), (1.0,), (1.0, 2.0, 3.0)])
def test_the_number_of_operands_is_checked(arguments: tuple[float, ...]) -> None:
    """Too few or too many operands are Python's usual TypeError with the row's name."""
    with pytest.raises(TypeError, match="maximum"):
        autoback.maximum(*arguments)


@pytest.mark.parametrize("arguments", [([],), ([], []), ([1.0], [1.0, 2.0]), ([1.0],), ([1.0], [1.0], [1.0])])
def test_the_lengths_of_sequences_are_checked(arguments: tuple[list[float], ...]) -> None:
    """dot takes two sequences of one length, not empty, and says what it got."""
    with pytest.raises(ValueError, match=r"dot takes 2 sequences of the same length, not empty, got lengths"):
        dot(*arguments)


def test_sequences_may_be_any_iterable() -> None:
    """Generators, tuples and NumPy arrays serve as sequences."""
    assert dot((Value(k) for k in (1.0, 2.0)), np.array([3.0, 4.0])).data == 11.0
    assert autoback.sum(range(4)) == 6.0
    assert mean(Value(k) for k in (1.0, 2.0, 6.0)).data == 3.0


def test_sums_fold_from_the_left() -> None:
    """n-ary rows add in order, so that every reader of the row rounds alike."""
    numbers = [0.1] * 10 + [1e16, 1.0, -1e16]
    folded = 0.0
    for number in numbers:
        folded += number
    assert autoback.sum(numbers) == folded != math.fsum(numbers)
    assert dot(numbers, [1.0] * 13) == folded


def test_mean_follows_from_sum() -> None:
    """mean is one sum and one division, and its gradient 1/n."""
    values = [Value(k) for k in range(4)]
    m = mean(values)
    m.backward()
    assert m.data == 1.5
    assert [v.grad for v in values] == [0.25] * 4


def test_mean_of_nothing_is_refused() -> None:
    """There is no mean of no numbers."""
    with pytest.raises(ValueError, match="sum takes 1 sequence"):
        mean([])


COMPOUND = {
    "sigmoid": ["neg", "exp", "add", "div"],
    "relu": ["maximum"],
    "tan": ["sin", "cos", "div"],
    "softplus": ["exp", "add", "log"],
    "log1p": ["add", "log"],
    "expm1": ["exp", "sub"],
}


@pytest.mark.parametrize("name", COMPOUND)
def test_elementary_records_the_definition(name: str) -> None:
    """Within elementary() a compound row is recorded as its simpler rows."""
    x = Value(0.5)
    with elementary():
        apart = FUNCTIONS[name](x)
    assert [node.op.name for node in topological_order(apart) if node.op] == COMPOUND[name]
    assert FUNCTIONS[name](x).op is OPERATIONS[name]


def test_elementary_takes_a_neuron_apart() -> None:
    """A dot becomes products and the sums that join them, from the left."""
    w, x = [Value(1.0), Value(2.0), Value(3.0)], [Value(4.0), Value(5.0), Value(6.0)]
    with elementary():
        z = dot(w, x)
    assert [node.op.name for node in topological_order(z) if node.op] == ["mul", "mul", "add", "mul", "add"]
    assert z.data == dot(w, x).data == 32.0


@given(st.lists(st.tuples(*[st.floats(-10.0, 10.0)] * 2), min_size=1, max_size=8))
def test_a_neuron_taken_apart_has_equal_numbers(pairs: list[tuple[float, float]]) -> None:
    """A dot and its elementary definition agree bit for bit, in value and in every gradient."""
    fused, apart = ([[Value(x) for x in vector] for vector in zip(*pairs, strict=True)] for _ in range(2))
    one = dot(*fused)
    with elementary():
        other = dot(*apart)
    one.backward()
    other.backward()
    assert one.data == other.data
    assert [v.grad for vector in fused for v in vector] == [v.grad for vector in apart for v in vector]


def test_elementary_ends_with_its_block() -> None:
    """After the block, also after an error in it, compound rows are whole again."""

    def fail() -> None:
        with elementary():
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert autoback.tanh(Value(1.0)).op is OPERATIONS["tanh"]


def test_elementary_says_where_the_definition_overflows() -> None:
    """Taken apart, tanh of 1000 needs an exponential that no double holds, and the error says exp."""
    assert autoback.tanh(Value(1000.0)).data == 1.0
    with elementary(), pytest.raises(OperationError, match=r"^exp\(1000\) is not finite: exp overflows above 709.78"):
        autoback.tanh(Value(1000.0))


def test_elementary_leaves_plain_numbers_alone() -> None:
    """On floats there is no graph to take apart."""
    with elementary():
        assert autoback.tanh(1000.0) == 1.0


class Special(Value):
    """A Value of one's own kind."""

    __slots__ = ()


def test_subclasses_of_value_are_values() -> None:
    """A subclass stands wherever a Value does: in operators on both sides, functions, sequences, and elementary definitions."""
    s = Special(0.5)
    results = [
        s + 1.0,
        1.0 + s,
        s + Value(1.0),
        Value(1.0) + s,
        s**2,
        autoback.tanh(s),
        s.maximum(0.0),
        dot([s, 1.0], [2.0, s]),
        mean([s, s]),
    ]
    assert [r.data for r in results] == [1.5, 1.5, 1.5, 1.5, 0.25, math.tanh(0.5), 0.5, 1.5, 0.5]
    with elementary():
        apart = autoback.sigmoid(s)
    apart.backward()
    assert s.grad == pytest.approx(0.2350037122015945, rel=1e-15)


def test_functions_can_be_pickled() -> None:
    """A function goes through a pickle by its public name, so that nets and tasks that hold one can."""
    assert pickle.loads(pickle.dumps(autoback.tanh)) is autoback.tanh


def test_elementary_blocks_belong_to_their_thread() -> None:
    """A block in one thread does not take apart what another thread records."""
    names = []

    def other() -> None:
        names.append(autoback.tanh(Value(1.0)).op.name)

    with elementary():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        names.append(autoback.tanh(Value(1.0)).op.name)
    assert names == ["tanh", "div"]


def test_elementary_blocks_nest() -> None:
    """The end of an inner block does not end the outer one."""
    with elementary():
        with elementary():
            pass
        assert autoback.tanh(Value(1.0)).op is OPERATIONS["div"]
    assert autoback.tanh(Value(1.0)).op is OPERATIONS["tanh"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (autoback.sum, r"sum takes a sequence of numbers, got a Value: write sum\(\[a, b, \.\.\.\]\)"),
        (lambda x: autoback.sum(1.0), "sum takes a sequence of numbers, got a float"),
        (lambda x: autoback.dot(x, [x]), r"dot takes 2 sequences of numbers, got a Value: write dot\(\[a, b, \.\.\.\], \[c, d, \.\.\.\]\)"),
        (autoback.mean, "mean takes a sequence of numbers, got a Value"),
    ],
)
def test_one_number_is_no_sequence(call: Callable[[Value], object], message: str) -> None:
    """The error of a function of sequences says how to write them."""
    with pytest.raises(TypeError, match=message):
        call(Value(1.0))
