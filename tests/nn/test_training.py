"""`fit`: its steps, its batches, its ways to end, its complaints; and what looks at a trained network."""

import copy
import gc
import math
import pickle
import signal
from itertools import pairwise

import pytest

from autoback.engine.operations import OperationError
from autoback.engine.value import Value
from autoback.nn.evaluation import accuracy, check_gradients, cost, predict
from autoback.nn.history import History, Losses, Patience
from autoback.nn.losses import l2_penalty, squared_error
from autoback.nn.modules import MLP
from autoback.nn.optimizers import SGD, Adam
from autoback.nn.python_steps import Point, settle
from autoback.nn.training import GRADIENT_METHODS, fit

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def classic():
    return MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69)


def numbers(net):
    return [parameter.data for parameter in net.parameters()]


def by_hand(net, batches, rate, x=X, y=Y):
    """The mean costs of some batches, and one step of gradient descent after each."""
    costs = []
    for batch in batches:
        net.zero_grad()
        c = cost(net, [x[i] for i in batch], [y[i] for i in batch])
        c.backward()
        for parameter in net.parameters():
            parameter.data -= rate * parameter.grad
        costs.append(c.data)
    net.zero_grad()
    return costs


def test_the_classic_table_comes_out():
    """10,000 full-batch steps at rate 10 from the Park-Miller seed 69 end in the published table."""
    net = classic()
    history = fit(net, X, Y, optimizer=SGD(10.0), epochs=10_000)
    assert (history.epochs, history.steps, history.stopped) == (10_000, 10_000, "epochs")
    assert f"{history.losses[0]:.6f}" == "0.356169"
    assert f"{cost(net, X, Y).data:.6f}" == "0.000025"
    assert [f"{output:.6f}" for (output,) in predict(net, X)] == ["0.004951", "0.995321", "0.994319", "0.004433"]
    assert accuracy(net, X, Y) == 1.0


def test_a_step_is_gradient_descent_on_the_mean_cost():
    """A full-batch epoch moves every parameter by minus rate times the slope of the mean cost."""
    net, twin = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
    history = fit(net, X, Y, optimizer=SGD(0.5), epochs=5)
    expected = by_hand(twin, [range(4)] * 5, 0.5)
    assert history.losses == pytest.approx(expected, rel=1e-13)
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-13)


def record_batches(size, seed=0, epochs=1, count=10):
    """Which samples each epoch takes, in order, as the loss sees them; the samples' targets are their numbers."""
    seen = []

    def loss(output, target):
        seen.append(round(target.data))
        return squared_error(output, target)

    fit(MLP(1, [1]), [[0.1]] * count, list(range(count)), loss=loss, optimizer=SGD(0.0), epochs=epochs, batch_size=size, seed=seed)
    return [seen[k * count : (k + 1) * count] for k in range(epochs)]


def test_each_epoch_takes_every_sample_once():
    """Every epoch is a partition of the training set, also when the last batch is short."""
    for epoch in record_batches(3, epochs=4):
        assert sorted(epoch) == list(range(10))


def test_partitions_are_random_and_differ_between_epochs():
    """The order is shuffled anew for each epoch."""
    epochs = record_batches(3, epochs=3)
    assert all(one != other for one, other in pairwise([list(range(10)), *epochs]))


def test_the_seed_decides_the_partitions():
    """The same seed gives the same batches, another seed others."""
    assert record_batches(3, seed=5) == record_batches(3, seed=5)
    assert record_batches(3, seed=5) != record_batches(3, seed=6)


def test_the_last_short_batch_is_weighted_by_its_samples():
    """Its gradient is the mean over the samples it has, and the epoch's loss is the mean over all samples."""
    (order,) = record_batches(4)
    x, y = [[k / 10] for k in range(10)], [math.sin(k) for k in range(10)]
    net, twin = MLP(1, [2, 1], seed=1), MLP(1, [2, 1], seed=1)
    history = fit(net, x, y, optimizer=SGD(0.5), epochs=1, batch_size=4)
    costs = by_hand(twin, [order[:4], order[4:8], order[8:]], 0.5, x, y)
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-13)
    assert history.losses == pytest.approx([(4 * costs[0] + 4 * costs[1] + 2 * costs[2]) / 10], rel=1e-13)
    assert history.steps == 3


