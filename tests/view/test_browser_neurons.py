"""The lesson of a network too large for a card each: every neuron is one node that computes with what is inside it."""

from typing import Any

import pytest

from autoback import MLP, Value
from autoback.text import short
from autoback.view.lesson import lesson
from autoback.view.snapshot import Snapshot
from tests.view.driving import Show, enter, press, step_of, text

pytestmark = pytest.mark.browser


def large() -> Value:
    """The cost of one sample through a 2-16-16-1 network, 442 nodes."""
    loss = (MLP(2, [16, 16, 1], activation="tanh", seed=1)([Value(0.5, "x₁"), Value(-1.0, "x₂")]) - 1.0) ** 2
    loss.label = "L"
    return loss


def by_name(root: Value) -> dict[str, Any]:
    return {node.name: node for node in Snapshot(root).nodes}


def test_a_neuron_has_the_value_and_the_gradient_that_python_gives_it(show: Show) -> None:
    """All 39 cards show what the whole graph of 442 nodes gives them."""
    tab = show(lesson(large()), reduced_motion="reduce")
    graph = tab.evaluate(
        "(() => { const g = autoback.lesson.graph; return g.nodes.map((n, k) => [n.name, n.op, g.value[k], g.gradient[k]]); })()"
    )
    python = by_name(large())
    assert len(graph) == 39 and sum(op.startswith("neuron") for _, op, _, _ in graph if op) == 33
    for name, op, value, gradient in graph:
        if op or not python[name].constant:
            assert value == pytest.approx(python[name].value, rel=1e-12)
            assert gradient == pytest.approx(python[name].gradient, rel=1e-9, abs=1e-15)


def test_a_closer_look_at_a_neuron_lists_its_parameters(show: Show) -> None:
    """Weights and bias stand on no card: their values and gradients are in the closer look, and its formula has their names."""
    tab = show(lesson(large()), reduced_motion="reduce")
    enter(tab, "walk")
    press(tab, "End")
    k = tab.evaluate("autoback.lesson.graph.nodes.findIndex((n) => n.name === 'a⁽¹⁾₃')")
    tab.evaluate("(k) => autoback.lesson.choose(k)", k)
    rows = [row.locator("td").all_text_contents() for row in tab.locator("#side table >> nth=-1").locator("tr:has(td)").all()]
    python = by_name(large())
    names = ["w⁽¹⁾₃,₁", "w⁽¹⁾₃,₂", "b⁽¹⁾₃"]
    assert [row[1:] for row in rows] == [[short(python[name].value), short(python[name].gradient)] for name in names]
    assert "through" in text(tab, "#side") and tab.locator("#side table").count() == 2


@pytest.mark.parametrize("sizes", [[16, 16, 1], [16, 16, 16, 1]])
def test_the_page_counts_the_paths_of_the_whole_graph(show: Show, sizes: list[int]) -> None:
    """With each neuron taken apart: nodes, paths and edges are Python's; 2-16-16-16-1 has some 25,000 paths on 1,270 edges."""
    net, y = MLP(2, sizes, activation="tanh", seed=1), Value(1.0, "y")
    loss = (net([Value(0.5, "x₁"), Value(-1.0, "x₂")]) - y) ** 2
    nodes = Snapshot(loss).nodes
    paths, edges = [0] * len(nodes), 0
    paths[-1] = 1
    for k in reversed(range(len(nodes))):
        for i in nodes[k].inputs:
            if not nodes[i].constant:
                paths[i] += paths[k]
                edges += 1
    total = sum(count for node, count in zip(nodes, paths, strict=True) if node.op is None and not node.constant)
    assert len(sizes) == 3 or (total, edges) == (25_122, 1_269)
    tab = show(lesson(loss), reduced_motion="reduce")
    enter(tab, "walk")
    press(tab, "End")
    side = text(tab, "#side")
    assert f"has {len(nodes)} nodes. {total} paths lead from the inputs to" in side and f"over {edges} edges" in side
    assert f"backward {edges}, for all of them at once" in side


def test_a_step_back_is_a_node_and_all_its_parts(show: Show) -> None:
    """304 arrows are no steps of their own: a⁽¹⁾₃ gets its 16 parts at once, in a table with their sum."""
    tab = show(lesson(large()), reduced_motion="reduce")
    enter(tab, "walk")
    steps = tab.evaluate("autoback.lesson.player.way.steps.map((s) => [s.kind, s.input])")
    assert len(steps) < 80
    k = tab.evaluate("autoback.lesson.graph.nodes.findIndex((n) => n.name === 'a⁽¹⁾₃')")
    tab.locator("#scrub").fill(str(steps.index(["gather", k])))
    assert "goes on to 16 places" in text(tab, "#story") and step_of(tab) == steps.index(["gather", k])
    cells = tab.locator("#side table tr:has(td)")
    assert cells.count() == 17
    assert cells.last.locator("td").last.text_content() == short(by_name(large())["a⁽¹⁾₃"].gradient)
    assert tab.evaluate("(k) => autoback.lesson.stage.state.below(k)", k) == pytest.approx(by_name(large())["a⁽¹⁾₃"].gradient)


def test_all_ways_work_with_neurons(show: Show) -> None:
    """Ripple, walk, the tapes, the wrong ways, touch and quiz go to their ends; the quiz asks for nothing that no card shows."""
    tab = show(lesson(large()), reduced_motion="reduce")
    press(tab, "End")
    assert "256 paths" in text(tab, "#story")
    enter(tab, "walk")
    for manner in ("chain", "reverse", "forward", "wait", "zero", "soon"):
        tab.select_option("#manner", manner)
        tab.evaluate("document.activeElement.blur()")
        press(tab, "End")
    enter(tab, "touch")
    tab.get_by_label("x₁, number").fill("0.7")
    moved = MLP(2, [16, 16, 1], activation="tanh", seed=1)([Value(0.7, "x₁"), Value(-1.0, "x₂")])
    assert tab.evaluate("autoback.lesson.graph.value[autoback.lesson.graph.root]") == pytest.approx((moved.data - 1.0) ** 2)
    tab.click("#downhill")
    enter(tab, "quiz")
    asked = tab.evaluate(
        "autoback.lesson.modes.quiz.questions.map((q) => [q.kind, q.edge ? autoback.lesson.graph.nodes[q.edge[0]].op"
        " : autoback.lesson.graph.contributions(q.node).length])"
    )
    assert all(not str(about).startswith("neuron") for kind, about in asked if kind == "local")
    assert all(about <= 4 for kind, about in asked if kind == "gradient")
    tab.click("#finish")
    assert "autoback lesson" not in tab.input_value("#result")
