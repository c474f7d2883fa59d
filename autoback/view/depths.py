"""How much of a graph is drawn: each operation, neurons, layers or the parts of a Module, or the nodes nearest to the root."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from autoback.engine.value import Value
from autoback.nn.module import Module
from autoback.text import plural
from autoback.view import folding, parts
from autoback.view.cards import Deck
from autoback.view.expand import expand
from autoback.view.neurons import Unit, find, is_of_neurons
from autoback.view.picture import Frame, Picture
from autoback.view.snapshot import Snapshot

__all__ = ["LIMIT", "Depth", "fitting"]

#: A picture with more cards than this folds by itself.
LIMIT = 60

Depth = Literal["operation", "neuron", "layer"] | int


def fitting(root: Value, fold: Any, depth: Depth, limit: int, *, detailed: bool = False, elementary: bool = False) -> Picture:
    """The picture of the graph that ends in a Value, from the depth that is asked for the first with at most `limit` cards.

    The arguments are those of `draw`. Raises ValueError for a depth at which nothing of the graph can be folded.
    """
    pictures = _Pictures(root, fold, limit, detailed).tried(depth, elementary)
    return next(picture for picture in pictures if len(picture.cards) <= max(limit, 2))


class _Pictures:
    """Pictures of one graph, each smaller than the one before."""

    def __init__(self, root: Value, fold: Any, limit: int, detailed: bool) -> None:
        self.root, self.fold, self.limit, self.detailed = root, fold, limit, detailed
        module = fold if isinstance(fold, Module) else None
        parameters = module.parameters() + module.frozen_parameters() if module else []
        self.snapshot = Snapshot(root, parameters)
        self.present = any(parameter in self.snapshot.index for parameter in parameters)
        self.nodes, self.name = self.snapshot.order, self.snapshot.name
        #: The Module that is folded by its parts, where neurons are not all that it has.
        self.module = module if module is not None and not is_of_neurons(module) else None

    def tried(self, depth: Depth, elementary: bool) -> Iterator[Picture]:
        if isinstance(depth, int):
            yield from self._by_part(depth)
        else:
            units: list[Unit] = []
            if self.module is None and (self.fold is not None or depth != "operation" or len(self.nodes) > self.limit):
                units = find(self.nodes, self.fold)
            if depth != "operation" and not units:
                whose = "; give the network as fold=net" if self.fold is None else ", or they belong to another network"
                whose = whose if self.module is None else f"; its parts are drawn by depth=1, 2, … {parts.deepest(self.module)}"
                raise ValueError(f"depth={depth!r} needs neurons, but the graph of {self.name} has none{whose}")
            if depth == "operation":
                yield from self._whole(units, elementary)
            yield from self._by_neuron(units, depth)
            if self.present and self.module is not None:
                yield from self._by_part(parts.deepest(self.module), why=f", more than the limit of {self.limit}")
        yield self._nearest()

    def _noted(self, picture: Picture, note: str = "") -> Picture:
        picture.notes += [*([note] if note else []), *self.snapshot.notes()]
        return picture

    def _whole(self, units: Sequence[Unit], elementary: bool) -> Iterator[Picture]:
        top, origins = expand(self.root) if elementary else (self.root, {})
        whole = Snapshot(top) if elementary else self.snapshot
        if len(whole.nodes) > self.limit or _columns(whole.order) > _deepest(self.limit):
            return
        places, frames = folding.framed(units if self.fold is not None else [])
        if self.module is not None:
            places, frames = self._places(self.module)
        if elementary:
            places = {copy: places[node] for copy, node in origins.items() if node in places}
        picture = Deck(whole, detailed=self.detailed).operations(places, frames)
        missing = self.fold is not None and not (units if self.module is None else self.present)
        what = "neuron of the given network" if self.module is None else f"parameter of the given {type(self.module).__name__}"
        yield self._noted(picture, f"No {what} is in this graph." if missing else "")

    def _places(self, module: Module) -> tuple[dict[Value, str], dict[str, Frame]]:
        """For a picture of all operations: the frame of the Module that each node stands in, and the frames."""
        folds = self._parts(parts.deepest(module))
        return {member: fold.frame for fold in folds if fold.frame for member in fold.members}, parts.frames(folds)

    def _by_neuron(self, units: Sequence[Unit], depth: Depth) -> Iterator[Picture]:
        for each, gathered in (("neuron", folding.neurons), ("layer", folding.layers)):
            if units and not (depth == "layer" and each == "neuron"):
                folds = gathered(units, self.snapshot)
                if len(folds) > self.limit:
                    continue
                picture = Deck(self.snapshot, detailed=self.detailed).folded(folds)
                why = "" if each == depth else f", more than the limit of {self.limit}"
                yield self._noted(picture, f"{len(self.nodes)} nodes{why}; folded by {each} into {len(picture.cards)} cards.")

    def _parts(self, depth: int, unrolled: bool = True) -> list[folding.Fold]:
        return parts.folds(self.snapshot, self.fold, depth, unrolled=unrolled) if isinstance(self.fold, Module) else []

    def _by_part(self, depth: int, why: str = "") -> Iterator[Picture]:
        if not isinstance(self.fold, Module):
            raise ValueError(f"depth={depth} is one of a Module: give it as fold=module, got {type(self.fold).__name__}")
        if not self.present:
            raise ValueError(f"depth={depth}: no parameter of this {type(self.fold).__name__} is in the graph of {self.name}")
        kind, most = type(self.fold).__name__, parts.deepest(self.fold)
        for unrolled in (True, False):
            for level in range(min(depth, most), 0, -1):
                folds = self._parts(level, unrolled)
                if len(folds) <= self.limit:
                    picture = Deck(self.snapshot).parts(folds, parts.frames(folds))
                    folded = f"{len(self.nodes):,} nodes{why}; folded by the parts of {kind} into {plural(len(folds), 'card')}"
                    yield self._noted(picture, f"{folded}, to depth {level} of {most}.")

    def _nearest(self) -> Picture:
        limit = self.limit
        nearest = _nearest(self.root, self.nodes, limit)
        picture = Deck(self.snapshot, nearest, self.detailed).operations()
        over = f"{len(self.nodes)} nodes, more than the limit of {limit}"
        if len(self.nodes) <= limit:
            over = f"{_columns(self.nodes)} nodes in a row, more than {_deepest(limit)}, which is two fifths of the limit"
        return self._noted(picture, f"{over}: the {len(nearest)} nearest to {self.name} are drawn; raise limit to see more.")


def _nearest(root: Value, nodes: Sequence[Value], limit: int) -> list[Value]:
    """As many nodes as fit, nearest to the root first, in the order of the graph.

    Half of the limit is kept for the stubs that stand for what is left out.
    """
    near, queue = {root: 0}, deque([root])  # each with its distance from the root
    while queue:
        node = queue.popleft()
        for below in node.inputs:
            if below not in near and len(near) < limit // 2 and near[node] < _deepest(limit) // 2:
                near[below] = near[node] + 1
                queue.append(below)
    return [node for node in nodes if node in near]


def _columns(nodes: Sequence[Value]) -> int:
    """How many nodes follow each other on the longest way."""
    columns: dict[Value, int] = {}
    for node in nodes:
        columns[node] = 1 + max([columns[below] for below in node.inputs], default=0)
    return max(columns.values())


def _deepest(limit: int) -> int:
    """How many columns a picture may have, so that it does not become a ribbon."""
    return max(2, 2 * limit // 5)
