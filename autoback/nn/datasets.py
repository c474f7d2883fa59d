"""Data to learn from: logic gates, moons, circles, spirals, yin and yang, handwritten digits, irises."""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["GATES", "XOR", "Dataset", "circles", "digits", "iris", "one_hot", "spirals", "two_moons", "yin_yang"]

Row = tuple[float, ...]


@dataclass(frozen=True, repr=False)
class Dataset:
    """Samples with their answers.

    name:    for messages and pictures
    inputs:  n rows of the same length, the features of a sample
    targets: n rows of the same length, what the network should give for it
    Rows are kept as tuples of floats. Raises ValueError when the sizes do not agree.

    >>> XOR
    Dataset('xor', 4 samples, 2 -> 1)
    >>> XOR.inputs[1], XOR.targets[1]
    ((0.0, 1.0), (1.0,))
    """

    name: str
    inputs: Sequence[Sequence[float]]
    targets: Sequence[Sequence[float]]

    def __post_init__(self) -> None:
        for field in ("inputs", "targets"):
            rows = tuple(tuple(map(float, row)) for row in getattr(self, field))
            if len({len(row) for row in rows}) != 1:
                raise ValueError(f"{field} of {self.name} must be at least one row, all of the same length, got lengths {_lengths(rows)}")
            object.__setattr__(self, field, rows)  # the dataclass is frozen for everybody else
        if len(self.inputs) != len(self.targets):
            raise ValueError(f"{self.name} must have one target for each of its {len(self.inputs)} inputs, got {len(self.targets)}")

    def __len__(self) -> int:
        return len(self.inputs)

    def __iter__(self) -> Iterator[Sequence[Sequence[float]]]:
        """Inputs and targets, so that `fit(net, *data)` works."""
        return iter((self.inputs, self.targets))

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}, {len(self)} samples, {len(self.inputs[0])} -> {len(self.targets[0])})"

    def split(self, held_out: float = 0.2, seed: int = 0) -> tuple["Dataset", "Dataset"]:
        """Two datasets, shuffled: one to train with, and one held out, to judge by.

        held_out: the fraction held out, between 0 and 1; rounded to whole samples
        seed:     of the shuffle; the same seed gives the same split
        Raises ValueError when one of the two would be empty.

        >>> XOR.split(held_out=0.25)
        (Dataset('xor', 3 samples, 2 -> 1), Dataset('xor', 1 samples, 2 -> 1))
        """
        n = len(self)
        n_held_out = round(held_out * n) if 0.0 < held_out < 1.0 else 0
        if not 0 < n_held_out < n:
            raise ValueError(
                f"held_out must be a fraction that leaves samples on both sides, from {0.5 / n:.2g} to {1 - 0.5 / n:.2g} "
                f"for {n} samples, got {held_out}"
            )
        order = list(range(n))
        random.Random(seed).shuffle(order)
        return self._take(order[n_held_out:]), self._take(order[:n_held_out])

    def _take(self, order: Iterable[int]) -> "Dataset":
        order = list(order)
        return Dataset(self.name, [self.inputs[k] for k in order], [self.targets[k] for k in order])


def _lengths(rows: Sequence[Row]) -> str:
    lengths = sorted({len(row) for row in rows})
    return ", ".join(map(str, lengths[:5])) + ", ..." * (len(lengths) > 5) if lengths else "none"


def one_hot(index: int, n: int) -> Row:
    """The row of n numbers that is 1 at `index` and 0 elsewhere: the target for class `index` of n.

    >>> one_hot(2, 4)
    (0.0, 0.0, 1.0, 0.0)
    """
    if not 0 <= index < n:
        raise ValueError(f"index must be between 0 and {n - 1} (there are {n} classes), got {index}")
    return tuple(float(k == index) for k in range(n))


