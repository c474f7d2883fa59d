"""How fast native code is, beside C, JAX, CasADi, PyTorch and micrograd: one table, remade by one command.

    python tests/benchmarks/native.py            print it
    python tests/benchmarks/native.py --write    and put it into docs/performance.md

Every number is the median of several runs on this machine, all of them in one process. The C is
compiled here, with gcc; what is not installed is left out. Everybody starts from the same numbers,
and the benchmark refuses to print a time whose result differs from autoback's. All times, also how long
a program takes to be ready, from recording to the first step, are those of the processor.
"""

import argparse
import ctypes
import importlib.metadata
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient
from autoback.engine.value import Value, recording, topological_order
from autoback.native.function import compile as compiled
from autoback.native.llvm import machine_name
from autoback.native.program import Program
from autoback.native.training import TrainingProgram

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import gpt  # noqa: E402  # beside this file

os.environ["AUTOBACK_CACHE"] = "off"  # ready means compiled
PAGE = HERE.parent.parent / "docs" / "performance.md"
Row = tuple[str, str, float, str]  # what, how, seconds, note

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]


def medians(*runs: Callable[[], object], repeats: int = 51) -> list[float]:
    """The median time of the processor for each call, in seconds, all in turn after one to warm up.

    It is the processor's time, of all threads together, for other programs on the machine do not count then.
    """
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(repeats + 1):
        for run, taken in zip(runs, times, strict=True):
            start = process_time()
            run()
            taken.append(process_time() - start)
    return [statistics.median(taken[1:]) for taken in times]


def median(run: Callable[[], object], repeats: int = 51) -> float:
    """The median time of the processor for one call, in seconds."""
    return medians(run, repeats=repeats)[0]