def test_a_large_batch_is_no_different_from_a_small_one():
    """A batch of more samples than share a graph has the same cost and takes the same step."""
    x, y = [[k / 150] for k in range(150)], [k % 2 for k in range(150)]
    net, twin = MLP(1, [2, 1], seed=1), MLP(1, [2, 1], seed=1)
    history = fit(net, x, y, optimizer=SGD(0.5), epochs=2)
    assert history.losses == pytest.approx(by_hand(twin, [range(150)] * 2, 0.5, x, y), rel=1e-12)
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-12)


def test_the_same_call_gives_the_same_numbers():
    """Training is reproducible digit by digit."""
    first, second = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=1)
    one = fit(first, X, Y, optimizer=Adam(0.1), epochs=5, batch_size=3, seed=4)
    other = fit(second, X, Y, optimizer=Adam(0.1), epochs=5, batch_size=3, seed=4)
    assert one.losses == other.losses
    assert numbers(first) == numbers(second)


def test_an_optimizers_state_belongs_to_the_run():
    """The optimiser's memory of one step reaches the next: two steps of momentum are what the formula says."""
    net, twin = MLP(1, [1], "identity", seed=1), MLP(1, [1], "identity", seed=1)
    fit(net, [1.0], [0.0], optimizer=SGD(0.1, momentum=0.5), epochs=2)
    velocity = [0.0, 0.0]
    for _ in range(2):
        twin.zero_grad()
        cost(twin, [1.0], [0.0]).backward()
        for k, parameter in enumerate(twin.parameters()):
            velocity[k] = 0.5 * velocity[k] + parameter.grad
            parameter.data -= 0.1 * velocity[k]
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-14)


def test_a_schedule_is_asked_for_every_step():
    """A rate that is a callable gets the number of each step, from 1."""
    asked = []
    fit(MLP(2, [1]), X, Y, optimizer=SGD(lambda step: asked.append(step) or 0.1), epochs=2, batch_size=2)
    assert asked == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "rmsprop"])
def test_optimizers_by_name(name):
    """A named optimiser, with its defaults, lowers the loss."""
    history = fit(MLP(2, [4, 1], seed=1), X, Y, optimizer=name, epochs=30)
    assert history.losses[-1] < history.losses[0]


@pytest.mark.parametrize(("loss", "targets", "outputs"), [
    ("squared_error", Y, 1),
    ("absolute_error", Y, 1),
    ("hinge", [-1, 1, 1, -1], 1),
    ("binary_cross_entropy", Y, 1),
    ("cross_entropy", Y, 2),
    ("cross_entropy", [[1, 0], [0, 1], [0, 1], [1, 0]], 2),
])  # fmt: skip
def test_every_loss_learns_xor(loss, targets, outputs):
    """With each loss a small network learns XOR, and `accuracy` says so."""
    net = MLP(2, [8, outputs], output_activation="identity", seed=1)
    fit(net, X, targets, loss=loss, optimizer=Adam(0.05), epochs=200)
    assert accuracy(net, X, targets, loss) == 1.0


# Penalty, validation


def test_a_penalty_is_part_of_the_cost():
    """The loss of an epoch is the mean cost plus the penalty, and the step follows their sum."""
    net, twin = MLP(2, [2, 1], seed=1), MLP(2, [2, 1], seed=1)
    history = fit(net, X, Y, optimizer=SGD(0.5), epochs=1, penalty=0.25)
    total = cost(twin, X, Y) + l2_penalty(twin, 0.25)
    total.backward()
    assert history.losses == pytest.approx([total.data], rel=1e-13)
    assert numbers(net) == pytest.approx([p.data - 0.5 * p.grad for p in twin.parameters()], rel=1e-12)


