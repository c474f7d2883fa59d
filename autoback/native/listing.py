"""A plan as text, for people."""

from autoback.native.plan import Loop, Place, Table
from autoback.native.planner import Plan

__all__ = ["listing"]


def listing(plan: Plan) -> str:
    """One line for each loop or table: how often, what, from where, to where.

    `slot[14 + k]` is a number of each sample, `parameter[0 + 3k + t]` one that all samples share;
    i and k count the results of a loop, t the terms of a sum.
    """
    head = (
        f"{plan.nodes} operations in {len(plan.steps)} steps; "
        f"{plan.inputs} inputs, {plan.parameters} parameters, {len(plan.constants)} constants, {plan.slots} slots"
    )
    return "\n".join([head, *(line(step, plan) for step in plan.steps)])


def line(step: Loop | Table, plan: Plan) -> str:
    """One step: how often, where to, what, from where."""
    name = step.op.name if step.op is not None else "copy"
    mark = "  (checked)" if step.checked else ""
    if isinstance(step, Table):
        terms = f" of {step.terms} terms" if step.terms else ""
        return f"{step.count:>9} × {name}{terms} from a table -> {place(step.target, plan)}{mark}"
    times = f"{step.outer}×{step.inner}" if step.outer > 1 else str(step.inner)
    summed = " + ".join(
        (f" t<{segment.terms}" if segment.terms > 1 else "") + f"({', '.join(place(operand, plan) for operand in segment.operands)})"
        for segment in step.segments
    )
    start = f" from {place(step.start, plan)}" if step.start else ""
    into = "+=" if plan.sums and step.target.space == "result" else "="
    return f"{times:>9} × {place(step.target, plan)} {into} {name}{summed}{start}{mark}"


def place(where: Place, plan: Plan) -> str:
    """A place as a subscript, or the number itself for one constant."""
    steps = [(where.outer, "i"), (where.inner, "k"), (where.term, "t")]
    if where.space == "constant" and not any(step for step, _ in steps):
        return repr(plan.constants[where.base])
    text = str(where.base)
    for step, counter in steps:
        if step:
            text += f" {'-' if step < 0 else '+'} {'' if abs(step) == 1 else abs(step)}{counter}"
    return f"{where.space}[{text}]"
