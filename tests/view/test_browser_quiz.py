"""The quiz in a real browser: questions, answers, and what a wrong one is told."""

import pytest

from autoback import Value
from autoback.view.lesson import lesson
from tests.view.driving import Show, enter, focused, press, tab_to, text
from tests.view.graphs import neuron

pytestmark = pytest.mark.browser


def test_a_perfect_quiz_by_keyboard_alone(show: Show) -> None:
    """Typing every gradient and pressing Enter ends with a full score."""
    tab = show(lesson(neuron()))
    enter(tab, "quiz")
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
    enter(tab, "quiz")
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
    enter(tab, "quiz")
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
    tab = show(lesson((x * y) * Value(5.0, "k")))
    enter(tab, "quiz")
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
    press(tab, "End", "1", "3", "4", "2", "End")
    assert tab.text_content("#n0g") == "1"


def test_a_click_on_a_card_asks_about_it_and_tells_nothing(show: Show) -> None:
    """During the quiz a card cannot be made to show its gradient; clicking it makes it the question."""
    tab = show(lesson(neuron()))
    enter(tab, "quiz")
    tab.click("#n0")
    assert tab.locator("#question").get_attribute("aria-label") == "Gradient of L with respect to w"
    assert tab.text_content("#n0g") == "?" and tab.locator("#quiz").is_visible()
    for _ in range(tab.evaluate("autoback.lesson.modes.quiz.questions.length")):
        tab.click("#show")
        tab.click("#following")
    assert "Score: 0 of" in text(tab, "#feedback")
