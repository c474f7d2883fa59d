"""Gradients that are Values: the chain rule recorded as a graph, so it can be applied again.

`backward` multiplies numbers; here the same partials are read from the table as formulas over
Values. Where several consumers meet, their contributions are one dot product, upstream · local,
which is the chain rule as a textbook writes it.
"""

import ast
from collections.abc import Container, Iterable, Sequence
from typing import Any, overload

from autoback.engine.formula import fold
from autoback.engine.functions import FUNCTIONS, GraphReader, as_value
from autoback.engine.value import Number, Value, record_value, topological_order

__all__ = ["gradient", "hessian"]

_dot, _sum = FUNCTIONS["dot"], FUNCTIONS["sum"]


@overload
def gradient(output: Value, inputs: Value) -> Value: ...
@overload
def gradient(output: Value, inputs: Sequence[Value]) -> list[Value]: ...
def gradient(output: Value, inputs: Value | Sequence[Value]) -> Value | list[Value]:
    """d(output)/d(input) for each input, as new Values that can be differentiated again.

    inputs: one Value, or a sequence of n; the answer has the same form. An input that the output
    does not depend on has gradient 0. No `grad` is touched. A stale graph has to be refreshed first:
    its leaves are read as they are now, its inner nodes as they were.
    Raises TypeError when something other than a Value is given.

    >>> x = Value(2.0)
    >>> first = gradient(x**3, x)
    >>> first.data, gradient(first, x).data
    (12.0, 12.0)
    """
    several = not isinstance(inputs, Value)
    require_values("gradient(output, inputs)", [output])
    wanted = require_values("gradient(output, inputs)", inputs)
    order = topological_order(output)
    reaching = set(wanted)  # nodes through which a wanted input reaches the output
    for node in order:
        if not reaching.isdisjoint(node.inputs):
            reaching.add(node)
    contributions: dict[Value, list[tuple[Number, Number]]] = {node: [] for node in reaching}
    if output in reaching:
        contributions[output].append((1.0, 1.0))
    result: dict[Value, Number] = {}
    targets = set(wanted)
    for node in reversed(order):
        if node not in reaching:
            continue
        upstream = product_sum(contributions.pop(node))
        if node in targets:
            result[node] = upstream
        if node.op is None or (isinstance(upstream, float) and upstream == 0.0):
            continue
        for below, partial in zip(node.inputs, local_derivatives(node, reaching), strict=True):
            if below in reaching:
                contributions[below].append((upstream, partial))
    gradients = [as_value(result.get(node, 0.0)) for node in wanted]
    _label(output, wanted, gradients, set(order))
    return gradients if several else gradients[0]


def _label(output: Value, wanted: Sequence[Value], gradients: Sequence[Value], before: set[Value]) -> None:
    """Call what is new by what it is, ∂L/∂w; without a label the output is L, as pictures call it."""
    of = output.label or "L"
    of = f"({of})" if "/" in of else of
    for node, slope in zip(wanted, gradients, strict=True):
        if node.label and slope.op is not None and slope.label is None and slope not in before:
            slope.label = f"∂{of}/∂{node.label}"


def hessian(output: Value, inputs: Sequence[Value]) -> list[list[Value]]:
    """The n × n matrix of second derivatives of `output`, row by row, for a handful of inputs.

    output: a Value; inputs: a sequence of n Values
    Raises TypeError for anything else, OperationError where a derivative is not finite.

    >>> x, y = Value(2.0), Value(3.0)
    >>> [[entry.data for entry in row] for row in hessian(x * x * y, [x, y])]
    [[6.0, 4.0], [4.0, 0.0]]
    """
    if isinstance(inputs, Value):
        raise TypeError("hessian(output, inputs) takes a sequence of Values, got one Value: write hessian(y, [x])")
    require_values("hessian(output, inputs)", [output])
    wanted = require_values("hessian(output, inputs)", inputs)
    return [gradient(first, wanted) for first in gradient(output, wanted)]


def require_values(function: str, given: object) -> list[Value]:
    """A Value, or a sequence of Values, as a list. Raises TypeError, which names what came, for anything else."""
    listed: list[Any] = list(given) if isinstance(given, Iterable) else [given]
    for node in listed:
        if not isinstance(node, Value):
            raise TypeError(f"{function} takes Values, got a {type(node).__name__}: {node!r:.40}")
    return listed


def local_derivatives(node: Value, wanted: Container[Value] | None = None) -> list[Number]:
    """The partials of a node as the table's formulas over its inputs: Values, or floats where constant.

    wanted: only for inputs in this set is the formula recorded; for the others stands 0.0.
    """
    row, inputs = node.op, node.inputs
    if row is None:
        return []
    constants = [below._number for below in row.constants_of(inputs)]
    vectors = row.vectors(inputs)
    readers: list[GraphReader] = []
    local: list[Number] = []
    for letter, vector in enumerate(vectors):
        partial = row.partial(letter, constants)
        if isinstance(partial, ast.Name) and partial.id in row.letters:  # the partials are inputs, as those of dot: nothing to read
            numbers = vectors[row.letters.index(partial.id)]
            local += [number if wanted is None or below in wanted else 0.0 for below, number in zip(vector, numbers, strict=True)]
            continue
        readers = readers or [GraphReader({**term, "out": node}, record_value) for term in row.terms(inputs)]
        local += [
            fold(partial, reader) if wanted is None or below in wanted else 0.0 for below, reader in zip(vector, readers, strict=True)
        ]
    return local


def product_sum(pairs: list[tuple[Number, Number]]) -> Number:
    """The sum of upstream × local over the consumers, as few nodes as will do."""
    if len(pairs) == 1 and not isinstance(pairs[0][0], float) and not isinstance(pairs[0][1], float):  # most of a large network
        return pairs[0][0] * pairs[0][1]
    pairs = [(upstream, partial) for upstream, partial in pairs if not (isinstance(partial, float) and partial == 0.0)]
    if len(pairs) > 1 and all(isinstance(upstream, Value) and isinstance(partial, Value) for upstream, partial in pairs):
        return _dot(*zip(*pairs, strict=True))  # type: ignore[no-any-return]
    terms = [_product(upstream, partial) for upstream, partial in pairs]
    if len(terms) < 2:
        return terms[0] if terms else 0.0
    return _sum(terms)  # type: ignore[no-any-return]


def _product(upstream: Number, partial: Number) -> Number:
    for one, other in ((upstream, partial), (partial, upstream)):
        if isinstance(one, float) and abs(one) == 1.0:
            return other if one == 1.0 else -other
    return upstream * partial
