"""Training in Python: the steps of `fit` on a graph read once, or on Values recorded for every sample."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import reduce
from operator import add
from typing import Any, Literal, NamedTuple

from autoback.engine.check import finite_differences
from autoback.engine.functions import FUNCTIONS
from autoback.engine.operations import OperationError
from autoback.engine.value import Value, topological_order
from autoback.engine.walk import insist
from autoback.nn.data import Samples
from autoback.nn.history import Losses
from autoback.nn.losses import LOSSES
from autoback.nn.module import Module, is_packaged, names_of
from autoback.nn.optimizers import Optimizer, clipped
from autoback.nn.replay import Replay

__all__ = ["Plan", "Point", "PythonSteps", "Steps", "broken_off", "constants_of", "settle", "write"]

#: So many samples share one graph: the parameters, leaves of all, are then visited once for many samples,
#: and the memory of a step is still bounded.
_BLOCK = 64

#: The most edges of a graph that is written out: some ten networks for handwritten digits.
_LARGEST = 50_000

_sum = FUNCTIONS["sum"]


class Point(NamedTuple):
    """Where training stands: all that a step changes, so that one assignment takes the step.

    steps, epochs: how many were finished in this run
    parameters, memory: their numbers, and the state of the optimiser for each, as lists or as arrays
    """

    steps: int
    epochs: int
    parameters: Any
    memory: Any


class Plan(NamedTuple):
    """What a training run is made from.

    samples:    what to train on
    optimizer:  how the parameters move
    batch_size: samples a step
    penalty:    a callable that records what is added to the cost of each batch, or None
    clip:       the largest norm of a batch's gradient; longer ones are shortened to it; or None
    losses:     where the loss of each epoch is added before `point` says that it is finished
    """

    samples: Samples
    optimizer: Optimizer
    batch_size: int
    losses: Losses
    penalty: Callable[[], Value] | None = None
    clip: float | None = None


class Steps:
    """A training run: what it is made from, and where it stands. `PythonSteps` and `NativeSteps` take the steps.

    before:    how many steps the optimiser had taken with these parameters
    constants: the numbers of the frozen parameters
    chunk:     how many epochs it would take at a time
    """

    chunk: int = 1

    def __init__(self, plan: Plan) -> None:
        self.samples: Samples = plan.samples
        self.optimizer: Optimizer = plan.optimizer
        self.batch_size: int = plan.batch_size
        self.losses: Losses = plan.losses
        self.penalty: Callable[[], Value] | None = plan.penalty
        self.clip: float | None = plan.clip
        self.parameters: list[Value] = self.samples.net.parameters()
        self.constants: list[float] = constants_of(self.samples.net)
        self.before: int
        self.before, memory = self.optimizer.recall(self.parameters)
        self.point: Point = Point(0, 0, [parameter.data for parameter in self.parameters], memory)


class PythonSteps(Steps):
    """A training run in Python.

    method: None for backpropagation, or that of `finite_differences`: "forward" or "central"
    """

    # Declared again, for a type checker asks it of what a subclass assigns.
    point: Point
    constants: list[float]

    def __init__(self, plan: Plan, method: Literal["forward", "central"] | None = None) -> None:
        super().__init__(plan)
        self.method = method
        self.names: list[str] = names_of(self.samples.net, self.parameters)
        # What is recorded for one sample holds for each, where network and loss are code of this package alone. Custom
        # code may do something else for other numbers, so it is recorded anew for each sample; so is what takes indices.
        net = self.samples.net
        self.replayable: bool = is_packaged(net) and hasattr(net, "n_inputs") and self.samples.loss in LOSSES.values()
        self.replays: dict[object, Replay | None] = {}

    def run(self, orders: Iterator[list[int]], count: int, goal: float | None = None) -> None:
        """Take the steps of `count` epochs, each over the samples in the next of the orders."""
        for _ in range(count):
            self._epoch(next(orders))

    def adopt(self) -> None:
        """Go on from what the parameters hold now, for somebody may have changed them between epochs."""
        held = [parameter.data for parameter in self.parameters]
        if held != self.point.parameters:
            self.point = self.point._replace(parameters=held)
        constants = constants_of(self.samples.net)
        if constants != self.constants:
            self.constants, self.replays = constants, {}

    def mean_cost(self, samples: Samples) -> float:
        """The mean cost of other samples, at the parameters reached."""
        everything = range(len(samples))
        total = self._replayed_total(samples, everything)
        return samples.mean_cost() if total is None else total / len(samples)

    def _epoch(self, order: Sequence[int]) -> None:
        """One epoch over the samples in this order; its loss is the mean cost of a sample, each taken before its batch's step."""
        total = 0.0
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            try:
                loss, gradients = self._slopes(batch)
                point = self._moved(gradients if self.clip is None else clipped(gradients, self.clip))
            except ArithmeticError as error:
                raise broken_off(error, self.point.steps, -(-len(order) // self.batch_size)) from error
            total += loss * len(batch)
            if start + self.batch_size >= len(order):
                self.losses.append(total / len(order))
                point = point._replace(epochs=point.epochs + 1)
            self.point = point
            write(self.parameters, point.parameters)

    def _slopes(self, batch: Sequence[int]) -> tuple[float, list[float]]:
        """The cost of a batch, penalty included, and its derivative with respect to each parameter."""
        if self.method is not None:
            at = self.point.parameters
            slopes = finite_differences(lambda *to: Value(self._cost([value.data for value in to], batch)), at, method=self.method)
            return self._cost(at, batch), slopes
        cost, slopes = self._replayed_slopes(batch) or self._backward(self._costs(batch))
        if self.penalty is not None:
            extra, more = self._backward([self.penalty()])
            return cost + extra, [slope + each for slope, each in zip(slopes, more, strict=True)]
        return cost, slopes

    def _cost(self, numbers: list[float], batch: Sequence[int]) -> float:
        """The cost of a batch when the parameters have these numbers, without any derivative."""
        write(self.parameters, numbers)
        total = self._replayed_total(self.samples, batch, numbers)
        # Not `sum`, which rounds in another way from Python 3.12 on, and not as the replay does.
        cost = reduce(add, [part.data for part in self._costs(batch)]) if total is None else total / len(batch)
        return cost if self.penalty is None else cost + self.penalty().data

    # On Values: each sample recorded anew

    def _costs(self, batch: Sequence[int]) -> Iterator[Value]:
        """Values whose sum is the mean cost of a batch: one for each block of samples."""
        for start in range(0, len(batch), _BLOCK):
            yield _sum([self.samples.cost(index) for index in batch[start : start + _BLOCK]]) / len(batch)

    def _backward(self, parts: Iterable[Value]) -> tuple[float, list[float]]:
        """The sum of some Values, and its derivative with respect to each parameter."""
        for parameter in self.parameters:
            parameter.grad = None
        cost = 0.0
        for part in parts:
            part.backward()
            cost += part.data
        return cost, [parameter.grad or 0.0 for parameter in self.parameters]

    # On the replay: what was recorded for the first sample of a form, written out. Where a number is not finite, it leaves off

    def _replayed_slopes(self, batch: Sequence[int]) -> tuple[float, list[float]] | None:
        cost, slopes = 0.0, [0.0] * len(self.parameters)
        with suppress(ArithmeticError, ValueError):
            for replay, rows in self._grouped(self.samples, batch):
                if replay is None:
                    return None
                part, more = replay.slopes(self.point.parameters, rows, 1.0 / len(batch))
                if len(rows) == len(batch):
                    return part, more
                cost, slopes = cost + part, [slope + each for slope, each in zip(slopes, more, strict=True)]
            return cost, slopes
        return None

    def _replayed_total(self, samples: Samples, batch: Sequence[int], numbers: list[float] | None = None) -> float | None:
        total = 0.0
        with suppress(ArithmeticError, ValueError):
            for replay, rows in self._grouped(samples, batch):
                if replay is None:
                    return None
                total += replay.total(self.point.parameters if numbers is None else numbers, rows)
            return total
        return None

    def _grouped(self, samples: Samples, batch: Sequence[int]) -> Iterator[tuple[Replay | None, list[list[float]]]]:
        """For each form of sample in a batch its replay, or None where there is none, and the samples' numbers."""
        if not self.replayable:
            yield None, []
            return
        groups: dict[object, list[int]] = {}
        for index in batch:
            groups.setdefault(samples.forms[index], []).append(index)
        for form, indices in groups.items():
            if form not in self.replays:
                self.replays[form] = replay_for(samples, self.parameters, indices[0])
            replay = self.replays[form]
            yield replay, [samples.rows[index] for index in indices] if replay is not None else []

    def _moved(self, gradients: list[float]) -> Point:
        """The point after one step along these gradients."""
        step, at = self.before + self.point.steps + 1, self.point
        return Point(at.steps + 1, at.epochs, *self.optimizer.moved(at.parameters, gradients, step, at.memory, self.names))


def replay_for(samples: Samples, parameters: Sequence[Value], index: int = 0) -> Replay | None:
    """What computes costs and derivatives for samples of the form of this one, or None where the graph is too large to be written out.

    The text of a very large graph takes longer to compile than it saves.
    """
    with suppress(ArithmeticError):
        recorded = samples.recorded(index)
        if sum([len(node.inputs) for node in topological_order(recorded.cost)]) <= _LARGEST:
            return Replay(recorded.cost, parameters, [*recorded.inputs, *recorded.targets])
    return None


def constants_of(net: Module) -> list[float]:
    """The numbers of the frozen parameters of a network, which a recorded program holds as constants."""
    return [parameter.data for parameter in net.frozen_parameters()]


def settle(run: Steps) -> None:
    """Leave parameters, losses and the optimiser's memory at the point of a run, without gradients, however often Ctrl-C is pressed."""

    def settled() -> None:
        write(run.parameters, run.point.parameters)
        for parameter in run.parameters:
            parameter.grad = None
        del run.losses[run.point.epochs :]
        run.optimizer.remember(run.parameters, run.before + run.point.steps, [tuple(map(float, state)) for state in run.point.memory])

    insist(settled)


def write(parameters: Sequence[Value], numbers: Any) -> None:
    """Put numbers into parameters; they may come as an array."""
    for parameter, number in zip(parameters, numbers.tolist() if hasattr(numbers, "tolist") else numbers, strict=True):
        parameter.data = number


def broken_off(error: ArithmeticError, steps: int, batches: int) -> OperationError:
    """What `fit` raises when a step fails: the engine's error, and where training stood.

    steps: how many were taken before; batches: how many make an epoch
    """
    epoch, batch = divmod(steps, batches)
    message = f"training broke off in epoch {epoch + 1}, batch {batch + 1}, and keeps the parameters of its {steps} whole steps: {error}"
    return OperationError(message, getattr(error, "operation", ""), getattr(error, "operands", ()))
