"""Folding: the nodes of a graph gathered into neurons, layers, inputs and cost, each drawn as one card."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from autoback.engine.value import Value
from autoback.text import short
from autoback.view.neurons import Unit
from autoback.view.picture import Frame
from autoback.view.snapshot import Snapshot, sensitivities

__all__ = ["Closed", "Fold", "closed", "framed", "layers", "locals_of", "neurons", "spread"]

#: What belongs to no neuron is folded as well when there is more of it than this.
FEW = 6


@dataclass
class Fold:
    """Nodes that are drawn as one card.

    title, symbol, lines, tooltip: what the card says
    members: its nodes, parameters included; outputs: those whose derivatives go on the links
    kind:    "neuron", "layer", "module", "inputs", "between" or "cost"
    column:  cards of the same column stand one below the other; frame: the key of the frame that it stands in, or ""
    """

    title: str
    kind: str
    symbol: str = ""
    lines: tuple[str, ...] = ()
    tooltip: str = ""
    column: tuple[int, int] | None = None
    members: dict[Value, None] = field(default_factory=dict)
    outputs: list[Value] = field(default_factory=list)
    frame: str = ""


@dataclass(frozen=True)
class Closed:
    """A neuron as one node: its unit; its nodes, with the leaves that it alone uses; and the nodes outside that it uses, each once."""

    unit: Unit
    members: dict[Value, None]
    inputs: tuple[Value, ...]


def closed(unit: Unit, snapshot: Snapshot) -> Closed | None:
    """A neuron as one node; None where something inside it is used elsewhere too, so that it is none."""
    own = set(unit.nodes)

    def only_here(node: Value) -> bool:
        return all(snapshot.order[user] in own for user, _ in snapshot.uses[snapshot.index[node]])

    if not all(only_here(node) for node in unit.nodes if node is not unit.a):
        return None
    below = dict.fromkeys(each for node in unit.nodes for each in node.inputs if each not in own)
    leaves = [node for node in below if (node in set(unit.parameters) or snapshot[node].constant) and only_here(node)]
    members = dict.fromkeys([*leaves, *unit.nodes])
    return Closed(unit, members, tuple(node for node in below if node not in members))


def neurons(units: Sequence[Unit], snapshot: Snapshot) -> list[Fold]:
    """One fold for each neuron; of a neuron that works on several samples, one for each. What is in no neuron is left as it is."""
    return [_neuron(unit, snapshot) for unit in units]


def _neuron(unit: Unit, snapshot: Snapshot) -> Fold:
    z, a = unit.z, unit.a
    title = snapshot[a].name
    lines = (short(a.data),) if a is z else (f"z = {short(z.data)}", f"a = {short(a.data)}")
    tooltip = [f"neuron {unit.neuron + 1} of layer {unit.layer + 1}", f"z = {z.data!r}"]
    if a is not z:
        tooltip.append(f"a = {unit.symbol}(z) = {a.data!r}")
    for node, name in ((z, "z"), (a, "a")):
        gradient = "not computed" if snapshot[node].stored is None else repr(snapshot[node].gradient)
        tooltip.append(f"gradient with respect to {name}: {gradient}")
    shown = [f"{snapshot[parameter].name} = {short(parameter.data)}" for parameter in unit.parameters[:20]]
    if len(unit.parameters) > len(shown):
        shown.append(f"… {len(unit.parameters) - len(shown)} more parameters")
    members = dict.fromkeys((*unit.parameters, *unit.nodes))
    return Fold(title, "neuron", unit.symbol, lines, "\n".join([*tooltip, *shown]), (unit.layer, unit.depth), members, [a])


def layers(units: Sequence[Unit], snapshot: Snapshot) -> list[Fold]:
    """One fold for each layer, and one for its inputs, for what follows and for what stands between, if it is many nodes."""
    folds: dict[tuple[int, int], Fold] = {}
    inside: dict[tuple[int, int], list[Unit]] = {}
    for unit in units:
        inside.setdefault((unit.layer, unit.depth), []).append(unit)
    for key in sorted(inside, key=lambda key: key[::-1]):
        folds[key] = _layer(inside[key], several=sum(other[0] == key[0] for other in inside) > 1)
    result = list(folds.values())
    owned = {node for fold in result for node in fold.members}
    return result + _rest(units, [node for node in snapshot.order if node not in owned], snapshot)


def _layer(units: list[Unit], several: bool) -> Fold:
    first = units[0]
    count = len({unit.neuron for unit in units})
    samples = len(units) // count
    numbers = [unit.a.data for unit in units]
    parameters = dict.fromkeys(parameter for unit in units for parameter in unit.parameters)
    title = f"layer {first.layer + 1}" + (f", step {first.depth}" if several else "")
    lines = [
        f"{count} neuron{'s' * (count > 1)}{f' × {samples} samples' if samples > 1 else ''}",
        f"{len(parameters)} parameters",
        spread(numbers, "a"),
    ]
    members = dict.fromkeys((*parameters, *(node for unit in units for node in unit.nodes)))
    return Fold(title, "layer", first.symbol, tuple(lines), "\n".join([title, *lines]), None, members, [unit.a for unit in units])


def _rest(units: Sequence[Unit], rest: list[Value], snapshot: Snapshot) -> list[Fold]:
    """What belongs to no layer: leaves that feed one, what comes after all of them, and what stands between."""
    nodes, root = snapshot.order, snapshot.root
    before: set[Value] = set()  # ancestors of a neuron
    depths: dict[Value, int] = {}
    made_by = {unit.a: unit.depth for unit in units}
    consumers: dict[Value, set[Value]] = {}
    for node in nodes:
        for below in node.inputs:
            consumers.setdefault(below, set()).add(node)
    in_neuron = {node for unit in units for node in unit.nodes}
    for node in reversed(nodes):
        if node in in_neuron or node in before:
            before.update(node.inputs)
    for node in nodes:
        depths[node] = max([made_by.get(node, 0), *(depths[below] for below in node.inputs)])
    kinds: dict[tuple[str, int], list[Value]] = {}
    for node in rest:
        place = "cost" if node not in before else "between" if node.op else "inputs"
        kinds.setdefault((place, depths[node] if place == "between" else 0), []).append(node)
    folds = []
    for (place, _), members in kinds.items():
        if len(members) <= FEW:
            continue
        inside = dict.fromkeys(members)  # in a list `in` would compare numbers
        title = {"inputs": "inputs", "between": "between", "cost": snapshot.name}[place]
        operations = sum(node.op is not None for node in members)
        if place == "inputs":
            lines: tuple[str, ...] = (f"{len(members)} numbers", spread([node.data for node in members], "x"))
        elif root in inside:
            lines = (short(root.data), f"{operations} operations", f"{len(members) - operations} numbers")
        else:
            lines = (f"{operations} operations",)
        outputs = [node for node in members if node is root or not consumers.get(node, set()) <= inside.keys()]
        folds.append(Fold(title, place, "", lines, "\n".join([title, *lines]), None, inside, outputs))
    return folds


def framed(units: Sequence[Unit]) -> tuple[dict[Value, str], dict[str, Frame]]:
    """For a picture of all operations: the frame that each node of a neuron stands in, and the frames.

    A parameter that is used by several neurons, or on several samples, stands in none.
    """
    uses = Counter(parameter for unit in units for parameter in unit.parameters)
    places: dict[Value, str] = {}
    frames: dict[str, Frame] = {}
    for k, unit in enumerate(units):
        key = f"neuron{k}"
        frames[key] = Frame(f"layer {unit.layer + 1} · neuron {unit.neuron + 1}")
        places |= dict.fromkeys(unit.nodes, key)
        places |= {parameter: key for parameter in unit.parameters if uses[parameter] == 1}
    return places, frames


def locals_of(output: Value, members: dict[Value, None], index: dict[Value, int]) -> dict[Value, float]:
    """d(output)/d(input) for each input that comes from outside `members`: the chain rule within them.

    index: the place of each node in topological order
    """
    reached, stack = {output}, [output]
    while stack:
        for below in stack.pop().inputs:
            if below in members and below not in reached:
                reached.add(below)
                stack.append(below)
    along = sensitivities(sorted(reached, key=index.__getitem__), output)
    return {node: number for node, number in along.items() if node not in members}


def spread(numbers: Collection[float], name: str = "") -> str:
    """Between which two numbers all of them lie: a from 0.1 to 0.9, or a = 0.1.

    >>> spread([0.5, -1.0, 2.0]), spread([2.0], "a")
    ('from −1 to 2', 'a = 2')
    """
    low, high = short(min(numbers)), short(max(numbers))
    text = f"from {low} to {high}" if low != high else f"= {low}" if name else low
    return f"{name} {text}" if name else text
