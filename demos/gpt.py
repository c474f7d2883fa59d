"""A GPT on scalars: 4,192 numbers learn what names look like, and then make up new ones.

It is the architecture of the large language models, one layer high and 16 numbers wide, on nothing but Values: letters and
places become vectors, attention mixes what came before, a small network thinks about it, and out come the chances of the
next letter. Trains on demos/data/names.txt, or with --names on a file of yours with a name in each line; --native trains by
compiled code (extra `native`), which has time for 1,000 steps. At the end it shows where its four heads look.

    python demos/gpt.py [--quick] [--native] [--names FILE]
"""

import random
import sys
from pathlib import Path

from autoback import Adam, Embedding, Module, Value, cross_entropy, dot, exp, fit, mean, relu

WIDTH, HEADS, CONTEXT = 16, 4, 16
LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the point begins and ends a name


class GPT(Module):
    """Embeddings, one block of attention and network, each with a way round it, and logits."""

    def __init__(self, seed=0):
        dice = random.Random(seed)

        def matrix(n_inputs, n_outputs):
            return [[Value(dice.gauss(0.0, 0.08)) for _ in range(n_inputs)] for _ in range(n_outputs)]

        self.letters = Embedding(len(LETTERS), WIDTH, seed=seed)
        self.places = matrix(WIDTH, CONTEXT)
        self.query, self.key, self.value, self.out = [matrix(WIDTH, WIDTH) for _ in range(4)]
        self.up, self.down = matrix(WIDTH, 4 * WIDTH), matrix(4 * WIDTH, WIDTH)
        self.logits = matrix(WIDTH, len(LETTERS))

    def __call__(self, tokens, watch=None):
        """For each token the logits of the next one. watch: a list that gets, for each place and head, where it looked."""
        keys, values, results = [], [], []
        for token, place in zip(tokens, self.places[: len(tokens)], strict=True):
            x = normalized(added(self.letters(token), place))
            seen = normalized(x)
            query = times(self.query, seen)
            keys.append(times(self.key, seen))
            values.append(times(self.value, seen))
            mixed = []
            for first in range(0, WIDTH, WIDTH // HEADS):
                head = slice(first, first + WIDTH // HEADS)
                # How well the question of this place fits what each place up to here has to offer ...
                shares = softmax([dot(query[head], key[head]) * 0.5 for key in keys])
                # ... says how much of each value comes along.
                mixed += [dot(shares, column) for column in zip(*[value[head] for value in values], strict=True)]
                if watch is not None:
                    watch.append([share.data for share in shares])
            x = added(x, times(self.out, mixed))
            thought = times(self.down, [relu(z) for z in times(self.up, normalized(x))])
            results.append(times(self.logits, added(x, thought)))
        return results


def added(a, b):
    return [x + y for x, y in zip(a, b, strict=True)]


def times(matrix, vector):
    return [dot(row, vector) for row in matrix]


def normalized(vector):
    """The vector, its numbers one on average (root mean square)."""
    scale = (dot(vector, vector) / len(vector) + 1e-5) ** -0.5
    return [x * scale for x in vector]


def softmax(logits):
    """Chances: positive numbers with sum 1."""
    powers = [exp(z) for z in logits]
    total = sum(powers)
    return [power / total for power in powers]


def surprise(logits, targets):
    """How surprised the model was by the letters that came: the mean of −log of their chances."""
    return mean([cross_entropy(z, target) for z, target in zip(logits, targets, strict=True)])


def encoded(name):
    return [LETTERS.index(letter) for letter in f".{name}."]


def train(gpt, samples, adam):
    """One step for each name; the mean of their losses."""
    total = 0.0
    for tokens in samples:
        loss = surprise(gpt(tokens[:-1]), tokens[1:])
        gpt.zero_grad()
        loss.backward()
        adam.step(gpt.parameters())
        total += loss.data / len(samples)
    return total


def train_native(gpt, samples, adam):
    """The same steps, compiled: one program for each length of a name."""
    inputs, targets = [tokens[:-1] for tokens in samples], [tokens[1:] for tokens in samples]
    return fit(gpt, inputs, targets, loss=surprise, optimizer=adam, epochs=1, batch_size=1, shuffle=False, native=True).losses[0]


def invented(gpt, dice):
    """A new name: one letter after another, drawn by its chances."""
    tokens = [0]
    while len(tokens) < CONTEXT:
        chances = [chance.data for chance in softmax([z * 2.0 for z in gpt(tokens)[-1]])]  # twice as sure as it is
        tokens += dice.choices(range(len(LETTERS)), chances)
        if tokens[-1] == 0:
            break
    return "".join(LETTERS[token] for token in tokens).strip(".")


def main(quick=False, native=False, file=None):
    path = Path(file) if file else Path(__file__).parent / "data" / "names.txt"
    names = [name for name in path.read_text("utf-8").lower().split() if set(name) <= set(LETTERS[1:]) and len(name) < CONTEXT]
    random.Random(0).shuffle(names)
    gpt = GPT()
    print(f"{len(names)} names, {len(gpt.parameters())} parameters")
    steps, part = (20, 10) if quick else (1000, 100) if native else (300, 25)
    adam = Adam(rate=lambda step: 0.01 * (1 - (step - 1) / steps), betas=(0.9, 0.95))
    samples = [encoded(names[step % len(names)]) for step in range(steps)]
    for first in range(0, steps, part):
        loss = (train_native if native else train)(gpt, samples[first : first + part], adam)
        print(f"steps {first + 1} to {first + part}: loss {loss:.4f}", flush=True)

    dice = random.Random(0)
    print("new names:", ", ".join(invented(gpt, dice) for _ in range(3 if quick else 12)))

    watched = []
    gpt(encoded(names[0])[:-1], watched)
    print(f"where each head looks while it reads {names[0]} (a row for each letter; the darker, the more):")
    for place, letter in enumerate("." + names[0]):
        shades = ["".join(" .:-=+*#%@"[int(9.99 * share)] for share in watched[place * HEADS + head]) for head in range(HEADS)]
        print(f"  {letter}  " + "  ".join(shade.ljust(len(names[0]) + 1) for shade in shades))


if __name__ == "__main__":
    try:
        main("--quick" in sys.argv, "--native" in sys.argv, sys.argv[sys.argv.index("--names") + 1] if "--names" in sys.argv else None)
    except ImportError as error:  # an extra is not installed; the message says which
        sys.exit(str(error))
