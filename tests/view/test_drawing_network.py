"""Networks drawn as layers of circles."""

import itertools
import re

import pytest

from autoback.engine.value import topological_order
from autoback.nn.modules import MLP, Layer, Neuron
from autoback.text import short
from autoback.view.drawing import draw
from autoback.view.neurons import find
from tests.view.pictures import SVG, Page, network, words


def circles(page):
    return [group for group in page.nodes.values() if group.find("{*}circle") is not None]


def middle(group):
    circle = group.find("{*}circle")
    return float(circle.get("cx")), float(circle.get("cy"))


def test_there_is_a_circle_for_each_neuron_and_a_line_for_each_weight():
    """2-2-1 has five circles, six lines, and on them the six weights."""
    net = network()
    page = Page(draw(net).svg)
    assert len(circles(page)) == 5 and len(page.edges) == 6
    words = page.everything()
    weights = [weight for layer in net.layers for neuron in layer.neurons for weight in neuron.weights]
    assert all(short(weight.data) in words for weight in weights)


def test_layers_are_columns_in_order():
    """Circles of one layer stand below each other in their order, layers from left to right, middle at one height."""
    page = Page(draw(MLP(3, [4, 2], "tanh", "tanh")).svg)
    places = [middle(page.nodes[f"c{layer}_{k}"]) for layer, size in enumerate((3, 4, 2)) for k in range(size)]
    columns = [places[:3], places[3:7], places[7:]]
    across = [{x for x, _ in column} for column in columns]
    assert all(len(each) == 1 for each in across) and [min(each) for each in across] == sorted(min(each) for each in across)
    for column in columns:
        assert [y for _, y in column] == sorted(y for _, y in column)
        assert sum(y for _, y in column) / len(column) == pytest.approx(places[1][1], abs=0.1)


def test_colour_and_width_of_a_line_are_its_weight():
    """A negative weight is orange and dashed, a large one thicker than a small one, 0 is dotted."""
    neuron = Neuron(3, "tanh", initializer="zeros")
    neuron.weights[0].data, neuron.weights[1].data = 2.0, -0.1
    steps = {edge.get("data-edge"): words(edge)[1] for edge in Page(draw(neuron).svg).edges}
    assert [steps[f"c0_{k}->c1_0"] for k in range(3)] == ["p5", "m1", "zero"]


def test_2_16_16_1_is_drawn_whole_and_weak_lines_are_faint():
    """All 35 circles and 304 lines are there; the numbers are left to the tooltips."""
    net = MLP(2, [16, 16, 1], "tanh", "tanh")
    page = Page(draw(net).svg)
    assert len(circles(page)) == 35 and len(page.edges) == 304
    assert all("faint" in words(edge) for edge in page.edges)
    tooltips = {page.tooltip(edge) for edge in page.edges}
    assert {f"{value.label} = {value.data!r}" for value in net.parameters() if value.label.startswith("w")} == tooltips


def test_large_layers_show_their_ends_and_say_so():
    """Of 64 inputs and 32 neurons the first and last six are drawn; the picture says how many are not."""
    drawing = draw(MLP(64, [32, 10], "tanh", "tanh"))
    page = Page(drawing.svg)
    assert len(circles(page)) == 12 + 12 + 10 and len(page.edges) == 12 * 12 + 12 * 10
    assert drawing.notes == ("Not drawn, with their lines: 52 of 64, 20 of 32 circles.",)
    words = page.everything()
    assert drawing.notes[0] in words and "x₆₄" in words and "64 numbers" in words and words.count("⋮") == 2


def test_columns_say_what_they_are():
    """Over each column stand its name, its size and its activation."""
    words = Page(draw(MLP(2, [3, 1], activation="tanh", output_activation="sigmoid")).svg).everything()
    for title in ("inputs", "2 numbers", "layer 1", "3 neurons, tanh", "layer 2", "1 neuron, sigmoid"):
        assert title in words


