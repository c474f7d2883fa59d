"""Neurons found in a computation graph: by a network's parameters, or by their shape alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autoback.engine.functions import take_apart
from autoback.engine.operations import OPERATIONS, Operation
from autoback.engine.value import Value, topological_order
from autoback.nn.module import Module
from autoback.nn.modules import MLP, Layer, Neuron

__all__ = ["Unit", "find", "is_of_neurons", "is_stack", "layers_of"]


@dataclass(frozen=True)
class Unit:
    """One neuron at work on one sample.

    layer, neuron: which it is, from 0
    nodes:         the operations that are its own, in topological order, from the weighted sum to the activation
    z, a:          its weighted sum with bias, and its activation, which is z itself where there is none
    parameters:    its weights and its bias
    symbol:        of its activation, "" where there is none
    depth:         how many neurons lie before it on the longest way, itself included
    """

    layer: int
    neuron: int
    nodes: tuple[Value, ...]
    z: Value
    a: Value
    parameters: tuple[Value, ...]
    symbol: str
    depth: int = 0


def find(nodes: Sequence[Value], net: Any = None) -> list[Unit]:
    """The neurons among nodes that are in topological order, in that order.

    net: a network, whose parameters tell the neurons; None: a neuron is a `dot` whose weights are
         leaves, then the addition of a leaf, its bias, then perhaps an activation of that alone; a `dot`
         without a bias may be anything, the product of probabilities with a target for instance
    Raises TypeError when `net` has no layers of neurons.
    """
    consumers: dict[Value, list[Value]] = {}
    for node in nodes:
        for below in dict.fromkeys(node.inputs):
            consumers.setdefault(below, []).append(node)
    found = _by_parameters(net, consumers) if net is not None else _by_shape(nodes, consumers)
    index = {node: k for k, node in enumerate(nodes)}
    outputs = {unit.a: unit for unit in found if unit.a in index}
    depths: dict[Value, int] = {}
    numbers: dict[int, dict[tuple[Value, ...], int]] = {}  # of the neurons of a layer, which have the same weights for every sample
    units = []
    for node in nodes:
        depths[node] = max([depths[below] for below in node.inputs], default=0)
        unit = outputs.get(node)
        if unit is not None:
            depths[node] += 1
            layer, neuron = unit.layer, unit.neuron
            if net is None:
                layer = depths[node] - 1
                known = numbers.setdefault(layer, {})
                neuron = known.setdefault(unit.parameters, len(known))
            inside = tuple(sorted(unit.nodes, key=index.__getitem__))
            units.append(replace(unit, layer=layer, neuron=neuron, nodes=inside, depth=depths[node]))
    return units


def layers_of(net: Any) -> list[Any]:
    """The layers of a network, or of a single layer, or of a single neuron."""
    if hasattr(net, "layers"):
        return list(net.layers)
    if hasattr(net, "neurons"):
        return [net]
    if hasattr(net, "weights") and hasattr(net, "bias"):
        return [_Single(net)]
    raise TypeError(f"expected a network with layers of neurons, such as an MLP, got a {type(net).__name__}")


def is_of_neurons(net: Any) -> bool:
    """Whether all parameters of a network are those of its layers of neurons, whatever it computes with them."""
    try:
        own = {parameter for layer in layers_of(net) for neuron in layer.neurons for parameter in parameters_of(neuron)}
    except (AttributeError, TypeError):
        return False
    return not isinstance(net, Module) or own.issuperset(net.parameters() + net.frozen_parameters())


def is_stack(net: Any) -> bool:
    """Whether a network is layers of neurons one after the other; a Module with a `forward` of its own need not be."""
    return is_of_neurons(net) and (not isinstance(net, Module) or type(net).forward in (MLP.forward, Layer.forward, Neuron.forward))


class _Single:
    """A neuron on its own, as a layer of one."""

    def __init__(self, neuron: Any) -> None:
        self.neurons, self.activation = [neuron], neuron.activation


def _by_parameters(net: Any, consumers: dict[Value, list[Value]]) -> list[Unit]:
    units = []
    for number, layer in enumerate(layers_of(net)):
        for j, neuron in enumerate(layer.neurons):
            row = OPERATIONS.get(neuron.activation)
            for z, before in _sums(neuron, consumers):
                after = _activation(z, row, consumers)
                a = after[-1] if after else z
                inside = (*before, z, *after, *_constants(after, consumers))
                units.append(Unit(number, j, inside, z, a, parameters_of(neuron), row.symbol if row else ""))
    return units


def parameters_of(neuron: Any) -> tuple[Value, ...]:
    """The weights of a neuron, and its bias if it has one."""
    return (*neuron.weights, *([] if neuron.bias is None else [neuron.bias]))


def _sums(neuron: Any, consumers: dict[Value, list[Value]]) -> Iterator[tuple[Value, list[Value]]]:
    """Each weighted sum z of a neuron, and the nodes below it that belong to it."""
    weights = set(neuron.weights)
    if neuron.bias is None:
        for z in dict.fromkeys(consumers.get(neuron.weights[0], [])):
            if _is(z, "dot") and weights.issubset(z.inputs):
                yield z, []
        return
    for z in consumers.get(neuron.bias, []):
        if _is(z, "add") and (before := _weighted(z, neuron.bias, weights)) is not None:
            yield z, before


def _weighted(z: Value, bias: Value, weights: set[Value]) -> list[Value] | None:
    """The nodes of a weighted sum below z: one `dot`, or the sums and products it was taken apart into; None if it is no such sum."""
    nodes, stack = [], [below for below in z.inputs if below is not bias]
    while stack:
        node = stack.pop()
        name = node.op.name if node.op else ""
        if name in ("dot", "mul") and not weights.isdisjoint(node.inputs):
            nodes.append(node)
        elif name in ("sum", "add"):
            nodes.append(node)
            stack.extend(node.inputs)
        else:
            return None
    return list(dict.fromkeys(nodes)) or None


def _activation(z: Value, row: Operation | None, consumers: dict[Value, list[Value]]) -> list[Value]:
    """The nodes that compute an activation from z: one, or those its row is taken apart into."""
    if row is None:
        return []
    for node in consumers.get(z, []):
        if node.op is row:
            return [node]
    pattern = Value(z.data)
    twin = {pattern: z}  # from the nodes of an example to those of this graph
    for example in topological_order(take_apart(row, (pattern,))):
        if example.op is None:
            continue
        known = [twin.get(below) for below in example.inputs]
        for candidate in consumers.get(next(node for node in known if node is not None), []):
            taken = candidate in set(twin.values())  # tanh has two nodes −x, each with its own twin
            if (
                candidate.op is example.op
                and not taken
                and all(
                    real is wanted or (wanted is None and real.op is None and real.data == below.data)
                    for real, wanted, below in zip(candidate.inputs, known, example.inputs, strict=True)
                )
            ):
                twin[example] = candidate
                break
        else:
            return []
    return [node for node in twin.values() if node is not z]


def _constants(nodes: Sequence[Value], consumers: dict[Value, list[Value]]) -> list[Value]:
    """The nameless leaves that only these nodes use: the 1 in 1 / (1 + e^−z)."""
    leaves = dict.fromkeys(below for node in nodes for below in node.inputs if below.op is None and below.label is None)
    return [leaf for leaf in leaves if set(consumers[leaf]) <= set(nodes)]


def _by_shape(nodes: Iterable[Value], consumers: dict[Value, list[Value]]) -> list[Unit]:
    units = []
    for node in nodes:
        weights = node.inputs[: len(node.inputs) // 2]
        if not _is(node, "dot") or any(weight.op is not None for weight in weights):
            continue
        z = _alone(node, consumers)
        biases = [below for below in z.inputs if below.op is None] if z is not None and _is(z, "add") else []
        if z is None or not biases:
            continue
        a, above = z, _alone(z, consumers)
        if above is not None and above.op is not None and above.op.activation:
            a = above
        nodes_inside = (node, z) if a is z else (node, z, a)
        units.append(Unit(0, 0, nodes_inside, z, a, (*weights, *biases), "" if a is z or a.op is None else a.op.symbol))
    return units


def _is(node: Value, row: str) -> bool:
    return node.op is not None and node.op.name == row


def _alone(node: Value, consumers: dict[Value, list[Value]]) -> Value | None:
    """The only consumer of a node, if it has only one."""
    above = consumers.get(node, [])
    return above[0] if len(above) == 1 else None
