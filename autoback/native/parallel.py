"""Steps on batches so large that the cores share them.

A batch is cut into stretches of whole blocks, as many as STRETCHES however many cores there are.
Each stretch gives its mean gradient, by the same compiled step as ever, with an optimiser that
makes the gradient the new parameter; the means are added in order, so the number of threads
changes nothing. Then the real optimiser runs, as a program whose samples are the parameters.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from autoback.engine.gradient import gradient
from autoback.engine.operations import OperationError
from autoback.engine.value import Value
from autoback.native.program import Doubles, Program

__all__ = ["MANY_SAMPLES", "STRETCHES", "WORTH_SHARING", "Sharing"]

STRETCHES = 8
#: Samples × operations of a batch from which it is worth waking other cores: about a millisecond's work.
WORTH_SHARING = 1 << 24
#: With fewer samples than this, what is done once a step for each parameter would outweigh what is saved.
MANY_SAMPLES = 512

#: (values, samples) -> (mean cost, mean gradient), or None where a number was not finite
Means = Callable[[Doubles, Any], tuple[float, Doubles] | None]


class Sharing:
    """One large step at a time.

    means:           the mean cost and gradient over some samples; called from several threads
    leaves, results: the optimiser's formula, recorded on parameter, gradient, rate, step and state
    parameters, penalty: as in TrainingProgram
    width:           samples in a block
    """

    def __init__(
        self,
        means: Means,
        leaves: Sequence[Value],
        results: Sequence[Value],
        parameters: Sequence[Value],
        penalty: Value | None,
        width: int,
    ) -> None:
        self.means, self.width = means, width
        self.update = Program(results, leaves)
        self.penalty = None if penalty is None else Program([penalty, *gradient(penalty, parameters)], parameters)

    def step(self, values: Doubles, state: Doubles, samples: Any, rate: float, number: int) -> tuple[float, Doubles, Doubles]:
        """(loss before, new values, new state); samples: the indices of the batch.

        Raises OperationError where a number is not finite; nothing is changed in place.
        """
        size = max(1, -(-len(samples) // (STRETCHES * self.width))) * self.width
        stretches = [samples[first : first + size] for first in range(0, len(samples), size)]
        with ThreadPoolExecutor(min(os.cpu_count() or 1, len(stretches))) as pool:
            found = list(pool.map(lambda stretch: self.means(values, stretch), stretches))
        loss, slopes = 0.0, np.zeros_like(values)
        for mean, stretch in zip(found, stretches, strict=True):
            if mean is None:
                raise OperationError("a number that is not finite arose")
            loss += mean[0] * len(stretch) / len(samples)
            slopes += mean[1] * (len(stretch) / len(samples))
        if self.penalty is not None:
            extra, *more = self.penalty.run(values[None])[0]
            loss, slopes = loss + float(extra), slopes + more
        if not np.isfinite(loss) or not np.isfinite(slopes).all():
            raise OperationError("a gradient that is not finite arose")
        shared = np.broadcast_to([rate, float(number)], (len(values), 2))
        made = self.update.run(np.column_stack([values, slopes, shared, *state]))
        return loss, np.ascontiguousarray(made[:, 0]), np.ascontiguousarray(made[:, 1:].T)
