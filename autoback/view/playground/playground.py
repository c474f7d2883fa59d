"""The playground: a page on which a network learns in the browser, with the numbers `fit` would give."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any, NamedTuple

from autoback.engine.operations import OPERATIONS
from autoback.engine.value import Value
from autoback.nn.activations import ACTIVATIONS
from autoback.nn.alarms import ALARMS, FLAT, GOOD_RATIO, MISFITS, SWEPT, WRONG
from autoback.nn.arguments import choose
from autoback.nn.data import Samples
from autoback.nn.datasets import XOR, Dataset, circles, one_hot, spirals, two_moons, yin_yang
from autoback.nn.losses import LOSSES, Loss, interval, row_for
from autoback.nn.module import is_packaged
from autoback.nn.modules import MLP
from autoback.nn.storage import FORMAT
from autoback.text import clean
from autoback.view.network import GEOMETRY, Network
from autoback.view.pages.javascript import RUNTIME
from autoback.view.pages.page import Page, assemble, read, scripted, texts
from autoback.view.playground.programs import loss as written
from autoback.view.playground.programs import programs

__all__ = ["SETS", "playground"]

#: What the page holds: beyond so many parameters and points a browser could not keep up with the hand; the buttons add
#: hidden layers, and neurons in each, up to so many; seeds are whole numbers up to this one.
LIMITS = {"parameters": 1000, "points": 500, "layers": 4, "neurons": 16, "seed": 2**32 - 1}

#: What computes, in the page and in its worker; knows nothing of the page.
_ENGINE = ("random.js", "sets.js", "model.js", "trainer.js", "state.js", "files.js")
#: What the page takes from it.
_NAMES = (
    "ACTIVATIONS, LOSSES, OPTIMIZERS, SETS, LIMITS, FIELDS, Random, Model, Trainer, answering, firstParameters, checked, "
    "sizesOf, samplesOf, jobOf, endsOf, toHash, fromHash, toFile, fromFile, toPython, parsePoints"
)
_PAGE = (
    "graph.js", "words.js", "say.js", "runner.js", "surface.js", "plane.js", "geometry.js", "network.js", "sentences.js", "inside.js",
    "curve.js", "tables.js", "health.js", "seeds.js", "controls.js", "share.js", "playground.js",
)  # fmt: skip


def playground(
    net: MLP,
    path: str | os.PathLike[str] | None = None,
    *,
    inputs: Iterable[Any] = XOR.inputs,
    targets: Iterable[Any] = XOR.targets,
    data: str | None = None,
    loss: str | Loss = "squared_error",
    rate: float | None = None,
    title: str | None = None,
) -> Page:
    """The page on which a network learns: the reader plays, steps, and changes data, network and training.

    net:             an MLP with two inputs and 1 to 3 outputs, taken with its present parameters and left as it is
    path:            where to save the page too
    inputs, targets: N rows of 2 numbers, and N targets as `fit` takes them: two different numbers, any numbers, or, of several
                     outputs, classes; default XOR. The reader may choose other data
    data:            instead of these the name of a set to begin with, of 200 points: moons, circles, spirals or yin-yang
    loss:            a name in `LOSSES`, or a callable (outputs, target) -> Value
    rate:            of the gradient descent over all samples at once, positive; the reader can change it;
                     default 10 where every activation gives numbers from 0 to 1, as in the classic XOR run, and 0.5 elsewhere
    Raises TypeError or ValueError for what does not fit on such a page.

    >>> page = playground(MLP(2, [2, 1], "sigmoid", "sigmoid"), title="XOR")
    >>> "<h1>XOR</h1>" in page.html
    True
    """
    _require_fitting(net)
    if data is not None:
        inputs, targets = _set(data, net.n_outputs, row_for(loss).only)
    samples = Samples(net, inputs, targets, loss)
    if len(samples) > LIMITS["points"]:
        raise ValueError(f"the playground holds at most {LIMITS['points']} samples, got {len(samples)}; take fewer")
    if rate is None:
        rate = 10.0 if all(_probability(layer.activation) for layer in net.layers) else 0.5
    if not Value(rate).data > 0.0:
        raise ValueError(f"rate must be a positive number, got {rate}")
    rows = {row.name: row for row in LOSSES.values()}
    losses = {name: written(row) for name, row in rows.items()}
    name = samples.loss.name
    if samples.loss is not rows.get(name):
        name = name if name not in rows else f"own_{name}"
        losses[name] = written(samples.loss, [net.n_outputs])
    sizes = "-".join(map(str, [net.n_inputs, *net.sizes]))
    begun = _data(samples) if data is None else {"set": data, "noise": SETS[data].noise, "own": []}
    state = {**_FIRST, **begun, **_network(net), "loss": name, "rate": float(rate)}
    page = assemble(
        "playground.html",
        styles=("base.css", "playground.css", "network.css"),
        scripts=_PAGE,
        before=_engine(losses),
        workers=True,
        words="playground.json",
        data={"state": state, "texts": texts("playground.json"), "geometry": GEOMETRY, "alarms": _alarms()},
        title=escape(clean(title, 200) if title else f"A {sizes} network learns"),
        picture=Network(net).svg("auto"),
    )
    if path is not None:
        page.save(path)
    return page


class _Set(NamedTuple):
    """A set of the page: where it comes from, the noise it has there, and its number of classes."""

    make: Callable[..., Dataset]
    noise: float
    classes: int = 2


#: The sets that the page draws itself, as these functions do.
SETS: Mapping[str, _Set] = {
    "moons": _Set(two_moons, 0.1), "circles": _Set(circles, 0.05), "spirals": _Set(spirals, 0.0), "yin-yang": _Set(yin_yang, 0.0, 3),
}  # fmt: skip
_POINTS = 200

#: What the page begins with where the network and the data leave it open.
_FIRST = {
    "set": "own", "points": _POINTS, "noise": 0.1, "dataSeed": 0, "held": 0.0, "optimizer": "sgd", "batch": 0, "l2": 0.0, "seed": 0,
    "ends": [0.0, 1.0], "regression": False,
}  # fmt: skip


def _require_fitting(net: Any) -> None:
    """Raise TypeError or ValueError for a network that the page cannot draw or train."""
    if not isinstance(net, MLP):
        raise TypeError(f"a lesson is about a Value, or about an MLP that learns, got a {type(net).__name__}")
    if net.n_inputs != 2 or net.n_outputs > 3:
        raise ValueError(
            f"the playground draws the decision surface of a network with 2 inputs and 1 to 3 outputs, got {net.n_inputs} and "
            f"{net.n_outputs}; for others show the lesson of one sample's cost"
        )
    count = len(net.parameters())
    if count > LIMITS["parameters"]:
        raise ValueError(f"the playground holds at most {LIMITS['parameters']} parameters, this network has {count}; take smaller layers")
    biased = all(neuron.bias is not None for layer in net.layers for neuron in layer.neurons)
    if not (is_packaged(net) and biased and "mixed" not in net.activations):
        raise ValueError("the playground takes a plain MLP: a bias in each neuron, one activation in each layer, and no code of its own")


def _set(name: str, outputs: int, only: Sequence[float]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Inputs and targets of a set by name, for so many outputs; only: the numbers that a loss allows for no and yes, if it does.

    Raises ValueError for an unknown name, and where there are fewer outputs than classes.
    """
    chosen = choose("data", name, SETS)
    if outputs < chosen.classes == 3:
        raise ValueError(f"{name} has 3 classes, so the network needs 3 outputs, got {outputs}")
    made = chosen.make(_POINTS, noise=chosen.noise)
    rows = made.targets if outputs == 1 or chosen.classes == 3 else [one_hot(int(y), outputs) for [y] in made.targets]
    low, high = only or (0.0, 1.0)
    return made.inputs, [[high if y else low for y in row] for row in rows]


