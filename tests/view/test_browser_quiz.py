"""The quiz in a real browser: fresh numbers, questions of every kind, hints, what a wrong answer is told, and the result."""

import re
from typing import Any
from urllib.parse import quote

import pytest

from autoback import Value, parse_expression
from autoback.text import short
from autoback.view.lesson import lesson
from autoback.view.snapshot import Snapshot
from tests.view.driving import Show, enter, focused, press, tab_to, text, until
from tests.view.graphs import neuron, xor_sample

pytestmark = pytest.mark.browser


def asked(show: Show, root: Value, **options: Any) -> Any:
    tab = show(lesson(root), **options)
    enter(tab, "quiz")
    return tab


def turn_to(tab: Any, kind: str, node: int | None = None) -> None:
    """Go to the question of a kind, about one node if there are several."""
    find = "([kind, node]) => autoback.lesson.modes.quiz.questions.findIndex((q) => q.kind === kind && (node === null || q.node === node))"
    at = tab.evaluate(find, [kind, node])
    assert at >= 0
    tab.evaluate("(at) => { const q = autoback.lesson.modes.quiz; q.turn(at); q.render(); q.focus(); }", at)


def with_numbers(tab: Any, **numbers: float) -> None:
    """Put numbers of one's own into the quiz's graph."""
    tab.evaluate(
        "(numbers) => { const q = autoback.lesson.modes.quiz; for (const [name, x] of Object.entries(numbers))"
        " q.graph.value[q.graph.nodes.findIndex((n) => n.name === name)] = x; q.graph.forward(); q.graph.backward();"
        " q.turn(q.at); q.done.clear(); q.render(); }",
        numbers,
    )


#: The right answer to the present question, as it would be typed.
ANSWER = """(() => { const q = autoback.lesson.modes.quiz, now = q.now;
  return now.kind === "local" ? q.graph.partials[now.edge[0]][now.edge[1]] : q.graph.gradient[now.node]; })()"""


def test_a_perfect_quiz_by_keyboard_alone(show: Show) -> None:
    """Every kind of question is answered without a mouse, and the end is a full score, with a result to copy."""
    tab = show(lesson(neuron()))
    tab_to(tab, "quiz")
    press(tab, "Enter")
    total = tab.evaluate("autoback.lesson.modes.quiz.questions.length")
    kinds = set()
    for _ in range(total):
        kind = tab.evaluate("autoback.lesson.modes.quiz.now.kind")
        kinds.add(kind)
        if kind in ("local", "gradient"):
            assert focused(tab) == "answer"
            tab.keyboard.type(f"{tab.evaluate(ANSWER):.5g}")
            press(tab, "Enter")
        elif kind == "sign":
            tab_to(tab, "up" if tab.evaluate(ANSWER) > 0 else "down")
            press(tab, "Enter")
        else:
            node = tab.evaluate("autoback.lesson.modes.quiz.now.node")
            tab.locator("#scroller svg >> nth=0").locator("[tabindex='0']").focus()
            for _ in range(12):
                press(tab, "ArrowUp")
            press(tab, *["ArrowDown"] * node, "Enter")
        assert "Right." in text(tab, "#feedback"), kind
        assert focused(tab) == "following"
        press(tab, "Enter")
    assert kinds == {"sign", "local", "gradient", "most", "mistake"}
    assert f"Score: {total} of {total}" in text(tab, "#feedback") and focused(tab) == "again"
    assert f"{total} of {total} right at the first try and without help. Flawless." in tab.input_value("#result")
    assert "L = (tanh(w·x + b) − y)^2, with w = " in tab.input_value("#result")


def test_nobody_is_asked_which_of_two_equals_is_larger(show: Show) -> None:
    """Both inputs of x + y have the slope 1, so neither matters most; of x + 3y it is y."""
    kinds = "autoback.lesson.modes.quiz.questions.map((question) => question.kind)"
    x, y = Value(1.0, "x"), Value(2.0, "y")
    assert "most" not in asked(show, x + y).evaluate(kinds)
    assert "most" in asked(show, x + 3.0 * y).evaluate(kinds)


def test_the_end_names_what_was_missed_and_not_what_was_left_out(show: Show) -> None:
    """One question answered wrongly, the rest never: only that one is to be looked at again."""
    tab = asked(show, neuron())
    turn_to(tab, "gradient", 4)
    tab.fill("#answer", "12345")
    press(tab, "Enter")
    tab.click("#finish")
    assert "Score: 0 of " in text(tab, "#feedback") and text(tab, "#feedback").endswith("Look again at: ∂L/∂(w·x + b).")


