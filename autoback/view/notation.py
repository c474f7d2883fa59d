"""How mathematics is written for people: symbols and numbers as text, LaTeX and MathML.

A `Notation` knows the marks of one medium and nothing of formulas; where parentheses belong is
decided once, for all three, in `rules`.
"""

import re
import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Protocol

from autoback.text import clean, lowered, raised, short

__all__ = ["LATEX", "MATHML", "TEXT", "Latex", "MathML", "Notation", "Text"]


class Notation(Protocol):
    """The marks of one medium. Every method takes and returns finished pieces of it.

    stacked: whether a fraction stands one above the other and needs no parentheses
    ellipsis: what stands for terms left out
    """

    stacked: bool
    ellipsis: str

    def number(self, number: float) -> str: ...
    def symbol(self, label: str) -> str: ...
    def function(self, name: str, arguments: Sequence[str]) -> str: ...
    def infix(self, left: str, mark: str, right: str) -> str: ...
    def negative(self, operand: str) -> str: ...
    def fraction(self, above: str, below: str) -> str: ...
    def power(self, base: str, exponent: str) -> str: ...
    def exponential(self, exponent: str) -> str: ...
    def root(self, operand: str) -> str: ...
    def bars(self, operand: str) -> str: ...
    def parentheses(self, inner: str) -> str: ...
    def cases(self, branches: Sequence[tuple[str, str]], otherwise: str) -> str: ...
    def derivative(self, of: str, by: str) -> str: ...
    def use(self, name: str, number: int) -> str: ...


class Text:
    """One line of Unicode, for a terminal.

    >>> TEXT.infix(TEXT.derivative("a", "z"), "=", TEXT.infix("1", "−", TEXT.power("a", "2")))
    '∂a/∂z = 1 − a²'
    """

    stacked = False
    ellipsis = "…"

    def number(self, number: float) -> str:
        return short(number)

    def symbol(self, label: str) -> str:
        return clean(label)

    def function(self, name: str, arguments: Sequence[str]) -> str:
        return f"{name}({', '.join(arguments)})"

    def infix(self, left: str, mark: str, right: str) -> str:
        if mark == "·" and not re.search("[ /]", left + right):  # a product of names stands close: w·x + b
            return f"{left}·{right}"
        return f"{left} {mark} {right}"

    def negative(self, operand: str) -> str:
        return f"−{operand}"

    def fraction(self, above: str, below: str) -> str:
        return f"{above} / {below}"

    def power(self, base: str, exponent: str) -> str:
        if exponent.removeprefix("−").isdecimal():
            return base + raised(exponent)
        return f"{base}^{exponent}" if exponent.replace(".", "").isalnum() else f"{base}^({exponent})"

    def exponential(self, exponent: str) -> str:
        return f"exp({exponent})"

    def root(self, operand: str) -> str:
        return f"√{operand}" if operand.replace(".", "").isalnum() else f"√({operand})"

    def bars(self, operand: str) -> str:
        return f"|{operand}|"

    def parentheses(self, inner: str) -> str:
        return f"({inner})"

    def cases(self, branches: Sequence[tuple[str, str]], otherwise: str) -> str:
        return "".join(f"{value} if {condition}, else " for value, condition in branches) + otherwise

    def derivative(self, of: str, by: str) -> str:
        return f"∂{of}/∂{by}"

    def use(self, name: str, number: int) -> str:
        return f"{name}₍{lowered(number)}₎"


_MARKS = {"−": "-", "·": r"\cdot", "×": r"\times", "≥": r"\ge", "≤": r"\le", "≠": r"\ne", "→": r"\to", "≈": r"\approx"}
_SPECIAL = {"\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{\ }", "{": r"\{", "}": r"\}", **{c: "\\" + c for c in "$%#&_"}}
_KNOWN = {"exp", "log", "sin", "cos", "tan", "tanh", "max", "min"}
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta", "ι": "iota",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon",
    "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi",
    "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip


