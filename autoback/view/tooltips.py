"""What a card or an arrow says when pointed at: the rule in symbols and in numbers, the gradient, the contribution."""

from autoback.engine.value import Value
from autoback.text import short
from autoback.view.labels import safe
from autoback.view.notation import TEXT
from autoback.view.rules import Phrase, name_of, rule_text, sides, spelled, value_rule

__all__ = ["edge_tooltip", "node_name", "node_tooltip"]

_LONGEST = 80  # characters of a label in a tooltip


def node_name(node: Value, longest: int = _LONGEST) -> str:
    """The label of a node, or else its operation or its number."""
    return safe(node.label or "", longest) or (node.op.symbol if node.op else short(node.data))


def node_tooltip(node: Value, root: str, total: float | None) -> str:
    """The rule, the number and the gradient of a node, one below the other.

    root:  the name of the root
    total: the sum of the contributions that the picture shows, None without any

    >>> x = Value(1.5, "x"); y = x * x; y.label = "y"
    >>> print(node_tooltip(y, "y", None))
    y = x² = 1.5² = 2.25
    exactly 2.25
    ∂y/∂y: not computed
    """
    name = node_name(node)
    lines = [f"{name} = {node.data!r}"]
    if node.op is not None:
        rule = value_rule(node, _name, _number)
        lines = [" = ".join([name, *sides(rule, TEXT)]) + (f", since {rule.because}" if rule.because else ""), f"exactly {node.data!r}"]
    if node.grad is None:
        return "\n".join([*lines, f"∂{root}/∂{name}: not computed"])
    lines.append(f"∂{root}/∂{name} = {node.grad!r}")
    if total is not None and abs(total - node.grad) > 1e-9 * max(abs(total), abs(node.grad)):
        lines.append(f"The contributions drawn here add up to {short(total)}; the rest came from an earlier backward or from elsewhere.")
    return "\n".join(lines)


def edge_tooltip(node: Value, position: int, root: str) -> str:
    """The local derivative of a node with respect to its input at `position`, and what it hands back.

    >>> x = Value(3.0, "x"); y = x * x; y.label = "y"; y.backward()
    >>> print(edge_tooltip(y, 0, "y"))
    ∂y/∂x = x = 3
    contribution to ∂y/∂x: 1 × 3 = 3.0
    """
    return f"{rule_text(node, position)}\n{contribution(node, node.inputs[position], node.partials[position], root)}"


def contribution(node: Value, below: Value, local: float, root: str) -> str:
    """What a node hands back to one it was made from: upstream × local."""
    if node.grad is None:
        return f"∂{root}/∂{node_name(node)} is not computed, so there is no contribution yet"
    factor = f"({short(local)})" if local < 0.0 else short(local)
    return f"contribution to ∂{root}/∂{node_name(below)}: {short(node.grad)} × {factor} = {node.grad * local!r}"


def _name(node: Value) -> Phrase:
    return name_of(node, TEXT, node.op.symbol if node.op else "x")


def _number(node: Value) -> Phrase:
    return spelled(node.data, TEXT)
