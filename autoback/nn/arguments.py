"""Arguments: what was given, as a whole number, a number or a thing that goes by a name, or an error that says what may be given."""

import math
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import Any

from autoback.engine.value import Value

__all__ = ["choose", "few", "number", "values", "whole"]


def whole(what: str, given: object, low: int | None = None, high: int | None = None, why: str = "") -> int:
    """A whole number, also one of NumPy's, within its limits.

    why: what the upper limit is
    Raises TypeError for what is no whole number, ValueError for one outside the limits.

    >>> whole("epochs", 3, 0)
    3
    """
    if isinstance(given, bool) or not hasattr(given, "__index__"):
        raise TypeError(f"{what} must be a whole number, got {given!r:.40}")
    found = index(given)
    if (low is not None and found < low) or (high is not None and found > high):
        limits = f"at least {low}" if high is None else f"between {low} and {high} ({why})"
        raise ValueError(f"{what} must be {limits}, got {found}")
    return found


def number(what: str, given: object, low: float = 0.0, high: float = math.inf) -> float:
    """A number from `low` up to, but not including, `high`. Raises ValueError for anything else."""
    try:
        data = Value(given).data  # type: ignore[arg-type]
    except (TypeError, ValueError):
        data = math.nan
    if not low <= data < high:
        limits = f"a number from {low:g} up" if math.isinf(high) else f"from {low:g} up to, but not including, {high:g}"
        raise ValueError(f"{what} must be {limits}, got {given!r:.40}")
    return data


def values(what: str, given: object) -> list[Value]:
    """Some Values, each once, such as the parameters of a network. what: who takes them. Raises TypeError for anything else.

    >>> w = Value(1.0)
    >>> values("step", [w, w])
    [Value(1.0)]
    """
    got = None
    if isinstance(given, (Value, str)) or not isinstance(given, Iterable):
        got = f"a {type(given).__name__}"
    else:
        found: dict[Value, None] = {}
        for each in given:
            if not isinstance(each, Value):
                got = f"one with a {type(each).__name__} in it"
                break
            found[each] = None
    if got is not None:
        raise TypeError(f"{what} takes a list of Values, as net.parameters() is, got {got}")
    return list(found)


def choose(what: str, name: object, known: Mapping[Any, Any]) -> Any:
    """What a mapping holds under a name.

    Raises ValueError that lists the names when it holds nothing.
    """
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"{what} must be one of {', '.join(known)}, got {name!r:.40}")
    return known[name]


def few(names: Sequence[object]) -> str:
    """The first five of some names, and how many more there are."""
    return ", ".join(map(str, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
