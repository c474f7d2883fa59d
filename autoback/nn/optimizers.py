"""Optimisers: how one parameter moves, given its gradient, as a formula on scalars.

`update` is the formula. It takes a parameter, its gradient, the rate, the number of the step (1, 2, …)
and the parameter's own state, and returns the new parameter and the new state. The same text works on
floats and on Values, so a formula can be recorded, drawn and compiled. An optimiser keeps, for each
parameter that it moved, the number of steps and the state: several runs of `fit` go on where the last
one ended, and `step` moves parameters in a loop of one's own.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value
from autoback.nn.arguments import choose, values
from autoback.nn.arguments import number as _number
from autoback.nn.names import OptimizerName

__all__ = ["OPTIMIZERS", "SGD", "Adam", "AdamW", "Optimizer", "RMSProp", "clip_gradients", "clipped", "optimizer_for"]

Rate = float | Callable[[int], float]


class Optimizer:
    """What all optimisers share: a rate, a state of `n_state` numbers for each parameter, 0 at first, and the memory of them.

    rate: how far to move; a number, or a schedule: a `Schedule`, or any callable of the step (1, 2, ...)
    Raises ValueError for a rate, or another number of an optimiser, outside its range.

    >>> from autoback import MLP, Adam
    >>> net, adam = MLP(1, [1], seed=1), Adam(rate=0.1)
    >>> for _ in range(3):  # a training loop by hand
    ...     net.zero_grad()
    ...     ((net([1.0]) - 2.0) ** 2).backward()
    ...     adam.step(net.parameters())
    >>> round(net([1.0]).data, 2)
    -0.67
    """

    n_state: int = 0
    weight_decay: float

    def __init__(self, rate: Rate) -> None:
        if isinstance(rate, (list, tuple)) and rate and isinstance(rate[0], Value):
            raise TypeError(f"{type(self).__name__} takes no parameters; give them to step(parameters), or the network to fit")
        self.rate: Rate = rate if callable(rate) else _number("rate", rate)

    def initial_state(self) -> tuple[float, ...]:
        """The state of a parameter before the first step."""
        return (0.0,) * (self.n_state - self._grouped)

    def rate_at(self, step: int) -> float:
        """The rate in a step; raises ValueError when a schedule gives no number from 0 up.

        >>> SGD(lambda step: 1.0 / step).rate_at(4)
        0.25
        """
        if not callable(self.rate):
            return self.rate
        try:
            return _number(f"the rate of step {step}", self.rate(step))
        except ArithmeticError as error:
            raise ValueError(f"the rate of step {step} is not defined: {error}") from error

    def update(self, parameter: Any, gradient: Any, rate: Any, step: Any, *state: Any) -> tuple[Any, ...]:
        """(new parameter, *new state), for floats or Values."""
        raise NotImplementedError(f"{type(self).__name__} has to say how a parameter moves")

    def step(self, parameters: Iterable[Value]) -> None:
        """Move each parameter one step along its `grad`, one without a gradient not at all; all of them or, on an error, none.

        Raises OverflowError where a parameter or its state would not be a finite number, TypeError for what are no Values.
        """
        moving = [parameter for parameter in values("step", parameters) if parameter.grad is not None]
        steps, memory = self.recall(moving)
        numbers, gradients = [parameter.data for parameter in moving], [parameter.grad or 0.0 for parameter in moving]
        numbers, memory = self.moved(numbers, gradients, steps + 1, memory, [parameter.label or "a parameter" for parameter in moving])
        for parameter, number in zip(moving, numbers, strict=True):
            parameter.data = number
        self.remember(moving, steps + 1, memory)

    def moved(
        self, numbers: Sequence[float], gradients: Sequence[float], step: int, memory: Sequence[Sequence[float]], names: Sequence[str]
    ) -> tuple[list[float], list[Sequence[float]]]:
        """The numbers and the states of some parameters after a step. names: of the parameters, for messages."""
        rate, update = self.rate_at(step), self.update
        moved = [update(number, gradient, rate, step, *state) for number, gradient, state in zip(numbers, gradients, memory, strict=True)]
        if moved and (not isinstance(moved[0], tuple) or len(moved[0]) != 1 + self.n_state):
            name, count = type(self).__name__, self.n_state
            raise TypeError(f"{name}.update must return a tuple, the new parameter and {count} state numbers, got {moved[0]!r:.60}")
        if not math.isfinite(sum(map(sum, moved))):
            for name, (number, *state), gradient in zip(names, moved, gradients, strict=True):
                if not math.isfinite(number):
                    raise OverflowError(f"{name} would become {number} (gradient {gradient:.6g}, rate {rate:.6g}): lower the rate")
                if not all(map(math.isfinite, state)):
                    raise OverflowError(
                        f"the optimiser's state for {name} would become {state} (gradient {gradient:.6g}): scale the data or the loss down"
                    )
        return [each[0] for each in moved], [each[1:] for each in moved]

    # What is kept from step to step

    def recall(self, parameters: Sequence[Value]) -> tuple[int, list[Sequence[float]]]:
        """How many steps these parameters have taken, and the state of each."""
        kept = self._memory
        known = [kept.get(parameter) for parameter in parameters]
        first = self.initial_state()
        states: list[Sequence[float]] = [found[1] if found and len(found[1]) == len(first) else first for found in known]
        if self._grouped:
            decays = self._decays
            states = [(*state, decays.get(each, self.weight_decay)) for state, each in zip(states, parameters, strict=True)]
        return max([found[0] for found in known if found], default=0), states

    def remember(self, parameters: Sequence[Value], steps: int, memory: Sequence[Sequence[float]]) -> None:
        """Keep the number of steps and the states."""
        kept = self._memory
        for parameter, state in zip(parameters, memory, strict=True):
            kept[parameter] = steps, state[:-1] if self._grouped else state

    def reset(self) -> None:
        """Forget all steps: schedules and states start anew."""
        self._memory.clear()

    def set_weight_decay(self, parameters: Iterable[Value], weight_decay: float) -> None:
        """Give some parameters a weight decay of their own, such as 0 to biases; the others keep that of the optimiser.

        Raises TypeError for an optimiser that has none, and for what are no Values.

        >>> from autoback import MLP
        >>> net, adam = MLP(2, [3, 1]), AdamW(weight_decay=0.1)
        >>> adam.set_weight_decay([neuron.bias for layer in net.layers for neuron in layer.neurons], 0.0)
        """
        if not hasattr(self, "weight_decay"):
            raise TypeError(f"{type(self).__name__} has no weight decay")
        number = _number("weight_decay", weight_decay)
        for parameter in values("set_weight_decay", parameters):
            self._decays[parameter] = number

    @property
    def _decays(self) -> "WeakKeyDictionary[Value, float]":
        if "_own_decays" not in vars(self):
            self._own_decays: WeakKeyDictionary[Value, float] = WeakKeyDictionary()
        return self._own_decays

    @property
    def _grouped(self) -> bool:
        """Whether parameters have decays of their own: then the decay of each is the last number of its state."""
        return "_own_decays" in vars(self)

    def _split(self, state: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any]:
        """(state, weight decay) of a parameter."""
        return (state[:-1], state[-1]) if self._grouped else (state, self.weight_decay)

    @property
    def _memory(self) -> "WeakKeyDictionary[Value, tuple[int, Sequence[float]]]":
        if "_kept" not in vars(self):  # a subclass need not call __init__
            self._kept: WeakKeyDictionary[Value, tuple[int, Sequence[float]]] = WeakKeyDictionary()
        return self._kept

    def __getstate__(self) -> dict[str, Any]:
        return {name: list(value.items()) if isinstance(value, WeakKeyDictionary) else value for name, value in vars(self).items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        weak: dict[str, Any] = {name: WeakKeyDictionary(state[name]) for name in ("_kept", "_own_decays") if name in state}
        vars(self).update({**state, **weak})

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in vars(self).items() if not name.startswith("_")]
        return f"{type(self).__name__}({', '.join(shown)})"


class SGD(Optimizer):
    """Stochastic gradient descent: θ ← θ − η g.

    rate:         η
    momentum:     μ in v ← μ v + g, θ ← θ − η v; 0 is without
    nesterov:     θ ← θ − η (g + μ v) instead, which needs a momentum
    weight_decay: λ in g ← g + λ θ, before everything else
    Raises ValueError for a momentum outside [0, 1), for a rate or a decay below 0, and for nesterov without a momentum.
    Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.

    >>> SGD(rate=0.5).update(3.0, 2.0, 0.5, 1)
    (2.0,)
    """

    def __init__(self, rate: Rate = 0.1, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0) -> None:
        super().__init__(rate)
        self.momentum: float = _number("momentum", momentum, 0.0, 1.0)
        self.nesterov = nesterov
        self.weight_decay: float = _number("weight_decay", weight_decay, 0.0, math.inf)
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum, such as momentum=0.9")

    @property
    def n_state(self) -> int:  # type: ignore[override]  # how fast the parameter moves, if that is remembered
        return (1 if self.momentum else 0) + self._grouped

    def update(self, parameter: Any, gradient: Any, rate: Any, step: Any, *state: Any) -> tuple[Any, ...]:
        state, decay = self._split(state)
        kept = (decay,) if self._grouped else ()
        if self._grouped or decay:
            gradient = gradient + decay * parameter
        if not self.momentum:
            return parameter - rate * gradient, *kept
        velocity = self.momentum * state[0] + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return parameter - rate * direction, velocity, *kept


class Adam(Optimizer):
    """Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε).

    The hats divide by 1 − βᵗ, which undoes the start at 0.
    rate:         η
    betas:        β₁ and β₂
    epsilon:      ε
    weight_decay: λ in g ← g + λ θ, before everything else
    Raises ValueError for betas outside [0, 1), and for a rate, epsilon or decay below 0.
    Source: Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.

    >>> round(Adam(rate=0.1).update(3.0, 2.0, 0.1, 1, 0.0, 0.0)[0], 6)
    2.9
    """

    decoupled = False

    def __init__(
        self, rate: Rate = 0.001, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        super().__init__(rate)
        if not isinstance(betas, Sequence) or isinstance(betas, str) or len(betas) != 2:
            raise ValueError(f"betas must be two numbers, as in (0.9, 0.999), got {betas!r:.40}")
        self.betas: tuple[float, float] = (_number("betas[0]", betas[0], 0.0, 1.0), _number("betas[1]", betas[1], 0.0, 1.0))
        self.epsilon: float = _number("epsilon", epsilon, 0.0, math.inf)
        self.weight_decay: float = _number("weight_decay", weight_decay, 0.0, math.inf)

    @property
    def n_state(self) -> int:  # type: ignore[override]  # the two moments
        return 2 + self._grouped

    def update(self, parameter: Any, gradient: Any, rate: Any, step: Any, *state: Any) -> tuple[Any, ...]:
        (mean, square), decay = self._split(state)
        kept = (decay,) if self._grouped else ()
        beta1, beta2 = self.betas
        if self._grouped or decay:
            if self.decoupled:
                parameter = parameter - rate * decay * parameter
            else:
                gradient = gradient + decay * parameter
        mean = beta1 * mean + (1.0 - beta1) * gradient
        square = beta2 * square + (1.0 - beta2) * (gradient * gradient)
        fair_mean = mean / (1.0 - beta1**step)
        fair_square = square / (1.0 - beta2**step)
        return parameter - rate * fair_mean / (_sqrt(fair_square) + self.epsilon), mean, square, *kept


class AdamW(Adam):
    """Adam whose weight decay is a step of its own, θ ← θ − η λ θ, that the division by √v̂ does not touch.

    Arguments and errors as for Adam, but `weight_decay` is 0.01 unless given.
    Source: Loshchilov & Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2.

    >>> round(AdamW(rate=0.1, weight_decay=0.5).update(2.0, 0.0, 0.1, 1, 0.0, 0.0)[0], 6)
    1.9
    """

    decoupled = True

    def __init__(
        self, rate: Rate = 0.001, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8, weight_decay: float = 0.01
    ) -> None:
        super().__init__(rate, betas, epsilon, weight_decay)


class RMSProp(Optimizer):
    """RMSProp: s ← ρ s + (1 − ρ) g², θ ← θ − η g / (√s + ε).

    rate:    η
    decay:   ρ
    epsilon: ε
    Raises ValueError for a decay ρ outside [0, 1), and for a rate or epsilon below 0.
    Source: Tieleman & Hinton, Neural Networks for Machine Learning (Coursera 2012), lecture 6.5.

    >>> round(RMSProp(rate=0.1, decay=0.75).update(3.0, 2.0, 0.1, 1, 0.0)[0], 6)
    2.8
    """

    n_state = 1

    def __init__(self, rate: Rate = 0.01, decay: float = 0.9, epsilon: float = 1e-8) -> None:
        super().__init__(rate)
        self.decay: float = _number("decay", decay, 0.0, 1.0)
        self.epsilon: float = _number("epsilon", epsilon, 0.0, math.inf)

    def update(self, parameter: Any, gradient: Any, rate: Any, step: Any, *state: Any) -> tuple[Any, ...]:
        square = self.decay * state[0] + (1.0 - self.decay) * (gradient * gradient)
        return parameter - rate * gradient / (_sqrt(square) + self.epsilon), square


#: The optimisers that go by a name, with their default rates.
OPTIMIZERS: Mapping[OptimizerName, Callable[[], Optimizer]] = {"sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSProp}


def optimizer_for(given: object) -> Optimizer:
    """The optimiser itself, or the one a name stands for; None is `SGD()`.

    Raises TypeError for anything else, ValueError for an unknown name.
    """
    if given is None:
        return SGD()
    if isinstance(given, Optimizer):
        return given
    if isinstance(given, str):
        made: Optimizer = choose("optimizer", given, OPTIMIZERS)()
        return made
    raise TypeError(f"optimizer must be an optimiser such as SGD(rate=0.1), or one of {', '.join(OPTIMIZERS)}, got {given!r:.40}")


def _sqrt(x: Any) -> Any:
    # Of a plain 0, common where an input is always 0, the row `sqrt` would first look for a slope it does not have.
    return FUNCTIONS["sqrt"](x) if isinstance(x, Value) else math.sqrt(x)


def clip_gradients(parameters: Iterable[Value], norm: float) -> float:
    """The norm of the gradient, √Σ g² over the parameters, before it was shortened to `norm` if it was longer.

    For a loop of one's own, between `backward` and `step`; `fit` has an argument `clip`.
    Raises TypeError for what are no Values, ValueError for a norm below 0.
    Source: Pascanu, Mikolov & Bengio, On the difficulty of training recurrent neural networks, ICML 2013, algorithm 1.

    >>> w = Value(3.0)
    >>> (w * w).backward()
    >>> clip_gradients([w], 1.0), w.grad
    (6.0, 1.0)
    """
    reached = [parameter for parameter in values("clip_gradients", parameters) if parameter.grad is not None]
    gradients = [parameter.grad or 0.0 for parameter in reached]
    for parameter, gradient in zip(reached, clipped(gradients, _number("norm", norm)), strict=True):
        parameter.grad = gradient
    return math.hypot(*gradients)


def clipped(gradients: list[float], norm: float) -> list[float]:
    """A gradient, shortened to a norm if it is longer."""
    length = math.hypot(*gradients)
    if math.isinf(length):  # too long for a double
        gradients = [gradient / 2.0**600 for gradient in gradients]
        length = math.hypot(*gradients)
    return [gradient * (norm / length) for gradient in gradients] if length > norm else gradients
