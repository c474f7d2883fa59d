"""Loops and tables to LLVM: what runs for one block of samples."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from autoback.engine.formula import fold
from autoback.engine.operations import Operation
from autoback.native.blocks import Rows, Source, transpose_slots
from autoback.native.builder import INTRINSICS, Builder, FormulaReader, Index, literal, vector
from autoback.native.lanes import add_up, check_finite, reduced
from autoback.native.listing import line
from autoback.native.llvm import register_lanes
from autoback.native.plan import CONSTANT, PARAMETER, RESULT, SLOT, Loop, Place, Segment, Table
from autoback.native.planner import Plan

__all__ = ["Block"]

#: More loops than this are not in one function.
LOOPS_OF_A_FUNCTION = 32


@dataclass(frozen=True)
class Kernel:
    """What tables have in common that one loop can run: `inputs` is 0 for an n-ary row, where each table gives the number of its terms."""

    op: Operation | None
    inputs: int
    literals: tuple[str, ...]  # as float.hex writes them: 0.0 and -0.0 are two
    space: str
    checked: bool
    started: bool


@dataclass
class Block:
    """Writes a plan for `width` samples at a time.

    slots, parameters, results: the names of the pointers; results are width doubles each, or with
    sums a single double to which the block's sum is added
    flag:     memory for `flag_lanes` doubles, 0 as long as every checked number was finite
    count:    how many of the samples are real (the others repeat one); needed with sums
    sources:  the data, whose rows may serve as they are
    transposed_memory: memory for numbers with rows and columns exchanged
    label:    what the module calls this block's constants, tables and functions
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
    functions: list[str] = field(default_factory=list)
    transposed: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.type: str = vector(self.width)
        self.sums: bool = self.plan.sums
        self.unrolled: bool = self.plan.is_small

    def write(self) -> None:
        """All steps in order; where loops are many, in functions of their own, for LLVM's time grows faster than a function."""
        parts = _parts(self.plan.steps)
        for steps in parts:
            if len(parts) > 1:
                self._call(steps)
            else:
                self._write(steps)

    def _call(self, steps: Sequence[Loop | Table]) -> None:
        """A function that runs some steps, and its call."""
        pointers = {"slots": self.slots, "parameters": self.parameters, "results": self.results, "flag": self.flag}
        pointers |= {f"rows{k}": source.pointers for k, source in enumerate(self.sources)}
        if self.transposed_memory:
            pointers["transposed"] = self.transposed_memory
        inner = replace(
            self, code=Builder(), slots="%slots", parameters="%parameters", results="%results", flag="%flag",
            count=self.count if isinstance(self.count, int) else "%count", transposed_memory="%transposed",
            sources=[replace(source, pointers=f"%rows{k}") for k, source in enumerate(self.sources)],
        )  # fmt: skip
        inner._write(steps)
        inner.code.do("ret void")
        self.code.used |= inner.code.used
        name = f"part{len(self.functions)}.{self.label}"
        signature = ", ".join([*(f"ptr noalias %{key}" for key in pointers), "i64 %count"])
        self.functions.append(inner.code.function("internal void", name, signature, "noinline "))
        given = ", ".join([*(f"ptr {pointer}" for pointer in pointers.values()), f"i64 {self.count}"])
        self.code.do(f"call void @{name}({given})")

    def _write(self, steps: Sequence[Loop | Table]) -> None:
        """Some steps in order; the interpreter runs consecutive tables."""
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
            if self.width > 1 or self.unrolled:
                for first, together in self._several(step.inner, 4 if register_lanes() == 8 else 2, sums=step.terms > 1):
                    self._results(step, i, first, together, self.width)
            elif self._runs_along(step, "inner"):
                self._along_inner(step, i)
            elif self.sums and step.terms > 1 and self._runs_along(step, "term"):
                for first, together in self._several(step.inner, 4):
                    self._along_terms(step, i, first, together)
            else:
                for first, together in self._several(step.inner, 4, sums=step.terms > 1):
                    self._results(step, i, first, together, 1)

    def _several(self, count: int, most: int, *, sums: bool = True) -> Iterator[tuple[Index, int]]:
        """(first, how many) for `count` results: sums are computed several at a time, so that an operand loaded serves them all."""
        together = max(1, min(count, most)) if sums else 1
        for tile in self.code.loop(count // together, unrolled=self.unrolled):
            yield self.code.times(tile, together), together
        if count % together:
            yield count // together * together, count % together

    def _results(self, step: Loop, i: Index, first: Index, together: int, width: int, apart: int = 1) -> None:
        """Some results of one loop, `apart` from each other, each `width` doubles wide: those of samples, or neighbours."""
        code = self.code
        places = [code.add(first, n * apart) for n in range(together)]
        if step.op is None or not step.op.nary:
            (segment,) = step.segments
            for k in places:
                self._finish(
                    step, self._apply(step.op, [self.read(place, i, k, 0, width) for place in segment.operands], width), i, k, width
                )
            return
        # −0 + x is x, for every x
        totals = [self.read(step.start, i, k, 0, width) if step.start else literal(-0.0, width) for k in places]
        for segment in step.segments:

            def add(t: Index, values: list[str], segment: Segment = segment) -> list[str]:
                terms = [self._apply(step.op, [self.read(place, i, k, t, width) for place in segment.operands], width) for k in places]
                return [code.plus(value, term, width, "contract " * self.sums) for value, term in zip(values, terms, strict=True)]

            totals = code.accumulate(segment.terms, vector(width), totals, add, unrolled=self.unrolled)
        for k, total in zip(places, totals, strict=True):
            self._finish(step, total, i, k, width)

    # One sample: neighbours side by side in a register

    def _runs_along(self, step: Loop, counter: str) -> bool:
        """Whether operands of neighbouring results, or terms, are neighbours or the same, and vectors equal single numbers.

        A vector does + − × ÷ √ as a single number does. Other functions are within 4 ulp, which training allows.
        """
        places = [place for segment in step.segments for place in segment.operands]
        if counter == "term":
            return all(place.term in (0, 1) for place in places) and max(segment.terms for segment in step.segments) > 1
        places += [step.start] if step.start else []
        if step.inner < 2 or step.target.inner != 1 or any(place.inner not in (0, 1) for place in places):
            return False
        return self.sums or step.op is None or is_exact(step.op)

    def _along_inner(self, step: Loop, i: Index) -> None:
        lanes, position = register_lanes(), 0
        exact = step.op is None or is_exact(step.op)
        for width in (lanes, *[2**n for n in (2, 1, 0) if 2**n < lanes]):
            if width > 1 and width < lanes and not exact:
                continue  # a polynomial for each width would make the code long
            count = (step.inner - position) // width
            for first, together in self._several(count, 4, sums=step.terms > 1):
                self._results(step, i, self.code.add(position, self.code.times(first, width)), together, width, width)
            position += count * width

    def _along_terms(self, step: Loop, i: Index, first: Index, together: int) -> None:
        """Sums whose terms are neighbours: as many partial sums as a register holds, added up at the end."""
        code = self.code
        places = [code.add(first, n) for n in range(together)]
        totals = [self.read(step.start, i, k, 0, 1) if step.start else literal(-0.0) for k in places]
        for segment in step.segments:
            position, width = 0, register_lanes()
            while position < segment.terms:
                while width > segment.terms - position:
                    width //= 2
                count = (segment.terms - position) // width

                def add(t: Index, values: list[str], segment: Segment = segment, width: int = width, at: int = position) -> list[str]:
                    term = code.add(at, code.times(t, width))
                    made = []
                    for k, value in zip(places, values, strict=True):
                        operands = [self.read(place, i, k, term, width, along=place.term) for place in segment.operands]
                        made.append(code.plus(value, self._apply(step.op, operands, width), width, "contract "))
                    return made

                if width == 1:
                    totals = code.accumulate(count, "double", totals, add)
                else:
                    sums = code.accumulate(count, vector(width), [literal(-0.0, width)] * together, add)
                    totals = [reduced(code, total, value, width) for total, value in zip(totals, sums, strict=True)]
                position += count * width
        for k, total in zip(places, totals, strict=True):
            self._finish(step, total, i, k, 1)

    def _apply(self, op: Operation | None, operands: list[str], width: int) -> str:
        if op is None:
            return operands[0]
        return fold(op.term, FormulaReader(self.code, width, dict(zip(op.letters, operands, strict=True)), contract=self.sums))

    def _finish(self, step: Loop, value: str, i: Index, k: Index, width: int) -> None:
        if step.checked:
            check_finite(self.code, [value], self.flag, width)
        index = self.index(step.target, i, k, 0)
        base = self.slots if step.target.space == SLOT else self.results
        if step.target.space == RESULT and self.sums:
            if self.width > 1:
                add_up(self.code, value, base, index, width, self.count, fresh=self.fresh)
                return
            if not self.fresh:
                value = self.code.plus(self.code.load(base, index, width), value, width)
        self.code.store(value, base, self.code.times(index, self.width), width, self._align)

    # Products summed over the samples of a block

    def _grid(self, step: Loop) -> bool:
        """Products of every outer with every inner operand, added over samples: a tile at a time, inner operands side by side.

        Samples follow one another here and the inner counter runs along the registers, which
        needs the inner operand transposed_memory: for each sample its numbers in a row.
        """
        operands = step.segments[0].operands
        far = [k for k, place in enumerate(operands) if place.space == SLOT and place.inner == 0]
        near = [k for k, place in enumerate(operands) if place.space == SLOT and place.outer == 0 and place.inner == 1]
        lanes = min(register_lanes(), self.width)
        if step.terms > 1 or len(operands) != 2 or len(far) != 1 or len(near) != 1 or far == near:
            return False
        if lanes < 2 or step.inner < lanes or step.target.inner != 1:
            return False
        row_of = self._rows(operands[near[0]].base, step.inner)
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
        code, place = self.code, step.segments[0].operands[far]

        def add(s: Index, totals: list[str]) -> list[str]:
            row = row_of.pointer(code, s)
            inner = [code.load(row, code.add(left, n * lanes), lanes) for n in range(across)]
            made = []
            for h in range(height):
                slot = code.add(place.base, code.times(place.outer, code.add(above, h)))
                outer = code.splat(code.load(self.slots, code.add(code.times(slot, self.width), s)), lanes)
                for total, beside in zip(totals[h * across :], inner, strict=False):
                    product = self._apply(step.op, [outer, beside] if far == 0 else [beside, outer], lanes)
                    made.append(code.plus(total, product, lanes, "contract "))
            return made

        totals = code.accumulate(self.count, vector(lanes), [literal(0.0, lanes)] * (height * across), add)
        for h in range(height):
            start = code.add(step.target.base, code.add(code.times(step.target.outer, code.add(above, h)), left))
            for n, value in enumerate(totals[h * across : (h + 1) * across]):
                index = code.add(start, n * lanes)
                if not self.fresh:
                    value = code.plus(code.load(self.results, index, lanes), value, lanes)  # noqa: PLW2901
                code.store(value, self.results, index, lanes)

    def _rows(self, first: int, count: int) -> Rows:
        """For each sample, where the numbers of `count` slots lie in a row: the data, or a transposed_memory copy."""
        for source in self.sources:
            if source.first <= first and first + count <= source.first + source.columns:
                return Rows(source.pointers, first - source.first)
        if (first, count) not in self.transposed:
            self.transposed[first, count] = offset = self.width * sum([columns for _, columns in self.transposed])
            transpose_slots(self.code, self.slots, first, count, self.width, self.code.pointer(self.transposed_memory, offset))
        return Rows("", self.transposed[first, count], count, self.transposed_memory)

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

    def read(self, place: Place, i: Index, k: Index, t: Index, width: int, along: int | None = None) -> str:
        """The numbers at a place: of each sample of the block, or, of one sample, those of neighbours.

        along: the step of the counter that runs along the register, by default that of the inner counter
        """
        index, code = self.index(place, i, k, t), self.code
        if self.width > 1 and place.space == SLOT:
            return code.load(self.slots, code.times(index, self.width), width, self._align)
        if (
            place.space == CONSTANT
            and isinstance(index, int)
            and (width == 1 or self.width > 1 or not (place.inner if along is None else along))
        ):
            return literal(self.plan.constants[index], width)
        base = {SLOT: self.slots, PARAMETER: self.parameters}.get(place.space) or code.let(f"load ptr, ptr @constants.{self.label}")
        if self.width == 1 and (place.inner if along is None else along):
            return code.load(base, index, width)
        return code.splat(code.load(base, index), width)

    # Tables

    def _tabulate(self, step: Table) -> None:
        inputs = 0 if step.terms else step.operands.shape[1]
        literals = tuple([number.hex() for number in step.literals])
        kernel = Kernel(step.op, inputs, literals, step.target.space, step.checked, step.started)
        number = self.kernels.setdefault(kernel, len(self.kernels))
        self.tables += [number, step.count, step.target.base, max(1, step.terms), *step.operands.ravel().tolist()]


@cache
def is_exact(op: Operation) -> bool:
    """Whether vectors give the same bits as single numbers: where the formula calls no function of libm."""
    calls = {node.func.id for node in ast.walk(op.term) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return calls <= {"maximum", "minimum", "where", *INTRINSICS}


def _tiles(total: int, size: int) -> list[tuple[int, int, int]]:
    """`total` as (first, how many, size) of tiles: the whole ones, then the rest as one."""
    whole = total // size
    return [tile for tile in ((0, whole, size), (whole * size, 1, total % size)) if tile[1] and tile[2]]


def _parts(steps: Sequence[Loop | Table]) -> list[list[Loop | Table]]:
    """The steps, cut before a loop wherever a part would have too many."""
    parts: list[list[Loop | Table]] = [[]]
    loops = 0
    for step in steps:
        if isinstance(step, Loop):
            loops += 1
            if loops > LOOPS_OF_A_FUNCTION:
                parts.append([])
                loops = 1
        parts[-1].append(step)
    return parts
