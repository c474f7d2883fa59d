"""Training: `fit` moves the parameters of a network until its outputs suit the targets."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from time import perf_counter
from typing import Any, Literal

from autoback.engine.value import Value
from autoback.nn.arguments import choose, number, whole
from autoback.nn.data import Samples, require_value
from autoback.nn.history import Condition, Goal, History, condition
from autoback.nn.losses import Loss, l2_penalty
from autoback.nn.module import Module
from autoback.nn.names import GradientMethod, LossName, OptimizerName
from autoback.nn.native_steps import NativeSteps
from autoback.nn.optimizers import Optimizer, optimizer_for
from autoback.nn.python_steps import Plan, PythonSteps, settle

__all__ = ["GRADIENT_METHODS", "fit"]

Penalty = float | Callable[[Any], Value]
Callback = Callable[[Any, History], object]

#: How `fit` may come by its gradients, and what the engine calls that.
GRADIENT_METHODS: Mapping[GradientMethod, Literal["forward", "central"] | None] = {
    "backprop": None,
    "finite_differences": "forward",
    "central_differences": "central",
}


def fit(
    net: Module,
    inputs: Iterable[Any],
    targets: Iterable[Any],
    *,
    loss: LossName | Loss = "squared_error",
    optimizer: OptimizerName | Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    seed: int = 0,
    until: float | Condition | None = None,
    callbacks: Callback | Sequence[Callback] = (),
    validation: tuple[Iterable[Any], Iterable[Any]] | None = None,
    penalty: Penalty | None = None,
    clip: float | None = None,
    progress: bool = False,
    gradient_method: GradientMethod = "backprop",
    native: bool = False,
) -> History:
    """Train a module: in each epoch, every sample once, in random batches; for each batch, one step.

    net:        an MLP, a Layer, a Neuron, or a Module of your own; its parameters are changed in place
    inputs:     N samples. Of a module with `n_inputs` rows of so many numbers; of any other whatever it takes when it is
                called: a number, or lists of numbers and of lists, of any length. There whole numbers stay int, as an index has to
    targets:    N rows of as many numbers as there are outputs (plain numbers for one output), or N class indices
    loss:       a name in `LOSSES`, or a callable (outputs, target) -> Value: the cost of one sample. It gets what the
                module returns when it is called: of an MLP with one output a Value and a Value, with several two lists
    optimizer:  an optimiser, which goes on where it stood with these parameters, or a name in `OPTIMIZERS`; default SGD(rate=0.1)
    epochs:     how many at most, from 0
    batch_size: samples a step, from 1 to N; default all. The last batch of an epoch may be shorter,
                its gradient is the mean over the samples it has
    shuffle:    whether each epoch cuts its batches from another order of the samples
    seed:       of these orders
    until:      when to stop early: a loss, a Patience, or a callable of the History that says True
    callbacks:  one or several callables of the net and the History, called after every epoch. What they, or `until`,
                change in the net lasts
    validation: (inputs, targets) whose cost is taken after each epoch
    penalty:    strength of an L2 penalty on the weights, or a callable of the net that returns a Value,
                added to the cost of every batch
    clip:       the largest norm of the gradient of a batch; longer ones are shortened to it, as by `clip_gradients`
    progress:   whether to show a bar with the loss
    gradient_method: "backprop", or "finite_differences" (forward, slow), or "central_differences" (slower)
    native:     whether to train in machine code, which needs the extra `native`. The numbers agree but
                for rounding; network, loss and penalty must not branch on numbers, and Ctrl-C waits a moment.
                Samples of several forms have a program each
    Ctrl-C ends the training as a condition would; the net is then that of the last whole step.
    Raises OperationError when a number leaves its domain or becomes infinite, saying in which epoch and
    batch, with the net as it was after the last good step; ValueError or TypeError for bad arguments, among them
    targets that the last activation cannot reach and a loss of logits on squashed outputs.

    >>> from autoback import MLP, SGD
    >>> net = MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69)
    >>> history = fit(net, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], optimizer=SGD(rate=10.0), epochs=1000)
    >>> history.epochs, round(history.losses[0], 6), history.losses[-1] < 0.001
    (1000, 0.356169, True)
    """
    started = perf_counter()
    if not isinstance(net, Module):
        raise TypeError(f"fit trains a Module, such as an MLP or a class that derives from Module, got a {type(net).__name__}")
    parameters = net.parameters()
    if any(parameter.op is not None for parameter in parameters) or len(set(parameters)) < len(parameters):
        raise ValueError("the parameters of a network must be leaves, each of them once; give every weight and bias a Value of its own")
    if not parameters:
        raise ValueError(f"{net!r} has no parameters to train: set Values, or Modules that have some, as its attributes, or unfreeze them")
    samples = Samples(net, inputs, targets, loss)
    check = Samples(net, *_pair(validation), samples.loss, "validation ") if validation is not None else None
    size = len(samples) if batch_size is None else whole("batch_size", batch_size, 1, len(samples), "the number of samples")
    method = choose("gradient_method", gradient_method, GRADIENT_METHODS)
    if native and method is not None:
        raise ValueError(f"native=True trains by backprop alone, got gradient_method={gradient_method!r}")
    epochs = whole("epochs", epochs, 0)
    orders = _orders(len(samples), size, Random(whole("seed", seed)) if shuffle else None)
    stop = condition(until)
    watchers = [callbacks] if callable(callbacks) else callbacks
    if not isinstance(watchers, Sequence) or not all(map(callable, watchers)):
        raise TypeError(f"callbacks must be one or several callables of the net and the History, got {callbacks!r:.40}")
    for given in (samples, check):
        if given is not None:
            given.check()
    history = History()
    limit = None if clip is None else number("clip", clip)
    plan = Plan(samples, optimizer_for(optimizer), size, history.losses, _penalty(penalty, net), limit)
    run = NativeSteps(plan) if native else PythonSteps(plan, method)
    goal = stop.loss if isinstance(stop, Goal) else None
    asked = bool(watchers) or (stop is not None and goal is None)  # somebody may look at the net after every epoch, or change it
    try:
        with _bar(epochs, progress) as advance:
            while history.epochs < epochs and not history.stopped:
                run.run(orders, 1 if asked or check is not None else min(run.chunk, epochs - history.epochs), goal)
                if check is not None:
                    history.validation_losses.append(run.mean_cost(check))
                history.steps, history.seconds = run.point.steps, perf_counter() - started
                advance(history)
                for watcher in watchers:
                    watcher(net, history)
                if stop is not None and stop(history):
                    history.stopped = "until"
                if asked:
                    run.adopt()
        history.stopped = history.stopped or "epochs"
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    finally:
        settle(run)
    history.steps, history.seconds = run.point.steps, perf_counter() - started
    return history


def _orders(count: int, batch_size: int, random: Random | None) -> Iterator[list[int]]:
    """For each epoch the order in which the samples are taken, to be cut into batches from the front; without `random` always theirs."""
    while True:
        order = list(range(count))
        if batch_size < count and random is not None:  # the only partition into one batch needs no dice
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


def _penalty(penalty: Penalty | None, net: Module) -> Callable[[], Value] | None:
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
