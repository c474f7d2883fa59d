"""A graph for the lesson in which each neuron is one node, since nobody would walk through hundreds of them."""

from typing import Any

from autoback.engine.value import Value
from autoback.view.cards import Deck
from autoback.view.folding import Closed, closed
from autoback.view.neurons import find
from autoback.view.pages.page import described
from autoback.view.picture import MOST_NUMBERS, Picture
from autoback.view.rules import formula
from autoback.view.snapshot import Snapshot

__all__ = ["Folded"]


class Folded:
    """The graph of a snapshot with fewer nodes: what stands on cards, inputs before consumers, the root last.

    shown: the Values on cards; a neuron is there by its activation
    """

    def __init__(self, snapshot: Snapshot, *, neurons: bool) -> None:
        self.snapshot = snapshot
        units = find(snapshot.order) if neurons else []
        self.neurons: dict[Value, Closed] = {each.unit.a: each for unit in units if (each := closed(unit, snapshot))}
        inside = {member for output, neuron in self.neurons.items() for member in neuron.members if member is not output}
        self.shown: list[Value] = [node for node in snapshot.order if node not in inside]
        self.place: dict[Value, int] = {node: k for k, node in enumerate(self.shown)}

    def picture(self) -> Picture:
        """The cards `n0`, `n1`, … of the nodes that are shown, by their places."""
        picture = Deck(self.snapshot, self.shown, computed=True).operations(neurons=self.neurons)
        picture.crowded = len(picture.links) > MOST_NUMBERS
        return picture

    def nodes(self) -> list[dict[str, Any]]:
        """Each node as the page's data; a neuron has the op "neuron" and, `inside`, a small graph of its own.

        inside: what stands for its inputs, in their order, then its leaves with their values, then its operations, the
                activation last; their inputs are places in this list
        title:  what it computes, such as tanh(z)
        """
        nodes = []
        for node in self.shown:
            neuron = self.neurons.get(node)
            fields = described(self.snapshot, self.snapshot.index[node]) if neuron is None else self._neuron(node, neuron)
            inputs = node.inputs if neuron is None else neuron.inputs
            nodes.append({**fields, "inputs": [self.place[below] for below in inputs]})
        return nodes

    def _neuron(self, output: Value, neuron: Closed) -> dict[str, Any]:
        snapshot, unit = self.snapshot, neuron.unit
        local = {node: k for k, node in enumerate([*neuron.inputs, *neuron.members])}
        inside: list[dict[str, Any]] = [{"name": snapshot[node].name} for node in neuron.inputs]
        for member in neuron.members:
            node = snapshot[member]
            if node.op is not None:
                inside.append({"name": node.name, "op": node.op.name, "inputs": [local[below] for below in member.inputs]})
            else:
                inside.append({"name": node.name, "value": node.value, **({"constant": True} if node.constant else {})})
        title = formula(unit.a, snapshot.names.phrase).text
        return {"name": snapshot[output].name, "op": "neuron", "title": title, "inside": inside}
