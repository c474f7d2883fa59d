"""The rows of the table as people read them: what a node computes and how it changes, in symbols and in numbers."""

import ast
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import cast

from autoback.engine.formula import FUNCTIONS, decide, evaluate, fold, names
from autoback.engine.operations import Operation
from autoback.engine.value import Value
from autoback.view.notation import TEXT, Notation
from autoback.view.phrases import ATOM, FormulaReader, Phrase, joined, spelled

__all__ = [
    "Rule",
    "character",
    "constant",
    "formula",
    "partial_rule",
    "sides",
    "value_rule",
]

_TERMS = 4  # a longer sum is shown by its first two terms and its last


def sides(rule: "Rule", notation: Notation, numbers: bool = True) -> list[Phrase]:
    """The sides of an equation: the symbols, the numbers, the result, each unless it repeats the one before."""
    phrases = [rule.symbols, rule.definition or rule.symbols]
    if numbers:
        phrases += [rule.numbers, spelled(rule.value, notation)]
    bare = notation.stacked
    told = [phrase if bare or not phrase.branches else phrase._replace(text=notation.parentheses(phrase.text)) for phrase in phrases]
    return [phrase for phrase, before in zip(told, [None, *told], strict=False) if before is None or phrase.text != before.text]


@dataclass(frozen=True)
class Rule:
    """One rule of one node, ready to be printed.

    symbols: the formula in names; numbers: the same in numbers, or its symbols again if it names nothing;
    because: the comparison that decided between branches, in numbers, or ""; value: what comes out
    definition: what the symbols mean in simpler ones, where they are a name such as sigmoid(z)
    tie: whether that comparison found two equal numbers, where the branches meet
    """

    symbols: Phrase
    numbers: Phrase
    because: str
    value: float
    definition: Phrase | None = None
    tie: bool = False


Spelling = Callable[[Value], Phrase]


def partial_rule(node: Value, k: int, symbol: Spelling, number: Spelling, notation: Notation = TEXT) -> Rule:
    """The local derivative of a node with respect to its k-th input, from the node's row.

    symbol, number: how a Value is written in the two readings

    >>> x = Value(0.5, "x"); y = x.tanh(); y.label = "y"
    >>> rule = partial_rule(y, 0, lambda node: Phrase(node.label, ATOM), lambda node: spelled(node.data, TEXT))
    >>> rule.symbols.text, rule.numbers.text
    ('1 − y²', '1 − 0.4621²')
    """
    row = _row(node)
    which, term = row.place(k, node.inputs)
    operands = row.terms(node.inputs)[term]
    constants = [constant.data for constant in row.constants_of(node.inputs)]
    tree = row.partial(which, constants)
    return _rule(_simplified(tree) if constants else tree, {**operands, "out": node}, symbol, number, notation, node.partials[k])


def value_rule(node: Value, symbol: Spelling, number: Spelling, notation: Notation = TEXT) -> Rule:
    """What a node computes from its inputs, from the node's row.

    >>> z = Value(2.0, "w") * Value(3.0, "x")
    >>> value_rule(z, lambda node: Phrase(node.label, ATOM), lambda node: spelled(node.data, TEXT)).symbols.text
    'w·x'
    """
    row = _row(node)
    if row.nary:
        return Rule(formula(node, symbol, notation), formula(node, number, notation, "×"), "", node.data)
    rule = _rule(_value_tree(row, node.inputs), row.terms(node.inputs)[0], symbol, number, notation, node.data)
    if _is_called(row):
        return replace(rule, symbols=formula(node, symbol, notation), definition=rule.symbols)
    return rule


def formula(node: Value, spelling: Spelling, notation: Notation = TEXT, times: str = "·", brief: bool = False) -> Phrase:
    """What a node computes from its inputs, as one phrase: the symbols of its `value_rule`.

    brief: of a sum the first term only

    >>> x = Value(3.0, "x")
    >>> formula(x * x, lambda node: Phrase(node.label, ATOM)).text
    'x·x'
    """
    row = _row(node)
    terms = row.terms(node.inputs)
    if not row.nary:
        phrases = _bound(terms[0], spelling)
        if _is_called(row):  # the row's own name says more than its formula: sigmoid(z)
            return Phrase(notation.function(row.name, [phrases["x"].text]), ATOM)
        return fold(_value_tree(row, node.inputs), FormulaReader(notation, phrases, times))
    ends = 1 if brief else _TERMS
    if len(terms) > ends:
        terms = terms[:1] if brief else [terms[0], terms[1], terms[-1]]
    written = [fold(row.term, FormulaReader(notation, _bound(term, spelling), times)) for term in terms]
    if len(node.inputs) > ends * row.arity:
        written.insert(ends if brief else 2, Phrase(notation.ellipsis, ATOM))
    return joined("+", written, notation)


def _is_called(row: Operation) -> bool:
    return row.arity == 1 and not row.nary and row.name not in FUNCTIONS and row.name != "neg"


def _value_tree(row: Operation, inputs: Sequence[Value]) -> ast.expr:
    constants = row.letters[len(row.variables) :]
    if not constants:
        return row.term
    numbers = {letter: constant.data for letter, constant in zip(constants, row.constants_of(inputs), strict=True)}
    return _simplified(decide(row.term, numbers))


