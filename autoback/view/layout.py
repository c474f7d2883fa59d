"""A layered layout: inputs before consumers along one axis, neighbours kept close on the other.

Sugiyama's three steps: longest-path ranks, barycentre ordering, then coordinates that minimise the
squared distance to the neighbours.
Source: Sugiyama, Tagawa & Toda, Methods for visual understanding of hierarchical systems, 1981.
"""

from bisect import bisect_right, insort
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import fsum
from types import MappingProxyType

__all__ = ["Arrangement", "Box", "Point", "arrange", "ranks_of"]

Point = tuple[float, float]
Box = tuple[float, float, float, float]
_PASSES = 12
_NO_DOORS: Mapping[tuple[int, int], tuple[float | None, float | None]] = MappingProxyType({})


@dataclass(frozen=True)
class Arrangement:
    """Where everything goes: the centre of each node, and for each edge the points it runs through.

    routes: (consumer, position among its inputs) -> points from the source's border to the consumer's
    frames: for each frame that can be drawn its left, top, width and height
    """

    centres: list[Point]
    routes: dict[tuple[int, int], list[Point]]
    width: float
    height: float
    flow: str
    frames: dict[str, Box] = field(default_factory=dict)


@dataclass
class _Slot:
    """A place in a rank: a node, or a bend of an edge that passes through."""

    rank: int
    extent: float
    node: int | None = None
    at: float = 0.0


def arrange(
    inputs: Sequence[Sequence[int]],
    sizes: Sequence[tuple[float, float]],
    gaps: tuple[float, float] = (60.0, 18.0),
    flow: str = "LR",
    columns: Sequence[Sequence[int]] = (),
    doors: Mapping[tuple[int, int], tuple[float | None, float | None]] = _NO_DOORS,
    last: Collection[int] = (),
    rooms: Sequence[float] = (),
) -> Arrangement:
    """The layout of a graph given in topological order.

    inputs:  for each node the indices of its inputs, all smaller than its own
    sizes:   for each node its width and height
    gaps:    space between two ranks at least, and between two nodes of one rank
    flow:    "LR", ranks from left to right, or "TB", from top to bottom
    columns: nodes of one rank that keep this order
    doors:   (consumer, position among its inputs) -> where the edge leaves its source and where it arrives, as offsets
             from their centres across the flow; None for the place that looks best
    last:    nodes without consumers that stand in the last rank
    rooms:   for each node the space before its rank that its edges need; default no more than the gap

    >>> layout = arrange([[], [], [0, 1]], [(10, 10)] * 3, gaps=(20, 5))
    >>> layout.centres
    [(5.0, 5.0), (5.0, 20.0), (35.0, 12.5)]
    """
    across = 1 if flow == "LR" else 0
    ranks = ranks_of(inputs)
    end = max(ranks)
    ranks = [end if k in last else rank for k, rank in enumerate(ranks)]
    slots, chains = _slots(inputs, ranks, [size[across] for size in sizes])
    rows: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for k, slot in enumerate(slots):
        rows[slot.rank].append(k)
    before: list[list[int]] = [[] for _ in slots]
    after: list[list[int]] = [[] for _ in slots]
    for source, target in _links(inputs, chains, slots):
        before[target].append(source)
        after[source].append(target)
    _order(rows, before, after)
    for column in columns:
        _keep_order(rows, slots, column)
    _spread(rows, slots, before, after, gaps[1])
    # Every rank has a node: the longest path to the last one goes through it.
    depth = [max(sizes[node][1 - across] for k in row if (node := slots[k].node) is not None) for row in rows]
    wanted = [max([gaps[0], *(rooms[node] for k in row if rooms and (node := slots[k].node) is not None)]) for row in rows]
    middles, edge = [], -wanted[0]
    for extent, room in zip(depth, wanted, strict=True):
        middles.append(edge + room + extent / 2)
        edge += room + extent
    breadth = max(slot.at + slot.extent / 2 for slot in slots)

    def place(along: float, at: float) -> Point:
        return (along, at) if flow == "LR" else (at, along)

    centres = [place(middles[ranks[k]], slots[k].at) for k in range(len(inputs))]
    routes = _routes(inputs, chains, slots, middles, depth, sizes, across, doors)
    width, height = place(edge, breadth)
    return Arrangement(centres, {key: [place(*point) for point in points] for key, points in routes.items()}, width, height, flow)


def ranks_of(inputs: Sequence[Sequence[int]]) -> list[int]:
    """For each node how many others stand before it, at least; a leaf stands directly before its first consumer."""
    ranks: list[int] = []
    for below in inputs:
        ranks.append(1 + max(ranks[i] for i in below) if below else 0)
    nearest: dict[int, int] = {}
    for k, below in enumerate(inputs):
        for i in below:
            nearest[i] = min(nearest.get(i, ranks[k]), ranks[k])
    return [rank if below else nearest.get(k, 1) - 1 for k, (rank, below) in enumerate(zip(ranks, inputs, strict=True))]


def _slots(inputs: Sequence[Sequence[int]], ranks: list[int], extents: list[float]) -> tuple[list[_Slot], dict[int, list[int]]]:
    """The nodes, then the bends: one chain of them for each node with far consumers, shared by all its edges."""
    slots = [_Slot(rank, extent, k) for k, (rank, extent) in enumerate(zip(ranks, extents, strict=True))]
    reach = list(ranks)
    for k, below in enumerate(inputs):
        for i in below:
            reach[i] = max(reach[i], ranks[k])
    chains = {}
    for i, far in enumerate(reach):
        chains[i] = list(range(len(slots), len(slots) + max(0, far - ranks[i] - 1)))
        slots += [_Slot(rank, 8.0) for rank in range(ranks[i] + 1, far)]
    return slots, chains


