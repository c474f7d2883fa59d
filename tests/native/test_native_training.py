"""Training inside machine code, against the engine one number at a time."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value
from autoback.native.mixed import run_mixed
from autoback.native.training import TrainingProgram
from autoback.nn.optimizers import clipped
from tests.native.recorded import Network, irregular, record_network, train_eagerly


def sgd(p: Any, g: Any, rate: Any, step: Any) -> Any:
    return p - rate * g


def momentum(p: Any, g: Any, rate: Any, step: Any, v: Any) -> Any:
    v = 0.9 * v + g
    return p - rate * v, v


def adam(p: Any, g: Any, rate: Any, step: Any, m: Any, s: Any) -> Any:
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * (g * g)
    root = FUNCTIONS["sqrt"](s / (1.0 - 0.999**step) + 1e-16)
    return p - rate * (m / (1.0 - 0.9**step)) / (root + 1e-8), m, s


UPDATES = {"sgd": (sgd, 0), "momentum": (momentum, 1), "adam": (adam, 2)}


def data(sizes: tuple[int, ...], samples: int, epochs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(samples)
    order = np.array([rng.permutation(samples) for _ in range(epochs)])
    return rng.normal(size=(samples, sizes[0])), rng.uniform(size=(samples, sizes[-1])), order


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize(
    ("sizes", "samples", "batch_size"),
    [
        ((2, 2, 1), 4, 4),  # registers throughout, one block a batch
        ((2, 2, 1), 7, 3),  # a last batch of one
        ((2, 2, 1), 5, 1),  # one sample at a time
        ((1, 1), 3, 2),  # the smallest network
        ((9, 13, 3), 70, 33),  # loops; two blocks a batch, the second of one sample
        ((19, 11, 10), 41, 32),  # tiles of every size
        ((16, 16, 16), 40, 40),  # all the data a batch, in blocks
    ],
)
def test_training_equals_the_engine(update: str, sizes: tuple[int, ...], samples: int, batch_size: int) -> None:
    """Losses and parameters agree to 1e-10, whatever the sizes and the optimiser."""
    x, y, order = data(sizes, samples, 3)
    formula, n_state = UPDATES[update]
    network = record_network(sizes)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, formula, n_state)
    losses = program.run(x, y, order, batch_size=batch_size, rates=0.1)
    want, want_losses = train_eagerly(network, formula, n_state, x.tolist(), y.tolist(), order.tolist(), batch_size, 0.1)
    np.testing.assert_allclose(losses, want_losses, rtol=1e-10)
    np.testing.assert_allclose(program.values, want, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("loss", ["square", "absolute", "hinge", "logits"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "softplus", "leaky_relu"])
def test_every_loss_and_activation_trains_as_the_engine_does(activation: str, loss: str) -> None:
    """The program reads nothing but the recorded cost."""
    x, y, order = data((3, 5, 2), 9, 4)
    network = record_network((3, 5, 2), activation, loss)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd)
    losses = program.run(x, y, order, batch_size=4, rates=0.05)
    want, want_losses = train_eagerly(network, sgd, 0, x.tolist(), y.tolist(), order.tolist(), 4, 0.05)
    np.testing.assert_allclose(losses, want_losses, rtol=1e-10)
    np.testing.assert_allclose(program.values, want, rtol=1e-10, atol=1e-13)


def test_a_thousand_steps_of_xor_stay_with_the_engine() -> None:
    """Rounding differs, for vectors add in another order, but does not grow beyond 1e-10."""
    network = record_network((2, 2, 1))
    x, y, order = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]], [[0, 1, 2, 3]] * 1000
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd)
    losses = program.run(x, y, order, batch_size=4, rates=0.2)
    want, want_losses = train_eagerly(network, sgd, 0, x, y, order, 4, 0.2)
    np.testing.assert_allclose(losses, want_losses, rtol=1e-10)
    np.testing.assert_allclose(program.values, want, rtol=1e-10)


@pytest.mark.parametrize(("nodes", "batch_size"), [(40, 3), (900, 1), (900, 3), (900, 11)])
def test_a_cost_without_structure_trains_too(nodes: int, batch_size: int) -> None:
    """Also when it becomes tables, which parameters and sums reach by other ways than loops do."""
    leaves = [Value(0.1 * k - 0.3) for k in range(10)]
    out = irregular(nodes, inputs=10, reach=40)(*leaves)
    network = Network(leaves[:3], leaves[3:4], leaves[4:], [out], (out - leaves[3]) ** 2.0)
    rng = np.random.default_rng(nodes)
    x, y, order = rng.normal(size=(11, 3)), rng.normal(size=(11, 1)), np.array([rng.permutation(11) for _ in range(3)])
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, adam, 2)
    losses = program.run(x, y, order, batch_size=batch_size, rates=0.01)
    want, want_losses = train_eagerly(network, adam, 2, x.tolist(), y.tolist(), order.tolist(), batch_size, 0.01)
    np.testing.assert_allclose(losses, want_losses, rtol=1e-10)
    np.testing.assert_allclose(program.values, want, rtol=1e-10, atol=1e-12)


def test_a_penalty_is_added_once_a_batch() -> None:
    """To the loss and to the gradient, whatever the size of the batch."""
    network = record_network((3, 4, 2))
    penalty = 0.01 * FUNCTIONS["dot"](network.parameters, network.parameters)
    x, y, order = data((3, 4, 2), 10, 3)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd, penalty=penalty)
    losses = program.run(x, y, order, batch_size=4, rates=0.1)
    want, want_losses = train_eagerly(network, sgd, 0, x.tolist(), y.tolist(), order.tolist(), 4, 0.1, penalty)
    np.testing.assert_allclose(losses, want_losses, rtol=1e-10)
    np.testing.assert_allclose(program.values, want, rtol=1e-10)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_penalty_without_structure_stands_beside_a_cost_without(batch_size: int) -> None:
    """Both have tables and constants of their own."""
    leaves = [Value(0.1 * k - 0.3) for k in range(10)]
    network = Network(leaves[:3], leaves[3:4], leaves[4:], [], irregular(900, inputs=10, reach=40)(*leaves))
    penalty = irregular(800, inputs=6, seed=1, reach=30)(*leaves[4:])
    x, y, order = data((3, 1), 6, 2)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd, penalty=penalty)
    losses = program.run(x, y, order, batch_size=batch_size, rates=0.01)
    want, want_losses = train_eagerly(network, sgd, 0, x.tolist(), y.tolist(), order.tolist(), batch_size, 0.01, penalty)
    np.testing.assert_allclose(losses, want_losses, rtol=1e-10)
    np.testing.assert_allclose(program.values, want, rtol=1e-10, atol=1e-12)


def test_a_penalty_may_leave_the_biases_out() -> None:
    """Then its weights do not lie evenly, and are summed by a table."""
    network = record_network((4, 5, 3))
    weights = [leaf for k, leaf in enumerate(network.parameters[:25]) if k % 5 != 4]
    penalty = 0.1 * FUNCTIONS["dot"](weights, weights)
    x, y, order = data((4, 3), 9, 3)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd, penalty=penalty)
    losses = program.run(x, y, order, batch_size=4, rates=0.1)
    want, want_losses = train_eagerly(network, sgd, 0, x.tolist(), y.tolist(), order.tolist(), 4, 0.1, penalty)
    np.testing.assert_allclose(losses, want_losses, rtol=1e-10)
    np.testing.assert_allclose(program.values, want, rtol=1e-10, atol=1e-12)


def test_training_in_parts_is_training_at_once() -> None:
    """State and step number carry over from run to run, so a progress bar may look in between."""
    network = record_network((3, 5, 2))
    x, y, order = data((3, 5, 2), 12, 6)
    whole, parts = (TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, adam, 2) for _ in range(2))
    at_once = whole.run(x, y, order, batch_size=4, rates=np.linspace(0.1, 0.01, 18))
    in_parts = [
        parts.run(x, y, order[k : k + 2], batch_size=4, rates=np.linspace(0.1, 0.01, 18)[3 * k : 3 * k + 6], first_step=1 + 3 * k)
        for k in (0, 2, 4)
    ]
    np.testing.assert_array_equal(np.concatenate(in_parts), at_once)
    np.testing.assert_array_equal(parts.values, whole.values)


def test_a_goal_ends_training_after_the_epoch_that_reaches_it() -> None:
    """Then there are as many losses as steps were made."""
    network = record_network((2, 3, 1))
    x, y, order = data((2, 3, 1), 8, 500)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd)
    losses = program.run(x, y, order, batch_size=4, rates=0.2, goal=0.06)
    epochs = losses.reshape(-1, 2).mean(axis=1)
    assert len(losses) < 1000
    assert epochs[-1] < 0.06 <= epochs[:-1].min()


def test_write_back_gives_the_leaves_their_numbers() -> None:
    """Until then the recorded leaves are untouched."""
    network = record_network((2, 2, 1))
    before = [leaf.data for leaf in network.parameters]
    x, y, order = data((2, 2, 1), 4, 5)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd)
    program.run(x, y, order, batch_size=2, rates=0.1)
    assert [leaf.data for leaf in network.parameters] == before
    program.write_back()
    assert [leaf.data for leaf in network.parameters] == program.values.tolist() != before


def test_losses_of_samples_are_their_costs() -> None:
    """One for each sample, at the numbers that training has reached."""
    network = record_network((3, 4, 2))
    x, y, order = data((3, 4, 2), 37, 2)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd)
    np.testing.assert_allclose(program.losses(x, y).mean(), program.run(x, y, order, batch_size=37, rates=0.1)[0], rtol=1e-13)


def test_no_epochs_and_no_samples_change_nothing() -> None:
    """An empty order is an answer, not an error."""
    network = record_network((2, 2, 1))
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd)
    before = program.values.tolist()
    assert program.run([[0.0, 0.0]], [[0.0]], np.empty((0, 1), int), batch_size=1, rates=0.1).shape == (0,)
    assert program.losses([], []).shape == (0,)
    assert program.values.tolist() == before


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_a_sample_outside_the_domain_stops_training_at_the_last_good_step(batch_size: int) -> None:
    """The error is the engine's and names the sample; parameters are those before the step that failed."""
    w, x, y = Value(1.0, "w"), Value(1.0), Value(1.0)
    cost = (FUNCTIONS["log"](x) * w - y) ** 2.0
    xs, ys = [[1.0 + k] for k in range(8)], [[0.5]] * 8
    xs[5] = [-1.0]
    program, short = (TrainingProgram([w], [x], [y], cost, momentum, 1) for _ in range(2))
    with pytest.raises(ArithmeticError, match=r"^sample 5: log\(-1\) is not defined"):
        program.run(xs, ys, [[0, 1, 2, 3, 4, 5, 6, 7]], batch_size=batch_size, rates=0.1)
    good = 5 // batch_size * batch_size
    short.run(xs, ys, [list(range(good))], batch_size=batch_size, rates=0.1)
    assert program.values.tolist() == short.values.tolist()
    assert program.state.tolist() == short.state.tolist()