class Latex:
    """Mathematics mode of LaTeX, KaTeX and MathJax alike.

    >>> print(LATEX.derivative(LATEX.symbol("C"), LATEX.symbol("w⁽¹⁾₁₂")))
    \\frac{\\partial C}{\\partial w^{(1)}_{12}}
    """

    stacked = True
    ellipsis = r"\dots"

    def number(self, number: float) -> str:
        text = short(number).replace("−", "-").replace("∞", r"\infty")
        mantissa, ten, exponent = text.partition("×10")
        return f"{mantissa} \\times 10^{{{_plain(exponent)}}}" if ten else text

    def symbol(self, label: str) -> str:
        base, above, below = _indices(clean(label))
        return self._name(base) + f"^{{{self._index(above)}}}" * bool(above) + f"_{{{self._index(below)}}}" * bool(below)

    def _name(self, name: str) -> str:
        if name in _GREEK:
            return f"\\{_GREEK[name]}"
        if len(name) == 1 and name.isalpha():
            return name
        return f"\\mathrm{{{name}}}" if name.isascii() and name.isalnum() else self.words(name)

    def _index(self, text: str) -> str:
        return text if all(mark in "0123456789(),+-ijkln" for mark in text) else self.words(text)

    def words(self, text: str) -> str:
        """Any characters as upright text, with nothing left that LaTeX would obey."""
        parts = re.split(r"([\\\\~^{}$%#&_])", text)
        return "{" + "".join(_SPECIAL.get(part) or f"\\text{{{part}}}" for part in parts if part) + "}"

    def function(self, name: str, arguments: Sequence[str]) -> str:
        inner = ", ".join(arguments)
        operator = f"\\{name}" if name in _KNOWN else "\\operatorname{" + name.replace("_", r"\_") + "}"
        return f"{operator}\\left({inner}\\right)"

    def infix(self, left: str, mark: str, right: str) -> str:
        return f"{left} {_MARKS.get(mark, mark)} {right}"

    def negative(self, operand: str) -> str:
        return f"-{operand}"

    def fraction(self, above: str, below: str) -> str:
        return f"\\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{{{base}}}^{{{exponent}}}"

    def exponential(self, exponent: str) -> str:
        return f"e^{{{exponent}}}"

    def root(self, operand: str) -> str:
        return f"\\sqrt{{{operand}}}"

    def bars(self, operand: str) -> str:
        return f"\\left|{operand}\\right|"

    def parentheses(self, inner: str) -> str:
        return f"\\left({inner}\\right)"

    def cases(self, branches: Sequence[tuple[str, str]], otherwise: str) -> str:
        rows = [f"{value} & \\text{{if }} {condition} \\\\ " for value, condition in branches]
        return f"\\begin{{cases}} {''.join(rows)}{otherwise} & \\text{{otherwise}} \\end{{cases}}"

    def derivative(self, of: str, by: str) -> str:
        return self.fraction(f"\\partial {of}", f"\\partial {by}")

    def use(self, name: str, number: int) -> str:
        return f"{{{name}}}_{{({number})}}"


