"""The derivative of a formula as a formula, by the chain rule and the rows of the functions that the formula uses."""

import ast
from copy import deepcopy
from typing import cast

from autoback.engine.formula import evaluate, fold, names
from autoback.engine.operations import OPERATIONS

__all__ = ["derivative"]

#: An expression, and its derivative or None where that is 0.
Pair = tuple[ast.expr, ast.expr | None]


def derivative(value: ast.expr, letter: str, whole: str = "out") -> str:
    """d(value)/d(letter) as text in the rule language.

    value: a formula of x, y and z, as `parse` gives it
    whole: what the value itself is called where it occurs in its derivative; "" to write it out

    >>> from autoback.engine.formula import parse
    >>> derivative(parse("x * tanh(x)"), "x"), derivative(parse("exp(-x * y)"), "y")
    ('tanh(x) + x * (1.0 - tanh(x) * tanh(x))', 'out * -x')
    """
    _, found = fold(value, _Deriving(letter))
    if found is None:
        return "0.0"
    tree = _Substitute({}, ast.unparse(value)).visit(found) if whole and not isinstance(value, ast.Name) else found
    return ast.unparse(ast.fix_missing_locations(tree))


class _Deriving:
    """A formula read as an expression and its derivative along one letter."""

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def number(self, value: float) -> Pair:
        return _number(value), None

    def name(self, name: str) -> Pair:
        return ast.Name(name), _number(1.0) if name == self.letter else None

    def negate(self, operand: Pair) -> Pair:
        return ast.UnaryOp(ast.USub(), operand[0]), self._chain("neg", ast.UnaryOp(ast.USub(), operand[0]), [operand])

    def binary(self, symbol: str, left: Pair, right: Pair) -> Pair:
        marks: dict[str, tuple[str, ast.operator]] = {
            "+": ("add", ast.Add()), "-": ("sub", ast.Sub()), "*": ("mul", ast.Mult()), "/": ("div", ast.Div())
        }  # fmt: skip
        row, operator = marks[symbol]
        whole = ast.BinOp(left[0], operator, right[0])
        return whole, self._chain(row, whole, [left, right])

    def compare(self, symbol: str, left: Pair, right: Pair) -> Pair:
        marks: dict[str, ast.cmpop] = {">": ast.Gt(), ">=": ast.GtE(), "<": ast.Lt(), "<=": ast.LtE(), "==": ast.Eq()}
        return ast.Compare(left[0], [marks[symbol]], [right[0]]), None  # 0 or 1: flat

    def call(self, function: str, arguments: list[Pair]) -> Pair:
        whole = ast.Call(ast.Name(function), [expression for expression, _ in arguments], [])
        if function == "where":  # the derivative of a choice is a choice of derivatives
            condition, yes, no = arguments
            if yes[1] is None and no[1] is None:
                return whole, None
            return whole, ast.Call(ast.Name("where"), [condition[0], yes[1] or _number(0.0), no[1] or _number(0.0)], [])
        constant = function == "pow" and not names(arguments[1][0])
        return whole, self._chain("power" if constant else function, whole, arguments)

    def _chain(self, name: str, whole: ast.expr, arguments: list[Pair]) -> ast.expr | None:
        """The sum of partial · inner derivative over the arguments, with the partials of the row of that name."""
        row = OPERATIONS[name]
        bindings = {"out": whole, **dict(zip(row.letters, [expression for expression, _ in arguments], strict=True))}
        constants = [evaluate(expression, {}) for expression in row.constants_of([expression for expression, _ in arguments])]
        total: ast.expr | None = None
        for k, (_, inner) in enumerate(arguments):
            if inner is None or row.takes_constant(k):
                continue
            partial = cast("ast.expr", _Substitute(bindings).visit(deepcopy(row.partial(k, constants))))
            term = _product(_settled(partial), inner)
            total = term if total is None else ast.BinOp(total, ast.Add(), term)
        return total


class _Substitute(ast.NodeTransformer):
    """Puts expressions in the place of names, and the name out in the place of one expression."""

    def __init__(self, bindings: dict[str, ast.expr], whole: str = "") -> None:
        self.bindings, self.whole = bindings, whole

    def visit(self, node: ast.AST) -> ast.AST:
        if self.whole and isinstance(node, ast.expr) and ast.unparse(node) == self.whole:
            return ast.Name("out")
        return cast("ast.AST", super().visit(node))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return deepcopy(self.bindings[node.id]) if node.id in self.bindings else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [cast("ast.expr", self.visit(argument)) for argument in node.args]  # the name of a function stays
        return node


def _number(value: float) -> ast.expr:
    return ast.Constant(value) if value >= 0.0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def _settled(tree: ast.expr) -> ast.expr:
    """What names nothing worked out, so that 2 · x^(2 − 1) is 2 · x."""
    return cast("ast.expr", _Settle().visit(tree))


class _Settle(ast.NodeTransformer):
    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Name, ast.Constant)) and not names(node):
            return _number(evaluate(node, {}))
        match node:
            case ast.Call(func=ast.Name(id="pow"), args=[base, ast.Constant(value=1.0)]):
                return base
        return node


def _product(left: ast.expr, right: ast.expr) -> ast.expr:
    for one, other in ((left, right), (right, left)):
        match one:
            case ast.Constant(value=1.0):
                return other
            case ast.UnaryOp(operand=ast.Constant(value=1.0)):
                return ast.UnaryOp(ast.USub(), other)
    return ast.BinOp(left, ast.Mult(), right)
