"""Folding: neurons and layers found in a graph, and drawn as one card each."""

import math

import pytest

from autoback.engine.define import define_operation, forget_operation
from autoback.engine.functions import FUNCTIONS, elementary, mean
from autoback.engine.value import Value, topological_order
from autoback.nn.losses import squared_error
from autoback.nn.modules import MLP, Layer, Neuron
from autoback.text import short
from autoback.view.drawing import LIMIT, draw
from autoback.view.neurons import find
from tests.view.pictures import Page, cost, network, words

XOR = (((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0))


def batch(net):
    """The mean cost of the four XOR samples, after its backward."""
    loss = mean([(net(x) - y) ** 2 for x, y in XOR])
    loss.label = "L"
    loss.backward()
    return loss


def kinds(page):
    """How many cards there are of each kind."""
    counts = {}
    for group in page.nodes.values():
        kind = words(group)[1]
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def drawn_layers(page):
    """The words on the cards of layers."""
    return ["|".join(page.texts(key)) for key, group in page.nodes.items() if "layer" in words(group)]


def test_a_neuron_is_one_card_with_its_sum_and_its_activation():
    """At depth "neuron" three cards stand for the three neurons; inputs, target and cost stay as they are."""
    net = network()
    loss = cost(net)
    page = Page(draw(loss, fold=net, depth="neuron").svg)
    assert kinds(page) == {"neuron": 3, "leaf": 3, "constant": 1, "operation": 2}
    unit = find(topological_order(loss), net)[0]
    title, z, a, gradient = page.texts("g0")
    assert title == "a(1)1 σ"
    assert (z, a, gradient) == (f"z = {short(unit.z.data)}", f"a = {short(unit.a.data)}", f"∂ {short(unit.a.grad)}")


def test_between_neurons_stands_the_derivative_of_one_activation_by_the_other():
    """∂a/∂a of two neurons in a row is σ'(z) · w, and each neuron's contributions still add up to its gradient."""
    net = network()
    loss = cost(net)
    page = Page(draw(loss, fold=net, depth="neuron", style="detailed").svg)
    first, _, last = find(topological_order(loss), net)
    local = last.a.data * (1.0 - last.a.data) * net.layers[1].neurons[0].weights[0].data
    tooltip = next(page.tooltip(edge) for edge in page.edges if edge.get("data-edge") == "g0->g2")
    assert float(tooltip.splitlines()[0].split(" = ")[1]) == pytest.approx(local, rel=1e-12)
    assert float(tooltip.splitlines()[1].split(" = ")[1]) == pytest.approx(first.a.grad, rel=1e-12)


def test_a_layer_is_one_card():
    """At depth "layer" each layer is a card that says its neurons, its parameters and its range."""
    net = network()
    page = Page(draw(cost(net), fold=net, depth="layer").svg)
    assert kinds(page) == {"layer": 2, "leaf": 3, "constant": 1, "operation": 2}
    first, second = drawn_layers(page)
    assert "2 neurons|6 parameters|a from " in first and "1 neuron|3 parameters|a = " in second


def test_in_a_batch_a_layer_gathers_all_samples():
    """Four samples make four cards of each neuron, but one of each layer; inputs and cost are gathered as well."""
    net = network()
    loss = batch(net)
    assert kinds(Page(draw(loss, fold=net, depth="neuron").svg))["neuron"] == 4 * 3
    page = Page(draw(loss, fold=net, depth="layer").svg)
    assert kinds(page) == {"layer": 2, "inputs": 1, "cost": 1}
    assert "2 neurons × 4 samples" in drawn_layers(page)[0]
    assert [edge.get("data-edge") for edge in page.edges] and len(page.edges) == 3


def test_at_depth_operation_frames_stand_round_the_neurons():
    """With `fold` and no depth every operation is drawn, inside frames named after the neurons."""
    net = network()
    loss = cost(net)
    page = Page(draw(loss, fold=net).svg)
    assert len(page.nodes) == len(topological_order(loss))
    words = page.everything()
    assert all(f"layer {layer} · neuron {neuron}" in words for layer, neuron in ((1, 1), (1, 2), (2, 1)))


def test_what_several_neurons_use_stands_in_no_frame():
    """On two samples each weight belongs to two neurons' frames, so to neither; on one sample it stands in its neuron's."""
    net = network()
    weights = {parameter.label for parameter in net.parameters()}
    for samples, framed in ((1, True), (2, False)):
        loss = mean([squared_error(net([0.5, k]), [1.0]) for k in range(samples)])
        cards = [card for card in draw(loss, fold=net).picture.cards if card.title in weights]
        assert len(cards) == len(weights)
        assert {bool(card.frame) for card in cards} == {framed}


def test_without_the_network_neurons_are_found_by_their_shape():
    """A dot whose weights are leaves, a bias, a function: that is a neuron, also where its output is 0."""
    net = MLP(2, [4, 3, 1], activation="relu", output_activation="relu", seed=1)
    nodes = topological_order(cost(net))
    by_shape, by_parameters = find(nodes), find(nodes, net)
    assert [(unit.layer, unit.neuron, id(unit.a)) for unit in by_shape] == [(unit.layer, unit.neuron, id(unit.a)) for unit in by_parameters]
    assert any(unit.a.data == 0.0 for unit in by_shape)


def test_by_shape_a_neuron_is_the_same_on_every_sample():
    """Units with the same weights are one neuron, so a batch of four does not look like four times as many neurons."""
    units = find(topological_order(batch(network())))
    assert sorted({(unit.layer, unit.neuron) for unit in units}) == [(0, 0), (0, 1), (1, 0)]


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "sin"])
def test_neurons_are_found_for_every_activation_fused_or_taken_apart(activation):
    """The same neurons are found in a graph that was recorded in elementary operations."""
    net = MLP(3, [2, 2], activation=activation, output_activation=activation, seed=5)
    for apart in (False, True):
        if apart:
            with elementary():
                outputs = net([0.3, -0.2, 0.9])
        else:
            outputs = net([0.3, -0.2, 0.9])
        units = find(topological_order(*outputs), net)
        assert [(unit.layer, unit.neuron) for unit in units] == [(0, 0), (0, 1), (1, 0), (1, 1)]
        assert {id(unit.a) for unit in units[2:]} == {id(output) for output in outputs}
        inside = {id(node) for unit in units for node in (*unit.nodes, *unit.parameters)}
        outside = [node for node in topological_order(*outputs) if id(node) not in inside]
        assert [node.label for node in outside] == ["x₁", "x₂", "x₃"]


