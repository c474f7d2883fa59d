"""The layout of a graph in which some nodes stand together in frames, one in another."""

from collections.abc import Collection, Mapping, Sequence

from autoback.view.layout import Arrangement, Box, Point, arrange, ranks_of

__all__ = ["arrange_framed"]

#: Space between a frame and what is in it, above it for its title, and how much of a rank an edge into it takes.
_INSET, _TITLE, _LANE = 10.0, 20.0, 20.0


def arrange_framed(
    inputs: Sequence[Sequence[int]],
    sizes: Sequence[tuple[float, float]],
    frames: Mapping[str, Sequence[int]],
    gaps: tuple[float, float] = (60.0, 18.0),
    flow: str = "LR",
    columns: Sequence[Sequence[int]] = (),
    last: Collection[int] = (),
    rooms: Sequence[float] = (),
) -> Arrangement:
    """The layout of a graph in which some nodes stand together in frames; each frame is a node of the outer layout.

    frames: for each frame its nodes; of two frames that share nodes the second is in the first
    rooms:  for each node the space before its rank that its edges need, here and in its frame
    A frame through which a path leaves and comes back cannot be drawn as one box: then those beside it and it are left out.
    """
    if not frames:
        return arrange(inputs, sizes, gaps, flow, columns, last=last, rooms=rooms)
    owner: dict[int, str] = {}
    inner: dict[str, dict[str, Sequence[int]]] = {}
    for frame, members in frames.items():
        if members[0] in owner:
            inner[owner[members[0]]][frame] = members
        else:
            inner[frame] = {}
            owner |= dict.fromkeys(members, frame)
    outer, order = _contracted(inputs, owner)
    if order is None:
        within = {key: frames[key] for each in inner.values() for key in each}
        return arrange_framed(inputs, sizes, within, gaps, flow, columns, last, rooms)
    across = 1 if flow == "LR" else 0
    insides = {key: _Inside(frames[key], inner[key], inputs, sizes, gaps, flow, rooms) for key in inner}
    place = {key: position for position, key in enumerate(order)}
    outer_inputs: list[list[int]] = []
    outer_sizes: list[tuple[float, float]] = []
    doors: dict[tuple[int, int], tuple[float | None, float | None]] = {}
    edges: dict[tuple[int, int], tuple[int, int]] = {}  # (consumer, position) of the graph -> the same of the outer graph
    for position, key in enumerate(order):  # a frame or a node
        outer_inputs.append([])
        outer_sizes.append(insides[key].size if isinstance(key, str) else sizes[key])
        for k, p in outer[key]:
            below = inputs[k][p]
            leaving = insides[owner[below]].offset(below, across) if below in owner else None
            arriving = insides[key].port(k, p, across) if isinstance(key, str) else None
            edges[k, p] = position, len(outer_inputs[-1])
            doors[position, len(outer_inputs[-1])] = leaving, arriving
            outer_inputs[-1].append(place[owner.get(below, below)])
    outer_rooms = [0.0 if isinstance(key, str) or not rooms else rooms[key] for key in order]  # what goes into a frame is written in it
    whole = arrange(outer_inputs, outer_sizes, gaps, flow, (), doors, [place[k] for k in last], outer_rooms)
    centres: list[Point] = [(0.0, 0.0)] * len(inputs)
    routes: dict[tuple[int, int], list[Point]] = {}
    boxes: dict[str, Box] = {}
    exits: dict[int, list[Point]] = {}  # the ways of nodes out of their frames, past others that stand there
    for frame, inside in insides.items():
        x, y = whole.centres[place[frame]]
        width, height = inside.size
        left, top = x - width / 2, y - height / 2
        boxes[frame] = left, top, width, height
        exits |= inside.put(left, top, centres, routes, boxes)
    for each, position in place.items():
        if not isinstance(each, str):
            centres[each] = whole.centres[position]
    for (k, p), edge in edges.items():
        route = list(whole.routes[edge])
        below = inputs[k][p]
        if below in owner:  # from the border of its card, not of the frame
            x, y = centres[below]
            half = sizes[below][1 - across] / 2
            straight = [(x + half, route[0][1]) if flow == "LR" else (route[0][0], y + half)]
            route = [*exits.get(below, straight), *route]
        routes[k, p] = [*route, *routes.pop((k, p), [])]
    return Arrangement(centres, routes, whole.width, whole.height, flow, boxes)


_Key = int | str  # a node, or the frame that stands for its own


