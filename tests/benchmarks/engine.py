"""How fast the engine is, beside micrograd on the same numbers: `python -m tests.benchmarks.engine [--write]`."""

import gc
import platform
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import process_time, strftime
from typing import Any

import autoback
from autoback import MLP, OPERATIONS, Value, datasets
from tests.benchmarks.peer import VERSION, Twin, micrograd

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance-engine.md"
RATE = 0.01

Step = Callable[[], float]


# What is measured


def timed(*runs: Callable[[], object], repeats: int) -> list[float]:
    """The median processor time of each, in seconds, taken in turn; what a run leaves to the collector is collected in its time."""
    times: list[list[float]] = [[] for _ in runs]
    gc.collect()
    gc.freeze()  # what is there already, the libraries and the networks, is not what a run left
    for _ in range(repeats + 1):
        for run, spent in zip(runs, times, strict=True):
            gc.collect()
            start = process_time()
            run()
            gc.collect()
            spent.append(process_time() - start)
    gc.unfreeze()
    return [median(spent[1:]) for spent in times]  # the first round warms up


def repeated(run: Callable[[], object], times: int) -> Callable[[], None]:
    def several() -> None:
        for _ in range(times):
            run()

    return several


def steps(net: MLP, inputs: Sequence[Sequence[float]], targets: Sequence[Sequence[float]]) -> tuple[Step, Step]:
    """One gradient step of mean squared error for each library, on networks of the same numbers; each returns the loss."""
    twin = Twin(net)
    samples = list(zip(inputs, targets, strict=True))
    count = len(samples) * net.n_outputs

    def step() -> float:
        cost = autoback.mean([(a - y) ** 2 for x, t in samples for a, y in zip(listed(net(x)), t)])  # noqa: B905  # strictness takes time
        net.zero_grad()
        cost.backward()
        for p in net.parameters():
            p.data -= RATE * p.grad
        return cost.data

    def peer_step() -> float:
        terms = [(a - y) ** 2 for x, t in samples for a, y in zip(listed(twin(x)), t)]  # noqa: B905
        cost = sum(terms[1:], terms[0]) * (1.0 / count)
        twin.net.zero_grad()
        cost.backward()
        for p in twin.net.parameters():
            p.data -= RATE * p.grad
        return float(cost.data)

    for _ in range(2):  # the second loss depends on every gradient of the first step
        ours, theirs = step(), peer_step()
        if abs(ours - theirs) > 1e-12 * abs(theirs):
            raise SystemExit(f"the two libraries disagree: {ours!r} and {theirs!r}; no time means anything then")
    return step, peer_step


def fitted(net: MLP, inputs: Sequence[Sequence[float]], targets: Sequence[Sequence[float]], epochs: int) -> None:
    """As many steps as there are epochs, the recording of the cost included."""
    autoback.fit(net, inputs, targets, optimizer=autoback.SGD(rate=RATE), epochs=epochs)


def listed(outputs: Any) -> list[Any]:
    """The outputs of a network as a list, also where there is one."""
    return outputs if type(outputs) is list else [outputs]


LINKS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "+": lambda v, w, x: v + x,
    "×": lambda v, w, x: v * w,
    "tanh": lambda v, w, x: v.tanh(),
    "×, +, tanh": lambda v, w, x: (v * w + x).tanh(),
}


