"""Replay: the recorded cost of one sample written out as a Python function, for thousands of samples.

Recording asks of every number where it came from. In training the answer is the same for every
sample and every step, so here the graph of the cost and of its gradient is read once, and the table's
formulas are written down as plain Python, a line for each node.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from autoback.engine.formula import PYTHON, PythonReader, fold
from autoback.engine.gradient import gradient
from autoback.engine.value import Value, topological_order

__all__ = ["Replay"]

Numbers = Sequence[float]


class Replay:
    """What a recorded cost is, and its slopes, for other numbers in its leaves.

    cost:       C of one sample, recorded without a look at any number
    parameters: leaves along which the slopes are taken
    inputs:     leaves that differ from sample to sample; every other leaf stays what it was

    total(parameters, samples):         Σ C over the samples, each a sequence of numbers for `inputs`
    slopes(parameters, samples, share): (share · Σ C, its slope along each parameter)
    Both raise ArithmeticError or ValueError where a number is not finite, or might not be: then it
    is for Values, which know their names, to say what is wrong.

    >>> w, x = Value(1.0), Value(1.0)
    >>> replay = Replay((w * x - 1.0) ** 2, [w], [x])
    >>> replay.total([2.0], [[1.0], [3.0]]), replay.slopes([2.0], [[1.0], [3.0]], 0.5)
    (26.0, (13.0, [16.0]))
    >>> print(replay.source)
    def total(parameters, samples):
        [p0] = parameters
        total = 0.0
        for [x0] in samples:
            v2 = (p0 * x0)
            ...
    """

    total: Callable[[Numbers, Iterable[Numbers]], float]
    slopes: Callable[[Numbers, Iterable[Numbers], float], tuple[float, list[float]]]

    def __init__(self, cost: Value, parameters: Sequence[Value], inputs: Sequence[Value]) -> None:
        self.source: str = "\n".join(_Writer(cost, parameters, inputs).lines())
        namespace: dict[str, Any] = dict(PYTHON)
        exec(compile(self.source, "<replay>", "exec"), namespace)
        self.total, self.slopes = namespace["total"], namespace["slopes"]


class _Writer:
    """The text of both functions: p and x for the leaves, v for values of the cost and of its gradient, g for sums over samples."""

    def __init__(self, cost: Value, parameters: Sequence[Value], inputs: Sequence[Value]) -> None:
        self.cost = cost
        self.gradients = gradient(cost, parameters)
        self.sums = [f"g{k}" for k in range(len(parameters))]
        order = topological_order(cost, *self.gradients)
        self.own, self.each = ([f"{letter}{k}" for k in range(len(leaves))] for letter, leaves in (("p", parameters), ("x", inputs)))
        self.names = {node: f"v{k}" if node.op else f"({node.data!r})" for k, node in enumerate(order)}
        self.names |= dict(zip(parameters, self.own, strict=True)) | dict(zip(inputs, self.each, strict=True))

    def lines(self) -> Iterator[str]:
        own, each = f"    [{', '.join(self.own)}] = parameters", f"    for [{', '.join(self.each)}] in samples:"
        yield from ("def total(parameters, samples):", own, "    total = 0.0", each)
        yield from self._values(topological_order(self.cost))
        yield "    return total"
        yield from ("def slopes(parameters, samples, share):", own, "    total = 0.0", *[f"    {g} = 0.0" for g in self.sums], each)
        yield from self._values(topological_order(self.cost, *self.gradients))
        yield from [f"        {g} += {self.names[each]}" for g, each in zip(self.sums, self.gradients, strict=True)]
        yield f"    gradients = [{', '.join(f'{g} * share' for g in self.sums)}]"
        yield "    if sum(gradients) * 0.0 != 0.0: raise ArithmeticError"
        yield "    return total * share, gradients"

    def _values(self, order: Sequence[Value]) -> Iterator[str]:
        made = [node for node in order if node.op]
        for node in made:
            yield from _total(self.names[node], self._formulas(node))
        # Times zero, only what is not finite fails to be zero; one test for all numbers of a sample's cost.
        cost = topological_order(self.cost)
        yield from _total("every", [self.names[node] for node in cost if node.op] or [self.names[self.cost]])
        yield "        if every * 0.0 != 0.0: raise ArithmeticError"
        yield f"        total += {self.names[self.cost]}"

    def _formulas(self, node: Value) -> list[str]:
        """The terms that a node is the sum of; but for n-ary rows that is one."""
        row = node.op
        assert row is not None
        return [fold(row.term, _Names(bound)) for bound in row.terms([self.names[below] for below in node.inputs])]


class _Names(PythonReader):
    """A formula as Python, under other names."""

    def __init__(self, bound: dict[str, str]) -> None:
        self.bound = bound

    def name(self, name: str) -> str:
        return self.bound[name]


def _total(name: str, terms: list[str]) -> Iterator[str]:
    """Lines that add terms from the left; not too many in one, or the compiler's stack would overflow."""
    for start in range(0, len(terms), 50):
        yield f"        {name} = {' + '.join(([name] if start else []) + terms[start : start + 50])}"
