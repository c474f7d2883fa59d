"""What the engines are measured at, as JSON: each work on Values of autoback and of its peers, in turn, in one process.

AUTOBACK_ENGINE=c python -m tests.benchmarks.works
"""

import gc
import importlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from statistics import median
from time import process_time
from typing import Any

import autoback
from autoback import MLP, OPERATIONS, datasets
from tests.benchmarks import gpt, plain
from tests.benchmarks.peer import micrograd

MINIGRAD = "0.0.6"
RATE = 0.01
Run = Callable[[], object]


def descended(cost: Any, parameters: Sequence[Any]) -> float:
    """A cost, after one step down its gradient, as any course writes it."""
    for p in parameters:
        p.grad = 0.0
    cost.backward()
    for p in parameters:
        p.data -= RATE * p.grad
    return float(cost.data)


def timed(runs: dict[str, Run], repeats: int, times: int = 1) -> dict[str, float]:
    """The median processor time of each, in seconds, taken in turn; what a run leaves to the collector is collected in its time."""
    spent: dict[str, list[float]] = {name: [] for name in runs}
    gc.collect()
    gc.freeze()  # what is there already, the libraries and the networks, is not what a run left
    for _ in range(repeats + 1):
        for name, run in runs.items():
            gc.collect()
            start = process_time()
            for _ in range(times):
                run()
            gc.collect()
            spent[name].append((process_time() - start) / times)
    gc.unfreeze()
    return {name: median(each[1:]) for name, each in spent.items()}  # the first round warms up


@contextmanager
def minigrad() -> Iterator[Any]:
    """minigrad's class of Values, or None where it can neither be imported nor built."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, f"minigrad=={MINIGRAD}"]
        subprocess.run(command, check=False, capture_output=True)
        sys.path.insert(0, folder)
        try:
            yield importlib.import_module("minigrad").Value
        except ImportError:
            yield None


# Networks written for any class of Values, one node for each × and +


class Written:
    """A network as micrograd's tutorial writes it: every neuron is sum(w * x) + b, and relu or `last` of it."""

    def __init__(self, value: Any, sizes: Sequence[int], activation: str = "relu", last: str = "") -> None:
        r = random.Random(1)
        self.last, self.activation = last, activation
        self.layers = [[([value(r.gauss(0.0, n**-0.5)) for _ in range(n)], value(0.0)) for _ in range(m)] for n, m in pairwise(sizes)]

    def parameters(self) -> list[Any]:
        return [p for layer in self.layers for w, b in layer for p in (*w, b)]

    def __call__(self, x: Sequence[Any]) -> list[Any]:
        for layer in self.layers:
            kind = self.last if layer is self.layers[-1] else self.activation
            z = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            x = [getattr(each, kind)() for each in z] if kind else z
        return list(x)


class Task:
    """Samples as leaves of one class of Values, made once: minigrad loses a number that is not kept, and crashes."""

    def __init__(self, value: Any, inputs: Any, targets: Any) -> None:
        self.inputs = [[value(number) for number in row] for row in inputs]
        self.targets = [[value(number) for number in row] for row in targets]
        self.zero, self.scale = value(0.0), value(1.0 / len(self.inputs))

    def step(self, net: Any) -> float:
        """One gradient step of the mean squared error, by hand."""
        gaps = [a - y for x, t in zip(self.inputs, self.targets, strict=True) for a, y in zip(listed(net(x)), t, strict=True)]
        cost = sum((gap * gap for gap in gaps), self.zero) * self.scale
        return descended(cost, net.parameters())


def listed(outputs: Any) -> list[Any]:
    return outputs if type(outputs) is list else [outputs]


def equal(runs: dict[str, Callable[[], float]]) -> None:
    """The losses of two steps agree to nine digits: the second depends on every gradient of the first."""
    for _ in range(2):
        losses = {name: run() for name, run in runs.items()}
        if max(losses.values()) - min(losses.values()) > 1e-9 * abs(max(losses.values())):
            raise SystemExit(f"the libraries disagree: {losses}; no time means anything then")


