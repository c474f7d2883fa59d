"""`sweep`: the same training from many seeds, and which of them get stuck."""

import math
import re
import threading
import time

import pytest

from autoback.engine.value import Value
from autoback.nn import sweep as room
from autoback.nn.datasets import XOR
from autoback.nn.history import Patience
from autoback.nn.modules import MLP, Module
from autoback.nn.optimizers import SGD, Adam
from autoback.nn.sweep import sweep
from autoback.nn.training import fit


def build(seed: int) -> MLP:
    return MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=seed)


ONE = build(1)


def state(net: Module) -> list[float]:
    return [parameter.data for parameter in net.parameters()]


def needs_native(native: bool) -> None:
    if native:
        pytest.importorskip("llvmlite", reason="the extra `native` is not installed")


@pytest.mark.parametrize("native", [False, True])
def test_a_sweep_is_fit_from_each_seed(native: bool) -> None:
    """Each run is what `fit` makes of the network of its seed, in the order of the seeds."""
    needs_native(native)
    options = {"optimizer": Adam(0.1), "epochs": 40, "batch_size": 2, "seed": 3, "native": native}
    swept = sweep(build, *XOR, seeds=[5, 1, 3], **options)
    assert [run.seed for run in swept.runs] == [5, 1, 3]
    for run in swept.runs:
        net = build(run.seed)
        history = fit(net, *XOR, **options | {"optimizer": Adam(0.1)})
        assert (state(run.net), run.history.losses) == (state(net), history.losses)
        assert run.history.stopped == "epochs"


@pytest.mark.parametrize("native", [False, True])
def test_what_is_stuck_and_what_is_best(native: bool) -> None:
    """Of four known seeds two stick; the best has the smallest loss; the text says all of it."""
    needs_native(native)
    swept = sweep(build, *XOR, seeds=[21, 22, 29, 69], optimizer=SGD(10.0), epochs=2000, native=native)
    assert [run.seed for run in swept.stuck] == [21, 29]
    assert swept.stuck[0].verdict.startswith("Stuck: the loss stands still at 0.125")
    assert swept.best.loss == min(run.loss for run in swept.runs)
    assert [len(run.wrong) for run in swept.runs] == [2, 0, 2, 0]
    assert re.search(r"^ *29 +2000 +0.13 +2  stuck$", str(swept), re.MULTILINE)
    assert "2 of 4 stuck (seeds 21, 29); best is seed" in repr(swept)


def test_a_run_that_fails_is_kept() -> None:
    """A rate that lets the numbers overflow ends its run with the reason, and the others go on."""

    class Uneven(MLP):
        def __init__(self, seed: int) -> None:
            super().__init__(2, [2, 1], seed=seed)
            if seed == 2:
                self.parameters()[0].data = 1e200
                self.parameters()[-2].data = 1e200

    swept = sweep(Uneven, *XOR, seeds=[1, 2, 3], epochs=20)
    assert [run.history.stopped for run in swept.runs] == ["epochs", "failed", "epochs"]
    assert "epoch 1" in swept.runs[1].verdict and math.isinf(swept.runs[1].loss)
    assert swept.best.seed != 2 and swept.runs[1].stuck
    assert re.search(r"^ +2 +0 +inf +0  failed$", str(swept), re.MULTILINE)


def test_runs_do_not_share_what_they_change() -> None:
    """The optimiser that was given keeps its memory, a Patience starts afresh for each run, and so do iterators of data."""
    adam, patience = Adam(0.1), Patience(3)
    swept = sweep(build, iter(XOR.inputs), iter(XOR.targets), seeds=[1, 2], optimizer=adam, until=patience, epochs=2000)
    alone = fit(build(2), *XOR, optimizer=Adam(0.1), until=Patience(3), epochs=2000)
    assert swept.runs[1].history.losses == alone.losses
    assert adam.recall(swept.runs[0].net.parameters())[0] == 0 and patience.since == 0


