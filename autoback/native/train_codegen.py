"""One training step in LLVM, and the loops over batches and epochs around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autoback.engine.formula import fold
from autoback.engine.operations import OPERATIONS
from autoback.engine.value import Value, topological_order
from autoback.native.blocks import Source, find_rows, load_samples
from autoback.native.builder import Builder, FormulaReader, Index, literal, vector
from autoback.native.codegen import Block
from autoback.native.lanes import check_finite, flag_lanes, raised, reduced
from autoback.native.llvm import Data, register_lanes
from autoback.native.planner import Plan
from autoback.native.program import module

__all__ = ["Step", "move_module", "step_module", "sums_module"]


def _signature(*names: str) -> str:
    return ", ".join("ptr noalias %" + name if name.islower() else name for name in names)


#: Up to so many parameters stay in registers from step to step.
FEW_PARAMETERS = 64
SHORT_FORMULA = 12

_DIV = OPERATIONS["div"]


@dataclass(frozen=True)
class Step:
    """What a training step consists of.

    sample:  the plan of one sample's gradients and, last, its cost, summed over samples
    penalty: the plan of the penalty's gradients and value, or None
    leaves, results: the optimiser's formula, recorded on parameter, gradient, rate, step and state
    inputs:  how many of the sample's leaves are inputs; the others are targets
    clip:    the largest norm of a batch's gradient, or None
    """

    sample: Plan
    penalty: Plan | None
    leaves: Sequence[Value]
    results: Sequence[Value]
    inputs: int
    clip: float | None = None

    @property
    def few(self) -> bool:
        """Whether parameters and state are held in registers."""
        return self.sample.parameters <= FEW_PARAMETERS


def step_module(step: Step, width: int, *, single: bool, whole: int | None, natural: bool) -> tuple[str, Data, int]:
    """The module with the function `train`, its data, and how many doubles of scratch memory it needs.

    width:   samples computed side by side
    single:  whether one block of that width holds a batch
    whole:   how many samples every batch has, if that is known and one block holds them
    natural: whether each batch is all the data, so that no order needs to be followed
    """
    code, memory = Builder(), _Memory()
    trained = _Trained(code, step)
    n = step.sample.parameters
    sums = code.alloca("double", n + 1, "sums") if step.sample.is_small and step.few else memory.region(code, n + 1)
    batch = _Sums(code, memory, step, width, trained.parameters, sums, fresh=single)
    move = _Move(code, memory, step, trained, sums)
    done, total = code.alloca("i64"), code.alloca("double")
    trained.begin()
    code.do(f"store i64 0, ptr {done}")
    batches = code.let(f"sdiv i64 {code.add(code.let('add i64 %Samples, %Batch'), -1)}, %Batch")
    for row in code.loop("%Epochs"):
        code.store(literal(0.0), total)
        for b in code.loop(batches):
            now = code.integer(done)
            _leave(code, code.let(f"icmp sge i64 {now}, %Most"), "finish")
            first = code.times(b, "%Batch")
            count: Index = whole if whole is not None else code.minimum(code.let(f"sub i64 %Samples, {first}"), "%Batch")
            start: Index = 0 if natural else code.add(code.times(row, "%Samples"), first)
            if not single:
                _clear(code, sums, n + 1)
            batch.write(start, count, "" if natural else "%order")
            real = literal(float(count)) if isinstance(count, int) else code.let(f"sitofp i64 {count} to double")
            rate = code.load("%rates", code.times(now, "%Stride"))
            loss = move.write(real, rate, code.let(f"fadd double {code.let(f'sitofp i64 {now} to double')}, %First"))
            _leave(code, code.let(f"or i1 {batch.failed()}, {move.failed()}"), "fail")
            code.store(loss, "%losses", now)
            code.do(f"store i64 {code.add(now, 1)}, ptr {done}")
            code.store(code.plus(code.load(total), code.let(f"fmul double {loss}, {real}"), 1), total)
        mean = code.let(f"fdiv double {code.load(total)}, {code.let('sitofp i64 %Samples to double')}")
        _leave(code, code.let(f"fcmp olt double {mean}, %Goal"), "finish")
    code.jump("finish")
    code.label("finish")
    trained.end()
    code.do(f"ret i64 {code.integer(done)}")
    code.label("fail")
    code.do(f"ret i64 {code.let(f'sub i64 -1, {code.integer(done)}')}")
    signature = _signature(
        "parameters", "state", "x", "y", "order", "i64 %Epochs", "i64 %Samples", "i64 %Batch",
        "rates", "i64 %Stride", "double %First", "losses", "double %Goal", "i64 %Most", "scratch",
    )  # fmt: skip
    return *module(code, code.function("i64", "train", signature), [batch.block, *move.blocks]), memory.size


def sums_module(step: Step, width: int, *, fresh: bool) -> tuple[str, Data, int]:
    """The module with the function `sums`, which adds up the gradients and costs of some samples; as for `step_module`.

    fresh: whether the sums start with one block of samples, or go on
    """
    code, memory = Builder(), _Memory()
    batch = _Sums(code, memory, step, width, "%parameters", "%sums", fresh=fresh)
    batch.write(0, "%Samples", "%order")
    code.do(f"ret i64 {code.let(f'zext i1 {batch.failed()} to i64')}")
    signature = _signature("parameters", "x", "y", "order", "i64 %Samples", "sums", "scratch")
    return *module(code, code.function("i64", "sums", signature), [batch.block]), memory.size


def move_module(step: Step) -> tuple[str, Data, int]:
    """The module with the function `move`, which takes the step that the sums of a batch lead to; as for `step_module`."""
    code, memory = Builder(), _Memory()
    trained = _Trained(code, step)
    move = _Move(code, memory, step, trained, "%sums")
    trained.begin()
    loss = move.write(code.let("sitofp i64 %Samples to double"), "%Rate", "%Number")
    code.store(loss, "%loss")
    trained.end()
    code.do(f"ret i64 {code.let(f'zext i1 {move.failed()} to i64')}")
    signature = _signature("parameters", "state", "sums", "i64 %Samples", "double %Rate", "double %Number", "loss", "scratch")
    return *module(code, code.function("i64", "move", signature), move.blocks), memory.size


class _Memory:
    """Regions of the scratch memory, each of which starts at a whole register. size: of all of them, in doubles"""

    def __init__(self) -> None:
        self.size = 0

    def region(self, code: Builder, doubles: int) -> str:
        start, self.size = self.size, self.size + -(-doubles // 8) * 8
        return code.pointer("%scratch", start)


class _Sums:
    """Writes what adds up the gradients and costs of the samples of a batch."""

    def __init__(self, code: Builder, memory: _Memory, step: Step, width: int, parameters: str, sums: str, *, fresh: bool) -> None:
        sample = step.sample
        self.code, self.width, self.fresh = code, width, fresh
        self.lanes = flag_lanes(sample, width)
        slots = code.alloca("double", sample.slots * width, "slots") if sample.is_small else memory.region(code, sample.slots * width)
        flag = code.alloca("double", self.lanes, "flag")
        ends = (0, step.inputs, sample.inputs)
        sources = [Source(code.alloca("ptr", width), stop - start, start) for start, stop in pairwise(ends)]
        transposed = memory.region(code, (sample.slots + sample.inputs) * width)
        self.block = Block(code, sample, width, slots, parameters, sums, flag, sources=sources, fresh=fresh, transposed_memory=transposed)

    def write(self, start: Index, count: Index, order: str) -> None:
        """The samples start, start + 1, … of an order, or, without one, of the data: `count` of them."""
        code, width, block = self.code, self.width, self.block
        _clear(code, block.flag, self.lanes)
        rounds: Index = 1 if self.fresh else code.let(f"sdiv i64 {code.add(count, width - 1)}, {width}")
        for k in code.loop(rounds):
            offset = code.times(k, width)
            block.count = count if self.fresh else code.minimum(code.let(f"sub i64 {count}, {offset}"), width)
            for source, data in zip(block.sources, ("%x", "%y"), strict=True):
                find_rows(code, source, data, width, block.count, code.add(start, offset), order, unrolled=block.unrolled)
            load_samples(code, block.sources, block.slots, width, unrolled=block.unrolled)
            block.write()

    def failed(self) -> str:
        """Whether a number was not finite."""
        return raised(self.code, self.block.flag, self.lanes)


class _Trained:
    """The parameters and the optimiser's state: in memory, or, where they are few, in registers between begin and end."""

    def __init__(self, code: Builder, step: Step) -> None:
        n, state = step.sample.parameters, len(step.leaves) - 4
        self.code, self.keep = code, step.few
        self.sizes = {"%parameters": n, "%state": n * state}
        self.parameters = code.alloca("double", n, "own") if self.keep else "%parameters"
        self.state = code.alloca("double", n * state, "state") if self.keep and state else "%state"

    def begin(self) -> None:
        self._copy(("%parameters", self.parameters), ("%state", self.state))

    def end(self) -> None:
        self._copy((self.parameters, "%parameters"), (self.state, "%state"))

    def _copy(self, *pairs: tuple[str, str]) -> None:
        for (source, target), size in zip(pairs, self.sizes.values(), strict=True):
            for k in range(size if self.keep else 0):
                self.code.store(self.code.load(source, k), target, k)


