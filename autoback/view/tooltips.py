"""What a card or an arrow says when pointed at: the rule in symbols and in numbers, the gradient, the contribution."""

from collections.abc import Sequence

from autoback.engine.value import Value
from autoback.view.names import derivative
from autoback.view.notation import TEXT
from autoback.view.phrases import Phrase, equals, product, spelled
from autoback.view.rules import partial_rule, sides, value_rule
from autoback.view.sheets import Equation
from autoback.view.snapshot import Snapshot

__all__ = ["contribution", "derivative_name", "edge_tooltip", "node_tooltip"]


def node_tooltip(snapshot: Snapshot, k: int) -> str:
    """The rule, the number and the gradient of a node, one below the other.

    >>> x = Value(1.5, "x"); y = x * x; y.label = "y"
    >>> print(node_tooltip(Snapshot(y), 1))
    y = x·x = 1.5 × 1.5 = 2.25
    exactly 2.25
    ∂y/∂y: not computed
    """
    node, value = snapshot.nodes[k], snapshot.order[k]
    lines = [f"{node.name} = {node.value!r}"]
    if node.op is not None:
        rule = value_rule(value, snapshot.names.phrase, _number)
        told = [side for side in sides(rule, TEXT) if side.text != node.name]
        lines = [_line(node.name, told, rule.because), f"exactly {node.value!r}"]
    if value in snapshot.operands:
        return f"{lines[0]}\na constant of the operation, which has no derivative with respect to it"
    gradient = snapshot.gradient(k).text
    if node.stored is None:
        return "\n".join([*lines, f"{gradient}: not computed"])
    lines.append(f"{gradient} = {node.gradient!r}")
    if node.is_accumulated:
        lines.append(f"grad = {node.stored!r}, with what another backward left in it")
    return "\n".join(lines)


def edge_tooltip(snapshot: Snapshot, k: int, position: int) -> str:
    """The local derivative of a node with respect to its input at `position`, and what it contributes there.

    >>> x = Value(3.0, "x"); y = x * x; y.label = "y"; y.backward()
    >>> print(edge_tooltip(Snapshot(y), 1, 0))
    ∂y/∂x₍₁₎ = x = 3
    contribution to ∂y/∂x: 1 × 3 = 3.0
    """
    below = snapshot.nodes[k].inputs[position]
    if snapshot.order[below] in snapshot.operands:
        return f"{snapshot.nodes[below].name} is a constant: there is no derivative along this arrow"
    rule = partial_rule(snapshot.order[k], position, snapshot.names.phrase, _number)
    line = _line(snapshot.slope(k, position).text, sides(rule, TEXT), rule.because)
    return f"{line}\n{contribution(snapshot, k, below, rule.value)}"


def contribution(snapshot: Snapshot, above: int, below: int, local: float) -> str:
    """What comes back from one node to another: upstream × local."""
    node = snapshot.nodes[above]
    if node.stored is None:
        return f"{snapshot.gradient(above).text} is not computed, so there is no contribution yet"
    written, result = product([node.gradient, local], TEXT), node.gradient * local
    return f"contribution to {snapshot.gradient(below).text}: {written.text} {equals(written, spelled(result, TEXT))} {result!r}"


def derivative_name(snapshot: Snapshot, above: int, below: int) -> str:
    """The symbol of a derivative through a fold, of one node with respect to another."""
    names = snapshot.names
    return derivative(names.phrase(snapshot.order[above]), names.phrase(snapshot.order[below]), TEXT).text


def _line(left: str, told: Sequence[Phrase], reason: str) -> str:
    equation = "".join(f" {sign} {side}" for sign, side in Equation(left, told).signed())
    return left + equation + (f", since {reason}" if reason else "")


def _number(node: Value) -> Phrase:
    return spelled(node.data, TEXT)
