"""Ripple in a real browser: one input moves, every card and every edge shows what comes of it."""

import re
from itertools import pairwise
from typing import Any

import pytest

from autoback import Value, parse_expression
from autoback.text import short
from autoback.view.lesson import lesson
from autoback.view.snapshot import Snapshot
from tests.view.driving import Show, focused, press, step_of, tab_to, text, until
from tests.view.graphs import neuron, xor_sample

pytestmark = pytest.mark.browser


def moved(h: float) -> list[float]:
    """The values of the neuron's graph when w is larger by h, by Python."""
    w, x, b, y = Value(0.5 + h, "w"), Value(2.0, "x"), Value(1.0, "b"), Value(0.0, "y")
    loss = ((w * x + b).tanh() - y) ** 2
    return [node.value for node in Snapshot(loss).nodes]


def signed(x: float) -> str:
    return ("+" if x > 0 else "") + short(x)


def test_a_lesson_opens_with_the_ripple(show: Show) -> None:
    """The first thing to see is one number that moves."""
    tab = show(lesson(neuron()))
    assert tab.locator("[data-mode=ripple]").get_attribute("aria-pressed") == "true"
    assert "Move w a little. What does L do?" in text(tab, "#story")
    assert tab.input_value("#h") == "0.01" and tab.text_content("#n0g") == "+0.01"


def test_every_card_shows_its_own_move(show: Show) -> None:
    """After the last step each node that w can move shows Python's difference, and the others show none."""
    tab = show(lesson(neuron()))
    press(tab, "End")
    before, after = [node.value for node in Snapshot(neuron()).nodes], moved(0.01)
    for k in (0, 2, 4, 5, 7, 9):
        assert tab.text_content(f"#n{k}g") == signed(after[k] - before[k])
    assert tab.text_content("#n1g") == "–"


def test_every_edge_shows_the_rate_beside_its_slope(show: Show) -> None:
    """At tanh the rate that was seen stands under the local derivative, and is nearly the same."""
    tab = show(lesson(neuron()))
    press(tab, "End")
    before, after = [node.value for node in Snapshot(neuron()).nodes], moved(0.01)
    rate = float(tab.locator("text.rate[data-edge='5-0']").first.text_content())
    local = float(tab.text_content("#e5-0l"))
    assert rate == pytest.approx((after[5] - before[5]) / (after[4] - before[4]), rel=1e-3)
    assert rate == pytest.approx(local, rel=0.02) and rate != local


def test_rates_along_a_path_multiply_to_the_rate_of_the_whole(show: Show) -> None:
    """The line beside the sentence is ΔL/Δw, factor by factor; the sentence says what the gradient is."""
    tab = show(lesson(neuron()))
    press(tab, "End")
    before, after = [node.value for node in Snapshot(neuron()).nodes], moved(0.01)
    line = "".join(tab.locator("#side math").all_text_contents())
    assert float(line.rpartition("=")[2]) == pytest.approx((after[-1] - before[-1]) / 0.01, rel=1e-3)
    assert line.count("·") == 8 + 4  # between five factors, in symbols and in numbers, and in the name w·x
    assert "Rates along a path multiply" in text(tab, "#story") and "chain rule" in text(tab, "#story")
    assert tab.locator("#story math").nth(1).text_content().endswith(short(Snapshot(neuron()).nodes[0].gradient))


def test_two_ripples_that_meet_add(show: Show) -> None:
    """In x·x both factors move: two ripples, each for itself, and what both did together, which the sum names."""
    x = Value(3.0, "x")
    tab = show(lesson(x * x))
    press(tab, "ArrowRight")
    assert "2 ripples meet at L and add: 0.03 + 0.03 + 1×10⁻⁴ (both moved together) = +0.0601." in text(tab, "#story")
    press(tab, "ArrowRight")
    assert tab.locator("#side math").all_text_contents()[-2:] == ["3+3+0.01=6.01", "3+3=6"]
    assert "What is left over, +0.01, comes from paths that moved together." in text(tab, "#story")


def test_the_rates_of_the_paths_stand_above_their_slopes(show: Show) -> None:
    """Of exp x + sin x at 0 both slopes are 1; the rates over a step of 0.01 are not."""
    x = Value(0.0, "x")
    tab = show(lesson(x.exp() + x.sin()))
    press(tab, "End")
    assert tab.locator("#side math").all_text_contents()[-2:] == ["0.99998+1.005=2.005", "1+1=2"]


