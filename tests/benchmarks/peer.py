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
    """A network of micrograd's Values with the numbers of one of autoback's, summed as micrograd's own `Neuron` sums."""

    def __init__(self, value: type, net: MLP) -> None:
        self.layers = [
            (layer.activation, [([value(w.data) for w in neuron.weights], value(neuron.bias.data)) for neuron in layer.neurons])
            for layer in net.layers
        ]

    def __call__(self, x: Sequence[Any]) -> list[Any]:
        for activation, neurons in self.layers:
            sums = [sum((w * a for w, a in zip(weights, x, strict=True)), bias) for weights, bias in neurons]
            x = sums if activation == "identity" else [getattr(z, activation)() for z in sums]
        return list(x)

    def parameters(self) -> list[Any]:
        """In the order of autoback: of each layer the weights row by row, then the biases."""
        parameters = []
        for _, neurons in self.layers:
            parameters += [w for weights, _ in neurons for w in weights]
            parameters += [bias for _, bias in neurons]
        return parameters
