"""A scalar autograd engine with a neural-net layer on top.

>>> from autoback import Value, tanh
>>> x = Value(0.5, "x")
>>> y = tanh(x) * x
>>> y.backward()
>>> round(x.grad, 6)
0.855341
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autoback.engine.check import Check, GradientMismatch, finite_differences, step_sweep
from autoback.engine.define import define_operation, forget_operation
from autoback.engine.forward import jvp
from autoback.engine.functions import FUNCTIONS, elementary, mean
from autoback.engine.gradient import gradient, hessian
from autoback.engine.operations import OPERATIONS, Operation, OperationError
from autoback.engine.sequences import log_softmax, logsumexp, max, min, norm, prod, softmax  # noqa: F401  # like sum and abs, max and min are not in __all__
from autoback.engine.value import RecordingError, Value, engine_name, topological_order
from autoback.nn import datasets
from autoback.nn.evaluation import accuracy, check_gradients, cost, predict
from autoback.nn.health import Health, health
from autoback.nn.history import History, Patience
from autoback.nn.initializers import INITIALIZERS, ParkMiller, constant
from autoback.nn.losses import LOSSES, absolute_error, binary_cross_entropy, cross_entropy, hinge, l2_penalty, squared_error
from autoback.nn.modules import ACTIVATIONS, MLP, Embedding, Layer, Module, Neuron
from autoback.nn.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Optimizer, RMSProp, clip_gradients
from autoback.nn.schedules import Schedule
from autoback.nn.storage import StorageError, load, save
from autoback.nn.sweep import Sweep, sweep
from autoback.nn.training import fit

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS", "INITIALIZERS", "LOSSES", "MLP", "OPERATIONS", "OPTIMIZERS", "SGD", "Adam", "AdamW", "Check", "Embedding",
    "GradientMismatch", "Health", "History", "Layer", "Module", "Neuron", "Operation", "OperationError", "Optimizer", "ParkMiller",
    "Patience", "RMSProp", "RecordingError", "Schedule", "StorageError", "Sweep", "Value", "absolute_error", "accuracy",
    "binary_cross_entropy", "check_gradients", "clip_gradients", "constant", "cost", "cross_entropy", "datasets", "define_operation",
    "elementary", "engine_name", "finite_differences", "fit", "forget_operation", "gradient", "health", "hessian", "hinge", "jvp",
    "l2_penalty", "load", "log_softmax", "logsumexp", "mean", "norm", "predict", "prod", "save", "softmax", "squared_error", "step_sweep",
    "sweep", "topological_order",
]  # fmt: skip

# Every row of the table is a function of this module too: autoback.tanh, autoback.dot, autoback.sum, ...
# `from autoback import *` brings those that do not hide a function of Python's own.
globals().update(FUNCTIONS)
__all__ += [name for name in FUNCTIONS if name not in ("abs", "pow", "sum")]

#: What loads more than the engine and the networks is imported when it is first asked for.
_LATER = {
    "c_header": "autoback.engine.c.header",
    "compile": "autoback.native.function",
    "draw": "autoback.view.drawing",
    "explain": "autoback.view.explain",
    "lesson": "autoback.view.lesson",
    "worksheet": "autoback.view.lesson",
    "parse_expression": "autoback.expression",
    "Drawing": "autoback.view.drawing",
    "Explanation": "autoback.view.explain",
    "Expression": "autoback.expression",
    "ExpressionError": "autoback.expression",
    "Page": "autoback.view.lesson",
}
__all__ += [name for name in _LATER if name != "compile"]  # that name is Python's too


def __getattr__(name: str) -> Any:
    if name in FUNCTIONS:  # of an operation that was defined since
        return FUNCTIONS[name]
    if name not in _LATER:
        raise AttributeError(f"module 'autoback' has no attribute {name!r}")
    try:
        return getattr(import_module(_LATER[name]), name)
    except ImportError as missing:  # an extra is not installed: that is an error for who calls, not for who looks
        return _absent(name, str(missing))


def _absent(name: str, message: str) -> Any:
    """What stands where a name needs an extra: a function that is documented, and raises ImportError when it is called."""

    def absent(*arguments: object, **options: object) -> Any:
        raise ImportError(message)

    absent.__name__ = absent.__qualname__ = name
    absent.__module__, absent.__doc__ = "autoback", f"Not available here: {message}."
    return absent


def __dir__() -> list[str]:
    tools = {"FUNCTIONS", "TYPE_CHECKING", "Any", "import_module"}  # what the lines above use
    return sorted({*globals(), *_LATER, *FUNCTIONS} - tools)


def _repr_mimebundle_(self: Any, include: Any = None, exclude: Any = None) -> Any:
    """What a notebook shows of a Value, a network, a training run, data, health or a sweep: its picture."""
    return import_module("autoback.view.drawing").shown(self)


if not TYPE_CHECKING:  # the engine and the networks know nothing of pictures; this face of the package hangs them in
    for _shown in (Value, Module, History, datasets.Dataset, Health, Sweep):
        _shown._repr_mimebundle_ = _repr_mimebundle_
