"""The table: every operation is one row, stated as text, and everything else reads that row.

A row gives what the operation computes and its derivative with respect to each input, in the
language of `formula`. Adding an operation is adding a row; a derivative is written nowhere else.
"""

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add, mul
from typing import Any

from autoback.engine.formula import PYTHON, PythonReader, evaluate, fold, names, parse

__all__ = ["OPERATIONS", "Operation", "OperationError"]


class OperationError(ArithmeticError):
    """An operation left its domain, overflowed, or has no finite derivative where it was asked.

    operation: the row's name; operands: the numbers it was given.
    """

    def __init__(self, message: str, operation: str = "", operands: Sequence[float] = ()) -> None:
        super().__init__(message)
        self.operation = operation
        self.operands = tuple(operands)

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
    elementary:   the same result in simpler rows, or None when there is nothing simpler; of an n-ary
                  row either a sum of terms, or how two neighbours join, from the left
    constants:    how many trailing inputs are constants, which have no derivative (the 2 of x ** 2)
    convention:   what was chosen where the derivative does not exist
    hint:         the way out, for the error outside the domain

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
    convention: str = ""
    hint: str = ""
    nary: bool = field(init=False)
    #: trees[0] is the value (of one term, for an n-ary row), trees[1] the partials
    trees: tuple[ast.expr, tuple[ast.expr, ...]] = field(init=False, repr=False)
    #: Python source, generated from the row: the lines that compute `out`, then the tuple of its partials
    steps: tuple[list[str], str] = field(init=False, repr=False)
    #: Python source of `forward`: those steps as a function
    source: str = field(init=False, repr=False)
    #: numbers -> (out, partials); raises ArithmeticError or ValueError where any of the three is not finite
    forward: Callable[..., tuple[float, tuple[float, ...]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        nary = self.value.startswith("sum(")
        tree = parse(self.value[4:-1] if nary else self.value)
        trees = tree, tuple(map(parse, self.partials))
        steps = _nary_steps(*trees) if nary else _steps(*trees)
        arguments = "*numbers" if nary else ", ".join("xyz"[: len(self.partials)])
        source = "\n    ".join([f"def {self.name}_row({arguments}):", *steps[0], f"return out, {steps[1]}"])
        namespace = vocabulary()
        exec(compile(source, f"<row {self.name}>", "exec"), namespace)
        made = {"nary": nary, "trees": trees, "steps": steps, "source": source, "forward": namespace[f"{self.name}_row"]}
        for attribute, value in made.items():
            object.__setattr__(self, attribute, value)

    @property
    def arity(self) -> int:
        """How many inputs it takes; for an n-ary row, how many sequences of them."""
        return len(self.partials)

    def evaluate_ieee(self, numbers: Sequence[float], labels: Sequence[str | None] = ()) -> tuple[float, tuple[float, ...]]:
        """The slow twin of `forward`: IEEE rules inside the formula, and an error that explains itself.

        numbers: the operands; labels: their names for the message, None for a nameless one.
        Raises OperationError when the result, a derivative or an operand is not a finite number.

        >>> OPERATIONS["log"].evaluate_ieee([-1.0], ["w"])
        Traceback (most recent call last):
        autoback.engine.operations.OperationError: log(w=-1) is not defined: log needs x > 0; softplus makes any number positive
        """
        out, partials = self._nary_ieee(numbers) if self.nary else self._ieee(numbers)
        if all(map(math.isfinite, (out, *partials, *numbers))):
            return out, partials
        raise self._error(out, numbers, labels)

    def number(self, numbers: Sequence[float]) -> float:
        """The result alone, for plain numbers; unlike `forward` it does not need a finite derivative.

        >>> OPERATIONS["sqrt"].number([0.0])
        0.0
        """
        try:
            return self.forward(*numbers)[0]
        except (ArithmeticError, ValueError):
            out, _ = self._nary_ieee(numbers) if self.nary else self._ieee(numbers)
            if all(map(math.isfinite, (out, *numbers))):
                return out
            raise self._error(out, numbers, ()) from None

    def _error(self, out: float, numbers: Sequence[float], labels: Sequence[str | None]) -> OperationError:
        if math.isnan(out):
            complaint = "is not defined"
        elif math.isinf(out):
            complaint = "is not finite"
        else:
            complaint = f"has no finite derivative (its value is {out:g})"
        way_out = self.hint or "keep its operands smaller, for instance by scaling the data or the rate"
        if not all(map(math.isfinite, numbers)):
            complaint, way_out = "has an operand that is not finite", "assign finite numbers to data"
        return OperationError(f"{self.name}({_operands(numbers, labels)}) {complaint}: {way_out}", self.name, numbers)

    def _ieee(self, numbers: Sequence[float]) -> tuple[float, tuple[float, ...]]:
        value, partials = self.trees
        known = dict(zip("xyz", numbers, strict=False))
        known["out"] = evaluate(value, known)
        return known["out"], tuple(evaluate(partial, known) for partial in partials)

    def _nary_ieee(self, numbers: Sequence[float]) -> tuple[float, tuple[float, ...]]:
        term, partials = self.trees
        n = len(numbers) // self.arity
        rows = [dict(zip("xyz", row, strict=False)) for row in zip(*(numbers[k * n : k * n + n] for k in range(self.arity)), strict=True)]
        out = reduce(add, (evaluate(term, row) for row in rows))
        return out, tuple(evaluate(partial, row) for partial in partials for row in rows)

    def __reduce__(self) -> tuple[Callable[[str], "Operation"], tuple[str]]:
        return _row, (self.name,)

    def __copy__(self) -> "Operation":
        return self

    def __deepcopy__(self, memo: object) -> "Operation":
        return self


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
    if any(isinstance(part, (ast.Call, ast.Compare, ast.Div)) for part in ast.walk(value)):
        suspects += names(value)  # of these the result may be finite though an operand is not: 1 / inf, tanh(inf), max(2, nan)
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


_STEP = "where(x > 0.0, 1.0, 0.0)"
_HALF = "at a tie each operand gets half of the gradient, as in PyTorch and JAX"

_ROWS = (
    #         name            symbol   value                                  partials
    Operation("add",           "+",    "x + y",                               ("1.0", "1.0")),
    Operation("sub",           "−",    "x - y",                               ("1.0", "-1.0")),
    Operation("mul",           "×",    "x * y",                               ("y", "x")),
    Operation("div",           "÷",    "x / y",                               ("1.0 / y", "-out / y"),
              domain=(0.5, 2.0), hint="the divisor must not be zero or nearly so; add a small positive number to it"),
    Operation("neg",           "−",    "-x",                                  ("-1.0",)),
    Operation("power",         "^",    "pow(x, y)",                           ("where(y == 0.0, 0.0, y * pow(x, y - 1.0))", "0.0"),
              domain=(0.5, 2.0), constants=1,
              convention="the exponent is a constant; x ** 0 has derivative 0, also at 0",
              hint="a negative base needs a whole exponent, and at 0 the exponent must be 0 or at least 1"),
    Operation("pow",           "^",    "pow(x, y)",                           ("y * pow(x, y - 1.0)", "out * log(x)"),
              domain=(0.5, 2.0), hint="a Value as exponent needs a base x > 0, because its derivative contains log x"),
    Operation("exp",           "exp",  "exp(x)",                              ("out",),
              hint="exp overflows above 709.78; scale the argument down, or use sigmoid, softplus or a loss from logits"),
    Operation("log",           "log",  "log(x)",                              ("1.0 / x",),
              domain=(0.5, 2.0), hint="log needs x > 0; softplus makes any number positive"),
    Operation("sqrt",          "√",    "sqrt(x)",                             ("0.5 / out",),
              domain=(0.5, 2.0), hint="sqrt needs x > 0: at 0 its slope is infinite; add a small positive number"),
    Operation("abs",           "|·|",  "abs(x)",                              ("where(x > 0.0, 1.0, where(x < 0.0, -1.0, 0.0))",),
              convention="the derivative at 0 is 0"),
    Operation("sin",           "sin",  "sin(x)",                              ("cos(x)",)),
    Operation("cos",           "cos",  "cos(x)",                              ("-sin(x)",)),
    Operation("tan",           "tan",  "tan(x)",                              ("1.0 + out * out",),
              domain=(-1.0, 1.0), elementary="sin(x) / cos(x)"),
    Operation("atan",          "atan", "atan(x)",                             ("1.0 / (1.0 + x * x)",)),
    Operation("tanh",          "tanh", "tanh(x)",                             ("1.0 - out * out",),
              elementary="(exp(x) - exp(-x)) / (exp(x) + exp(-x))"),
    Operation("log1p",         "log1p", "log1p(x)",                           ("1.0 / (1.0 + x)",),
              domain=(-0.5, 2.0), hint="log1p(x) is log(1 + x) and needs x > -1", elementary="log(1.0 + x)"),
    Operation("expm1",         "expm1", "expm1(x)",                           ("out + 1.0",),
              hint="expm1 overflows above 709.78; scale the argument down", elementary="exp(x) - 1.0"),
    Operation("sigmoid",       "σ",    "1.0 / (1.0 + exp(-x))",               ("out * (1.0 - out)",),
              elementary="1.0 / (1.0 + exp(-x))"),
    Operation("relu",          "relu", "maximum(x, 0.0)",                     (_STEP,),
              elementary="maximum(x, 0.0)", convention="the derivative at 0 is 0"),
    Operation("leaky_relu",    "leaky", "where(x > 0.0, x, 0.01 * x)",        ("where(x > 0.0, 1.0, 0.01)",),
              convention="the slope below and at 0 is 0.01"),
    Operation("softplus",      "softplus", "maximum(x, 0.0) + log1p(exp(-abs(x)))", ("-expm1(-out)",),
              elementary="log(1.0 + exp(x))"),
    Operation("maximum",       "max",  "maximum(x, y)",
              ("where(x > y, 1.0, where(x == y, 0.5, 0.0))", "where(y > x, 1.0, where(x == y, 0.5, 0.0))"), convention=_HALF),
    Operation("minimum",       "min",  "minimum(x, y)",
              ("where(x < y, 1.0, where(x == y, 0.5, 0.0))", "where(y < x, 1.0, where(x == y, 0.5, 0.0))"), convention=_HALF),
    Operation("greater",       ">",    "where(x > y, 1.0, 0.0)",              ("0.0", "0.0"),
              convention="1 or 0; flat, also at the jump"),
    Operation("greater_equal", "≥",    "where(x >= y, 1.0, 0.0)",             ("0.0", "0.0"),
              convention="1 or 0; flat, also at the jump"),
    Operation("equal",         "=",    "where(x == y, 1.0, 0.0)",             ("0.0", "0.0"),
              convention="1 or 0; flat, also at the jump"),
    Operation("where",         "if",   "where(x == 0.0, z, y)",
              ("0.0", "where(x == 0.0, 0.0, 1.0)", "where(x == 0.0, 1.0, 0.0)"),
              convention="x chooses, anything but 0 is yes; it gets no gradient"),
    Operation("sum",           "Σ",    "sum(x)",                              ("1.0",), elementary="x + y"),
    Operation("dot",           "Σ×",   "sum(x * y)",                          ("y", "x"), elementary="sum(x * y)"),
)  # fmt: skip

#: The table, by name, in the order of its rows.
OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}


def _row(name: str) -> Operation:
    return OPERATIONS[name]
