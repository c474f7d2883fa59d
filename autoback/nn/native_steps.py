"""Training in machine code: the steps of `fit` recorded once and run natively, many epochs at a time."""

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any
from weakref import finalize

from autoback.engine.operations import OperationError
from autoback.engine.value import RecordingError, Value, recording
from autoback.nn.data import Recorded, Samples
from autoback.nn.losses import LOSSES
from autoback.nn.module import Module, is_packaged
from autoback.nn.python_steps import Plan, Point, Steps, broken_off, constants_of, write

if TYPE_CHECKING:
    import numpy as np

    from autoback.native.training import TrainingProgram

    Indices = np.ndarray[Any, np.dtype[np.int64]]

__all__ = ["NativeSteps"]

#: Ctrl-C and the progress bar wait for a run of epochs to end; longer than this it should not take.
_SECONDS = 0.05

#: So many samples of a form are tried before it counts as not defined.
_TRIES = 10

#: What was compiled for a network last, by the network's id and by what was recorded: a second `fit` finds it again.
_kept: "dict[int, dict[object, TrainingProgram]]" = {}


def _kept_for(net: Module) -> "dict[object, TrainingProgram]":
    """What is kept for this network, as long as there is one; by its id, since a dataclass has no hash, or one that its equals share."""
    if id(net) not in _kept:
        _kept[id(net)] = {}
        finalize(net, _kept.pop, id(net), None).atexit = False
    return _kept[id(net)]


