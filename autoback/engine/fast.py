"""The operators of Value and its `backward` once more, written out for speed, and put into the class.

Arithmetic on two doubles takes Python less time than a call does. An operator that asked `record`,
which asked the row, would spend most of its time asking; so the row's own steps are written
between the lines that read the inputs and those that make the node. The tests hold both to the same bits.
"""

from collections.abc import Callable
from typing import Any

from autoback.engine.operation import Operation, vocabulary
from autoback.engine.operations import OPERATIONS
from autoback.engine.tracing import refuse_while_recording
from autoback.engine.value import Definition, Value, extension, record
from autoback.engine.walk import Restored, ancestors, insist, require_finite

__all__ = ["PLAIN", "recorder"]

_FIXED = """
def record_{name}({inputs}, /):
    if {unusual}:
        return otherwise({inputs})
    inputs = {inputs},
    {numbers} = {data}
"""

_NARY = """
def record_{name}(inputs):
    if {unusual}:
        return otherwise(inputs)
    numbers = tuple([each._number for each in inputs])
"""

_NODE = """\
    try:
        {steps}
    except (ArithmeticError, ValueError):
        return record(row, inputs)
    node = new(Value)
    node._number = out
    node.partials = {partials}
    node.op = row
    node.inputs = inputs
    node.grad = node.label = None
    return node
"""


def recorder(row: Operation, otherwise: Callable[..., Any], unless: str = "", **asked: object) -> Callable[..., Any]:
    """A function that records a row: of as many Values as it has inputs, or of one tuple of them for an n-ary row.

    otherwise: what to call when an argument is not exactly a Value, which is not asked of an n-ary row
    unless:    a condition, as source, on which `otherwise` is called too; asked: the names in it
    """
    lines, partials = row.steps
    inputs = "" if row.nary else "abc"[: row.arity]
    source = ((_NARY if row.nary else _FIXED) + _NODE).format(
        name=row.name,
        inputs=", ".join(inputs),
        unusual=" or ".join([f"type({name}) is not Value" for name in inputs] + [unless] * bool(unless)) or "False",
        numbers=", ".join(row.letters),
        data=", ".join(f"{name}._number" for name in inputs),
        steps="\n        ".join(lines),
        partials=partials,
    )
    helpers = {"new": Value.__new__, "record": record, "otherwise": otherwise, "Value": Value, "row": row}
    namespace: dict[str, Any] = {**vocabulary(), **helpers, **asked}
    exec(compile(source, f"<recorder {row.name}>", "exec"), namespace)
    made: Callable[..., Any] = namespace[f"record_{row.name}"]
    return made


def backward(root: Value) -> None:
    refuse_while_recording("backward()", "gradient(output, inputs), which is recorded")
    inner, leaves = ancestors(root)
    restored = Restored(leaves)
    try:
        for node in inner:
            node.grad = 0.0
        for leaf in leaves:
            if leaf.grad is None:
                leaf.grad = 0.0
        root.grad += 1.0  # type: ignore[operator]
        for node in reversed(inner):
            upstream = node.grad
            if not upstream:  # what is 0 contributes nothing
                continue
            inputs = node.inputs
            if len(inputs) == 2:  # the last loop by hand, for the commonest cases: twice as fast
                x, y = inputs
                along_x, along_y = node.partials
                x.grad += upstream * along_x  # type: ignore[operator]
                y.grad += upstream * along_y  # type: ignore[operator]
            elif len(inputs) == 1:
                inputs[0].grad += upstream * node.partials[0]  # type: ignore[operator]
            else:
                for below, partial in zip(inputs, node.partials):  # noqa: B905  # equal by construction
                    below.grad += upstream * partial  # type: ignore[operator]
        require_finite(leaves)
    except BaseException:
        insist(restored.restore)
        raise


#: The methods as value.py defines them, by name: what the fast ones have to equal.
PLAIN: dict[str, Callable[..., Any]] = {
    name: Definition.__dict__[name] for name in ("backward", "__add__", "__sub__", "__mul__", "__truediv__", "__pow__")
}


def _operator(name: str, row: str, *, constant: bool = False) -> Callable[[Value, Any], Any]:
    """An operator of Value; constant: whether its row is the one for a plain number on the right."""
    plain = PLAIN[name]

    def mixed(left: Value, right: Any) -> Any:
        return both(left, Value(right)) if type(right) is float or type(right) is int else plain(left, right)

    both = recorder(OPERATIONS[row], plain if constant else mixed)
    return mixed if constant else both


_FAST = {
    "backward": backward,
    "__add__": _operator("__add__", "add"),
    "__sub__": _operator("__sub__", "sub"),
    "__mul__": _operator("__mul__", "mul"),
    "__truediv__": _operator("__truediv__", "div"),
    "__pow__": _operator("__pow__", "power", constant=True),
}

if extension is None:  # the engine in C has its own
    for _name, _made in _FAST.items():
        _made.__name__, _made.__qualname__, _made.__doc__ = _name, f"Value.{_name}", PLAIN[_name].__doc__
        setattr(Value, _name, _made)
