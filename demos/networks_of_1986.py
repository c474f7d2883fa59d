"""Three networks of 1986, with which backpropagation became known, trained again from numbers that are published.

XOR with one hidden unit, because the inputs also reach the output directly; mirror symmetry of six bits, found with weights
that are equal and opposite about the middle, in the ratio 1 : 2 : 4; and the encoder, which has to send eight patterns
through three units and invents a binary code.
Sources: Rumelhart, Hinton & Williams, Learning internal representations by error propagation, in: Parallel Distributed
Processing 1, MIT Press (1986), chapter 8; and Learning representations by back-propagating errors, Nature 323 (1986).

    python demos/networks_of_1986.py
"""

import random
from itertools import product

from autoback import MLP, SGD, Module, Neuron, datasets, fit, predict


class DirectXor(Module):
    """One hidden unit, and an output that sees the inputs beside it."""

    def __init__(self, initializer):
        self.hidden = Neuron(2, "sigmoid", initializer=initializer)
        self.output = Neuron(3, "sigmoid", initializer=initializer)

    def forward(self, x):
        return self.output([*x, self.hidden(x)])


def uniform(limit, seed):
    """An initializer: weights and biases between −limit and limit."""
    dice = random.Random(seed)

    def fill(n_inputs, n_outputs, _):
        weights = [[dice.uniform(-limit, limit) for _ in range(n_inputs)] for _ in range(n_outputs)]
        return weights, [dice.uniform(-limit, limit) for _ in range(n_outputs)]

    return fill


def right(net, inputs, targets):
    """For how many patterns every output is on the right side of a half."""
    pairs = zip(predict(net, inputs), targets, strict=True)
    return sum(all((a > 0.5) == (b > 0.5) for a, b in zip(outputs, target, strict=True)) for outputs, target in pairs)


def xor():
    net, (inputs, targets) = DirectXor(uniform(1.0, seed=5)), (datasets.XOR.inputs, datasets.XOR.targets)
    sweeps = 0
    # The papers take ½ (o − t)², and here a step after every pattern; `fit` takes (o − t)², so half the rate of 0.5.
    while right(net, inputs, targets) < 4:
        sweeps += fit(net, inputs, targets, optimizer=SGD(0.25), epochs=1, batch_size=1, shuffle=False).epochs
    print(f"XOR with direct connections: right after {sweeps} sweeps (1986, from another start: 558)")


def symmetry():
    patterns = [tuple(map(float, bits)) for bits in product((0, 1), repeat=6)]
    answers = [(float(bits == bits[::-1]),) for bits in patterns]
    net = MLP(6, [2, 1], activation="sigmoid", output_activation="sigmoid", initializer=uniform(0.3, seed=8))
    # One step for all 64 patterns, whose gradients the paper adds up and `fit` takes the mean of.
    fit(net, patterns, answers, optimizer=SGD(0.1 * 64 / 2, momentum=0.9), epochs=1425)
    print(f"symmetry: {right(net, patterns, answers)} of 64 right; the six weights of each hidden unit:")
    for neuron in net.layers[0].neurons:
        print("   ", " ".join(f"{weight.data:7.2f}" for weight in neuron.weights))


def encoder():
    patterns = [tuple(float(i == k) for i in range(8)) for k in range(8)]
    net = MLP(8, [3, 8], activation="sigmoid", output_activation="sigmoid", initializer=uniform(0.5, seed=1))
    fit(net, patterns, patterns, optimizer=SGD(8.0), epochs=2000)
    print(f"encoder: {right(net, patterns, patterns)} of 8 patterns come back; the code of each:")
    for k, pattern in enumerate(patterns):
        print(f"    {k}:", " ".join(f"{unit.data:.2f}" for unit in net.layers[0](pattern)))


if __name__ == "__main__":
    xor()
    symmetry()
    encoder()
