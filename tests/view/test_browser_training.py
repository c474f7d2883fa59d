"""The training page in a real browser: every control, by mouse and by keyboard, and its first numbers."""

import math
from itertools import pairwise
from typing import Any
from unicodedata import normalize

import pytest

from autoback.nn.datasets import XOR, two_moons
from autoback.nn.modules import MLP
from autoback.nn.optimizers import SGD
from autoback.nn.training import fit
from autoback.view.lesson import lesson
from tests.view.driving import Show, focused, press, tab_to, text, unreachable_or_nameless, until

pytestmark = pytest.mark.browser


def xor_net() -> MLP:
    return MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69)


def epoch(tab: Any) -> int:
    return int(text(tab, "#epoch"))


def test_the_first_numbers_are_python_s(show: Show) -> None:
    """Thirty steps on the page give the costs and weights of `fit` to 1e-12."""
    net = xor_net()
    tab = show(lesson(net, rate=10.0))
    press(tab, *["ArrowRight"] * 30)
    costs = tab.evaluate("autoback.trainer.costs")
    parameters = tab.evaluate("autoback.trainer.parameters.map((k) => autoback.trainer.graph.value[k])")
    history = fit(net, XOR.inputs, XOR.targets, optimizer=SGD(rate=10.0), epochs=30)
    assert len(costs) == 31
    assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(history.losses, costs, strict=False))
    assert all(math.isclose(a.data, b, rel_tol=1e-12) for a, b in zip(net.parameters(), parameters, strict=True))


def test_step_play_pause_and_reset_by_mouse(show: Show) -> None:
    """Step makes one epoch, Play goes on until it is pressed again, Reset goes back to the start."""
    tab = show(lesson(xor_net(), rate=10.0))
    start = text(tab, "#cost")
    tab.click("#step")
    assert epoch(tab) == 1 and text(tab, "#cost") != start
    tab.select_option("#speed", "50")
    tab.click("#play")
    until(tab, "autoback.trainer.epoch > 500")
    tab.click("#play")
    paused = epoch(tab)
    tab.wait_for_timeout(100)
    assert epoch(tab) == paused
    tab.click("#reset")
    assert (epoch(tab), text(tab, "#cost")) == (0, start)


def test_xor_is_learnt_and_the_page_says_so(show: Show) -> None:
    """All four samples end on the right side, in the table and on the surface."""
    tab = show(lesson(xor_net(), rate=10.0))
    assert text(tab, "#right") == "2 of 4"
    tab.select_option("#speed", "50")
    tab.keyboard.press("Escape")
    tab.click("#play")
    until(tab, "autoback.trainer.epoch >= 1000")
    tab.click("#play")
    assert text(tab, "#right") == "4 of 4"
    assert tab.locator("#samples td.right").count() == 4
    assert tab.locator("#surface").get_attribute("aria-label") == "Decision surface: 4 of 4 samples on the right side"


def test_keyboard_alone_trains(show: Show) -> None:
    """Space plays and pauses, the arrow steps, R resets, and every control is reached by Tab."""
    tab = show(lesson(xor_net(), rate=10.0))
    press(tab, " ")
    until(tab, "autoback.trainer.epoch > 2")
    press(tab, " ", "r")
    assert epoch(tab) == 0
    press(tab, "ArrowRight", "ArrowRight")
    assert epoch(tab) == 2
    for control in ("play", "step", "reset", "rate", "rate-number", "speed"):
        tab_to(tab, control)
    tab_to(tab, "step")
    press(tab, "Enter")
    assert epoch(tab) == 3 and focused(tab) == "step"


def test_every_control_has_a_name_and_is_reached_by_tab(show: Show) -> None:
    """The keyboard gets to everything the mouse gets to, and a screen reader can say what it is."""
    assert unreachable_or_nameless(show(lesson(xor_net()))) == []


def test_the_rate_s_slider_and_number_go_together(show: Show) -> None:
    """The slider moves over decades; the box takes any positive number and refuses others."""
    tab = show(lesson(xor_net(), rate=10.0))
    tab_to(tab, "rate")
    press(tab, "ArrowLeft")
    assert tab.evaluate("autoback.trainer.rate") == pytest.approx(8.9)
    assert tab.input_value("#rate-number") == "8.9"
    tab.fill("#rate-number", "0.5")
    assert tab.evaluate("autoback.trainer.rate") == 0.5
    assert float(tab.input_value("#rate")) == pytest.approx(math.log10(0.5), abs=0.03)
    tab.fill("#rate-number", "-1")
    press(tab, "Tab")
    assert tab.input_value("#rate-number") == "0.5"


def test_each_step_is_announced(show: Show) -> None:
    """A polite live region says the epoch and the cost."""
    tab = show(lesson(xor_net(), rate=10.0))
    press(tab, "ArrowRight")
    live = tab.locator("#live")
    assert live.get_attribute("aria-live") == "polite"
    assert live.text_content() == f"Epoch 1, cost {text(tab, '#cost')}."