class _Move:
    """Writes the step that the sums of a batch lead to: penalty, clipping and the optimiser, over all parameters."""

    def __init__(self, code: Builder, memory: _Memory, step: Step, trained: _Trained, sums: str) -> None:
        self.code, self.step, self.trained, self.sums = code, step, trained, sums
        self.flag = code.alloca("double", register_lanes(), "flag")
        self.blocks: list[Block] = []
        if step.penalty:
            slots, results = memory.region(code, step.penalty.slots), memory.region(code, step.sample.parameters + 1)
            self.blocks = [Block(code, step.penalty, 1, slots, trained.parameters, results, self.flag, label="penalty")]

    def write(self, count: str, rate: str, number: str) -> str:
        """The loss before the step. count: of the samples; number: that of the step; all three are doubles."""
        code, n = self.code, self.step.sample.parameters
        _clear(code, self.flag, register_lanes())
        self.share = code.let(f"fdiv double {literal(1.0)}, {count}")
        loss = code.let(f"fdiv double {code.load(self.sums, n)}, {count}")
        for penalty in self.blocks:
            penalty.write()
            loss = code.plus(loss, code.load(penalty.results, n), 1)
        check_finite(code, [loss], self.flag, 1)
        self._update(rate, number, self._scale() if self.step.clip is not None else "")
        return loss

    def failed(self) -> str:
        """Whether a number was not finite."""
        return raised(self.code, self.flag, register_lanes())

    def _gradients(self, at: Index, width: int) -> str:
        """The mean gradients of the batch for `width` parameters from `at` on."""
        code = self.code
        mean = code.let(f"fmul {vector(width)} {code.load(self.sums, at, width)}, {code.splat(self.share, width)}")
        for penalty in self.blocks:
            mean = code.plus(mean, code.load(penalty.results, at, width), width)
        return mean

    def _scale(self) -> str:
        """What the gradient is multiplied by, that its norm is at most `clip`.

        All are divided by the largest before they are squared, so that no square overflows.
        """
        code, limit = self.code, literal(self.step.clip or 0.0)

        def folded(combine: Callable[[str, str, int], str], reduce: Callable[[str, str, int], str]) -> str:
            n, lanes, total = self.step.sample.parameters, register_lanes(), literal(0.0)
            for width, start, count in ((lanes, 0, n // lanes), (1, n // lanes * lanes, n % lanes)):

                def body(k: Index, values: list[str], width: int = width, start: int = start) -> list[str]:
                    return [combine(values[0], self._gradients(code.add(start, code.times(k, width)), width), width)]

                if count:
                    [made] = code.accumulate(count, vector(width), [literal(0.0, width)], body, unrolled=self.step.few)
                    total = reduce(total, made, width)
            return total

        def larger(found: str, gradient: str, width: int) -> str:
            reader = FormulaReader(code, width, {})
            return reader.call("maximum", [found, reader.call("abs", [gradient])])

        def largest_lane(found: str, lanes: str, width: int) -> str:
            one = lanes if width == 1 else code.let(f"call double @llvm.vector.reduce.fmax.v{width}f64({vector(width)} {lanes})")
            return larger(found, one, 1)

        def squared(found: str, gradient: str, width: int) -> str:
            part = code.let(f"fdiv {vector(width)} {gradient}, {code.splat(largest, width)}")
            return code.plus(found, code.let(f"fmul contract {vector(width)} {part}, {part}"), width, "contract ")

        def added(found: str, lanes: str, width: int) -> str:
            return code.plus(found, lanes, 1) if width == 1 else reduced(code, found, lanes, width)

        largest = folded(larger, largest_lane)
        root = FormulaReader(code, 1, {}).call("sqrt", [folded(squared, added)])
        length = code.let(f"fmul double {largest}, {root}")
        longer = code.let(f"fcmp ogt double {length}, {limit}")
        return code.let(f"select i1 {longer}, double {code.let(f'fdiv double {limit}, {length}')}, double {literal(1.0)}")

    def _update(self, rate: str, number: str, scale: str) -> None:
        """The optimiser over all parameters, as many at a time as a register holds."""
        step, code, trained = self.step, self.code, self.trained
        n, unrolled = step.sample.parameters, step.few
        order, leaves = topological_order(*step.results), set(step.leaves)  # a set, for == compares numbers
        shared = {step.leaves[2]: rate, step.leaves[3]: number}
        alone = _evaluate(code, [node for node in order if node not in leaves], shared, 1, partial=True)
        alone = {node: value for node, value in alone.items() if node.op is not None or node in shared}  # constants stay literals
        # A division of every parameter by the same number is a multiplication.
        divisors = [node for node in dict.fromkeys(node.inputs[1] for node in order if node.op is _DIV) if node in alone]
        inverse = {node: code.let(f"fdiv double {literal(1.0)}, {alone[node]}") for node in divisors}
        # A short formula is done before few parameters could be gathered into one register and spread again.
        lanes = 1 if unrolled and len(order) <= SHORT_FORMULA else register_lanes()
        suspects: dict[int, list[str]] = {lanes: [], 1: []}
        for width, start, stop in ((lanes, 0, n // lanes), (1, n // lanes * lanes, n)):
            everywhere = {node: code.splat(value, width) for node, value in alone.items()}
            inverses = {everywhere[node]: code.splat(value, width) for node, value in inverse.items()}
            wide_scale = code.splat(scale, width) if scale else ""
            for k in code.loop(stop, start=start, unrolled=unrolled):
                at = code.times(k, width)
                mean = self._gradients(at, width)
                if scale:
                    mean = code.let(f"fmul {vector(width)} {mean}, {wide_scale}")
                known = dict(everywhere)
                known[step.leaves[0]] = code.load(trained.parameters, at, width)
                known[step.leaves[1]] = mean
                places = [(trained.parameters, at)]
                for s, leaf in enumerate(step.leaves[4:]):
                    places.append((trained.state, code.add(s * n, at)))
                    known[leaf] = code.load(*places[-1], width)
                made = _evaluate(code, order, known, width, inverses)
                suspects[width] += [mean, *(made[result] for result in step.results)]
                for result, (base, index) in zip(step.results, places, strict=True):
                    code.store(made[result], base, index, width)
                if not unrolled:
                    check_finite(code, suspects[width], self.flag, width)
                    suspects[width] = []
        for width, values in suspects.items():
            check_finite(code, values, self.flag, width)


def _clear(code: Builder, pointer: str, doubles: int) -> None:
    code.do(f"call void @llvm.memset.p0.i64(ptr {pointer}, i8 0, i64 {8 * doubles}, i1 false)")


def _leave(code: Builder, condition: str, where: str) -> None:
    """Go on elsewhere if the condition holds."""
    stay = code.fresh("stay")
    code.branch(condition, where, stay)
    code.label(stay)


def _evaluate(
    code: Builder,
    order: Sequence[Value],
    known: Mapping[Value, str],
    width: int,
    inverses: Mapping[str, str] | None = None,
    *,
    partial: bool = False,
) -> dict[Value, str]:
    """The nodes of a small graph, one after another; with `partial` only those that `known` suffices for."""
    made = dict(known)
    for node in order:
        if node in made:
            continue
        if node.op is None:
            made[node] = literal(node.data, width)
        elif not partial or all(below in made for below in node.inputs):
            letters = node.op.letters
            constants = dict(zip(letters, node.inputs, strict=False)) if not node.op.nary else {}
            literals = {letter: below.data for letter, below in constants.items() if below.op is None and below not in known}
            terms = [
                fold(node.op.term, FormulaReader(code, width, term, literals, contract=True, inverses=inverses))
                for term in node.op.terms([made[below] for below in node.inputs])
            ]
            made[node] = terms[0]
            for term in terms[1:]:
                made[node] = code.plus(made[node], term, width)
    return made
