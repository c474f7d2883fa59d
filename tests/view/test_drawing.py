"""Computation graphs drawn: what stands on the cards and on the arrows, and that it is true."""

import math
import re
import shutil
import subprocess
import sys
import unicodedata
from base64 import b64decode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from autoback.engine.functions import FUNCTIONS
from autoback.engine.operations import OPERATIONS
from autoback.engine.value import Value, topological_order
from autoback.nn.modules import Module
from autoback.text import short
from autoback.view.colors import DARK, LIGHT
from autoback.view.convert import LayoutError, png
from autoback.view.drawing import LIMIT, draw
from autoback.view.snapshot import Snapshot
from tests.graphs import programs
from tests.view.pictures import SVG, Page, cost, network, words


def square():
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    return y


def test_every_node_and_every_input_is_drawn():
    """There is one card for each node and one arrow for each input, in the SVG."""
    loss = cost(network())
    page = Page(draw(loss).svg)
    order = topological_order(loss)
    assert list(page.nodes) and sorted(page.nodes) == sorted(f"n{k}" for k in range(len(order)))
    assert len(page.edges) == sum(len(node.inputs) for node in order)


def test_a_card_says_name_operation_value_and_gradient():
    """A card has the name and the symbol of its node on top, then its value, then its gradient; a constant is a pill with its number."""
    loss = cost(network())
    page = Page(draw(loss).svg)
    for k, node in enumerate(Snapshot(loss).nodes):
        if node.constant:
            assert page.texts(f"n{k}") == [short(node.value)]
            continue
        title, value, gradient = page.texts(f"n{k}")
        assert bare(title) == bare(" ".join([node.name, *([node.op.symbol] if node.op else [])]))
        assert (value, gradient) == (short(node.value), f"∂ {short(node.gradient)}")


def bare(name):
    """A name without the levels of its indices."""
    return unicodedata.normalize("NFKC", name)


@pytest.mark.parametrize("framed", [False, True])
def test_an_arrow_says_its_local_derivative(framed):
    """The numbers on the arrows are the partials of the nodes they lead to, also in frames."""
    net = network()
    loss = cost(net)
    order = topological_order(loss)
    page = Page(draw(loss, fold=net if framed else None).svg)
    written = sorted((label.get("data-edge"), "".join(label.find("{*}text").itertext())) for label in page.labels)
    expected = sorted(
        (f"n{place}->n{k}", short(partial))
        for k, node in enumerate(order)
        for place, partial in zip(places(order, node.inputs), node.partials, strict=True)
        if order[place].label or order[place].op  # along a constant there is no derivative
    )
    assert written == expected


def places(order, nodes):
    """Where nodes stand in an order; Values compare by number, so `index` would not do."""
    index = {id(node): k for k, node in enumerate(order)}
    return [index[id(node)] for node in nodes]


def test_a_square_has_two_arrows():
    """x * x takes x twice, and both arrows are drawn, each with its own derivative."""
    page = Page(draw(square()).svg)
    assert [edge.get("data-edge") for edge in page.edges] == ["n0->n1", "n0->n1"]
    assert ["".join(label.find("{*}text").itertext()) for label in page.labels] == ["3", "3"]


def test_the_detailed_style_writes_contributions_that_add_up():
    """In the detailed style the numbers after the equals signs on the arrows out of a card sum to its gradient."""
    y = square()
    y.backward()
    page = Page(draw(y, style="detailed").svg)
    assert ["".join(label.find("{*}text").itertext()) for label in page.labels] == ["1 × 3 = 3"] * 2
    assert page.texts("n0") == ["x", "3", "∂ 6"]


def test_a_negative_factor_stands_in_parentheses():
    """Upstream × local is readable when the local derivative is negative."""
    x = Value(2.0, "x")
    y = 3.0 - x
    y.backward()
    assert "1 × (−1)" in draw(y, style="detailed").svg


def test_not_computed_differs_from_zero():
    """A gradient that no backward has set is a dash, and said in words in detail; a gradient of 0 is a 0."""
    y = Value(3.0, "x") * 0.0
    assert Page(draw(y).svg).texts("n0")[-1] == "∂ —"
    assert Page(draw(y, style="detailed").svg).texts("n0")[-1] == "∂ not computed"
    y.backward()
    assert Page(draw(y).svg).texts("n0")[-1] == "∂ 0"


def test_a_missing_backward_is_said():
    """Without gradients the picture says how to get them, and afterwards no longer does."""
    y = square()
    assert "No gradients yet" in Page(draw(y).svg).everything()
    y.backward()
    assert "No gradients yet" not in Page(draw(y).svg).everything()


