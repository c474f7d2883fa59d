"""A network survives its file to the last bit, and a bad file does no harm."""

import json
import math
import subprocess
import sys

import pytest
import safetensors
from hypothesis import given, settings
from hypothesis import strategies as st

from autoback.nn.modules import ACTIVATIONS, MLP, Neuron
from autoback.nn.storage import StorageError, load, save

ENDINGS = (".safetensors", ".json")


@pytest.fixture(params=ENDINGS)
def path(request, tmp_path):
    """The name of a file of each kind."""
    return tmp_path / f"net{request.param}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One folder for all the examples of a property."""
    return tmp_path_factory.mktemp("storage")


def exact(net):
    """Every bit of the parameters, by name."""
    return [(name, parameter.data.hex()) for name, parameter in net.named_parameters()]


def rewrite(path, change):
    """Save a 2-2-1 network, apply `change` to the file's JSON, and write it back."""
    content = json.loads(save(MLP(2, [2, 1]), path).read_text())
    change(content)
    path.write_text(json.dumps(content))


def header_of(data):
    """The header of safetensors bytes, and the numbers after it."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def with_header(header, numbers):
    """Safetensors bytes with this header."""
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


shapes = st.tuples(st.integers(1, 4), st.lists(st.tuples(st.integers(1, 4), st.sampled_from(list(ACTIVATIONS))), min_size=1, max_size=3))


@pytest.mark.parametrize("ending", ENDINGS)
@given(shape=shapes, data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_network_survives_to_the_last_bit(folder, ending, shape, data):
    """Any sizes, any activations, any finite numbers, subnormal ones and -0.0 included, come back as they were."""
    n_inputs, layers = shape
    net = MLP(n_inputs, [size for size, _ in layers], activation=[name for _, name in layers])
    for parameter in net.parameters():
        parameter.data = data.draw(st.floats(allow_nan=False, allow_infinity=False))
    copy = load(save(net, folder / f"net{ending}"))
    assert exact(copy) == exact(net)
    assert copy.architecture() == net.architecture()


def test_loading_into_a_network_keeps_its_values(path):
    """The parameters of an existing network take over the numbers; they stay the same Values, so optimisers and graphs keep them."""
    saved, net = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
    before = net.parameters()
    assert load(save(saved, path), into=net) is net
    assert exact(net) == exact(saved)
    assert all(a is b for a, b in zip(net.parameters(), before, strict=True))


def test_equal_networks_are_equal_files(path):
    """The bytes depend on the network alone, so that files can be compared, in another process too."""
    data = save(MLP(2, [3, 1], seed=1), path).read_bytes()
    program = (
        "import sys; from autoback.nn.modules import MLP; from autoback.nn.storage import save; save(MLP(2, [3, 1], seed=1), sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    assert path.read_bytes() == data


def test_a_safetensors_file_can_be_read_without_autoback(tmp_path):
    """The arrays have the names and shapes other libraries expect: layers.K.weight of (outputs, inputs) and layers.K.bias."""
    net = MLP(3, [2, 1], seed=4)
    tensors = dict(safetensors.deserialize(save(net, tmp_path / "net.safetensors").read_bytes()))
    assert {name: (t["dtype"], t["shape"]) for name, t in tensors.items()} == {
        "layers.0.weight": ("F64", [2, 3]),
        "layers.0.bias": ("F64", [2]),
        "layers.1.weight": ("F64", [1, 2]),
        "layers.1.bias": ("F64", [1]),
    }


def test_a_json_file_can_be_read_by_people(tmp_path):
    """Each neuron's weights stand on a line of their own, and whole numbers written by hand are numbers too."""
    path = save(MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="zeros"), tmp_path / "net.json")
    assert "        [0.0, 0.0],\n        [0.0, 0.0]\n" in path.read_text()
    path.write_text(path.read_text().replace("[0.0, 0.0]", "[3, -4]"))
    assert [w.data for w in load(path).layers[0].neurons[1].weights] == [3.0, -4.0]


def test_another_ending_is_refused_before_anything_is_written(tmp_path):
    """The ending decides the format, so an unknown one is an error that lists those known."""
    for use in (lambda path: save(MLP(1, [1]), path), load):
        with pytest.raises(ValueError, match=r"must end in \.safetensors or \.json, got .*net\.pkl"):
            use(tmp_path / "net.pkl")
    assert list(tmp_path.iterdir()) == []


def test_only_modules_are_saved_and_filled(path):
    """What has no parameters is refused by its type, a module of other parameters by what is in the file."""
    with pytest.raises(TypeError, match="save stores a Module, such as an MLP, got a list"):
        save([], path)
    with pytest.raises(TypeError, match="load fills a Module, such as an MLP, got a list"):
        load(save(MLP(2, [1]), path), into=[])
    with pytest.raises(StorageError, match=r"the array weight, bias of Neuron\(2, 'tanh'\) is missing; it holds layers\.0"):
        load(save(MLP(2, [1]), path), into=Neuron(2))


