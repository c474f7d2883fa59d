"""The table of operations as a document to look things up in: `docs/operations.md`."""

from collections.abc import Iterator, Mapping

from autoback.engine.formula import fold, parse
from autoback.engine.operations import OPERATIONS, Operation
from autoback.view.notation import TEXT, short
from autoback.view.rules import ATOM, FormulaReader, Phrase, character

__all__ = ["reference"]

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
    - the row: `tanh(x)` with partials `1.0 - out * out`
    - tests sample −2 … 2
    <BLANKLINE>
    """
    head = ("", "## All of them", "", "| name | symbol | out | ∂out/∂x, ∂out/∂y, … |", "|---|---|---|---|")
    sections = [line for row in operations.values() for line in ("", f"## {row.name}", "", *_section(row))]
    return "\n".join([_INTRODUCTION, *head, *map(_line, operations.values()), *sections, ""])


def _line(row: Operation) -> str:
    partials = "; ".join(_partials(row).values())
    cells = (f"[{row.name}](#{row.name})", row.symbol, _value(row), partials)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _section(row: Operation) -> Iterator[str]:
    yield f"- out = {_value(row)}"
    for name, rule in _partials(row).items():
        yield f"- ∂out/∂{name} = {rule}"
    if row.constants:
        yield f"- {', '.join('xyz'[row.arity - row.constants : row.arity])} is a constant and gets no gradient"
    yield f"- it {character(row)}"
    if row.convention:
        yield f"- convention: {row.convention}"
    if row.elementary:
        yield f"- elementary: {_elementary(row)}"
    if row.hint:
        yield f"- way out: {row.hint}"
    yield f"- the row: `{row.value}` with partials {', '.join(f'`{partial}`' for partial in row.partials)}"
    lo, hi = row.domain
    yield f"- tests sample {short(lo)} … {short(hi)}"


def _reader(row: Operation) -> FormulaReader:
    each = "ᵢ" if row.nary else ""
    bindings = {name: Phrase(name + each, ATOM) for name in "xyz"} | {"out": Phrase("out", ATOM)}
    return FormulaReader(TEXT, bindings)


def _value(row: Operation) -> str:
    return "Σᵢ " * row.nary + fold(row.trees[0], _reader(row)).text


def _partials(row: Operation) -> dict[str, str]:
    each = "ᵢ" if row.nary else ""
    variables = row.arity - row.constants
    return {name + each: fold(tree, _reader(row)).text for name, tree in zip("xyz"[:variables], row.trees[1], strict=False)}


def _elementary(row: Operation) -> str:
    text = row.elementary or ""
    if text.startswith("sum("):
        return f"Σᵢ {fold(parse(text[4:-1]), _reader(row)).text}, added from the left"
    if row.nary:
        return "one addition after the other, from the left"
    return fold(parse(text), _reader(row)).text
