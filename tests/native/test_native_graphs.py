"""Whole graphs in machine code, against the engine."""

import random
from collections.abc import Callable
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoback.engine.copying import rerecorded
from autoback.engine.define import define_operation, forget_operation
from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient, hessian
from autoback.engine.value import Value
from autoback.native.function import compile as compiled
from autoback.native.program import Program
from tests.native.recorded import irregular


def assert_equal_to_the_engine(program: Program, points: np.ndarray) -> None:
    want = []
    for x in points:
        made = rerecorded(*program.outputs, leaves=dict(zip(program.inputs, map(float, x), strict=True)))
        want.append([made[out].data for out in program.outputs])
    size = np.maximum(1.0, np.abs(want))
    assert np.max(np.abs(program.run(points) - want) / size) <= 1e-12
    assert np.max(np.abs(program.at(points[0].tolist()) - np.array(want[0])) / size[0]) <= 1e-12


@settings(max_examples=12, deadline=None)
@given(nodes=st.integers(1, 2500), seed=st.integers(0, 2**32), reach=st.sampled_from([None, 3, 30, 300]))
def test_a_random_graph_and_its_gradients_equal_the_engine(nodes: int, seed: int, reach: int | None) -> None:
    """Shared, deep, wide, n-ary: values and gradients agree to 1e-12, for one sample and for several."""
    leaves = [Value(0.3 * k - 1.0) for k in range(8)]
    out = irregular(nodes, seed=seed, reach=reach)(*leaves)
    points = np.random.default_rng(seed).uniform(-1.0, 1.0, (3, 8))
    assert_equal_to_the_engine(Program([out, *gradient(out, leaves)], leaves), points)


def repeated(draw_seed: int, width: int, positions: int) -> tuple[list[Value], list[Value]]:
    """(leaves, outputs) of a graph as people write them: sums of products, repeated over positions that see those before."""
    rng = random.Random(draw_seed)
    weights = [[Value(rng.uniform(-1.0, 1.0)) for _ in range(width)] for _ in range(2 * width)]
    inputs = [[Value(rng.uniform(-1.0, 1.0)) for _ in range(width)] for _ in range(positions)]
    sums: list[Callable[[list[Value], list[Value]], Value]] = [
        lambda x, y: sum(a * b for a, b in zip(x, y, strict=True)),  # type: ignore[misc, return-value]
        lambda x, y: sum((a * b for a, b in zip(x, y, strict=True)), x[0]),
        lambda x, y: reduce(add, [a * b for a, b in zip(x, y, strict=True)]),
        lambda x, y: reduce(add, [a * b for a, b in zip(x, y, strict=True)]) + y[0] + y[-1],
        lambda x, y: reduce(add, [FUNCTIONS["maximum"](a, b) for a, b in zip(x, y, strict=True)], Value(-0.0)),
        lambda x, y: FUNCTIONS["dot"](x, y) / FUNCTIONS["sum"]([abs(a) + 1.0 for a in y]),
    ]
    seen: list[list[Value]] = []
    outputs = []
    for x in inputs:
        for _ in range(2):
            product, chosen = rng.choice(sums), rng.sample(range(2 * width), width)
            x = [FUNCTIONS["tanh"](product(weights[k], x) - x[k % width]) * 0.5 for k in sorted(chosen)]  # noqa: PLW2901
        seen.append(x)
        shares = [rng.choice(sums)(x, other).exp() for other in seen]
        whole = sum(shares)
        outputs += [sum(share / whole * other[k] for share, other in zip(shares, seen, strict=True)) for k in range(width)]  # type: ignore[misc]
    return [leaf for row in (*weights, *inputs) for leaf in row], [FUNCTIONS["sum"](outputs), *outputs]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), width=st.integers(1, 11), positions=st.integers(1, 3))
def test_what_repeats_is_equal_to_the_engine_to_the_last_bit(seed: int, width: int, positions: int) -> None:
    """Chains that become sums, sums in segments, and neighbours in one register: the same additions in the same order."""
    leaves, outputs = repeated(seed, width, positions)
    outputs += gradient(outputs[0], leaves)
    for sums_along in (True, False):
        program = Program(outputs, leaves[:: 1 if sums_along else 2], [] if sums_along else leaves[1::2])
        assert program.at([leaf.data for leaf in program.inputs]) == [out.data for out in outputs]


def test_a_graph_of_100_000_nodes_without_loops_runs() -> None:
    """It is readied by tables instead of instructions, and equals the engine."""
    leaves = [Value(0.1 * k) for k in range(8)]
    out = irregular(21_000, reach=5000)(*leaves)
    program = Program([out, *gradient(out, leaves)], leaves)
    assert program.plan.nodes > 100_000
    want = [node.data for node in program.outputs]
    np.testing.assert_allclose(program.at([leaf.data for leaf in leaves]), want, rtol=1e-12, atol=1e-12)


