"""Folding by the parts of a Module: any Module, at any depth, found in the graph by its parameters."""

import re
from collections import Counter

import pytest

from autoback import Embedding, Layer, Module, Value, cross_entropy, dot, exp, mean, relu, tanh
from autoback.engine.value import topological_order
from autoback.nn.modules import MLP
from autoback.view.drawing import draw
from autoback.view.snapshot import Snapshot
from tests.view.pictures import Page, cost, network, words


def matrix(n_outputs, n_inputs, first=0):
    """Small numbers, none like another."""
    return [[Value(0.1 + 0.37 * (first + 5 * j + k) % 1 - 0.5) for k in range(n_inputs)] for j in range(n_outputs)]


def times(rows, vector):
    return [dot(row, vector) for row in rows]


def added(a, b):
    return [x + y for x, y in zip(a, b, strict=True)]


class Attention(Module):
    """One head, as in a GPT."""

    def __init__(self):
        self.query, self.key, self.value, self.out = (matrix(4, 4, k) for k in range(4))

    def forward(self, vectors):
        keys, values = [times(self.key, x) for x in vectors], [times(self.value, x) for x in vectors]
        outputs = []
        for place, x in enumerate(vectors):
            powers = [exp(dot(times(self.query, x), key)) for key in keys[: place + 1]]
            total = sum(powers)
            shares = [power / total for power in powers]
            outputs.append(times(self.out, [dot(shares, column) for column in zip(*values[: place + 1], strict=True)]))
        return outputs


class Thought(Module):
    def __init__(self):
        self.up, self.down = matrix(8, 4, 1), matrix(4, 8, 2)

    def forward(self, x):
        return times(self.down, [relu(z) for z in times(self.up, x)])


class Block(Module):
    def __init__(self):
        self.attention, self.mlp = Attention(), Thought()

    def forward(self, vectors):
        vectors = [added(x, y) for x, y in zip(vectors, self.attention(vectors), strict=True)]
        return [added(x, self.mlp(x)) for x in vectors]


class GPT(Module):
    """Two blocks between embeddings and logits."""

    def __init__(self):
        self.letters, self.places = Embedding(5, 4, seed=1), Embedding(6, 4, seed=2)
        self.blocks = [Block(), Block()]
        self.logits = matrix(5, 4, 3)

    def forward(self, tokens):
        vectors = [added(self.letters(token), self.places(place)) for place, token in enumerate(tokens)]
        for block in self.blocks:
            vectors = block(vectors)
        return [times(self.logits, x) for x in vectors]


class Recurrent(Module):
    """Two layers in turn, each with what the other made: they lead to each other in a circle."""

    def __init__(self):
        self.first, self.second, self.answer = Layer(3, 2, seed=1), Layer(2, 2, seed=2), Layer(2, 1, "identity", seed=3)

    def forward(self, numbers):
        state = [Value(0.0), Value(0.0)]
        for number in numbers:
            state = self.second(self.first([number, *state]))
        return self.answer(state)


class Skip(Module):
    """A layer with a way round it."""

    def __init__(self):
        self.layer = Layer(2, 2, seed=1)

    def forward(self, x):
        return tanh(sum(added(self.layer(x), x)))


def loss_of(gpt, tokens=(0, 1, 2)):
    loss = mean([cross_entropy(logits, 1) for logits in gpt(list(tokens))])
    loss.backward()
    return loss


def cards(drawing):
    """The title of each card, with its lines."""
    return [(card.title, card.lines) for card in drawing.picture.cards]


def hidden(drawing):
    """How many nodes the cards say that they hide, all together."""
    told = [re.search(r"([\d,]+) of [\d,]+ nodes", "\n".join(lines))[1] for _, lines in cards(drawing)]
    return sum(int(count.replace(",", "")) for count in told)


