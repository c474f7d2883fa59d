"""The playground as a text, and its arithmetic in node; test_browser_playground drives it in Chromium."""

import json
import math
import random
import re
import shutil
import subprocess
from base64 import b64decode
from contextlib import nullcontext
from functools import cache
from typing import Any
from zlib import decompress

import pytest

from autoback import Value
from autoback.nn import datasets
from autoback.nn.datasets import XOR, two_moons, yin_yang
from autoback.nn.losses import LOSSES
from autoback.nn.modules import MLP
from autoback.nn.optimizers import SGD, Adam, AdamW, RMSProp
from autoback.nn.storage import load, save
from autoback.nn.training import fit
from autoback.view.lesson import lesson
from autoback.view.playground.playground import SETS, _engine, playground
from autoback.view.playground.programs import loss, programs

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no node on the PATH; test_browser_playground trains in Chromium")
SIGNS = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1.0, 1.0, 1.0, -1.0])
MOONS = two_moons(20)
YIN = yin_yang(30)


def data_of(html: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.S)[1])


def script_of(html: str) -> str:
    return decompress(b64decode(re.search(r'id="packed">(.*?)</script>', html, re.S)[1])).decode()


def engine_of(html: str) -> str:
    """The part of a page's script that computes."""
    return script_of(html).partition("const SUPERSCRIPTS")[0].partition("// A graph of numbers")[0].removeprefix("(() => {\n")


def in_node(code: str) -> Any:
    done = subprocess.run([NODE, "-"], input=code, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@cache
def own_engine() -> str:
    return _engine({name: loss(row) for name, row in LOSSES.items()})


def asked(expression: str, engine: str = "") -> Any:
    """What an expression of the engine is."""
    return in_node((engine or own_engine()) + f"console.log(JSON.stringify({expression}))")


def trained(html: str, epochs: int, **changes: Any) -> dict:
    """Losses and parameters after some epochs of the page's own trainer, with a few fields of its state changed."""
    state = {**data_of(html)["state"], **changes}
    return asked(
        f"(() => {{ const state = checked({json.dumps(changes)}, {json.dumps(state)}).state;"
        "const trainer = new Trainer(jobOf(state, samplesOf(state)));"
        f"const {{ losses, validationLosses, diverged, parameters, cost }} = trainer.advance({{ epochs: {epochs} }});"
        "return { losses, validationLosses, diverged, parameters: Array.from(parameters), cost }; })()",
        engine_of(html),
    )


def close(mine: Any, other: Any) -> bool:
    return len(mine) == len(other) and all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(mine, other, strict=True))


@needs_node
@pytest.mark.parametrize(
    ("net", "inputs", "targets", "loss", "changes", "settings"),
    [
        (MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69), *XOR, "squared_error", {}, {}),
        (MLP(2, [4, 4, 1], "tanh", seed=3), *XOR, "binary_cross_entropy", {"optimizer": "adam"}, {"optimizer": Adam(rate=0.5)}),
        (MLP(2, [5, 1], "relu", seed=5), *SIGNS, "hinge", {"l2": 0.01}, {"penalty": 0.01}),
        (MLP(2, [3, 3, 1], ["leaky_relu", "softplus", "sin"], seed=7), *MOONS, "absolute_error", {"batch": 8}, {"batch_size": 8}),
        (MLP(2, [4, 1], "gelu", seed=1), *MOONS, "squared_error", {"optimizer": "nesterov"}, {"optimizer": SGD(0.5, 0.9, nesterov=True)}),
        (MLP(2, [4, 1], "elu", seed=1), *MOONS, "binary_cross_entropy", {"optimizer": "rmsprop"}, {"optimizer": RMSProp(0.5)}),
        (
            MLP(2, [4, 3], "silu", seed=2), *YIN, "cross_entropy",
            {"optimizer": "adamw", "batch": 7}, {"optimizer": AdamW(0.5), "batch_size": 7},
        ),
        (MLP(2, [4, 3], "tanh", "sigmoid", seed=2), *YIN, "squared_error", {"optimizer": "momentum"}, {"optimizer": SGD(0.5, 0.9)}),
        (MLP(2, [3, 2], "tanh", seed=2), MOONS.inputs, [int(y) for [y] in MOONS.targets], "cross_entropy", {}, {}),
        (MLP(2, [3, 1], "tanh", seed=2), MOONS.inputs, [x * y for x, y in MOONS.inputs], "squared_error", {}, {}),
    ],
)  # fmt: skip
def test_a_hundred_epochs_are_python_s(net: MLP, inputs: Any, targets: Any, loss: str, changes: dict, settings: dict) -> None:
    """A hundred epochs on the page and in `fit` give the same losses and weights to 1e-12."""
    page = playground(net, inputs=inputs, targets=targets, loss=loss, rate=0.05)
    if "optimizer" in settings:
        settings["optimizer"].rate = 0.05
    got = trained(page.html, 100, **changes)
    history = fit(net, inputs, targets, loss=loss, **{"optimizer": SGD(rate=0.05), **settings}, epochs=100)
    assert close(list(history.losses), got["losses"])
    assert close([parameter.data for parameter in net.parameters()], got["parameters"])


