"""The lesson in a real browser: every control, by mouse and by keyboard, and the numbers it computes."""

import math
import re
from typing import Any

import pytest

from autoback import OPERATIONS, Value, greater, where
from autoback.engine.functions import FUNCTIONS
from autoback.text import short
from autoback.view.lesson import lesson, worksheet
from autoback.view.snapshot import Snapshot
from tests.view import conftest
from tests.view.driving import Show, drawn, enter, focused, press, text, unreachable_or_nameless, until
from tests.view.graphs import HOSTILE, neuron, wide, xor_sample
from tests.view.test_lesson_javascript import assert_same, script

pytestmark = pytest.mark.browser


def test_every_row_of_the_table_computes_the_same_in_the_browser(browser: Any) -> None:
    """The derived JavaScript gives Python's numbers for every row over its domain."""
    tab = browser.new_page()
    rows = list(OPERATIONS.values())
    assert_same(rows, tab.evaluate(script(rows)))
    tab.close()


def test_the_page_computes_the_graph_s_values_and_gradients(show: Show) -> None:
    """After the last step every card shows what Python computed."""
    tab = show(lesson(xor_sample()))
    enter(tab, "walk")
    press(tab, "End")
    for k, node in enumerate(Snapshot(xor_sample()).nodes):
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


# The worksheet


def test_nothing_of_a_worksheet_sticks_out_on_a_phone(show: Show) -> None:
    """Also on a small screen the sheet can be read."""
    tab = show(worksheet(xor_sample()), width=360, height=740)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


# The whole page


@pytest.mark.parametrize("mode", ["ripple", "walk", "touch", "quiz"])
def test_every_control_has_a_name_and_is_reached_by_tab(show: Show, mode: str) -> None:
    """In each way to learn, the keyboard gets to everything the mouse gets to, and a screen reader can say what it is."""
    tab = show(lesson(neuron()))
    enter(tab, mode)
    assert unreachable_or_nameless(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800), (1920, 1080)])
def test_the_page_fits_phones_and_projectors(show: Show, width: int, height: int, scheme: str) -> None:
    """Nothing sticks out sideways in any way to learn, and no button is clipped."""
    tab = show(lesson(xor_sample()), width=width, height=height, color_scheme=scheme)
    for mode in ("ripple", "walk", "touch", "quiz"):
        enter(tab, mode)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        clipped = "[...document.querySelectorAll('button')].filter((b) => b.offsetParent && b.scrollWidth > b.clientWidth + 1).length"
        assert tab.evaluate(clipped) == 0