def _gate(name: str, answers: str) -> Dataset:
    corners = [(x, y) for x in (0.0, 1.0) for y in (0.0, 1.0)]
    return Dataset(name, corners, [[float(bit)] for bit in answers])


#: The logic gates of two inputs that have names; the answers are for 00, 01, 10 and 11.
GATES: Mapping[str, Dataset] = {
    "and": _gate("and", "0001"),
    "or": _gate("or", "0111"),
    "nand": _gate("nand", "1110"),
    "nor": _gate("nor", "1000"),
    "xor": _gate("xor", "0110"),
    "xnor": _gate("xnor", "1001"),
}

#: The gate that one neuron cannot learn: no straight line parts its ones from its zeros.
XOR = GATES["xor"]


def two_moons(n: int = 100, noise: float = 0.1, seed: int = 0, labels: tuple[float, float] = (0.0, 1.0)) -> Dataset:
    """Two half circles of radius 1 that reach into each other, as points of the plane.

    n:      how many points, at least 2; they alternate between the moons
    noise:  standard deviation of the normal noise on each coordinate
    seed:   of the noise
    labels: the targets of the upper and the lower moon; (-1.0, 1.0) suits the hinge loss
    Source: scikit-learn, `make_moons`, whose shape this is.

    >>> two_moons(4, noise=0.0).targets
    ((0.0,), (1.0,), (0.0,), (1.0,))
    """

    def point(moon: int, step: int, count: int) -> tuple[float, float]:
        angle = math.pi * _along(step, count)
        x, y = math.cos(angle), math.sin(angle)
        return (x, y) if moon == 0 else (1.0 - x, 0.5 - y)

    return _two_curves("two moons", point, n, noise, seed, labels)


def spirals(n: int = 194, turns: float = 1.0, noise: float = 0.0, seed: int = 0, labels: tuple[float, float] = (0.0, 1.0)) -> Dataset:
    """Two spirals wound around each other from radius 1 to the middle.

    n:      how many points, at least 2; they alternate between the spirals
    turns:  how often each winds around; with 3 turns and 194 points, without noise, these are the classic
            points (scaled to radius 1), which ask for a deep network and patience
    noise:  standard deviation of the normal noise on each coordinate
    seed:   of the noise
    labels: the targets of the first and the second spiral
    Source: Lang & Witbrock, Learning to tell two spirals apart, Proc. 1988 Connectionist Models Summer School.

    >>> spirals(194, turns=3.0).inputs[:2]
    ((0.0, 1.0), (-0.0, -1.0))
    """

    def point(arm: int, step: int, count: int) -> tuple[float, float]:
        angle, radius = 2.0 * math.pi * turns * _along(step, count), 1.0 - _along(step, count) * 96.0 / 104.0
        side = 1.0 if arm == 0 else -1.0
        return side * radius * math.sin(angle), side * radius * math.cos(angle)

    return _two_curves("spirals", point, n, noise, seed, labels)


def circles(n: int = 100, noise: float = 0.05, seed: int = 0, labels: tuple[float, float] = (0.0, 1.0)) -> Dataset:
    """A circle of radius 1 and one of radius 1/2 within it.

    n:      how many points, at least 2; they alternate between the circles
    noise:  standard deviation of the normal noise on each coordinate
    seed:   of the noise
    labels: the targets of the outer and the inner circle
    Source: scikit-learn, `make_circles`, whose shape this is.

    >>> circles(4, noise=0.0).inputs[:2]
    ((1.0, 0.0), (0.5, 0.0))
    """

    def point(ring: int, step: int, count: int) -> tuple[float, float]:
        angle, radius = 2.0 * math.pi * step / count, 1.0 if ring == 0 else 0.5
        return radius * math.cos(angle), radius * math.sin(angle)

    return _two_curves("circles", point, n, noise, seed, labels)


