"""The optimisers: their formulas against plain loops, their options, and that Values and floats move alike."""

import copy
import gc
import math
import pickle

import pytest

from autoback.engine.value import Value, recording
from autoback.nn.evaluation import cost
from autoback.nn.modules import MLP
from autoback.nn.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Optimizer, RMSProp, clip_gradients
from autoback.nn.schedules import Schedule
from autoback.nn.training import fit

GRADIENTS = [1.0, -2.0, 0.5, 0.0, 3.0, -1.5]
ALL = [
    SGD(0.1), SGD(0.1, momentum=0.9), SGD(0.1, momentum=0.9, nesterov=True), SGD(0.1, weight_decay=0.01),
    Adam(0.1), Adam(0.1, betas=(0.8, 0.95), epsilon=1e-3, weight_decay=0.1), AdamW(0.1), RMSProp(0.1),
]  # fmt: skip


def path(optimizer, start=2.0):
    """Where a parameter goes, step by step, under the gradients above."""
    parameter, state, positions = start, optimizer.initial_state(), []
    for step, gradient in enumerate(GRADIENTS, 1):
        parameter, *state = optimizer.update(parameter, gradient, optimizer.rate_at(step), step, *state)
        positions.append(parameter)
    return positions


def test_sgd_goes_down_the_slope():
    """Each step is minus rate times gradient."""
    expected, theta = [], 2.0
    for g in GRADIENTS:
        theta -= 0.1 * g
        expected.append(theta)
    assert path(SGD(0.1)) == pytest.approx(expected, rel=1e-14)


def test_momentum_remembers_the_velocity():
    """v ← μ v + g, θ ← θ − η v."""
    expected, theta, v = [], 2.0, 0.0
    for g in GRADIENTS:
        v = 0.9 * v + g
        theta -= 0.1 * v
        expected.append(theta)
    assert path(SGD(0.1, momentum=0.9)) == pytest.approx(expected, rel=1e-13)


def test_nesterov_looks_ahead():
    """θ ← θ − η (g + μ v), with the velocity that includes the gradient."""
    expected, theta, v = [], 2.0, 0.0
    for g in GRADIENTS:
        v = 0.9 * v + g
        theta -= 0.1 * (g + 0.9 * v)
        expected.append(theta)
    assert path(SGD(0.1, momentum=0.9, nesterov=True)) == pytest.approx(expected, rel=1e-13)


def test_weight_decay_pulls_to_zero():
    """Without a gradient, decay alone shrinks the parameter by rate times decay."""
    assert SGD(0.1, weight_decay=0.5).update(2.0, 0.0, 0.1, 1) == pytest.approx((2.0 * (1 - 0.1 * 0.5),))
    assert AdamW(0.1, weight_decay=0.5).update(2.0, 0.0, 0.1, 1, 0.0, 0.0)[0] == pytest.approx(2.0 * (1 - 0.1 * 0.5))


