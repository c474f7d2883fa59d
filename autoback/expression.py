"""An expression such as `L = (tanh(w*x + b) - y)**2`, read safely into Values.

Python's own parser makes the tree, and nothing of it is ever run: this module walks it and knows
numbers, names, the operators and the functions of the table, and refuses all else with the column.
"""

import ast
import math
import unicodedata
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import cast

from autoback.engine.functions import FUNCTIONS, as_value
from autoback.engine.operations import OPERATIONS
from autoback.engine.value import Number, Value
from autoback.text import columns

__all__ = ["CONSTANTS", "Expression", "ExpressionError", "parse_expression"]

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}

#: What rows are called elsewhere, explanations included, and here.
SPELLINGS: Mapping[str, str] = {"max": "maximum", "min": "minimum"}

#: How long a text, how deep its nesting and how large a constant exponent may be.
LONGEST, DEEPEST, LARGEST_EXPONENT = 2000, 100, 1000.0

_BINARY: Mapping[type[ast.operator], str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow"}
_COMPARE: Mapping[type[ast.cmpop], str] = {
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Lt: "greater",
    ast.LtE: "greater_equal",
    ast.Eq: "equal",
}
_HELP = {
    ast.BitXor: "a power is written **",
    ast.Mod: "there is no remainder, for it has jumps and no useful derivative",
    ast.FloorDiv: "division is written /",
    ast.MatMult: "a sum of products is written dot([w1, w2], [x1, x2])",
}


class ExpressionError(ValueError):
    """A text is no expression, or cannot be computed; the message ends with the line and a caret under the place.

    reason: what is wrong, in one line; line, column: where, both from 1, or 0 when it is nowhere in particular
    """

    reason: str
    line: int
    column: int

    def __init__(self, reason: str, text: str = "", line: int = 0, column: int = 0) -> None:
        self.reason, self.line, self.column = reason, line, column
        super().__init__(f"column {column}: {reason}\n{_pointed(text, column)}" if line else reason)
        self._arguments = reason, text, line, column

    def __reduce__(self) -> tuple[type["ExpressionError"], tuple[str, str, int, int]]:
        return ExpressionError, self._arguments


@dataclass(frozen=True)
class Expression:
    """A checked expression: a function of its variables.

    variables: their names, in the order in which they appear
    defaults:  the number of each variable that the text itself gives one, as in `w = 0.5; y = w*x`
    """

    text: str
    variables: tuple[str, ...] = field(repr=False)
    defaults: Mapping[str, float] = field(repr=False, compare=False)
    _statements: tuple[tuple[str | None, ast.expr], ...] = field(repr=False, compare=False)

    def evaluate(self, /, **numbers: float) -> tuple[Value, dict[str, Value]]:
        """The root of a fresh graph, and its leaves by name.

        numbers: one for each variable that has no default
        Raises ExpressionError for a missing, unknown or impossible number, or when the computation fails.

        >>> root, leaves = parse_expression("L = (w*x - y)**2").evaluate(w=2.0, x=3.0, y=5.0)
        >>> root.backward()
        >>> root, leaves["w"].grad
        (Value(1.0, label='L', op=power, grad=1.0), 6.0)
        """
        numbers = {unicodedata.normalize("NFKC", name): number for name, number in numbers.items()}  # as Python does with names in code
        for name in numbers:
            if name not in self.variables:
                known = ", ".join(self.variables) or "no variables"
                fixed = f", and {name} is a constant" if name in CONSTANTS else ""
                raise ExpressionError(f"there is no variable {name} in the expression; it has {known}{fixed}")
        missing = [name for name in self.variables if name not in numbers and name not in self.defaults]
        if missing:
            raise ExpressionError(f"no number for {', '.join(missing)}; give {' '.join(f'{name}=NUMBER' for name in missing)}")
        leaves = {}
        for name in self.variables:
            try:
                leaves[name] = Value(numbers.get(name, self.defaults.get(name, 0.0)), name)
            except (TypeError, ValueError) as error:
                raise ExpressionError(f"{name}: {error}") from None
        return self(*leaves.values()), leaves

    def __call__(self, /, *values: Value) -> Value:
        """The expression of n Values, one for each variable in order; what `check_gradients` wants.

        >>> parse_expression("a * b")(Value(2.0), Value(3.0)).data
        6.0
        """
        if len(values) != len(self.variables):
            raise TypeError(f"the expression takes {len(self.variables)} Values ({', '.join(self.variables)}), got {len(values)}")
        known: dict[str, Number] = {**CONSTANTS, **dict(zip(self.variables, values, strict=True))}
        root: Number = 0.0
        for name, tree in self._statements:
            if name is None:
                root = _compute(tree, known, self.text)
                continue
            root = known[name] if name in self.defaults else _compute(tree, known, self.text)
            known[name] = root
            if isinstance(root, Value) and root.op is not None and root.label is None:
                root.label = name
        return as_value(root)


def parse_expression(text: str) -> Expression:
    """The expression that a text says.

    text: one or more statements, separated by `;` or line ends; each but the last gives a name to an
          intermediate result, the last one is the root. Known are + - * / **, comparisons (1 or 0),
          numbers, pi, e and the functions of the table; any other name is a variable
    Raises ExpressionError, which points at the column, for anything else.

    >>> parse_expression("z = w*x + b; a = sigmoid(z)").variables
    ('w', 'x', 'b')
    >>> parse_expression("w + tanh(x, y)")
    Traceback (most recent call last):
    autoback.expression.ExpressionError: column 5: tanh takes 1 argument, got 2
      w + tanh(x, y)
          ^
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression is a string, got a {type(text).__name__}")
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters, at most {LONGEST} are read; name parts of it in Python")
    text = "\n".join(line.strip() for line in text.replace("\r", "\n").replace("\f", " ").split("\n"))
    return _Checker(text).expression(_tree(text))


def _tree(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on code that will not run
            return ast.parse(text)
    except SyntaxError as error:
        line = min(max(error.lineno or 1, 1), text.count("\n") + 1)
        column = min(max(error.offset or 1, 1), len(text.split("\n")[line - 1]) + 1)
        reason = error.msg.partition(". ")[0]
        if reason in ("invalid syntax", "invalid decimal literal"):  # which is all that Python says of 2x and of sin x
            reason = "this cannot be read; a product is written 2*x, a function sin(x)"
            if column > len(text.split("\n")[line - 1]):
                reason = "something is missing at the end"
        raise ExpressionError(reason, text.split("\n")[line - 1], line, column) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"the expression cannot be read: {error or 'it is nested too deeply'}") from None


class _Checker:
    """Walks a tree once: everything in it is known and small, and the variables are found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.variables: dict[str, None] = {}
        self.given: set[str] = set()

    def expression(self, module: ast.Module) -> Expression:
        statements: list[tuple[str | None, ast.expr]] = []
        defaults = {}
        for position, statement in enumerate(module.body, 1):
            name, tree = self._statement(statement, last=position == len(module.body))
            before = len(self.variables)
            self._check(tree, 1)
            if name is not None:
                if name in self.variables or name in self.given:
                    raise self._error(statement, f"{name} has been used already; each name has one meaning, choose another")
                if len(self.variables) == before and not _names(tree):
                    self.variables[name] = None
                    defaults[name] = cast("float", _compute(tree, {}, self.text))  # no variable, no Value
                else:
                    self.given.add(name)
            statements.append((name, tree))
        if not statements:
            raise ExpressionError("the expression is empty; write for example tanh(w*x + b)")
        return Expression(self.text, tuple(self.variables), defaults, tuple(statements))

    def _statement(self, statement: ast.stmt, last: bool) -> tuple[str | None, ast.expr]:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=tree):
                if name in CONSTANTS or name in FUNCTIONS:
                    kind = "constant" if name in CONSTANTS else "function"
                    raise self._error(statement, f"{name} is taken: it is a {kind}; choose another name")
                return name, tree
            case ast.Expr(value=tree):
                if not last:
                    raise self._error(statement, "only the last statement may go without a name; write NAME = ... here")
                return None, tree
        raise self._error(statement, "a statement is NAME = EXPRESSION, or just an EXPRESSION")

    def _check(self, node: ast.expr, depth: int) -> None:
        if depth > DEEPEST:
            raise self._error(node, f"the expression is nested more than {DEEPEST} deep; name parts of it: z = ...; a = tanh(z)")
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                self._check_number(node, number)
            case ast.Name(id=name):
                if name in FUNCTIONS:
                    raise self._error(node, f"{name} is a function: write {name}({', '.join('xyz'[: OPERATIONS[name].arity])})")
                if name not in self.given and name not in CONSTANTS:
                    self.variables[name] = None
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                self._check(operand, depth + 1)
            case ast.BinOp(left=left, op=op, right=right):
                if type(op) not in _BINARY:
                    gap = ast.Name("", lineno=left.end_lineno or 1, col_offset=left.end_col_offset or 0)  # about where the operator is
                    raise self._error(gap, f"this operator is not known; {_HELP.get(type(op), 'the operators are + - * / **')}")
                self._check(left, depth + 1)
                self._check(right, depth + 1)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                self._check(left, depth + 1)
                self._check(right, depth + 1)
            case ast.Compare():
                raise self._error(node, "one comparison at a time, of > >= < <= ==")
            case ast.Call(func=ast.Name(id=name) as function, args=arguments, keywords=[]):
                function.id = name = SPELLINGS.get(name, name)
                self._check_call(node, name, arguments, depth)
            case ast.List() | ast.Tuple():
                raise self._error(node, "a list belongs into sum([...]) or dot([...], [...])")
            case _:
                raise self._error(node, "this is not known here; there are numbers, names, + - * / **, comparisons and the functions")

    def _check_number(self, node: ast.expr, number: float) -> None:
        try:
            finite = math.isfinite(float(number))
        except OverflowError:
            finite = False
        if not finite:
            raise self._error(node, "this number is too large for a double, at most 1.8e308")

    def _check_call(self, node: ast.Call, name: str, arguments: list[ast.expr], depth: int) -> None:
        if name not in FUNCTIONS:
            close = get_close_matches(name, FUNCTIONS, 1)
            close = close or [row for row in FUNCTIONS if row.startswith(name)][:1]
            advice = f"did you mean {close[0]}?" if close else f"the functions are {', '.join(FUNCTIONS)}"
            raise self._error(node, f"there is no function {name}; {advice}")
        row = OPERATIONS[name]
        if len(arguments) != row.arity:
            raise self._error(
                node, f"{name} takes {row.arity} {'list' if row.nary else 'argument'}{'s' * (row.arity > 1)}, got {len(arguments)}"
            )
        for argument in arguments:
            if not row.nary:
                self._check(argument, depth + 1)
            elif isinstance(argument, (ast.List, ast.Tuple)) and argument.elts:
                for element in argument.elts:
                    self._check(element, depth + 1)
            else:
                raise self._error(
                    argument, f"{name} takes lists that are not empty: {name}({', '.join(['[a, b]', '[c, d]'][: row.arity])})"
                )

    def _error(self, node: ast.AST, reason: str) -> ExpressionError:
        return _error_at(node, reason, self.text)


