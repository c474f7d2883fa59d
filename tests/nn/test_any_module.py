"""Any Module is trained, judged and predicted with, on samples of any form, by any loss, in Python and in machine code."""

import random
from dataclasses import dataclass

import pytest

from autoback.engine.functions import FUNCTIONS
from autoback.engine.operations import OperationError
from autoback.engine.value import RecordingError, Value
from autoback.nn.evaluation import accuracy, cost, predict
from autoback.nn.losses import cross_entropy, squared_error
from autoback.nn.modules import MLP, Embedding, Layer, Module, Neuron
from autoback.nn.optimizers import SGD, Adam
from autoback.nn.training import fit

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
log, tanh, dot, where, total = (FUNCTIONS[name] for name in ("log", "tanh", "dot", "where", "sum"))


def numbers(net):
    return [parameter.data for parameter in net.parameters()]


class Counter(Module):
    """A tiny recurrent network: a state of two numbers goes over a list of any length."""

    def __init__(self):
        self.cell, self.out = Layer(3, 2, seed=1), Neuron(2, "identity", seed=2)

    def forward(self, sequence):
        state = [0.0, 0.0]
        for x in sequence:
            state = self.cell([x, *state])
        return self.out(state)


class Bigram(Module):
    """Which token follows: logits from the row of a token."""

    def __init__(self):
        self.table, self.head = Embedding(4, 3, seed=1), Layer(3, 4, "identity", bias=False, seed=2)

    def forward(self, tokens):
        return self.head([total(column) for column in zip(*[self.table(token) for token in tokens], strict=True)])


class Skip(MLP):
    """A network with a direct connection from the inputs to the second layer."""

    def forward(self, inputs):
        hidden = self.layers[0].forward(inputs)
        return self.layers[1].forward([a + x for a, x in zip(hidden, inputs, strict=True)])


SEQUENCES = [[1.0], [0.5, 0.5], [0.2, 0.3, 0.4], [0.1], [0.9, -0.3]]
SUMS = [sum(sequence) for sequence in SEQUENCES]
TOKENS, NEXT = [[0], [1, 2], [3, 0, 1], [2], [1]], [1, 3, 2, 0, 2]

MODELS = {
    "a recurrent network": (Counter, SEQUENCES, SUMS, "squared_error"),
    "tokens": (Bigram, TOKENS, NEXT, "cross_entropy"),
    "a skip connection": (lambda: Skip(2, [2, 1], seed=1), X, Y, "squared_error"),
    "a layer": (lambda: Layer(2, 2, "identity", seed=1), X, [[0, 1], [1, 0], [1, 1], [0, 0]], "squared_error"),
    "a neuron": (lambda: Neuron(2, "identity", seed=1), X, Y, "binary_cross_entropy"),
}


@pytest.mark.parametrize(("make", "inputs", "targets", "loss"), MODELS.values(), ids=MODELS)
def test_a_step_is_gradient_descent_on_the_mean_cost(make, inputs, targets, loss):
    """An epoch over all samples, of whatever forms, moves every parameter by minus rate times the gradient of the mean cost."""
    net, twin = make(), make()
    if not isinstance(net, MLP):
        net.load_state_dict(twin.state_dict())
    history = fit(net, inputs, targets, loss=loss, optimizer=SGD(0.3), epochs=3)
    for k in range(3):
        c = cost(twin, inputs, targets, loss)
        assert history.losses[k] == pytest.approx(c.data, rel=1e-12)
        twin.zero_grad()
        c.backward()
        for parameter in twin.parameters():
            parameter.data -= 0.3 * parameter.grad
    assert numbers(net) == pytest.approx(numbers(twin), rel=1e-11)