def test_a_circle_tells_its_formula_and_its_bias():
    """The tooltip of a neuron gives its place, what it computes and its bias to the last digit."""
    net = network()
    net.layers[0].neurons[1].bias.data = -0.1
    page = Page(draw(net).svg)
    assert page.tooltip(page.nodes["c1_1"]) == "neuron 2 of layer 1: a = sigmoid(w · x + b)\nb⁽¹⁾₂ = -0.1"
    assert "−0.1" in page.texts("c1_1")


def test_a_layer_and_a_neuron_are_networks_too():
    """A single layer and a single neuron are drawn as networks with one layer."""
    assert len(circles(Page(draw(Layer(2, 3)).svg))) == 5
    assert len(circles(Page(draw(Neuron(4)).svg))) == 5


def test_a_network_of_zeros_can_be_drawn():
    """Where all parameters are 0 there is no largest one to compare with, and still a picture."""
    assert len(Page(draw(MLP(2, [2, 1], "tanh", "tanh", initializer="zeros")).svg).edges) == 6


def test_the_themes_and_the_bytes_are_those_of_graphs():
    """Dark has no white, auto has both palettes, and the same network gives the same bytes."""
    net = network()
    assert "#ffffff" not in draw(net, theme="dark").svg
    auto = draw(net, theme="auto").svg
    assert "prefers-color-scheme" in auto and auto == draw(network(), theme="auto").svg
    assert not re.search(r"\sid=", auto)


def test_a_weight_has_the_colour_that_its_sign_has_everywhere():
    """Positive is blue in the picture of a network as in that of a graph, and the number has the colour of its line."""
    net = network()
    page = Page(draw(net).svg)
    lines = {page.tooltip(edge): words(edge)[1] for edge in page.edges}
    numbers = {text.findtext("{*}title"): words(text)[1] for text in page.root.iter(f"{SVG}text") if "number" in words(text)}
    assert lines == numbers
    for name, weight in net.named_parameters():
        if name.startswith("w"):
            assert lines[f"{name} = {weight.data!r}"][0] == ("p" if weight.data > 0.0 else "m")


def test_layers_without_bias_are_drawn_and_folded():
    """A neuron without a bias has a circle without a number, and its weighted sum is one box; each neuron shows its own activation."""
    layer = Layer(2, 2, "tanh", bias=False, seed=1)
    layer.neurons[1].activation = "relu"
    words = Page(draw(layer).svg).everything()
    assert "neuron 1 of layer 1: a = tanh(w · x)" in words
    assert "neuron 2 of layer 1: a = relu(w · x)" in words
    outputs = layer([1.0, 2.0])
    units = find(topological_order(*outputs), layer)
    assert [(unit.neuron, unit.symbol, unit.z.op.name, unit.parameters) for unit in units] == [
        (0, "tanh", "dot", tuple(layer.neurons[0].weights)), (1, "relu", "dot", tuple(layer.neurons[1].weights)),
    ]  # fmt: skip


@pytest.mark.parametrize("sizes", [(2, 2, 1), (2, 4, 1), (2, 3, 3, 1), (3, 5, 2), (2, 10, 1), (10, 2, 1)])
def test_no_number_stands_on_another(sizes):
    """Where there is room, each number has a place of its own on its line, the usual one where that is free."""
    page = Page(draw(MLP(sizes[0], list(sizes[1:]), seed=1)).svg)
    places = [(float(text.get("x")), float(text.get("y"))) for text in page.root.iter(f"{SVG}text") if "number" in words(text)]
    assert len(places) == sum(a * b for a, b in itertools.pairwise(sizes))
    assert [(a, b) for a, b in itertools.combinations(places, 2) if abs(a[0] - b[0]) < 63.9 and abs(a[1] - b[1]) < 16.9] == []
    assert sum(abs(x - (70.0 + 0.34 * 240.0)) < 0.1 for x, _ in places) >= sizes[0]
