"""A one-layer GPT on scalars, written on plain Values: the loss of one name, in both ways that people write sums.

It is the architecture of the 200-line scalar GPTs: embeddings of tokens and positions, RMS norm, causal attention,
an MLP with ReLU, both with a skip connection, and logits. Vocabulary 27, width 16, 4 heads, context 16: 4,192 parameters.
"""

import random
from collections.abc import Callable, Sequence

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value

VOCABULARY, WIDTH, HEADS, CONTEXT = 27, 16, 4, 16
HEAD = WIDTH // HEADS

#: The matrices in the order of their parameters: (rows, columns).
SHAPES = {
    "tokens": (VOCABULARY, WIDTH),
    "positions": (CONTEXT, WIDTH),
    "query": (WIDTH, WIDTH),
    "key": (WIDTH, WIDTH),
    "value": (WIDTH, WIDTH),
    "out": (WIDTH, WIDTH),
    "up": (4 * WIDTH, WIDTH),
    "down": (WIDTH, 4 * WIDTH),
    "logits": (VOCABULARY, WIDTH),
}

Vector = Sequence[Value]
Matrix = Sequence[Vector]


def parameters(seed: int = 0) -> list[Value]:
    """The parameters, one matrix after another, row by row."""
    rng = random.Random(seed)
    return [Value(rng.gauss(0.0, 0.08)) for rows, columns in SHAPES.values() for _ in range(rows * columns)]


def matrices(flat: Vector) -> dict[str, Matrix]:
    """The same as matrices by name."""
    found, at = {}, 0
    for name, (rows, columns) in SHAPES.items():
        found[name] = [flat[at + row * columns : at + (row + 1) * columns] for row in range(rows)]
        at += rows * columns
    return found


def by_sum(x: Vector, y: Vector) -> Value:
    """A sum of products as most people write it: a chain of + and ×."""
    return sum(a * b for a, b in zip(x, y, strict=True))  # type: ignore[return-value]


def by_dot(x: Vector, y: Vector) -> Value:
    """The same as one node."""
    return FUNCTIONS["dot"](x, y)  # type: ignore[no-any-return]


def loss(flat: Vector, tokens: Sequence[int], dot: Callable[[Vector, Vector], Value], one_hot: Matrix | None = None) -> Value:
    """The mean cross-entropy of the next token, over all positions.

    tokens:  of the name, with the token that begins and ends it
    one_hot: for each token a row of 27 numbers, if the tokens are inputs of the program
    """
    weights, total = matrices(flat), (sum if dot is by_sum else FUNCTIONS["sum"])

    def linear(matrix: Matrix, x: Vector) -> list[Value]:
        return [dot(row, x) for row in matrix]

    def softmax(logits: Vector) -> list[Value]:
        powers = [logit.exp() for logit in logits]
        whole = total(powers)
        return [power / whole for power in powers]

    def norm(x: Vector) -> list[Value]:
        scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
        return [each * scale for each in x]

    keys: list[list[Value]] = []
    values: list[list[Value]] = []
    costs = []
    for position in range(len(tokens) - 1):
        if one_hot is None:
            token: Sequence[Value] = weights["tokens"][tokens[position]]
        else:
            token = [dot(one_hot[position], column) for column in zip(*weights["tokens"], strict=True)]
        x = norm([a + b for a, b in zip(token, weights["positions"][position], strict=True)])
        skip, x = x, norm(x)
        query = linear(weights["query"], x)
        keys.append(linear(weights["key"], x))
        values.append(linear(weights["value"], x))
        attended: list[Value] = []
        for head in range(HEADS):
            part = slice(head * HEAD, head * HEAD + HEAD)
            shares = softmax([dot(query[part], key[part]) / HEAD**0.5 for key in keys])
            attended += [dot(shares, [value[part][k] for value in values]) for k in range(HEAD)]
        x = [a + b for a, b in zip(linear(weights["out"], attended), skip, strict=True)]
        skip, x = x, norm(x)
        x = linear(weights["down"], [each.relu() for each in linear(weights["up"], x)])
        chances = softmax(linear(weights["logits"], [a + b for a, b in zip(x, skip, strict=True)]))
        if one_hot is None:
            costs.append(-chances[tokens[position + 1]].log())
        else:
            costs.append(-dot(one_hot[position + 1], chances).log())
    return total(costs) / len(costs)


def adam(parameter: Value, slope: Value, rate: Value, step: Value, m: Value, v: Value) -> tuple[Value, Value, Value]:
    """Adam for one parameter, as Kingma and Ba's algorithm 1 has it."""
    m = 0.9 * m + 0.1 * slope
    v = 0.95 * v + 0.05 * slope**2
    return parameter - rate * (m / (1.0 - 0.9**step)) / ((v / (1.0 - 0.95**step)) ** 0.5 + 1e-8), m, v
