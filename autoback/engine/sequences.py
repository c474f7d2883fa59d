"""Functions of a whole sequence, made of rows: softmax and its kin, products, norms, the largest and the smallest.

They work on Values, on plain numbers, and on both mixed; of numbers alone they give floats.
"""

import builtins
import math
from collections.abc import Iterable
from functools import reduce
from typing import Any, overload

from autoback.engine.floatlike import FloatLike
from autoback.engine.functions import FUNCTIONS
from autoback.engine.tracing import is_recording
from autoback.engine.value import Operand, Value, as_operand

__all__ = ["log_softmax", "logsumexp", "max", "min", "norm", "prod", "shifted", "softmax"]


def _listed(function: str, numbers: Iterable[Operand]) -> list[Any]:
    if isinstance(numbers, Value) or not isinstance(numbers, Iterable):
        raise TypeError(f"{function} takes a sequence of numbers, got a {type(numbers).__name__}: write {function}([a, b, ...])")
    listed = list(numbers)
    if not listed:
        raise ValueError(f"{function} takes a sequence that is not empty")
    return listed


@overload
def logsumexp(numbers: Iterable[FloatLike]) -> float: ...  # type: ignore[overload-overlap]
@overload
def logsumexp(numbers: Iterable[Operand]) -> Value: ...
def logsumexp(numbers: Iterable[Operand]) -> Any:
    """log Σᵢ exp xᵢ of n numbers, which no size of the numbers overflows.

    With m the largest it is m + log Σᵢ exp(xᵢ − m), wherever in the sequence the largest is.
    Raises ValueError for an empty sequence.

    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    """
    largest, _, log_total = shifted(_listed("logsumexp", numbers))
    return largest + log_total


def shifted(listed: list[Any]) -> tuple[Any, list[Any], Any]:
    """The largest number m, the n differences xᵢ − m, and log Σᵢ exp(xᵢ − m), which lies from 0 to log n."""
    largest = max(listed)
    below = [number - largest for number in listed]
    return largest, below, FUNCTIONS["log"](FUNCTIONS["sum"]([FUNCTIONS["exp"](number) for number in below]))


@overload
def log_softmax(numbers: Iterable[FloatLike]) -> list[float]: ...  # type: ignore[overload-overlap]
@overload
def log_softmax(numbers: Iterable[Operand]) -> list[Value]: ...
def log_softmax(numbers: Iterable[Operand]) -> Any:
    """The n logarithms of softmax, xᵢ − log Σⱼ exp xⱼ; the largest xᵢ is subtracted first, so no digit is lost to its size.

    Raises ValueError for an empty sequence, TypeError for what is none, as all functions of a sequence.

    >>> log_softmax([0.0, -1000.0])
    [0.0, -1000.0]
    """
    _, below, log_total = shifted(_listed("log_softmax", numbers))
    return [number - log_total for number in below]


@overload
def softmax(numbers: Iterable[FloatLike]) -> list[float]: ...  # type: ignore[overload-overlap]
@overload
def softmax(numbers: Iterable[Operand]) -> list[Value]: ...
def softmax(numbers: Iterable[Operand]) -> Any:
    """The n probabilities exp xᵢ / Σⱼ exp xⱼ, whose sum is 1; the largest xᵢ is subtracted first, so nothing overflows.

    Raises ValueError for an empty sequence.
    Source: Bishop, Pattern Recognition and Machine Learning, equation 4.62.

    >>> softmax([1000.0, 1000.0]), softmax([1000.0, -1000.0])
    ([0.5, 0.5], [1.0, 0.0])
    """
    listed = _listed("softmax", numbers)
    largest = max(listed)
    powers = [FUNCTIONS["exp"](number - largest) for number in listed]
    total = FUNCTIONS["sum"](powers)
    return [power / total for power in powers]


@overload
def prod(numbers: Iterable[FloatLike]) -> float: ...  # type: ignore[overload-overlap]
@overload
def prod(numbers: Iterable[Operand]) -> Value: ...
def prod(numbers: Iterable[Operand]) -> Any:
    """The product of n numbers, from the left; of none it is 1, as math.prod. Raises OperationError where it is too large for a double.

    >>> prod([2.0, 3.0, 4.0])
    24.0
    """
    return reduce(FUNCTIONS["mul"], numbers, 1.0)


@overload
def norm(numbers: Iterable[FloatLike]) -> float: ...  # type: ignore[overload-overlap]
@overload
def norm(numbers: Iterable[Operand]) -> Value: ...
def norm(numbers: Iterable[Operand]) -> Any:
    """The length √Σᵢ xᵢ² of a vector of n numbers. At 0 it has no slope, and says so.

    Squares that a double cannot hold are avoided by a power of two in front, but not while a program is recorded,
    which may not depend on the numbers. Raises ValueError for an empty sequence, OperationError for Values that are all 0.

    >>> norm([3.0, 4.0]), norm([1e200, 0.0])
    (5.0, 1e+200)
    """
    listed = _listed("norm", numbers)
    scale = 1.0 if is_recording() else _scale(listed)
    scaled = listed if scale == 1.0 else [number / scale for number in listed]
    length = FUNCTIONS["sqrt"](FUNCTIONS["dot"](scaled, scaled))
    return length if scale == 1.0 else FUNCTIONS["mul"](length, scale)


def _scale(numbers: list[Any]) -> float:
    """1, or a power of two near the largest of some numbers, where its square would be too large or too small."""
    sizes = [abs(value._number) for value in map(as_operand, numbers) if value is not None]
    _, exponent = math.frexp(builtins.max(sizes, default=0.0))
    return 1.0 if -450 < exponent < 450 or not any(sizes) else 2.0 ** builtins.max(-1000, builtins.min(exponent, 1000))


def max(*numbers: Any) -> Any:
    """The largest of several numbers or of one sequence, as the row `maximum`: two that tie share the gradient.

    Raises ValueError for an empty sequence.

    >>> max([1.0, 3.0, 2.0]), max(1.0, 3.0)
    (3.0, 3.0)
    """
    return _folded("max", "maximum", numbers)


def min(*numbers: Any) -> Any:
    """The smallest of several numbers or of one sequence, as the row `minimum`: two that tie share the gradient.

    Raises ValueError for an empty sequence.

    >>> min([2.0, 1.0, 3.0]), min(1.0, 3.0)
    (1.0, 1.0)
    """
    return _folded("min", "minimum", numbers)


def _folded(name: str, row: str, numbers: tuple[Any, ...]) -> Any:
    listed = _listed(name, numbers[0]) if len(numbers) == 1 else _listed(name, numbers)
    # A single number too is taken by the row, which refuses what is none.
    return reduce(FUNCTIONS[row], listed) if len(listed) > 1 else FUNCTIONS["add"](listed[0], 0.0)
