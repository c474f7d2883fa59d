"""One reading of a graph: names, numbers, colours, staleness and gradients are the same in every view.

Each view is read as its reader reads it: the cards of `draw`, the lines of `explain`, the data and the picture of `lesson`,
the answer key of `worksheet`. What a view says of a node is compared with the snapshot, and so with all the others.
"""

import re
import unicodedata
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from autoback import MLP, Value, draw, explain, gradient, lesson, squared_error, tanh, worksheet
from autoback.text import short
from autoback.view.colors import DARK, LIGHT, variables
from autoback.view.snapshot import Snapshot
from tests.view.graphs import neuron, xor_sample
from tests.view.pictures import SVG, Page, data_of, words

ZERO_WIDTH = "\u200b"


def readme() -> Value:
    """The first lines of the README."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    return (tanh(w * x + b) - 1.0) ** 2


def reused() -> Value:
    """A number that is used three times, twice by one product."""
    x = Value(3.0, "x")
    y = x * x + x
    y.label = "y"
    return y


def sample() -> Value:
    """One sample's cost through a network that labels its own parameters."""
    return squared_error(MLP(2, [2, 1], "sigmoid", seed=3)([1.0, 0.0]), [1.0])


GRAPHS = (readme, reused, sample, neuron, xor_sample)
graphs = pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.__name__)


def bare(name: str) -> str:
    """A name without the levels of its indices, as it stands on a card."""
    return "…".join(unicodedata.normalize("NFKC", part) for part in name.split("…")).replace(ZERO_WIDTH, "")


def pictures(page: str) -> list[ET.Element]:
    """The graph of a lesson, that of an exercise and that of its key, of which the last two may be in strips."""
    found = []
    for section in re.split(r'<section class="page"', page):
        graph = ET.Element("graph")
        graph.extend([ET.fromstring(svg) for svg in re.findall(r'<svg class="graph.*?</svg>', section, re.S)])
        found += [graph] if len(graph) else []
    return found


def cards(picture: ET.Element, prefix: str = "") -> dict[str, dict[str, str]]:
    """What stands on the cards of a page's picture: by key, and by kind of text."""
    found = {}
    for group in picture.iter(f"{SVG}g"):
        if (group.get("id") or "").startswith(f"{prefix}n"):
            texts = {words(text)[0]: bare("".join(text.itertext())) for text in group.iter(f"{SVG}text")}
            found[group.get("id").removeprefix(prefix)] = texts
    return found


@graphs
def test_every_node_has_one_name(graph: Callable[[], Value]) -> None:
    """The name of a node is the same on the cards of draw, lesson and worksheet, in the page's data, and in tooltips and explanations."""
    root = graph()
    root.backward()
    snapshot = Snapshot(root)
    drawn = Page(draw(root).svg)
    data = data_of(lesson(root).html)["nodes"]
    pages = pictures(lesson(root).html + worksheet(root).html)
    shown = [cards(picture, prefix) for picture, prefix in zip(pages, ("", "", "key-"), strict=True)]
    told = explain(root).text
    assert len({node.name for node in snapshot.nodes if not node.constant}) == sum(not node.constant for node in snapshot.nodes)
    for k, node in enumerate(snapshot.nodes):
        assert data[k]["name"] == node.name
        assert drawn.tooltip(drawn.nodes[f"n{k}"]).startswith(f"{node.name} = ")
        if node.constant:
            continue
        assert drawn.texts(f"n{k}")[0].startswith(bare(node.name))
        assert all(view[f"n{k}"]["name"] == bare(node.name) for view in shown)
        if node.op is None:
            assert f"∂{snapshot.name}/∂{node.name}" in told