def test_gradients_of_another_root_are_not_called_its_own():
    """Drawn from its middle, a graph shows what is the middle's own, says what else is stored, and claims nothing false."""
    x = Value(3.0, "x")
    middle = x * 2.0
    middle.label = "m"
    (middle * 5.0).backward()
    drawing = draw(middle)
    page = Page(drawing.svg)
    assert page.texts("n0")[-1] == "∂ 5 × 2 = 10"
    assert drawing.notes == ("The stored gradients are those of another root than m.",)
    assert "∂m/∂x = 2.0" in page.tooltip(page.nodes["n0"])


def test_a_forgotten_zero_grad_is_seen():
    """After two backwards the card shows the sum it holds, and a note says what was forgotten; the arrows bring back one part."""
    y = square()
    y.backward()
    y.backward()
    drawing = draw(y)
    page = Page(drawing.svg)
    assert page.texts("n0")[-1] == "∂ 6 + 6 = 12"
    assert drawing.notes == ("x.grad is 6 + 6 = 12: zero_grad() was not called before backward().",)
    assert drawing.notes[0] in page.everything()


def test_of_many_forgotten_gradients_three_are_named():
    """The note stays one line: three of the four leaves, and how many more there are."""
    y = FUNCTIONS["sum"]([Value(1.0, name) for name in "abcd"])
    y.backward()
    y.backward()
    sums = ", ".join(f"{name}.grad is 1 + 1 = 2" for name in "abc")
    assert draw(y).notes == (f"{sums} and 1 more: zero_grad() was not called before backward().",)


def test_a_step_by_hand_without_zero_grad_is_seen():
    """The commonest loop: step, backward again. Each card tells how much of its gradient is of this graph."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    (w * x).backward()
    w.data -= 0.1 * w.grad
    again = (w * x) ** 2
    again.backward()
    sums = "w.grad is 2.4 + 2 = 4.4, x.grad is 0.36 + 0.5 = 0.86"
    assert draw(again).notes == (f"{sums}: zero_grad() was not called before backward().",)


def test_a_stale_graph_is_marked():
    """After a leaf has changed, the nodes that depend on it have dashed frames and the picture says refresh."""
    x, z = Value(3.0, "x"), Value(1.0, "z")
    y = x * 2.0 + z * 2.0
    y.backward()
    assert draw(y).notes == ()
    x.data = 4.0
    drawing = draw(y)
    assert "refresh()" in drawing.notes[0] and "Stale" in Page(drawing.svg).everything()
    stale = [key for key, group in Page(drawing.svg).nodes.items() if "stale" in words(group)]
    labels = {f"n{k}": node for k, node in enumerate(topological_order(y))}
    assert sorted(labels[key].op.name for key in stale) == ["add", "mul"]
    y.refresh()
    assert "refresh()" not in "".join(draw(y).notes)


def test_a_leaf_changed_out_of_the_domain_is_stale():
    """A graph that could not be refreshed is stale too, and drawing it raises nothing."""
    x = Value(3.0, "x")
    y = x.log()
    x.data = -1.0
    assert "Stale" in draw(y).notes[0]


def test_a_small_number_is_never_drawn_as_zero():
    """1e-12 is not 0, on a card and on an arrow."""
    y = Value(1e-12, "x") * 1e-9
    y.backward()
    page = Page(draw(y).svg)
    assert page.texts("n0") == ["x", "1×10⁻¹²", "∂ 1×10⁻⁹"]
    assert not any("".join(label.itertext()).strip() == "0" for label in page.labels)


@pytest.mark.parametrize("framed", [False, True])
def test_arrows_point_forward(framed):
    """The tip of every arrow is nearer to the card it leads to, and that card stands further right."""
    net = network()
    page = Page(draw(cost(net), fold=net if framed else None).svg)
    for edge in page.edges:
        source, target = edge.get("data-edge").split("->")
        left, _, width, _ = page.box(source)
        end = page.box(target)[0]
        tip = float(re.match(r"M([\d.]+)", edge.findall("{*}path")[1].get("d")).group(1))
        assert left + width < end and abs(tip - end) < 0.2


def test_signs_are_told_by_colour_and_by_line():
    """A positive contribution is blue and solid, a negative one orange and dashed, none is grey and dotted."""
    a, b, c = Value(2.0, "a"), Value(-2.0, "b"), Value(0.0, "c")
    y = a * 1.0 - b * 1.0 + c * 0.0
    y.backward()
    svg = draw(y, theme="light").svg
    classes = {words(edge)[1] for edge in Page(svg).edges}
    assert classes == {"p5", "m5", "zero", "frozen"}
    assert rule(svg, ".p5 .line") == {"stroke": LIGHT.positive, "stroke-width": "4.8"}
    assert rule(svg, ".m5 .line") == {"stroke": LIGHT.negative, "stroke-width": "4.8", "stroke-dasharray": "7 4"}
    assert rule(svg, ".zero .line") == {"stroke-dasharray": "1.5 5"}


def rule(svg, selector):
    """What the style of a drawing declares for a selector."""
    style = re.search(r"<style>(.*?)</style>", svg, re.S).group(1)
    found = {}
    for selectors, declarations in re.findall(r"([^{}]+)\{([^{}]*)\}", style):
        if any(each.strip().endswith(selector) for each in selectors.split(",")):
            found |= dict(pair.split(":", 1) for pair in declarations.split(";"))
    return found


def test_the_number_on_an_arrow_is_not_coloured_as_what_the_arrow_carries():
    """2 on an arrow that carries −4 is a positive number: it has the colour of ink, and its own minus sign where it has one."""
    w = Value(-2.0, "w")
    y = (w * 2.0) ** 2
    y.backward()
    page = Page(draw(y).svg)
    assert {words(text)[-1] for label in page.labels for text in label.iter("{http://www.w3.org/2000/svg}text")} == {"local"}


def test_the_larger_contribution_is_the_thicker_line():
    """A line's width grows with the size of what passes along it."""
    a, b = Value(2.0, "a"), Value(0.001, "b")
    y = a * 1.0 + 1000.0 * b * 0.001
    y.backward()
    svg = draw(y).svg
    steps = {words(edge)[1] for edge in Page(svg).edges} - {"frozen"}
    assert len(steps) > 1 and len({rule(svg, f".{step} .line")["stroke-width"] for step in steps}) == len(steps)


