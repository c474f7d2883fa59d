"""Training in machine code: the steps of `fit` recorded once and run natively, many epochs at a time."""

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

from autoback.engine.value import RecordingError, Value, recording, topological_order
from autoback.nn.data import Recorded, Samples
from autoback.nn.losses import LOSSES
from autoback.nn.module import Module, is_packaged
from autoback.nn.python_steps import Plan, Point, broken_off, constants_of, write

__all__ = ["NativeSteps"]

#: Ctrl-C and the progress bar wait for a run of epochs to end; longer than this it should not take.
_SECONDS = 0.05

#: What was compiled for a network last, by what was recorded: a second `fit` finds it again.
_kept: "WeakKeyDictionary[Module, dict[object, Any]]" = WeakKeyDictionary()


class NativeSteps:
    """A training run in machine code; what it is made from and what it offers is as in `PythonSteps`.

    Samples of several forms have a program each, and the parameters and the optimiser's state are handed from one to the next.
    Raises ImportError when the extra `native` is not installed, RecordingError when the network, the loss or the
    penalty branches on a number, reads one, or does not always record the same, OperationError when one of them is not
    defined for the first sample, ValueError for batches of samples of several forms.
    """

    def __init__(self, plan: Plan) -> None:
        from autoback.native import training  # noqa: F401  # first, for it says what to install

        if plan.clip is not None:
            raise ValueError("native=True does not shorten gradients: leave out clip, or native=True")
        self.samples, self.optimizer, self.batch_size, self.losses, self.penalty, _ = plan
        self.parameters = self.samples.net.parameters()
        self.before, memory = self.optimizer.recall(self.parameters)
        self.chunk, self.compared = 1, 0
        self.point = self.start = Point(0, 0, [parameter.data for parameter in self.parameters], memory)
        # Custom code may do something else next time, so it is recorded again now and then, and compared.
        self.foreign = not is_packaged(self.samples.net) or self.samples.loss not in LOSSES.values() or self.penalty is not None
        self._arrays: dict[tuple[Samples, object], tuple[Any, Any]] = {}
        self._build()

    def _build(self) -> None:
        """Record and compile what the samples need."""
        import numpy as np

        self.constants = constants_of(self.samples.net)
        forms = dict.fromkeys(self.samples.forms)
        if len(forms) > 1 and self.batch_size > 1:
            raise ValueError(
                f"native=True needs all samples of a batch in one form, and these have {len(forms)} forms: "
                "give batch_size=1, or leave out native=True"
            )
        self.programs = {form: self._compiled(form) for form in forms}
        for form in self.programs:
            self._data(self.samples, form)
        count = len(self.samples)
        self.sizes = np.array([min(self.batch_size, count - start) for start in range(0, count, self.batch_size)])
        self.order = np.arange(count)[np.newaxis]
        #: where a sample stands among those of its form
        self.places = [0] * count
        for form in forms:
            for place, index in enumerate(self._members(self.samples, form)):
                self.places[index] = place
        self._put(self.point)

    def _record(self, form: object, choice: int = 0) -> tuple[Recorded, Value | None, object]:
        """(cost, penalty, what was recorded, comparable) for some sample of a form."""
        members = self._members(self.samples, form)
        try:
            recorded = self.samples.recorded(members[choice % len(members)])
            with recording():
                extra = self.penalty() if self.penalty is not None else None
        except ArithmeticError as error:
            raise broken_off(error, 0, 1) from error
        roots = [recorded.cost] if extra is None else [recorded.cost, extra]
        return recorded, extra, _description(roots, self.parameters, [*recorded.inputs, *recorded.targets])

    def _compiled(self, form: object) -> "tuple[Any, Recorded, object]":
        from autoback.native.training import TrainingProgram, record_update

        recorded, extra, made = self._record(form)
        if self.foreign:
            self._compare(form, made)
        leaves, results = record_update(self.optimizer.update, self.optimizer.n_state)
        key = made, _description(results, leaves, ())
        kept = _kept.setdefault(self.samples.net, {})
        if key not in kept:
            if len(kept) > 100:  # a program for each form of sample; those of other losses and optimisers go
                kept.clear()
            optimizer = self.optimizer
            kept[key] = TrainingProgram(
                self.parameters, recorded.inputs, recorded.targets, recorded.cost, optimizer.update, optimizer.n_state, extra
            )
        return kept[key], recorded, made

    def _compare(self, form: object, made: object) -> None:
        """Record again, for another sample; if something else was recorded, take all steps back and raise RecordingError."""
        for _ in range(2 if not self.compared else 1):
            self.compared += 1
            if self._record(form, self.compared)[2] != made:
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
                self._mixed(next(orders))
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

    def _steps(self, form: object, order: Any, goal: float | None = None) -> Any:
        """The losses of the batches in `order`, after taking their steps with the program of a form."""
        program = self.programs[form][0]
        program.values, program.state = self._values, self._state
        if order.size > self.batch_size:  # of several steps the good ones before one that fails are taken in place
            program.values, program.state = self._values.copy(), self._state.copy()
        first, batches = self.before + self.point.steps + 1, -(-order.shape[1] // self.batch_size)
        rate = self.optimizer.rate
        rates = [self.optimizer.rate_at(first + k) for k in range(len(order) * batches)] if callable(rate) else rate
        data = self._data(self.samples, form)
        losses = program.run(*data, order, batch_size=self.batch_size, rates=rates, first_step=first, goal=goal)
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

        [form] = self.programs
        batches = -(-order.shape[1] // self.batch_size)
        try:
            losses = self._steps(form, order, goal)
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

    def _mixed(self, order: Sequence[int]) -> None:
        """An epoch, or a part of one: one sample a step, each with the program of its form.

        A part that fails is taken again in halves, until the failing step is alone and can be named by its number.
        """
        from autoback.native.training import run_mixed

        forms = {form: k for k, form in enumerate(self.programs)}
        programs = [program for program, _, _ in self.programs.values()]
        programs[0].values, programs[0].state = self._values, self._state
        first, rate = self.before + self.point.steps + 1, self.optimizer.rate
        try:
            losses = run_mixed(
                programs,
                [self._data(self.samples, form) for form in forms],
                [forms[self.samples.forms[index]] for index in order],
                [self.places[index] for index in order],
                rates=[self.optimizer.rate_at(first + k) for k in range(len(order))] if callable(rate) else rate,
                first_step=first,
            )
        except ArithmeticError as error:
            if len(order) == 1:
                raise broken_off(error, self.point.steps, len(self.samples)) from error
            for part in (order[: len(order) // 2], order[len(order) // 2 :]):
                self._mixed(part)
            return
        self._values, self._state = programs[0].values, programs[0].state
        whole = len(order) == len(self.samples)
        if whole:
            self.losses.append(float(losses.mean()))
        self._stand(len(losses), int(whole))


def _description(roots: Sequence[Value], parameters: Sequence[Value], leaves: Sequence[Value]) -> object:
    """What a recording computes, so that two can be compared: each node as its operation and the places of its inputs."""
    known = (*parameters, *leaves)
    places: dict[Value, object] = dict(zip(known, range(len(known)), strict=True))
    place = places.__getitem__
    lines: list[object] = []
    for number, node in enumerate(topological_order(*roots), len(known)):
        row = node.op
        if row is not None:
            places[node] = number
            lines.append((row, *map(place, node.inputs)))
        elif node not in places:
            places[node] = node.data.hex()
    return tuple(lines), tuple(map(place, roots))
