"""Random graphs for property tests: any shape, every node shared at will, all numbers between -2 and 2."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from autoback import FUNCTIONS, Value, mean

_dot = FUNCTIONS["dot"]

#: Steps that keep numbers small, by how many nodes they take.
STEPS: dict[str, tuple[int, Callable[..., Value]]] = {
    "sin": (1, lambda a: a.sin()),
    "cos": (1, lambda a: a.cos()),
    "tanh": (1, lambda a: a.tanh()),
    "sigmoid": (1, lambda a: a.sigmoid()),
    "softplus": (1, lambda a: a.softplus() - 1.0),
    "atan": (1, lambda a: a.atan()),
    "neg": (1, lambda a: -a),
    "exp": (1, lambda a: (a - 2.0).exp()),
    "square": (1, lambda a: a**2 / 4.0),
    "add": (2, lambda a, b: (a + b).tanh()),
    "twice": (1, lambda a: (a + a) * 0.5),
    "sub": (2, lambda a, b: (a - b).sin()),
    "mul": (2, lambda a, b: 0.5 * (a * b)),
    "div": (2, lambda a, b: a / (b.cos() + 3.0)),
    "pow": (2, lambda a, b: (a.sigmoid() + 0.5) ** (b / 2.0)),
    "mean": (3, lambda *a: mean(a)),
    "dot": (4, lambda a, b, c, d: _dot([a, b], [c, d]).tanh()),
}


@dataclass(frozen=True)
class Program:
    """A function of a few Values, as a list of steps, and a point to call it at."""

    at: tuple[float, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def __call__(self, *leaves: Value) -> Value:
        nodes = list(leaves)
        for name, picks in self.steps:
            arity, step = STEPS[name]
            nodes.append(step(*[nodes[pick % len(nodes)] for pick in picks[:arity]]))
        return nodes[-1]

    def leaves(self) -> list[Value]:
        return [Value(x, f"x{k}") for k, x in enumerate(self.at)]

    def number(self, point: Sequence[float]) -> float:
        return self(*map(Value, point)).data


def programs(most_steps: int = 12) -> st.SearchStrategy[Program]:
    """Programs of 1 to 4 inputs; picks count back from the newest node as often as from the oldest."""
    numbers = st.floats(-2.0, 2.0, allow_subnormal=False)
    picks = st.tuples(*[st.integers(-6, 20)] * 4)
    steps = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), picks), min_size=1, max_size=most_steps)
    return st.builds(Program, st.lists(numbers, min_size=1, max_size=4).map(tuple), steps.map(tuple))
