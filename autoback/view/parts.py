"""The parts of a Module in a graph: what is made from the parameters of each, and what lies between them.

Nothing but the graph and the paths of the parameters is looked at, so this works for any Module, however its
`forward` is written. A path has levels, one for each Module, list item or array on the way: `layers.0` and
`weight` are those of `layers.0.weight`; a depth is how many of them are opened.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from autoback.nn.module import Module, flat
from autoback.text import plural
from autoback.view.folding import Fold, spread
from autoback.view.picture import Frame
from autoback.view.snapshot import Snapshot

__all__ = ["deepest", "folds", "frames", "levels"]

Level = tuple[str, ...]


def levels(path: str) -> Level:
    """The levels of a path; the number of a list's item belongs to the list's name.

    >>> levels("blocks.0.heads.2.query")
    ('blocks.0', 'heads.2', 'query')
    """
    found: list[str] = []
    for name in path.split("."):
        if name.isdecimal() and found:
            found[-1] += f".{name}"
        else:
            found.append(name)
    return tuple(found)


def deepest(module: Module) -> int:
    """At how great a depth every array of parameters is a part of its own; 0 without parameters."""
    return max([len(levels(path)) for path in module.arrays()], default=0)


@dataclass
class _Box:
    """Nodes that become one card.

    kind:  "module", "between", "inputs" or "cost"; parts: of a module's box, the parts whose parameters it uses
    inside: the levels of the opened Module that it stands in; step: which one of several alike, from 1, else 0
    """

    kind: str
    parts: tuple[int, ...] = ()
    inside: Level = ()
    step: int = 0
    members: list[int] = field(default_factory=list)


class _Sorted:
    """The nodes of a graph sorted into boxes.

    An operation on parameters of a part belongs to that part, or to several together; what depends on one part alone, and
    what lies between a part and itself, belongs to that part too. What depends on several parts, and leads to others, lies
    between them. What follows all of them is the cost, but for an activation.
    """

    def __init__(self, snapshot: Snapshot, module: Module, depth: int) -> None:
        self.nodes = snapshot.nodes
        arrays = {path: flat(array) for path, array in module.arrays().items()}
        self.names = list(dict.fromkeys(levels(path)[:depth] for path in arrays))
        self.sizes = Counter[int]()
        self.home: dict[int, int] = {}  # the part of each parameter in the graph
        number = {name: part for part, name in enumerate(self.names)}
        for path, values in arrays.items():
            part = number[levels(path)[:depth]]
            self.sizes[part] += len(values)
            self.home |= {snapshot.index[value]: part for value in values if value in snapshot.index}
        self.kinds: list[tuple[str, int]] = []  # of boxes: what they are, and the parts as a bit mask, or the parts before
        self._numbers: dict[tuple[str, int], int] = {}
        self._look_around()
        self.kind = self._kind_of_each()

    def _number(self, kind: str, mask: int = 0) -> int:
        key = kind, mask
        if key not in self._numbers:
            self._numbers[key] = len(self.kinds)
            self.kinds.append(key)
        return self._numbers[key]

    def _look_around(self) -> None:
        """For each node the kind of box that its own parameters make it, and as bit masks those of all nodes below it and just above."""
        count = len(self.nodes)
        self.own: list[int | None] = [None] * count
        self.below, self.above = [0] * count, [0] * count
        for k, node in enumerate(self.nodes):
            uses = 0
            for i in node.inputs:
                self.below[k] |= self.below[i]
                if i in self.home:
                    uses |= 1 << self.home[i]
            if uses:
                own = self.own[k] = self._number("module", uses)
                self.below[k] |= 1 << own
        for k in reversed(range(count)):
            maker = self.own[k]
            leads = self.above[k] if maker is None else 1 << maker
            for i in self.nodes[k].inputs:
                self.above[i] |= leads

    def _kind_of_each(self) -> list[int]:
        """The kind of box of each operation, -1 for a leaf; on the way, as bit masks, those that it comes from directly."""
        kinds = [-1] * len(self.nodes)
        self.near = [0] * len(self.nodes)
        seen: dict[tuple[object, int, int], int] = {}
        for k, node in enumerate(self.nodes):
            if node.op is not None:
                for i in node.inputs:
                    self.near[k] |= self.near[i]
                kinds[k] = kind = self._kind(k, kinds, seen)
                if self.above[k]:
                    seen.setdefault((node.op, self.near[k], self.below[k]), kind)
                if self.kinds[kind][0] == "module":
                    self.near[k] = 1 << kind
        return kinds

    def _kind(self, k: int, kinds: Sequence[int], seen: dict[tuple[object, int, int], int]) -> int:
        near, above, node = self.near[k], self.above[k], self.nodes[k]
        own = self.own[k]
        if own is not None:
            return own
        if not near:
            return self._number("inputs")
        alone = near & -near == near
        if not above:  # nothing with parameters comes after it
            cost = self._number("cost")
            before = [kinds[i] for i in node.inputs if kinds[i] >= 0]
            if alone and node.op is not None and node.op.activation and before == [near.bit_length() - 1]:
                return before[0]
            # The last step of a recurrent network does what the steps before it do.
            return cost if cost in before else seen.get((node.op, near, self.below[k]), cost)
        around = near if alone else near & above
        if around:
            return (around & -around).bit_length() - 1
        alike = seen.get((node.op, near, self.below[k]))
        return self._number("between", self.below[k]) if alike is None else alike

    def boxes(self, *, unrolled: bool) -> list[_Box]:
        """The boxes, inputs before consumers.

        unrolled: where boxes lead to each other in a circle, as in a recurrent network, one for each time round; else all
                  of such a circle are one box
        """
        number = self._split(unrolled)
        keys: dict[tuple[int, int], _Box] = {}
        steps: dict[int, list[int]] = {}
        self.box: list[_Box | None] = [None] * len(self.nodes)
        for k, key in enumerate(number):
            if key is not None:
                if key not in keys:
                    keys[key] = _Box(self.kinds[key[0]][0])
                    steps.setdefault(key[0], []).append(key[1])
                keys[key].members.append(k)
                self.box[k] = keys[key]
        for (kind, step), box in keys.items():
            alike = sorted(steps[kind])
            box.step = alike.index(step) + 1 if len(alike) > 1 else 0
            parts = {self.home[i] for k in box.members for i in self.nodes[k].inputs if i in self.home}
            box.parts = tuple(sorted(parts))
            box.inside = self._inside(box)
        boxes = self._joined(list(keys.values()))
        self._give_leaves(boxes)
        return [box for box in boxes if box.members]

    def _split(self, unrolled: bool) -> list[tuple[int, int] | None]:
        """For each operation the kind of its box, and the time round a circle."""
        leads = [0] * len(self.kinds)
        for k, node in enumerate(self.nodes):
            for i in node.inputs if node.op is not None else ():
                if self.kind[i] not in (-1, self.kind[k]):
                    leads[self.kind[i]] |= 1 << self.kind[k]
        for middle in range(len(leads)):
            for kind in range(len(leads)):
                if leads[kind] >> middle & 1:
                    leads[kind] |= leads[middle]
        # The kinds that lead to a kind and back; itself among them only if there is a circle.
        every = range(len(leads))
        circle = [sum(1 << other for other in every if leads[kind] >> other & leads[other] >> kind & 1) for kind in every]
        rounds = [0] * len(self.nodes)
        split: list[tuple[int, int] | None] = []
        for k, node in enumerate(self.nodes):
            kind = self.kind[k]
            if kind < 0:
                split.append(None)
                continue
            if unrolled and circle[kind]:
                for i in node.inputs:
                    if self.kind[i] >= 0 and circle[self.kind[i]] >> kind & 1:
                        rounds[k] = max(rounds[k], rounds[i] + (self.kind[i] != kind))
            first = (circle[kind] & -circle[kind]).bit_length() - 1
            split.append((kind, rounds[k]) if unrolled or not circle[kind] else (first, 0))
        return split

    def _inside(self, box: _Box) -> Level:
        """The levels of the Module that a box stands in: that of its parts; of a box between parts, the innermost Module
        that has all parts just before it, or one before and one after it.
        """
        if box.kind != "between":
            return _common(self.names[part][:-1] for part in box.parts) if box.parts else ()
        near, above = 0, 0
        for k in box.members:
            near |= self.near[k]
            above |= self.above[k]
        before, after = ([self.names[part] for part in self._parts(mask)] for mask in (near, above))
        shared = [tuple(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(x, y, strict=False))) for x in before for y in after]
        return max([_common(name[:-1] for name in before), *shared], key=len)

    def _parts(self, mask: int) -> Iterator[int]:
        for kind, (_, parts) in enumerate(self.kinds):
            if mask >> kind & 1:
                yield from (part for part in range(len(self.names)) if parts >> part & 1)

    def _joined(self, boxes: list[_Box]) -> list[_Box]:
        """A box between parts that leads to one other such box alone becomes one with it."""
        users: dict[int, dict[int, _Box]] = {id(box): {} for box in boxes}
        for k, node in enumerate(self.nodes):
            user = self.box[k]
            for i in node.inputs:
                maker = self.box[i]
                if user is not None and maker is not None and maker is not user:
                    users[id(maker)][id(user)] = user
        kept = []
        gone: dict[int, _Box] = {}
        for box in reversed(boxes):
            consumers = {id(other): other for user in users[id(box)].values() for other in [gone.get(id(user), user)]}
            other = next(iter(consumers.values())) if len(consumers) == 1 else None
            if other is not None and (box.kind, box.inside) == (other.kind, other.inside) == ("between", box.inside):
                other.members = sorted([*box.members, *other.members])
                gone[id(box)] = other
            else:
                kept.append(box)
        self.box = [None if box is None else gone.get(id(box), box) for box in self.box]
        return kept[::-1]

    def _give_leaves(self, boxes: list[_Box]) -> None:
        """A leaf goes where it is first used; a number that comes in from outside, where the inputs are."""
        inputs = next((box for box in boxes if box.kind == "inputs"), None)
        if inputs is None:
            inputs = _Box("inputs")
            boxes.insert(0, inputs)
        users: dict[int, list[int]] = {}
        for k, node in enumerate(self.nodes):
            for i in node.inputs:
                if self.nodes[i].op is None:
                    users.setdefault(i, []).append(k)
        for i, using in users.items():
            box = self.box[using[0]]
            several = any(self.box[k] is not box for k in using)
            if i not in self.home and (any(self.own[k] is not None for k in using) or (several and not self.nodes[i].constant)):
                box = inputs
            assert box is not None
            self.box[i] = box
            box.members.append(i)


def _common(names: Iterable[Level]) -> Level:
    first, *others = names
    return tuple(name for place, name in enumerate(first) if all(other[: place + 1] == first[: place + 1] for other in others))


def folds(snapshot: Snapshot, module: Module, depth: int, *, unrolled: bool = True) -> list[Fold]:
    """One fold for each part of a Module at a depth, and for what lies before, between and after them, inputs before consumers.

    unrolled: whether a part of a recurrent network gets a fold for each step; else what runs in a circle is one fold
    Returns [] where no parameter of the Module is in the graph.
    """
    if depth < 1:
        return []
    made = _Sorted(snapshot, module, depth)
    if not made.home:
        return []
    boxes = made.boxes(unrolled=unrolled)
    going: dict[int, set[int]] = {id(box): set() for box in boxes}
    coming: dict[int, set[int]] = {id(box): set() for box in boxes}
    for k, node in enumerate(snapshot.nodes):
        for i in node.inputs:
            maker, user = made.box[i], made.box[k]
            if maker is None or user is None or maker is user or i in made.home:
                continue
            if maker.kind == "inputs" or not snapshot.nodes[i].constant:
                going[id(maker)].add(i)
                coming[id(user)].add(i)
    root = made.box[-1]
    if root is not None:
        going[id(root)].add(len(snapshot.nodes) - 1)
    return [_fold(box, made, snapshot, sorted(going[id(box)]), len(coming[id(box)])) for box in boxes]


def _fold(box: _Box, made: _Sorted, snapshot: Snapshot, outputs: list[int], n_inputs: int) -> Fold:
    nodes = snapshot.nodes
    title = {"cost": snapshot.name}.get(box.kind, box.kind)
    lines = []
    if box.kind == "module":
        title = ", ".join(".".join(made.names[part]) for part in box.parts)
        here = sum(made.home.get(k) in box.parts for k in box.members)
        every = sum(made.sizes[part] for part in box.parts)
        if here:
            lines.append(plural(every, "parameter") if here == every else f"{here:,} of {plural(every, 'parameter')}")
        else:
            lines.append("parameters: see step 1" if box.step else "parameters: shared")
    if box.step:
        title += f" · step {box.step}"
    rows = Counter(node.op.symbol for k in box.members if (node := nodes[k]).op)
    if box.kind in ("between", "cost") and rows:
        lines.append(", ".join(f"{count:,} {symbol}" for symbol, count in rows.most_common(3)) + ", …" * (len(rows) > 3))
    lines.append(f"{len(box.members):,} of {len(nodes):,} nodes")
    lines.append(", ".join([*[f"{plural(n_inputs, 'value')} in"] * bool(n_inputs), f"{len(outputs):,} out"]))
    lines.append(spread([nodes[k].value for k in outputs], "out"))
    told = [f"{symbol}: {count:,}" for symbol, count in rows.most_common()]
    tooltip = "\n".join([title, *lines, *(["operations: " + ", ".join(told)] if told else [])])
    members = {snapshot.order[k]: None for k in box.members}
    return Fold(title, box.kind, "", tuple(lines), tooltip, None, members, [snapshot.order[k] for k in outputs], ".".join(box.inside))


def frames(made: Sequence[Fold]) -> dict[str, Frame]:
    """The frames of the opened Modules, one in another, by path."""
    found: dict[str, Frame] = {}
    for fold in made:
        inside = levels(fold.frame) if fold.frame else ()
        for depth in range(1, len(inside) + 1):
            path = ".".join(inside[:depth])
            found.setdefault(path, Frame(path, ".".join(inside[: depth - 1])))
    return found