def test_what_both_moves_did_together_is_named_however_small(show: Show) -> None:
    """In x·x at 3 with h = 0.0001 the product of the two moves, 1e-8, is part of the sum."""
    x = Value(3.0, "x")
    tab = show(lesson(x * x))
    tab.fill("#h", "0.0001")
    tab.evaluate("document.activeElement.blur()")
    press(tab, "ArrowRight")
    assert "+ 1×10⁻⁸ (both moved together)" in text(tab, "#story")


def test_a_large_move_of_several_paths_claims_no_false_sum(show: Show) -> None:
    """y = x·x + x at 3 with h = 1: 3 + 3 and 1 more make 7, never "3 + 3 ≈ 7"."""
    x = Value(3.0, "x")
    tab = show(lesson(x * x + x))
    tab.fill("#h", "1")
    tab.evaluate("document.activeElement.blur()")
    press(tab, "ArrowRight")
    assert "3 + 3 + 1 (both moved together) = +7." in text(tab, "#story")
    press(tab, "End")
    assert tab.locator("#side math").all_text_contents()[-2:] == ["1+3+3+1=8", "1+3+3=7"]


def test_a_move_down_is_called_smaller(show: Show) -> None:
    """With h = −2 the input becomes smaller by 2, and not larger by −2."""
    tab = show(lesson(neuron()))
    tab.fill("#h", "-2")
    assert "We make it smaller by 2 " in text(tab, "#story")


def test_printed_digits_that_do_not_give_the_printed_result_are_joined_by_about(show: Show) -> None:
    """Every quotient and product of printed numbers has "=" where a calculator finds the printed result, else "≈"."""
    tab = show(lesson(neuron()))
    for _ in range(5):
        press(tab, "ArrowRight")
        for line in tab.locator("#side .chain-line").all():
            pieces = [piece.replace("−", "-") for piece in line.locator("math").all_text_contents()]
            if "…" in "".join(pieces) or not pieces:
                continue
            start = next(k for k, piece in enumerate(pieces) if piece[0] == "=")
            product = 1.0
            for piece in pieces[start:-1]:
                product *= float(piece.strip("=·()"))
            assert (pieces[-1][0] == "=") == (short(product) == pieces[-1][1:].replace("-", "−"))
    assert tab.locator("#side .chain-line").count() == 1


def test_another_input_is_moved_by_a_click_on_its_card_and_by_the_list(show: Show) -> None:
    """Choosing b, in the graph or in the list, starts its ripple."""
    tab = show(lesson(neuron()))
    tab.click("#n3")
    assert "Move b a little" in text(tab, "#story") and tab.text_content("#n3g") == "+0.01"
    tab.select_option("#rippled", "1")
    assert "Move x a little" in text(tab, "#story")
    assert tab.evaluate("autoback.lesson.mode") == "ripple" and step_of(tab) == 0


def test_h_is_typed_with_point_or_comma_and_refused_when_it_is_no_number(show: Show) -> None:
    """0,1 is a tenth; x and 0 are marked as wrong, and a sentence says which h is still used."""
    tab = show(lesson(neuron()))
    tab.fill("#h", "0,1")
    assert tab.text_content("#n0g") == "+0.1" and tab.get_attribute("#h", "aria-invalid") == "false"
    for wrong in ("x", "0", ""):
        tab.fill("#h", wrong)
        assert tab.get_attribute("#h", "aria-invalid") == "true" and tab.text_content("#n0g") == "+0.1"
        assert "h must be a number, and not 0. The ripple still uses h = 0.1." in text(tab, "#story")
    tab.locator("#h").blur()
    assert tab.input_value("#h") == "0.1" and tab.get_attribute("#h", "aria-invalid") is None


def test_the_ripple_of_a_network_starts_where_the_way_is_longest(show: Show) -> None:
    """Of XOR's inputs the first weight of the first layer has most to show."""
    tab = show(lesson(xor_sample()))
    assert "Move w" in text(tab, "#story")
    assert tab.evaluate("autoback.lesson.modes.ripple.steps.length") == 10