def test_adam_is_algorithm_1_of_its_paper():
    """Moments, their corrections and the step agree with the paper's loop."""
    expected, theta, m, v = [], 2.0, 0.0, 0.0
    for t, g in enumerate(GRADIENTS, 1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        theta -= 0.1 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
        expected.append(theta)
    assert path(Adam(0.1)) == pytest.approx(expected, rel=1e-12)


def test_adams_first_step_is_the_rate_whatever_the_gradient():
    """The corrections make the first step ±rate, for a gradient of any size."""
    for gradient in (1e-3, 1.0, 1e6, -5.0):
        moved = Adam(0.1).update(0.0, gradient, 0.1, 1, 0.0, 0.0)[0]
        assert moved == pytest.approx(-math.copysign(0.1, gradient), rel=1e-4)


def test_adamw_decays_apart_from_the_gradient():
    """AdamW is Adam without decay, from a parameter that was shrunk first."""
    plain = Adam(0.1).update(2.0 * (1 - 0.1 * 0.05), 3.0, 0.1, 1, 0.0, 0.0)
    assert AdamW(0.1, weight_decay=0.05).update(2.0, 3.0, 0.1, 1, 0.0, 0.0) == pytest.approx(plain, rel=1e-14)


def test_adams_own_decay_is_part_of_the_gradient():
    """Adam with decay sees g + λ θ."""
    plain = Adam(0.1).update(2.0, 3.0 + 0.05 * 2.0, 0.1, 1, 0.0, 0.0)
    assert Adam(0.1, weight_decay=0.05).update(2.0, 3.0, 0.1, 1, 0.0, 0.0) == pytest.approx(plain, rel=1e-14)


def test_rmsprop_divides_by_the_recent_size_of_the_gradient():
    """s ← ρ s + (1 − ρ) g², θ ← θ − η g / (√s + ε)."""
    expected, theta, s = [], 2.0, 0.0
    for g in GRADIENTS:
        s = 0.9 * s + 0.1 * g * g
        theta -= 0.1 * g / (math.sqrt(s) + 1e-8)
        expected.append(theta)
    assert path(RMSProp(0.1)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_values_move_as_floats_do(optimizer):
    """The same formula, recorded on Values, gives the same numbers: parameter and state."""
    state = tuple(0.25 + k for k in range(optimizer.n_state))
    floats = optimizer.update(2.0, -1.5, 0.1, 3, *state)
    with recording():
        values = optimizer.update(Value(2.0), Value(-1.5), Value(0.1), Value(3.0), *map(Value, state))
    assert all(isinstance(value, Value) for value in values)
    assert [value.data for value in values] == pytest.approx(list(floats), rel=1e-14)


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_the_state_has_as_many_numbers_as_promised(optimizer):
    """`initial_state` and what `update` returns both hold `n_state` numbers."""
    state = optimizer.initial_state()
    assert state == (0.0,) * optimizer.n_state
    assert len(optimizer.update(1.0, 1.0, 0.1, 1, *state)) == 1 + optimizer.n_state


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_a_parameter_without_gradient_is_no_trouble(optimizer):
    """A gradient that was always 0 moves nothing but by decay, and divides nothing by 0."""
    moved = optimizer.update(0.0, 0.0, 0.1, 1, *optimizer.initial_state())
    assert moved == (0.0,) * len(moved)


def test_a_schedule_is_a_callable_of_the_step():
    """The rate of each step is what the callable says, steps counting from 1."""
    assert path(SGD(lambda step: 1.0 / step))[:2] == [2.0 - 1.0, 2.0 - 1.0 + 2.0 / 2]


@pytest.mark.parametrize("rate", [-1.0, float("nan"), "fast", None])
def test_a_schedule_that_gives_no_rate_is_refused(rate):
    """A schedule's answer is checked, and the step it was asked for is named."""
    with pytest.raises(ValueError, match="the rate of step 7 must be a number from 0 up, got"):
        SGD(lambda step: rate).rate_at(7)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SGD(-0.1), "rate must be a number from 0 up, got -0.1"),
        (lambda: SGD(float("inf")), "rate must be a number from 0 up, got inf"),
        (lambda: SGD("fast"), "rate must be a number from 0 up, got 'fast'"),
        (lambda: SGD(0.1, momentum=1.0), "momentum must be from 0 up to, but not including, 1, got 1.0"),
        (lambda: SGD(0.1, nesterov=True), "nesterov needs a momentum"),
        (lambda: SGD(0.1, weight_decay=-1.0), "weight_decay must be"),
        (lambda: Adam(betas=(0.9, 1.0)), r"betas\[1\] must be from 0 up to, but not including, 1, got 1.0"),
        (lambda: Adam(epsilon=-1.0), "epsilon must be"),
        (lambda: RMSProp(decay=2.0), "decay must be from 0"),
    ],
)
def test_options_out_of_range_are_refused(build, message):
    """Constructors say which option is wrong, what it may be and what it was."""
    with pytest.raises(ValueError, match=message):
        build()


def test_an_optimizer_must_say_how_a_parameter_moves():
    """A subclass without `update` complains by name."""
    with pytest.raises(NotImplementedError, match="Mine has to say"):
        type("Mine", (Optimizer,), {})(0.1).update(1.0, 1.0, 0.1, 1)


def test_reprs_can_be_read_back():
    """What is printed for an optimiser builds it again."""
    for optimizer in ALL:
        assert repr(eval(repr(optimizer))) == repr(optimizer)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_names_stand_for_optimizers_with_default_rates(name):
    """Each named optimiser goes downhill from its defaults."""
    optimizer = OPTIMIZERS[name]()
    assert optimizer.update(1.0, 2.0, optimizer.rate_at(1), 1, *optimizer.initial_state())[0] < 1.0


# What an optimiser keeps, and loops by hand

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.9), lambda: Adam(0.05), lambda: SGD(lambda step: 1.0 / step)])
def test_several_runs_are_one_long_run(make, native):
    """The state and the steps of a schedule go on from one `fit` to the next with the same optimiser; `reset` starts anew."""
    if native:
        pytest.importorskip("llvmlite")
    whole, parts, optimizer = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1), make()
    fit(whole, X, Y, optimizer=make(), epochs=10, native=native)
    for _ in range(2):
        fit(parts, X, Y, optimizer=optimizer, epochs=5, native=native)
    assert [p.data for p in parts.parameters()] == pytest.approx([p.data for p in whole.parameters()], rel=1e-12)
    assert optimizer.recall(parts.parameters())[0] == 10
    optimizer.reset()
    assert optimizer.recall(parts.parameters())[0] == 0
    assert optimizer.recall(whole.parameters()) == (0, [optimizer.initial_state()] * 13)


