"""Neuron, Layer, MLP: their shapes, names, numbers and complaints."""

import random

import pytest

from autoback.engine.functions import FUNCTIONS, elementary
from autoback.engine.value import Value, topological_order
from autoback.nn.initializers import INITIALIZERS, ParkMiller
from autoback.nn.modules import ACTIVATIONS, MLP, Embedding, Layer, Module, Neuron


def test_a_neuron_is_one_dot_one_bias_one_activation():
    """The graph of a neuron has three inner nodes: dot, add and the activation."""
    output = Neuron(3, "sigmoid", seed=1)([1.0, 2.0, 3.0])
    assert [node.op.name for node in topological_order(output) if node.op] == ["dot", "add", "sigmoid"]


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "identity"])
def test_a_neuron_applies_its_activation_to_its_weighted_sum(name):
    """The output is σ(w · x + b) for every activation there is."""
    neuron = Neuron(2, name)
    neuron.load_state_dict({"weight": [0.5, -1.5], "bias": 0.25})
    assert neuron([2.0, 1.0]).data == FUNCTIONS[name](0.5 * 2.0 - 1.5 * 1.0 + 0.25)


def test_the_identity_adds_no_node():
    """With the identity, the weighted sum itself is the output."""
    neuron = Neuron(1, "identity", initializer="constant")
    assert (neuron([3.0]).op.name, neuron([3.0]).data) == ("add", 2.0)


def test_one_output_is_a_value_and_several_are_a_list():
    """net(x) is a Value for one output, a list of Values otherwise; `forward` is always a list."""
    assert isinstance(MLP(2, [3, 1])([0.0, 1.0]), Value)
    assert [type(output) for output in MLP(2, [3, 2])([0.0, 1.0])] == [Value, Value]
    assert isinstance(Layer(1, 1)([0.0]), Value)
    assert len(Layer(1, 2)([0.0])) == 2
    assert len(MLP(1, [1]).forward([Value(1.0)])) == 1


def test_values_as_inputs_get_gradients():
    """An input that is a Value stays in the graph as it is, so a gradient reaches it."""
    x = Value(0.5, "x")
    net = MLP(2, [2, 1], seed=3)
    net([x, 1.0]).backward()
    assert x.grad is not None
    assert x.grad != 0.0


def test_numbers_as_inputs_are_shared_and_labelled():
    """A float input becomes one leaf, labelled x₁, that all neurons of the first layer share."""
    order = topological_order(*MLP(2, [3, 2])([0.5, 1.0]))
    assert [node.label for node in order if node.label and node.label.startswith("x")] == ["x₁", "x₂"]


def test_one_activation_for_each_layer():
    """Activations can be listed, and the output's can be given apart."""
    assert MLP(2, [3, 2, 1], ["relu", "sin", "identity"]).activations == ["relu", "sin", "identity"]
    assert MLP(2, [3, 2, 1], "relu", "sigmoid").activations == ["relu", "relu", "sigmoid"]
    assert MLP(2, [3, 2, 1], "relu").activations == ["relu", "relu", "identity"]


def test_names_follow_the_layers():
    """Parameters come layer by layer, weights neuron after neuron, then biases, with the textbooks' names as labels."""
    names = [parameter.label for parameter in MLP(2, [2, 1]).parameters()]
    assert names == ["w⁽¹⁾₁₁", "w⁽¹⁾₁₂", "w⁽¹⁾₂₁", "w⁽¹⁾₂₂", "b⁽¹⁾₁", "b⁽¹⁾₂", "w⁽²⁾₁₁", "w⁽²⁾₁₂", "b⁽²⁾₁"]


def test_names_are_paths():
    """`named_parameters` pairs the path of each parameter with its Value, in the order of `parameters`."""
    net = MLP(3, [2, 1])
    assert all(value is parameter for (_, value), parameter in zip(net.named_parameters(), net.parameters(), strict=True))
    names = [name for name, _ in net.named_parameters()]
    assert names[:4] == ["layers.0.weight.0.0", "layers.0.weight.0.1", "layers.0.weight.0.2", "layers.0.weight.1.0"]
    assert names[6:] == ["layers.0.bias.0", "layers.0.bias.1", "layers.1.weight.0.0", "layers.1.weight.0.1", "layers.1.bias.0"]


