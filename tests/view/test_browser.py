"""The lesson in a real browser: every control, by mouse and by keyboard, and the numbers it computes."""

import math
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from autoback import OPERATIONS, Value, log, topological_order
from autoback.engine.functions import FUNCTIONS
from autoback.text import short
from autoback.view.lesson import lesson, worksheet
from autoback.view.lesson.snapshot import snapshot
from tests.view import conftest
from tests.view.driving import Show, focused, press, tab_to, text, unreachable_or_nameless, until
from tests.view.graphs import HOSTILE, neuron, wide, xor_sample
from tests.view.test_lesson_javascript import assert_same, script

pytestmark = pytest.mark.browser


def step_of(tab: Any) -> int:
    return int(tab.locator("#scrub").input_value())


def test_every_row_of_the_table_computes_the_same_in_the_browser(browser: Any) -> None:
    """The derived JavaScript gives Python's numbers for every row over its domain."""
    tab = browser.new_page()
    rows = list(OPERATIONS.values())
    assert_same(rows, tab.evaluate(script(rows)))
    tab.close()


def test_the_page_computes_the_graph_s_values_and_gradients(show: Show) -> None:
    """After the last step every card shows what Python computed."""
    tab = show(lesson(xor_sample()))
    press(tab, "End")
    for k, node in enumerate(snapshot(xor_sample())):
        assert math.isclose(tab.evaluate(f"autoback.lesson.graph.value[{k}]"), node.value, rel_tol=1e-14)
        assert math.isclose(tab.evaluate(f"autoback.lesson.graph.gradient[{k}]"), node.gradient, rel_tol=1e-12, abs_tol=1e-300)
        if not node.constant:
            assert (tab.text_content(f"#n{k}v"), tab.text_content(f"#n{k}g")) == (short(node.value), short(node.gradient))


def test_a_missing_browser_skips_unless_one_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """With AUTOBACK_REQUIRE_BROWSER=1 the reason to skip is a failure, so that a gate cannot pass by looking away."""
    monkeypatch.setattr(conftest, "REQUIRED", False)
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        conftest.unavailable("no browser")
    monkeypatch.setattr(conftest, "REQUIRED", True)
    with pytest.raises(pytest.fail.Exception, match="no browser, and AUTOBACK_REQUIRE_BROWSER=1 requires one"):
        conftest.unavailable("no browser")


# Walk through


def test_arrow_keys_home_and_end_walk_through_the_steps(show: Show) -> None:
    """Right and left go one step, Home and End to either end, and no further."""
    tab = show(lesson(neuron()))
    last = int(tab.locator("#scrub").get_attribute("max"))
    press(tab, "ArrowLeft")
    assert step_of(tab) == 0
    press(tab, "ArrowRight", "ArrowRight")
    assert step_of(tab) == 2
    press(tab, "ArrowLeft")
    assert step_of(tab) == 1
    press(tab, "End", "ArrowRight")
    assert step_of(tab) == last
    press(tab, "Home")
    assert step_of(tab) == 0


def test_keys_that_only_walk_are_named_only_there(show: Show) -> None:
    """The footer promises no key that does nothing in the present way to learn."""
    tab = show(lesson(xor_sample()))
    for mode in ("4", "3", "2", "1"):
        press(tab, mode)
        keys = tab.locator("footer kbd").evaluate_all("(all) => all.filter((key) => key.checkVisibility()).map((key) => key.textContent)")
        assert keys == [*(["←", "→", "Home", "End", "P"] if mode == "1" else []), "1", "4", "↑", "↓", "Enter"]


def test_buttons_walk_as_the_keys_do(show: Show) -> None:
    """First, previous, next and last; what leads nowhere is disabled."""
    tab = show(lesson(neuron()))
    assert tab.locator("#previous").is_disabled() and tab.locator("#first").is_disabled()
    tab.click("#next")
    tab.click("#next")
    tab.click("#previous")
    assert step_of(tab) == 1
    tab.click("#last")
    assert tab.locator("#next").is_disabled() and tab.locator("#last").is_disabled()
    tab.click("#first")
    assert step_of(tab) == 0


def test_the_slider_of_steps_goes_anywhere(show: Show) -> None:
    """Dragging is stepping."""
    tab = show(lesson(neuron()))
    tab.locator("#scrub").fill("4")
    assert "step 4 of" in text(tab, "#story")