def yin_yang(n: int = 100, noise: float = 0.0, seed: int = 0) -> Dataset:
    """Points of a disc of radius 1 with a one-hot target of 3: yin, yang, and the two dots.

    n:     how many points, at least 3; they take turns between the classes
    noise: standard deviation of the normal noise on each coordinate, after the class is known
    seed:  of the points and the noise
    Source: Kriener, Göltz & Petrovici, The Yin-Yang dataset, NICE 2022, whose shape this is.

    >>> yin_yang(3).targets
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    """
    if n < 3:
        raise ValueError(f"n must be at least 3, one point of each class, got {n}")
    _check_noise(noise)
    draw = random.Random(seed)
    inputs: list[list[float]] = []
    while len(inputs) < n:
        x, y = 2.0 * draw.random() - 1.0, 2.0 * draw.random() - 1.0
        right, left = math.sqrt((x - 0.5) * (x - 0.5) + y * y), math.sqrt((x + 0.5) * (x + 0.5) + y * y)
        yin = right <= 0.2 or 0.2 < left <= 0.5 or (y > 0.0 and right > 0.5)
        found = 2 if right < 0.2 or left < 0.2 else 0 if yin else 1
        if found == len(inputs) % 3 and x * x + y * y <= 1.0:
            inputs.append([x + noise * draw.gauss(0.0, 1.0), y + noise * draw.gauss(0.0, 1.0)] if noise else [x, y])
    return Dataset("yin and yang", inputs, [one_hot(k % 3, 3) for k in range(n)])


def _two_curves(name: str, point: Any, n: int, noise: float, seed: int, labels: tuple[float, float]) -> Dataset:
    """point: (curve, step, count) -> coordinates of a point, the step-th of `count` on its curve."""
    if n < 2:
        raise ValueError(f"n must be at least 2, one point on each curve, got {n}")
    _check_noise(noise)
    draw = random.Random(seed)
    inputs, targets = [], []
    for k in range(n):
        curve = k % 2
        x, y = point(curve, k // 2, (n - curve + 1) // 2)
        inputs.append([x + noise * draw.gauss(0.0, 1.0), y + noise * draw.gauss(0.0, 1.0)] if noise else [x, y])
        targets.append([labels[curve]])
    return Dataset(name, inputs, targets)


def _along(step: int, count: int) -> float:
    """How far along an open curve its step-th of `count` points is, from 0 to 1."""
    return step / (count - 1) if count > 1 else 0.0


def _check_noise(noise: float) -> None:
    if not (math.isfinite(noise) and noise >= 0.0):
        raise ValueError(f"noise is a standard deviation, a number of at least 0, got {noise}")


def digits() -> Dataset:
    """1797 handwritten digits of 8 × 8 pixels: 64 inputs between 0 and 1, a one-hot target of 10.

    Raises ModuleNotFoundError when scikit-learn, the extra `data`, is not installed.
    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI repository, 1998 (its test set).
    """
    bunch = _bundled("digits")
    return Dataset("digits", [[pixel / 16.0 for pixel in row] for row in bunch.data.tolist()], _classes(bunch))


def iris() -> Dataset:
    """150 irises: length and width of sepal and petal in cm, a one-hot target of 3 species.

    The species are setosa, versicolor and virginica.
    Raises ModuleNotFoundError when scikit-learn, the extra `data`, is not installed.
    Source: R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 1936.
    """
    bunch = _bundled("iris")
    return Dataset("iris", bunch.data.tolist(), _classes(bunch))


def _bundled(name: str) -> Any:
    try:
        from sklearn import datasets
    except ModuleNotFoundError as error:
        if error.name != "sklearn":
            raise
        raise ModuleNotFoundError(
            f"the {name} data come with scikit-learn, which is not installed; install it with: pip install scikit-learn",
            name="sklearn",
        ) from None
    return getattr(datasets, f"load_{name}")()


def _classes(bunch: Any) -> list[Row]:
    return [one_hot(index, len(bunch.target_names)) for index in bunch.target.tolist()]
