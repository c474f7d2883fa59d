"""What NumPy does with Values: operators on arrays are right, and functions that would leave the graph are refused.

NumPy is not imported here: if a ufunc meets a Value, NumPy is there.
"""

import operator
from collections.abc import Callable
from typing import Any

from autoback.engine.value import Value

__all__: list[str] = []

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv, "power": operator.pow,
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt, "greater_equal": operator.ge,
    "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip


def array_ufunc(value: Value, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
    """An operator on arrays and Values, element by element: an array of Values, or one Value where nothing is an array.

    Raises TypeError, which names the way out, for every other function of NumPy.
    """
    operate = _OPERATORS.get(ufunc.__name__)
    if "out" in options:
        raise TypeError("an array of numbers cannot hold Values: write a = a + v in place of a += v, which makes a new array")
    if operate is None or method != "__call__" or options:
        name = f"numpy.{ufunc.__name__}" + f".{method}" * (method != "__call__")
        raise TypeError(
            f"{name} does not know Values and would leave the graph: use a function of autoback (autoback.exp, autoback.maximum, ...) "
            "on each Value, or v.data for the number alone"
        )
    import numpy as np

    if any(isinstance(operand, np.ma.MaskedArray) for operand in operands):
        return operate(*operands)  # numpy.ma knows what to do with the mask

    def each(left: Any, right: Any) -> Any:
        # A NumPy number would ask this function again, for ever.
        return operate(*[side.item() if isinstance(side, np.generic) else side for side in (left, right)])

    return np.frompyfunc(each, 2, 1)(*[np.asarray(operand, dtype=object) for operand in operands])


Value.__array_ufunc__ = array_ufunc  # type: ignore[attr-defined]
