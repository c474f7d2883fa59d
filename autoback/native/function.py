"""`compile`: a function of Values as a function of plain numbers."""

import inspect
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autoback.engine.c.header import c_header
from autoback.engine.value import Value
from autoback.files import write_atomically
from autoback.native.program import Doubles, matrix
from autoback.native.trace import Recorded, Trace
from autoback.native.trees import NUMBER, Form, flatten, form_of

__all__ = ["Compiled", "compile"]


def compile(f: Recorded, arguments: int | None = None) -> "Compiled":  # as autoback.compile it hides nothing
    """`f` recorded and compiled, to be called with plain numbers.

    f:         takes n arguments, and gives one Value or a sequence of several; whatever the engine can record
    arguments: n, where the signature of f does not state it
    An argument is a number, or a list, tuple, dict or NumPy array of numbers, nested as you like; f gets
    Values in the same lists, tuples and dicts (an array as nested lists). Arguments of another form or length
    are recorded and compiled anew. Values that f finds outside itself are read at each call.
    f is recorded twice, at the first call. Where both recordings differ, f depends on something that a program
    does not see, such as random numbers, and is refused. A branch on a recorded number is refused too:
    use maximum, minimum or where; so are backward() and new `data` for an argument.
    A call with Values calls f itself.
    Raises TypeError when n is not known, ValueError when it is below 1.

    >>> hypotenuse = compile(lambda x, y: (x * x + y * y).sqrt())
    >>> hypotenuse(3.0, 4.0), [round(slope, 12) for slope in hypotenuse.gradient(3.0, 4.0)]
    (5.0, [0.6, 0.8])
    >>> hypotenuse.batch([[3.0, 4.0], [5.0, 12.0]]).tolist()
    [5.0, 13.0]
    >>> squares = compile(lambda x: x[0] * x[0] + 3.0 * x[1] * x[1])
    >>> squares.value_and_gradient([1.0, 2.0])
    (13.0, [2.0, 12.0])
    """
    if not callable(f):
        raise TypeError(f"compile takes a function of Values, got a {type(f).__name__}")
    if arguments is not None and (isinstance(arguments, bool) or not isinstance(arguments, int)):
        raise TypeError(f"arguments must be a whole number, got {arguments!r:.40}")
    return Compiled(f, _arity(f) if arguments is None else arguments)


