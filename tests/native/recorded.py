"""What the tests of native code share: a small network, an irregular graph, and the eager training loop."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient
from autoback.engine.value import Value


@dataclass
class Network:
    """One sample's cost on leaves: a network as the engine records it."""

    inputs: list[Value]
    targets: list[Value]
    parameters: list[Value]
    outputs: list[Value]
    cost: Value


def record_network(sizes: Sequence[int], activation: str = "tanh", loss: str = "square", seed: int = 0) -> Network:
    rng = random.Random(seed)
    inputs = [Value(rng.uniform(-1.0, 1.0)) for _ in range(sizes[0])]
    parameters: list[Value] = []
    below = inputs
    for fan_in, neurons in pairwise(sizes):
        layer = []
        for _ in range(neurons):
            weights, bias = [Value(rng.uniform(-0.5, 0.5)) for _ in range(fan_in)], Value(rng.uniform(-0.5, 0.5))
            parameters += [*weights, bias]
            layer.append(FUNCTIONS[activation](FUNCTIONS["dot"](weights, below) + bias))
        below = layer
    targets = [Value(rng.uniform(0.0, 1.0)) for _ in below]
    pairs = list(zip(below, targets, strict=True))
    terms = {
        "square": lambda a, y: (a - y) ** 2.0,
        "absolute": lambda a, y: abs(a - y),
        "hinge": lambda a, y: FUNCTIONS["relu"](1.0 - y * a),
        "logits": lambda z, y: FUNCTIONS["softplus"](z) - y * z,
    }
    return Network(inputs, targets, parameters, below, FUNCTIONS["sum"]([terms[loss](a, y) for a, y in pairs]))


def irregular(nodes: int, inputs: int = 8, seed: int = 0, reach: int | None = None) -> Callable[..., Value]:
    """A function of `inputs` Values that records a graph without structure, and all of whose nodes matter.

    reach: how far back a node's inputs lie at most; small makes the graph deep
    """
    rng = random.Random(seed)
    plan = []
    for k in range(inputs, inputs + nodes):
        name = rng.choice(["add", "sub", "mul", "tanh", "sin", "sigmoid", "maximum", "dot", "sum"])
        low = 0 if reach is None else max(0, k - reach)
        plan.append((name, [rng.randrange(low, k) for _ in range(4)], rng.uniform(-0.9, 0.9)))

    def f(*arguments: Value) -> Value:
        values, used = list(arguments), set()
        for name, chosen, factor in plan:
            if name == "dot":
                operands: tuple[Any, ...] = ([values[k] for k in chosen[:2]], [values[k] for k in chosen[2:]])
            elif name == "sum":
                operands = ([values[k] for k in chosen],)
            else:
                chosen = chosen[: 1 if name in ("tanh", "sin", "sigmoid") else 2]  # noqa: PLW2901
                operands = tuple(values[k] for k in chosen)
            used.update(chosen)
            # tanh keeps the numbers of a graph of any depth in bounds
            values.append(
                FUNCTIONS["tanh"](FUNCTIONS[name](*operands) * factor)
                if name in ("mul", "dot", "sum")
                else FUNCTIONS[name](*operands) * factor
            )
        return FUNCTIONS["sum"]([value for k, value in enumerate(values) if k not in used or k == 0])

    return f


def train_eagerly(
    network: Network,
    update: Callable[..., Any],
    n_state: int,
    x: Sequence[Sequence[float]],
    y: Sequence[Sequence[float]],
    order: Sequence[Sequence[int]],
    batch_size: int,
    rate: float,
    penalty: Value | None = None,
) -> tuple[list[float], list[float]]:
    """(parameters, loss of each batch) by the engine alone, one number at a time."""
    values = [leaf.data for leaf in network.parameters]
    state = [[0.0] * len(values) for _ in range(n_state)]
    losses, step = [], 0
    for row in order:
        for first in range(0, len(row), batch_size):
            batch = row[first : first + batch_size]
            costs, sums = 0.0, [0.0] * len(values)
            for leaf, number in zip(network.parameters, values, strict=True):
                leaf.data = number
            for sample in batch:
                for leaf, number in zip((*network.inputs, *network.targets), (*x[sample], *y[sample]), strict=True):
                    leaf.data = number
                cost = network.cost
                cost.refresh()
                for leaf in network.parameters:
                    leaf.grad = None
                cost.backward()
                costs += cost.data
                sums = [total + leaf.grad for total, leaf in zip(sums, network.parameters, strict=True)]
            mean = [total / len(batch) for total in sums]
            extra = 0.0
            if penalty is not None:
                penalty.refresh()
                extra = penalty.data
                slopes = gradient(penalty, network.parameters)
                mean = [g + slope.data for g, slope in zip(mean, slopes, strict=True)]
            losses.append(costs / len(batch) + extra)
            step += 1
            for k, number in enumerate(values):
                made = update(number, mean[k], rate, float(step), *(line[k] for line in state))
                values[k], *rest = made if isinstance(made, tuple) else (made,)
                for line, new in zip(state, rest, strict=True):
                    line[k] = new
    return values, losses