def test_without_gradients_nothing_is_coloured():
    """Colours mean gradients, so a graph without any has none, and no scale in its legend."""
    svg = draw(square()).svg
    assert LIGHT.positive not in svg and LIGHT.negative not in svg and "positive" not in svg


def test_the_legend_says_what_colours_and_numbers_mean():
    """The scale with its ends, the two kinds of line, and what stands on cards and arrows."""
    y = square()
    y.backward()
    legend = Page(draw(y).svg).everything()
    for phrase in ("−6", "positive", "negative", "∂y/∂(the card)", "the local derivative"):
        assert phrase in legend


def test_tooltips_tell_the_rule_in_symbols_and_in_numbers():
    """Pointing at an arrow shows the derivative's formula, the formula with numbers, and the contribution."""
    z = Value(0.5, "z")
    a = z.tanh()
    a.label = "a"
    a.backward()
    page = Page(draw(a).svg)
    rule, handed_back = page.tooltip(page.edges[0]).splitlines()
    assert rule == "∂a/∂z = 1 − a² = 1 − 0.4621² ≈ 0.7864"
    assert handed_back == f"contribution to ∂a/∂z: 1 × 0.7864 = {a.partials[0]!r}"
    assert page.tooltip(page.nodes["n1"]).splitlines()[0] == "a = tanh(z) = tanh(0.5) = 0.4621"
    assert page.tooltip(page.labels[0]) == page.tooltip(page.edges[0])


def test_the_same_graph_gives_the_same_bytes():
    """Two graphs built alike give the same SVG and the same DOT, whatever their addresses."""
    first, second = draw(cost(network()), theme="auto"), draw(cost(network()), theme="auto")
    assert first.dot == second.dot and first.svg == second.svg


def test_drawings_in_one_page_do_not_mix():
    """No SVG has an id, every rule of its style begins with a class made from its content, and other graphs have other classes."""
    x = Value(2.0, "x")
    one, other = draw(x * x, theme="auto").svg, draw(x * 3.0, theme="auto").svg
    scopes = [re.search(r'class="autoback (autoback-[0-9a-f]{12})"', svg).group(1) for svg in (one, other)]
    assert scopes[0] != scopes[1]
    for svg, scope in zip((one, other), scopes, strict=True):
        assert " id=" not in svg and "url(" not in svg
        style = re.search(r"<style>(.*?)</style>", svg, re.S).group(1).replace("@media (prefers-color-scheme:dark){", "")
        selectors = [each for part in re.findall(r"([^{}]+)\{[^{}]*\}", style) for each in part.split(",")]
        assert selectors and all(each.strip().startswith(f".{scope} ") for each in selectors)