def test_parameters_that_run_away_stop_training_while_they_are_finite() -> None:
    """A rate far too high ends in an error that says so, not in nan."""
    network = record_network((2, 4, 1), "leaky_relu")
    x, y, order = data((2, 4, 1), 8, 400)
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd)
    with pytest.raises(ArithmeticError):
        program.run(100.0 * x, y, order, batch_size=8, rates=1e9)
    assert np.isfinite(program.values).all()


def test_a_step_that_only_the_update_spoils_is_noticed() -> None:
    """Finite gradients, infinite parameters: the message names the rate."""
    w, x, y = Value(1.0), Value(1.0), Value(1.0)
    program = TrainingProgram([w], [x], [y], w * x * y, sgd)
    with pytest.raises(ArithmeticError, match="lower the learning rate"):
        program.run([[1e10]], [[1.0]], [[0]], batch_size=1, rates=1e300)
    assert program.values.tolist() == [1.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": [[1.0]]}, r"x must have the shape \(samples, 2\), got \(1, 1\)"),
        ({"y": [[1.0, 2.0]] * 4}, r"y must have the shape"),
        ({"y": [[1.0]] * 3}, "as many rows, got 4 and 3"),
        ({"x": [[1.0, math.nan]] * 4}, "got nan in row 0, column 1"),
        ({"order": [[0, 4]]}, "indices from 0 to 3, got 0 to 4"),
        ({"order": [0, 1]}, "rows of sample indices"),
        ({"order": [[0.0, 1.0]]}, "rows of sample indices"),
        ({"batch_size": 0}, "at least 1, got 0"),
        ({"rates": [0.1, 0.1, 0.1]}, r"one number or 2, one for each step, got shape \(3,\)"),
    ],
)
def test_wrong_data_is_named_and_changes_nothing(change: dict[str, Any], message: str) -> None:
    """What was expected, what came."""
    network = record_network((2, 2, 1))
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd)
    before = program.values.tolist()
    arguments: dict[str, Any] = {"x": [[0.0, 1.0]] * 4, "y": [[1.0]] * 4, "order": [[0, 1, 2, 3]], "batch_size": 2, "rates": 0.1}
    arguments |= change
    with pytest.raises(ValueError, match=message):
        program.run(**arguments)
    assert program.values.tolist() == before


