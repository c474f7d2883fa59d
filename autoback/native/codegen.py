"""Loops and tables to LLVM: what runs for one block of samples."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from autoback.engine.formula import fold
from autoback.engine.operations import Operation
from autoback.native.blocks import Rows, Source, transpose_slots
from autoback.native.builder import Builder, FormulaReader, Index, literal, vector
from autoback.native.listing import line
from autoback.native.llvm import register_lanes
from autoback.native.plan import CONSTANT, PARAMETER, RESULT, SLOT, Loop, Place, Table
from autoback.native.planner import Plan

__all__ = ["Block", "add_up", "check_finite", "raised"]


@dataclass(frozen=True)
class Kernel:
    """What tables have in common that one loop can run: `inputs` is 0 for an n-ary row, where each table gives the number of its terms."""

    op: Operation | None
    inputs: int
    literals: tuple[float, ...]
    space: str
    checked: bool


@dataclass
class Block:
    """Writes a plan for `width` samples at a time.

    slots, parameters, results: the names of the pointers; results are width doubles each, or with
    sums a single double to which the block's sum is added
    flag:     memory for `width` doubles, 0 as long as every checked number was finite
    count:    how many of the samples are real (the others repeat one); needed with sums
    sources:  the data, whose rows may serve as they are
    transposed_memory: memory for numbers with rows and columns exchanged
    label:    what the module calls this block's constants and tables
    fresh:    whether sums start with this block, so that they are stored instead of added
    """

    code: Builder
    plan: Plan
    width: int
    slots: str
    parameters: str
    results: str
    flag: str
    count: Index = 1
    sources: Sequence[Source] = ()
    fresh: bool = False
    transposed_memory: str = ""
    label: str = "sample"
    tables: list[int] = field(default_factory=list)
    kernels: dict[Kernel, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.type = vector(self.width)
        self.sums = self.plan.sums
        self.unrolled = self.plan.is_small
        self._transposed: dict[tuple[int, int], int] = {}
        self.transposed_slots = 0

    def write(self) -> None:
        """All steps in order; the interpreter runs consecutive tables."""
        steps = self.plan.steps
        position = 0
        while position < len(steps):
            step = steps[position]
            if isinstance(step, Loop):
                self.code.comment(line(step, self.plan))
                self._loop(step)
                position += 1
                continue
            start = len(self.tables)
            while position < len(steps) and isinstance(step := steps[position], Table):
                self._tabulate(step)
                position += 1
            pointers = f"ptr {self.slots}, ptr {self.results}, ptr {self.flag}"
            self.code.do(f"call void @tables.{self.label}({pointers}, i64 {self.count}, i64 {start}, i64 {len(self.tables)})")

    # One loop

    def _loop(self, step: Loop) -> None:
        if self.sums and step.target.space == RESULT and step.outer > 1 and self._grid(step):
            return
        for i in self.code.loop(step.outer, unrolled=self.unrolled):
            if step.terms:
                self._sum_loop(step, i)
            else:
                for k in self.code.loop(step.inner, unrolled=self.unrolled):
                    operands = [self.read(place, i, k, 0) for place in step.operands]
                    self._finish(step, self._apply(step.op, operands), i, k)

    def _sum_loop(self, step: Loop, i: Index) -> None:
        """n-ary rows: several results at a time, so that each operand loaded serves them all."""
        assert step.op is not None
        together = max(1, min(step.inner, 4 if register_lanes() == 8 else 2))
        whole = step.inner // together
        for tile in self.code.loop(whole, unrolled=self.unrolled):
            self._sums(step, i, self.code.times(tile, together), together)
        if step.inner % together:
            self._sums(step, i, whole * together, step.inner % together)

    def _sums(self, step: Loop, i: Index, first: Index, together: int) -> None:
        code, op = self.code, step.op
        assert op is not None
        totals = [code.alloca(self.type, stem="total") for _ in range(together)]
        for total in totals:
            code.store(literal(-0.0, self.width), total, width=self.width, align=64)  # −0 + x is x, for every x
        for t in code.loop(step.terms, unrolled=self.unrolled):
            for n, total in enumerate(totals):
                operands = [self.read(place, i, code.add(first, n), t) for place in step.operands]
                term = self._apply(op, operands)
                before = code.load(total, width=self.width, align=64)
                code.store(code.plus(before, term, self.width, "contract " * self.sums), total, width=self.width, align=64)
        for n, total in enumerate(totals):
            self._finish(step, code.load(total, width=self.width, align=64), i, code.add(first, n))

    def _apply(self, op: Operation | None, operands: list[str], width: int = 0) -> str:
        if op is None:
            return operands[0]
        names = dict(zip("xyz", operands, strict=False))
        return fold(op.trees[0], FormulaReader(self.code, width or self.width, names, contract=self.sums))

    def _finish(self, step: Loop, value: str, i: Index, k: Index) -> None:
        if step.checked:
            check_finite(self.code, [value], self.flag, self.width)
        index = self.index(step.target, i, k, 0)
        if step.target.space == RESULT and self.sums:
            add_up(self.code, value, self.results, index, self.width, self.count, fresh=self.fresh)
        else:
            base = self.slots if step.target.space == SLOT else self.results
            self.code.store(value, base, self.code.times(index, self.width), self.width, self._align)

    # Products summed over the samples of a block

    def _grid(self, step: Loop) -> bool:
        """Products of every outer with every inner operand, added over samples: a tile at a time, inner operands side by side.

        Samples follow one another here and the inner counter runs along the registers, which
        needs the inner operand transposed_memory: for each sample its numbers in a row.
        """
        far = [k for k, place in enumerate(step.operands) if place.space == SLOT and place.inner == 0]
        near = [k for k, place in enumerate(step.operands) if place.space == SLOT and place.outer == 0 and place.inner == 1]
        lanes = min(register_lanes(), self.width)
        if len(step.operands) != 2 or len(far) != 1 or len(near) != 1 or far == near:
            return False
        if lanes < 2 or step.inner < lanes or step.target.inner != 1:
            return False
        row_of = self._rows(step.operands[near[0]].base, step.inner)
        tall, wide = 4, 4 if lanes == 8 else 3
        for first_row, rows, height in _tiles(step.outer, tall):
            for i in self.code.loop(rows):
                above = self.code.add(first_row, self.code.times(i, height))
                column = 0
                for size, across in ((lanes * wide, wide), (lanes, 1)):
                    count = (step.inner - column) // size
                    for k in self.code.loop(count):
                        self._tile(step, far[0], row_of, above, height, self.code.add(column, self.code.times(k, size)), across, lanes)
                    column += count * size
                if column < step.inner:
                    self._tile(step, far[0], row_of, above, height, column, 1, step.inner - column)
        return True

    def _tile(self, step: Loop, far: int, row_of: Rows, above: Index, height: int, left: Index, across: int, lanes: int) -> None:
        code, kind = self.code, vector(lanes)
        totals = [[code.alloca(kind, stem="total") for _ in range(across)] for _ in range(height)]
        for row_totals in totals:
            for total in row_totals:
                code.store(literal(0.0, lanes), total, width=lanes, align=64)
        place = step.operands[far]
        for s in code.loop(self.count):
            row = row_of.pointer(code, s)
            inner = [code.load(row, code.add(left, n * lanes), lanes) for n in range(across)]
            for h, row_totals in enumerate(totals):
                slot = code.add(place.base, code.times(place.outer, code.add(above, h)))
                outer = code.splat(code.load(self.slots, code.add(code.times(slot, self.width), s)), lanes)
                for total, beside in zip(row_totals, inner, strict=True):
                    product = self._apply(step.op, [outer, beside] if far == 0 else [beside, outer], lanes)
                    before = code.load(total, width=lanes, align=64)
                    code.store(code.plus(before, product, lanes, "contract "), total, width=lanes, align=64)
        for h, row_totals in enumerate(totals):
            start = code.add(step.target.base, code.add(code.times(step.target.outer, code.add(above, h)), left))
            for n, total in enumerate(row_totals):
                value, index = code.load(total, width=lanes, align=64), code.add(start, n * lanes)
                if not self.fresh:
                    value = code.plus(code.load(self.results, index, lanes), value, lanes)
                code.store(value, self.results, index, lanes)

    def _rows(self, first: int, count: int) -> Rows:
        """For each sample, where the numbers of `count` slots lie in a row: the data, or a transposed_memory copy."""
        for source in self.sources:
            if source.first <= first and first + count <= source.first + source.columns:
                return Rows(source.pointers, first - source.first)
        if (first, count) not in self._transposed:
            offset = self.transposed_slots * self.width
            self._transposed[first, count] = offset
            self.transposed_slots += count
            transpose_slots(self.code, self.slots, first, count, self.width, self.code.pointer(self.transposed_memory, offset))
        return Rows("", self._transposed[first, count], count, self.transposed_memory)

    # Places

    def index(self, place: Place, i: Index, k: Index, t: Index) -> Index:
        """The number of the slot, parameter, constant or result."""
        code = self.code
        steps = ((place.outer, i), (place.inner, k), (place.term, t))
        total: Index = place.base
        for step, counter in steps:
            total = code.add(total, code.times(step, counter))
        return total

    @property
    def _align(self) -> int:
        return min(64, 8 * self.width)

    def read(self, place: Place, i: Index, k: Index, t: Index) -> str:
        """What lies there, for each sample of the block."""
        index = self.index(place, i, k, t)
        if place.space == SLOT:
            return self.code.load(self.slots, self.code.times(index, self.width), self.width, self._align)
        if place.space == CONSTANT and isinstance(index, int):
            return literal(self.plan.constants[index], self.width)
        base = self.parameters if place.space == PARAMETER else f"@constants.{self.label}"
        return self.code.splat(self.code.load(base, index), self.width)

    # Tables

    def _tabulate(self, step: Table) -> None:
        inputs = 0 if step.terms else step.operands.shape[1]
        kernel = Kernel(step.op, inputs, step.literals, step.target.space, step.checked)
        number = self.kernels.setdefault(kernel, len(self.kernels))
        self.tables += [number, step.count, step.target.base, max(1, step.terms), *step.operands.ravel().tolist()]


def _tiles(total: int, size: int) -> list[tuple[int, int, int]]:
    """`total` as (first, how many, size) of tiles: the whole ones, then the rest as one."""
    whole = total // size
    return [tile for tile in ((0, whole, size), (whole * size, 1, total % size)) if tile[1] and tile[2]]


def check_finite(code: Builder, values: Sequence[str], flag: str, width: int) -> None:
    """Make the flag nan if a lane of a value is not finite: only a finite number times 0 is 0."""
    zeros = [code.let(f"fmul contract {vector(width)} {value}, {literal(0.0, width)}") for value in values]
    while len(zeros) > 1:  # by pairs, for a long chain of additions would hold up the next step
        pairs = [code.plus(a, b, width, "contract ") for a, b in zip(zeros[::2], zeros[1::2], strict=False)]
        zeros = pairs + zeros[len(pairs) * 2 :]
    for zero in zeros:
        code.store(code.plus(code.load(flag, width=width), zero, width, "contract "), flag, width=width)


def raised(code: Builder, flag: str, width: int) -> str:
    """Whether the flag is no longer 0, as an i1."""
    value = code.load(flag, width=width)
    bad = code.let(f"fcmp uno {vector(width)} {value}, {value}")
    return bad if width == 1 else code.let(f"call i1 @llvm.vector.reduce.or.v{width}i1(<{width} x i1> {bad})")


def add_up(code: Builder, value: str, results: str, index: Index, width: int, count: Index, *, fresh: bool) -> None:
    """Add the first `count` lanes of a value to a result; a fresh result starts with them."""
    kind = vector(width)
    if width > 1:
        if count != width:
            lanes = f"<{width} x i64>"
            one = code.let(f"insertelement {lanes} poison, i64 {count}, i64 0")
            counts = code.let(f"shufflevector {lanes} {one}, {lanes} poison, <{width} x i32> zeroinitializer")
            numbers = ", ".join(f"i64 {lane}" for lane in range(width))
            real = code.let(f"icmp slt {lanes} <{numbers}>, {counts}")
            value = code.let(f"select <{width} x i1> {real}, {kind} {value}, {kind} zeroinitializer")
        value = code.let(f"call reassoc double @llvm.vector.reduce.fadd.v{width}f64(double -0.0, {kind} {value})")
    if not fresh:
        value = code.plus(code.load(results, index), value, 1)
    code.store(value, results, index)
