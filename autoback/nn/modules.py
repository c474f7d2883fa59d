"""Networks: a Neuron is one weighted sum, one bias and one activation; a Layer is neurons side by side; an MLP is layers in a row.

Names follow the textbooks: w⁽ˡ⁾ⱼₖ is the weight from input k to neuron j of layer l, b⁽ˡ⁾ⱼ its
bias, z⁽ˡ⁾ⱼ its weighted sum and a⁽ˡ⁾ⱼ = σ(z⁽ˡ⁾ⱼ) its activation. All count from 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from autoback.engine.functions import FLAT, FUNCTIONS
from autoback.engine.operations import OPERATIONS, Operation
from autoback.engine.value import Number, Value
from autoback.nn.initializers import GENERATORS, INITIALIZERS, Generator, Initializer
from autoback.nn.naming import Names, choose, few, labels

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Module", "Neuron"]

#: What a neuron can do to its weighted sum: a row of the table, or nothing.
ACTIVATIONS: Mapping[str, Operation | None] = {
    "identity": None,
    **{name: OPERATIONS[name] for name in ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "sin")},
}

_dot, _add = FLAT["dot"], FUNCTIONS["add"]


class Module:
    """Anything with parameters: numbers that training may change."""

    def parameters(self) -> list[Value]:
        """The parameters in a fixed order: layer by layer the weights, neuron after neuron, then the biases."""
        raise NotImplementedError(f"{type(self).__name__} has to say what its parameters are")

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with their names, which are also their labels in pictures and messages."""
        return [(parameter.label or "", parameter) for parameter in self.parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients, as is due before a `backward` that shall not add to an earlier one."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, float]:
        """The numbers of all parameters by name.

        >>> Neuron(2, initializer="zeros").state_dict()
        {'w₁': 0.0, 'w₂': 0.0, 'b': 0.0}
        """
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Take over the numbers of a `state_dict`; all of them, or none when something is wrong.

        state: one finite number for each name in `named_parameters`
        Raises ValueError when names are missing or unknown, or a number is not finite; TypeError for what is no number.
        """
        parameters = self.named_parameters()
        known = dict(parameters)
        missing = [name for name in known if name not in state]
        unknown = [name for name in state if name not in known]
        if missing or unknown:
            wrong = [f"{kind} {few(found)}" for kind, found in (("missing", missing), ("unknown", unknown)) if found]
            raise ValueError(f"the state must name the {len(known)} parameters of this {type(self).__name__}: {'; '.join(wrong)}")
        numbers = []
        for name in known:
            try:
                numbers.append(Value(state[name]).data)
            except (TypeError, ValueError) as error:
                raise type(error)(f"the state's {name}: {error}") from None
        for (_, parameter), number in zip(parameters, numbers, strict=True):
            parameter.data = number


class Neuron(Module):
    """σ(w · x + b): a weighted sum, a bias, an activation.

    n_inputs:    how many numbers it takes, at least 1
    activation:  a name in `ACTIVATIONS`
    initializer: a name in `INITIALIZERS`, or a callable like those there
    seed:        of the random numbers

    >>> neuron = Neuron(2, "sigmoid", initializer="zeros")
    >>> neuron([1.0, 2.0])
    Value(0.5, label='a', op=sigmoid)
    """

    def __init__(self, n_inputs: int, activation: str = "tanh", *, initializer: str | Initializer = "xavier", seed: int = 0) -> None:
        rows, biases = _fill(initializer, n_inputs, 1, _generator(initializer, seed))
        self._build(rows[0], biases[0], activation, Names(n_inputs))

    def _build(self, weights: Sequence[float], bias: float, activation: str, names: Names) -> None:
        self.activation = activation
        self.weights = [Value(w, names("w", k)) for k, w in enumerate(weights, 1)]
        self.bias = Value(bias, names("b"))
        row = choose("activation", activation, ACTIVATIONS)
        self._activate = row and FUNCTIONS[row.name]
        self._z, self._a = names("z"), names("a")

    @property
    def n_inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.weights)

    def __call__(self, x: Iterable[Number]) -> Value:
        return self.forward(_leaves(x, self.n_inputs))

    def forward(self, inputs: Sequence[Value]) -> Value:
        """The activation for inputs that are Values already and as many as the weights: nothing is checked."""
        z: Value = _add(_dot((*self.weights, *inputs)), self.bias)
        z.label = self._z
        if self._activate is None:
            return z
        a: Value = self._activate(z)
        a.label = self._a
        return a

    def parameters(self) -> list[Value]:
        return [*self.weights, self.bias]

    def __repr__(self) -> str:
        return f"Neuron({self.n_inputs}, {self.activation!r})"


class Layer(Module):
    """Neurons side by side, all with the same inputs and the same activation.

    n_inputs, n_outputs: numbers in, and neurons, each at least 1
    activation, initializer, seed: as for a Neuron

    >>> layer = Layer(3, 2, "relu")
    >>> layer, len(layer([1.0, 2.0, 3.0])), len(layer.parameters())
    (Layer(3, 2, 'relu'), 2, 8)
    """

    def __init__(
        self, n_inputs: int, n_outputs: int, activation: str = "tanh", *, initializer: str | Initializer = "xavier", seed: int = 0
    ) -> None:
        self._build(n_inputs, n_outputs, activation, initializer, _generator(initializer, seed))

    def _build(
        self, n_inputs: int, n_outputs: int, activation: str, initializer: str | Initializer, random: Generator, number: int | None = None
    ) -> "Layer":
        rows, biases = _fill(initializer, n_inputs, n_outputs, random)
        self.activation = activation
        self.n_inputs = n_inputs
        self.neurons: list[Neuron] = []
        for j, (weights, bias) in enumerate(zip(rows, biases, strict=True), 1):
            neuron = Neuron.__new__(Neuron)
            neuron._build(weights, bias, activation, Names(max(n_inputs, n_outputs), number, j))
            self.neurons.append(neuron)
        return self

    @property
    def n_outputs(self) -> int:
        """How many neurons it has."""
        return len(self.neurons)

    def __call__(self, x: Iterable[Number]) -> Value | list[Value]:
        outputs = self.forward(_leaves(x, self.n_inputs))
        return outputs[0] if len(outputs) == 1 else outputs

    def forward(self, inputs: Sequence[Value]) -> list[Value]:
        """The activations for inputs that are Values already and `n_inputs` in number: nothing is checked."""
        return [neuron.forward(inputs) for neuron in self.neurons]

    def parameters(self) -> list[Value]:
        weights = [weight for neuron in self.neurons for weight in neuron.weights]
        return weights + [neuron.bias for neuron in self.neurons]

    def __repr__(self) -> str:
        return f"Layer({self.n_inputs}, {self.n_outputs}, {self.activation!r})"


class MLP(Module):
    """A multilayer perceptron: layers in a row, each fed with the activations of the one before.

    n_inputs:          how many numbers the network takes
    sizes:             neurons of each layer, the last being the outputs
    activation:        a name in `ACTIVATIONS` for all layers, or one for each
    output_activation: of the last layer; None: `activation` says it
    initializer:       a name in `INITIALIZERS`, or a callable (n_inputs, n_outputs, random) that
                       returns the rows of weights and the biases of one layer
    seed:              of the random numbers; the same seed gives the same digits everywhere
    Raises ValueError for sizes below 1 and unknown names, TypeError for sizes that are not whole numbers.

    >>> net = MLP(2, [16, 16, 1], activation="tanh")
    >>> net
    MLP(2, [16, 16, 1], activation='tanh')
    >>> len(net.parameters()), net([0.5, -1.0]).op.name
    (337, 'tanh')
    """

    def __init__(
        self,
        n_inputs: int,
        sizes: Sequence[int],
        activation: str | Sequence[str] = "tanh",
        output_activation: str | None = None,
        initializer: str | Initializer = "xavier",
        seed: int = 0,
    ) -> None:
        if isinstance(sizes, (str, bytes)) or not isinstance(sizes, Sequence) or not sizes:
            raise ValueError(f"sizes must list the neurons of each layer, as in [16, 16, 1], got {sizes!r:.40}")
        names = [activation] * len(sizes) if isinstance(activation, str) else list(activation)
        if len(names) != len(sizes):
            raise ValueError(f"activation must be one name or one for each of the {len(sizes)} layers, got {len(names)}")
        if output_activation is not None:
            names[-1] = output_activation
        for name in names:
            choose("activation", name, ACTIVATIONS)
        random = _generator(initializer, seed)
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

    def __call__(self, x: Iterable[Number]) -> Any:
        """One Value when there is one output, a list of Values otherwise.

        x: `n_inputs` numbers or Values; a number becomes a leaf with the label x₁, x₂, ...
        """
        outputs = self.forward(_leaves(x, self.n_inputs))
        return outputs[0] if len(outputs) == 1 else outputs

    def forward(self, inputs: Sequence[Value]) -> list[Value]:
        """All outputs, as a list, for inputs that are Values already and `n_inputs` in number: nothing is checked."""
        signals = list(inputs)
        for layer in self.layers:
            signals = layer.forward(signals)
        return signals

    def parameters(self) -> list[Value]:
        return [parameter for layer in self.layers for parameter in layer.parameters()]

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
        lines = ["layer  inputs  outputs  activation  parameters"]
        for number, layer in enumerate(self.layers, 1):
            count = layer.n_outputs * (layer.n_inputs + 1)
            lines.append(f"{number:5}  {layer.n_inputs:6}  {layer.n_outputs:7}  {layer.activation:>10}  {count:10}")
        lines.append(f"total{len(self.parameters()):41}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        names = self.activations
        activation = names[0] if len(set(names)) == 1 else names
        return f"MLP({self.n_inputs}, {self.sizes}, activation={activation!r})"


def _leaves(x: Iterable[Number], n_inputs: int) -> list[Value]:
    if type(x) not in (list, tuple) and (isinstance(x, (Value, str, bytes)) or not isinstance(x, Iterable)):  # usual first
        raise TypeError(f"expected a sequence of {n_inputs} numbers or Values, got a {type(x).__name__}; write [x] for a single one")
    numbers = list(x)
    if len(numbers) != n_inputs:
        raise ValueError(f"expected {n_inputs} inputs, got {len(numbers)}")
    named = zip(numbers, labels("x", n_inputs))  # noqa: B905  # of one length, and asking again takes time
    return [each if isinstance(each, Value) else Value(each, label) for each, label in named]


def _generator(initializer: object, seed: int) -> Generator:
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be a whole number, got {seed!r:.40}")
    return GENERATORS.get(initializer, Random)(seed) if isinstance(initializer, str) else Random(seed)


def _fill(initializer: str | Initializer, n_inputs: int, n_outputs: int, random: Generator) -> tuple[list[list[float]], list[float]]:
    for size in (n_inputs, n_outputs):
        if isinstance(size, bool) or not isinstance(size, int):
            raise TypeError(f"sizes are whole numbers, got {size!r:.40}")
        if size < 1:
            raise ValueError(f"sizes are at least 1, got {size}")
    fill: Initializer = initializer if callable(initializer) else choose("initializer", initializer, INITIALIZERS)
    rows, biases = fill(n_inputs, n_outputs, random)
    if [len(row) for row in rows] != [n_inputs] * n_outputs or len(biases) != n_outputs:
        raise ValueError(f"the initializer must return {n_outputs} rows of {n_inputs} weights and {n_outputs} biases")
    return rows, biases
