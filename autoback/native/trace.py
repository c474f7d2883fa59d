"""A function recorded on arguments of one form, and the programs that its recording gives."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient, hessian
from autoback.engine.operations import OperationError
from autoback.engine.value import RecordingError, Value, recording
from autoback.native.planner import paused_collector
from autoback.native.program import Program
from autoback.native.structure import difference, outside_leaves
from autoback.native.trees import NUMBER, Form, build, paths

__all__ = ["Recorded", "Trace"]

Recorded = Callable[..., Value | Sequence[Value]]


class Trace:
    """f recorded on arguments of one form, and the programs made of the recording.

    form:   the forms of the arguments
    at:     numbers to record with. No number enters the program; but f must be defined where it is recorded
    alone:  whether f gives a Value rather than a sequence; count: how many Values
    """

    def __init__(self, f: Recorded, name: str, form: Form, at: Sequence[float]) -> None:
        self.f = f
        self.name = name
        self.form = form
        self.at = at
        self.plain: bool = all(part == NUMBER for part in form)
        self.array = len(form) == 1 and form[0][0] == "array"

    def record(self) -> None:
        """Record f where it can be recorded, twice, and compare."""
        self.recorded: tuple[list[Value], list[Value]] = self._first(lambda leaves, outputs: (leaves, outputs))
        leaves, outputs = self.recorded
        self.count: int = len(outputs)
        again, outputs_again = self._record([leaf.data for leaf in leaves])
        arguments = set(leaves)
        self.shared: list[Value] = [leaf for leaf in outside_leaves(outputs, outputs_again) if leaf not in arguments]
        if found := difference(outputs, [*leaves, *self.shared], outputs_again, [*again, *self.shared]):
            raise RecordingError(
                f"{self.name} was recorded twice and gave two different programs ({found}): it depends on random "
                "numbers, or on something that changes from call to call; give these numbers as arguments"
            )

    @cached_property
    def value(self) -> Program:
        leaves, outputs = self.recorded
        return Program(outputs, leaves, self.shared)

    @cached_property
    def both(self) -> Program:
        return self._program(lambda leaves, outputs: [*outputs, *(entry for out in outputs for entry in gradient(out, leaves))])

    @cached_property
    def hessian(self) -> Program:
        self._require_one("hessian")
        return self._program(lambda leaves, outputs: [entry for row in hessian(outputs[0], leaves) for entry in row])

    @cached_property
    def hessian_vector(self) -> Program:
        self._require_one("hessian_vector_product")
        vector = [Value(1.0, f"v{k}") for k in range(1, len(self.at) + 1)]

        def product(leaves: list[Value], outputs: list[Value]) -> list[Value]:
            return gradient(FUNCTIONS["dot"](gradient(outputs[0], leaves), vector), leaves)

        return self._program(product, vector)

    def shaped(self, entries: Sequence[float]) -> Any:
        """Derivatives of one Value in the form of the arguments."""
        if self.plain:
            return list(entries)
        return build(self.form[0] if len(self.form) == 1 else ("list", *self.form), entries, arrays=True)

    def rows(self, entries: Sequence[float]) -> Any:
        """Derivatives of several Values: one after another."""
        n = len(self.at)
        rows = [self.shaped(entries[k : k + n]) for k in range(0, len(entries), n)]
        return np.array(rows) if self.array else rows

    def square(self, entries: Sequence[float]) -> Any:
        """A matrix over all numbers of the arguments."""
        n = len(self.at)
        rows = [list(entries[k : k + n]) for k in range(0, len(entries), n)]
        return np.array(rows) if self.array else rows

    def _require_one(self, what: str) -> None:
        if not self.alone:
            raise TypeError(f"{what} is for a function that gives one Value; {self.name} gives a sequence of {self.count}")

    def _program(self, outputs: Callable[[list[Value], list[Value]], list[Value]], more: Sequence[Value] = ()) -> Program:
        """The program of what `outputs` makes of the recording, or of another one where its numbers allow it."""
        leaves, made = self._first(lambda leaves, found: (leaves, outputs(leaves, found)), self.recorded)
        return Program(made, [*leaves, *more], self.shared)

    def _first(
        self,
        make: Callable[[list[Value], list[Value]], tuple[list[Value], list[Value]]],
        recorded: tuple[list[Value], list[Value]] | None = None,
    ) -> tuple[list[Value], list[Value]]:
        """What `make` gives for the first recording whose numbers are in all domains.

        A program holds no numbers of its recording, so each point at which f is defined serves as well.
        """
        try:
            with paused_collector():
                return make(*(recorded or self._record(self.at)))
        except OperationError as error:
            for point in _points(self.at):
                with suppress(OperationError):
                    return make(*self._record(point))
            raise error from None

    def _record(self, at: Sequence[float]) -> tuple[list[Value], list[Value]]:
        """(arguments, outputs)."""
        names = [name for k, part in enumerate(self.form, 1) for name in paths(part, f"x{k}")]
        leaves = [Value(number, name) for number, name in zip(at, names, strict=True)]
        with recording():
            made = self.f(*build(("tuple", *self.form), leaves))
        for leaf, number in zip(leaves, at, strict=True):
            if leaf.data != number:
                raise RecordingError(f"{self.name} changed the data of its argument {leaf.label}, which a program cannot repeat")
        several = isinstance(made, (tuple, list))
        given: Sequence[object] = made if isinstance(made, (tuple, list)) else [made]
        outputs = [Value(out) if isinstance(out, Real) else out for out in given]  # type: ignore[arg-type]
        values = [out for out in outputs if isinstance(out, Value)]
        if not values or len(values) < len(outputs):
            raise TypeError(f"{self.name} must return a Value or a sequence of Values, got {type(made).__name__}: {made!r:.60}")
        self.alone: bool = not several
        return leaves, values


def _points(at: Sequence[float]) -> Iterator[list[float]]:
    """Points near a point and elsewhere, at which a function that is not defined there may be defined."""
    for factor in (1e-3, -1e-3):
        yield [x + factor * max(1.0, abs(x)) for x in at]
    for number in (0.5, 1.0, 2.0):
        yield [number] * len(at)
    yield [0.3 + 0.6 * k / len(at) for k in range(1, len(at) + 1)]