@pytest.mark.parametrize("optimizer", ALL, ids=repr)
def test_a_loop_by_hand_moves_as_fit_does(optimizer):
    """`step` after `backward` takes the same steps as `fit`."""
    net, twin = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
    optimizer.reset()
    fit(twin, X, Y, optimizer=optimizer, epochs=5)
    for _ in range(5):
        net.zero_grad()
        cost(net, X, Y).backward()
        optimizer.step(net.parameters())
    assert [p.data for p in net.parameters()] == pytest.approx([p.data for p in twin.parameters()], rel=1e-12)


def test_a_step_that_would_not_be_finite_is_not_taken():
    """All parameters stay, and the message names the one that would have left."""
    a, b = Value(1.0, "a"), Value(1.0, "b")
    a.grad, b.grad = 1.0, 1e308
    with pytest.raises(OverflowError, match=r"b would become -inf \(gradient 1e\+308, rate 100\): lower the rate"):
        SGD(100.0).step([a, b])
    assert (a.data, b.data) == (1.0, 1.0)


def test_a_parameter_that_no_gradient_reached_stays():
    """A grad of None is no error and no step."""
    a, b = Value(1.0), Value(1.0)
    a.grad = 1.0
    adam = Adam(0.1)
    adam.step([a, b])
    assert (a.data, b.data) == (pytest.approx(0.9), 1.0)


def test_an_optimizer_forgets_parameters_that_are_gone():
    """Its memory does not keep a network alive, and travels with it in a copy and a pickle."""
    net, adam = MLP(2, [1]), Adam(0.1)
    fit(net, X, Y, optimizer=adam, epochs=2)
    net, adam = pickle.loads(pickle.dumps((net, adam)))
    assert adam.recall(net.parameters())[0] == 2
    net, adam = copy.deepcopy((net, adam))
    assert adam.recall(net.parameters())[0] == 2
    assert len(adam._memory) == 3
    del net
    gc.collect()
    assert len(adam._memory) == 0


def test_decays_of_their_own_travel_in_a_copy_and_a_pickle():
    """What `set_weight_decay` has said of a parameter is known to the copy, of its own parameters."""
    w, adam = Value(2.0), AdamW(0.1, weight_decay=0.5)
    adam.set_weight_decay([w], 0.0)
    w.grad = 0.0
    for w, adam in (pickle.loads(pickle.dumps((w, adam))), copy.deepcopy((w, adam))):  # noqa: B020  # each is a copy of the last one's
        adam.step([w])
        assert w.data == 2.0


def test_a_parameter_that_joins_late_does_not_set_the_steps_back():
    """Schedules go on: the step is that of the parameter that has taken most."""
    old, new, sgd = Value(1.0), Value(1.0), SGD(lambda step: 1.0 / step)
    for moving in ([old], [old], [new], [old, new]):
        for parameter in moving:
            parameter.grad = 1.0
        sgd.step(moving)
    assert new.data == 1.0 - 1.0 / 1.0 - 1.0 / 3.0


@pytest.mark.parametrize("betas", [0.9, "ab", (0.9,), (0.9, 0.99, 0.999), None])
def test_betas_are_two(betas):
    """One beta, or three, is an error that shows two."""
    with pytest.raises(ValueError, match=r"betas(\[0\])? must be"):
        Adam(betas=betas)


def test_a_schedule_by_name():
    """Up in the warm-up, along the curve, and down to the last rate; reprs can be read back; unknown curves are refused."""
    cosine = Schedule("cosine", 1.0, steps=12, warmup=2, final=0.5)
    assert [cosine(1), cosine(2), cosine(3), cosine(8), cosine(13), cosine(99)] == pytest.approx([0.5, 1.0, 1.0, 0.75, 0.5, 0.5])
    assert eval(repr(cosine)) == cosine
    assert Schedule("constant", 0.1, steps=3)(50) == 0.1
    assert path(SGD(Schedule("linear", 1.0, steps=2)))[:2] == [2.0 - 1.0, 2.0 - 1.0 + 2.0 * 0.5]
    with pytest.raises(ValueError, match=r"curve must be one of constant, linear, cosine, .*, got 'lineal'"):
        Schedule("lineal", 0.1, steps=3)
    with pytest.raises(ValueError, match="warmup must be between 0 and 3"):
        Schedule("linear", 0.1, steps=3, warmup=4)


def test_a_long_gradient_is_shortened():
    """`clip` and `clip_gradients` keep the direction and limit the norm; a short gradient stays."""
    a, b = Value(3.0), Value(4.0)
    (a * a / 2.0 + b * b / 2.0).backward()
    assert clip_gradients([a, b, Value(1.0)], 10.0) == 5.0
    assert (a.grad, b.grad) == (3.0, 4.0)
    assert clip_gradients([a, b], 1.0) == 5.0
    assert (a.grad, b.grad) == pytest.approx((0.6, 0.8))
    net, twin = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
    fit(net, X, Y, optimizer=SGD(1.0), epochs=1, clip=0.01)
    assert math.dist([p.data for p in net.parameters()], [p.data for p in twin.parameters()]) == pytest.approx(0.01)