def test_an_update_must_return_its_state() -> None:
    """As many Values as it was promised."""
    network = record_network((2, 2, 1))
    with pytest.raises(ValueError, match="the new parameter and 2 state Values, got 1"):
        TrainingProgram(network.parameters, network.inputs, network.targets, network.cost, sgd_with_state, 2)


def sgd_with_state(p: Any, g: Any, rate: Any, step: Any, *state: Any) -> Any:
    return p - rate * g


PLACES = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 2], [1, 2], [1, 3], [0, 3]]


def forms(
    parameters: list[Value] | None = None, **options: Any
) -> tuple[list[Value], list[TrainingProgram], list[tuple[np.ndarray, np.ndarray]]]:
    """Parameters, and programs with data for samples of two and of five numbers that share them."""
    parameters = parameters or [Value(0.1 * k - 0.2, f"w{k}") for k in range(6)]
    programs, samples = [], []
    rng = np.random.default_rng(0)
    for n in (2, 5):
        x, y = [Value(0.5) for _ in range(n)], Value(0.5)
        cost = (FUNCTIONS["log"](FUNCTIONS["dot"](parameters[:n], x) ** 2.0 + x[0]) * parameters[5] - y) ** 2.0
        programs.append(TrainingProgram(parameters, x, [y], cost, adam, 2, **options))
        samples.append((rng.uniform(0.5, 1.0, (4, n)), rng.uniform(size=(4, 1))))
    return parameters, programs, samples


