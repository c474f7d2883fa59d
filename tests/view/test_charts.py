"""What a notebook shows of a History and of a Dataset."""

import re

import pytest

from autoback import MLP, History, datasets, fit
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