def _links(inputs: Sequence[Sequence[int]], chains: dict[int, list[int]], slots: list[_Slot]) -> list[tuple[int, int]]:
    links = []
    for i, chain in chains.items():
        links += list(zip([i, *chain], chain, strict=False))
    for k, below in enumerate(inputs):
        links += [([i, *chains[i]][slots[k].rank - slots[i].rank - 1], k) for i in below]
    return links


def _order(rows: list[list[int]], before: list[list[int]], after: list[list[int]]) -> None:
    """Sort each rank by the mean position of its neighbours, to and fro, and keep the best of all passes."""
    best, fewest = [list(row) for row in rows], _crossings(rows, before)
    position = {k: n for row in rows for n, k in enumerate(row)}
    for sweep in range(_PASSES):
        neighbours = before if sweep % 2 == 0 else after
        for row in rows if sweep % 2 == 0 else reversed(rows):
            row.sort(key=lambda k: sum(position[n] for n in neighbours[k]) / len(neighbours[k]) if neighbours[k] else position[k])
            position.update((k, n) for n, k in enumerate(row))
        crossings = _crossings(rows, before)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    for row, kept in zip(rows, best, strict=True):
        row[:] = kept


def _crossings(rows: list[list[int]], before: list[list[int]]) -> int:
    count = 0
    for upper, lower in pairwise(rows):
        position = {k: n for n, k in enumerate(upper)}
        seen: list[int] = []
        for k in lower:
            ends = sorted(position[n] for n in before[k])
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _keep_order(rows: list[list[int]], slots: list[_Slot], column: Sequence[int]) -> None:
    """Let the nodes of a column stand in their order in the places that they have together."""
    ranks = {slots[k].rank for k in column}
    for rank in ranks:
        row = rows[rank]
        members = [k for k in column if slots[k].rank == rank]
        wanted = set(members)
        places = [place for place, k in enumerate(row) if k in wanted]
        for place, k in zip(places, members, strict=True):
            row[place] = k


def _spread(rows: list[list[int]], slots: list[_Slot], before: list[list[int]], after: list[list[int]], gap: float) -> None:
    def middle(near: list[int], k: int) -> float:
        """The mean position of neighbours, where one with few edges of its own has more to say."""
        shares = [1.0 / max(1, len(after[n] if near is before[k] else before[n])) for n in near]
        total = fsum(share * slots[n].at for share, n in zip(shares, near, strict=True))  # which is the same number on every Python
        return total / fsum(shares) if near else slots[k].at

    for row in rows:
        _settle(row, slots, [0.0] * len(row), gap)
    for _ in range(_PASSES):
        for row in reversed(rows):
            _settle(row, slots, [middle(after[k], k) for k in row], gap)
        for row in rows:
            _settle(row, slots, [middle(before[k], k) for k in row], gap)
    for row in reversed(rows):  # at last the leaves, which nothing holds but their consumers
        _settle(row, slots, [slots[k].at if before[k] else middle(after[k], k) for k in row], gap)
    lowest = min(slot.at - slot.extent / 2 for slot in slots)
    for slot in slots:
        slot.at -= lowest


def _settle(row: list[int], slots: list[_Slot], wanted: list[float], gap: float) -> None:
    """The positions nearest to the wanted ones that keep order and distance: pool adjacent violators.

    Source: Barlow et al., Statistical Inference under Order Restrictions, 1972, section 1.2.
    """
    offsets = [0.0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + (slots[left].extent + slots[right].extent) / 2 + gap)
    blocks: list[tuple[float, int]] = []  # mean, how many
    for target, offset in zip(wanted, offsets, strict=True):
        mean, count = target - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    settled = [mean for mean, count in blocks for _ in range(count)]
    for k, at, offset in zip(row, settled, offsets, strict=True):
        slots[k].at = at + offset


def _routes(
    inputs: Sequence[Sequence[int]],
    chains: dict[int, list[int]],
    slots: list[_Slot],
    middles: list[float],
    depth: list[float],
    sizes: Sequence[tuple[float, float]],
    across: int,
    doors: Mapping[tuple[int, int], tuple[float | None, float | None]],
) -> dict[tuple[int, int], list[Point]]:
    routes = {}
    for k, below in enumerate(inputs):
        rank = slots[k].rank
        ways = {i: chains[i][: rank - slots[i].rank - 1] for i in below}
        # Edges enter in the order in which they arrive, so that they do not cross at the door.
        leaving_at = [doors.get((k, p), (None, None))[0] or 0.0 for p in range(len(below))]
        arriving = sorted(range(len(below)), key=lambda p: (slots[[below[p], *ways[below[p]]][-1]].at, leaving_at[p], p))
        for door, p in enumerate(arriving):
            i = below[p]
            spread = min(0.62 * slots[k].extent, 17.0 * (len(below) - 1))
            shift = spread * (door / (len(below) - 1) - 0.5) if len(below) > 1 else 0.0
            leaving, arriving_at = doors.get((k, p), (None, None))
            start = (middles[slots[i].rank] + sizes[i][1 - across] / 2, slots[i].at + (leaving or 0.0))
            end = (middles[rank] - sizes[k][1 - across] / 2, slots[k].at + (shift if arriving_at is None else arriving_at))
            # Past the cards of a rank an edge runs straight; it bends in the gaps only.
            passing = [(middles[slots[b].rank] + side * depth[slots[b].rank] / 2, slots[b].at) for b in ways[i] for side in (-1, 1)]
            routes[k, p] = [start, *passing, end]
    return routes
