"""Operations of the user: one call makes a row of the table, and every reader of the table has it."""

import keyword
import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autoback.engine.derive import derivative
from autoback.engine.formula import NAMES, evaluate, names, parse
from autoback.engine.functions import FUNCTIONS, install, uninstall
from autoback.engine.operation import Operation
from autoback.engine.operations import CUSTOM, OPERATIONS
from autoback.engine.value import Value

__all__ = ["define_operation", "forget_operation"]

_STATED = ("symbol", "domain", "range", "activation", "convention", "hint")  # after name, value and partials
_POINTS = 40
_TOLERANCE = 1e-6


def define_operation(
    name: str,
    value: str,
    partials: Sequence[str] | None = None,
    *,
    symbol: str | None = None,
    domain: tuple[float, float] = (-2.0, 2.0),
    range: tuple[float, float] = (-math.inf, math.inf),  # as the row calls it
    activation: bool | None = None,
    convention: str = "",
    hint: str = "",
) -> Callable[..., Any]:
    """A new operation, stated as a formula: a function, a method of Value, and all that a row of the table is.

    name:       of the function autoback.NAME and the method v.NAME(); also of the activation, if it has one input
    value:      the result, in the rule language, from the inputs x, y, z; `sum(term)` for sequences x, or x and y
    partials:   the derivative along each input, from x, y, z and out; left out, they are derived from `value`
    symbol:     how pictures call it; default the name
    domain:     interval to check it in, and for tests to draw inputs from
    range:      smallest closed interval that holds every result, if it is known
    activation: whether neurons offer it, for one input that is no sequence; default: every such row
    convention: what was chosen where the derivative does not exist
    hint:       the way out, for the error outside the domain
    Returns the function. Defining the same again changes nothing. Given partials are compared with differences of the
    value over the domain. Raises ValueError for a name that is taken, for a domain in which nothing can be computed or
    compared, and for a wrong partial, with the point where it fails; TypeError for what is no text, no two numbers or no
    truth value where one is expected; FormulaError for a formula outside the language.

    >>> swish = define_operation("swish", "x / (1 + exp(-1.5 * x))")
    >>> v = Value(2.0)
    >>> swish(v), v.swish().op.name
    (Value(1.9051482536448667, op=swish), 'swish')
    >>> define_operation("cube", "x * x * x", ["3 * x"])
    Traceback (most recent call last):
    ValueError: the partial of cube along x, 3 * x, is 3.49965 at x=1.16655, where differences of its value give 4.08251
    >>> forget_operation("swish")
    """
    row = _row(name, value, partials, symbol, domain, range, activation, convention, hint)
    known = OPERATIONS.get(name)
    if known is not None and name in CUSTOM and _texts(known) == _texts(row):
        return FUNCTIONS[name]
    _require_free(name)
    _compare(row)
    CUSTOM.add(name)
    OPERATIONS[name] = row
    return install(row)


def forget_operation(name: str) -> None:
    """Take an operation of one's own out of the table again; graphs that hold it keep working.

    Raises ValueError for a name that is not of one's own.

    >>> row = define_operation("twice", "2 * x")
    >>> forget_operation("twice")
    """
    if name not in CUSTOM:
        own = ", ".join(sorted(CUSTOM)) or "none"
        raise ValueError(f"{name!r:.40} is not an operation of your own; those are: {own}")
    uninstall(OPERATIONS.pop(name))
    CUSTOM.discard(name)


def stated(*statement: Any) -> Operation:
    """The row that a pickle states, defined if it is new here. Raises ValueError where the name means another operation."""
    name = statement[0]
    row = _row(*statement)
    if name not in OPERATIONS:
        define_operation(*statement[:3], **dict(zip(_STATED, statement[3:], strict=True)))
    elif _texts(OPERATIONS[name]) != _texts(row):
        raise ValueError(f"{name} means {row.value} where this was saved, and {OPERATIONS[name].value} here; forget or rename one of them")
    return OPERATIONS[name]


