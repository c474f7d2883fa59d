"""Touch in a real browser: sliders, number boxes, the hill with its promise, and a step downhill."""

import math
from typing import Any

import pytest

from autoback import Value, log, topological_order
from autoback.text import short
from autoback.view.lesson import lesson
from autoback.view.snapshot import Snapshot
from tests.view.driving import Show, enter, press, tab_to, text, until
from tests.view.graphs import neuron, xor_sample

pytestmark = pytest.mark.browser


def touching(show: Show, root: Value, **options: Any) -> Any:
    tab = show(lesson(root), **options)
    enter(tab, "touch")
    return tab


def test_a_slider_recomputes_the_whole_graph(show: Show) -> None:
    """Moving w moves L and every gradient, as Python would."""
    tab = touching(show, neuron())
    tab.get_by_label("w, slider").fill("0.8")
    until(tab, "document.getElementById('n0v').textContent === '0.8'")
    moved = neuron()
    leaf = next(node for node in topological_order(moved) if node.label == "w")
    leaf.data = 0.8
    moved.refresh()
    assert tab.text_content("#n9v") == short(Snapshot(moved).nodes[-1].value)
    assert tab.text_content("#n0g") == short(Snapshot(moved).nodes[0].gradient)
    assert "at first 0.9293" in text(tab, "#readout")
    tab.get_by_label("w, slider").dispatch_event("change")
    assert tab.text_content("#live").startswith("L = ")
    assert tab.get_by_label("w, number").input_value() == "0.8"


def test_the_steps_downhill_leave_a_trail_in_one_picture(show: Show) -> None:
    """Three steps are three points behind the present one, and the axes stay; a move by hand begins a new trail."""
    x = Value(3.0, "x")
    tab = touching(show, x * x)
    ticks = tab.locator("#hill text").all_text_contents()
    for _ in range(3):
        tab.click("#downhill")
    assert tab.locator("#hill circle.was").count() >= 3
    assert tab.locator("#hill text").all_text_contents() == ticks
    assert tab.evaluate("autoback.lesson.modes.touch.hill.trail.map((step) => step.x)") == pytest.approx([3.0, 2.4, 1.92])
    tab.get_by_label("x, number").fill("2")
    tab.click("#downhill")
    assert tab.evaluate("autoback.lesson.modes.touch.hill.trail.length") == 1


def test_the_other_input_of_the_view_from_above_is_another_one(show: Show) -> None:
    """The input in hand is not offered as the second one."""
    tab = touching(show, neuron())
    assert tab.locator("#second option").all_text_contents() == ["nothing", "x", "b", "y"]
    tab.click("#n3")
    assert tab.locator("#second option").all_text_contents() == ["nothing", "w", "x", "y"]


def test_a_number_box_takes_any_number_and_the_slider_follows(show: Show) -> None:
    """A number beyond the slider's ends widens it."""
    tab = touching(show, neuron())
    tab.get_by_label("b, number").fill("50")
    assert float(tab.get_by_label("b, slider").input_value()) == 50.0
    tab.click("#restore")
    until(tab, "document.getElementById('n3v').textContent === '1'")
    assert tab.get_by_label("b, number").input_value() == "1"


def test_every_leaf_can_be_touched(show: Show) -> None:
    """Each leaf has a slider and a box; a constant, which is called by its number, has none."""
    tab = touching(show, xor_sample())
    leaves = sum(node.op is None and not node.constant for node in Snapshot(xor_sample()).nodes)
    assert tab.locator("#leaves input[type=range]").count() == tab.locator("#leaves input[type=text]").count() == leaves


def test_a_number_outside_a_domain_is_explained_and_undone_on_leaving(show: Show) -> None:
    """log of a negative number says why and what to do; the other ways to learn get whole numbers again."""
    tab = touching(show, log(Value(2.0, "x")))
    tab.get_by_label("x, number").fill("-1")
    until(tab, "document.getElementById('trouble').textContent !== ''")
    assert "log needs x > 0" in text(tab, "#trouble")
    assert tab.text_content("#n1v") == "?"
    tab.click("[data-mode=walk]")
    press(tab, "End")
    assert tab.text_content("#n1v") == short(math.log(2.0))