@needs_node
def test_held_out_samples_have_the_cost_that_fit_calls_validation() -> None:
    """The split is that of `Dataset.split`, the curve that of `validation_losses`."""
    net = MLP(2, [4, 1], "tanh", seed=3)
    got = trained(playground(net, inputs=MOONS.inputs, targets=MOONS.targets, rate=0.1).html, 30, held=0.25, dataSeed=4)
    data, held = MOONS.split(0.25, 4)
    history = fit(net, *data, validation=tuple(held), optimizer=SGD(rate=0.1), epochs=30)
    assert close(list(history.losses), got["losses"])
    assert close(history.validation_losses, got["validationLosses"])


@needs_node
def test_random_numbers_are_python_s() -> None:
    """Uniform and normal draws and shuffles of a seed are those of `random.Random`, also of seeds of several words."""
    seeds = [0, 1, 69, 2**32 - 1, 2**32, 2**53 - 1]
    got = asked(
        f"{seeds}.map((seed) => {{ const random = new Random(seed); return [Array.from({{length: 700}}, () => random.random()),"
        " Array.from({length: 7}, () => random.gauss()), random.shuffle(Array.from({length: 100}, (_, k) => k))]; })"
    )
    for seed, (uniform, normal, order) in zip(seeds, got, strict=True):
        mine = random.Random(seed)
        assert uniform == [mine.random() for _ in range(700)]
        assert close([mine.gauss(0.0, 1.0) for _ in range(7)], normal)
        expected = list(range(100))
        mine.shuffle(expected)
        assert order == expected


@needs_node
@pytest.mark.parametrize("count", [4, 5, 200])
def test_the_sets_are_python_s(count: int) -> None:
    """Moons, circles, spirals and yin-yang have the points of `autoback.datasets`, with noise and without."""
    made = {"moons": datasets.two_moons, "circles": datasets.circles, "spirals": datasets.spirals, "yin-yang": datasets.yin_yang}
    for name, make in made.items():
        for noise in (0.0, 0.2):
            got = asked(f"SETS['{name}'].points({count}, {noise}, new Random(7))")
            data = make(count, noise=noise, seed=7)
            assert close([x for row in data.inputs for x in row], [x for point in got for x in point[:2]])
            assert [point[2] for point in got] == [row.index(1.0) if len(row) > 1 else int(row[0]) for row in data.targets]
    assert [tuple(point[:2]) for point in asked("SETS.xor.points()")] == list(XOR.inputs)


@needs_node
@pytest.mark.parametrize(("sizes", "seed"), [([2, 1], 0), ([16, 16, 1], 1), ([8, 3], 12345), ([1], 2**32 - 1)])
def test_first_weights_are_python_s(sizes: list[int], seed: int) -> None:
    """A seed gives the weights of `MLP(2, sizes, seed=seed)`, every digit."""
    numbers = [parameter.data for parameter in MLP(2, sizes, seed=seed).parameters()]
    assert asked(f"Array.from(firstParameters({[2, *sizes]}, {seed}))") == numbers


