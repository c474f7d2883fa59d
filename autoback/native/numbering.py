"""From a recorded graph to a list of numbered operations: each distinct one once, and sums as sums.

Equal nodes become one; what depends on constants alone is a constant. A chain of additions that adds alike
terms from the left, as `sum(w * x for ...)` records it, becomes one n-ary sum or dot: it is the same fold,
so the same bits. Then each operation gets a colour: its row and the colours of its operands.
"""

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from autoback.engine.operations import OPERATIONS, Operation
from autoback.engine.value import Value, topological_order
from autoback.native.plan import CONSTANT, PARAMETER, SLOT

__all__ = ["Numbering", "number_graph"]

_ADD, _MUL, _SUM, _DOT = (OPERATIONS[name] for name in ("add", "mul", "sum", "dot"))


@dataclass
class Numbering:
    """The operations of a graph and its leaves, by number, operands first.

    space:    of inputs SLOT, of parameters PARAMETER, of constants CONSTANT; of operations SLOT
    index:    where in its space it lies; of operations -1, for they are placed later
    op, operands: of operations the row and the numbers of its operands; otherwise None and ()
    start:    the number that an n-ary fold starts with, or -1 for none
    level:    0 for leaves, otherwise one more than that of the highest operand
    color:    equal for operations that do the same to operands of equal colours. The terms of a sum count as
              a set, so sums of different lengths may be equal, and a product is a dot of one term.
              All constants have one colour, but for the constants of a row, such as exponents.
              Operations of one colour have one level, so none of them depends on another
    outputs:  the numbers of the graph's outputs; constants: their values
    """

    space: list[str] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    op: list[Operation | None] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    color: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)


def number_graph(outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value]) -> Numbering:
    """The numbering of a graph. Raises ValueError if a leaf is both an input and a parameter, or twice one of them."""
    for leaf, times in Counter([*inputs, *parameters]).most_common(1):
        if times > 1:
            raise ValueError(f"a leaf is listed twice among inputs and parameters: {leaf!r}")
    writer = _Writer()
    for space, leaves in ((SLOT, inputs), (PARAMETER, parameters)):
        writer.leaves(space, leaves)
    order = topological_order(*outputs)
    uses = Counter(chain.from_iterable([node.inputs for node in order]))
    uses.update(outputs)
    chains = _Chains(order, uses, writer.ids)
    for node in order:
        if node not in writer.ids and node not in chains.inside:
            writer.ids[node] = _chain(writer, node, chains) if node in chains.found else writer.node(node)
    writer.made.outputs = [writer.ids[output] for output in outputs]
    return writer.made


class _Chains:
    """Chains of additions, each a fold from the left.

    found:  last addition -> (start, further terms)
    inside: additions and products that nothing but a chain uses
    """

    def __init__(self, order: Sequence[Value], uses: Counter[Value], leaves: dict[Value, int]) -> None:
        self.uses = uses
        self.found: dict[Value, tuple[Value, list[Value]]] = {}
        for node in order:
            if node.op is _ADD and node not in leaves:
                left, right = node.inputs
                if uses[left] == 1 and left in self.found and self._product(right) == self._product(self.found[left][1][-1]):
                    start, terms = self.found.pop(left)
                    terms.append(right)
                    self.found[node] = start, terms
                else:
                    self.found[node] = left, [right]
        zero = {node for node in order if node.op is None and node.data == 0.0 and node not in leaves}
        self.found = {node: link for node, link in self.found.items() if len(link[1]) > 2 or link[0] in zero}
        self.inside: set[Value] = set()
        for node, (_, terms) in self.found.items():
            if self.products(node):
                self.inside.update(terms)
            link = node.inputs[0]
            for _ in terms[1:]:
                self.inside.add(link)
                link = link.inputs[0]

    def _product(self, term: Value) -> bool:
        return term.op is _MUL and self.uses[term] == 1

    def products(self, node: Value) -> bool:
        """Whether the further terms of a chain are products for it alone; if one is, all are."""
        return self._product(self.found[node][1][0])