def test_numbers_are_fresh_each_time_and_the_same_for_the_same_seed(show: Show) -> None:
    """Another seed, other numbers; the same seed, the same; and they are easy to compute with."""
    tab = asked(show, neuron())
    numbers = (
        "(seed) => { const q = autoback.lesson.modes.quiz; q.begin(seed);"
        " return [q.graph.value.slice(0, 2), q.questions.map((x) => x.kind + x.node)]; }"
    )
    first, second, again = [tab.evaluate(numbers, seed) for seed in (1, 2, 1)]
    assert first == again != second
    for seed in range(1, 8):
        tab.evaluate(numbers, seed)
        values = tab.evaluate("autoback.lesson.modes.quiz.graph.value")
        assert all(round(x, 2) == x for x in (values[0], values[1], values[2], values[4]))


def test_the_other_ways_keep_their_numbers(show: Show) -> None:
    """The quiz has a graph of its own: back in Walk w is 0.5 as before."""
    tab = asked(show, neuron())
    assert tab.evaluate("autoback.lesson.modes.quiz.graph.value[0] !== 0.5")
    enter(tab, "walk")
    assert tab.text_content("#n0v") == "0.5"


def test_nothing_on_the_screen_gives_the_answer_away(show: Show) -> None:
    """In front of a gradient no gradient that comes after it is known; in front of a slope the edge shows none."""
    tab = asked(show, neuron())
    turn_to(tab, "gradient", 4)
    assert tab.text_content("#n4g") == tab.text_content("#n0g") == "?" and tab.text_content("#n9g") == "1"
    turn_to(tab, "local")
    edge = tab.evaluate("autoback.lesson.modes.quiz.now.edge.join('-')")
    assert tab.text_content(f"#e{edge}l") == ""
    turn_to(tab, "most")
    assert {tab.text_content(f"#n{k}g") for k in (0, 1, 3)} == {"?"}


def test_a_wrong_answer_names_the_contribution_that_was_missed(show: Show) -> None:
    """Of a number used twice, the sum of one path only is told which path is missing."""
    x = Value(3.0, "x")
    tab = asked(show, x * x + x)
    turn_to(tab, "gradient", 0)
    with_numbers(tab, x=3.0)
    tab.fill("#answer", "6")
    press(tab, "Enter")
    assert "Not yet. You missed the contribution through L." in text(tab, "#feedback")
    tab.fill("#answer", "7")
    press(tab, "Enter")
    assert "Right. 1 · 1 + 1 · 3 + 1 · 3 = 7." in text(tab, "#feedback")


def feedback_to_a_gradient_of_10(show: Show, answer: str) -> str:
    """What the quiz says to an answer, where it asks for the gradient of x of (x·y)·5 at x = 3, y = 2."""
    x, y = Value(1.0, "x"), Value(1.0, "y")
    tab = asked(show, (x * y) * 5.0)
    turn_to(tab, "gradient", 0)
    with_numbers(tab, x=3.0, y=2.0)
    tab.fill("#answer", answer)
    press(tab, "Enter")
    return text(tab, "#feedback")


def replies(tab: Any, *answers: str) -> list[str]:
    """What the quiz says to each answer to the present question."""
    said = []
    for answer in answers:
        tab.evaluate("(() => { const q = autoback.lesson.modes.quiz; q.done.clear(); q.render(); })()")
        tab.fill("#answer", answer)
        tab.locator("#answer").press("Enter")
        said.append(text(tab, "#feedback"))
    return said


def test_the_usual_slips_are_recognised(show: Show) -> None:
    """At (x·y)·5 with x = 3, y = 2 the gradient of x is 10: each slip is told what it is."""
    assert "the sign is not" in feedback_to_a_gradient_of_10(show, "-10")
    tab = show(lesson((Value(1.0, "x") * Value(1.0, "y")) * 5.0))
    enter(tab, "quiz")
    turn_to(tab, "gradient", 0)
    with_numbers(tab, x=3.0, y=2.0)
    slips = {
        "2": "the local derivative alone", "5": "the upstream alone", "3": "That is a value", "7": "upstream plus slope",
        "2.5": "upstream divided by slope",
        "15": "That is the gradient of y. The one of x is asked.", "99": "take a hint", "q": "That is no number",
    }  # fmt: skip
    for slip, reply in zip(slips.values(), replies(tab, *slips), strict=True):
        assert slip in reply