def _row(
    name: str,
    value: str,
    partials: Sequence[str] | None,
    symbol: str | None,
    domain: tuple[float, float],
    range: tuple[float, float],
    activation: bool | None,
    convention: str,
    hint: str,
) -> Operation:
    for what, given in (("name", name), ("value", value)):
        if not isinstance(given, str):
            raise TypeError(f"{what} must be a string, got a {type(given).__name__}: {given!r:.40}")
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name) or name.startswith("_"):
        raise ValueError(f"name must be a word of letters, digits and underscores, such as 'swish', got {name!r:.40}")
    nary = value.startswith("sum(") and value.endswith(")")
    term = parse(value[4:-1] if nary else value)
    letters = names(term)
    if not letters or "out" in letters or "".join(letters) != "xyz"[: len(letters)]:
        used = ", ".join(letters) or "none"
        raise ValueError(f"value must be a formula of the inputs x, or x and y, or x, y and z, got {value!r:.60} with the names {used}")
    if partials is None:
        partials = [derivative(term, letter, "" if nary else "out") for letter in letters]
    if isinstance(partials, str) or (isinstance(partials, Sequence) and len(partials) != len(letters)):
        raise ValueError(f"partials must be one formula for each of {', '.join(letters)}, got {partials!r:.60}")
    if not isinstance(partials, Sequence) or not all(isinstance(partial, str) for partial in partials):
        raise TypeError(f"partials must be strings, one formula for each of {', '.join(letters)}, got {partials!r:.60}")
    low, high = _interval("domain", domain)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"domain must be two finite numbers, the lower first, got {domain!r:.40}")
    lowest, highest = _interval("range", range)
    if not lowest < highest:
        raise ValueError(f"range must be two numbers, the lower first, got {range!r:.40}")
    for what, words in (("symbol", name if symbol is None else symbol), ("convention", convention), ("hint", hint)):
        if not isinstance(words, str):
            raise TypeError(f"{what} must be a string, got a {type(words).__name__}: {words!r:.40}")
        if not words.isprintable() or (what == "symbol" and not words.strip()):
            raise ValueError(f"{what} must be one line of text that can be shown, got {words!r:.40}")
    if activation is not None and not isinstance(activation, bool):
        raise TypeError(f"activation must be True, False or None, got a {type(activation).__name__}: {activation!r:.40}")
    alone = len(letters) == 1 and not nary
    if activation and not alone:
        raise ValueError(f"an activation has one input and takes no sequence, got {value!r:.60}")
    return Operation(
        name,
        name if symbol is None else symbol,
        value,
        tuple(partials),
        domain=(low, high),
        range=(lowest, highest),
        activation=alone if activation is None else activation,
        convention=convention,
        hint=hint,
    )


def _interval(what: str, ends: Any) -> tuple[float, float]:
    """Two numbers as floats. Raises TypeError for anything else."""
    try:
        low, high = ends
        if isinstance(low, str) or isinstance(high, str):
            raise TypeError
        return float(low), float(high)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{what} must be two numbers, low and high, got {ends!r:.40}") from None


def _require_free(name: str) -> None:
    if name in OPERATIONS:
        own = f"; forget_operation({name!r}) takes it back" if name in CUSTOM else ""
        raise ValueError(f"there is an operation {name} already, {OPERATIONS[name].value}; choose another name{own}")
    if hasattr(Value, name) or name in NAMES or name in dir(package := sys.modules["autoback"]) or name in package.ACTIVATIONS:
        raise ValueError(f"{name} is a name of autoback already; choose another")


def _texts(row: Operation) -> tuple[object, ...]:
    return row.value, row.partials, row.symbol, row.domain, row.range, row.activation, row.convention, row.hint


# The partials against differences of the value


def _points(row: Operation) -> Iterator[list[float]]:
    """Numbers from the domain, the same on every machine."""
    draw, (low, high) = random.Random(row.name), row.domain
    for _ in range(_POINTS):
        yield [draw.uniform(low, high) for _ in row.letters]


def _compare(row: Operation) -> None:
    """Raise ValueError unless the partials are the slopes of the value wherever these can be found."""
    h = (row.domain[1] - row.domain[0]) * 2.5e-4

    def f(point: Sequence[float]) -> float:
        return evaluate(row.term, dict(zip(row.letters, point, strict=True)))

    checked, refusal = [0] * row.arity, ""
    for point in _points(row):
        try:
            _, partials = row.evaluate_ieee(point)
        except ArithmeticError as error:
            refusal = str(error)
            continue
        for k, partial in enumerate(partials):
            there = [f([*point[:k], point[k] + n * h, *point[k + 1 :]]) for n in (-2, -1, 0, 1, 2)]
            if not all(map(math.isfinite, there)):
                continue
            slope = (8.0 * (there[3] - there[1]) - (there[4] - there[0])) / (12.0 * h)
            size = max(abs(slope), abs(partial), *[abs(number) * 1e-4 / h for number in there])
            sides = (there[2] - there[0]) / (2.0 * h), (there[4] - there[2]) / (2.0 * h)
            if abs(sides[1] - sides[0]) > 0.05 * size:  # a kink or a jump, where a difference says nothing
                continue
            checked[k] += 1
            if abs(partial - slope) > _TOLERANCE * size:
                at = ", ".join(f"{letter}={number:.6g}" for letter, number in zip(row.letters, point, strict=True))
                raise ValueError(
                    f"the partial of {row.name} along {row.letters[k]}, {row.partials[k]}, is {partial:.6g} at {at}, "
                    f"where differences of its value give {slope:.6g}"
                )
    if not all(checked):
        low, high = row.domain
        reason = f": {refusal}" if refusal else ", since its value jumps or bends everywhere"
        raise ValueError(f"in the domain from {low:g} to {high:g} no partial of {row.name} can be checked{reason}; give another domain")
