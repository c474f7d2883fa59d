"""Training in Python: the steps of `fit` on a graph read once, or on Values recorded for every sample."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from autoback.engine.check import finite_differences
from autoback.engine.functions import FUNCTIONS
from autoback.engine.operations import OperationError
from autoback.engine.value import Value, topological_order
from autoback.nn.data import Samples
from autoback.nn.losses import LOSSES
from autoback.nn.modules import MLP
from autoback.nn.optimizers import Optimizer
from autoback.nn.replay import Replay

__all__ = ["Point", "PythonSteps", "broken_off", "settle", "write"]

#: So many samples share one graph: the parameters, leaves of all, are then visited once for many samples,
#: and the memory of a step is still bounded.
_BLOCK = 64

#: The most edges of a graph that is written out: some ten networks for handwritten digits.
_LARGEST = 50_000

_sum = FUNCTIONS["sum"]


class Point(NamedTuple):
    """Where training stands: all that a step changes, so that one assignment takes the step."""

    steps: int
    parameters: list[float]
    memory: Sequence[Sequence[float]]


class PythonSteps:
    """A training run on the Values of a network.

    samples:    what to train on
    optimizer:  how the parameters move
    batch_size: samples a step
    penalty:    a callable that records what is added to the cost of each batch, or None
    method:     None for backpropagation, or that of `finite_differences`: "forward" or "central"

    chunk: how many epochs it would take at a time; point: where it stands
    """

    chunk = 1

    def __init__(
        self,
        samples: Samples,
        optimizer: Optimizer,
        batch_size: int,
        penalty: Callable[[], Value] | None = None,
        method: Literal["forward", "central"] | None = None,
    ) -> None:
        self.samples = samples
        self.optimizer = optimizer
        self.batch_size = batch_size
        self.penalty = penalty
        self.method = method
        self.parameters = samples.net.parameters()
        self.replay = replay_for(samples, self.parameters)
        self.rows = samples.rows() if self.replay else []
        self.point = Point(0, [parameter.data for parameter in self.parameters], [optimizer.initial_state()] * len(self.parameters))

    def run(self, orders: Iterator[list[int]], count: int, goal: float | None = None) -> list[float]:
        """The losses of `count` epochs, each over the samples in the next of the orders."""
        return [self._epoch(next(orders)) for _ in range(count)]

    def mean_cost(self, samples: Samples) -> float:
        """The mean cost of other samples, at the parameters reached."""
        if self.replay is not None:
            with suppress(ArithmeticError, ValueError):
                return self.replay.total(self.point.parameters, samples.rows()) / len(samples)
        return samples.mean_cost()

    def _epoch(self, order: Sequence[int]) -> float:
        """One epoch over the samples in this order; the mean cost of a sample, each taken before its batch's step."""
        total = 0.0
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            try:
                loss, gradients = self._slopes(batch)
                point = self._moved(gradients)
            except ArithmeticError as error:
                raise broken_off(error, self.point.steps, -(-len(order) // self.batch_size)) from error
            self.point = point
            write(self.parameters, point.parameters)
            total += loss * len(batch)
        return total / len(order)

    def _slopes(self, batch: Sequence[int]) -> tuple[float, list[float]]:
        """The cost of a batch and its slope along each parameter."""
        if self.method is None:
            return self._backprop(batch)
        at = self.point.parameters
        slopes = finite_differences(lambda *to: Value(self._cost([value.data for value in to], batch)), at, method=self.method)
        return self._cost(at, batch), slopes

    def _backprop(self, batch: Sequence[int]) -> tuple[float, list[float]]:
        made = self._replayed(batch)
        if made is not None and self.penalty is None:
            return made
        for parameter in self.parameters:
            parameter.grad = None
        cost, slopes = made or (0.0, [0.0] * len(self.parameters))
        for part in self._parts(batch, made is None):
            part.backward()
            cost += part.data
        return cost, [slope + (parameter.grad or 0.0) for slope, parameter in zip(slopes, self.parameters, strict=True)]

    def _replayed(self, batch: Sequence[int]) -> tuple[float, list[float]] | None:
        if self.replay is not None:
            with suppress(ArithmeticError, ValueError):
                return self.replay.slopes(self.point.parameters, [self.rows[index] for index in batch], 1.0 / len(batch))
        return None

    def _cost(self, numbers: list[float], batch: Sequence[int]) -> float:
        """The cost of a batch when the parameters have these numbers, without any slopes."""
        write(self.parameters, numbers)
        cost, todo = 0.0, True
        if self.replay is not None:
            with suppress(ArithmeticError, ValueError):
                cost, todo = self.replay.total(numbers, [self.rows[index] for index in batch]) / len(batch), False
        return cost + sum([part.data for part in self._parts(batch, todo)])

    def _parts(self, batch: Sequence[int], samples: bool) -> Iterator[Value]:
        """What is to be added up on Values: the samples' costs in blocks, if they are wanted, and the penalty."""
        for start in range(0, len(batch) if samples else 0, _BLOCK):
            yield _sum([self.samples.cost(index) for index in batch[start : start + _BLOCK]]) / len(batch)
        if self.penalty is not None:
            yield self.penalty()

    def _moved(self, gradients: list[float]) -> Point:
        """The point after one step along these gradients."""
        step = self.point.steps + 1
        rate, update = self.optimizer.rate_at(step), self.optimizer.update
        moved = [
            update(number, gradient, rate, step, *state)
            for number, gradient, state in zip(self.point.parameters, gradients, self.point.memory, strict=True)
        ]
        if not isinstance(moved[0], tuple) or len(moved[0]) != 1 + self.optimizer.n_state:
            name, count = type(self.optimizer).__name__, self.optimizer.n_state
            raise TypeError(f"{name}.update must return a tuple, the new parameter and {count} state numbers, got {moved[0]!r:.60}")
        if not math.isfinite(sum(map(sum, moved))):
            for parameter, (number, *memory), gradient in zip(self.parameters, moved, gradients, strict=True):
                if not math.isfinite(number):
                    raise OverflowError(
                        f"{parameter.label} would become {number} (gradient {gradient:.6g}, rate {rate:.6g}): lower the rate"
                    )
                if not all(map(math.isfinite, memory)):
                    raise OverflowError(
                        f"the optimiser's state for {parameter.label} would become {memory} (gradient {gradient:.6g}): "
                        "scale the data or the loss down"
                    )
        return Point(step, [each[0] for each in moved], [each[1:] for each in moved])


def replay_for(samples: Samples, parameters: Sequence[Value]) -> Replay | None:
    """What computes the samples' costs and slopes without recording each, or None where that would not be right.

    A network or a loss of one's own may do something else for other numbers, so it is recorded anew
    for each sample; and the text of a very large graph takes longer to compile than it saves.
    """
    if type(samples.net) is not MLP or samples.loss not in LOSSES.values():
        return None
    with suppress(ArithmeticError):
        cost, inputs, targets = samples.recorded()
        if sum([len(node.inputs) for node in topological_order(cost)]) <= _LARGEST:
            return Replay(cost, parameters, [*inputs, *targets])
    return None


def settle(parameters: Sequence[Value], point: Point) -> None:
    """Leave the parameters at a point, all of them and without gradients, however often Ctrl-C is pressed meanwhile."""
    while True:
        try:
            write(parameters, point.parameters)
            for parameter in parameters:
                parameter.grad = None
        except KeyboardInterrupt:
            continue
        return


def write(parameters: Sequence[Value], numbers: Sequence[float]) -> None:
    """Put numbers into parameters."""
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.data = number


def broken_off(error: ArithmeticError, steps: int, batches: int) -> OperationError:
    """What `fit` raises when a step fails: the engine's error, and where training stood.

    steps: how many were taken before; batches: how many make an epoch
    """
    epoch, batch = divmod(steps, batches)
    message = f"training broke off in epoch {epoch + 1}, batch {batch + 1}, and keeps the parameters of its {steps} whole steps: {error}"
    return OperationError(message, getattr(error, "operation", ""), getattr(error, "operands", ()))
