"""The losses: their formulas, their gradients, their behaviour at the extremes, their complaints."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback.engine.check import check_gradients
from autoback.engine.functions import elementary
from autoback.engine.gradient import gradient
from autoback.engine.value import Value, recording, topological_order
from autoback.nn.evaluation import accuracy, cost, predict
from autoback.nn.losses import LOSSES, LossRow, absolute_error, binary_cross_entropy, cross_entropy, hinge, l2_penalty, squared_error
from autoback.nn.modules import MLP, Layer
from autoback.nn.optimizers import Adam
from autoback.nn.training import fit

TARGETS = {
    "squared_error": [0.5, -1.0, 2.0],
    "absolute_error": [0.5, -1.0, 2.0],
    "hinge": [1.0, -1.0, 1.0],
    "binary_cross_entropy": [1.0, 0.0, 0.25],
    "cross_entropy": [0.0, 1.0, 0.0],
}


def formula(name, a, y):
    """The textbook formula of a loss on plain numbers, as it stands in the literature."""
    match name:
        case "squared_error":
            return sum((a_j - y_j) ** 2 for a_j, y_j in zip(a, y, strict=True))
        case "absolute_error":
            return sum(abs(a_j - y_j) for a_j, y_j in zip(a, y, strict=True))
        case "hinge":
            return sum(max(0.0, 1.0 - a_j * y_j) for a_j, y_j in zip(a, y, strict=True))
        case "binary_cross_entropy":
            p = [1 / (1 + math.exp(-z)) for z in a]
            return -sum(y_j * math.log(p_j) + (1 - y_j) * math.log(1 - p_j) for p_j, y_j in zip(p, y, strict=True))
        case "cross_entropy":
            total = sum(math.exp(z) for z in a)
            return -sum(y_j * math.log(math.exp(z) / total) for z, y_j in zip(a, y, strict=True))
    raise AssertionError(name)


def test_every_loss_is_tested():
    """This file knows every loss of the library."""
    assert sorted(TARGETS) == sorted(LOSSES)


@pytest.mark.parametrize("name", sorted(LOSSES))
@given(outputs=st.lists(st.floats(-5.0, 5.0), min_size=3, max_size=3))
def test_a_loss_is_its_formula(name, outputs):
    """Each loss has the value of its formula in the literature."""
    assert LOSSES[name]([Value(a) for a in outputs], TARGETS[name]).data == pytest.approx(
        formula(name, outputs, TARGETS[name]), rel=1e-12, abs=1e-12
    )


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_gradients_of_a_loss_agree_with_finite_differences(name):
    """At random points away from kinks, each loss's gradient is its central difference."""
    dice = random.Random(0)
    for _ in range(10):
        point = [dice.uniform(-3.0, 3.0) for _ in range(3)]
        check_gradients(lambda *outputs: LOSSES[name](outputs, TARGETS[name]), point)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_gradients_through_a_network_agree_with_finite_differences(name):
    """Every parameter's slope of the mean loss over several samples is its central difference."""
    net = MLP(2, [3, 3], ["tanh", "identity"], seed=3)
    x = [[0.5, -1.0], [1.5, 0.25]]

    def at(*parameters):
        for layer in net.layers:
            for neuron in layer.neurons:
                neuron.weights, parameters = list(parameters[: neuron.n_inputs]), parameters[neuron.n_inputs :]
                neuron.bias, parameters = parameters[0], parameters[1:]
        return cost(net, x, [TARGETS[name]] * 2, name)

    check_gradients(at, [parameter.data for parameter in net.parameters()], tolerance=1e-5)


def test_gradients_of_gradients_of_a_loss():
    """Losses can be differentiated twice: the cross-entropy's second derivative is p(1 − p)."""
    z = [Value(0.3), Value(-0.4)]
    p = 1.0 / (1.0 + math.exp(-0.4 - 0.3))
    first = gradient(cross_entropy(z, 0), z[0])
    assert first.data == pytest.approx(p - 1.0, rel=1e-12)
    assert gradient(first, z[0]).data == pytest.approx(p * (1.0 - p), rel=1e-12)


