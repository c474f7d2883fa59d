"""Labels made fit to draw: a name may hold anything, and a picture must not break on it."""

import unicodedata

__all__ = ["LONGEST", "measured", "safe", "width"]

#: Names longer than this are shortened in pictures; the tooltip gives more of them.
LONGEST = 24

_ISOLATE, _POP = "\u2068", "\u2069"
_DIRECTIONS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

#: Widths in Arial, and in the fonts made to its measure, in units of the font size.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.24), **dict.fromkeys("ft.,:;!/\\I ·", 0.28), **dict.fromkeys("r()[]{}-`\"°", 0.35),
    **dict.fromkeys("ckszxyvJ*^", 0.5), **dict.fromkeys("+<>=~−×÷≥≤", 0.585), **dict.fromkeys("mM", 0.84), **dict.fromkeys("W@%→⋯…—", 1.0),
    **dict.fromkeys("ABEKPSVXYZ&∂Σ√∞", 0.67), **dict.fromkeys("CDHNRUGOQw", 0.75),
    **dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ⱼₖᵢ", 0.37),
}  # fmt: skip


def safe(label: str, longest: int = LONGEST) -> str:
    """A label as one line of harmless text; "" when nothing of it can be seen.

    label:   any string
    longest: how many characters stay; the rest becomes "…"
    Line ends and control characters become their pictures (␊), what XML cannot hold becomes "�",
    and text that runs from right to left is isolated, so that it cannot reorder what stands around it.

    >>> safe("a\\nb"), safe("w" * 100, longest=5), safe("  ")
    ('a␊b', 'wwww…', '')
    """
    start = label[: longest + 1 + 40]  # of 10,000 characters most need never be looked at
    text = "".join(map(_visible, start)).strip()
    if len(text) > longest or len(label) > len(start):
        text = text[: longest - 1] + "…"
    if any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text):
        text = f"{_ISOLATE}{text}{_POP}"
    return text


def _visible(letter: str) -> str:
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if letter in _DIRECTIONS:
        return ""
    if unicodedata.category(letter) in ("Cc", "Cs", "Co") or code & 0xFFFE == 0xFFFE:
        return "\ufffd"
    return " " if unicodedata.category(letter) in ("Zl", "Zp", "Zs") else letter


def width(text: str, size: float, bold: bool = False) -> float:
    """About how wide a text is, in points, at a font size in points; rather too much than too little.

    The layout program measures letters outside ASCII badly, and the reader's fonts are not known,
    so the boxes are given their size.

    >>> width("0.731", 10) < width("wwwww", 10) < width("日本語日本", 10)
    True
    """
    return sum(map(_width, text)) * size * (1.08 if bold else 1.0)


def measured(text: str, size: float) -> float:
    """How wide graphviz-pure takes a text to be: each byte of a letter outside ASCII counts as a space.

    In its own PNGs the text starts where this width, centred, would; a card must not be narrower.
    """
    return sum(_width(letter) if letter.isascii() else 0.278 * len(letter.encode()) for letter in text) * size


def _width(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.05
    return 0.56 if letter < "\u0100" else 0.7
