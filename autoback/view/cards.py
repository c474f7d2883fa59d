"""A computation graph as cards and links: values, gradients, local derivatives and contributions."""

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from autoback.engine.value import Value
from autoback.text import short
from autoback.view.colors import level
from autoback.view.folding import Fold, sensitivities
from autoback.view.labels import safe
from autoback.view.picture import Card, Frame, Link, Picture
from autoback.view.tooltips import contribution, edge_tooltip, node_name, node_tooltip

__all__ = ["Deck", "written"]


class Deck:
    """A picture of a graph while it is being filled.

    root:     the node at the end of the graph
    nodes:    those that are drawn, in topological order
    detailed: write upstream × local = contribution on the links, and not the local derivative alone
    stale:    nodes whose numbers no longer follow from the leaves
    """

    def __init__(self, root: Value, nodes: Sequence[Value], detailed: bool = False, stale: frozenset[Value] = frozenset()) -> None:
        self.nodes, self.detailed, self.stale = nodes, detailed, stale
        self.name = safe(root.label or "") or "root"
        self.of = self.name if root.grad == 1.0 or not any(node.grad for node in nodes) else "…"  # whose gradients they are
        self.keys = {node: f"n{k}" for k, node in enumerate(nodes)}
        self.index = {node: k for k, node in enumerate(nodes)}
        self.picture = Picture(self.name, legend=self._legend())
        self._measure(nodes)

    def operations(self, places: Mapping[Value, str], frames: dict[str, Frame]) -> Picture:
        """Every node as a card of its own, every input of it as a link.

        places, frames: the frames that nodes stand in, if there are any
        """
        totals = self._totals()
        self.picture.frames = frames
        for node in self.nodes:
            self.picture.cards.append(self._card(node, totals.get(node), places.get(node, "")))
            hidden = [below for below in node.inputs if below not in self.index]
            if hidden:
                key = f"more{self.index[node]}"
                self.picture.cards.append(Card(key, "⋯", lines=(f"{len(hidden)} more",), kind="more", tooltip="not drawn"))
                self.picture.links.append(Link(key, self.keys[node], tooltip="not drawn"))
            self.picture.links += [self._link(node, k, places) for k, below in enumerate(node.inputs) if below in self.index]
        return self.picture

    def folded(self, folds: Sequence[Fold]) -> Picture:
        """Each fold as one card, and what is in none of them as a card of its own."""
        owner: dict[Value, str] = {}
        for k, fold in enumerate(folds):
            for member in fold.members:
                owner.setdefault(member, f"g{k}")
        outputs = {output for fold in folds for output in fold.outputs}
        self._measure(node for node in self.nodes if node not in owner or node in outputs)
        totals = self._totals()
        self.keys = {**self.keys, **owner}
        for k, fold in enumerate(folds):
            self.picture.cards.append(self._fold(f"g{k}", fold))
        for node in self.nodes:
            if node not in owner:
                self.picture.cards.append(self._card(node, totals.get(node)))
                self.picture.links += [self._link(node, k) for k in range(len(node.inputs))]
        for k, fold in enumerate(folds):
            self.picture.links += self._links(f"g{k}", fold)
        columns: dict[tuple[int, int], list[str]] = {}
        for k, fold in enumerate(folds):
            if fold.column is not None:
                columns.setdefault(fold.column, []).append(f"g{k}")
        self.picture.columns = list(columns.values())
        self.picture.quiet()
        return self.picture

    def _measure(self, nodes: Iterable[Value]) -> None:
        """Give the strongest colour to the largest gradient of these nodes."""
        self.picture.largest = max((abs(node.grad) for node in nodes if node.grad is not None), default=None)

    def _legend(self) -> list[str]:
        gradient = f"∂{self.of}/∂(the card)" if self.of == self.name else f"from a backward() of something other than {self.name}"
        if self.detailed:
            return [
                f"Gradient of a card: {gradient}; the sum of what its arrows bring back.",
                "On an arrow: upstream gradient × local derivative = contribution.",
            ]
        return [f"∂ on a card: {gradient}.", "On an arrow: the local derivative, ∂(its end)/∂(its start)."]

    def _totals(self) -> dict[Value, float]:
        totals: dict[Value, float] = {}
        for node in self.nodes:
            if node.grad is not None:
                for below, partial in zip(node.inputs, node.partials, strict=True):
                    totals[below] = totals.get(below, 0.0) + node.grad * partial
        return totals

    def _step(self, number: float | None) -> int | None:
        return None if number is None else level(number, self.picture.largest or 0.0)

    def _band(self, gradient: float | None, several: bool = False) -> str:
        name = "largest " * several + ("gradient" if self.detailed else "∂")
        missing = "not computed" if self.detailed else "—"
        return f"{name} {missing if gradient is None else short(gradient)}"

    def _card(self, node: Value, total: float | None, frame: str = "") -> Card:
        return Card(
            self.keys[node],
            safe(node.label or ""),
            node.op.symbol if node.op else "",
            (short(node.data),),
            self._band(node.grad),
            self._step(node.grad),
            node_tooltip(node, self.of, total),
            "operation" if node.op else "leaf",
            frame,
            node in self.stale,
        )

    def _fold(self, key: str, fold: Fold) -> Card:
        gradients = [node.grad for node in fold.outputs]
        known = [gradient for gradient in gradients if gradient is not None]
        largest = max(known, key=abs) if known and len(known) == len(gradients) else None
        band = self._band(largest, len(fold.outputs) > 1) if fold.outputs else ""
        stale = any(member in self.stale for member in fold.members)
        return Card(key, fold.title, fold.symbol, fold.lines, band, self._step(largest), fold.tooltip, fold.kind, "", stale)

    def _link(self, node: Value, position: int, places: Mapping[Value, str] = MappingProxyType({})) -> Link:
        below, partial = node.inputs[position], node.partials[position]
        contribution = None if node.grad is None else node.grad * partial
        return Link(
            self.keys[below],
            self.keys[node],
            written(partial, node.grad, self.detailed),
            self._step(contribution),
            edge_tooltip(node, position, self.of),
            far=_far(below, node) or places.get(below) != places.get(node),
            main=below.op is not None and sum(each.op is not None for each in node.inputs) == 1,
        )

    def _links(self, key: str, fold: Fold) -> list[Link]:
        """The links into a fold: for each card they come from, the derivatives of the outputs with respect to what it gives."""
        bundles: dict[str, _Bundle] = {}
        for output in fold.outputs:
            for below, local in sensitivities(output, fold.members, self.index).items():
                bundles.setdefault(self.keys[below], _Bundle()).add(output, below, local)
        return [self._bundled(source, key, bundle) for source, bundle in bundles.items()]

    def _bundled(self, source: str, key: str, bundle: "_Bundle") -> Link:
        step = self._step(bundle.strongest)
        output, below, local = bundle.first
        if bundle.count == 1:
            tooltip = f"∂{node_name(output)}/∂{node_name(below)} = {local!r}\n{contribution(output, below, local, self.of)}"
            return Link(source, key, written(local, output.grad, self.detailed), step, tooltip)
        low, high = short(bundle.low), short(bundle.high)
        tooltip = f"{bundle.count} local derivatives, from {low} to {high}"
        return Link(source, key, (f"{bundle.count} × ∂", f"{low} … {high}"), step, tooltip)