def built(source: str, *flags: str) -> Any:
    """A C file compiled and loaded; its function `train` returns the last cost."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "bench.so"
        subprocess.run(["gcc", "-shared", "-fPIC", *flags, str(HERE / "c" / source), "-lm", "-o", str(library)], check=True)
        function = ctypes.CDLL(str(library)).train
    function.restype = ctypes.c_double
    return function


def network(sizes: list[int], activations: list[str]) -> tuple[list[Value], list[Value], list[Value], Value]:
    """(inputs, targets, parameters, cost of one sample), recorded as the network floor would."""
    rng = random.Random(1)
    inputs = below = [Value(rng.uniform(0.0, 1.0)) for _ in range(sizes[0])]
    parameters: list[Value] = []
    for fan_in, neurons, activation in zip(sizes, sizes[1:], activations, strict=False):
        layer = []
        for _ in range(neurons):
            weights, bias = [Value(rng.uniform(-1.0, 1.0) / fan_in**0.5) for _ in range(fan_in)], Value(0.0)
            parameters += [*weights, bias]
            layer.append(FUNCTIONS[activation](FUNCTIONS["dot"](weights, below) + bias))
        below = layer
    targets = [Value(0.5) for _ in below]
    return inputs, targets, parameters, FUNCTIONS["sum"]([(a - y) ** 2 for a, y in zip(below, targets, strict=True)])


def sgd(parameter: Value, slope: Value, rate: Value, step: Value) -> Value:
    """Gradient descent for one parameter."""
    return parameter - rate * slope


def doubles(array: np.ndarray) -> Any:
    """A pointer for C."""
    return array.ctypes.data_as(ctypes.c_void_p)


def same(what: str, got: Any, want: Any, tolerance: float = 1e-6) -> None:
    """Refuse to compare the speed of different results."""
    if not np.allclose(got, want, rtol=tolerance, atol=tolerance):
        raise SystemExit(f"{what}: results differ by {np.max(np.abs(np.asarray(got) - np.asarray(want))):g}, so times mean nothing")


def xor(activation: str, steps: int = 20_000) -> list[Row]:
    """One full-batch step of 2-2-1."""
    inputs, targets, parameters, cost = network([2, 2, 1], [activation, activation])
    start = np.array([leaf.data for leaf in parameters])
    begun = process_time()
    program = TrainingProgram(parameters, inputs, targets, cost, sgd)
    program.run(*XOR, [[0, 1, 2, 3]], batch_size=4, rates=1.0)
    ready = process_time() - begun
    order, x, y = np.broadcast_to(np.arange(4), (steps, 4)), np.array(XOR[0]), np.array(XOR[1])

    def autoback() -> None:
        program.values[:] = start
        program.run(x, y, order, batch_size=4, rates=0.1)

    def c(source: str, *flags: str) -> Callable[[], Any]:
        train, values = built(source, *flags, *(["-DTANH"] if activation == "tanh" else [])), start.copy()
        sizes = (ctypes.c_int * 3)(2, 2, 1)
        middle = [ctypes.c_long(4), sizes, 2] if source == "xor_plain.c" else []

        def run() -> Any:
            values[:] = start
            train(doubles(values), doubles(x), doubles(y), *middle, ctypes.c_long(steps), ctypes.c_double(0.1))
            return values

        return run

    plain, special = c("xor_plain.c", "-O2"), c("xor_special.c", "-O3", "-march=native")
    fast = c("xor_special.c", "-O3", "-march=native", "-ffast-math")
    times = medians(autoback, plain, special, fast)
    for run in (plain, special, fast):
        same("C", run(), program.values)
    notes = [f"ready in {ready:.2f} s", "", "", ""]
    who = ["autoback", "C as usually written, -O2", "C specialised by hand, -O3 -march=native", "the same with -ffast-math"]
    return [
        (f"XOR 2-2-1, {activation}, a step" * (k == 0), name, time / steps, note)
        for k, (name, time, note) in enumerate(zip(who, times, notes, strict=True))
    ]


def dense(sizes: list[int], samples: int, *, others: bool, repeats: int) -> list[Row]:
    """One epoch of n-h-m, tanh and sigmoid, in batches of 32."""
    begun = process_time()
    inputs, targets, parameters, cost = network(sizes, ["tanh", "sigmoid"])
    recorded = process_time() - begun
    start = np.array([leaf.data for leaf in parameters])
    rng = np.random.default_rng(0)
    x, labels = rng.uniform(size=(samples, sizes[0])), rng.integers(0, sizes[2], samples)
    y, order = np.eye(sizes[2])[labels], rng.permutation(samples)[None]
    begun = process_time()
    program = TrainingProgram(parameters, inputs, targets, cost, sgd)
    program.run(x[:64], y[:64], np.arange(64)[None, :33], batch_size=32, rates=0.0)
    ready = process_time() - begun + recorded

    def autoback() -> None:
        program.values[:] = start
        program.run(x, y, order, batch_size=32, rates=0.1)

    train = built("dense.c", "-O3", *(f"-D{name}={size}" for name, size in zip("NHM", sizes, strict=True)))
    values = start.copy()

    def c() -> None:
        values[:] = start
        numbers = (ctypes.c_long(samples), ctypes.c_long(32), ctypes.c_long(1), ctypes.c_double(0.1))
        train(doubles(values), doubles(x), doubles(y), doubles(order), *numbers)

    own, plain = medians(autoback, c, repeats=repeats)
    same("C", values, program.values)
    what = f"{'-'.join(map(str, sizes))}, an epoch of {samples:,}, batch 32"
    rows = [(what, "autoback", own, f"ready in {ready:.2f} s"), ("", "plain scalar C, -O3", plain, "")]
    if others:
        rows += numpy_epoch(start, sizes, x[order[0]], y[order[0]], program.values)
        rows += jax_epoch(start, sizes, x[order[0]], y[order[0]], program.values)
        rows += torch_epoch(start, sizes, x[order[0]], y[order[0]], program.values)
        rows += micrograd_epoch(sizes, x, y)
    return rows


def matrices(values: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    """Weights and biases of two layers as matrices."""
    n, h, m = sizes
    first, second = values[: h * (n + 1)].reshape(h, n + 1), values[h * (n + 1) :].reshape(m, h + 1)
    return [first[:, :n], first[:, n], second[:, :h], second[:, h]]


def numpy_epoch(start: np.ndarray, sizes: list[int], x: np.ndarray, y: np.ndarray, want: np.ndarray) -> list[Row]:
    """Backpropagation written out by hand, a batch at a time."""
    p = [np.ascontiguousarray(a) for a in matrices(start, sizes)]

    def epoch() -> None:
        for first in range(0, len(x), 32):
            bx, by = x[first : first + 32], y[first : first + 32]
            a = np.tanh(bx @ p[0].T + p[1])
            out = 1.0 / (1.0 + np.exp(-(a @ p[2].T + p[3])))
            delta = 2.0 / len(bx) * (out - by) * out * (1.0 - out)
            below = delta @ p[2] * (1.0 - a * a)
            for parameter, slope in zip(p, (below.T @ bx, below.sum(0), delta.T @ a, delta.sum(0)), strict=True):
                parameter -= 0.1 * slope  # noqa: PLW2901  # in place

    epoch()
    for got, wanted in zip(p, matrices(want, sizes), strict=True):
        same("NumPy", got, wanted)
    return [("", "NumPy by hand", median(epoch), "")]


def jax_epoch(start: np.ndarray, sizes: list[int], x: np.ndarray, y: np.ndarray, want: np.ndarray) -> list[Row]:
    """The whole epoch as one jitted scan over the full batches, the last one after it."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return []
    jax.config.update("jax_enable_x64", True)
    whole = len(x) // 32 * 32

    def cost(p: Any, x: Any, y: Any) -> Any:
        a = jnp.tanh(x @ p[0].T + p[1])
        return jnp.mean(jnp.sum((jax.nn.sigmoid(a @ p[2].T + p[3]) - y) ** 2, axis=1))

    def step(p: Any, batch: Any) -> Any:
        loss, slopes = jax.value_and_grad(cost)(p, *batch)
        return [a - 0.1 * g for a, g in zip(p, slopes, strict=True)], loss

    @jax.jit
    def epoch(p: Any, x: Any, y: Any) -> Any:
        p, losses = jax.lax.scan(step, p, (x[:whole].reshape(-1, 32, sizes[0]), y[:whole].reshape(-1, 32, sizes[2])))
        return (step(p, (x[whole:], y[whole:]))[0] if whole < len(x) else p), losses

    p, gx, gy = [jnp.array(a) for a in matrices(start, sizes)], jnp.array(x), jnp.array(y)
    begun = perf_counter()
    made = jax.block_until_ready(epoch(p, gx, gy))
    ready = perf_counter() - begun
    for got, wanted in zip(made[0], matrices(want, sizes), strict=True):
        same("JAX", got, wanted)
    return [("", "JAX, jitted loop", median(lambda: jax.block_until_ready(epoch(p, gx, gy))), f"ready in {ready:.2f} s")]


