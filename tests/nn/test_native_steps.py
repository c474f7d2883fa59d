"""`fit(native=True)`: the same training in machine code, with the same numbers, endings and complaints."""

import gc
import math
import signal
import sys
from itertools import pairwise

import pytest

pytest.importorskip("llvmlite")

from autoback.engine.define import define_operation, forget_operation
from autoback.engine.operations import OperationError
from autoback.engine.value import RecordingError
from autoback.nn import evaluation
from autoback.nn.evaluation import accuracy, cost, predict
from autoback.nn.history import Patience
from autoback.nn.losses import LOSSES, squared_error
from autoback.nn.modules import ACTIVATIONS, MLP
from autoback.nn.optimizers import SGD, Adam, AdamW, RMSProp
from autoback.nn.training import fit

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
WAVES = [[k / 7, math.sin(k)] for k in range(37)]


def classic():
    return MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69)


def numbers(net):
    return [parameter.data for parameter in net.parameters()]


def both(make, inputs, targets, **options):
    """(eager net, its history, native net, its history) after the same training, their numbers equal to 1e-10."""
    eager, native = make(), make()
    slow, fast = fit(eager, inputs, targets, **options), fit(native, inputs, targets, native=True, **options)
    assert fast.losses == pytest.approx(slow.losses, rel=1e-10, abs=1e-14)
    assert fast.validation_losses == pytest.approx(slow.validation_losses, rel=1e-10, abs=1e-14)
    assert numbers(native) == pytest.approx(numbers(eager), rel=1e-10, abs=1e-12)
    assert (fast.epochs, fast.steps, fast.stopped) == (slow.epochs, slow.steps, slow.stopped)
    return eager, slow, native, fast


def test_the_classic_training_is_the_same():
    """A thousand steps of the XOR network agree with the eager ones in every loss and parameter."""
    *_, history = both(classic, X, Y, optimizer=SGD(10.0), epochs=1_000)
    assert history.losses[0] == pytest.approx(0.356169, abs=5e-7)


@pytest.mark.parametrize("optimizer", [
    SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01), SGD(lambda step: 0.5 / step), Adam(0.01), AdamW(0.01), RMSProp(0.01),
], ids=["nesterov", "schedule", "adam", "adamw", "rmsprop"])  # fmt: skip
def test_every_optimizer_takes_the_same_steps(optimizer):
    """Momentum, decay, schedules and both moments survive compilation, with short last batches."""
    targets = [x * y for x, y in WAVES]
    both(lambda: MLP(2, [5, 1], output_activation="identity", seed=1), WAVES, targets, optimizer=optimizer, epochs=4, batch_size=8)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_is_the_same(name):
    """Each loss trains alike; class indices of the cross-entropy among the targets."""
    targets = {
        "hinge": [[1, -1] if x > 2 else [-1, 1] for x, _ in WAVES],
        "binary_cross_entropy": [[1, 0] if x > 2 else [0.25, 1] for x, _ in WAVES],
        "cross_entropy": [int(x > 2) for x, _ in WAVES],
    }.get(name, WAVES)
    make = lambda: MLP(2, [4, 2], output_activation="identity", seed=1)  # noqa: E731
    both(make, WAVES, targets, loss=name, optimizer=SGD(0.05), epochs=5, batch_size=10)


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_every_activation_is_the_same(activation):
    """Each activation trains alike."""
    both(lambda: MLP(2, [3, 2, 1], activation, "tanh", seed=1), WAVES, [y for _, y in WAVES], optimizer=SGD(0.05), epochs=3, batch_size=5)


def test_penalty_and_validation_are_the_same():
    """The penalty enters once a batch, the validation cost is taken after each epoch, without it."""
    held_out = ([[0.5, 0.5], [1.0, -1.0]], [1, 0])
    *_, history = both(lambda: MLP(2, [3, 1], seed=1), X, Y, epochs=4, batch_size=3, penalty=0.01, validation=held_out)
    assert len(history.validation_losses) == 4


def test_a_penalty_of_ones_own_is_recorded():
    """A callable penalty is recorded once and compiled."""
    both(lambda: MLP(2, [3, 1], seed=1), X, Y, epochs=4, penalty=lambda net: net.layers[0].neurons[0].bias.abs())


def test_until_a_loss_stops_at_the_same_epoch():
    """The goal is watched inside the compiled loop, and reached in the same epoch."""
    *_, history = both(classic, X, Y, optimizer=SGD(10.0), epochs=10_000, until=0.01)
    assert history.stopped == "until"
    assert history.losses[-1] <= 0.01 < history.losses[-2]


def test_until_a_condition_sees_every_epoch():
    """A callable is asked after every epoch, with the network as it is then."""
    net, seen = classic(), []
    fit(net, X, Y, epochs=5, until=lambda history: seen.append((history.epochs, history.steps, cost(net, X, Y).data)), native=True)
    assert [(epochs, steps) for epochs, steps, _ in seen] == [(k, k) for k in range(1, 6)]
    assert all(later < earlier for (*_, earlier), (*_, later) in pairwise(seen))