def test_a_penalty_counts_once_a_batch():
    """A batch of one sample feels the whole penalty, as a full batch does."""
    net = MLP(2, [1], "tanh", "tanh", initializer="constant")
    history = fit(net, [[0, 0]] * 3, [0.0] * 3, optimizer=SGD(0.0), epochs=1, batch_size=1, penalty=1.0)
    assert history.losses == pytest.approx([math.tanh(0.5) ** 2 + 0.5], rel=1e-14)


def test_a_penalty_can_be_a_callable():
    """A callable of the net records any penalty; it may be on biases alone."""
    net = MLP(1, [1], "identity", initializer="constant")
    fit(net, [0.0], [0.5], optimizer=SGD(0.5), epochs=1, penalty=lambda net: net.layers[0].neurons[0].bias ** 2)
    assert numbers(net) == [0.5, 0.0]


def test_validation_is_the_cost_after_each_epoch():
    """After every epoch the validation samples' mean cost is noted, without the penalty."""
    net = MLP(2, [2, 1], seed=1)
    held_out = ([[0.5, 0.5], [0.0, 2.0]], [1, 0])
    history = fit(net, X, Y, epochs=3, validation=held_out, penalty=0.1)
    assert len(history.validation_losses) == 3
    assert history.validation_losses[-1] == pytest.approx(cost(net, *held_out).data, rel=1e-14)


# Ways to end


def test_until_a_loss():
    """A number ends the training after the first epoch whose loss is not above it."""
    history = fit(classic(), X, Y, optimizer=SGD(10.0), epochs=10_000, until=0.01)
    assert history.stopped == "until"
    assert history.losses[-1] <= 0.01 < history.losses[-2]


def test_until_a_callable_says_so():
    """A callable gets the History, up to date, after every epoch."""
    seen = []

    def enough(history):
        seen.append((history.epochs, history.steps, history.seconds > 0.0))
        return history.epochs == 3

    history = fit(MLP(2, [1]), X, Y, batch_size=2, until=enough)
    assert seen == [(1, 2, True), (2, 4, True), (3, 6, True)]
    assert (history.epochs, history.stopped) == (3, "until")


def test_patience_ends_when_nothing_improves():
    """With a rate of 0 nothing improves, and patience for 4 epochs ends the training after 5."""
    history = fit(MLP(2, [1]), X, Y, optimizer=SGD(0.0), until=Patience(4))
    assert (history.epochs, history.stopped) == (5, "until")


def test_patience_watches_the_validation_loss():
    """Where there is a validation loss, that is what has to improve."""
    improving, worsening = [5.0, 4.0, 3.0, 2.0], [1.0, 2.0, 3.0, 4.0]
    patience = Patience(2)
    answers = [patience(History(losses=improving[:n], validation_losses=worsening[:n])) for n in (1, 2, 3)]
    assert answers == [False, False, True]


def test_patience_wants_the_least_improvement():
    """An improvement smaller than `least` does not count, but small ones may add up to one that does."""
    patience = Patience(2, least=0.1)
    losses = [1.0, 0.95, 0.89, 0.85, 0.8]
    assert [patience(History(losses=losses[: n + 1])) for n in range(5)] == [False, False, False, False, True]


def test_patience_can_be_used_again():
    """A Patience starts afresh with the first epoch of another run."""
    patience = Patience(1)
    for _ in range(2):
        assert fit(MLP(2, [1]), X, Y, optimizer=SGD(0.0), until=patience).epochs == 2


def test_no_epochs_change_nothing():
    """With epochs=0 the history is empty and the network as it was."""
    net = classic()
    history = fit(net, X, Y, epochs=0)
    assert (history.losses, history.steps, history.stopped) == ([], 0, "epochs")
    assert numbers(net) == numbers(classic())


def test_no_gradients_are_left_behind():
    """After `fit` a backward of one's own starts from nothing."""
    net = classic()
    net([0, 1]).backward()
    fit(net, X, Y, epochs=2)
    assert all(parameter.grad is None for parameter in net.parameters())


