"""Recorded formulas as JavaScript on arrays: the activations, losses, optimisers and the penalty that the playground computes with.

The rows give the activations. Losses, optimisers and the penalty are functions of the package; each is called once on
Values, and what was recorded, with the gradient that the engine makes of it, is written out, a line for each node.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from autoback.engine.formula import fold
from autoback.engine.gradient import gradient
from autoback.engine.operations import Operation
from autoback.engine.tracing import recording
from autoback.engine.value import Value, topological_order
from autoback.nn.activations import ACTIVATIONS
from autoback.nn.losses import LossRow, l2_penalty
from autoback.nn.modules import MLP
from autoback.nn.optimizers import SGD, Adam, AdamW, Optimizer, RMSProp
from autoback.view.pages.javascript import JavaScriptReader

__all__ = ["OFFERED", "activation", "loss", "optimizer", "penalty", "programs"]

#: The optimisers of the playground, by the names it uses.
OFFERED: Mapping[str, Optimizer] = {
    "sgd": SGD(), "momentum": SGD(momentum=0.9), "nesterov": SGD(momentum=0.9, nesterov=True), "rmsprop": RMSProp(), "adam": Adam(),
    "adamw": AdamW(),
}  # fmt: skip


class _Names(JavaScriptReader):
    """A formula as JavaScript, under other names."""

    def __init__(self, bound: Mapping[str, str]) -> None:
        self.bound = bound

    def name(self, name: str) -> str:
        return self.bound[name]


class _Program:
    """What was recorded from some leaves to some results, as JavaScript.

    names: what the leaves are called; every other leaf is a constant
    """

    def __init__(self, names: Mapping[Value, str], results: Sequence[Value]) -> None:
        self.order = topological_order(*results)
        self.names = {node: f"v{k}" if node.op else _number(node.data) for k, node in enumerate(self.order)} | dict(names)

    def lines(self, nodes: Iterable[Value]) -> Iterator[str]:
        """A line for each operation among these nodes."""
        for node in nodes:
            if node.op is not None:
                terms = node.op.terms([self.names[below] for below in node.inputs])
                yield f"const {self.names[node]} = {' + '.join(fold(node.op.term, _Names(term)) for term in terms)};"

    def depending(self, leaves: Iterable[Value]) -> set[Value]:
        """The leaves, and what depends on them."""
        found = set(leaves)
        for node in self.order:
            if not found.isdisjoint(node.inputs):
                found.add(node)
        return found


def activation(row: Operation | None) -> str:
    """An activation over n numbers: forward fills a from z, slope fills s with da/dz from z and a.

    >>> from autoback import OPERATIONS
    >>> print(activation(OPERATIONS["tanh"]))
    {
      symbol: "tanh", range: [-1.0, 1.0], linear: false,
      forward: (z, a, n) => { for (let i = 0; i < n; i++) { const x = z[i]; a[i] = Math.tanh(x); } },
      slope: (z, a, s, n) => { for (let i = 0; i < n; i++) { const x = z[i], out = a[i]; s[i] = (1.0 - (out * out)); } },
    }
    """
    value, slope, symbol, ends = "x", "1.0", "Σ", (-math.inf, math.inf)
    if row is not None:
        reader = JavaScriptReader()
        value, slope, symbol, ends = fold(row.term, reader), fold(row.slopes[0], reader), row.symbol, row.range
    return (
        f"{{\n  symbol: {json.dumps(symbol, ensure_ascii=False)}, range: {_numbers(ends)}, linear: {json.dumps(row is None)},\n"
        f"  forward: (z, a, n) => {{ for (let i = 0; i < n; i++) {{ const x = z[i]; a[i] = {value}; }} }},\n"
        f"  slope: (z, a, s, n) => {{ for (let i = 0; i < n; i++) {{ const x = z[i], out = a[i]; s[i] = {slope}; }} }},\n}}"
    )


def loss(row: LossRow, sizes: Iterable[int] | None = None) -> str:
    """A loss: the facts of its row, and for each number of outputs the cost C of a sample, which sets ∂C/∂a in g.

    sizes: default 1, 2 and 3 outputs; a loss of classes needs 2
    o, g: outputs and slopes of c samples, neuron by neuron; s: which sample; y: targets of all samples, its own from y[i] on

    >>> from autoback.nn.losses import LOSSES
    >>> print(loss(LOSSES["squared_error"], [1]))
    {
      name: "squared error", takes: "numbers", targets: [-Infinity, Infinity], only: [], classes: false, threshold: null,
      of: {
        1: (o, y, i, g, s = 0, c = 1) => {
          const o0 = o[s + 0 * c];
          const v2 = (o0 - y[i + 0]);
          const v4 = pow(v2, 2.0);
          const v6 = (2.0 * v2);
          g[s + 0 * c] = v6;
          return v4;
        },
      },
    }
    """
    facts = (
        f"name: {json.dumps(row.name.replace('_', ' '))}, takes: {json.dumps(row.takes)}, targets: {_numbers(row.targets)}, "
        f"only: {_numbers(row.only)}, classes: {json.dumps(row.classes)}, threshold: {json.dumps(row.threshold)}"
    )
    sizes = sizes or range(1 + row.classes, 4)
    return "\n".join(["{", f"  {facts},", "  of: {", *[line for n in sizes for line in _cost(row, n)], "  },", "}"])


def _cost(row: LossRow, n: int) -> Iterator[str]:
    outputs, targets = ([Value(0.5 * k, letter) for k in range(n)] for letter in "ay")
    with recording():
        cost = row(outputs, targets) if n > 1 else row(outputs[0], targets[0])
    slopes = gradient(cost, outputs)
    names = {o: f"o{k}" for k, o in enumerate(outputs)} | {y: f"y[i + {k}]" for k, y in enumerate(targets)}
    program = _Program(names, [cost, *slopes])
    yield f"    {n}: (o, y, i, g, s = 0, c = 1) => {{"
    yield from (f"      const o{k} = o[s + {k} * c];" for k in range(n))
    yield from (f"      {line}" for line in program.lines(program.order))
    yield from (f"      g[s + {k} * c] = {program.names[slope]};" for k, slope in enumerate(slopes))
    yield f"      return {program.names[cost]};"
    yield "    },"


def optimizer(made: Optimizer) -> str:
    """An optimiser: how many numbers it remembers for each parameter, its usual rate, and a step of n parameters.

    p, g: parameters and gradients; m: what is remembered, n numbers of the first kind, then of the next

    >>> print(optimizer(SGD(momentum=0.9)))
    {
      states: 1, rate: 0.1, name: "SGD", arguments: ", momentum=0.9",
      move: (p, g, rate, step, m, n) => {
        for (let i = 0; i < n; i++) {
          const parameter = p[i], gradient = g[i], m0 = m[i + 0 * n];
          const v4 = (0.9 * m0);
          const v6 = (v4 + gradient);
          const v7 = (rate * v6);
          const v8 = (parameter - v7);
          p[i] = v8;
          m[i + 0 * n] = v6;
        }
      },
    }
    """
    states = made.n_state
    labels = ["parameter", "gradient", "rate", "step", *[f"m{k}" for k in range(states)]]
    leaves = [Value(1.0, label) for label in labels]
    with recording():
        results = list(made.update(*leaves))
    program = _Program(dict(zip(leaves, labels, strict=True)), results)
    own = program.depending([*leaves[:2], *leaves[4:]])
    once, each = [node for node in program.order if node not in own], [node for node in program.order if node in own]
    places = ["p[i]", "g[i]", *[f"m[i + {k} * n]" for k in range(states)]]
    bound = ", ".join(f"{label} = {place}" for label, place in zip([*labels[:2], *labels[4:]], places, strict=True))
    stores = [f"{place} = {program.names[result]};" for place, result in zip([places[0], *places[2:]], results, strict=True)]
    given = "".join(f", {name}={value!r}" for name, value in _given(made))
    return "\n".join([
        "{", f"  states: {states}, rate: {made.rate_at(1)!r}, name: {json.dumps(type(made).__name__)}, arguments: {json.dumps(given)},",
        "  move: (p, g, rate, step, m, n) => {",
        *(f"    {line}" for line in program.lines(once)),
        "    for (let i = 0; i < n; i++) {", f"      const {bound};",
        *(f"      {line}" for line in [*program.lines(each), *stores]),
        "    }", "  },", "}",
    ])  # fmt: skip


def _given(made: Optimizer) -> Iterator[tuple[str, Any]]:
    """The arguments of an optimiser that are not those it has by itself."""
    make: Any = type(made)
    usual = vars(make())
    for name, value in vars(made).items():
        if not name.startswith("_") and value != usual[name]:
            yield name, value


def penalty() -> str:
    """The L2 penalty on an array w of weights; g, if given, gets its slopes added."""
    strength, net = Value(1.0, "strength"), MLP(1, [1])
    [weight] = net.layers[0].neurons[0].weights
    with recording():
        cost = l2_penalty(net, strength)  # type: ignore[arg-type]  # a Value, so that it is recorded
    [slope] = gradient(cost, [weight])
    program = _Program({weight: "w[i]", strength: "strength"}, [cost, slope])
    return "\n".join([
        "(w, strength, g) => {", "  let sum = 0;", "  for (let i = 0; i < w.length; i++) {",
        *(f"    {line}" for line in program.lines(program.order)),
        f"    sum += {program.names[cost]};", f"    if (g) g[i] += {program.names[slope]};", "  }", "  return sum;", "}",
    ])  # fmt: skip


def programs(losses: Mapping[str, str]) -> str:
    """All of them as JavaScript constants.

    losses: what `loss` made, by name
    """
    tables: dict[str, Mapping[str, str]] = {
        "ACTIVATIONS": {str(name): activation(row) for name, row in ACTIVATIONS.items()},
        "LOSSES": losses,
        "OPTIMIZERS": {name: optimizer(made) for name, made in OFFERED.items()},
    }
    rows = {name: "".join(f"{json.dumps(key)}: {text},\n" for key, text in table.items()) for name, table in tables.items()}
    return "\n".join([*(f"const {name} = {{\n{text}}};" for name, text in rows.items()), f"const PENALTY = {penalty()};", ""])


def _number(x: float) -> str:
    return repr(x).replace("inf", "Infinity") if x >= 0.0 else f"({repr(x).replace('inf', 'Infinity')})"


def _numbers(each: Sequence[float]) -> str:
    return f"[{', '.join(repr(x).replace('inf', 'Infinity') for x in each)}]"
