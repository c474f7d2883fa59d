"""The GPT of the demos, on autoback and on a minimal Value class written by hand."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import autoback
from tests import minimal_value

DEMO = Path(__file__).resolve().parent.parent / "demos" / "gpt.py"
NAMES = ["ada", "leon", "myra", "theodore", "al"]


def demo() -> ModuleType:
    """The demo as a module of its own, with the engine that stands under the name autoback at this moment."""
    spec = importlib.util.spec_from_file_location("gpt_demo", DEMO)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def losses(gpt: ModuleType, engine: ModuleType, steps: int) -> list[float]:
    net = gpt.GPT(seed=1)
    adam = engine.Adam(rate=lambda step: 0.01 / step, betas=(0.9, 0.95))
    return [gpt.train(net, [gpt.encoded(NAMES[step % len(NAMES)])], adam) for step in range(steps)]


def test_the_same_program_on_a_minimal_value_class_has_the_same_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty steps of 4,192 parameters with Adam: every loss agrees to 1e-9 with that of an engine of 40 lines."""
    ours = losses(demo(), autoback, 20)
    monkeypatch.setitem(sys.modules, "autoback", minimal_value)
    theirs = losses(demo(), minimal_value, 20)
    assert ours == pytest.approx(theirs, rel=0.0, abs=1e-9)
    assert ours[0] == pytest.approx(3.3, abs=0.3)  # 27 letters, none known: log 27
    assert sum(ours[-5:]) < sum(ours[:5])  # and something is learnt


def test_the_gpt_has_the_size_it_says() -> None:
    """Vocabulary 27, width 16, context 16: 4,192 parameters."""
    assert len(demo().GPT().parameters()) == 4192


def test_heads_look_at_what_came_before() -> None:
    """The shares of attention are positive, have sum 1, and there is one for each letter so far."""
    gpt, watched = demo(), []
    gpt.GPT()(gpt.encoded("ada")[:-1], watched)
    assert [len(shares) for shares in watched] == [place for place in (1, 2, 3, 4) for _ in range(gpt.HEADS)]
    assert [sum(shares) for shares in watched] == pytest.approx([1.0] * len(watched))
    assert min(map(min, watched)) > 0.0


def test_compiled_steps_are_the_same_steps() -> None:
    """Samples of several lengths, tokens as inputs: native training has the loss of the steps in Python."""
    pytest.importorskip("llvmlite", reason="the extra `native` is not installed")
    gpt, results = demo(), []
    samples = [gpt.encoded(name) for name in ("ada", "al", "ida")]
    for train in (gpt.train, gpt.train_native):
        net = gpt.GPT(seed=1)
        loss = train(net, samples, autoback.Adam(rate=0.01, betas=(0.9, 0.95)))
        results.append([loss, *(parameter.data for parameter in net.parameters()[:40])])
    assert results[0] == pytest.approx(results[1], rel=1e-9)
