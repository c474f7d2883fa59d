"""The playground in a real browser: every control, by mouse and by keyboard, and its first numbers."""

import json
import math
from typing import Any
from unicodedata import normalize

import pytest

from autoback.nn.datasets import XOR, two_moons, yin_yang
from autoback.nn.modules import MLP
from autoback.nn.optimizers import SGD
from autoback.nn.training import fit
from autoback.view.lesson import Page, lesson
from tests.view.driving import Show, focused, press, tab_to, text, unreachable_or_nameless, until

pytestmark = pytest.mark.browser


def xor_net() -> MLP:
    return MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69)


def opened(show: Show, page: Page, **how: Any) -> Any:
    """A playground that has its first numbers."""
    tab = show(page, **how)
    until(tab, "autoback.playground.report !== undefined")
    settle(tab)
    return tab


def settle(tab: Any) -> None:
    """Wait until all that was asked of the page is done."""
    tab.evaluate("autoback.playground.queue.then(() => null)")


def state(tab: Any, field: str) -> Any:
    return tab.evaluate(f"autoback.playground.state.{field}")


def epoch(tab: Any) -> int:
    settle(tab)
    return int(text(tab, "#epoch"))


def test_the_first_numbers_are_python_s(show: Show) -> None:
    """Thirty steps on the page, in its worker, give the losses and weights of `fit` to 1e-12."""
    net = xor_net()
    tab = opened(show, lesson(net, rate=10.0))
    assert tab.evaluate("autoback.playground.runner.worker !== null")
    press(tab, *["ArrowRight"] * 30)
    assert epoch(tab) == 30
    losses, parameters = tab.evaluate("[autoback.playground.losses.kept, [...autoback.playground.model.parameters]]")
    history = fit(net, XOR.inputs, XOR.targets, optimizer=SGD(rate=10.0), epochs=30)
    assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(history.losses, losses, strict=True))
    assert all(math.isclose(a.data, b, rel_tol=1e-12) for a, b in zip(net.parameters(), parameters, strict=True))


def test_step_play_pause_and_reset_by_mouse(show: Show) -> None:
    """Step makes one epoch, Play goes on until it is pressed again, Reset goes back to the start."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    start = text(tab, "#cost")
    tab.click("#step")
    assert epoch(tab) == 1 and text(tab, "#cost") != start
    tab.select_option("#speed", "fastest")
    tab.click("#play")
    until(tab, "autoback.playground.report.epoch > 500")
    tab.click("#play")
    paused = epoch(tab)
    assert text(tab, "#play") == "Play"
    assert tab.evaluate("new Promise((resolve) => setTimeout(() => resolve(autoback.playground.report.epoch), 100))") == paused
    tab.click("#reset")
    assert (epoch(tab), text(tab, "#cost")) == (0, start)


def test_xor_is_learnt_and_the_page_says_so(show: Show) -> None:
    """All four samples end on the right side, in the table and on the surface."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    assert text(tab, "#right") == "2 of 4 right"
    tab.select_option("#speed", "fastest")
    tab.click("#play")
    until(tab, "autoback.playground.report.epoch >= 1000")
    tab.click("#play")
    settle(tab)
    assert text(tab, "#right") == "4 of 4 right"
    assert tab.locator("#samples td.right").count() == 4
    assert tab.locator("#surface").get_attribute("aria-label").startswith("Decision surface: 4 of 4 samples on the right side")


def test_a_batch_and_a_sample_can_be_stepped(show: Show) -> None:
    """A sample is counted until its batch is full, then the step is made; four batches of one make an epoch."""
    tab = opened(show, lesson(xor_net(), rate=1.0))
    for count in (1, 2, 3):
        tab.click("#step-sample")
        settle(tab)
        assert tab.evaluate("[autoback.playground.report.sample, autoback.playground.report.step]") == [count, 0]
    tab.click("#step-sample")
    assert epoch(tab) == 1
    tab.fill("[data-field=batch]", "1")
    press(tab, "Tab")
    for _ in range(4):
        tab.click("#step-batch")
    assert epoch(tab) == 2
    assert tab.evaluate("autoback.playground.report.step") == 4


