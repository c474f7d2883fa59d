"""A program: recorded outputs as one compiled function, at one point or over many samples."""

import ctypes
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, Literal

import numpy as np

from autoback.engine.calls import direct
from autoback.engine.copying import rerecorded
from autoback.engine.operations import OperationError
from autoback.engine.value import Value
from autoback.native import primitives
from autoback.native.blocks import Source, find_rows, load_samples
from autoback.native.builder import Builder, Index, literal
from autoback.native.codegen import Block
from autoback.native.interpreter import interpreter
from autoback.native.lanes import check_finite, flag_lanes, raised
from autoback.native.listing import listing
from autoback.native.llvm import Data, MachineCode, register_lanes
from autoback.native.planner import Plan

__all__ = ["Doubles", "Program", "block_width", "scratch"]

Doubles = np.ndarray[Any, np.dtype[np.float64]]

#: A block's slots should stay in the second-level cache of a core.
CACHE = 1 << 20
#: Samples × operations from which a second thread is worth its start.
WORTH_A_THREAD = 1 << 22


class Program:
    """Recorded Values as a function of the numbers in some leaves.

    outputs:    m Values; inputs: n leaves that differ from sample to sample;
    parameters: p leaves that all samples share; where no numbers are given, those that the leaves hold at each call.
    Every other leaf is a constant: the number that it held when the program was made.

    width: samples computed side by side; work: scalar operations for one sample

    >>> x, y = Value(1.0), Value(2.0)
    >>> program = Program([x * y + 1.0], [x, y])
    >>> program.at([2.0, 3.0]), program.run([[2.0, 3.0], [4.0, 5.0]]).tolist()
    ([7.0], [[7.0], [21.0]])
    """

    def __init__(self, outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value] = ()) -> None:
        self.outputs: tuple[Value, ...] = tuple(outputs)
        self.inputs: tuple[Value, ...] = tuple(inputs)
        self.parameters: tuple[Value, ...] = tuple(parameters)
        self.plan: Plan = Plan(self.outputs, self.inputs, self.parameters)
        self.width: int = block_width(self.plan)
        self.work: int = self.plan.work
        self._functions: dict[int, tuple[Any, int]] = {}

    def listing(self) -> str:
        """The plan as text: every loop and table, in order."""
        return listing(self.plan)

    @property
    def llvm(self) -> str:
        """The LLVM assembly of the function over blocks of samples."""
        return self._block_text(self.width)[0]

    @cached_property
    def at(self) -> Callable[[Sequence[float]], list[float]]:
        """A function: n numbers -> the m outputs, equal to the engine's to the last bit.

        It raises TypeError, ValueError or OperationError, as the engine does.
        """
        function, size = self._point
        n, p, m, leaves = len(self.inputs), len(self.parameters), len(self.outputs), self.parameters
        local = threading.local()  # two threads may call at once

        def prepare() -> Any:
            memory = scratch(size)
            address = memory.ctypes.data
            local.memory = memory
            local.own = own = (
                (ctypes.c_double * n).from_address(address),
                (ctypes.c_double * p).from_address(address + 8 * n),
                (ctypes.c_double * m).from_address(address + 8 * (n + p)),
                address,
            )
            return own

        def at(numbers: Sequence[float]) -> list[float]:
            try:
                row, shared, out, address = local.own
            except AttributeError:
                row, shared, out, address = prepare()
            try:
                row[:] = numbers
            except (TypeError, OverflowError):  # ctypes refuses the numbers; the engine's error is clearer
                row[:] = [Value(number).data for number in numbers]
            if p:
                shared[:] = [leaf.data for leaf in leaves]
            if function(address):
                self._raise_at(numbers)
            return out[:]  # type: ignore[no-any-return]

        return at

    @cached_property
    def _point(self) -> tuple[Any, int]:
        """The function at one point, and how many doubles its memory holds."""
        text, data, size = self._point_text()
        return MachineCode(text, data, straight=self.plan.is_small).function("at", ctypes.c_int64, [ctypes.c_void_p]), size

    def direct(self, otherwise: Callable[..., Any], form: Literal["float", "tuple", "pair"]) -> Callable[..., Any]:
        """A function of n numbers that gives results in a form, see `calls.direct`, without a detour; `otherwise` does what is unusual."""
        function, size = self._point
        memory, address = scratch(size), ctypes.cast(function, ctypes.c_void_p).value or 0
        keep = function, memory
        return direct(address, memory.ctypes.data, len(self.inputs), self.parameters, len(self.outputs), form, keep, otherwise)

    def _raise_at(self, numbers: Sequence[float]) -> None:
        for number in numbers:
            Value(number)  # raises where a number is not finite
        self.raise_engine_error(numbers, self.defaults())
        raise OperationError(f"a number that is not finite arose from {', '.join(map(str, numbers))}: scale the arguments down")

    def raise_engine_error(self, numbers: Sequence[float], parameters: Sequence[float]) -> None:
        """Record the graph again on these numbers; the engine raises its own error where it refuses them."""
        rerecorded(*self.outputs, leaves=dict(zip((*self.inputs, *self.parameters), (*numbers, *parameters), strict=True)))

    def defaults(self) -> list[float]:
        """The numbers that the parameters' leaves hold."""
        return [leaf.data for leaf in self.parameters]

    def run(self, samples: Any, parameters: Sequence[float] | Doubles | None = None) -> Doubles:
        """The m outputs for each of N samples, as an N × m array.

        samples:    N × n numbers; parameters: p numbers, default those that the leaves hold
        Several cores share a large job; the numbers do not depend on how many there are.
        Raises ValueError for a wrong shape or a number that is not finite, OperationError, which
        names the sample, where an operation leaves its domain.
        """
        x = matrix("samples", samples, len(self.inputs))
        p = np.array(self.defaults() if parameters is None else parameters, dtype=np.float64)
        if p.shape != (len(self.parameters),):
            raise ValueError(f"expected {len(self.parameters)} parameters, got an array of shape {p.shape}")
        out = np.empty((len(x), len(self.outputs)))
        width = 1 if len(x) == 1 else self.width
        function, size = self._function(width)

        def chunk(first: int, last: int) -> int:
            memory = scratch(size)
            bad: int = function(x[first:].ctypes.data, last - first, p.ctypes.data, out[first:].ctypes.data, memory.ctypes.data)
            return bad if bad < 0 else first + bad

        threads = min(os.cpu_count() or 1, len(x) * self.work // WORTH_A_THREAD, len(x) // width) if len(x) else 1
        if threads <= 1:
            bad = chunk(0, len(x)) if len(x) else -1
        else:
            share = -(-len(x) // (threads * width)) * width
            with ThreadPoolExecutor(threads) as pool:
                chunks = [(first, min(first + share, len(x))) for first in range(0, len(x), share)]
                bad = min((b for b in pool.map(lambda pair: chunk(*pair), chunks) if b >= 0), default=-1)
        if bad >= 0:
            self._raise_for(x, p, range(bad, min(bad + width, len(x))))
        return out

    def _raise_for(self, x: Doubles, p: Doubles, samples: Sequence[int]) -> None:
        """Raise the engine's own error for the first of some samples that it refuses."""
        for sample in samples:
            naming_sample(sample, lambda sample=sample: self.raise_engine_error(x[sample].tolist(), p.tolist()))  # type: ignore[misc]
        raise OperationError(
            f"a number that is not finite arose in samples {samples[0]} to {samples[-1]}: scale the data or the parameters down"
        )

    def _function(self, width: int) -> tuple[Any, int]:
        if width not in self._functions:
            text, data, size = self._block_text(width)
            function = MachineCode(text, data, straight=self.plan.is_small).function(
                "run", ctypes.c_int64, [ctypes.c_void_p, ctypes.c_int64] + [ctypes.c_void_p] * 3
            )
            self._functions[width] = function, size
        return self._functions[width]

    def _point_text(self) -> tuple[str, Data, int]:
        """The module for one point, its data, and how many doubles its memory holds: inputs, parameters, outputs, slots."""
        code, plan = Builder(), self.plan
        n, p, m = plan.inputs, plan.parameters, plan.results
        start = -(-(n + p + m) // 8) * 8
        lanes = flag_lanes(plan, 1)
        flag = code.alloca("double", lanes, "flag")
        code.store(literal(0.0, lanes), flag, width=lanes)
        slots = code.alloca("double", plan.slots, "slots") if plan.is_small else code.pointer("%memory", start)
        block = Block(code, plan, 1, slots, code.pointer("%memory", n), code.pointer("%memory", n + p), flag)
        for k in code.loop(n, unrolled=plan.is_small):
            number = code.load("%memory", k)
            code.store(number, slots, k)
            check_finite(code, [number], flag, 1)
        block.write()
        code.do(f"ret i64 {code.let(f'zext i1 {raised(code, flag, lanes)} to i64')}")
        return *module(code, code.function("i64", "at", "ptr noalias %memory"), [block]), start + plan.slots

    def _block_text(self, width: int) -> tuple[str, Data, int]:
        """The module for blocks of `width` samples, its data, and how many doubles of scratch memory it needs."""
        code, plan = Builder(), self.plan
        m = plan.results
        lanes = flag_lanes(plan, width)
        flag = code.alloca("double", lanes, "flag")
        source = Source(code.alloca("ptr", width), plan.inputs, 0)
        blocks: Index = code.let(f"add i64 %samples, {width - 1}")
        blocks = code.let(f"sdiv i64 {blocks}, {width}")
        block = Block(code, plan, width, "%scratch", "%parameters", "%out", flag, sources=[source])
        if block.unrolled:
            block.slots = code.alloca("double", plan.slots * width, "slots")
        results = "%out" if width == 1 else code.pointer("%scratch", plan.slots * width)
        for b in code.loop(blocks):
            first = code.times(b, width)
            count = code.minimum(code.let(f"sub i64 %samples, {first}"), width) if width > 1 else 1
            find_rows(code, source, "%x", width, count, first, unrolled=block.unrolled)
            load_samples(code, [source], block.slots, width, unrolled=block.unrolled)
            code.do(f"call void @llvm.memset.p0.i64(ptr {flag}, i8 0, i64 {8 * lanes}, i1 false)")
            block.results = code.pointer("%out", code.times(first, m)) if width == 1 else results
            block.write()
            if width > 1:
                for s in code.loop(count):
                    for r in code.loop(m):
                        number = code.load(results, code.add(code.times(r, width), s))
                        code.store(number, "%out", code.add(code.times(code.add(first, s), m), r))
            code.branch(raised(code, flag, lanes), "bad", "good")
            code.label("bad")
            code.do(f"ret i64 {first}")
            code.label("good")
        code.do("ret i64 -1")
        signature = "ptr noalias %x, i64 %samples, ptr noalias %parameters, ptr noalias %out, ptr noalias %scratch"
        function = code.function("i64", "run", signature)
        return *module(code, function, [block]), (plan.slots + m) * width


def module(code: Builder, function: str, blocks: Sequence[Block]) -> tuple[str, Data]:
    """A whole module, and the tables and constants that its code reads: these are no part of the text, however large the graph."""
    data: Data = {}
    for block in blocks:
        data[f"constants.{block.label}"] = np.array(block.plan.constants, dtype=np.float64)
        data[f"table.{block.label}"] = np.array(block.tables, dtype=np.int32)
    parts = [f"@{name} = global ptr null" for name in data]
    parts += [interpreter(block) for block in blocks if block.tables]
    parts += [text for block in blocks for text in block.functions]
    parts += [primitives.definitions(list(code.used)), function]
    return "\n".join(parts), data


def block_width(plan: Plan, samples: int | None = None) -> int:
    """How many samples to compute side by side: four registers full, fewer where there are fewer or much memory is needed."""
    lanes = register_lanes()
    width = 4 * lanes
    while width > lanes and plan.slots * width * 8 > CACHE:
        width //= 2
    while samples is not None and width > 1 and width // 2 >= samples:
        width //= 2
    return width


def scratch(doubles: int) -> Doubles:
    """Memory that starts at a multiple of 64 bytes, as whole registers want it."""
    raw = np.empty(doubles + 8)
    offset = -raw.ctypes.data % 64 // 8
    return raw[offset : offset + doubles]


def matrix(name: str, data: Any, columns: int) -> Doubles:
    """`data` as rows of doubles. Raises TypeError or ValueError, which name what came, for anything else, masked arrays too."""
    try:
        array = np.asarray(data)
        if (array.dtype.kind not in "fiu" and array.size) or isinstance(data, np.ma.MaskedArray):
            raise TypeError
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be rows of {columns} real numbers, got {type(data).__name__}: {data!r:.60}") from None
    if not array.size and array.ndim < 2:
        array = array.reshape(0, columns)
    if array.ndim != 2 or array.shape[1] != columns:
        raise ValueError(f"{name} must have the shape (samples, {columns}), got {array.shape}")
    array = np.ascontiguousarray(array, dtype=np.float64)
    with np.errstate(all="ignore"):
        suspect = not np.isfinite(array.sum())  # or so large that only the sum is infinite
    if suspect and not np.isfinite(array).all():
        i, k = map(int, np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite numbers, got {array[i, k]} in row {i}, column {k}")
    return array


def naming_sample(sample: int, attempt: Callable[[], object]) -> None:
    """Run `attempt`; put the number of the sample in front of the error that the engine raises."""
    try:
        attempt()
    except OperationError as error:
        raise OperationError(f"sample {sample}: {error}", error.operation, error.operands) from None
    except OverflowError as error:
        raise OverflowError(f"sample {sample}: {error}") from None