class _Bundle:
    """What a link between two folds stands for: many derivatives, of which only the extremes are kept.

    first: an output, an input and the derivative of the one by the other; strongest: the contribution that is largest
    in size, None as long as one of them is unknown
    """

    first: tuple[Value, Value, float]

    def __init__(self) -> None:
        self.count = 0
        self.low, self.high = math.inf, -math.inf
        self.strongest: float | None = 0.0

    def add(self, output: Value, below: Value, local: float) -> None:
        if not self.count:
            self.first = output, below, local
        self.count += 1
        self.low, self.high = min(self.low, local), max(self.high, local)
        if output.grad is None:
            self.strongest = None
        elif self.strongest is not None:
            self.strongest = max(self.strongest, output.grad * local, key=abs)


def _far(below: Value, node: Value) -> bool:
    """Whether a leaf stands a column further back, where the leaves of its neighbour stand."""
    return below.op is None and any(each.op and any(deeper.op is None for deeper in each.inputs) for each in node.inputs)


def written(local: float, upstream: float | None, detailed: bool) -> tuple[str, ...]:
    """What stands on an arrow: the local derivative, and if it shall be detailed what becomes of the gradient.

    >>> written(0.25, -2.0, True)
    ('−2 × 0.25', '= −0.5')
    """
    if not detailed or upstream is None:
        return (short(local),)
    factor = f"({short(local)})" if local < 0.0 else short(local)
    return f"{short(upstream)} × {factor}", f"= {short(upstream * local)}"
