"""Rows of the table as JavaScript: the same numbers as in Python, run by node and, in test_browser, by Chromium."""

import json
import math
import random
import shutil
import subprocess
from random import Random

import pytest

from autoback.engine.formula import evaluate
from autoback.engine.functions import FUNCTIONS
from autoback.engine.operations import OPERATIONS, Operation, OperationError
from autoback.engine.value import Value, record
from autoback.text import short
from autoback.view.pages.javascript import function, rules
from autoback.view.pages.page import described, read
from autoback.view.snapshot import Snapshot

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no node on the PATH; test_browser runs the same rules in Chromium")
EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, 30.0, -30.0, 709.0, 710.0, -746.0, 1e-300, 1e300)


def samples(row: Operation, n: int = 40) -> list[list[float]]:
    """Random inputs over the domain of a row, ties among them, and every pair of edge cases it is defined at."""
    draw = Random(row.name)
    length = row.arity * 3 if row.nary else row.arity
    points = [[draw.uniform(*row.domain) for _ in range(length)] for _ in range(n)]
    points += [[x] * length for x in (0.75, 1.0)]
    return points + [[a] + [b] * (length - 1) for a in EDGES for b in EDGES]


def expected(row: Operation, point: list[float]) -> list[float]:
    """What a row means: its formulas under IEEE rules."""
    if row.nary:
        n = len(point) // row.arity
        rows = [dict(zip("xyz", each, strict=False)) for each in zip(*(point[k * n : k * n + n] for k in range(row.arity)), strict=True)]
        out = 0.0
        for k, each in enumerate(rows):
            out = out + evaluate(row.term, each) if k else evaluate(row.term, each)
        return [out, *(evaluate(partial, each) for partial in row.slopes for each in rows)]
    known = dict(zip("xyz", point, strict=False))
    known["out"] = evaluate(row.term, known)
    return [known["out"], *(evaluate(partial, known) for partial in row.slopes)]


def script(rows: list[Operation]) -> str:
    """JavaScript that evaluates to {row: [[out, ...partials], ...]} with numbers as text, since JSON has no NaN."""
    points = {row.name: [list(map(repr, point)) for point in samples(row)] for row in rows}
    return (
        f"(() => {{ {rules(rows)} const points = {json.dumps(points)}; return JSON.stringify(Object.fromEntries(Object.entries(points).map("
        "([name, list]) => [name, list.map((p) => { const [out, partials] = RULES[name].run(p.map(Number)); return [out, ...partials].map("
        "(x) => Object.is(x, -0) ? '-0' : String(x).replace('Infinity', 'inf')); })]))); })()"
    )


def assert_same(rows: list[Operation], answer: str) -> None:
    """Equal to Python's for arithmetic; where exp and its kin are involved, to a few units in the last place."""
    computed = json.loads(answer)
    for row in rows:
        for point, got in zip(samples(row), computed[row.name], strict=True):
            for mine, other in zip(expected(row, point), map(float, got), strict=True):
                if math.isnan(mine):
                    assert math.isnan(other), (row.name, point, mine, other)
                elif not math.isclose(mine, other, rel_tol=4e-15, abs_tol=1e-320):
                    # Near a root of a function, the last digit of an inner exp or out becomes a leading one.
                    assert abs(mine - other) <= 4e-16, (row.name, point, mine, other)


@needs_node
def test_every_row_computes_the_same_in_node() -> None:
    """Results and partials of every row agree over its domain, at ties, and at the edges of double precision."""
    rows = list(OPERATIONS.values())
    assert_same(rows, _node(f"console.log({script(rows)})"))


@needs_node
def test_rows_of_plain_arithmetic_are_bit_for_bit_the_same() -> None:
    """Where no transcendental function takes part, not one bit differs."""
    names = ("add", "sub", "mul", "div", "neg", "relu", "leaky_relu", "maximum", "minimum", "where", "sum", "dot")
    plain = [OPERATIONS[name] for name in names]
    computed = json.loads(_node(f"console.log({script(plain)})"))
    for row in plain:
        for point, got in zip(samples(row), computed[row.name], strict=True):
            assert [repr(x) for x in expected(row, point)] == [repr(float(x)) for x in got], (row.name, point)


