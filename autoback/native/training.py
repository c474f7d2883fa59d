"""The training loop as one compiled function: batches, gradients, optimiser, losses.

It works on Values alone. The caller records the cost of one sample and the optimiser's formula for one
parameter, and passes both:

    program = TrainingProgram(parameters, inputs, targets, loss, update, state=2, penalty=None)
    losses = program.run(X, Y, order, batch_size=32, rates=rates)    # as many epochs as order has rows
    program.write_back()                                             # numbers into the leaves
"""

import ctypes
from collections.abc import Callable, Iterable, Sequence
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
from autoback.native.train_codegen import Step, move_module, step_module, sums_module

__all__ = ["TrainingProgram", "indices", "rates_of", "record_update", "spoiled"]

_POINTER, _COUNT, _NUMBER = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
ARGUMENTS: dict[str, list[type[ctypes.c_void_p | ctypes.c_int64 | ctypes.c_double]]] = {
    "train": [*[_POINTER] * 5, *[_COUNT] * 3, _POINTER, _COUNT, _NUMBER, _POINTER, _NUMBER, _COUNT, _POINTER],
    "sums": [*[_POINTER] * 4, _COUNT, _POINTER, _POINTER],
    "move": [*[_POINTER] * 3, _COUNT, _NUMBER, _NUMBER, _POINTER, _POINTER],
}

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
    clip:       the largest norm of the gradient of a batch; longer ones are shortened to it; or None

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
        clip: float | None = None,
    ) -> None:
        self.parameters: tuple[Value, ...] = tuple(parameters)
        self.inputs: tuple[Value, ...] = tuple(inputs)
        self.targets: tuple[Value, ...] = tuple(targets)
        self.loss = loss
        self.penalty = penalty
        self.values: Doubles = np.array([leaf.data for leaf in self.parameters], dtype=np.float64)
        self.state: Doubles = np.zeros((state, len(self.parameters)))
        with paused_collector():
            outputs = [*gradient(loss, self.parameters), loss]
        self.plan: Plan = Plan(outputs, [*self.inputs, *self.targets], self.parameters, sums=True)
        penalized = Plan([*gradient(penalty, self.parameters), penalty], (), self.parameters) if penalty is not None else None
        self._step = Step(self.plan, penalized, *record_update(update, state), inputs=len(self.inputs), clip=clip)
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
        x, y = self.arrays(x, y)
        order = np.asarray(order)
        natural = _natural(order, batch_size, len(x))
        if not natural:
            order = indices(order, len(x))
        epochs, samples = order.shape
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        if not order.size:
            return np.empty(0)
        batches = -(-samples // batch_size)
        rates, several = rates_of(rates, epochs * batches)
        function, size = self._trainer(samples, min(batch_size, samples), natural=natural)
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
        x, y = self.arrays(x, y)
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

    def arrays(self, x: Any, y: Any) -> tuple[Doubles, Doubles]:
        """Both as arrays of doubles, which are looked through only when they are others than last time."""
        if self._seen[0] is not x or self._seen[1] is not y:
            self._seen = matrix("x", x, len(self.inputs)), matrix("y", y, len(self.targets))
            if len(self._seen[0]) != len(self._seen[1]):
                raise ValueError(f"x and y must have as many rows, got {len(self._seen[0])} and {len(self._seen[1])}")
        return self._seen

    def _trainer(self, samples: int, batch: int, *, natural: bool) -> tuple[Any, int]:
        width = block_width(self.plan, batch)
        whole = batch if samples % batch == 0 and batch <= width else None
        return self.function("train", width, single=batch <= width, whole=whole, natural=natural)

    def function(self, name: str, width: int = 1, **options: Any) -> tuple[Any, int]:
        """A function of `train_codegen`, and how many doubles of scratch memory it needs; compiled when it is first wanted."""
        key = (name, width, *options.values())
        if key not in self._compiled:
            if name == "move":
                self._text, data, size = move_module(self._step)
            else:
                self._text, data, size = (step_module if name == "train" else sums_module)(self._step, width, **options)
            self._compiled[key] = (
                MachineCode(self._text, data, straight=self.plan.is_small).function(name, ctypes.c_int64, ARGUMENTS[name]),
                size,
            )
        return self._compiled[key]

    def _raise_for(self, x: Doubles, y: Doubles, samples: Any) -> None:
        """Raise the engine's own error for the first of some samples that it refuses, or one that says what else it may be."""
        self.record_again(x, y, zip(samples, samples, strict=True))
        raise spoiled(samples)

    def record_again(self, x: Doubles, y: Doubles, samples: Iterable[tuple[int, int]]) -> None:
        """Record the costs of some samples, (row, number in messages), and the penalty; the engine raises where it refuses them."""
        own = dict(zip(self.parameters, self.values.tolist(), strict=True))
        for row, number in samples:
            given = dict(zip((*self.inputs, *self.targets), map(float, [*x[row], *y[row]]), strict=True))
            naming_sample(int(number), lambda given=given: rerecorded(self.loss, leaves={**own, **given})[self.loss].backward())  # type: ignore[misc]
        if self.penalty is not None:
            rerecorded(self.penalty, leaves=own)[self.penalty].backward()


def spoiled(samples: Any) -> OperationError:
    """The error for a step that only the optimiser's formula spoils. samples: those of its batch"""
    shown = ", ".join(map(str, samples[:5])) + ", ..." * (len(samples) > 5)
    return OperationError(
        f"the step on samples {shown} leads to a parameter or an optimiser's state that is not finite: "
        "lower the learning rate or scale the data"
    )


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


def indices(order: Any, samples: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Rows of indices as an array. Raises ValueError where one is not below the number of samples."""
    if order.ndim != 2 or (order.size and order.dtype.kind not in "iu"):
        raise ValueError(f"order must be rows of sample indices, got an array of shape {order.shape} and type {order.dtype}")
    if order.size and not 0 <= order.min() <= order.max() < samples:
        raise ValueError(f"order must hold indices from 0 to {samples - 1}, got {order.min()} to {order.max()}")
    return np.ascontiguousarray(order, dtype=np.int64)


def rates_of(rates: Any, steps: int) -> tuple[Doubles, bool]:
    """Rates as an array, of one number an array of one, and whether there is one for each step. Raises ValueError for any other number."""
    several = np.ndim(rates) > 0
    rates = np.ascontiguousarray(rates, dtype=np.float64)
    if several and rates.shape != (steps,):
        raise ValueError(f"rates must be one number or {steps}, one for each step, got shape {rates.shape}")
    return rates, several


def _natural(order: Any, batch_size: int, samples: int) -> bool:
    """Whether every batch is all of the data as it comes, so that no order needs to be followed."""
    if order.ndim != 2 or not order.shape[1] == samples <= batch_size:
        return False
    rows = order[:1] if order.strides[0] == 0 else order  # one row, broadcast, stands for all
    return bool((rows == np.arange(samples)).all())
