"""Module: how parameters are found, named, frozen, kept in files and brought back, in a class of any shape."""

import copy
import json
from collections import UserList, deque

import pytest

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value, recording
from autoback.nn.modules import MLP, Embedding, Layer, Module, Neuron
from autoback.nn.storage import StorageError, load, save
from autoback.nn.training import fit


class Net(Module):
    """Parameters wherever they may be."""

    def __init__(self, seed=0):
        self.table = Embedding(3, 2, seed=seed)
        self.blocks = [{"first": Layer(2, 2, seed=seed + 1), "scale": Value(0.5 + seed)}, Neuron(2, seed=seed + 2)]
        self.ragged = ([Value(1.0), Value(2.0)], [Value(3.0)])
        self.size, self.name, self.seen = 3, "net", None
        self.again = self.blocks[0]["first"]

    def forward(self, x):
        return self.blocks[1](x)


def test_parameters_are_found_in_the_order_they_were_set():
    """Values, Modules, lists, tuples and dicts of them in the attributes are searched; what occurs twice is one."""
    net = Net()
    first = net.blocks[0]["first"]
    weights = [w for neuron in first.neurons for w in neuron.weights]
    expected = [*net.table.weight[0], *net.table.weight[1], *net.table.weight[2], *weights, *[n.bias for n in first.neurons]]
    expected += [net.blocks[0]["scale"], *net.blocks[1].weights, net.blocks[1].bias, *net.ragged[0], *net.ragged[1]]
    assert [id(parameter) for parameter in net.parameters()] == [id(parameter) for parameter in expected]


def test_names_are_paths():
    """Arrays are named by where they are, single Values by their index too, each once."""
    net = Net()
    assert list(net.arrays()) == [
        "table.weight", "blocks.0.first.weight", "blocks.0.first.bias", "blocks.0.scale", "blocks.1.weight", "blocks.1.bias",
        "ragged.0", "ragged.1",
    ]  # fmt: skip
    names = dict(net.named_parameters())
    assert names["table.weight.2.1"] is net.table.weight[2][1]
    assert list(names.values()) == net.parameters()


def test_what_an_operation_made_is_no_parameter():
    """A result that `forward` keeps to be looked at stays out."""
    net = Net()
    count = len(net.parameters())
    net.seen = [net([1.0, 2.0]), net([2.0, 1.0])]
    assert len(net.parameters()) == count


def test_a_module_that_holds_itself_is_walked_once():
    """A circle ends."""
    net = Net()
    net.inner = [net]
    assert len(net.parameters()) == len(Net().parameters())
    assert list(net.arrays()) == list(Net().arrays())
    net.zero_grad()


def test_containers_that_hold_themselves_are_walked_once():
    """Lists and dicts in a circle end, and so does a packaged network that holds itself, also in `fit`."""
    circle, ring = [], {}
    circle += [circle, circle]
    ring["ring"] = ring
    net = Net()
    net.circle, net.ring = circle, ring
    assert (len(net.parameters()), list(net.arrays())) == (len(Net().parameters()), list(Net().arrays()))
    mlp = MLP(2, [1])
    mlp.me, mlp.circle = mlp, circle
    assert len(list(mlp.modules())) == 2
    assert fit(mlp, [[1.0, 2.0]], [3.0], epochs=1).steps == 1


def test_modules_may_be_nested_deeply():
    """A chain of modules is longer than Python's calls may be deep."""

    class Link(Module):
        def __init__(self, following):
            self.weight, self.following = Value(1.0), following

    chain = None
    for _ in range(2000):
        chain = Link(chain)
    assert (len(chain.parameters()), len(chain.arrays()), len(list(chain.modules()))) == (2000, 2000, 2000)


@pytest.mark.parametrize("make", [lambda each: {each}, lambda each: deque([each]), lambda each: [1, {"a": frozenset([each])}], UserList])
@pytest.mark.parametrize("part", [Value(1.0), Layer(2, 2)])
def test_parameters_in_other_containers_are_refused_by_name(make, part):
    """A set, a deque and the like would keep their parameters from training without a word; a repr says so too."""
    if make is UserList:
        part = [part]
    net = Net()
    net.more = make(part)
    for ask in (net.parameters, net.arrays, net.zero_grad, net.freeze):
        with pytest.raises(TypeError, match=r"Net\.more.* is a \w+, which is not searched for parameters, but has some: keep a list"):
            ask()
    assert "is not searched" in repr(net)


