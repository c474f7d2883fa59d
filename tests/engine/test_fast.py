"""The operators and `backward` of fast.py against those that value.py shows."""

import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback import OperationError, Value
from autoback.engine.fast import PLAIN
from tests.graphs import Program, programs

OPERATORS = {name: getattr(operator, name) for name in PLAIN if name != "backward"}


@pytest.mark.parametrize("name", OPERATORS)
@given(x=st.floats(-50.0, 50.0), y=st.floats(-50.0, 50.0), plain=st.booleans())
def test_an_operator_is_what_the_class_shows(name: str, x: float, y: float, plain: bool) -> None:
    """A fast operator makes the same node, or the same error, as the plain one, for Values and for numbers on the right."""

    def outcome(operate: Callable[..., Value]) -> object:
        try:
            made = operate(Value(x), y if plain else Value(y))
        except OperationError as error:
            return str(error)
        return made.op, made.data, made.partials, [below.data for below in made.inputs]

    assert repr(outcome(OPERATORS[name])) == repr(outcome(PLAIN[name]))


@given(program=programs())
def test_backward_is_what_the_class_shows(program: Program) -> None:
    """The fast walk leaves the same gradients as the plain one, on leaves that held some before too."""
    first, second = program.leaves(), program.leaves()
    fast, plain = program(*first), program(*second)
    for _ in range(2):
        fast.backward()
        PLAIN["backward"](plain)
    assert [leaf.grad for leaf in first] == [leaf.grad for leaf in second]


def test_the_plain_backward_is_rolled_back_too() -> None:
    """A gradient too large for a double leaves the leaves as they were."""
    x = Value(1e-300, "x")
    x.grad = 3.0
    y = x * 1e200 * 1e200
    with pytest.raises(OverflowError, match=r"the gradient of x .* is too large for a double"):
        PLAIN["backward"](y)
    assert x.grad == 3.0
