"""History: what a training run was like; and the conditions that can end one early."""

import math
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from autoback.engine.value import Value
from autoback.nn.arguments import whole

__all__ = ["Condition", "Goal", "History", "Losses", "Patience", "condition"]


if TYPE_CHECKING:
    Doubles = array[float]
else:
    Doubles = array


class Losses(Doubles):
    """Numbers packed as doubles, 8 bytes each, that read like a list of floats.

    >>> losses = Losses([0.5, 0.25])
    >>> losses, losses[-1], losses == [0.5, 0.25], losses[:1]
    ([0.5, 0.25], 0.25, True, [0.5])
    """

    def __new__(cls, numbers: Iterable[float] = ()) -> "Losses":
        return super().__new__(cls, "d", numbers)  # type: ignore[return-value]

    @overload  # type: ignore[override]  # a slice is a list, as of a list
    def __getitem__(self, place: SupportsIndex) -> float: ...
    @overload
    def __getitem__(self, place: slice) -> list[float]: ...
    def __getitem__(self, place: Any) -> Any:
        found: Any = super().__getitem__(place)
        return found.tolist() if isinstance(place, slice) else found

    def __eq__(self, other: object) -> bool:
        return self.tolist() == (other.tolist() if isinstance(other, array) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def extend(self, numbers: Iterable[float]) -> None:
        super().extend(array("d", numbers))

    def __iadd__(self, numbers: Iterable[float]) -> "Losses":  # type: ignore[misc, unused-ignore]  # of `+`, says stubtest
        self.extend(numbers)
        return self

    def __mul__(self, times: int) -> list[float]:  # type: ignore[override]
        return self.tolist() * times

    def __add__(self, other: Iterable[float]) -> list[float]:  # type: ignore[override]
        return self.tolist() + list(other)

    def __radd__(self, other: Iterable[float]) -> list[float]:
        return list(other) + self.tolist()

    def __repr__(self) -> str:
        return repr(self.tolist())

    def __copy__(self) -> "Losses":
        return Losses(self)

    def __deepcopy__(self, memo: object) -> "Losses":
        return Losses(self)

    def __reduce__(self) -> tuple[type["Losses"], tuple[list[float]]]:
        return Losses, (self.tolist(),)

    def __reduce_ex__(self, protocol: object) -> tuple[type["Losses"], tuple[list[float]]]:
        return self.__reduce__()


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

    losses: Losses = field(default_factory=Losses)
    validation_losses: list[float] = field(default_factory=list)
    steps: int = 0
    stopped: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.losses, Losses):
            self.losses = Losses(self.losses)

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
    Raises ValueError for fewer epochs, TypeError for what is no whole number.

    >>> patience = Patience(2)
    >>> [patience(History(losses=[3.0, 1.0, 2.0, 1.0][:n])) for n in (1, 2, 3, 4)]
    [False, False, False, True]
    """

    def __init__(self, epochs: int, least: float = 0.0) -> None:
        self.epochs: int = whole("the epochs of a Patience", epochs, 1)
        self.least: float = Value(least).data
        self.best: float = 0.0
        self.since: int = 0

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
        return bool(history.losses[-1] <= self.loss)


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