class Interrupting:
    """A loss that presses Ctrl-C while it computes the n-th cost."""

    def __init__(self, n):
        self.left = n

    def __call__(self, outputs, target):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return squared_error(outputs, target)


@pytest.mark.parametrize("n", [1, 3, 5, 9, 12])
def test_ctrl_c_returns_the_history_so_far(n):
    """Ctrl-C in the n-th cost gives the history of whole epochs, and the net of the whole steps."""
    net, twin = MLP(2, [2, 1], seed=1), MLP(2, [2, 1], seed=1)
    history = fit(net, X, Y, loss=Interrupting(n), optimizer=SGD(0.5), epochs=100, batch_size=2)
    assert history.stopped == "interrupted"
    assert (history.epochs, history.steps) == ((n - 1) // 4, (n - 1) // 2)
    assert len(history.losses) == history.epochs
    fit(twin, X, Y, optimizer=SGD(0.5), epochs=100, batch_size=2, until=lambda h: False, loss=Interrupting(2 * history.steps + 1))
    assert numbers(net) == numbers(twin)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that sends signals")
@pytest.mark.usefixtures("no_collector_callbacks")
def test_ctrl_c_at_any_moment_leaves_a_whole_step():
    """However the signal falls, the parameters are exactly those after as many steps as the history counts."""
    states, net = [], classic()

    def note(history):
        states.append(numbers(net))
        return False

    fit(net, X, Y, optimizer=SGD(1.0), epochs=2_000, until=note)

    def ctrl_c(number, frame):
        raise KeyboardInterrupt

    def set_timer(history, delay):
        if history.epochs == 1:
            signal.setitimer(signal.ITIMER_REAL, delay)
        return False

    before = signal.signal(signal.SIGALRM, ctrl_c)
    gc.disable()  # an exception in a callback of the collector, which test tools set, would be lost
    try:
        for k in range(25):
            net = classic()
            history = fit(net, X, Y, optimizer=SGD(1.0), epochs=2_000, until=lambda h, k=k: set_timer(h, 0.001 + 0.00037 * k))
            assert history.stopped == "interrupted"
            assert numbers(net) == states[history.steps - 1]
            assert history.epochs == history.steps == len(history.losses)
    finally:
        gc.enable()
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def test_ctrl_c_while_settling_is_borne():
    """Another Ctrl-C while the last whole step is put in place cannot leave half of it."""

    class Impatient:
        presses, grad, _number = 3, 1.0, 0.0

        @property
        def data(self):
            return self._number

        @data.setter
        def data(self, number):
            if self.presses:
                self.presses -= 1
                raise KeyboardInterrupt
            self._number = number

    class Run:
        parameters, losses, before, optimizer = [Impatient(), Impatient()], Losses([0.5, 0.25]), 0, SGD(0.1)
        point = Point(1, 1, [3.0, 4.0], [(), ()])

    settle(Run())
    assert [(parameter.data, parameter.grad) for parameter in Run.parameters] == [(3.0, None), (4.0, None)]
    assert Run.losses == [0.5]


def test_an_error_in_a_condition_leaves_a_whole_step():
    """What a stopping condition raises is passed on, with the network as after the last step."""
    net, twin = classic(), classic()
    with pytest.raises(RuntimeError, match="mine"):
        fit(net, X, Y, epochs=10, until=lambda history: (_ for _ in ()).throw(RuntimeError("mine")))
    fit(twin, X, Y, epochs=1)
    assert numbers(net) == numbers(twin)


# Divergence


def test_divergence_is_named_and_undone():
    """A rate far too large ends in the engine's error, with epoch and batch, and the last good parameters."""
    x, y = [[1.0], [2.0], [3.0]], [2.0, 4.0, 6.0]
    net, states = MLP(1, [1], "identity", seed=1), []

    def note(history):
        states.append((history.steps, numbers(net)))
        return False

    with pytest.raises(
        OperationError, match=r"training broke off in epoch \d+, batch 1, and keeps the parameters of its \d+ whole steps: "
    ) as caught:
        fit(net, x, y, optimizer=SGD(1e9), until=note)
    steps, parameters = states[-1]
    assert f"in epoch {len(states) + 1}, batch 1, and keeps the parameters of its {steps} whole steps" in str(caught.value)
    assert numbers(net) == parameters
    assert all(math.isfinite(number) for number in parameters)
    assert caught.value.__cause__ is not None


def test_divergence_names_the_batch():
    """A sample whose cost is not defined is reported with the batch it came in."""

    def loss(outputs, target):
        return (target - 2.5).log() + 0.0 * outputs

    order = record_batches(1, count=3)[0]
    place = order.index(2) + 1
    with pytest.raises(
        OperationError, match=rf"epoch 1, batch {place}, and keeps the parameters of its {place - 1} whole steps: log\("
    ) as caught:
        fit(MLP(1, [1]), [[0.1]] * 3, [3, 4, 2], loss=loss, batch_size=1)
    assert caught.value.operation == "log"


def test_an_infinite_step_is_not_taken():
    """A step to infinity is refused by the name of the parameter that would go there."""
    net = MLP(1, [1], "identity", initializer="constant")
    with pytest.raises(
        OperationError, match=r"epoch 1, batch 1, .* 0 whole steps: w⁽¹⁾₁₁ would become -?inf \(gradient .*\): lower the rate"
    ):
        fit(net, [10.0], [0.0], optimizer=SGD(1e308), epochs=1)
    assert numbers(net) == [0.5, 0.5]


# Finite differences


@pytest.mark.parametrize("method", ["finite_differences", "central_differences"])
def test_finite_differences_train_as_backprop_does(method):
    """Training by perturbing every parameter takes nearly the same steps as training by backpropagation."""
    net, twin = classic(), classic()
    slow = fit(net, X, Y, optimizer=SGD(10.0), epochs=20, gradient_method=method, penalty=1e-3)
    fast = fit(twin, X, Y, optimizer=SGD(10.0), epochs=20, penalty=1e-3)
    assert slow.losses == pytest.approx(fast.losses, rel=1e-5)
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-4)