def torch_epoch(start: np.ndarray, sizes: list[int], x: np.ndarray, y: np.ndarray, want: np.ndarray) -> list[Row]:
    """The usual loop: forward, backward, update."""
    try:
        import torch
    except ImportError:
        return []
    tx, ty = torch.tensor(x), torch.tensor(y)
    p = [torch.tensor(a.copy(), requires_grad=True) for a in matrices(start, sizes)]

    def epoch() -> None:
        for first in range(0, len(x), 32):
            bx, by = tx[first : first + 32], ty[first : first + 32]
            out = torch.sigmoid(torch.tanh(bx @ p[0].T + p[1]) @ p[2].T + p[3])
            slopes = torch.autograd.grad(((out - by) ** 2).sum(1).mean(), p)
            with torch.no_grad():
                for a, g in zip(p, slopes, strict=True):
                    a.sub_(g, alpha=0.1)

    epoch()
    for got, wanted in zip(p, matrices(want, sizes), strict=True):
        same("PyTorch", got.detach().numpy(), wanted)
    return [("", "PyTorch, eager", median(epoch), "")]


def micrograd_epoch(sizes: list[int], x: np.ndarray, y: np.ndarray) -> list[Row]:
    """micrograd's own network and loop, timed on four samples."""
    try:
        from micrograd.nn import MLP
    except ImportError:
        return []
    net = MLP(sizes[0], sizes[1:])
    few = 4

    def step() -> None:
        costs = [
            sum((a - t) ** 2 for a, t in zip(net(row), target, strict=True))
            for row, target in zip(x[:few].tolist(), y[:few].tolist(), strict=True)
        ]
        net.zero_grad()
        sum(costs).backward()
        for p in net.parameters():
            p.data -= 0.1 * p.grad

    return [("", "micrograd", median(step, 2) * len(x) / few, f"from {few} samples; ReLU")]


