"""Sheets: headings, sentences and equations set out as text for a terminal, as LaTeX or as HTML with MathML."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple, Protocol

from autoback.text import columns
from autoback.view.notation import LATEX, MATHML, TEXT, Notation
from autoback.view.phrases import Phrase, equals

__all__ = ["Equation", "HtmlSheet", "LatexSheet", "MarkdownSheet", "Math", "Sheet", "TextSheet"]

WIDTH = 80
_ROW = 56  # marks that one row of an equation may have on a page before it is broken


class Math(NamedTuple):
    """A piece of mathematics within a sentence, already in the notation of its sheet."""

    marks: str


class Equation(NamedTuple):
    """left = sides[0] = sides[1] = ..., and why, in the same notation; `reason` may be empty."""

    left: str
    sides: Sequence[Phrase]
    reason: str = ""

    def signed(self) -> list[tuple[str, str]]:
        """Each side with the sign before it: = or ≈."""
        signs = ["=", *(equals(a, b) for a, b in pairwise(self.sides))]
        return [(sign, side.text) for sign, side in zip(signs, self.sides, strict=True)]


class Sheet(Protocol):
    """Something to write on. A part of a sentence is a string of our own, or Math."""

    notation: Notation

    def heading(self, *parts: str | Math) -> None: ...
    def say(self, *parts: str | Math) -> None: ...
    def equations(self, equations: Iterable[Equation]) -> None: ...
    def finish(self) -> str: ...


class TextSheet:
    """Lines of at most 80 columns.

    >>> sheet = TextSheet()
    >>> sheet.say("The slope of", Math("tanh(z)"), "is:")
    >>> sheet.equations([Equation("∂a/∂z", [Phrase("1 − a²", 2), Phrase("0.75", 7)])])
    >>> print(sheet.finish())
    The slope of tanh(z) is:
    <BLANKLINE>
        ∂a/∂z = 1 − a² = 0.75
    """

    notation: Notation = TEXT

    def __init__(self) -> None:
        self.blocks: list[str] = []

    def heading(self, *parts: str | Math) -> None:
        line = _sentence(part if isinstance(part, str) else part.marks for part in parts)
        lines = _wrapped(line, WIDTH)
        self.blocks.append("\n".join([*lines, "─" * max(map(columns, lines))]))

    def say(self, *parts: str | Math) -> None:
        self.blocks.append("\n".join(_wrapped(_sentence(part if isinstance(part, str) else part.marks for part in parts), WIDTH)))

    def equations(self, equations: Iterable[Equation]) -> None:
        equations = list(equations)
        margin = min(max(columns(equation.left) for equation in equations), 30)
        self.blocks.append("\n".join(line for equation in equations for line in _equation_lines(equation, margin)))

    def finish(self) -> str:
        return "\n\n".join(self.blocks)


def _equation_lines(equation: Equation, margin: int) -> list[str]:
    """One equation, broken before an equals sign where it is too wide, and within a side only if it must be."""
    start = 4 + margin
    room = WIDTH - start - 3
    rows: list[str] = []
    signs: list[str] = []
    for sign, side in equation.signed():
        if rows and columns(rows[-1]) + 3 + columns(side) <= room:
            rows[-1] += f" {sign} {side}"
        else:
            rows.append(side)
            signs.append(sign)
    if equation.reason:
        reason = f"since {equation.reason}"
        if rows and columns(rows[-1]) + 2 + columns(reason) <= room:
            rows[-1] += f", {reason}"
        else:
            rows[-1] += ","
            rows.append(f"  {reason}")
            signs.append(" ")
    lines: list[str] = []
    for sign, row in zip(signs, rows, strict=True):
        first, *rest = _wrapped(row, room if columns(row) <= room else room - 2, whole=True)  # what is broken is set in by two more
        lines += [" " * start + f" {sign} " + first, *(" " * (start + 5) + more for more in rest)]
    if columns(equation.left) <= margin:
        lines[0] = " " * 4 + equation.left + " " * (margin - columns(equation.left)) + lines[0][start:]
        return lines
    return [*("    " + line for line in _wrapped(equation.left, WIDTH - 4, whole=True)), *lines]


def _sentence(parts: Iterable[str]) -> str:
    """Parts joined by spaces, but no space before a stop."""
    return re.sub(r" (?=[,.;:)?](?: |$))", "", " ".join(part for part in parts if part))


def _wrapped(text: str, room: int, *, whole: bool = False) -> list[str]:
    """Lines of at most `room` columns, broken at spaces, or anywhere in a word that is wider than that.

    whole: whether parentheses stay on one line where they fit on one, as in an equation
    """
    lines: list[str] = []
    line = ""
    for word in _whole_words(text, room) if whole else text.split(" "):
        while columns(word) > room:
            head = word
            while columns(head) > room - columns(line) - bool(line):
                head = head[:-1]
            if not head:
                lines, line = [*lines, line], ""
                continue
            lines, line, word = [*lines, f"{line} {head}".strip()], "", word[len(head) :]  # noqa: PLW2901  # what is left of it
        if line and columns(line) + 1 + columns(word) > room:
            lines, line = [*lines, line], word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def _whole_words(text: str, room: int) -> Iterator[str]:
    """The pieces of a text between spaces that are not within parentheses; one wider than `room` at all its spaces.

    >>> list(_whole_words("∂y/∂(a + b) · (a + b + c + d)", 12))
    ['∂y/∂(a + b)', '·', '(a', '+', 'b', '+', 'c', '+', 'd)']
    """
    piece = ""
    for word in text.split(" "):
        piece = f"{piece} {word}" if piece else word
        if piece.count("(") <= piece.count(")"):
            yield from piece.split(" ") if columns(piece) > room else [piece]
            piece = ""
    if piece:
        yield from piece.split(" ")


class LatexSheet:
    """Paragraphs and displayed equations for a LaTeX document with amsmath, KaTeX or MathJax."""

    notation: Notation = LATEX

    def __init__(self) -> None:
        self.blocks: list[str] = []

    def heading(self, *parts: str | Math) -> None:
        self.blocks.append(f"\\paragraph{{{self._prose(parts)}}}")

    def say(self, *parts: str | Math) -> None:
        self.blocks.append(self._prose(parts))

    def _prose(self, parts: Iterable[str | Math]) -> str:
        return _sentence(re.sub(r"[&%$#_]", r"\\\g<0>", part) if isinstance(part, str) else f"${part.marks}$" for part in parts)

    def equations(self, equations: Iterable[Equation]) -> None:
        rows = []
        for equation in equations:
            reason = f" && \\text{{since }} {equation.reason}" if equation.reason else ""
            signed = [(_LATEX_SIGNS[sign], side) for sign, side in equation.signed()]
            left, told = equation.left, _rows(signed, " {} ", _LATEX_MARKUP)
            for k, (sign, row) in enumerate(told, 1):
                rows.append(f"{left} &{sign} {row}{reason if k == len(told) else ''}".lstrip())
                left = ""
        self.blocks.append("\\[\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}\\]")

    def finish(self) -> str:
        return "\n\n".join(self.blocks)


class MarkdownSheet(LatexSheet):
    """Paragraphs and equations for a notebook, which sets the mathematics between dollar signs, trusted or not."""

    def heading(self, *parts: str | Math) -> None:
        self.blocks.append(f"### {self._prose(parts)}")

    def equations(self, equations: Iterable[Equation]) -> None:
        super().equations(equations)
        self.blocks.append("$$" + self.blocks.pop().removeprefix("\\[").removesuffix("\\]") + "$$")


class HtmlSheet:
    """A piece of HTML that needs nothing else: browsers draw MathML themselves."""

    notation: Notation = MATHML

    def __init__(self) -> None:
        self.blocks: list[str] = []

    def heading(self, *parts: str | Math) -> None:
        level = "h3" if self.blocks else "h2"
        self.blocks.append(f"<{level}>{self._prose(parts)}</{level}>")

    def say(self, *parts: str | Math) -> None:
        self.blocks.append(f"<p>{self._prose(parts)}</p>")

    def _prose(self, parts: Iterable[str | Math]) -> str:
        sentence = _sentence(escape(part) if isinstance(part, str) else f"<math>{part.marks}</math>" for part in parts)
        return re.sub(r"</math>(?=[,.;:])", "</math>&#x2060;", sentence)  # a joiner: no line begins with a comma

    def equations(self, equations: Iterable[Equation]) -> None:
        rows = []
        for equation in equations:
            left = equation.left
            reason = f"<mtext>, since&#xa0;</mtext>{equation.reason}" if equation.reason else ""
            told = _rows(equation.signed(), "<mo>{}</mo>", _HTML_MARKUP)
            for k, (sign, side) in enumerate(told, 1):
                row = f"<mo>{sign}</mo>{side}{reason if k == len(told) else ''}"
                rows.append(f"<mtr><mtd style='text-align:right'>{left}</mtd><mtd style='text-align:left'>{row}</mtd></mtr>")
                left = ""
        table = f"<mtable displaystyle='true'>{''.join(rows)}</mtable>"
        self.blocks.append(f"<div style='overflow-x:auto;margin:1em 0 1em 1em'><math displaystyle='true'>{table}</math></div>")

    def finish(self) -> str:
        return "<section class='autoback-explanation'>\n" + "\n".join(self.blocks) + "\n</section>\n"


def _rows(sides: Sequence[tuple[str, str]], written: str, markup: re.Pattern[str]) -> list[tuple[str, str]]:
    """Sides joined by their signs into rows that fit a page, each with the sign before it; `markup` is what does not count as width."""
    rows: list[tuple[str, str]] = []
    for sign, side in sides:
        if rows and len(markup.sub("", rows[-1][1] + side)) < _ROW:
            rows[-1] = rows[-1][0], rows[-1][1] + written.format(sign) + side
        else:
            rows.append((sign, side))
    return rows


_LATEX_SIGNS = {"=": "=", "≈": r"\approx"}
_HTML_MARKUP = re.compile(r"<[^>]*>|&#?\w+;")
_LATEX_MARKUP = re.compile(r"\\[a-zA-Z]+|[{}\\ ]")
