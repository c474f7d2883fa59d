"""micrograd 0.1.0 as a peer to measure against: found or installed for the occasion, and given the same networks."""

import importlib
import importlib.metadata
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autoback import MLP

VERSION = "0.1.0"


@contextmanager
def micrograd() -> Iterator[Any]:
    """The module `micrograd.engine`, from a temporary folder if this very version is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        if installed() != VERSION:
            command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, f"micrograd=={VERSION}"]
            subprocess.run(command, check=True)
            sys.path.insert(0, folder)
            importlib.invalidate_caches()
        engine = importlib.import_module("micrograd.engine")
        engine.Value.tanh = _tanh
        engine.Value.sigmoid = _sigmoid
        yield engine


def installed() -> str | None:
    """The version that can be imported, or None."""
    try:
        return importlib.metadata.version("micrograd")
    except importlib.metadata.PackageNotFoundError:
        return None


# micrograd has relu alone. These two are written as its author writes tanh in his lecture: the value, and a closure.


def _tanh(self: Any) -> Any:
    t = math.tanh(self.data)
    out = type(self)(t, (self,), "tanh")

    def _backward() -> None:
        self.grad += (1 - t * t) * out.grad

    out._backward = _backward
    return out


def _sigmoid(self: Any) -> Any:
    s = 1 / (1 + math.exp(-self.data))
    out = type(self)(s, (self,), "sigmoid")

    def _backward() -> None:
        self.grad += s * (1 - s) * out.grad

    out._backward = _backward
    return out


class Twin:
    """micrograd's own MLP with the numbers of one of autoback's.

    Its neurons know relu or nothing; another activation is taken of what they return.
    """

    def __init__(self, net: MLP) -> None:
        nn = importlib.import_module("micrograd.nn")
        self.net = nn.MLP(net.n_inputs, [layer.n_outputs for layer in net.layers])
        self.activations = [None if layer.activation in ("relu", "identity") else layer.activation for layer in net.layers]
        for own, layer in zip(self.net.layers, net.layers, strict=True):
            for twin, neuron in zip(own.neurons, layer.neurons, strict=True):
                twin.nonlin = layer.activation == "relu"
                for parameter, value in zip([*twin.w, twin.b], [*neuron.weights, neuron.bias], strict=True):
                    parameter.data = value.data

    def __call__(self, x: Sequence[float]) -> Any:
        if not any(self.activations):
            return self.net(x)
        a: Any = x
        for layer, activation in zip(self.net.layers, self.activations, strict=True):
            z = layer(a)
            z = z if isinstance(z, list) else [z]
            a = [getattr(each, activation)() for each in z] if activation else z
        return a
