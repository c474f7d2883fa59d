"""One training step in LLVM, and the loops over batches and epochs around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autoback.engine.formula import fold
from autoback.engine.value import Value, topological_order
from autoback.native.blocks import Source, find_rows, load_samples
from autoback.native.builder import Builder, FormulaReader, Index, literal, vector
from autoback.native.codegen import Block, check_finite, flag_lanes, raised
from autoback.native.llvm import Data, register_lanes
from autoback.native.planner import Plan
from autoback.native.program import module

__all__ = ["Step", "step_module"]

SIGNATURE = ", ".join(
    "ptr noalias %" + name if name.islower() else name
    for name in (
        "parameters", "state", "x", "y", "order", "i64 %Epochs", "i64 %Samples", "i64 %Batch",
        "rates", "i64 %Stride", "double %First", "losses", "double %Goal", "i64 %Most", "scratch",
    )
)  # fmt: skip

#: Up to so many parameters stay in registers from step to step.
FEW_PARAMETERS = 64
SHORT_FORMULA = 12


@dataclass(frozen=True)
class Step:
    """What a training step consists of.

    sample:  the plan of one sample's gradients and, last, its cost, summed over samples
    penalty: the plan of the penalty's gradients and value, or None
    leaves, results: the optimiser's formula, recorded on parameter, gradient, rate, step and state
    inputs:  how many of the sample's leaves are inputs; the others are targets
    """

    sample: Plan
    penalty: Plan | None
    leaves: Sequence[Value]
    results: Sequence[Value]
    inputs: int


def step_module(  # noqa: PLR0915  # one loop within another, read from top to bottom
    step: Step, width: int, *, single: bool, whole: int | None, natural: bool
) -> tuple[str, Data, int]:
    """The module with the training function, its data, and how many doubles of scratch memory it needs.

    width:   samples computed side by side
    single:  whether one block of that width holds a batch
    whole:   how many samples every batch has, if that is known and one block holds them
    natural: whether each batch is all the data, so that no order needs to be followed
    """
    code, sample = Builder(), step.sample
    n = sample.parameters
    in_registers = n <= FEW_PARAMETERS
    unrolled_sample = Block(code, sample, width, "", "", "", "").unrolled
    sizes = [sample.slots * width, n + 1, *([step.penalty.slots, n + 1] if step.penalty else []), (sample.slots + sample.inputs) * width]
    offsets = [0]
    for size in sizes:
        offsets.append(offsets[-1] + -(-size // 8) * 8)  # each region starts at a whole register

    def region(k: int, on_stack: bool, stem: str = "m") -> str:
        return code.alloca("double", sizes[k], stem) if on_stack else code.pointer("%scratch", offsets[k])

    slots, sums, transposed_memory = (
        region(0, unrolled_sample, "slots"),
        region(1, unrolled_sample and in_registers, "sums"),
        region(len(sizes) - 1, False),
    )
    lanes = flag_lanes(sample, width)
    sample_flag, step_flag = code.alloca("double", lanes, "flag"), code.alloca("double", register_lanes(), "flag")
    ends = (0, step.inputs, sample.inputs)
    sources = [Source(code.alloca("ptr", width), stop - start, start) for start, stop in pairwise(ends)]
    done, total = code.alloca("i64"), code.alloca("double")
    trained = _Trained(code, n, (len(step.leaves) - 4), keep=in_registers)
    block = Block(
        code,
        sample,
        width,
        slots,
        trained.parameters,
        sums,
        sample_flag,
        sources=sources,
        fresh=single,
        transposed_memory=transposed_memory,
    )
    blocks = [block]
    if step.penalty:
        penalty = Block(code, step.penalty, 1, region(2, False), trained.parameters, region(3, False), step_flag, label="penalty")
        blocks.append(penalty)

    trained.begin()
    code.do(f"store i64 0, ptr {done}")
    batches = code.let(f"sdiv i64 {code.add(code.let('add i64 %Samples, %Batch'), -1)}, %Batch")
    for row in code.loop("%Epochs"):
        code.store(literal(0.0), total)
        for batch in code.loop(batches):
            now = code.integer(done)
            _leave(code, code.let(f"icmp sge i64 {now}, %Most"), "finish")
            first = code.times(batch, "%Batch")
            count: Index = whole if whole is not None else code.minimum(code.let(f"sub i64 %Samples, {first}"), "%Batch")
            start: Index = 0 if natural else code.add(code.times(row, "%Samples"), first)
            code.do(f"call void @llvm.memset.p0.i64(ptr {sample_flag}, i8 0, i64 {8 * lanes}, i1 false)")
            code.do(f"call void @llvm.memset.p0.i64(ptr {step_flag}, i8 0, i64 {8 * register_lanes()}, i1 false)")
            if not single:
                code.do(f"call void @llvm.memset.p0.i64(ptr {sums}, i8 0, i64 {8 * (n + 1)}, i1 false)")
            rounds: Index = 1 if single else code.let(f"sdiv i64 {code.add(count, width - 1)}, {width}")
            for k in code.loop(rounds):
                offset = code.times(k, width)
                block.count = count if single else code.minimum(code.let(f"sub i64 {count}, {offset}"), width)
                for source, data in zip(sources, ("%x", "%y"), strict=True):
                    find_rows(
                        code,
                        source,
                        data,
                        width,
                        block.count,
                        code.add(start, offset),
                        "" if natural else "%order",
                        unrolled=unrolled_sample,
                    )
                load_samples(code, sources, slots, width, unrolled=unrolled_sample)
                block.write()
            real = literal(float(count)) if isinstance(count, int) else code.let(f"sitofp i64 {count} to double")
            share = code.let(f"fdiv double {literal(1.0)}, {real}")
            loss = code.let(f"fdiv double {code.load(sums, n)}, {real}")
            if step.penalty:
                penalty.write()
                loss = code.plus(loss, code.load(penalty.results, n), 1)
            check_finite(code, [loss], step_flag, 1)
            _update(step, code, trained, sums, penalty.results if step.penalty else "", share, now, step_flag, unrolled=in_registers)
            bad = code.let(f"or i1 {raised(code, sample_flag, lanes)}, {raised(code, step_flag, register_lanes())}")
            _leave(code, bad, "fail")
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
    sizes[-1] = block.transposed_slots * width
    return *module(code.function("i64", "train", SIGNATURE), blocks), offsets[-2] + sizes[-1]


class _Trained:
    """The parameters and the optimiser's state: in memory, or, where they are few, in registers between begin and end."""

    def __init__(self, code: Builder, n: int, state: int, *, keep: bool) -> None:
        self.code, self.keep = code, keep
        self.sizes = {"%parameters": n, "%state": n * state}
        self.parameters = code.alloca("double", n, "own") if keep else "%parameters"
        self.state = code.alloca("double", n * state, "state") if keep and state else "%state"

    def begin(self) -> None:
        self._copy(("%parameters", self.parameters), ("%state", self.state))

    def end(self) -> None:
        self._copy((self.parameters, "%parameters"), (self.state, "%state"))

    def _copy(self, *pairs: tuple[str, str]) -> None:
        for (source, target), size in zip(pairs, self.sizes.values(), strict=True):
            for k in range(size if self.keep else 0):
                self.code.store(self.code.load(source, k), target, k)