def chain(value: type, kind: str, length: int) -> Any:
    """So many operations in a row."""
    v, w, x = value(0.5), value(0.999), value(0.001)
    link = LINKS[kind]
    for _ in range(length // 3 if "," in kind else length):
        v = link(v, w, x)
    return v


def walked(value: type, kind: str, length: int) -> Callable[[], None]:
    def run() -> None:
        chain(value, kind, length).backward()

    return run


# The page


def networks() -> Iterator[str]:
    """The rows of the networks: a step each, with the bar it has to pass."""
    moons = datasets.two_moons(100, noise=0.1, seed=1)
    digits = datasets.digits()
    xor = datasets.XOR
    cases = [
        ("MLP 2-16-16-1, relu, 100 points, full batch", MLP(2, [16, 16, 1], "relu", "identity"), moons.inputs, moons.targets, 20, 1),
        ("digits 64-32-10, relu, batch of 32", MLP(64, [32, 10], "relu", "identity"), digits.inputs[:32], digits.targets[:32], 50, 1),
        ("XOR 2-2-1, sigmoid, 4 points", MLP(2, [2, 1], "sigmoid", "sigmoid"), xor.inputs, xor.targets, 3, 500),
    ]
    for name, net, inputs, targets, bar, times in cases:
        epochs = 20 * times
        runs = [*[repeated(step, times) for step in steps(net, inputs, targets)], partial(fitted, net, inputs, targets, epochs)]
        ours, theirs, fit = timed(*runs, repeats=7)
        yield line(name, ours / times * 1e3, theirs / times * 1e3, "ms a step", bar)
        yield line(f"the same by `fit`, {epochs:,} steps", fit / epochs * 1e3, theirs / times * 1e3, "ms a step", bar)


def chains(peer: type) -> Iterator[str]:
    """The rows of the elementary chains: record, backward, and free."""
    for kind in LINKS:
        for length in (999, 99_999):
            times = max(1, 30_000 // length)
            ours, theirs = timed(*[repeated(walked(value, kind, length), times) for value in (Value, peer)], repeats=7)
            per_node = 1e9 / times / length
            yield line(f"chain of {length:,} operations: {kind}", ours * per_node, theirs * per_node, "ns an operation", 3)


def memory(peer: type) -> Iterator[str]:
    """The row of bytes for each node of a chain."""
    length = 99_999
    sizes = []
    for value in (Value, peer):
        tracemalloc.start()
        v = chain(value, "×, +, tanh", length)
        sizes.append(tracemalloc.get_traced_memory()[0] / length)
        tracemalloc.stop()
        del v
        gc.collect()
    yield line("memory of a node in a chain", *sizes, "bytes", None)


def line(name: str, ours: float, theirs: float, unit: str, bar: float | None) -> str:
    verdict = "" if bar is None else f"{bar} ×{'' if theirs / ours >= bar else ' (missed)'}"
    return f"| {name} | {ours:,.4g} {unit} | {theirs:,.4g} {unit} | {theirs / ours:.1f} × | {verdict} |"


def operations() -> Iterator[str]:
    """A line for each row of the table: recording one node and freeing it, and its share of a backward."""
    yield "| operation | record and free | with backward |"
    yield "|---|---|---|"
    for row in OPERATIONS.values():
        terms = 16 if row.nary else 1
        inputs = tuple([Value(0.75) for _ in range(row.arity * terms)])
        function = getattr(autoback, row.name)
        arguments = [inputs[k * terms : (k + 1) * terms] for k in range(row.arity)] if row.nary else inputs
        count = 2000
        alone, both = timed(repeated(partial(function, *arguments), count), repeated(partial(whole, function, arguments), count), repeats=5)
        name = f"{row.name} of {terms} terms" if row.nary else row.name
        yield f"| {name} | {alone / count * 1e9:,.0f} ns | {both / count * 1e9:,.0f} ns |"


def whole(function: Callable[..., Value], arguments: Sequence[Any]) -> None:
    function(*arguments).backward()


def growth() -> Iterator[str]:
    """How the time of a chain of ×, + and tanh grows, with the collector and without."""
    yield "| nodes | record | backward | free | all, for each node | with the collector on |"
    yield "|---|---|---|---|---|---|"
    gc.collect()
    gc.freeze()
    for length in (1_000, 10_000, 100_000, 1_000_000):
        gc.disable()
        parts = phases(length)
        gc.enable()
        off, on = (sum(each) / length * 1e9 for each in (parts, phases(length)))
        yield f"| {length:,} | {' | '.join(f'{seconds * 1e3:,.3g} ms' for seconds in parts)} | {off:,.0f} ns | {on:,.0f} ns |"
    gc.unfreeze()


def phases(length: int) -> list[float]:
    """The median times of recording a chain, walking it, and freeing it."""
    rounds = []
    for _ in range(5):
        marks = [process_time()]
        v = chain(Value, "×, +, tanh", length)
        marks.append(process_time())
        v.backward()
        marks.append(process_time())
        del v
        marks.append(process_time())
        rounds.append([after - before for before, after in pairwise(marks)])
    return [median(column) for column in zip(*rounds, strict=True)]


def page(peer: type) -> Iterator[str]:
    """All of it, as Markdown."""
    yield "# How fast the engine is"
    yield ""
    yield "    python -m tests.benchmarks.engine --write"
    yield ""
    yield f"measures autoback {autoback.__version__} beside micrograd {VERSION} in one process, on the same numbers (the losses of two"
    yield "steps are compared to twelve digits first), and writes this page. Medians of processor time, the two in turn, with what"
    yield "they leave to the garbage collector collected in their own time. micrograd got a tanh and a sigmoid in its own style."
    yield "A step is a loop written by hand on Values; the row below it is `fit`, which replays the recorded cost as plain Python."
    yield ""
    yield f"{strftime('%Y-%m-%d')}, {machine()}, Python {platform.python_version()}, pure Python, one core."
    yield ""
    yield f"| | autoback | micrograd {VERSION} | ratio | goal |"
    yield "|---|---|---|---|---|"
    yield from networks()
    yield from chains(peer)
    yield from memory(peer)
    yield ""
    yield "## Growth"
    yield ""
    yield "A chain of ×, + and tanh, recorded, walked and freed, up to a million nodes. A graph needs no garbage collector, so the first"
    yield "columns are taken with it off; on, it looks through a graph that lives long several times, and finds nothing."
    yield ""
    yield from growth()
    yield ""
    yield "## Operations"
    yield ""
    yield "One node on leaves that are there already; the second column also walks back from it."
    yield ""
    yield from operations()
    yield ""


def machine() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    names = (
        [text.split(":", 1)[1].strip() for text in info.read_text().splitlines() if text.startswith("model name")] if info.is_file() else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def main(arguments: Sequence[str]) -> None:
    """Print the page, and with --write keep it in docs/."""
    lines = []
    with micrograd() as engine:
        for text in page(engine.Value):
            print(text, flush=True)
            lines.append(text)
    if "--write" in arguments:
        PAGE.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    # micrograd recurses: a chain of 100,000 nodes needs as many frames, and a stack to hold them.
    sys.setrecursionlimit(10_000_000)
    threading.stack_size(1 << 30)
    thread = threading.Thread(target=main, args=[sys.argv[1:]])
    thread.start()
    thread.join()
