"""How mathematics is written for people: short honest numbers, and formulas as text, LaTeX and MathML."""

import math

__all__ = ["short"]

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def short(number: float) -> str:
    """A number as a person writes it: about four digits, and never 0 for what is only small.

    Whole numbers below a million are exact. A number that four digits would make whole, though it
    is not, keeps the digits that tell (0.99995, not 1), unless it is whole to one in a million.

    >>> [short(number) for number in (0.5, -2 / 3, 12345.0, 1.2e-7, 0.99995, 0.1 + 0.2)]
    ['0.5', '−0.6667', '12345', '1.2×10⁻⁷', '0.99995', '0.3']
    """
    if math.isnan(number):
        return "not a number"
    sign, size = "−" * (number < 0.0), abs(number)
    if math.isinf(size):
        return f"{sign}∞"
    if size == 0.0:
        return "0"
    if not 1e-4 <= size < 1e6:
        mantissa, exponent = f"{size:.3e}".split("e")
        return f"{sign}{_trimmed(mantissa)}×10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    if size >= 1e3:
        return f"{sign}{size:.0f}"
    for digits in (4, 5, 6, 7):
        text = _trimmed(f"{size:.{digits - 1 - math.floor(math.log10(size))}f}")
        if "." in text or abs(float(text) - size) <= 1e-6 * size:
            break
    return sign + text


def _trimmed(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
