"""A GPT on scalars: 4,192 numbers learn what names look like, and then make up new ones.

It is the architecture of the large language models, one block high and 16 numbers wide, on nothing but Values: letters and
places become vectors, attention mixes in what came before, a small network works on each place, and out come the chances of
the next letter. It trains on demos/data/names.txt, or with --names on a file of yours; --native trains by compiled code (extra
`native`), which has time for 1,000 steps. Then it makes up names, and draws where its heads look, and the graph of a loss.

    python demos/gpt.py [folder] [--quick] [--native] [--names FILE]
"""

import argparse
import random
from pathlib import Path

from autoback import Adam, Embedding, Layer, Module, cross_entropy, dot, draw, fit, mean, softmax

WIDTH, HEADS, CONTEXT = 16, 4, 16
LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the point begins and ends a name


def small(n_inputs, n_outputs, dice):
    """First weights so small that every letter is as likely as any other, and biases, which are not used here."""
    return [[0.15 * (2.0 * dice.random() - 1.0) for _ in range(n_inputs)] for _ in range(n_outputs)], [0.0] * n_outputs


def linear(n_inputs, n_outputs, seed, activation="identity"):
    return Layer(n_inputs, n_outputs, activation, bias=False, initializer=small, seed=seed)


class Head(Module):
    """One head of attention: each place takes over something from every place up to itself."""

    def __init__(self, size, seed):
        self.query, self.key, self.value = [linear(WIDTH, size, seed=seed + k) for k in range(3)]

    def shares(self, rows):
        """For each place, its shares of the places up to itself, with sum 1: the better a key fits the query, the larger."""
        queries, keys = [self.query(row) for row in rows], [self.key(row) for row in rows]
        return [softmax([dot(query, key) / len(key) ** 0.5 for key in keys[: k + 1]]) for k, query in enumerate(queries)]

    def forward(self, rows):
        columns = list(zip(*[self.value(row) for row in rows], strict=True))
        return [[dot(shares, column[: len(shares)]) for column in columns] for shares in self.shares(rows)]


