"""Rules as people read them: parentheses that change nothing, and the same rule in every notation."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autoback.engine.formula import FUNCTIONS, evaluate, fold, parse
from autoback.engine.functions import FUNCTIONS as ROWS
from autoback.engine.operations import OPERATIONS
from autoback.engine.value import Value, record
from autoback.view.notation import LATEX, MATHML, TEXT
from autoback.view.phrases import ATOM, FormulaReader, Phrase, spelled
from autoback.view.rules import character, partial_rule, value_rule

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
LANGUAGE = {
    name: getattr(math, name) for name in ("exp", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "atan", "tanh", "erf", "erfc")
}
LANGUAGE |= {"floor": math.floor, "π": math.pi}
LANGUAGE |= {"abs": abs, "max": max, "min": min}


def understood(text: str, names: dict[str, float]) -> float:
    """The number that a reader finds who knows the usual precedence of mathematics."""
    python = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda power: f"**({power[0].translate(SUPERSCRIPTS)})", text)
    python = re.sub(r"\|([^|]*)\|", r"abs(\1)", python)
    python = re.sub(r"√([\w.]+)", r"sqrt(\1)", python).replace("√(", "sqrt(")
    for mark, operator in {"·": "*", "×": "*", "−": "-", "^": "**", ", else": " else", " = ": " == ", "≥": ">=", "≤": "<="}.items():
        python = python.replace(mark, operator)
    rows = {name: row for name, row in ROWS.items() if name not in LANGUAGE}  # a phrase may be called softplus(x)
    return float(eval(python, {**rows, **LANGUAGE, **names}))


def phrases(children):
    calls = [name for name, arity in FUNCTIONS.items() if arity == 1 and name != "abs"]
    pairs = st.tuples(children, st.sampled_from("+-*/"), children).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
    return st.one_of(
        pairs,
        pairs,  # twice, as they are where parentheses go wrong
        children.map(lambda inner: f"(-{inner})"),
        st.tuples(st.sampled_from(calls), children).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["maximum", "minimum", "pow"]), children, children).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
        st.tuples(children, st.sampled_from([">", ">=", "<", "<=", "=="]), children, children, children).map(
            lambda p: f"where({p[0]} {p[1]} {p[2]}, {p[3]}, {p[4]})"
        ),
    )


formulas = st.recursive(st.sampled_from(["x", "y", "out", "abs(x)", "2.0", "1.0", "0.5", "3.0"]), phrases, max_leaves=7)


@settings(max_examples=1000)
@given(formulas)
def test_parentheses_never_change_a_formula(text):
    """A formula read back from its text means the same number, whatever was nested in whatever."""
    names = {"x": 0.75, "y": 1.25, "out": 0.4}
    tree = parse(text)
    expected = evaluate(tree, names)
    assume(math.isfinite(expected) and abs(expected) < 1e12)
    bindings = {name: Phrase(name, ATOM) for name in names}
    shown = fold(tree, FormulaReader(TEXT, bindings)).text
    try:
        found = understood(shown, names)
    except (ArithmeticError, TypeError, ValueError):  # Python takes negative numbers to broken powers, into the complex plane
        assume(False)
    assert math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-9), shown


@given(formulas)
def test_every_notation_is_well_formed(text):
    """LaTeX has balanced braces, and MathML is XML whose fractions and powers have two parts."""
    tree = parse(text)
    for notation in (LATEX, MATHML):
        shown = fold(tree, FormulaReader(notation, {name: Phrase(notation.symbol(name), ATOM) for name in ("x", "y", "out")})).text
        if notation is LATEX:
            plain = shown.replace(r"\{", "").replace(r"\}", "")
            assert plain.count("{") == plain.count("}")
            assert plain.count(r"\left") == plain.count(r"\right")
            continue
        for element in ET.fromstring(f"<math>{shown}</math>").iter():
            if element.tag in ("mfrac", "msup", "msub"):
                assert len(element) == 2


@pytest.mark.parametrize(
    ("formula", "text", "latex"),
    [
        ("1.0 - out * out", "1 − out²", r"1 - {o}^{2}"),
        ("x * (y + 1.0)", "x · (y + 1)", r"x \cdot \left(y + 1\right)"),
        ("x - (y - 1.0)", "x − (y − 1)", r"x - \left(y - 1\right)"),
        ("x / y / 2.0", "(x / y) / 2", r"\frac{\frac{x}{y}}{2}"),
        ("-out / y", "−out / y", r"-\frac{o}{y}"),
        ("x + -y", "x + (−y)", r"x + \left(-y\right)"),
        ("pow(x, y - 1.0)", "x^(y − 1)", r"{x}^{y - 1}"),
        ("pow(-x, 2.0)", "(−x)²", r"{\left(-x\right)}^{2}"),
        ("exp(-x)", "exp(−x)", "e^{-x}"),
        ("sqrt(x + 1.0)", "√(x + 1)", r"\sqrt{x + 1}"),
        ("log1p(x)", "log(1 + x)", r"\log\left(1 + x\right)"),
        ("-expm1(-out)", "−(exp(−out) − 1)", r"-\left(e^{-o} - 1\right)"),
        ("where(x >= y, 1.0, 0.0)", "1 if x ≥ y, else 0", r"\begin{cases} 1 & \text{if } x \ge y \\ 0 & \text{otherwise} \end{cases}"),
        ("where(x > y, where(x > 1.0, 1.0, 0.0), 2.0)", "(1 if x > 1, else 0) if x > y, else 2", None),
    ],
)
def test_formulas_look_as_people_write_them(formula, text, latex):
    """Squares, fractions, minus signs and cases have their usual form."""
    tree = parse(formula)
    assert fold(tree, FormulaReader(TEXT, {name: Phrase(name, ATOM) for name in ("x", "y", "out")})).text == text
    if latex is not None:
        assert fold(tree, FormulaReader(LATEX, {name: Phrase(name[0], ATOM) for name in ("x", "y", "out")})).text == latex


def labelled(node):
    """A node by its label, a number without one by itself."""
    return Phrase(node.label, ATOM) if node.label else spelled(node.data, TEXT)


def operands(row):
    low, high = row.domain
    count = row.arity * (3 if row.nary else 1)
    return tuple(Value(low + (high - low) * (k + 1) / (count + 1), f"{'xyz'[k % 3]}{k}") for k in range(count))


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=list(OPERATIONS))
def test_every_rule_in_symbols_gives_its_number(row):
    """For every row the rule in symbols, worked out by a reader, is the number that the engine recorded."""
    node = record(row, operands(row))
    node.label = "out"
    names = {below.label: below.data for below in (*node.inputs, node)}

    def number(value):
        return spelled(value.data, TEXT)

    rule = value_rule(node, labelled, number)
    assert math.isclose(understood((rule.definition or rule.symbols).text, names), node.data, rel_tol=1e-9)
    for k in range(len(node.inputs) - row.constants):
        partial = partial_rule(node, k, labelled, number)
        assert math.isclose(understood(partial.symbols.text, names), node.partials[k], rel_tol=1e-9, abs_tol=1e-12)
        assert math.isclose(understood(partial.numbers.text, {}), node.partials[k], rel_tol=0.01, abs_tol=0.01)


def test_a_leaf_has_no_rule():
    """Nothing computed a leaf, and the error says so."""
    with pytest.raises(ValueError, match="w is a leaf: nothing computed it"):
        partial_rule(Value(1.0, "w"), 0, labelled, labelled)


def test_a_long_sum_is_shown_by_its_ends():
    """Of many terms the first two and the last are written."""
    total = record(OPERATIONS["sum"], tuple(Value(float(k), f"t{k}") for k in range(1, 10)))
    assert value_rule(total, labelled, labelled).symbols.text == "t1 + t2 + … + t9"


@pytest.mark.parametrize(
    ("verb", "rows"),
    [
        ("distributes", {"add", "sub", "neg", "sum"}),
        ("swaps", {"mul", "dot"}),
        ("routes", {"maximum", "minimum", "relu", "where", "clip"}),
        ("is flat", {"greater", "greater_equal", "equal", "floor"}),
    ],
)
def test_what_an_operation_does_to_a_gradient_is_read_from_its_row(verb, rows):
    """Sums distribute, products swap, choices route, comparisons stop; everything else scales."""
    assert {name for name, row in OPERATIONS.items() if character(row).startswith(verb)} == rows
