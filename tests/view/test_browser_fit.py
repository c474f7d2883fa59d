"""What fits where it is shown: boxes, overlaps and type sizes, measured in a real browser, step by step."""

from collections.abc import Callable

import pytest

from autoback import FUNCTIONS, Value, greater, softplus, where
from autoback.view.lesson import lesson
from tests.view.driving import Show, enter
from tests.view.graphs import neuron, xor_sample

pytestmark = pytest.mark.browser

#: Goes through every step and tells what is not whole and visible: [step, what, how far it sticks out].
MISSING = """() => {
  const { player, stage } = autoback.lesson, bad = [], story = document.getElementById("story");
  for (let step = 0; step < player.way.steps.length; step++) {
    player.go(step);
    const say = (what, by) => { if (by > 1.5) bad.push([step, what, by]); };
    const parts = { formula: document.getElementById("formula"), graph: stage.now.svg, story };
    for (const [name, element] of Object.entries(parts)) {
      const box = element.getBoundingClientRect();
      say(`${name} below`, box.bottom - innerHeight);
      say(`${name} above`, -box.top);
      say(`${name} aside`, Math.max(-box.left, box.right - innerWidth));
      if (!box.width || !box.height) bad.push([step, `${name} empty`, 0]);
    }
    const cut = (box) => Math.max(box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight);
    say("graph cut", cut(stage.scroller));
    say("story cut", story.scrollHeight - story.clientHeight);
    for (const line of story.children) say("sentence cut", line.getBoundingClientRect().right - story.getBoundingClientRect().right);
    say("page scrolls", document.documentElement.scrollHeight - innerHeight);
    say("formula cut", cut(parts.formula));
  }
  return bad;
}"""
#: The smallest letters of the graph, in pixels of the screen.
LETTERS = """() => {
  const texts = [...autoback.lesson.stage.now.svg.querySelectorAll("text")].filter((t) => t.textContent.trim() && t.checkVisibility());
  return Math.min(...texts.map((t) => parseFloat(getComputedStyle(t).fontSize) * autoback.lesson.stage.scale));
}"""


def readme() -> Value:
    """The README's example."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    loss = ((w * x + b).tanh() - 1.0) ** 2
    loss.label = "L"
    return loss


def choice() -> Value:
    """where(x > 1, x·x, −x)"""
    x = Value(2.0, "x")
    return where(greater(x, 1.0), x * x, -x)


def long_names() -> Value:
    """Labels and numbers that need room."""
    price, quantity = Value(1234.5678, "unit_price"), Value(-0.0012345, "quantity")
    fee, discount = Value(0.00054321, "delivery_fee"), Value(-3e-7, "discount")
    return softplus(price * quantity + fee) - discount.leaky_relu()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1600, 900)])
@pytest.mark.parametrize("graph", [readme, neuron, xor_sample, choice, long_names])
@pytest.mark.parametrize("mode", ["ripple", "walk"])
def test_formula_graph_and_sentence_are_visible_together_at_every_step(
    show: Show, graph: Callable[[], Value], width: int, height: int, mode: str
) -> None:
    """On a projector nothing is below the fold, cut off or to be scrolled for, in any step."""
    tab = show(lesson(graph()), width=width, height=height, reduced_motion="reduce")
    enter(tab, mode)
    tab.wait_for_timeout(100)
    assert tab.evaluate(MISSING) == []


@pytest.mark.parametrize("graph", [readme, xor_sample])
def test_letters_of_the_graph_can_be_read_on_a_phone(show: Show, graph: Callable[[], Value]) -> None:
    """On an upright phone the graph runs downwards, and its smallest letters have eleven pixels."""
    tab = show(lesson(graph()), width=390, height=844)
    for mode in ("ripple", "walk", "touch", "quiz"):
        enter(tab, mode)
        assert tab.evaluate("autoback.lesson.stage.now.prefix") == "t"
        assert tab.evaluate(LETTERS) >= 11.0
        assert tab.evaluate("document.documentElement.scrollHeight") <= 844


def test_on_a_phone_the_sentence_stands_beside_the_graph(show: Show) -> None:
    """The first lines of every step and the card that they are about are in the window together."""
    tab = show(lesson(readme()), width=390, height=844, reduced_motion="reduce")
    enter(tab, "walk")
    for step in range(16):
        tab.evaluate("(step) => autoback.lesson.player.go(step)", step)
        title = tab.locator("#story h2").bounding_box()
        assert title["y"] + title["height"] < 844
        frame = tab.locator("#scroller").bounding_box()
        for k in tab.evaluate("autoback.lesson.player.way.light(autoback.lesson.player.way.steps[autoback.lesson.player.way.step]).nodes"):
            card = tab.locator(f"#tn{k}").bounding_box()
            assert card["y"] >= frame["y"] - 1 and card["y"] + card["height"] <= frame["y"] + frame["height"] + 1


def test_at_twice_the_size_graph_and_sentence_stand_side_by_side(show: Show) -> None:
    """A projector at 200 %, 640 by 360: nothing is off the screen altogether."""
    tab = show(lesson(readme()), width=640, height=360)
    enter(tab, "walk")
    graph, title = tab.locator("#scroller").bounding_box(), tab.locator("#story h2").bounding_box()
    assert title["x"] > graph["x"] + graph["width"] - 1 and title["y"] + title["height"] < 360
    assert graph["height"] > 150
    assert tab.evaluate("document.documentElement.scrollHeight") <= 360


def test_fit_respects_the_height(show: Show) -> None:
    """A tall graph of sixteen inputs is too small to read when it is whole, so that only the button makes it so."""
    total = FUNCTIONS["sum"]([Value(1.0, f"a{k}") for k in range(16)])
    tab = show(lesson(total.tanh()), width=1280, height=720)
    assert tab.evaluate(LETTERS) >= 7.0
    tab.click("#fit")
    assert tab.locator("#scroller").evaluate("(s) => [s.scrollHeight - s.clientHeight, s.scrollWidth - s.clientWidth]") == [0, 0]


def test_a_page_that_is_shown_later_fits_too(show: Show) -> None:
    """In a notebook the frame may have no size at first; the graph fits as soon as it has one, and + works."""
    tab = show(lesson(readme()))
    tab.evaluate("document.querySelector('main').style.display = 'none'")
    tab.wait_for_timeout(50)
    tab.evaluate("document.querySelector('main').style.display = ''")
    tab.wait_for_timeout(100)
    assert tab.evaluate("autoback.lesson.stage.scroller.scrollWidth <= autoback.lesson.stage.scroller.clientWidth")
    tab.click("#larger")
    assert float(tab.locator("#scroller svg >> nth=0").get_attribute("width")) > 0
