"""A row of the table as one Python function on Values: `record` unrolled, for the hot path.

Arithmetic on two doubles takes Python less time than a call does. An operator that asked `record`,
which asked the row, would spend most of its time asking; so the row's own steps are written
between the lines that read the inputs and those that make the node.
"""

from collections.abc import Callable
from typing import Any

from autoback.engine.formula import PYTHON
from autoback.engine.operations import Operation

__all__ = ["recorder"]

_TEMPLATE = """
def record_{name}({inputs}):
    if {unusual}:
        return otherwise({inputs})
    {numbers} = {data}
    try:
        {steps}
    except (ArithmeticError, ValueError):
        return record(row, ({inputs},))
    node = new(Value)
    node.data = out
    node.partials = {partials}
    node.op = row
    node.inputs = {inputs},
    node.grad = node.label = None
    return node
"""


def recorder(
    row: Operation,
    value: type,
    record: Callable[..., Any],
    otherwise: Callable[..., Any],
    apart: Callable[[], bool] | None = None,
) -> Callable[..., Any]:
    """A function of as many Values as the row has inputs, which records it.

    row:       a row of one to three inputs
    value:     the class Value
    record:    what to call, with the row and the inputs, to explain why the row has no answer
    otherwise: what to call when an argument is not exactly a Value
    apart:     says whether the row is to be taken apart, for which `otherwise` is called too
    """
    inputs = "abc"[: row.arity]
    lines, partials = row.steps
    source = _TEMPLATE.format(
        name=row.name,
        inputs=", ".join(inputs),
        unusual=" or ".join([f"type({name}) is not Value" for name in inputs] + ["apart()"] * (apart is not None)),
        numbers=", ".join("xyz"[: row.arity]),
        data=", ".join(f"{name}.data" for name in inputs),
        steps="\n        ".join(lines),
        partials=partials,
    )
    namespace = {**PYTHON, "Value": value, "new": value.__new__, "row": row, "record": record, "otherwise": otherwise, "apart": apart}
    exec(compile(source, f"<recorder {row.name}>", "exec"), namespace)
    made: Callable[..., Any] = namespace[f"record_{row.name}"]  # type: ignore[assignment]
    return made
