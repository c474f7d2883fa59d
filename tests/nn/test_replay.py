"""Replay: what is written out as Python computes what the Values compute, for every row, loss and activation."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoback.engine.functions import FUNCTIONS
from autoback.engine.operations import OPERATIONS
from autoback.engine.value import Value
from autoback.nn import python_steps
from autoback.nn.data import Samples
from autoback.nn.evaluation import cost
from autoback.nn.losses import LOSSES, squared_error
from autoback.nn.modules import ACTIVATIONS, MLP
from autoback.nn.optimizers import SGD
from autoback.nn.replay import Replay
from autoback.nn.training import fit

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def numbers(net):
    return [parameter.data for parameter in net.parameters()]


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_row_can_be_written_out(name):
    """For each operation, value and partials agree with the recorded ones, at points other than the recorded one."""
    row = OPERATIONS[name]
    dice = random.Random(1)
    count = 3 * row.arity if row.nary else row.arity

    def build():
        leaves = [Value(dice.uniform(*row.domain)) for _ in range(count)]
        if not row.nary:
            return leaves, FUNCTIONS[name](*leaves)
        return leaves, FUNCTIONS[name](*[leaves[3 * k : 3 * k + 3] for k in range(row.arity)])

    leaves, root = build()
    free = leaves[: count - row.constants]
    replay = Replay(root, free, [])
    for _ in range(5):
        others, other = build()
        for leaf in others[count - row.constants :]:
            leaf.data = leaves[-1].data  # constants stay what they were
        other.refresh()
        other.backward()
        value, slopes = replay.slopes([leaf.data for leaf in others[: len(free)]], [[]], 1.0)
        assert value == replay.total([leaf.data for leaf in others[: len(free)]], [[]]) == other.data
        assert slopes == pytest.approx([leaf.grad for leaf in others[: len(free)]], rel=1e-14, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    names=st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=3, max_size=3),
    loss=st.sampled_from(sorted(LOSSES)),
    seed=st.integers(0, 2**32),
)
def test_cost_and_slopes_are_those_of_the_values(sizes, names, loss, seed):
    """For networks of any shape and every loss, costs and slopes over several samples agree with `backward`."""
    dice = random.Random(seed)
    net = MLP(sizes[0], sizes[1:], names[: len(sizes) - 1], initializer="uniform", seed=seed)
    x = [[dice.uniform(-2.0, 2.0) for _ in range(sizes[0])] for _ in range(3)]
    y = [[dice.choice([-1.0, 1.0]) if loss == "hinge" else dice.choice([0.0, 1.0]) for _ in range(sizes[-1])] for _ in range(3)]
    if loss == "cross_entropy":
        y = [[float(k == i % sizes[-1]) for k in range(sizes[-1])] for i in range(3)]
    samples = Samples(net, x, y, loss)
    replay = python_steps.replay_for(samples, net.parameters())
    rows = [row + target for row, target in zip(x, y, strict=True)]
    value, slopes = replay.slopes(numbers(net), rows, 1 / 3)
    expected = cost(net, x, y, loss)
    expected.backward()
    assert value == pytest.approx(expected.data, rel=1e-12, abs=1e-14)
    assert replay.total(numbers(net), rows) / 3 == pytest.approx(expected.data, rel=1e-12, abs=1e-14)
    assert slopes == pytest.approx([parameter.grad or 0.0 for parameter in net.parameters()], rel=1e-10, abs=1e-13)


def test_wide_sums_are_added_from_the_left():
    """A dot of 200 terms has, digit for digit, the value that the engine gives it."""
    dice = random.Random(3)
    w = [Value(dice.uniform(-1.0, 1.0)) for _ in range(200)]
    root = FUNCTIONS["dot"](w, [Value(dice.uniform(-1.0, 1.0)) for _ in range(200)])
    assert Replay(root, w, []).total([leaf.data for leaf in w], [[]]) == root.data


def test_what_is_not_finite_is_left_to_the_values():
    """An infinity raises, even one that a later operation would hide."""
    w, x = Value(1.0), Value(1.0)
    replay = Replay((w * x).minimum(0.0) + 0.0 * w, [w], [x])
    assert replay.total([2.0], [[3.0]]) == 0.0
    with pytest.raises(ArithmeticError):
        replay.total([1e200], [[1e200]])
    with pytest.raises(ArithmeticError):
        replay.slopes([1e200], [[1e200]], 1.0)


def test_a_slope_that_is_not_finite_raises():
    """Costs may be finite while their slopes together are not."""
    w, x = Value(1.0), Value(1.0)
    replay = Replay(w * x, [w], [x])
    assert math.isfinite(replay.total([0.0], [[1e308], [1e308]]))
    with pytest.raises(ArithmeticError):
        replay.slopes([0.0], [[1e308], [1e308]], 1.0)


def test_a_saturated_sigmoid_falls_back_on_the_values():
    """Where plain Python overflows and the engine does not, training goes on with the engine's numbers."""
    net = MLP(1, [1], "sigmoid", "sigmoid", initializer="constant")
    net.load_state_dict({"layers.0.weight": [[-1000.0]], "layers.0.bias": [0.0]})
    history = fit(net, [1.0, 0.0], [1.0, 0.0], optimizer=SGD(1.0), epochs=1)
    assert history.losses == [(1.0 + 0.25) / 2]
    assert numbers(net) == [-1000.0, -0.125]