class GPT(Module):
    """Embeddings, one block of attention and network, each with a way round it, and logits."""

    def __init__(self, seed=0):
        self.letters = Embedding(len(LETTERS), WIDTH, initializer=small, seed=seed)
        self.places = Embedding(CONTEXT, WIDTH, initializer=small, seed=seed + 1)
        self.heads = [Head(WIDTH // HEADS, seed + 10 * k) for k in range(1, HEADS + 1)]
        self.join = linear(WIDTH, WIDTH, seed=seed + 2)
        self.mlp = [linear(WIDTH, 4 * WIDTH, activation="relu", seed=seed + 3), linear(4 * WIDTH, WIDTH, seed=seed + 4)]
        self.logits = linear(WIDTH, len(LETTERS), seed=seed + 5)

    def embedded(self, tokens):
        """A vector for each place: which letter is there, and where that is."""
        return [normalized(added(self.letters(token), self.places(k))) for k, token in enumerate(tokens)]

    def forward(self, tokens):
        """For each token the logits of the next: what the heads bring is added to each place, then what the network makes of that."""
        rows = self.embedded(tokens)
        seen = [normalized(row) for row in rows]
        heard = zip(*[head(seen) for head in self.heads], strict=True)
        rows = [added(row, self.join([x for part in parts for x in part])) for row, parts in zip(rows, heard, strict=True)]
        rows = [added(row, self.mlp[1](self.mlp[0](normalized(row)))) for row in rows]
        return [self.logits(row) for row in rows]


def added(a, b):
    return [x + y for x, y in zip(a, b, strict=True)]


def normalized(vector):
    """The vector, its numbers one on average (root mean square)."""
    scale = (dot(vector, vector) / len(vector) + 1e-5) ** -0.5
    return [x * scale for x in vector]


def surprise(logits, targets):
    """The loss: the mean of −log of the chance that each next letter had."""
    return mean([cross_entropy(z, target) for z, target in zip(logits, targets, strict=True)])


def encoded(name):
    """The numbers of the letters, from point to point: each but the last is an input, each but the first a target."""
    return [LETTERS.index(letter) for letter in f".{name}."]


def invented(gpt, dice):
    """A new name: one letter after another, drawn by its chances."""
    name = "."
    while len(name) < CONTEXT and not name.endswith(".", 1):
        logits = gpt([LETTERS.index(letter) for letter in name])[-1]
        name += dice.choices(LETTERS, [chance.data for chance in softmax([2.0 * z for z in logits])])[0]  # twice as sure as it is
    return name.strip(".")


def attention(gpt, name):
    """Who looks at whom, as SVG: a square for each head, in it a row for each letter; the darker a cell, the more it takes."""
    letters, rows = "." + name, [normalized(row) for row in gpt.embedded(encoded(name)[:-1])]
    side, shapes = 20 * max(len(letters), 5) + 50, []
    for number, head in enumerate(gpt.heads):
        shapes.append(f'<g transform="translate({side * number + 30} 55)"><text x="20" y="-35">head {number + 1}</text>')
        for k, shares in enumerate(head.shares(rows)):
            shapes.append(f'<text x="-12" y="{20 * k + 15}">{letters[k]}</text><text x="{20 * k + 10}" y="-7">{letters[k]}</text>')
            for j, share in enumerate(shares):
                cell = f'x="{20 * j}" y="{20 * k}" width="19" height="19" fill="#1f5fbf" stroke="#ccd" fill-opacity="{share.data:.3f}"'
                shapes.append(f"<rect {cell}><title>{letters[k]} looks at {letters[j]}: {share.data:.0%}</title></rect>")
        shapes.append("</g>")
    shapes.append(f'<text x="{2 * side}" y="{side + 30}">Row: the letter that reads. Column: the letter it looks at. Darker: more.</text>')
    style = 'font-family="sans-serif" text-anchor="middle" style="background:white"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{side * HEADS}" height="{side + 45}" {style}>{"".join(shapes)}</svg>'


def main(folder, quick, native, names):
    known = [name for name in names.read_text("utf-8").lower().split() if set(name) <= set(LETTERS[1:]) and len(name) < CONTEXT]
    if not known:
        raise SystemExit(f"{names} has no name of the letters a to z")
    folder.mkdir(parents=True, exist_ok=True)
    random.Random(0).shuffle(known)
    gpt, dice, name = GPT(), random.Random(0), max(known, key=len)
    print(f"{len(known)} names, {len(gpt.parameters())} parameters")
    steps, part = (20, 10) if quick else (1000, 100) if native else (300, 25)
    adam = Adam(rate=lambda step: 0.01 * (1 - (step - 1) / steps), betas=(0.9, 0.95))
    for first in range(0, steps, part):  # a step for each name; natively there is a program for each length
        tokens = [encoded(known[step % len(known)]) for step in range(first, first + part)]
        inputs, targets = [each[:-1] for each in tokens], [each[1:] for each in tokens]
        history = fit(gpt, inputs, targets, loss=surprise, optimizer=adam, epochs=1, batch_size=1, shuffle=False, native=native)
        print(f"steps {first + 1} to {first + part}: loss {history.losses[0]:.4f}", flush=True)
    print("new names:", ", ".join(invented(gpt, dice) for _ in range(3 if quick else 12)))
    (folder / "gpt_attention.svg").write_text(attention(gpt, name), "utf-8")
    loss = surprise(gpt(inputs[0]), targets[0])
    loss.backward()
    draw(loss, fold=gpt, depth=1, direction="TB").save(folder / "gpt_graph.svg")  # depth=2 opens the heads
    print(f"gpt_attention.svg: where each head looks while it reads {name}\ngpt_graph.svg: the parts of the GPT, in the graph of a loss")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="for the pictures")
    parser.add_argument("--quick", action="store_true", help="20 steps")
    parser.add_argument("--native", action="store_true", help="1,000 steps, compiled")
    parser.add_argument("--names", type=Path, default=Path(__file__).parent / "data" / "names.txt", help="a file with a name in each line")
    try:
        main(**vars(parser.parse_args()))
    except (ImportError, OSError) as error:  # an extra is not installed, or there is no such file; the message says which
        raise SystemExit(str(error)) from None