def test_the_parts_of_a_gpt_are_cards_in_the_order_in_which_they_compute():
    """Embeddings, each block with its ways round, logits and loss are boxes by the names of the attributes."""
    drawing = draw(loss_of(gpt := GPT()), fold=gpt, depth=1)
    titles = [title for title, _ in cards(drawing)]
    assert titles == ["letters, places", "blocks.0", "blocks.1", "logits", "L"]
    links = {(link.source, link.target) for link in drawing.picture.links}
    assert links == {("g0", "g1"), ("g1", "g2"), ("g2", "g3"), ("g3", "g4")}


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_every_node_is_hidden_in_exactly_one_card(depth):
    """The numbers of nodes on the cards add up to the whole graph, at every depth."""
    gpt = GPT()
    loss = loss_of(gpt)
    assert hidden(draw(loss, fold=gpt, depth=depth)) == len(topological_order(loss))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_no_card_is_without_its_arrow(depth):
    """Every card of a folded picture has an arrow, and all lead to the card of the root."""
    picture = draw(loss_of(gpt := GPT()), fold=gpt, depth=depth).picture
    reached = {picture.cards[-1].key}
    for link in sorted(picture.links, key=lambda link: -int(link.target[1:])):
        if link.target in reached:
            reached.add(link.source)
    assert reached == {card.key for card in picture.cards}


def test_a_part_is_opened_into_frames_by_depth():
    """At depth 2 a block is a frame round its attention and its network, at depth 3 these are frames in it, round their arrays."""
    gpt = GPT()
    loss = loss_of(gpt)
    two, three = (draw(loss, fold=gpt, depth=depth) for depth in (2, 3))
    assert [title for title, _ in cards(two) if "blocks.0" in title] == ["blocks.0.attention", "blocks.0.mlp"]
    assert {key: frame.within for key, frame in two.picture.frames.items()} == {"blocks.0": "", "blocks.1": ""}
    inside = [card.title for card in three.picture.cards if card.frame == "blocks.0.attention"]
    assert inside == [*(f"blocks.0.attention.{name}" for name in ("query", "key", "value")), "between", "blocks.0.attention.out"]
    assert three.picture.frames["blocks.0.attention"].within == "blocks.0"
    titles = [element.text for element in Page(three.svg).root.iter() if "frame-title" in words(element)]
    assert titles == ["blocks.0", "blocks.0.attention", "blocks.0.mlp", "blocks.1", "blocks.1.attention", "blocks.1.mlp"]
    assert 'subgraph "cluster_blocks.0.attention"' in three.dot


def test_a_card_says_what_it_hides():
    """Parameters of the part, how many are in the graph if not all, nodes of the whole, values in and out, and how large these are."""
    gpt = GPT()
    loss = loss_of(gpt)
    told = dict(cards(draw(loss, fold=gpt, depth=1)))
    total = len(topological_order(loss))
    out = [z.data for z in topological_order(loss) if z.op and z.op.name == "dot" and set(z.inputs) & set(gpt.logits[0])]
    assert told["letters, places"][0] == "24 of 44 parameters"  # three letters and three places, of four numbers each
    assert told["blocks.0"][0] == "128 parameters"
    assert told["logits"][:3] == ("20 parameters", f"35 of {total} nodes", "12 values in, 15 out")
    assert len(out) == 3


def test_an_arrow_says_how_many_values_go_along_it_and_what_comes_back():
    """Its colour is the largest gradient that comes back along it alone, of the uses in the card it leads to."""
    gpt = GPT()
    loss = loss_of(gpt)
    picture = draw(loss, fold=gpt, depth=1).picture
    link = next(link for link in picture.links if (link.source, link.target) == ("g2", "g3"))
    assert link.lines == ("12 values",)
    snapshot = Snapshot(loss)
    into = [node for node in snapshot.order if node.op and set(node.inputs) & {w for row in gpt.logits for w in row}]
    back = Counter()
    for node in into:
        for below, partial in zip(node.inputs, node.partials, strict=True):
            if below.op is not None:
                back[below] += snapshot[node].gradient * partial
    assert len(back) == 12 and f"{max(back.values()):.3g}"[:4] in link.tooltip.replace("−", "-")


def test_a_recurrent_module_has_a_card_for_each_step():
    """What leads back to itself is drawn once for each time; its parameters are said to be those of the first."""
    model = Recurrent()
    loss = (model([0.1, 0.2, 0.3]) - 1.0) ** 2
    told = cards(draw(loss, fold=model, depth=1))
    assert [title for title, _ in told][1:7] == [f"{name} · step {step}" for step in (1, 2, 3) for name in ("first", "second")]
    assert [lines[0] for _, lines in told][1:5] == ["8 parameters", "6 parameters", "parameters: see step 1", "parameters: see step 1"]


