"""A layout as text, for people."""

from autoback.native.layout import Layout
from autoback.native.steps import Loop, Place, Table

__all__ = ["listing"]


def listing(layout: Layout) -> str:
    """One line for each loop or table: how often, what, from where, to where.

    `slot[14 + k]` is a number of each sample, `parameter[0 + 3k + t]` one that all samples share;
    i and k count the results of a loop, t the terms of a sum.
    """
    head = (
        f"{layout.nodes} operations in {len(layout.steps)} steps; "
        f"{layout.inputs} inputs, {layout.parameters} parameters, {len(layout.constants)} constants, {layout.slots} slots"
    )
    return "\n".join([head, *(line(step, layout) for step in layout.steps)])


def line(step: Loop | Table, layout: Layout) -> str:
    """One step: how often, where to, what, from where."""
    name = step.op.name if step.op is not None else "copy"
    mark = "  (checked)" if step.checked else ""
    if isinstance(step, Table):
        terms = f" of {step.terms} terms" if step.terms else ""
        return f"{step.count:>9} × {name}{terms} from a table -> {place(step.target, layout)}{mark}"
    times = f"{step.outer}×{step.inner}" if step.outer > 1 else str(step.inner)
    operands = ", ".join(place(operand, layout) for operand in step.operands)
    summed = f" t<{step.terms}" if step.terms else ""
    into = "+=" if layout.sums and step.target.space == "result" else "="
    return f"{times:>9} × {place(step.target, layout)} {into} {name}{summed}({operands}){mark}"


def place(where: Place, layout: Layout) -> str:
    """A place as a subscript, or the number itself for one constant."""
    steps = [(where.outer, "i"), (where.inner, "k"), (where.term, "t")]
    if where.space == "constant" and not any(step for step, _ in steps):
        return repr(layout.constants[where.base])
    text = str(where.base)
    for step, counter in steps:
        if step:
            text += f" {'-' if step < 0 else '+'} {'' if abs(step) == 1 else abs(step)}{counter}"
    return f"{where.space}[{text}]"