def irregular(nodes: int, seed: int = 0) -> Callable[..., Any]:
    """A recorder of a graph without structure; it takes numbers of any kind and the functions for them.

    The two operands of an operation differ, for x - x would be 0, and zeros would spread; products go through tanh, so
    that numbers neither vanish nor overflow. `graphs` checks that nearly all values matter.
    """
    rng = random.Random(seed)
    plan = []
    for k in range(20, 20 + nodes):
        a, b = rng.sample(range(max(0, k - 200), k), 2)
        plan.append((rng.choice(["+", "-", "*", "*", "tanh", "sin"]), a, b, rng.uniform(0.5, 1.0)))

    def record(values: list[Any], tanh: Any, sin: Any) -> Any:
        values, used = list(values), set()
        for name, a, b, factor in plan:
            x, y = values[a], values[b]
            used.update((a,) if name in ("tanh", "sin") else (a, b))
            if name in ("tanh", "sin"):
                values.append(tanh(x) if name == "tanh" else sin(x))
            else:
                values.append(tanh(x * y * 2.0 + factor) if name == "*" else (x + y if name == "+" else x - y) * factor)
        total = 0.0
        for k, value in enumerate(values):
            if k not in used:
                total = tanh(value) + total
        return total

    return record


def graphs(nodes: int, *, casadi: bool) -> list[Row]:
    """An irregular graph with its gradient: value and 20 slopes at one point, a node at a time."""
    record = irregular(nodes)
    point = [0.05 * k - 0.5 for k in range(20)]
    begun = process_time()
    leaves = [Value(x) for x in point]
    out = record(leaves, FUNCTIONS["tanh"], FUNCTIONS["sin"])
    made = process_time() - begun
    few = sum(abs(node.data) < 1e-9 for node in topological_order(out)) / len(topological_order(out))
    if few > 0.05:
        raise SystemExit(f"the irregular graph degenerates: {few:.0%} of its values are nearly zero, so times mean nothing")
    begun = process_time() - made
    program = Program([out, *gradient(out, leaves)], leaves)
    program.at(point)
    ready = process_time() - begun
    count = len(topological_order(out))
    rows = [(f"irregular graph, {count:,} nodes, a node forward and backward", "autoback", median(lambda: program.at(point)) / count,
             f"ready in {ready:.2f} s, {made:.2f} of it recording")]  # fmt: skip
    block = np.random.default_rng(0).uniform(-0.5, 0.5, (512, 20))
    program.run(block)
    rows.append(("", "autoback, batch of 512", median(lambda: program.run(block), 5) / count / 512, ""))
    try:
        import casadi as ca
    except ImportError:
        return rows
    if casadi:
        begun = process_time()
        x = ca.SX.sym("x", 20)
        value = record([x[k] for k in range(20)], ca.tanh, ca.sin)
        f = ca.Function("f", [x], [value, ca.gradient(value, x)])
        buffer, call = f.buffer()
        given, got, slopes = np.array(point), np.zeros(1), np.zeros(20)
        buffer.set_arg(0, memoryview(given))
        buffer.set_res(0, memoryview(got))
        buffer.set_res(1, memoryview(slopes))
        call()
        ready = process_time() - begun
        same("CasADi", [*got, *slopes], program.at(point))
        rows.append(("", "CasADi, VM (SX)", median(call) / count, f"ready in {ready:.2f} s"))
    return rows


def gpt_steps() -> list[Row]:
    """A step of the one-layer GPT with Adam on one name, beside the same step written in C."""
    ways = (("dot", gpt.by_dot), ("sum(w*x for ...)", gpt.by_sum))
    return [row for letters in (2, 5, 15) for how, dot in ways for row in gpt_step(letters, how, dot)]