def test_slips_at_a_number_that_is_used_twice_are_recognised(show: Show) -> None:
    """At L = x·y − 4·x with x = 3, y = 6 the gradient of x is 6 − 4 = 2: a part missing, a sign turned, parts multiplied."""
    x, y = Value(1.0, "x"), Value(1.0, "y")
    tab = asked(show, x * y - x * 4.0)
    turn_to(tab, "gradient", 0)
    with_numbers(tab, x=3.0, y=6.0)
    missed, turned, multiplied = replies(tab, "6", "10", "-24")
    assert "You missed the contribution through" in missed
    assert re.search("The part through .* has the wrong sign", turned)
    assert "Those are the right parts, multiplied. Parts that come together add." in multiplied


def test_slips_along_a_way_are_recognised(show: Show) -> None:
    """At L = ((x·2)·3)·7 the gradient of x is 42: 6 is the slopes without the last, 14 without the 3."""
    tab = asked(show, Value(1.0, "x") * 2.0 * 3.0 * 7.0)
    turn_to(tab, "gradient", 0)
    with_numbers(tab, x=5.0)
    assert "The slope ∂L/∂" in replies(tab, "6")[0] and "was left out" in replies(tab, "14")[0]


def test_slips_at_a_slope_are_recognised(show: Show) -> None:
    """At L = (x³)·4 with x = 2 the slope of the power is 3·4 = 12: without the 3, the value, the sign, the whole gradient, upside down."""
    tab = asked(show, Value(1.0, "x") ** 3 * 4.0)
    turn_to(tab, "local")
    with_numbers(tab, x=2.0)
    said = replies(tab, "4", "-12", "8", "48", "0.0833333333", "12")
    wanted = ("the factor 3 is missing", "the sign is not", "That is a value", "the whole gradient", "Upside down", "Right.")
    assert tab.evaluate("autoback.lesson.modes.quiz.now.edge.join()") == "2,0"
    for reply, slip in zip(said, wanted, strict=True):
        assert slip in reply


def test_exact_numbers_want_an_exact_answer(show: Show) -> None:
    """Where every number has two decimals or less the page says so, and 10 is neither 10.1 nor 9.99."""
    tab = asked(show, (Value(1.0, "x") * Value(1.0, "y")) * 5.0)
    turn_to(tab, "gradient", 0)
    with_numbers(tab, x=3.0, y=2.0)
    assert "every number is exact" in text(tab, "#progress")
    assert [reply.split(".")[0] for reply in replies(tab, "10", "10.0", "10.1", "9.99")] == ["Right", "Right", "Not yet", "Not yet"]


def test_rounded_numbers_want_two_digits(show: Show) -> None:
    """With a tanh in the graph an answer is right to one percent, or rounded to two digits."""
    tab = asked(show, neuron())
    turn_to(tab, "gradient", 0)
    with_numbers(tab, w=0.5, x=2.0, b=-1.5, y=1.0)  # the README's example: −4.5995
    assert "some numbers are rounded: two digits are enough" in text(tab, "#progress")
    assert [reply.split(".")[0] for reply in replies(tab, "-4.6", "-4.56", "-4.64", "-4.5", "-4.7")] == [
        "Right",
        "Right",
        "Right",
        "Not yet",
        "Not yet",
    ]
    with_numbers(tab, w=0.5, x=2.0, b=-0.5, y=1.0)
    truth = tab.evaluate(ANSWER)
    assert replies(tab, f"{truth:.2g}")[0].startswith("Right.")


@pytest.mark.parametrize(
    "formula",
    [
        "a*b + a*a*c - b",
        "relu(a*b) - (c*b)**2",
        "max(a, b)*c + where(a > 2, a, -b)",
        "a/(b*c) + a*a",
        "abs(a - b)*c*c*c",
        "sum([a, b, c])*a",
    ],
)
def test_numbers_of_arithmetic_are_exact_to_two_decimals(show: Show, formula: str) -> None:
    """Sums, products, whole powers, choices and quotients: every value, slope and gradient of a quiz has at most two decimals."""
    tab = asked(show, parse_expression(formula).evaluate(a=1.5, b=2.0, c=3.0)[0])
    for seed in range(1, 9):
        graph = tab.evaluate(
            "(seed) => { const q = autoback.lesson.modes.quiz; q.begin(seed); const g = q.graph;"
            " return [g.exact, g.value, g.gradient.filter((_, k) => !g.nodes[k].constant), g.partials.flat()]; }",
            seed,
        )
        assert graph[0] is True
        for x in [*graph[1], *graph[2], *graph[3]]:
            assert abs(round(x, 2) - x) < 1e-9 and abs(x) < 1000