def test_finite_differences_use_no_backward(monkeypatch):
    """The slow way does not secretly backpropagate."""
    monkeypatch.setattr(Value, "backward", lambda self: pytest.fail("backward was called"))
    assert fit(classic(), X, Y, epochs=1, gradient_method="finite_differences").epochs == 1


def test_ctrl_c_amid_finite_differences_undoes_the_perturbation():
    """An interruption while a parameter is perturbed leaves the parameters as they were."""
    net = classic()
    history = fit(net, X, Y, loss=Interrupting(7), epochs=1, gradient_method="finite_differences")
    assert (history.stopped, history.steps) == ("interrupted", 0)
    assert numbers(net) == numbers(classic())


# Progress


def test_progress_shows_epochs_and_loss(capsys):
    """The bar on standard error counts to the number of epochs and shows the loss; standard output stays free."""
    history = fit(classic(), X, Y, epochs=20, progress=True)
    output = capsys.readouterr()
    assert "20/20" in output.err
    assert f"loss {history.losses[-1]:.6g}" in output.err
    assert output.out == ""


def test_no_progress_unless_asked(capsys):
    """Without `progress` nothing is printed."""
    fit(classic(), X, Y, epochs=2)
    assert capsys.readouterr() == ("", "")


# Bad arguments


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"batch_size": 32}, ValueError, r"^batch_size must be between 1 and 4 \(the number of samples\), got 32$"),
        ({"batch_size": 0}, ValueError, r"batch_size must be between 1 and 4 \(the number of samples\), got 0"),
        ({"batch_size": 2.0}, TypeError, "batch_size must be a whole number, got 2.0"),
        ({"epochs": -1}, ValueError, "epochs must be at least 0, got -1"),
        ({"epochs": "ten"}, TypeError, "epochs must be a whole number, got 'ten'"),
        ({"inputs": []}, ValueError, "inputs must hold at least one sample, got none"),
        ({"inputs": "0011"}, TypeError, "inputs must be a sequence with one row for each sample, got a str"),
        ({"inputs": [[0, 0], [0, 1], [1, 0], [1]]}, ValueError, r"inputs\[3\] must be a row of 2 numbers, got 1"),
        ({"inputs": [[0, 0], [0, 1], [1, math.nan], [1, 1]]}, ValueError, r"inputs\[2\]\[1\]: .* got nan"),
        ({"inputs": [[0, 0], [0, "1"], [1, 0], [1, 1]]}, TypeError, r"inputs\[1\]\[1\]: .* got a str, '1'"),
        ({"inputs": [0, 1, 2, 3]}, TypeError, r"inputs\[0\] must be a row of 2 numbers, got a int: 0"),
        ({"targets": ["no", "yes", "yes", "no"]}, TypeError, r"targets\[0\] must be .*, got a str: 'no'; .* names.index\(text\)"),
        ({"targets": [0, 1, 1]}, ValueError, "targets must be as many as the inputs, 4, got 3"),
        ({"targets": [0, 1, 1, math.inf]}, ValueError, r"targets\[3\]\[0\]: .* got inf"),
        ({"targets": [[0, 1]] * 4}, ValueError, r"targets\[0\] must be a row of 1 numbers, got 2"),
        ({"loss": "cubed"}, ValueError, "loss must be one of squared_error, absolute_error, .*, got 'cubed'"),
        ({"optimizer": "lucky"}, ValueError, "optimizer must be one of sgd, adam, adamw, rmsprop, got 'lucky'"),
        ({"optimizer": 0.1}, TypeError, r"optimizer must be an optimiser such as SGD\(rate=0.1\), or one of sgd, .*, got 0.1"),
        (
            {"gradient_method": "guess"},
            ValueError,
            "gradient_method must be one of backprop, finite_differences, central_differences, got 'guess'",
        ),
        ({"until": "tired"}, TypeError, "until must be a loss, a Patience or a callable of the History, got 'tired'"),
        ({"until": True}, TypeError, "until must be a loss, .*, got True"),
        ({"until": math.nan}, TypeError, "until must be a loss, .*, got nan"),
        ({"validation": X}, ValueError, r"validation must be the pair \(inputs, targets\), got"),
        ({"validation": ([[1]], [1])}, ValueError, r"validation inputs\[0\] must be a row of 2 numbers, got 1"),
        ({"penalty": -1.0}, ValueError, "penalty must be the strength of an L2 penalty, from 0 up, .*, got -1.0"),
        ({"seed": 1.5}, TypeError, "seed must be a whole number, got 1.5"),
    ],
)
def test_bad_arguments_are_refused_before_anything_moves(change, error, message):
    """Every argument that cannot be is an error that says what it may be, and the network stays as it was."""
    net = classic()
    with pytest.raises(error, match=message):
        fit(net, **{"inputs": X, "targets": Y, **change})
    assert numbers(net) == numbers(classic())


