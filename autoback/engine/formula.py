"""The small language in which the table states what an operation computes and how it changes.

A formula is one line of text that means the same in Python, JavaScript and LLVM: IEEE doubles,
`+ - * /`, unary minus, one comparison at a time, float literals, the names `x y z out` and the
functions in `FUNCTIONS`. `parse` checks the text; `fold` hands the tree to a *reader*, an object
with six methods, which makes of it whatever it likes: a number, source code, LaTeX, a graph.
"""

import ast
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Protocol, TypeVar, cast

__all__ = ["FUNCTIONS", "FormulaError", "PythonReader", "Reader", "decide", "evaluate", "fold", "names", "parse"]

NAMES = ("x", "y", "z", "out")

#: The functions of the language and how many arguments each takes.
FUNCTIONS: Mapping[str, int] = {
    "exp": 1, "log": 1, "log2": 1, "log10": 1, "sqrt": 1, "sin": 1, "cos": 1, "tan": 1, "atan": 1, "tanh": 1, "asinh": 1,
    "acosh": 1, "atanh": 1, "log1p": 1, "expm1": 1, "erf": 1, "erfc": 1, "floor": 1, "abs": 1, "maximum": 2, "minimum": 2,
    "pow": 2, "where": 3,
}  # fmt: skip

_BINARY: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE: Mapping[type[ast.cmpop], str] = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "=="}

T = TypeVar("T")


class FormulaError(ValueError):
    """A rule of the table is not a sentence of the language."""


class Reader(Protocol[T]):
    """What a formula can be read into: six methods, one for each kind of phrase."""

    def number(self, value: float) -> T: ...
    def name(self, name: str) -> T: ...
    def negate(self, operand: T) -> T: ...
    def binary(self, symbol: str, left: T, right: T) -> T: ...
    def compare(self, symbol: str, left: T, right: T) -> T: ...
    def call(self, function: str, arguments: list[T]) -> T: ...