def test_keyboard_alone_trains(show: Show) -> None:
    """Space plays and pauses, the arrow steps, R resets, and every control is reached by Tab."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    press(tab, " ")
    until(tab, "autoback.playground.report.epoch > 2")
    press(tab, " ", "r")
    assert epoch(tab) == 0
    press(tab, "ArrowRight", "ArrowRight", "s", "b")
    assert epoch(tab) == 3
    for control in ("play", "step-sample", "step", "reset", "speed", "rate-slider", "surface", "log"):
        tab_to(tab, control)
    tab.locator("#step").focus()
    press(tab, "Enter")
    assert epoch(tab) == 4 and focused(tab) == "step"


def test_every_control_has_a_name_and_is_reached_by_tab(show: Show) -> None:
    """The keyboard gets to everything the mouse gets to, and a screen reader can say what it is."""
    missed = unreachable_or_nameless(opened(show, lesson(xor_net())))
    # Of a group of radio buttons Tab reaches the chosen one, and the arrows the others.
    others = ("XOR", "moons", "circles", "spirals", "yin-yang", "own", "■", "●", "▲", "remove")
    assert [name for name in missed if not name.startswith(others)] == []


def test_the_rate_s_slider_and_number_go_together(show: Show) -> None:
    """The slider moves over decades; the box takes any positive number, also with a decimal comma, and names what it refuses."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    tab_to(tab, "rate-slider")
    press(tab, "ArrowLeft")
    assert state(tab, "rate") == pytest.approx(8.9)
    settle(tab)
    assert tab.input_value("[data-field=rate]") == "8.9"
    for typed, rate in (("0,5", 0.5), ("1e9", 1e9)):
        tab.fill("[data-field=rate]", typed)
        press(tab, "Tab")
        settle(tab)
        assert state(tab, "rate") == rate and float(tab.input_value("[data-field=rate]")) == rate
    tab.fill("[data-field=rate]", "-1")
    press(tab, "Tab")
    settle(tab)
    assert state(tab, "rate") == 1e9 and tab.input_value("[data-field=rate]") == "1e9"
    assert 'The rate cannot be "-1", so it stays as it was. It takes a number above 0.' in text(tab, "#trouble")
    tab.click("#dismiss")
    assert tab.locator("#trouble").is_hidden()


def test_each_step_is_announced(show: Show) -> None:
    """A polite live region says the epoch and the cost."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    press(tab, "ArrowRight")
    settle(tab)
    live = tab.locator("#live")
    assert live.get_attribute("aria-live") == "polite"
    assert live.text_content() == f"Epoch 1, cost {text(tab, '#cost')}."


def test_too_large_a_rate_is_explained(show: Show) -> None:
    """When the numbers outgrow doubles the page stops and names the way out."""
    tab = opened(show, lesson(MLP(2, [2, 1], "identity", seed=1), rate=1e150))
    press(tab, *["ArrowRight"] * 4)
    settle(tab)
    assert "the rate is too large" in text(tab, "#trouble")
    tab.click("#dismiss")  # it lies over the page
    assert tab.locator("#trouble").is_hidden()
    tab.click("#step")
    settle(tab)
    assert tab.locator("#trouble").is_visible()
    press(tab, "r")
    settle(tab)
    assert tab.locator("#trouble").is_hidden()


def test_the_box_of_a_weight_shows_what_the_network_has(show: Show) -> None:
    """What is no number, or too large for the cost, changes nothing; a sentence says so, and an earlier change stays."""
    tab = opened(show, lesson(xor_net(), loss="binary_cross_entropy"))
    cases = (("1,97", "1.97", False), ("abc", "1.97", True), ("1e308", "1.97", True), ("", "1.97", True), ("2", "2", False))
    for typed, shown, refused in cases:
        tab.fill("#weight", typed)
        press(tab, "Enter")
        settle(tab)
        until(tab, f"document.getElementById('trouble').hidden === {str(not refused).lower()}")
        assert (tab.input_value("#weight"), tab.evaluate("autoback.playground.model.parameters[0]")) == (shown, float(shown))
    assert not tab.evaluate("autoback.playground.report.diverged")


def test_the_cost_is_told_apart_from_its_penalty(show: Show) -> None:
    """With L2 the parts of the cost are there, since the held-out cost has no penalty; without L2 nothing is added."""
    tab = opened(show, lesson(xor_net()))
    assert text(tab, "#parts") == ""
    tab.fill("[data-field=l2]", "0.1")
    press(tab, "Enter")
    until(tab, "autoback.playground.report.penalty > 0")
    weights = [float(w.data) for neuron in xor_net().layers[0].neurons + xor_net().layers[1].neurons for w in neuron.weights]
    assert tab.evaluate("autoback.playground.report.penalty") == pytest.approx(0.1 * sum(w * w for w in weights))
    until(tab, "/^\\s*= [\\d.]+ \\+ L2 [\\d.]+$/.test(document.getElementById('parts').textContent)")


def test_the_surface_has_the_colour_of_the_answer(show: Show) -> None:
    """Where the network answers high the surface is blue, the colour of positive numbers everywhere; where low orange."""
    net = MLP(2, [1], "sigmoid", "sigmoid", initializer="zeros")
    net.layers[0].neurons[0].weights[0].data = 40.0
    net.layers[0].neurons[0].bias.data = -20.0
    tab = opened(show, lesson(net))
    row = tab.evaluate("[...document.getElementById('surface').getContext('2d').getImageData(0, 240, 480, 1).data]")
    (red, _, blue), (other_red, _, other_blue) = row[4 * 60 :][:3], row[4 * 420 :][:3]
    assert red > blue + 50 and other_blue > other_red + 50


def test_the_surface_s_axes_have_names_and_ends(show: Show) -> None:
    """x₁ runs along the bottom and x₂ up the left side, from end to end of what is drawn."""
    tab = opened(show, lesson(xor_net()))
    assert tab.locator(".axis.along span").all_inner_texts() == ["−0.25", "x₁", "1.25"]
    assert tab.locator(".axis.up span").all_inner_texts() == ["1.25", "x₂", "−0.25"]
    surface, along, up = (tab.locator(place).bounding_box() for place in ("#surface", ".axis.along", ".axis.up"))
    assert along["y"] >= surface["y"] + surface["height"] and along["width"] == pytest.approx(surface["width"], abs=1)
    assert up["x"] + up["width"] <= surface["x"] and up["height"] == pytest.approx(surface["height"], abs=1)


def test_the_curve_has_a_point_for_each_epoch_and_a_log_scale(show: Show) -> None:
    """From the cost before the first step to the present one; on the log scale the axis has powers of ten."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    press(tab, *["ArrowRight"] * 7)
    settle(tab)
    assert tab.locator("#curve path.curve").get_attribute("d").count("L") == 8  # the last loss, and the cost now
    tab.check("#log")
    levels = [float(each) for each in tab.locator("#curve text[text-anchor=end]").all_text_contents()[:-1]]
    assert levels == [0.1, 1]