def test_steps_run_forward_over_operations_then_backward_over_edges(show: Show) -> None:
    """Start, one step for each operation, the seed, one for each edge with a derivative, the end."""
    tab = show(lesson(neuron()))
    kinds = tab.evaluate("autoback.lesson.modes.walk.steps.map((step) => step.kind)")
    assert kinds == ["start"] + ["forward"] * 5 + ["seed"] + ["backward"] * 8 + ["end"]


def test_a_forward_step_shows_formula_numbers_and_result(show: Show) -> None:
    """The first operation of tanh(w·x + b) is w·x, with its numbers, and the reason why it can be computed now."""
    tab = show(lesson(neuron()))
    press(tab, "ArrowRight")
    story = text(tab, "#story")
    assert "Compute v1 with mul" in story
    formulas = tab.locator("#story math").all_text_contents()
    assert formulas == ["v1=w·x", "=0.5·2=1"]
    assert "topological order" in story
    assert tab.text_content("#n2v") == "1" and tab.text_content("#n4v") == "?"


def test_a_backward_step_multiplies_upstream_by_local_and_accumulates(show: Show) -> None:
    """With x·x the second contribution is added to the first."""
    x = Value(3.0, "x")
    tab = show(lesson(x * x))
    press(tab, "ArrowRight", "ArrowRight", "ArrowRight")
    assert tab.text_content("#n0g") == "3"
    assert "1 more contribution will be added" in text(tab, "#story")
    press(tab, "ArrowRight")
    assert tab.text_content("#n0g") == "6"
    assert "3 + 3 = 6" in text(tab, "#story")


def test_a_gradient_not_computed_differs_from_zero(show: Show) -> None:
    """Before the backward steps a card says –, afterwards 0 where it is 0."""
    x, y = Value(3.0, "x"), Value(0.0, "y")
    tab = show(lesson(x * y))
    assert tab.text_content("#n0g") == "–"
    press(tab, "End")
    assert tab.text_content("#n0g") == "0"


def test_each_step_is_announced_to_screen_readers(show: Show) -> None:
    """A polite live region says where we are, what happens and why."""
    tab = show(lesson(neuron()))
    live = tab.locator("#live")
    assert live.get_attribute("aria-live") == "polite"
    press(tab, "ArrowRight")
    assert live.text_content().startswith("Step 1 of 15. Forward: v₁ = w · x = 0.5 · 2 = 1.")
    press(tab, "End", "ArrowLeft")
    assert "Backward from v₁ to x: upstream" in live.text_content()


def test_play_runs_to_the_end_and_pauses_on_request(show: Show) -> None:
    """Play goes on by itself at the chosen speed; pressed again, it pauses."""
    tab = show(lesson(neuron()))
    tab.select_option("#speed", "8")
    tab.click("#play")
    until(tab, "autoback.lesson.modes.walk.step > 2")
    tab.click("#play")
    assert text(tab, "#play") == "Play" and step_of(tab) < 15
    tab.locator("body").press("p")
    until(tab, "autoback.lesson.modes.walk.step === 15")
    assert text(tab, "#play") == "Play"


def test_a_click_on_a_card_explains_it(show: Show) -> None:
    """The inspector gives the rule, the character and the sum behind the gradient."""
    tab = show(lesson(neuron()))
    press(tab, "End")
    tab.click("#n4")
    panel = text(tab, "#inspector")
    assert "distributes" in panel
    assert tab.locator("#inspector tr.total td").last.text_content() == tab.text_content("#n4g")


