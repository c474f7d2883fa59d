"""Every row of the table as a function and as a method, and `elementary`, which takes compound rows apart.

The functions work on Values, on plain numbers, and on both mixed; of numbers alone they give a float.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from typing import Any, overload

from autoback.engine.fast import recorder
from autoback.engine.floatlike import FloatLike
from autoback.engine.formula import fold, parse
from autoback.engine.operations import OPERATIONS, Operation, OperationError
from autoback.engine.value import Number, Operand, Value, as_operand, extension, record

__all__ = ["FLAT", "FUNCTIONS", "GraphReader", "elementary", "mean", "take_apart"]

_elementary: ContextVar[bool] = ContextVar("elementary", default=False)
#: One entry for each `elementary` block that is open anywhere: while there is none, nobody need ask the context.
_blocks: list[None] = []


@contextmanager
def elementary() -> Iterator[None]:
    """Within it, compound rows (sigmoid, dot, softplus, ...) record their elementary definition.

    The numbers do not change beyond rounding; but e^x alone overflows above 709, where the fused
    row would still have an answer: then an operation raises OperationError.

    >>> with elementary():
    ...     s = FUNCTIONS["sigmoid"](Value(0.0))
    >>> s.op.name, s.data
    ('div', 0.5)
    """
    token = _elementary.set(True)
    _blocks.append(None)
    try:
        yield
    finally:
        _blocks.pop()
        _elementary.reset(token)


def _operand(row: Operation, number: object) -> Value:
    value = as_operand(number)
    if value is None:
        raise TypeError(f"{row.name} takes Values and real numbers, got a {type(number).__name__}: {number!r:.40}")
    return value


def _mixed(row: Operation, operands: tuple[Any, ...]) -> Any:
    """A row on numbers and Values in any mixture: of numbers alone a float."""
    inputs = tuple([operand if type(operand) is Value else _operand(row, operand) for operand in operands])
    if not any([isinstance(operand, Value) for operand in operands]):
        return row.number([value._number for value in inputs])
    return take_apart(row, inputs) if row.elementary is not None and _elementary.get() else record(row, inputs)


def _with_constants(row: Operation, operands: tuple[Any, ...]) -> Any:
    """A row with constants on numbers and Values; a Value as constant could change, so the general row takes it."""
    if not any([isinstance(operand, Value) for operand in row.constants_of(operands)]):
        return _mixed(row, operands)
    if row.general is None:
        raise TypeError(f"{row.name} takes a plain number for {' and '.join(row.letters[len(row.variables) :])}, which has no derivative")
    return FUNCTIONS[row.general](*operands)


def _recorder(row: Operation, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    if extension is not None:
        return _in_c(row, "flat" if row.nary else "fixed", otherwise)
    if row.elementary is None:
        return recorder(row, otherwise)
    return recorder(row, otherwise, unless="blocks and elementary()", blocks=_blocks, elementary=_elementary.get)


def _in_c(row: Operation, form: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """The row's function in C; for arguments that are no Values and numbers, and for errors, it calls `otherwise`."""
    # Each with the signature that Python's own function has, for help and for the error of a wrong number of arguments.
    forms = {1: lambda a, /: otherwise(a), 2: lambda a, b, /: otherwise(a, b), 3: lambda a, b, c, /: otherwise(a, b, c)}
    python = forms[row.arity] if form == "fixed" else otherwise
    python.__name__ = python.__qualname__ = row.name
    made: Callable[..., Any] = extension.recorder(row, form, python, _blocks if row.elementary else None)  # type: ignore[union-attr]
    return made


def _flat(row: Operation) -> Callable[[tuple[Value, ...]], Value]:
    return _recorder(row, lambda inputs: _mixed(row, inputs) if extension else take_apart(row, inputs))


#: The n-ary rows on one tuple of Values, x1..xn y1..yn, unchecked: the short way for a caller who knows what it holds.
FLAT: dict[str, Callable[[tuple[Value, ...]], Value]] = {}


def _listed(name: str, numbers: object, arity: int = 1) -> tuple[Any, ...]:
    if isinstance(numbers, Iterable):
        return tuple(numbers)
    what = "a sequence" if arity == 1 else f"{arity} sequences"
    way_out = ", ".join(["[a, b, ...]", "[c, d, ...]"][:arity])
    raise TypeError(f"{name} takes {what} of numbers, got a {type(numbers).__name__}: write {name}({way_out})")


