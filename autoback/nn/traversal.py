"""Traversal: how the parameters of a Module are found, in its attributes and in the containers there."""

from collections import UserList, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from types import MemberDescriptorType
from typing import Any

from autoback.engine.value import Value

__all__ = ["Array", "Searched", "everything", "flat", "parts_of", "shape_of", "walk"]

#: A Value, or nested sequences of Values in a rectangular shape.
Array = Any


class Searched:
    """What is searched for parameters: the base of Module."""

    _frozen: frozenset[str] = frozenset()
    _slots: tuple[str, ...] = ()  # what the class and its bases declare in __slots__

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._slots += tuple([name for name, thing in vars(cls).items() if isinstance(thing, MemberDescriptorType)])
        for name, thing in vars(cls).items():
            if _holds_parameters(thing):
                raise TypeError(
                    f"{cls.__name__}.{name} is an attribute of the class, so all its instances would share and train the same parameters: "
                    f"set it in __init__, as in self.{name} = ..."
                )

    def _parts(self) -> Iterable[tuple[str, object]]:
        """The (name, thing) pairs that are searched for parameters: the attributes, in the order in which they were set."""
        if not self._slots:
            return vars(self).items()
        return [*[(name, getattr(self, name)) for name in self._slots if hasattr(self, name)], *vars(self).items()]

    def _collect(self, found: dict[Value, None], within: set[int]) -> bool:
        """Add all parameters to `found`, quickly, for a training loop by hand asks in every step; False where some are frozen.

        Also False where a deeper search has to say more: deep nests, and containers that are not searched.
        within: what is around this module, for one that holds itself
        """
        if self._frozen or len(within) > _DEEP:
            return False
        within.add(id(self))
        whole = all([_collected(part, found, within) for _, part in self._parts()])
        within.discard(id(self))
        return whole


def everything(root: object) -> Iterator[object]:
    """A thing and all that is in it, each once: the parts of Modules, lists, tuples and dicts."""
    seen: dict[int, object] = {}  # the things too, so that no other comes to have the id of one
    waiting = [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen:  # else it was shared, or holds itself
            seen[id(thing)] = thing
            yield thing
            waiting += [part for _, part in parts_of(thing)][::-1]


def parts_of(thing: object) -> Iterable[tuple[object, object]]:
    """The (name, part) pairs of what is searched for parameters: of a Module, a list, a tuple or a dict."""
    if isinstance(thing, Searched):
        return thing._parts()
    if isinstance(thing, (list, tuple)):
        return enumerate(thing)
    return thing.items() if isinstance(thing, dict) else ()


#: What is met in attributes most often, and holds no parameters.
_NUMBERS = frozenset({int, float, str, bool, bytes, type(None)})

#: So deep may modules be within modules for a quick search, which calls itself.
_DEEP = 50


def _collected(thing: object, found: dict[Value, None], within: set[int]) -> bool:
    if type(thing) in _NUMBERS:
        return True
    if isinstance(thing, Value):
        if thing.op is None:
            found[thing] = None
        return True
    if isinstance(thing, Searched):
        return id(thing) in within or thing._collect(found, within)
    if not isinstance(thing, (list, tuple, dict)):
        return not _holds_parameters(thing)
    parts = thing.values() if isinstance(thing, dict) else thing
    kinds = set(map(type, parts))
    if kinds == {Value}:
        leaves = [part for part in parts if part.op is None]
        found.update(dict.fromkeys(parts if leaves and parts is thing else leaves))  # of a list with an inner node `fit` will complain
        return True
    if kinds <= _NUMBERS or id(thing) in within:
        return True
    if len(within) > _DEEP:
        return False
    within.add(id(thing))
    whole = all([_collected(part, found, within) for part in parts])
    within.discard(id(thing))
    return whole


def _holds_parameters(thing: object) -> bool:
    """Whether there is a Module or a leaf in a container of any kind, or it is one."""
    waiting, seen = [thing], {id(thing)}
    while waiting:
        each = waiting.pop()
        if isinstance(each, Searched) or (isinstance(each, Value) and each.op is None):
            return True
        inside: Iterable[object] = ()
        if isinstance(each, Mapping):
            inside = each.values()
        elif isinstance(each, (list, tuple, Set, deque, UserList)):
            inside = each
        elif type(each).__name__ == "ndarray" and getattr(each, "dtype", "") == "O":
            inside = each.ravel()  # type: ignore[attr-defined]
        if not _NUMBERS.issuperset(map(type, inside)):
            new = [part for part in inside if id(part) not in seen]
            seen.update(map(id, new))
            waiting += new
    return False


def walk(root: Searched, *, again: bool = False) -> Iterator[tuple[str, Array, bool]]:
    """(path, array of leaves, whether it is frozen) for all that a module holds; again: also where Values were met before."""
    seen: set[Value] = set()
    within: set[int] = set()  # ids of what the search is inside of
    stack: list[tuple[int, Iterator[tuple[str, object]], bool, Sequence[str]]] = [(0, iter([("", root)]), False, ())]
    while stack:
        holder, parts, inherited, names = stack[-1]
        path, thing = next(parts, ("", within))
        if thing is within:  # no more
            within.discard(holder)
            stack.pop()
            continue
        frozen = inherited or any(not each or f"{path}.".startswith(f"{each}.") for each in names)
        if isinstance(thing, Searched):
            names = [*names, *[f"{path}.{each}" if path and each else path or each for each in thing._frozen]]
        elif shape_of(thing) is not None:
            values = flat(thing)
            if all(value.op is not None for value in values):  # what some operation made, kept to be looked at
                continue
            if again or (seen.isdisjoint(values) and len(set(values)) == len(values)):
                seen.update(values)
                yield path, thing, frozen
                continue
        elif not isinstance(thing, (list, tuple, dict)):
            if _holds_parameters(thing):
                way_out = "its tolist()" if hasattr(thing, "tolist") else "a list, tuple or dict"
                raise TypeError(
                    f"{type(root).__name__}.{path} is a {type(thing).__name__}, which is not searched for parameters, but has some: "
                    f"keep {way_out} in its place"
                )
            continue
        if id(thing) not in within:  # a thing that holds itself
            within.add(id(thing))
            inside = iter([(f"{path}.{name}" if path else f"{name}", part) for name, part in parts_of(thing)])
            stack.append((id(thing), inside, frozen, names))


def shape_of(thing: object, within: tuple[int, ...] = ()) -> tuple[int, ...] | None:
    """The lengths of nested sequences of Values, () for a Value; None where they form no rectangle of Values.

    within: ids of the sequences around it, for one that holds itself
    """
    if isinstance(thing, Value):
        return ()
    if not isinstance(thing, (list, tuple)) or not thing or id(thing) in within:
        return None
    if set(map(type, thing)) == {Value}:
        return (len(thing),)
    shapes = {shape_of(each, (*within, id(thing))) for each in thing}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(thing), *inner)


def flat(array: Array) -> list[Value]:
    """The Values of an array, row by row."""
    if isinstance(array, Value):
        return [array]
    if isinstance(array[0], Value):
        return list(array)
    return [value for each in array for value in flat(each)]