def test_cards_are_reached_and_explained_by_keyboard(show: Show) -> None:
    """One Tab stop leads into the graph, arrows move, Enter explains and says it aloud."""
    tab = show(lesson(neuron()))
    tab.locator("#n9").focus()
    press(tab, "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "Enter")
    assert focused(tab) == "n5"
    assert "tanh" in text(tab, "#inspector")
    assert tab.text_content("#live").startswith("v₃, tanh.")
    assert tab.locator("[id^=n][tabindex='0']").count() == 1


# Touch it


def test_a_slider_recomputes_the_whole_graph(show: Show) -> None:
    """Moving w moves L and every gradient, as Python would."""
    tab = show(lesson(neuron()))
    press(tab, "2")
    tab.get_by_label("w, slider").fill("0.8")
    until(tab, "document.getElementById('n0v').textContent === '0.8'")
    moved = neuron()
    leaf = next(node for node in _ancestors(moved) if node.label == "w")
    leaf.data = 0.8
    assert tab.text_content("#n9v") == short(snapshot(moved)[-1].value)
    assert tab.text_content("#n0g") == short(snapshot(moved)[0].gradient)
    assert "was 0.9293" in text(tab, "#readout")
    tab.get_by_label("w, slider").dispatch_event("change")
    assert tab.text_content("#live").startswith("L = ")
    assert tab.get_by_label("w, number").input_value() == "0.8"


def test_a_number_box_takes_any_number_and_the_slider_follows(show: Show) -> None:
    """A number beyond the slider's ends widens it."""
    tab = show(lesson(neuron()))
    press(tab, "2")
    tab.get_by_label("b, number").fill("50")
    assert float(tab.get_by_label("b, slider").input_value()) == 50.0
    tab.click("#restore")
    until(tab, "document.getElementById('n3v').textContent === '1'")
    assert tab.get_by_label("b, number").input_value() == "1"


def test_every_leaf_can_be_touched(show: Show) -> None:
    """Each leaf has a slider and a box, constants too."""
    tab = show(lesson(xor_sample()))
    press(tab, "2")
    leaves = sum(node.op is None for node in snapshot(xor_sample()))
    assert tab.locator("#leaves input[type=range]").count() == tab.locator("#leaves input[type=number]").count() == leaves


def test_a_number_outside_a_domain_is_explained_and_undone_on_leaving(show: Show) -> None:
    """log of a negative number says why and what to do; the other ways to learn get whole numbers again."""
    tab = show(lesson(log(Value(2.0, "x"))))
    press(tab, "2")
    tab.get_by_label("x, number").fill("-1")
    until(tab, "document.getElementById('trouble').textContent !== ''")
    assert "log needs x > 0" in text(tab, "#trouble")
    assert tab.text_content("#n1v") == "?"
    tab.click("[data-mode=walk]")
    press(tab, "End")
    assert tab.text_content("#n1v") == short(math.log(2.0))


def test_sliders_are_long_enough_to_aim_with(show: Show) -> None:
    """A slider has 400 places to stop at: it takes the room that a large screen has, and what a phone can give."""
    for width, height, least in ((360, 740, 120), (820, 1180, 150), (1280, 800, 150), (1600, 900, 240)):
        tab = show(lesson(xor_sample()), width=width, height=height)
        press(tab, "2")
        assert tab.locator(".leaf-row input[type=range]").first.bounding_box()["width"] >= least


def test_arrow_keys_on_a_slider_move_the_slider(show: Show) -> None:
    """Inside a control its own keys work, and they do not step the lesson."""
    tab = show(lesson(neuron()))
    tab_to(tab, "touch")
    press(tab, "Enter")
    tab_to(tab, "w, slider")
    press(tab, "ArrowRight")
    until(tab, "document.getElementById('n0v').textContent === '0.51'")


# Nudge


def test_nudge_compares_the_slope_seen_with_the_gradient(show: Show) -> None:
    """Δroot/h stands beside the gradient, with their difference."""
    tab = show(lesson(neuron()))
    press(tab, "3")
    cells = tab.locator("#comparison td").all_text_contents()
    root = snapshot(neuron())
    moved = neuron()
    next(node for node in _ancestors(moved) if node.label == "w").data += 0.01
    slope = (snapshot(moved)[-1].value - root[-1].value) / 0.01
    assert float(cells[cells.index("Δ/h, the slope seen") + 1]) == pytest.approx(slope, rel=1e-9)
    assert float(cells[cells.index("∂L/∂w, the gradient") + 1]) == pytest.approx(root[0].gradient, rel=1e-9)


def test_the_error_falls_and_rises_with_h(show: Show) -> None:
    """Large steps err by truncation, tiny ones by rounding, and the best lies between."""
    tab = show(lesson(neuron()))
    press(tab, "3")
    measure = "(e) => { const n = autoback.lesson.modes.nudge; return Math.abs(n.slope(0, 10 ** e) - n.graph.gradient[0]); }"
    errors = {e: tab.evaluate(measure, e) for e in (-1, -7, -14)}
    assert errors[-1] > 100 * errors[-7] and errors[-14] > 100 * errors[-7]
    assert tab.locator("#chart path.curve").count() == 1


def test_the_curve_of_errors_has_no_lucky_dips(show: Show) -> None:
    """Where rounding happens to hit the gradient the curve goes on: from the smallest h to the best one it falls."""
    x = Value(3.0, "x")
    tab = show(lesson((x * 2.0) * (x + 1.0)))
    press(tab, "3")
    path = tab.locator("#chart path.curve").get_attribute("d")
    heights = [float(point.split()[1]) for point in path[1:].split("L")]
    lowest = heights.index(max(heights))
    assert 20 < lowest < 40
    assert all(here < after + 25 for here, after in pairwise(heights[: lowest + 1]))


def test_a_kink_is_named_where_no_step_is_small_enough(show: Show) -> None:
    """At the kink of relu both slopes are told; away from it nothing is."""
    tab = show(lesson(Value(0.0, "x").relu()))
    press(tab, "3")
    assert "on the left the slope is 0, on the right 1" in text(tab, "#kink")
    press(tab, "2")
    tab.fill("#leaves input[type=number]", "1")
    press(tab, "Tab")
    tab.click("text=Nudge")
    assert text(tab, "#kink") == ""


def test_nudge_is_driven_by_keyboard_alone(show: Show) -> None:
    """Leaf, width and method change by keys, and the result is announced."""
    tab = show(lesson(neuron()))
    press(tab, "3")
    tab_to(tab, "decade")
    press(tab, "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft")
    until(tab, "document.getElementById('width').textContent === '0.001'")
    assert "h = 0.001" in tab.text_content("#live")
    tab_to(tab, "method")
    press(tab, "ArrowDown")
    until(tab, "document.getElementById('comparison').textContent.includes('Δ/2h')")
    tab.locator("#nudged").focus()
    press(tab, "ArrowDown")
    until(tab, "document.getElementById('comparison').textContent.includes('∂L/∂x')")


# Quiz


def test_a_perfect_quiz_by_keyboard_alone(show: Show) -> None:
    """Typing every gradient and pressing Enter ends with a full score."""
    tab = show(lesson(neuron()))
    press(tab, "4")
    assert tab.text_content("#n0g") == "?"
    tab_to(tab, "answer")
    total = tab.evaluate("autoback.lesson.modes.quiz.questions.length")
    for _ in range(total):
        answer = tab.evaluate("(() => { const q = autoback.lesson.modes.quiz; return q.graph.gradient[q.questions[q.at]]; })()")
        tab.keyboard.type(f"{answer:.3g}")
        press(tab, "Enter")
        assert "Right." in text(tab, "#feedback")
        tab_to(tab, "following")
        press(tab, "Enter")
    assert f"Score: {total} of {total}" in text(tab, "#feedback")
    assert focused(tab) == "again"
    press(tab, "Enter")
    assert "Question 1 of" in text(tab, "#progress")


def test_enter_goes_on_after_a_right_answer(show: Show) -> None:
    """Who types need not leave the field: Enter checks an answer, and Enter again asks the next question."""
    x = Value(3.0, "x")
    tab = show(lesson((x * 2.0).sin()))
    press(tab, "4")
    tab_to(tab, "answer")
    tab.keyboard.type("0.96")
    press(tab, "Enter")
    assert "Right." in text(tab, "#feedback")
    press(tab, "Enter")
    assert "Question 2 of" in text(tab, "#progress")
    assert focused(tab) == "answer" and tab.input_value("#answer") == ""


def test_a_wrong_answer_names_the_contribution_that_was_missed(show: Show) -> None:
    """Of a number used twice, the sum of one path only is told which path is missing."""
    x = Value(3.0, "x")
    tab = show(lesson(x * x + x))
    press(tab, "4")
    tab.click("#show")
    tab.click("#following")
    tab.fill("#answer", "6")
    tab.click("text=Check")
    assert "Not yet. You missed the contribution through L: 1 × 1 = 1." in text(tab, "#feedback")
    tab.fill("#answer", "7")
    tab.click("text=Check")
    assert "Right. 1 × 1 + 1 × 3 + 1 × 3 = 7." in text(tab, "#feedback")
    tab.click("#following")
    assert "Score: 0 of 2" in text(tab, "#feedback")


def test_wrong_signs_and_forgotten_factors_are_recognised(show: Show) -> None:
    """The feedback tells a wrong sign, a local derivative alone, and what is no number from each other."""
    x, y = Value(3.0, "x"), Value(2.0, "y")
    tab = show(lesson((x * y) * 5.0))
    press(tab, "4")
    tab.click("#show")
    tab.click("#following")
    tab.click("#show")
    tab.click("#following")
    replies = {"-15": "the sign is not", "3": "local derivative alone", "x": "That is no number", "99": "Multiply upstream by local"}
    for answer, reply in replies.items():
        tab.fill("#answer", answer)
        tab.click("text=Check")
        assert reply in text(tab, "#feedback")
    tab.click("#finish")
    assert "Score: 0 of" in text(tab, "#feedback")


def test_a_graph_of_a_single_leaf_is_a_lesson_too(show: Show) -> None:
    """Nothing to compute and nothing to ask, but no error either."""
    tab = show(lesson(Value(1.0, "x")))
    press(tab, "End", "2", "3", "4", "1")
    assert tab.text_content("#n0g") == "1"


def test_a_click_on_a_card_asks_about_it_and_tells_nothing(show: Show) -> None:
    """During the quiz a card cannot be made to show its gradient; clicking it makes it the question."""
    tab = show(lesson(neuron()))
    press(tab, "4")
    tab.click("#n0")
    assert tab.locator("#question").get_attribute("aria-label") == "Gradient of L with respect to w"
    assert tab.text_content("#n0g") == "?" and tab.locator("#quiz").is_visible()
    for _ in range(tab.evaluate("autoback.lesson.modes.quiz.questions.length")):
        tab.click("#show")
        tab.click("#following")
    assert "Score: 0 of" in text(tab, "#feedback")


# The worksheet


@pytest.mark.parametrize("graph", [neuron, xor_sample])
def test_exercise_and_key_print_on_a_page_of_a4_each(show: Show, graph: Callable[[], Value]) -> None:
    """Two sheets leave the printer, both A4, the key on the second."""
    tab = show(worksheet(graph()))
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", tab.pdf(prefer_css_page_size=True))
    assert len(sheets) == 2
    for sheet in sheets:
        assert sorted(map(float, sheet)) == pytest.approx([595.3, 841.9], abs=1.0)


def test_nothing_of_a_worksheet_sticks_out_on_a_phone(show: Show) -> None:
    """Also on a small screen the sheet can be read."""
    tab = show(worksheet(xor_sample()), width=360, height=740)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


# The whole page


@pytest.mark.parametrize("mode", "1234")
def test_every_control_has_a_name_and_is_reached_by_tab(show: Show, mode: str) -> None:
    """In each way to learn, the keyboard gets to everything the mouse gets to, and a screen reader can say what it is."""
    tab = show(lesson(neuron()))
    press(tab, "ArrowRight", mode)
    assert unreachable_or_nameless(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800), (1920, 1080)])