def test_a_layer_used_three_times_is_three_cards():
    """A recurrent layer folds to one card for each step, and the picture has no loop."""
    layer = Layer(2, 2, seed=2)
    state = [Value(0.1, "h₁"), Value(0.2, "h₂")]
    for _ in range(3):
        state = layer.forward(state)
    end = state[0] + state[1]
    page = Page(draw(end, fold=layer, depth="layer").svg)
    titles = [text.split("|")[0].removesuffix(" tanh") for text in drawn_layers(page)]
    assert titles == ["layer 1, step 1", "layer 1, step 2", "layer 1, step 3"]


def test_a_penalty_on_the_weights_is_joined_to_their_neurons():
    """Weights that are used outside their neuron keep their arrows, which then start at the neuron's card."""
    net = network()
    loss = cost(net) + 0.01 * FUNCTIONS["sum"]([w * w for w in net.layers[1].neurons[0].weights])
    page = Page(draw(loss, fold=net, depth="neuron").svg)
    targets = [edge.get("data-edge").split("->")[0] for edge in page.edges]
    assert targets.count("g2") == 1 + 2 * 2


def test_2_16_16_1_folds_by_itself_and_says_so():
    """442 nodes are more than anyone can read: by itself the picture is one of neurons, and says what it left out."""
    net = MLP(2, [16, 16, 1], "tanh", "tanh")
    loss = cost(net)
    drawing = draw(loss)
    page = Page(drawing.svg)
    assert kinds(page)["neuron"] == 33 and len(page.nodes) <= LIMIT
    assert drawing.notes[0] == f"442 nodes, more than the limit of {LIMIT}; folded by neuron into 39 cards."
    assert drawing.notes[0] in page.everything()
    assert len(page.edges) == 2 * 16 + 16 * 16 + 16 + 4 and not page.labels
    assert all(page.tooltip(edge) for edge in page.edges)
    assert "in their tooltips" in page.everything()