def test_a_missing_file_is_an_ordinary_missing_file(path):
    """No file is Python's own FileNotFoundError."""
    with pytest.raises(FileNotFoundError):
        load(path)


def test_a_failed_save_leaves_the_old_file(path, monkeypatch):
    """When writing fails half-way the old network is still there, whole."""
    old = MLP(2, [1], seed=1)
    save(old, path)
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save(MLP(2, [1], seed=2), path)
    assert exact(load(path)) == exact(old)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("ending", ENDINGS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_an_error_or_a_network_but_never_half_of_one(folder, ending, data):
    """Truncated, lengthened or altered bytes raise StorageError and leave the network as it was, or are a whole network still."""
    path = save(MLP(2, [3, 1], seed=1), folder / f"damaged{ending}")
    content = bytearray(path.read_bytes())
    match data.draw(st.sampled_from(["cut", "grow", "alter"])):
        case "cut":
            content = content[: data.draw(st.integers(0, len(content) - 1))]
        case "grow":
            content += data.draw(st.binary(min_size=1, max_size=20))
        case "alter":
            for _ in range(data.draw(st.integers(1, 3))):
                content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    net = MLP(2, [3, 1], seed=2)
    before = exact(net)
    try:
        load(path, into=net)
    except StorageError:
        assert exact(net) == before
    else:
        assert all(math.isfinite(parameter.data) for parameter in net.parameters())
        assert exact(net) == exact(load(path))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("keep", [0, 7, 8, 60, -1])
def test_a_truncated_file_is_named_in_the_error(tmp_path, ending, keep):
    """Cut anywhere, the file's name and the damage are in the message."""
    path = save(MLP(2, [2, 1]), tmp_path / f"net{ending}")
    path.write_bytes(path.read_bytes().rstrip()[:keep])
    with pytest.raises(StorageError, match=r"cannot load .*net\.(safetensors: it is not a whole safetensors file|json: it is not JSON)"):
        load(path)


def test_an_enormous_file_is_not_read(path, monkeypatch):
    """Beyond the largest sensible size nothing is decoded."""
    save(MLP(2, [2, 1]), path)
    monkeypatch.setattr("autoback.nn.storage._LARGEST", 100)
    with pytest.raises(StorageError, match="at most 0 MiB, and this one is larger"):
        load(path)


@pytest.mark.parametrize("sizes", [[10**12], [10**8, 1], [1] * 10**5])
def test_a_small_file_cannot_ask_for_an_enormous_network(tmp_path, sizes, monkeypatch):
    """An architecture larger than the numbers in the file is refused before a network is built."""
    monkeypatch.setattr(MLP, "from_architecture", lambda architecture: pytest.fail("a network was built"))
    path = tmp_path / "net.json"
    rewrite(path, lambda content: content["architecture"].update(sizes=sizes, activations=["tanh"] * len(sizes)))
    with pytest.raises(StorageError):
        load(path)
    path = save(MLP(2, [2, 1]), tmp_path / "net.safetensors")
    header, numbers = header_of(path.read_bytes())
    about = json.loads(header["__metadata__"]["autoback"])
    about["architecture"]["sizes"] = sizes
    header["__metadata__"]["autoback"] = json.dumps(about)
    path.write_bytes(with_header(header, numbers))
    with pytest.raises(StorageError):
        load(path)


CHANGES = {
    "a NaN": (lambda c: c["layers"][0]["weights"][1].__setitem__(0, math.nan), r"layers\.0\.weight\.1: expected finite .* got nan"),
    "an infinity": (lambda c: c["layers"][1].update(biases=[math.inf]), r"layers\.1\.bias: expected finite numbers, got inf"),
    "a number too large": (lambda c: c["layers"][1].update(biases=[10**400]), r"layers\.1\.bias: expected finite numbers, got 1000"),
    "a string": (lambda c: c["layers"][1].update(biases=["0.5"]), "expected finite numbers, got '0.5'"),
    "a truth": (lambda c: c["layers"][1].update(biases=[True]), "expected finite numbers, got True"),
    "a row too short": (lambda c: c["layers"][0]["weights"][0].pop(), r"layers\.0\.weight\.0 must have 2 entries .*, got 1"),
    "a row too many": (lambda c: c["layers"][0]["weights"].append([0.0, 0.0]), r"layers\.0\.weight must have 2 entries .*, got 3"),
    "no biases": (lambda c: c["layers"][0].pop("biases"), r"the array layers\.0\.bias of its architecture is missing"),
    "a layer too few": (lambda c: c["layers"].pop(), r"the array layers\.1\.weight, layers\.1\.bias of its architecture is missing"),
    "layers of text": (lambda c: c.update(layers=["", ""]), "its layers are not a list of objects"),
    "no architecture": (lambda c: c.pop("architecture"), "it does not say what network it holds"),
    "a later format": (lambda c: c.update(format="autoback 2"), "its format is 'autoback 2', and this autoback reads 'autoback 1'"),
    "a size of 0": (lambda c: c["architecture"].update(sizes=[0, 1]), "no sizes of at least 1"),
    "a size of true": (lambda c: c["architecture"].update(n_inputs=True), "no sizes of at least 1"),
    "no sizes": (lambda c: c["architecture"].update(sizes=[]), "no sizes of at least 1"),
    "an architecture of text": (lambda c: c.update(architecture="2-2-1"), "no sizes of at least 1"),
    "an unknown activation": (lambda c: c["architecture"].update(activations=["tanh", "eval"]), "activation must be .* got 'eval'"),
    "an activation too few": (lambda c: c["architecture"].update(activations=["tanh"]), "one for each of the 2 layers, got 1"),
    "an unknown key": (lambda c: c["architecture"].update(seed=1), "an architecture has the keys"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), CHANGES.values(), ids=CHANGES)
def test_a_wrong_file_is_told_what_is_wrong(tmp_path, change, message):
    """Whatever is wrong is named with its place, and the network that should take it over is untouched."""
    path, net = tmp_path / "net.json", MLP(2, [2, 1], seed=3)
    rewrite(path, change)
    before = exact(net)
    with pytest.raises(StorageError, match=rf"cannot load .*net\.json: .*{message}"):
        load(path, into=net)
    assert exact(net) == before


HOSTILE = {
    "nested beyond measure": (b"[" * 10**6, "it is not JSON"),
    "not UTF-8": (b"\xff\xfe\x00", "it is not JSON"),
    "a list": (b"[1, 2]", "its JSON is not an object"),
    "null": (b"null", "its JSON is not an object"),
    "a pickle": (b"\x80\x04\x95.", "it is not JSON"),
}


@pytest.mark.parametrize(("content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_json_file_is_refused(tmp_path, content, message):
    """What is no JSON object, or JSON meant to exhaust the reader, is an ordinary error."""
    path = tmp_path / "net.json"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=message):
        load(path)


def test_a_wrong_safetensors_file_is_told_what_is_wrong(tmp_path):
    """A missing array, another shape, another type, an array too many and a NaN are named."""
    path, net = tmp_path / "net.safetensors", MLP(2, [2, 1], seed=3)
    before = exact(net)
    good, numbers = header_of(save(MLP(2, [2, 1]), path).read_bytes())

    def expect(message, content):
        path.write_bytes(content)
        with pytest.raises(StorageError, match=message):
            load(path, into=net)
        assert exact(net) == before

    def array(name, **change):
        return with_header(good | {name: good[name] | change}, numbers)

    renamed = {("layers.9.bias" if name == "layers.1.bias" else name): entry for name, entry in good.items()}
    expect(r"the array layers\.1\.bias of its architecture is missing", with_header(renamed, numbers))
    expect(r"layers\.0\.weight must have 2 entries \(the whole array has the shape \[2, 2\]\), got 4", array("layers.0.weight", shape=[4]))
    expect(r"got I64 in \[2, 2\]", array("layers.0.weight", dtype="I64"))
    extra = {"extra": {"dtype": "F64", "shape": [1], "data_offsets": [len(numbers), len(numbers) + 8]}}
    expect("an array that belongs to nothing in its architecture: 'extra'", with_header(good | extra, numbers + bytes(8)))
    expect("expected finite numbers, got nan", with_header(good, b"\xff" * len(numbers)))
    expect("it does not say what network it holds", with_header({**good, "__metadata__": {}}, numbers))
    expect("it does not say what network it holds", with_header({k: v for k, v in good.items() if k != "__metadata__"}, numbers))
    expect("not a whole safetensors file", array("layers.0.weight", data_offsets=[0, 10**15]))
    expect("not a whole safetensors file", (2**62).to_bytes(8, "little") + b"{}")


@pytest.mark.parametrize("other", [MLP(2, [3, 1]), MLP(3, [2, 1]), MLP(2, [2, 1], "relu")])
def test_the_file_of_another_network_is_refused(path, other):
    """Other sizes, or the same sizes with another activation, are not loaded into a network."""
    net = MLP(2, [2, 1], seed=3)
    before = exact(net)
    save(other, path)
    with pytest.raises(StorageError, match=r"it holds MLP\(.*, not MLP\(2, \[2, 1\], activation='tanh'\); load it without `into`"):
        load(path, into=net)
    assert exact(net) == before


def test_a_parameter_that_is_not_finite_is_not_saved(path):
    """No file would hold it that could be loaded again, so the old file stays."""
    net = MLP(2, [2, 1])
    save(net, path)
    before = path.read_bytes()
    net.layers[0].neurons[1].bias._number = math.inf  # past the property, which refuses it
    with pytest.raises(ValueError, match="b⁽¹⁾₂ is inf"):
        save(net, path)
    assert path.read_bytes() == before