def _names(tree: ast.expr) -> set[str]:
    functions = {id(call.func) for call in ast.walk(tree) if isinstance(call, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions and node.id not in CONSTANTS}


def _compute(node: ast.expr, known: Mapping[str, Number], text: str) -> Number:
    """A checked tree with its names filled in; of numbers alone a number."""
    try:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return known[name] if name in known else CONSTANTS[name]
            case ast.UnaryOp(op=op, operand=operand):
                operand_value = _compute(operand, known, text)
                return -operand_value if isinstance(op, ast.USub) else operand_value
            case ast.BinOp(left=left, op=op, right=right):
                x, y = _compute(left, known, text), _compute(right, known, text)
                if isinstance(op, ast.Pow) and not isinstance(y, Value):
                    if abs(y) > LARGEST_EXPONENT:
                        raise _error_at(right, f"the exponent {y:g} is too large, at most {LARGEST_EXPONENT:g} in size", text)
                    return _call("power", x, y)
                return _call(_BINARY[type(op)], x, y)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                x, y = _compute(left, known, text), _compute(right, known, text)
                return _call(_COMPARE[type(op)], *((y, x) if isinstance(op, (ast.Lt, ast.LtE)) else (x, y)))
            case ast.Call(func=ast.Name(id=name), args=arguments):
                if OPERATIONS[name].nary:
                    lists = [[_compute(element, known, text) for element in argument.elts] for argument in arguments]  # type: ignore[attr-defined]
                    return _call(name, *lists)
                return _call(name, *[_compute(argument, known, text) for argument in arguments])
    except ExpressionError:
        raise
    except (ArithmeticError, ValueError) as error:
        raise _error_at(node, str(error), text) from None
    raise _error_at(node, "this cannot be computed", text)


def _call(name: str, *arguments: object) -> Number:
    result: Number = FUNCTIONS[name](*arguments)
    return result


def _error_at(node: ast.AST, reason: str, text: str) -> ExpressionError:
    number: int = getattr(node, "lineno", 1)
    line = text.split("\n")[number - 1]
    column = len(line.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore")) + 1  # Python counts bytes
    return ExpressionError(reason, line, number, column)


def _pointed(line: str, column: int) -> str:
    """The part of a line around a column, and a caret under it."""
    start = max(0, column - 50)
    shown = "".join(mark if mark.isprintable() else " " for mark in line[start : start + 74])
    before = shown[: column - 1 - start]
    return f"  {shown}\n  {' ' * columns(before)}^"
