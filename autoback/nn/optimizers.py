"""Optimisers: how one parameter moves, given its gradient, as a formula on scalars.

An optimiser keeps nothing. `update` takes a parameter, its gradient, the rate, the number of the
step (1, 2, …) and the parameter's own state, and returns the new parameter and the new state. The
same text works on floats and on Values, so a formula can be recorded, drawn and compiled.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value
from autoback.nn.naming import choose

__all__ = ["OPTIMIZERS", "SGD", "Adam", "AdamW", "Optimizer", "RMSProp"]

Rate = float | Callable[[int], float]


class Optimizer:
    """What all optimisers share: a rate, and a state of `n_state` numbers for each parameter, 0 at first.

    rate: how far to move; a number, or a schedule, a callable of the step (1, 2, ...)
    """

    n_state: int = 0

    def __init__(self, rate: Rate) -> None:
        self.rate = rate if callable(rate) else _number("rate", rate, 0.0, math.inf)

    def initial_state(self) -> tuple[float, ...]:
        """The state of a parameter before the first step."""
        return (0.0,) * self.n_state

    def rate_at(self, step: int) -> float:
        """The rate in a step; raises ValueError when a schedule gives no number from 0 up.

        >>> SGD(lambda step: 1.0 / step).rate_at(4)
        0.25
        """
        return _number(f"the rate of step {step}", self.rate(step), 0.0, math.inf) if callable(self.rate) else self.rate

    def update(self, parameter: Any, gradient: Any, rate: Any, step: Any, *state: Any) -> tuple[Any, ...]:
        """(new parameter, *new state), for floats or Values."""
        raise NotImplementedError(f"{type(self).__name__} has to say how a parameter moves")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class SGD(Optimizer):
    """Stochastic gradient descent: θ ← θ − η g.

    rate:         η
    momentum:     μ in v ← μ v + g, θ ← θ − η v; 0 is without
    nesterov:     θ ← θ − η (g + μ v) instead, which needs a momentum
    weight_decay: λ in g ← g + λ θ, before everything else
    Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.

    >>> SGD(rate=0.5).update(3.0, 2.0, 0.5, 1)
    (2.0,)
    """

    def __init__(self, rate: Rate = 0.1, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0) -> None:
        super().__init__(rate)
        self.momentum = _number("momentum", momentum, 0.0, 1.0)
        self.nesterov = nesterov
        self.weight_decay = _number("weight_decay", weight_decay, 0.0, math.inf)
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum, such as momentum=0.9")

    @property
    def n_state(self) -> int:  # type: ignore[override]  # how fast the parameter moves, if that is remembered
        return 1 if self.momentum else 0

    def update(self, parameter: Any, gradient: Any, rate: Any, step: Any, *state: Any) -> tuple[Any, ...]:
        if self.weight_decay:
            gradient = gradient + self.weight_decay * parameter
        if not self.momentum:
            return (parameter - rate * gradient,)
        velocity = self.momentum * state[0] + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return parameter - rate * direction, velocity


class Adam(Optimizer):
    """Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − η m̂ / (√v̂ + ε).

    The hats divide by 1 − βᵗ, which undoes the start at 0.
    rate:         η
    betas:        β₁ and β₂
    epsilon:      ε
    weight_decay: λ in g ← g + λ θ, before everything else
    Source: Kingma & Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.

    >>> round(Adam(rate=0.1).update(3.0, 2.0, 0.1, 1, 0.0, 0.0)[0], 6)
    2.9
    """

    n_state = 2
    decoupled = False

    def __init__(
        self, rate: Rate = 0.001, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        super().__init__(rate)
        self.betas = (_number("betas[0]", betas[0], 0.0, 1.0), _number("betas[1]", betas[1], 0.0, 1.0))
        self.epsilon = _number("epsilon", epsilon, 0.0, math.inf)
        self.weight_decay = _number("weight_decay", weight_decay, 0.0, math.inf)

    def update(self, parameter: Any, gradient: Any, rate: Any, step: Any, *state: Any) -> tuple[Any, ...]:
        mean, square = state
        beta1, beta2 = self.betas
        if self.weight_decay:
            if self.decoupled:
                parameter = parameter - rate * self.weight_decay * parameter
            else:
                gradient = gradient + self.weight_decay * parameter
        mean = beta1 * mean + (1.0 - beta1) * gradient
        square = beta2 * square + (1.0 - beta2) * (gradient * gradient)
        fair_mean = mean / (1.0 - beta1**step)
        fair_square = square / (1.0 - beta2**step)
        return parameter - rate * fair_mean / (_sqrt(fair_square) + self.epsilon), mean, square


class AdamW(Adam):
    """Adam whose weight decay is a step of its own, θ ← θ − η λ θ, that the division by √v̂ does not touch.

    Arguments as for Adam, but `weight_decay` is 0.01 unless given.
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
    Source: Tieleman & Hinton, Neural Networks for Machine Learning (Coursera 2012), lecture 6.5.

    >>> round(RMSProp(rate=0.1, decay=0.75).update(3.0, 2.0, 0.1, 1, 0.0)[0], 6)
    2.8
    """

    n_state = 1

    def __init__(self, rate: Rate = 0.01, decay: float = 0.9, epsilon: float = 1e-8) -> None:
        super().__init__(rate)
        self.decay = _number("decay", decay, 0.0, 1.0)
        self.epsilon = _number("epsilon", epsilon, 0.0, math.inf)

    def update(self, parameter: Any, gradient: Any, rate: Any, step: Any, *state: Any) -> tuple[Any, ...]:
        square = self.decay * state[0] + (1.0 - self.decay) * (gradient * gradient)
        return parameter - rate * gradient / (_sqrt(square) + self.epsilon), square


#: The optimisers that go by a name, with their default rates.
OPTIMIZERS: Mapping[str, Callable[[], Optimizer]] = {"sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSProp}


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


def _number(what: str, number: object, low: float, high: float) -> float:
    try:
        data = Value(number).data  # type: ignore[arg-type]
    except (TypeError, ValueError):
        data = -1.0
    if not low <= data < high:
        limits = "a number from 0 up" if math.isinf(high) else f"from {low:g} up to, but not including, {high:g}"
        raise ValueError(f"{what} must be {limits}, got {number!r:.40}")
    return data
