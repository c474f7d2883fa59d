"""What a notebook shows of a History and of a Dataset."""

import re

import pytest

from autoback import MLP, SGD, History, datasets, draw, fit, health, sweep
from autoback.nn.datasets import XOR, Dataset, two_moons
from autoback.view.charts import curve, scatter
from tests.view.pictures import SVG, Page, words


def test_a_history_shows_its_curve() -> None:
    """A point for each epoch, from the first loss to the last, and in words where it began and ended."""
    history = History(losses=[4.0, 2.0, 1.0], validation_losses=[5.0, 3.0, 2.0])
    page = Page(curve(history))
    lines = [group for group in page.root.iter(f"{SVG}g") if set(words(group)) & {"p4", "m4"}]
    assert [len(re.findall(r"[ML]", line.find(f"{SVG}path").get("d"))) for line in lines] == [3, 3]
    assert "4 to 1 in 3 epochs; dashed, of the validation samples, to 2" in page.everything()
    assert history._repr_mimebundle_()["image/svg+xml"] == curve(history)
    assert History()._repr_mimebundle_() is None


def test_a_long_history_is_still_a_small_picture() -> None:
    """Of 100,000 epochs no more points are drawn than can be told apart, the first and the last among them."""
    svg = curve(History(losses=[1.0 / (1 + k) for k in range(100_000)]))
    assert len(svg) < 30_000 and "1 to 1×10⁻⁵ in 100000 epochs" in svg


@pytest.mark.parametrize("losses", [[1.0], [0.0, 0.0], [-1.0, 2.0], [1e300, 1e-300]])
def test_any_losses_can_be_drawn(losses: list[float]) -> None:
    """One epoch, no change, losses below zero and very different ones give a picture without nan."""
    assert "nan" not in curve(History(losses=losses)) and "inf" not in curve(History(losses=losses))


def test_a_dataset_shows_its_samples() -> None:
    """A mark for each sample: discs for the larger answers, squares for the others."""
    for data in (XOR, two_moons(40)):
        page = Page(scatter(data))
        ones = sum(row[0] > (max(t[0] for t in data.targets) + min(t[0] for t in data.targets)) / 2 for row in data.targets)
        discs = list(page.root.iter(f"{SVG}circle"))
        squares = [rect for rect in page.root.iter(f"{SVG}rect") if "sample" in words(rect)]
        assert (len(discs), len(squares)) == (ones, len(data) - ones)
    assert XOR._repr_mimebundle_()["text/plain"] == repr(XOR)


def test_a_dataset_of_one_feature_or_of_many_has_a_picture_too() -> None:
    """One feature stands against the answer; of many the first two are shown, and the picture says so."""
    assert "y" in scatter(Dataset("line", [[0.0], [1.0]], [[2.0], [3.0]]))
    assert "the first 2 of 3 features" in scatter(Dataset("three", [[0.0, 1.0, 2.0]], [[1.0]]))


def test_what_fit_returns_is_shown_as_a_picture() -> None:
    """The last line of a training cell."""
    history = fit(MLP(2, [2, 1], "sigmoid", "sigmoid"), *datasets.XOR, epochs=3)
    assert history._repr_mimebundle_()["text/html"].startswith("<img ")


def xor_net(seed: int, activation: str = "sigmoid") -> MLP:
    return MLP(2, [2, 1], activation, "sigmoid", initializer="park_miller", seed=seed)


def test_health_is_a_picture() -> None:
    """A row of bars for each array, as long as its numbers say, a line at a thousandth, and the alarms in words."""
    net = MLP(2, [4, 1], "relu", "sigmoid", seed=1)
    for neuron in net.layers[0].neurons[:3]:
        neuron.bias.data = -100.0
    found = health(net, *XOR)
    page = Page(draw(found).svg)
    names = {layer.name for layer in found.layers}
    assert names <= {text.text for text in page.root.iter(f"{SVG}text")}
    lengths = [float(rect.get("width")) for rect in page.root.iter(f"{SVG}rect") if "sample" in words(rect)]
    assert 0.75 * 96.0 in lengths  # of three dead units of four
    assert "10⁻³" in page.everything() and "75% of the units are dead" in page.everything()
    assert found._repr_mimebundle_()["text/plain"] == repr(found)


def test_the_health_of_anything_can_be_drawn() -> None:
    """Weights of 0, gradients of 0 and of millions give a picture without nan."""
    for net, scale in ((MLP(2, [2, 1], initializer="zeros"), 1.0), (MLP(2, [3, 1], "relu", seed=1), 1e5)):
        svg = draw(health(net, [[scale * x for x in row] for row in XOR.inputs], [0, 1, 1, 0])).svg
        assert "nan" not in svg and "inf" not in svg


def test_a_sweep_is_a_picture() -> None:
    """A small curve for each seed; those that are stuck are dashed and said to be, and the best is marked."""
    swept = sweep(xor_net, *XOR, seeds=[69, 42, 22], optimizer=SGD(10.0), epochs=2000)
    page = Page(draw(swept).svg)
    groups = {group.get("data-seed"): group for group in page.root.iter(f"{SVG}g") if group.get("data-seed")}
    kinds = {seed: {kind for each in group.iter(f"{SVG}g") for kind in words(each)} for seed, group in groups.items()}
    assert list(groups) == ["69", "42", "22"]
    assert [seed for seed, kind in kinds.items() if "m4" in kind] == ["42"]
    assert "stuck" in "".join(groups["42"].itertext()) and "best" in "".join(groups[str(swept.best.seed)].itertext())
    assert swept.notes[0] in page.everything()


def test_charts_are_drawn_and_saved_like_other_pictures(tmp_path) -> None:
    """`draw` takes what has a chart, in each theme; a chart is no graph, and a History of no epochs has none."""
    history = fit(xor_net(1), *XOR, epochs=3)
    for thing in (history, XOR, health(xor_net(1), *XOR)):
        assert len({draw(thing, theme=theme).svg for theme in ("light", "dark", "auto")}) == 3
        assert draw(thing).save(tmp_path / "chart.svg").read_text(encoding="utf-8").startswith("<svg")
        with pytest.raises(ValueError, match="is no graph"):
            draw(thing).dot  # noqa: B018
    with pytest.raises(TypeError, match="draw takes a Value"):
        draw(History())
