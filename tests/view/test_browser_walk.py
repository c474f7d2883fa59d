"""Walk in a real browser: every control, the chain rule of every step, and the line that grows."""

import math
import re
from typing import Any

import pytest

from autoback import (
    FUNCTIONS,
    OPERATIONS,
    Value,
    define_operation,
    forget_operation,
    gradient,
    maximum,
    parse_expression,
    topological_order,
)
from autoback.text import short
from autoback.view.lesson import lesson
from autoback.view.lesson.graph import _compound
from tests.view.driving import Show, enter, focused, press, step_of, tab_to, text, until
from tests.view.graphs import neuron, xor_sample

pytestmark = pytest.mark.browser


def walking(show: Show, root: Value, **options: Any) -> Any:
    tab = show(lesson(root), **options)
    enter(tab, "walk")
    tab.evaluate("document.activeElement.blur()")
    return tab


def test_arrow_keys_home_and_end_walk_through_the_steps(show: Show) -> None:
    """Right and left go one step, Home and End to either end, and no further."""
    tab = walking(show, neuron())
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


def test_buttons_walk_as_the_keys_do(show: Show) -> None:
    """First, previous, next and last; what leads nowhere is disabled."""
    tab = walking(show, neuron())
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
    tab = walking(show, neuron())
    tab.locator("#scrub").fill("4")
    assert "step 4 of" in text(tab, "#story")


def test_steps_run_forward_over_operations_then_backward_over_edges(show: Show) -> None:
    """Start, one step for each operation, the seed, one for each edge with a derivative, the end."""
    tab = walking(show, neuron())
    kinds = tab.evaluate("autoback.lesson.player.way.steps.map((step) => step.kind)")
    assert kinds == ["start"] + ["forward"] * 5 + ["seed"] + ["backward"] * 8 + ["end"]


def test_a_forward_step_shows_formula_numbers_and_result(show: Show) -> None:
    """The first operation of tanh(w·x + b) is w·x, with its numbers, and the reason why it can be computed now."""
    tab = walking(show, neuron())
    press(tab, "ArrowRight")
    story = text(tab, "#story")
    assert "times" in story
    formulas = tab.locator("#story math").all_text_contents()
    assert formulas == ["w·x", "=0.5·2=1"]
    assert "w and x are known" in story
    assert tab.text_content("#n2v") == "1" and tab.text_content("#n4v") == "?"


def test_a_backward_step_multiplies_upstream_by_local_and_accumulates(show: Show) -> None:
    """With x·x the second contribution is added to the first."""
    x = Value(3.0, "x")
    tab = walking(show, x * x)
    press(tab, "ArrowRight", "ArrowRight", "ArrowRight")
    assert tab.text_content("#n0g") == "3"
    assert "1 more part will come to x" in text(tab, "#story")
    press(tab, "ArrowRight")
    assert tab.text_content("#n0g") == "6"
    assert "3 + 3 = 6" in text(tab, "#story")


def test_a_gradient_not_computed_differs_from_zero(show: Show) -> None:
    """Before the backward steps a card says –, afterwards 0 where it is 0."""
    x, y = Value(3.0, "x"), Value(0.0, "y")
    tab = walking(show, x * y)
    assert tab.text_content("#n0g") == "–"
    press(tab, "End")
    assert tab.text_content("#n0g") == "0"


def test_each_step_is_announced_to_screen_readers(show: Show) -> None:
    """A polite live region says where we are, what happens and why."""
    tab = walking(show, neuron())
    live = tab.locator("#live")
    assert live.get_attribute("aria-live") == "polite"
    press(tab, "ArrowRight")
    assert live.text_content().startswith("Step 1 of 15. Forward: w·x = 0.5·2 = 1.")
    press(tab, "End", "ArrowLeft")
    assert "Backward from w·x to x: upstream" in live.text_content()


def test_play_runs_to_the_end_and_pauses_on_request(show: Show) -> None:
    """Play goes on by itself at the chosen speed; pressed again, it pauses."""
    tab = walking(show, neuron())
    tab.select_option("#speed", "20")
    tab.click("#play")
    until(tab, "autoback.lesson.player.way.step > 2")
    tab.click("#play")
    assert text(tab, "#play") == "Play" and step_of(tab) < 15
    tab.locator("body").press("p")
    until(tab, "autoback.lesson.player.way.step === 15")
    assert text(tab, "#play") == "Play"


