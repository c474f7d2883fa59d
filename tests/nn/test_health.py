"""`health`: what ails a network is named, with its place, and a well one has no alarms."""

import math
import random

import pytest

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value
from autoback.nn.alarms import ALARMS, alarms, say
from autoback.nn.datasets import XOR
from autoback.nn.health import health, outcome_of, run_quantities
from autoback.nn.modules import MLP, Embedding, Layer, Module, Neuron
from autoback.nn.optimizers import SGD
from autoback.nn.training import fit

DICE = random.Random(1)
X = [[DICE.uniform(-1, 1), DICE.uniform(-1, 1)] for _ in range(30)]
Y = [float(a * b > 0) for a, b in X]


def test_a_well_network_has_no_alarms():
    """A new network on scaled data has nothing alarming, and nothing of it is changed."""
    net = MLP(2, [8, 1], seed=1)
    net.parameters()[0].grad = 3.0
    before = [(parameter.data, parameter.grad) for parameter in net.parameters()]
    found = health(net, X, Y)
    assert found.alarms == ()
    assert str(found).endswith("nothing alarming")
    assert [layer.name for layer in found.layers] == ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]
    assert [layer.units for layer in found.layers] == [8, 8, 0, 0]
    assert [(parameter.data, parameter.grad) for parameter in net.parameters()] == before


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_saturated_units_are_named(activation):
    """Weights a hundred times too large leave activations where they are flat."""
    net = MLP(2, [8, 1], activation, seed=1)
    for parameter in net.layers[0].parameters():
        parameter.data *= 100.0
    found = health(net, X, Y)
    assert found.layers[0].saturated > 0.5
    assert any("layers.0.weight" in alarm and "saturated" in alarm for alarm in found.alarms)


def test_dead_units_are_counted():
    """A relu that is 0 for every sample is dead; one that is so for some is not."""
    net = MLP(2, [4, 1], "relu", seed=1)
    for neuron in net.layers[0].neurons[:3]:
        neuron.bias.data = -100.0
    net.layers[0].neurons[3].bias.data = 100.0
    found = health(net, X, Y)
    assert found.layers[0].dead == 0.75
    assert any("75% of the units are dead" in alarm for alarm in found.alarms)


def test_vanishing_gradients_are_found():
    """Eight layers of sigmoids let next to nothing through to the first."""
    found = health(MLP(2, [4] * 8 + [1], "sigmoid", seed=1), X, Y)
    assert any(alarm.startswith("the gradient vanishes: that of layers.0.weight") for alarm in found.alarms)


def test_what_is_true_of_several_arrays_is_said_once():
    """Weights and biases of a layer feed the same units."""
    net = MLP(2, [4, 1], "relu", seed=1)
    for neuron in net.layers[0].neurons:
        neuron.bias.data = -100.0
    [dead] = [alarm for alarm in health(net, X, Y).alarms if "dead" in alarm]
    assert dead.startswith("layers.0.weight, layers.0.bias: 100% of the units are dead")


def test_a_bias_that_has_just_left_0_is_no_alarm():
    """A step changes it by all it is; what counts is what it changes of all parameters together."""
    net = MLP(2, [8, 1], seed=1)
    fit(net, X, Y, epochs=1)
    found = health(net, X, Y)
    assert found.alarms == () and max(layer.ratio for layer in found.layers) > 0.2


def test_exploding_gradients_are_found():
    """Inputs and targets of thousands make gradients of millions, and steps larger than the weights."""
    found = health(MLP(2, [4, 1], "relu", seed=1), [[1e3 * a for a in row] for row in X], [1e4 * y for y in Y])
    assert any(alarm.startswith("the gradient explodes") for alarm in found.alarms)
    assert any("training will probably diverge" in alarm for alarm in found.alarms)


def test_a_symmetric_start_is_found():
    """Equal neurons stay equal."""
    found = health(MLP(2, [3, 1], initializer="constant"), X, Y)
    assert any("layers.0.weight: the units all have the same weights" in alarm for alarm in found.alarms)


def test_a_loss_that_does_not_fit_the_last_layer_is_found():
    """What `fit` refuses, `health` says."""
    found = health(MLP(2, [3, 1], output_activation="sigmoid", seed=1), X, Y, loss="binary_cross_entropy")
    assert any(alarm.startswith("loss and last layer do not fit: binary_cross_entropy takes logits") for alarm in found.alarms)


def test_a_loss_is_no_unit():
    """The relu inside the hinge loss belongs to the cost, not to the network."""
    found = health(MLP(2, [3, 1], seed=1), X, [2 * y - 1 for y in Y], loss="hinge")
    assert [layer.units for layer in found.layers] == [3, 3, 0, 0]


def test_a_unit_belongs_to_the_parameters_that_make_it():
    """Not to those before it, though nothing but sums and products lies between; and at several places it is one unit."""

    class Twice(Module):
        def __init__(self):
            self.first, self.second = Layer(2, 3, "identity", seed=1), Layer(3, 4, "relu", seed=2)
            self.last = Layer(4, 1, "identity", seed=3)

        def forward(self, places):
            signals = [self.second(self.first(place)) for place in places]
            return self.last([a + b for a, b in zip(*signals, strict=True)])

    net = Twice()
    for neuron, bias in zip(net.second.neurons, [-1e6, -1e6, 1e6, -1e3], strict=True):
        neuron.bias.data = bias
    net.second.neurons[3].weights[0].data = 1e3  # alive at one of its places
    net.first.neurons[0].weights[0].data = 1e2
    found = health(net, [[[0.0, 0.0], [1.0, 0.0]]], [1.0])
    assert [layer.units for layer in found.layers] == [0, 0, 4, 4, 0, 0]
    assert [layer.dead for layer in found.layers] == [0.0, 0.0, 0.5, 0.5, 0.0, 0.0]


