"""The GPT of the demos, on autoback and on a minimal Value class written by hand."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

import autoback
from tests import minimal_value

DEMO = Path(__file__).resolve().parent.parent / "demos" / "gpt.py"
NAMES = ["ada", "al", "leon", "eva", "bo"]


def demo() -> ModuleType:
    """The demo as a module of its own, with the engine that stands under the name autoback at this moment."""
    spec = importlib.util.spec_from_file_location("gpt_demo", DEMO)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def losses(gpt: ModuleType, engine: ModuleType, steps: int) -> list[float]:
    """The loop of training by hand, as in any course."""
    net, adam, found = gpt.GPT(seed=1), engine.Adam(rate=lambda step: 0.01 / step, betas=(0.9, 0.95)), []
    for step in range(steps):
        tokens = gpt.encoded(NAMES[step % len(NAMES)])
        loss = gpt.surprise(net(tokens[:-1]), tokens[1:])
        net.zero_grad()
        loss.backward()
        adam.step(net.parameters())
        found.append(loss.data)
    return found


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
    gpt = demo()
    net = gpt.GPT()
    rows = [gpt.normalized(row) for row in net.embedded(gpt.encoded("ada")[:-1])]
    for head in net.heads:
        shares = [[share.data for share in each] for each in head.shares(rows)]
        assert [len(each) for each in shares] == [1, 2, 3, 4]
        assert [sum(each) for each in shares] == pytest.approx([1.0] * 4)
        assert min(map(min, shares)) > 0.0


def test_the_picture_of_attention_says_who_looks_at_whom() -> None:
    """An SVG with a cell for each head and pair of letters, whose tooltips are the shares; the first letter looks at itself alone."""
    gpt = demo()
    picture = ElementTree.fromstring(gpt.attention(gpt.GPT(), "ada"))
    said = [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert len(said) == gpt.HEADS * (1 + 2 + 3 + 4)
    assert said[0] == ". looks at .: 100%"
    assert [text.split(":")[0] for text in said[6:10]] == [f"a looks at {letter}" for letter in ".ada"]


def test_the_folded_graph_has_a_box_for_each_part() -> None:
    """Embeddings, heads, the network and the logits are cards of the graph of a loss; one step deeper the heads are open."""
    gpt = demo()
    net, tokens = gpt.GPT(), gpt.encoded("ada")
    loss = gpt.surprise(net(tokens[:-1]), tokens[1:])
    loss.backward()
    shown = [autoback.draw(loss, fold=net, depth=depth).svg for depth in (1, 2)]
    assert [part for part in ("letters, places", "heads.0", "heads.3", "join", "mlp.0", "mlp.1", "logits") if part not in shown[0]] == []
    assert "heads.0.query" not in shown[0]
    assert "heads.0.query" in shown[1]


def test_names_that_cannot_be_learnt_are_refused(tmp_path: Path) -> None:
    """A file without one name of the letters a to z ends the demo with a sentence."""
    (tmp_path / "names.txt").write_text("Ζωή\n", "utf-8")
    with pytest.raises(SystemExit, match="no name of the letters a to z"):
        demo().main(tmp_path, quick=True, native=False, names=tmp_path / "names.txt")


def test_the_demo_is_short() -> None:
    """A GPT, its training and its pictures take less than 150 lines."""
    assert len(DEMO.read_text("utf-8").splitlines()) < 150


def test_compiled_steps_are_the_same_steps() -> None:
    """Samples of several lengths, tokens as inputs: native training has the loss of the steps in Python."""
    pytest.importorskip("llvmlite", reason="the extra `native` is not installed")
    gpt, results = demo(), []
    samples = [gpt.encoded(name) for name in ("ada", "al", "ida")]
    inputs, targets = [tokens[:-1] for tokens in samples], [tokens[1:] for tokens in samples]
    for native in (False, True):
        net, adam = gpt.GPT(seed=1), autoback.Adam(rate=0.01, betas=(0.9, 0.95))
        history = autoback.fit(
            net, inputs, targets, loss=gpt.surprise, optimizer=adam, epochs=1, batch_size=1, shuffle=False, native=native
        )
        results.append([*history.losses, *(parameter.data for parameter in net.parameters()[::100])])
    assert results[0] == pytest.approx(results[1], rel=1e-9)
