"""Numbers and formulas as people write them."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback.view.notation import short

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
