"""Eager training: the steps of `fit` taken on the Values themselves, one recorded graph after another."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from autoback.engine.check import finite_differences
from autoback.engine.functions import FUNCTIONS
from autoback.engine.operations import OperationError
from autoback.engine.value import Value
from autoback.nn.optimizers import Optimizer
from autoback.nn.samples import Samples

__all__ = ["Eager", "Point", "broken_off", "settle", "write"]

#: So many samples share one graph: the parameters, leaves of all, are then visited once for many samples,
#: and the memory of a step is still bounded.
_BLOCK = 64

_sum = FUNCTIONS["sum"]


class Point(NamedTuple):
    """Where training stands: all that a step changes, so that one assignment takes the step."""

    steps: int
    parameters: list[float]
    memory: list[tuple[float, ...]]


class Eager:
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
        self.point = Point(0, [parameter.data for parameter in self.parameters], [optimizer.initial_state()] * len(self.parameters))

    def run(self, orders: Iterator[list[int]], count: int, goal: float | None = None) -> list[float]:
        """The losses of `count` epochs, each over the samples in the next of the orders."""
        return [self._epoch(next(orders)) for _ in range(count)]

    def mean_cost(self, samples: Samples) -> float:
        """The mean cost of other samples, at the parameters reached."""
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
            write(self.parameters, point)
            total += loss * len(batch)
        return total / len(order)

    def _slopes(self, batch: Sequence[int]) -> tuple[float, list[float]]:
        """The cost of a batch and its slope along each parameter."""
        if self.method is not None:
            at = self.point.parameters
            slopes = finite_differences(lambda *to: self._cost_at(to, batch), at, method=self.method)
            return self._cost_at([Value(x) for x in at], batch).data, slopes
        self.samples.net.zero_grad()
        cost = 0.0
        for part in self._parts(batch):
            part.backward()
            cost += part.data
        return cost, [parameter.grad or 0.0 for parameter in self.parameters]

    def _cost_at(self, point: Sequence[Value], batch: Sequence[int]) -> Value:
        for parameter, value in zip(self.parameters, point, strict=True):
            parameter.data = value.data
        return Value(sum([part.data for part in self._parts(batch)]))

    def _parts(self, batch: Sequence[int]) -> Iterator[Value]:
        """What the cost of a batch is the sum of: blocks of samples, and the penalty."""
        for start in range(0, len(batch), _BLOCK):
            yield _sum([self.samples.cost(index) for index in batch[start : start + _BLOCK]]) / len(batch)
        if self.penalty is not None:
            yield self.penalty()

    def _moved(self, gradients: list[float]) -> Point:
        """The point after one step along these gradients."""
        step = self.point.steps + 1
        rate = self.optimizer.rate_at(step)
        update = self.optimizer.update
        numbers, memory = [], []
        for number, gradient, state in zip(self.point.parameters, gradients, self.point.memory, strict=True):
            moved, *state_after = update(number, gradient, rate, step, *state)
            numbers.append(moved)
            memory.append(tuple(state_after))
        for parameter, number, gradient in zip(self.parameters, numbers, gradients, strict=True):
            if not math.isfinite(number):
                raise OverflowError(f"{parameter.label} would become {number} (gradient {gradient:.6g}, rate {rate:.6g}): lower the rate")
        return Point(step, numbers, memory)


def settle(parameters: Sequence[Value], point: Point) -> None:
    """Leave the parameters at a point, all of them and without gradients, however often Ctrl-C is pressed meanwhile."""
    while True:
        try:
            write(parameters, point)
            for parameter in parameters:
                parameter.grad = None
        except KeyboardInterrupt:
            continue
        return


def write(parameters: Sequence[Value], point: Point) -> None:
    """Put the numbers of a point into the parameters."""
    for parameter, number in zip(parameters, point.parameters, strict=True):
        parameter.data = number


def broken_off(error: ArithmeticError, steps: int, batches: int) -> OperationError:
    """What `fit` raises when a step fails: the engine's error, and where training stood.

    steps: how many were taken before; batches: how many make an epoch
    """
    epoch, batch = divmod(steps, batches)
    message = f"training broke off in epoch {epoch + 1}, batch {batch + 1}, and keeps the parameters of its {steps} whole steps: {error}"
    return OperationError(message, getattr(error, "operation", ""), getattr(error, "operands", ()))