def test_a_pulse_runs_along_the_edges_unless_calm_is_wanted(show: Show) -> None:
    """A step forward sends a dot along the edge; with reduced motion nothing moves."""
    for motion, least in (("no-preference", 1), ("reduce", 0)):
        tab = show(lesson(neuron()), reduced_motion=motion)
        press(tab, "ArrowRight")
        assert tab.locator("circle.pulse").count() == least
    until(tab, "document.querySelectorAll('circle.pulse').length === 0")


# The drawer: which h is best


def opened(show: Show, root: Value) -> Any:
    tab = show(lesson(root))
    tab.click("#open-errors")
    return tab


def test_the_drawer_compares_the_slope_seen_with_the_gradient(show: Show) -> None:
    """Δroot/h stands beside the gradient, with their difference."""
    tab = opened(show, neuron())
    cells = tab.locator("#comparison td").all_text_contents()
    slope = (moved(0.01)[-1] - moved(0.0)[-1]) / 0.01
    assert float(cells[cells.index("Δ/h, the rate seen") + 1]) == pytest.approx(slope, rel=1e-9)
    assert float(cells[cells.index("∂L/∂w, the gradient") + 1]) == pytest.approx(Snapshot(neuron()).nodes[0].gradient, rel=1e-9)


def test_the_error_falls_and_rises_with_h(show: Show) -> None:
    """Large steps err by truncation, tiny ones by rounding, and the best lies between."""
    tab = opened(show, neuron())
    measure = "(e) => { const n = autoback.lesson.modes.ripple; return Math.abs(n.errors.slope(0, 10 ** e) - n.graph.gradient[0]); }"
    errors = {e: tab.evaluate(measure, e) for e in (-1, -7, -14)}
    assert errors[-1] > 100 * errors[-7] and errors[-14] > 100 * errors[-7]
    assert tab.locator("#chart path.curve").count() == 1


def test_the_curve_of_errors_has_no_lucky_dips(show: Show) -> None:
    """Where rounding happens to hit the gradient the curve goes on: from the smallest h to the best one it falls."""
    x = Value(3.0, "x")
    tab = opened(show, (x * 2.0) * (x + 1.0))
    path = tab.locator("#chart path.curve").get_attribute("d")
    heights = [float(point.split()[1]) for point in path[1:].split("L")]
    lowest = heights.index(max(heights))
    assert 20 < lowest < 40
    assert all(here < after + 25 for here, after in pairwise(heights[: lowest + 1]))


def test_a_kink_is_named_where_no_step_is_small_enough(show: Show) -> None:
    """At the kink of relu both slopes are told."""
    tab = opened(show, Value(0.0, "x").relu())
    assert "on the left the slope is 0, on the right 1" in text(tab, "#kink")


def test_the_drawer_is_driven_by_keyboard_alone(show: Show) -> None:
    """Width and method change by keys, the result is announced, Escape closes it and gives the focus back."""
    tab = show(lesson(neuron()))
    tab_to(tab, "open-errors")
    press(tab, "Enter")
    tab_to(tab, "decade")
    press(tab, "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft")
    until(tab, "document.getElementById('decade-h').textContent === '0.001'")
    assert "h = 0.001" in tab.text_content("#live")
    tab_to(tab, "method")
    press(tab, "ArrowDown")
    until(tab, "document.getElementById('comparison').textContent.includes('Δ/2h')")
    press(tab, "Escape")
    assert not tab.locator("#errors").is_visible() and focused(tab) == "open-errors"


def test_the_reader_predicts_first_and_is_told_at_the_end(show: Show) -> None:
    """Up or down, farther or less far: both are chosen before the ripple starts, and at the end it says whether they were right.

    L grows by some 0.0027 when w grows by 0.01: it goes up, less far than w.
    """
    assert 0 < moved(0.01)[-1] - moved(0)[-1] < 0.01
    tab = show(lesson(neuron()))
    for way, size, reply in (
        ("up", "nearer", "As you predicted."),
        ("down", "nearer", "One half of your prediction was right: L went up, less far than w."),
        ("down", "farther", "You predicted something else: L went up, less far than w."),
    ):
        tab.click(f"#predict-{way}")
        assert step_of(tab) == 0 and tab.get_attribute(f"#predict-{way}", "aria-pressed") == "true"
        assert focused(tab) == "predict-farther"
        tab_to(tab, f"predict-{size}")
        press(tab, "Enter")
        assert step_of(tab) == 1
        press(tab, "End")
        assert text(tab, "#story .why").startswith(reply)
        tab.select_option("#rippled", "3")
        press(tab, "End")
        assert "predicted" not in text(tab, "#story")
        tab.select_option("#rippled", "0")


