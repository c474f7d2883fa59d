"""A computation graph as cards and links: values, gradients, local derivatives and contributions."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from autoback.engine.value import Value
from autoback.text import plural, short
from autoback.view.colors import level
from autoback.view.folding import Closed, Fold, locals_of, spread
from autoback.view.notation import TEXT
from autoback.view.phrases import equals, product, spelled
from autoback.view.picture import Card, Frame, Link, Picture
from autoback.view.snapshot import Node, Snapshot
from autoback.view.tooltips import contribution, derivative_name, edge_tooltip, node_tooltip

__all__ = ["Deck", "written"]


class Deck:
    """A picture of a graph while it is being filled.

    snapshot: the graph
    nodes:    those that are drawn, in topological order; default all
    detailed: write upstream × local = contribution on the links, and not the local derivative alone
    computed: write the gradients of this root, whether a backward has stored them or not
    """

    def __init__(self, snapshot: Snapshot, nodes: Sequence[Value] | None = None, detailed: bool = False, computed: bool = False) -> None:
        self.snapshot = snapshot
        self.detailed = detailed
        self.computed = computed
        self.shown: list[int] = [snapshot.index[node] for node in nodes] if nodes is not None else list(range(len(snapshot.nodes)))
        self.drawn: set[int] = set(self.shown)
        self.keys: dict[int, str] = {k: f"n{place}" for place, k in enumerate(self.shown)}
        self.picture: Picture = Picture(snapshot.name, legend=self._legend())
        self._measure(self.shown)

    def operations(
        self,
        places: Mapping[Value, str] = MappingProxyType({}),
        frames: Mapping[str, Frame] = MappingProxyType({}),
        neurons: Mapping[Value, Closed] = MappingProxyType({}),
    ) -> Picture:
        """Every node as a card of its own, every input of it as a link.

        places, frames: the frames that nodes stand in, if there are any
        neurons: the nodes that stand for a whole neuron, whose links begin at what goes into it
        """
        self.picture.frames = dict(frames)
        total = len(self.snapshot.nodes)
        for k in self.shown:
            node, value = self.snapshot.nodes[k], self.snapshot.order[k]
            if value in neurons:
                self._add_neuron(k, neurons[value])
                continue
            self.picture.cards.append(self._card(k, places.get(value, "")))
            if hidden := self._hidden(node):
                lines = (f"{hidden} of {total}", "nodes not drawn")
                self.picture.cards.append(Card(f"more{k}", "⋯", lines=lines, kind="more", tooltip="not drawn; see the note"))
                self.picture.links.append(Link(f"more{k}", self.keys[k], tooltip="not drawn"))
            self.picture.links += [self._link(k, position) for position, below in enumerate(node.inputs) if below in self.drawn]
        return self.picture

    def _add_neuron(self, k: int, neuron: Closed) -> None:
        self.picture.cards.append(replace(self._card(k), symbol=neuron.unit.symbol or "Σ"))
        index = self.snapshot.index
        along = locals_of(neuron.unit.a, neuron.members, index)
        self.picture.links += [self._through(k, index[below], along[below]) for below in neuron.inputs]

    def _through(self, k: int, below: int, local: float) -> Link:
        """The link to a card that stands for several nodes, with the derivative through all of them."""
        node = self.snapshot.nodes[k]
        upstream = node.gradient if node.stored is not None else None
        symbol = derivative_name(self.snapshot, k, below)
        tooltip = f"{symbol} = {local!r}\n{contribution(self.snapshot, k, below, local)}"
        step = self._step(None if upstream is None else upstream * local)
        return Link(self.keys[below], self.keys[k], written(local, upstream, self.detailed), step, tooltip)

    def _hidden(self, node: Node) -> int:
        """How many nodes that are not drawn lead to a drawn one through inputs that are not drawn."""
        stack = [below for below in node.inputs if below not in self.drawn]
        seen = set(stack)
        while stack:
            for below in self.snapshot.nodes[stack.pop()].inputs:
                if below not in self.drawn and below not in seen:
                    seen.add(below)
                    stack.append(below)
        return len(seen)

    def folded(self, folds: Sequence[Fold]) -> Picture:
        """Each fold as one card, and what is in none of them as a card of its own."""
        index = self.snapshot.index
        owner: dict[int, str] = {}
        for k, fold in enumerate(folds):
            for member in fold.members:
                owner.setdefault(index[member], f"g{k}")
        outputs = {index[output] for fold in folds for output in fold.outputs}
        self._measure(k for k in self.shown if k not in owner or k in outputs)
        self.keys = {**self.keys, **owner}
        for number, fold in enumerate(folds):
            self.picture.cards.append(self._fold(f"g{number}", fold))
        for k in self.shown:
            if k not in owner:
                self.picture.cards.append(self._card(k))
                self.picture.links += [self._link(k, position) for position in range(len(self.snapshot.nodes[k].inputs))]
        for number, fold in enumerate(folds):
            self.picture.links += self._links(f"g{number}", fold)
        columns: dict[tuple[int, int], list[str]] = {}
        for number, fold in enumerate(folds):
            if fold.column is not None:
                columns.setdefault(fold.column, []).append(f"g{number}")
        self.picture.columns = list(columns.values())
        self.picture.quiet()
        return self.picture

    def parts(self, folds: Sequence[Fold], frames: Mapping[str, Frame]) -> Picture:
        """Each fold as one card, and as one link all values that go from one fold to another."""
        snapshot, index = self.snapshot, self.snapshot.index
        owner = {index[member]: number for number, fold in enumerate(folds) for member in fold.members}
        sources = {index[output] for fold in folds for output in fold.outputs}
        self._measure(sources)
        self.picture.frames = dict(frames)
        self.picture.cards = [self._fold(f"g{number}", fold) for number, fold in enumerate(folds)]
        flows: dict[tuple[int, int], dict[int, float]] = {}  # what each value that goes along a link gets back
        for k in self.shown:
            node = snapshot.nodes[k]
            for i, partial in zip(node.inputs, node.partials, strict=True):
                if i in sources and owner[i] != owner[k]:
                    flow = flows.setdefault((owner[i], owner[k]), {})
                    flow[i] = flow.get(i, 0.0) + node.gradient * partial
        known = snapshot.root.grad is not None
        self.picture.links = [self._flow(f"g{source}", f"g{target}", flow, known) for (source, target), flow in sorted(flows.items())]
        self.picture.legend = [f"∂ on a card: ∂{snapshot.name}/∂(what goes out of it).", "On an arrow: how many values go along it."]
        self.picture.carried = "the largest gradient that comes back along it"
        self.picture.quiet()
        return self.picture

    def _flow(self, source: str, target: str, flow: Mapping[int, float], known: bool) -> Link:
        values, gradients = [self.snapshot.nodes[k].value for k in flow], flow.values()
        tooltip = f"{plural(len(flow), 'value')}: {spread(values)}"
        if known:
            tooltip += f"\nwhat comes back along this arrow: {spread(gradients)}"
        return Link(source, target, (plural(len(flow), "value"),), self._step(max(gradients, key=abs) if known else None), tooltip)

    def _measure(self, nodes: Iterable[int]) -> None:
        """Give the strongest colour to the largest gradient of these nodes."""
        known = [self.snapshot.nodes[k] for k in nodes]
        self.picture.largest = max((abs(node.gradient) for node in known if node.stored is not None), default=None)

    def _legend(self) -> list[str]:
        root = self.snapshot.name
        if self.detailed:
            return [
                f"Gradient of a card: ∂{root}/∂(the card), the sum of what its arrows bring back.",
                "On an arrow: upstream gradient × local derivative = contribution.",
            ]
        return [f"∂ on a card: ∂{root}/∂(the card).", "On an arrow: the local derivative, ∂(its end)/∂(this use of its start)."]

    def _step(self, number: float | None) -> int | None:
        return None if number is None else level(number, self.picture.largest or 0.0)

    def _card(self, k: int, frame: str = "") -> Card:
        node = self.snapshot.nodes[k]
        tooltip = node_tooltip(self.snapshot, k)
        if node.constant:
            return Card(self.keys[k], short(node.value), tooltip=tooltip, kind="constant", frame=frame)
        gradient = short(node.gradient) if self.computed else node.told
        if self.detailed and node.stored is None:
            gradient = "not computed"
        return Card(
            self.keys[k],
            node.name,
            node.op.symbol if node.op else "",
            (short(node.value),),
            gradient,
            self._step(None if node.stored is None else node.gradient),
            tooltip,
            "operation" if node.op else "leaf",
            frame,
            node.stale,
        )

    def _fold(self, key: str, fold: Fold) -> Card:
        nodes = [self.snapshot[node] for node in fold.outputs]
        known = [node.gradient for node in nodes if node.stored is not None]
        largest = max(known, key=abs) if known and len(known) == len(nodes) else None
        band = ("" if largest is None else "largest ") * (len(nodes) > 1) + ("—" if largest is None else short(largest)) if nodes else ""
        stale = any(self.snapshot[member].stale for member in fold.members)
        return Card(key, fold.title, fold.symbol, fold.lines, band, self._step(largest), fold.tooltip, fold.kind, fold.frame, stale)

    def _link(self, k: int, position: int) -> Link:
        node = self.snapshot.nodes[k]
        below = self.snapshot.nodes[node.inputs[position]]
        source, target = self.keys[node.inputs[position]], self.keys[k]
        tooltip = edge_tooltip(self.snapshot, k, position)
        if below.constant:
            return Link(source, target, tooltip=tooltip, constant=True)
        upstream = None if node.stored is None else node.gradient
        contributed = None if upstream is None else upstream * node.partials[position]
        return Link(source, target, written(node.partials[position], upstream, self.detailed), self._step(contributed), tooltip)

    def _links(self, key: str, fold: Fold) -> list[Link]:
        """The links into a fold: for each card they come from, the derivatives of the outputs with respect to what it gives."""
        bundles: dict[str, _Bundle] = {}
        constants: dict[str, Value] = {}
        index = self.snapshot.index
        for output in fold.outputs:
            for below, local in locals_of(output, fold.members, index).items():
                if self.snapshot[below].constant:
                    constants[self.keys[index[below]]] = below
                else:
                    node = self.snapshot[output]
                    upstream = None if node.stored is None else node.gradient
                    bundles.setdefault(self.keys[index[below]], _Bundle()).add(index[output], index[below], local, upstream)
        links = [self._bundled(source, key, bundle) for source, bundle in bundles.items()]
        return links + [Link(source, key, constant=True) for source in constants if source not in bundles]

    def _bundled(self, source: str, key: str, bundle: "_Bundle") -> Link:
        step = self._step(bundle.strongest)
        output, below, local = bundle.first
        if bundle.count == 1:
            return self._through(output, below, local)
        low, high = short(bundle.low), short(bundle.high)
        tooltip = f"{bundle.count} local derivatives, from {low} to {high}"
        return Link(source, key, (f"{bundle.count} × ∂", f"{low} … {high}"), step, tooltip)


class _Bundle:
    """What a link between two folds stands for: many derivatives, of which only the extremes are kept.

    first: an output, an input, and the derivative of the one by the other
    strongest: the contribution that is largest in size, None as long as one of them is unknown
    """

    first: tuple[int, int, float]

    def __init__(self) -> None:
        self.count = 0
        self.low, self.high = math.inf, -math.inf
        self.strongest: float | None = 0.0

    def add(self, output: int, below: int, local: float, upstream: float | None) -> None:
        if not self.count:
            self.first = output, below, local
        self.count += 1
        self.low, self.high = min(self.low, local), max(self.high, local)
        if upstream is None:
            self.strongest = None
        elif self.strongest is not None:
            self.strongest = max(self.strongest, upstream * local, key=abs)


def written(local: float, upstream: float | None, detailed: bool) -> tuple[str, ...]:
    """What stands on an arrow: the local derivative, and if it shall be detailed what becomes of the gradient.

    >>> written(0.25, -2.0, True)
    ('−2 × 0.25', '= −0.5')
    """
    if not detailed or upstream is None:
        return (short(local),)
    factors, result = product([upstream, local], TEXT), spelled(upstream * local, TEXT)
    return factors.text, f"{equals(factors, result)} {result.text}"