def test_sliders_are_long_enough_to_aim_with(show: Show) -> None:
    """A slider has 400 places to stop at: it takes the room that a large screen has, and what a phone can give."""
    tab = touching(show, xor_sample())
    for width, height, least in ((360, 740, 120), (820, 1180, 150), (1280, 800, 150), (1600, 900, 240)):
        tab.set_viewport_size({"width": width, "height": height})
        assert tab.locator(".leaf-row input[type=range]").first.bounding_box()["width"] >= least


def test_arrow_keys_on_a_slider_move_the_slider(show: Show) -> None:
    """Inside a control its own keys work, and they do not step the lesson."""
    tab = show(lesson(neuron()))
    tab_to(tab, "touch")
    press(tab, "Enter")
    tab_to(tab, "w, slider")
    press(tab, "ArrowRight")
    until(tab, "document.getElementById('n0v').textContent === '0.51'")


@pytest.mark.parametrize(("typed", "number"), [("0,7", 0.7), ("−1.5", -1.5), ("1/4", 0.25), ("2e-3", 0.002)])
def test_a_number_box_takes_numbers_as_people_write_them(show: Show, typed: str, number: float) -> None:
    """A decimal comma is a decimal comma, and never falls out."""
    tab = touching(show, neuron())
    tab.get_by_label("w, number").fill(typed)
    until(tab, f"autoback.lesson.graph.value[0] === {number}")


def test_a_number_box_marks_what_is_no_number(show: Show) -> None:
    """Letters change nothing, the box says that it is wrong, and on leaving it shows the number in use."""
    tab = touching(show, neuron())
    box = tab.get_by_label("w, number")
    box.fill("abc")
    assert box.get_attribute("aria-invalid") == "true" and tab.text_content("#n0v") == "0.5"
    box.blur()
    assert box.input_value() == "0.5" and box.get_attribute("aria-invalid") is None


def test_a_small_number_has_a_slider_of_its_own_size(show: Show) -> None:
    """−3e-7 moves in steps of its own size, not from −2 to 2."""
    tab = touching(show, Value(-3e-7, "d").tanh())
    slider = tab.get_by_label("d, slider")
    assert float(slider.get_attribute("max")) < 1e-5 and float(slider.get_attribute("step")) < 1e-7


def test_the_gradient_s_promise_stands_beside_what_became_of_it(show: Show) -> None:
    """w moves by 0.4: the tangent's answer and the true one, as Python computes them."""
    tab = touching(show, neuron())
    tab.get_by_label("w, number").fill("0.9")
    until(tab, "document.getElementById('promise').textContent.includes('promised')")
    before = Snapshot(neuron()).nodes
    moved = neuron()
    next(node for node in topological_order(moved) if node.label == "w").data = 0.9
    moved.refresh()
    promised, became = 0.4 * before[0].gradient, Snapshot(moved).nodes[-1].value - before[-1].value
    assert text(tab, "#promise") == (
        f"From 0.5, w moved by +0.4. The gradient promised that L changes by +{short(promised)}; L changed by +{short(became)}."
    )
    assert tab.locator("#hill path.tangent").count() == 1 and tab.locator("#hill circle.promised").count() == 1


def test_the_hill_shows_the_numbers_of_its_sentence(show: Show) -> None:
    """Between the two circles of b = 1 and b = 0.2 lie curve, tangent and promise as Python computes them."""

    def loss(b: float) -> float:
        return math.tanh(0.5 * 2.0 + b) ** 2

    tab = touching(show, neuron())
    tab.get_by_label("b, number").fill("0.2")
    until(tab, "document.querySelector('#hill circle.promised') !== null")
    place = "(e) => [Number(e.getAttribute('cx')), Number(e.getAttribute('cy'))]"
    was, here, promised = (tab.locator(f"#hill circle.{name}").evaluate(place) for name in ("was", "here", "promised"))

    def right(b: float) -> float:
        return was[0] + (here[0] - was[0]) * (b - 1.0) / (0.2 - 1.0)

    def up(y: float) -> float:
        return was[1] + (here[1] - was[1]) * (y - loss(1.0)) / (loss(0.2) - loss(1.0))

    def points(kind: str) -> list[list[float]]:
        return [[float(n) for n in point.split()] for point in tab.locator(f"#hill path.{kind}").get_attribute("d")[1:].split("L")]

    slope = 2.0 * math.tanh(2.0) * (1.0 - math.tanh(2.0) ** 2)
    assert promised == pytest.approx([here[0], up(loss(1.0) - 0.8 * slope)], abs=0.5)
    for x, y in points("tangent"):
        b = 1.0 + (x - was[0]) / (right(2.0) - was[0])
        assert y == pytest.approx(up(loss(1.0) + slope * (b - 1.0)), abs=0.5)
    for x, y in points("curve"):
        b = 1.0 + (x - was[0]) / (right(2.0) - was[0])
        assert y == pytest.approx(up(loss(b)), abs=2.0)