class NativeSteps(Steps):
    """A training run in machine code; what it offers is as in `PythonSteps`.

    Samples of several forms have a program each; the gradient of a batch is summed over them.
    Raises ImportError when the extra `native` is not installed, RecordingError when the network, the loss or the
    penalty branches on a number, reads one, or does not always record the same, OperationError when one of them is not
    defined for the samples of a form.
    """

    # Declared again, for a type checker asks it of what a subclass assigns.
    chunk: int
    point: Point
    constants: list[float]

    def __init__(self, plan: Plan) -> None:
        from autoback.native import training  # noqa: F401  # first, for it says what to install

        super().__init__(plan)
        self.start: Point = self.point
        self.compared: int = 0
        # Custom code may do something else next time, so it is recorded again now and then, and compared.
        self.foreign: bool = not is_packaged(self.samples.net) or self.samples.loss not in LOSSES.values() or self.penalty is not None
        self._arrays: dict[tuple[Samples, object], tuple[Any, Any]] = {}
        self._build()

    def _build(self) -> None:
        """Record and compile what the samples need."""
        import numpy as np

        self.constants = constants_of(self.samples.net)
        forms = dict.fromkeys(self.samples.forms)
        count = len(self.samples)
        self.sizes: Indices = np.array([min(self.batch_size, count - start) for start in range(0, count, self.batch_size)])
        self.programs: dict[object, tuple[TrainingProgram, Recorded, object]] = {form: self._compiled(form) for form in forms}
        for form in self.programs:
            self._data(self.samples, form)
        self.order: Indices = np.arange(count)[np.newaxis]
        #: for each sample its program, and where it stands among those of its form
        self.places: Indices = np.empty((count, 2), dtype=np.int64)
        for k, form in enumerate(forms):
            members = self._members(self.samples, form)
            self.places[members] = np.column_stack([np.full(len(members), k), np.arange(len(members))])
        self._put(self.point)

    def _record(self, form: object, choice: int = 0) -> tuple[Recorded, Value | None, object]:
        """(cost, penalty, the structure of both) for some sample of a form, of those that are defined now.

        No number enters a program, so each of them serves; training meets the others in their turn. Raises OperationError
        where several in a row are not defined.
        """
        from autoback.native.structure import structure

        members = self._members(self.samples, form)
        errors = []
        for k in range(choice, choice + min(_TRIES, len(members))):
            try:
                recorded = self.samples.recorded(members[k % len(members)])
                with recording():
                    extra = self.penalty() if self.penalty is not None else None
            except ArithmeticError as error:
                errors.append(error)
                continue
            roots = [recorded.cost] if extra is None else [recorded.cost, extra]
            return recorded, extra, structure(roots, [*self.parameters, *recorded.inputs, *recorded.targets])
        raise broken_off(errors[0], self.point.steps, len(self.sizes)) from errors[0]

    def _compiled(self, form: object) -> "tuple[TrainingProgram, Recorded, object]":
        from autoback.native.structure import structure
        from autoback.native.training import TrainingProgram, record_update

        recorded, extra, made = self._record(form)
        leaves, results = record_update(self.optimizer.update, self.optimizer.n_state)
        key = made, structure(results, leaves), self.clip, tuple(map(id, self.parameters))  # which a program keeps alive
        kept = _kept_for(self.samples.net)
        if key in kept:
            self.compared = max(self.compared, 1)  # with what an earlier `fit` recorded
        else:
            if self.foreign:
                self._compare(form, made)
            if len(kept) > 100:  # a program for each form of sample; those of other losses and optimisers go
                kept.clear()
            optimizer = self.optimizer
            kept[key] = TrainingProgram(
                self.parameters, recorded.inputs, recorded.targets, recorded.cost,
                optimizer.update, optimizer.n_state, extra, self.clip,
            )  # fmt: skip
        return kept[key], recorded, made

    def _compare(self, form: object, made: object) -> None:
        """Record again, for another sample; if something else was recorded, take all steps back and raise RecordingError."""
        for _ in range(2 if not self.compared else 1):
            self.compared += 1
            try:
                again = self._record(form, self.compared)[2]
            except OperationError:
                return  # the next step will say what is not defined
            except RecordingError:
                self.point = self.start
                raise
            if again != made:
                self.point = self.start
                raise RecordingError(
                    "the network, the loss or the penalty does not record the same each time, so a program would freeze what it did once: "
                    "it is random, counts, or looks at numbers; leave out native=True"
                )

    def run(self, orders: Iterator[list[int]], count: int, goal: float | None = None) -> None:
        """Take the steps of `count` epochs, or of those up to the first whose loss is not above the goal."""
        import numpy as np

        started = perf_counter()
        if len(self.programs) > 1:
            for _ in range(count):
                self._advance(np.array([next(orders)]))
                if goal is not None and self.losses[-1] <= goal:
                    break
        else:
            whole = len(self.sizes) == 1  # the only partition into one batch is always the same
            order = np.broadcast_to(self.order, (count, len(self.samples))) if whole else np.array([next(orders) for _ in range(count)])
            self._advance(order, None if goal is None else np.nextafter(goal, np.inf))  # the program stops *below* its goal
        write(self.parameters, self.point.parameters)  # whoever is asked between epochs may look at the network
        if perf_counter() - started < _SECONDS / 2:
            self.chunk *= 2
        if self.foreign and self.point.epochs >= 2**self.compared:  # ever more rarely
            for form, (_, _, made) in self.programs.items():
                self._compare(form, made)

    def adopt(self) -> None:
        """Go on from what the parameters hold now, for somebody may have changed them between epochs."""
        import numpy as np

        held = [parameter.data for parameter in self.parameters]
        if constants_of(self.samples.net) != self.constants:
            self._build()
        if held != np.asarray(self.point.parameters).tolist():
            self.point = self.point._replace(parameters=held)
            self._put(self.point)

    def mean_cost(self, samples: Samples) -> float:
        """The mean cost of other samples, at the parameters reached."""
        total = 0.0
        for form in dict.fromkeys(samples.forms):
            if form not in self.programs:
                return samples.mean_cost()
            program = self.programs[form][0]
            program.values = self._values
            total += float(program.losses(*self._data(samples, form)).sum())
        return total / len(samples)

    def _members(self, samples: Samples, form: object) -> Sequence[int]:
        return [index for index, each in enumerate(samples.forms) if each == form]

    def _data(self, samples: Samples, form: object) -> tuple[Any, Any]:
        """Inputs and targets of the samples of a form as arrays, made once."""
        if (samples, form) not in self._arrays:
            self._arrays[samples, form] = samples.arrays(self.programs[form][1], self._members(samples, form))
        return self._arrays[samples, form]

    def _put(self, point: Point) -> None:
        """Take values and state from a point."""
        import numpy as np

        self._values = np.array(point.parameters, dtype=np.float64)
        self._state = np.array([list(state) for state in point.memory], dtype=np.float64).reshape(len(self.parameters), -1).T.copy()

    def _steps(self, order: Any, goal: float | None = None) -> Any:
        """The losses of the batches in `order`, after taking their steps."""
        from autoback.native.mixed import run_mixed

        programs, data = [program for program, _, _ in self.programs.values()], [self._data(self.samples, form) for form in self.programs]
        program = programs[0]
        program.values, program.state = self._values, self._state
        first, batches = self.before + self.point.steps + 1, -(-order.shape[1] // self.batch_size)
        rate = self.optimizer.rate
        rates = [self.optimizer.rate_at(first + k) for k in range(len(order) * batches)] if callable(rate) else rate
        if len(programs) > 1:
            losses = run_mixed(programs, data, self.places, order[0], batch_size=self.batch_size, rates=rates, first_step=first)
        else:
            if order.size > self.batch_size:  # of several steps the good ones before one that fails are taken in place
                program.values, program.state = self._values.copy(), self._state.copy()
            losses = program.run(*data[0], order, batch_size=self.batch_size, rates=rates, first_step=first, goal=goal)
        self._values, self._state = program.values, program.state
        return losses

    def _stand(self, steps: int, epochs: int) -> None:
        """One assignment, so that whatever interrupts finds a whole point."""
        self.point = Point(self.point.steps + steps, self.point.epochs + epochs, self._values, self._state.T)

    def _advance(self, order: Any, goal: float | None = None) -> None:
        """Take the steps of some epochs, or of a part of one.

        When one fails, all are taken back and taken again in smaller parts, until the failing step
        is alone and can be named by its number.
        """
        import numpy as np

        batches = -(-order.shape[1] // self.batch_size)
        try:
            losses = self._steps(order, goal)
        except ArithmeticError as error:
            if len(order) > 1:
                parts = np.array_split(order, 2)
            elif batches > 1:
                parts = np.array_split(order, [batches // 2 * self.batch_size], axis=1)
            else:
                raise broken_off(error, self.point.steps, len(self.sizes)) from error
            for part in parts:
                self._advance(part)
            return
        whole = len(losses) // len(self.sizes) if batches == len(self.sizes) else 0
        if whole:
            means = losses if len(self.sizes) == 1 else losses.reshape(-1, len(self.sizes)) @ self.sizes / len(self.samples)
            self.losses.frombytes(np.ascontiguousarray(means).tobytes())
        self._stand(len(losses), whole)
