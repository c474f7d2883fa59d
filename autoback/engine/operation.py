"""A row of the table: what an operation computes and its derivatives, as text and as everything that is read from the text."""

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from operator import add, mul
from typing import Any, TypeVar

from autoback.engine.formula import PYTHON, PythonReader, decide, evaluate, fold, names, parse

__all__ = ["Operation", "OperationError"]

T = TypeVar("T")


class OperationError(ArithmeticError):
    """An operation left its domain, overflowed, or has no finite derivative where it was asked.

    operation: the row's name; operands: the numbers it was given.

    >>> from autoback import Value
    >>> Value(1.0, "x") / Value(0.0, "y")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autoback.engine.operation.OperationError: div(x=1, y=0) is not finite: the divisor must not be zero or nearly so; ...
    """

    def __init__(self, message: str, operation: str = "", operands: Sequence[float] = ()) -> None:
        super().__init__(message)
        self.operation = operation
        self.operands: tuple[float, ...] = tuple(operands)

    def __reduce__(self) -> tuple[type["OperationError"], tuple[str, str, tuple[float, ...]]]:
        return OperationError, (str(self), self.operation, self.operands)


@dataclass(frozen=True, eq=False)
class Operation:
    """One row of the table.

    name, symbol: how code and pictures call it
    value:        formula of the result from the inputs x, y, z; `sum(term)` for an n-ary row, whose
                  inputs are x1..xn, or x1..xn and then y1..yn when the term names both
    partials:     formula of d(out)/d(input) for each input, from x, y, z and out
    domain:       interval that the tests draw inputs from
    activation:   whether neurons offer it as an activation
    range:        smallest closed interval that holds every result; an end may be a limit only, as the 1 of tanh
    elementary:   the same result in simpler rows, or None when there is nothing simpler; of an n-ary
                  row either a sum of terms, or how two neighbours join, from the left
    constants:    how many trailing inputs are constants, which have no derivative (the 2 of x ** 2)
    general:      the row that takes Values in place of the constants, or None: then they have to be numbers
    convention:   what was chosen where the derivative does not exist
    hint:         the way out, for the error outside the domain
    overflow:     the way out, for the error where a number is too large for a double

    >>> from autoback import OPERATIONS
    >>> OPERATIONS["mul"].forward(3.0, 4.0)
    (12.0, (4.0, 3.0))
    """

    name: str
    symbol: str
    value: str
    partials: tuple[str, ...]
    domain: tuple[float, float] = (-2.0, 2.0)
    elementary: str | None = None
    constants: int = 0
    general: str | None = None
    convention: str = ""
    hint: str = ""
    overflow: str = "keep its operands smaller, for instance by scaling the data or the rate"
    range: tuple[float, float] = (-math.inf, math.inf)
    activation: bool = False
    nary: bool = field(init=False)
    #: the formula of the value as a tree; for an n-ary row of one term of the sum
    term: ast.expr = field(init=False, repr=False)
    #: the formulas of the partials as trees
    slopes: tuple[ast.expr, ...] = field(init=False, repr=False)
    #: Python source, generated from the row: the lines that compute `out`, then the tuple of its partials
    steps: tuple[list[str], str] = field(init=False, repr=False)
    #: Python source of `forward`: those steps as a function
    source: str = field(init=False, repr=False)
    #: numbers -> (out, partials); raises ArithmeticError or ValueError where any of the three is not finite
    forward: Callable[..., tuple[float, tuple[float, ...]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        nary = self.value.startswith("sum(")
        term, slopes = parse(self.value[4:-1] if nary else self.value), tuple(map(parse, self.partials))
        steps = _nary_steps(term, slopes) if nary else _steps(term, slopes)
        arguments = "*numbers" if nary else ", ".join(self.letters)
        source = "\n    ".join([f"def {self.name}_row({arguments}):", *steps[0], f"return out, {steps[1]}"])
        namespace = vocabulary()
        exec(compile(source, f"<row {self.name}>", "exec"), namespace)
        forward = namespace[f"{self.name}_row"]
        made = {"nary": nary, "term": term, "slopes": slopes, "steps": steps, "source": source, "forward": forward}
        for attribute, value in made.items():
            object.__setattr__(self, attribute, value)

    # The inputs of a node, as the formulas name them

    @property
    def arity(self) -> int:
        """How many inputs it takes; for an n-ary row, how many sequences of them."""
        return len(self.partials)

    @property
    def letters(self) -> str:
        """The names of its inputs in the formulas; for an n-ary row, of its sequences.

        >>> from autoback import OPERATIONS
        >>> OPERATIONS["power"].letters, OPERATIONS["power"].variables
        ('xy', 'x')
        """
        return "xyz"[: self.arity]

    @property
    def variables(self) -> str:
        """The letters along which it has a derivative: all but the trailing constants."""
        return self.letters[: self.arity - self.constants]

    def terms(self, inputs: Sequence[T]) -> list[dict[str, T]]:
        """What the letters stand for in each term of the sum; a row that is not n-ary has one term.

        >>> from autoback import OPERATIONS
        >>> OPERATIONS["dot"].terms(["w1", "w2", "a1", "a2"])
        [{'x': 'w1', 'y': 'a1'}, {'x': 'w2', 'y': 'a2'}]
        """
        letters = self.letters
        return [dict(zip(letters, term, strict=True)) for term in zip(*self.vectors(inputs), strict=True)]

    def vectors(self, inputs: Sequence[T]) -> list[Sequence[T]]:
        """The inputs that each letter stands for: one, or as many as the sum has terms.

        >>> from autoback import OPERATIONS
        >>> OPERATIONS["dot"].vectors(["w1", "w2", "a1", "a2"])
        [['w1', 'w2'], ['a1', 'a2']]
        """
        count = len(inputs) // self.arity if self.nary else 1
        return [inputs[start : start + count] for start in range(0, len(inputs), count)]

    def place(self, k: int, inputs: Sequence[object]) -> tuple[int, int]:
        """Which letter stands for the k-th of the inputs, and in which term, both counted from 0.

        >>> from autoback import OPERATIONS
        >>> OPERATIONS["dot"].place(3, ["w1", "w2", "a1", "a2"])
        (1, 1)
        """
        return divmod(k, len(inputs) // self.arity) if self.nary else (k, 0)

    def takes_constant(self, k: int) -> bool:
        """Whether the k-th input is a constant, along which there is no derivative: the 2 of x ** 2."""
        return not self.nary and k >= self.arity - self.constants

    def constants_of(self, inputs: Sequence[T]) -> Sequence[T]:
        """The trailing inputs that are constants.

        >>> from autoback import OPERATIONS
        >>> OPERATIONS["power"].constants_of(["base", "exponent"])
        ['exponent']
        """
        return inputs[len(inputs) - self.constants :]

    def partial(self, letter: int, constants: Sequence[float] = ()) -> ast.expr:
        """The formula of a partial, in which the trailing constants are numbers if their numbers are given.

        letter: which of the partials, counted from 0
        The tree is shared: do not change it.

        >>> from autoback import OPERATIONS
        >>> ast.unparse(OPERATIONS["power"].partial(0, [2.0]))
        '2.0 * pow(x, 2.0 - 1.0)'
        """
        return _decided(self, letter, tuple(constants)) if constants else self.slopes[letter]

    # What it makes of numbers

    def evaluate_ieee(self, numbers: Sequence[float], labels: Sequence[str | None] = ()) -> tuple[float, tuple[float, ...]]:
        """The slow twin of `forward`: IEEE rules inside the formula, and an error that explains itself.

        numbers: the operands; labels: their names for the message, None for a nameless one.
        Raises OperationError when the result or a derivative is not a finite number.

        >>> from autoback import OPERATIONS
        >>> OPERATIONS["log"].evaluate_ieee([-1.0], ["w"])
        Traceback (most recent call last):
        autoback.engine.operation.OperationError: log(w=-1) is not defined: log needs x > 0; softplus makes any number positive
        """
        out, partials = self.ieee(numbers)
        if all(map(math.isfinite, (out, *partials))):
            return out, partials
        raise self._error(out, numbers, labels)

    def number(self, numbers: Sequence[float]) -> float:
        """The result alone, for plain numbers; unlike `forward` it does not need a finite derivative.

        >>> from autoback import OPERATIONS
        >>> OPERATIONS["sqrt"].number([0.0])
        0.0
        """
        try:
            return self.forward(*numbers)[0]
        except (ArithmeticError, ValueError):
            out, _ = self.ieee(numbers)
            if math.isfinite(out):
                return out
            raise self._error(out, numbers, ()) from None

    def _error(self, out: float, numbers: Sequence[float], labels: Sequence[str | None]) -> OperationError:
        if math.isnan(out):
            complaint = "is not defined"
        elif math.isinf(out):
            complaint = "is not finite"
        else:
            complaint = f"has no finite derivative (its value is {out:g})"
        way_out = self.hint if self.hint and self._is_pole(numbers) else self.overflow
        return OperationError(f"{self.name}({_operands(numbers, labels)}) {complaint}: {way_out}", self.name, numbers)

    def _is_pole(self, numbers: Sequence[float]) -> bool:
        """Whether a formula is not defined at the operands, or infinite; otherwise the numbers become too large for a double."""
        try:
            self.forward(*numbers)
        except (ValueError, ZeroDivisionError):
            return True
        except ArithmeticError:
            pass
        return False

    def ieee(self, numbers: Sequence[float]) -> tuple[float, tuple[float, ...]]:
        """The result and the partials under IEEE rules, whether or not they are finite."""
        terms = self.terms(numbers)
        out = reduce(add, (evaluate(self.term, term) for term in terms))
        return out, tuple(evaluate(partial, {**term, "out": out}) for partial in self.slopes for term in terms)

    def __reduce__(self) -> tuple[Callable[..., "Operation"], tuple[Any, ...]]:
        from autoback.engine.operations import CUSTOM, OPERATIONS, row_named

        if self.name in OPERATIONS and self.name not in CUSTOM:
            return row_named, (self.name,)
        from autoback.engine.define import stated  # one of the user's travels as its text

        statement = (self.name, self.value, self.partials, self.symbol, self.domain, self.range)
        return stated, (*statement, self.activation, self.convention, self.hint)

    def __copy__(self) -> "Operation":
        return self

    def __deepcopy__(self, memo: object) -> "Operation":
        return self


@lru_cache(maxsize=4096)
def _decided(row: Operation, letter: int, constants: tuple[float, ...]) -> ast.expr:
    return decide(row.slopes[letter], dict(zip(row.letters[row.arity - len(constants) :], constants, strict=True)))


def vocabulary() -> dict[str, Any]:
    """The names that the source generated from a row uses, in a new namespace."""
    return {**PYTHON, "reduce": reduce, "add": add, "mul": mul}


def _steps(value: ast.expr, partials: tuple[ast.expr, ...]) -> tuple[list[str], str]:
    reader = PythonReader()
    lines = [f"out = {fold(value, reader)}"]
    results, suspects = [], ["out"]
    for k, partial in enumerate(partials):
        if isinstance(partial, ast.Name) or not names(partial):
            results.append(fold(partial, reader))
        else:
            lines.append(f"p{k} = {fold(partial, reader)}")
            results.append(f"p{k}")
            suspects.append(f"p{k}")
    # Times zero, a finite number is zero and an infinity or a nan is not: one test for all of them.
    lines.append(f"if ({' + '.join(suspects)}) * 0.0 != 0.0: raise ArithmeticError")
    return lines, f"({', '.join(results)},)"


def _nary_steps(term: ast.expr, partials: tuple[ast.expr, ...]) -> tuple[list[str], str]:
    vectors = "xyz"[: len(partials)]
    each = f"for {', '.join(vectors)}, in zip({', '.join(vectors)}, strict=True)"
    body = fold(term, PythonReader())
    match term:
        case ast.Name():
            terms = body
        case ast.BinOp(left=ast.Name(id=left), op=ast.Mult(), right=ast.Name(id=right)):
            terms = f"map(mul, {left}, {right})"  # a third faster than the general form, and the same products
        case _:
            terms = f"[{body} {each}]"
    if len(vectors) == 1:
        lines = ["x = numbers"]
    else:
        ends = ["", *[f"{k} * n" if k > 1 else "n" for k in range(1, len(vectors))], ""]  # :n, n:2 * n, ... and the rest
        lines = [f"n = len(numbers) // {len(vectors)}", *[f"{v} = numbers[{ends[k]}:{ends[k + 1]}]" for k, v in enumerate(vectors)]]
    # A plain fold from the left: built-in `sum` rounds differently from one Python version to the next.
    lines.append(f"out = reduce(add, {terms})")
    results, suspects = [], ["out"]
    for k, partial in enumerate(partials):
        text = fold(partial, PythonReader())
        match partial:
            case ast.Name():
                results.append(text)
            case _ if not names(partial):
                results.append(f"({text},) * len(x)")
            case _:
                lines.append(f"p{k} = tuple([{text} {each}])")
                results.append(f"p{k}")
                suspects.append(f"sum(p{k})")
    lines.append(f"if ({' + '.join(suspects)}) * 0.0 != 0.0: raise ArithmeticError")
    return lines, " + ".join(results)


def _operands(numbers: Sequence[float], labels: Sequence[str | None]) -> str:
    names = [f"{label}=" if label else "" for label in labels] or [""] * len(numbers)
    shown = [f"{name}{number:.6g}" for name, number in zip(names, numbers, strict=True)]
    if len(shown) > 6:
        shown = [*shown[:5], f"... {len(shown) - 5} more"]
    return ", ".join(shown)