def test_one_step_downhill_and_a_rate_that_is_too_large(show: Show) -> None:
    """(x − 1)² at 3: rate 0.1 goes down to 2.6, rate 1.2 comes out higher, and the page says so."""
    x = Value(3.0, "x")
    tab = touching(show, (x - 1.0) ** 2)
    tab.click("#downhill")
    until(tab, "document.getElementById('n0v').textContent === '2.6'")
    assert "Too far" not in text(tab, "#promise")
    tab.fill("#downhill-rate", "1,2")
    tab.click("#downhill")
    until(tab, "document.getElementById('promise').textContent.includes('Too far')")
    assert float(tab.evaluate("autoback.lesson.graph.value[0]")) == pytest.approx(2.6 - 1.2 * 3.2)


def test_flat_ground_is_named(show: Show) -> None:
    """A dead relu: L does not feel x."""
    tab = touching(show, Value(-3.0, "x").relu())
    assert "The ground is flat here" in text(tab, "#promise")
    tab.click("#n1")
    assert "no gradient passes here" in text(tab, "#look")


def test_from_above_a_step_moves_both_inputs_and_the_arrow_is_the_gradient(show: Show) -> None:
    """x² + xy + 4y² at (2, 1): the step goes against (5, 10), both taken before either number moves."""
    x, y = Value(2.0, "x"), Value(1.0, "y")
    tab = touching(show, x * x + x * y + 4.0 * (y * y))
    tab.select_option("#second", label="y")
    assert tab.locator("#hill canvas").count() == 1
    arrow = [[float(n) for n in point.split()] for point in tab.locator("#hill path.tangent").get_attribute("d")[1:].split("L")]
    run, rise = arrow[1][0] - arrow[0][0], arrow[0][1] - arrow[1][1]
    assert run > 0 and rise > 0 and rise / run == pytest.approx(2.0 * (4.0 / 250) / (6.0 / 460), rel=0.02)
    tab.click("#downhill")
    until(tab, "document.getElementById('promise').textContent.includes('both moves')")
    values = dict(tab.evaluate("autoback.lesson.graph.nodes.map((n, k) => [n.name, autoback.lesson.graph.value[k]])"))
    assert (values["x"], values["y"]) == pytest.approx((2.0 - 0.1 * 5.0, 1.0 - 0.1 * 10.0))
    assert text(tab, "#promise").startswith("The gradient promised that L changes by −12.5 for both moves; L changed by −")


def test_a_promise_names_the_number_it_starts_from(show: Show) -> None:
    """After two steps downhill the promise is that of the second step, and its sentence says where that step began."""
    x = Value(3.0, "x")
    tab = touching(show, (x - 1.0) ** 2)
    tab.click("#downhill")
    until(tab, "document.getElementById('n0v').textContent === '2.6'")
    tab.click("#downhill")
    until(tab, "document.getElementById('n0v').textContent === '2.28'")
    assert text(tab, "#promise").startswith(
        "From 2.6, x moved by −0.32. The gradient promised that L changes by −1.024; L changed by −0.9216."
    )
    assert "at first 4" in text(tab, "#readout")


def test_a_step_size_that_is_none_is_named(show: Show) -> None:
    """Letters, 0 and nothing are no step size: the page says so, and again nothing once it is mended."""
    tab = touching(show, neuron())
    for rate in ("abc", "0", "-1", ""):
        tab.fill("#downhill-rate", rate)
        until(tab, "document.getElementById('promise').textContent.includes('The step size must be a number above 0.')")
    tab.fill("#downhill-rate", "0.1")
    until(tab, "!document.getElementById('promise').textContent.includes('step size must')")


def test_the_view_from_above_is_explained(show: Show) -> None:
    """Its colour and its arrow have a sentence, and no tangent is named, for none is drawn."""
    tab = touching(show, neuron())
    tab.select_option("#second", index=1)
    until(tab, "document.getElementById('promise').textContent.includes('The darker, the higher L. The arrow points uphill')")
    assert "tangent" not in text(tab, "#promise") and text(tab, "#promise").startswith("You stand at w = ")