@pytest.mark.parametrize(("batch_size", "clip"), [(1, None), (3, None), (3, 0.05), (None, None)])
@pytest.mark.parametrize(("make", "inputs", "targets", "loss"), MODELS.values(), ids=MODELS)
def test_machine_code_takes_the_same_steps(make, inputs, targets, loss, batch_size, clip):
    """Each model trains natively as in Python, whatever forms its samples have, with Adam's state between the steps."""
    pytest.importorskip("llvmlite")
    net, twin = make(), make()
    twin.load_state_dict(net.state_dict())
    options = {"loss": loss, "epochs": 4, "batch_size": batch_size, "clip": clip, "validation": (inputs, targets), "seed": 3}
    slow = fit(net, inputs, targets, optimizer=Adam(0.02), **options)
    fast = fit(twin, inputs, targets, optimizer=Adam(0.02), native=True, **options)
    assert list(fast.losses) == pytest.approx(list(slow.losses), rel=1e-9)
    assert fast.validation_losses == pytest.approx(slow.validation_losses, rel=1e-9)
    assert numbers(twin) == pytest.approx(numbers(net), rel=1e-9)
    assert (fast.steps, fast.epochs) == (slow.steps, slow.epochs) == (4 * -(-len(inputs) // (batch_size or len(inputs))), 4)


def test_predictions_are_what_the_module_returns():
    """`predict` gives a list of numbers for each sample, in machine code too where the samples are of one form."""
    net = Counter()
    assert predict(net, SEQUENCES) == [[net(sequence).data] for sequence in SEQUENCES]
    bigram = Bigram()
    assert predict(bigram, TOKENS) == [[output.data for output in bigram(tokens)] for tokens in TOKENS]
    assert accuracy(bigram, TOKENS, NEXT, "cross_entropy") in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    pytest.importorskip("llvmlite")
    for few in ([[0, 1], [2, 2]], [[3, 1]]):
        for slow, fast in zip(predict(bigram, few), predict(bigram, few, native=True), strict=True):
            assert fast == pytest.approx(slow, rel=1e-12)


def test_a_step_on_several_forms_that_fails_is_named():
    """By epoch, batch and sample, with the net as after the last good step, natively as in Python."""
    pytest.importorskip("llvmlite")
    net, twin = Counter(), Counter()
    twin.load_state_dict(net.state_dict())
    log_of = lambda outputs, target: (outputs - log(target)) ** 2  # noqa: E731
    targets = [1.0] * (len(SEQUENCES) - 1) + [-1.0]
    for each, native in ((net, False), (twin, True)):
        with pytest.raises(OperationError, match=r"broke off in epoch 1, batch 3, .* its 2 whole steps: .*log\(.*-1\) is not defined"):
            fit(each, SEQUENCES, targets, loss=log_of, batch_size=2, shuffle=False, native=native)
    assert numbers(twin) == pytest.approx(numbers(net), rel=1e-9)


def test_a_second_fit_records_each_form_once():
    """It finds its programs by what they compute; the recording that it needs for this is compared with that of the first."""
    pytest.importorskip("llvmlite")

    class Counted(Counter):
        calls = 0

        def forward(self, sequence):
            type(self).calls += 1
            return super().forward(sequence)

    net = Counted()
    fit(net, SEQUENCES, SUMS, epochs=1, native=True)
    first, forms = Counted.calls, len(set(map(len, SEQUENCES)))
    fit(net, SEQUENCES, SUMS, epochs=1, native=True)
    assert first > forms + 1
    assert Counted.calls - first == forms + 1  # and one to check the outputs


@pytest.mark.parametrize("hashed", [False, True])
def test_dataclasses_train_in_machine_code_each_for_itself(hashed):
    """A dataclass has no hash, or one that its equals share; either way two networks are two."""
    pytest.importorskip("llvmlite")

    @dataclass(unsafe_hash=hashed)
    class Line(Module):
        slope: Value
        offset: Value

        def forward(self, x):
            return self.slope * x + self.offset

    eager, one, two = (Line(Value(0.5), Value(0.25)) for _ in range(3))
    for net, native in ((eager, False), (one, True), (two, True)):
        fit(net, [0.0, 1.0, 2.0], [1.0, 3.0, 5.0], epochs=5, native=native)
    assert numbers(one) == pytest.approx(numbers(eager), rel=1e-12)
    assert numbers(two) == numbers(one)


def test_a_parameter_that_was_replaced_is_trained_in_the_place_of_the_old_one():
    """Machine code that an earlier `fit` kept belongs to the parameters of then."""
    pytest.importorskip("llvmlite")
    nets = [Counter(), Counter()]
    for net, native in zip(nets, (False, True), strict=True):
        fit(net, SEQUENCES[:1], SUMS[:1], epochs=2, native=native)
        old = net.out.bias
        net.out.bias, before = Value(0.5), old.data
        fit(net, SEQUENCES, SUMS, epochs=2, native=native)
        assert old.data == before
    assert numbers(nets[1]) == pytest.approx(numbers(nets[0]), rel=1e-9)


@pytest.mark.parametrize("native", [False, True])
def test_a_token_that_has_no_row_is_refused(native):
    """An index is checked also where a program would only find no row for it."""
    if native:
        pytest.importorskip("llvmlite")
    with pytest.raises(ValueError, match=r"whole number .*|a token must be between 0 and 3"):
        fit(Bigram(), [[0], [4]], [1, 2], loss="cross_entropy", native=native, batch_size=1)
    with pytest.raises(ValueError, match=r"whole number from 0 to 3|must be a class from 0 to 3"):
        fit(Bigram(), [[0], [1]], [1, 4], loss="cross_entropy", native=native, batch_size=1)


def test_samples_keep_their_order_without_shuffle():
    """With shuffle=False every epoch takes the samples as they come."""
    seen = []

    def loss(output, target):
        seen.append(round(target.data))
        return squared_error(output, target)

    fit(MLP(1, [1]), [[0.1]] * 5, range(5), loss=loss, epochs=2, batch_size=2, shuffle=False)
    assert seen == [0, 1, 2, 3, 4] * 2


def test_a_loss_gets_what_the_module_returns():
    """Of one output a Value and a Value, as in loss(net(x), y); of several two lists."""
    kinds = []

    def loss(outputs, target):
        kinds.append((type(outputs), type(target)))
        return squared_error(outputs, target)

    fit(MLP(2, [1]), X, Y, loss=loss, epochs=1)
    fit(MLP(2, [2]), X, [[0, 1]] * 4, loss=loss, epochs=1)
    assert set(kinds) == {(Value, Value), (list, list)}


def test_a_whole_number_stays_an_index_for_a_custom_loss():
    """The index of a class reaches a custom loss as an int, so it can pick from a list."""
    history = fit(MLP(2, [2], seed=1), X, Y, loss=lambda outputs, target: (outputs[target] - 1.0) ** 2, epochs=30)
    assert history.losses[-1] < history.losses[0]
    wrapped = fit(MLP(2, [2], seed=1), X, Y, loss=lambda outputs, target: 1.0 * cross_entropy(outputs, target), epochs=5)
    named = fit(MLP(2, [2], seed=1), X, Y, loss="cross_entropy", epochs=5)
    assert list(wrapped.losses) == pytest.approx(list(named.losses), rel=1e-12)


# What must not freeze


def test_a_custom_layer_in_an_mlp_is_recorded_for_each_sample():
    """A layer that looks at its numbers does it for every sample: the last loss is the cost that the network has."""

    class Gate(Layer):
        def forward(self, inputs):
            return [z if z.data > 0 else 0.01 * z for z in super().forward(inputs)]

    dice = random.Random(1)
    x = [[dice.uniform(-2, 2), dice.uniform(-2, 2)] for _ in range(20)]
    y = [a * b for a, b in x]
    net = MLP(2, [4, 1], "identity", seed=2)
    net.layers[0] = Gate(2, 4, "identity", seed=2)
    fit(net, x, y, optimizer=SGD(0.02), epochs=30)
    last = fit(net, x, y, optimizer=SGD(0.0), epochs=1).losses[-1]
    assert last == pytest.approx(cost(net, x, y).data, rel=1e-12)
    pytest.importorskip("llvmlite")
    with pytest.raises(RecordingError, match="would freeze this number"):
        fit(net, x, y, native=True)


def test_dropout_drops_anew_for_each_sample():
    """A layer that throws dice throws them for every sample; natively it is refused, for the dice would be thrown once."""

    class Dropout(Layer):
        def forward(self, inputs):
            self.calls = getattr(self, "calls", 0) + 1
            return [a * dice.choice([0.0, 2.0]) for a in super().forward(inputs)]

    dice = random.Random(1)
    net = MLP(2, [8, 1], seed=2)
    net.layers[0] = Dropout(2, 8, seed=2)
    fit(net, X, Y, optimizer=SGD(0.02), epochs=10)
    assert net.layers[0].calls >= 40
    pytest.importorskip("llvmlite")
    with pytest.raises(RecordingError, match="does not record the same each time"):
        fit(net, X, Y, native=True)


def test_a_network_that_changes_its_mind_later_is_found():
    """What counts its calls and does something else from some call on is found out while it trains, and no step of it counts."""
    pytest.importorskip("llvmlite")

    class Fickle(MLP):
        calls = 0

        def forward(self, inputs):
            Fickle.calls += 1
            return super().forward(inputs) if Fickle.calls < 8 else [-output for output in super().forward(inputs)]

    net = Fickle(2, [2, 1], seed=1)
    before = [parameter.data for parameter in net.parameters()]
    with pytest.raises(RecordingError, match="does not record the same each time"):
        fit(net, X, Y, native=True, epochs=1_000_000)
    assert [parameter.data for parameter in net.parameters()] == before


def test_penalties_and_losses_that_look_at_numbers_are_refused_natively():
    """An L1 penalty, a Huber loss and class weights that read `data` train in Python and are refused in machine code."""
    pytest.importorskip("llvmlite")

    def l1(net):
        return 0.1 * total([w if w.data > 0 else -w for w in net.parameters()])

    def huber(output, target):
        d = output - target
        return d * d if abs(d.data) < 1 else 2.0 * abs(d) - 1.0

    def weighted(output, target):
        return (30.0 if target.data == 1 else 1.0) * squared_error(output, target)

    for options in ({"penalty": l1}, {"loss": huber}, {"loss": weighted}):
        assert fit(MLP(2, [2, 1], seed=1), X, Y, epochs=3, **options).epochs == 3
        with pytest.raises(RecordingError, match="would freeze this number"):
            fit(MLP(2, [2, 1], seed=1), X, Y, native=True, **options)

    def right(output, target):
        d = output - target
        return where(abs(d) < 1.0, d * d, 2.0 * abs(d) - 1.0)

    slow, fast = (fit(MLP(2, [2, 1], seed=1), X, [9 * y for y in Y], loss=right, epochs=20, native=native) for native in (False, True))
    assert list(fast.losses) == pytest.approx(list(slow.losses), rel=1e-10)


# What is not trained


@pytest.mark.parametrize("native", [False, True])
def test_frozen_parameters_stay(native):
    """A frozen layer keeps its numbers while the rest learns, and is trained again after `unfreeze`."""
    if native:
        pytest.importorskip("llvmlite")
    net = MLP(2, [3, 1], seed=1)
    net.layers[0].freeze()
    before = net.state_dict()
    fit(net, X, Y, epochs=5, native=native)
    after = net.state_dict()
    assert after["layers.0.weight"] == before["layers.0.weight"]
    assert after["layers.1.weight"] != before["layers.1.weight"]
    fit(net.unfreeze(), X, Y, epochs=5, native=native)
    assert net.state_dict()["layers.0.weight"] != before["layers.0.weight"]


def test_a_module_without_parameters_is_refused():
    """There would be nothing to train, and the way out is said."""
    with pytest.raises(ValueError, match=r"MLP\(2, \[1\]\) has no parameters to train: .* or unfreeze them"):
        fit(MLP(2, [1]).freeze(), X, Y)


@pytest.mark.parametrize("native", [False, True])
def test_what_a_condition_or_a_callback_changes_lasts(native):
    """Weight clipping in `until` or in a callback is part of the training, frozen parameters included."""
    if native:
        pytest.importorskip("llvmlite")

    def clip(net, history):
        for parameter in net.parameters():
            parameter.data = max(-0.1, min(0.1, parameter.data))

    net = MLP(2, [3, 1], seed=1)
    fit(net, X, Y, epochs=3, callbacks=clip, native=native)
    assert max(map(abs, numbers(net))) <= 0.1
    fit(net, X, Y, epochs=1, until=lambda history: setattr(net.layers[1].neurons[0].bias, "data", 99.0), native=native)
    assert net.layers[1].neurons[0].bias.data == 99.0
    net.layers[1].freeze()
    seen = fit(net, X, Y, epochs=2, callbacks=[lambda net, history: setattr(net.layers[1].neurons[0].bias, "data", 0.5)], native=native)
    assert seen.losses[0] > 9000.0
    assert seen.losses[1] < 2.0


# Data


def test_tables_generators_and_numpys_truths_are_taken():
    """A table of pandas is its numbers, not its columns' names; rows may come one by one; a truth of NumPy is 0 or 1."""
    np = pytest.importorskip("numpy")

    class Table:
        def __init__(self, rows):
            self.rows = rows

        def __iter__(self):
            return iter(["a", "b"])

        def to_numpy(self):
            return np.array(self.rows)

    expected = fit(MLP(2, [2, 1], seed=1), X, Y, epochs=3).losses
    assert fit(MLP(2, [2, 1], seed=1), Table(X), Table(Y), epochs=3).losses == expected
    assert fit(MLP(2, [2, 1], seed=1), (row for row in X), (iter([y]) for y in Y), epochs=3).losses == expected
    assert fit(MLP(2, [2, 1], seed=1), [[np.bool_(x) for x in row] for row in X], [np.bool_(y) for y in Y], epochs=3).losses == expected


@pytest.mark.parametrize("wrong", ["tall", None])
def test_a_table_s_text_or_gap_is_refused_with_its_place(wrong):
    """A table of pandas turns into one array only where it holds numbers alone; its wrong entry is named."""
    np = pytest.importorskip("numpy")

    class Table:
        ndim = 2  # as of a DataFrame, which has no dtype

        def __array__(self, dtype=None, copy=None):
            return np.asarray([[1.0, 2.0], [3.0, wrong]], dtype=dtype)

        def to_numpy(self):
            return np.array([[1.0, 2.0], [3.0, wrong]], dtype=object)

    for use in (lambda: fit(MLP(2, [1]), Table(), [1.0, 2.0], epochs=1), lambda: predict(MLP(2, [1]), Table())):
        with pytest.raises(TypeError, match=r"inputs\[1\]\[1\]: a Value holds one real number"):
            use()


@pytest.mark.parametrize("rows", [{1, 2}, {"a": [1, 2]}, "abc", 5, [{1.0, 2.0}], [{"a": 1}], [["a", "b"]], []])
@pytest.mark.parametrize("make", [lambda: MLP(2, [1]), Counter])
def test_what_has_no_order_or_no_numbers_is_refused(make, rows):
    """A set, a dict, text or nothing is no data, for a network and for a module of any kind."""
    with pytest.raises((TypeError, ValueError), match=r"inputs(\[0\])?.*(must|a Value holds)"):
        fit(make(), rows, [1.0])


@pytest.mark.parametrize("use", [lambda x: predict(MLP(1, [1]), x), lambda x: fit(MLP(1, [1]), x, [1.0, 2.0], epochs=1),
                                 lambda x: fit(MLP(1, [1]), [[1.0], [2.0]], x, epochs=1)])  # fmt: skip
def test_masked_arrays_are_refused(use):
    """The numbers behind a mask do not count, so they are no samples and no targets."""
    np = pytest.importorskip("numpy")
    with pytest.raises(TypeError, match=r"(inputs|targets) must be an ordinary array, got a masked one: leave masked rows out"):
        use(np.ma.array([[1.0], [2.0]], mask=[[True], [False]]))


def test_predictions_of_tokens_that_have_no_row_are_refused_natively():
    """A program would find no row for it and answer with zeros; samples of several forms are refused too."""
    pytest.importorskip("llvmlite")
    with pytest.raises(ValueError, match=r"x₂ of sample 1 is an index and must be a whole number from 0 to 3, got 4"):
        predict(Bigram(), [[0, 1], [2, 4]], native=True)
    with pytest.raises(ValueError, match="native=True predicts samples of one form, and these have 2"):
        predict(Bigram(), [[0, 1], [2]], native=True)


def test_an_embedding_can_be_the_whole_model():
    """Its samples are tokens, and a wrong one is refused."""
    net = Embedding(3, 2, seed=1)
    fit(net, [0, 2], [[1.0, 0.0], [0.0, 1.0]], optimizer=SGD(0.5), epochs=50)
    assert predict(net, [0, 2])[0] == pytest.approx([1.0, 0.0], abs=1e-6)
    with pytest.raises(ValueError, match="a token must be between 0 and 2"):
        fit(net, [0, 3], [[1.0, 0.0], [0.0, 1.0]])


def test_a_loss_that_expects_lists_is_told_what_it_gets():
    """outputs[0] of a single output is no question of lists, and the error says so; other errors stay what they are."""
    with pytest.raises(TypeError, match=r"'Value' object is not subscriptable: of a network with one output a loss gets two Values"):
        fit(MLP(2, [1]), X, Y, loss=lambda outputs, target: (outputs[0] - target[0]) ** 2)
    with pytest.raises(TypeError, match=r"^'Value' object is not subscriptable$"):
        fit(MLP(2, [2]), X, [[0, 1]] * 4, loss=lambda outputs, target: outputs[0][0])


@pytest.mark.parametrize("callbacks", [5, [5], {print}])
def test_callbacks_are_callables(callbacks):
    """Anything else is refused before the training."""
    with pytest.raises(TypeError, match="callbacks must be one or several callables of the net and the History"):
        fit(MLP(2, [1]), X, Y, callbacks=callbacks)
