"""The data are what their definitions say, and the same every time."""

import math
import sys

import pytest

from autoback.nn.datasets import GATES, XOR, Dataset, digits, iris, one_hot, spirals, two_moons

RULES = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "nand": lambda a, b: not (a and b),
    "nor": lambda a, b: not (a or b),
    "xor": lambda a, b: a != b,
    "xnor": lambda a, b: a == b,
}


@pytest.mark.parametrize("name", GATES)
def test_a_gate_lists_the_four_corners_with_its_rule(name):
    """Each gate has the inputs 00, 01, 10, 11 in this order, and its rule's answer to each."""
    gate = GATES[name]
    assert gate.inputs == ((0, 0), (0, 1), (1, 0), (1, 1))
    assert gate.targets == tuple((float(RULES[name](a, b)),) for a, b in gate.inputs)


def test_a_noiseless_moon_is_a_half_circle_of_radius_1():
    """Without noise the upper moon lies on its circle above the axis, the lower one on its own, shifted by (1, 1/2)."""
    moons = two_moons(51, noise=0.0)
    for (x, y), (label,) in zip(moons.inputs, moons.targets, strict=True):
        centre = (1.0, 0.5) if label else (0.0, 0.0)
        assert math.hypot(x - centre[0], y - centre[1]) == pytest.approx(1.0)
        assert y <= 0.5 if label else y >= 0.0
    assert moons.inputs[0] == (1.0, 0.0)
    assert moons.inputs[50] == pytest.approx((-1.0, 0.0))


def test_three_turns_give_the_published_spirals():
    """194 points in three turns are the ones of Lang and Witbrock, divided by their radius 6.5."""
    data = spirals(194, turns=3.0)
    for i in range(97):
        angle, radius = i * math.pi / 16.0, 6.5 * (104 - i) / 104.0
        expected = (radius * math.sin(angle) / 6.5, radius * math.cos(angle) / 6.5)
        assert data.inputs[2 * i] == pytest.approx(expected, abs=1e-12)
        assert data.inputs[2 * i + 1] == pytest.approx((-expected[0], -expected[1]), abs=1e-12)


@pytest.mark.parametrize("make", [two_moons, spirals])
def test_the_seed_decides_the_noise(make):
    """The same seed gives the same points, another seed others."""
    assert make(20, noise=0.2, seed=3) == make(20, noise=0.2, seed=3)
    assert make(20, noise=0.2, seed=3) != make(20, noise=0.2, seed=4)


def test_the_noise_has_the_standard_deviation_asked_for():
    """Against the noiseless points, the noisy ones scatter with the standard deviation given, in both coordinates."""
    noisy, exact = two_moons(4000, noise=0.3, seed=1), two_moons(4000, noise=0.0)
    for axis in (0, 1):
        off = [a[axis] - b[axis] for a, b in zip(noisy.inputs, exact.inputs, strict=True)]
        assert math.sqrt(math.fsum(d * d for d in off) / len(off)) == pytest.approx(0.3, rel=0.05)
        assert abs(math.fsum(off) / len(off)) < 0.02


@pytest.mark.parametrize("make", [two_moons, spirals])
def test_the_curves_alternate_and_carry_the_labels(make):
    """Even samples carry the first label, odd ones the second, so every prefix is balanced."""
    assert [t for (t,) in make(5, labels=(-1.0, 1.0)).targets] == [-1.0, 1.0, -1.0, 1.0, -1.0]


@pytest.mark.parametrize("make", [two_moons, spirals])
def test_two_points_are_enough(make):
    """The smallest set is one point on each curve, its first."""
    assert make(2, noise=0.0).inputs == make(100, noise=0.0).inputs[:2]


def test_impossible_requests_name_what_is_possible():
    """Too few points, a negative noise and a class that does not exist are refused."""
    with pytest.raises(ValueError, match=r"n must be at least 2, .* got 1"):
        two_moons(1)
    with pytest.raises(ValueError, match=r"at least 0, got -0.1"):
        spirals(noise=-0.1)
    with pytest.raises(ValueError, match="at least 0, got nan"):
        spirals(noise=math.nan)
    with pytest.raises(ValueError, match=r"between 0 and 9 .* got 10"):
        one_hot(10, 10)


def test_a_split_keeps_every_sample_with_its_target_once():
    """Training and held-out part together are the whole set, no sample twice, each with its own target."""
    data = Dataset("numbers", [[k] for k in range(50)], [[k * k] for k in range(50)])
    training, held_out = data.split(0.2, seed=7)
    assert (len(training), len(held_out)) == (40, 10)
    assert sorted(training.inputs + held_out.inputs) == list(data.inputs)
    for part in (training, held_out):
        assert all(t == x * x for (x,), (t,) in zip(part.inputs, part.targets, strict=True))
    assert held_out.inputs != data.inputs[:10]


def test_the_seed_decides_the_split():
    """The same seed splits alike, another seed otherwise."""
    data = two_moons(40)
    assert data.split(seed=1) == data.split(seed=1)
    assert data.split(seed=1) != data.split(seed=2)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, 1.5, 0.1, 0.9, math.nan])
def test_a_split_with_an_empty_side_is_refused(fraction):
    """Both sides need samples; the error says which fractions leave them."""
    with pytest.raises(ValueError, match=r"from 0\.12 to 0\.88 for 4 samples"):
        XOR.split(fraction)


def test_sizes_that_do_not_agree_are_refused():
    """Ragged rows, no rows, and a missing target are named."""
    with pytest.raises(ValueError, match=r"inputs of mine .* got lengths 1, 2"):
        Dataset("mine", [[1], [1, 2]], [[0], [0]])
    with pytest.raises(ValueError, match=r"inputs of mine .* got lengths none"):
        Dataset("mine", [], [])
    with pytest.raises(ValueError, match="each of its 2 inputs, got 1"):
        Dataset("mine", [[1], [2]], [[0]])


def test_digits_are_pixels_from_0_to_1_with_one_hot_targets():
    """1797 images of 64 pixels in [0, 1], each with exactly one of ten classes, all of which occur."""
    pytest.importorskip("sklearn", reason="the extra `data` is not installed")
    data = digits()
    assert repr(data) == "Dataset('digits', 1797 samples, 64 -> 10)"
    pixels = [pixel for row in data.inputs for pixel in row]
    assert (min(pixels), max(pixels)) == (0.0, 1.0)
    assert {type(pixel) for pixel in pixels} == {float}
    assert set(data.targets) == {one_hot(k, 10) for k in range(10)}


def test_irises_are_measured_in_centimetres():
    """150 flowers of three species, fifty each, and the first flower is Fisher's."""
    pytest.importorskip("sklearn", reason="the extra `data` is not installed")
    data = iris()
    assert data.inputs[0] == (5.1, 3.5, 1.4, 0.2)
    assert [data.targets.count(one_hot(k, 3)) for k in range(3)] == [50, 50, 50]


@pytest.mark.parametrize("make", [digits, iris])
def test_a_missing_library_is_one_clear_sentence(make, monkeypatch):
    """Without scikit-learn the error says what is missing and how to install it."""
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ModuleNotFoundError, match=r"^the \w+ data come with scikit-learn, .*: pip install scikit-learn$"):
        make()


def test_a_dataset_can_be_unpacked():
    """It is its inputs and its targets, as `fit(net, *data)` wants them."""
    inputs, targets = XOR
    assert (inputs, targets) == (XOR.inputs, XOR.targets)
