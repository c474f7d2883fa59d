"""Training: `fit` moves the parameters of a network until its outputs suit the targets."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import index
from random import Random
from time import perf_counter
from typing import Any, Literal

from autoback.engine.value import Value
from autoback.nn.data import Samples, require_value
from autoback.nn.evaluation import accuracy, cost, predict
from autoback.nn.history import Condition, Goal, History, Patience, condition
from autoback.nn.losses import Loss, l2_penalty
from autoback.nn.modules import MLP
from autoback.nn.naming import choose
from autoback.nn.native_steps import NativeSteps
from autoback.nn.optimizers import Optimizer, optimizer_for
from autoback.nn.python_steps import PythonSteps, settle

__all__ = ["GRADIENT_METHODS", "History", "Patience", "accuracy", "cost", "fit", "predict"]

Penalty = float | Callable[[MLP], Value]

#: How `fit` may come by its gradients, and what the engine calls that.
GRADIENT_METHODS: Mapping[str, Literal["forward", "central"] | None] = {
    "backprop": None,
    "finite_differences": "forward",
    "central_differences": "central",
}


def fit(
    net: MLP,
    inputs: Iterable[Any],
    targets: Iterable[Any],
    *,
    loss: str | Loss = "squared_error",
    optimizer: str | Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: int = 0,
    until: float | Condition | None = None,
    validation: tuple[Iterable[Any], Iterable[Any]] | None = None,
    penalty: Penalty | None = None,
    progress: bool = False,
    gradient_method: str = "backprop",
    native: bool = False,
) -> History:
    """Train a network: in each epoch, every sample once, in random batches; for each batch, one step.

    net:        the network, whose parameters are changed in place
    inputs:     N rows of `net.n_inputs` numbers
    targets:    N rows of `net.n_outputs` numbers (plain numbers for one output), or N class indices
    loss:       a name in `LOSSES`, or a callable (outputs, target) -> Value: the cost of one sample
    optimizer:  an optimiser, or a name in `OPTIMIZERS`; default SGD(rate=0.1)
    epochs:     how many at most, from 0
    batch_size: samples a step, from 1 to N; default all. The last batch of an epoch may be shorter,
                its gradient is the mean over the samples it has
    seed:       of the partition into batches
    until:      when to stop early: a loss, a Patience, or a callable of the History that says True
    validation: (inputs, targets) whose cost is taken after each epoch
    penalty:    strength of an L2 penalty on the weights, or a callable of the net that returns a Value,
                added to the cost of every batch
    progress:   whether to show a bar with the loss
    gradient_method: "backprop", or "finite_differences" (forward, slow), or "central_differences" (slower)
    native:     whether to train in machine code, which needs the extra `native`. The numbers agree but
                for rounding; the loss must not branch on its outputs, and Ctrl-C waits a moment
    Ctrl-C ends the training as a condition would; the net is then that of the last whole step.
    Raises OperationError when a number leaves its domain or becomes infinite, saying in which epoch and
    batch, with the net as it was after the last good step; ValueError or TypeError for bad arguments.

    >>> from autoback.nn.optimizers import SGD
    >>> net = MLP(2, [2, 1], "sigmoid", initializer="park_miller", seed=69)
    >>> history = fit(net, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], optimizer=SGD(rate=10.0), epochs=1000)
    >>> history.epochs, round(history.losses[0], 6), history.losses[-1] < 0.001
    (1000, 0.356169, True)
    """
    started = perf_counter()
    if not isinstance(net, MLP):
        raise TypeError(f"fit trains an MLP, got a {type(net).__name__}")
    if any(parameter.op is not None for parameter in net.parameters()) or len(set(net.parameters())) < len(net.parameters()):
        raise ValueError("the parameters of a network must be leaves, each of them once; give every weight and bias a Value of its own")
    samples = Samples(net, inputs, targets, loss)
    check = Samples(net, *_pair(validation), samples.loss, "validation ") if validation is not None else None
    size = len(samples) if batch_size is None else _whole("batch_size", batch_size, 1, len(samples), "the number of samples")
    method = choose("gradient_method", gradient_method, GRADIENT_METHODS)
    if native and method is not None:
        raise ValueError(f"native=True trains by backprop alone, got gradient_method={gradient_method!r}")
    plan = (samples, optimizer_for(optimizer), size, _penalty(penalty, net))
    run = NativeSteps(*plan) if native else PythonSteps(*plan, method)
    orders = _orders(len(samples), size, seed)
    stop = condition(until)
    goal = stop.loss if isinstance(stop, Goal) else None
    watched = check is not None or (stop is not None and goal is None)  # somebody looks at the net after every epoch
    history = History()
    epochs = _whole("epochs", epochs, 0)
    try:
        with _bar(epochs, progress) as advance:
            while history.epochs < epochs and not history.stopped:
                count = 1 if watched else min(run.chunk, epochs - history.epochs)
                history.losses += run.run(orders, count, goal)
                if check is not None:
                    history.validation_losses.append(run.mean_cost(check))
                history.steps, history.seconds = run.point.steps, perf_counter() - started
                advance(history)
                if stop is not None and stop(history):
                    history.stopped = "until"
        history.stopped = history.stopped or "epochs"
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    finally:
        settle(run.parameters, run.point)
    history.steps, history.seconds = run.point.steps, perf_counter() - started
    return history


def _orders(count: int, batch_size: int, seed: int) -> Iterator[list[int]]:
    """For each epoch the order in which the samples are taken, to be cut into batches from the front."""
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be a whole number, got {seed!r:.40}")
    random = Random(seed)
    while True:
        order = list(range(count))
        if batch_size < count:  # the only partition into one batch needs no dice
            random.shuffle(order)
        yield order


@contextmanager
def _bar(epochs: int, wanted: bool) -> Iterator[Callable[[History], None]]:
    """A progress bar that counts epochs and shows the loss; or nothing."""
    if not wanted:
        yield lambda history: None
        return
    from tqdm.auto import tqdm  # in a notebook, a bar of the notebook

    with tqdm(total=epochs, unit="epoch") as bar:

        def advance(history: History) -> None:
            bar.set_postfix_str(f"loss {history.losses[-1]:.6g}", refresh=False)
            bar.update(history.epochs - bar.n)

        yield advance


def _penalty(penalty: Penalty | None, net: MLP) -> Callable[[], Value] | None:
    if penalty is None:
        return None
    if callable(penalty):
        return lambda: require_value("the penalty", penalty(net))
    strength = Value(penalty).data
    if strength < 0.0:
        raise ValueError(f"penalty must be the strength of an L2 penalty, from 0 up, or a callable of the net, got {penalty!r:.40}")
    return (lambda: l2_penalty(net, strength)) if strength else None


def _pair(validation: object) -> tuple[Any, Any]:
    if not isinstance(validation, Sequence) or isinstance(validation, str) or len(validation) != 2:
        raise ValueError(f"validation must be the pair (inputs, targets), got {validation!r:.40}")
    return validation[0], validation[1]


def _whole(what: str, number: object, low: int, high: int | None = None, why: str = "") -> int:
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        raise TypeError(f"{what} must be a whole number, got {number!r:.40}")
    whole = index(number)
    if whole < low or (high is not None and whole > high):
        limits = f"at least {low}" if high is None else f"between {low} and {high} ({why})"
        raise ValueError(f"{what} must be {limits}, got {whole}")
    return whole