def test_an_array_of_parameters_is_refused_by_name():
    """A NumPy array of Values is to be a list; arrays of numbers, and sets of words, are no business of a Module."""
    np = pytest.importorskip("numpy")
    net = Net()
    net.data, net.words = np.ones((2, 2)), {"a", "b"}
    assert len(net.parameters()) == len(Net().parameters())
    net.data = np.array([[Value(1.0)], [Value(2.0)]])
    with pytest.raises(TypeError, match=r"Net\.data is a ndarray, .* keep its tolist\(\)"):
        net.parameters()
    net.data = net.data.tolist()
    assert len(net.parameters()) == len(Net().parameters()) + 2


def test_results_in_other_containers_may_stay():
    """What operations made is no parameter, so a module may keep its last results in a deque."""
    net = Net()
    net.seen = deque([net([1.0, 2.0])], maxlen=3)
    assert len(net.parameters()) == len(Net().parameters())


def test_slots_are_searched():
    """Parameters in `__slots__`, also of a packaged class, are found before those in other attributes."""

    class Line(Module):
        __slots__ = ("offset", "slope", "unset")

        def __init__(self):
            self.more, self.slope, self.offset = Value(3.0), Value(2.0), Value(1.0)

    class Wide(Layer):
        __slots__ = ("scale",)

    assert Line().state_dict() == {"offset": 1.0, "slope": 2.0, "more": 3.0}
    assert [p.data for p in Line().parameters()] == [1.0, 2.0, 3.0]
    wide = Wide(2, 2)
    wide.scale = Value(1.0)
    assert wide.parameters()[-1] is wide.scale
    assert copy.deepcopy(wide).state_dict() == wide.state_dict()


@pytest.mark.parametrize("thing", [Value(1.0), Layer(2, 2), [Value(1.0)], {"a": [Layer(1, 1)]}])
def test_parameters_of_a_class_are_refused(thing):
    """An attribute of a class belongs to all instances, so that training one would change the others."""
    with pytest.raises(TypeError, match=r"Shared\.thing is an attribute of the class, .* set it in __init__, as in self\.thing = \.\.\."):
        type("Shared", (Module,), {"thing": thing})


@pytest.mark.parametrize("name", ["modules", "parameters", "summary", "arrays"])
def test_an_attribute_does_not_hide_a_method(name):
    """Layers in an attribute called `modules` would take that method away; a method may be another callable."""
    net = Net()
    with pytest.raises(AttributeError, match=f"{name} is a method of every Module, which a list would hide: give the attribute"):
        setattr(net, name, [Layer(2, 2)])
    net.forward = lambda x: x
    assert net(3) == 3


def test_methods_of_ones_own_do_not_disturb_the_search():
    """A subclass may have methods called `parts` and `collect`."""

    class Collector(Layer):
        def parts(self):
            return 3

        def collect(self):
            return 4

    assert len(Collector(2, 2).parameters()) == len(Collector(2, 2).arrays()["weight"]) * 2 + 2


@pytest.mark.parametrize("kind, arguments", [(Neuron, (2,)), (Layer, (2, 3)), (Embedding, (2, 3)), (MLP, (2, [1]))])
def test_a_subclass_shows_its_own_name(kind, arguments):
    """repr names the class of an instance."""
    assert repr(type("Mine", (kind,), {})(*arguments)) == repr(kind(*arguments)).replace(kind.__name__, "Mine", 1)


def test_two_layers_do_not_share_names():
    """A state of two Layers holds both, though both call their weights alike."""

    class Two(Module):
        def __init__(self):
            self.a, self.b = Layer(2, 2, seed=1), Layer(2, 2, seed=2)

    one, other = Two(), Two()
    for parameter in other.parameters():
        parameter.data = 0.0
    other.load_state_dict(one.state_dict())
    assert [p.data for p in other.parameters()] == [p.data for p in one.parameters()]
    assert len(other.parameters()) == 12