def _contracted(inputs: Sequence[Sequence[int]], owner: Mapping[int, str]) -> tuple[dict[_Key, list[tuple[int, int]]], list[_Key] | None]:
    """For each frame and each free node the edges that come into it from outside, and an order of them; None if there is none."""

    def key(k: int) -> _Key:
        return owner.get(k, k)

    coming: dict[_Key, list[tuple[int, int]]] = {}
    for k, below in enumerate(inputs):
        edges = coming.setdefault(key(k), [])
        edges += [(k, p) for p, i in enumerate(below) if key(i) != key(k)]
    waiting = {each: len({key(inputs[k][p]) for k, p in edges}) for each, edges in coming.items()}
    users: dict[_Key, list[_Key]] = {each: [] for each in coming}
    for each, edges in coming.items():
        for source in dict.fromkeys(key(inputs[k][p]) for k, p in edges):
            users[source].append(each)
    order = [each for each, count in waiting.items() if not count]
    for each in order:
        for user in users[each]:
            waiting[user] -= 1
            if not waiting[user]:
                order.append(user)
    return coming, order if len(order) == len(coming) else None


class _Inside:
    """The inner layout of a frame: its nodes, a lane for each edge that comes in, and one for each node whose way out passes others."""

    def __init__(
        self,
        members: Sequence[int],
        frames: Mapping[str, Sequence[int]],
        inputs: Sequence[Sequence[int]],
        sizes: Sequence[tuple[float, float]],
        gaps: tuple[float, float],
        flow: str,
        rooms: Sequence[float],
    ) -> None:
        self.members = sorted(members)
        inner = set(members)
        self.lanes = [(k, p) for k in self.members for p, i in enumerate(inputs[k]) if i not in inner]
        lane = {edge: number for number, edge in enumerate(self.lanes)}
        self.number = {k: len(self.lanes) + position for position, k in enumerate(self.members)}
        below: list[list[int]] = [[] for _ in self.lanes]
        below += [[self.number[i] if i in inner else lane[k, p] for p, i in enumerate(inputs[k])] for k in self.members]
        ranks = ranks_of(below)
        leaving = dict.fromkeys(i for k, each in enumerate(inputs) if k not in inner for i in each if i in inner)
        passing = any(ranks[self.number[k]] < max(ranks) for k in leaving)
        self.exits = {k: len(below) + position for position, k in enumerate(leaving)} if passing else {}
        below += [[self.number[k]] for k in self.exits]
        thin = (0.0, _LANE) if flow == "LR" else (_LANE, 0.0)
        inner_sizes = [*[thin] * len(self.lanes), *[sizes[k] for k in self.members], *[thin] * len(self.exits)]
        inner_frames = {key: [self.number[k] for k in each] for key, each in frames.items()}
        inner_rooms = [*[0.0] * len(self.lanes), *[rooms[k] if rooms else 0.0 for k in self.members], *[0.0] * len(self.exits)]
        inner_gaps = gaps[0] * 0.7, gaps[1] * 0.6
        self.layout = arrange_framed(below, inner_sizes, inner_frames, inner_gaps, flow, last=self.exits.values(), rooms=inner_rooms)
        self.size = self.layout.width + 2 * _INSET, self.layout.height + 2 * _INSET + _TITLE

    def _shift(self, across: int) -> float:
        return (_INSET + _TITLE * across) - self.size[across] / 2

    def offset(self, k: int, across: int) -> float:
        """Where an edge from a node goes out across the flow, from the middle of the frame."""
        return self.layout.centres[self.exits.get(k, self.number[k])][across] + self._shift(across)

    def port(self, k: int, p: int, across: int) -> float:
        """Where an edge from outside comes in, from the middle of the frame."""
        return self.layout.centres[self.lanes.index((k, p))][across] + self._shift(across)

    def put(
        self, left: float, top: float, centres: list[Point], routes: dict[tuple[int, int], list[Point]], boxes: dict[str, Box]
    ) -> dict[int, list[Point]]:
        """Write down where everything in the frame lies, once it is known where the frame does; the ways out of it that bend."""

        def moved(point: Point) -> Point:
            return point[0] + left + _INSET, point[1] + top + _INSET + _TITLE

        for k in self.members:
            centres[k] = moved(self.layout.centres[self.number[k]])
        for (number, p), points in self.layout.routes.items():
            if number < len(self.lanes) + len(self.members):
                routes[self.members[number - len(self.lanes)], p] = [moved(point) for point in points]
        for key, (x, y, width, height) in self.layout.frames.items():
            boxes[key] = (*moved((x, y)), width, height)
        return {k: [moved(point) for point in self.layout.routes[number, 0]] for k, number in self.exits.items()}