def test_too_large_a_rate_is_explained(show: Show) -> None:
    """When the numbers outgrow doubles the page stops and names the way out."""
    tab = show(lesson(MLP(2, [2, 1], "identity", seed=1), rate=1e150))
    press(tab, *["ArrowRight"] * 4)
    assert "the rate is too large" in text(tab, "#trouble")
    press(tab, "r")
    assert text(tab, "#trouble") == ""


def test_weights_are_drawn_as_line_widths(show: Show) -> None:
    """The largest weight is the thickest line, and the sign shows as colour and dash."""
    net = MLP(2, [2, 1], "tanh", "tanh", seed=2)
    tab = show(lesson(net))
    lines = tab.locator("#network line")
    drawn = lines.evaluate_all("(all) => all.map((line) => [Number(line.getAttribute('stroke-width')), line.getAttribute('class')])")
    weights = [w.data for layer in net.layers for neuron in layer.neurons for w in neuron.weights]
    assert sorted(range(6), key=lambda k: drawn[k][0]) == sorted(range(6), key=lambda k: abs(weights[k]))
    assert [kind for _, kind in drawn] == ["negative" if w < 0 else "positive" for w in weights]


def test_neurons_of_a_tall_network_stand_where_their_lines_end(show: Show) -> None:
    """However little room there is, circles of a layer do not touch, and those of both kinds keep to one grid."""
    tab = show(lesson(MLP(2, [8, 1], "tanh", "tanh", seed=3)))
    middle = "(at) => [at.x + at.width / 2, at.y + at.height / 2, at.width]"
    box = f"(all) => all.map((one) => ({middle})(one.getBoundingClientRect()))"
    inputs = tab.locator("#network circle").evaluate_all(box)
    neurons = tab.locator("#network canvas").evaluate_all(box)
    assert all(lower[1] - upper[1] > 1.1 * upper[2] for upper, lower in pairwise(neurons[:8]))
    assert math.isclose(neurons[0][0] - inputs[0][0], neurons[8][0] - neurons[0][0], abs_tol=2.0)
    assert math.isclose(sum(y for _, y, _ in inputs) / 2, neurons[8][1], abs_tol=2.0)


def test_the_surface_has_the_colour_of_the_answer(show: Show) -> None:
    """Where the network answers high the surface is blue, the colour of positive numbers everywhere; where low orange."""
    net = MLP(2, [1], "sigmoid", "sigmoid", initializer="zeros")
    net.layers[0].neurons[0].weights[0].data = 40.0
    net.layers[0].neurons[0].bias.data = -20.0
    tab = show(lesson(net))
    row = tab.evaluate("[...document.getElementById('surface').getContext('2d').getImageData(0, 240, 480, 1).data]")
    (red, _, blue), (other_red, _, other_blue) = row[4 * 60 :][:3], row[4 * 420 :][:3]
    assert red > blue + 50 and other_blue > other_red + 50


def test_the_surface_s_axes_have_names_and_ends(show: Show) -> None:
    """x₁ runs along the bottom and x₂ up the left side, from end to end of what is drawn."""
    tab = show(lesson(xor_net()))
    assert tab.locator(".axis.along span").all_inner_texts() == ["−0.25", "x₁ →", "1.25"]
    assert tab.locator(".axis.up span").all_inner_texts() == ["1.25", "x₂ ↑", "−0.25"]
    surface, along, up = (tab.locator(place).bounding_box() for place in ("#surface", ".axis.along", ".axis.up"))
    assert along["y"] >= surface["y"] + surface["height"] and along["width"] == pytest.approx(surface["width"], abs=1)
    assert up["x"] + up["width"] <= surface["x"] and up["height"] == pytest.approx(surface["height"], abs=1)


def test_the_curve_has_a_point_for_each_epoch(show: Show) -> None:
    """From the cost before the first step to the present one."""
    tab = show(lesson(xor_net(), rate=10.0))
    press(tab, *["ArrowRight"] * 7)
    assert tab.locator("#curve path.curve").get_attribute("d").count("L") == 7


def test_all_numbers_are_listed_on_request(show: Show) -> None:
    """The table of parameters opens by keyboard and shows values and gradients."""
    net = xor_net()
    tab = show(lesson(net, rate=10.0))
    press(tab, "ArrowRight")
    tab.locator("summary").focus()
    press(tab, "Enter")
    until(tab, "document.querySelector('#parameters td:nth-child(2)').textContent !== ''")
    names = tab.locator("#parameters td:first-child").all_text_contents()
    assert names == [normalize("NFKC", parameter.label) for parameter in net.parameters()]  # indices are raised and lowered by the page
    assert "–" not in tab.locator("#parameters td:nth-child(3)").all_text_contents()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800), (1920, 1080)])
def test_the_page_fits_phones_and_projectors(show: Show, width: int, height: int, scheme: str) -> None:
    """Nothing sticks out sideways, on two moons as on XOR."""
    moons = two_moons(30)
    for page in (lesson(xor_net()), lesson(MLP(2, [4, 4, 1], "tanh", "tanh"), inputs=moons.inputs, targets=moons.targets)):
        tab = show(page, width=width, height=height, color_scheme=scheme)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate("[...document.querySelectorAll('button, h2')].filter((b) => b.scrollWidth > b.clientWidth + 1).length") == 0
