"""How Python calls machine code: directly where the engine in C runs, else the long way."""

from collections.abc import Callable
from typing import Any, Literal

from autoback.engine.value import Value, extension

__all__ = ["direct"]

_FORMS = ("tuple", "float", "pair")  # in the order of call.c


def direct(
    function: int,
    memory: int,
    n: int,
    leaves: tuple[Value, ...],
    m: int,
    form: Literal["float", "tuple", "pair"],
    keep: object,
    otherwise: Callable[..., Any],
) -> Callable[..., Any]:
    """A function of n plain numbers that calls machine code; `otherwise` itself where there is no extension to do it.

    function:  address of `int64 f(double *memory)`, which gives 0 where every number is finite
    memory:    address of n numbers, one for each of the leaves, m results, and what the function needs besides
    form:      of the answer: one float, a tuple of m, or a pair of the first and a list of the others
    keep:      what owns the function and the memory
    otherwise: what is called with other arguments, and where the function does not give 0
    """
    if extension is None:
        return otherwise
    made: Callable[..., Any] = extension.caller(function, memory, n, leaves, m, _FORMS.index(form), keep, otherwise)
    return made
