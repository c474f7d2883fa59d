"""Blocks of samples: load rows of data into slots, and transpose slots into rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from autoback.native.builder import Builder, Index, vector
from autoback.native.llvm import register_lanes

__all__ = ["Rows", "Source", "find_rows", "load_samples", "transpose_slots"]


@dataclass(frozen=True)
class Source:
    """Rows of data: `columns` doubles a sample, destined for the slots from `first` on.

    pointers: memory that holds, for each sample of the block, where its row starts
    """

    pointers: str
    columns: int
    first: int


@dataclass(frozen=True)
class Rows:
    """Where each sample's numbers lie in a row: behind pointers, or `stride` apart."""

    pointers: str
    offset: int
    stride: int = 0
    base: str = ""

    def pointer(self, code: Builder, sample: Index) -> str:
        if self.pointers:
            row = code.let(f"load ptr, ptr {code.pointer(self.pointers, sample, 'ptr')}")
            return code.pointer(row, self.offset)
        return code.pointer(self.base, code.add(self.offset, code.times(sample, self.stride)))


def transpose_slots(code: Builder, slots: str, first: int, count: int, width: int, target: str) -> None:
    """Copy slots (a slot: one number for each sample) to rows (a sample: one number for each slot)."""
    lanes = min(register_lanes(), width)
    whole = count // lanes
    for k in code.loop(whole):
        for s in code.loop(width // lanes):
            column, sample = code.times(k, lanes), code.times(s, lanes)
            block = [
                code.load(slots, code.add(code.times(code.add(code.add(first, column), n), width), sample), lanes) for n in range(lanes)
            ]
            for n, line in enumerate(transpose_registers(code, block)):
                code.store(line, target, code.add(code.times(code.add(sample, n), count), column), lanes)
    for k in code.loop(count, start=whole * lanes):
        for s in code.loop(width):
            number = code.load(slots, code.add(code.times(code.add(first, k), width), s))
            code.store(number, target, code.add(code.times(s, count), k))


def transpose_registers(code: Builder, block: list[str]) -> list[str]:
    """n vectors of n doubles with rows and columns exchanged, by exchanging ever larger halves."""
    n = len(block)
    kind, distance, block = vector(n), 1, list(block)
    while distance < n:
        for i in range(n):
            if not i & distance:
                a, b = block[i], block[i + distance]
                for where, shift in ((i, 0), (i + distance, distance)):
                    lanes = [lane + shift if not lane & distance else n + lane - distance + shift for lane in range(n)]
                    mask = ", ".join(f"i32 {lane}" for lane in lanes)
                    block[where] = code.let(f"shufflevector {kind} {a}, {kind} {b}, <{n} x i32> <{mask}>")
        distance *= 2
    return block


def load_samples(code: Builder, sources: Sequence[Source], slots: str, width: int, *, unrolled: bool) -> None:
    """Bring the rows of a block of samples to their slots."""
    lanes = min(register_lanes(), width)
    for source in sources:
        whole = source.columns // lanes if lanes > 1 else 0
        for s in code.loop(width // lanes if whole else 0):
            sample = code.times(s, lanes)
            rows = [code.let(f"load ptr, ptr {code.pointer(source.pointers, code.add(sample, n), 'ptr')}") for n in range(lanes)]
            for k in code.loop(whole):
                column = code.times(k, lanes)
                block = [code.load(row, column, lanes) for row in rows]
                for n, line in enumerate(transpose_registers(code, block)):
                    slot = code.add(code.add(source.first, column), n)
                    code.store(line, slots, code.add(code.times(slot, width), sample), lanes)
        if whole * lanes == source.columns:
            continue
        for s in code.loop(width, unrolled=unrolled):
            row = code.let(f"load ptr, ptr {code.pointer(source.pointers, s, 'ptr')}")
            for k in code.loop(source.columns, unrolled=unrolled, start=whole * lanes):
                code.store(code.load(row, k), slots, code.add(code.times(code.add(source.first, k), width), s))


def find_rows(code: Builder, source: Source, data: str, width: int, count: Index, start: Index, order: str = "", *, unrolled: bool) -> None:
    """Note where the row of each sample of a block starts: those at start, start + 1, … of `order`, or of the data itself.

    A block that is not full repeats its last sample, which is sure to be one that can be computed.
    """
    for s in code.loop(width, unrolled=unrolled):
        if isinstance(s, int) and isinstance(count, int):
            lane: Index = min(s, count - 1)
        else:
            lane = s if count == width else code.minimum(s, code.add(count, -1))
        sample = code.add(start, lane)
        if order:
            sample = code.integer(order, sample)
        row = code.pointer(data, code.times(sample, source.columns))
        code.do(f"store ptr {row}, ptr {code.pointer(source.pointers, s, 'ptr')}")