def _leave(code: Builder, condition: str, where: str) -> None:
    """Go on elsewhere if the condition holds."""
    stay = code.fresh("stay")
    code.branch(condition, where, stay)
    code.label(stay)


def _update(
    step: Step, code: Builder, trained: _Trained, sums: str, penalty: str, share: str, now: str, step_flag: str, *, unrolled: bool
) -> None:
    """The optimiser over all parameters, as many at a time as a register holds."""
    n = step.sample.parameters
    _, _, rate, number, *_ = step.leaves
    count = code.let(f"sitofp i64 {now} to double")
    shared = {rate: code.load("%rates", code.times(now, "%Stride")), number: code.let(f"fadd double {count}, %First")}
    order = topological_order(*step.results)
    alone = _evaluate(code, [node for node in order if node not in step.leaves], shared, 1, partial=True)
    alone = {node: value for node, value in alone.items() if node.op is not None or node in shared}  # constants stay literals
    # A short formula is done before few parameters could be gathered into one register and spread again.
    lanes = 1 if unrolled and len(order) <= SHORT_FORMULA else register_lanes()
    suspects: dict[int, list[str]] = {lanes: [], 1: []}
    for width, start, stop in ((lanes, 0, n // lanes), (1, n // lanes * lanes, n)):
        everywhere = {node: code.splat(value, width) for node, value in alone.items()}
        wide_share = code.splat(share, width)
        for k in code.loop(stop, start=start, unrolled=unrolled):
            at = code.times(k, width)
            mean = code.let(f"fmul {vector(width)} {code.load(sums, at, width)}, {wide_share}")
            if penalty:
                mean = code.plus(mean, code.load(penalty, at, width), width)
            known = dict(everywhere)
            known[step.leaves[0]] = code.load(trained.parameters, at, width)
            known[step.leaves[1]] = mean
            places = [(trained.parameters, at)]
            for s, leaf in enumerate(step.leaves[4:]):
                places.append((trained.state, code.add(s * n, at)))
                known[leaf] = code.load(*places[-1], width)
            made = _evaluate(code, order, known, width)
            suspects[width] += [mean, *(made[result] for result in step.results)]
            for result, (base, index) in zip(step.results, places, strict=True):
                code.store(made[result], base, index, width)
            if not unrolled:
                check_finite(code, suspects[width], step_flag, width)
                suspects[width] = []
    for width, values in suspects.items():
        check_finite(code, values, step_flag, width)


def _evaluate(code: Builder, order: Sequence[Value], known: Mapping[Value, str], width: int, *, partial: bool = False) -> dict[Value, str]:
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
                fold(node.op.term, FormulaReader(code, width, term, literals, contract=True))
                for term in node.op.terms([made[below] for below in node.inputs])
            ]
            made[node] = terms[0]
            for term in terms[1:]:
                made[node] = code.plus(made[node], term, width)
    return made
