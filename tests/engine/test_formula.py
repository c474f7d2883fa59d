"""The rule language: what is a sentence of it, and that its readers agree."""

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback import Value, topological_order
from autoback.engine.formula import FUNCTIONS, PYTHON, FormulaError, PythonReader, decide, evaluate, fold, names, parse
from autoback.engine.functions import GraphReader

INSIDE = ["x", "1.0", "-x", "x + y", "x - y * z / out", "pow(x, 2.0)", "where(x > 0.0, x, -x)", "where(x == y, 1.0, 0.0)", "maximum(x, y)"]


@pytest.mark.parametrize("text", INSIDE)
def test_sentences_of_the_language(text: str) -> None:
    """The language's sentences are parsed, and unparse to what they were."""
    assert ast.unparse(parse(text)) == text


OUTSIDE = [
    "", "x +", "x; y", "x = 1.0", "9" * 17, "True", "None", "'x'", "1j", "1e999", "w", "x.real", "x[0]", "x ** 2.0",
    "x % y", "x // y", "x @ y",
    "+x", "~x", "not x", "x and y", "0.0 < x < 1.0", "x != y", "x in y", "x if y else z", "lambda: x", "(x, y)", "[x]", "{x}", "exp(x, y)",
    "exp()", "pow(x)", "exp(x=y)", "exp(*x)", "open(x)", "__import__(x)", "math.exp(x)", "x.__class__", "(y := x)", "f'{x}'", "eval(x)",
]  # fmt: skip


@pytest.mark.parametrize("text", OUTSIDE)
def test_everything_else_is_refused(text: str) -> None:
    """What is no sentence of the language is refused with the phrase that is not, before anything runs."""
    with pytest.raises(FormulaError, match=r"is not a formula|is not in the rule language"):
        parse(text)


def test_the_error_quotes_the_phrase_and_the_rule() -> None:
    """One wrong phrase deep inside a rule is named, with the rule around it."""
    with pytest.raises(FormulaError, match=r"^'y \*\* 2.0' is not .*, in the rule '1.0 \+ exp\(y \*\* 2.0\)': write pow\(a, b\)$"):
        parse("1.0 + exp(y ** 2.0)")


def test_a_whole_number_is_a_double() -> None:
    """1 is read as 1.0."""
    assert ast.unparse(parse("where(x > 0, 1, 2 * x)")) == "where(x > 0.0, 1.0, 2.0 * x)"


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("x if x > 0.0 else y", r"write where\(condition, yes, no\)"),
        ("0.0 < x < 1.0", "two numbers at a time"),
        ("x and y", "one where into another"),
        ("w + x", "its names are x, y, z, out"),
        ("exp * x", r"exp is a function, write exp\(\.\.\.\)"),
        ("exp(x, y)", "exp takes 1 argument$"),
        ("math.exp(x)", "its functions are exp, log, "),
    ],
)
def test_the_error_says_what_to_write(text: str, way_out: str) -> None:
    """What people write in other languages is answered with the phrase of this one."""
    with pytest.raises(FormulaError, match=f"is not in the rule language, in the rule .*: .*{way_out}"):
        parse(text)


def sentences() -> st.SearchStrategy[str]:
    """Random formulas over x and y."""

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        calls = [st.tuples(*[inner] * n).map(lambda a, name=name: f"{name}({', '.join(a)})") for name, n in FUNCTIONS.items() if n < 3]
        pair = st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        choice = st.tuples(inner, st.sampled_from([">", ">=", "<", "<=", "=="]), inner, inner, inner)
        return st.one_of(pair, inner.map("(-{})".format), choice.map("where({0[0]} {0[1]} {0[2]}, {0[3]}, {0[4]})".format), *calls)

    leaves = st.one_of(st.sampled_from(["x", "y"]), st.floats(0.0, 3.0).map(lambda number: repr(float(number))))
    return st.recursive(leaves, larger, max_leaves=8)


@given(sentences(), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_python_source_and_slow_evaluation_agree(text: str, x: float, y: float) -> None:
    """Wherever the generated Python gives a finite number, it is bit for bit the one the language means."""
    tree = parse(text)
    meant = evaluate(tree, {"x": x, "y": y})
    try:
        found = eval(fold(tree, PythonReader()), dict(PYTHON), {"x": x, "y": y})
    except (ArithmeticError, ValueError):
        return  # on the way there was an overflow or a pole, where the row's slow twin takes over
    if math.isfinite(found):
        assert found == meant


@given(sentences(), st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_a_formula_read_on_values_is_the_same_number(text: str, x: float, y: float) -> None:
    """A formula recorded as a graph, the way gradients of gradients are, holds the number that the language means."""
    tree = parse(text)
    try:
        found = fold(tree, GraphReader({"x": Value(x), "y": Value(y)}))
    except (ArithmeticError, ValueError):
        return  # a node of the graph has to be finite, and to have a finite derivative
    assert (found.data if isinstance(found, Value) else found) == evaluate(tree, {"x": x, "y": y})


def test_a_formula_read_on_values_wastes_no_nodes() -> None:
    """Times one and plus zero make no node, and equal phrases share one."""
    x = Value(0.5)
    reader = GraphReader({"x": x})
    for text in ("1.0 * x", "x * 1.0", "x / 1.0", "0.0 + x", "x - 0.0", "pow(x, 1.0)"):
        assert fold(parse(text), reader) is x
    assert fold(parse("pow(x, 0.0)"), reader) == 1.0
    assert fold(parse("0.0 * x"), reader) == 0.0
    root = fold(parse("exp(x) * exp(x) + exp(x)"), reader)
    assert [node.op.name for node in topological_order(root) if node.op] == ["exp", "mul", "add"]


@given(sentences(), st.floats(), st.floats())
def test_evaluation_never_raises(text: str, x: float, y: float) -> None:
    """Under IEEE rules every formula has an answer for every double, infinities and NaN included."""
    assert isinstance(evaluate(parse(text), {"x": x, "y": y}), float)


def test_where_takes_one_branch() -> None:
    """Python's where evaluates only the branch it takes, so the other may be outside its domain."""
    source = fold(parse("where(x > 0.0, log(x), 0.0)"), PythonReader())
    assert eval(source, dict(PYTHON), {"x": -1.0}) == 0.0


def test_names_come_in_the_order_of_the_inputs() -> None:
    """The names that a formula uses, each once, in the order x, y, z, out."""
    assert names(parse("out * z + x * z")) == ("x", "z", "out")
    assert names(parse("exp(1.0)")) == ()


def test_decide_leaves_the_tree_it_was_given_alone() -> None:
    """Deciding a formula makes another tree."""
    tree = parse("where(y == 0.0, 0.0, y)")
    assert ast.unparse(decide(tree, {"y": 0.0})) == "0.0"
    assert ast.unparse(decide(tree, {"y": 3.0})) == "3.0"
    assert ast.unparse(tree) == "where(y == 0.0, 0.0, y)"


def test_decide_keeps_what_it_cannot_decide() -> None:
    """A where whose condition still has a name stays a where."""
    assert ast.unparse(decide(parse("where(x > y, x, y)"), {"y": 1.0})) == "where(x > 1.0, x, 1.0)"
