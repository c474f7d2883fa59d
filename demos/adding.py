"""A tiny recurrent network learns to add binary numbers column by column, and to carry.

In each column it sees two bits and its own state of the column before, four numbers in which it may keep whatever it likes.
Nobody tells it what a carry is. It learns from numbers of four bits; then it adds numbers of twelve, for the same weights
serve every column. Any class with a `forward` can be trained by `fit`, on samples of any length.

    python demos/adding.py [--quick] [--native]
"""

import random
import sys

from autoback import Adam, Layer, Module, Neuron, fit

SIZE = 4


class Adder(Module):
    """Two bits and a state in, one bit and a state out, in each column with the same weights."""

    def __init__(self, seed=0):
        self.cell = Layer(2 + SIZE, SIZE, "tanh", seed=seed)
        self.read = Neuron(SIZE, "identity", seed=seed)

    def forward(self, columns):
        """For each column the logit of its bit. columns: pairs of bits, the lowest first."""
        state, logits = [0.0] * SIZE, []
        for a, b in columns:
            state = self.cell([a, b, *state])
            logits.append(self.read(state))
        return logits


def bits(number, count):
    """The bits of a number, the lowest first."""
    return [float(number >> k & 1) for k in range(count)]


def sample(a, b, count):
    """The columns of a sum, and the bits of its result."""
    return list(zip(bits(a, count), bits(b, count), strict=True)), bits(a + b, count)


def added(net, a, b, count):
    """a + b as the network has it."""
    columns, _ = sample(a, b, count)
    return sum((logit.data > 0.0) << k for k, logit in enumerate(net(columns)))


def main(quick=False, native=False):
    net, dice = Adder(seed=1), random.Random(0)
    samples = [sample(a, b, 5) for a in range(16) for b in range(16)]
    inputs, targets = [columns for columns, _ in samples], [sums for _, sums in samples]
    print(f"{len(net.parameters())} parameters, {len(samples)} sums of two numbers of four bits")
    adam = Adam(0.02)
    for part in range(2 if quick else 15):
        history = fit(net, inputs, targets, loss="binary_cross_entropy", optimizer=adam, epochs=2, batch_size=16, seed=part, native=native)
        right = sum(added(net, a, b, 5) == a + b for a in range(16) for b in range(16))
        print(f"loss {history.losses[-1]:.4f}, {right} of 256 right")
    tests = [(dice.randrange(4096), dice.randrange(4096)) for _ in range(100)]
    print(f"numbers of twelve bits, which it has never seen: {sum(added(net, a, b, 13) == a + b for a, b in tests)} of 100 right")
    a, b = tests[0]
    print(f"{a} + {b} = {added(net, a, b, 13)}")


if __name__ == "__main__":
    main(quick="--quick" in sys.argv, native="--native" in sys.argv)
