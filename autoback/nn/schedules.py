"""Schedules: learning rates that change from step to step, by the name of their curve."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autoback.nn.arguments import choose, number, whole
from autoback.nn.names import CurveName

__all__ = ["CURVES", "Schedule"]

#: How far the rate is on its way from the last rate (0) to the first (1), when a share p of the steps is done.
CURVES: Mapping[CurveName, Callable[[float], float]] = {
    "constant": lambda p: 1.0,
    "linear": lambda p: 1.0 - p,
    "cosine": lambda p: 0.5 * (1.0 + math.cos(math.pi * p)),
    "quadratic": lambda p: (1.0 - p) ** 2,
}


@dataclass(frozen=True)
class Schedule:
    """A rate for each step, for an optimiser's `rate`: up to `rate` in the warm-up, then along a curve down to `final`.

    curve:  a name in `CURVES`: "constant", "linear", "cosine" or "quadratic"
    rate:   the highest, at the end of the warm-up
    steps:  of the whole schedule, at least 1; afterwards the rate stays `final`, of the constant curve `rate`
    warmup: steps of it in which the rate grows evenly
    final:  the last rate
    Source of the cosine: Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5.

    >>> linear = Schedule("linear", 0.1, steps=4)
    >>> [round(linear(step), 3) for step in (1, 2, 3, 4, 5, 100)]
    [0.1, 0.075, 0.05, 0.025, 0.0, 0.0]
    """

    curve: CurveName
    rate: float
    steps: int
    warmup: int = 0
    final: float = 0.0

    def __post_init__(self) -> None:
        choose("curve", self.curve, CURVES)
        number("rate", self.rate)
        number("final", self.final)
        whole("steps", self.steps, 1)
        whole("warmup", self.warmup, 0, self.steps, "the number of steps")

    def __call__(self, step: int) -> float:
        """The rate in a step, counted from 1."""
        if step <= self.warmup:
            return self.rate * step / self.warmup
        done = min(1.0, (step - 1 - self.warmup) / max(1, self.steps - self.warmup))
        return self.final + (self.rate - self.final) * CURVES[self.curve](done)
