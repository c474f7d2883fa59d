"""From graphs to loops: what becomes of the structure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient
from autoback.engine.value import Value
from autoback.native import codegen, numbering
from autoback.native.numbering import number_graph
from autoback.native.plan import Loop, Table, regular_pieces
from autoback.native.planner import Plan
from autoback.native.program import Program
from autoback.native.training import TrainingProgram
from tests.native.recorded import irregular, record_network


def training_plan(*sizes: int) -> Plan:
    network = record_network(sizes)
    return Plan(
        [*gradient(network.cost, network.parameters), network.cost], [*network.inputs, *network.targets], network.parameters, sums=True
    )


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=40))
def test_pieces_spell_out_the_rows_they_came_from(rows: list[tuple[int, int]]) -> None:
    """Whatever the numbers, walking the regular_pieces with their steps gives back each row, in order."""
    matrix = np.array(rows)
    walked = [
        matrix[start] + i * far + k * near
        for start, outer, inner, far, near in regular_pieces(matrix)
        for i in range(outer)
        for k in range(inner)
    ]
    np.testing.assert_array_equal(walked, matrix)


def test_a_layer_and_its_backward_twin_become_loops() -> None:
    """All dots of a layer are one loop, so are all products δⱼ aₖ: as many as there are weights."""
    steps = training_plan(12, 7, 3).steps
    loops = [(step.op.name, step.outer, step.inner, step.terms) for step in steps if isinstance(step, Loop) and step.op is not None]
    assert not any(isinstance(step, Table) for step in steps)
    assert {("dot", 1, 7, 12), ("dot", 1, 3, 7), ("dot", 1, 7, 3), ("mul", 7, 12, 1), ("mul", 3, 7, 1)} <= set(loops)


def test_the_number_of_steps_does_not_grow_with_the_width() -> None:
    """A layer ten times as wide takes as many loops."""
    assert len(training_plan(20, 10, 5).steps) == len(training_plan(200, 100, 50).steps)


def test_the_size_of_the_code_does_not_grow_with_the_width() -> None:
    """Once loops are formed, a wider layer changes numbers in the text, not its length."""

    def lines(*sizes: int) -> int:
        network = record_network(sizes)
        return Program([network.cost], [*network.inputs, *network.targets], network.parameters).llvm.count("\n")

    assert lines(160, 80, 16) == lines(320, 160, 32)


def test_a_sum_that_is_only_added_up_is_not_stored() -> None:
    """The gradients of the weights go straight to their sums: no slot for any of them."""
    plan = training_plan(50, 40, 10)
    assert plan.slots < 50 * 40


def test_equal_nodes_are_computed_once_and_constants_not_at_all() -> None:
    """x·x written twice is one operation; 2·3 is a number."""
    x = Value(3.0)
    plan = Plan([x * x + x * x * (Value(2.0) * 3.0)], [x])
    assert plan.nodes == 3
    assert 6.0 in plan.constants


def test_an_irregular_graph_becomes_tables() -> None:
    """Where nothing repeats, the code is an interpreter, and does not grow with the graph."""
    f = irregular(1500, reach=20)
    leaves = [Value(0.1 * k) for k in range(8)]
    plan = Plan([f(*leaves)], leaves)
    assert sum(isinstance(step, Table) for step in plan.steps) > 1000
    short, long = (Program([irregular(n, reach=20)(*leaves)], leaves).llvm.count("\n") for n in (1500, 4000))
    assert long < 1.2 * short


def test_a_leaf_listed_twice_is_refused() -> None:
    """A leaf is an input or a parameter, once."""
    x = Value(1.0)
    with pytest.raises(ValueError, match="listed twice"):
        Plan([x + 1.0], [x, x])


def test_the_listing_of_xor_tells_the_whole_step() -> None:
    """One line for each loop, with where the numbers come from and go to."""
    network = record_network([2, 2, 1])
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, lambda p, g, rate, step: p - rate * g)
    listing = program.listing()
    assert "2 × slot[3 + k] = dot t<2(parameter[0 + 3k + t], slot[0 + t])" in listing
    assert "2×2 × result[0 + 3i + k] += mul(" in listing


def positions_plan(count: int, *, chains: bool) -> Plan:
    """The training plan of a layer at several positions, each of which also looks at those before it."""

    def product(x: Sequence[Value], y: Sequence[Value]) -> Value:
        return sum(a * b for a, b in zip(x, y, strict=True)) if chains else FUNCTIONS["dot"](x, y)  # type: ignore[return-value]

    weights = [[Value(0.1 * (i - k) + 0.05) for k in range(12)] for i in range(12)]
    inputs = [[Value(0.01 * k + position) for k in range(12)] for position in range(count)]
    seen: list[list[Value]] = []
    costs = []
    for x in inputs:
        seen.append([FUNCTIONS["tanh"](product(row, x)) for row in weights])
        shares = [product(seen[-1], other).exp() for other in seen]
        mixed = [product(shares, [other[k] for other in seen]) for k in range(12)]
        costs.append(product(mixed, mixed))
    leaves = [leaf for row in weights for leaf in row]
    cost = FUNCTIONS["sum"](costs)
    return Plan([*gradient(cost, leaves), cost], [leaf for x in inputs for leaf in x], leaves, sums=True)


def test_sums_written_as_chains_become_the_loops_of_dots() -> None:
    """`sum(w * x for …)` has as few operations and steps as `dot`, and nothing is left to tables."""
    chains, dots = (positions_plan(5, chains=chains) for chains in (True, False))
    assert (chains.nodes, len(chains.steps)) == (dots.nodes, len(dots.steps))
    assert all(isinstance(step, Loop) for step in chains.steps)


def test_what_repeats_over_positions_is_one_loop() -> None:
    """All dots of the layer, at all positions; what looks back adds a few steps for each position, whatever the width."""
    for count in (4, 8):
        plan = positions_plan(count, chains=False)
        assert ("dot", count, 12, 12) in [(step.op.name, step.outer, step.inner, step.terms) for step in plan.steps if step.op is not None]
        assert len(plan.steps) < 16 * count


def chained() -> tuple[list[Value], list[Value]]:
    """(outputs, inputs): products that depend on each other, equal ones, and some of constants, in one long row."""
    x = [Value(0.01 * k + 0.5) for k in range(40)]
    products = [a * b for a, b in pairwise(x)]
    again = [a * b for a, b in pairwise(x)]
    depending = [products[0]]
    for each in products:
        depending.append(depending[-1] * each)
    return [*products, *again, *depending, *(Value(2.0) * Value(3.0) * each for each in x)], x


def with_gradient() -> tuple[list[Value], list[Value]]:
    """(outputs, inputs): the gradient of a network, with an entry for each weight."""
    network = record_network((20, 17, 30))
    return [network.cost, *gradient(network.cost, network.parameters)], [*network.inputs, *network.targets, *network.parameters]


@pytest.mark.parametrize("graph", [chained, with_gradient])
def test_runs_of_alike_operations_are_numbered_as_one_by_one(graph: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbering of a graph does not depend on how many of its operations are numbered at once."""
    outputs, inputs = graph()
    at_once = number_graph(outputs, inputs, ())
    monkeypatch.setattr(numbering, "LONG_RUN", 20)
    assert number_graph(outputs, inputs, ()) == at_once
    monkeypatch.setattr(numbering, "SHORT_RUN", 10**6)
    assert number_graph(outputs, inputs, ()) == at_once


@pytest.mark.parametrize("samples", [1, 33])
def test_loops_in_functions_of_their_own_compute_the_same(samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit, however few loops make a function."""
    network = record_network((9, 13, 30))
    rng = np.random.default_rng(1)
    x, y, order = rng.normal(size=(samples, 9)), rng.normal(size=(samples, 30)), np.arange(samples)[np.newaxis]
    found = []
    for loops in (10**6, 1):
        monkeypatch.setattr(codegen, "LOOPS_OF_A_FUNCTION", loops)
        program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, lambda p, g, rate, step: p - rate * g)
        found.append((program.run(x, y, order, batch_size=samples, rates=0.1).tolist(), program.values.tolist()))
        assert ("part1.sample" in program.llvm) == (loops == 1)
    assert found[0] == found[1]
