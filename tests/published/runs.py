"""Published training runs, step by step."""

import random

from autoback import MLP, SGD, AdamW, accuracy, cost, dot, fit
from tests.published.examples import example

DEMO = "micrograd, demo.ipynb: <https://github.com/karpathy/micrograd>"
EUREKA = "EurekaLabs, micrograd.py and utils.py, as that program prints them: <https://github.com/EurekaLabsAI/micrograd>"


@example(
    "Two moons", DEMO,
    {"loss of step 0": "0.8958441028683222", "loss of step 1": "1.7236", "loss of step 99": "0.010978370135492717", "accuracy in %": "100"},
)  # fmt: skip
def two_moons():
    """2-16-16-1 with relu on 100 points of scikit-learn's two moons (seed 1337): hinge loss, a penalty of 10⁻⁴ on all 337 parameters,
    and 100 steps with a rate that falls from 1 to 0.1.
    """
    from numpy.random import RandomState
    from sklearn.datasets import make_moons

    points, labels = make_moons(n_samples=100, noise=0.1, random_state=RandomState(1337))
    inputs, targets = points.tolist(), [2.0 * label - 1.0 for label in labels.tolist()]
    dice = random.Random(1337)

    def uniform(n_inputs, n_outputs, _):
        return [[dice.uniform(-1, 1) for _ in range(n_inputs)] for _ in range(n_outputs)], [0.0] * n_outputs

    def penalty(net):
        return 1e-4 * dot(net.parameters(), net.parameters())

    net = MLP(2, [16, 16, 1], activation="relu", output_activation="identity", initializer=uniform)
    rate = SGD(lambda step: 1.0 - 0.9 * (step - 1) / 100)
    losses = fit(net, inputs, targets, loss="hinge", penalty=penalty, optimizer=rate, epochs=100).losses
    share = 100.0 * accuracy(net, inputs, targets)
    return {"loss of step 0": losses[0], "loss of step 1": losses[1], "loss of step 99": losses[99], "accuracy in %": share}


class Xorshift:
    """The generator of that program, which gives the same numbers in every language: xorshift*, the upper 24 of 64 bits."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self, low, high):
        mask = 2**64 - 1
        self.state ^= self.state >> 12
        self.state ^= self.state << 25 & mask
        self.state ^= self.state >> 27
        return low + (high - low) * ((self.state * 0x2545F4914F6CDD1D & mask) >> 40) / 2.0**24


def yin_yang(dice, count):
    """Points of the disc of radius 2 round 0, in turn of class 0 (yin), 1 (yang) and 2 (the dots).

    Source: Kriener, Göltz & Petrovici, The Yin-Yang dataset, NICE 2022.
    """
    points = []
    while len(points) < count:
        x, y = dice.uniform(0, 1), dice.uniform(0, 1)
        right, left = ((x - 0.75) ** 2 + (y - 0.5) ** 2) ** 0.5, ((x - 0.25) ** 2 + (y - 0.5) ** 2) ** 0.5
        yin = right <= 0.1 or 0.1 < left <= 0.25 or (y > 0.5 and right > 0.25)
        kind = 2 if right < 0.1 or left < 0.1 else 0 if yin else 1
        if ((x - 0.5) ** 2 + (y - 0.5) ** 2) ** 0.5 <= 0.5 and kind == len(points) % 3:
            points.append(((4 * x - 2, 4 * y - 2), kind))
    return points


@example(
    "Yin and yang", EUREKA,
    {
        "training loss of step 1": "1.0122152826497561", "training loss of step 100": "0.03906091113485434",
        **{
            f"validation loss of step {10 * k + 1}": printed
            for k, printed in enumerate(
                "1.053898 0.781408 0.503792 0.417821 0.286108 0.218478 0.176266 0.133399 0.094695 0.078724".split()
            )
        },
    },
)  # fmt: skip
def yin_and_yang():
    """2-8-3 with tanh on 80 points of three classes: softmax and negative log likelihood, 100 steps of AdamW."""
    dice = Xorshift(42)
    points = yin_yang(dice, 100)
    training, validation = (tuple(zip(*part, strict=True)) for part in (points[:80], points[80:90]))

    def uniform(n_inputs, n_outputs, _):
        return [[dice.uniform(-1, 1) * n_inputs**-0.5 for _ in range(n_inputs)] for _ in range(n_outputs)], [0.0] * n_outputs

    net = MLP(2, [8, 3], activation="tanh", output_activation="identity", initializer=uniform)
    before = cost(net, *validation, loss="cross_entropy").data
    adamw = AdamW(0.1, betas=(0.9, 0.95), weight_decay=1e-4)
    history = fit(net, *training, loss="cross_entropy", optimizer=adamw, epochs=100, validation=validation)
    seen = [before, *history.validation_losses]
    return {
        "training loss of step 1": history.losses[0], "training loss of step 100": history.losses[99],
        **{f"validation loss of step {step}": seen[step - 1] for step in range(1, 100, 10)},
    }  # fmt: skip
