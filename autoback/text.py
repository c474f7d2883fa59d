"""Numbers and labels as people read them: short honest numbers, harmless labels, and how wide a text is."""

import math
import unicodedata

__all__ = ["clean", "columns", "lowered", "percent", "plural", "printed", "raised", "short"]

_SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_ISOLATE, _POP = "\u2068", "\u2069"
_REPLACED = {"Cc": " ", "Zl": " ", "Zp": " ", "Zs": " ", "Cf": "", "Cs": "�", "Co": "�", "Cn": "�"}


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
        return f"{sign}{_trimmed(mantissa)}×10{raised(int(exponent))}"
    if size >= 1e3:
        return f"{sign}{size:.0f}"
    for digits in (4, 5, 6, 7):
        text = _trimmed(f"{size:.{digits - 1 - math.floor(math.log10(size))}f}")
        if "." in text or abs(float(text) - size) <= 1e-6 * size:
            break
    return sign + text


def printed(number: float) -> float:
    """What the digits of `short` say.

    >>> printed(2 / 3), printed(-1.23456e-7)
    (0.6667, -1.235e-07)
    """
    if math.isnan(number):
        return number
    mantissa, ten, exponent = short(number).replace("−", "-").replace("∞", "inf").partition("×10")
    return float(f"{mantissa}e{exponent.translate(_PLAIN)}" if ten else mantissa)


def raised(text: object) -> str:
    """A whole number, or a text with digits, with the digits raised.

    >>> f"10{raised(-12)}", f"w{lowered('1,3')}"
    ('10⁻¹²', 'w₁,₃')
    """
    return str(text).translate(_SUPERSCRIPTS)


def lowered(text: object) -> str:
    """A whole number, or a text with digits, with the digits lowered."""
    return str(text).translate(_SUBSCRIPTS)


def percent(share: float) -> str:
    """A share as a whole number of per cent, halves upwards; what is only small stays apart from 0, and what is nearly all from 100.

    >>> [percent(share) for share in (0.125, 0.0, 0.001, 0.999, 1.0)]
    ['13%', '0%', '<1%', '>99%', '100%']
    """
    whole = math.floor(100.0 * share + 0.5)
    if whole == 0 and share > 0.0:
        return "<1%"
    return ">99%" if whole == 100 and share < 1.0 else f"{whole}%"


def plural(count: int, noun: str) -> str:
    """A number of things.

    >>> plural(1, "node"), plural(1200, "node")
    ('1 node', '1,200 nodes')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _trimmed(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal


def clean(label: str, most: int = 40) -> str:
    """A label as one line of harmless text; "" when nothing of it can be seen.

    most: how many characters stay; the rest becomes "…"
    Line ends, control and direction marks go, what XML cannot hold becomes "�", and text that runs
    from right to left is isolated, so that it cannot reorder what stands around it.

    >>> clean("a\\nb\\u202e c"), clean("w" * 100, most=5), clean("  ")
    ('a b c', 'wwww…', '')
    """
    line = " ".join("".join(_REPLACED.get(unicodedata.category(mark), mark) for mark in label[: 4 * most]).split())
    if len(line) > most:
        line = line[: most - 1] + "…"
    if any(unicodedata.bidirectional(mark) in ("R", "AL", "AN") for mark in line):
        line = f"{_ISOLATE}{line}{_POP}"
    return line


def columns(text: str) -> int:
    """How many columns of a terminal a text fills.

    >>> columns("∂C/∂w"), columns("日本")
    (5, 4)
    """
    return sum(map(_columns, text))


def _columns(mark: str) -> int:
    if unicodedata.combining(mark) or unicodedata.category(mark) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1
