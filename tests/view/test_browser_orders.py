"""Walking back in other ways, in a real browser: forward mode and the tape, and three orders that go wrong; all of it computed."""

from typing import Any

import pytest

from autoback import Value, jvp, topological_order
from autoback.text import short
from autoback.view.lesson import lesson
from tests.view.driving import Show, enter, press, tab_to, text
from tests.view.graphs import neuron, xor_sample

pytestmark = pytest.mark.browser


def playing(show: Show, root: Value, manner: str) -> Any:
    tab = show(lesson(root), reduced_motion="reduce")
    enter(tab, "walk")
    tab.select_option("#manner", manner)
    tab.evaluate("document.activeElement.blur()")
    return tab


def fork() -> Value:
    """b = a + a, c = b + b: the smallest graph in which a wrong order gives a wrong sum."""
    a = Value(1.0, "a")
    b = a + a
    b.label = "b"
    c = b + b
    c.label = "c"
    return c


def depth_first(root: Value) -> dict[Value, float]:
    """Gradients when every node passes on what it has at its first visit, and never again."""
    gradient, seen = dict.fromkeys(topological_order(root), 0.0), set()
    gradient[root] = 1.0

    def visit(node: Value) -> None:
        seen.add(node)
        for below, partial in zip(node.inputs, node.partials, strict=True):
            gradient[below] += gradient[node] * partial
            if below.op is not None and below not in seen:
                visit(below)

    visit(root)
    return gradient


def test_without_waiting_the_fork_gets_half_of_its_gradient(show: Show) -> None:
    """a gets 2 and not 4; the arrow that came too late is marked, and the right order stands beside."""
    tab = playing(show, fork(), "wait")
    press(tab, "End")
    assert tab.text_content("#n0g") == "2" and "broken" in tab.locator("#n0").get_attribute("class")
    assert tab.locator("#scroller svg >> nth=0").locator(".edge.late").count() == 1
    assert "a got 2 instead of 4: a part arrived too late" in text(tab, "#story")
    assert tab.locator("#side tr[data-node='0'] td").all_inner_texts() == ["∂c/∂a", "4", "2", "✗"]


def test_the_wrong_gradients_are_computed_on_the_reader_s_own_graph(show: Show) -> None:
    """On x·y with s = x·y used three times, page and Python go wrong by the same amount."""
    x, y = Value(1.5, "x"), Value(-2.0, "y")
    s = x * y
    root = (s * s).tanh() + s * 0.5
    tab = playing(show, root, "wait")
    press(tab, "End")
    wrong = depth_first(root)
    assert tab.text_content("#n0g") == short(wrong[x]) and tab.text_content("#n1g") == short(wrong[y])
    x.grad = y.grad = None
    root.backward()
    assert wrong[x] != pytest.approx(x.grad)


def test_without_a_fork_depth_first_is_right_and_the_page_says_why(show: Show) -> None:
    """A neuron has nothing that could come too late."""
    tab = playing(show, neuron(), "wait")
    press(tab, "End")
    assert "With b = a + a and c = b + b it goes wrong" in text(tab, "#story") and tab.locator("#side tr.bad").count() == 0


def test_without_zero_grad_the_second_walk_is_added_to_the_first(show: Show) -> None:
    """y = x·x + x at 3: 7 after one walk, 14 after two, as in Python."""
    x = Value(3.0, "x")
    y = x * x + x
    y.label = "y"
    tab = playing(show, y, "zero")
    press(tab, "End")
    y.backward()
    y.backward()
    assert tab.text_content("#n0g") == short(x.grad) == "14"
    assert "x has 14 instead of 7" in text(tab, "#story") and "zero_grad()" in text(tab, "#story")


def test_only_an_input_keeps_its_old_gradient(show: Show) -> None:
    """In the second walk the part for x·x finds no old gradient; the part for x does."""
    x = Value(3.0, "x")
    tab = playing(show, x * x + x, "zero")
    edges = 4
    press(tab, *["ArrowRight"] * (edges + 1))
    assert "x·x is no input: its gradient starts afresh" in text(tab, "#story") and "still there" not in text(tab, "#story")
    press(tab, "ArrowRight")
    assert "The old gradient was still there: an input keeps its gradient until zero_grad." in text(tab, "#story")


def test_a_name_with_signs_has_brackets_in_the_tables(show: Show) -> None:
    """A table's ∂L/∂(x·x) is not the product ∂L/∂x · x."""
    x = Value(3.0, "x")
    tab = playing(show, x * x + x, "wait")
    assert tab.locator("#side tr[data-node='1'] td").first.inner_text() == "∂L/∂(x·x)"


def test_the_legend_of_forward_mode_names_the_derivative_in_the_cards(show: Show) -> None:
    """A card shows ∂(this)/∂w there, and ∂L/∂(this) in the walk back."""
    tab = playing(show, neuron(), "forward")
    assert "∂(this)/∂w" in text(tab, "#legend")
    tab.select_option("#manner", "chain")
    assert "∂L/∂(this)" in text(tab, "#legend")