def parse(text: str) -> ast.expr:
    """The syntax tree of a formula, checked to be inside the language; a whole number is read as a double.

    Raises FormulaError, which names the phrase and a way out, when it is not.

    >>> ast.dump(parse("1.0 - out * out")).count("BinOp")
    2
    >>> parse("x ** 2.0")
    Traceback (most recent call last):
    autoback.engine.formula.FormulaError: 'x ** 2.0' is not in the rule language, in the rule 'x ** 2.0': write pow(a, b)
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"{text!r} is not a formula: {error.msg}") from None
    _check(tree, text)
    return tree


def _check(node: ast.expr, text: str) -> None:
    match node:
        case ast.Constant(value=float(number)) if math.isfinite(number):
            return None
        case ast.Constant(value=int(number)) if type(number) is int and abs(number) < 2**53:
            node.value = float(number)
            return None
        case ast.Name(id=name) if name in NAMES:
            return None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _check(operand, text)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, text)
            return _check(right, text)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            _check(left, text)
            return _check(right, text)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if FUNCTIONS.get(name) == len(arguments):
            for argument in arguments:
                _check(argument, text)
            return None
    way_out = _way_out(node)
    raise FormulaError(f"{ast.unparse(node)!r} is not in the rule language, in the rule {text!r}{': ' * bool(way_out)}{way_out}")


def _way_out(node: ast.expr) -> str:
    """What to write in place of a phrase that the language does not have; "" where that is unclear."""
    match node:
        case ast.BinOp(op=ast.Pow()):
            return "write pow(a, b)"
        case ast.IfExp():
            return "write where(condition, yes, no)"
        case ast.Compare(ops=[_, _, *_]):
            return "compare two numbers at a time, where(a < b, where(b < c, yes, no), no)"
        case ast.BoolOp():
            return "put one where into another"
        case ast.Name(id=name):
            return f"{name} is a function, write {name}(...)" if name in FUNCTIONS else f"its names are {', '.join(NAMES)}"
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            return f"{name} takes {FUNCTIONS[name]} argument{'s' * (FUNCTIONS[name] > 1)}"
        case ast.Call():
            return f"its functions are {', '.join(FUNCTIONS)}"
    return ""


def fold(node: ast.expr, reader: Reader[T]) -> T:
    """What `reader` makes of a tree, built from the leaves up."""
    match node:
        case ast.Name(id=name):
            return reader.name(name)
        case ast.Constant(value=float(number)):
            return reader.number(number)
        case ast.UnaryOp(operand=operand):
            return reader.negate(fold(operand, reader))
        case ast.BinOp(left=left, op=op, right=right):
            return reader.binary(_BINARY[type(op)], fold(left, reader), fold(right, reader))
        case ast.Compare(left=left, ops=[compare], comparators=[right]):
            return reader.compare(_COMPARE[type(compare)], fold(left, reader), fold(right, reader))
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return reader.call(function, [fold(argument, reader) for argument in arguments])
    raise FormulaError(f"{ast.unparse(node)!r} is not in the rule language")


def decide(node: ast.expr, numbers: Mapping[str, float]) -> ast.expr:
    """The tree with some names replaced by numbers, and every `where` resolved that they decide.

    >>> ast.unparse(decide(parse("where(y == 0.0, 0.0, y * pow(x, y - 1.0))"), {"y": 2.0}))
    '2.0 * pow(x, 2.0 - 1.0)'
    """
    return cast("ast.expr", _Decide(numbers).visit(deepcopy(node)))


class _Decide(ast.NodeTransformer):
    def __init__(self, numbers: Mapping[str, float]) -> None:
        self.numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(self.numbers[node.id]) if node.id in self.numbers else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func  # a Name too, but of a function: it is not to be replaced
        node.args = [cast("ast.expr", self.visit(argument)) for argument in node.args]
        if isinstance(function, ast.Name) and function.id == "where" and not names(node.args[0]):
            return node.args[1] if evaluate(node.args[0], {}) else node.args[2]
        return node


def names(node: ast.expr) -> tuple[str, ...]:
    """The names a tree uses, in the order x, y, z, out."""
    used = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}  # function names are none of NAMES
    return tuple(name for name in NAMES if name in used)


class PythonReader:
    """A formula as Python source: nearly its own text, but `where` evaluates only the branch it takes."""

    def number(self, value: float) -> str:
        return repr(value)

    def name(self, name: str) -> str:
        return name

    def negate(self, operand: str) -> str:
        return f"(-{operand})"

    def binary(self, symbol: str, left: str, right: str) -> str:
        return f"({left} {symbol} {right})"

    compare = binary

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "where":
            condition, yes, no = arguments
            return f"({yes} if {condition} else {no})"
        return f"{function}({', '.join(arguments)})"


def _floor(x: float) -> float:
    return float(math.floor(x)) if abs(x) < 2.0**52 else x  # a larger double is whole; a zero keeps no sign


#: What the functions are when a formula runs as Python. They raise where IEEE would give inf or nan.
PYTHON: Mapping[str, Callable[..., float]] = {
    "exp": math.exp, "log": math.log, "log2": math.log2, "log10": math.log10, "log1p": math.log1p, "expm1": math.expm1,
    "sqrt": math.sqrt, "pow": math.pow, "sin": math.sin, "cos": math.cos, "tan": math.tan, "atan": math.atan,
    "tanh": math.tanh, "asinh": math.asinh, "acosh": math.acosh, "atanh": math.atanh, "erf": math.erf, "erfc": math.erfc,
    "abs": abs, "floor": _floor, "maximum": max, "minimum": min,
}  # fmt: skip


def evaluate(node: ast.expr, values: Mapping[str, float]) -> float:
    """The number a formula stands for under IEEE rules: overflow is inf, a domain error nan, never an exception.

    This is what the language *means*; every faster reading has to agree with it.

    >>> evaluate(parse("1.0 / (1.0 + exp(-x))"), {"x": -1000.0})
    0.0
    """
    return fold(node, Ieee(values))


class Ieee:
    def __init__(self, values: Mapping[str, float]) -> None:
        self.values = values

    def number(self, value: float) -> float:
        return value

    def name(self, name: str) -> float:
        return self.values[name]

    def negate(self, operand: float) -> float:
        return -operand

    def binary(self, symbol: str, left: float, right: float) -> float:
        match symbol:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
        if right != 0.0:
            return left / right
        if left == 0.0 or math.isnan(left):
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)

    def compare(self, symbol: str, left: float, right: float) -> float:
        answer = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right, "==": left == right}
        return float(answer[symbol])

    def call(self, function: str, arguments: list[float]) -> float:
        if function == "where":
            condition, yes, no = arguments
            return yes if condition else no
        if any(map(math.isnan, arguments)) and function != "pow":
            return math.nan
        try:
            return float(PYTHON[function](*arguments))
        except OverflowError:
            odd = function == "pow" and arguments[0] < 0.0 and arguments[1] % 2.0 == 1.0
            return -math.inf if odd else math.inf
        except ValueError:  # a pole or a point outside the domain
            match function, arguments:
                case "log" | "log2" | "log10", [0.0]:
                    return -math.inf
                case "log1p", [-1.0]:
                    return -math.inf
                case "atanh", [1.0 | -1.0]:
                    return math.copysign(math.inf, arguments[0])
                case "pow", [0.0, power]:
                    odd = power % 2.0 == 1.0
                    return math.copysign(math.inf, arguments[0]) if odd else math.inf
            return math.nan