@needs_node
def test_steps_of_any_size_come_to_the_same() -> None:
    """Samples, batches and epochs mixed lead to the same numbers as epochs alone."""
    changes = {"set": "moons", "points": 20, "hidden": [3], "batch": 6, "optimizer": "adam", "l2": 0.01}
    page = playground(MLP(2, [3, 1]))
    first = data_of(page.html)["state"]
    epochs, steps, same = asked(
        f"(() => {{ const state = checked({json.dumps(changes)}, {json.dumps(first)}).state, job = jobOf(state, samplesOf(state));"
        "const mixed = new Trainer(job), plain = new Trainer(job);"
        "for (const much of [{ samples: 3 }, { batches: 2 }, { samples: 5 }, { epochs: 3 }]) mixed.advance(much);"
        "const a = mixed.report(), b = plain.advance({ epochs: a.epoch });"
        "return [a.epoch, [a.step, b.step], a.cost === b.cost && a.parameters.every((x, k) => x === b.parameters[k])]; })()",
        engine_of(page.html),
    )
    assert (epochs, steps, same) == (3, [12, 12], True)


@needs_node
def test_without_a_rate_the_classic_network_learns_xor_within_a_lesson() -> None:
    """The 2-2-1 sigmoid network starts at rate 10, another at 0.5; at these, XOR is learned in 300 epochs."""
    for net in (MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69), MLP(2, [4, 1], "tanh", "tanh", seed=1)):
        assert trained(playground(net).html, 300)["cost"] < 0.02


@needs_node
def test_a_rate_that_is_too_large_stops_and_keeps_the_last_good_numbers() -> None:
    """Numbers beyond all bounds never reach the picture."""
    got = trained(playground(MLP(2, [3, 1], "identity", seed=1), rate=1e200).html, 50)
    assert got["diverged"] and len(got["losses"]) < 10
    assert all(map(math.isfinite, [*got["losses"], *got["parameters"], got["cost"]]))


@needs_node
def test_an_epoch_whose_step_is_taken_back_is_not_counted() -> None:
    """As often as such an epoch is tried, the count of epochs, their losses and the numbers stay as they are."""
    page = playground(MLP(2, [3, 1], "identity", seed=1), rate=1e200).html
    reports = asked(
        f"(() => {{ const state = {json.dumps(data_of(page)['state'])}, trainer = new Trainer(jobOf(state, samplesOf(state)));"
        "return [1, 2, 3, 4].map(() => trainer.advance({ epochs: 1 })).map(({ epoch, step, losses, parameters, diverged }) =>"
        " ({ epoch, step, losses, diverged, parameters: Array.from(parameters) })); })()",
        engine_of(page),
    )
    assert all(report["diverged"] and not report["losses"] for report in reports)
    assert {(report["epoch"], report["step"], *report["parameters"]) for report in reports} == {(0, 0, *reports[0]["parameters"])}


def test_the_network_itself_is_left_alone() -> None:
    """Making a page neither trains the network nor gives it gradients."""
    net = MLP(2, [2, 1], "tanh", "tanh", seed=4)
    before = net.state_dict()
    lesson(net)
    assert net.state_dict() == before
    assert all(parameter.grad is None for parameter in net.parameters())


def test_the_page_begins_with_the_network_and_its_data() -> None:
    """Weights, sizes, activations and samples of the page are the network's and the data's."""
    net = MLP(2, [2, 1], "tanh", "tanh", seed=4)
    state = data_of(lesson(net).html)["state"]
    assert state["weights"] == [parameter.data for parameter in net.parameters()]
    assert (state["hidden"], state["outputs"], state["activations"]) == ([2], 1, ["tanh", "tanh"])
    assert state["own"] == [[*x, *y] for x, y in zip(XOR.inputs, XOR.targets, strict=True)]


@pytest.mark.parametrize(
    ("outputs", "targets", "points", "ends", "regression"),
    [
        (1, [-1, 1, 1, -1], [0, 1, 1, 0], [-1.0, 1.0], False),
        (1, [0, 0, 0, 0], [0, 0, 0, 0], [0.0, 1.0], False),
        (1, [1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0], [0.0, 1.0], True),
        (3, [[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0]], [1, 0, 2, 0], [0.0, 1.0], False),
    ],
)
def test_targets_become_classes_or_stay_numbers(outputs: int, targets: list, points: list, ends: list, regression: bool) -> None:
    """Two different numbers are a no and a yes, more are numbers to learn; of several outputs a row names a class."""
    state = data_of(playground(MLP(2, [outputs]), inputs=XOR.inputs, targets=targets).html)["state"]
    assert ([point[2] for point in state["own"]], state["ends"], state["regression"]) == (points, ends, regression)


