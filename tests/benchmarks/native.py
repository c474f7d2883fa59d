"""How fast native code is, beside C, JAX, CasADi, PyTorch and micrograd: one table, remade by one command.

    python tests/benchmarks/native.py            print it
    python tests/benchmarks/native.py --write    and put it into docs/performance.md

Every number is the median of several runs on this machine, all of them in one process. The C is
compiled here, with gcc; what is not installed is left out. Everybody has one thread, and starts from the same
numbers, and the benchmark refuses to print a time whose result differs from autoback's. All times, also how long
a program takes to be ready, from recording to the first step, are those of the processor.
"""

import argparse
import ctypes
import os
import random
from collections.abc import Callable
from time import process_time
from typing import Any

import gpt  # beside this file, as the next three
import plain
from measure import HERE, Row, built, doubles, median, medians, same, table, versions
from tensors import gpt_in_jax, gpt_in_torch, jax_epoch, numpy_epoch, torch_epoch

import numpy as np  # isort: skip  # after `measure`, which says how many threads it may use

from autoback import Adam, engine_name
from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient
from autoback.engine.value import Value, recording, topological_order
from autoback.native.function import compile as compiled
from autoback.native.program import Program
from autoback.native.training import TrainingProgram

os.environ["AUTOBACK_CACHE"] = "off"  # ready means compiled
PAGE = HERE.parent.parent / "docs" / "performance.md"

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]


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


def dense(sizes: list[int], samples: int, *, repeats: int, small: bool = False) -> list[Row]:
    """One epoch of n-h-m, tanh and sigmoid, in batches of 32. small: whether micrograd takes part too"""
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
    for peer in (numpy_epoch, jax_epoch, torch_epoch):
        rows += peer(start, sizes, x[order[0]], y[order[0]], program.values, repeats)
    return rows + micrograd_epoch(sizes, x, y) if small else rows


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
    rows = [
        (what, "autoback", times[0] / steps, f"{len(topological_order(cost)):,} nodes; ready in {ready:.2f} s"),
        ("", "C by hand, -O3 -march=native", times[1] / steps, ""),
        ("", "the same with -ffast-math", times[2] / steps, ""),
    ]
    if letters == 5 and dot is gpt.by_dot:
        rows += gpt_in_jax(start, tokens, steps, program.values)
        rows += gpt_in_torch(start, tokens, steps, program.values)
        rows += gpt_on_values(start, tokens)
    return rows


def gpt_on_values(start: np.ndarray, tokens: list[int]) -> list[Row]:
    """The same step recorded anew each time: on Values with `dot` and Adam, and on a plain Value class with sums and Adam by hand."""
    own, adam = gpt.parameters(), Adam(0.01, betas=(0.9, 0.95))
    theirs, moments = [plain.Value(number) for number in start.tolist()], [[0.0, 0.0] for _ in start]

    def values() -> None:
        for parameter in own:
            parameter.grad = 0.0
        gpt.loss(own, tokens, gpt.by_dot).backward()
        adam.step(own)

    def by_hand() -> None:
        for parameter in theirs:
            parameter.grad = 0.0
        gpt.loss(theirs, tokens, gpt.by_sum).backward()  # type: ignore[arg-type]
        for parameter, state in zip(theirs, moments, strict=True):
            m, v = state[:] = 0.9 * state[0] + 0.1 * parameter.grad, 0.95 * state[1] + 0.05 * parameter.grad**2
            parameter.data -= 0.01 * (m / 0.1) / ((v / 0.05) ** 0.5 + 1e-8)

    one, other = medians(values, by_hand, repeats=5)
    engine = "the engine in C" if engine_name == "c" else "the engine in Python"
    return [("", f"autoback on Values, {engine}", one, ""), ("", "a plain Value class of 40 lines", other, "")]


def calls() -> list[Row]:
    """What one call on plain numbers costs."""
    f = compiled(lambda x, y: (x * x + y * y).sqrt())

    def many(call: Callable[[float, float], object]) -> float:
        return median(lambda: [call(3.0, 4.0) for _ in range(1_000)]) / 1_000

    return [
        ("compile(f) on two numbers, a call", "value", many(f), ""),
        ("", "value and gradient", many(f.value_and_gradient), ""),
    ]


def main() -> None:
    """Measure everything, print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    arguments = parser.parse_args()
    rows = xor("sigmoid") + xor("tanh")
    rows += dense([64, 32, 10], 1797, repeats=21, small=True)
    rows += dense([784, 32, 10], 60_000, repeats=3)
    rows += dense([512, 512, 10], 2_048, repeats=5)
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