def test_names_of_a_wide_layer_are_unambiguous():
    """From 10 neurons or inputs on, a comma parts the indices, and no two names are alike."""
    names = [parameter.label for parameter in MLP(12, [11, 1]).parameters()]
    assert "w⁽¹⁾₁₁,₂" in names
    assert "w⁽¹⁾₁,₁₂" in names
    assert len(set(names)) == len(names) == 12 * 11 + 11 + 11 + 1


def test_weighted_sums_and_activations_have_names():
    """The nodes z⁽ˡ⁾ⱼ and a⁽ˡ⁾ⱼ are labelled, for pictures and messages."""
    labels = [node.label for node in topological_order(MLP(1, [2], ["tanh"])([1.0])[1])]
    assert labels[-2:] == ["z⁽¹⁾₂", "a⁽¹⁾₂"]


def test_zero_grad_makes_gradients_zero():
    """After `zero_grad` the gradient of each parameter is 0, also of one that nothing reaches, so a step needs no question."""
    net = MLP(2, [2, 1])
    net([1.0, 2.0]).backward()
    assert all(parameter.grad is not None for parameter in net.parameters())
    net.unused = Value(1.0)
    net.zero_grad()
    assert [parameter.grad for parameter in net.parameters()] == [0.0] * 10


def test_state_makes_the_round_trip():
    """A state loaded into another network of the same shape makes it give the same numbers."""
    one, other = MLP(3, [4, 2], seed=1), MLP(3, [4, 2], seed=2)
    assert one.state_dict() != other.state_dict()
    other.load_state_dict(one.state_dict())
    assert [a.data for a in one([1.0, 2.0, 3.0])] == [a.data for a in other([1.0, 2.0, 3.0])]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"layers.0.bias": [None]}, TypeError, r"the state's layers\.0\.bias\.0: .* got None"),
        ({"layers.0.bias": [float("nan")]}, ValueError, r"the state's layers\.0\.bias\.0: .* got nan"),
        ({"layers.0.bias": ["1"]}, TypeError, r"the state's layers\.0\.bias"),
        ({"layers.0.bias": 1.0}, ValueError, r"the state's layers\.0\.bias must have 1 entries \(its shape is 1\), got a float"),
        ({"layers.0.weight": [[1.0]]}, ValueError, r"the state's layers\.0\.weight\.0 must have 2 entries .*, got 1"),
        ({"v": 1.0}, ValueError, "the 2 parameters of this MLP: unknown v"),
    ],
)
def test_a_bad_state_changes_nothing(change, error, message):
    """Unknown names and what is no finite number are refused by name, and no parameter moves."""
    net = MLP(2, [1], seed=5)
    before = net.state_dict()
    with pytest.raises(error, match=message):
        net.load_state_dict({**before, "layers.0.weight": [[9.0, 9.0]], **change})
    assert net.state_dict() == before


def test_a_state_with_gaps_is_refused():
    """Missing parameters are listed, the first few by name."""
    with pytest.raises(ValueError, match=r"missing layers\.0\.weight, layers\.0\.bias, .* and 1 more"):
        MLP(2, [2, 1, 1]).load_state_dict({})