def gpt_step(letters: int, how: str, dot: Any, steps: int = 100) -> list[Row]:
    """The rows for a name of so many letters, in one way to write sums."""
    tokens = [26, *([4, 12, 12, 0, 13, 8, 11, 0, 1, 2, 3, 4, 5, 6, 7][:letters]), 26]
    begun = process_time()
    parameters = gpt.parameters()
    start = np.array([leaf.data for leaf in parameters])
    one_hot = [[Value(float(k == token)) for k in range(gpt.VOCABULARY)] for token in tokens]
    with recording():
        cost = gpt.loss(parameters, tokens, dot, one_hot)
    program = TrainingProgram(parameters, [leaf for row in one_hot for leaf in row], [], cost, gpt.adam, 2)
    x, y = np.array([[leaf.data for row in one_hot for leaf in row]]), np.empty((1, 0))
    order = np.broadcast_to(np.arange(1), (steps, 1))
    program.run(x, y, order[:1], batch_size=1, rates=0.01)
    ready = process_time() - begun
    values, state, numbers = start.copy(), np.zeros((2, len(start))), np.array(tokens, dtype=np.int64)

    def autoback() -> None:
        program.values, program.state = start.copy(), np.zeros((2, len(start)))
        program.run(x, y, order, batch_size=1, rates=0.01)

    def c(*flags: str) -> Callable[[], Any]:
        train = built("gpt.c", *flags)

        def run() -> Any:
            values[:], state[:] = start, 0.0
            counts = ctypes.c_long(letters + 1), ctypes.c_long(1), ctypes.c_long(steps)
            train(doubles(values), doubles(state[0]), doubles(state[1]), doubles(numbers), *counts, ctypes.c_double(0.01))
            return values

        return run

    plain, fast = c("-O3", "-march=native"), c("-O3", "-march=native", "-ffast-math")
    times = medians(autoback, plain, fast)
    for each in (plain, fast):
        same("C", each(), program.values)
    what = f"GPT with Adam, a name of {letters}, written with `{how}`, a step"
    return [
        (what, "autoback", times[0] / steps, f"{len(topological_order(cost)):,} nodes; ready in {ready:.2f} s"),
        ("", "C by hand, -O3 -march=native", times[1] / steps, ""),
        ("", "the same with -ffast-math", times[2] / steps, ""),
    ]


def calls() -> list[Row]:
    """What one call on plain numbers costs."""
    f = compiled(lambda x, y: (x * x + y * y).sqrt())

    def many(call: Callable[[float, float], object]) -> float:
        return median(lambda: [call(3.0, 4.0) for _ in range(1_000)]) / 1_000

    return [
        ("compile(f) on two numbers, a call", "value", many(f), ""),
        ("", "value and gradient", many(f.value_and_gradient), ""),
    ]


def shown(seconds: float) -> str:
    """A time with three digits and its unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def table(rows: list[Row]) -> str:
    """The rows as Markdown; the ratio is to the last line of autoback above."""
    lines = ["| what | who | median | against autoback | |", "|---|---|---:|---:|---|"]
    base = 1.0
    for what, who, seconds, note in rows:
        if what:
            base = seconds
        lines.append(f"| {what} | {who} | {shown(seconds)} | {seconds / base:.3g} × | {note} |")
    return "\n".join(lines)


def versions() -> str:
    """The machine and what ran on it."""
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    found = [f"Python {platform.python_version()}", f"gcc {gcc}"]
    for name in ("numpy", "llvmlite", "jax", "casadi", "torch", "micrograd"):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    name = re.sub(r"-[0-9a-f]{12}-", ", ", machine_name())  # without the hash of the processor's features
    return f"{name}, {os.cpu_count()} cores, {platform.system()}; {', '.join(found)}."


def main() -> None:
    """Measure everything, print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    arguments = parser.parse_args()
    rows = xor("sigmoid") + xor("tanh")
    rows += dense([64, 32, 10], 1797, others=True, repeats=51)
    rows += dense([784, 32, 10], 60_000, others=False, repeats=5)
    rows += gpt_steps()
    rows += graphs(1_000, casadi=True)
    rows += graphs(10_000, casadi=True)
    rows += graphs(50_000, casadi=True)
    rows += calls()
    text = f"{versions()}\n\n{table(rows)}\n"
    print(text)
    if arguments.write:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition("<!-- native table -->\n")
        _, _, after = rest.partition("<!-- end of native table -->")
        PAGE.write_text(f"{before}<!-- native table -->\n{text}<!-- end of native table -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