def test_one_output_may_stand_alone():
    """A single Value and a single number need no lists around them."""
    assert squared_error(Value(3.0), 1.0).data == squared_error([Value(3.0)], [1.0]).data == 4.0


def test_squared_error_has_no_hidden_half():
    """The cost of one output is (a − y)², so its slope is 2 (a − y)."""
    a = Value(3.0)
    squared_error(a, 1.0).backward()
    assert a.grad == 4.0


@pytest.mark.parametrize(("z", "y", "expected", "slope"), [
    (1000.0, 1.0, 0.0, 0.0), (-1000.0, 1.0, 1000.0, -1.0), (1000.0, 0.0, 1000.0, 1.0), (-1000.0, 0.0, 0.0, 0.0),
])  # fmt: skip
def test_binary_cross_entropy_is_exact_at_large_logits(z, y, expected, slope):
    """At ±1000 the binary cross-entropy and its gradient are their limits, without overflow."""
    logit = Value(z)
    loss = binary_cross_entropy(logit, y)
    loss.backward()
    assert (loss.data, logit.grad) == (expected, slope)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_cross_entropy_is_exact_at_large_logits(index):
    """At ±1000 the cross-entropy and its gradient, softmax minus one-hot, are their limits."""
    logits = [Value(-1000.0), Value(1000.0), Value(0.0)]
    loss = cross_entropy(logits, index)
    loss.backward()
    assert loss.data == [2000.0, 0.0, 1000.0][index]
    assert [z.grad for z in logits] == [float(j == 1) - float(j == index) for j in range(3)]


def test_a_whole_number_of_numpy_is_an_index():
    """A label out of an array of whole numbers names a class as a plain one does."""
    np = pytest.importorskip("numpy")
    logits = [Value(1.0), Value(2.0)]
    assert cross_entropy(logits, np.int64(1)).data == cross_entropy(logits, 1).data
    with pytest.raises(ValueError, match="must be a class from 0 to 1"):
        cross_entropy(logits, np.int64(2))


def test_cross_entropy_loses_no_digit_to_the_size_of_the_logits():
    """What is added to all logits changes nothing, even where it is larger than all digits of the cost."""
    for target in (0, [1.0, 0.0], [0.5, 0.5]):
        assert cross_entropy([Value(1e16), Value(1e16)], target).data == pytest.approx(math.log(2.0), rel=1e-15)
    loss = cross_entropy([Value(1.0, "a"), Value(1.0, "b")], 0)
    for leaf in [node for node in topological_order(loss) if node.label]:
        leaf.data = 1e16
    loss.refresh()
    assert loss.data == pytest.approx(math.log(2.0), rel=1e-15)


def test_cross_entropy_of_equal_logits_is_the_logarithm_of_their_number():
    """Knowing nothing about n classes costs log n, and the gradient is 1/n minus one-hot."""
    logits = [Value(7.0) for _ in range(10)]
    loss = cross_entropy(logits, 4)
    loss.backward()
    assert loss.data == pytest.approx(math.log(10), rel=1e-14)
    assert [z.grad for z in logits] == pytest.approx([0.1 - (j == 4) for j in range(10)], rel=1e-13)


def test_an_index_is_the_same_as_one_hot():
    """The index of a class and the row with a 1 in its place give the same cost."""
    logits = [Value(0.2), Value(-1.5), Value(3.0)]
    assert cross_entropy(logits, 2).data == cross_entropy(logits, [0.0, 0.0, 1.0]).data


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_a_loss_can_be_recorded(name):
    """No loss branches on a Value, so each can be recorded for a program, targets included."""
    with recording():
        loss = LOSSES[name]([Value(0.1), Value(0.2), Value(-0.3)], [Value(y) for y in TARGETS[name]])
    assert loss.data == pytest.approx(formula(name, [0.1, 0.2, -0.3], TARGETS[name]), rel=1e-12)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_a_loss_taken_apart_has_the_same_value(name):
    """Within `elementary`, a loss gives the same number."""
    outputs = [Value(0.1), Value(0.2), Value(-0.3)]
    with elementary():
        apart = LOSSES[name](outputs, TARGETS[name])
    assert apart.data == pytest.approx(LOSSES[name](outputs, TARGETS[name]).data, rel=1e-13)