def test_many_steps_of_a_recurrent_module_become_one_card():
    """Where a card for each step is more than the limit, what runs in a circle is one card."""
    model = Recurrent()
    loss = (model([0.1] * 50) - 1.0) ** 2
    drawing = draw(loss, fold=model, depth=1)
    assert [title for title, _ in cards(drawing)] == ["inputs", "first, second", "answer", "L"]
    assert hidden(drawing) == len(topological_order(loss))


def test_a_skip_connection_is_an_arrow_past_the_layer():
    """The inputs go into the layer and round it."""
    model = Skip()
    y = model([Value(1.0, "p"), Value(2.0, "q")])
    picture = draw(y, fold=model, depth=1).picture
    assert [card.title for card in picture.cards] == ["inputs", "layer", "L"]
    assert {(link.source, link.target) for link in picture.links} == {("g0", "g1"), ("g0", "g2"), ("g1", "g2")}


def test_too_deep_a_picture_is_drawn_as_deep_as_the_limit_allows():
    """Without a depth the deepest that fits is drawn, and the note says how deep that is and of how many nodes."""
    gpt = GPT()
    loss = loss_of(gpt)
    count = len(topological_order(loss))
    drawing = draw(loss, fold=gpt, limit=12)
    assert drawing.notes[0] == f"{count} nodes, more than the limit of 12; folded by the parts of GPT into 11 cards, to depth 2 of 3."


def test_the_operations_of_a_small_module_stand_in_frames():
    """Where all operations fit, what belongs to a part stands in its frame."""
    model = Skip()
    page = Page(draw(model([1.0, 2.0]), fold=model).svg)
    assert [element.text for element in page.root.iter() if "frame-title" in words(element)] == ["layer"]


def test_a_depth_takes_an_mlp_too():
    """Depth 1 of an MLP are its layers, depth 2 their weights and biases."""
    net = network()
    loss = cost(net)
    assert [title for title, _ in cards(draw(loss, fold=net, depth=1))] == ["inputs", "layers.0", "layers.1", "C"]
    assert [title for title, _ in cards(draw(loss, fold=net, depth=2))][1:3] == ["layers.0.weight", "layers.0.bias"]


def test_what_cannot_be_folded_by_parts_is_refused_with_the_way_out():
    """A depth without a Module, of a Module that is not in the graph, below 1, and of neurons where there are none."""
    gpt, y = GPT(), Value(1.0, "x").sin()
    with pytest.raises(ValueError, match=r"depth=2 is one of a Module: give it as fold=module"):
        draw(y, depth=2)
    with pytest.raises(ValueError, match=r"no parameter of this GPT is in the graph of L"):
        draw(y, fold=gpt, depth=1)
    with pytest.raises(ValueError, match=r"a whole number of levels from 1, got 0"):
        draw(y, depth=0)
    with pytest.raises(ValueError, match=r"its parts are drawn by depth=1, 2, … 3"):
        draw(loss_of(gpt), fold=gpt, depth="layer")
    assert "No parameter of the given GPT" in draw(y, fold=gpt).notes[0]


def test_a_module_itself_is_drawn_as_the_tree_of_its_parts():
    """Where a Module is no stack of layers, its picture says what it is made of: names, kinds, shapes, sizes; it draws no order."""
    told = {card.title: card for card in draw(GPT()).picture.cards}
    assert told["GPT"].lines[0] == "320 parameters"
    assert told["blocks.1.mlp"].symbol == "Thought" and told["blocks.1.mlp.up"].lines[:2] == ("8 × 4", "32 parameters")
    assert draw(Skip()).picture.cards[1].symbol == "Layer"


def test_a_network_with_a_forward_of_its_own_is_no_row_of_layers():
    """An MLP whose `forward` somebody wrote anew may have other ways than from layer to layer; circles would show none of them."""

    class Shortcut(MLP):
        def forward(self, inputs):
            return added(super().forward(inputs), inputs[:1])

    assert [card.title for card in draw(Shortcut(2, [3, 1])).picture.cards][:2] == ["Shortcut", "layers.0"]


def test_a_large_module_is_drawn_as_a_tree_of_limited_size():
    """A tree is opened as deep as its limit allows, and says so."""
    drawing = draw(GPT(), limit=10)
    assert len(drawing.picture.cards) == 6 and drawing.notes == ("Drawn to depth 1 of 3, so that there are no more than 10 cards.",)
