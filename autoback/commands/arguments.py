"""What the commands that take an expression have in common: EXPR NAME=NUMBER ..., and where results go."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from autoback.commands import USAGE
from autoback.engine.value import Value
from autoback.expression import Expression, ExpressionError, parse_expression
from autoback.files import write_atomically

__all__ = ["LANGUAGE", "Question", "add_expression", "ending", "on_expression", "report", "write"]

LANGUAGE = """\
EXPR knows + - * / **, comparisons, numbers, pi, e and the functions of the
table (autoback operations); any other name is a variable and needs a NUMBER.
Several statements, parted by ; name the steps: "z = w*x + b; a = tanh(z)".
Quote it, for the shell has its own ideas about * and (. When it begins with a
minus sign, give the options first, and write -- before it."""


class Question(NamedTuple):
    """An expression with numbers in it: the root of a fresh graph, and its leaves by name."""

    expression: Expression
    root: Value
    leaves: dict[str, Value]


def add_expression(parser: argparse.ArgumentParser) -> None:
    """Describe EXPR and NAME=NUMBER to argparse."""
    parser.add_argument("expression", metavar="EXPR", help='a formula, such as "L = (tanh(w*x + b) - y)**2"')
    parser.add_argument("numbers", metavar="NAME=NUMBER", nargs="*", help="a number for each variable, such as w=0.5 or x=pi/2")


def on_expression(arguments: argparse.Namespace, work: Callable[[Question], int]) -> int:
    """The exit code of `work` on the expression that was typed; 2, and a finger on the mistake, when it cannot be read."""
    try:
        expression = parse_expression(arguments.expression)
        root, leaves = expression.evaluate(**_numbers(arguments.numbers))
        return work(Question(expression, root, leaves))
    except ExpressionError as error:
        print(f"autoback: {error}", file=sys.stderr)
        return USAGE


def _numbers(words: list[str]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for word in words:
        name, equals, text = (part.strip() for part in word.partition("="))
        if not (name.isidentifier() and equals and text):
            raise ExpressionError(f"expected NAME=NUMBER, such as x=2, got {word!r:.60}")
        if name in numbers:
            raise ExpressionError(f"{name} is given twice, as {numbers[name]:g} and as {text:.20}")
        try:
            numbers[name] = parse_expression(text).evaluate()[0].data
        except ExpressionError:
            raise ExpressionError(f"{name} needs a number, such as {name}=2 or {name}=pi/2, got {text!r:.60}") from None
    return numbers


def ending(*allowed: str) -> Callable[[str], Path]:
    """An argparse type: a file name with one of these endings, in a folder that exists."""

    def path(name: str) -> Path:
        if Path(name).suffix.lower() not in allowed:
            raise argparse.ArgumentTypeError(f"the name must end in {' or '.join(allowed)}, got {name!r:.60}")
        if not Path(name).absolute().parent.is_dir():
            raise argparse.ArgumentTypeError(f"there is no folder {Path(name).parent}; create it first")
        return Path(name)

    return path


def write(path: Path | None, text: str) -> None:
    """A text into a file, whole or not at all, saying so on stderr; or on stdout when there is no path."""
    if path is None:
        print(text, end="" if text.endswith("\n") else "\n")
    else:
        report(write_atomically(path, text))


def report(path: Any) -> None:
    """Say which file was written."""
    print(f"wrote {path}", file=sys.stderr)