def test_a_click_on_a_card_explains_it(show: Show) -> None:
    """The inspector gives the rule, the character and the sum behind the gradient."""
    tab = walking(show, neuron())
    press(tab, "End")
    tab.click("#n4")
    panel = text(tab, "#side")
    assert "distributes" in panel
    assert tab.locator("#side tr.total td").last.text_content() == tab.text_content("#n4g")


def test_cards_are_reached_and_explained_by_keyboard(show: Show) -> None:
    """One Tab stop leads into the graph, arrows move, Enter explains and says it aloud."""
    tab = walking(show, neuron())
    tab.locator("#n9").focus()
    press(tab, "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "Enter")
    assert focused(tab) == "n5"
    assert "tanh" in text(tab, "#side")
    assert tab.text_content("#live").startswith("a, tanh.")
    assert tab.locator("[id^=n][tabindex='0']").count() == 1


def test_the_chain_rule_has_a_left_side(show: Show) -> None:
    """The first edge of a neuron reads ∂L/∂v = upstream · slope, since there the symbols would only repeat the left side."""
    tab = walking(show, neuron())
    tab.locator("#scrub").fill("7")
    formulas = tab.locator("#story math").all_text_contents()
    assert "".join(formulas).startswith("∂L∂(a−y)=2·(a−y)=2·0.964=1.928")
    assert formulas[2:] == ["∂L∂(a−y)=upstream·slope", "=1·1.928=1.928"]


def test_the_line_beside_the_sentence_grows_with_each_edge(show: Show) -> None:
    """From the root back to w the product gets one factor more at each step, and its value is the card's gradient."""
    tab = walking(show, neuron())
    press(tab, "End")
    lengths = {}
    for step in range(7, tab.evaluate("autoback.lesson.player.way.steps.length") - 1):
        tab.locator("#scrub").fill(str(step))
        node = tab.evaluate("autoback.lesson.player.way.steps[autoback.lesson.player.way.step].input")
        line = tab.locator("#side math").all_text_contents()
        lengths[node] = tab.locator("#side .chain-line mrow[data-edge]").count() // 2  # in symbols, and in numbers
        if step > 7:
            assert line[-1] == "=" + tab.text_content(f"#n{node}g")
    assert lengths[0] == lengths[1] == 5 and lengths[3] == 4


def test_no_equation_is_false_where_a_number_is_used_twice(show: Show) -> None:
    """y = x·x + x: the arrows have slopes of their own, to x₍₁₎, x₍₂₎ and x₍₃₎; only their sum is ∂y/∂x, and it is 7."""
    x = Value(3.0, "x")
    y = x * x + x
    y.label = "y"
    tab = walking(show, y)
    seen: list[str] = []
    for step in range(4, 8):
        tab.locator("#scrub").fill(str(step))
        seen += tab.locator("#story math").all_text_contents()
    assert "∂y∂x(3)=1" in seen and "∂(x·x)∂x(1)=x=3" in seen and "∂(x·x)∂x(2)=x=3" in seen
    assert not [line for line in seen if re.search(r"∂y∂x(?!\(|·)", line) and not line.endswith("7")]
    assert "".join(tab.locator("#side .chain-line").last.locator("math").all_text_contents()) == "∂y∂x=1+3+3=7"
    assert "x₍₂₎ is x on this arrow alone" in text(tab, "#story")


def test_paths_edges_and_multiplications_are_counted(show: Show) -> None:
    """2-2-1: the walk back costs one multiplication an edge; input by input, each edge that the input moves counts again."""
    tab = walking(show, xor_sample())
    press(tab, "End")
    edges, inputs = [], []
    for node in topological_order(xor_sample()):
        edges += [(below, node) for below in node.inputs[: len(node.inputs) - (node.op.constants if node.op else 0)]]
        inputs += [node] if node.op is None and node.label else []
    forward = paths = 0
    for leaf in inputs:
        ways = {leaf: 1}
        for below, above in edges:
            ways[above] = ways.get(above, 0) + ways.get(below, 0)
        forward += sum(ways.get(below, 0) > 0 for below, _ in edges)
        paths += ways[edges[-1][1]]
    assert (paths, len(edges)) == (14, 24)
    assert tab.evaluate("autoback.lesson.ways.totals()") == {"edges": 24, "paths": 14, "forward": forward, "backward": 24}
    assert "14 paths lead from the inputs to C, over 24 edges" in text(tab, "#side")
    assert f"cost {forward} multiplications; backward 24" in text(tab, "#side")


def test_play_waits_as_long_as_the_sentence_takes_to_read(show: Show) -> None:
    """Two hundred words a minute at normal speed, and never less than a second and a half."""
    tab = walking(show, neuron())
    press(tab, "ArrowRight")
    words = len(tab.text_content("#story").split())
    assert tab.evaluate("autoback.lesson.player.patience()") >= max(1500, 250 * words)
    tab.select_option("#speed", "20")
    assert tab.evaluate("autoback.lesson.player.patience()") <= 1000


def test_a_closer_look_shows_no_number_before_its_step(show: Show) -> None:
    """At the start tanh has its rule and no value; afterwards it has its curve and both."""
    tab = walking(show, neuron())
    tab.click("#n5")
    assert tab.locator("#side math").all_text_contents() == ["a=tanh(w·x+b)"] and tab.locator("#side svg").count() == 0
    press(tab, "End")
    tab.click("#n5")
    assert "=tanh(2)=0.964" in tab.locator("#side math").all_text_contents()
    assert tab.locator("#side svg.shape .curve").count() == 1
    tab.click("#close-look")
    assert "What the walk back saves" in text(tab, "#side")


def test_paths_have_the_numbers_of_their_parts(show: Show) -> None:
    """In x·x + x the part that comes first, straight from the sum, is that of path 1."""
    x = Value(3.0, "x")
    tab = walking(show, x * x + x)
    tab.locator("#scrub").fill("5")
    assert "part 1 of 3:" in tab.text_content("#story")
    assert tab.locator("#side .chain-line").first.text_content() == "path 1:∂L∂x(3)=1"


def test_the_picture_of_an_operation_is_whole(show: Show) -> None:
    """At 1280 by 720 the curve of tanh is not cut at the bottom."""
    tab = show(lesson(neuron()), height=720)
    enter(tab, "walk")
    press(tab, "End")
    tab.click("#n5")
    side, picture = tab.locator("#side").bounding_box(), tab.locator("#side .shape").bounding_box()
    assert picture["y"] + picture["height"] <= side["y"] + side["height"]


def test_a_square_ends_in_the_rule_that_is_known(show: Show) -> None:
    """On x·x each slope is the other factor, and both together are 2·x; the line keeps the name of its part."""
    x = Value(3.0, "x")
    tab = walking(show, x * x + x)
    tab.locator("#scrub").fill("7")
    story = tab.text_content("#story")
    assert "part 3 of 3:" in story and "The slope for one factor is the other factor, and that is x too." in story
    assert "The slopes of both arrows add to 3 + 3 = 6 = 2·x" in story


def test_the_area_of_a_square_is_a_square_with_its_corner(show: Show) -> None:
    """Both sides of x·x are drawn in one unit, and the corner h·h is there."""
    x = Value(3.0, "x")
    tab = walking(show, x * x)
    press(tab, "End")
    tab.click("#n1")
    area = tab.locator("#side .shape .area")
    assert area.get_attribute("width") == area.get_attribute("height") and tab.locator("#side .shape .corner").count() == 1


def test_every_operation_shows_its_picture_as_it_is_computed(show: Show) -> None:
    """A step forward has the picture and the rule of its operation beside it, without a click, and nothing to close."""
    tab = walking(show, neuron(), reduced_motion="reduce")
    pictures = {}
    for _ in range(5):
        press(tab, "ArrowRight")
        op = tab.evaluate("autoback.lesson.graph.nodes[autoback.lesson.player.way.steps[autoback.lesson.player.way.step].node].op")
        pictures[op] = tab.locator("#side .shape").get_attribute("aria-label")
        assert not tab.locator("#close-look").count() and "through" not in text(tab, "#side")
    assert pictures == {
        "mul": "A rectangle with the sides w and x", "add": "Pipes that run together", "sub": "Pipes that run together",
        "tanh": "at 2 the slope is 0.07065", "power": "at 0.964 the slope is 1.928",
    }  # fmt: skip


def test_an_edge_that_is_clicked_is_chosen_everywhere(show: Show) -> None:
    """A click on an arrow, on its number or on its factor in a line: the arrow shines in all places, and its operation is looked at."""
    tab = walking(show, neuron(), reduced_motion="reduce")
    press(tab, "End")
    lit = "[...document.querySelectorAll('[data-lit][data-edge]')].map((e) => e.dataset.edge)"
    tab.locator("#scroller svg >> nth=0").locator("text.local[data-edge='5-0']").click()
    tab.mouse.move(0, 0)
    assert set(tab.evaluate(lit)) == {"5-0"} and tab.evaluate("autoback.lesson.chosen") == 5
    assert tab.text_content("#side h3").startswith("a: tanh")
    press(tab, "Escape")
    enter(tab, "ripple")
    press(tab, "End")
    tab.locator("#side .chain-line [data-edge='7-0']").first.click()
    tab.mouse.move(0, 0)
    assert "7-0" in tab.evaluate(lit) and tab.text_content("#side h3").startswith("a − y: minus")
    enter(tab, "quiz")
    tab.locator("#scroller svg >> nth=0").locator("text.local[data-edge='7-0']").click()
    assert tab.locator("#quiz").is_visible() and tab.evaluate("autoback.lesson.chosen") is None


def test_the_slope_of_a_function_is_derived_from_its_definition(show: Show) -> None:
    """tanh is (e^z − e^−z) / (e^z + e^−z): each number of it takes its derivative along, and two of them are the other's.

    The page's numbers are those of the definition, recorded and differentiated by Python.
    """
    tab = walking(show, neuron())
    press(tab, "End")
    tab.click("#n5")
    tab_to(tab, "open-why")
    press(tab, "Enter")
    assert tab.locator("#why").is_visible() and text(tab, "#why-title") == "Why is this the slope of a?"
    rows = [row.locator("td").all_text_contents() for row in tab.locator("#why-parts table >> nth=1").locator("tr:has(td)").all()]
    z = Value(2.0, "z")
    p, q = z.exp(), (-z).exp()
    expected = [(v, gradient(v, z).data) for v in (p, q, p - q, p + q, (p - q) / (p + q))]
    assert [(row[1], row[2].split(" ")[0]) for row in rows] == [(short(v.data), short(slope)) for v, slope in expected]
    assert [row[2].partition(" ")[2] for row in rows] == ["=p", "=−q", "=s", "=r", ""]
    assert tab.locator("#why-parts > p.formula math").last.text_content() == "∂a∂(w·x+b)=1s·s+(−as·r)=1−a2"
    rates = [
        float(x.replace("−", "-"))
        for x in tab.locator("#why-parts table >> nth=0").locator("tr >> nth=1").locator("td").all_text_contents()
    ]
    assert rates == pytest.approx([(math.tanh(2 + h) - math.tanh(2)) / h for h in (0.1, 0.01, 0.001, 0.0001)], abs=1e-5)
    press(tab, "Escape")
    assert not tab.locator("#why").is_visible() and focused(tab) == "open-why"


@pytest.mark.parametrize("name", [name for name, row in OPERATIONS.items() if _compound(row)])
def test_every_derived_slope_is_that_of_the_table(show: Show, name: str) -> None:
    """For each row with a definition in simpler operations, what is carried through it ends in the row's own slope."""
    x = Value(0.4, "x")
    y = FUNCTIONS[name](x)
    y.label = "y"
    tab = walking(show, y)
    tab.evaluate("autoback.lesson.why.open(1)")
    last = tab.locator("#why-parts table >> nth=1").locator("tr >> nth=-1").locator("td").all_text_contents()
    assert last[1:] == [short(y.data), short(y.partials[0]) + " "]
    assert f"The numbers agree: {short(y.partials[0])}." in text(tab, "#why-parts")


def test_a_slope_that_is_a_fact_is_shown_with_smaller_and_smaller_moves(show: Show) -> None:
    """sin has no definition in simpler operations: the rates come closer to cos x, and one sentence says what that is."""
    tab = walking(show, Value(0.7, "x").sin())
    tab.evaluate("autoback.lesson.why.open(1)")
    assert "comes closer to 0.7648" in text(tab, "#why-parts") and "Here it can be seen, not derived." in text(tab, "#why-parts")


def test_a_row_of_many_terms_has_a_bar_for_each(show: Show) -> None:
    """A row that the user has defined on sequences gets its picture from the row: each bar is one term."""
    squares = define_operation("bent_squares", "sum(x * x + 0.5 * x)")
    try:
        tab = walking(show, squares([Value(1.5, "a"), Value(-2.0, "b"), Value(0.5, "c")]))
        press(tab, "End")
        tab.evaluate("autoback.lesson.choose(3)")
        assert tab.locator("#side .shape text").all_text_contents() == ["a: 3", "b: 3", "c: 0.5"]
        long = [float(bar.get_attribute("width")) for bar in tab.locator("#side .shape .area").all()]
        assert long[0] == long[1] == 6 * long[2]
        assert "Each bar is one term" in text(tab, "#side")
    finally:
        forget_operation("bent_squares")


def test_the_closer_look_at_a_function_gives_its_slope_by_its_rule(show: Show) -> None:
    """tanh's slope is 1 − a², with the numbers after it."""
    tab = walking(show, neuron())
    press(tab, "End")
    tab.click("#n5")
    assert "its slope:∂a∂(w·x+b)=1−a2" in tab.text_content("#side").replace(" ", "").replace("itsslope", "its slope")


def test_a_slope_that_stands_alone_is_said_once(show: Show) -> None:
    """From L back to a − y the chain is one slope, and not ∂L/∂(a − y) = ∂L/∂(a − y) = …."""
    tab = walking(show, neuron())
    tab.locator("#scrub").fill("7")
    line = tab.locator("#side .chain-line").text_content()
    assert line.count("=") == 1 and line.count("∂L") == 1 and line.endswith(tab.text_content("#n7g"))


def test_the_picture_of_a_choice_is_true_of_its_slopes(show: Show) -> None:
    """x > 1 has no slope anywhere, and of two equal numbers each gets half; x·x, if chosen, gets all."""
    a, b = Value(2.0, "a"), Value(2.0, "b")
    tab = walking(show, parse_expression("where(x > 1, x*x, -x)").evaluate(x=2.0)[0])
    press(tab, "ArrowRight")
    assert "No track is through: every slope is 0." in text(tab, "#side") and "slope 1" not in text(tab, "#side")
    press(tab, *["ArrowRight"] * 3)
    assert "Only x·x is through: slope 1." in text(tab, "#side")
    tab = walking(show, maximum(a, b))
    press(tab, "ArrowRight")
    assert "No track is chosen alone: each has the slope 0.5." in text(tab, "#side")


def test_a_convention_names_the_inputs_of_its_node(show: Show) -> None:
    """The x of a row is another number than the x of the page: of (x − 1)² it is x − 1."""
    tab = walking(show, (Value(3.0, "x") - 1.0) ** 2)
    press(tab, "ArrowRight", "ArrowRight")
    assert "Convention: the exponent is a constant; (x − 1)^0 has derivative 0, also at 0." in text(tab, "#side")


def test_what_becomes_of_a_gradient_is_said_when_there_is_one(show: Show) -> None:
    """Forward a card says nothing of gradients; once its own is known it does."""
    tab = walking(show, neuron())
    press(tab, "ArrowRight")
    assert "It swaps" not in text(tab, "#side")
    press(tab, "End")
    tab.click("#n2")
    assert "It swaps: each factor gets the gradient times the other factor." in text(tab, "#side")


def test_a_long_number_stays_within_its_card(show: Show) -> None:
    """In the small drawing of a network letters have 11 pixels, and a number such as −0.0002735 is as wide as its card."""
    tab = walking(show, xor_sample())
    press(tab, "End")
    tab.evaluate("(() => { const { lesson } = autoback; lesson.graph.value[lesson.graph.root] = -0.0002735; lesson.render(); })()")
    root = tab.evaluate("autoback.lesson.graph.root")
    number, card = (tab.locator(place).first.bounding_box() for place in (f"#n{root}v", f"#n{root} rect"))
    assert tab.text_content(f"#n{root}v").startswith("−0.0002") or "10" in tab.text_content(f"#n{root}v")
    assert card["x"] < number["x"] and number["x"] + number["width"] < card["x"] + card["width"]