def test_a_move_down_can_be_farther(show: Show) -> None:
    """L = −3x falls by 0.03 when x grows by 0.01: down, and farther than x."""
    tab = show(lesson(-3.0 * Value(1.0, "x")))
    tab.click("#predict-down")
    tab.click("#predict-farther")
    press(tab, "End")
    assert text(tab, "#story .why").startswith("As you predicted.")


def test_before_each_step_the_next_move_is_compared_with_this_one(show: Show) -> None:
    """The move of w·x + b comes out 0.07065 times as large at tanh: less far. Nothing waits for the answer, and it is told."""
    tab = show(lesson(neuron()))
    press(tab, "ArrowRight", "ArrowRight")
    assert "Next is a. Compared with +0.02, it will move" in text(tab, "#side")
    for choice, reply in (("less far", "Right. "), ("farther", "No: less far. ")):
        tab.click(f"#side .predict >> text={choice}")
        assert step_of(tab) == 3 and text(tab, "#story .why").startswith(reply)
        press(tab, "ArrowLeft")
    press(tab, "ArrowRight", "ArrowRight", "ArrowLeft")
    assert step_of(tab) == 3


def test_a_name_along_an_arrow_is_used_and_explained(show: Show) -> None:
    """Where x is used twice, each ripple is called by its use of x, and the sentence says what the name means."""
    x = Value(3.0, "x")
    tab = show(lesson(x * x))
    press(tab, "ArrowRight")
    story = tab.text_content("#story")
    assert "through x₍₁₎ alone=" in story and "through x₍₂₎ alone=" in story
    assert "x(1) and x(2) are x on each arrow." in story


def test_a_word_and_its_number_stand_beside_each_other(show: Show) -> None:
    """A wide move is written smaller, and its Δ does not vanish."""
    tab = show(lesson(neuron()), height=720)
    press(tab, "End")
    for card in tab.locator("#scroller svg >> nth=0").locator(".node:has(.word)").all():
        word, number = card.locator(".word").bounding_box(), card.locator(".gradient").bounding_box()
        assert word["x"] + word["width"] <= number["x"] + 1


def test_a_long_product_breaks_before_its_equals_sign(show: Show) -> None:
    """The second line of the product begins with "=", below the denominators of the first."""
    tab = show(lesson(neuron()), height=720)
    press(tab, "End")
    groups = tab.locator("#side .chain-line .group")
    symbols, numbers = groups.nth(0).bounding_box(), groups.nth(1).bounding_box()
    assert groups.nth(1).inner_text().startswith("=")
    assert numbers["y"] >= symbols["y"] + symbols["height"]


def test_on_a_phone_the_last_step_shows_the_card_it_is_about(show: Show) -> None:
    """Where the input and the root do not fit together, the root is in view, and the legend is not cut."""
    tab = show(lesson(neuron()), width=390, height=780, reduced_motion="reduce")
    press(tab, "End")
    frame, card = tab.locator("#scroller").bounding_box(), tab.locator("#tn9").bounding_box()
    assert frame["y"] <= card["y"] and card["y"] + card["height"] <= frame["y"] + frame["height"]
    tab.click("#more")
    assert tab.evaluate("(() => { const e = document.getElementById('legend'); return e.scrollWidth <= e.clientWidth + 1; })()")


def test_no_slope_shows_before_the_prediction(show: Show) -> None:
    """The edges have their slopes from the first step on, and not while the reader predicts."""
    tab = show(lesson(neuron()))
    assert tab.text_content("#e5-0l") == ""
    press(tab, "ArrowRight")
    assert tab.text_content("#e5-0l") == "0.07065"


