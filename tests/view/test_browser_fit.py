"""What fits where it is shown: boxes, overlaps and type sizes, measured in a real browser, step by step."""

from collections.abc import Callable

import pytest

from autoback import FUNCTIONS, MLP, Value, greater, softplus, where
from autoback.view.lesson import lesson
from tests.view.driving import Show, drawn, enter, press, tab_to
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


#: Texts in one card that touch one another: name and number, name and symbol, word and gradient.
COLLISIONS = """() => autoback.lesson.stage.now.cards.flatMap((card) => {
  const boxes = [...card.querySelectorAll("text, .pill")]
    .filter((t) => (t.textContent.trim() || t.matches(".pill")) && t.checkVisibility() && !t.matches(".symbol"))
    .map((t) => [t.getAttribute("class"), t.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.4 * Math.min(a.height, b.height))
    .map(([two]) => `${card.id}: ${one} and ${two}`));
})"""

#: Goes through every step, or moves all sliders, and tells of texts that leave their card: [when, card, text, by how many pixels].
OUTSIDE = """(way) => {
  const { player, stage, modes } = autoback.lesson, bad = [];
  const look = (when) => stage.now.cards.forEach((card) => {
    const box = card.querySelector(".card").getBoundingClientRect();
    for (const text of card.querySelectorAll("text")) {
      const letters = text.getBoundingClientRect(), by = Math.max(box.left - letters.left, letters.right - box.right);
      if (text.textContent.trim() && letters.width && by > 0) bad.push([when, card.id, text.textContent, by]);
    }
  });
  if (way !== "touch") player.way.steps.forEach((_, step) => { player.go(step); look(step); });
  else for (const share of [0, 0.013, 0.37, 1]) {
    for (const { slider } of modes.touch.rows) {
      slider.value = Number(slider.min) + share * (slider.max - slider.min);
      for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind));
    }
    look(share);
  }
  return bad;
}"""


def readme() -> Value:
    """The README's example."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    loss = ((w * x + b).tanh() - 1.0) ** 2
    loss.label = "L"
    return loss


def small_loss() -> Value:
    """A sample of a 2-2-1 network whose loss has four digits after two zeros."""
    net = MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid", initializer="park_miller", seed=69)
    loss = (net([0.0, 1.0]) - 1.0) ** 2
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
    drawn(tab)
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


@pytest.mark.parametrize("graph", [readme, neuron, xor_sample, choice, long_names])
def test_letters_of_the_graph_can_be_read_on_a_projector(show: Show, graph: Callable[[], Value]) -> None:
    """At 1280 by 720 the smallest letter of a XOR sample has eleven pixels too, and no name runs into a number or a symbol."""
    tab = show(lesson(graph()), width=1280, height=720, reduced_motion="reduce")
    for mode in ("ripple", "walk"):
        enter(tab, mode)
        for step in (0, 1000):
            tab.evaluate("(step) => autoback.lesson.player.go(step)", step)
            assert tab.evaluate(LETTERS) >= 10.99, (mode, step)
            assert tab.evaluate(COLLISIONS) == [], (mode, step)


@pytest.mark.parametrize("width", [1280, 1024, 390])
@pytest.mark.parametrize("graph", [readme, neuron, xor_sample, small_loss])
def test_no_text_leaves_its_card(show: Show, graph: Callable[[], Value], width: int) -> None:
    """At every step of Ripple and Walk, and wherever the sliders of Touch stand, numbers and names stay within their cards."""
    tab = show(lesson(graph()), width=width, height=720, reduced_motion="reduce")
    for mode in ("ripple", "walk", "touch"):
        enter(tab, mode)
        assert tab.evaluate(OUTSIDE, mode) == [], mode


def test_the_tables_of_a_xor_sample_are_whole(show: Show) -> None:
    """At 1280 by 720 the 23 rows of the tapes and of the ways that go wrong stand side by side, none below the edge."""
    tab = show(lesson(xor_sample()), width=1280, height=720, reduced_motion="reduce")
    enter(tab, "walk")
    for manner in ("reverse", "forward", "wait", "zero", "soon"):
        tab.select_option("#manner", manner)
        tab.evaluate("autoback.lesson.player.go(Infinity)")
        side = tab.locator("#side")
        assert side.evaluate("(s) => Math.max(s.scrollHeight - s.clientHeight, s.scrollWidth - s.clientWidth)") <= 1, manner


def test_a_longer_number_does_not_run_into_its_name(show: Show) -> None:
    """In Touch a number gets more digits than the card was measured for: name and number both give way."""
    tab = show(lesson(xor_sample()), width=1280, height=720)
    enter(tab, "touch")
    for k, x in ((0, 1.13529), (3, -0.0012345), (4, 123456.0)):
        tab.evaluate("([n, x]) => { const t = autoback.lesson.modes.touch; t.put(t.rows[n].node, x); autoback.lesson.render(); }", [k, x])
    assert tab.evaluate(COLLISIONS) == []


def test_on_a_phone_half_of_the_window_is_the_graph(show: Show) -> None:
    """The graph has 350 pixels of 844; the rarer controls come with a button, by keyboard too."""
    tab = show(lesson(readme()), width=390, height=844)
    for mode in ("ripple", "walk"):
        enter(tab, mode)
        assert tab.locator("#scroller").bounding_box()["height"] >= 350
    assert not tab.locator("#manner").is_visible()
    tab_to(tab, "more")
    press(tab, "Enter")
    assert tab.locator("#manner").is_visible() and tab.locator("#speed").is_visible() and tab.locator("#legend").is_visible()
    assert tab.get_attribute("#more", "aria-expanded") == "true"


def test_on_a_phone_a_formula_of_many_lines_shows_the_line_that_is_lit(show: Show) -> None:
    """The four equations of a XOR sample have room for three; the phrase of the step is among them."""
    tab = show(lesson(xor_sample()), width=390, height=844, reduced_motion="reduce")
    bar = tab.locator("#formula").bounding_box()
    for k in (10, 21):
        tab.evaluate("(k) => autoback.lesson.spotlight.fix([k])", k)
        lit = tab.locator("#formula [data-lit]").last.bounding_box()
        assert lit["y"] >= bar["y"] - 1 and lit["y"] + lit["height"] <= bar["y"] + bar["height"] + 1


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
    drawn(tab)
    tab.evaluate("document.querySelector('main').style.display = ''")
    drawn(tab)
    assert tab.evaluate("autoback.lesson.stage.scroller.scrollWidth <= autoback.lesson.stage.scroller.clientWidth")
    tab.click("#larger")
    assert float(tab.locator("#scroller svg >> nth=0").get_attribute("width")) > 0