class MathML:
    """MathML Core, which browsers draw themselves. Labels are escaped: they can never become markup.

    >>> MATHML.fraction(MATHML.number(1.0), MATHML.symbol("<x>"))
    '<mfrac><mn>1</mn><mi>&lt;x&gt;</mi></mfrac>'
    """

    stacked = True
    ellipsis = "<mo>…</mo>"

    def number(self, number: float) -> str:
        text = short(number)
        mantissa, ten, exponent = text.removeprefix("−").partition("×10")
        digits = f"<mn>{mantissa}</mn>"
        if ten:
            power = self.row(self._signed(_plain(exponent).replace("-", "−")))
            digits += f"<mo>×</mo><msup><mn>10</mn>{power}</msup>"
        return self.negative(digits) if text.startswith("−") else digits

    def _signed(self, whole: str) -> str:
        return "<mo>−</mo>" * whole.startswith("−") + f"<mn>{whole.removeprefix('−')}</mn>"

    def symbol(self, label: str) -> str:
        base, above, below = _indices(clean(label))
        tag = "mtext" if " " in base else "mi"
        name = f"<{tag}>{escape(base)}</{tag}>"
        up, down = (f"<mn>{escape(index)}</mn>" for index in (above, below))
        if above and below:
            return f"<msubsup>{name}{down}{up}</msubsup>"
        return f"<msup>{name}{up}</msup>" if above else f"<msub>{name}{down}</msub>" if below else name

    def row(self, inner: str) -> str:
        """Several pieces as the one child that a fraction or a power expects."""
        return inner if inner.count("<") == 2 else f"<mrow>{inner}</mrow>"

    def function(self, name: str, arguments: Sequence[str]) -> str:
        return f"<mi>{name}</mi><mo>&#x2061;</mo>" + self.parentheses("<mo>,</mo>".join(arguments))

    def infix(self, left: str, mark: str, right: str) -> str:
        return f"{left}<mo>{escape(mark)}</mo>{right}"

    def negative(self, operand: str) -> str:
        return f'<mo form="prefix">−</mo>{operand}'

    def fraction(self, above: str, below: str) -> str:
        return f"<mfrac>{self.row(above)}{self.row(below)}</mfrac>"

    def power(self, base: str, exponent: str) -> str:
        return f"<msup>{self.row(base)}{self.row(exponent)}</msup>"

    def exponential(self, exponent: str) -> str:
        return self.power("<mi>e</mi>", exponent)

    def root(self, operand: str) -> str:
        return f"<msqrt>{operand}</msqrt>"

    def bars(self, operand: str) -> str:
        return f'<mrow><mo form="prefix">|</mo>{operand}<mo form="postfix">|</mo></mrow>'

    def parentheses(self, inner: str) -> str:
        return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"

    def cases(self, branches: Sequence[tuple[str, str]], otherwise: str) -> str:
        rows = [(value, f"<mtext>if&#xa0;</mtext>{condition}") for value, condition in branches]
        rows.append((otherwise, "<mtext>otherwise</mtext>"))
        cells = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
        return f"<mrow><mo>{{</mo><mtable>{cells}</mtable></mrow>"

    def derivative(self, of: str, by: str) -> str:
        return self.fraction(f"<mo>∂</mo>{of}", f"<mo>∂</mo>{by}")

    def use(self, name: str, number: int) -> str:
        return f"<msub>{self.row(name)}<mrow><mo>(</mo><mn>{number}</mn><mo>)</mo></mrow></msub>"


def _indices(label: str) -> tuple[str, str, str]:
    """A name and the indices set above and below its line: w⁽¹⁾₁₂ is w, (1), 12; x_1 and x1 are x with 1 below.

    >>> _indices("w⁽²⁾₁₀,₃"), _indices("x12"), _indices("x_in"), _indices("rate")
    (('w', '(2)', '10,3'), ('x', '', '12'), ('x', '', 'in'), ('rate', '', ''))
    """
    base = label.rstrip("".join(mark for mark in label if _level(mark)) + ",") if _level(label[-1:]) else label
    if base and base != label:
        indices = label[len(base) :]
        above = "".join(mark for mark in indices if _level(mark) == "<super>")
        below = "".join(mark for mark in indices if _level(mark) != "<super>")
        return base, _plain(above), _plain(below)
    head, bar, tail = label.partition("_")
    if bar and len(head) == 1 and head.isalpha() and tail.isascii() and tail.isalnum():
        return head, "", tail
    if len(label) > 1 and label[0].isalpha() and label[1:].isascii() and label[1:].isdecimal():
        return label[0], "", label[1:]
    return label, "", ""


def _level(mark: str) -> str:
    """`<super>` or `<sub>` for a mark set above or below the line, else nothing."""
    kind = unicodedata.decomposition(mark).partition(" ")[0] if mark else ""
    return kind if kind in ("<super>", "<sub>") else ""


def _plain(marks: str) -> str:
    return "".join(unicodedata.normalize("NFKC", mark) for mark in marks).replace("−", "-")


TEXT, LATEX, MATHML = Text(), Latex(), MathML()