def test_the_page_fits_phones_and_projectors(show: Show, width: int, height: int, scheme: str) -> None:
    """Nothing sticks out sideways in any way to learn, and no button is clipped."""
    tab = show(lesson(xor_sample()), width=width, height=height, color_scheme=scheme)
    for mode in "1234":
        press(tab, mode)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        clipped = "[...document.querySelectorAll('button')].filter((b) => b.offsetParent && b.scrollWidth > b.clientWidth + 1).length"
        assert tab.evaluate(clipped) == 0
        if mode == "4":
            tab.locator("body").click(position={"x": 2, "y": 2})


def test_dark_mode_changes_the_colours(show: Show) -> None:
    """The page follows the system's preference."""
    tabs = [show(lesson(neuron()), color_scheme=scheme) for scheme in ("light", "dark")]
    light, dark = [tab.evaluate("getComputedStyle(document.body).backgroundColor") for tab in tabs]
    assert light != dark


def test_reduced_motion_means_no_transition(show: Show) -> None:
    """Who asked for calm gets no animated colours and no smooth scrolling."""
    for motion, expected in (("reduce", "0s"), ("no-preference", "0.15s")):
        tab = show(lesson(neuron()), reduced_motion=motion)
        lasting = tab.evaluate("getComputedStyle(document.querySelector('.card')).transitionDuration")
        assert lasting.split(",")[0] == expected