@pytest.mark.parametrize("loss", [squared_error, absolute_error, hinge, binary_cross_entropy, cross_entropy])
def test_targets_of_another_number_are_refused(loss):
    """A loss says how many targets it takes and how many came."""
    with pytest.raises(ValueError, match=f"{loss.__name__} takes one target for each of the 2 outputs, got 3"):
        loss([Value(1.0), Value(2.0)], [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (3, ValueError, "must be a class from 0 to 2 .*, got 3"),
        (-1, ValueError, "from 0 to 2 .*, got -1"),
        (1.5, TypeError, "index of a class or a list of probabilities, got 1.5"),
        (True, TypeError, "got True"),
    ],
)
def test_a_class_that_does_not_exist_is_refused(index, error, message):
    """The index of a class is a whole number from 0 up to the number of outputs."""
    with pytest.raises(error, match=message):
        cross_entropy([Value(0.0)] * 3, index)


@pytest.mark.parametrize(
    ("loss", "targets", "message"),
    [
        ("hinge", [[1.0, 0.0]], r"targets\[0\] must be -1 or 1 for hinge, got 0"),
        ("binary_cross_entropy", [[0.0, 0.0], [2.0, 0.0]], r"targets\[1\] must be from 0 to 1 for binary_cross_entropy, got 2"),
        ("cross_entropy", [[0.5, 0.6]], r"targets\[0\] must be probabilities with sum 1, or the index of a class"),
        ("cross_entropy", [[1.5, -0.5]], r"targets\[0\] must be probabilities"),
        ("cross_entropy", [2], r"targets\[0\] must be a class from 0 to 1"),
        ("squared_error", [1], r"targets\[0\] must be a row of 2 numbers; the index of a class is for the loss cross_entropy"),
        ("cubed", [[1.0, 0.0]], "loss must be one of squared_error, absolute_error, hinge, .*, got 'cubed'"),
    ],
)
def test_targets_that_do_not_suit_the_loss_are_refused(loss, targets, message):
    """Targets outside a loss's range are named by their place, before anything is computed."""
    with pytest.raises(ValueError, match=message):
        cost(MLP(1, [2]), [1.0] * len(targets), targets, loss)


def test_l2_penalty_counts_weights_and_leaves_biases_free():
    """The penalty is strength · Σ w²; its slope is 2 · strength · w, and no bias has one."""
    net = MLP(2, [2, 1], seed=1)
    weights = [parameter for name, parameter in net.named_parameters() if "weight" in name]
    penalty = l2_penalty(net, 0.5)
    penalty.backward()
    assert penalty.data == pytest.approx(0.5 * sum(w.data**2 for w in weights), rel=1e-14)
    assert [w.grad for w in weights] == pytest.approx([w.data for w in weights], rel=1e-14)
    assert all(neuron.bias.grad is None for layer in net.layers for neuron in layer.neurons)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_row_of_numpy_numbers_is_a_target(loss):
    """Any iterable of numbers will do, as it does for `fit`."""
    np = pytest.importorskip("numpy")
    outputs = [Value(0.5), Value(-0.25)]
    assert loss(outputs, np.array([0.0, 1.0])).data == loss(outputs, [0.0, 1.0]).data


# The facts of the losses


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "softplus", "sin"])
@pytest.mark.parametrize(("loss", "outputs"), [("binary_cross_entropy", 1), ("cross_entropy", 2)])
def test_logits_from_a_squashed_output_are_refused(activation, loss, outputs):
    """A loss that takes logits takes numbers of any size, so `fit` refuses a last activation that has a range, and says what to do."""
    net = MLP(2, [3, outputs], "tanh", activation)
    with pytest.raises(ValueError, match=rf"{loss} takes logits, .* but {activation}, the last operation .*output_activation=\"identity\""):
        fit(net, [[0, 1], [1, 0]], [0, 1], loss=loss)
    assert fit(MLP(2, [3, outputs], activation), [[0, 1], [1, 0]], [0, 1], loss=loss, epochs=1).epochs == 1


