"""`compile`: a function of Values as a function of plain numbers."""

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from autoback.engine.gradient import gradient
from autoback.engine.operations import OperationError
from autoback.engine.value import RecordingError, Value, recording
from autoback.native import serialization
from autoback.native.program import Doubles, Program, Runnable, matrix

__all__ = ["Compiled", "compile", "load"]

Recorded = Callable[..., Value | Sequence[Value]]


def compile(f: Recorded, arguments: int | None = None) -> "Compiled":  # as autoback.compile it hides nothing
    """`f` recorded once and compiled, to be called with plain numbers.

    f:         takes n Values and gives one, or a sequence of several; whatever the engine can record
    arguments: n, where the signature of f does not tell
    f is recorded at the first call, with that call's numbers; Values that it finds outside itself stay
    as they were then, and so does a number that it reads from `data`. A branch on a recorded number is refused:
    use maximum, minimum or where; so are backward() and new `data` for an argument.
    Raises TypeError when n cannot be told, ValueError when it is below 1.

    >>> hypotenuse = compile(lambda x, y: (x * x + y * y).sqrt())
    >>> hypotenuse(3.0, 4.0), [round(slope, 12) for slope in hypotenuse.gradient(3.0, 4.0)]
    (5.0, [0.6, 0.8])
    >>> hypotenuse.batch([[3.0, 4.0], [5.0, 12.0]]).tolist()
    [5.0, 13.0]
    """
    if not callable(f):
        raise TypeError(f"compile takes a function of Values, got a {type(f).__name__}")
    if arguments is not None and (isinstance(arguments, bool) or not isinstance(arguments, int)):
        raise TypeError(f"arguments must be a whole number, got {arguments!r:.40}")
    return Compiled(f, _arity(f) if arguments is None else arguments)


def load(path: str | Path) -> "Compiled":
    """A compiled function out of a file that `Compiled.save` wrote: ready at once where the machine is of the same kind.

    Its errors name the sample, but no longer the operation. MachineCode code is code: load only files that you trust.
    Raises ValueError for any other file.
    """
    programs, about = serialization.load(path)
    if set(about) != {"name", "doc", "outputs", "alone"} or len(programs) != 2:
        raise ValueError(f"{path} holds no compiled function")
    return _Loaded(programs[0], programs[1], **about)


