"""Module: anything with parameters, which it finds by itself in its attributes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from autoback.engine.functions import FUNCTIONS
from autoback.engine.value import Value
from autoback.nn.arguments import few
from autoback.nn.traversal import Array, Searched, everything, flat, shape_of, walk

__all__ = ["Array", "Module", "flat", "is_packaged", "names_of", "shape_of"]

M = TypeVar("M", bound="Module")


if TYPE_CHECKING:

    class Outputs(Value, Sequence[Value]):
        """What a network returns: a Value where it has one output, else a list of them. Types cannot tell which, and allow both."""


class Module(Searched):
    """Anything with parameters: numbers that training may change.

    Parameters are the leaves (Values that no operation made) in the attributes of a module, and in the Modules, lists,
    tuples and dicts there, in the order in which the attributes were set; a Value that occurs twice is one parameter.
    The path to a parameter is its name, as in `layers.0.weight`. Define `forward`; calling the module calls it.
    Raises TypeError for a class whose attributes hold parameters, and, where parameters are looked for, for those in
    sets, deques and NumPy arrays, which are not searched.

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

    if not TYPE_CHECKING:  # to a type checker it would mean that any attribute may be set

        def __setattr__(self, name: str, thing: object) -> None:
            if name in _METHODS and not callable(thing):
                raise AttributeError(
                    f"{name} is a method of every Module, which a {type(thing).__name__} would hide: give the attribute another name"
                )
            object.__setattr__(self, name, thing)

    def __call__(self, *inputs: Any) -> Any:
        return self.forward(*inputs)

    def forward(self, *inputs: Any) -> Any:
        """What the module computes; called with what the module is called with."""
        raise NotImplementedError(f"{type(self).__name__} has to say what it computes: define forward(self, inputs)")

    def arrays(self) -> dict[str, Array]:
        """The parameters by path, frozen ones too: a Value, or a list of Values or of such lists where these form a rectangle.

        Raises ValueError when two paths are the same, TypeError where parameters are in a container that is not searched.
        """
        arrays: dict[str, Array] = {}
        for path, array, _ in walk(self):
            if path in arrays:
                raise ValueError(f"two parameters of {type(self).__name__} have the name {path!r}: a key of a dict must not contain a dot")
            arrays[path] = array
        return arrays

    def parameters(self) -> list[Value]:
        """The parameters that training may change, each once, in a fixed order; frozen ones are left out."""
        found: dict[Value, None] = {}
        if self._collect(found, set()):
            return list(found)
        return [parameter for parameter, frozen in self._found().items() if not frozen]

    def frozen_parameters(self) -> list[Value]:
        """The parameters that training may not change."""
        return [parameter for parameter, frozen in self._found().items() if frozen]

    def _found(self) -> dict[Value, bool]:
        found: dict[Value, bool] = {}
        for _, array, frozen in walk(self, again=True):
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
        return (each for each in everything(self) if isinstance(each, Module))

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
        for parameter in found if self._collect(found, set()) else self._found():
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
        try:
            return f"{type(self).__name__}({sum(len(flat(array)) for _, array, _ in walk(self))} parameters)"
        except TypeError as error:
            return f"<{type(self).__name__}: {error}>"


_METHODS = frozenset([name for name in vars(Module) if not name.startswith("__")])


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
    waiting, seen = [thing], {id(thing)}
    while waiting:
        each = waiting.pop()
        if isinstance(each, Module):
            if type(each).__module__ != "autoback.nn.modules" or "forward" in vars(each):
                return False
            inside: Iterable[object] = vars(each).values()
        elif isinstance(each, (list, tuple)):
            inside = each
        elif isinstance(each, (Value, str, int, frozenset, type(None))) or FUNCTIONS.get(getattr(each, "__name__", "")) is each:
            continue
        else:
            return False
        for part in inside:  # what is nowhere else is kept by what holds it, so an id stays one thing's
            if id(part) not in seen:
                seen.add(id(part))
                waiting.append(part)
    return True


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