@needs_node
@pytest.mark.parametrize(
    ("data", "outputs", "loss"), [("moons", 1, "hinge"), ("circles", 2, "squared_error"), ("yin-yang", 3, "cross_entropy")]
)
def test_a_set_by_name_is_that_of_the_package(data: str, outputs: int, loss: str) -> None:
    """The page draws the set itself, and its samples are those of `autoback.datasets`."""
    state = data_of(playground(MLP(2, [outputs]), data=data, loss=loss).html)["state"]
    assert (state["set"], state["own"]) == (data, [])
    made, noise, _ = SETS[data]
    inputs = asked(f"Array.from(samplesOf({json.dumps(state)}).inputs)")
    assert close([x for row in made(200, noise=noise).inputs for x in row], inputs)


def test_an_unknown_set_is_refused() -> None:
    """The error names the sets there are."""
    with pytest.raises(ValueError, match="data must be one of moons, circles, spirals, yin-yang"):
        playground(MLP(2, [1]), data="square")


def test_the_page_is_below_150_kilobytes() -> None:
    """Also the playground travels light."""
    assert len(lesson(MLP(2, [2, 1], "tanh", "tanh")).html.encode()) < 150_000


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"net": Value(1.0)}, TypeError, "got a Value"),
        ({"net": MLP(3, [2, 1])}, ValueError, "2 inputs and 1 to 3 outputs, got 3 and 1"),
        ({"net": MLP(2, [2, 4])}, ValueError, "got 2 and 4"),
        ({"net": MLP(2, [300, 1])}, ValueError, "at most 1000 parameters, this network has 1201"),
        ({"net": MLP(2, [1]), "rate": 0.0}, ValueError, "rate must be a positive number, got 0.0"),
        ({"net": MLP(2, [1]), "inputs": [[0, 1]] * 501, "targets": [0] * 501}, ValueError, "at most 500 samples, got 501"),
        ({"net": MLP(2, [1]), "inputs": [[0, 1, 2]], "targets": [0]}, ValueError, r"inputs\[0\] must be a row of 2 numbers, got 3"),
        ({"net": MLP(2, [1]), "loss": "mse"}, ValueError, "loss must be one of squared_error"),
        ({"net": MLP(2, [2]), "inputs": [[0, 1]], "targets": [[1, 1]]}, ValueError, r"targets\[0\] must name one class"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(arguments: dict, error: type[Exception], message: str) -> None:
    """Each refusal says what was expected and what came."""
    with pytest.raises(error, match=message):
        playground(**arguments)


def test_a_network_with_other_code_is_refused() -> None:
    """What the page could not repeat it does not show."""

    class Own(MLP):
        def forward(self, inputs: Any) -> Any:
            return super().forward([x * 2.0 for x in inputs])

    mixed = MLP(2, [2, 1])
    mixed.layers[0].neurons[0].activation = "relu"
    for net in (Own(2, [1]), mixed):
        with pytest.raises(ValueError, match="takes a plain MLP"):
            playground(net)


def test_a_lesson_of_anything_else_is_refused() -> None:
    """Neither a number nor a string can be taught."""
    with pytest.raises(TypeError, match="a lesson is about a Value, or about an MLP that learns, got a str"):
        lesson("x")


@needs_node
def test_a_custom_loss_trains_too() -> None:
    """Any loss that can be recorded is written into the page."""

    def fourth(output: Any, target: Any) -> Value:
        return (output - target) ** 4

    net = MLP(2, [3, 1], seed=1)
    got = trained(playground(net, loss=fourth, rate=0.1).html, 20)
    assert close(list(fit(net, *XOR, loss=fourth, optimizer=SGD(rate=0.1), epochs=20).losses), got["losses"])


# Links and files


@needs_node
def test_a_link_carries_every_field() -> None:
    """What is written behind the # is read back, numbers to the last bit; only what differs is written."""
    first = data_of(playground(MLP(2, [2, 1])).html)["state"]
    other = {
        "set": "own", "points": 50, "noise": 0.25, "dataSeed": 9, "held": 0.2, "optimizer": "adam", "batch": 3, "l2": 0.001, "seed": 5,
        "ends": [-1.0, 1.0], "regression": False, "hidden": [3, 1], "outputs": 3, "activations": ["relu", "leaky_relu", "identity"],
        "loss": "hinge", "rate": 0.1 + 0.2, "own": [[0.1, -1e-300, 2], [1 / 3, 7.0, 0]], "weights": [k / 7 - 1 for k in range(19)],
    }  # fmt: skip
    assert asked(f"toHash({json.dumps(first)}, {json.dumps(first)})") == ""
    back = asked(f"checked(fromHash('#' + toHash({json.dumps(other)}, {json.dumps(first)})), {json.dumps(first)})")
    assert back == {"state": other, "troubles": []}


@needs_node
@pytest.mark.parametrize(
    ("loss", "fitting"), [("binary_cross_entropy", False), ("cross_entropy", False), ("hinge", False), ("absolute_error", True)]
)
def test_numbers_to_learn_get_a_loss_that_takes_them(loss: str, fitting: bool) -> None:
    """Where `fit` would refuse the targets the page takes another loss, and says so."""
    first = data_of(playground(MLP(2, [2, 1])).html)["state"]
    given = {"set": "own", "own": [[0, 0, -0.5], [1, 1, 2]], "regression": True, "loss": loss}
    got = asked(f"checked({json.dumps(given)}, {json.dumps(first)})")
    assert [got["state"]["loss"] == loss, got["troubles"] == []] == [fitting, fitting]
    with nullcontext() if fitting else pytest.raises(ValueError):
        fit(MLP(2, [1]), [[0, 0], [1, 1]], [-0.5, 2] if loss != "cross_entropy" else [[-0.5], [2]], loss=loss, epochs=0)


@needs_node
def test_numbers_to_learn_stay_numbers_when_other_data_were_chosen_between() -> None:
    """Points whose last number is the name of no class are numbers to learn, whatever the state says of them."""
    first = data_of(playground(MLP(2, [2, 1])).html)["state"]
    own = [[0, 0, 0.5], [1, 1, 7]]
    states = f"const moons = checked({json.dumps({'set': 'moons', 'own': own, 'regression': True})}, {json.dumps(first)}).state;"
    back = asked(f"(() => {{ {states} return [moons, checked({{ set: 'own' }}, moons).state]; }})()")
    assert [(state["set"], state["regression"], state["own"]) for state in back] == [("moons", False, own), ("own", True, own)]
    targets = asked(f"(() => {{ {states} return Array.from(samplesOf(checked({{ set: 'own' }}, moons).state).targets); }})()")
    assert targets == [0.5, 7]


@needs_node
@pytest.mark.parametrize("layers", [2_000, 100_000])
def test_a_link_or_file_with_far_too_many_numbers_is_refused(layers: int) -> None:
    """It takes time in proportion to its length, and the state stays as it was."""
    first = data_of(playground(MLP(2, [2, 1])).html)["state"]
    got = asked(f"checked(fromHash('#hidden=' + Array({layers}).fill(1).join('-')), {json.dumps(first)})")
    assert [trouble[0] for trouble in got["troubles"]] == ["state.large"] and got["state"]["hidden"] == [2]
    wide = (
        f"const n = {layers}, architecture = {{ n_inputs: 2, sizes: [n, 1], activations: ['tanh', 'tanh'] }};"
        "const layers = [{ weights: Array(n).fill([1, 2]), biases: Array(n).fill(0) }, { weights: [Array(n).fill(1)], biases: [0] }];"
        "const file = { format: 'autoback 1', architecture, layers };"
    )
    got = asked(f"(() => {{ {wide} return checked(fromFile(JSON.stringify(file)), {json.dumps(first)}); }})()")
    assert [trouble[0] for trouble in got["troubles"]] == ["state.large", "state.weights"] and got["state"]["hidden"] == [2]


@needs_node
@pytest.mark.parametrize(
    ("link", "key", "name"),
    [
        ("rate=0", "state.bad", "rate"),
        ("rate=nonsense", "state.bad", "rate"),
        ("hidden=4-0", "state.bad", "hidden"),
        ("activations=tanh-nonsense", "state.bad", "activations"),
        ("weights=%%%", "state.bad", "weights"),
        ("own=AAAA", "state.bad", "own"),
        ("seed=-1", "state.bad", "seed"),
        ("loss=__proto__", "state.bad", "loss"),
        ("colour=blue", "state.unknown", "colour"),
        ("constructor=1", "state.unknown", "constructor"),
        ("activations=constructor-tanh", "state.bad", "activations"),
        ("hidden=64-64", "state.large", None),
        ("weights=AAAAAAAAAAA", "state.weights", None),
    ],
)
def test_a_bad_link_is_named_and_the_rest_holds(link: str, key: str, name: str | None) -> None:
    """A field that is no good stays as it was, and a sentence says which."""
    first = data_of(playground(MLP(2, [2, 1])).html)["state"]
    got = asked(f"checked(fromHash('#{link}&noise=0.5'), {json.dumps(first)})")
    assert [trouble[0] for trouble in got["troubles"]] == [key]
    assert name is None or got["troubles"][0][1]["name"] == name
    assert got["state"]["noise"] == 0.5 and got["state"]["hidden"] == [2]


@needs_node
@pytest.mark.parametrize("sizes", [[100, 1], [3] * 12 + [1]])
def test_a_wide_or_deep_network_stays_as_it_is(sizes: list[int]) -> None:
    """Whatever network Python gives to the page, the page goes on with it when something else is changed."""
    first = data_of(playground(MLP(2, sizes)).html)["state"]
    assert asked(f"checked({json.dumps(first | {'noise': 0.5})}, {json.dumps(first)})") == {"state": first | {"noise": 0.5}, "troubles": []}


MODEL = "(() => { const model = new Model(sizesOf(state), state.activations); model.parameters.set(state.weights); return model; })()"


@needs_node
def test_python_loads_what_the_page_saves(tmp_path: Any) -> None:
    """`load` reads the page's file, every weight to the last bit."""
    net = MLP(2, [3, 2], ["relu", "identity"], seed=8)
    state = data_of(playground(net, inputs=XOR.inputs, targets=[0, 1, 1, 0], loss="cross_entropy").html)["state"]
    path = tmp_path / "playground.json"
    path.write_text(asked(f"(() => {{ const state = {json.dumps(state)}; return toFile(state, {MODEL}); }})()"), encoding="utf-8")
    back = load(path)
    assert (back.state_dict(), back.activations) == (net.state_dict(), net.activations)


@needs_node
def test_the_page_opens_what_python_saves(tmp_path: Any) -> None:
    """A network that `save` wrote as JSON comes with sizes, activations and weights; what else the page has stays."""
    net = MLP(2, [3, 1], ["relu", "sigmoid"], seed=8)
    text = save(net, tmp_path / "net.json").read_text(encoding="utf-8")
    first = data_of(playground(MLP(2, [2, 1])).html)["state"]
    got = asked(f"checked(fromFile({json.dumps(text)}), {json.dumps(first)})")
    assert got["troubles"] == []
    assert got["state"] == {**first, "hidden": [3], "activations": ["relu", "sigmoid"], "weights": [p.data for p in net.parameters()]}


@needs_node
def test_the_page_s_own_file_brings_everything_back() -> None:
    """Data, network and training of a saved playground are all there again."""
    net = MLP(2, [3, 1], seed=8)
    first = data_of(playground(MLP(2, [2, 1])).html)["state"]
    state = {**data_of(playground(net).html)["state"], "set": "circles", "rate": 0.25, "optimizer": "adam", "held": 0.2}
    got = asked(
        f"(() => {{ const state = {json.dumps(state)}; return checked(fromFile(toFile(state, {MODEL})), {json.dumps(first)}); }})()"
    )
    assert got == {"state": state, "troubles": []}


@needs_node
@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("nonsense", "file.json"),
        ("null", "file.format"),
        ('{"format": ' + "[" * 20000 + "]" * 20000 + "}", "file.format"),
        ('{"format": "autoback 9"}', "file.format"),
        ('{"format": "autoback 1", "module": "Own", "parameters": {}}', "file.architecture"),
        ('{"format": "autoback 1", "architecture": {"n_inputs": 3, "sizes": [1], "activations": ["tanh"]}}', "file.shape"),
        ('{"format": "autoback 1", "architecture": {"n_inputs": 2, "sizes": [1], "activations": ["step"]}}', "file.activation"),
        ('{"format": "autoback 1", "architecture": {"n_inputs": 2, "sizes": [1], "activations": ["tanh"]}, "layers": []}', "file.layer"),
        (
            '{"format": "autoback 1", "architecture": {"n_inputs": 2, "sizes": [1], "activations": ["tanh"]},'
            ' "layers": [{"weights": [[1, null]], "biases": [0]}]}',
            "file.numbers",
        ),
    ],
)
def test_a_bad_file_is_named(content: str, key: str) -> None:
    """Each thing that can be wrong with a file has its sentence."""
    assert asked(f"(() => {{ try {{ fromFile({json.dumps(content)}); }} catch (trouble) {{ return trouble[0]; }} }})()") == key