def test_patience_works_alike():
    """A Patience ends both trainings after the same number of epochs."""
    both(classic, X, Y, optimizer=SGD(0.0), until=Patience(3))


def test_epochs_are_counted_to_the_last():
    """However epochs are bundled, exactly as many are done as asked for."""
    for epochs in (0, 1, 2, 7, 100):
        assert fit(classic(), X, Y, epochs=epochs, native=True).epochs == epochs


def test_divergence_is_named_and_undone():
    """A diverging run ends in the engine's error with the eager run's epoch, batch and parameters."""
    inputs, targets = [[float(k)] for k in range(1, 6)], [2.0 * k for k in range(1, 6)]
    messages, nets = [], []
    for native in (False, True):
        net = MLP(1, [1], "identity", seed=1)
        with pytest.raises(OperationError, match="training broke off in epoch") as caught:
            fit(net, inputs, targets, optimizer=SGD(1e3), epochs=1_000, batch_size=2, native=native)
        messages.append(str(caught.value).split(":")[0])
        nets.append(net)
    eager, native = nets
    assert messages[0] == messages[1]
    assert numbers(native) == pytest.approx(numbers(eager), rel=1e-9)
    assert all(math.isfinite(number) for number in numbers(native))


def test_an_undefined_cost_at_the_start_is_named():
    """A loss that is not defined for the first sample is reported as of epoch 1, batch 1."""
    with pytest.raises(OperationError, match=r"training broke off in epoch 1, batch 1, .* log\("):
        fit(MLP(1, [1], "identity", initializer="zeros"), [1.0], [1.0], loss=lambda output, target: output.log(), native=True)


def test_a_loss_that_branches_is_refused():
    """A loss that decides by a number cannot be compiled, and says what to use instead."""

    def branching(output, target):
        return squared_error(output, target) if output > 0.0 else 2.0 * squared_error(output, target)

    with pytest.raises(RecordingError, match="where"):
        fit(classic(), X, Y, loss=branching, native=True)


def test_an_operation_defined_again_is_compiled_again():
    """A second `fit` of a network does not find the program of an operation whose name was forgotten meanwhile."""
    net = classic()
    for formula in ("x * x", "x * x * x * x"):
        row = define_operation("cost_of_error", formula)
        try:
            both(lambda: net, X, Y, loss=lambda output, target, row=row: row(output - target), optimizer=SGD(1e-12), epochs=1)
        finally:
            forget_operation("cost_of_error")


def test_indices_need_the_cross_entropy():
    """While a program is recorded an index is a Value, which picks nothing from a list."""
    with pytest.raises(RecordingError, match="an index is a Value while a program is recorded"):
        fit(MLP(2, [2]), X, Y, loss=lambda outputs, target: outputs[target], native=True)


def test_only_backprop_is_compiled():
    """Finite differences and machine code exclude each other."""
    with pytest.raises(ValueError, match="native=True trains by backprop alone, got gradient_method='finite_differences'"):
        fit(classic(), X, Y, gradient_method="finite_differences", native=True)


@pytest.mark.parametrize("missing", ["llvmlite", "numpy"])
def test_what_to_install_is_said(monkeypatch, missing):
    """Without the extra `native`, one sentence says how to get it, and the network stays as it was."""
    for name in [name for name in sys.modules if name.startswith("autoback.native")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    net = classic()
    with pytest.raises(ImportError, match="native code needs llvmlite and numpy: pip install"):
        fit(net, X, Y, native=True)
    assert numbers(net) == numbers(classic())


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that sends signals")
@pytest.mark.usefixtures("no_collector_callbacks")
def test_history_and_steps_agree_after_every_interrupt():
    """However the signal falls, there are as many losses as steps, and the parameters are those after so many."""

    def ctrl_c(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ctrl_c)
    gc.disable()  # an exception in a callback of the collector, which test tools set, would be lost
    try:
        for k in range(25):
            net, pressed = classic(), []

            def rate(step, k=k, pressed=pressed):
                if step > 1 and not pressed:
                    pressed.append(step)
                    signal.setitimer(signal.ITIMER_REAL, 0.001 + 0.0011 * k)
                return 1.0

            history = fit(net, X, Y, optimizer=SGD(rate), epochs=10_000_000, native=True)
            assert history.stopped == "interrupted"
            assert history.epochs == history.steps == len(history.losses)
            twin = classic()
            fit(twin, X, Y, optimizer=SGD(1.0), epochs=history.steps, native=True)
            assert numbers(net) == numbers(twin)
    finally:
        gc.enable()
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that sends signals")
@pytest.mark.usefixtures("no_collector_callbacks")
def test_ctrl_c_returns_the_history_so_far():
    """Ctrl-C ends the compiled training soon, with the parameters of the steps that the history counts."""

    def ctrl_c(number, frame):
        raise KeyboardInterrupt

    pressed = []

    def rate(step):  # asked for each step of a bundle before it runs, so the signal falls inside `fit`
        if step > 1_000 and not pressed:
            pressed.append(step)
            signal.setitimer(signal.ITIMER_REAL, 0.001)
        return 1.0

    before = signal.signal(signal.SIGALRM, ctrl_c)
    try:
        net = classic()
        history = fit(net, X, Y, optimizer=SGD(rate), epochs=100_000_000, native=True)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert history.stopped == "interrupted"
    assert 1_000 <= history.epochs <= history.steps
    twin = classic()
    fit(twin, X, Y, optimizer=SGD(1.0), epochs=history.steps, native=True)
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-9)


