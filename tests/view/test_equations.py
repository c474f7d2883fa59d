"""Every equation that is shown is true: in explanations and in the worksheet's key, between all the equals signs of a line."""

import html
import math
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given, settings

from autoback import Value, explain, topological_order, worksheet
from autoback.text import short
from tests.graphs import Program, programs
from tests.view.graphs import neuron, xor_sample

NAMES = {name: getattr(math, name) for name in ("sin", "cos", "tan", "atan", "tanh", "exp", "log", "sqrt", "log1p", "expm1")}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def evaluated(part: str) -> tuple[float, float] | None:
    """(number, size of its terms) of a piece of an equation that is arithmetic alone; None of any other."""
    text = part.strip().rstrip(".;,").replace("−", "-").replace("×", "*").replace("·", "*").replace("\u2061", "")
    text = re.sub(r"([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda match: f"**({match[1].translate(SUPERSCRIPTS)})", text)
    words = set(re.findall(r"[^\W\d_]\w*", re.sub(r"\d[\d.]*e[-+]?\d+", "", text)))
    if not text or not words <= set(NAMES) or re.search(r"[^\w\s.()+\-*/,]", text):
        return None
    try:
        number = eval(text, {"__builtins__": {}}, NAMES)
        size = eval(text.replace(" - ", " + ").replace("(-", "("), {"__builtins__": {}}, NAMES)
    except (SyntaxError, ArithmeticError, ValueError, TypeError):
        return None
    return float(number), max(abs(number), abs(size))


def lines(text: str) -> list[str]:
    """The lines of a text, those that go on with a sign joined to the one before."""
    return re.sub(r"(?<=[+×=≈·])\n\s+|\n\s+(?=[=≈+×·])", " ", text).splitlines()


def sides(line: str) -> list[tuple[str, str]]:
    """What follows the first equals sign of a line: each side with the sign before it."""
    parts = re.split(r" ([=≈]) ", line)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def false_equations(text: str) -> list[str]:
    """The lines in which two numbers around a = are written differently, or two around a ≈ differ by more than their digits allow."""
    wrong = []
    for line in lines(text):
        numbers = [(sign, *found) for sign, part in sides(line) if (found := evaluated(part)) is not None]
        for (_, a, size_a), (sign, b, size_b) in pairwise(numbers):
            apart = abs(a - b) / max(size_a, size_b, 1e-300)
            if (short(a) != short(b) and apart > 1e-12) if sign == "=" else (a == b or abs(a - b) > 4e-3 * max(size_a, size_b, 1e-6)):
                wrong.append(line.strip())
                break
    return wrong


def equations(text: str) -> int:
    """How many lines have at least two numbers to compare."""
    return sum(len([part for _, part in sides(line) if evaluated(part)]) > 1 for line in lines(text))


def key(page: str) -> str:
    """The words of a worksheet's key, a line for each block."""
    text = re.sub(r"<(style|script).*?</\1>", "", page[page.index("Answer key") :], flags=re.DOTALL)
    text = re.sub(r"</?(p|li|div|tr|section|ol|ul|h\d|svg|text|g)\b[^>]*>", "\n", text)
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def last_numbers(text: str, of: str) -> Iterator[float]:
    """What is behind the last = or ≈ of the lines that begin with a name."""
    for line in lines(text):
        if line.partition(" = ")[0].strip() == of and (found := evaluated(sides(line)[-1][1])):
            yield found[0]


def recorded(program: Program) -> tuple[Value, list[Value]]:
    leaves = [Value(number, name) for number, name in zip(program.at, "pqrs", strict=False)]
    root = program(*leaves) * 1.5
    root.label = "L"
    root.backward()
    return root, leaves


@given(programs(most_steps=6))
@settings(max_examples=40)
def test_every_equation_of_an_explanation_is_true(program: Program) -> None:
    """Forward, along the paths and backward: what stands between the equals signs of a line is one number."""
    root, _ = recorded(program)
    assert false_equations(str(explain(root))) == []


@given(programs(most_steps=6))
@example(Program((0.0, 0.0, 0.0, 0.0), (("pow", (0, 1, 0, 0)), ("add", (0, 0, 0, 0)), ("div", (0, 16, 0, 0)))))  # a long line
@settings(max_examples=40)
def test_an_explanation_ends_at_the_gradient(program: Program) -> None:
    """The sum over the paths, and the last sentence, give the gradient that `backward` gives."""
    root, leaves = recorded(program)
    for leaf in leaves:
        if leaf.grad is None or leaf.op is not None or leaf not in topological_order(root):
            continue
        text = str(explain(root, wrt=leaf))
        said = re.search(rf"So ∂L/∂{leaf.label} = ([^ ,:]+)[,:]", text)
        if said:
            assert evaluated(said[1])[0] == pytest.approx(leaf.grad, rel=2e-3, abs=1e-9), text
        sums = [line for line in lines(text) if line.partition(" = ")[0].strip() == f"∂L/∂{leaf.label}" and " + " in line]
        for line in sums:
            assert evaluated(sides(line)[-1][1])[0] == pytest.approx(leaf.grad, rel=2e-3, abs=1e-9), line


@given(programs(most_steps=6))
@settings(max_examples=40)
def test_every_equation_of_a_worksheet_s_key_is_true(program: Program) -> None:
    """The key multiplies the numbers of the right edges, and adds up to the gradient."""
    root, leaves = recorded(program)
    text = key(worksheet(root).html)
    assert false_equations(text) == []
    for leaf in leaves:
        for number in last_numbers(text, f"∂L/∂{leaf.label}"):
            assert number == pytest.approx(leaf.grad, rel=2e-3, abs=1e-9)


@pytest.mark.parametrize("make", [neuron, xor_sample], ids=["neuron", "xor"])
def test_there_are_equations_to_judge(make) -> None:
    """The reader of equations finds them: at least one a node in the explanation, and one a node in the key."""
    root = make()
    root.backward()
    assert equations(str(explain(root))) >= 4
    assert equations(key(worksheet(root).html)) >= 4


@pytest.mark.parametrize(
    "line",
    [
        "∂y/∂x = 3 = 6", "∂L/∂y = 1 × 4 = 3", "∂a/∂z = 1 − 0.964² = 0.07065", "∂L/∂w = 2 × 3 ≈ 6",
        "v = w · x = 3 × 2 = 5", "∂y/∂x = 6 + (−0.8323) + 6 = 12.08", "v₂ = sin(x) = sin(2) = 0.8",
    ],
)  # fmt: skip
def test_a_false_equation_is_noticed(line: str) -> None:
    """The judge can fail: a dropped term, another factor, another number."""
    assert false_equations(line) == [line]
    assert false_equations("∂y/∂x = 6 + (−0.8323) + 6 + 0.9093 = 12.08\n∂a/∂z = 1 − 0.964² ≈ 0.07065") == []