def test_all_numbers_are_listed_on_request(show: Show) -> None:
    """The table of parameters opens by keyboard and shows values and gradients."""
    net = xor_net()
    tab = opened(show, lesson(net, rate=10.0))
    press(tab, "ArrowRight")
    tab.locator("#numbers summary").focus()
    press(tab, "Enter")
    until(tab, "document.querySelector('#parameters td:nth-child(2)')?.textContent")
    names = tab.locator("#parameters td:first-child").all_text_contents()
    assert names == [normalize("NFKC", parameter.label) for parameter in net.parameters()]  # indices are raised and lowered by the page
    assert "–" not in tab.locator("#parameters td:nth-child(3)").all_text_contents()


def test_every_setting_changes_the_training(show: Show) -> None:
    """Optimiser, loss, batch, L2 and seed are each taken over, and each keeps the page whole."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    for field, chosen, held in (("optimizer", "adam", "adam"), ("loss", "hinge", "hinge")):
        tab.select_option(f"[data-field={field}]", chosen)
        settle(tab)
        assert state(tab, field) == held
    assert state(tab, "rate") == 0.01  # Adam's
    assert tab.evaluate("[...autoback.playground.samples.targets]") == [-1, 1, 1, -1]
    for field, typed, held in (("batch", "2", 2), ("l2", "0.01", 0.01), ("seed", "7", 7)):
        tab.fill(f"[data-field={field}]", typed)
        press(tab, "Tab")
        settle(tab)
        assert state(tab, field) == held
    first = [parameter.data for parameter in MLP(2, [2, 1], "sigmoid", "sigmoid", seed=7).parameters()]
    assert tab.evaluate("[...autoback.playground.model.parameters]") == first
    tab.click("#new-seed")
    settle(tab)
    assert state(tab, "seed") == 8
    tab.select_option("[data-field=loss]", "cross_entropy")
    settle(tab)
    assert state(tab, "outputs") == 2 and "two outputs" in text(tab, "#trouble")
    press(tab, "ArrowRight")
    assert epoch(tab) == 1


def test_layers_neurons_and_activations_can_be_chosen(show: Show) -> None:
    """From no hidden layer to four, 1 to 16 neurons, an activation for each layer."""
    tab = opened(show, lesson(xor_net()))
    for _ in range(4):
        tab.click("#layers [data-what=add]:not(:disabled)") if tab.locator("#layers [data-what=add]:not(:disabled)").count() else None
        settle(tab)
    assert state(tab, "hidden") == [2, 2, 2, 2] and tab.locator("#layers [data-what=add]").is_disabled()
    tab.fill("#layers [data-what=size][data-layer='1']", "16")
    press(tab, "Enter")
    tab.select_option("#layers [data-what=activation][data-layer='2']", "relu")
    settle(tab)
    assert (state(tab, "hidden"), state(tab, "activations")[2]) == ([2, 16, 2, 2], "relu")
    tab.fill("#layers [data-what=size][data-layer='1']", "17")
    press(tab, "Enter")
    settle(tab)
    assert state(tab, "hidden")[1] == 16 and tab.input_value("#layers [data-what=size][data-layer='1']") == "16"
    assert 'Layer 2 cannot have "17" neurons' in text(tab, "#trouble")
    for _ in range(4):
        tab.click("#layers [data-what=remove]")
        settle(tab)
    assert state(tab, "hidden") == [] and tab.locator("#layers [data-what=remove]").is_disabled()
    assert tab.evaluate("autoback.playground.model.sizes") == [2, 1]


def test_each_set_is_shown_and_learnt_with(show: Show) -> None:
    """Choosing a set changes the samples; that of three classes brings three outputs, and held-out samples a curve of their own."""
    tab = opened(show, lesson(xor_net()))
    for name, count, outputs in (("moons", 200, 1), ("circles", 200, 1), ("spirals", 200, 1), ("yin-yang", 200, 3), ("xor", 4, 1)):
        tab.check(f"#set-{name}")
        settle(tab)
        assert tab.evaluate("[autoback.playground.samples.count, autoback.playground.model.outputs.length]") == [count, outputs]
        press(tab, "Tab", "Tab")
        tab.click("#step")
        assert epoch(tab) == 1
    tab.check("#set-moons")
    for field, typed in (("points", "40"), ("noise", "0.2"), ("held", "0.25"), ("dataSeed", "3")):
        tab.fill(f"[data-field={field}]", typed)
        press(tab, "Tab")
        settle(tab)
    data, held = two_moons(40, noise=0.2, seed=3).split(0.25, 3)
    places = tab.evaluate("[[...autoback.playground.samples.inputs], [...autoback.playground.samples.held.inputs]]")
    for side, found in zip((data, held), places, strict=True):
        assert [x for row in side.inputs for x in row] == pytest.approx(found, rel=1e-12)
    tab.click("#step")
    settle(tab)
    assert tab.locator("#curve path.held").count() == 1
    assert text(tab, "#held-cost") != "" and "held out" in text(tab, "#right")


def test_points_are_added_moved_and_removed_by_mouse(show: Show) -> None:
    """A click adds a point of the class chosen, a drag moves one, out of the square it removes it; the network stays."""
    tab = opened(show, lesson(xor_net()))
    press(tab, "ArrowRight")
    settle(tab)
    before = tab.evaluate("[...autoback.playground.model.parameters]")
    box = tab.locator("#surface").bounding_box()

    def at(x: float, y: float) -> tuple[float, float]:
        return box["x"] + (x + 0.25) / 1.5 * box["width"], box["y"] + (1.25 - y) / 1.5 * box["height"]

    def click(x: float, y: float) -> None:
        tab.mouse.click(*at(x, y))
        settle(tab)

    def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
        tab.mouse.move(*start)
        tab.mouse.down()
        tab.mouse.move(*end, steps=3)
        tab.mouse.up()
        settle(tab)

    tab.check("#tool-1")
    click(0.5, 0.5)
    own = state(tab, "own")
    assert len(own) == 5 and own[4] == pytest.approx([0.5, 0.5, 1], abs=0.01)
    assert tab.evaluate("[...autoback.playground.model.parameters]") == before
    drag(at(0.5, 0.5), at(0.25, 0.75))
    assert state(tab, "own")[4] == pytest.approx([0.25, 0.75, 1], abs=0.01)
    drag(at(0.25, 0.75), (box["x"] - 20, box["y"] + 50))
    assert len(state(tab, "own")) == 4
    tab.check("#tool-2")
    click(0.5, 0.5)
    assert state(tab, "outputs") == 3 and tab.locator("#trouble").is_hidden()
    tab.check("#tool-remove")
    click(0.5, 0.5)
    assert len(state(tab, "own")) == 4
    tab.check("#tool-look")
    click(1, 1)
    assert tab.evaluate("autoback.playground.chosen") == 3


def test_points_are_added_and_removed_by_keyboard(show: Show) -> None:
    """On the surface arrows move a cursor, a digit chooses the class, Enter adds, Delete and Enter remove."""
    tab = opened(show, lesson(xor_net()))
    tab.locator("#surface").focus()
    press(tab, "1", "ArrowLeft", "Enter")
    settle(tab)
    assert state(tab, "own")[4] == pytest.approx([0.47, 0.5, 1], abs=0.01)
    assert tab.evaluate("document.activeElement.id") == "surface"
    press(tab, "Delete", "Enter")
    settle(tab)
    assert len(state(tab, "own")) == 4


def test_no_points_and_one_class_are_said(show: Show) -> None:
    """Without samples nothing runs, and with one class there is nothing to tell apart: a sentence each."""
    tab = opened(show, lesson(xor_net()))
    tab.click("#clear")
    settle(tab)
    assert "no samples to train with" in text(tab, "#trouble")
    tab.click("#play")
    press(tab, "ArrowRight")
    assert text(tab, "#play") == "Play"
    tab.check("#tool-1")
    tab.locator("#surface").click(position={"x": 50, "y": 50})
    settle(tab)
    assert "of one class" in text(tab, "#trouble")
    press(tab, "Escape")
    tab.click("#step")
    assert epoch(tab) == 1


def test_points_are_pasted(show: Show) -> None:
    """Text with a line for each point becomes the data; text that is none gets its sentence."""
    tab = opened(show, lesson(xor_net()))
    tab.click("#paste")
    tab.fill("#pasted", "0,0\n")
    tab.click("#take")
    assert "Line 1 is no point" in text(tab, "#paste-trouble")
    tab.fill("#pasted", "0,0,0\n1,1,1\n2,0,2\n")
    tab.click("#take")
    settle(tab)
    assert state(tab, "own") == [[0, 0, 0], [1, 1, 1], [2, 0, 2]]
    assert tab.evaluate("autoback.playground.model.outputs.length") == 3


def test_pasted_points_begin_anew(show: Show) -> None:
    """Other data are another problem: the training starts from the seed's weights; a point clicked in lets it go on."""
    tab = opened(show, lesson(xor_net()))
    tab.click("#step")
    settle(tab)
    for k in range(2):
        tab.click("#paste")
        tab.fill("#pasted", f"0,{k},0\n1,1,1\n")
        tab.click("#take")
        settle(tab)
        assert (epoch(tab), tab.evaluate("autoback.playground.losses.length")) == (0, 0)
        tab.click("#step")
        settle(tab)
    tab.check("#tool-0")
    tab.locator("#surface").click(position={"x": 40, "y": 40})
    settle(tab)
    assert (len(state(tab, "own")), epoch(tab)) == (3, 1)