def _chain(writer: "_Writer", node: Value, chains: _Chains) -> int:
    """Number a chain: as one fold if its terms are alike, otherwise link by link."""
    ids, color = writer.ids, writer.made.color
    start, terms = chains.found[node]
    if chains.products(node):
        if start.op is _MUL and chains.uses[start] == 1:
            vectors = [[ids[term.inputs[k]] for term in (start, *terms)] for k in (0, 1)]
            first = -1
        else:
            vectors, first = [[ids[term.inputs[k]] for term in terms] for k in (0, 1)], ids[start]
        if all([len({color[i] for i in vector}) == 1 for vector in vectors]):
            return writer.fold(node, _DOT, vectors, first)
        for term in terms:
            ids[term] = writer.node(term)
    numbers = [ids[term] for term in terms]
    if len({color[i] for i in numbers}) == 1:
        if color[ids[start]] == color[numbers[0]]:
            return writer.fold(node, _SUM, [[ids[start], *numbers]], -1)
        return writer.fold(node, _SUM, [numbers], ids[start])
    links = [node]
    for _ in terms[1:]:
        links.append(links[-1].inputs[0])
    for link in reversed(links):
        ids[link] = writer.node(link)
    return ids[node]


class _Writer:
    """Appends to a Numbering, and finds again what it has appended before."""

    def __init__(self) -> None:
        self.made = Numbering()
        self.ids: dict[Value, int] = {}
        self._known: dict[object, int] = {}
        self._colors: dict[object, int] = {}
        self._constants: set[int] = set()

    def leaves(self, space: str, leaves: Sequence[Value]) -> None:
        """All leaves of a space."""
        made, count, first = self.made, len(leaves), len(self.made.space)
        self.ids.update(zip(leaves, range(first, first + count), strict=True))
        made.space += [space] * count
        made.index += range(count)
        made.op += [None] * count
        made.operands += [()] * count
        made.start += [-1] * count
        made.level += [0] * count
        made.color += [self._colors.setdefault(space, len(self._colors))] * count

    def constant(self, number: float) -> int:
        """The number of a constant."""
        bits = struct.pack("<d", number)  # 0.0 and -0.0 are two constants
        if bits not in self._known:
            self._known[bits] = self._append(CONSTANT, len(self.made.constants), None, (), -1, 0, CONSTANT)
            self._constants.add(self._known[bits])
            self.made.constants.append(number)
        return self._known[bits]

    def node(self, node: Value) -> int:
        """An operation or a constant as it was recorded."""
        op, ids = node.op, self.ids
        operands = tuple([ids[below] for below in node.inputs])
        if op is None or self._constants.issuperset(operands):
            return self.constant(node.data)
        if op.nary:
            return self.fold(node, op, op.vectors(operands), -1)
        key = (op, operands)  # the row, not its name: a name may be defined again
        if key not in self._known:
            color = self.made.color
            if op is _MUL:  # as `fold` has it for a dot of one term
                kind: object = (_DOT, (color[operands[0]],), (color[operands[1]],), None)
            else:  # constants of a row, such as exponents, are part of the colour; other constants are operands like parameters
                variable = len(operands) - op.constants
                kind = (op, *[color[i] for i in operands[:variable]], *[-1 - i for i in operands[variable:]])
            self._known[key] = self._operation(op, operands, -1, kind)
        return self._known[key]

    def fold(self, node: Value, op: Operation, vectors: Sequence[Sequence[int]], start: int) -> int:
        """An n-ary operation on vectors of operands, which a start precedes if there is one."""
        operands = tuple(chain.from_iterable(vectors))
        if self._constants.issuperset(operands) and (start < 0 or start in self._constants):
            return self.constant(node.data)
        key = (op, operands, start)
        if key not in self._known:
            color = self.made.color
            kinds = [tuple(sorted({color[i] for i in vector})) for vector in vectors]
            self._known[key] = self._operation(op, operands, start, (op, *kinds, color[start] if start >= 0 else None))
        return self._known[key]

    def _operation(self, op: Operation, operands: tuple[int, ...], start: int, color: object) -> int:
        level = self.made.level
        highest = max([level[i] for i in operands])
        return self._append(SLOT, -1, op, operands, start, 1 + (max(highest, level[start]) if start >= 0 else highest), color)

    def _append(
        self, space: str, index: int, op: Operation | None, operands: tuple[int, ...], start: int, level: int, color: object
    ) -> int:
        made = self.made
        made.space.append(space)
        made.index.append(index)
        made.op.append(op)
        made.operands.append(operands)
        made.start.append(start)
        made.level.append(level)
        made.color.append(self._colors.setdefault(color, len(self._colors)))
        return len(made.space) - 1
