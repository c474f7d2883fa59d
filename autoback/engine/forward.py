"""Forward mode: how outputs change when the inputs move in one direction, in one pass from the inputs up.

The same partials as in `gradient`, read the other way round: each node gets the sum, over its inputs,
of partial · rate of the input. One pass costs as much as one gradient and answers for one direction,
whatever the number of outputs; `gradient` answers for one output, whatever the number of inputs.
"""

from collections.abc import Iterable, Sequence
from typing import Any, overload

from autoback.engine.functions import as_value
from autoback.engine.gradient import local_derivatives, product_sum, require_values
from autoback.engine.value import Number, Value, as_operand, topological_order

__all__ = ["jvp"]


@overload
def jvp(outputs: Value, inputs: Value | Sequence[Value], direction: Number | Sequence[Number]) -> Value: ...
@overload
def jvp(outputs: Sequence[Value], inputs: Value | Sequence[Value], direction: Number | Sequence[Number]) -> list[Value]: ...
def jvp(outputs: Value | Sequence[Value], inputs: Value | Sequence[Value], direction: Number | Sequence[Number]) -> Value | list[Value]:
    """Σᵢ ∂output/∂inputᵢ · directionᵢ, the derivative of each output along a direction, as new Values (Jacobian-vector product).

    outputs:   one Value, or a sequence of m; the answer has the same form
    inputs:    one Value, or a sequence of n
    direction: as many numbers or Values as there are inputs: how fast each of them moves
    The answers can be differentiated again: along the gradient, jvp(gradient(y, inputs), inputs, v) is the product of
    the Hessian with v. No `grad` is touched. A stale graph has to be refreshed first.
    Raises TypeError for what is no Value or number, ValueError where there are not as many numbers as inputs.
    Source: Griewank & Walther, Evaluating Derivatives, 2nd ed., section 3.1

    >>> from autoback import gradient
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * y
    >>> jvp(z, [x, y], [1.0, 0.0]).data, jvp(z, [x, y], [1.0, 10.0]).data
    (3.0, 23.0)
    >>> [entry.data for entry in jvp(gradient(x * z, [x, y]), [x, y], [1.0, 0.0])]  # the first row of the Hessian
    [6.0, 4.0]
    """
    several = not isinstance(outputs, Value)
    roots, wanted = (require_values("jvp(outputs, inputs, direction)", given) for given in (outputs, inputs))
    rates = _rates(direction, len(wanted))
    moved: dict[Value, list[tuple[Number, Number]]] = {}
    for node, rate in zip(wanted, rates, strict=True):
        moved.setdefault(node, []).append((rate, 1.0))
    tangents: dict[Value, Number] = {}
    for node in topological_order(*roots):
        pairs = moved.get(node, [])
        if not tangents.keys().isdisjoint(node.inputs):
            local = local_derivatives(node, tangents)
            pairs = pairs + [(tangents[below], partial) for below, partial in zip(node.inputs, local, strict=True) if below in tangents]
        if pairs:
            tangents[node] = product_sum(pairs)
    found = [as_value(tangents.get(root, 0.0)) for root in roots]
    return found if several else found[0]


def _rates(direction: Any, count: int) -> list[Number]:
    """The direction as one number or Value for each of the inputs."""
    given = list(direction) if isinstance(direction, Iterable) else [direction]
    if len(given) != count:
        raise ValueError(f"direction must have one number for each of the {count} inputs, got {len(given)}")
    for number in given:
        if as_operand(number) is None:
            raise TypeError(f"direction takes Values and real numbers, got a {type(number).__name__}: {number!r:.40}")
    return [number if isinstance(number, Value) else Value(number)._number for number in given]
