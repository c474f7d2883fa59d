"""Arguments as trees: numbers, lists, tuples, dicts and NumPy arrays of them, nested, and the same as flat lists."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autoback.engine.value import Value

__all__ = ["NUMBER", "Form", "build", "flatten", "form_of", "paths"]

#: The form of a tree: what stays of it without its numbers. It can be a key of a dict.
Form = tuple[Any, ...]

NUMBER: Form = ("number",)


def form_of(tree: Any) -> Form:
    """The form of a tree.

    >>> form_of(([1.0, 2.0], 3.0))
    ('tuple', ('list', ('number',), ('number',)), ('number',))
    """
    if isinstance(tree, np.ndarray):
        return ("array", tree.shape) if tree.ndim else NUMBER
    if isinstance(tree, dict):
        return ("dict", *((key, form_of(value)) for key, value in tree.items()))
    if isinstance(tree, (list, tuple)):
        return ("tuple" if isinstance(tree, tuple) else "list", *map(form_of, tree))
    return NUMBER


def flatten(tree: Any) -> list[float]:
    """The numbers of a tree, in order, as floats.

    Raises TypeError for what is no real number, ValueError for NaN and infinity, as a Value does.

    >>> flatten(({"w": [1, 2]}, np.array([[3.0]])))
    [1.0, 2.0, 3.0]
    """
    numbers: list[float] = []
    _flatten(tree, numbers)
    return numbers


def _flatten(tree: Any, numbers: list[float]) -> None:
    if isinstance(tree, np.ndarray) and tree.ndim:
        if tree.dtype.kind not in "fiu" or isinstance(tree, np.ma.MaskedArray):
            raise TypeError(f"expected an array of real numbers without a mask, got {type(tree).__name__} of {tree.dtype}")
        if not np.isfinite(tree).all():
            raise ValueError(f"expected finite numbers, got {tree[~np.isfinite(tree)].flat[0]} in an array of shape {tree.shape}")
        numbers += tree.astype(np.float64).ravel().tolist()
    elif isinstance(tree, dict):
        for value in tree.values():
            _flatten(value, numbers)
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            _flatten(value, numbers)
    else:
        numbers.append(
            tree if type(tree) is float and tree * 0.0 == 0.0 else Value(tree.item() if isinstance(tree, np.ndarray) else tree).data
        )


def build(form: Form, items: Sequence[Any], *, arrays: bool = False) -> Any:
    """A tree of this form with these items in the place of its numbers.

    arrays: whether what came as an array becomes one again, or nested lists

    >>> build(("tuple", ("list", NUMBER, NUMBER), NUMBER), "abc")
    (['a', 'b'], 'c')
    """
    remaining = iter(items)
    return _build(form, remaining, arrays)


def _build(form: Form, items: Iterator[Any], arrays: bool) -> Any:
    match form:
        case ("number",):
            return next(items)
        case ("array", shape):
            flat = [next(items) for _ in range(int(np.prod(shape)))]
            return np.array(flat, dtype=np.float64).reshape(shape) if arrays else _nested(flat, list(shape))
        case ("dict", *pairs):
            return {key: _build(value, items, arrays) for key, value in pairs}
        case (kind, *parts):
            make: Callable[[list[Any]], Any] = tuple if kind == "tuple" else list
            return make([_build(part, items, arrays) for part in parts])
    raise TypeError(f"no form of a tree: {form!r}")


def _nested(flat: list[Any], shape: list[int]) -> Any:
    for size in reversed(shape[1:]):
        flat = [flat[k : k + size] for k in range(0, len(flat), size)] if size else []
    return flat


def paths(form: Form, name: str) -> Iterator[str]:
    """A name for each number: x1, x1[0], x1['w'][2], …

    >>> list(paths(("list", NUMBER, ("array", (2,))), "x1"))
    ['x1[0]', 'x1[1][0]', 'x1[1][1]']
    """
    match form:
        case ("number",):
            yield name
        case ("array", shape):
            yield from (name + "".join(f"[{k}]" for k in index) for index in np.ndindex(*shape))
        case ("dict", *pairs):
            for key, value in pairs:
                yield from paths(value, f"{name}[{key!r}]")
        case (_, *parts):
            for k, part in enumerate(parts):
                yield from paths(part, f"{name}[{k}]")
