"""Rows of the table as JavaScript: one function each, and the formula itself as data for display.

JavaScript numbers are IEEE doubles, so a rule means there what it means here; only `Math.exp` and
its kin may round the last digit differently from one browser to the next.
"""

import json
from collections.abc import Iterable
from typing import Any

from autoback.engine.formula import PythonReader, fold
from autoback.engine.operations import Operation

__all__ = ["JavaScriptReader", "TreeReader", "function", "rules"]

#: The functions of the language that are not plainly JavaScript's own. `maximum` keeps its first
#: operand at a tie, as Python does; C and Python define 1 to any power as 1, JavaScript does not.
#: erf is its series below 1, and erfc its continued fraction from there (Abramowitz & Stegun, 7.1.6 and 7.1.14); x² is taken in
#: two parts, so that its rounding does not show in the exponential.
RUNTIME = """\
const maximum = (x, y) => (x !== x || y !== y ? NaN : y > x ? y : x);
const minimum = (x, y) => (x !== x || y !== y ? NaN : y < x ? y : x);
const pow = (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y));
const floor = (x) => Math.floor(x) + 0;
const erf = (x) => {
  if (Math.abs(x) >= 1) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  let term = x, sum = x;
  for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); k++) sum += term *= 2 * x * x / (2 * k + 1);
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
};
const erfc = (x) => {
  if (x < 1 || x > 28) return x > 28 ? 0 : 1 - erf(x);
  const high = Math.fround(x);
  let t = 0;
  for (let k = 200; k; k--) t = k / 2 / (x + t);
  return Math.exp(-high * high) * Math.exp((high - x) * (high + x)) / Math.sqrt(Math.PI) / (x + t);
};
"""

_OWN = ("maximum", "minimum", "pow", "floor", "erf", "erfc")


class JavaScriptReader(PythonReader):
    """A formula as a JavaScript expression of numbers; names, numbers and arithmetic are written as in Python.

    >>> from autoback.engine.formula import parse
    >>> fold(parse("where(x > 0.0, x, expm1(x))"), JavaScriptReader())
    '(+(x > 0.0) ? x : Math.expm1(x))'
    """

    def compare(self, symbol: str, left: str, right: str) -> str:
        return f"+({left} {'===' if symbol == '==' else symbol} {right})"  # the plus makes a number of true

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "where":
            condition, yes, no = arguments
            return f"({condition} ? {yes} : {no})"
        return f"{function if function in _OWN else f'Math.{function}'}({', '.join(arguments)})"


class TreeReader:
    """A formula as nested lists, for the page to write out with names or with numbers.

    >>> from autoback.engine.formula import parse
    >>> fold(parse("1.0 - out * out"), TreeReader())
    ['-', 1.0, ['*', 'out', 'out']]
    """

    def number(self, value: float) -> Any:
        return value

    def name(self, name: str) -> Any:
        return name

    def negate(self, operand: Any) -> Any:
        return ["neg", operand]

    def binary(self, symbol: str, left: Any, right: Any) -> Any:
        return [symbol, left, right]

    compare = binary

    def call(self, function: str, arguments: list[Any]) -> Any:
        return [function, *arguments]


def function(row: Operation) -> str:
    """The JavaScript function of a row: array of inputs -> [out, array of partials].

    >>> from autoback.engine.operations import OPERATIONS
    >>> print(function(OPERATIONS["tanh"]))
    (v) => {
      const x = v[0];
      const out = Math.tanh(x);
      return [out, [(1.0 - (out * out))]];
    }
    """
    reader = JavaScriptReader()
    value, partials = fold(row.term, reader), [fold(tree, reader) for tree in row.slopes]
    if not row.nary:
        bind = ", ".join(f"{name} = v[{k}]" for k, name in enumerate(row.letters))
        lines = [f"const {bind};", f"const out = {value};", f"return [out, [{', '.join(partials)}]];"]
    else:  # terms are added from the left, one by one, as the engine does
        bind = ", ".join(f"{name} = v[{k} * n + i]" for k, name in enumerate(row.letters))
        stores = " ".join(f"p[{k} * n + i] = {partial};" for k, partial in enumerate(partials))
        lines = [
            f"const n = v.length / {row.arity}, p = new Array(v.length);",
            "let out;",
            f"for (let i = 0; i < n; i++) {{ const {bind}, term = {value}; out = i ? out + term : term; }}",
            f"for (let i = 0; i < n; i++) {{ const {bind}; {stores} }}",
            "return [out, p];",
        ]
    return "\n".join(["(v) => {", *(f"  {line}" for line in lines), "}"])


def rules(rows: Iterable[Operation]) -> str:
    """A JavaScript object `RULES` with, for each row, its function and what the page says about it.

    RULES.mul.run([3, 4]) is [12, [4, 3]]; .value and .partials are the formulas as nested lists.
    """
    entries = []
    for row in rows:
        about = {
            "symbol": row.symbol, "arity": row.arity, "nary": row.nary, "constants": row.constants,
            "value": fold(row.term, TreeReader()), "partials": [fold(tree, TreeReader()) for tree in row.slopes],
            "convention": row.convention, "hint": row.hint,
        }  # fmt: skip
        # Texts of a row may one day contain a '<'; inside a script element it must not open a tag.
        text = json.dumps(about, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        entries.append(f"{json.dumps(row.name)}: {{...{text}, run: {function(row)}}}")
    return RUNTIME + "const RULES = {\n" + ",\n".join(entries) + "\n};\n"
