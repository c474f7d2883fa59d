"""A row of the table as one Python function on Values: `record` unrolled, for the hot path.

Arithmetic on two doubles takes Python less time than a call does. An operator that asked `record`,
which asked the row, would spend most of its time asking; so the row's own steps are written
between the lines that read the inputs and those that make the node.
"""

from collections.abc import Callable
from typing import Any

from autoback.engine.operation import Operation, vocabulary

__all__ = ["recorder"]

_FIXED = """
def record_{name}({inputs}):
    if {unusual}:
        return otherwise({inputs})
    inputs = {inputs},
    {numbers} = {data}
"""

_NARY = """
def record_{name}(inputs):
    if {unusual}:
        return otherwise(inputs)
    numbers = tuple([each.data for each in inputs])
"""

_NODE = """\
    try:
        {steps}
    except (ArithmeticError, ValueError):
        return record(row, inputs)
    node = new(Value)
    node.data = out
    node.partials = {partials}
    node.op = row
    node.inputs = inputs
    node.grad = node.label = None
    return node
"""


def recorder(
    row: Operation,
    value: type,
    record: Callable[..., Any],
    otherwise: Callable[..., Any],
    apart: tuple[list[None], Callable[[], bool]] | None = None,
) -> Callable[..., Any]:
    """A function that records a row: of as many Values as it has inputs, or of one tuple of them for an n-ary row.

    value:     the class Value
    record:    what to call, with the row and the inputs, to explain why the row has no answer
    otherwise: what to call when an argument is not exactly a Value, which is not asked of an n-ary row
    apart:     a list that is empty as long as no row is taken apart, and what says whether this call's is;
               then `otherwise` is called too
    """
    lines, partials = row.steps
    inputs = "" if row.nary else "abc"[: row.arity]
    source = ((_NARY if row.nary else _FIXED) + _NODE).format(
        name=row.name,
        inputs=", ".join(inputs),
        unusual=" or ".join([f"type({name}) is not Value" for name in inputs] + ["blocks and apart()"] * (apart is not None)) or "False",
        numbers=", ".join("xyz"[: row.arity]),
        data=", ".join(f"{name}.data" for name in inputs),
        steps="\n        ".join(lines),
        partials=partials,
    )
    blocks, asked = apart or (None, None)
    helpers = {"new": value.__new__, "record": record, "otherwise": otherwise, "blocks": blocks, "apart": asked}
    namespace: dict[str, Any] = {**vocabulary(), **helpers, "Value": value, "row": row}
    exec(compile(source, f"<recorder {row.name}>", "exec"), namespace)
    made: Callable[..., Any] = namespace[f"record_{row.name}"]
    return made