class Compiled:
    """A function of `arguments` plain arguments in machine code; see `compile`.

    The derivatives of one Value have the form of the arguments: of the argument itself if there is one and it is
    no number, otherwise of a list with an entry for each argument; an array for an array. For several Values
    there is a list of these, one for each Value; of a single array argument an array with a row for each.
    """

    f: Recorded
    arguments: int
    __name__: str

    def __init__(self, f: Recorded, arguments: int) -> None:
        if arguments < 1:
            raise ValueError(f"a compiled function needs at least one argument, got {arguments}")
        self.f, self.arguments = f, arguments
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        self.__doc__ = getattr(f, "__doc__", None)
        self._traces: dict[Form, Trace] = {}
        self._plain: Form = (NUMBER,) * arguments
        self._called: Callable[..., Any] = self._long_way
        self._derived: Callable[..., Any] = self._derive

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}, {self.arguments} argument{'s' * (self.arguments > 1)}>"

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The value at one point: a float, or a tuple of them if f gives several Values."""
        return self._called(*arguments, **named)

    def _long_way(self, *arguments: Any, **named: Any) -> Any:
        """A call with any arguments; once f is recorded on plain numbers, such calls go to its program directly."""
        try:
            trace, numbers = self._find(arguments, named)
        except _GivenValues:
            return self.f(*arguments, **named)
        out = trace.value.at(numbers)
        if trace.form == self._plain and self._called == self._long_way:
            self._called = trace.value.direct(self._long_way, "float" if trace.alone else "tuple")
        return out[0] if trace.alone else tuple(out)

    def gradient(self, *arguments: Any, **named: Any) -> Any:
        """The partial derivatives at one point, for all arguments."""
        return self._derived(*arguments, **named)[1]

    def value_and_gradient(self, *arguments: Any, **named: Any) -> tuple[Any, Any]:
        """Both at once, in one pass."""
        return self._derived(*arguments, **named)  # type: ignore[no-any-return]

    def _derive(self, *arguments: Any, **named: Any) -> tuple[Any, Any]:
        """The value and the gradient the long way; as with `_long_way`, calls with plain numbers then go to the program."""
        trace, numbers = self._find(arguments, named)
        out = trace.both.at(numbers)
        m = trace.count
        if trace.alone and trace.form == self._plain and self._derived == self._derive:
            self._derived = trace.both.direct(self._derive, "pair")
        return (out[0], trace.shaped(out[1:])) if trace.alone else (tuple(out[:m]), trace.rows(out[m:]))

    def hessian(self, *arguments: Any, **named: Any) -> Any:
        """The n × n second derivatives of one Value along all n numbers of the arguments: a list of rows, or of one array an array.

        The program holds n² entries: this is for a handful of numbers. Raises TypeError if f gives several Values.
        """
        trace, numbers = self._find(arguments, named)
        return trace.square(trace.hessian.at(numbers))

    def hessian_vector_product(self, *arguments: Any, **named: Any) -> Any:
        """The second derivatives of one Value, times a vector, without the matrix.

        The last argument is the vector, in the form of the gradient; the answer has this form too. For a function
        of one array this is what `hessp` of scipy.optimize.minimize needs.
        Raises TypeError if f gives several Values.

        >>> compile(lambda x: x[0] ** 3 * x[1]).hessian_vector_product([1.0, 2.0], [1.0, 0.0])
        [12.0, 3.0]
        """
        *given, vector = arguments or (None,)
        trace, numbers = self._find(tuple(given), named)
        direction = flatten(vector)
        if len(direction) != len(numbers):
            raise ValueError(f"the vector must have {len(numbers)} numbers, as the arguments have, got {len(direction)}")
        return trace.shaped(trace.hessian_vector.at([*numbers, *direction]))

    def batch(self, samples: Any) -> Doubles:
        """The values at N points at once: N × n numbers give N values, or N × m if f gives m Values."""
        x, trace = self._samples(samples)
        if trace is None:
            return np.empty(0)
        out = trace.value.run(x)
        return out[:, 0] if trace.alone else out

    def batch_gradient(self, samples: Any) -> Doubles:
        """The gradients at N points at once: N × n numbers, or N × m × n if f gives m Values."""
        x, trace = self._samples(samples)
        if trace is None:
            return np.empty((0, self.arguments))
        out = trace.both.run(x)[:, trace.count :]
        return out if trace.alone else out.reshape(len(x), trace.count, self.arguments)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write what was recorded last as a C header, with its value and its gradient, and return the path; see `c_header`.

        path: NAME.h; the functions in C are NAME and NAME_gradient. Values that f finds outside itself become constants.
        Raises ValueError for another ending, or for a name that C does not take.
        """
        target = Path(path)
        if target.suffix != ".h":
            raise ValueError(f"a compiled function is saved as a C header, NAME.h, got {target.name!r}")
        trace = self._last
        leaves, outputs = trace.recorded
        return write_atomically(target, c_header(outputs[0] if trace.alone else outputs, leaves, target.stem))

    def listing(self) -> str:
        """The plan of the gradient's program that was recorded last: every loop and table, in order."""
        return self._last.both.listing()

    @property
    def llvm(self) -> str:
        """The LLVM assembly of that program, over blocks of samples."""
        return self._last.both.llvm

    def __reduce__(self) -> tuple[Any, ...]:
        return Compiled, (self.f, self.arguments)  # a copy records and compiles anew: machine code stays where it was made

    # Recording

    def _find(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[Trace, Sequence[float]]:
        """The recording for arguments of this form, and their numbers."""
        if len(arguments) == self.arguments and not named:
            for number in arguments:
                if type(number) is not float and type(number) is not int:
                    break
            else:
                trace = self._traces.get(self._plain)
                if trace is not None:
                    trace.at = arguments
                    return trace, arguments
        if named:
            arguments = self._bound(arguments, named)
        elif len(arguments) != self.arguments:
            expected = f"{self.arguments} argument{'s' * (self.arguments > 1)}"
            raise TypeError(f"{self.__name__} takes {expected}, got {len(arguments)}")
        try:
            numbers = flatten(arguments)
        except TypeError:
            if _holds_values(arguments):
                raise _GivenValues(
                    f"the derivatives of {self.__name__} take plain numbers, got Values; "
                    "give the numbers, v.data, or use gradient(f(v), v), which is recorded"
                ) from None
            raise
        if not numbers:
            raise ValueError(f"{self.__name__} needs at least one number, got arguments without any")
        return self._trace(form_of(arguments)[1:], numbers), numbers

    def _trace(self, form: Form, at: Sequence[float]) -> Trace:
        if form not in self._traces:
            trace = Trace(self.f, self.__name__, form, at)
            trace.record()
            self._traces[form] = trace
        self._traces[form].at = at
        return self._traces[form]

    def _bound(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments in the order of the signature, where some were given by name."""
        bound = inspect.signature(self.f).bind(*arguments, **named)
        if bound.kwargs:
            raise TypeError(f"{self.__name__} takes {', '.join(bound.kwargs)} by name alone, which a compiled function cannot pass on")
        return bound.args

    @property
    def _last(self) -> Trace:
        if not self._traces:
            self._trace(self._plain, [1.0] * self.arguments)
        return next(reversed(self._traces.values()))

    def _samples(self, samples: Any) -> tuple[Doubles, Trace | None]:
        """The points as an array, and the recording; None if there are no points and f was not recorded yet."""
        x = matrix("samples", samples, self.arguments)
        if len(x):
            return x, self._trace(self._plain, x[0].tolist())
        return x, self._traces.get(self._plain)


class _GivenValues(TypeError):
    """A compiled function was called with Values."""


def _holds_values(tree: Any) -> bool:
    if isinstance(tree, dict):
        tree = list(tree.values())
    return any(map(_holds_values, tree)) if isinstance(tree, (list, tuple)) else isinstance(tree, Value)


def _arity(f: Recorded) -> int:
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    if not parameters or any(p.kind in (p.VAR_POSITIONAL, p.KEYWORD_ONLY) and p.default is p.empty for p in parameters):
        raise TypeError(
            f"the signature of {getattr(f, '__name__', f)} does not state how many arguments it takes; give it as compile(f, arguments=n)"
        )
    return sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
