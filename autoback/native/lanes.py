"""The lanes of a register: whether the numbers in them are finite, and their sums."""

from collections.abc import Sequence

from autoback.native.builder import Builder, Index, literal, vector
from autoback.native.llvm import register_lanes
from autoback.native.planner import Plan

__all__ = ["add_up", "check_finite", "flag_lanes", "raised", "reduced"]


def flag_lanes(plan: Plan, width: int) -> int:
    """How many doubles the flag of a block has: of one sample, neighbours lie side by side."""
    return width if width > 1 or plan.is_small else register_lanes()


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


def reduced(code: Builder, start: str, value: str, width: int) -> str:
    """A number plus all lanes of a vector."""
    return code.let(f"call reassoc double @llvm.vector.reduce.fadd.v{width}f64(double {start}, {vector(width)} {value})")


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
