"""Pieces of formulas: how they are put together, with the parentheses that a person writes, and what their printed digits give."""

import math
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import NamedTuple

from autoback.engine.formula import Ieee, fold, parse
from autoback.engine.operations import OPERATIONS
from autoback.text import printed, short
from autoback.view.notation import Notation

__all__ = ["ATOM", "PRODUCT", "QUOTIENT", "FormulaReader", "Phrase", "equals", "joined", "product", "spelled"]

#: How tightly a phrase holds together, loosest first.
CASES, COMPARISON, SUM, NEGATIVE, QUOTIENT, PRODUCT, POWER, ATOM = range(8)

#: Functions of the language that are another one's numerically careful spelling; people write the other.
_SPELLINGS = ("log1p", "expm1")

#: What the marks mean: the arithmetic of the language itself.
_NUMBERS = Ieee({})


class Phrase(NamedTuple):
    """A piece of mathematics and what a reader must know to put it into a larger one.

    text: the finished marks; binds: how tightly they hold together; positive: what a minus sign stands
    before, if one does; branches, otherwise: the arms, if it is a choice
    worth: the number that its printed digits give, nan where it has names
    """

    text: str
    binds: int
    positive: "Phrase | None" = None
    branches: tuple[tuple[str, str], ...] = ()
    otherwise: str = ""
    worth: float = math.nan


class FormulaReader:
    """A formula as mathematics in one notation, with the parentheses that a person would write.

    bindings: what stands for the names x, y, z, out; times: the mark of multiplication
    """

    def __init__(self, notation: Notation, bindings: Mapping[str, Phrase], times: str = "·") -> None:
        self.notation = notation
        self.bindings = bindings
        self.times = times

    def number(self, value: float) -> Phrase:
        return Phrase(self.notation.symbol("π"), ATOM, worth=value) if value == math.pi else spelled(value, self.notation)

    def name(self, name: str) -> Phrase:
        return self.bindings[name]

    def _within(self, phrase: Phrase, least: int) -> str:
        return phrase.text if phrase.binds >= least else self.notation.parentheses(phrase.text)

    def negate(self, operand: Phrase) -> Phrase:
        return Phrase(self.notation.negative(self._within(operand, QUOTIENT)), NEGATIVE, operand, worth=-operand.worth)

    def binary(self, symbol: str, left: Phrase, right: Phrase) -> Phrase:
        return self._binary(symbol, left, right)._replace(worth=_NUMBERS.binary(symbol, left.worth, right.worth))

    def _binary(self, symbol: str, left: Phrase, right: Phrase) -> Phrase:
        infix, within = self.notation.infix, self._within
        if symbol == "+":
            return Phrase(infix(within(left, SUM), "+", within(right, SUM if right.binds == SUM else QUOTIENT)), SUM)
        if symbol == "-":
            return Phrase(infix(within(left, SUM), "−", within(right, QUOTIENT)), SUM)
        if left.positive:  # a minus sign goes to the front: −(a · b), not (−a) · b
            return self.negate(self.binary(symbol, left.positive, right))
        if symbol == "*":
            if left is right:  # the same Value, not only the same number
                return Phrase(self.notation.power(within(left, ATOM), self.number(2.0).text), POWER)
            # A number below zero may begin a product; its minus sign then begins the product.
            leftmost = left.text if left.binds == NEGATIVE else within(left, PRODUCT)
            return Phrase(infix(leftmost, self.times, within(right, PRODUCT)), NEGATIVE if left.binds == NEGATIVE else PRODUCT)
        if self.notation.stacked:
            return Phrase(self.notation.fraction(left.text, right.text), PRODUCT)
        leftmost = left.text if left.binds == NEGATIVE else within(left, PRODUCT)
        return Phrase(self.notation.fraction(leftmost, within(right, POWER)), NEGATIVE if left.binds == NEGATIVE else QUOTIENT)

    def compare(self, symbol: str, left: Phrase, right: Phrase) -> Phrase:
        mark = {">=": "≥", "<=": "≤", "==": "="}.get(symbol, symbol)
        return Phrase(self.notation.infix(self._within(left, SUM), mark, self._within(right, SUM)), COMPARISON)

    def call(self, function: str, arguments: list[Phrase]) -> Phrase:
        phrase = self._call(function, arguments)
        worths = [argument.worth for argument in arguments]
        return phrase if any(map(math.isnan, worths)) else phrase._replace(worth=_NUMBERS.call(function, worths))

    def _call(self, function: str, arguments: list[Phrase]) -> Phrase:
        notation, texts = self.notation, [argument.text for argument in arguments]
        match function, arguments:
            case "where", [condition, yes, no]:
                branches = ((self._within(yes, COMPARISON), condition.text), *no.branches)
                otherwise = no.otherwise or no.text
                return Phrase(notation.cases(branches, otherwise), CASES, None, branches, otherwise)
            case "pow", [base, exponent]:
                return Phrase(notation.power(self._within(base, ATOM), exponent.text), POWER)
            case "exp", [_]:
                return Phrase(notation.exponential(texts[0]), POWER if notation.stacked else ATOM)
            case "sqrt", [_]:
                return Phrase(notation.root(texts[0]), POWER)
            case "abs", [_]:
                return Phrase(notation.bars(texts[0]), ATOM)
            case (("maximum" | "minimum"), _):
                return Phrase(notation.function(function[:3], texts), ATOM)
            case _ if function in _SPELLINGS:
                plain = parse(OPERATIONS[function].elementary or function)
                return fold(plain, FormulaReader(notation, {"x": arguments[0]}, self.times))
        return Phrase(notation.function(function, texts), ATOM)


def spelled(number: float, notation: Notation) -> Phrase:
    """A number as a phrase: one below zero holds together as loosely as its minus sign does."""
    text = notation.number(number)
    binds = NEGATIVE if number < 0.0 else PRODUCT if "10" in text and not 1e-4 <= number < 1e6 and number else ATOM
    return Phrase(text, binds, worth=printed(number))


def product(numbers: Iterable[float], notation: Notation) -> Phrase:
    """Numbers multiplied: 2 × (−0.5)."""
    return joined("*", [spelled(number, notation) for number in numbers], notation, "×")


def joined(symbol: str, phrases: Iterable[Phrase], notation: Notation, times: str = "·") -> Phrase:
    """Phrases with the same sign between all of them.

    >>> from autoback.view.notation import TEXT
    >>> joined("+", [product([2.0, -0.5], TEXT), spelled(3.0, TEXT)], TEXT).text
    '2 × (−0.5) + 3'
    """
    reader = FormulaReader(notation, {}, times)
    return reduce(lambda left, right: reader.binary(symbol, left, right), phrases)


def equals(left: Phrase, right: Phrase) -> str:
    """The sign between two sides of an equation: ≈ where the printed digits of the one do not give the other.

    >>> from autoback.view.notation import TEXT
    >>> equals(product([1.0 / 3.0, 3.0], TEXT), spelled(1.0, TEXT)), equals(product([0.5, 3.0], TEXT), spelled(1.5, TEXT))
    ('≈', '=')
    """
    known = not (math.isnan(left.worth) or math.isnan(right.worth))
    return "≈" if known and short(left.worth) != short(right.worth) else "="