@graphs
def test_values_and_gradients_are_the_same_numbers(graph: Callable[[], Value]) -> None:
    """What backward stored is what draw, the explanation, the lesson and the answer key say."""
    root = graph()
    root.backward()
    snapshot = Snapshot(root)
    drawn, told = Page(draw(root).svg), re.sub(" +", " ", explain(root).text)
    page, _, key = pictures(lesson(root).html + worksheet(root).html)
    on_page, in_key = cards(page), cards(key, "key-")
    for k, node in enumerate(snapshot.nodes):
        if node.constant:
            continue
        assert node.gradient == snapshot.order[k].grad
        assert drawn.texts(f"n{k}")[-2:] == [short(node.value), f"∂ {short(node.gradient)}"]
        for view in (on_page, in_key):
            assert (view[f"n{k}"]["value"], view[f"n{k}"]["gradient"]) == (short(node.value), bare(short(node.gradient)))
        if node.op is None:
            assert f"{snapshot.gradient(k).text} = {short(node.gradient)}" in told or f"= {short(node.gradient)}" in told


@graphs
def test_every_view_has_every_edge_with_its_local_derivative(graph: Callable[[], Value]) -> None:
    """x·x has two edges in draw, lesson and worksheet; along a constant there is an edge and no number."""
    root = graph()
    snapshot = Snapshot(root)
    edges = [(k, p) for k, node in enumerate(snapshot.nodes) for p in range(len(node.inputs))]
    drawn = Page(draw(root).svg)
    page, _, key = pictures(lesson(root).html + worksheet(root).html)
    assert sorted(edge.get("data-edge") for edge in drawn.edges) == sorted(f"n{snapshot.nodes[k].inputs[p]}->n{k}" for k, p in edges)
    varied = [(k, p) for k, p in edges if not snapshot.nodes[snapshot.nodes[k].inputs[p]].constant]
    expected = {f"e{k}-{p}l": short(snapshot.nodes[k].partials[p]) for k, p in varied}
    for picture, prefix in ((page, ""), (key, "key-")):
        texts = {text.get("id", "").removeprefix(prefix): text.text for text in picture.iter(f"{SVG}text") if words(text)[0] == "local"}
        assert texts == expected
    assert sorted(label.find("{*}text").text for label in drawn.labels) == sorted(expected.values())


def test_a_constant_exponent_has_no_gradient_in_any_view() -> None:
    """The 2 of x² is a pill with its number, a constant in the page's data, and no node that an explanation differentiates by."""
    root = readme()
    root.backward()
    snapshot = Snapshot(root)
    data = data_of(lesson(root).html)["nodes"]
    constants = [k for k, node in enumerate(snapshot.nodes) if node.constant]
    assert [snapshot.nodes[k].name for k in constants] == ["1", "2"]
    assert [k for k, node in enumerate(data) if node.get("constant")] == constants
    for k in constants:
        assert Page(draw(root).svg).texts(f"n{k}") == [snapshot.nodes[k].name]
        assert all("gradient" not in cards(picture)[f"n{k}"] for picture in pictures(lesson(root).html))
    assert "∂L/∂2" not in explain(root).text + worksheet(root).html and "∂L/∂1 " not in explain(root).text


def test_no_view_writes_a_false_equation_for_a_number_used_twice() -> None:
    """Only the sum is called ∂y/∂x; along an edge x has the mark of that use, the same in tooltips, explanations and the page's data."""
    root = reused()
    root.backward()
    drawn = Page(draw(root).svg)
    tooltips = [drawn.tooltip(edge).splitlines()[0] for edge in drawn.edges]
    assert tooltips == ["∂(x·x)/∂x₍₁₎ = x = 3", "∂(x·x)/∂x₍₂₎ = x = 3", "∂y/∂(x·x) = 1", "∂y/∂x₍₃₎ = 1"]
    told = [line.strip() for line in explain(root).text.splitlines()]
    assert {line.rpartition(" ")[2] for line in told if re.match(r"∂y/∂x +=", line)} == {"7"}
    data = data_of(lesson(root).html)["nodes"]
    assert [node.get("marks") for node in data] == [None, ["x₍₁₎", "x₍₂₎"], ["x·x", "x₍₃₎"]]
    assert "<mi>x</mi><mo>·</mo><mi>x</mi>" in worksheet(root).html + lesson(root).html and "x²" not in explain(root).text


