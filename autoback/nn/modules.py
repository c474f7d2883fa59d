"""Networks: a Neuron is one weighted sum, one bias and one activation; a Layer is neurons side by side; an MLP is layers in a row.

Names follow the textbooks: w⁽ˡ⁾ⱼₖ is the weight from input k to neuron j of layer l, b⁽ˡ⁾ⱼ its
bias, z⁽ˡ⁾ⱼ its weighted sum and a⁽ˡ⁾ⱼ = σ(z⁽ˡ⁾ⱼ) its activation. All count from 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from autoback.engine.functions import FLAT, FUNCTIONS
from autoback.engine.tracing import is_recording
from autoback.engine.value import Operand, Value
from autoback.nn.activations import ACTIVATIONS
from autoback.nn.arguments import choose, few, whole
from autoback.nn.indices import one_hot
from autoback.nn.initializers import Generator, Initializer, filled, generator_for
from autoback.nn.module import Module, flat
from autoback.nn.names import ActivationName, InitializerName
from autoback.nn.naming import Names, labels

if TYPE_CHECKING:
    from autoback.nn.module import Outputs

__all__ = ["ACTIVATIONS", "MLP", "Embedding", "Layer", "Module", "Neuron"]

_dot, _add = FLAT["dot"], FUNCTIONS["add"]


class Neuron(Module):
    """σ(w · x + b): a weighted sum, a bias, an activation.

    n_inputs:    how many numbers it takes, at least 1
    activation:  a name in `ACTIVATIONS`; assigning another changes what is computed
    bias:        whether there is one; without, `bias` is None
    initializer: a name in `INITIALIZERS`, or a callable like those there
    seed:        of the random numbers; None: each neuron and layer without one has the next of 0, 1, 2, …
    Raises ValueError for sizes below 1 and unknown names, TypeError for sizes that are not whole numbers.

    >>> neuron = Neuron(2, "sigmoid", initializer="zeros")
    >>> neuron([1.0, 2.0])
    Value(0.5, label='a', op=sigmoid)
    """

    bias: Value | None

    def __init__(
        self,
        n_inputs: int,
        activation: ActivationName = "tanh",
        *,
        bias: bool = True,
        initializer: InitializerName | Initializer = "xavier",
        seed: int | None = None,
    ) -> None:
        rows, biases = filled(initializer, n_inputs, 1, generator_for(initializer, seed))
        self._build(rows[0], biases[0] if bias else None, activation, Names(len(rows[0])))

    def _build(self, weights: Sequence[float], bias: float | None, activation: str, names: Names) -> None:
        self.activation = activation
        self.weights: list[Value] = [Value(w, names("w", k)) for k, w in enumerate(weights, 1)]
        self.bias = Value(bias, names("b")) if bias is not None else None
        self._z, self._a = names("z"), names("a")

    @property
    def n_inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.weights)

    @property
    def n_outputs(self) -> int:
        """How many numbers it gives."""
        return 1

    @property
    def activation(self) -> str:
        """The name of what it does to its weighted sum."""
        return self._activation

    @activation.setter
    def activation(self, name: str) -> None:
        row = choose("activation", name, ACTIVATIONS)
        self._activation, self._activate = name, row and FUNCTIONS[row.name]

    def __call__(self, x: Iterable[Operand]) -> Value:
        return self.forward(_leaves(x, self.n_inputs))

    def forward(self, inputs: Sequence[Value]) -> Value:
        """The activation for inputs that are Values already and as many as the weights: nothing is checked."""
        bias = self.bias
        z: Value = _dot((*self.weights, *inputs)) if bias is None else _add(_dot((*self.weights, *inputs)), bias)
        z.label = self._z
        if self._activate is None:
            return z
        a: Value = self._activate(z)
        a.label = self._a
        return a

    def _parts(self) -> Iterable[tuple[str, object]]:
        return [("weight", self.weights), ("bias", self.bias), *_more(self)]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.n_inputs}, {self.activation!r}{_without_bias(self.bias)})"


class Layer(Module):
    """Neurons side by side, all with the same inputs and the same activation.

    n_inputs, n_outputs: numbers in, and neurons, each at least 1
    activation, bias, initializer, seed: as for a Neuron, and so are the errors

    >>> layer = Layer(3, 2, "relu")
    >>> layer, len(layer([1.0, 2.0, 3.0])), len(layer.parameters())
    (Layer(3, 2, 'relu'), 2, 8)
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: ActivationName = "tanh",
        *,
        bias: bool = True,
        initializer: InitializerName | Initializer = "xavier",
        seed: int | None = None,
    ) -> None:
        self._build(n_inputs, n_outputs, activation, initializer, generator_for(initializer, seed), bias=bias)

    def _build(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: str,
        initializer: InitializerName | Initializer,
        random: Generator,
        number: int | None = None,
        bias: bool = True,
    ) -> "Layer":
        rows, biases = filled(initializer, n_inputs, n_outputs, random)
        self.neurons: list[Neuron] = []
        for j, (weights, first) in enumerate(zip(rows, biases, strict=True), 1):
            neuron = Neuron.__new__(Neuron)
            neuron._build(weights, first if bias else None, activation, Names(max(len(weights), len(rows)), number, j))
            self.neurons.append(neuron)
        return self

    @property
    def n_inputs(self) -> int:
        """How many numbers it takes."""
        return self.neurons[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """How many neurons it has."""
        return len(self.neurons)

    @property
    def activation(self) -> str:
        """The activation of all its neurons, or "mixed" where they were given several; assigning a name gives it to each."""
        names = {neuron.activation for neuron in self.neurons}
        return names.pop() if len(names) == 1 else "mixed"

    @activation.setter
    def activation(self, name: str) -> None:
        for neuron in self.neurons:
            neuron.activation = name

    def __call__(self, x: Iterable[Operand]) -> "Outputs":
        return _single(self.forward(_leaves(x, self.n_inputs)))

    def forward(self, inputs: Sequence[Value]) -> list[Value]:
        """The activations for inputs that are Values already and `n_inputs` in number: nothing is checked."""
        return [neuron.forward(inputs) for neuron in self.neurons]

    def _parts(self) -> Iterable[tuple[str, object]]:
        biases = [neuron.bias for neuron in self.neurons if neuron.bias is not None]
        more = {j: neuron for j, neuron in enumerate(self.neurons) if _more(neuron)}
        return [("weight", [neuron.weights for neuron in self.neurons]), ("bias", biases), ("neurons", more), *_more(self)]

    def _collect(self, found: dict[Value, None], within: set[int]) -> bool:
        biases = []
        for neuron in self.neurons:
            if len(neuron.__dict__) > _PLAIN or type(neuron) is not Neuron:  # more to search than a neuron has
                return super()._collect(found, within)
            for weight in neuron.weights:
                found[weight] = None
            if neuron.bias is not None:
                biases.append(neuron.bias)
        for bias in biases:
            found[bias] = None
        return (len(self.__dict__) == 1 and not self._slots) or super()._collect(found, within)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.n_inputs}, {self.n_outputs}, {self.activation!r}{_without_bias(self.neurons[0].bias)})"


