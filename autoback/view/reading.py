"""A graph as a textbook writes it: every step has a name, and what is only a part of a sum stands inside it.

The engine records z = w₁·x₁ + w₂·x₂ + b as two nodes, a dot and an add. A reader wants one z with
∂z/∂w₁ = x₁. So a nameless node with one consumer is written into that consumer, as long as the
derivative stays one rule: one of the two factors must be 1 or −1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autoback.engine.operations import Operation
from autoback.engine.value import Value, topological_order
from autoback.nn.modules import ACTIVATIONS
from autoback.text import clean
from autoback.view.notation import Notation
from autoback.view.rules import ATOM, FormulaReader, Phrase, Rule, constant, name_of, partial_rule, spelled, value_rule

__all__ = ["Edge", "Reading"]

_LARGEST = 12  # how many operands one written-out formula may have
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


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

    root:    the Value at the end
    targets: Values to be told about; they always keep a name of their own
    shown:   the nodes with a name, inputs before consumers
    uses:    for each shown node its edges, in the order of the graph
    """

    def __init__(self, root: Value, targets: Sequence[Value]) -> None:
        self.root = root
        self.order = topological_order(root)
        self.inside = self._parts(targets)
        self.shown = [node for node in self.order if node not in self.inside]
        self._between: dict[Value, list[Value]] = {}
        self.names = _named(self.shown, root, targets)
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
            if all(_is_sign(node, k) for k in range(len(node.inputs))) and plain.issuperset(inner):
                plain.add(node)
            place = places.get(node)
            if place is None or node in kept or _has_name(node) or size[node] > _LARGEST:
                continue
            above, k = place
            if _is_sign(above, k) or (node in plain and not _is_neuron(above)):
                parts.add(node)
        return parts

    def _edges(self, above: Value) -> Iterator[Edge]:
        """The uses of other nodes in the formula of a shown one, through the parts written into it."""
        stack: list[tuple[tuple[Value, int], ...]] = [((above, k),) for k in reversed(range(len(above.inputs)))]
        while stack:
            steps = stack.pop()
            node, k = steps[-1]
            below = node.inputs[k]
            if below in self.inside:
                stack.extend((*steps, (below, j)) for j in reversed(range(len(below.inputs))))
                continue
            factor, row = 1.0, above.op
            for step, position in steps:
                factor *= step.partials[position]
                row = row if _is_sign(step, position) else step.op
            if row is not None:
                yield Edge(below, above, steps, factor, row)

    def gradients(self) -> dict[Value, float]:
        """d(root)/d(node) for every node, from the recorded partials alone; no `grad` is read or touched."""
        totals = dict.fromkeys(self.order, 0.0)
        totals[self.root] = 1.0
        for node in reversed(self.order):
            upstream = totals[node]
            for below, partial in zip(node.inputs, node.partials, strict=True):
                totals[below] += upstream * partial
        return totals

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
        if node in self.names:
            return Phrase(notation.symbol(self.names[node]), ATOM)
        if node in self.inside:
            return self.value_rule(node, notation).symbols
        return name_of(node, notation)

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
            if _is_sign(node, k):
                negative ^= node.partials[k] < 0.0
            else:
                rule = partial_rule(node, k, lambda v: self.symbol(v, notation), lambda v: self.number(v, notation), notation)
        if rule is None:
            one = spelled(edge.factor, notation)
            return Rule(one, one, "", edge.factor)
        if negative:
            return Rule(reader.negate(rule.symbols), reader.negate(rule.numbers), rule.because, edge.factor, tie=rule.tie)
        return rule


def _is_sign(node: Value, k: int) -> bool:
    """Whether the table says that the k-th partial of a node is always 1 or always −1."""
    if node.op is None:
        return False
    which = k // (len(node.inputs) // node.op.arity) if node.op.nary else k
    return constant(node.op.trees[1][which]) in (1.0, -1.0)


def _is_neuron(node: Value) -> bool:
    return node.op is not None and node.op.name in ACTIVATIONS


def _has_name(node: Value) -> bool:
    """Whether a reader has a word for a node: its label, or that it is an activation."""
    return bool(node.label and clean(node.label)) or _is_neuron(node)


def _named(shown: Sequence[Value], root: Value, targets: Sequence[Value]) -> dict[Value, str]:
    """A name, used once, for every shown node but nameless constants: its label, or one that textbooks give.

    A neuron's sum and activation are z and a, numbered if there are several; the root is L; other nodes v₁, v₂, ...
    """
    names: dict[Value, str] = {}
    used: dict[str, int] = {}
    counts: dict[str, int] = {}

    def label(node: Value, name: str) -> None:
        used[name] = used.get(name, 0) + 1
        names[node] = name if used[name] == 1 else f"{name}#{used[name]}"

    def invent(node: Value, letter: str, alone: bool) -> None:
        name = letter
        while name in used or (name == letter and not alone):
            counts[letter] = counts.get(letter, 0) + 1
            name = letter + str(counts[letter]).translate(_SUBSCRIPTS)
        label(node, name)

    for node in shown:
        if node.label and clean(node.label):
            label(node, clean(node.label))
    if root not in names and root.op is not None:
        invent(root, "L", alone=True)
    neurons = [node for node in shown if _is_neuron(node) and node.inputs[0].op is not None and not _is_neuron(node.inputs[0])]
    for node in neurons:
        for part, letter in ((node.inputs[0], "z"), (node, "a")):
            if part not in names:
                invent(part, letter, alone=len(neurons) == 1)
    asked = set(targets)  # a list would compare Values by their numbers
    for node in shown:
        if node not in names and (node.op is not None or node in asked):
            invent(node, "v" if node.op is not None else "x", alone=node.op is None)
    return names