def test_the_axes_of_the_drawer_have_titles(show: Show) -> None:
    """The chart says what runs to the right and what runs up."""
    tab = opened(show, neuron())
    titles = tab.locator("#chart text.title").all_text_contents()
    assert titles[:2] == ["h, a thousand times smaller at each line to the left", "how wrong the rate is"]


def test_the_drawer_of_a_straight_line_says_that_every_h_is_right(show: Show) -> None:
    """y = 3·x + 1 does not bend; y = x·x does, but the bending on both sides cancels."""
    tab = opened(show, Value(2.0, "x") * 3.0 + 1.0)
    assert "every h of a usual size gives the slope itself" in text(tab, "#reading")
    x = Value(2.0, "x")
    tab = opened(show, x * x)
    assert "makes the error ten times smaller" in text(tab, "#reading")
    tab.select_option("#method", "central")
    assert "every h of a usual size gives the slope itself" in text(tab, "#reading")


def test_the_drawer_says_how_to_read_the_picture(show: Show) -> None:
    """Plain words for each way to measure, and what they claim is so: a tenth of h is a tenth of the error, or a hundredth."""
    tab = opened(show, neuron())
    assert "an h ten times smaller makes the error ten times smaller" in text(tab, "#reading")
    errors = (
        "[-2, -3].map((e) => { const r = autoback.lesson.modes.ripple;"
        " return Math.abs(r.errors.slope(r.leaf, 10 ** e) - r.graph.gradient[r.leaf]); })"
    )
    large, small = tab.evaluate(errors)
    assert large / small == pytest.approx(10, rel=0.05)
    tab.select_option("#method", "central")
    assert "makes the error a hundred times smaller" in text(tab, "#reading")
    large, small = tab.evaluate(errors)
    assert large / small == pytest.approx(100, rel=0.05)
    assert re.fullmatch("best h: about 10⁻[⁵⁶]", tab.locator("#chart text.title").last.text_content())


def test_a_rate_that_is_far_off_is_not_called_near(show: Show) -> None:
    """y = x·x + x at 3 with h = −2: the rate 5 is not the slope 7; with h = −0.01 it is near."""
    x = Value(3.0, "x")
    tab = show(lesson(x * x + x))
    tab.fill("#h", "-2")
    press(tab, "End")
    tab.click("#last")
    assert "5≠" in tab.text_content("#story") and "≈" not in tab.text_content("#story")
    tab.fill("#h", "-0.01")
    until(tab, "document.getElementById('story').textContent.includes('6.99≈')")


def test_the_uses_of_an_input_are_explained_where_they_do_not_meet(show: Show) -> None:
    """In (a + b)·(b·c) b goes on two ways: b₍₁₎ and b₍₂₎ have a sentence each."""
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    tab = show(lesson((a + b) * (b * c)))
    tab.select_option("#rippled", "1")
    press(tab, "ArrowRight")
    tab.click("#next")
    assert "on this arrow." in text(tab, "#story")


def test_where_nothing_moves_no_rate_is_made_up(show: Show) -> None:
    """Behind a dead relu nothing moves: no 0/0, and the path through it gives 0."""
    x = Value(-1.0, "x")
    tab = show(lesson(x.relu() * Value(2.0, "c") + x))
    tab.select_option("#rippled", "0")
    press(tab, "Escape")
    for _ in range(tab.evaluate("autoback.lesson.modes.ripple.steps.length") - 1):
        tab.click("#next")
        assert "not a number" not in tab.text_content("main") and "–" not in text(tab, "#story") + text(tab, "#side")
        if step_of(tab) == 2:
            assert "relu(x) did not move, so relu(x)·c does not move either: 2 times 0 is 0." in text(tab, "#story")
    assert tab.locator("#side .chain-line").all_text_contents()[-1] == "slopes:1+0=1"


def test_a_letter_that_the_formula_does_not_have_is_explained(show: Show) -> None:
    """The card of tanh is called a, and the ripple says what a stands for; of w·x its name says it."""
    tab = show(lesson(parse_expression("L = (tanh(w*x + b) - 1)**2").evaluate(w=0.5, x=2.0, b=-1.5)[0]))
    tab.click("#next")
    assert "stands for" not in text(tab, "#story")
    tab.click("#next")
    tab.click("#next")
    assert "a stands for tanh(w·x + b)." in text(tab, "#story")