def test_neurons_of_a_layer_stand_in_order():
    """Neuron 1 is above neuron 2, down to 16."""
    net = MLP(2, [16, 1], "tanh", "tanh")
    page = Page(draw(cost(net), fold=net, depth="neuron").svg)
    heights = [page.box(f"g{k}")[1] for k in range(16)]
    assert heights == sorted(heights)


def test_what_is_too_much_as_neurons_becomes_layers():
    """A batch through 64-32-10 is four cards: inputs, two layers, cost."""
    net = MLP(64, [32, 10], activation="relu", output_activation="identity")
    loss = FUNCTIONS["sum"]([(output - 0.5) ** 2 for k in range(4) for output in net([math.sin(k + i) for i in range(64)])])
    loss.label = "T"
    loss.backward()
    drawing = draw(loss)
    assert kinds(Page(drawing.svg)) == {"layer": 2, "inputs": 1, "cost": 1}
    assert "folded by layer" in drawing.notes[0]
    assert "32 neurons × 4 samples" in drawn_layers(Page(drawing.svg))[0]


def test_folded_gradients_that_are_missing_are_dashes():
    """A fold shows no gradient as long as one of its outputs has none."""
    net = network()
    loss = (net([1.0, 0.0]) - 1.0) ** 2
    page = Page(draw(loss, fold=net, depth="layer").svg)
    assert "∂ —" in drawn_layers(page)[0]


def test_a_stale_neuron_has_a_dashed_frame():
    """A changed weight marks the card of its neuron, and of those that follow."""
    net = network()
    loss = cost(net)
    net.layers[1].neurons[0].bias.data = 9.0
    page = Page(draw(loss, fold=net, depth="neuron").svg)
    dashed = [key for key, group in page.nodes.items() if "stale" in words(group)]
    assert "g2" in dashed and "g0" not in dashed


def test_folding_needs_neurons():
    """A depth without a neuron in the graph, or with someone else's network, is an error that tells the way out."""
    y = Value(1.0, "x").sin()
    with pytest.raises(ValueError, match="give the network as fold=net"):
        draw(y, depth="neuron")
    with pytest.raises(ValueError, match="belong to another network"):
        draw(cost(network()), fold=network(), depth="layer")
    assert "No neuron of the given network" in draw(y, fold=network()).notes[0]


def test_fold_takes_a_network_a_layer_or_a_neuron():
    """Anything with neurons will do; anything else is refused by name."""
    neuron = Neuron(2, "sigmoid")
    assert kinds(Page(draw(neuron([1.0, 2.0]), fold=neuron, depth="neuron").svg)) == {"leaf": 2, "neuron": 1}
    with pytest.raises(TypeError, match="got a int"):
        draw(neuron([1.0, 2.0]), fold=3)


def test_an_activation_of_the_user_belongs_to_its_neuron() -> None:
    """Also one that was defined after this package was imported."""
    define_operation("bent", "x / (1.0 + abs(x))")
    try:
        [unit] = find(topological_order(Neuron(2, "bent")([1.0, 2.0])))
        assert unit.a.op is not None and unit.a.op.name == "bent" and unit.a is not unit.z
    finally:
        forget_operation("bent")


def test_a_card_between_layers_is_not_the_root_where_a_number_is_the_same():
    """A card of many operations says the root's number where the root is in it, not where a node in it happens to equal the root."""
    between = [FUNCTIONS["exp"](2.0 * a) + a * a for a in MLP(2, [4], "tanh", seed=1)([0.1, 0.2])]
    outside = MLP(4, [2, 1], "tanh", seed=2)(between) * 0.0 + between[0].data
    outside.label = "y"
    cards = drawn_cards(Page(draw(outside, depth="layer").svg))
    assert outside.data == between[0].data
    assert "between|16 operations" in [card.partition("|∂")[0] for card in cards]


def drawn_cards(page):
    """The words on every card."""
    return ["|".join(page.texts(key)) for key in page.nodes]
