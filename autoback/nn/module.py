"""Module: anything with parameters, which it finds by itself in its attributes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value
from autoback.nn.arguments import few

__all__ = ["Array", "Module", "flat", "is_packaged", "names_of", "shape_of"]

#: A Value, or nested sequences of Values in a rectangular shape.
Array = Any

M = TypeVar("M", bound="Module")


if TYPE_CHECKING:

    class Outputs(Value, Sequence[Value]):
        """What a network returns: a Value where it has one output, else a list of them. Types cannot tell which, and allow both."""


class Module:
    """Anything with parameters: numbers that training may change.

    Parameters are the leaves (Values that no operation made) in the attributes of a module, and in the Modules, lists,
    tuples and dicts there, in the order in which the attributes were set; a Value that occurs twice is one parameter.
    The path to a parameter is its name, as in `layers.0.weight`. Define `forward`; calling the module calls it.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).data, line.state_dict()
    (7.0, {'slope': 2.0, 'offset': 1.0})
    """

    _frozen: frozenset[str] = frozenset()

    def __call__(self, *inputs: Any) -> Any:
        return self.forward(*inputs)

    def forward(self, *inputs: Any) -> Any:
        """What the module computes; called with what the module is called with."""
        raise NotImplementedError(f"{type(self).__name__} has to say what it computes: define forward(self, inputs)")

    def parts(self) -> Iterable[tuple[str, object]]:
        """The (name, thing) pairs that are searched for parameters: the attributes, in the order in which they were set."""
        return vars(self).items()

    def arrays(self) -> dict[str, Array]:
        """The parameters by path, frozen ones too: a Value, or a list of Values or of such lists where these form a rectangle.

        Raises ValueError when two paths are the same.
        """
        arrays: dict[str, Array] = {}
        for path, array, _ in _walk(self):
            if path in arrays:
                raise ValueError(f"two parameters of {type(self).__name__} have the name {path!r}: a key of a dict must not contain a dot")
            arrays[path] = array
        return arrays

    def parameters(self) -> list[Value]:
        """The parameters that training may change, each once, in a fixed order; frozen ones are left out."""
        found: dict[Value, None] = {}
        if self.collect(found, set()):
            return list(found)
        return [parameter for parameter, frozen in self._found().items() if not frozen]

    def collect(self, found: dict[Value, None], within: set[int]) -> bool:
        """Add all parameters to `found`, quickly, for a training loop by hand asks in every step; False where some are frozen.

        within: the modules around this one, for one that holds itself
        """
        if self._frozen:
            return False
        within.add(id(self))
        whole = all([_collected(part, found, within) for _, part in self.parts()])
        within.discard(id(self))
        return whole

    def frozen_parameters(self) -> list[Value]:
        """The parameters that training may not change."""
        return [parameter for parameter, frozen in self._found().items() if frozen]

    def _found(self) -> dict[Value, bool]:
        found: dict[Value, bool] = {}
        for _, array, frozen in _walk(self, again=True):
            for parameter in flat(array):
                found[parameter] = found.get(parameter, False) or frozen
        return found

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters that training may change with their names: path and index, as in ('layers.0.weight.1.0', w).

        Their labels, which pictures and messages use, are the textbooks' names.
        """
        free = set(self.parameters())
        named = [pair for path, array in self.arrays().items() for pair in _numbered(path, array)]
        return [(name, parameter) for name, parameter in named if parameter in free]

    def modules(self) -> Iterator["Module"]:
        """The module and all modules in it, each once."""
        seen: set[int] = set()
        waiting: list[object] = [self]
        while waiting:
            thing = waiting.pop()
            if id(thing) in seen:  # also a list that holds itself
                continue
            seen.add(id(thing))
            if isinstance(thing, Module):
                yield thing
                waiting += [part for _, part in thing.parts()][::-1]
            elif isinstance(thing, (list, tuple)):
                waiting += thing[::-1]
            elif isinstance(thing, dict):
                waiting += list(thing.values())[::-1]

    def freeze(self: M, *names: str) -> M:
        """The module, after it keeps parameters out of training: those whose name is, or begins with, one of these; all without a name.

        Raises ValueError for a name that is none.

        >>> from autoback import MLP
        >>> net = MLP(2, [3, 1])
        >>> len(net.parameters()), len(net.freeze("layers.0.bias").parameters()), len(net.layers[0].freeze().parameters())
        (13, 10, 0)
        """
        self._frozen = self._frozen | self._known(names)
        return self

    def unfreeze(self: M, *names: str) -> M:
        """The module, after training may change again what `freeze` kept under these names; without a name everything in it."""
        if names:
            self._frozen = self._frozen - self._known(names)
        else:
            for module in self.modules():
                module._frozen = frozenset()
        return self

    def _known(self, names: Sequence[str]) -> frozenset[str]:
        paths = list(self.arrays())
        for name in names:
            if not any(f"{path}.".startswith(f"{name}.") for path in paths):
                raise ValueError(f"{type(self).__name__} has no parameters named {name!r}, but {few(paths) or 'none at all'}")
        return frozenset(names or [""])

    def zero_grad(self) -> None:
        """Set the gradients to 0, as is due before a `backward` that shall not add to an earlier one."""
        found: dict[Value, None] = {}
        for parameter in found if self.collect(found, set()) else self._found():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, Any]:
        """The numbers of all parameters by name, as nested lists where the parameters are.

        >>> from autoback import Neuron
        >>> Neuron(2, initializer="zeros").state_dict()
        {'weight': [0.0, 0.0], 'bias': 0.0}
        """
        return {path: _mapped(array, lambda parameter: parameter.data) for path, array in self.arrays().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over the numbers of a `state_dict`; all of them, or none when something is wrong.

        state: for each name a number, or numbers in nested sequences or an array (NumPy's, PyTorch's) of the same shape
        Raises ValueError when names are missing or unknown, a shape is another or a number is not finite; TypeError for what is no number.
        """
        arrays = self.arrays()
        missing = [name for name in arrays if name not in state]
        unknown = [name for name in state if name not in arrays]
        if missing or unknown:
            wrong = [f"{kind} {few(found)}" for kind, found in (("missing", missing), ("unknown", unknown)) if found]
            raise ValueError(f"the state must name the {len(arrays)} parameters of this {type(self).__name__}: {'; '.join(wrong)}")
        numbers = [pair for name, array in arrays.items() for pair in _paired(array, state[name], f"the state's {name}")]
        for parameter, number in numbers:
            parameter.data = number

    def summary(self) -> str:
        """The parameters as aligned text: name, shape and number.

        >>> from autoback import Layer
        >>> print(Layer(2, 16).summary())
        name     shape  parameters
        weight  16 × 2          32
        bias        16          16
        total                   48
        """
        free = set(self.parameters())
        rows = [("name", "shape", "parameters", "")]
        for path, array in self.arrays().items():
            values = flat(array)
            frozen = "" if free.issuperset(values) else "  frozen"
            rows.append((path, " × ".join(map(str, shape_of(array) or ())), str(len(values)), frozen))
        rows.append(("total", "", str(sum(int(count) for _, _, count, _ in rows[1:])), ""))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        return "\n".join(f"{name:<{widths[0]}}  {shape:>{widths[1]}}  {count:>{widths[2]}}{note}" for name, shape, count, note in rows)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sum(len(flat(array)) for _, array, _ in _walk(self))} parameters)"


def names_of(module: Module, parameters: Sequence[Value]) -> list[str]:
    """What messages call the parameters: by label, by name, or by number."""
    with suppress(ValueError):  # two have the same name
        paths = {parameter: name for name, parameter in module.named_parameters()}
        return [parameter.label or paths.get(parameter, f"parameter {k}") for k, parameter in enumerate(parameters)]
    return [parameter.label or f"parameter {k}" for k, parameter in enumerate(parameters)]


def is_packaged(thing: object) -> bool:
    """Whether all that a module computes is code of this package alone: then what is recorded for one sample holds for each.

    >>> class Mine(Module): ...
    >>> is_packaged(Mine())
    False
    """
    if isinstance(thing, Module):
        kind = type(thing)
        own = kind.__module__ == "autoback.nn.modules" and "forward" not in vars(thing)
        return own and all(is_packaged(part) for part in vars(thing).values())
    if isinstance(thing, (list, tuple)):
        return all(is_packaged(each) for each in thing)
    return thing is None or isinstance(thing, (Value, str, int, frozenset)) or FUNCTIONS.get(getattr(thing, "__name__", "")) is thing


def _collected(thing: object, found: dict[Value, None], within: set[int]) -> bool:
    if isinstance(thing, Value):
        if thing.op is None:
            found[thing] = None
    elif isinstance(thing, Module):
        return id(thing) in within or thing.collect(found, within)
    elif isinstance(thing, (list, tuple)):
        if thing and isinstance(thing[0], Value) and len({type(each) for each in thing}) == 1:
            leaves = [each for each in thing if each.op is None]
            if leaves:  # with an inner node among them `fit` will complain
                found.update(dict.fromkeys(thing))
        else:
            return all([_collected(each, found, within) for each in thing])
    elif isinstance(thing, dict):
        return all([_collected(each, found, within) for each in thing.values()])
    return True


def shape_of(thing: object) -> tuple[int, ...] | None:
    """The lengths of nested sequences of Values, () for a Value; None where they form no rectangle of Values."""
    if isinstance(thing, Value):
        return ()
    if not isinstance(thing, (list, tuple)) or not thing:
        return None
    shapes = {shape_of(each) for each in thing}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(thing), *inner)


def flat(array: Array) -> list[Value]:
    """The Values of an array, row by row."""
    if isinstance(array, Value):
        return [array]
    if isinstance(array[0], Value):
        return list(array)
    return [value for each in array for value in flat(each)]


def _walk(module: Module, *, again: bool = False) -> Iterator[tuple[str, Array, bool]]:
    """(path, array of leaves, whether it is frozen) for all that a module holds; again: also where Values were met before."""
    seen: set[Value] = set()
    within: set[int] = set()

    def visit(path: str, thing: object, frozen: bool, names: Sequence[str]) -> Iterator[tuple[str, Array, bool]]:
        if isinstance(thing, Module):
            if id(thing) in within:  # a module that holds itself
                return
            within.add(id(thing))
            for name, part in thing.parts():
                own = [*names, *[f"{path}.{each}" if path and each else path or each for each in thing._frozen]]
                yield from visit(f"{path}.{name}" if path else name, part, frozen, own)
            within.discard(id(thing))
        elif isinstance(thing, (Value, list, tuple)):
            frozen = frozen or any(not each or f"{path}.".startswith(f"{each}.") for each in names)
            if shape_of(thing) is not None:
                values = flat(thing)
                if all(value.op is not None for value in values):  # what some operation made, kept to be looked at
                    return
                if again or (seen.isdisjoint(values) and len(set(values)) == len(values)):
                    seen.update(values)
                    yield path, thing, frozen
                    return
                if isinstance(thing, Value):
                    return
            assert not isinstance(thing, Value)
            for k, each in enumerate(thing):
                yield from visit(f"{path}.{k}", each, frozen, names)
        elif isinstance(thing, dict):
            for key, each in thing.items():
                yield from visit(f"{path}.{key}", each, frozen, names)

    yield from visit("", module, False, ())


def _numbered(path: str, array: Array) -> Iterator[tuple[str, Value]]:
    if isinstance(array, Value):
        yield path, array
    else:
        for k, each in enumerate(array):
            yield from _numbered(f"{path}.{k}", each)


def _mapped(array: Array, change: Any) -> Any:
    return change(array) if isinstance(array, Value) else [_mapped(each, change) for each in array]


def _paired(array: Array, given: Any, place: str) -> Iterator[tuple[Value, float]]:
    """Each Value of an array with its number. Raises ValueError or TypeError, which name the place, where the numbers do not fit."""
    given = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(array, Value):
        try:
            yield array, Value(given).data
        except (TypeError, ValueError) as error:
            raise type(error)(f"{place}: {error}") from None
        return
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != len(array):
        got = f"{len(given)}" if isinstance(given, Sequence) else f"a {type(given).__name__}"
        shape = " × ".join(map(str, shape_of(array) or ()))
        raise ValueError(f"{place} must have {len(array)} entries (its shape is {shape}), got {got}")
    for k, (each, numbers) in enumerate(zip(array, given, strict=True)):
        yield from _paired(each, numbers, f"{place}.{k}")