def test_pasted_numbers_are_learnt_as_numbers(show: Show) -> None:
    """More than three different numbers are no classes: one identity output, a loss that takes them, and no count of right answers."""
    tab = opened(show, lesson(MLP(2, [4, 1], "tanh", "sigmoid"), data="circles", loss="binary_cross_entropy"))
    tab.click("#paste")
    tab.fill("#pasted", "\n".join(f"{x},{y},{x * y}" for x in (-2, -1, 1, 2) for y in (-2, -1, 1, 2)))
    tab.click("#take")
    settle(tab)
    assert (state(tab, "regression"), state(tab, "loss"), state(tab, "activations")) == (True, "squared_error", ["tanh", "identity"])
    assert "does not take these targets" in text(tab, "#trouble") and text(tab, "#right") == ""
    tab.click("#step")
    assert epoch(tab) == 1


def test_a_link_brings_the_page_back(show: Show) -> None:
    """The link of a trained network gives the same settings and weights in another tab."""
    page = lesson(xor_net(), rate=10.0)
    tab = opened(show, page)
    tab.check("#set-circles")
    tab.click("#step")
    settle(tab)
    tab.click("#copy-link")
    tab.locator("#copying").wait_for()
    link = tab.input_value("#copy")
    weights = tab.evaluate("[...autoback.playground.model.parameters]")
    tab.evaluate("document.querySelector('#copying .close').click()")
    tab.goto("about:blank")
    tab.goto(link)
    until(tab, "window.autoback?.playground?.report !== undefined")
    settle(tab)
    assert state(tab, "set") == "circles"
    assert tab.evaluate("[...autoback.playground.model.parameters]") == weights
    tab.evaluate("location.hash = 'rate=nonsense&seed=4'")
    until(tab, "autoback.playground.state.seed === 4")
    settle(tab)
    assert "The rate cannot be" in text(tab, "#trouble")


