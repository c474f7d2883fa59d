"""`autoback operations`: the table of operations, or all about one row of it."""

import argparse
import ast
import sys
from difflib import get_close_matches
from textwrap import wrap
from typing import Any

from autoback.commands import SUCCESS, USAGE
from autoback.engine.formula import fold
from autoback.engine.operations import OPERATIONS, Operation
from autoback.view.notation import TEXT, columns
from autoback.view.rules import ATOM, FormulaReader, Phrase, character

__all__ = ["add", "run"]

_DESCRIPTION = """\
Print the table in which every operation is one row: what it computes, and its
derivative with respect to each input. Everything else is read from these rows:
the engine, gradients of gradients, compiled code, lessons and explanations."""

_EXAMPLES = """\
examples:
  autoback operations            the whole table
  autoback operations tanh       one row: its rule, its conventions, and the
                                 Python function that is generated from it"""

_ROOM = 26  # columns for what an operation computes


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    parser = subparsers.add_parser("operations", help="print the table of operations", description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("name", metavar="NAME", nargs="?", help="one operation, to see all of its row")


def run(arguments: argparse.Namespace) -> int:
    """Print the table or a row; 0, or 2 for an operation that there is not."""
    if arguments.name is None:
        print("\n".join(_table()))
        return SUCCESS
    row = OPERATIONS.get(arguments.name)
    if row is None:
        close = get_close_matches(arguments.name, OPERATIONS, 1)
        advice = f"did you mean {close[0]}?" if close else "autoback operations lists them all"
        print(f"autoback: there is no operation {arguments.name!r:.40}; {advice}", file=sys.stderr)
        return USAGE
    print("\n".join(_described(row)))
    return SUCCESS


def _table() -> list[str]:
    """The rows, each with its rules in symbols; inputs are x, y, z and the result is out."""
    lines = [f"{'operation':13}  {'out':{_ROOM}}  derivative by each input", "─" * 80]
    for row in OPERATIONS.values():
        value, partials = _symbols(row)
        start = f"{row.name:13}  {value}{' ' * (_ROOM - columns(value))}"
        if columns(value) > _ROOM:  # then its derivatives begin on the next line
            lines.append(start)
            start = ""
        for _, partial in partials:
            lines.append(f"{start:{15 + _ROOM}}  {partial}")
            start = ""
    return lines


def _symbols(row: Operation) -> tuple[str, list[tuple[str, str]]]:
    """What a row computes, and its partials by name, as text in symbols."""
    letters = "xyz"[: row.arity]

    def read(tree: ast.expr, index: str) -> Phrase:
        bindings = {letter: Phrase(letter + index, ATOM) for letter in letters}
        return fold(tree, FormulaReader(TEXT, {**bindings, "out": Phrase("out", ATOM)}))

    value, index = read(row.trees[0], "").text, ""
    if row.nary:
        value, index = " + ".join(read(row.trees[0], i).text if i else "…" for i in ("₁", "₂", "", "ₙ")), "ₖ"
    changing = row.arity - row.constants
    partials = zip(letters[:changing], row.trees[1][:changing], strict=True)
    return value, [(TEXT.derivative("out", letter + index), read(tree, index).text) for letter, tree in partials]


def _described(row: Operation) -> list[str]:
    value, partials = _symbols(row)
    rules = [("out", value), *partials]
    width = max(columns(left) for left, _ in rules)
    low, high = row.domain
    facts = {
        "symbol": row.symbol,
        "convention": row.convention,
        "way out": row.hint,
        "made of": row.elementary or "",
        "tested on": f"{low:g} … {high:g}",
        "value": row.value,
        "partials": ", ".join(row.partials),
    }
    lines = wrap(f"{row.name} {character(row)}.", 80)
    lines += ["", *[f"  {left}{' ' * (width - columns(left))} = {right}" for left, right in rules], ""]
    for fact, text in facts.items():
        if text:
            lines += wrap(f"  {fact + ':':12} {text}", 80, subsequent_indent=" " * 15, break_on_hyphens=False)
    return [*lines, "", "made from it:", "", *[f"  {line}" for line in row.source.splitlines()]]