def test_only_networks_are_trained():
    """Something other than a Module is refused by its type."""
    with pytest.raises(TypeError, match="fit trains a Module, such as an MLP or a class that derives from Module, got a list"):
        fit([], X, Y)


@pytest.mark.parametrize(("epochs", "error"), [(0, ValueError), (-3, ValueError), (1.5, TypeError), (True, TypeError)])
def test_patience_needs_a_whole_epoch(epochs, error):
    """A Patience of less than one epoch is refused."""
    with pytest.raises(error, match="the epochs of a Patience must be"):
        Patience(epochs)


def test_gradient_methods_are_the_promised_ones():
    """The two methods of the classic lesson are there, and the better difference."""
    assert list(GRADIENT_METHODS) == ["backprop", "finite_differences", "central_differences"]


# Arrays, prediction, accuracy


def test_numpy_arrays_will_do():
    """Inputs and targets may be NumPy arrays, class indices among them, and give the same numbers."""
    np = pytest.importorskip("numpy")
    net, twin = classic(), classic()
    fit(net, np.array(X, dtype=np.float32), np.array(Y), epochs=3)
    fit(twin, X, Y, epochs=3)
    assert numbers(net) == numbers(twin)
    two = MLP(2, [2], "identity", seed=1)
    assert cost(two, np.array(X), np.array(Y), "cross_entropy").data == cost(two, X, Y, "cross_entropy").data


