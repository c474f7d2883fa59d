"""Expressions typed by people: what is read, what is refused, and where the finger points."""

import math
import pickle

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autoback.engine.check import check_gradients
from autoback.engine.value import Value, topological_order
from autoback.expression import DEEPEST, LONGEST, ExpressionError, parse_expression

NUMBERS = {"x": 0.75, "y": -1.5, "w": 2.0, "b": 0.1}
PYTHON = {name: getattr(math, name) for name in ("exp", "sin", "cos", "tanh", "atan", "log1p")}
PYTHON |= {"abs": abs, "maximum": max, "minimum": min, "pi": math.pi, "e": math.e, "__builtins__": {}}


def joined(children):
    pairs = st.tuples(children, st.sampled_from(["+", " - ", "*", "/", " > ", "<="]), children)
    return st.one_of(
        pairs.map(lambda parts: f"({''.join(parts)})"),
        children.map(lambda inner: f"-{inner}"),
        st.tuples(children, st.sampled_from(["2", "3", "0", "1.0"])).map(lambda parts: f"({parts[0]})**{parts[1]}"),
        st.tuples(st.sampled_from(["exp", "sin", "cos", "tanh", "atan", "abs"]), children).map(lambda parts: f"{parts[0]}({parts[1]})"),
        st.tuples(st.sampled_from(["maximum", "minimum"]), children, children).map(lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"),
    )


atoms = st.sampled_from([*NUMBERS, "pi", "e", "2", "0.5", "1e-3", "3"])
expressions = st.recursive(atoms, joined, max_leaves=8)


@given(expressions)
def test_an_expression_means_what_python_means(text):
    """A random expression has the value that Python itself computes, to the last bit."""
    try:
        expected = float(eval(text, PYTHON, NUMBERS))
    except (ArithmeticError, ValueError):
        assume(False)
    expression = parse_expression(text)
    try:
        root, _ = expression.evaluate(**{name: NUMBERS[name] for name in expression.variables})
    except ExpressionError as refusal:  # a value without a finite derivative, for instance
        assume("derivative" not in str(refusal))
        raise
    assert root.data == expected


@given(st.text(max_size=60) | st.text(alphabet="wxy01.+-*/()[],=;<> \n\tetanhlog'\"\\#@!{}:", max_size=60))
def test_garbage_is_an_expression_error(text):
    """Whatever is typed, nothing but an ExpressionError comes back, and its message is not empty."""
    try:
        expression = parse_expression(text)
        expression.evaluate(**dict.fromkeys(expression.variables, 0.5))
    except ExpressionError as error:
        assert error.reason


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("1 + tnah(x)", 5, "there is no function tnah; did you mean tanh?"),
        ("x ^ 2", 2, "a power is written **"),
        ("x % 2", 2, "no remainder"),
        ("w*x + q.y", 7, "not known here"),
        ("__import__('os').system('ls')", 1, "not known here"),
        ("(λ*x + \"é\")", 8, "not known here"),
        ("tanh", 1, "tanh is a function: write tanh(x)"),
        ("x*pow(x)", 3, "pow takes 2 arguments, got 1"),
        ("1 < x < 2", 1, "one comparison at a time"),
        ("x + [1, 2]", 5, "a list belongs into sum"),
        ("x + sum(x)", 9, "sum takes lists that are not empty"),
        ("x**5000", 4, "the exponent 5000 is too large, at most 1000"),
        ("x + 1e999", 5, "too large for a double"),
        ("x + log(1 - 2)", 5, "log(-1) is not defined"),
        ("(x + 1", 1, "was never closed"),
        ("w = 1; w = 2", 8, "w has been used already"),
        ("x; y = 2", 1, "only the last statement may go without a name"),
        ("e = 3", 1, "e is taken: it is a constant"),
        ("tanh = 3", 1, "tanh is taken: it is a function"),
        ("if x: y", 1, "a statement is NAME = EXPRESSION"),
        ("a = b = x", 1, "a statement is NAME = EXPRESSION"),
    ],
)  # fmt: skip
def test_an_error_points_at_its_column(text, column, reason):
    """A mistake is named, with the column and a caret under it."""
    with pytest.raises(ExpressionError) as caught:
        expression = parse_expression(text)
        expression.evaluate(**dict.fromkeys(expression.variables, 0.5))
    assert reason in caught.value.reason
    assert caught.value.column == column
    heading, line, caret = str(caught.value).split("\n")
    assert heading == f"column {column}: {caught.value.reason}"
    assert line == f"  {text}"
    assert caret == " " * (column + 1) + "^"


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("2x", 1, "a product is written 2*x"),
        ("sin x", 5, "a function sin(x)"),
        ("x*", 3, "something is missing at the end"),
        ("(x", 1, "'(' was never closed"),
    ],
)
def test_what_cannot_be_read_is_told_how_to_write(text, column, reason):
    """A formula as it stands in a book is answered with the way it is written here."""
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert caught.value.column == column
    assert reason in caught.value.reason


def test_a_number_for_a_constant_is_refused_as_such():
    """e and pi have their numbers already."""
    with pytest.raises(ExpressionError, match="no variable e in the expression; it has x, and e is a constant"):
        parse_expression("e*x").evaluate(x=1.0, e=2.0)


def test_an_error_on_a_later_line_shows_that_line():
    """Of several lines the one with the mistake is shown, without its indentation."""
    with pytest.raises(ExpressionError) as caught:
        parse_expression("z = w*x\n   a = tanh(z) + z.real\na")
    assert (caught.value.line, caught.value.column) == (2, 15)
    assert str(caught.value).endswith("  a = tanh(z) + z.real\n                ^")