def networks(classes: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, float]]]:
    moons, digits, xor = datasets.two_moons(100, noise=0.1, seed=1), datasets.digits(), datasets.XOR
    cases = [
        ("2-16-16-1, relu, 100 points", (2, 16, 16, 1), "relu", "", moons.inputs, moons.targets, 3, 1),
        ("digits 64-32-10, relu, batch of 32", (64, 32, 10), "relu", "", digits.inputs[:32], digits.targets[:32], 1, 1),
        ("XOR 2-2-1, sigmoid, 4 points", (2, 2, 1), "sigmoid", "sigmoid", xor.inputs, xor.targets, 7, 200),
    ]
    for name, sizes, activation, last, inputs, targets, repeats, times in cases:
        known = {key: value for key, value in classes.items() if hasattr(value, activation)}
        written = {key: Written(value, sizes, activation, last) for key, value in known.items()}
        tasks = {key: Task(value, inputs, targets) for key, value in known.items()}
        runs = {key: partial(tasks[key].step, net) for key, net in written.items()}
        equal(runs)
        net = MLP(sizes[0], sizes[1:], activation, last or "identity")
        for own, other in zip(net.parameters(), written["autoback"].parameters(), strict=True):
            own.data = other.data
        runs["network of autoback"] = partial(tasks["autoback"].step, net)
        yield name, "ms", timed(runs, repeats, times)


def by_hand(value: Any) -> Callable[[], float]:
    """A step of XOR 2-2-1 with every product written out, as in a first lesson."""
    parameters = [value(number) for number in (0.3, -0.2, 0.1, 0.5, 0.7, -0.4, 0.2, -0.6, 0.05)]
    w11, w12, b1, w21, w22, b2, v1, v2, c = parameters
    table = ((0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0))
    samples = [tuple(value(number) for number in sample) for sample in table]
    zero = value(0.0)

    def step() -> float:
        cost = zero
        for x1, x2, y in samples:
            h1 = (w11 * x1 + w12 * x2 + b1).sigmoid()
            h2 = (w21 * x1 + w22 * x2 + b2).sigmoid()
            gap = (v1 * h1 + v2 * h2 + c).sigmoid() - y
            cost = cost + gap * gap
        return descended(cost, parameters)

    return step


def exclusive_or(classes: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, float]]]:
    runs = {key: by_hand(value) for key, value in classes.items() if hasattr(value, "sigmoid")}
    equal(runs)
    yield "XOR 2-2-1, sigmoid, 4 points, written out", "ms", timed(runs, 7, 300)