def test_samples_of_several_forms_train_the_same_parameters() -> None:
    """Each step goes on from the one before, whichever program it was: as one program after another, step by step."""
    _, programs, samples = forms()
    rates = np.linspace(0.1, 0.01, 8)
    losses = run_mixed(programs, samples, PLACES, range(8), batch_size=1, rates=rates, first_step=3)
    _, alone, _ = forms()
    wanted = []
    for step, (k, row) in enumerate(PLACES):
        wanted += alone[k].run(*samples[k], [[row]], batch_size=1, rates=rates[step], first_step=3 + step).tolist()
        alone[1 - k].values, alone[1 - k].state = alone[k].values, alone[k].state
    np.testing.assert_allclose(losses, wanted, rtol=1e-14)
    for program in programs:
        np.testing.assert_allclose(program.values, alone[0].values, rtol=1e-13)
        np.testing.assert_allclose(program.state, alone[0].state, rtol=1e-12)


@pytest.mark.parametrize("options", [{}, {"clip": 0.3}, {"penalty": True}])
@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_a_batch_of_several_forms_is_one_step(batch_size: int, options: dict[str, Any]) -> None:
    """Its gradient is the mean over all its samples, whichever program computes their part, as the engine has it."""
    parameters = [Value(0.1 * k - 0.2) for k in range(6)]
    penalty = 0.1 * FUNCTIONS["dot"](parameters, parameters) if "penalty" in options else None
    parameters, programs, samples = forms(parameters, **options | ({"penalty": penalty} if penalty else {}))
    order = [5, 0, 3, 6, 1, 7, 2, 4]
    losses = run_mixed(programs, samples, PLACES, order, batch_size=batch_size, rates=0.05)
    values, state = [leaf.data for leaf in parameters], [(0.0, 0.0)] * 6
    for step, start in enumerate(range(0, 8, batch_size), 1):
        batch = order[start : start + batch_size]
        for leaf, number in zip(parameters, values, strict=True):
            leaf.data, leaf.grad = number, None
        costs = []
        for k, row in [PLACES[index] for index in batch]:
            program, (x, y) = programs[k], samples[k]
            for leaf, number in zip((*program.inputs, *program.targets), (*x[row], *y[row]), strict=True):
                leaf.data = number
            program.loss.refresh()
            costs.append(program.loss.data / len(batch))
            (program.loss / len(batch)).backward()
        if penalty is not None:
            penalty.refresh()
            penalty.backward()
        assert losses[step - 1] == pytest.approx(sum(costs) + (penalty.data if penalty is not None else 0.0), rel=1e-12)
        slopes = clipped([leaf.grad or 0.0 for leaf in parameters], options.get("clip", math.inf))
        moved = [adam(*each, 0.05, float(step), *kept) for *each, kept in zip(values, slopes, state, strict=True)]
        values, state = [each[0] for each in moved], [each[1:] for each in moved]
    np.testing.assert_allclose(programs[1].values, values, rtol=1e-11)
    np.testing.assert_allclose(programs[1].state.T, state, rtol=1e-10)