def test_dark_mode_changes_the_colours(show: Show) -> None:
    """The page follows the system's preference."""
    tab = show(lesson(neuron()), color_scheme="light")
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.emulate_media(color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_reduced_motion_means_no_transition(show: Show) -> None:
    """Who asked for calm gets no animated colours and no smooth scrolling."""
    tab = show(lesson(neuron()))
    for motion, expected in (("reduce", "0s"), ("no-preference", "0.15s")):
        tab.emulate_media(reduced_motion=motion)
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
    for mode in ("walk", "touch", "quiz", "ripple"):
        enter(tab, mode)
        drawn(tab)
    assert tab.title() == "Lesson"
    assert tab.locator("img, script, svg svg, [onload], [onerror]").count() == 3  # the packed script, what unpacks it, and it


def test_many_nodes_change_only_what_a_step_changes(show: Show) -> None:
    """A step rewrites a handful of attributes and adds or removes no element of the graph: nothing can flicker."""
    root = wide(190)
    tab = show(lesson(root), reduced_motion="reduce")
    assert tab.evaluate("autoback.lesson.graph.nodes.length") >= 150
    enter(tab, "walk")
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
    enter(tab, "walk")
    press(tab, "End", "Home", *["ArrowRight"] * 11)
    box, frame = tab.locator("#tn23").bounding_box(), tab.locator("#scroller").bounding_box()
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
    width = tab.locator("#scroller svg >> nth=0").bounding_box()["width"]
    tab.click("#larger")
    assert tab.locator("#scroller svg >> nth=0").bounding_box()["width"] > width
    tab.click("#fit")
    tab.click("#smaller")
    assert tab.locator("#scroller svg >> nth=0").bounding_box()["width"] < width
    tab.click("#fit")
    assert tab.locator("#scroller svg >> nth=0").bounding_box()["width"] == width


def test_the_page_works_inside_a_notebook_s_frame(browser: Any) -> None:
    """The sandboxed frame steps as the page does, and makes no request."""
    tab = browser.new_page(offline=True)
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.set_content(lesson(neuron())._repr_html_())
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert "The ripple reaches" in frame.locator("#story").inner_text()
    assert frame.locator("#scroller").evaluate("(e) => e.clientWidth > 0 && e.scrollWidth <= e.clientWidth")
    assert [url for url in requests if not url.startswith("about:")] == []
    tab.close()


def test_a_click_never_leaves_the_way_to_learn(show: Show) -> None:
    """Whatever card is chosen, wherever one is: one stays there, and the gradients do too."""
    tab = show(lesson(neuron()))
    for mode in ("touch", "ripple", "walk", "quiz"):
        enter(tab, mode)
        for k in (5, 4, 0):
            tab.click(f"#n{k}")
            assert tab.evaluate("autoback.lesson.mode") == mode
    enter(tab, "touch")
    tab.click("#n5")
    assert "tanh" in text(tab, "#look") and tab.text_content("#n0g") == short(Snapshot(neuron()).nodes[0].gradient)


def test_a_phrase_its_card_and_its_number_shine_together(show: Show) -> None:
    """What is pointed at in the formula lights up in the graph, and what is clicked there is chosen everywhere."""
    tab = show(lesson(neuron()))
    enter(tab, "walk")
    press(tab, "End")
    tab.locator('#formula [data-node="5"]').hover(position={"x": 3, "y": 10})
    assert set(tab.evaluate("[...document.querySelectorAll('[data-lit]')].map((e) => e.dataset.node)")) == {"5"}
    assert tab.locator("#n5[data-lit]").count() == tab.locator("#formula [data-node='5'][data-lit]").count() == 1
    tab.locator('#formula [data-node="5"]').click(position={"x": 3, "y": 10})
    assert "tanh" in text(tab, "#side") and "chosen" in tab.locator("#n5").get_attribute("class")


def test_the_formula_is_read_and_walked_by_keyboard(show: Show) -> None:
    """Arrow keys go through its phrases, each said aloud with its value; Enter chooses one."""
    tab = show(lesson(neuron()))
    enter(tab, "walk")
    press(tab, "End")
    formula = tab.locator("#formula")
    assert formula.get_attribute("aria-label").startswith("The formula: L = (tanh(w·x + b) − y)^2.")
    formula.focus()
    press(tab, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown")
    said = tab.text_content("#live")
    assert "value" in said and tab.locator("#formula [data-lit]").count() == 1
    press(tab, "Enter")
    assert tab.evaluate("autoback.lesson.chosen") is not None


def test_a_node_used_twice_has_an_equation_of_its_own_in_the_formula(show: Show) -> None:
    """c = b + b, b = a + a, and never ((a + a) + (a + a))."""
    a = Value(1.0, "a")
    b = a + a
    b.label = "b"
    c = b + b
    c.label = "c"
    tab = show(lesson(c))
    assert tab.locator("#formula math").all_text_contents() == ["c=b+b", "b=a+a"]


def test_every_word_of_the_glossary_opens_by_key_and_by_the_word_itself(show: Show) -> None:
    """G opens it, a term in a sentence opens it at that term, Escape closes it."""
    tab = show(lesson(neuron()))
    press(tab, "g")
    assert tab.locator("#glossary").is_visible() and "chain rule" in text(tab, "#terms")
    press(tab, "Escape")
    assert not tab.locator("#glossary").is_visible()
    press(tab, "ArrowRight")
    tab.locator("#story .term").first.click()
    assert tab.locator("#glossary").is_visible() and focused(tab).startswith("term-")


def test_each_term_is_introduced_once_where_it_is_first_needed(show: Show) -> None:
    """Over a whole ripple and a whole walk every term has exactly one sentence that introduces it."""
    tab = show(lesson(neuron()))
    said: list[str] = []
    for mode in ("ripple", "walk"):
        enter(tab, mode)
        for _ in range(tab.evaluate("autoback.lesson.player.way.steps.length")):
            said += tab.locator("#story .introduction").all_inner_texts()
            press(tab, "ArrowRight")
    assert len(said) == len(set(said)) == 5
    assert sum("chain rule" in sentence for sentence in said) == 1


def test_printing_prints_the_graph_and_a_chain_for_every_input(show: Show) -> None:
    """On paper there are the formula, the whole graph with its numbers, and no button."""
    tab = show(lesson(neuron()))
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not tab.locator("button").filter(visible=True).count()
    assert tab.locator("#paper .chain-line").count() == 4 and tab.text_content("#n0g") == short(Snapshot(neuron()).nodes[0].gradient)
    graph = tab.locator("#scroller svg >> nth=0").bounding_box()
    tab.set_viewport_size({"width": 720, "height": 1000})
    graph = tab.locator("#scroller svg >> nth=0").bounding_box()
    assert graph["x"] >= 0 and graph["x"] + graph["width"] <= 720
    assert len(re.findall(rb"/Type\s*/Page\b", tab.pdf(format="A4"))) == 1
    tab.emulate_media(media="screen")


def test_a_choice_is_written_as_people_write_it(show: Show) -> None:
    """x·x if x > 1, otherwise −x: the comparison is a node, and still no "= 0" is shown."""
    x = Value(2.0, "x")
    tab = show(lesson(where(greater(x, 1.0), x * x, -x)))
    assert tab.evaluate("autoback.lesson.formula.said") == "L = x·x if x > 1, otherwise −x"


def test_what_has_only_a_phrase_for_a_name_has_no_equation_of_its_own(show: Show) -> None:
    """(a + b)·(a + b) + a + b is one equation, and never (a + b) = a + b."""
    s = Value(1.0, "a") + Value(2.0, "b")
    tab = show(lesson(s * s + s))
    assert tab.locator("#formula math").count() == 1


def test_nothing_of_a_printed_lesson_is_cut_off(show: Show) -> None:
    """The four equations of an XOR sample and its graph stay within the paper's width."""
    tab = show(lesson(xor_sample()), width=720, height=1000)
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    for place in ("#formula math", "#scroller svg >> nth=0", "#paper .chain-line"):
        for box in [part.bounding_box() for part in tab.locator(place).filter(visible=True).all()]:
            assert box["x"] >= 0 and box["x"] + box["width"] <= 720
    assert tab.locator("#paper .chain-line").count() >= 12


def test_a_number_below_zero_is_added_in_brackets(show: Show) -> None:
    """1 + (−1.5), as on paper."""
    tab = show(lesson(Value(1.0, "a") + Value(-1.5, "b")))
    enter(tab, "walk")
    press(tab, "ArrowRight")
    assert tab.locator("#story .lines math").last.text_content() == "=1+(−1.5)=−0.5"


def test_the_words_use_the_letters_of_the_page(show: Show) -> None:
    """On a page with y and x the gradient is ∂y/∂x, and not ∂L/∂w."""
    y = Value(3.0, "x") ** 2
    y.label = "y"
    tab = show(lesson(y))
    press(tab, "g")
    assert "∂y/∂x" in text(tab, "#terms") and "∂L" not in text(tab, "#terms")


def test_the_word_that_was_clicked_is_marked(show: Show) -> None:
    """The glossary opens at the word, and the word is marked; the words of the page are all in it."""
    tab = show(lesson(neuron()))
    press(tab, "ArrowRight")
    tab.click("#story .term")
    assert tab.locator("#terms dt[data-here]").all_inner_texts() == ["slope"]
    terms = tab.locator("#terms dt").all_inner_texts()
    assert {"card", "edge", "Δ", "∂", "rate", "step size", "tape", "forward mode", "zero_grad", "tanh"} <= set(terms)
