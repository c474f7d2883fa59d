"""A graph as a textbook writes it: what is only a part of a sum stands inside it.

The engine records z = w₁·x₁ + w₂·x₂ + b as two nodes, a dot and an add. A reader wants one z with
∂z/∂w₁ = x₁. So a nameless node with one consumer is written into that consumer, as long as the
derivative stays one rule: one of the two factors must be 1 or −1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from autoback.engine.operation import Operation
from autoback.engine.value import Value
from autoback.text import clean
from autoback.view.names import derivative
from autoback.view.notation import Notation
from autoback.view.phrases import FormulaReader, Phrase, spelled
from autoback.view.rules import Rule, constant, partial_rule, value_rule
from autoback.view.snapshot import Snapshot

__all__ = ["Edge", "Reading"]

_LARGEST = 12  # how many operands one written-out formula may have


@dataclass(frozen=True, eq=False)
class Edge:
    """One use of a node: `below` enters the formula of `above`.

    steps:  the recorded edges it is made of, (node, position), from `above` down
    factor: the local derivative d(above)/d(below) along it
    row:    the operation whose rule it is
    """

    below: Value
    above: Value
    steps: tuple[tuple[Value, int], ...]
    factor: float
    row: Operation


class Reading:
    """A graph prepared for telling.

    targets: Values to be told about; they always stand on their own
    shown:   the nodes that do, inputs before consumers
    uses:    for each shown node its edges, in the order of the graph
    """

    def __init__(self, snapshot: Snapshot, targets: Sequence[Value]) -> None:
        self.snapshot = snapshot
        self.root: Value = snapshot.root
        self.order: list[Value] = snapshot.order
        self.inside: set[Value] = self._parts(targets)
        self.shown: list[Value] = [node for node in self.order if node not in self.inside]
        self._between: dict[Value, list[Value]] = {}
        self.uses: dict[Value, list[Edge]] = {node: [] for node in self.shown}
        for node in self.shown:
            for edge in self._edges(node):
                self.uses[edge.below].append(edge)

    def _parts(self, targets: Sequence[Value]) -> set[Value]:
        """The nodes that are written into their only consumer."""
        places: dict[Value, tuple[Value, int] | None] = {}  # where a node is used, None if that is not one place
        for node in self.order:
            for k, below in enumerate(node.inputs):
                places[below] = None if below in places else (node, k)
        kept = {self.root, *targets}
        parts: set[Value] = set()
        plain: set[Value] = set()  # nodes that hand a gradient on as it is, up to its sign, to all that is written in them
        size: dict[Value, int] = {}
        for node in self.order:
            if node.op is None:
                continue
            inner = [below for below in node.inputs if below in parts]
            size[node] = min(len(node.inputs), 4 * node.op.arity) + sum(size[below] for below in inner)
            if all(self._is_sign(node, k) for k in range(len(node.inputs))) and plain.issuperset(inner):
                plain.add(node)
            place = places.get(node)
            if place is None or node in kept or _has_name(node) or size[node] > _LARGEST:
                continue
            above, k = place
            if self._is_sign(above, k) or (node in plain and not _is_neuron(above)):
                parts.add(node)
        return parts

    def _is_sign(self, node: Value, k: int) -> bool:
        """Whether the table says that the k-th partial of a node is always 1 or always −1."""
        return node.op is not None and _has_fixed_sign(node.op, node.op.place(k, self.snapshot[node].inputs)[0])

    def _edges(self, above: Value) -> Iterator[Edge]:
        """The uses of other nodes in the formula of a shown one, through the parts written into it."""
        # From the snapshot, for a node in C makes its `inputs` and `partials` anew each time.
        stack: list[tuple[tuple[Value, int], ...]] = [((above, k),) for k in reversed(range(len(above.inputs)))]
        while stack:
            steps = stack.pop()
            node, k = steps[-1]
            below = self.order[self.snapshot[node].inputs[k]]
            if below in self.inside:
                stack.extend((*steps, (below, j)) for j in reversed(range(len(below.inputs))))
                continue
            factor, row = 1.0, above.op
            for step, position in steps:
                factor *= self.snapshot[step].partials[position]
                row = row if self._is_sign(step, position) else step.op
            if row is not None:
                yield Edge(below, above, steps, factor, row)

    def between(self, target: Value) -> list[Value]:
        """The shown nodes through which `target` reaches the root, both included, inputs first; [] if it does not."""
        if target not in self._between:
            self._between[target] = self._nodes_between(target)
        return self._between[target]

    def _nodes_between(self, target: Value) -> list[Value]:
        above = {target}
        for node in self.shown:
            if node in above:
                above.update(edge.above for edge in self.uses[node])
        below = {self.root}
        for node in reversed(self.shown):
            if any(edge.above in below for edge in self.uses[node]):
                below.add(node)
        return [node for node in self.shown if node in above and node in below]

    def count_paths(self, target: Value) -> int:
        """How many ways lead from `target` to the root."""
        ways = {self.root: 1}
        for node in reversed(self.between(target)):
            if node is not self.root:
                ways[node] = sum(ways.get(edge.above, 0) for edge in self.uses[node])
        return ways.get(target, 0)

    def paths(self, target: Value) -> Iterator[tuple[Edge, ...]]:
        """Every way from `target` to the root, as its edges from the target up."""
        useful = set(self.between(target))
        stack: list[tuple[Edge, ...]] = [(edge,) for edge in reversed(self.uses.get(target, [])) if edge.above in useful]
        while stack:
            path = stack.pop()
            last = path[-1].above
            if last is self.root:
                yield path
            else:
                stack.extend((*path, edge) for edge in reversed(self.uses[last]) if edge.above in useful)

    # How its nodes and rules are written

    def symbol(self, node: Value, notation: Notation) -> Phrase:
        """A node by its name, or by the formula it stands for where it is only a part."""
        if node in self.inside:
            return self.value_rule(node, notation).symbols
        return self.snapshot.names.phrase(node, notation)

    def mark(self, edge: Edge, notation: Notation) -> Phrase:
        """The lower end of an edge: its name, or x₍₂₎ for the second use of x."""
        node, position = edge.steps[-1]
        return self.snapshot.mark(self.snapshot.index[node], position, notation)

    def slope(self, edge: Edge, notation: Notation) -> Phrase:
        """The symbol of the local derivative along an edge, ∂z/∂w or ∂y/∂x₍₁₎."""
        return derivative(self.symbol(edge.above, notation), self.mark(edge, notation), notation)

    def number(self, node: Value, notation: Notation) -> Phrase:
        """A node by its number, or as a formula of numbers where it is only a part."""
        return self.value_rule(node, notation).numbers if node in self.inside else spelled(node.data, notation)

    def value_rule(self, node: Value, notation: Notation) -> Rule:
        """What a node computes, with its parts written out."""
        return value_rule(node, lambda v: self.symbol(v, notation), lambda v: self.number(v, notation), notation)

    def edge_rule(self, edge: Edge, notation: Notation) -> Rule:
        """The local derivative of an edge: one rule of the table, with the signs of the others."""
        reader = FormulaReader(notation, {})
        negative, rule = False, None
        for node, k in edge.steps:
            if self._is_sign(node, k):
                negative ^= node.partials[k] < 0.0
            else:
                rule = partial_rule(node, k, lambda v: self.symbol(v, notation), lambda v: self.number(v, notation), notation)
        if rule is None:
            one = spelled(edge.factor, notation)
            return Rule(one, one, "", edge.factor)
        if negative:
            return Rule(reader.negate(rule.symbols), reader.negate(rule.numbers), rule.because, edge.factor, tie=rule.tie)
        return rule


@cache
def _has_fixed_sign(row: Operation, letter: int) -> bool:
    return constant(row.slopes[letter]) in (1.0, -1.0)


def _is_neuron(node: Value) -> bool:
    return node.op is not None and node.op.activation


def _has_name(node: Value) -> bool:
    """Whether a reader has a word for a node: its label, or that it is an activation."""
    return bool(node.label and clean(node.label)) or _is_neuron(node)
