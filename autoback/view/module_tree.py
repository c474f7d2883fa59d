"""A Module as a tree: the Modules and arrays of parameters that it is made of, with their sizes."""

from autoback.engine.value import Value
from autoback.nn.module import Array, Module, flat, shape_of
from autoback.nn.traversal import parts_of
from autoback.text import plural
from autoback.view.folding import spread
from autoback.view.parts import Level, deepest, levels
from autoback.view.picture import Card, Link, Picture

__all__ = ["tree"]


def tree(module: Module, limit: int) -> Picture:
    """A card for the Module, one for each Module in it, and one for each array of parameters, as deep as `limit` cards allow."""
    kind = type(module).__name__
    arrays = module.arrays()
    depth = next((depth for depth in range(deepest(module), 0, -1) if len(_cards(arrays, depth)) <= limit), 1)
    places = _cards(arrays, depth)
    picture = Picture(kind)
    for place, held in places.items():
        values = [value for array in held.values() for value in flat(array)]
        shape = shape_of(next(iter(held.values()))) if len(held) == 1 and levels(next(iter(held))) == place else None
        thing = _at(module, place)
        title = ".".join(place) or kind
        size = [" × ".join(map(str, shape))] if shape else []
        lines = [*size, plural(len(values), "parameter"), spread([value.data for value in values])]
        symbol = type(thing).__name__ if isinstance(thing, Module) and place else ""
        told = "\n".join([title, *lines, *(f"{path}: {plural(len(flat(array)), 'parameter')}" for path, array in list(held.items())[:20])])
        picture.cards.append(Card(_key(place), title, symbol, tuple(lines), tooltip=told, kind="module"))
        if place:
            picture.links.append(Link(_key(place[:-1]), _key(place), tooltip=f"{title} is a part of {'.'.join(place[:-1]) or kind}"))
    if len(places) > limit:
        picture.notes.append(f"Only the first {limit} of {len(places)} parts are drawn.")
        kept = {card.key for card in picture.cards[:limit]}
        picture.cards = picture.cards[:limit]
        picture.links = [link for link in picture.links if link.target in kept]
    elif depth < deepest(module):
        picture.notes.append(f"Drawn to depth {depth} of {deepest(module)}, so that there are no more than {limit} cards.")
    picture.legend = [
        f"What {kind} is made of: its Modules and arrays of parameters, each with how many numbers it has and between which they lie.",
        "What it computes with them, draw(loss, fold=module) shows.",
    ]
    return picture


def _cards(arrays: dict[str, Array], depth: int) -> dict[Level, dict[str, Array]]:
    """For each Module and array down to a depth the arrays in it, the Module itself first."""
    found: dict[Level, dict[str, Array]] = {}
    for path, array in arrays.items():
        for place in range(min(depth, len(levels(path))) + 1):
            found.setdefault(levels(path)[:place], {})[path] = array
    return found


def _key(place: Level) -> str:
    return ".".join(["module", *place])


def _at(thing: object, place: Level) -> object:
    """What stands at a path; None where the path is one that a Module only names so."""
    for name in ".".join(place).split(".") if place else ():
        if isinstance(thing, Module):
            thing = dict(parts_of(thing)).get(name)
        elif isinstance(thing, (list, tuple)):
            thing = thing[int(name)]
        elif isinstance(thing, dict):
            thing = next((each for key, each in thing.items() if str(key) == name), None)
        elif isinstance(thing, Value) or thing is None:
            return None
    return thing