class Embedding(Module):
    """A table with a row of parameters for each token: an index picks its row.

    n_tokens, size: rows, and numbers in each, at least 1
    initializer:    as for a Neuron; seed: of the random numbers, as for a Neuron; so are the errors

    A token is a whole number from 0; or a Value that holds one, an input like any other while a program is recorded.

    >>> letters = Embedding(27, 3, seed=1)
    >>> letters(2) == letters.weight[2], letters
    (True, Embedding(27, 3))
    """

    def __init__(
        self, n_tokens: int, size: int, *, initializer: InitializerName | Initializer = "uniform", seed: int | None = None
    ) -> None:
        rows, _ = filled(initializer, size, n_tokens, generator_for(initializer, seed))
        names = [Names(max(n_tokens, size), None, token) for token in range(n_tokens)]
        self.weight: list[list[Value]] = [
            [Value(w, name("e", k)) for k, w in enumerate(row, 1)] for name, row in zip(names, rows, strict=True)
        ]

    def forward(self, token: int | Value) -> list[Value]:
        """The row of a token. Raises TypeError for what is no whole number, ValueError for a token that has no row."""
        count = len(self.weight)
        if not isinstance(token, Value):
            return self.weight[whole("a token", token, 0, count - 1, "one for each row of the Embedding")]
        if is_recording():
            chosen = one_hot(token, count)
            return [_dot((*chosen, *column)) for column in zip(*self.weight, strict=True)]
        if not token.data.is_integer():
            raise TypeError(f"a token must be a whole number, got {token.data}")
        return self.forward(int(token.data))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.weight)}, {len(self.weight[0])})"


