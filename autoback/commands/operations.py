"""`autoback operations`: the table of operations, one row of it, or all of it as the page `docs/operations.md`."""

import argparse
import ast
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from textwrap import wrap
from typing import Any, NamedTuple

from autoback.commands import SUCCESS, USAGE
from autoback.engine.formula import fold, parse
from autoback.engine.operations import OPERATIONS, Operation
from autoback.text import columns, short
from autoback.view.notation import TEXT
from autoback.view.phrases import ATOM, FormulaReader, Phrase
from autoback.view.rules import character

__all__ = ["add", "reference", "run"]

_DESCRIPTION = """\
Print the table in which every operation is one row: what it computes, and its
derivative with respect to each input. Everything else is read from these rows:
the engine, gradients of gradients, compiled code, lessons and explanations."""

_EXAMPLES = """\
examples:
  autoback operations            the whole table
  autoback operations tanh       one row: its rule, its conventions, and the
                                 Python function that is generated from it
  autoback operations --markdown the reference of the documentation"""

_ROOM = 26  # columns for what an operation computes

_INTRODUCTION = """\
# Operations

Every operation is one row of [the table](../autoback/engine/operations.py), and this page is made from the rows:
`python -m tests.regenerate` rewrites it. Each is a function `autoback.NAME(...)` on Values or plain numbers and, unless it
takes sequences, a method of Value; `+ - * / **`, unary minus and `abs()` are rows too.

x, y and z are the inputs in order, *out* is the result. What a row says is all that is known of an operation anywhere:

```python
>>> from autoback import OPERATIONS
>>> row = OPERATIONS["tanh"]
>>> row.value, row.partials
('tanh(x)', ('1.0 - out * out',))
>>> row.forward(0.0)
(0.0, (1.0,))

```

Outside its domain, and where a result or a derivative would not be a finite number, an operation raises `OperationError`,
which names it, its operands and a way out. The lines *tests sample* say from which interval the tests draw inputs."""


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    parser = subparsers.add_parser("operations", help="print the table of operations", description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("name", metavar="NAME", nargs="?", help="one operation, to see all of its row")
    parser.add_argument("--markdown", action="store_true", help="print the table, or the row, as Markdown")


def run(arguments: argparse.Namespace) -> int:
    """Print the table or a row; 0, or 2 for an operation that there is not."""
    if arguments.name is None:
        print(reference() if arguments.markdown else "\n".join(_table()), end="" if arguments.markdown else "\n")
        return SUCCESS
    row = OPERATIONS.get(arguments.name)
    if row is None:
        close = get_close_matches(arguments.name, OPERATIONS, 1)
        advice = f"did you mean {close[0]}?" if close else "autoback operations lists them all"
        print(f"autoback: there is no operation {arguments.name!r:.40}; {advice}", file=sys.stderr)
        return USAGE
    print("\n".join(_section(row) if arguments.markdown else _described(row)))
    return SUCCESS


class _Symbols(NamedTuple):
    """A row in symbols: what it computes, its partials by variable, its elementary definition or ""."""

    value: str
    partials: dict[str, str]
    elementary: str


def _symbols(row: Operation) -> _Symbols:
    """The rules of a row as text; inputs are x, y, z, the i-th terms xᵢ, yᵢ of an n-ary row, and the result is out."""
    index = "ᵢ" if row.nary else ""
    bindings = {name: Phrase(name + index, ATOM) for name in "xyz"} | {"out": Phrase("out", ATOM)}

    def read(tree: ast.expr) -> str:
        return fold(tree, FormulaReader(TEXT, bindings)).text

    partials = {name + index: read(tree) for name, tree in zip(row.variables, row.slopes, strict=False)}
    elementary = row.elementary or ""
    if elementary.startswith("sum("):
        elementary = f"Σᵢ {read(parse(elementary[4:-1]))}, added from the left"
    elif elementary:
        elementary = "one addition after the other, from the left" if row.nary else read(parse(elementary))
    return _Symbols("Σᵢ " * row.nary + read(row.term), partials, elementary)


def _facts(row: Operation) -> dict[str, str]:
    """What else a row says, by the words for it; what it leaves out is not there."""
    low, high = row.domain
    constant = ", ".join(row.letters[len(row.variables) :])
    facts = {
        "constant": f"{constant} gets no gradient" if constant else "",
        "convention": row.convention,
        "elementary": _symbols(row).elementary,
        "way out": row.hint,
        "overflow": row.overflow if row.overflow not in (Operation.overflow, row.hint) else "",
        "tests sample": f"{short(low)} … {short(high)}",
    }
    return {fact: text for fact, text in facts.items() if text}


# For a terminal


def _table() -> list[str]:
    lines = [f"{'operation':13}  {'out':{_ROOM}}  derivative by each input", "─" * 80]
    for row in OPERATIONS.values():
        symbols = _symbols(row)
        start = f"{row.name:13}  {symbols.value}{' ' * (_ROOM - columns(symbols.value))}"
        if columns(symbols.value) > _ROOM:  # then its derivatives begin on the next line
            lines.append(start)
            start = ""
        for partial in symbols.partials.values():
            for part in wrap(partial, 80 - 17 - _ROOM, subsequent_indent="  "):
                lines.append(f"{start:{15 + _ROOM}}  {part}")
                start = ""
    return lines


def _described(row: Operation) -> list[str]:
    symbols = _symbols(row)
    rules = {"out": symbols.value} | {TEXT.derivative("out", name): rule for name, rule in symbols.partials.items()}
    width = max(map(columns, rules))
    facts = {"symbol": row.symbol} | _facts(row) | {"value": row.value, "partials": ", ".join(row.partials)}
    lines = [*wrap(f"{row.name} {character(row)}.", 80), ""]
    for left, right in rules.items():
        lines += wrap(f"  {left}{' ' * (width - columns(left))} = {right}", 80, subsequent_indent=" " * (width + 5))
    lines.append("")
    for fact, text in facts.items():
        lines += wrap(f"  {fact + ':':14} {text}", 80, subsequent_indent=" " * 17, break_on_hyphens=False)
    return [*lines, "", "made from it:", "", *[f"  {line}" for line in row.source.splitlines()]]


# For the documentation


def reference(operations: Mapping[str, Operation] = OPERATIONS) -> str:
    """The reference of the table, as Markdown: an overview, then one section for each row.

    >>> print(reference({"tanh": OPERATIONS["tanh"]}).split("## All")[1])
     of them
    <BLANKLINE>
    | name | symbol | out | ∂out/∂x, ∂out/∂y, … |
    |---|---|---|---|
    | [tanh](#tanh) | tanh | tanh(x) | 1 − out² |
    <BLANKLINE>
    ## tanh
    <BLANKLINE>
    - out = tanh(x)
    - ∂out/∂x = 1 − out²
    - it scales: it multiplies the gradient by its slope at this point
    - elementary: (exp(x) − exp(−x)) / (exp(x) + exp(−x))
    - tests sample: −2 … 2
    - the row: `tanh(x)` with partials `1.0 - out * out`
    <BLANKLINE>
    """
    head = ("", "## All of them", "", "| name | symbol | out | ∂out/∂x, ∂out/∂y, … |", "|---|---|---|---|")
    sections = [line for row in operations.values() for line in ("", *_section(row))]
    return "\n".join([_INTRODUCTION, *head, *map(_line, operations.values()), *sections, ""])


def _line(row: Operation) -> str:
    symbols = _symbols(row)
    cells = (f"[{row.name}](#{row.name})", row.symbol, symbols.value, "; ".join(symbols.partials.values()))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _section(row: Operation) -> Iterator[str]:
    symbols = _symbols(row)
    yield from (f"## {row.name}", "", f"- out = {symbols.value}")
    yield from (f"- ∂out/∂{name} = {rule}" for name, rule in symbols.partials.items())
    yield f"- it {character(row)}"
    yield from (f"- {fact}: {text}" for fact, text in _facts(row).items())
    yield f"- the row: `{row.value}` with partials {', '.join(f'`{partial}`' for partial in row.partials)}"