def test_an_architecture_builds_the_same_shape():
    """`from_architecture` undoes `architecture`, with all parameters 0."""
    net = MLP(2, [3, 2], ["relu", "identity"])
    copy = MLP.from_architecture(net.architecture())
    assert repr(copy) == repr(net)
    assert {parameter.data for parameter in copy.parameters()} == {0.0}
    assert list(copy.state_dict()) == list(net.state_dict())


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"n_inputs": 2, "sizes": [1], "activations": ["tanh"], "more": 1},
        {"n_inputs": 2, "sizes": [1], "activations": "tanh"},
        {"n_inputs": 2, "sizes": [1], "activations": ["tanh", "tanh"]},
        {"n_inputs": 2, "sizes": "11", "activations": ["tanh", "tanh"]},
        {"n_inputs": 0, "sizes": [1], "activations": ["tanh"]},
        {"n_inputs": 2, "sizes": [1], "activations": ["magic"]},
    ],
)
def test_a_wrong_architecture_is_refused(wrong):
    """What does not describe a network is a ValueError."""
    with pytest.raises(ValueError, match=r"architecture|activation|size"):
        MLP.from_architecture(wrong)


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: MLP(2, []), ValueError, "sizes must list the neurons of each layer"),
        (lambda: MLP(2, 3), ValueError, "sizes must list the neurons of each layer"),
        (lambda: MLP(2, [0]), ValueError, "a size must be at least 1, got 0"),
        (lambda: MLP(0, [1]), ValueError, "a size must be at least 1, got 0"),
        (lambda: MLP(2, [1.5]), TypeError, "a size must be a whole number, got 1.5"),
        (lambda: MLP(True, [1]), TypeError, "a size must be a whole number, got True"),
        (lambda: MLP(2, [1], "swish"), ValueError, "activation must be one of identity, sin, tanh, sigmoid, .*, got 'swish'"),
        (lambda: MLP(2, [1], None), TypeError, "activation must be a name, or a list with one for each layer, got None"),
        (lambda: MLP(2, [1, 1], ["tanh"]), ValueError, "one name or one for each of the 2 layers, got 1"),
        (lambda: MLP(2, [1], output_activation="swish"), ValueError, "activation must be one of"),
        (lambda: MLP(2, [1], initializer="lucky"), ValueError, "initializer must be one of uniform, xavier, .*, got 'lucky'"),
        (lambda: MLP(2, [1], initializer=lambda n, m, dice: ([], [])), ValueError, "must return 1 rows of 2 weights and 1 biases"),
        (lambda: MLP(2, [1], seed="lucky"), TypeError, "seed must be a whole number, got 'lucky'"),
        (lambda: Neuron(2, "swish"), ValueError, "activation must be one of"),
    ],
)
def test_a_network_that_cannot_be_is_refused(build, error, message):
    """Constructors say what was expected and what came."""
    with pytest.raises(error, match=message):
        build()


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1.0], ValueError, "expected 2 inputs, got 1"),
        (1.0, TypeError, r"expected a sequence of 2 numbers or Values, got a float; write \[x\]"),
        ("12", TypeError, "expected a sequence of 2 numbers"),
        ([1.0, float("inf")], ValueError, "finite"),
        ([1.0, "2"], TypeError, "real number"),
    ],
)
def test_wrong_inputs_are_refused(x, error, message):
    """Calling a network with anything but as many finite numbers as it takes is a clear error."""
    with pytest.raises(error, match=message):
        MLP(2, [1])(x)


def test_elementary_takes_a_network_apart_without_changing_its_numbers():
    """Within `elementary`, sums of products stand where dots were, and the output agrees."""
    net = MLP(2, [3, 1], ["tanh", "sigmoid"], seed=2)
    fused = net([0.5, -1.0])
    with elementary():
        apart = net([0.5, -1.0])
    assert apart.data == pytest.approx(fused.data, rel=1e-14)
    assert not {"dot", "tanh", "sigmoid"} & {node.op.name for node in topological_order(apart) if node.op}


def test_a_module_must_say_what_it_computes():
    """A custom Module without `forward` complains by name."""
    with pytest.raises(NotImplementedError, match="Mine has to say what it computes: define forward"):
        type("Mine", (Module,), {})()([1.0])