def test_numbers_above_a_tanh_are_rounded_and_no_slope_of_it_is_1(show: Show) -> None:
    """A tanh at 0 would be exact, but its slope of 1 would hide that a factor was left out."""
    tab = asked(show, neuron())
    for seed in range(1, 9):
        slope, exact = tab.evaluate(
            "(seed) => { const q = autoback.lesson.modes.quiz; q.begin(seed); return [q.graph.partials[5][0], q.graph.exact]; }", seed
        )
        assert 0.005 < slope < 0.995 and exact is False


def test_hints_come_in_three_stages_and_cost_the_first_try(show: Show) -> None:
    """The idea, where to look, the numbers; the answer itself is in none of them."""
    tab = asked(show, neuron())
    turn_to(tab, "gradient", 0)
    with_numbers(tab, w=2.0, x=3.0, b=-6.0, y=1.0)
    said = []
    for _ in range(3):
        tab.click("#hint")
        said.append(text(tab, "#feedback"))
    assert said[0].startswith("Hint 1 of 3: Upstream times local, and paths add.")
    assert "It comes through" in said[1]
    assert said[2] == "Hint 3 of 3: Compute (−2) · 3."
    tab.fill("#answer", "-6")
    press(tab, "Enter")
    assert "Right." in text(tab, "#feedback")
    assert tab.evaluate("(() => { const q = autoback.lesson.modes.quiz; return q.first.get(q.now); })()") is False


def test_a_planted_mistake_is_found_by_a_click(show: Show) -> None:
    """One card shows another gradient than the rest of the graph gives; any other card is not it."""
    tab = asked(show, xor_sample())
    turn_to(tab, "mistake")
    k = tab.evaluate("autoback.lesson.modes.quiz.now.node")
    true = tab.evaluate("(k) => autoback.short(autoback.lesson.modes.quiz.graph.gradient[k])", k)
    assert tab.text_content(f"#n{k}g") != true
    tab.click("#n23")
    assert "Not yet. This one is right: it is 1, as always." in text(tab, "#feedback")
    other = tab.evaluate("(k) => autoback.lesson.modes.quiz.questions.find((q) => q.kind === 'gradient' && q.node !== k).node", k)
    tab.click(f"#n{other}")
    assert re.search("Not yet. This one is right: .* [=≈] ", text(tab, "#feedback"))
    tab.click(f"#n{k}")
    assert "Right." in text(tab, "#feedback") and tab.text_content(f"#n{k}g") == true


def test_a_planted_mistake_is_one_that_people_make(show: Show) -> None:
    """The wrong sign, the upstream or the slopes alone, or a missing part; it is named when the card is found."""
    tab = asked(show, Value(2.0, "x") * Value(3.0, "y") * Value(4.0, "z") + Value(1.0, "b"))
    names = {
        "sign": "the wrong sign",
        "upstream": "the upstream without the slopes",
        "local": "the slopes without the upstream",
        "path": "a part was missing",
    }
    seen = set()
    for seed in range(1, 12):
        tab.evaluate("(seed) => { autoback.lesson.modes.quiz.begin(seed); autoback.lesson.modes.quiz.render(); }", seed)
        turn_to(tab, "mistake")
        slip, number, truth = tab.evaluate(
            "(() => { const q = autoback.lesson.modes.quiz, n = q.now; return [n.slip, n.number, q.graph.gradient[n.node]]; })()"
        )
        assert number != truth
        tab.click("#show")
        assert f"It had {short(number)}, {names[slip]}." in text(tab, "#feedback")
        seen.add(slip)
    assert len(seen) > 1


