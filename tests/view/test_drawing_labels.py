"""Labels may hold anything; pictures stay whole and harmless."""

import re
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoback.engine.value import Value
from autoback.text import clean
from autoback.view.drawing import draw
from autoback.view.measure import width
from autoback.view.names import LONGEST
from tests.view.graphs import HOSTILE
from tests.view.pictures import Page

MORE = (
    "<", ">", "&", "&amp;", "&#10;", "&nosuch;", "\\", "\\N\\G\\L\\", '\\"', "<<b>>", "<TABLE>", "{a|b}", '"];n0->n1;', "%s", "$x$",
    "\ufffe\uffff", "\x85", "\u2028x", "\u200b", "مرحبا", "日本語", "👩\u200d👩\u200d👧", "e\u0301\u0301", "𝔘𝔫𝔦", "\U000e0001",
    "\x00\x01\x1f\x7f",
)  # fmt: skip


def picture(label, **options):
    x = Value(3.0, label)
    y = x * x
    y.label = label
    y.backward()
    return draw(y, **options)


@pytest.mark.parametrize("label", [*HOSTILE, *MORE], ids=lambda label: ascii(label[:12]))
@pytest.mark.parametrize("options", [{}, {"style": "detailed", "theme": "auto"}], ids=["plain", "detailed"])
def test_a_hostile_label_breaks_nothing(label, options):
    """Whatever a label holds, two cards and two arrows come back, and no element that we did not make."""
    page = Page(picture(label, **options).svg)
    assert len(page.nodes) == 2 and len(page.edges) == 2
    tags = {element.tag.rpartition("}")[2] for element in page.root.iter()}
    assert tags <= {"svg", "g", "rect", "path", "text", "tspan", "title", "style"}
    assert not any(name.startswith("on") for element in page.root.iter() for name in element.attrib)


def test_a_backslash_is_a_backslash():
    r"""\N, \G and \L stand for names in DOT; in a label they are what they are."""
    assert r"\\N\\G\\L" in picture("\\N\\G\\L").dot
    page = Page(picture("\\N\\G\\L").svg)
    assert page.texts("n0")[0] == "\\N\\G\\L"
    assert page.tooltip(page.nodes["n0"]).startswith("\\N\\G\\L = 3.0")


@pytest.mark.parametrize("label", [*HOSTILE, *MORE], ids=lambda label: ascii(label[:12]))
def test_a_hostile_label_is_shown_as_it_is(label):
    """On the card and in the tooltip stand the characters of the label, as far as `clean` lets them."""
    page = Page(picture(label).svg)
    if name := clean(label, LONGEST):
        assert page.texts("n0")[0] == name
        assert page.tooltip(page.nodes["n0"]).startswith(f"{name} = 3.0")


def test_markup_is_shown_as_written():
    """A label with a tag in it is drawn with its angle brackets."""
    assert Page(picture("<b>&x</b>").svg).texts("n0")[0] == "<b>&x</b>"


def test_a_label_of_10_000_characters_is_shortened():
    """It ends in dots, and the file stays small."""
    drawing = picture("w" * 10_000)
    page = Page(drawing.svg)
    assert page.texts("n0")[0] == "w" * (LONGEST - 1) + "…"
    assert len(drawing.svg) < 15_000


def test_text_from_right_to_left_is_isolated():
    """Hebrew keeps its order and cannot turn the numbers beside it round."""
    assert Page(picture("שלום").svg).texts("n0")[0] == "\u2068שלום\u2069"


def test_direction_marks_are_taken_out():
    """A right-to-left override would let a label pretend to be another."""
    assert clean("a\u202eb\u2066c") == "abc"


@given(st.text(max_size=200))
def test_a_cleaned_label_is_one_short_line_of_xml(label):
    """No control character, nothing that XML forbids, and at most the given length and two isolates."""
    line = clean(label, 30)
    assert len(line) <= 32
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in line)
    assert ET.fromstring(f"<t>{line.replace('&', '&amp;').replace('<', '&lt;')}</t>").text == (line or None)


@settings(max_examples=40)
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_label_can_be_drawn(label):
    """Random text, half surrogates included, is drawn on two cards."""
    assert len(Page(picture(label).svg).nodes) == 2


@given(st.text(max_size=40))
def test_a_width_grows_with_the_text(text):
    """More letters are never narrower, bold ones are wider, and size scales."""
    assert 0.0 <= width(text, 10.0) <= width(text + "w", 10.0)
    assert width(text, 10.0) <= width(text, 10.0, bold=True)
    assert width(text, 20.0) == pytest.approx(2.0 * width(text, 10.0))


def test_numbers_fit_their_cards():
    """The widest numbers that occur stay inside their frames, by the measure of Arial."""
    x = Value(-1.2345678e-123, "x")
    y = x * 1.0
    y.backward()
    page = Page(draw(y, style="detailed").svg)
    for key, group in page.nodes.items():
        frame = float(group.find("{*}rect").get("width"))
        assert max([width(line, 16.0) for line in page.texts(key)[1:]], default=0.0) <= frame
    assert re.search("×10⁻¹²³", page.everything())