def chains(classes: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, float]]]:
    links: dict[str, tuple[int, Callable[[Any, Any, Any], Any]]] = {
        "+": (1, lambda v, w, x: v + x),
        "×": (1, lambda v, w, x: v * w),
        "×, +, tanh": (3, lambda v, w, x: (v * w + x).tanh()),
        "×, +, relu": (3, lambda v, w, x: (v * w + x).relu()),
    }
    for kind, (nodes, link) in links.items():
        known = {key: value for key, value in classes.items() if "tanh" not in kind or hasattr(value, "tanh")}
        for length in (999, 99_999):
            if length > 1000 and kind == "+":
                continue

            def run(value: Any, length: int = length, link: Any = link, nodes: int = nodes) -> None:
                # So near to 1 and 0 that no gradient becomes subnormal, which would cost every library the same 50 ns.
                v, w, x = value(0.5), value(0.9999999), value(1e-12)
                for _ in range(length // nodes):
                    v = link(v, w, x)
                v.backward()

            seconds = timed({key: partial(run, value) for key, value in known.items()}, 3, max(1, 5_000 // length))
            yield f"chain of {length:,}: {kind}", "ns", {key: each / length for key, each in seconds.items()}


def transformer(classes: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, float]]]:
    """One step on a name of 7 letters, its sums written as chains of + and ×."""
    r = random.Random(0)
    numbers = [r.gauss(0.0, 0.08) for rows, columns in gpt.SHAPES.values() for _ in range(rows * columns)]
    tokens = [0, 5, 13, 13, 1, 12, 9, 1, 0]

    def once(flat: list[Any]) -> float:
        cost = gpt.loss(flat, tokens, gpt.by_sum)
        return descended(cost, flat)

    flats = {key: [value(number) for number in numbers] for key, value in classes.items() if key in ("autoback", "plain")}
    runs = {key: partial(once, flat) for key, flat in flats.items()}
    equal(runs)
    yield "one-layer GPT, 4,192 parameters, written with sum(w*x)", "ms", timed(runs, 3)


def growth() -> Iterator[list[float]]:
    """Nodes, and for each the nanoseconds to record, walk and free a chain; then in all with the collector on."""
    for length in (1_000, 10_000, 100_000, 1_000_000):
        parts = []
        for collector in (gc.disable, gc.enable):
            gc.collect()
            collector()
            parts.append([each / length * 1e9 for each in phases(length)])
        gc.enable()
        yield [length, *parts[0], sum(parts[0]), sum(parts[1])]


def phases(length: int) -> list[float]:
    rounds = []
    for _ in range(5):
        marks = [process_time()]
        v, w, x = autoback.Value(0.5), autoback.Value(0.9999999), autoback.Value(1e-12)
        for _ in range(length // 3):
            v = (v * w + x).tanh()
        marks.append(process_time())
        v.backward()
        marks.append(process_time())
        del v
        marks.append(process_time())
        rounds.append([after - before for before, after in pairwise(marks)])
    return [median(column) for column in zip(*rounds, strict=True)]


def products() -> list[float]:
    """Products with a constant, two nodes each: ns a node for 10^4 and 10^6 of them, and bytes a node of the resident memory."""
    found = []
    for count in (10_000, 1_000_000):
        seconds = []
        for _ in range(4):
            before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, process_time()
            v = autoback.Value(0.5)
            for _ in range(count):
                v = v * 0.9999999
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            v.backward()
            del v
            seconds.append(process_time() - start)
            if len(seconds) == 1:
                first = memory
        found.append(median(seconds) / count / 2 * 1e9)
    return [*found, first * 1024 / 1e6]


def operations() -> Iterator[list[Any]]:
    """For each row of the table the ns to record and free one node, and with its backward."""
    for row in OPERATIONS.values():
        terms = 16 if row.nary else 1
        low, high = row.domain
        inputs = [autoback.Value(0.75 if low < 0.75 < high else 0.5 * (low + high)) for _ in range(row.arity * terms)]
        function = getattr(autoback, row.name)
        arguments = [inputs[k * terms : (k + 1) * terms] for k in range(row.arity)] if row.nary else inputs
        runs = {"alone": partial(function, *arguments), "both": lambda f=function, a=arguments: f(*a).backward()}
        seconds = timed(runs, 5, 1000)  # type: ignore[arg-type]
        yield [f"{row.name} of {terms} terms" if row.nary else row.name, seconds["alone"] * 1e9, seconds["both"] * 1e9]


def main() -> None:
    """Print it all as one JSON document."""
    report: dict[str, Any] = {"engine": autoback.engine_name, "products": products(), "growth": list(growth())}
    with micrograd() as engine, minigrad() as other:
        classes = {"autoback": autoback.Value, "micrograd": engine.Value, "plain": plain.Value}
        if other is not None:
            classes["minigrad"] = other
        works = (*exclusive_or(classes), *networks(classes), *transformer(classes), *chains(classes))
    report["works"] = works
    report["operations"] = list(operations())
    print(json.dumps(report))


if __name__ == "__main__":
    # micrograd recurses: a chain of 100,000 nodes needs as many frames, and a stack to hold them.
    sys.setrecursionlimit(10_000_000)
    threading.stack_size(1 << 30)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
