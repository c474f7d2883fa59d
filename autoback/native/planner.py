"""From a recorded graph to a plan: which operations run together, and where each number lies.

Nodes that do the same to operands of the same kind form a group (all dots of a layer, all its
activations, and the derivatives of both). A group whose operands step evenly through memory becomes one
`Loop`, of one or two counters; one whose operands do not becomes a `Table` of addresses.
"""

import ast
import gc
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from itertools import chain, compress

import numpy as np

from autoback.engine.operations import Operation
from autoback.engine.value import Value
from autoback.native.numbering import number_graph
from autoback.native.plan import CONSTANT, PARAMETER, RESULT, SLOT, Integers, Loop, Place, Segment, Table, regular_pieces

__all__ = ["Plan", "paused_collector"]

#: More groups than this, and the small ones are pooled into tables, so that code stays short.
MANY_GROUPS = 256
SMALL_GROUP = 8
#: A group falls into at most so many evenly stepping regular_pieces; beyond, it is a table.
MANY_PIECES = 8
ROWS_OF_A_PIECE = 12
#: Of no more evenly lying segments than this does a sum in a loop consist.
MANY_SEGMENTS = 16

#: A plan of no more scalar operations than this is written out, without loops.
SMALL_PROGRAM = 320

#: Where tables point to parameters and constants until these have been given slots.
_LIFTED = {PARAMETER: 1 << 40, CONSTANT: 1 << 41}


