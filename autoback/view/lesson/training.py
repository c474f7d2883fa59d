"""The training page: a small network learns in the browser, with the numbers `fit` would give."""

import os
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from autoback.engine.operations import OPERATIONS
from autoback.engine.value import Value
from autoback.nn.data import Samples, leaves
from autoback.nn.datasets import XOR
from autoback.nn.losses import Loss
from autoback.nn.modules import MLP, Neuron
from autoback.text import clean
from autoback.view.lesson.page import Page, assemble, described
from autoback.view.network import Network
from autoback.view.snapshot import Snapshot

__all__ = ["training"]

#: Beyond this a browser could not keep up with the hand.
_MOST_PARAMETERS, _MOST_SAMPLES = 1000, 500


def training(
    net: MLP,
    path: str | os.PathLike[str] | None = None,
    *,
    inputs: Iterable[Any] = XOR.inputs,
    targets: Iterable[Any] = XOR.targets,
    loss: str | Loss = "squared_error",
    rate: float | None = None,
    title: str | None = None,
) -> Page:
    """A page on which a network learns: play, step and reset, its rate, its cost and its decision surface.

    net:             an MLP with two inputs and one output, taken with its present parameters and left as it is
    path:            where to save the page too
    inputs, targets: N rows of 2 numbers, and N numbers; default XOR
    loss:            a name in `LOSSES`, or a callable (outputs, target) -> Value
    rate:            of the gradient descent over all samples at once, positive; the reader can change it;
                     default 10 where every activation gives numbers from 0 to 1, as in the classic XOR run, and 0.5 elsewhere
    Raises TypeError or ValueError for what does not fit on such a page.

    >>> page = training(MLP(2, [2, 1], "sigmoid", "sigmoid"), title="XOR")
    >>> "<h1>XOR</h1>" in page.html
    True
    """
    if not isinstance(net, MLP):
        raise TypeError(f"a lesson is about a Value, or about an MLP that learns, got a {type(net).__name__}")
    if net.n_inputs != 2 or net.n_outputs != 1:
        raise ValueError(
            f"the training page draws the decision surface of a network with 2 inputs and 1 output, got {net.n_inputs} and "
            f"{net.n_outputs}; for others show the lesson of one sample's cost"
        )
    count = len(net.parameters())
    if count > _MOST_PARAMETERS:
        raise ValueError(f"the training page holds at most {_MOST_PARAMETERS} parameters, this network has {count}; take smaller layers")
    samples = Samples(net, inputs, targets, loss)
    if len(samples) > _MOST_SAMPLES:
        raise ValueError(f"the training page holds at most {_MOST_SAMPLES} samples, got {len(samples)}; take fewer")
    if rate is None:
        rate = 10.0 if all(_probability(layer.activation) for layer in net.layers) else 0.5
    if not Value(rate).data > 0.0:
        raise ValueError(f"rate must be a positive number, got {rate}")
    sizes = "-".join(map(str, [net.n_inputs, *net.sizes]))
    heading = clean(title, 200) if title else f"A {sizes} network learns"
    page = assemble(
        "train.html",
        styles=("base.css", "train.css"),
        scripts=("graph.js", "words.js", "trainer.js", "surface.js", "train.js"),
        **_recorded(net, samples, float(rate)),
        title=escape(heading),
        picture=Network(net).svg("auto"),
    )
    if path is not None:
        page.save(path)
    return page


def _recorded(net: MLP, samples: Samples, rate: float) -> dict[str, Any]:
    """One sample's cost as data for the page, with the places of everything in it that the page moves or shows."""
    x, y = leaves(samples.inputs[0], "x"), leaves(_row(samples.targets[0]), "y")
    activations, signals = [], x
    for layer in net.layers:
        signals = layer.forward(signals)
        activations.append(signals)
    cost = samples.loss(signals, y)
    snapshot = Snapshot(cost)
    number = snapshot.index
    return {
        "rows": [node.op.name for node in snapshot.nodes if node.op],
        "data": {
            "nodes": [described(snapshot, k) for k in range(len(snapshot.nodes))],
            # -1 stands for a leaf the cost does not depend on
            "x": [number.get(node, -1) for node in x],
            "y": number.get(y[0], -1),
            "layers": [
                {
                    "activation": layer.activation,
                    "neurons": [
                        {"weights": [number[w] for w in neuron.weights], "bias": number[_bias(neuron)], "out": number[out]}
                        for neuron, out in zip(layer.neurons, outs, strict=True)
                    ],
                }
                for layer, outs in zip(net.layers, activations, strict=True)
            ],
            "samples": [[*row, *_row(target)] for row, target in zip(samples.inputs, samples.targets, strict=True)],
            "loss": samples.loss.name.replace("_", " "),
            "threshold": samples.loss.threshold,
            "rate": rate,
        },
    }


def _probability(activation: str) -> bool:
    """Whether an activation gives numbers from 0 to 1, as the sigmoid does."""
    row = OPERATIONS.get(activation)
    return row is not None and row.range == (0.0, 1.0)


def _bias(neuron: Neuron) -> Value:
    if neuron.bias is None:
        raise ValueError("the training page shows the bias of each neuron; give it a network whose layers have biases")
    return neuron.bias


def _row(target: Sequence[float] | int) -> list[float]:
    return [float(target)] if isinstance(target, int) else list(target)