def test_forward_mode_with_one_input_needs_one_run(show: Show) -> None:
    """With one input nothing is said of "each of the 1 inputs"."""
    tab = playing(show, fork(), "forward")
    press(tab, "End")
    assert "With one input, one run forward or one walk back is all it takes." in text(tab, "#story")


def test_an_input_updated_too_soon_spoils_the_gradients_after_it(show: Show) -> None:
    """∂L/∂x of a neuron is computed with the w that was moved already, and so is wrong."""
    root = neuron()
    tab = playing(show, root, "soon")
    press(tab, "End")
    root.backward()
    w, x, b, _ = [node for node in topological_order(root) if node.op is None and node.label]
    upstream = b.grad
    moved = w.data - 0.1 * w.grad
    assert tab.text_content("#n1g") == short(upstream * moved) != short(x.grad)
    assert tab.text_content("#n0v") == short(moved)
    assert "First take all gradients, then step" in text(tab, "#story")


def test_both_walks_go_on_together(show: Show) -> None:
    """After as many edges, the table shows what each has reached."""
    tab = playing(show, fork(), "wait")
    press(tab, "ArrowRight", "ArrowRight")
    assert tab.locator("#side tr[data-node='1'] td").all_inner_texts()[1:3] == ["2", "1"]
    assert tab.locator("#side tr[data-node='0'] td").all_inner_texts()[1:3] == ["–", "1"]


def test_forward_mode_carries_the_derivative_by_one_input_along(show: Show) -> None:
    """The tape has every node's value and its derivative by that input: at the root it is what backward finds."""
    root = xor_sample()
    tab = playing(show, root, "forward")
    order = topological_order(root)
    for k in (1, 2, 15):
        if order[k].op is None:
            tab.click(f"#n{k}")
            press(tab, "End")
            carried = jvp([node for node in order if node.op is not None], [order[k]], [1.0])
            for node, rate in zip([k for k in range(len(order)) if order[k].op is not None], carried, strict=True):
                assert tab.evaluate("(k) => autoback.lesson.player.way.tangent[k]", node) == pytest.approx(rate.data, rel=1e-12, abs=1e-15)
            assert tab.text_content("#n23g") == short(carried[-1].data)
            assert tab.locator("#side tr[data-node='23'] td").all_inner_texts()[1:] == [short(order[23].data), short(carried[-1].data)]
    assert "forward mode takes a run of its own" in text(tab, "#story")


def test_forward_mode_writes_no_false_equation(show: Show) -> None:
    """Every step's result is the derivative that differences in Python find."""
    tab = playing(show, neuron(), "forward")
    moved = []
    for h in (1e-6, -1e-6):
        w, x, b, y = Value(0.5 + h, "w"), Value(2.0, "x"), Value(1.0, "b"), Value(0.0, "y")
        moved.append([node.data for node in topological_order(((w * x + b).tanh() - y) ** 2)])
    for k, (above, below) in enumerate(zip(*moved, strict=True)):
        slope = tab.evaluate("(k) => autoback.lesson.player.way.tangent[k]", k)
        assert slope == pytest.approx((above - below) / 2e-6, abs=1e-8)
    press(tab, "ArrowRight", "ArrowRight", "ArrowRight")
    assert tab.locator("#story math").last.text_content().endswith("=" + tab.text_content("#n5g"))


def test_reverse_mode_has_a_tape_too(show: Show) -> None:
    """The same walk as the chain's, with the table of values and gradients beside it."""
    tab = playing(show, neuron(), "reverse")
    press(tab, "End")
    rows = tab.locator("#side tr[data-node]")
    assert rows.count() == 9
    for k in (0, 4, 9):
        cells = tab.locator(f"#side tr[data-node='{k}'] td").all_inner_texts()
        assert cells[1:] == [tab.text_content(f"#n{k}v"), tab.text_content(f"#n{k}g")]


def test_the_switch_works_by_keyboard_alone(show: Show) -> None:
    """The list is reached by Tab, changed by arrow keys, and the step is said aloud."""
    tab = show(lesson(fork()))
    tab_to(tab, "walk")
    press(tab, "Enter")
    tab_to(tab, "manner")
    press(tab, "ArrowDown", "ArrowDown", "ArrowDown")
    assert tab.input_value("#manner") == "wait"
    assert "passes it on" in tab.text_content("#live")


def test_the_wrong_row_of_the_table_is_in_view(show: Show) -> None:
    """At the end of a walk that went wrong the wrong row is seen without scrolling, in a low window too."""
    tab = show(lesson(neuron()), height=720, reduced_motion="reduce")
    enter(tab, "walk")
    tab.select_option("#manner", "soon")
    tab.evaluate("document.activeElement.blur()")
    press(tab, "End")
    side, row = tab.locator("#side").bounding_box(), tab.locator("#side tr.bad").first.bounding_box()
    assert side["y"] <= row["y"] and row["y"] + row["height"] <= side["y"] + side["height"]