@pytest.mark.parametrize(
    ("activation", "targets", "message"),
    [
        ("tanh", [0.0, 5.8], r"targets\[1\] is 5\.8, but tanh, .* gives numbers from -1 to 1"),
        ("sigmoid", [-1.0, 1.0], r"targets\[0\] is -1, but sigmoid, .* gives numbers from 0 to 1"),
        ("relu", [1.0, -3.0], r"targets\[1\] is -3, but relu, .* gives numbers from 0 up"),
    ],
)
def test_targets_that_the_last_activation_cannot_reach_are_refused(activation, targets, message):
    """A regression on a squashed output would stay far from its targets in silence; validation targets are looked at too."""
    with pytest.raises(ValueError, match=message):
        fit(MLP(1, [4, 1], output_activation=activation), [0.0, 1.0], targets)
    with pytest.raises(ValueError, match=f"validation {message}"):
        fit(MLP(1, [4, 1], output_activation=activation), [0.0], [0.5], validation=([0.0, 1.0], targets))


def test_the_range_is_that_of_the_last_operation_of_any_module():
    """Not the name of an activation is asked, but the row of the table that made the output."""

    class Squashed(Layer):
        def forward(self, inputs):
            return [output.sigmoid() for output in super().forward(inputs)]

    with pytest.raises(ValueError, match="but sigmoid, the last operation of the network, gives numbers from 0 to 1"):
        fit(Squashed(1, 1, "identity"), [0.0], [2.0])


def test_a_regression_by_default_reaches_its_targets():
    """The last layer is the identity by default, so 3 sin x + 5 is learnt."""
    x = [k / 5 for k in range(-15, 15)]
    history = fit(MLP(1, [16, 1]), x, [3 * math.sin(each) + 5 for each in x], optimizer=Adam(0.02), epochs=1000, until=0.1)
    assert history.losses[-1] <= 0.1


def test_a_custom_loss_with_its_facts():
    """A LossRow states about a custom loss what the named ones state about themselves."""
    row = LossRow(lambda output, target: (output - target) ** 4, "numbers", targets=(0.0, 1.0))
    with pytest.raises(ValueError, match=r"targets\[0\] must be from 0 to 1 for <lambda>, got 2"):
        fit(MLP(1, [1]), [0.0], [2.0], loss=row)
    assert fit(MLP(1, [1]), [0.0], [1.0], loss=row, epochs=1).epochs == 1


def test_predictions_as_probabilities():
    """Logits become probabilities by the sigmoid or the softmax, as the loss reads them; what are no logits are refused."""
    net = MLP(1, [2], initializer="constant", seed=1)
    net.layers[0].neurons[1].bias.data = 1.5
    [(p, q)] = predict(net, [0.0], probabilities=True)
    assert (p, q) == pytest.approx((1 / (1 + math.e), math.e / (1 + math.e)))
    single_each = [1 / (1 + math.exp(-0.5)), 1 / (1 + math.exp(-1.5))]
    assert predict(net, [0.0], probabilities="binary_cross_entropy")[0] == pytest.approx(single_each)
    single = MLP(1, [1], initializer="constant")
    assert predict(single, [0.0], probabilities=True)[0] == pytest.approx([1 / (1 + math.exp(-0.5))])
    squashed = MLP(1, [1], "sigmoid", "sigmoid", initializer="constant")
    assert predict(squashed, [0.0], probabilities=True) == predict(squashed, [0.0])
    with pytest.raises(ValueError, match="outputs of tanh are no logits"):
        predict(MLP(1, [1], "tanh", "tanh"), [0.0], probabilities=True)
    with pytest.raises(ValueError, match="outputs trained with hinge are no logits"):
        predict(single, [0.0], probabilities="hinge")


def test_a_threshold_in_the_place_of_the_loss_is_refused():
    """`accuracy` takes the loss fourth, as `cost` does; a number there is said to be a threshold."""
    with pytest.raises(TypeError, match=r"write threshold=0\.5"):
        accuracy(MLP(1, [1]), [0.0], [1.0], 0.5)