def _function(row: Operation) -> Callable[..., Any]:
    if row.nary:
        flat = FLAT[row.name]

        def function(*sequences: Iterable[Number]) -> Any:
            vectors = [_listed(row.name, sequence, row.arity) for sequence in sequences]
            if len(vectors) != row.arity or not vectors[0] or (row.arity > 1 and len({len(vector) for vector in vectors}) > 1):
                got = " and ".join(str(len(vector)) for vector in vectors) or "none"
                raise ValueError(
                    f"{row.name} takes {row.arity} sequence{'s of the same length' * (row.arity > 1)}, not empty, got lengths {got}"
                )
            inputs: tuple[Any, ...] = vectors[0] if row.arity == 1 else sum(vectors, ())
            for each in inputs:
                if type(each) is not Value:
                    return _mixed(row, inputs)
            return flat(inputs)

        if extension is not None:
            function = _in_c(row, "sequences", function)
    elif row.constants:
        function = recorder(row, lambda *operands: _with_constants(row, operands), unless="True")
    else:
        function = _recorder(row, lambda *operands: _mixed(row, operands))

    function.__name__ = function.__qualname__ = row.name
    function.__module__ = "autoback"  # where it is public, so that pickle finds it
    function.__doc__ = f"{row.value}, row `{row.name}` of the table; partials {', '.join(row.partials)}." + (
        f" Convention: {row.convention}." * bool(row.convention)
    )
    return function


#: One function for each row, by its name.
FUNCTIONS: dict[str, Callable[..., Any]] = {}


def install(row: Operation) -> Callable[..., Any]:
    """Make the function of a row, and its method of Value unless it takes sequences."""
    if row.nary:
        FLAT[row.name] = _flat(row)
    FUNCTIONS[row.name] = _function(row)
    if not row.nary:
        setattr(Value, row.name, FUNCTIONS[row.name])
    return FUNCTIONS[row.name]


def uninstall(row: Operation) -> None:
    """Take the function and the method of a row away."""
    del FUNCTIONS[row.name]
    if row.nary:
        del FLAT[row.name]
    else:
        delattr(Value, row.name)


for _row in OPERATIONS.values():
    install(_row)


@overload
def mean(numbers: Iterable[FloatLike]) -> float: ...  # type: ignore[overload-overlap]
@overload
def mean(numbers: Iterable[Operand]) -> Value: ...
def mean(numbers: Iterable[Operand]) -> Any:
    """The arithmetic mean: the n-ary sum divided by how many there are. Raises ValueError where there are none.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    listed = _listed("mean", numbers)
    return FUNCTIONS["sum"](listed) / len(listed)


def take_apart(row: Operation, inputs: tuple[Value, ...]) -> Value:
    """The elementary definition of a compound row, recorded on `inputs`; the row itself if it has none."""
    if row.elementary is None:
        return record(row, inputs)
    if not row.nary:
        return as_value(fold(parse(row.elementary), GraphReader(row.terms(inputs)[0])))
    if not row.elementary.startswith("sum("):
        join = parse(row.elementary)
        return reduce(lambda x, y: as_value(fold(join, GraphReader({"x": x, "y": y}))), inputs)
    term = parse(row.elementary[4:-1])
    terms = [fold(term, GraphReader(bindings)) for bindings in row.terms(inputs)]
    return as_value(FUNCTIONS["sum"](terms))


def as_value(number: Number) -> Value:
    """A Value as it is, a number as a leaf."""
    return number if isinstance(number, Value) else Value(number)


class GraphReader:
    """A formula read on Values: a graph. Equal phrases become one shared node, and ×1 and +0 none.

    bindings: what the names x, y, z, out stand for; a plain number stays a constant
    record:   how a row is recorded: `record`, or `record_value` where the graph need not have a derivative
    """

    def __init__(self, bindings: Mapping[str, Number], record: Callable[[Operation, tuple[Value, ...]], Value] = record) -> None:
        self.bindings = bindings
        self.record = record
        self.made: dict[tuple[object, ...], Number] = {}

    def number(self, value: float) -> Number:
        return value

    def name(self, name: str) -> Number:
        return self.bindings[name]

    def negate(self, operand: Number) -> Number:
        return -operand

    def binary(self, symbol: str, left: Number, right: Number) -> Number:
        match symbol, left, right:
            case ("*", float(1.0), other) | ("*" | "/", other, float(1.0)) | ("+", float(0.0), other) | ("+" | "-", other, float(0.0)):
                return other
        return self._shared({"+": "add", "-": "sub", "*": "mul", "/": "div"}[symbol], [left, right])

    def compare(self, symbol: str, left: Number, right: Number) -> Number:
        if symbol in ("<", "<="):
            left, right = right, left
        row = {">": "greater", "<": "greater", ">=": "greater_equal", "<=": "greater_equal", "==": "equal"}[symbol]
        return self._shared(row, [left, right])

    def call(self, function: str, arguments: list[Number]) -> Number:
        if function == "pow" and isinstance(arguments[1], float):
            if arguments[1] in (0.0, 1.0):
                return arguments[0] if arguments[1] else 1.0
            function = "power"
        return self._shared(function, arguments)

    def _shared(self, function: str, arguments: list[Number]) -> Number:
        key = (function, *[id(a) if isinstance(a, Value) else a for a in arguments])
        if key not in self.made:
            try:
                self.made[key] = FUNCTIONS[function](*arguments)
            except OperationError:
                self.made[key] = self.record(OPERATIONS[function], tuple(map(as_value, arguments)))
        return self.made[key]
