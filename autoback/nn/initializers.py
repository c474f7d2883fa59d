"""The first weights of a network: named rules, and the generators they draw from.

An initialiser fills one layer. It is called with the layer's sizes and a generator, whose only
method in use is `random()`, a number in [0, 1); it returns the weights, one row for each neuron,
and the biases. Only square roots are taken, so a seed gives the same digits on every platform.
"""

import math
from collections.abc import Callable, Mapping
from itertools import count
from random import Random
from typing import Protocol

from autoback.nn.arguments import choose, whole
from autoback.nn.names import InitializerName

__all__ = [
    "GENERATORS", "INITIALIZERS", "Initializer", "ParkMiller", "constant", "filled", "generator_for", "he", "park_miller",
    "uniform", "xavier", "zeros",
]  # fmt: skip

Layout = tuple[list[list[float]], list[float]]


class Generator(Protocol):
    """Where random numbers come from: `random.Random`, `ParkMiller`, or anything with this method."""

    def random(self) -> float: ...


Initializer = Callable[[int, int, Generator], Layout]


class ParkMiller:
    """The generator x ← 16807·x mod (2³¹ − 1), each draw divided by 2³¹ − 1.

    seed: a whole number; 0, which the rule cannot leave, stands for 123459876, as in the C
          library whose `rand()` this was
    Raises TypeError for another seed.
    Source: Park & Miller, Random number generators: good ones are hard to find, CACM 31 (1988).

    >>> random = ParkMiller(69)
    >>> [round(random.random(), 6) for _ in range(3)]
    [0.00054, 0.076107, 0.136767]
    """

    MODULUS = 2**31 - 1

    def __init__(self, seed: int) -> None:
        self.state: int = whole("seed", seed) % self.MODULUS or 123459876

    def random(self) -> float:
        """The next number, from 0 to 1."""
        self.state = 16807 * self.state % self.MODULUS
        return self.state / self.MODULUS


def uniform(n_inputs: int, n_outputs: int, random: Generator) -> Layout:
    """Weights uniform in [−1, 1), biases 0."""
    return _symmetric(1.0, n_inputs, n_outputs, random)


def xavier(n_inputs: int, n_outputs: int, random: Generator) -> Layout:
    """Weights uniform in ±√(6 / (n_inputs + n_outputs)), biases 0: for sigmoid and tanh.

    Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural
    networks, AISTATS 2010, equation 16.
    """
    return _symmetric(math.sqrt(6.0 / (n_inputs + n_outputs)), n_inputs, n_outputs, random)


def he(n_inputs: int, n_outputs: int, random: Generator) -> Layout:
    """Weights uniform in ±√(6 / n_inputs), which has variance 2 / n_inputs, biases 0: for relu.

    Source: He et al., Delving deep into rectifiers, ICCV 2015, equation 10.
    """
    return _symmetric(math.sqrt(6.0 / n_inputs), n_inputs, n_outputs, random)


def constant(value: float) -> Initializer:
    """An initialiser that makes every weight and bias the same number.

    >>> constant(0.5)(2, 1, ParkMiller(1))
    ([[0.5, 0.5]], [0.5])
    """

    def fill(n_inputs: int, n_outputs: int, random: Generator) -> Layout:
        return [[value] * n_inputs for _ in range(n_outputs)], [value] * n_outputs

    return fill


zeros: Initializer = constant(0.0)


def park_miller(n_inputs: int, n_outputs: int, random: Generator) -> Layout:
    """Every number uniform in [0, 1), drawn input by input, then the biases: the order of the classic C program.

    By its name it also brings its generator, `ParkMiller(seed)`.
    """
    columns = [[random.random() for _ in range(n_outputs)] for _ in range(n_inputs)]
    return [list(row) for row in zip(*columns, strict=True)], [random.random() for _ in range(n_outputs)]


def _symmetric(limit: float, n_inputs: int, n_outputs: int, random: Generator) -> Layout:
    rows = [[limit * (2.0 * random.random() - 1.0) for _ in range(n_inputs)] for _ in range(n_outputs)]
    return rows, [0.0] * n_outputs


#: The initialisers that go by a name.
INITIALIZERS: Mapping[InitializerName, Initializer] = {
    "uniform": uniform, "xavier": xavier, "glorot": xavier, "he": he, "zeros": zeros, "constant": constant(0.5), "park_miller": park_miller,
}  # fmt: skip

#: The generator a name brings with it, where that is not `random.Random`.
GENERATORS: Mapping[str, Callable[[int], Generator]] = {"park_miller": ParkMiller}

_seeds = count()


def generator_for(initializer: object, seed: int | None) -> Generator:
    """The generator for a seed, of the kind that the initialiser's name brings; without a seed the next of 0, 1, 2, … is taken.

    So two neurons made alike are two neurons, and a program that makes the same ones in the same order gets the same digits.
    """
    number = next(_seeds) if seed is None else whole("seed", seed)
    return GENERATORS.get(initializer, Random)(number) if isinstance(initializer, str) else Random(number)


def filled(initializer: str | Initializer, n_inputs: int, n_outputs: int, random: Generator) -> Layout:
    """The rows of weights and the biases of a layer. Raises TypeError or ValueError for wrong sizes and what is no initialiser."""
    n_inputs, n_outputs = (whole("a size", size, 1) for size in (n_inputs, n_outputs))
    fill: Initializer = initializer if callable(initializer) else choose("initializer", initializer, INITIALIZERS)
    rows, biases = fill(n_inputs, n_outputs, random)
    if [len(row) for row in rows] != [n_inputs] * n_outputs or len(biases) != n_outputs:
        raise ValueError(f"the initializer must return {n_outputs} rows of {n_inputs} weights and {n_outputs} biases")
    return rows, biases
