"""Numbers and formulas as people write them."""

import math
import re
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback.text import clean, short
from autoback.view.notation import LATEX, MATHML, TEXT

GREEK = {unicodedata.name(chr(code)).split()[-1].lower() for code in range(0x3B1, 0x3CA)}
GREEK |= {name.capitalize() for name in GREEK} | {"lambda", "Lambda", "varepsilon", "varphi"}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")


def read(text: str) -> float:
    """The number that a short number says."""
    mantissa, _, exponent = text.partition("×10")
    return float(mantissa.replace("−", "-")) * 10.0 ** int(exponent.translate(SUPERSCRIPTS) or "0")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.0, "−1"), (0.5, "0.5"), (1 / 3, "0.3333"), (-2 / 3, "−0.6667"),
        (0.0001234, "0.0001234"), (1e-5, "1×10⁻⁵"), (-1.23456e-12, "−1.235×10⁻¹²"), (5e-324, "4.941×10⁻³²⁴"),
        (12345.0, "12345"), (12345.6, "12346"), (999.96, "999.96"), (1e6, "1×10⁶"), (-1.7976e308, "−1.798×10³⁰⁸"),
        (0.99995, "0.99995"), (1.0000001, "1"), (0.1 + 0.2, "0.3"), (100.04, "100.04"), (2.9999999999999996, "3"),
        (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "not a number"),
    ],
)  # fmt: skip
def test_a_short_number(number, text):
    """A number is written with about four digits, a true minus, and powers of ten where zeros would pile up."""
    assert short(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_short_number_is_honest(number):
    """What is read back is the number to 1 in 1000, with its sign, and 0 for nothing but 0."""
    text = short(number)
    assert len(text) <= 13
    assert (text == "0") == (number == 0.0)
    if 1e-300 < abs(number) < 1e300:
        assert math.isclose(read(text), number, rel_tol=1.0001e-3)


@given(st.integers(-999_999, 999_999))
def test_whole_numbers_are_exact(number):
    """A whole number below a million loses no digit."""
    assert read(short(float(number))) == number
    assert re.fullmatch(r"−?\d+", short(float(number)))


@pytest.mark.parametrize(
    ("label", "text", "latex", "mathml"),
    [
        ("w", "w", "w", "<mi>w</mi>"),
        ("η", "η", r"\eta", "<mi>η</mi>"),
        ("w⁽¹⁾₁₂", "w⁽¹⁾₁₂", "w^{(1)}_{12}", "<msubsup><mi>w</mi><mn>12</mn><mn>(1)</mn></msubsup>"),
        ("w⁽²⁾₁₀,₃", "w⁽²⁾₁₀,₃", "w^{(2)}_{10,3}", "<msubsup><mi>w</mi><mn>10,3</mn><mn>(2)</mn></msubsup>"),
        ("x₁", "x₁", "x_{1}", "<msub><mi>x</mi><mn>1</mn></msub>"),
        ("x1", "x1", "x_{1}", "<msub><mi>x</mi><mn>1</mn></msub>"),
        ("rate", "rate", r"\mathrm{rate}", "<mi>rate</mi>"),
        ("the loss", "the loss", r"{\text{the loss}}", "<mtext>the loss</mtext>"),
        ("<b>&", "<b>&", r"{\text{<b>}\&}", "<mi>&lt;b&gt;&amp;</mi>"),
        (r"\input{a}$%#", r"\input{a}$%#", r"{\backslash \text{input}\{\text{a}\}\$\%\#}", r"<mi>\input{a}$%#</mi>"),
        ("a\nb\x00\u202ec", "a b c", r"{\text{a b c}}", "<mtext>a b c</mtext>"),
        ("₁", "₁", r"{\text{₁}}", "<mi>₁</mi>"),
    ],
)
def test_a_label_in_each_notation(label, text, latex, mathml):
    """A label keeps its indices where a notation has them, and is never obeyed."""
    assert (TEXT.symbol(label), LATEX.symbol(label), MATHML.symbol(label)) == (text, latex, mathml)


@given(st.text(max_size=300))
def test_any_label_is_harmless(label):
    """Whatever a label holds, it is short, one line, balanced in LaTeX and only text in MathML."""
    assert len(clean(label)) <= 42  # 40, and two isolates
    assert clean(label).strip("\u2068\u2069").isprintable()
    latex = re.sub(r"\\[{}$%#&_]", "", LATEX.symbol(label))
    assert latex.count("{") == latex.count("}")
    assert not re.search(r"(?<!\\)[$%#&]", latex)
    assert set(re.findall(r"\\([a-zA-Z]+)", latex)) <= {"text", "mathrm", "backslash", "sim", "hat", *GREEK}
    tree = ET.fromstring(f"<math>{MATHML.symbol(label)}</math>")
    assert {element.tag for element in tree.iter()} <= {"math", "mi", "mn", "mtext", "msub", "msup", "msubsup"}


@pytest.mark.parametrize(
    ("number", "latex", "mathml"),
    [
        (0.5, "0.5", "<mn>0.5</mn>"),
        (-2.0, "-2", '<mo form="prefix">−</mo><mn>2</mn>'),
        (1.5e-7, r"1.5 \times 10^{-7}", "<mn>1.5</mn><mo>×</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>7</mn></mrow></msup>"),
    ],
)
def test_a_number_in_each_notation(number, latex, mathml):
    """Minus signs and powers of ten are those of the notation."""
    assert (LATEX.number(number), MATHML.number(number)) == (latex, mathml)
