"""Training in machine code: the steps of `fit` recorded once and run natively, many epochs at a time."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

from autoback.engine.value import RecordingError, Value, recording
from autoback.nn.data import Samples
from autoback.nn.losses import LOSSES
from autoback.nn.modules import MLP
from autoback.nn.optimizers import Optimizer
from autoback.nn.python_steps import Point, broken_off, write

__all__ = ["NativeSteps"]

#: Ctrl-C and the progress bar wait for a run of epochs to end; longer than this it should not take.
_SECONDS = 0.05

#: So many samples of a network or a loss of one's own are computed both ways before training.
_COMPARED = 16


class NativeSteps:
    """A training run in machine code; what it is made from and what it offers is as in `PythonSteps`.

    Raises ImportError when the extra `native` is not installed, RecordingError when the loss or the
    penalty branches on a number, or reads one that differs between samples, OperationError when either is not defined for the first sample.
    """

    def __init__(self, samples: Samples, optimizer: Optimizer, batch_size: int, penalty: Callable[[], Value] | None = None) -> None:
        from autoback.native.training import TrainingProgram  # first, for it says what to install

        self.samples, self.optimizer, self.batch_size = samples, optimizer, batch_size
        self.parameters = samples.net.parameters()
        self._arrays: dict[Samples, tuple[Any, Any]] = {}
        try:
            cost, inputs, targets = samples.recorded()
            with recording():
                extra = penalty() if penalty is not None else None
        except ArithmeticError as error:
            raise broken_off(error, 0, 1) from error
        self.program = TrainingProgram(self.parameters, inputs, targets, cost, optimizer.update, optimizer.n_state, extra)
        import numpy as np

        self.sizes = np.array([min(batch_size, len(samples) - start) for start in range(0, len(samples), batch_size)])
        self.order = np.arange(len(samples))[np.newaxis]
        self.chunk = 1
        self.point = Point(0, self.program.values.tolist(), [])
        if type(samples.net) is not MLP or samples.loss not in LOSSES.values():
            self._compare(range(0, len(samples), -(-len(samples) // _COMPARED)))

    def run(self, orders: Iterator[list[int]], count: int, goal: float | None = None) -> list[float]:
        """The losses of `count` epochs, or of those up to the first that is not above the goal."""
        import numpy as np

        whole = len(self.sizes) == 1  # the only partition into one batch is always the same
        order = np.repeat(self.order, count, axis=0) if whole else np.array([next(orders) for _ in range(count)])
        started = perf_counter()
        losses = self._advance(order, None if goal is None else np.nextafter(goal, np.inf))  # the program stops *below* its goal
        if perf_counter() - started < _SECONDS / 2:
            self.chunk *= 2
        means: list[float] = (losses.reshape(-1, len(self.sizes)) @ self.sizes / len(self.samples)).tolist()
        return means

    def _compare(self, some: Sequence[int]) -> None:
        """Compare the costs of some samples with those recorded anew: a number read from `data` has frozen into the program."""
        with suppress(ArithmeticError):
            inputs, targets = self._numbers(self.samples)
            for index, found in zip(some, self.program.losses(inputs[some], targets[some]).tolist(), strict=True):
                wanted = self.samples.cost(index).data
                if not math.isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-9):
                    raise RecordingError(
                        f"the cost of sample {index} is {wanted:.6g}, but {found:.6g} as it was recorded with sample 0: the network "
                        "or the loss reads `data`, or does not always do the same; use maximum, minimum or where, or leave out native=True"
                    )

    def mean_cost(self, samples: Samples) -> float:
        """The mean cost of other samples, at the parameters reached."""
        return float(self.program.losses(*self._numbers(samples)).mean())

    def _numbers(self, samples: Samples) -> tuple[Any, Any]:
        """Inputs and targets as arrays, made once."""
        import numpy as np

        if samples not in self._arrays:
            self._arrays[samples] = np.array(samples.inputs), np.array(samples.target_numbers())
        return self._arrays[samples]

    def _advance(self, order: Any, goal: float | None = None) -> Any:
        """The losses of the batches in some epochs, or in a part of one, after taking their steps.

        When one fails, all are taken back and taken again in smaller parts, until the failing step
        is alone and can be told by its number.
        """
        import numpy as np

        before = self.program.values.copy(), self.program.state.copy()
        first, batches = self.point.steps + 1, -(-order.shape[1] // self.batch_size)
        rate = self.optimizer.rate
        rates = [self.optimizer.rate_at(first + k) for k in range(len(order) * batches)] if callable(rate) else rate
        try:
            losses = self.program.run(
                *self._numbers(self.samples), order, batch_size=self.batch_size, rates=rates, first_step=first, goal=goal
            )
        except ArithmeticError as error:
            self.program.values, self.program.state = before
            if len(order) > 1:
                parts = np.array_split(order, 2)
            elif batches > 1:
                parts = np.array_split(order, [batches // 2 * self.batch_size], axis=1)
            else:
                raise broken_off(error, self.point.steps, len(self.sizes)) from error
            return np.concatenate([self._advance(part) for part in parts])
        self.point = Point(self.point.steps + len(losses), self.program.values.tolist(), [])
        write(self.parameters, self.point.parameters)  # whoever is asked between epochs may look at the network
        return losses