def test_light_and_dark_are_two_palettes_and_auto_has_both():
    """Light has no dark colour, dark no light one; auto is light with the same rules for readers who want it dark."""
    y = square()
    y.backward()
    light, dark, auto = (draw(y, theme=theme).svg for theme in ("light", "dark", "auto"))
    assert DARK.background not in light and LIGHT.background not in dark and LIGHT.background in light
    assert "prefers-color-scheme" not in light + dark
    bright, dim = re.search(r"<style>(.*?)</style>", auto, re.S).group(1).split("@media (prefers-color-scheme:dark){")
    coloured = {selectors for selectors, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", bright) if "#" in rule}
    assert coloured == {selectors for selectors, _ in re.findall(r"([^{}]+)\{([^{}]*)\}", dim)}


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_letters_have_the_contrast_that_wcag_asks_for(colors):
    """Ink on every tint and card, and coloured numbers on the background, pass AA (4.5 to 1)."""
    pairs = [(colors.ink, colors.tint(step)) for step in range(-5, 6)]
    inks = (colors.ink, colors.muted, colors.positive, colors.negative, colors.forward, colors.backward)
    pairs += [(ink, ground) for ink in inks for ground in (colors.background, colors.card, colors.frame)]
    assert min(contrast(*pair) for pair in pairs) >= 4.5


def contrast(one, other):
    """The contrast ratio of two colours. Source: WCAG 2.2, "contrast ratio" and "relative luminance"."""
    lights = []
    for color in (one, other):
        parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_nothing_in_a_picture_needs_the_network_or_runs():
    """No link, no image, no script and no outside reference stands in the SVG."""
    svg = draw(cost(network()), theme="auto").svg
    for word in ("href", "<script", "<image", "@import", "url("):
        assert word not in svg


def test_taken_apart_a_sigmoid_is_its_definition():
    """With `elementary`, 1 / (1 + e^−x) is drawn as its four steps, and values, label and gradient of the whole stay."""
    x = Value(0.5, "x")
    y = x.sigmoid()
    y.label = "y"
    y.backward()
    page = Page(draw(y, elementary=True).svg)
    tops = [page.texts(key)[0].split()[-1] for key in page.nodes]
    assert {"−", "exp", "+", "÷"} <= set(tops)
    last = page.texts(f"n{len(page.nodes) - 1}")
    assert last[1:] == [short(y.data), "∂ 1"]
    leaf = next(page.texts(key) for key in page.nodes if page.texts(key)[0] == "x")
    assert leaf[-1] == f"∂ {short(x.grad)}"
    assert y.op is OPERATIONS["sigmoid"] and len(topological_order(y)) == 2


def test_taken_apart_the_chain_rule_still_holds():
    """The gradients given to the inner nodes of a definition hand the leaf exactly its gradient."""
    from autoback.view.expand import expand

    loss = cost(network())
    top, origins = expand(loss)
    handed = {}
    for node in topological_order(top):
        for below, partial in zip(node.inputs, node.partials, strict=True):
            handed[below] = handed.get(below, 0.0) + node.grad * partial
    for node, total in handed.items():
        assert math.isclose(total, node.grad, rel_tol=1e-9, abs_tol=1e-15)
    assert {id(node) for node in origins.values()} == {id(node) for node in topological_order(loss)}


def test_what_cannot_be_taken_apart_stays_whole():
    """sigmoid(−1000) is fine while e^1000 is not, so the node is drawn whole."""
    page = Page(draw(Value(-1000.0, "x").sigmoid(), elementary=True).svg)
    assert len(page.nodes) == 2


def test_a_big_graph_shows_the_nodes_near_its_root_and_says_so():
    """A chain of 3,000 nodes without any neuron is cut where it would not be readable, without recursion, and says so."""
    y = Value(0.5, "x")
    for _ in range(3000):
        y = y.sin()
    drawing = draw(y)
    page = Page(drawing.svg)
    assert len(page.nodes) <= LIMIT
    assert "3001 nodes" in drawing.notes[0] and drawing.notes[0] in page.everything()
    stub = next(key for key in page.nodes if key.startswith("more"))
    hidden = 3001 - (len(page.nodes) - 1)
    assert page.texts(stub) == ["⋯", f"{hidden} of 3001", "nodes not drawn"]


def test_a_higher_limit_shows_more():
    """The limit is a number of cards that a caller can raise."""
    y = Value(0.5, "x")
    for _ in range(60):
        y = y.sin()
    assert len(Page(draw(y).svg).nodes) < 61
    assert len(Page(draw(y, limit=200).svg).nodes) == 61


def test_a_leaf_alone_is_a_picture():
    """A Value that was made from nothing is one card."""
    page = Page(draw(Value(2.5, "x")).svg)
    assert page.texts("n0") == ["x", "2.5", "∂ —"] and not page.edges


def test_the_direction_turns_the_picture():
    """From left to right a chain is wider than high, from top to bottom higher than wide."""
    y = Value(0.5, "x").sin().cos().tanh().exp().sin()
    boxes = [[float(side) for side in Page(draw(y, direction=way).svg).root.get("viewBox").split()[2:]] for way in ("LR", "TB")]
    assert boxes[0][0] > boxes[0][1] and boxes[1][1] > 1.2 * boxes[0][1]


@pytest.mark.parametrize(
    ("choice", "allowed"),
    [({"depth": "cell"}, "'operation', 'neuron', 'layer'"), ({"style": "fancy"}, "'plain', 'detailed'"),
     ({"theme": "blue"}, "'light', 'dark', 'auto'"), ({"direction": "RL"}, "'LR', 'TB'"), ({"limit": 0}, "at least 1")],
)  # fmt: skip
def test_an_unknown_choice_names_the_allowed_ones(choice, allowed):
    """A misspelt option is refused with the list of what there is."""
    with pytest.raises(ValueError, match=allowed):
        draw(square(), **choice)


def test_only_values_and_networks_can_be_drawn():
    """A number, a list or nothing is refused by name."""
    for thing in (3.0, [Value(1.0)], None):
        with pytest.raises(TypeError, match=f"got a {type(thing).__name__}"):
            draw(thing)


def test_drawing_changes_nothing():
    """Neither values nor gradients nor labels of the graph are touched, in any style."""
    loss = cost(network())
    before = [(node.data, node.grad, node.label, node.partials) for node in topological_order(loss)]
    for options in ({}, {"elementary": True}, {"depth": "layer"}, {"depth": "neuron", "style": "detailed"}):
        assert draw(loss, **options).svg
    assert [(node.data, node.grad, node.label, node.partials) for node in topological_order(loss)] == before


@pytest.mark.parametrize("ending", ["svg", "dot", "png"])
def test_a_drawing_is_saved_by_its_ending(tmp_path, ending):
    """.svg and .dot hold the texts, .png a picture; the path comes back, and nothing else is left in the folder."""
    drawing = draw(square())
    path = drawing.save(tmp_path / f"square.{ending}")
    content = path.read_bytes()
    assert content == {"svg": drawing.svg.encode(), "dot": drawing.dot.encode()}.get(ending, content)
    assert content.startswith({"svg": b"<svg", "dot": b"digraph", "png": b"\x89PNG"}[ending])
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_name_without_ending_is_refused(tmp_path):
    """The error lists the endings."""
    with pytest.raises(ValueError, match=r"\.svg, \.dot, \.png or \.pdf"):
        draw(square()).save(tmp_path / "square")


def test_an_ending_no_program_knows_is_refused(tmp_path):
    """A format that the layout program does not know is an error that names it, and no file is left."""
    with pytest.raises(LayoutError, match="nonsense"):
        draw(square()).save(tmp_path / "square.nonsense")
    assert not list(tmp_path.iterdir())


def test_notebooks_show_a_picture_trusted_or_not():
    """Jupyter gets the SVG and an image of it, which it shows also in a notebook that it does not trust; and one line of text."""
    drawing = draw(square())
    bundle = drawing._repr_mimebundle_()
    assert bundle["image/svg+xml"] == drawing.svg
    image = re.fullmatch(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="Drawing.computation graph of y: .*">', bundle["text/html"])
    assert b64decode(image.group(1)).decode() == drawing.svg
    assert bundle["text/plain"] == repr(drawing) == "Drawing(computation graph of y: 2 cards, 2 edges; save(path) writes it)"
    for thing in (square(), network(), network().layers[0]):
        assert thing._repr_mimebundle_() == draw(thing)._repr_mimebundle_()
    assert Module()._repr_mimebundle_() is None  # upon which a notebook shows its text


def test_drawing_needs_no_program(monkeypatch):
    """SVG and DOT are written where nothing is installed but the package."""
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("a program was run"))
    drawing = draw(cost(network()))
    assert drawing.svg.startswith("<svg") and drawing.dot.startswith("digraph")


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_png_has_the_size_of_the_drawing_and_needs_no_font_of_the_machine(scale, monkeypatch):
    """resvg draws with the font of the package alone, so the same graph gives the same bytes everywhere."""
    resvg = pytest.importorskip("resvg_py")
    drawing = draw(square(), theme="light")
    given = {}
    monkeypatch.setattr(resvg, "svg_to_bytes", lambda **options: given.update(options) or real(**options))
    content = png(drawing.svg, scale)
    size = [int.from_bytes(content[k : k + 4], "big") for k in (16, 20)]
    root = Page(drawing.svg).root
    assert size == pytest.approx([scale * float(root.get(side)) for side in ("width", "height")], abs=2)
    assert given["skip_system_fonts"] is True
    assert all("autoback" in path for path in given["font_files"]) and len(given["font_files"]) == 2


try:
    from resvg_py import svg_to_bytes as real
except ImportError:
    real = None


def test_without_resvg_and_without_dot_the_way_out_is_named(monkeypatch, tmp_path):
    """A PNG needs one of the two; the error names the wheel and Graphviz, and for a PDF Graphviz alone."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    monkeypatch.setattr("autoback.view.convert.programs", lambda: iter(()))
    with pytest.raises(LayoutError, match="pip install resvg-py"):
        draw(square()).save(tmp_path / "square.png")
    with pytest.raises(LayoutError, match=r"no program could write a pdf: Graphviz's dot was not found\. Install Graphviz") as caught:
        draw(square()).save(tmp_path / "square.pdf")
    assert "pip" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@settings(max_examples=25)
@given(programs(8))
def test_any_graph_is_drawn_whole(program):
    """Random graphs, shared at will, come back with every node and every edge."""
    root = program(*program.leaves())
    root.backward()
    order = topological_order(root)
    page = Page(draw(root, style="detailed", limit=1000).svg)
    assert len(page.nodes) == len(order)
    assert len(page.edges) == sum(len(node.inputs) for node in order)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("options", [{}, {"style": "detailed"}, {"fold": True}, {"depth": "neuron", "fold": True}, {"direction": "TB"}])
def test_graphviz_draws_the_same_nodes_edges_and_labels(options):
    """A real `dot` reads `Drawing.dot`, and its SVG has the cards, the arrows and the texts of ours."""
    net = network()
    drawing = draw(cost(net), **(options | ({"fold": net} if options.get("fold") else {})))
    ours = Page(drawing.svg)
    theirs = ET.fromstring(subprocess.run(["dot", "-Tsvg"], input=drawing.dot.encode(), capture_output=True, check=True).stdout)
    groups = {kind: [group for group in theirs.iter(f"{SVG}g") if group.get("class") == kind] for kind in ("node", "edge", "cluster")}
    assert sorted(group.findtext(f"{SVG}title") for group in groups["node"]) == sorted(ours.nodes)
    assert sorted(group.findtext(f"{SVG}title") for group in groups["edge"]) == sorted(edge.get("data-edge") for edge in ours.edges)
    assert len(groups["cluster"]) == len({card.frame for card in drawing.picture.cards if card.frame})
    texts = {text.text.strip() for text in theirs.iter(f"{SVG}text")}
    for card in drawing.picture.cards:
        assert {*card.lines, *([f"∂ {card.band}"] if card.band else [])} <= texts
        assert any(card.title in text for text in texts)
    assert {line for link in drawing.picture.links for line in link.lines} <= texts


def test_the_digraph_can_be_restyled():
    """`Drawing.graphviz` is a graphviz.Digraph, whose attributes are the caller's to set."""
    graph = draw(square()).graphviz
    graph.attr(rankdir="TB", bgcolor="ivory")
    graph.node_attr["color"] = "navy"
    assert "bgcolor=ivory" in graph.source and "color=navy" in graph.source and "n0 -> n1" in graph.source


def test_the_dot_text_is_plain():
    """What DOT promises: a node for each card with name, numbers and gradient, an edge for each arrow with its derivative."""
    y = square()
    y.backward()
    lines = [line.strip() for line in draw(y).dot.splitlines()]
    assert 'n0 [label="x\\n3\\n∂ 6"' in "\n".join(line.partition(" tooltip")[0] for line in lines)
    assert [line.partition(" tooltip")[0] for line in lines if "->" in line] == ["n0 -> n1 [label=3"] * 2