def test_colliding_names_are_refused():
    """Two parameters that would have one name are an error where names are needed, and only there."""
    net = Net()
    net.more = {"a.b": Value(1.0), "a": {"b": Value(2.0)}}
    assert len(net.parameters()) == len(Net().parameters()) + 2
    with pytest.raises(ValueError, match=r"two parameters of Net have the name 'more\.a\.b'"):
        net.state_dict()
    net.more = {1: Value(1.0), "1": Value(2.0)}
    with pytest.raises(ValueError, match=r"the name 'more\.1'"):
        save(net, "never.json")


def test_summary_and_repr_count_the_parameters():
    """Each array has a line with its shape; frozen ones say so; a class without a repr of its own has one."""
    net = Net()
    net.table.freeze()
    lines = net.summary().splitlines()
    assert lines[1].split() == ["table.weight", "3", "×", "2", "6", "frozen"]
    assert lines[-1].split() == ["total", "19"]
    assert repr(net) == "Net(19 parameters)"


def test_numpy_arrays_are_a_state():
    """What has `tolist`, as arrays of NumPy and PyTorch do, is taken as numbers."""
    np = pytest.importorskip("numpy")
    net = Layer(2, 3, seed=1)
    net.load_state_dict({"weight": np.ones((3, 2)), "bias": np.zeros(3)})
    assert net.state_dict() == {"weight": [[1.0, 1.0]] * 3, "bias": [0.0] * 3}


def test_freezing_by_name():
    """A name freezes what begins with it; a shared parameter is frozen by any of its places; an unknown name is refused."""
    net = Net()
    assert len(net.freeze("blocks").parameters()) == 9
    assert len(net.frozen_parameters()) == 10
    assert len(net.unfreeze("blocks").parameters()) == 19
    net.again.freeze("bias")
    assert len(net.parameters()) == 17
    assert len(copy.deepcopy(net).parameters()) == 17
    assert len(net.unfreeze().parameters()) == 19
    with pytest.raises(ValueError, match=r"Net has no parameters named 'table\.bias', but table\.weight, "):
        net.freeze("table.bias")
    with pytest.raises(ValueError, match=r"no parameters named 'table\.wei'"):  # a name is a whole step of the path
        net.freeze("table.wei")


def test_freezing_again_freezes_more():
    """What was frozen stays so when another name is frozen; unfreezing one name leaves the other."""
    net = Net()
    table, blocks = len(net.freeze("table").frozen_parameters()), 10
    assert len(net.freeze("blocks").frozen_parameters()) == table + blocks
    assert len(net.unfreeze("table").frozen_parameters()) == blocks


# Files


@pytest.mark.parametrize("ending", [".safetensors", ".json"])
def test_any_module_is_brought_back_by_its_class(tmp_path, ending):
    """The file of a class of one's own fills another one of that class, to the last bit."""
    path, other = tmp_path / f"net{ending}", Net(seed=7)
    save(Net(), path)
    assert load(path, into=other) is other
    assert other.state_dict() == Net().state_dict()
    with pytest.raises(StorageError, match=r"it holds the parameters of a Net, which only its own class can build: give load\(path, into="):
        load(path)
    with pytest.raises(StorageError, match=r"the array weight, bias of Layer\(2, 2, 'tanh'\) is missing"):
        load(path, into=Layer(2, 2))


def test_a_subclass_of_mlp_is_not_brought_back_as_a_plain_one(tmp_path):
    """A network with an own `forward`, in its class or as an attribute, needs its class, or would compute something else."""

    class Skip(MLP):
        def forward(self, inputs):
            return super().forward(inputs)

    patched = MLP(2, [2, 1])
    patched.forward = lambda inputs: inputs[:1]
    mixed = MLP(2, [2, 1])
    mixed.layers[0].neurons[0].activation = "relu"
    biased = MLP(2, [2, 1])
    biased.layers[0] = Layer(2, 2, bias=False)
    for net in (Skip(2, [2, 1]), patched, mixed, biased):
        path = save(net, tmp_path / "net.json")
        with pytest.raises(StorageError, match="which only its own class can build"):
            load(path)
        for parameter in net.parameters():
            parameter.data = 0.25
        load(path, into=net)
        assert 0.25 not in [parameter.data for parameter in net.parameters()]