class Compiled:
    """A function of `arguments` plain numbers in machine code; see `compile`."""

    def __init__(self, f: Recorded, arguments: int) -> None:
        if arguments < 1:
            raise ValueError(f"a compiled function needs at least one argument, got {arguments}")
        self.f, self.arguments = f, arguments
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        self.__doc__ = getattr(f, "__doc__", None)
        self._at: list[float] = [1.0] * arguments

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}, {self.arguments} argument{'s' * (self.arguments > 1)}>"

    def __call__(self, *numbers: float) -> Any:
        """The value at one point: a float, or a tuple of them if f gives several Values."""
        out = self._single("_value", numbers)
        return out[0] if self._alone else tuple(out)

    def gradient(self, *numbers: float) -> Any:
        """The n partial derivatives at one point; for several Values a list of n for each."""
        return self.value_and_gradient(*numbers)[1]

    def value_and_gradient(self, *numbers: float) -> tuple[Any, Any]:
        """Both at once, in one pass."""
        out = self._single("_both", numbers)
        m = len(out) // (1 + self.arguments)
        return (out[0] if self._alone else tuple(out[:m])), self._rows(out[m:])

    def batch(self, samples: Any) -> Doubles:
        """The values at N points at once: N × n numbers give N values, or N × m if f gives m Values."""
        x = self._samples(samples)
        if not len(x):
            return np.empty(self._shape())
        out = self._value.run(x)
        return out[:, 0] if self._alone else out

    def batch_gradient(self, samples: Any) -> Doubles:
        """The gradients at N points at once: N × n numbers, or N × m × n if f gives m Values."""
        x = self._samples(samples)
        if not len(x):
            return np.empty((*self._shape(), self.arguments))
        out = self._both.run(x)[:, self._count :]
        return out if self._alone else out.reshape(len(x), -1, self.arguments)

    def save(self, path: str | Path) -> None:
        """Keep the function in a file, with its machine code, for `load`. Record it by a call before."""
        if not self._ready:
            raise ValueError(f"{self.__name__} is not recorded yet; call it once, so that there is something to keep")
        about = {"name": self.__name__, "doc": self.__doc__, "outputs": self._count, "alone": self._alone}
        serialization.save(path, [self._value, self._both], about)

    def listing(self) -> str:
        """The plan of the gradient's program: every loop and table, in order."""
        return self._recorded_program.listing()

    @property
    def llvm(self) -> str:
        """The LLVM assembly of the gradient's program, over blocks of samples."""
        return self._both.text(self._both.width)[0]

    def __reduce__(self) -> tuple[Any, ...]:
        return Compiled, (self.f, self.arguments)  # a copy records and compiles anew: machine code stays where it was made

    # Recording

    @cached_property
    def _recorded(self) -> tuple[list[Value], list[Value], bool]:
        """(arguments, outputs, whether there is just one), recorded where f can be: a program has no point of its own."""
        try:
            return self._record(self._at)
        except OperationError:
            for elsewhere in (0.5, 1.0, 2.0):
                with suppress(OperationError):
                    return self._record([elsewhere] * self.arguments)
            raise

    def _record(self, at: Sequence[float]) -> tuple[list[Value], list[Value], bool]:
        leaves = [Value(number, f"x{k}") for k, number in enumerate(at, 1)]
        with recording():
            made = self.f(*leaves)
        for leaf, number in zip(leaves, at, strict=True):
            if leaf.data != number:
                raise RecordingError(f"{self.__name__} changed the data of its argument {leaf.label}, which a program cannot repeat")
        several = isinstance(made, (tuple, list))
        given: Sequence[object] = made if isinstance(made, (tuple, list)) else [made]
        outputs = [Value(out) if isinstance(out, Real) else out for out in given]  # type: ignore[arg-type]
        values = [out for out in outputs if isinstance(out, Value)]
        if not values or len(values) < len(outputs):
            raise TypeError(f"{self.__name__} must return a Value or a sequence of Values, got {type(made).__name__}: {made!r:.60}")
        return leaves, values, not several

    @property
    def _ready(self) -> bool:
        return "_recorded" in self.__dict__ or "_value" in self.__dict__

    @cached_property
    def _count(self) -> int:
        """How many Values f gives."""
        return len(self._recorded[1])

    @cached_property
    def _alone(self) -> bool:
        """Whether f gives a Value rather than a sequence."""
        return self._recorded[2]

    @cached_property
    def _value(self) -> Runnable:
        return Program(self._recorded[1], self._recorded[0])

    @cached_property
    def _recorded_program(self) -> Program:
        leaves, outputs, _ = self._recorded
        return Program([*outputs, *(entry for output in outputs for entry in gradient(output, leaves))], leaves)

    @cached_property
    def _both(self) -> Runnable:
        return self._recorded_program

    # Running

    def _single(self, which: str, numbers: Sequence[float]) -> list[float]:
        if len(numbers) != self.arguments:
            raise TypeError(f"{self.__name__} takes {self.arguments} number{'s' * (self.arguments > 1)}, got {len(numbers)}")
        if not self._ready:
            self._at = [Value(number).data for number in numbers]
        program: Runnable = getattr(self, which)
        return program.at(numbers)

    def _samples(self, samples: Any) -> Doubles:
        x = matrix("samples", samples, self.arguments)
        if not self._ready and len(x):
            self._at = x[0].tolist()
        return x

    def _shape(self) -> tuple[int, ...]:
        """The shape of the values at no points; before f is recorded as if it gave a Value."""
        return (0,) if not self._ready or self._alone else (0, self._count)

    def _rows(self, entries: list[float]) -> Any:
        return entries if self._alone else [entries[k : k + self.arguments] for k in range(0, len(entries), self.arguments)]


class _Loaded(Compiled):
    """A compiled function whose recording is gone."""

    def __init__(self, value: Runnable, both: Runnable, *, name: str, doc: str | None, outputs: int, alone: bool) -> None:
        self.arguments, self.__name__, self.__doc__ = value.n_inputs, name, doc
        self._value, self._both, self._count, self._alone = value, both, outputs, alone

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"a loaded function cannot be copied or pickled; load {self.__name__} from its file where it is needed")

    def listing(self) -> str:
        """A kept function has no listing: refuses with a ValueError."""
        raise ValueError("a loaded function knows its machine code only; record it again to list it")


def _arity(f: Recorded) -> int:
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    if not parameters or any(p.kind in (p.VAR_POSITIONAL, p.KEYWORD_ONLY) and p.default is p.empty for p in parameters):
        raise TypeError(
            f"the signature of {getattr(f, '__name__', f)} does not tell how many numbers it takes; say compile(f, arguments=n)"
        )
    return sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
