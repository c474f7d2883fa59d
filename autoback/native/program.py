"""A program: recorded outputs as one compiled function over samples."""

import ctypes
import math
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np

from autoback.engine.operations import OperationError
from autoback.engine.value import Value, record, topological_order
from autoback.native import interpreter, primitives
from autoback.native.blocks import Source, find_rows, load_samples
from autoback.native.builder import Builder, Index
from autoback.native.codegen import Block, raised
from autoback.native.listing import listing
from autoback.native.llvm import MachineCode, register_lanes
from autoback.native.planner import Plan

__all__ = ["Doubles", "Program", "Runnable", "block_width", "rerecord", "scratch"]

Doubles = np.ndarray[Any, np.dtype[np.float64]]

#: A block's slots should stay in the cache nearest to a core but one.
CACHE = 1 << 20
#: Samples × operations from which a second thread is worth waking.
WORTH_A_THREAD = 1 << 22


class Runnable:
    """MachineCode code for n_inputs numbers of each sample, n_parameters of all, giving n_outputs.

    width: samples computed side by side; work: scalar operations a sample
    """

    n_inputs: int
    n_parameters: int
    n_outputs: int
    width: int
    work: int

    def text(self, width: int) -> tuple[str, int]:
        """The module for blocks of `width` samples, and how many doubles of scratch memory it needs."""
        raise NotImplementedError

    def raise_engine_error(self, numbers: Sequence[float], parameters: Sequence[float]) -> None:
        """Raise the engine's error for these numbers, if the engine refuses them."""

    def defaults(self) -> list[float]:
        """The parameters where none are given."""
        return [0.0] * self.n_parameters

    def at(self, numbers: Sequence[float]) -> list[float]:
        """The m outputs at one point, quickly, for a program without parameters.

        Raises TypeError, ValueError or OperationError as the engine would.
        """
        try:
            out = self._call(numbers)
        except (TypeError, OverflowError):  # ctypes refuses the arguments; the engine's error is clearer
            out = self._call([Value(number).data for number in numbers])
        if out is not None and math.isfinite(sum(numbers)):
            return out
        for number in numbers:
            Value(number)  # says what is wrong with a number that is not finite
        if out is None:
            self.raise_engine_error(numbers, ())
            raise OperationError(f"a number that is not finite arose from {', '.join(map(str, numbers))}: scale the arguments down")
        return out  # numbers so large that only their sum is infinite

    @cached_property
    def _call(self) -> Callable[[Sequence[float]], list[float] | None]:
        function, size = self._function(1)
        row, results = ctypes.c_double * self.n_inputs, ctypes.c_double * self.n_outputs
        own = threading.local()  # scratch memory; two threads may call at once

        def call(numbers: Sequence[float]) -> list[float] | None:
            out = results()
            try:
                address = own.address
            except AttributeError:
                own.memory = scratch(size)
                address = own.address = own.memory.ctypes.data
            return out[:] if function(row(*numbers), 1, None, out, address) < 0 else None

        return call

    def run(self, samples: Any, parameters: Sequence[float] | Doubles | None = None) -> Doubles:
        """The m outputs for each of N samples, as an N × m array.

        samples:    N × n numbers; parameters: as many as the program has, default what the leaves hold
        Large jobs are shared by the cores; the numbers do not depend on how many there are.
        Raises ValueError for a wrong shape or a number that is not finite, OperationError, which
        names the sample, where an operation leaves its domain.
        """
        x = matrix("samples", samples, self.n_inputs)
        p = np.array(self.defaults() if parameters is None else parameters, dtype=np.float64)
        if p.shape != (self.n_parameters,):
            raise ValueError(f"expected {self.n_parameters} parameters, got an array of shape {p.shape}")
        out = np.empty((len(x), self.n_outputs))
        width = 1 if len(x) == 1 else self.width
        function, size = self._function(width)

        def stretch(first: int, last: int) -> int:
            memory = scratch(size)
            bad: int = function(x[first:].ctypes.data, last - first, p.ctypes.data, out[first:].ctypes.data, memory.ctypes.data)
            return bad if bad < 0 else first + bad

        threads = min(os.cpu_count() or 1, len(x) * self.work // WORTH_A_THREAD, len(x) // width) if len(x) else 1
        if threads <= 1:
            bad = stretch(0, len(x)) if len(x) else -1
        else:
            share = -(-len(x) // (threads * width)) * width
            with ThreadPoolExecutor(threads) as pool:
                stretches = [(first, min(first + share, len(x))) for first in range(0, len(x), share)]
                bad = min((b for b in pool.map(lambda pair: stretch(*pair), stretches) if b >= 0), default=-1)
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
            text, size = self.text(width)
            function = self.machine(width, text).function("run", ctypes.c_int64, [ctypes.c_void_p, ctypes.c_int64] + [ctypes.c_void_p] * 3)
            self._functions[width] = function, size
        return self._functions[width]

    def machine(self, width: int, text: str) -> MachineCode:
        """The machine code of a module."""
        return MachineCode(text)

    @cached_property
    def _functions(self) -> dict[int, tuple[Any, int]]:
        return {}


class Program(Runnable):
    """Recorded Values as a function of many samples.

    outputs:    m Values; inputs: n leaves that differ from sample to sample;
    parameters: leaves that all samples share, and whose numbers are given at each run.
    Every other leaf stays the number it was when recorded.

    >>> x, y = Value(1.0), Value(2.0)
    >>> Program([x * y + 1.0], [x, y]).run([[2.0, 3.0], [4.0, 5.0]]).tolist()
    [[7.0], [21.0]]
    """

    def __init__(self, outputs: Sequence[Value], inputs: Sequence[Value], parameters: Sequence[Value] = ()) -> None:
        self.outputs, self.inputs, self.parameters = tuple(outputs), tuple(inputs), tuple(parameters)
        self.plan = Plan(self.outputs, self.inputs, self.parameters)
        self.n_inputs, self.n_parameters, self.n_outputs = self.plan.inputs, self.plan.parameters, self.plan.results
        self.width, self.work = block_width(self.plan), self.plan.work

    def listing(self) -> str:
        """The plan as text: every loop and table, in order."""
        return listing(self.plan)

    @property
    def llvm(self) -> str:
        """The LLVM assembly of the function over blocks of samples."""
        return self.text(self.width)[0]

    def raise_engine_error(self, numbers: Sequence[float], parameters: Sequence[float]) -> None:
        """Record the graph again on these numbers; the engine raises its own error."""
        rerecord(self.outputs, dict(zip((*self.inputs, *self.parameters), (*numbers, *parameters), strict=False)))

    def defaults(self) -> list[float]:
        """What the parameters' leaves hold."""
        return [leaf.data for leaf in self.parameters]

    def text(self, width: int) -> tuple[str, int]:
        """The module for blocks of `width` samples, and how many doubles of scratch memory it needs."""
        code, plan = Builder(), self.plan
        m = plan.results
        flag = code.alloca("double", width, "flag")
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
            code.do(f"call void @llvm.memset.p0.i64(ptr {flag}, i8 0, i64 {8 * width}, i1 false)")
            block.results = code.pointer("%out", code.times(first, m)) if width == 1 else results
            block.write()
            if width > 1:
                for s in code.loop(count):
                    for r in code.loop(m):
                        number = code.load(results, code.add(code.times(r, width), s))
                        code.store(number, "%out", code.add(code.times(code.add(first, s), m), r))
            code.branch(raised(code, flag, width), "bad", "good")
            code.label("bad")
            code.do(f"ret i64 {first}")
            code.label("good")
        code.do("ret i64 -1")
        signature = "ptr noalias %x, i64 %samples, ptr noalias %parameters, ptr noalias %out, ptr noalias %scratch"
        function = code.function("i64", "run", signature)
        return module(function, [block]), (plan.slots + m) * width


def module(function: str, blocks: Sequence[Block]) -> str:
    """A whole module: constants, primitives, interpreters, and the function that uses them."""
    parts = [interpreter.constants(block.label, block.plan.constants) for block in blocks]
    parts += [interpreter.interpreter(block) for block in blocks if block.tables]
    parts += [primitives.definitions(list(blocks[0].code.used)), function]
    return "\n".join(parts)


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
    """`data` as rows of doubles. Raises TypeError or ValueError, which name what came, for anything else."""
    try:
        array = np.asarray(data)
        if array.dtype.kind not in "fiu" and array.size:
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


def rerecord(outputs: Sequence[Value], leaves: dict[Value, float]) -> list[Value]:
    """The same graph recorded anew with other numbers in some leaves, as the engine does it."""
    made: dict[Value, Value] = {}
    for node in topological_order(*outputs):
        if node.op is None:
            made[node] = Value(leaves.get(node, node.data), node.label)
        else:
            made[node] = record(node.op, tuple(made[below] for below in node.inputs))
            made[node].label = node.label
    return [made[output] for output in outputs]


def naming_sample(sample: int, attempt: Callable[[], object]) -> None:
    """Run `attempt`; put the number of the sample in front of the error that the engine raises."""
    try:
        attempt()
    except OperationError as error:
        raise OperationError(f"sample {sample}: {error}", error.operation, error.operands) from None
    except OverflowError as error:
        raise OverflowError(f"sample {sample}: {error}") from None
