"""A scalar autograd engine with a neural-net layer on top.

>>> from autoback import Value, tanh
>>> x = Value(0.5, "x")
>>> y = tanh(x) * x
>>> y.backward()
>>> round(x.grad, 6)
0.855341
"""

from typing import TYPE_CHECKING, Any

from autoback.engine.check import Check, GradientMismatch, check_gradients, finite_differences, step_sweep
from autoback.engine.functions import FUNCTIONS, elementary, mean
from autoback.engine.gradient import gradient, hessian
from autoback.engine.operations import OPERATIONS, Operation, OperationError
from autoback.engine.value import RecordingError, Value, topological_order

__version__ = "0.1.0"

__all__ = [
    "OPERATIONS", "Check", "GradientMismatch", "Operation", "OperationError", "RecordingError", "Value",
    "check_gradients", "elementary", "finite_differences", "gradient", "hessian", "mean", "step_sweep", "topological_order",
]  # fmt: skip

# Every row of the table is a function of this module too: autoback.tanh, autoback.dot, autoback.sum, ...
# `from autoback import *` brings those that do not hide a function of Python's own.
globals().update(FUNCTIONS)
__all__ += [name for name in FUNCTIONS if name not in ("abs", "pow", "sum")]

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
