"""One reading of a graph for all views: what every node is called and what it is worth.

A view that needs a name, a number, a gradient, or whether something is stale finds it here and nowhere else.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from autoback.engine.operation import Operation
from autoback.engine.value import Value, stale, topological_order
from autoback.text import short
from autoback.view.names import Names, derivative
from autoback.view.notation import TEXT, Notation
from autoback.view.phrases import ATOM, Phrase, equals, joined, product, spelled

__all__ = ["Node", "Snapshot", "sensitivities"]

#: A stored gradient that differs by more than this part from the one found here has other gradients in it.
_SAME = 1e-9


@dataclass(frozen=True)
class Node:
    """One node of a graph, by number.

    inputs:   the numbers of its inputs, in order, with repeats
    gradient: d(root)/d(this), from the recorded local derivatives
    stored:   its `grad`: None as long as no backward has reached it
    constant: a number that the reader does not vary: an operand without a derivative, such as the 2 of x²,
              or a nameless leaf in a graph whose other leaves have names
    stale:    a leaf was changed since it was computed
    """

    name: str
    op: Operation | None
    inputs: tuple[int, ...]
    value: float
    partials: tuple[float, ...]
    gradient: float
    stored: float | None
    constant: bool
    stale: bool

    @property
    def is_accumulated(self) -> bool:
        """Whether `grad` holds something else than the gradient of this root."""
        return self.stored is not None and abs(self.stored - self.gradient) > _SAME * max(abs(self.stored), abs(self.gradient))

    @property
    def told(self) -> str:
        """The gradient as it is written on a card: "7", "7 + 7 = 14" where backwards have added up, "—" for none."""
        if self.stored is None:
            return "—"
        if not self.is_accumulated:
            return short(self.gradient)
        return self.sum if self.op is None else f"{short(self.gradient)} (grad {short(self.stored)})"

    @property
    def parts(self) -> tuple[float, ...]:
        """What a leaf's `grad` consists of: 7, 7 after two backwards of this root; else this gradient and the rest.

        After more than three it is how many there are, and then the gradient, three times.
        """
        stored, gradient = self.stored or 0.0, self.gradient
        times = round(stored / gradient) if gradient else 0
        if times < 2 or abs(stored - times * gradient) > _SAME * abs(stored):
            return gradient, stored - gradient
        return (gradient,) * times if times <= 3 else (float(times), gradient, gradient, gradient)

    @property
    def sum(self) -> str:
        """The same as text: 7 + 7 = 14, or 4 × 7 = 28."""
        parts, stored = self.parts, spelled(self.stored or 0.0, TEXT)
        several = [spelled(part, TEXT) for part in parts]
        added = product(parts[:2], TEXT) if len(parts) > 3 else joined("+", several, TEXT)
        return f"{added.text} {equals(added, stored)} {stored.text}"


class Snapshot:
    """A graph as it is now; it is not changed, and later changes of the graph do not show.

    root:      the Value the graph ends in
    variables: leaves that are no constants although they have no name
    nodes:     one for each node, inputs first, the root last; `order` are the Values they stand for
    Raises TypeError when the root is no Value.

    >>> x = Value(3.0, "x")
    >>> [(node.name, node.value, node.gradient) for node in Snapshot(x * x).nodes]
    [('x', 3.0, 6.0), ('L', 9.0, 1.0)]
    """

    def __init__(self, root: Value, variables: Collection[Value] = ()) -> None:
        if not isinstance(root, Value):
            raise TypeError(f"a graph ends in a Value, got a {type(root).__name__}: {root!r:.40}")
        self.root = root
        self.order: list[Value] = topological_order(root)
        self.index: dict[Value, int] = {node: k for k, node in enumerate(self.order)}
        self.operands: set[Value] = _operands(self.order)
        constants = _constants(self.order, self.operands, set(variables))
        self.names: Names = Names(self.order, constants)
        changed = set(stale(self.order))
        gradients = sensitivities(self.order, root)
        self.nodes: list[Node] = [
            Node(
                self.names.text(node), node.op, tuple([self.index[below] for below in node.inputs]), node.data, node.partials,
                gradients.get(node, 0.0), node.grad, node in constants, node in changed,
            )
            for node in self.order
        ]  # fmt: skip
        self.uses: list[list[tuple[int, int]]] = [[] for _ in self.order]
        for k, node in enumerate(self.nodes):
            for position, below in enumerate(node.inputs):
                self.uses[below].append((k, position))
        self._number = {use: number for uses in self.uses if len(uses) > 1 for number, use in enumerate(uses, 1)}

    @property
    def name(self) -> str:
        """The name of the root."""
        return self.nodes[-1].name

    def __getitem__(self, value: Value) -> Node:
        return self.nodes[self.index[value]]

    def mark(self, k: int, position: int, notation: Notation = TEXT) -> Phrase:
        """What an input is called along one edge: by its name, or x₍₂₎, the second use of x, if it is used several times.

        k, position: the node that uses it, and where among its inputs
        So ∂y/∂x₍₂₎ is the slope along one edge, and ∂y/∂x the sum over all of them, never the same symbol for both.
        """
        phrase = self.names.phrase(self.order[k].inputs[position], notation)
        number = self._number.get((k, position))
        if number is None:
            return phrase
        inner = phrase.text if phrase.binds >= ATOM else notation.parentheses(phrase.text)
        return Phrase(notation.use(inner, number), ATOM)

    def slope(self, k: int, position: int, notation: Notation = TEXT) -> Phrase:
        """The symbol of the local derivative along one edge: ∂z/∂w, or ∂y/∂x₍₁₎."""
        return derivative(self.names.phrase(self.order[k], notation), self.mark(k, position, notation), notation)

    def gradient(self, k: int, notation: Notation = TEXT) -> Phrase:
        """The symbol of the whole gradient of a node, ∂L/∂w."""
        return derivative(self.names.phrase(self.root, notation), self.names.phrase(self.order[k], notation), notation)

    @property
    def stale(self) -> bool:
        """Whether a leaf was changed since the graph was computed."""
        return any(node.stale for node in self.nodes)

    def notes(self) -> list[str]:
        """What every view says about this graph besides its numbers: stale, without gradients, or with too much in them."""
        notes = []
        if self.stale:
            first = next(node for node in self.nodes if node.stale)
            notes.append(f"Stale: a leaf was changed after {first.name} was computed; call refresh() on {self.name}.")
        if self.root.grad is None:
            notes.append(f"No gradients yet: call backward() on {self.name}.")
        leaves = [node for node in self.nodes if node.op is None and not node.constant and node.is_accumulated]
        if leaves and self.root.grad is not None and self.root.grad != 1.0:
            notes.append(f"The stored gradients are those of another root than {self.name}.")
        elif leaves:
            sums = ", ".join(f"{node.name}.grad is {node.sum}" for node in leaves[:3])
            more = f" and {len(leaves) - 3} more" if len(leaves) > 3 else ""
            notes.append(f"{sums}{more}: zero_grad() was not called before backward().")
        return notes


def sensitivities(order: Sequence[Value], root: Value) -> dict[Value, float]:
    """d(root)/d(node) by the recorded partials, for each node that `order` reaches from the root; no `grad` is read or touched.

    order: nodes, inputs first; those left out are not gone through, and get what comes to them
    """
    along = {root: 1.0}
    for node in reversed(order):
        upstream = along.get(node)
        if upstream is not None:
            for below, partial in zip(node.inputs, node.partials, strict=True):
                along[below] = along.get(below, 0.0) + upstream * partial
    return along


def _operands(order: Iterable[Value]) -> set[Value]:
    """The leaves that only ever stand where a row takes a constant, and so have no derivative."""
    fixed: set[Value] = set()
    free: set[Value] = set()
    for node in order:
        for k, below in enumerate(node.inputs):
            (fixed if node.op is not None and node.op.takes_constant(k) else free).add(below)
    return {node for node in fixed - free if node.op is None}


def _constants(order: Sequence[Value], operands: set[Value], variables: set[Value]) -> set[Value]:
    leaves = [node for node in order if node.op is None and node not in operands]
    named = {leaf for leaf in leaves if leaf.label or leaf in variables}
    return operands | ({leaf for leaf in leaves if leaf not in named} if named and len(order) > 1 else set())
