"""Random programs on Values, told line by line: what one engine prints, another has to print to the last bit.

AUTOBACK_ENGINE=python python -m tests.engine.programs FIRST LAST
"""

import copy
import operator
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

import autoback
from autoback import OPERATIONS, Value, elementary, gradient, topological_order
from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import recording


class Named(Value):
    """A subclass, whose instances have attributes of their own."""


BINARY: list[Callable[[Any, Any], Any]] = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARE: list[Callable[[Any, Any], Any]] = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
UNARY: list[Callable[[Any], Any]] = [operator.neg, operator.pos, abs, bool, str, repr, float, round, "{:.3f}".format, Value.is_stale]
KINDS: list[Callable[[float], Any]] = [
    float, int, bool, np.float64, np.float32, np.int16, lambda x: Fraction(int(x * 8), 8), str, complex, lambda x: None, lambda x: 10**400,
    lambda x: x * 1e308 * 10, Value, Named,
]  # fmt: skip
WEIGHTS = [9, 4, 1, 2, 2, 1, 2, 0.2, 0.2, 0.2, 0.2, 0.2, 3, 2]
EXTREME = [0.0, -0.0, 1e-308, 5e-324, -1e308, 709.0, 710.0, -745.5, 1e16, -1000.0]


def told(thing: object) -> str:
    """A result to the last bit."""
    if isinstance(thing, Value):
        return f"{type(thing).__name__} {described(thing)}"
    return thing.hex() if isinstance(thing, float) else repr(thing)


def described(root: Value) -> str:
    """A hash of every field of every node below a root, and the root itself in clear."""
    order = topological_order(root)
    place = {id(node): k for k, node in enumerate(order)}
    fields = [
        (
            *(type(n).__name__, n._number.hex(), n.grad if n.grad is None else float(n.grad).hex(), n.op and n.op.name, n.label),
            *(tuple(place[id(below)] for below in n.inputs), tuple(float(partial).hex() for partial in n.partials)),
        )
        for n in order
    ]
    return f"{fields[-1]} above {len(fields)}: {hash_of(repr(fields))}"


def hash_of(text: str) -> str:
    from hashlib import blake2b

    return blake2b(text.encode(), digest_size=8).hexdigest()


class Player:
    """One random program: Values that are made of one another, changed, copied and differentiated."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.values: list[Value] = [Value(self.number(), label) for label in ("x", None, "y")]

    def number(self) -> float:
        r = self.random
        return r.choice(EXTREME) if r.random() < 0.08 else round(r.uniform(-3.0, 3.0), r.choice([1, 3, 16]))

    def value(self) -> Value:
        return self.random.choice(self.values[-12:])

    def operand(self) -> Any:
        if self.random.random() < 0.7:
            return self.value()
        return self.random.choices(KINDS, WEIGHTS)[0](self.number())

    def vector(self, length: int) -> Any:
        made = [self.operand() if self.random.random() < 0.2 else self.value() for _ in range(length)]
        return self.random.choice([list, tuple, iter, lambda x: x, np.array if length == 77 else list])(made)

    # What a step may be

    def binary(self) -> Any:
        operands = [self.value(), self.operand()]
        self.random.shuffle(operands)
        return self.random.choice(BINARY)(*operands)

    def unary(self) -> Any:
        return self.random.choice(UNARY)(self.value())

    def compare(self) -> Any:
        return self.random.choice(COMPARE)(self.value(), self.operand())

    def function(self) -> Any:
        row = self.random.choice(list(OPERATIONS.values()))
        if row.nary:
            n = self.random.choice([0, 1, 2, 3, 5, 40])
            return FUNCTIONS[row.name](*[self.vector(n + (self.random.random() < 0.05)) for _ in range(row.arity)])
        operands = [self.operand() for _ in range(row.arity if self.random.random() < 0.98 else 2)]
        if self.random.random() < 0.5 and isinstance(operands[0], Value):
            return getattr(operands[0], row.name)(*operands[1:])
        return FUNCTIONS[row.name](*operands)

    def apart(self) -> Any:
        with elementary():
            return self.function()

    def recorded(self) -> Any:
        with recording():
            return self.random.choice([self.compare, self.function, self.binary, self.unary, lambda: self.value().data])()

    def assign(self) -> Any:
        leaf = self.random.choice([value for value in self.values if value.op is None])
        leaf.data = self.operand() if self.random.random() < 0.1 else self.number()
        return leaf._number

    def refresh(self) -> Any:
        value = self.value()
        value.refresh()
        return value

    def backward(self) -> Any:
        value = self.value()
        value.backward()
        return value

    def forget(self) -> Any:
        for value in self.values:
            value.grad = self.random.choice([None, 0.0, value.grad])

    def copied(self) -> Any:
        return self.random.choice([copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])(self.value())

    def second(self) -> Any:
        output, wanted = self.value(), self.random.choice(self.values[:3])
        if len(topological_order(output)) > 60:
            return "too large a graph"
        first = gradient(output, wanted)
        return gradient(first, wanted) if len(topological_order(first)) < 200 else first

    def label(self) -> Any:
        self.value().label = self.random.choice(["a", "b", None, "×"])

    STEPS = (
        (binary, 12), (unary, 3), (compare, 2), (function, 12), (apart, 1), (recorded, 2), (assign, 2), (refresh, 2), (backward, 2),
        (forget, 0.5), (copied, 1), (second, 0.7), (label, 0.5),
    )  # fmt: skip

    def play(self, steps: int) -> Iterator[str]:
        """A line for each step: its result or its error."""
        kinds, weights = zip(*self.STEPS, strict=True)
        for _ in range(steps):
            step = self.random.choices(kinds, weights)[0]
            try:
                result = step(self)
            except Exception as error:  # whatever it is, the other engine has to raise the same in the same words
                yield f"{step.__name__}: {type(error).__name__}: {error}"
                continue
            if isinstance(result, Value) and len(topological_order(result)) < 5000:
                self.values.append(result)
            yield f"{step.__name__}: {told(result)}"
        for value in self.values:
            yield described(value)


def main(first: int, last: int) -> None:
    """Print the programs of these seeds."""
    print(autoback.engine_name)
    for seed in range(first, last):
        for line in Player(seed).play(60):
            print(seed, line.encode("ascii", "backslashreplace").decode())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