def test_a_wrong_card_for_the_largest_gradient_says_why(show: Show) -> None:
    """A smaller gradient is told with its number; what is no input is told to be none."""
    tab = asked(show, Value(2.0, "x") * Value(3.0, "y") * Value(4.0, "z"))
    turn_to(tab, "most")
    least = tab.evaluate(
        "(() => { const q = autoback.lesson.modes.quiz, g = q.graph;"
        " return q.ways.inputs.reduce((a, b) => Math.abs(g.gradient[b]) < Math.abs(g.gradient[a]) ? b : a); })()"
    )
    tab.click(f"#n{least}")
    assert "another input has a larger one" in text(tab, "#feedback")
    tab.click(f"#n{tab.evaluate('autoback.lesson.graph.root')}")
    assert "is no input" in text(tab, "#feedback")


def test_a_click_on_a_card_asks_about_it_and_tells_nothing(show: Show) -> None:
    """During the quiz a card cannot be made to show its gradient; clicking it makes it the question."""
    tab = asked(show, neuron())
    tab.click("#n0")
    assert tab.locator("#question").get_attribute("aria-label") == "Gradient of L with respect to w"
    assert tab.text_content("#n0g") == "?" and tab.locator("#quiz").is_visible()


def test_show_me_answers_with_a_reason(show: Show) -> None:
    """Whoever gives up sees the sum that was asked for; in the end those questions are named."""
    tab = asked(show, neuron())
    for _ in range(tab.evaluate("autoback.lesson.modes.quiz.questions.length")):
        tab.click("#show")
        assert len(text(tab, "#feedback")) > 5
        tab.click("#following")
    assert "Score: 0 of" in text(tab, "#feedback") and "∂L/∂a" in text(tab, "#feedback")


def test_a_graph_of_a_single_leaf_is_a_lesson_too(show: Show) -> None:
    """Nothing to compute and nothing to ask, but no error either."""
    tab = show(lesson(Value(1.0, "x")))
    press(tab, "End", "1", "3", "4", "2", "End")
    assert tab.text_content("#n0g") == "1"


def test_a_link_carries_the_way_the_numbers_and_the_seed(show: Show) -> None:
    """The tail of the address is kept up to date, and opens the page as it was."""
    tab = asked(show, neuron())
    tab.evaluate("() => { autoback.lesson.modes.quiz.begin(7); autoback.lesson.modes.touch.put(0, 1.25); }")
    enter(tab, "touch")
    address = tab.evaluate("location.href")
    assert address.endswith("#way=touch&seed=7&in.w=1.25")
    tab.goto("about:blank")
    tab.goto(address)
    until(tab, "window.autoback !== undefined && autoback.lesson !== undefined")
    assert tab.evaluate("[autoback.lesson.mode, autoback.lesson.modes.quiz.seed, autoback.lesson.graph.value[0]]") == ["touch", 7, 1.25]
    assert tab.text_content("#n0v") == "1.25"


def test_the_result_carries_a_link_that_opens_the_same_quiz(show: Show) -> None:
    """Formula, numbers and seed are in it, and the command that makes the page: another page opens the same questions."""
    tab = asked(show, neuron())
    tab.evaluate("autoback.lesson.modes.quiz.begin(5)")
    with_numbers(tab, w=0.5, x=3.0, b=-1.0, y=2.0)
    tab.click("#finish")
    result = tab.input_value("#result")
    assert 'autoback lesson "L = (tanh(w*x + b) - y)**2" w=0.5 x=2 b=1 y=0 -o lesson.html' in result
    link = result.strip().split("lesson.html")[-1]
    address = tab.url.partition("#")[0]
    tab.goto("about:blank")
    tab.goto(address + link)
    until(tab, "window.autoback !== undefined && autoback.lesson !== undefined")
    assert tab.evaluate(
        "(() => { const q = autoback.lesson.modes.quiz;"
        " return [autoback.lesson.mode, q.seed, ...q.ways.inputs.map((k) => q.graph.value[k])]; })()"
    ) == ["quiz", 5, 0.5, 3, -1, 2]
    assert tab.evaluate("!document.getElementById('notice').checkVisibility()")


def test_the_result_is_copied_by_a_button(show: Show) -> None:
    """Copy, by keyboard, puts the whole result where a mail program takes it from, and says so; missed questions have short names."""
    tab = asked(show, neuron())
    for kind in ("sign", "mistake"):
        turn_to(tab, kind)
        tab.click("#show")
    tab.click("#finish")
    advice = text(tab, "#feedback")
    assert "Look again at: up or down with" in advice and advice.endswith("; the wrong gradient.")
    tab_to(tab, "copy")
    press(tab, "Enter")
    assert text(tab, "#copy") == "Copied"
    tab.evaluate("(() => { const box = document.createElement('textarea'); box.id = 'mail'; document.body.append(box); box.focus(); })()")
    press(tab, "Control+v")
    assert tab.input_value("#mail") == tab.input_value("#result")