class MLP(Module):
    """A multilayer perceptron: layers in a row, each fed with the activations of the one before.

    n_inputs:          how many numbers the network takes
    sizes:             neurons of each layer, the last being the outputs
    activation:        a name in `ACTIVATIONS` for the hidden layers, or a list with one for each layer
    output_activation: of the last layer; default "identity", any number, unless `activation` lists the last layer's too
    initializer:       a name in `INITIALIZERS`, or a callable (n_inputs, n_outputs, random) that
                       returns the rows of weights and the biases of one layer
    seed:              of the random numbers; the same seed gives the same digits everywhere
    Raises ValueError for sizes below 1 and unknown names, TypeError for sizes that are not whole numbers.

    >>> net = MLP(2, [16, 16, 1], activation="relu")
    >>> net, len(net.parameters())
    (MLP(2, [16, 16, 1], activation='relu'), 337)
    >>> net.activations
    ['relu', 'relu', 'identity']
    """

    def __init__(
        self,
        n_inputs: int,
        sizes: Sequence[int],
        activation: ActivationName | Sequence[ActivationName] = "tanh",
        output_activation: ActivationName | None = None,
        initializer: InitializerName | Initializer = "xavier",
        seed: int = 0,
    ) -> None:
        if isinstance(sizes, (str, bytes)) or not isinstance(sizes, Sequence) or not sizes:
            raise ValueError(f"sizes must list the neurons of each layer, as in [16, 16, 1], got {sizes!r:.40}")
        if not isinstance(activation, (str, Sequence)):
            raise TypeError(f"activation must be a name, or a list with one for each layer, got {activation!r:.40}")
        names = [*[activation] * (len(sizes) - 1), "identity"] if isinstance(activation, str) else list(activation)
        if len(names) != len(sizes):
            raise ValueError(f"activation must be one name or one for each of the {len(sizes)} layers, got {len(names)}")
        if output_activation is not None:
            names[-1] = output_activation
        choose("activation", activation if isinstance(activation, str) else names[0], ACTIVATIONS)
        for name in names:
            choose("activation", name, ACTIVATIONS)
        random = generator_for(initializer, seed)
        self.layers: list[Layer] = []
        below = n_inputs
        for number, (size, name) in enumerate(zip(sizes, names, strict=True), 1):
            self.layers.append(Layer.__new__(Layer)._build(below, size, name, initializer, random, number))
            below = size

    @property
    def n_inputs(self) -> int:
        """How many numbers the network takes."""
        return self.layers[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """How many numbers it gives."""
        return self.layers[-1].n_outputs

    @property
    def sizes(self) -> list[int]:
        """The neurons of each layer."""
        return [layer.n_outputs for layer in self.layers]

    @property
    def activations(self) -> list[str]:
        """The activation of each layer."""
        return [layer.activation for layer in self.layers]

    def __call__(self, x: Iterable[Operand]) -> "Outputs":
        """One Value when there is one output, a list of Values otherwise.

        x: `n_inputs` numbers or Values; a number becomes a leaf with the label x₁, x₂, ...
        """
        return _single(self.forward(_leaves(x, self.n_inputs)))

    def forward(self, inputs: Sequence[Value]) -> list[Value]:
        """All outputs, as a list, for inputs that are Values already and `n_inputs` in number: nothing is checked."""
        signals = list(inputs)
        for layer in self.layers:
            signals = layer.forward(signals)
        return signals

    def _collect(self, found: dict[Value, None], within: set[int]) -> bool:
        if len(self.__dict__) > 1 or self._slots or not all([isinstance(layer, Module) for layer in self.layers]):
            return super()._collect(found, within)
        return all([layer._collect(found, within) for layer in self.layers])

    def architecture(self) -> dict[str, Any]:
        """What to build before a `state_dict` can be loaded: sizes and activations, ready for JSON.

        >>> MLP(2, [3, 1], output_activation="identity").architecture()
        {'n_inputs': 2, 'sizes': [3, 1], 'activations': ['tanh', 'identity']}
        """
        return {"n_inputs": self.n_inputs, "sizes": self.sizes, "activations": self.activations}

    @classmethod
    def from_architecture(cls, architecture: Mapping[str, Any]) -> "MLP":
        """The network that an `architecture()` describes, all parameters 0.

        Raises ValueError when a key is missing or unknown, and as the constructor does.
        """
        expected = ("n_inputs", "sizes", "activations")
        if sorted(architecture) != sorted(expected):
            raise ValueError(f"an architecture has the keys {', '.join(expected)}, got {few(list(architecture)) or 'none'}")
        n_inputs, sizes, activations = (architecture[key] for key in expected)
        if not isinstance(activations, Sequence) or isinstance(activations, str):
            raise ValueError(f"activations must be a list with one name for each layer, got {activations!r:.40}")
        return cls(n_inputs, sizes, activations, initializer="zeros")

    def summary(self) -> str:
        """The layers as a table of text.

        >>> print(MLP(2, [16, 1], output_activation="sigmoid").summary())
        layer  inputs  outputs  activation  parameters
            1       2       16        tanh          48
            2      16        1     sigmoid          17
        total                                       65
        """
        lines, counts = ["layer  inputs  outputs  activation  parameters"], []
        for number, layer in enumerate(self.layers, 1):
            counts.append(sum(len(flat(array)) for array in layer.arrays().values()))
            lines.append(f"{number:5}  {layer.n_inputs:6}  {layer.n_outputs:7}  {layer.activation:>10}  {counts[-1]:10}")
        lines.append(f"total{sum(counts):41}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        *hidden, last = self.activations
        shown = f"{type(self).__name__}({self.n_inputs}, {self.sizes}"
        if len(set(hidden)) > 1:
            return f"{shown}, activation={self.activations})"
        if hidden:
            shown += f", activation={hidden[0]!r}"
        return f"{shown}, output_activation={last!r})" if last != "identity" else f"{shown})"


_USUAL = frozenset([float, int])


def _leaves(x: Iterable[Operand], n_inputs: int) -> list[Value]:
    if type(x) not in (list, tuple) and (isinstance(x, (Value, str, bytes)) or not isinstance(x, Iterable)):  # usual first
        raise TypeError(f"expected a sequence of {n_inputs} numbers or Values, got a {type(x).__name__}; write [x] for a single one")
    numbers = list(x)
    if len(numbers) != n_inputs:
        raise ValueError(f"expected {n_inputs} inputs, got {len(numbers)}")
    if _USUAL.issuperset(map(type, numbers)):
        return list(map(Value, cast("list[float]", numbers), labels("x", n_inputs)))
    named = zip(numbers, labels("x", n_inputs))  # noqa: B905  # of one length, and asking again takes time
    return [each if isinstance(each, Value) else Value(each, label) for each, label in named]


def _single(outputs: list[Value]) -> "Outputs":
    return cast("Outputs", outputs[0] if isinstance(outputs, list) and len(outputs) == 1 else outputs)


#: How many attributes a Neuron has that nobody gave more.
_PLAIN = 6


def _more(module: Module) -> list[tuple[str, object]]:
    """The attributes that somebody gave a Neuron or a Layer."""
    own = ("weights", "bias", "_activation", "_activate", "_z", "_a") if isinstance(module, Neuron) else ("neurons",)
    return [(name, thing) for name, thing in Module._parts(module) if name not in own]


def _without_bias(bias: Value | None) -> str:
    return ", bias=False" if bias is None else ""
