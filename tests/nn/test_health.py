"""`health`: what ails a network is named, with its place, and a well one has no alarms."""

import math
import random

import pytest

from autoback.nn.health import health
from autoback.nn.modules import MLP, Embedding, Layer, Module

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
    assert any("75% of its units are dead" in alarm for alarm in found.alarms)


def test_vanishing_gradients_are_found():
    """Eight layers of sigmoids let next to nothing through to the first."""
    found = health(MLP(2, [4] * 8 + [1], "sigmoid", seed=1), X, Y)
    assert any(alarm.startswith("the gradient vanishes: that of layers.0.weight") for alarm in found.alarms)


def test_exploding_gradients_are_found():
    """Inputs and targets of thousands make gradients of millions, and steps larger than the weights."""
    found = health(MLP(2, [4, 1], "relu", seed=1), [[1e3 * a for a in row] for row in X], [1e4 * y for y in Y])
    assert any(alarm.startswith("the gradient explodes") for alarm in found.alarms)
    assert any("training may diverge" in alarm for alarm in found.alarms)


def test_a_symmetric_start_is_found():
    """Equal neurons stay equal."""
    found = health(MLP(2, [3, 1], initializer="constant"), X, Y)
    assert any("layers.0.weight: its units all have the same weights" in alarm for alarm in found.alarms)


def test_a_loss_that_does_not_fit_the_last_layer_is_found():
    """What `fit` refuses, `health` says."""
    found = health(MLP(2, [3, 1], output_activation="sigmoid", seed=1), X, Y, loss="binary_cross_entropy")
    assert any(alarm.startswith("loss and last layer do not fit: binary_cross_entropy takes logits") for alarm in found.alarms)


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
