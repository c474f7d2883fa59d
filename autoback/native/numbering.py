"""From a recorded graph to a list of numbered operations: each distinct one once, and sums as sums.

Equal nodes become one; what depends on constants alone is a constant. A chain of additions that adds alike
terms from the left, as `sum(w * x for ...)` records it, becomes one n-ary sum or dot: it is the same fold,
so the same bits. Then each operation gets a colour: its row and the colours of its operands.
"""

import struct
from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, takewhile
from operator import attrgetter

from autoback.engine.operations import OPERATIONS, Operation
from autoback.engine.value import Value, topological_order
from autoback.native.plan import CONSTANT, PARAMETER, SLOT

__all__ = ["Numbering", "number_graph"]

#: No more alike nodes than this are numbered one by one, and no more than that at once.
SHORT_RUN, LONG_RUN = 16, 1024

_ADD, _MUL, _SUM, _DOT = (OPERATIONS[name] for name in ("add", "mul", "sum", "dot"))


@dataclass
class Numbering:
    """The operations of a graph and its leaves, by number, operands first.

    space:    of inputs SLOT, of parameters PARAMETER, of constants CONSTANT; of operations SLOT
    index:    where in its space it lies; of operations -1, for they are placed later
    op, operands: of operations the row and the numbers of its operands; otherwise None and ()
    start:    the number that an n-ary fold starts with, or -1 for none
    color:    equal for operations that do the same to operands of equal colours. The terms of a sum count as
              a set, so sums of different lengths may be equal, and a product is a dot of one term.
              All constants have one colour, but for the constants of a row, such as exponents.
              Operations of one colour have one level, so none of them depends on another
    levels:   of each colour: 0 of leaves, otherwise one more than that of the highest operand
    outputs:  the numbers of the graph's outputs; constants: their values
    """

    space: list[str] = field(default_factory=list)
    index: list[int] = field(default_factory=list)
    op: list[Operation | None] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    color: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)


def number_graph(outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value]) -> Numbering:
    """The numbering of a graph. Raises ValueError if a leaf is both an input and a parameter, or twice one of them."""
    if len({*inputs, *parameters}) < len(inputs) + len(parameters):
        leaf, _ = Counter([*inputs, *parameters]).most_common(1)[0]
        raise ValueError(f"a leaf is listed twice among inputs and parameters: {leaf!r}")
    writer = _Writer()
    for space, leaves in ((SLOT, inputs), (PARAMETER, parameters)):
        writer.leaves(space, leaves)
    order = topological_order(*outputs)
    added = {below for node in order if node.op is _ADD for below in node.inputs}
    uses = Counter(filter(added.__contains__, chain(chain.from_iterable(map(attrgetter("inputs"), order)), outputs)))
    chains = _Chains(order, uses, writer.ids)
    found, ids = chains.found, writer.ids
    left = [node for node in order if node not in ids and node not in chains.inside]
    one_by_one = 0
    for at, node in enumerate(left):
        if at >= one_by_one and (count := _alike(left, at, found)):
            one_by_one = at + (writer.run(left[at : at + count]) or SHORT_RUN)
        if node not in ids:
            ids[node] = _chain(writer, node, chains) if node in found else writer.node(node)
    writer.made.outputs = [writer.ids[output] for output in outputs]
    return writer.made


def _alike(nodes: list[Value], at: int, chains: Container[Value]) -> int:
    """How many nodes of one row follow each other from `at` on, if they are more than a few and no chain ends there."""
    op = nodes[at].op
    if op is None or op.nary or op.constants:
        return 0
    for node in nodes[at + 1 : at + SHORT_RUN]:
        if node.op is not op:
            return 0
    return sum(1 for _ in takewhile(lambda node: node.op is op and node not in chains, nodes[at : at + LONG_RUN]))