def test_a_gradient_graph_is_called_by_what_it_is() -> None:
    """The root of a recorded gradient is ∂L/∂w in every view, not a second L."""
    root = readme()
    root.label = "L"
    slope = gradient(root, Snapshot(root).order[0])
    slope.backward()
    assert Snapshot(slope).name == "∂L/∂w"
    assert draw(slope).name.startswith("computation graph of ∂L/∂w:")
    assert explain(slope).text.startswith("How ∂L/∂w depends on")
    assert "<h1>How ∂L/∂w depends on its inputs</h1>" in lesson(slope).html + worksheet(slope).html


def test_every_view_says_that_a_graph_is_stale() -> None:
    """draw and explain keep the old numbers and say so; lesson and worksheet do not compute anew unless that is chosen."""
    root = readme()
    root.backward()
    Snapshot(root).order[0].data = 5.0
    snapshot = Snapshot(root)
    assert snapshot.stale
    first = next(node.name for node in snapshot.nodes if node.stale)
    assert f"a leaf was changed after {first} was computed" in draw(root).notes[0]
    assert "This graph is stale" in explain(root).text
    for page in (lesson, worksheet):
        with pytest.raises(ValueError, match=f"a leaf was changed after {re.escape(first)} was computed"):
            page(root)
        assert page(root, refresh=True).html


def test_every_view_says_that_gradients_have_added_up() -> None:
    """7 + 7 = 14: a forgotten zero_grad is seen on the card, in the note and in the explanation; pages show the 7 of this graph."""
    root = reused()
    root.backward()
    root.backward()
    assert Page(draw(root).svg).texts("n0")[-1] == "∂ 7 + 7 = 14"
    assert "x.grad is 7 + 7 = 14: zero_grad() was not called" in draw(root).notes[0]
    assert "is 7 + 7 = 14, and not the 7 of this graph alone" in re.sub(r"\s+", " ", explain(root).text)
    assert cards(pictures(lesson(root).html)[0])["n0"]["gradient"] == "7"


def test_a_sign_has_one_colour_everywhere_and_direction_another() -> None:
    """Positive and negative are the pair of `colors` in drawings and pages; forward and backward are no colour of that pair."""
    net = MLP(2, [2, 1], "sigmoid", seed=3)
    root = squared_error(net([1.0, 0.0]), [1.0])
    root.backward()
    for theme in (LIGHT, DARK):
        assert len({theme.positive, theme.negative, theme.forward, theme.backward}) == 4
        for svg in (draw(root, theme=theme.name).svg, draw(net, theme=theme.name).svg):
            assert theme.positive in svg and theme.negative in svg
            assert theme.forward not in svg and theme.backward not in svg
    for page in (lesson(root).html, worksheet(root).html, lesson(net).html):
        style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
        for name in ("positive", "negative", "forward", "backward"):
            colours = re.findall(rf"--{name}: ?(#[0-9a-f]{{6}})", style)
            assert colours[:2] == [getattr(LIGHT, name), getattr(DARK, name)] == re.findall(rf"--{name}: (#[0-9a-f]{{6}})", variables())


def test_without_any_name_every_leaf_is_a_variable() -> None:
    """A nameless leaf is a constant beside leaves that have names, and else a number like the others."""
    assert [node.constant for node in Snapshot(Value(2.0) * Value(3.0)).nodes] == [False, False, False]
    assert [node.constant for node in Snapshot(Value(2.0, "w") * Value(3.0)).nodes] == [False, True, False]


def test_two_neurons_of_their_own_are_numbered() -> None:
    """One activation is a; of two, which belong to no layer, neither is."""
    x, w, u, b = Value(0.5, "x"), Value(2.0, "w"), Value(3.0, "u"), Value(0.1, "b")
    names = [node.name for node in Snapshot(tanh(w * x + b) - tanh(u * x + b)).nodes]
    assert ("a₁" in names, "a₂" in names, "a" in names) == (True, True, False)