def _network(net: MLP) -> dict[str, Any]:
    weights = [parameter.data for parameter in net.parameters()]
    return {"hidden": net.sizes[:-1], "outputs": net.n_outputs, "activations": net.activations, "weights": weights}


def _data(samples: Samples) -> dict[str, Any]:
    """The samples as points [x₁, x₂, class], and the numbers that stand for no and yes; or as points [x₁, x₂, number].

    Raises ValueError for targets of several outputs that name no class.
    """
    if samples.inputs == list(map(list, XOR.inputs)) and samples.targets == list(map(list, XOR.targets)):
        return {"set": "xor", "own": _points(samples, [int(y) for [y] in samples.targets])}
    if samples.n_outputs == 1:
        found = [target[0] for target in samples.targets]
        different = sorted(set(found))
        ends = different if len(different) == 2 else [0.0, 1.0]
        if set(different) <= set(ends):
            return {"own": _points(samples, [ends.index(y) for y in found]), "ends": ends, "regression": False}
        return {"own": _points(samples, found), "regression": True}
    ends = sorted({y for target in samples.targets if isinstance(target, list) for y in target})
    classes = []
    for i, target in enumerate(samples.targets):
        if isinstance(target, int):
            classes.append(target)
            continue
        if len(ends) != 2 or target.count(ends[1]) != 1:
            raise ValueError(f"targets[{i}] must name one class, such as [0, 1, 0], for the playground, got {target}")
        classes.append(target.index(ends[1]))
    return {"own": _points(samples, classes), "ends": ends or [0.0, 1.0]}


def _points(samples: Samples, labels: list[Any]) -> list[list[float]]:
    return [[*row, label] for row, label in zip(samples.inputs, labels, strict=True)]


def _engine(losses: dict[str, str]) -> str:
    """The engine as a function, which the page calls, and whose text a worker gets."""
    facts = f"const LIMITS = {scripted(LIMITS)}, FORMAT = {scripted(FORMAT)};\n"
    body = RUNTIME + facts + programs(losses) + "".join(map(read, _ENGINE))
    return f"const RULES = {{}};\nfunction engine() {{\n{body}\nreturn {{ {_NAMES} }};\n}}\nconst {{ {_NAMES} }} = engine();\n"


def _alarms() -> dict[str, Any]:
    """What can be wrong with a network in training, and the words for it: the table that `health` reads."""
    return {
        "rows": [asdict(alarm) for alarm in ALARMS], "flat": FLAT, "wrong": WRONG, "ratio": GOOD_RATIO, "misfits": MISFITS, "swept": SWEPT,
        "intervals": {name: interval(*row.range) for name, row in ACTIVATIONS.items() if row is not None},
    }  # fmt: skip


def _probability(activation: str) -> bool:
    """Whether an activation gives numbers from 0 to 1, as the sigmoid does."""
    row = OPERATIONS.get(activation)
    return row is not None and row.range == (0.0, 1.0)