def test_predict_gives_plain_numbers():
    """`predict` is a list of lists of floats, one for each input, equal to what the network says."""
    net = MLP(2, [3, 2], seed=1)
    outputs = predict(net, X)
    assert outputs == [[value.data for value in net(row)] for row in X]
    assert type(outputs[0][0]) is float


def test_accuracy_counts_the_largest_output():
    """Of several outputs the largest is the answer, for targets that are indices or rows."""
    net = MLP(2, [2], "identity", initializer="zeros")
    net.load_state_dict({**net.state_dict(), "layers.0.weight": [[1, 0], [0, 1]]})
    x = [[2, 1], [1, 2], [3, 0], [0, 1]]
    assert accuracy(net, x, [0, 1, 0, 0]) == 0.75
    assert accuracy(net, x, [[1, 0], [0, 1], [0.9, 0.1], [1, 0]]) == 0.75


@pytest.mark.parametrize("index", [-1, 2])
def test_accuracy_wants_classes_that_there_are(index):
    """No output stands for such a class, so no answer could be right."""
    with pytest.raises(ValueError, match=rf"targets\[1\] must be a class from 0 to 1 .*, got {index}"):
        accuracy(MLP(1, [2]), [0.0, 1.0], [0, index])


@pytest.mark.parametrize(("activation", "right"), [("sigmoid", 0.5), ("identity", 1.0)])
def test_accuracy_of_one_output_has_a_threshold(activation, right):
    """Of targets 0 and 1 the threshold is 0.5, of -1 and 1 it is 0, unless a threshold is given."""
    net = MLP(1, [1], activation, activation, initializer="zeros")
    net.load_state_dict({"layers.0.weight": [[1.0]], "layers.0.bias": [0.25 if activation == "sigmoid" else 0.5]})
    assert accuracy(net, [-0.1, 0.1], [0, 1]) == right
    assert accuracy(net, [-0.1, 0.1], [-1, 1], threshold=1.0) == 0.5


def test_an_output_on_the_threshold_is_the_lower_class():
    """The upper class begins above the threshold: a network that knows nothing, sigmoid(0) = 0.5, says 0."""
    net = MLP(1, [1], "sigmoid", "sigmoid", initializer="zeros")
    assert (accuracy(net, [0.0, 1.0], [0, 0]), accuracy(net, [0.0, 1.0], [1, 1])) == (1.0, 0.0)


def test_checking_a_network_leaves_it_as_it_was():
    """Neither numbers nor gradients of the parameters are others after the check, also where it ends in an error."""
    net = classic()
    net.parameters()[0].grad = 0.75
    before = [(parameter.data, parameter.grad) for parameter in net.parameters()]
    check_gradients(net, X, Y)
    with pytest.raises(ValueError, match="too small"):
        check_gradients(net, X, Y, step=1e-300)
    assert [(parameter.data, parameter.grad) for parameter in net.parameters()] == before


def test_losses_read_like_a_list():
    """They are packed doubles, and equal, add, slice, grow and copy as a list of floats does."""
    losses = fit(MLP(2, [1]), X, Y, epochs=3).losses
    numbers_ = list(losses)
    assert (losses == numbers_, losses != numbers_, numbers_ == losses) == (True, False, True)
    assert losses + [0.5] == numbers_ + [0.5]  # noqa: RUF005
    assert ([0.5] + losses)[1:] == losses[:3] == numbers_  # noqa: RUF005
    for copied in (copy.copy(losses), copy.deepcopy(losses), pickle.loads(pickle.dumps(losses))):
        assert type(copied) is type(losses)
        assert copied == losses
    losses += [1]
    losses.extend(numbers_[:1])
    losses.append(2.0)
    assert losses == [*numbers_, 1.0, numbers_[0], 2.0]
    assert repr(losses) == repr(list(losses))