def test_a_chain_of_20_000_nodes_runs() -> None:
    """Depth costs neither recursion nor code."""
    x = y = Value(0.5)
    for _ in range(10_000):
        y = FUNCTIONS["sin"](y) + 0.25
    np.testing.assert_allclose(Program([y, gradient(y, x)], [x]).at([0.5])[0], y.data, rtol=1e-12)


def test_second_derivatives_are_programs_too() -> None:
    """A Hessian inside the compiled function equals the engine's."""

    def f(x: Value, y: Value) -> Value:
        return FUNCTIONS["tanh"](x * y) + FUNCTIONS["exp"](x) / y

    def entries(x: Value, y: Value) -> list[Value]:
        return [entry for row in hessian(f(x, y), [x, y]) for entry in row]

    want = [entry.data for entry in entries(Value(0.5), Value(2.0))]
    assert compiled(entries)(0.5, 2.0) == pytest.approx(want, rel=1e-14)
    # and their own gradients: third derivatives
    third = compiled(entries).gradient(0.5, 2.0)
    x, y = Value(0.5), Value(2.0)
    assert third[1] == pytest.approx([g.data for g in gradient(entries(x, y)[1], [x, y])], rel=1e-13)


@pytest.mark.parametrize("samples", [1, 2, 3, 7, 8, 31, 32, 33, 100])
def test_any_number_of_samples_gives_the_same_answers(samples: int) -> None:
    """Also when it is no multiple of the register width: what fills a block up reaches no result."""
    f = compiled(lambda x, y: [FUNCTIONS["log"](x) * y, FUNCTIONS["maximum"](x, y)])
    points = np.random.default_rng(0).uniform(0.5, 2.0, (100, 2))
    np.testing.assert_allclose(f.batch(points[:samples]), [f(*point) for point in points.tolist()[:samples]], rtol=1e-15)


def test_results_do_not_depend_on_how_the_samples_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads or one: the same bits."""
    x = Value(0.5)
    program = Program([FUNCTIONS["tanh"](x) / (x * x + 1.0)], [x])
    points = np.linspace(-3.0, 3.0, 10_001)[:, None]
    monkeypatch.setattr("autoback.native.program.WORTH_A_THREAD", 1 << 60)
    alone = program.run(points)
    monkeypatch.setattr("autoback.native.program.WORTH_A_THREAD", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    np.testing.assert_array_equal(program.run(points), alone)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_bad_sample_is_the_one_complained_of(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever thread met it first."""
    monkeypatch.setattr("autoback.native.program.WORTH_A_THREAD", 1)
    monkeypatch.setattr("os.cpu_count", lambda: threads)
    f = compiled(FUNCTIONS["log"], arguments=1)
    points = np.ones((1000, 1))
    points[[307, 801]] = -1.0
    with pytest.raises(ArithmeticError, match=r"sample 307: log\(x1=-1\) is not defined"):
        f.batch(points)


def test_a_number_hidden_by_a_later_operation_is_still_noticed() -> None:
    """1 / exp(x) is 0 where exp overflows, but the engine refuses exp, so native code does."""
    f = compiled(lambda x: 1.0 / FUNCTIONS["exp"](x))
    assert f(1.0) == pytest.approx(0.36787944117144233)
    with pytest.raises(ArithmeticError, match=r"^exp\(x1=710\) is not finite"):
        f(710.0)


def test_parameters_are_given_at_each_run() -> None:
    """A program's parameters are shared by the samples and may change from run to run."""
    w, x = Value(2.0), Value(1.0)
    program = Program([w * x], [x], [w])
    assert program.run([[1.0], [3.0]]).tolist() == [[2.0], [6.0]]
    assert program.run([[1.0], [3.0]], [10.0]).tolist() == [[10.0], [30.0]]
    with pytest.raises(ValueError, match="expected 1 parameters"):
        program.run([[1.0]], [1.0, 2.0])


def test_parameters_are_read_from_their_leaves_at_each_call() -> None:
    """Each in its place, one point or many, also after they have moved."""
    w, b, x = Value(2.0), Value(10.0), Value(1.0)
    program = Program([w * x + b], [x], [w, b])
    assert (program.at([3.0]), program.run([[3.0], [4.0]]).tolist()) == ([16.0], [[16.0], [18.0]])
    w.data, b.data = 5.0, 1.0
    assert (program.at([3.0]), program.run([[3.0], [4.0]]).tolist()) == ([16.0], [[16.0], [21.0]])


def test_two_operations_of_one_name_are_two() -> None:
    """A name that is forgotten and defined again is another row, beside the first one in a graph and in the derivatives."""
    square = define_operation("twice_named", "x * x")
    forget_operation("twice_named")
    try:
        cube = define_operation("twice_named", "x * x * x")
        f = compiled(lambda x: square(x) + cube(x))
        assert f(3.0) == 36.0

        several = compiled(lambda x, y: square(x) + square(y) + cube(x) + cube(y))  # side by side, in one loop or vector
        assert several(2.0, 3.0) == 4.0 + 9.0 + 8.0 + 27.0
    finally:
        forget_operation("twice_named")
