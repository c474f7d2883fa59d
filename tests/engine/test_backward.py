"""`backward`: the chain rule on graphs of every shape, its memory, and what it leaves behind."""

import gc
import math
import subprocess
import sys
import weakref
from collections.abc import Callable

import pytest
from hypothesis import given

from autoback import Value, dot, engine_name, gradient, topological_order
from autoback import sum as total
from autoback.engine.fast import PLAIN
from tests import oracles
from tests.graphs import Program, programs


@given(programs())
def test_random_graphs_agree_with_differences(program: Program) -> None:
    """On any graph the gradients are the slopes of the function it computes."""
    leaves = program.leaves()
    program(*leaves).backward()
    for k, leaf in enumerate(leaves):
        oracles.close(leaf.grad or 0.0, oracles.difference(program.number, program.at, k), 1e-8, f"∂/∂x{k} of {program}")


@given(programs(40))
def test_random_graphs_agree_with_the_forward_direction(program: Program) -> None:
    """Carrying derivatives up from a leaf and carrying them down from the root meet in the same number."""
    leaves = program.leaves()
    root = program(*leaves)
    root.backward()
    for leaf in leaves:
        assert leaf.grad or pytest.approx(oracles.tangent(root, leaf), rel=1e-12, abs=1e-14) == 0.0