@needs_node
@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_the_weights_as_python_run(loss: str, capsys: Any) -> None:
    """The copied code makes the network, and prints the cost that the page shows."""
    net = MLP(2, [3, 2], ["relu", "identity"], seed=8)
    targets = [0, 1, 1, 0] if loss == "cross_entropy" else [[1, 0], [0, 1], [0, 1], [1, 0]]
    page = playground(net, inputs=XOR.inputs, targets=targets, loss=loss)
    state = {**data_of(page.html)["state"], "optimizer": "momentum", "batch": 2, "l2": 0.5}
    code, cost = asked(
        f"(() => {{ const state = {json.dumps(state)}, job = jobOf({{ ...state, l2: 0 }}, samplesOf(state));"
        f"return [toPython(state, {MODEL}), new Trainer(job).report().cost]; }})()"
    )
    code = code.replace("# fit(", "history = fit(")
    made: dict[str, Any] = {}
    exec(code, made)
    assert float(capsys.readouterr().out) == pytest.approx(cost, rel=1e-12)
    assert made["history"].epochs == 100


@needs_node
@pytest.mark.parametrize(
    ("pasted", "own", "regression"),
    [
        ("0,0,0\n1,0.5,1\n", [[0, 0, 0], [1, 0.5, 1]], False),
        ("x1;x2;kind\n0,5;-1,25;red\n1;1;blue\n", [[0.5, -1.25, 1], [1, 1, 0]], False),
        ("0 0 1\n\n# a comment\n1\t0\t2", [[0, 0, 1], [1, 0, 2]], False),
        ("0\t0\t1\r\n1\t0\t-1\r\n", [[0, 0, 1], [1, 0, 0]], False),
        ("\n".join(f"{k},0,{k / 10}" for k in range(4)), [[k, 0, k / 10] for k in range(4)], True),
    ],
)
def test_points_are_read_from_text(pasted: str, own: list, regression: bool) -> None:
    """Commas, semicolons with decimal commas, tabs or blanks; classes by number or name; or numbers to learn."""
    assert asked(f"parsePoints({json.dumps(pasted)})") == {"own": own, "regression": regression}


@needs_node
@pytest.mark.parametrize(
    ("pasted", "key"),
    [
        ("", "paste.empty"),
        ("# nothing", "paste.empty"),
        ("0,0", "paste.line"),
        ("0,0,1\n0,x,1", "paste.line"),
        ("0,0,a\n0,0,b\n0,0,c\n0,0,d", "paste.classes"),
        ("0,0,1\n" * 501, "paste.many"),
    ],
)
def test_pasted_text_that_is_no_points_is_named(pasted: str, key: str) -> None:
    """Nothing is taken over in silence, nor dropped."""
    assert asked(f"(() => {{ try {{ parsePoints({json.dumps(pasted)}); }} catch (trouble) {{ return trouble[0]; }} }})()") == key


def test_no_rule_is_written_by_hand() -> None:
    """Activations, losses, optimisers and the penalty of the page are all made from the package's own."""
    text = programs({name: loss(row) for name, row in LOSSES.items()})
    for constant in ("ACTIVATIONS", "LOSSES", "OPTIMIZERS", "PENALTY"):
        assert f"const {constant} = " in text