def test_a_link_for_another_formula_says_so(show: Show) -> None:
    """A link opened with the page of another formula names the one that was meant."""
    tab = show(lesson(neuron()))
    tab.goto(tab.url + "#way=quiz&seed=3&formula=" + quote("y = x·x + x"))
    tab.reload()
    until(tab, "window.autoback !== undefined && autoback.lesson !== undefined")
    assert text(tab, "#notice") == "The link is for another formula: y = x·x + x."


@pytest.mark.parametrize(
    "formula",
    ["y = (a - b)*(a + b)/(c - a)**2", "s = a*b + c; y = s*s - tanh(s)", "y = where(a > b, -a*c, a - (b - c))",
     "y = sum([a, b*b, c]) + dot([a, b], [c, 2])",
     "y = max(a, b)**c / 2", "y = -(a + b) * exp(-c) - a"],
)  # fmt: skip
def test_the_command_in_the_result_makes_the_same_page(show: Show, formula: str) -> None:
    """The formula and the numbers of the command, read by the command line, give a graph of the same operations and values."""
    root = parse_expression(formula).evaluate(a=1.5, b=2.0, c=3.0)[0]
    tab = asked(show, root)
    tab.click("#finish")
    command = re.search('autoback lesson "(.*)" (.*) -o lesson.html', tab.input_value("#result"))
    assert command is not None
    numbers = dict(pair.split("=") for pair in command[2].split())
    again = Snapshot(parse_expression(command[1]).evaluate(**{name: float(x) for name, x in numbers.items()})[0])
    assert sorted((node.op.name if node.op else "", node.value, node.gradient) for node in again.nodes) == sorted(
        (node.op.name if node.op else "", node.value, node.gradient) for node in Snapshot(root).nodes
    )


def test_the_answer_to_up_or_down_keeps_the_gradient_for_later(show: Show) -> None:
    """The first question's answer says above or below 0, and no number that is asked for afterwards."""
    tab = asked(show, neuron())
    turn_to(tab, "sign")
    tab.click("#show")
    assert re.search(r"is (above|below) 0\.$", text(tab, "#feedback"))


def test_one_path_of_several_is_named_as_such(show: Show) -> None:
    """The product along one of the paths to x is not yet its gradient."""
    x = Value(1.0, "x")
    b = x * x
    tab = asked(show, b * 3.0 + b * b)
    turn_to(tab, "gradient")
    tab.evaluate("autoback.lesson.modes.quiz.choose(0)")
    product = "autoback.lesson.ways.paths(0, 9)[0].reduce((all, [k, p]) => all * autoback.lesson.modes.quiz.graph.partials[k][p], 1)"
    tab.fill("#answer", str(tab.evaluate(product)))
    tab.click("#check")
    assert "one path of" in text(tab, "#feedback") or "missed the contribution" in text(tab, "#feedback")


def test_the_numbers_of_the_quiz_hide_no_mistake(show: Show) -> None:
    """No slope of a product is 1 or −1: a factor that was left out would then not show."""
    tab = asked(show, Value(2.0, "x") * Value(3.0, "y") + Value(1.0, "z"))
    slopes = tab.evaluate(
        "[1, 2, 3, 4, 5, 6, 7, 8].flatMap((seed) => { const quiz = autoback.lesson.modes.quiz; quiz.begin(seed);"
        " return quiz.graph.nodes.flatMap((node, k) => (node.op === 'mul' ? quiz.graph.partials[k] : [])); })"
    )
    assert len(slopes) == 16 and not {1, -1} & set(slopes)


def test_no_question_is_asked_twice(show: Show) -> None:
    """From the root the slope of an edge is the gradient: ∂L/∂(a − y) is one question."""
    tab = asked(show, neuron())
    names = tab.evaluate("autoback.lesson.modes.quiz.questions.map((q) => autoback.lesson.modes.quiz.asked(q))")
    assert "∂L/∂(a − y)" in names and len(set(names)) == len(names)
