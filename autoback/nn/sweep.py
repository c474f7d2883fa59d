"""A sweep over seeds: the same training from many starts, side by side, and which of them get stuck."""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from threading import Event
from typing import Any

from autoback.engine.operations import OperationError
from autoback.nn.alarms import SWEPT, alarms, say
from autoback.nn.arguments import few, whole
from autoback.nn.health import outcome_of, run_quantities
from autoback.nn.history import Condition, Goal, History, condition
from autoback.nn.module import Module
from autoback.nn.training import fit

__all__ = ["Run", "Sweep", "sweep"]


@dataclass(frozen=True)
class Run:
    """One training of a sweep.

    seed:    what the network was built from
    net:     the trained network; after a failed training, as it was after the last good step
    history: as `fit` returned it; empty after a failed training
    loss:    the mean cost of a sample at the end, without penalty; infinite after a failed training
    wrong:   what was asked where the answer is wrong, as (0, 1) or inputs[7]
    verdict: why it is stuck, or failed, in a sentence; "" where it is neither
    """

    seed: int
    net: Module
    history: History
    loss: float
    wrong: tuple[str, ...]
    verdict: str

    @property
    def stuck(self) -> bool:
        """Whether the training stands still, or failed, before it has learned."""
        return bool(self.verdict)

    def __repr__(self) -> str:
        return f"Run(seed={self.seed}, loss={self.loss:.6g}, wrong={len(self.wrong)}{', stuck' * self.stuck})"


