"""History: what a training run was like; and the conditions that can end one early."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from autoback.engine.value import Value

__all__ = ["Condition", "Goal", "History", "Patience", "condition"]


@dataclass
class History:
    """What `fit` returns, and shows to a stopping condition after every epoch.

    losses:            for each epoch the mean cost of a sample, penalty included, where a batch counts
                       as it was just before the step it led to
    validation_losses: for each epoch the mean cost of the validation samples after its last step, without penalty
    steps:             how often the parameters moved
    stopped:           what ended the run: "epochs" (all were done), "until" or "interrupted" (Ctrl-C)
    seconds:           how long it took

    >>> History(losses=[0.5, 0.25], steps=2, stopped="epochs", seconds=0.1)
    History(epochs=2, steps=2, loss=0.25, stopped='epochs', seconds=0.1)
    """

    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    steps: int = 0
    stopped: str = ""
    seconds: float = 0.0

    @property
    def epochs(self) -> int:
        """How many epochs were finished."""
        return len(self.losses)

    def __repr__(self) -> str:
        facts = [f"epochs={self.epochs}", f"steps={self.steps}"]
        if self.losses:
            facts.append(f"loss={self.losses[-1]:.6g}")
        if self.validation_losses:
            facts.append(f"validation_loss={self.validation_losses[-1]:.6g}")
        return f"History({', '.join(facts)}, stopped={self.stopped!r}, seconds={self.seconds:.3g})"


Condition = Callable[[History], bool]


class Patience:
    """Stop once the loss has not improved for some epochs; the validation loss, where there is one.

    epochs: how many without improvement are borne, at least 1
    least:  by how much a loss has to be below the best one so far to count as better

    >>> patience = Patience(2)
    >>> [patience(History(losses=[3.0, 1.0, 2.0, 1.0][:n])) for n in (1, 2, 3, 4)]
    [False, False, False, True]
    """

    def __init__(self, epochs: int, least: float = 0.0) -> None:
        if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
            raise ValueError(f"a Patience lasts at least 1 epoch, got {epochs!r:.40}")
        self.epochs = epochs
        self.least = Value(least).data
        self.best, self.since = 0.0, 0

    def __call__(self, history: History) -> bool:
        """Whether it is exhausted; a history of one epoch starts it afresh."""
        losses = history.validation_losses or history.losses
        if len(losses) == 1 or losses[-1] < self.best - self.least:
            self.best, self.since = losses[-1], 0
        else:
            self.since += 1
        return self.since >= self.epochs

    def __repr__(self) -> str:
        return f"Patience({self.epochs}, least={self.least!r})"


class Goal:
    """Stop once the loss of an epoch is not above some number."""

    def __init__(self, loss: float) -> None:
        self.loss = loss

    def __call__(self, history: History) -> bool:
        return history.losses[-1] <= self.loss


def condition(until: float | Condition | None) -> Condition | None:
    """A stopping condition for what `fit` accepts as one; a number is a loss to get down to.

    >>> condition(0.25)(History(losses=[0.5])), condition(0.25)(History(losses=[0.5, 0.25]))
    (False, True)
    """
    if until is None or callable(until):
        return until
    try:
        goal = math.nan if isinstance(until, bool) else until
        return Goal(Value(goal).data)
    except (TypeError, ValueError):
        raise TypeError(f"until must be a loss, a Patience or a callable of the History, got {until!r:.40}") from None