@pytest.mark.parametrize("native", [False, True])
def test_a_schedule_that_divides_by_zero_is_named(native):
    """An error in a schedule is the schedule's, in Python and in machine code, and the network keeps its whole steps."""
    if native:
        pytest.importorskip("llvmlite")
    net, twin = MLP(2, [1], seed=1), MLP(2, [1], seed=1)
    with pytest.raises(ValueError, match=r"the rate of step 3 is not defined: .*division"):
        fit(net, X, Y, optimizer=SGD(lambda step: 0.1 / (3 - step)), epochs=5, native=native, until=lambda history: False)
    fit(twin, X, Y, optimizer=SGD(lambda step: 0.1 / (3 - step)), epochs=2)
    assert [p.data for p in net.parameters()] == pytest.approx([p.data for p in twin.parameters()], rel=1e-12)


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.5, weight_decay=0.2), lambda: Adam(0.1, weight_decay=0.2), AdamW])
def test_some_parameters_have_a_decay_of_their_own(make, native):
    """Biases without decay move as with an optimiser that has none, weights as with one that has; also in a second run."""
    if native:
        pytest.importorskip("llvmlite")
    grouped, decayed, plain = make(), make(), make()
    plain.weight_decay = 0.0
    nets = [MLP(1, [1], seed=1) for _ in range(3)]
    grouped.set_weight_decay([nets[0].layers[0].neurons[0].bias], 0.0)
    for net, optimizer in zip(nets, (grouped, decayed, plain), strict=True):
        for _ in range(2):  # the loss gives weight and bias gradients that do not depend on each other
            loss = lambda output, target: output * target  # noqa: E731
            fit(net, [0.5], [2.0], loss=loss, optimizer=optimizer, epochs=2, native=native)
    weight, bias = ([getattr(net.layers[0].neurons[0], name) for net in nets] for name in ("weights", "bias"))
    assert weight[0][0].data == pytest.approx(weight[1][0].data, rel=1e-13)
    assert bias[0].data == pytest.approx(bias[2].data, rel=1e-13)
    assert weight[0][0].data != weight[2][0].data
    with pytest.raises(TypeError, match="RMSProp has no weight decay"):
        RMSProp().set_weight_decay([], 0.0)


def test_a_gradient_of_zero_is_a_gradient() -> None:
    """A parameter whose gradient is 0 goes on by its momentum; only one without a gradient stays."""
    rolling, resting = Value(1.0), Value(1.0)
    optimizer = SGD(0.1, momentum=0.5)
    for gradient in (1.0, 0.0):
        rolling.grad, resting.grad = gradient, None
        optimizer.step([rolling, resting])
    assert (rolling.data, resting.data) == (pytest.approx(1.0 - 0.1 - 0.05), 1.0)


def test_parameters_are_given_to_step():
    """Who gives them to the constructor, as PyTorch wants them, is told where they go."""
    with pytest.raises(TypeError, match=r"Adam takes no parameters; give them to step\(parameters\)"):
        Adam(MLP(2, [1]).parameters())


@pytest.mark.parametrize(
    "call", [SGD(0.1).step, lambda given: clip_gradients(given, 1.0), lambda given: AdamW().set_weight_decay(given, 0.0)]
)
@pytest.mark.parametrize(
    "given, got", [(MLP(1, [1]), "a MLP"), (Value(1.0), "a Value"), (3.0, "a float"), ([3.0], "one with a float in it"), ("w", "a str")]
)
def test_what_are_no_parameters_is_refused(call, given, got):
    """A network, a single Value or numbers in place of a list of Values give an error that names the way out."""
    with pytest.raises(TypeError, match=rf"takes a list of Values, as net\.parameters\(\) is, got {got}"):
        call(given)


def test_a_parameter_given_twice_counts_once():
    """A Value that occurs twice among the parameters has one gradient and takes one step."""
    w = Value(3.0)
    w.grad = 4.0
    assert clip_gradients([w, w], 2.0) == 4.0
    SGD(0.5).step([w, w])
    assert w.data == 2.0


def test_a_gradient_longer_than_any_double_keeps_its_direction():
    """The norm of two gradients near the largest double is no double; shortened they are still equal."""
    a, b = Value(1.0), Value(1.0)
    a.grad = b.grad = 1.7e308
    assert clip_gradients([a, b], 1.0) == math.inf
    assert (a.grad, b.grad) == pytest.approx((0.5**0.5, 0.5**0.5))