class Plan:
    """The plan of a program.

    outputs:    Values to compute; inputs: leaves that differ from sample to sample, in slots 0, 1, …;
    parameters: leaves that all samples share. Every other leaf is a constant, frozen at its number.
    sums:       whether only the sums of the outputs over the samples are wanted (a training step);
                then a product that nothing else uses is added up without being stored

    steps: Loops and Tables in order; slots: how many; constants: their numbers
    """

    def __init__(self, outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value] = (), *, sums: bool = False) -> None:
        self.inputs: int = len(inputs)
        self.parameters: int = len(parameters)
        self.results: int = len(outputs)
        self.sums = sums
        with paused_collector():
            self._make(outputs, inputs, parameters)

    def _make(self, outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value]) -> None:
        self._graph = number_graph(outputs, inputs, parameters)
        self.constants: list[float] = self._graph.constants
        self.nodes: int = sum([op is not None for op in self._graph.op])
        self._covered = self._find_covered()
        # Tables hold numbers of slots only: parameters and constants that they use are copied into slots.
        self._lifts: dict[str, tuple[int, int]] = {}
        self.slots: int = len(inputs)
        self.steps: list[Loop | Table] = []
        self._place()
        self._take()
        self._lift()
        del self._graph, self._covered, self._taken, self._written  # what only planning needs

    @property
    def work(self) -> int:
        """How many scalar operations one sample takes."""
        return sum(step.work for step in self.steps)

    @cached_property
    def is_small(self) -> bool:
        """Whether the plan is written out, without loops."""
        return self.work <= SMALL_PROGRAM

    def _find_covered(self) -> set[int]:
        """The nodes for which a later checked number becomes non-finite whenever they do."""
        graph = self._graph
        through = {op: [propagates(op, position) for position in range(op.arity)] for op in set(graph.op) if op is not None}
        whole = {op for op, positions in through.items() if all(positions)}
        covered = set(chain.from_iterable([operands for op, operands in zip(graph.op, graph.operands, strict=True) if op in whole]))
        covered.update([start for op, start in zip(graph.op, graph.start, strict=True) if op in whole])
        for op, operands in zip(graph.op, graph.operands, strict=True):
            if op is not None and op not in whole and not op.nary:
                covered.update(compress(operands, through[op]))
        if self.sums:
            covered.update(graph.outputs)  # the sums themselves are checked
        return covered

    # Placing: group by group, each into consecutive slots

    def _place(self) -> None:
        graph = self._graph
        self._taken: dict[int, int] = {}
        if self.sums:
            used = {*graph.start, *chain.from_iterable(graph.operands)}
            used.update(output for output, times in Counter(graph.outputs).items() if times > 1)
            self._taken = {
                output: result for result, output in enumerate(graph.outputs) if graph.op[output] is not None and output not in used
            }
        self._written: set[int] = set()
        for pooled, nodes in self._groups():
            self._place_group(nodes, pooled=pooled)

    def _groups(self) -> Iterator[tuple[bool, list[int]]]:
        """(whether pooled, nodes) for each group, in an order in which operands come first.

        The operations of one colour are next to each other, so that operations on all of them find them in a row.
        """
        graph = self._graph
        # A gradient that is only added up is kept apart from equal operations whose results are used further.
        kinds = [2 * color + (node in self._taken) for node, color in enumerate(graph.color)]
        sizes = Counter([kind for kind, op in zip(kinds, graph.op, strict=True) if op is not None])
        many = len(sizes) > MANY_GROUPS
        groups: defaultdict[int, defaultdict[object, list[int]]] = defaultdict(lambda: defaultdict(list))
        pools: defaultdict[object, list[int]] = defaultdict(list)
        for node, op in enumerate(graph.op):
            if op is None:
                continue
            operands = graph.operands[node]
            terms = len(operands) if op.nary else 1
            if many and sizes[kinds[node]] * terms < SMALL_GROUP:
                pools[graph.levels[graph.color[node]], op, len(operands), graph.start[node] >= 0, self._literals(node)].append(node)
            else:
                # Operations of one colour differ in their spaces only where the colours of terms count as a set.
                part = (op, len(operands), self._spaces(node)) if op.nary else op
                groups[kinds[node]][part].append(node)
        found = [(False, list(group.values())) for group in groups.values()] + [(True, [pool]) for pool in pools.values()]
        for pooled, parts in sorted(found, key=lambda group: (graph.levels[graph.color[group[1][0][0]]], group[1][0][0])):
            # By where the first operand in a slot lies, as far as that is known: then results lie as their operands do.
            for nodes in parts if len(parts) == 1 else sorted(parts, key=lambda nodes: min(map(self._first_slot, nodes))):
                yield pooled, nodes

    def _first_slot(self, node: int) -> int:
        graph = self._graph
        found = [graph.index[i] for i in graph.operands[node] if graph.space[i] == SLOT]
        return min(found, default=0)

    def _spaces(self, node: int) -> tuple[str | None, ...]:
        """The space of each operand; of an n-ary operation that of each vector, None if it is mixed, and that of the start."""
        graph, op = self._graph, self._graph.op[node]
        operands, space = graph.operands[node], graph.space
        if op is None or not op.nary:
            return tuple([space[i] for i in operands])
        spaces: list[str | None] = []
        for vector in op.vectors(operands):
            found = {space[i] for i in vector}
            spaces.append(found.pop() if len(found) == 1 else None)
        return (*spaces, space[graph.start[node]]) if graph.start[node] >= 0 else tuple(spaces)

    def _literals(self, node: int) -> tuple[int, ...]:
        """Which constants the trailing inputs of an operation are, if they are constants."""
        graph = self._graph
        op = graph.op[node]
        trailing = graph.operands[node][-op.constants :] if op is not None and op.constants else ()
        if all([graph.space[operand] == CONSTANT for operand in trailing]):
            return tuple([graph.index[operand] for operand in trailing])
        return ()

    def _place_group(self, nodes: list[int], *, pooled: bool) -> None:
        graph = self._graph
        op = graph.op[nodes[0]]
        assert op is not None
        checked = not self._covered.issuperset(nodes)
        if not pooled:
            spaces = self._spaces(nodes[0])
            started = graph.start[nodes[0]] >= 0
            where = graph.index.__getitem__
            flat = map(where, chain.from_iterable(map(graph.operands.__getitem__, nodes)))
            rows = np.fromiter(flat, np.int64).reshape(len(nodes), -1)
            if started:
                rows = np.column_stack([rows, [where(graph.start[node]) for node in nodes]])
            if nodes[0] in self._taken:  # then all are
                into = np.fromiter(map(self._taken.__getitem__, nodes), np.int64)
                order = np.argsort(into)
                if (summed := self._loops(op, rows[order], spaces, RESULT, into[order], checked, started=started)) is not None:
                    self._written.update(nodes)
                    self.steps += summed
                    return
            base = self.slots
            for order in _orders(op, rows, spaces):
                loops = self._loops(op, rows[order], spaces, SLOT, np.arange(base, base + len(nodes)), checked, started=started)
                if loops is not None:
                    self._number(nodes, order)
                    self.steps += loops
                    return
        self._number(nodes, np.arange(len(nodes)))
        self.steps.append(self._table(op, nodes, Place(SLOT, self.slots - len(nodes), inner=1), checked))

    def _number(self, nodes: list[int], order: Integers) -> None:
        """Give nodes the next slots, in this order."""
        for slot, k in enumerate(order.tolist(), self.slots):
            self._graph.index[nodes[k]] = slot
        self.slots += len(nodes)

    def _loops(
        self,
        op: Operation | None,
        rows: Integers,
        spaces: tuple[str | None, ...],
        space: str,
        into: Integers,
        checked: bool = False,
        *,
        started: bool = False,
    ) -> list[Loop] | None:
        """The rows as loops, or None if they do not step evenly enough."""
        arity, count = op.arity if op is not None else 1, rows.shape[1] - started
        if None in spaces:
            return None
        terms = count // arity if op is not None and op.nary else 1
        segments = _segments(rows[:, :count], terms, flexible=self.sums)
        first = [terms * vector + start for start, _, _ in segments for vector in range(count // terms)]
        matrix = np.column_stack([rows[:, [*first, count] if started else first], into])
        most = max(MANY_PIECES, len(rows) // ROWS_OF_A_PIECE)
        if len(segments) > MANY_SEGMENTS or (found := regular_pieces(matrix, most)) is None:
            return None
        vectors = count // terms
        columns = [*spaces[:vectors] * len(segments), *spaces[vectors:], space]

        def place(k: int, start: int, far: Integers, near: Integers, step: int = 0) -> Place:
            return Place(str(columns[k]), int(matrix[start, k]), int(far[k]), int(near[k]), step)

        return [
            Loop(
                op,
                outer,
                inner,
                tuple(
                    [
                        Segment(length, tuple([place(n * vectors + k, start, far, near, steps[k]) for k in range(vectors)]))
                        for n, (_, length, steps) in enumerate(segments)
                    ]
                ),
                place(len(columns) - 1, start, far, near),
                checked,
                place(len(columns) - 2, start, far, near) if started else None,
            )
            for start, outer, inner, far, near in found
        ]

    def _table(self, op: Operation | None, nodes: list[int], target: Place, checked: bool = False) -> Table:
        graph = self._graph
        literals = self._literals(nodes[0]) if op is not None else ()
        keep = len(graph.operands[nodes[0]]) - len(literals) if op is not None else 1
        started = graph.start[nodes[0]] >= 0 and op is not None
        rows = [
            ([graph.start[node]] if started else []) + list(graph.operands[node][:keep]) if op is not None else [node] for node in nodes
        ]
        slots = np.array([[self._slot(i) for i in row] for row in rows], dtype=np.int64)
        terms = keep // op.arity if op is not None and op.nary else 0
        return Table(op, terms, slots, tuple([self.constants[k] for k in literals]), target, checked, started)

    def _slot(self, node: int) -> int:
        space, index = self._graph.space[node], self._graph.index[node]
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
            first.append(Loop(None, 1, high - low + 1, (Segment(1, (Place(space, low, inner=1),)),), Place(SLOT, base, inner=1)))
            for step in self.steps:
                if isinstance(step, Table):
                    chosen = (step.operands >= mark) & (step.operands < 2 * mark)
                    step.operands[chosen] += base - low - mark
        self.steps[:0] = first

    def _take(self) -> None:
        """Bring the outputs from where they are to the results."""
        graph = self._graph
        rest = [(result, output) for result, output in enumerate(graph.outputs) if output not in self._written]
        loops: list[Loop] = []
        for space in (SLOT, PARAMETER, CONSTANT):
            chosen = [(result, graph.index[output]) for result, output in rest if graph.space[output] == space]
            if chosen:
                into, source = np.array(chosen, dtype=np.int64).T
                found = self._loops(None, source[:, None], (space,), RESULT, into)
                if found is None:
                    break
                loops += found
        else:
            self.steps += loops
            return
        for run in consecutive(rest):
            self.steps.append(self._table(None, [output for _, output in run], Place(RESULT, run[0][0], inner=1)))


def _segments(rows: Integers, terms: int, *, flexible: bool) -> list[tuple[int, int, list[int]]]:
    """Terms that lie evenly in all rows, as (first, how many, the step of each vector).

    flexible: whether terms may be added in another order, so that steps back become steps forth
    """
    vectors = rows.shape[1] // terms
    if terms == 1:
        return [(0, 1, [0] * vectors)]
    by_vector = rows.reshape(len(rows), vectors, terms)
    step = np.diff(by_vector, axis=2)
    even = (step == step[:1]).all(axis=(0, 1)).tolist()  # for each pair of neighbours
    steps = step[0].T.tolist()
    found = []
    first = 0
    while first < terms:
        last = first
        while last < terms - 1 and even[last] and steps[last] == steps[first]:
            last += 1
        chosen = steps[first] if last > first else [0] * vectors
        if flexible and max(chosen) <= 0:
            found.append((last, last - first + 1, [-each for each in chosen]))
        else:
            found.append((first, last - first + 1, chosen))
        first = last + 1
    return found


def _orders(op: Operation, rows: Integers, spaces: tuple[str | None, ...]) -> Iterator[Integers]:
    """Orders of rows in which they may step evenly: by their addresses in slots and then elsewhere, and as they were recorded."""
    width = (rows.shape[1] // op.arity) if op.nary else 1
    columns = list(range(rows.shape[1]))
    columns.sort(key=lambda k: spaces[min(k // width, len(spaces) - 1)] != SLOT)
    addresses = np.lexsort(rows.T[columns[::-1]]) if len(rows) > 1 else np.zeros(1, np.int64)
    recorded = np.arange(len(rows))
    yield from (addresses, recorded) if SLOT in spaces else (recorded, addresses)


def consecutive(pairs: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The pairs in runs whose first members follow each other."""
    run: list[tuple[int, int]] = []
    for pair in pairs:
        if run and pair[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


@contextmanager
def paused_collector() -> Iterator[None]:
    """Within it the garbage collector rests: graphs are large and hold no cycles, and walks over them take 40 % of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@cache
def propagates(op: Operation, position: int) -> bool:
    """Whether the result cannot be finite when that input is not: then one check, later, serves for both."""
    letters = op.letters if op.nary else op.letters[position]
    return all(_propagates(op.term, letter) for letter in letters)


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
