"""From a recorded graph to a plan: which operations run together, and where each number lies.

Nodes that do the same to operands of the same kind form a group (all dots of a layer, all its
activations, their backward twins). A group whose operands step evenly through memory becomes one
`Loop`, of one or two counters; one whose operands do not becomes a `Table` of addresses.
"""

import ast
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, cached_property

import numpy as np

from autoback.engine.operations import Operation
from autoback.engine.value import Value, topological_order
from autoback.native.plan import CONSTANT, PARAMETER, RESULT, SLOT, Integers, Loop, Place, Table, regular_pieces

__all__ = ["Plan"]

#: More groups than this, and the small ones are pooled into tables, so that code stays short.
MANY_GROUPS = 256
SMALL_GROUP = 8
#: A group falls into at most so many evenly stepping regular_pieces; beyond, it is a table.
MANY_PIECES = 8

#: A plan of no more scalar operations than this is written out, without loops.
SMALL_PROGRAM = 320

#: Where tables point to parameters and constants until these have been given slots.
_LIFTED = {PARAMETER: 1 << 40, CONSTANT: 1 << 41}


class Plan:
    """The plan of a program.

    outputs:    Values to compute; inputs: leaves that differ from sample to sample, in slots 0, 1, …;
    parameters: leaves that all samples share. Every other leaf is a constant, frozen at its number.
    sums:       whether only the sums of the outputs over the samples are wanted (a training step);
                then a product that goes nowhere else is added up without being stored

    steps: Loops and Tables in order; slots: how many; constants: their numbers
    """

    def __init__(self, outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value] = (), *, sums: bool = False) -> None:
        self.inputs, self.parameters, self.results = len(inputs), len(parameters), len(outputs)
        self.constants: list[float] = []
        self.sums = sums
        self.nodes = 0
        self._constant_at: dict[bytes, int] = {}
        self._number(outputs, inputs, parameters)
        # Tables know slots only: parameters and constants that they use are copied into these.
        self._lifts: dict[str, tuple[int, int]] = {}
        self.slots = len(inputs)
        self.steps: list[Loop | Table] = []
        self._place()
        self._take()
        self._lift()

    @property
    def work(self) -> int:
        """How many scalar operations one sample takes."""
        return sum(step.work for step in self.steps)

    @cached_property
    def is_small(self) -> bool:
        """Whether the plan is written out, without loops."""
        return self.work <= SMALL_PROGRAM

    # Numbering: equal nodes become one, what depends on constants alone is a constant

    def _number(self, outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value]) -> None:
        self._space: list[str] = []
        self._index: list[int] = []
        self._level: list[int] = []
        self._color: list[int] = []
        self._ops: list[Operation | None] = []
        self._operands: list[tuple[int, ...]] = []
        ids: dict[Value, int] = {}
        colors: dict[object, int] = {SLOT: 0, PARAMETER: 1}
        known: dict[object, int] = {}

        def new(space: str, index: int, level: int, color: int, op: Operation | None = None, operands: tuple[int, ...] = ()) -> int:
            self._space.append(space)
            self._index.append(index)
            self._level.append(level)
            self._color.append(color)
            self._ops.append(op)
            self._operands.append(operands)
            return len(self._space) - 1

        for space, leaves in ((SLOT, inputs), (PARAMETER, parameters)):
            for index, leaf in enumerate(leaves):
                if leaf in ids:
                    raise ValueError(f"a leaf is listed twice among inputs and parameters: {leaf!r}")
                ids[leaf] = new(space, index, 0, colors[space])
        for node in topological_order(*outputs):
            if node in ids:
                continue
            operands = tuple([ids[below] for below in node.inputs])
            if node.op is None or all([self._space[i] == CONSTANT for i in operands]):
                index = self._constant(node.data)
                constant = (CONSTANT, index)
                if constant not in known:
                    known[constant] = new(CONSTANT, index, 0, colors.setdefault(constant, len(colors)))
                ids[node] = known[constant]
                continue
            key = (node.op.name, operands)
            if key not in known:
                kind = (node.op.name, tuple([self._color[i] for i in operands]))
                level = 1 + max([self._level[i] for i in operands])
                known[key] = new(SLOT, -1, level, colors.setdefault(kind, len(colors)), node.op, operands)
                self.nodes += 1
            ids[node] = known[key]
        self._outputs = [ids[output] for output in outputs]
        self._covered = self._find_covered()

    def _constant(self, number: float) -> int:
        bits = struct.pack("<d", number)  # 0.0 and -0.0 are two constants
        if bits not in self._constant_at:
            self._constant_at[bits] = len(self.constants)
            self.constants.append(number)
        return self._constant_at[bits]

    def _find_covered(self) -> list[bool]:
        """For each node: True if a later checked number becomes non-finite whenever this one does."""
        covered = [False] * len(self._space)
        for op, operands in zip(self._ops, self._operands, strict=True):
            if op is not None:
                for position, operand in enumerate(operands):
                    if not covered[operand] and propagates(op, 0 if op.nary else position):
                        covered[operand] = True
        if self.sums:
            for output in self._outputs:
                covered[output] = True  # the sums themselves are checked
        return covered

    # Placing: group by group, each into consecutive slots

    def _place(self) -> None:
        used = [False] * len(self._space)
        for operands in self._operands:
            for operand in operands:
                used[operand] = True
        targets: dict[int, list[int]] = {}
        for result, output in enumerate(self._outputs):
            targets.setdefault(output, []).append(result)
        self._taken = {
            output: where[0]
            for output, where in targets.items()
            if self.sums and not used[output] and len(where) == 1 and self._ops[output] is not None
        }
        self._written: set[int] = set()
        for pooled, nodes in self._groups():
            self._place_group(nodes, pooled=pooled)

    def _groups(self) -> list[tuple[bool, list[int]]]:
        """(whether pooled, nodes) for each group, in an order in which operands come first."""
        # A gradient that is only added up is kept apart from twins that are also used further.
        kinds = [2 * color + (node in self._taken) for node, color in enumerate(self._color)]
        sizes = Counter(kind for kind, op in zip(kinds, self._ops, strict=True) if op is not None)
        many = len(sizes) > MANY_GROUPS
        groups: dict[int, list[int]] = {}
        pools: dict[object, list[int]] = {}
        for node, op in enumerate(self._ops):
            if op is None:
                continue
            terms = len(self._operands[node]) if op.nary else 1
            if many and sizes[kinds[node]] * terms < SMALL_GROUP:
                pools.setdefault((self._level[node], op, len(self._operands[node]), self._literals(node)), []).append(node)
            else:
                groups.setdefault(kinds[node], []).append(node)
        found = [(pooled, nodes) for pooled, some in ((False, groups), (True, pools)) for nodes in some.values()]
        return sorted(found, key=lambda group: (self._level[group[1][0]], group[1][0]))

    def _literals(self, node: int) -> tuple[float, ...]:
        op = self._ops[node]
        trailing = self._operands[node][-op.constants :] if op is not None and op.constants else ()
        if all(self._space[operand] == CONSTANT for operand in trailing):
            return tuple(self.constants[self._index[operand]] for operand in trailing)
        return ()

    def _place_group(self, nodes: list[int], *, pooled: bool) -> None:
        op = self._ops[nodes[0]]
        assert op is not None
        checked = not all([self._covered[node] for node in nodes])
        rows, spaces = np.zeros((0, 0), np.int64), [self._space[i] for i in self._operands[nodes[0]]]
        if not pooled:
            rows = np.array([[self._index[i] for i in self._operands[node]] for node in nodes], dtype=np.int64)
            order = np.lexsort(rows.T[::-1]) if len(nodes) > 1 else np.zeros(1, np.int64)
            rows, nodes = rows[order], [nodes[i] for i in order]
            into = np.array([self._taken.get(node, -1) for node in nodes], dtype=np.int64)
            if (into >= 0).all() and (summed := self._loops(op, rows, spaces, RESULT, into, checked)) is not None:
                self._written.update(nodes)
                self.steps += summed
                return
        base = self.slots
        self.slots += len(nodes)
        for slot, node in enumerate(nodes, base):
            self._index[node] = slot
        loops = self._loops(op, rows, spaces, SLOT, np.arange(base, self.slots), checked) if not pooled else None
        self.steps += loops if loops is not None else [self._table(op, nodes, Place(SLOT, base, inner=1), checked)]

    def _loops(
        self, op: Operation | None, rows: Integers, spaces: list[str], space: str, into: Integers, checked: bool = False
    ) -> list[Loop] | None:
        arity = op.arity if op is not None else 1
        terms = rows.shape[1] // arity if op is not None and op.nary else 0
        stride = max(1, terms)
        first = range(0, rows.shape[1], stride)  # the first operand of each sequence
        if any(len(set(spaces[k : k + stride])) > 1 for k in first):
            return None
        steps = [int(rows[0, k + 1] - rows[0, k]) if terms > 1 else 0 for k in first]
        if terms > 1:
            for k, step in zip(first, steps, strict=True):
                if (np.diff(rows[:, k : k + stride], axis=1) != step).any():
                    return None
        matrix = np.column_stack([rows[:, list(first)], into])
        found = regular_pieces(matrix)
        if len(found) > MANY_PIECES:
            return None
        return [
            Loop(
                op,
                outer,
                inner,
                terms,
                tuple(Place(spaces[k * stride], int(matrix[start, k]), int(far[k]), int(near[k]), steps[k]) for k in range(arity)),
                Place(space, int(matrix[start, -1]), int(far[-1]), int(near[-1])),
                checked,
            )
            for start, outer, inner, far, near in found
        ]

    def _table(self, op: Operation | None, nodes: list[int], target: Place, checked: bool = False) -> Table:
        literals = self._literals(nodes[0]) if op is not None else ()
        keep = len(self._operands[nodes[0]]) - len(literals) if op is not None else 1
        rows = [self._operands[node][:keep] for node in nodes] if op is not None else [(node,) for node in nodes]
        slots = np.array([[self._slot(i) for i in row] for row in rows], dtype=np.int64)
        return Table(op, keep // op.arity if op is not None and op.nary else 0, slots, literals, target, checked)

    def _slot(self, node: int) -> int:
        space, index = self._space[node], self._index[node]
        if space == SLOT:
            return index
        low, high = self._lifts.get(space, (index, index))
        self._lifts[space] = (min(low, index), max(high, index))
        return _LIFTED[space] + index  # for now; `_lift` gives it its slot

    def _lift(self) -> None:
        first = []
        for space, (low, high) in sorted(self._lifts.items()):
            base, mark = self.slots, _LIFTED[space]
            self.slots += high - low + 1
            first.append(Loop(None, 1, high - low + 1, 0, (Place(space, low, inner=1),), Place(SLOT, base, inner=1)))
            for step in self.steps:
                if isinstance(step, Table):
                    chosen = (step.operands >= mark) & (step.operands < 2 * mark)
                    step.operands[chosen] += base - low - mark
        self.steps[:0] = first

    def _take(self) -> None:
        """Bring the outputs from where they are to the results."""
        rest = [(result, output) for result, output in enumerate(self._outputs) if output not in self._written]
        loops: list[Loop] = []
        for space in (SLOT, PARAMETER, CONSTANT):
            chosen = [(result, self._index[output]) for result, output in rest if self._space[output] == space]
            if chosen:
                into, source = np.array(chosen, dtype=np.int64).T
                found = self._loops(None, source[:, None], [space], RESULT, into)
                if found is None:
                    break
                loops += found
        else:
            self.steps += loops
            return
        for run in consecutive(rest):
            self.steps.append(self._table(None, [output for _, output in run], Place(RESULT, run[0][0], inner=1)))


def consecutive(pairs: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The pairs in stretches whose first members follow each other."""
    stretch: list[tuple[int, int]] = []
    for pair in pairs:
        if stretch and pair[0] != stretch[-1][0] + 1:
            yield stretch
            stretch = []
        stretch.append(pair)
    if stretch:
        yield stretch


@cache
def propagates(op: Operation, position: int) -> bool:
    """Whether the result cannot be finite when that input is not: then one check, later, serves for both."""
    return _propagates(op.trees[0], "xyz"[position]) if not op.nary else all(_propagates(op.trees[0], name) for name in "xyz"[: op.arity])


def _propagates(tree: ast.expr, name: str) -> bool:
    match tree:
        case ast.Name(id=other):
            return other == name
        case ast.UnaryOp(operand=operand):
            return _propagates(operand, name)
        case ast.BinOp(op=ast.Div(), left=left):
            return _propagates(left, name)  # but a finite number divided by infinity is 0
        case ast.BinOp(left=left, right=right):
            return _propagates(left, name) or _propagates(right, name)
        case ast.Call(func=ast.Name(id="log" | "log1p" | "sqrt" | "abs" | "sin" | "cos" | "tan"), args=[argument]):
            return _propagates(argument, name)
    return False