def test_the_best_is_judged_on_the_validation_samples() -> None:
    """Where there are some."""
    swept = sweep(build, *XOR, seeds=[1, 2, 3], validation=([[0.5, 0.5]], [1.0]), epochs=5)
    assert swept.best.history.validation_losses[-1] == min(run.history.validation_losses[-1] for run in swept.runs)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"seeds": []}, ValueError, "at least one"),
        ({"seeds": 20}, TypeError, r"as in range\(20\)"),
        ({"seeds": [1, 1]}, ValueError, "each once"),
        ({"seeds": [1.5]}, TypeError, "whole number"),
        ({"build": build(1)}, TypeError, "callable of a seed"),
        ({"build": lambda seed: None}, TypeError, "must return a Module"),
        ({"build": lambda seed: ONE}, ValueError, "a new network each time"),
        ({"build": lambda seed: build(1)}, ValueError, "must use its seed"),
        ({"epochs": -1}, ValueError, "epochs"),
        ({"loss": "none"}, ValueError, "loss"),
        ({"speed": 3}, TypeError, "speed"),
        ({"until": "soon"}, TypeError, "until"),
    ],
)
@pytest.mark.parametrize("native", [False, True])
def test_bad_arguments_are_refused(arguments: dict, error: type, words: str, native: bool) -> None:
    """With what was expected, before anything is trained for long."""
    needs_native(native)
    arguments = {"build": build, "seeds": [1, 2], "epochs": 2, "native": native} | arguments
    with pytest.raises(error, match=words):
        sweep(arguments.pop("build"), *XOR, **arguments)


def test_progress_counts_the_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    """One step of the bar for each seed."""
    sweep(build, *XOR, seeds=[1, 2, 3], epochs=1, progress=True)
    assert "3/3" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_done() -> None:
    """The run under way ends after a whole epoch; the seeds that are missing are named."""

    def interrupt(net: Module, history: object) -> None:
        if state(net) and build_calls == [1, 2, 3] and len(finished) == 1:
            raise KeyboardInterrupt
        finished.extend([1] if history.epochs == 3 else [])

    build_calls: list[int] = []
    finished: list[int] = []

    def counted(seed: int) -> MLP:
        build_calls.append(seed)
        return build(seed)

    swept = sweep(counted, *XOR, seeds=[1, 2, 3], epochs=3, callbacks=interrupt)
    assert [(run.seed, run.history.stopped) for run in swept.runs] == [(1, "epochs"), (2, "interrupted")]
    assert swept.missing == (3,)
    assert swept.notes[-1] == "interrupted: not trained were seeds 3"


def test_ctrl_c_stops_machine_code_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings on other threads end after the epochs under way, long before all are done."""
    needs_native(True)

    def impatient(futures: object) -> object:
        time.sleep(0.3)
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "as_completed", impatient)
    before = threading.active_count()
    swept = sweep(build, *XOR, seeds=range(1, 9), epochs=1_000_000_000, native=True)
    assert {run.history.stopped for run in swept.runs} == {"interrupted"}
    assert len(swept.runs) + len(swept.missing) == 8 and swept.missing
    assert all(0 < run.history.epochs < 1_000_000_000 for run in swept.runs)
    assert threading.active_count() == before


def test_ctrl_c_before_anything_was_done_is_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to return then."""

    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sweep(build, *XOR, seeds=[1, 2])


def test_custom_modules_are_swept_too() -> None:
    """Any Module and any loss; where nobody knows what is right, nothing is called wrong."""

    class Line(Module):
        def __init__(self, seed: int) -> None:
            self.slope = Value(float(seed))

        def forward(self, x: Value) -> Value:
            return self.slope * x

    swept = sweep(Line, [1.0, 2.0], [2.0, 4.0], seeds=[1, 3], loss=lambda output, target: (output - target) ** 2, epochs=50)
    assert [round(run.net.slope.data, 6) for run in swept.runs] == [2.0, 2.0]