def test_parameters_that_no_attribute_holds_are_not_lost_in_silence(tmp_path):
    """An own `parameters()` that gives others than the attributes hold is refused when saving, by name."""

    class Hidden(Module):
        def __init__(self):
            self.find = lambda weight=Value(1.0, "w"): weight  # noqa: B008

        def parameters(self):
            return [self.find()]

    with pytest.raises(ValueError, match=r"1 parameters of Hidden would be lost, w: parameters\(\) gives them"):
        save(Hidden(), tmp_path / "net.json")
    assert list(tmp_path.iterdir()) == []


def test_single_values_and_shapes_are_in_the_file(tmp_path):
    """A number of its own is a number there, a table a list of rows."""
    content = json.loads(save(Net(), tmp_path / "net.json").read_text())
    assert content["parameters"]["blocks.0.scale"] == 0.5
    assert [len(row) for row in content["parameters"]["table.weight"]] == [2, 2, 2]


# Parts


def test_neurons_made_alike_are_different_neurons():
    """Without a seed each has numbers of its own, with one the same."""
    neurons = [Neuron(2) for _ in range(8)]
    assert len({neuron.weights[0].data for neuron in neurons}) == 8
    assert Layer(2, 2).state_dict() != Layer(2, 2).state_dict()
    assert Neuron(2, seed=3).state_dict() == Neuron(2, seed=3).state_dict()


def test_numpys_whole_numbers_are_sizes_and_seeds():
    """What counts as a whole number elsewhere does so here."""
    np = pytest.importorskip("numpy")
    one, other = MLP(np.int64(2), [np.int32(2), 1], seed=np.int64(3)), MLP(2, [2, 1], seed=3)
    assert one.state_dict() == other.state_dict()
    assert fit(one, [[0, 1]], [1], seed=np.int64(5), epochs=np.int8(2)).epochs == 2


def test_an_assigned_activation_is_computed_and_saved(tmp_path):
    """What a layer says of its activation is what it does, for all its neurons or for one."""
    net = MLP(2, [2, 1], seed=1)
    net.layers[0].activation = "relu"
    twin = MLP(2, [2, 1], "relu", seed=1)
    assert net([1.0, -2.0]).data == twin([1.0, -2.0]).data
    assert load(save(net, tmp_path / "net.json"))([1.0, -2.0]).data == twin([1.0, -2.0]).data
    net.layers[0].neurons[1].activation = "sin"
    assert net.layers[0].activation == "mixed"
    with pytest.raises(ValueError, match=r"activation must be one of identity, .*, got 'tahn'"):
        net.layers[0].activation = "tahn"


def test_a_layer_without_bias_is_a_weighted_sum():
    """bias=False leaves the dot alone."""
    layer = Layer(2, 2, "identity", bias=False, seed=1)
    assert [output.op.name for output in layer([1.0, 2.0])] == ["dot", "dot"]
    assert len(layer.parameters()) == 4
    assert Neuron(2, "identity", bias=False, seed=1)([0.0, 0.0]).data == 0.0


def test_an_embedding_picks_a_row():
    """A whole number, a Value that holds one and, recorded, an input like any other give the same numbers and gradients."""
    table = Embedding(4, 3, seed=1)
    assert table(2) is table.weight[2]
    assert table(Value(2.0)) is table.weight[2]
    token = Value(2.0)
    with recording():
        row = table(token)
    assert [value.data for value in row] == [value.data for value in table.weight[2]]
    FUNCTIONS["sum"](row).backward()
    assert [[w.grad for w in each] for each in table.weight] == [[0.0] * 3, [0.0] * 3, [1.0] * 3, [0.0] * 3]
    for wrong, error in ((4, ValueError), (-1, ValueError), (1.5, TypeError), (Value(1.5), TypeError), (True, TypeError)):
        with pytest.raises(error, match="a token must be"):
            table(wrong)
