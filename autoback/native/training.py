"""The training loop as one compiled function: batches, gradients, optimiser, losses.

It works on Values alone. The caller records the cost of one sample and the optimiser's formula for one
parameter, and passes both:

    program = TrainingProgram(parameters, inputs, targets, loss, update, state=2, penalty=None)
    losses = program.run(X, Y, order, batch_size=32, rates=rates)    # as many epochs as order has rows
    program.write_back()                                             # numbers into the leaves
"""

import ctypes
import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autoback.engine.copying import rerecorded
from autoback.engine.gradient import gradient
from autoback.engine.operations import OperationError
from autoback.engine.value import Value, recording
from autoback.native.listing import listing
from autoback.native.llvm import MachineCode
from autoback.native.planner import Plan, paused_collector
from autoback.native.program import Doubles, Program, block_width, matrix, naming_sample, scratch
from autoback.native.train_codegen import Step, step_module

__all__ = ["TrainingProgram", "run_mixed"]

_POINTER, _COUNT, _NUMBER = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
ARGUMENTS = [*[_POINTER] * 5, *[_COUNT] * 3, _POINTER, _COUNT, _NUMBER, _POINTER, _NUMBER, _COUNT, _POINTER]

Update = Callable[..., Value | Sequence[Value]]


class TrainingProgram:
    """A recorded training step, compiled with the loops around it.

    parameters: p leaves to train; they start from the numbers they hold
    inputs, targets: the leaves of one sample, n and m of them
    loss:       the cost C of one sample, recorded on these leaves (any other leaf is a constant)
    update:     the optimiser for one parameter, recorded once, on Values:
                update(parameter, gradient, rate, step, *state) -> new parameter, or (new parameter, *new state);
                step counts from 1
    state:      how many state numbers each parameter has; they start at 0
    penalty:    a Value of the parameters alone, added to the loss of every batch, or None

    values: the p numbers now; state: the numbers of the optimiser, state × p

    >>> w, x, y = Value(0.0), Value(1.0), Value(1.0)
    >>> program = TrainingProgram([w], [x], [y], (w * x - y) ** 2.0, lambda p, g, rate, step: p - rate * g)
    >>> losses = program.run([[1.0], [2.0]], [[3.0], [6.0]], [[0, 1]] * 20, batch_size=2, rates=0.2)
    >>> losses[:2].tolist(), program.values.tolist()
    ([22.5, 0.0], [3.0])
    """

    def __init__(
        self,
        parameters: Sequence[Value],
        inputs: Sequence[Value],
        targets: Sequence[Value],
        loss: Value,
        update: Update,
        state: int = 0,
        penalty: Value | None = None,
    ) -> None:
        self.parameters, self.inputs, self.targets = tuple(parameters), tuple(inputs), tuple(targets)
        self.loss, self.penalty = loss, penalty
        self.values = np.array([leaf.data for leaf in self.parameters], dtype=np.float64)
        self.state = np.zeros((state, len(self.parameters)))
        with paused_collector():
            outputs = [*gradient(loss, self.parameters), loss]
        self.plan = Plan(outputs, [*self.inputs, *self.targets], self.parameters, sums=True)
        penalized = Plan([*gradient(penalty, self.parameters), penalty], (), self.parameters) if penalty is not None else None
        self._step = Step(self.plan, penalized, *record_update(update, state), inputs=len(self.inputs))
        self._seen: tuple[Doubles, Doubles] = np.empty((0, len(self.inputs))), np.empty((0, len(self.targets)))
        self._compiled: dict[object, tuple[Any, int]] = {}

    def run(
        self,
        x: Any,
        y: Any,
        order: Any,
        *,
        batch_size: int,
        rates: Any,
        first_step: int = 1,
        goal: float | None = None,
    ) -> Doubles:
        """Train through `order`, a batch at a time, and give the loss of each batch before its update.

        x, y:       N × n and N × m numbers
        order:      E × S indices of samples; each row is cut into batches of its own, the last of them
                    perhaps smaller: an epoch, or part of one if S is a multiple of batch_size
        rates:      one learning rate, or one for each of the E · ceil(S / batch_size) steps
        first_step: the number that the optimiser gets with the first step
        goal:       stop after a row whose mean loss is below it; then fewer losses come back

        A long run blocks Ctrl-C until it returns, so give a fraction of a second's work at a time.
        Raises what the engine raises, naming the sample, where a number leaves its domain or
        overflows; `values` and `state` are then those of the last good step.
        """
        x, y = self._data(x, y)
        order = np.asarray(order)
        natural = _natural(order, batch_size, len(x))
        if not natural:
            order = _indices(order, len(x))
        epochs, samples = order.shape
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        if not order.size:
            return np.empty(0)
        batches = -(-samples // batch_size)
        several = np.ndim(rates) > 0
        rates = np.ascontiguousarray(rates, dtype=np.float64)  # of one number an array of one
        if several and rates.shape != (epochs * batches,):
            raise ValueError(f"rates must be one number or {epochs * batches}, one for each step, got shape {rates.shape}")
        function, size = self._function(samples, min(batch_size, samples), natural=natural)
        losses, memory = np.empty(epochs * batches), scratch(size)

        def train(values: Doubles, state: Doubles, steps: int) -> int:
            arrays = (values, state, x, y, order)
            done: int = function(
                *(array.ctypes.data for array in arrays), epochs, samples, batch_size, rates.ctypes.data, int(several), float(first_step),
                losses.ctypes.data, -np.inf if goal is None else goal, steps, memory.ctypes.data,
            )  # fmt: skip
            return done

        values, state = self.values.copy(), self.state.copy()
        done = train(values, state, epochs * batches)
        if done < 0:
            failed = -1 - done
            # The same steps from the same start, up to the one that failed, lead to the last good numbers.
            train(self.values, self.state, failed)
            row, batch = divmod(failed, batches)
            self._raise_for(x, y, order[row, batch * batch_size : (batch + 1) * batch_size])
        self.values, self.state = values, state
        return losses[:done]

    def write_back(self) -> None:
        """Write the numbers that training has reached into the parameters' leaves."""
        for leaf, number in zip(self.parameters, self.values.tolist(), strict=True):
            leaf.data = number

    def losses(self, x: Any, y: Any) -> Doubles:
        """The cost of each of N samples, without penalty, at the numbers that training has reached."""
        x, y = self._data(x, y)
        costs: Doubles = self._cost.run(np.hstack([x, y]), self.values)[:, 0]
        return costs

    @cached_property
    def _cost(self) -> Program:
        return Program([self.loss], [*self.inputs, *self.targets], self.parameters)

    def listing(self) -> str:
        """The plan of one sample's forward and backward pass: every loop and table, in order."""
        return listing(self.plan)

    @property
    def llvm(self) -> str:
        """The LLVM assembly of the function compiled last, or of one for single samples."""
        return self._text or step_module(self._step, 1, single=True, whole=1, natural=False)[0]

    _text = ""

    def _data(self, x: Any, y: Any) -> tuple[Doubles, Doubles]:
        """Both as arrays of doubles, which are looked through only when they are others than last time."""
        if self._seen[0] is not x or self._seen[1] is not y:
            self._seen = matrix("x", x, len(self.inputs)), matrix("y", y, len(self.targets))
            if len(self._seen[0]) != len(self._seen[1]):
                raise ValueError(f"x and y must have as many rows, got {len(self._seen[0])} and {len(self._seen[1])}")
        return self._seen

    def _function(self, samples: int, batch: int, *, natural: bool) -> tuple[Any, int]:
        width = block_width(self.plan, batch)
        whole = batch if samples % batch == 0 and batch <= width else None
        key = (width, batch <= width, whole, natural)
        if key not in self._compiled:
            self._text, data, size = step_module(self._step, width, single=batch <= width, whole=whole, natural=natural)
            function = MachineCode(self._text, data).function("train", ctypes.c_int64, ARGUMENTS)
            self._compiled[key] = function, size
        return self._compiled[key]

    def _prepared(self, x: Any, y: Any, rows: Any) -> tuple[Any, Doubles, Doubles, Doubles]:
        """(function, x, y, scratch memory) for steps on single samples."""
        x, y = self._data(x, y)
        _indices(rows[np.newaxis], len(x))
        function, size = self._function(1, 1, natural=False)
        return function, x, y, scratch(size)

    def _raise_for(self, x: Doubles, y: Doubles, samples: Any) -> None:
        """Raise the engine's own error for the first of some samples that it refuses."""
        own = dict(zip(self.parameters, self.values.tolist(), strict=True))
        for sample in map(int, samples):
            given = dict(zip((*self.inputs, *self.targets), map(float, [*x[sample], *y[sample]]), strict=True))
            naming_sample(sample, lambda given=given: rerecorded(self.loss, leaves={**own, **given})[self.loss].backward())  # type: ignore[misc]
        if self.penalty is not None:
            rerecorded(self.penalty, leaves=own)[self.penalty].backward()
        shown = ", ".join(map(str, samples[:5])) + ", ..." * (len(samples) > 5)
        raise OperationError(
            f"the step on samples {shown} leads to a parameter or an optimiser's state that is not finite: "
            "lower the learning rate or scale the data"
        )


def run_mixed(
    programs: Sequence[TrainingProgram], data: Sequence[tuple[Any, Any]], which: Any, rows: Any, *, rates: Any, first_step: int = 1
) -> Doubles:
    """Train on samples of several forms, one sample a step, and give the loss of each sample before its step.

    programs: one for each form; all train the same parameters with the same optimiser
    data:     for each program its x and y
    which, rows: for each of S steps the number of its program, and the row of its sample in that program's data
    rates, first_step: as for `TrainingProgram.run`
    `values` and `state` of the first program are where training starts; all programs have those that it reaches.
    Raises as `TrainingProgram.run`, with the values and state of the last good step.

    >>> w, x, y = Value(0.0), [Value(1.0), Value(1.0)], Value(1.0)
    >>> sgd = lambda p, g, rate, step: p - rate * g
    >>> short = TrainingProgram([w], x[:1], [y], (w * x[0] - y) ** 2.0, sgd)
    >>> long = TrainingProgram([w], x, [y], (w * (x[0] + x[1]) - y) ** 2.0, sgd)
    >>> data = [([[1.0]], [[3.0]]), ([[1.0, 1.0], [0.0, 1.0]], [[6.0], [3.0]])]
    >>> run_mixed([short, long], data, [0, 1, 1], [0, 0, 1], rates=0.1).round(4).tolist(), long.values is short.values
    ([9.0, 23.04, 0.2304], True)
    """
    first = programs[0]
    shared = list(map(id, first.parameters))
    if any(list(map(id, program.parameters)) != shared or program.state.shape != first.state.shape for program in programs):
        raise ValueError("the programs must train the same parameters, in the same order, with the same optimiser")
    which, rows = np.ascontiguousarray(which, dtype=np.int64), np.ascontiguousarray(rows, dtype=np.int64)
    count = len(which)
    several = np.ndim(rates) > 0
    rates = np.ascontiguousarray(rates, dtype=np.float64)
    if rows.shape != (count,) or (several and rates.shape != (count,)):
        raise ValueError(f"which, rows and rates must be as many, got {which.shape}, {rows.shape} and {rates.shape}")
    if count and not 0 <= which.min() <= which.max() < len(programs):
        raise ValueError(f"which must hold numbers of programs from 0 to {len(programs) - 1}, got {which.min()} to {which.max()}")
    ready = [program._prepared(*pair, rows[which == k]) for k, (program, pair) in enumerate(zip(programs, data, strict=True))]
    losses = np.empty(count)
    steps = list(zip(which.tolist(), range(0, 8 * count, 8), strict=True))
    at_rows, at_rates, at_losses = rows.ctypes.data, rates.ctypes.data, losses.ctypes.data

    def train(values: Doubles, state: Doubles, most: int) -> int:
        """How many steps were taken; a step that fails may leave values behind that are not finite."""
        own = values.ctypes.data, state.ctypes.data
        for number, (k, offset) in enumerate(steps[:most]):
            function, x, y, memory = ready[k]
            rate = at_rates + offset if several else at_rates
            if function(
                *own, x.ctypes.data, y.ctypes.data, at_rows + offset, 1, 1, 1, rate, 0, float(first_step + number),
                at_losses + offset, -math.inf, 1, memory.ctypes.data,
            ) < 0:  # fmt: skip
                return number
        return most

    values, state = first.values.copy(), first.state.copy()
    done = train(values, state, count)
    if done < count:
        values, state = first.values.copy(), first.state.copy()
        train(values, state, done)
    for program in programs:
        program.values, program.state = values, state
    if done < count:
        _, x, y, _ = ready[steps[done][0]]
        programs[steps[done][0]]._raise_for(x, y, rows[done : done + 1])
    return losses


def record_update(update: Update, state: int) -> tuple[list[Value], list[Value]]:
    """The optimiser's formula as (leaves, results), recorded at harmless numbers."""
    leaves = [Value(0.5, "parameter"), Value(0.25, "gradient"), Value(0.125, "rate"), Value(1.0, "step")]
    leaves += [Value(0.0625, f"state {k}") for k in range(1, state + 1)]
    with recording():
        made = update(*leaves)
    results = list(made) if isinstance(made, Sequence) else [made]
    if len(results) != 1 + state or not all(isinstance(result, Value) for result in results):
        raise ValueError(f"update must return the new parameter and {state} state Values, got {len(results)}: {made!r:.80}")
    return leaves, results


def _indices(order: Any, samples: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    if order.ndim != 2 or (order.size and order.dtype.kind not in "iu"):
        raise ValueError(f"order must be rows of sample indices, got an array of shape {order.shape} and type {order.dtype}")
    if order.size and not 0 <= order.min() <= order.max() < samples:
        raise ValueError(f"order must hold indices from 0 to {samples - 1}, got {order.min()} to {order.max()}")
    return np.ascontiguousarray(order, dtype=np.int64)


def _natural(order: Any, batch_size: int, samples: int) -> bool:
    """Whether every batch is all of the data as it comes, so that no order needs to be followed."""
    if order.ndim != 2 or not order.shape[1] == samples <= batch_size:
        return False
    rows = order[:1] if order.strides[0] == 0 else order  # one row, broadcast, stands for all
    return bool((rows == np.arange(samples)).all())