def test_an_error_far_to_the_right_shows_the_neighbourhood():
    """The caret stands under the mistake in a line of any length, and no line is wider than 80."""
    with pytest.raises(ExpressionError) as caught:
        parse_expression(" + ".join(["x"] * 90) + " + $")
    _, line, caret = str(caught.value).split("\n")
    assert line[len(caret) - 1] == "$"
    assert len(line) <= 80


@pytest.mark.parametrize("text", ["x + 1" * LONGEST, "-" * (DEEPEST + 1) + "x", "(" * 500 + "x" + ")" * 500, "x" + "**2" * (DEEPEST + 1)])
def test_size_is_bounded(text):
    """A text too long or too deep is refused before any work is done."""
    with pytest.raises(ExpressionError, match=r"at most|nested|deep"):
        parse_expression(text)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "# a remark", ";"])
def test_nothing_is_no_expression(text):
    """An empty text is refused."""
    with pytest.raises(ExpressionError):
        parse_expression(text)


def test_the_parts_of_a_graph_are_labelled():
    """Variables and named intermediate results carry their names; the root carries the last one."""
    root, leaves = parse_expression("z = w*x + b; a = tanh(z)\nC = (a - y)**2").evaluate(w=0.5, x=2.0, b=1.0, y=0.0)
    assert list(leaves) == ["w", "x", "b", "y"]
    assert root.label == "C"
    assert [leaf.label for leaf in leaves.values()] == ["w", "x", "b", "y"]
    assert root.inputs[0].inputs[0].label == "a"
    assert root.inputs[0].inputs[0].inputs[0].label == "z"


def test_a_name_for_a_number_is_a_variable_with_a_default():
    """`w = 0.5` makes a leaf, which a number given later replaces."""
    expression = parse_expression("w = 1/2; y = w*x")
    assert expression.variables == ("w", "x")
    assert expression.defaults == {"w": 0.5}
    assert expression.evaluate(x=3.0)[0].data == 1.5
    assert expression.evaluate(x=3.0, w=2.0)[0].data == 6.0


def test_a_name_for_a_name_is_the_same_leaf():
    """An alias neither copies a leaf nor renames it."""
    root, leaves = parse_expression("u = x; u*x").evaluate(x=3.0)
    root.backward()
    assert leaves["x"].grad == 6.0
    assert leaves["x"].label == "x"


def test_lists_reach_the_rows_that_take_them():
    """sum and dot take lists, and become one node each."""
    root, _ = parse_expression("dot([a, b], [c, 2]) + sum([a, b, c])").evaluate(a=1.0, b=2.0, c=3.0)
    assert root.data == 13.0
    assert [node.op.name for node in root.inputs] == ["dot", "sum"]


def test_variables_may_have_any_name_python_allows():
    """Greek letters, underscores and the word self are variables like others."""
    root, _ = parse_expression("η_1 * self + ŷ").evaluate(η_1=2.0, self=3.0, ŷ=4.0)
    assert root.data == 10.0
    numbers = {"\u00b5": 3.0}  # a micro sign, which Python reads as the Greek letter, in code but not in a dict
    assert parse_expression("\u00b5 * 2").evaluate(**numbers)[0].data == 6.0


def test_an_expression_can_be_checked_by_finite_differences():
    """An expression is a callable of Values, as check_gradients wants it."""
    expression = parse_expression("L = (tanh(w*x + b) - y)**2")
    checks = check_gradients(expression, [0.5, 2.0, 1.0, 0.0], names=expression.variables)
    assert [check.name for check in checks] == ["w", "x", "b", "y"]
    with pytest.raises(TypeError, match="takes 4 Values"):
        expression(Value(1.0))


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ({}, "no number for w, x; give w=NUMBER x=NUMBER"),
        ({"w": 1.0, "x": 2.0, "v": 3.0}, "there is no variable v in the expression; it has w, x"),
        ({"w": 1.0, "x": math.nan}, "x: a Value holds a finite number"),
        ({"w": 1.0, "x": "2"}, "x: a Value holds one real number"),
    ],
)
def test_numbers_must_fit(numbers, reason):
    """A missing, an unknown and an impossible number are each named."""
    with pytest.raises(ExpressionError) as caught:
        parse_expression("w*x").evaluate(**numbers)
    assert caught.value.reason.startswith(reason)


def test_equal_texts_are_equal_expressions():
    """Expressions compare, hash and print by their text."""
    expression = parse_expression("w * x")
    assert expression == parse_expression("w * x") != parse_expression("w + x")
    assert len({expression, parse_expression("w * x")}) == 1
    assert repr(expression) == "Expression(text='w * x')"
    assert pickle.loads(pickle.dumps(expression)).evaluate(w=2.0, x=3.0)[0].data == 6.0


def test_an_expression_that_is_no_string_is_a_type_error():
    """Bytes or numbers are not read as text."""
    with pytest.raises(TypeError, match="an expression is a string, got a bytes"):
        parse_expression(b"x")


def test_an_expression_error_survives_pickling():
    """The error crosses process borders with its place."""
    with pytest.raises(ExpressionError) as caught:
        parse_expression("x +")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.column) == (str(caught.value), caught.value.column)


def test_max_and_min_are_maximum_and_minimum() -> None:
    """What explanations print as max(x, 3) can be typed as that."""
    root, _ = parse_expression("max(x, 3) + min(x, 3)").evaluate(x=2.0)
    assert root.data == 5.0
    assert [node.op.name for node in root.inputs if node.op] == ["maximum", "minimum"]


def test_a_second_name_leaves_the_first_on_the_node() -> None:
    """In "a = x*y; b = a; b + 1" the product is called a."""
    root, _ = parse_expression("a = x*y; b = a; b + 1").evaluate(x=2.0, y=3.0)
    assert [node.label for node in topological_order(root) if node.op is not None] == ["a", None]
