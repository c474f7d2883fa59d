"""The table as C: a reader of formulas, and `rows`, which writes every row's value and partials as one C function."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from autoback.engine.choice import described, sources
from autoback.engine.formula import fold, names
from autoback.engine.operation import Operation

__all__ = ["CReader", "rows"]


class CReader:
    """A formula as an expression in C, which needs `formula.h`.

    bindings: what the names x, y, z, out are called in C, if not so
    watched:  let the expression set `trap` where Python's math module or division would raise
    """

    def __init__(self, bindings: Mapping[str, str] | None = None, *, watched: bool = False) -> None:
        self.bindings: Mapping[str, str] = bindings or {}
        self.watched = watched

    def number(self, value: float) -> str:
        return repr(value)

    def name(self, name: str) -> str:
        return self.bindings.get(name, name)

    def negate(self, operand: str) -> str:
        return f"(-{operand})"

    def binary(self, symbol: str, left: str, right: str) -> str:
        if symbol == "/" and self.watched:
            return f"ratio({left}, {right}, &trap)"
        return f"({left} {symbol} {right})"

    def compare(self, symbol: str, left: str, right: str) -> str:
        return f"({left} {symbol} {right})"

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "where":
            condition, yes, no = arguments
            return f"({condition} ? {yes} : {no})"
        called = f"autoback_{function}({', '.join(arguments)})"
        return f"sure({called}, &trap)" if self.watched and function not in ("abs", "floor", "maximum", "minimum") else called


def rows(table: Iterable[Operation]) -> str:
    """The file rows.h: for each row a function that computes its value and partials, and a list of them all."""
    table = list(table)
    entries = [f'    {{"{row.name}", {row.arity}, {int(row.nary)}, {row.name}_row, NULL}},' for row in table]
    text = described(table).replace("\\", "\\\\").replace('"', '\\"').splitlines()
    return "\n".join([
        "/* Written from the table by reader.py. Each function is `Operation.forward` of its row: it gives 0, or 1",
        "   where the value, a partial or an operand is not finite, or where Python's math would have raised. */",
        "",
        *(line for row in table for line in _function(row)),
        "enum {",
        *(f"    {row.name.upper()}_ROW," for row in table),
        "};",
        "",
        "static Row table[] = {",
        *entries,
        "};",
        "",
        "static const char described[] =",
        *(f'    "{line}{chr(92) + "n" if k < len(text) else ""}"' for k, line in enumerate(text, 1)),
        "    ;",
        "",
        f'static const char sources[] = "{sources()}";',
        "",
    ])  # fmt: skip


def _function(row: Operation) -> Iterator[str]:
    value, partials = row.term, row.slopes
    reader = CReader(watched=True)
    used = {name for tree in (value, *partials) for name in names(tree)}
    yield f"/* {row.name}: {row.value}; partials {', '.join(row.partials)} */"
    yield f"static int {row.name}_row(const double *in, Py_ssize_t terms, double *result, double *p)"
    yield "{"
    yield "    int trap = 0;"
    suspects = ["out"]
    # The result and the partials may be finite though an operand is not: 1 / inf, tanh(inf), max(2, nan).
    if any(isinstance(part, (ast.Call, ast.Compare, ast.Div)) for part in ast.walk(value)):
        suspects += names(value)
    if row.nary:
        yield "    double out = 0.0, zero = 0.0;"
        yield "    for (Py_ssize_t k = 0; k < terms; k++) {"
        yield from (f"        const double {v} = in[{f'{k} * terms + ' * (k > 0)}k];" for k, v in enumerate(row.letters) if v in used)
        yield f"        const double term = {fold(value, reader)};"
        yield "        out = k ? out + term : term; /* a plain fold from the left */"
        for k, partial in enumerate(partials):
            yield f"        p[{f'{k} * terms + ' * (k > 0)}k] = {fold(partial, reader)};"
            if not isinstance(partial, ast.Name) and names(partial):
                suspects.append(f"p[{f'{k} * terms + ' * (k > 0)}k]")
        yield from (f"        zero += {suspect} * 0.0;" for suspect in suspects[1:])
        yield "    }"
        test = "zero + out * 0.0"
    else:
        yield "    (void)terms;"
        yield from (f"    const double {v} = in[{k}];" for k, v in enumerate(row.letters) if v in used)
        yield f"    const double out = {fold(value, reader)};"
        for k, partial in enumerate(partials):
            yield f"    p[{k}] = {fold(partial, reader)};"
            if not isinstance(partial, ast.Name) and names(partial):
                suspects.append(f"p[{k}]")
        test = " + ".join(f"{suspect} * 0.0" for suspect in suspects)
    yield "    *result = out;"
    yield f"    return trap || {test} != 0.0; /* only a finite number times 0 is 0 */"
    yield "}"
    yield ""
