"""Sheets: text that keeps to its width, LaTeX and HTML that stay whole."""

import re

from hypothesis import given
from hypothesis import strategies as st

from autoback.text import columns
from autoback.view.notation import LATEX, MATHML, TEXT
from autoback.view.phrases import ATOM, Phrase, product, spelled
from autoback.view.sheets import Equation, HtmlSheet, LatexSheet, Math, TextSheet


def plain(text):
    """A side of an equation whose number is not known."""
    return Phrase(text, ATOM)


words = st.lists(st.text(alphabet="abc日́12345 ", min_size=1, max_size=90).filter(str.strip), min_size=1, max_size=5).map(" + ".join)
equations = st.builds(Equation, words, st.lists(words.map(plain), min_size=1, max_size=4), words | st.just(""))


@given(st.lists(equations, min_size=1, max_size=3), words)
def test_text_keeps_to_80_columns_and_loses_nothing(rows, prose):
    """However long an equation or a word is, no line is wider than 80 columns, and every mark is still there."""
    sheet = TextSheet()
    sheet.heading(prose)
    sheet.say(prose, Math(prose))
    sheet.equations(rows)
    text = sheet.finish()
    assert max(map(columns, text.splitlines())) <= 80
    marks = re.sub(r"[\s=─,]|since", "", text)
    given = [prose, prose, prose, *(part for row in rows for part in (row.left, *(side.text for side in row.sides), row.reason))]
    assert sorted(marks) == sorted(re.sub(r"\s", "", "".join(given)))


def test_equations_stand_under_each_other():
    """The equals signs of a group are aligned, and a long equation is broken before one."""
    sheet = TextSheet()
    sheet.equations([Equation("a", [plain("b"), plain("c")]), Equation("long", [plain("x" * 40), plain("y" * 40)], "z < 0")])
    assert sheet.finish().splitlines() == [
        "    a    = b = c",
        f"    long = {'x' * 40}",
        f"         = {'y' * 40}, since z < 0",
    ]


def test_a_sum_of_any_length_keeps_to_the_width():
    """Wherever the breaks fall, the lines after a break, which are set in, are no wider than the others."""
    for length in range(1, 60):
        sheet = TextSheet()
        sheet.equations([Equation("a", [plain("x" * length + " + yyy" * 40)])])
        assert max(map(columns, sheet.finish().splitlines())) in range(70, 81)


def test_no_stop_stands_alone():
    """Before a stop there is no space, in any medium."""
    for sheet in (TextSheet(), LatexSheet(), HtmlSheet()):
        sheet.say("See", Math("x"), ", then", Math("y"), ".")
        assert not re.search(r"\s[,.]", sheet.finish())


def test_prose_is_escaped():
    """The marks that a medium obeys are escaped in prose of our own."""
    latex, html = LatexSheet(), HtmlSheet()
    for sheet in (latex, html):
        sheet.say("leaky_relu & 100 % < all")
    assert latex.finish() == r"leaky\_relu \& 100 \% < all"
    assert "leaky_relu &amp; 100 % &lt; all" in html.finish()


def test_digits_that_do_not_give_the_result_are_said_to_be_about_it():
    """0.3333 × 3 ≈ 1 and 0.5 × 3 = 1.5, in every medium, also where the line is broken before the sign."""
    for sheet, notation, sign in ((TextSheet(), TEXT, "≈"), (LatexSheet(), LATEX, r"\approx"), (HtmlSheet(), MATHML, "<mo>≈</mo>")):
        sides = [product([1.0 / 3.0, 3.0], notation), spelled(1.0, notation)]
        exact = [product([0.5, 3.0], notation), spelled(1.5, notation)]
        sheet.equations([Equation("a", sides), Equation("b", exact), Equation("c" * 30, [plain("x" * 40), *sides])])
        assert sheet.finish().count(sign) == 2
