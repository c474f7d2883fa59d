"""How wide a text is on a picture, without asking a font: the reader's fonts are not known when it is drawn."""

import unicodedata
from math import fsum

__all__ = ["width"]

#: Widths in Arial, and in the fonts made to its measure, in units of the font size.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.24), **dict.fromkeys("ft.,:;!/\\I ·", 0.28), **dict.fromkeys("r()[]{}-`\"°", 0.35),
    **dict.fromkeys("ckszxyvJ*^", 0.5), **dict.fromkeys("+<>=~−×÷≥≤", 0.585), **dict.fromkeys("mM", 0.84), **dict.fromkeys("W@%→⋯…—", 1.0),
    **dict.fromkeys("ABEKPSVXYZ&∂Σ√∞", 0.67), **dict.fromkeys("CDHNRUGOQw", 0.75),
    **dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ⱼₖᵢ", 0.37),
}  # fmt: skip


def width(text: str, size: float, bold: bool = False) -> float:
    """About how wide a text is at a font size, in the unit of that size; rather too much than too little.

    >>> width("0.731", 10) < width("wwwww", 10) < width("日本語日本", 10)
    True
    """
    return fsum(map(_width, text)) * size * (1.08 if bold else 1.0)


def _width(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.05
    return 0.56 if letter < "\u0100" else 0.7
