"""Neurons found in a computation graph: by a network's parameters, or by their shape alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autoback.engine.functions import take_apart
from autoback.engine.operations import OPERATIONS, Operation
from autoback.engine.value import Value, topological_order

__all__ = ["Unit", "find"]


@dataclass(frozen=True)
class Unit:
    """One neuron at work on one sample.

    layer, neuron: which it is, from 0
    nodes:         the operations that are its own, in topological order, from the weighted sum to the activation
    z, a:          its weighted sum with bias, and its activation, which is z itself where there is none
    parameters:    its weights and its bias
    depth:         how many neurons lie before it on the longest way, itself included
    """

    layer: int
    neuron: int
    nodes: tuple[Value, ...]
    z: Value
    a: Value
    parameters: tuple[Value, ...]
    depth: int


def find(nodes: Sequence[Value], net: Any = None) -> list[Unit]:
    """The neurons among nodes that are in topological order, in that order.

    net: a network, whose parameters tell the neurons; None: a neuron is a `dot` whose weights are
         leaves, then perhaps the addition of a leaf, then perhaps a function of that alone
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
    widths: dict[int, int] = {}
    units = []
    for node in nodes:
        depths[node] = max([depths[below] for below in node.inputs], default=0)
        unit = outputs.get(node)
        if unit is not None:
            depths[node] += 1
            layer, neuron = unit.layer, unit.neuron
            if net is None:
                layer = depths[node] - 1
                neuron = widths.setdefault(layer, 0)
                widths[layer] += 1
            inside = tuple(sorted(unit.nodes, key=index.__getitem__))
            units.append(Unit(layer, neuron, inside, unit.z, unit.a, unit.parameters, depths[node]))
    return units


def layers_of(net: Any) -> list[Any]:
    """The layers of a network, or of a single layer, or of a single neuron."""
    if hasattr(net, "layers"):
        return list(net.layers)
    if hasattr(net, "neurons"):
        return [net]
    if hasattr(net, "weights") and hasattr(net, "bias"):
        return [_Single(net)]
    raise TypeError(f"fold must be a network with layers of neurons, such as an MLP, got a {type(net).__name__}")


class _Single:
    """A neuron on its own, as a layer of one."""

    def __init__(self, neuron: Any) -> None:
        self.neurons, self.activation = [neuron], neuron.activation


def _by_parameters(net: Any, consumers: dict[Value, list[Value]]) -> list[Unit]:
    units = []
    for number, layer in enumerate(layers_of(net)):
        row = OPERATIONS.get(layer.activation)
        for j, neuron in enumerate(layer.neurons):
            weights = set(neuron.weights)
            for z in consumers.get(neuron.bias, []):
                if z.op is not None and z.op.name == "add" and (before := _weighted(z, neuron.bias, weights)) is not None:
                    after = _activation(z, row, consumers)
                    a = after[-1] if after else z
                    units.append(Unit(number, j, (*before, z, *after), z, a, (*neuron.weights, neuron.bias), 0))
    return units


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
            if candidate.op is example.op and all(
                real is wanted or (wanted is None and real.op is None and real.data == below.data)
                for real, wanted, below in zip(candidate.inputs, known, example.inputs, strict=True)
            ):
                twin[example] = candidate
                break
        else:
            return []
    return [node for node in twin.values() if node is not z]


def _by_shape(nodes: Iterable[Value], consumers: dict[Value, list[Value]]) -> list[Unit]:
    units = []
    for node in nodes:
        if node.op is None or node.op.name != "dot":
            continue
        weights = node.inputs[: len(node.inputs) // 2]
        if any(weight.op is not None for weight in weights):
            continue
        inside, parameters = [node], list(weights)
        for name in ("add", ""):
            above = consumers.get(inside[-1], [])
            if len(above) != 1:
                break
            following = above[0]
            if following.op is None:
                break
            if name == "add" and following.op.name == "add" and (biases := [below for below in following.inputs if below.op is None]):
                inside.append(following)
                parameters += biases
            elif not name and len(following.inputs) == 1 and not following.op.nary:
                inside.append(following)
        last = inside[-1]
        z = last if len(last.inputs) != 1 or last is node else last.inputs[0]
        units.append(Unit(0, 0, tuple(inside), z, last, tuple(parameters), 0))
    return units
