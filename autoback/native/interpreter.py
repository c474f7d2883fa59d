"""Graphs without loops: an interpreter over tables, compiled once however large the graph."""

from autoback.engine.formula import fold
from autoback.native.builder import Builder, FormulaReader, Index, literal, vector
from autoback.native.codegen import Block, Kernel
from autoback.native.lanes import add_up, check_finite
from autoback.native.plan import RESULT, SLOT

__all__ = ["interpreter"]


def interpreter(block: Block) -> str:
    """The function that runs tables: for each kernel a loop, and a switch that finds the next.

    The table is a stream of integers: kernel, count, target, terms, and then the operands' slots.
    """
    code, width = Builder(), block.width
    table = code.let(f"load ptr, ptr @table.{block.label}")
    at = code.alloca("i64")
    code.do(f"store i64 %from, ptr {at}")
    code.jump("next")
    code.label("next")
    position = code.integer(at)
    code.branch(code.let(f"icmp slt i64 {position}, %to"), "fetch", "end")
    code.label("fetch")
    which, count, target, terms = (code.integer(table, code.add(position, k), "i32") for k in range(4))
    first = code.add(position, 4)
    cases = " ".join(f"i64 {number}, label %kernel{number}" for number in block.kernels.values())
    code.do(f"switch i64 {which}, label %end [ {cases} ]")
    for kernel, number in block.kernels.items():
        code.label(f"kernel{number}")
        stride: Index = kernel.inputs or code.add(code.times(terms, kernel.op.arity if kernel.op else 1), int(kernel.started))
        for i in code.loop(count):
            value = _result(code, table, kernel, width, code.add(first, code.times(i, stride)), terms)
            if kernel.checked:
                check_finite(code, [value], "%flag", width)
            where = code.add(target, i)
            if kernel.space == RESULT and block.sums:
                add_up(code, value, "%results", where, width, "%count", fresh=block.fresh)
            else:
                code.store(value, "%slots" if kernel.space == SLOT else "%results", code.times(where, width), width)
        code.do(f"store i64 {code.add(first, code.times(count, stride))}, ptr {at}")
        code.jump("next")
    code.label("end")
    code.do("ret void")
    block.code.used |= code.used
    signature = "ptr noalias %slots, ptr noalias %results, ptr noalias %flag, i64 %count, i64 %from, i64 %to"
    return code.function("internal void", f"tables.{block.label}", signature, "noinline ")


def _result(code: Builder, table: str, kernel: Kernel, width: int, row: Index, terms: Index) -> str:
    """The value of one node, whose operands' slots start at `row` of the table."""

    def operand(index: Index) -> str:
        return code.load("%slots", code.times(code.integer(table, index, "i32"), width), width)

    op = kernel.op
    if op is None:
        return operand(row)
    if kernel.inputs:
        operands = {letter: operand(code.add(row, k)) for k, letter in enumerate(op.letters[: kernel.inputs])}
        literals = dict(zip(op.letters[kernel.inputs :], map(float.fromhex, kernel.literals), strict=True))
        return fold(op.term, FormulaReader(code, width, operands, literals))
    first = code.add(row, int(kernel.started))

    def add(t: Index, values: list[str]) -> list[str]:
        operands = {letter: operand(code.add(first, code.add(code.times(terms, k), t))) for k, letter in enumerate(op.letters)}
        return [code.plus(values[0], fold(op.term, FormulaReader(code, width, operands)), width)]

    return code.accumulate(terms, vector(width), [operand(row) if kernel.started else literal(-0.0, width)], add)[0]