@needs_node
def test_numbers_are_shortened_in_the_page_as_in_python() -> None:
    """The page and every other view write a number with the same characters."""
    draw = random.Random(0)
    numbers = [draw.choice((-1, 1)) * draw.uniform(1, 10) * 10.0 ** draw.randint(-12, 12) for _ in range(3000)]
    numbers += [0.0, -0.0, 1.0, -2.0, 0.1 + 0.2, 0.99995, 1e-4, 9.99999e-5, 999999.0, 1e6, 1e300, 5e-324, math.pi]
    words = read("words.js")
    code = f"{words}\nconsole.log(JSON.stringify({json.dumps(numbers)}.map(short)))"
    assert json.loads(_node(code)) == [short(x) for x in numbers]


@needs_node
@pytest.mark.parametrize(
    ("text", "number"),
    [("0.25", 0.25), (" −1,5 ", -1.5), ("1/4", 0.25), ("-1/4", -0.25), ("2e-3", 2e-3), ("1.2×10⁻⁷", 1.2e-7), ("3*10^2", 300.0), ("", None),
     ("x", None), ("1/2/3", None), ("1 2", None)],
)  # fmt: skip
def test_answers_are_read_as_people_type_them(text: str, number: float | None) -> None:
    """Commas, real minus signs, fractions and powers of ten are all understood; the rest is no number."""
    words = read("words.js")
    got = json.loads(_node(f"{words}\nconsole.log(JSON.stringify(typed({json.dumps(text)})))"))
    assert got is None if number is None else got == pytest.approx(number, rel=1e-15)


@needs_node
def test_random_graphs_run_forward_and_backward_as_in_python() -> None:
    """Sixty random graphs over the whole table, of shared and repeated inputs, give Python's values and gradients."""
    graphs = [random_graph(Random(seed)) for seed in range(60)]
    pages = [Snapshot(root) for root in graphs]
    code = rules(OPERATIONS.values()) + read("graph.js") + (
        f"console.log(JSON.stringify({json.dumps([[described(page, k) for k in range(len(page.nodes))] for page in pages])}"
        ".map((nodes) => { const g = new Graph(nodes); return [g.value, g.gradient]; })))"
    )  # fmt: skip
    for page, (values, gradients) in zip(pages, json.loads(_node(code)), strict=True):
        assert values == pytest.approx([node.value for node in page.nodes], rel=1e-12)
        assert gradients == pytest.approx([node.gradient for node in page.nodes], rel=1e-11, abs=1e-12)


def random_graph(draw: Random) -> Value:
    """A graph of about twenty nodes whose numbers stay within every row's domain."""
    nodes = [Value(draw.uniform(0.5, 1.5), f"x{k}") for k in range(4)]
    while len(nodes) < 24:
        row = draw.choice(list(OPERATIONS.values()))
        inputs = [draw.choice(nodes) for _ in range(row.arity * (3 if row.nary else 1))]
        if row.constants:
            inputs[-row.constants :] = [Value(draw.choice((0.0, 1.0, 2.0, 0.5)))]
        try:
            made = record(row, tuple(inputs))
        except OperationError:
            continue
        if abs(made.data) < 50.0:
            nodes.append(made)
    return FUNCTIONS["sum"](nodes[4:])


def test_where_becomes_a_choice_and_not_a_call() -> None:
    """Only the branch that is taken is evaluated."""
    assert "where(" not in function(OPERATIONS["where"]) and "?" in function(OPERATIONS["where"])


def test_a_row_s_text_cannot_close_the_script() -> None:
    """A hint with an angle bracket in it does not end the page's script early."""
    assert "</script" not in rules([Operation("odd", "<", "x", ("1.0",), hint="</script>")])


def _node(code: str) -> str:
    assert NODE is not None
    return subprocess.run([NODE, "-"], input=code, capture_output=True, text=True, encoding="utf-8", check=True).stdout