def _row(node: Value) -> Operation:
    if node.op is None:
        raise ValueError(f"{node.label or 'this Value'} is a leaf: nothing computed it, so it has no rule; ask one of its consumers")
    return node.op


def _rule(tree: ast.expr, nodes: Mapping[str, Value], symbol: Spelling, number: Spelling, notation: Notation, value: float) -> Rule:
    used = {name: nodes[name] for name in names(tree)}
    symbols = fold(tree, FormulaReader(notation, _bound(used, symbol)))
    reader = FormulaReader(notation, _bound(used, number), "×")
    settling = _Settle({name: node.data for name, node in nodes.items()})
    settled = cast("ast.expr", settling.visit(deepcopy(tree)))
    reasons = [reader.compare(mark, fold(left, reader), fold(right, reader)).text for mark, left, right in settling.reasons.values()]
    return Rule(symbols, fold(settled, reader), ", ".join(reasons), value, tie=settling.tie)


def _bound(nodes: Mapping[str, Value], spelling: Spelling) -> dict[str, Phrase]:
    """The phrases for some letters, each its own object even where two stand for the same Value: x · x has two factors, and is no x²."""
    return {letter: Phrase(*spelling(node)) for letter, node in nodes.items()}


class _Settle(ast.NodeTransformer):
    """Takes the branch of every `where` that the numbers choose.

    reasons: how the numbers compare that chose, for each pair once: ("<", x, 0.0)
    tie: whether two numbers were equal where the larger or smaller was asked for
    """

    def __init__(self, numbers: Mapping[str, float]) -> None:
        self.numbers = numbers
        self.reasons: dict[frozenset[str], tuple[str, ast.expr, ast.expr]] = {}
        self.tie = False

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not (isinstance(node.func, ast.Name) and node.func.id == "where"):
            return cast("ast.expr", self.generic_visit(node))
        condition, yes, no = node.args
        if isinstance(condition, ast.Compare):
            left, right = condition.left, condition.comparators[0]
            x, y = evaluate(left, self.numbers), evaluate(right, self.numbers)
            alone = isinstance(condition.ops[0], ast.Eq)  # asked only whether they are equal, say only that they are not
            self.tie |= x == y and not alone
            mark = "=" if x == y else "≠" if alone else ">" if x > y else "<"
            self.reasons.setdefault(frozenset(map(ast.dump, (left, right))), (mark, left, right))
        return cast("ast.expr", self.visit(yes if evaluate(condition, self.numbers) else no))


def constant(tree: ast.expr) -> float | None:
    """The number that a formula without names is, else None."""
    return None if names(tree) else evaluate(tree, {})


def _simplified(tree: ast.expr) -> ast.expr:
    return cast("ast.expr", _Simplify().visit(deepcopy(tree)))


class _Simplify(ast.NodeTransformer):
    """Works out what names nothing, so that 2 · x^(2 − 1) reads 2 · x."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Name, ast.Constant)) and (number := constant(node)) is not None:
            return ast.Constant(number) if number >= 0.0 else ast.UnaryOp(ast.USub(), ast.Constant(-number))
        match node:
            case ast.Call(func=ast.Name(id="pow"), args=[base, ast.Constant(value=1.0)]):
                return base
            case ast.BinOp(left=ast.Constant(value=1.0), op=ast.Mult(), right=right):
                return right
        return node


def character(row: Operation) -> str:
    """What an operation does to the gradient that comes back to it, read off its partials; the name goes before it.

    >>> from autoback.engine.operations import OPERATIONS
    >>> character(OPERATIONS["mul"])
    'swaps: each factor gets the gradient times the other factor'
    >>> character(OPERATIONS["maximum"])
    'routes: the input that was chosen gets the whole gradient, the others get none'
    """
    partials = row.slopes[: len(row.variables)]
    fixed = [constant(partial) for partial in partials]
    if all(number == 1.0 for number in fixed):
        return "distributes: every input gets the gradient unchanged"
    if all(number in (1.0, -1.0) for number in fixed):
        others = "" if row.arity == 1 else ", the other unchanged"
        return f"distributes: what is subtracted gets the gradient with its sign turned{others}"
    if all(number == 0.0 for number in fixed):
        return "is flat: it lets no gradient through"
    if all(isinstance(partial, ast.Name) and partial.id not in ("out", own) for partial, own in zip(partials, row.letters, strict=False)):
        return "swaps: each factor gets the gradient times the other factor"
    if all(number == 0.0 or _arms(partial) <= {0.0, 0.5, 1.0} for partial, number in zip(partials, fixed, strict=True)):
        if row.arity == 1:
            return "routes: it lets the whole gradient through on one side, and none on the other"
        return "routes: the input that was chosen gets the whole gradient, the others get none"
    return "scales: it multiplies the gradient by its slope at this point"


def _arms(tree: ast.expr) -> set[float | None]:
    """The results that a choice can have; None among them for what is not a plain number."""
    match tree:
        case ast.Call(func=ast.Name(id="where"), args=[_, yes, no]):
            return _arms(yes) | _arms(no)
    return {constant(tree)}