def test_reprs_can_be_read_back():
    """What is printed for a network or a layer builds it again."""
    for module in (
        MLP(2, [3, 1]), MLP(2, [3, 1], "relu", "relu"),
        MLP(2, [1]), MLP(2, [1], "tanh", "tanh"), MLP(2, [3, 2, 1], ["relu", "sin", "tanh"]),
        Layer(2, 3, "sin"), Neuron(4, "relu"), Layer(2, 3, bias=False), Neuron(4, bias=False),
        Embedding(3, 2),
    ):  # fmt: skip
        assert repr(eval(repr(module))) == repr(module)


# Initialisers


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_a_seed_gives_the_same_network(name):
    """The same initialiser and seed give the same numbers, digit by digit."""
    assert MLP(3, [4, 2], initializer=name, seed=7).state_dict() == MLP(3, [4, 2], initializer=name, seed=7).state_dict()


@pytest.mark.parametrize("name", ["uniform", "xavier", "glorot", "he", "park_miller"])
def test_another_seed_gives_another_network(name):
    """Random initialisers depend on the seed."""
    assert MLP(3, [4, 2], initializer=name, seed=7).state_dict() != MLP(3, [4, 2], initializer=name, seed=8).state_dict()


@pytest.mark.parametrize(("name", "limit"), [("uniform", 1.0), ("xavier", (6 / 90) ** 0.5), ("he", (6 / 50) ** 0.5)])
def test_random_weights_fill_their_interval(name, limit):
    """Weights lie within ±limit, come near both ends and spread as a uniform distribution does; biases are 0."""
    layer = Layer(50, 40, initializer=name, seed=1)
    weights = [weight.data for neuron in layer.neurons for weight in neuron.weights]
    assert max(map(abs, weights)) <= limit
    assert max(weights) > 0.98 * limit
    assert min(weights) < -0.98 * limit
    assert sum(w * w for w in weights) / len(weights) == pytest.approx(limit**2 / 3, rel=0.1)
    assert all(neuron.bias.data == 0.0 for neuron in layer.neurons)


def test_zeros_and_constants():
    """`zeros` makes every number 0, `constant` the same number."""
    assert {parameter.data for parameter in MLP(2, [3, 1], initializer="zeros").parameters()} == {0.0}
    assert len({parameter.data for parameter in MLP(2, [3, 1], initializer="constant").parameters()}) == 1


def test_an_initializer_of_ones_own():
    """A callable (n_inputs, n_outputs, random) fills each layer in turn, with one generator seeded once."""

    def fill(n_inputs, n_outputs, dice):
        return [[dice.random()] * n_inputs for _ in range(n_outputs)], [float(n_inputs)] * n_outputs

    net = MLP(2, [1, 1], initializer=fill, seed=4)
    dice = random.Random(4)
    assert [parameter.data for parameter in net.parameters()] == [*[dice.random()] * 2, 2.0, dice.random(), 1.0]


def test_park_miller_fills_the_classic_network():
    """Seed 69 fills W1 input by input, then b1, W2, b2 with the published numbers."""
    net = MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69)
    first, second = net.layers
    drawn = [neuron.weights[k] for k in range(2) for neuron in first.neurons]
    drawn += [neuron.bias for neuron in first.neurons] + second.parameters()
    published = [0.00054, 0.076107, 0.136767, 0.646859, 0.760939, 0.108184, 0.246079, 0.841665, 0.871452]
    assert [round(value.data, 6) for value in drawn] == published


def test_park_miller_reaches_its_published_check_value():
    """From seed 1 the 10,000th state is 1043618065, the check value of Park and Miller's paper."""
    dice = ParkMiller(1)
    for _ in range(10_000):
        dice.random()
    assert dice.state == 1043618065


def test_park_miller_never_sticks_at_zero():
    """Seed 0, which the rule cannot leave, is replaced as in the C library."""
    assert ParkMiller(0).random() == ParkMiller(123459876).random() > 0.0


def test_modules_are_found_once_in_a_list_that_holds_itself() -> None:
    """A search for modules ends, whatever holds what."""
    net = Module()
    net.parts_list = [Layer(1, 1, seed=0)]
    net.parts_list.append(net.parts_list)
    assert [type(module).__name__ for module in net.modules()][:2] == ["Module", "Layer"]