def test_hostile_labels_stay_text_in_every_way_to_learn(show: Show) -> None:
    """No label becomes an element or a script, whichever panel shows it; the title stays the title."""
    root = FUNCTIONS["dot"]([Value(1.0 + k, label) for k, label in enumerate(HOSTILE)], [Value(2.0)] * len(HOSTILE))
    root.label = HOSTILE[1]
    tab = show(lesson(root, title="Lesson"))
    for k in range(len(HOSTILE) + 2):
        tab.evaluate("(k) => autoback.lesson.choose(k)", k)
        press(tab, "ArrowRight")
    for mode in "2341":
        press(tab, mode)
        tab.wait_for_timeout(50)
    tab.evaluate("() => { const quiz = autoback.lesson.modes.quiz; quiz.questions.forEach(() => { quiz.reveal(); quiz.next(); }); }")
    assert tab.title() == "Lesson"
    assert tab.locator("img, script, svg svg, [onload], [onerror]").count() == 2  # the data and the page's own script


def test_500_nodes_change_only_what_a_step_changes(show: Show) -> None:
    """A step rewrites a handful of attributes and adds or removes no element of the graph: nothing can flicker."""
    root = wide(500)
    tab = show(lesson(root))
    assert tab.evaluate("autoback.lesson.graph.nodes.length") >= 450
    press(tab, "ArrowRight", "ArrowRight")
    tab.evaluate(
        "window.seen = []; new MutationObserver((list) => window.seen.push(...list.map((m) => [m.type, m.target.nodeName])))"
        ".observe(document.querySelector('#scroller'), {subtree: true, childList: true, attributes: true, characterData: true})"
    )
    press(tab, "ArrowRight")
    until(tab, "window.seen.length > 0")
    seen = tab.evaluate("window.seen")
    assert len(seen) < 40
    assert {node for kind, node in seen if kind == "childList"} <= {"text"}


