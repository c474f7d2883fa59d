"""The networks of 1986 that made backpropagation known."""

import random
from itertools import product

from autoback import MLP, SGD, Value, datasets, fit, predict, sigmoid
from tests.published.examples import Between, example

PDP = (
    "Rumelhart, Hinton & Williams, Learning internal representations by error propagation, in: "
    "Parallel Distributed Processing 1, MIT Press (1986), chapter 8"
)
NATURE = "Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323 (1986), figure 1"


def uniform(limit, seed):
    """An initializer: weights and biases between −limit and limit."""
    dice = random.Random(seed)

    def rows(n_inputs, n_outputs, _):
        weights = [[dice.uniform(-limit, limit) for _ in range(n_inputs)] for _ in range(n_outputs)]
        return weights, [dice.uniform(-limit, limit) for _ in range(n_outputs)]

    return rows


def right_answers(outputs, targets):
    """How many samples have all their outputs on the right side of ½."""
    return sum(all((o > 0.5) == (t > 0.5) for o, t in zip(*pair, strict=True)) for pair in zip(outputs, targets, strict=True))


@example(
    "XOR with one hidden unit and direct connections", PDP + ", pages 330 and 331: η = 0.5",
    {"sweeps until all four answers are right": Between("558 (from another start)", 100, 2500), "right answers": "4"},
)  # fmt: skip
def xor_with_direct_connections():
    """The inputs reach the output both through one hidden unit and directly; after each pattern, a step."""
    dice = random.Random(5)
    w1, w2, b, u1, u2, v, c = weights = [Value(dice.uniform(-1, 1)) for _ in range(7)]

    def output(x1, x2):
        hidden = sigmoid(w1 * x1 + w2 * x2 + b)
        return sigmoid(u1 * x1 + u2 * x2 + v * hidden + c)

    samples = list(zip(datasets.XOR.inputs, datasets.XOR.targets, strict=True))
    sweeps = right = 0
    while right < 4 and sweeps < 2500:
        for x, (y,) in samples:
            for weight in weights:
                weight.grad = 0.0
            (0.5 * (output(*x) - y) ** 2).backward()
            for weight in weights:
                weight.data -= 0.5 * weight.grad
        sweeps += 1
        right = right_answers([[output(*x).data] for x, _ in samples], [y for _, y in samples])
    return {"sweeps until all four answers are right": sweeps, "right answers": right}


@example(
    "Mirror symmetry with two hidden units", NATURE + ": 1,425 sweeps, ε = 0.1, α = 0.9, start within ±0.3",
    {
        "right answers of 64": "64",
        "largest sum of two mirrored weights": Between("0: opposite signs", 0.0, 0.1),
        "second weight / smallest": Between("2", 1.9, 2.1), "largest weight / smallest": Between("4", 3.8, 4.2),
    },
)  # fmt: skip
def symmetry():
    """Is a pattern of six bits its own mirror image? The two hidden units find the solution of the paper: weights that are equal and
    opposite about the middle, in the ratio 1 : 2 : 4, so that each of the eight halves cancels against its own image alone.
    """
    patterns = [tuple(map(float, bits)) for bits in product((0, 1), repeat=6)]
    answers = [(float(bits == bits[::-1]),) for bits in patterns]
    net = MLP(6, [2, 1], activation="sigmoid", output_activation="sigmoid", initializer=uniform(0.3, seed=8))
    # The paper adds up the gradients of ½ (o − t)² over the 64 patterns; `fit` takes the mean of (o − t)².
    fit(net, patterns, answers, optimizer=SGD(0.1 * 64 / 2, momentum=0.9), epochs=1425)
    weights = [weight.data for weight in net.parameters()[:6]]
    small, middle, large = sorted(abs(weight) for weight in weights[:3])
    return {
        "right answers of 64": right_answers(predict(net, patterns), answers),
        "largest sum of two mirrored weights": max(abs(a + b) for a, b in zip(weights, weights[::-1], strict=True)),
        "second weight / smallest": middle / small, "largest weight / smallest": large / small,
    }  # fmt: skip


@example(
    "The 8-3-8 encoder", PDP + ", pages 335 to 339",
    {"patterns that come back": "8", "different codes of three bits": Between("8, some units between 0 and 1", 8, 8)},
)  # fmt: skip
def encoder():
    """Eight patterns with one 1 each, squeezed through three units: backpropagation invents a binary code."""
    patterns = [tuple(float(i == k) for i in range(8)) for k in range(8)]
    net = MLP(8, [3, 8], activation="sigmoid", output_activation="sigmoid", initializer=uniform(0.5, seed=1))
    fit(net, patterns, patterns, optimizer=SGD(8.0), epochs=2000)
    codes = {tuple(round(unit.data) for unit in net.layers[0](pattern)) for pattern in patterns}
    return {"patterns that come back": right_answers(predict(net, patterns), patterns), "different codes of three bits": len(codes)}