def test_a_history_says_how_it_went():
    """The repr tells epochs, steps, the last losses and what ended the run."""
    text = repr(fit(MLP(2, [1]), X, Y, epochs=2, validation=(X, Y)))
    assert text.startswith("History(epochs=2, steps=2, loss=0.")
    assert "validation_loss=0." in text
    assert "stopped='epochs'" in text


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_an_infinite_state_is_not_kept(optimizer):
    """The square of a large gradient overflows: a parameter divided by it would never move again, so training says so."""
    net = MLP(1, [1], "identity", initializer="constant")
    with pytest.raises(OperationError, match=r"epoch 1, batch 1, .* the optimiser's state for w⁽¹⁾₁₁ would become \[.*inf\]"):
        fit(net, [[1e155]], [1.0], loss="absolute_error", optimizer=optimizer, epochs=3)
    assert numbers(net) == [0.5, 0.5]


def test_an_optimizer_must_return_all_of_its_state():
    """What is missing is said in the first step, not found out in the second."""

    class Forgetful(SGD):
        n_state = 2

        def update(self, parameter, gradient, rate, step, *state):
            return (parameter - rate * gradient,)

    with pytest.raises(TypeError, match=r"Forgetful\.update must return a tuple, the new parameter and 2 state numbers"):
        fit(MLP(2, [1]), X, Y, optimizer=Forgetful(0.1))


@pytest.mark.parametrize("native", [False, True])
def test_a_loss_and_a_penalty_must_return_values(native):
    """A plain number has no gradient."""
    if native:
        pytest.importorskip("llvmlite")
    with pytest.raises(TypeError, match="the loss must return a Value, got a float"):
        fit(MLP(2, [1]), X, Y, loss=lambda outputs, target: 0.5, native=native)
    with pytest.raises(TypeError, match="the penalty must return a Value, got a float"):
        fit(MLP(2, [1]), X, Y, penalty=lambda net: 0.5, native=native)


def test_parameters_are_leaves():
    """A weight that is computed would be moved, and computed again."""
    net = MLP(2, [2, 1])
    net.layers[0].neurons[0].weights[0] = Value(0.3) * 2.0
    with pytest.raises(ValueError, match="parameters of a network must be leaves, each of them once"):
        fit(net, X, Y)


def test_a_shared_parameter_is_one():
    """A Value in two places is one parameter: it moves once a step, along the sum of what both places say."""
    net, twin = MLP(2, [2, 1], seed=1), MLP(2, [2, 1], seed=1)
    for each in (net, twin):
        each.layers[0].neurons[0].weights[0] = each.layers[0].neurons[1].weights[0]
    assert len(net.parameters()) == 8
    fit(net, X, Y, optimizer=SGD(0.5), epochs=3)
    by_hand(twin, [range(4)] * 3, 0.5)
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-12)


def test_all_callbacks_are_called_in_their_order():
    """After every epoch each of several sees the net and the history."""
    seen = []
    fit(classic(), X, Y, epochs=2, callbacks=[lambda _, history: seen.append(history.epochs), lambda *_: seen.append("second")])
    assert seen == [1, "second", 2, "second"]


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("by", ["callbacks", "until"])
def test_what_is_changed_between_epochs_stays_changed(by, native):
    """A callback or a condition that sets weights: the next epoch starts from there, as a second `fit` would."""
    if native:
        pytest.importorskip("llvmlite")

    def halve(net):
        for parameter in net.parameters():
            parameter.data *= 0.5

    net, twin = classic(), classic()
    look = {"callbacks": lambda net, history: halve(net), "until": lambda history: halve(net)}[by]
    fit(net, X, Y, optimizer=SGD(1.0), epochs=2, native=native, **{by: look})
    for _ in range(2):
        fit(twin, X, Y, optimizer=SGD(1.0), epochs=1)
        halve(twin)
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-12)