def test_the_stage_follows_the_action_where_the_graph_is_larger(show: Show) -> None:
    """On a phone the card of the current step is scrolled into view."""
    tab = show(lesson(xor_sample()), width=360, height=740, reduced_motion="reduce")
    press(tab, "End", "Home", *["ArrowRight"] * 11)
    box, frame = tab.locator("#n23").bounding_box(), tab.locator("#scroller").bounding_box()
    assert frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]


def test_a_sample_of_a_2_2_1_network_is_whole_on_a_small_projector(show: Show) -> None:
    """At 1024 pixels the root of the XOR sample is in the window, beside all that leads to it."""
    tab = show(lesson(xor_sample()))
    tab.set_viewport_size({"width": 1024, "height": 768})
    until(tab, "autoback.lesson.stage.scroller.clientWidth < 1024")
    until(tab, "autoback.lesson.stage.scroller.scrollWidth <= autoback.lesson.stage.scroller.clientWidth")


def test_zoom_buttons_change_the_size_and_fit_restores_it(show: Show) -> None:
    """Larger, smaller, and back to the window's width."""
    tab = show(lesson(xor_sample()))
    width = tab.locator("svg.graph").bounding_box()["width"]
    tab.click("#larger")
    assert tab.locator("svg.graph").bounding_box()["width"] > width
    tab.click("#fit")
    tab.click("#smaller")
    assert tab.locator("svg.graph").bounding_box()["width"] < width
    tab.click("#fit")
    assert tab.locator("svg.graph").bounding_box()["width"] == width


def test_the_page_works_inside_a_notebook_s_frame(browser: Any) -> None:
    """The sandboxed frame steps as the page does, and makes no request."""
    tab = browser.new_page(offline=True)
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.set_content(lesson(neuron())._repr_html_())
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert "Compute v1 with mul" in frame.locator("#story").inner_text()
    assert [url for url in requests if not url.startswith("about:")] == []
    tab.close()


def _ancestors(root: Value) -> list[Value]:
    return topological_order(root)