@dataclass(frozen=True)
class Sweep:
    """What `sweep` returns; its text is a table, and `draw` makes a picture of it: a small curve for each seed.

    runs:    a Run for each seed, in the order of the seeds
    missing: the seeds that were not trained, because Ctrl-C ended the sweep
    """

    runs: tuple[Run, ...]
    missing: tuple[int, ...] = ()

    @property
    def best(self) -> Run:
        """The run with the smallest cost at the end: of the validation samples, where there are some. Of equals the first."""
        return min(self.runs, key=_reached)

    @property
    def stuck(self) -> tuple[Run, ...]:
        """The runs that are stuck."""
        return tuple([run for run in self.runs if run.stuck])

    def __str__(self) -> str:
        wide = max(len("seed"), *(len(str(run.seed)) for run in self.runs))
        lines = [f"{'seed':>{wide}}  epochs      loss  wrong"]
        for run in self.runs:
            said = "  failed" if math.isinf(run.loss) else "  stuck" if run.stuck else ""
            lines.append(f"{run.seed:>{wide}}  {run.history.epochs:6}  {run.loss:8.2g}  {len(run.wrong):5}{said}")
        return "\n".join([*lines, *self.notes])

    __repr__ = __str__

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of all runs together."""
        count, seeds = len(self.runs), [run.seed for run in self.stuck]
        which = f" (seed{'s' * (len(seeds) > 1)} {few(seeds)})" if seeds else ""
        best = {"best": str(self.best.seed), "loss": _reached(self.best)}
        notes = [say(SWEPT, best | {"stuck": len(seeds), "count": count, "which": which})]
        if self.missing:
            notes.append(f"interrupted: not trained were seeds {few(self.missing)}")
        return tuple(notes)


def sweep(
    build: Callable[[int], Module],
    inputs: Iterable[Any],
    targets: Iterable[Any],
    *,
    seeds: Iterable[int] = range(20),
    native: bool = False,
    progress: bool = False,
    **options: Any,
) -> Sweep:
    """Train the same network from many seeds with `fit`, and see which trainings get stuck.

    build:    a callable of a seed that returns a new network, as `lambda seed: MLP(2, [2, 1], seed=seed)`
    inputs, targets: as for `fit`
    seeds:    whole numbers, at least one, each once
    native:   whether to train in machine code, on all cores at a time. In Python one training follows the other
    progress: whether to show a bar that counts the seeds
    options:  whatever else `fit` takes, the same for all; each run has an optimiser and a stopping condition of its own
    Ctrl-C ends the sweep: runs under way end after a whole step, and what was done is returned.
    A run that fails with an OperationError is kept, with the reason as its verdict. Raises whatever else `fit` raises, and
    ValueError when `build` does not give each seed a network of its own.

    >>> from autoback import MLP, SGD, datasets
    >>> def build(seed):
    ...     return MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=seed)
    >>> sweep(build, *datasets.XOR, seeds=[21, 22], optimizer=SGD(10.0), epochs=1200)
    seed  epochs      loss  wrong
      21    1200      0.13      2  stuck
      22    1200   0.00027      0
    1 of 2 stuck (seed 21); best is seed 22, loss 0.0002697
    """
    places = _seeds(seeds)
    jobs = list(zip(places, _networks(build, places), strict=True))
    data = [rows if isinstance(rows, Sized) else list(rows) for rows in (inputs, targets)]
    halt, until = Event(), condition(options.pop("until", None))

    def train(seed: int, net: Module) -> Run | None:
        if halt.is_set():
            return None
        run = _trained(seed, net, data, _stopping(until, halt), {**options, "native": native})
        if halt.is_set() and run.history.stopped == "until":
            run.history.stopped = "interrupted"
        return run

    with _bar(len(jobs), progress) as advance:
        runs = (_side_by_side if native else _in_turn)(train, jobs, halt, advance)
    if not runs:
        raise KeyboardInterrupt
    done = {run.seed for run in runs}
    return Sweep(tuple(runs), tuple([seed for seed in places if seed not in done]))


def _seeds(seeds: Iterable[int]) -> list[int]:
    if not isinstance(seeds, Iterable):
        raise TypeError(f"seeds must be whole numbers, as in range(20), got {seeds!r:.40}")
    found = [whole("a seed", seed) for seed in seeds]
    if not found or len(set(found)) < len(found):
        raise ValueError(f"seeds must be at least one whole number, each once, got {found!r:.60}")
    return found


@contextmanager
def _bar(count: int, wanted: bool) -> Iterator[Callable[[], object]]:
    if not wanted:
        yield lambda: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=count, unit="seed") as bar:
        yield bar.update


def _networks(build: Callable[[int], Module], seeds: Sequence[int]) -> list[Module]:
    if not callable(build) or isinstance(build, Module):
        raise TypeError(f"build must be a callable of a seed that returns a new network, got a {type(build).__name__}")
    nets = [build(seed) for seed in seeds]
    if other := [net for net in nets if not isinstance(net, Module)]:
        raise TypeError(f"build(seed) must return a Module, such as an MLP, got a {type(other[0]).__name__}")
    parameters = [net.parameters() for net in nets]
    if len({each for some in parameters for each in some}) < sum(map(len, parameters)):
        raise ValueError("build(seed) must make a new network each time; these share parameters")
    if len(nets) > 1 and len({tuple([each.data for each in some]) for some in parameters}) == 1:
        raise ValueError("build(seed) must use its seed: it gave the same numbers for all seeds")
    return nets


class _Halting(Goal):
    """A goal, and a signal to stop that comes from outside; as a goal it lets many epochs run at a time."""

    def __init__(self, loss: float, halt: Event) -> None:
        super().__init__(loss)
        self.halt = halt

    def __call__(self, history: History) -> bool:
        return self.halt.is_set() or super().__call__(history)


def _stopping(until: Condition | None, halt: Event) -> Condition:
    """A condition for one run: its own copy of `until`, or the signal."""
    if until is None or isinstance(until, Goal):
        return _Halting(until.loss if until else -math.inf, halt)
    own = deepcopy(until)
    return lambda history: halt.is_set() or own(history)


Train = Callable[[int, Module], Run | None]


def _side_by_side(train: Train, jobs: Sequence[tuple[int, Module]], halt: Event, advance: Callable[[], object]) -> list[Run]:
    """All jobs on all cores, for machine code releases the interpreter lock; after Ctrl-C as far as they have come."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(train, *job) for job in jobs]
        try:
            for future in as_completed(futures):
                future.result()
                advance()
        except KeyboardInterrupt:
            halt.set()
        except BaseException:
            halt.set()
            raise
        return [run for future in futures if (run := future.result())]


def _in_turn(train: Train, jobs: Sequence[tuple[int, Module]], halt: Event, advance: Callable[[], object]) -> list[Run]:
    runs: list[Run] = []
    with suppress(KeyboardInterrupt):
        for job in jobs:
            runs += filter(None, [train(*job)])
            advance()
            if runs[-1].history.stopped == "interrupted":
                break
    return runs


def _trained(seed: int, net: Module, data: Sequence[Any], until: Condition, options: Mapping[str, Any]) -> Run:
    """The run of one seed. until: its own condition; options: those of `fit` for all seeds."""
    optimizer, loss = deepcopy(options.get("optimizer")), options.get("loss", "squared_error")
    try:
        history = fit(net, data[0], data[1], **{**options, "optimizer": optimizer, "until": until})
        outcome = outcome_of(net, data[0], data[1], loss)
    except OperationError as error:
        return Run(seed, net, History(stopped="failed"), math.inf, (), str(error))
    verdict = next(alarms("network", run_quantities(history, outcome)), "")
    return Run(seed, net, history, outcome.loss, outcome.wrong, verdict)


def _reached(run: Run) -> float:
    return run.history.validation_losses[-1] if run.history.validation_losses else run.loss