def test_in_a_notebook_s_frame_it_computes_and_says_what_it_may_not(show: Show, tmp_path: Any) -> None:
    """A frame without an address gives the part of a link, and the file as text; training goes on as everywhere."""
    framed = tmp_path / "notebook.html"
    framed.write_text(f"<!doctype html><title>notebook</title>{lesson(xor_net())._repr_html_()}", encoding="utf-8")
    tab = show(lesson(xor_net())).context.new_page()
    try:
        tab.goto(framed.as_uri())
        frame = tab.frames[1]
        until(frame, "window.autoback?.playground?.report")
        frame.click("#step")
        frame.evaluate("autoback.playground.queue.then(() => null)")
        assert frame.inner_text("#epoch") == "1"
        for button, said, start in (("#copy-link", "has no address", "#"), ("#save", "may not save files", '{\n  "format"')):
            frame.click(button)
            frame.locator("#copying").wait_for()
            assert said in frame.inner_text("#copied") and frame.input_value("#copy").startswith(start)
            frame.evaluate("document.querySelector('#copying .close').click()")
    finally:
        tab.close()


def test_a_file_is_saved_and_opened(show: Show, tmp_path: Any) -> None:
    """The saved file brings the network back; a file that is none gets its sentence."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    press(tab, "ArrowRight")
    settle(tab)
    weights = tab.evaluate("[...autoback.playground.model.parameters]")
    with tab.expect_download() as download:
        tab.click("#save")
    saved = tmp_path / "playground.json"
    download.value.save_as(saved)
    assert json.loads(saved.read_text(encoding="utf-8"))["format"] == "autoback 1"
    press(tab, "r")
    tab.set_input_files("#file", saved)
    until(tab, f"autoback.playground.model.parameters[0] === {weights[0]!r}")
    settle(tab)
    assert tab.evaluate("[...autoback.playground.model.parameters]") == weights
    bad = tmp_path / "bad.json"
    bad.write_text("nonsense", encoding="utf-8")
    tab.set_input_files("#file", bad)
    until(tab, "document.getElementById('trouble').textContent.includes('not JSON')")


def test_python_code_is_copied(show: Show) -> None:
    """The code stands in a box to copy from, whatever the clipboard allows."""
    tab = opened(show, lesson(xor_net()))
    tab.click("#copy-python")
    tab.locator("#copying").wait_for()
    assert tab.input_value("#copy").startswith("from autoback import MLP, SGD, cost, fit")


def test_without_workers_the_page_computes_itself(show: Show) -> None:
    """Where a worker is refused the same numbers come from the page's own thread."""
    tab = opened(show, lesson(xor_net(), rate=10.0))
    press(tab, "ArrowRight")
    settle(tab)
    cost = text(tab, "#cost")
    tab.evaluate("autoback.playground.runner.fall()")
    press(tab, "r", "ArrowRight")
    assert epoch(tab) == 1 and text(tab, "#cost") == cost


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_phones_and_projectors(show: Show, scheme: str) -> None:
    """Nothing sticks out sideways, on three classes as on XOR."""
    points = yin_yang(60)
    for page in (lesson(xor_net()), lesson(MLP(2, [4, 4, 3]), inputs=points.inputs, targets=points.targets, loss="cross_entropy")):
        tab = opened(show, page, color_scheme=scheme)
        for width, height in ((360, 740), (1280, 720), (1920, 1080)):
            tab.set_viewport_size({"width": width, "height": height})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert tab.evaluate("[...document.querySelectorAll('button, h2')].filter((b) => b.scrollWidth > b.clientWidth + 1).length") == 0


def test_a_projector_shows_all_that_matters_without_scrolling(show: Show) -> None:
    """At 1280 × 720 data, network, output and cost are all in view, and so is the line that says whether it is well."""
    tab = opened(show, lesson(xor_net()), width=1280, height=720)
    for place in ("#play", "#sets", "#layers", "#network", "#surface", "#curve", "#alarms"):
        box = tab.locator(place).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 720, place