@pytest.mark.parametrize("options", [{}, {"penalty": 0.01}, {"gradient_method": "central_differences"}, {"batch_size": 3}])
def test_training_is_the_same_without_it(monkeypatch, options):
    """A network too large to be written out is trained on Values, with the same history and parameters."""
    written, recorded = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
    one = fit(written, X, Y, epochs=10, **options)
    monkeypatch.setattr(python_steps, "_LARGEST", 0)
    other = fit(recorded, X, Y, epochs=10, **options)
    assert one.losses == pytest.approx(other.losses, rel=1e-12)
    # A central difference divides the rounding of the cost by its step, so it magnifies what little differs.
    assert numbers(written) == pytest.approx(numbers(recorded), rel=1e-8 if "gradient_method" in options else 1e-12)


def test_large_graphs_are_not_written_out(monkeypatch):
    """Above the limit there is no replay, below it there is."""
    samples = Samples(MLP(2, [2, 1]), X, Y, "squared_error")
    assert python_steps.replay_for(samples, samples.net.parameters()) is not None
    monkeypatch.setattr(python_steps, "_LARGEST", 20)
    assert python_steps.replay_for(samples, samples.net.parameters()) is None


def test_a_loss_of_ones_own_is_recorded_for_every_sample():
    """A loss may branch on its numbers: each sample is judged by the branch that is its own."""

    def doubled_when_high(output, target):
        return squared_error(output, target) * (2.0 if output > target else 1.0)

    net = MLP(1, [1], "identity", initializer="constant")
    history = fit(net, [1.0, 1.0], [0.0, 2.0], loss=doubled_when_high, optimizer=SGD(0.0), epochs=1)
    assert history.losses == [(2.0 * 1.0 + 1.0) / 2]


def test_a_network_of_ones_own_is_recorded_for_every_sample():
    """A subclass may compute as it likes, differently for each sample."""

    class Mirrored(MLP):
        def forward(self, inputs):
            return super().forward([abs(x) if x < 0.0 else 2.0 * x for x in inputs])

    net = Mirrored(1, [1], "identity", initializer="constant")
    history = fit(net, [-1.0, 1.0], [0.0, 0.0], optimizer=SGD(0.0), epochs=1)
    assert history.losses == [(1.0**2 + 1.5**2) / 2]


def test_a_cost_may_be_a_parameter_itself():
    """A graph without any operation has its parameter as value and 1 as slope."""
    w = Value(1.0)
    assert Replay(w, [w], []).slopes([3.0], [[], []], 0.5) == (3.0, [1.0])


def test_a_cost_may_not_depend_on_a_parameter():
    """A parameter that the cost does not know has slope 0."""
    w, b = Value(1.0), Value(1.0)
    assert Replay(w * w, [w, b], []).slopes([3.0, 5.0], [[]], 1.0) == (9.0, [6.0, 0.0])
