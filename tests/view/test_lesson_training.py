"""The training page as a text, and its arithmetic in node; test_browser looks at it in Chromium."""

import json
import math
import re
import shutil
import subprocess

import pytest

from autoback import OPERATIONS, Value
from autoback.nn.datasets import XOR, two_moons
from autoback.nn.modules import MLP
from autoback.nn.optimizers import SGD
from autoback.nn.training import fit
from autoback.view.lesson import lesson
from autoback.view.lesson.javascript import rules
from autoback.view.lesson.page import _text
from autoback.view.lesson.training import training

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no node on the PATH; test_browser trains in Chromium")
SIGNS = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1.0, 1.0, 1.0, -1.0])
MOONS = two_moons(20)


def data_of(html: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.S)[1])


def trained_in_node(html: str, epochs: int) -> dict:
    """Costs and parameters after some epochs of the page's own trainer."""
    code = (
        rules(OPERATIONS.values()) + _text("graph.js") + _text("trainer.js") + f"const trainer = new Trainer({json.dumps(data_of(html))});"
        f"for (let e = 0; e < {epochs}; e++) trainer.step();"
        "console.log(JSON.stringify({costs: trainer.costs, parameters: trainer.parameters.map((k) => trainer.graph.value[k])}))"
    )
    return json.loads(subprocess.run([NODE, "-"], input=code, capture_output=True, text=True, encoding="utf-8", check=True).stdout)


@needs_node
@pytest.mark.parametrize(
    ("net", "inputs", "targets", "loss"),
    [
        (MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69), XOR.inputs, XOR.targets, "squared_error"),
        (MLP(2, [4, 4, 1], "tanh", "identity", seed=3), XOR.inputs, XOR.targets, "binary_cross_entropy"),
        (MLP(2, [5, 1], "relu", "identity", seed=5), *SIGNS, "hinge"),
        (MLP(2, [3, 3, 1], ["leaky_relu", "softplus", "sin"], seed=7), MOONS.inputs, MOONS.targets, "absolute_error"),
    ],
)
def test_the_first_costs_and_parameters_are_python_s(net: MLP, inputs: list, targets: list, loss: str) -> None:
    """Twenty epochs on the page and in `fit` give the same costs and weights to 1e-12."""
    page = training(net, inputs=inputs, targets=targets, loss=loss, rate=0.5)
    got = trained_in_node(page.html, 20)
    history = fit(net, inputs, targets, loss=loss, optimizer=SGD(rate=0.5), epochs=20)
    assert len(got["costs"]) == 21
    assert all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(history.losses, got["costs"], strict=False))
    parameters = [parameter.data for parameter in net.parameters()]
    assert all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(parameters, got["parameters"], strict=True))


@needs_node
def test_without_a_rate_the_classic_network_learns_xor_within_a_lesson() -> None:
    """The 2-2-1 sigmoid network starts at rate 10, another at 0.5; at these, XOR is learned in 300 epochs."""
    for net in (MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69), MLP(2, [4, 1], "tanh", "tanh", seed=1)):
        got = trained_in_node(training(net).html, 300)
        assert got["costs"][-1] < 0.02


@needs_node
def test_a_rate_that_is_too_large_stops_and_keeps_the_last_good_numbers() -> None:
    """Numbers beyond all bounds never reach the picture."""
    got = trained_in_node(training(MLP(2, [3, 1], "identity", seed=1), rate=1e200).html, 50)
    assert len(got["costs"]) < 10
    assert all(map(math.isfinite, got["costs"] + got["parameters"]))


def test_the_network_itself_is_left_alone() -> None:
    """Making a page neither trains the network nor gives it gradients."""
    net = MLP(2, [2, 1], "tanh", "tanh", seed=4)
    before = net.state_dict()
    lesson(net)
    assert net.state_dict() == before
    assert all(parameter.grad is None for parameter in net.parameters())


def test_the_page_has_the_parameters_in_their_places() -> None:
    """Weights, biases and samples of the page are the network's and the data's."""
    net = MLP(2, [2, 1], "tanh", "tanh", seed=4)
    data = data_of(lesson(net).html)
    values = [node.get("value") for node in data["nodes"]]
    for layer, shown in zip(net.layers, data["layers"], strict=True):
        for neuron, place in zip(layer.neurons, shown["neurons"], strict=True):
            assert [values[k] for k in place["weights"]] == [w.data for w in neuron.weights]
            assert values[place["bias"]] == neuron.bias.data
    assert data["samples"] == [[*x, *y] for x, y in zip(XOR.inputs, XOR.targets, strict=True)]


def test_the_page_is_below_100_kilobytes() -> None:
    """Also the training page travels light."""
    assert len(lesson(MLP(2, [2, 1], "tanh", "tanh")).html.encode()) < 100_000


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"net": Value(1.0)}, TypeError, "got a Value"),
        ({"net": MLP(3, [2, 1])}, ValueError, "2 inputs and 1 output, got 3 and 1"),
        ({"net": MLP(2, [2, 2])}, ValueError, "got 2 and 2"),
        ({"net": MLP(2, [300, 1])}, ValueError, "at most 1000 parameters, this network has 1201"),
        ({"net": MLP(2, [1]), "rate": 0.0}, ValueError, "rate must be a positive number, got 0.0"),
        ({"net": MLP(2, [1]), "inputs": [[0, 1]] * 501, "targets": [0] * 501}, ValueError, "at most 500 samples, got 501"),
        ({"net": MLP(2, [1]), "inputs": [[0, 1, 2]], "targets": [0]}, ValueError, r"inputs\[0\] must be a row of 2 numbers, got 3"),
        ({"net": MLP(2, [1]), "loss": "mse"}, ValueError, "loss must be one of squared_error"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(arguments: dict, error: type[Exception], message: str) -> None:
    """Each refusal says what was expected and what came."""
    with pytest.raises(error, match=message):
        training(**arguments)


def test_a_lesson_of_anything_else_is_refused() -> None:
    """Neither a number nor a string can be taught."""
    with pytest.raises(TypeError, match="a lesson is about a Value, or about an MLP that learns, got a str"):
        lesson("x")