def test_progress_shows_epochs_and_loss(capsys):
    """The bar reaches the number of epochs, though they run in bundles."""
    fit(classic(), X, Y, epochs=50, progress=True, native=True)
    assert "50/50" in capsys.readouterr().err


@pytest.mark.parametrize("sizes", [[1], [5, 3]])
def test_predictions_agree(sizes):
    """`predict(native=True)` gives the same numbers, and the same complaints."""
    net = MLP(2, [4, *sizes], "tanh", output_activation="softplus", seed=5)
    for few in (WAVES, WAVES[:1]):
        eager = predict(net, few)
        for slow, fast in zip(eager, predict(net, few, native=True), strict=True):
            assert fast == pytest.approx(slow, rel=1e-12)
    net.layers[0].neurons[2].bias.data = 1e308
    net.layers[1].neurons[0].weights[2].data = 1e308
    net.layers[1].neurons[0].bias.data = 1e308
    for native in (False, True):
        with pytest.raises(OperationError, match="add"):
            predict(net, WAVES, native=native)


def test_accuracy_runs_natively_as_predict_does(monkeypatch):
    """`accuracy(native=True)` asks for native predictions, and counts the same share."""
    asked = []

    def watched(net, inputs, *, native):
        asked.append(native)
        return predict(net, inputs, native=native)

    monkeypatch.setattr(evaluation, "predict", watched)
    net, targets = MLP(2, [4, 1], seed=5), [float(k % 2) for k in range(len(WAVES))]
    shares = [accuracy(net, WAVES, targets, native=native) for native in (False, True)]
    assert shares[0] == shares[1] and 0.0 < shares[0] < 1.0
    assert asked == [False, True]


def test_a_number_that_froze_into_the_program_is_found():
    """Reading `data` while a sample is recorded is refused, in the loss and in the network."""

    def frozen(output, target):
        return (output - target.data) ** 2

    class Folded(MLP):
        def forward(self, inputs):
            return [output if inputs[0].data < 2.0 else -output for output in super().forward(inputs)]

    before = classic()
    with pytest.raises(RecordingError, match=r"reading v\.data would freeze this number"):
        fit(before, X, Y, loss=frozen, native=True)
    assert numbers(before) == numbers(classic())
    with pytest.raises(RecordingError, match=r"reading v\.data would freeze this number"):
        fit(Folded(2, [1], seed=1), WAVES, [math.cos(k) for k in range(37)], native=True)
    both(classic, X, Y, loss=lambda output, target: (output - target) ** 2, epochs=20)


def test_a_number_that_is_read_later_takes_all_steps_back():
    """A loss that begins to read numbers during the run is refused while it is recorded again; the parameters are as before."""
    calls = []

    def loss(out, y):
        calls.append(None)
        return (out - y) ** 2 * (1.0 if len(calls) < 5 else 1.0 + 0.0 * out.data)

    net = MLP(2, [2, 1], seed=1)
    before = [parameter.data for parameter in net.parameters()]
    with pytest.raises(RecordingError, match="reading v"):
        fit(net, [[0.0, 1.0], [1.0, 1.0]], [1.0, 0.0], loss=loss, epochs=200, native=True)
    assert len(calls) == 5
    assert [parameter.data for parameter in net.parameters()] == before


def test_the_error_names_the_inner_numbers_too():
    """What the engine calls z⁽¹⁾₁ in its complaint, native code does too."""
    net = MLP(1, [1, 1], "identity", initializer="constant")
    net.layers[1].neurons[0].weights[0].data = 1e200
    for native in (False, True):
        with pytest.raises(OperationError, match=r"w⁽²⁾₁₁=1e\+200, z⁽¹⁾₁=5e\+199"):
            fit(net, [[1e200]], [1.0], native=native)


def test_an_infinite_state_is_not_kept():
    """As in the eager loop: the square of a large gradient overflows, and the message does not blame a parameter alone."""
    net = MLP(1, [1], "identity", initializer="constant")
    with pytest.raises(OperationError, match="a parameter or an optimiser's state that is not finite"):
        fit(net, [[1e155]], [1.0], loss="absolute_error", optimizer="adam", epochs=3, native=True)
    assert numbers(net) == [0.5, 0.5]