@pytest.mark.parametrize(("batch_size", "good"), [(1, 2), (2, 2), (4, 0)])
def test_a_bad_sample_of_one_form_stops_all_at_the_last_good_step(batch_size: int, good: int) -> None:
    """The error names the sample by its number among all."""
    _, programs, samples = forms()
    samples[1][0][2] = [-1.0, 0.0, 0.0, 0.0, 0.0]
    order = [0, 1, 5, 3]
    with pytest.raises(ArithmeticError, match=r"^sample 5: log"):
        run_mixed(programs, samples, PLACES, order, batch_size=batch_size, rates=0.1)
    _, fine, _ = forms()
    run_mixed(fine, samples, PLACES, order[:good], batch_size=batch_size, rates=0.1)
    assert programs[0].values.tolist() == programs[1].values.tolist() == fine[0].values.tolist()


def test_a_step_on_several_forms_that_only_the_update_spoils_is_noticed() -> None:
    """Then no sample is to blame, and the message names those of the batch."""
    _, programs, samples = forms()
    with pytest.raises(ArithmeticError, match=r"the step on samples 0, 1 leads to .* lower the learning rate"):
        run_mixed(programs, samples, PLACES, [1, 0], batch_size=2, rates=0.1, first_step=0)  # Adam divides by 1 - 0.9**0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"places": [[0, 0], [2, 0]]}, r"places\[1\] must be one of 2 programs and a row of its data, got 2 and 0"),
        ({"places": [[0, 9], [1, 0]]}, r"places\[0\] must be one of 2 programs and a row of its data, got 0 and 9"),
        ({"order": [0, 2]}, "indices from 0 to 1, got 0 to 2"),
        ({"rates": [0.1]}, "one number or 2"),
        ({"batch_size": 0}, "at least 1"),
    ],
)
def test_wrong_steps_of_several_forms_are_named(change: dict[str, Any], message: str) -> None:
    """And nothing is changed."""
    _, programs, samples = forms()
    before = programs[0].values.tolist()
    given: dict[str, Any] = {"places": [[0, 0], [1, 0]], "order": [0, 1], "batch_size": 1, "rates": 0.1}
    with pytest.raises(ValueError, match=message):
        run_mixed(programs, samples, **given | change)
    assert programs[0].values.tolist() == before