@given(programs(40))
def test_topological_order_puts_inputs_first(program: Program) -> None:
    """Every ancestor stands once in the order, after its inputs, and the root stands last."""
    root = program(*program.leaves())
    order = topological_order(root)
    place = {node: k for k, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is root
    assert all(place[below] < place[node] for node in order for below in node.inputs)


@given(programs(40))
def test_topological_order_depends_on_the_graph_alone(program: Program) -> None:
    """Two graphs of the same shape are walked alike, wherever in memory their nodes are."""
    first, padding, second = program(*program.leaves()), [Value(0.0) for _ in range(7)], program(*program.leaves())
    assert [node.data for node in topological_order(first)] == [node.data for node in topological_order(second)]
    assert len(padding) == 7


def test_topological_order_reads_from_left_to_right() -> None:
    """The order is that of the recursive definition: first input first, each node after its inputs."""

    def recursive(node: Value, seen: list[Value]) -> list[Value]:
        if not any(node is other for other in seen):
            for below in node.inputs:
                recursive(below, seen)
            seen.append(node)
        return seen

    a, b, c = (Value(k, label) for k, label in enumerate("abc", 1))
    d = a * b
    root = dot([d, c, a], [d + c, b, d]).tanh() + d
    assert [id(node) for node in topological_order(root)] == [id(node) for node in recursive(root, [])]


def test_topological_order_of_several_roots() -> None:
    """Several roots share one order, in which what they share stands once."""
    a = Value(1.0)
    left, right = a + a, a * a
    order = topological_order(left, right, left)
    assert [id(node) for node in order] == [id(node) for node in (a, left, right)]
    assert topological_order() == []


def test_a_square_counts_both_edges() -> None:
    """x * x has slope 2x, both of its edges being counted."""
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6.0


def test_doubling_twice() -> None:
    """b = a + a, c = b + b: c changes four times as fast as a."""
    a = Value(1.5)
    b = a + a
    c = b + b
    c.backward()
    assert (a.grad, b.grad, c.grad) == (4.0, 2.0, 1.0)


def test_a_diamond_adds_its_two_paths() -> None:
    """Where paths meet, their products add."""
    x = Value(2.0)
    left, right = x * 3.0, x.exp()
    (left * right).backward()
    assert x.grad == pytest.approx(3.0 * math.exp(2.0) + 6.0 * math.exp(2.0), rel=1e-15)


def test_a_tower_of_diamonds_is_walked_once() -> None:
    """Sixty diamonds in a row have 2**60 paths and take sixty steps."""
    x = node = Value(1.0)
    for _ in range(60):
        node = node + node
    node.backward()
    assert x.grad == 2.0**60


def test_grad_is_none_until_reached() -> None:
    """A Value that no backward has reached has no gradient, not a zero one."""
    x, y = Value(1.0), Value(2.0)
    z = x + 1.0
    assert (x.grad, y.grad, z.grad) == (None, None, None)
    z.backward()
    assert (x.grad, y.grad, z.grad) == (1.0, None, 1.0)


def test_a_reached_leaf_without_influence_has_gradient_zero() -> None:
    """A leaf below the root whose paths all vanish has gradient 0."""
    x = Value(-1.0)
    x.relu().backward()
    assert x.grad == 0.0


def test_a_leaf_as_root() -> None:
    """A leaf changes as fast as itself, and accumulates like any leaf."""
    x = Value(1.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_a_second_backward_adds_the_same_again() -> None:
    """2x² at 3: two backwards give 12 and 24, never 36, because inner nodes start afresh."""
    x = Value(3.0)
    y = x * x
    z = 2.0 * y
    z.backward()
    assert x.grad == 12.0
    z.backward()
    assert (x.grad, y.grad) == (24.0, 2.0)


def test_leaves_accumulate_over_graphs() -> None:
    """Gradients of several roots add up on the leaves, until grad is set to None."""
    x = Value(3.0)
    (x * 2.0).backward()
    (x * 5.0).backward()
    assert x.grad == 7.0
    x.grad = None
    (x * 2.0).backward()
    assert x.grad == 2.0


def test_backward_from_the_middle_leaves_the_rest_alone() -> None:
    """A backward from an inner node does not touch what lies above it."""
    x = Value(3.0)
    y = x * x
    z = y + 1.0
    y.backward()
    assert (x.grad, y.grad, z.grad) == (6.0, 1.0, None)


def test_wide_nodes() -> None:
    """One dot of a thousand terms gives each weight its input and each input its weight."""
    w, x = ([Value(k * sign) for k in range(1000)] for sign in (1.0, -1.0))
    dot(w, x).backward()
    assert [node.grad for node in w] == [node.data for node in x]
    assert [node.grad for node in x] == [node.data for node in w]


def test_repeated_inputs_of_wide_nodes_add() -> None:
    """An input that stands three times in a sum counts three times."""
    x = Value(1.0)
    total([x, x, x]).backward()
    assert x.grad == 3.0


class Interruption:
    """Partials in whose middle Ctrl-C arrives."""

    def __iter__(self) -> "Interruption":
        raise KeyboardInterrupt

    def __getitem__(self, index: int) -> float:
        raise KeyboardInterrupt


@pytest.mark.skipif(engine_name == "c", reason="in C partials are numbers, which cannot interrupt; test_memory.py sends a signal")
@pytest.mark.parametrize("above", [lambda x, y: x * y, lambda x, y: x.tanh(), lambda x, y: total([x, y, x])])
@pytest.mark.parametrize("backward", [Value.backward, PLAIN["backward"]], ids=["fast", "plain"])
def test_an_interrupted_backward_leaves_the_leaves_as_they_were(above: object, backward: Callable[[Value], None]) -> None:
    """After Ctrl-C in the middle, no leaf holds half a gradient; that holds for the walk that value.py shows, too."""
    x, y = Value(1.0), Value(2.0)
    x.grad = 5.0
    struck = above(x, y)  # type: ignore[operator]
    root = struck + x * 3.0
    struck.partials = Interruption()
    with pytest.raises(KeyboardInterrupt):
        backward(root)
    assert (x.grad, y.grad) == (5.0, None)


def test_a_gradient_too_large_is_refused_and_leaves_the_leaves_as_they_were() -> None:
    """A gradient beyond a double raises OverflowError with the leaf's name."""
    x, y = Value(2.0, "speed"), Value(1.0)
    x.grad = 1.0
    far = (x - 2.0) * 1e200 * 1e200 * y
    with pytest.raises(OverflowError, match=r"the gradient of speed \(data 2\) is too large for a double: scale"):
        far.backward()
    assert (x.grad, y.grad) == (1.0, None)
    (x * y).backward()  # and the next one starts from there
    assert (x.grad, y.grad) == (2.0, 2.0)


def test_a_graph_is_freed_without_the_collector() -> None:
    """There are no reference cycles: a graph is gone the moment its root is dropped."""
    x = Value(0.5)
    root = oracles.chain(30, x) * x
    root.backward()
    second = gradient(root, x)
    gone = [weakref.ref(node) for node in topological_order(root, second) if node is not x and node.op is not None]
    gc.disable()
    try:
        del root, second
        assert len(gone) > 60
        assert [node for node in gone if node() is not None] == []
    finally:
        gc.enable()


MILLION = """
import gc, resource, sys, weakref
from autoback import Value
from tests import oracles
x = Value(0.5)
root = oracles.chain(1_000_000, x)
root.backward()
middle = weakref.ref(root.inputs[0].inputs[0])
gc.disable()
del root
unit = 1 if sys.platform == "darwin" else 1024
print(x.grad, middle() is None, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""


def test_a_chain_of_a_million_nodes() -> None:
    """A million nodes in a row are recorded, differentiated in less than 1.5 GB, and freed without the collector."""
    pytest.importorskip("resource")
    script = f"import sys; sys.path[:0] = {sys.path!r}\n{MILLION}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    slope, freed, memory = run.stdout.split()
    assert math.isfinite(float(slope))
    assert freed == "True"
    assert int(memory) < 1.5e9
