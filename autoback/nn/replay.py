"""Replay: the recorded cost of one sample written out as a Python function, for thousands of samples.

Recording asks of every number where it came from. In training the answer is the same for every
sample and every step, so here the graph is read once and the table's formulas, forth, and the chain
rule, back, are written down as plain Python: a line for each node there and a line for each back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from autoback.engine.formula import PYTHON, PythonReader, decide, fold
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
        self.source = "\n".join(_Writer(cost, parameters, inputs).lines())
        namespace: dict[str, Any] = dict(PYTHON)
        exec(compile(self.source, "<replay>", "exec"), namespace)
        self.total, self.slopes = namespace["total"], namespace["slopes"]


class _Writer:
    """The text of both functions: p and x for the leaves, v for values, d for slopes of C, g for those of its sum."""

    def __init__(self, cost: Value, parameters: Sequence[Value], inputs: Sequence[Value]) -> None:
        self.order = topological_order(cost)
        self.parameters = {leaf: f"g{k}" for k, leaf in enumerate(parameters)}
        self.own, self.each = ([f"{letter}{k}" for k in range(len(leaves))] for letter, leaves in (("p", parameters), ("x", inputs)))
        self.names = {node: f"v{k}" if node.op else f"({node.data!r})" for k, node in enumerate(self.order)}
        self.names |= dict(zip(parameters, self.own, strict=True)) | dict(zip(inputs, self.each, strict=True))

    def lines(self) -> Iterator[str]:
        gradients = list(self.parameters.values())
        own, each = f"    [{', '.join(self.own)}] = parameters", f"    for [{', '.join(self.each)}] in samples:"
        yield from ("def total(parameters, samples):", own, "    total = 0.0", each)
        yield from self._forward()
        yield "    return total"
        yield from ("def slopes(parameters, samples, share):", own, "    total = 0.0", *[f"    {g} = 0.0" for g in gradients], each)
        yield from self._forward()
        yield from self._backward()
        yield f"    gradients = [{', '.join(gradients)}]"
        yield "    if sum(gradients) * 0.0 != 0.0: raise ArithmeticError"
        yield "    return total * share, gradients"

    def _forward(self) -> Iterator[str]:
        made = [node for node in self.order if node.op]
        for node in made:
            yield from _total(self.names[node], self._formulas(node))
        # Times zero, only what is not finite fails to be zero; one test for all of a sample's numbers.
        yield from _total("every", [self.names[node] for node in made or self.order])
        yield "        if every * 0.0 != 0.0: raise ArithmeticError"
        yield f"        total += {self.names[self.order[-1]]}"

    def _backward(self) -> Iterator[str]:
        reaching = set(self.parameters)  # nodes through which a parameter reaches the cost
        for node in self.order:
            if not reaching.isdisjoint(node.inputs):
                reaching.add(node)
        contributions: dict[Value, list[str]] = {self.order[-1]: ["share"]}
        for node in reversed(self.order):
            terms = contributions.pop(node, [])
            if node in self.parameters:
                yield from _total(self.parameters[node], [self.parameters[node], *terms])
            elif terms and node in reaching:
                upstream = f"d{self.names[node]}"
                yield from _total(upstream, terms)
                for below, partial in zip(node.inputs, self._partials(node), strict=True):
                    if below in reaching and partial != "0.0":
                        contributions.setdefault(below, []).append(upstream if partial == "1.0" else f"{upstream} * {partial}")

    def _formulas(self, node: Value) -> list[str]:
        """The terms that a node is the sum of; but for n-ary rows that is one."""
        assert node.op is not None
        return [fold(node.op.trees[0], _Names(bound)) for bound in self._bindings(node)]

    def _partials(self, node: Value) -> list[str]:
        assert node.op is not None
        variable = node.op.arity - node.op.constants
        constants = (
            {name: below.data for name, below in zip("xyz"[variable:], node.inputs[variable:], strict=False)} if node.op.constants else {}
        )
        partials = [decide(partial, constants) if constants else partial for partial in node.op.trees[1]]
        return [fold(partial, _Names(bound)) for partial in partials for bound in self._bindings(node)]

    def _bindings(self, node: Value) -> list[dict[str, str]]:
        """What x, y, z and out are called here; of an n-ary row, in each of its terms."""
        names = [self.names[below] for below in node.inputs]
        count = len(names) // node.op.arity if node.op is not None and node.op.nary else 1
        return [{**dict(zip("xyz", names[k::count], strict=False)), "out": self.names[node]} for k in range(count)]


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