class _Chains:
    """Chains of additions, each a fold from the left.

    uses:   how often operands of additions are used
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
        self._known: defaultdict[object, dict[object, int]] = defaultdict(dict)  # by row, for a name may be defined again
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
        made.color += [self._color(space, ())] * count

    def constant(self, number: float) -> int:
        """The number of a constant."""
        bits, known = struct.pack("<d", number), self._known[None]  # 0.0 and -0.0 are two constants
        if bits not in known:
            known[bits] = self._append(CONSTANT, len(self.made.constants), None, (), -1, self._color(CONSTANT, ()))
            self._constants.add(known[bits])
            self.made.constants.append(number)
        return known[bits]

    def node(self, node: Value) -> int:
        """An operation or a constant as it was recorded."""
        op, ids = node.op, self.ids
        operands = tuple([ids[below] for below in node.inputs])
        if op is None or self._constants.issuperset(operands):
            return self.constant(node.data)
        if op.nary:
            return self.fold(node, op, op.vectors(operands), -1)
        known = self._known[op]
        number = known.get(operands)
        if number is None:
            color, variable = self.made.color, len(operands) - op.constants
            kinds = tuple([color[i] for i in operands])
            if op.constants:  # such as exponents, they are part of the colour; other constants are operands like parameters
                kinds = kinds[:variable] + tuple([-1 - i for i in operands[variable:]])
            known[operands] = number = self._append(SLOT, -1, op, operands, -1, self._flat(op, kinds, operands))
        return number

    def run(self, nodes: Sequence[Value]) -> int:
        """Number nodes of one row all at once, up to the first that depends on one of them, and give how many.

        A gradient has such runs, an entry for each weight. For a short run, or one with constants or equal nodes, it gives 0
        and has done nothing.
        """
        op = nodes[0].op if nodes else None
        if op is None:
            return 0
        made, known = self.made, self._known[op]
        flat: list[int] = []
        with suppress(KeyError):  # the operands of a node that is not numbered yet
            flat += map(self.ids.__getitem__, chain.from_iterable(map(attrgetter("inputs"), nodes)))
        operands = list(zip(*[iter(flat)] * op.arity, strict=False))
        fresh, count = dict.fromkeys(operands), len(operands)
        if count <= SHORT_RUN or len(fresh) < count or not known.keys().isdisjoint(fresh) or not self._constants.isdisjoint(flat):
            return 0
        colors = [*zip(*[map(made.color.__getitem__, flat)] * op.arity, strict=False)]
        kinds = {kind: self._flat(op, kind, each) for kind, each in dict(zip(colors, operands, strict=True)).items()}
        first = len(made.space)
        numbers = range(first, first + count)
        known.update(zip(operands, numbers, strict=True))
        self.ids.update(zip(nodes, numbers, strict=False))
        made.space += [SLOT] * count
        made.index += [-1] * count
        made.op += [op] * count
        made.operands += operands
        made.start += [-1] * count
        made.color += map(kinds.__getitem__, colors)
        return count

    def fold(self, node: Value, op: Operation, vectors: Sequence[Sequence[int]], start: int) -> int:
        """An n-ary operation on vectors of operands, which a start precedes if there is one."""
        operands = tuple(chain.from_iterable(vectors))
        if self._constants.issuperset(operands) and (start < 0 or start in self._constants):
            return self.constant(node.data)
        key, known = (operands, start), self._known[op]
        if key not in known:
            colors = self.made.color
            kinds = [tuple(sorted({colors[i] for i in vector})) for vector in vectors]
            kind = (op, *kinds, colors[start] if start >= 0 else None)
            color = self._color(kind, operands if start < 0 else (*operands, start))
            known[key] = self._append(SLOT, -1, op, operands, start, color)
        return known[key]

    def _flat(self, op: Operation, kinds: tuple[int, ...], operands: Sequence[int]) -> int:
        """The colour of an operation on operands of these colours; of a product that of a dot of one term."""
        return self._color((_DOT, kinds[:1], kinds[1:], None) if op is _MUL else (op, *kinds), operands)

    def _color(self, kind: object, operands: Sequence[int]) -> int:
        """The number of a colour. operands: of one operation that has it"""
        color = self._colors.get(kind)
        if color is None:
            levels, colors = self.made.levels, self.made.color
            self._colors[kind] = color = len(levels)
            levels.append(max([1 + levels[colors[i]] for i in operands], default=0))
        return color

    def _append(self, space: str, index: int, op: Operation | None, operands: tuple[int, ...], start: int, color: int) -> int:
        made = self.made
        made.space.append(space)
        made.index.append(index)
        made.op.append(op)
        made.operands.append(operands)
        made.start.append(start)
        made.color.append(color)
        return len(made.space) - 1
