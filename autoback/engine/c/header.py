"""A recorded graph as a C header: its value and its gradient, for programs without Python."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from autoback.engine.c.reader import CReader
from autoback.engine.formula import fold
from autoback.engine.operation import Operation
from autoback.engine.value import Value, topological_order

__all__ = ["c_header"]


def c_header(output: Value | Sequence[Value], inputs: Value | Sequence[Value], name: str = "f") -> str:
    """The text of a C header with the value and the gradient of a graph, as functions of its inputs.

    output: one Value, or a sequence of m
    inputs: one Value, or a sequence of n, all leaves; every other leaf becomes a constant, with its number of now
    name:   of the function in C; its gradient is NAME_gradient
    Of one Value the header declares `double f(const double *x)` and `double f_gradient(const double *x, double *gradient)`,
    where x and gradient have n numbers; of several `void f(const double *x, double *values)` and
    `void f_gradient(const double *x, double *values, double *gradient)`, where gradient has m × n, row by row.
    It needs nothing but libm. Its numbers are those of `data` and `backward`, to the last bit, where libm is the same and
    the compiler keeps to IEEE (gcc: -ffp-contract=off on processors with fused multiply-add); outside a domain they are nan or infinite.
    A branch that Python took while the graph was made is not in it: use maximum, minimum or where.
    Raises TypeError for what is no Value, ValueError for an input that is no leaf or a name that C does not take.

    >>> x, y = Value(3.0, "x"), Value(4.0, "y")
    >>> print(c_header(x * y + x, [x, y]).partition("static inline double f(")[2].partition("}")[0])
    const double *x)
    {
        double v[2];
        v[0] = (x[0] * x[1]); /* mul */
        v[1] = (v[0] + x[0]); /* add */
        return v[1];
    <BLANKLINE>
    """
    alone = isinstance(output, Value)
    outputs: Sequence[Value] = [output] if isinstance(output, Value) else list(output)
    wanted: Sequence[Value] = [inputs] if isinstance(inputs, Value) else list(inputs)
    for node in (*outputs, *wanted):
        if not isinstance(node, Value):
            raise TypeError(f"c_header(output, inputs) takes Values, got a {type(node).__name__}: {node!r:.40}")
    if not outputs or not wanted:
        raise ValueError("c_header needs at least one output and one input")
    for node in wanted:
        if node.op is not None:
            raise ValueError(f"an input of c_header must be a leaf, got the result of {node.op.name}: {node!r:.60}")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or f" {name} " in _KEYWORDS:
        raise ValueError(f"{name!r} is no name of a function in C")
    return "\n".join(_Writer(outputs, wanted, name).lines(alone=alone)) + "\n"


_KEYWORDS = (
    " auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return "
    "short signed sizeof static struct switch typedef union unsigned void volatile while "
)


class _Writer:
    """Each node has a name in C: x[k] for an input, a literal for another leaf, v[k] for what an operation made."""

    def __init__(self, outputs: Sequence[Value], inputs: Sequence[Value], name: str) -> None:
        self.outputs, self.inputs, self.name = outputs, inputs, name
        order = topological_order(*outputs)
        self.inner: list[tuple[Value, Operation]] = [(node, node.op) for node in order if node.op is not None]
        self.names = {node: f"({node._data!r})" for node in order}
        self.names |= {node: f"x[{k}]" for k, node in enumerate(inputs)} | {node: f"v[{k}]" for k, (node, _) in enumerate(self.inner)}
        self.slopes = {node: f"g[{k}]" for k, node in enumerate(inputs)}  # of what an input reaches
        for node, _ in self.inner:
            if any(below in self.slopes for below in node.inputs):
                self.slopes[node] = f"g[{len(self.slopes)}]"

    def lines(self, *, alone: bool) -> Iterator[str]:
        n, m = len(self.inputs), len(self.outputs)
        guard = f"AUTOBACK_{self.name.upper()}_H"
        yield f"/* {self.name}: {m} value{'s' * (m > 1)} of {n} number{'s' * (n > 1)}, and the gradient; written by autoback."
        yield from (f"   x[{k}]: {_comment(node.label)}" for k, node in enumerate(self.inputs) if node.label)
        yield from ("*/", "", f"#ifndef {guard}", f"#define {guard}", "")
        yield (Path(__file__).parent / "formula.h").read_text("utf-8")
        kind, more = ("double", "") if alone else ("void", ", double *values")
        yield from (f"static inline {kind} {self.name}(const double *x{more})", "{")
        yield from self._forward()
        yield from self._results(alone)
        yield from ("}", "")
        yield from (f"static inline {kind} {self.name}_gradient(const double *x{more}, double *gradient)", "{")
        yield from self._forward()
        yield f"    double g[{max(1, len(self.slopes))}];"
        for row, output in enumerate(self.outputs):
            yield from self._backward(row, output)
        yield from self._results(alone)
        yield from ("}", "", "#endif")

    def _forward(self) -> Iterator[str]:
        if self.inner:
            yield f"    double v[{len(self.inner)}];"
        if not any(node in self.inputs for node in self.names):
            yield "    (void)x;"
        for node, row in self.inner:
            out, terms = self.names[node], row.terms([self.names[below] for below in node.inputs])
            first, *others = [fold(row.term, CReader(term)) for term in terms]
            yield f"    {out} = {first}; /* {row.name} */"
            yield from (f"    {out} = {out} + {term};" for term in others)  # a plain fold from the left

    def _backward(self, row: int, output: Value) -> Iterator[str]:
        """The same walk as `backward`: from the root down, every node to its inputs in their order."""
        yield f"    for (int k = 0; k < {len(self.slopes)}; k++) g[k] = 0.0;"
        if output in self.slopes:
            yield f"    {self.slopes[output]} = 1.0;"
        below_output = set(topological_order(output))
        for node, operation in reversed(self.inner):
            if node not in self.slopes or node not in below_output:
                continue
            upstream, terms = self.slopes[node], operation.terms([self.names[below] for below in node.inputs])
            for k, below in enumerate(node.inputs):
                letter, term = operation.place(k, node.inputs)
                partial = fold(operation.slopes[letter], CReader({**terms[term], "out": self.names[node]}))
                if below in self.slopes and partial != "0.0":
                    yield f"    {self.slopes[below]} += {upstream} * {partial};"
        n = len(self.inputs)
        yield from (f"    gradient[{row * n + k}] = {self.slopes[node]};" for k, node in enumerate(self.inputs))

    def _results(self, alone: bool) -> Iterator[str]:
        if alone:
            yield f"    return {self.names[self.outputs[0]]};"
        else:
            yield from (f"    values[{k}] = {self.names[node]};" for k, node in enumerate(self.outputs))


def _comment(label: str | None) -> str:
    return (label or "").replace("*/", "* /").replace("\n", " ")