def test_a_neuron_alone_is_one_unit():
    """All its weights make it, written with sums and products too."""

    class Written(Module):
        def __init__(self):
            self.weights, self.bias = [Value(0.1), Value(0.2)], Value(0.0)

        def forward(self, x):
            return FUNCTIONS["tanh"](sum([w * signal for w, signal in zip(self.weights, x, strict=True)], self.bias))

    for net in (Neuron(2, "tanh", seed=1), Written()):
        assert [layer.units for layer in health(net, [[1, 2]], [1]).layers] == [1, 1]


def test_a_loss_that_swings_is_not_stuck():
    """A rate so large that the loss jumps up and down is no valley, whatever is wrong."""
    net = MLP(2, [2, 1], seed=1)
    history = fit(net, *XOR, loss="binary_cross_entropy", optimizer=SGD(1e6), epochs=1200)
    found = run_quantities(history, outcome_of(net, *XOR, loss="binary_cross_entropy"))
    assert found["steps"] >= 1000 and found["fall"] < 0.03 and found["wrong"] >= 0.1 and found["swing"] > 1
    assert not any(alarm.startswith("Stuck") for alarm in alarms("network", found))


def test_a_stuck_training_is_found():
    """A network that stands still and answers wrongly is stuck; the history says the first, the samples the second."""
    stuck, well = (MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=seed) for seed in (42, 69))
    history = fit(well, *XOR, optimizer=SGD(10.0), epochs=2000)
    assert not any(alarm.startswith("Stuck") for alarm in health(well, *XOR, history=history).alarms)
    history = fit(stuck, *XOR, optimizer=SGD(10.0), epochs=2000)
    assert "2 of 4 answers stay wrong: (1, 0), (1, 1)." in health(stuck, *XOR, history=history).alarms[-1]
    assert outcome_of(stuck, *XOR).wrong == ("(1, 0)", "(1, 1)")
    assert not any(alarm.startswith("Stuck") for alarm in health(stuck, *XOR).alarms)


@pytest.mark.parametrize(
    ("loss", "targets", "outputs", "wrong"),
    [
        ("squared_error", [0.0, 1.0], [0.39, 0.61], ()),
        ("squared_error", [0.0, 1.0], [0.41, 0.59], ("(0, 0)", "(1, 0)")),
        ("binary_cross_entropy", [0.0, 1.0], [0.1, 0.1], ("(0, 0)",)),
        ("hinge", [-1.0, 1.0], [-0.1, -0.1], ("(1, 0)",)),
    ],
)
def test_what_counts_as_wrong(loss, targets, outputs, wrong):
    """Logits are judged by their side of the threshold, other numbers by their distance from the target."""

    class Fixed(Module):
        n_inputs, n_outputs = 2, 1

        def __init__(self):
            self.bias = Value(0.0)

        def forward(self, x):
            return self.bias + outputs[int(x[0].data)]

    assert outcome_of(Fixed(), [[0, 0], [1, 0]], targets, loss).wrong == wrong


def test_of_classes_the_largest_output_counts():
    """A class is wrong when another has the larger output; inputs that are long are called by their place."""
    net = MLP(5, [3], initializer="zeros")
    net.layers[0].neurons[1].bias.data = 1.0
    assert outcome_of(net, [[0.0] * 5] * 3, [0, 1, 2], "cross_entropy").wrong == ("inputs[0]", "inputs[2]")


@pytest.mark.parametrize(("options", "error"), [({"rate": -1.0}, ValueError), ({"history": [0.5]}, TypeError)])
def test_bad_arguments_are_refused(options, error):
    """A rate below 0, and a history that is none."""
    with pytest.raises(error, match=next(iter(options))):
        health(MLP(2, [1]), X, Y, **options)


def test_each_alarm_can_be_said():
    """Every sentence of the table finds its quantities, and holds at the numbers of its condition moved a little."""
    known = {"name": "w", "first": "w", "misfit": "no", "which": "(0, 1)", "loss": 0.125, "misses": 2, "samples": 4}
    for alarm in ALARMS:
        at = {quantity: limit + {">": 1, ">=": 0, "==": 0, "<": -0.001}[sign] for quantity, sign, limit in alarm.when}
        facts = {"first": "w", "largest": 1.0} | known | at
        assert list(alarms(alarm.about, facts)) == [say(alarm.says, facts)]
        assert not alarm.holds({}) and not alarm.holds(facts | dict.fromkeys(at, math.nan))


def test_any_module_has_a_health():
    """Tokens and samples of several forms too; gradients and sizes are those of the mean cost."""

    class Bag(Module):
        def __init__(self):
            self.table, self.head = Embedding(3, 2, seed=1), Layer(2, 3, "identity", seed=2)

        def forward(self, tokens):
            rows = [self.table(token) for token in tokens]
            return self.head([sum(column[1:], column[0]) for column in zip(*rows, strict=True)])

    net = Bag()
    found = health(net, [[0], [1, 2]], [1, 2], loss="cross_entropy")
    weights = [w.data for row in net.table.weight for w in row]
    assert found.layers[0].size == pytest.approx(math.sqrt(sum(w * w for w in weights) / 6))
    assert found.layers[0].ratio == pytest.approx(0.1 * found.layers[0].gradient / found.layers[0].size)