def test_programs_of_different_parameters_do_not_mix() -> None:
    """They have no common state."""
    _, programs, samples = forms()
    _, others, _ = forms()
    with pytest.raises(ValueError, match="the same parameters"):
        run_mixed([programs[0], others[1]], samples, PLACES, [0], batch_size=1, rates=0.1)


@pytest.mark.parametrize("sizes", [(2, 2, 1), (9, 13, 3)])
@pytest.mark.parametrize("factor", [1.0, 1e-200, 1e200])
def test_a_gradient_is_shortened_as_the_engine_does(sizes: tuple[int, ...], factor: float) -> None:
    """To the norm `clip`, also where the squares of its numbers overflow or vanish."""
    network = record_network(sizes)
    x, y, order = data(sizes, 6, 1)
    clip, rate = 0.01 * factor, 0.1 / factor
    program = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost * factor, sgd, clip=clip)
    program.run(x, y, order, batch_size=6, rates=rate)
    plain = TrainingProgram(network.parameters, network.inputs, network.targets, network.cost * factor, sgd)
    before = plain.values.copy()
    plain.run(x, y, order, batch_size=6, rates=rate)
    gradient = ((before - plain.values) / rate).tolist()
    assert math.hypot(*gradient) > 5.0 * clip
    np.testing.assert_allclose((before - program.values) / rate, clipped(gradient, clip), rtol=1e-7, atol=1e-9 * clip)


def test_a_short_gradient_is_left_alone() -> None:
    """And one of zeros too."""
    network = record_network((2, 2, 1))
    x, y, order = data((2, 2, 1), 4, 3)
    clipping, plain, still = (
        TrainingProgram(network.parameters, network.inputs, network.targets, network.cost * factor, sgd, clip=clip)
        for factor, clip in ((1.0, 1e3), (1.0, None), (0.0, 1.0))
    )
    for program in (clipping, plain, still):
        program.run(x, y, order, batch_size=4, rates=0.1)
    np.testing.assert_allclose(clipping.values, plain.values, rtol=1e-14)
    assert still.values.tolist() == [leaf.data for leaf in network.parameters]


@pytest.mark.parametrize("dot", ["chains", "dots"])
def test_sums_of_products_train_as_the_engine_does(dot: str) -> None:
    """A product written as a chain of + and × becomes the loops of a dot; with a batch of one, neighbours share a register."""

    def product(x: Sequence[Value], y: Sequence[Value]) -> Value:
        return sum(a * b for a, b in zip(x, y, strict=True)) if dot == "chains" else FUNCTIONS["dot"](x, y)  # type: ignore[return-value]

    rng = np.random.default_rng(1)
    flat = [Value(w) for w in rng.normal(scale=0.3, size=9 * 7 + 3 * 9).tolist()]
    x, y = [Value(0.1 * k) for k in range(14)], [Value(0.5) for _ in range(3)]
    costs = []
    for position in range(2):  # twice the same, at two positions, and a sum over those seen so far
        inner = [FUNCTIONS["tanh"](product(flat[7 * k : 7 * k + 7], x[7 * position :][:7]) + x[position]) for k in range(9)]
        outer = [product(flat[63 + 9 * k : 72 + 9 * k], inner).exp() for k in range(3)]
        costs += [(out / sum(outer) - target) ** 2.0 for out, target in zip(outer, y, strict=True)]
    network = Network(x, y, flat, [], FUNCTIONS["sum"](costs))
    program = TrainingProgram(flat, x, y, network.cost, adam, 2)
    assert program.plan.nodes < 350
    xs, ys, order = rng.normal(size=(5, 14)), rng.uniform(size=(5, 3)), np.array([rng.permutation(5) for _ in range(4)])
    losses = program.run(xs, ys, order, batch_size=1, rates=0.01)
    want, want_losses = train_eagerly(network, adam, 2, xs.tolist(), ys.tolist(), order.tolist(), 1, 0.01)
    np.testing.assert_allclose(losses, want_losses, rtol=1e-10)
    np.testing.assert_allclose(program.values, want, rtol=1e-10, atol=1e-12)
