"""What type checkers and editors read of the table: a function and a method for every row, made from the rows.

At run time both are made from the rows when the package is imported, which no type checker can see.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

import autoback
from autoback.engine.operations import OPERATIONS, Operation

PACKAGE = Path(autoback.__file__).resolve().parent

MADE = "Made from the code by `python -m tests.regenerate`; do not edit."


def rows() -> str:
    """autoback/engine/rows.pyi: the methods that the rows give a Value, and the functions."""
    lines = [
        '"""Every row of the table as a method and as a function, for type checkers and editors alone.',
        "",
        f"{MADE} At run time `functions` makes them from the rows.",
        '"""',
        "",
        "from collections.abc import Iterable",
        "from typing import overload",
        "",
        "from autoback.engine.floatlike import FloatLike",
        "from autoback.engine.value import Value",
        "",
        "class Rows:",
        '    """The methods that the rows give a Value."""',
        "",
        "    __slots__ = ()",
    ]
    for row in OPERATIONS.values():
        if not row.nary:
            lines += [f"    {line}" if line else "" for line in _method(row)]
    for row in OPERATIONS.values():
        lines += ["", *_function(row)]
    return "\n".join(lines) + "\n"


def _method(row: Operation) -> Iterator[str]:
    others = "".join(f", {letter}: Value | FloatLike" for letter in "yz"[: row.arity - 1])
    yield f"def {row.name}(self{others}, /) -> Value:"
    yield from _documentation(row)


def _function(row: Operation) -> Iterator[str]:
    """Of numbers alone a float, of one Value or more a Value."""
    letters = "xyz"[: row.arity]
    of = "Iterable[{}]" if row.nary else "{}"
    # The first Value decides, so that no two signatures overlap: (Value, either), (number, Value), and (number, number) for a float.
    n = row.arity
    signatures = [(["FloatLike"] * k + ["Value"] + ["Value | FloatLike"] * (n - k - 1), "Value") for k in range(n)]
    signatures.append((["FloatLike"] * n, "float"))
    if row.nary:  # in a sequence Values and numbers may be mixed; where each kind stands cannot be told
        signatures = [(["FloatLike"] * n, "float"), (["Value | FloatLike"] * n, "Value")]
    for number, (kind, result) in enumerate(signatures):
        arguments = ", ".join(f"{letter}: {of.format(one)}" for letter, one in zip(letters, kind, strict=True))
        yield "@overload"
        excuse = "  # type: ignore[overload-overlap]" if row.nary and not number else ""
        yield f"def {row.name}({arguments}, /) -> {result}:{excuse}"
        yield from _documentation(row)


def _documentation(row: Operation) -> Iterator[str]:
    convention = f" Convention: {row.convention}." if row.convention else ""
    text = f'"""{row.value}; derivatives {", ".join(row.partials)}.{convention}"""'
    yield from (f"    {line}" for line in wrap(text, 132, subsequent_indent="", break_on_hyphens=False))


def front_door() -> str:
    """autoback/__init__.pyi: all names that `autoback` has, those it imports when they are first asked for included."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    lines = [f'"""{(ast.get_docstring(tree) or "").splitlines()[0]}', "", MADE, '"""', ""]
    imported: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autoback"):
            imported.setdefault(node.module or "", []).extend(alias.name for alias in node.names)
    imported["autoback.engine.rows"] = list(OPERATIONS)
    for name, module in autoback._LATER.items():
        imported.setdefault(module, []).append(name)
    for module, names in sorted(imported.items()):
        lines += [f"from {module} import {name} as {name}" for name in sorted(names)]
    constants = {name: kind for name, kind in _constants(tree) if not name.startswith("_") or name == "__version__"}
    lines += ["", *(f"{name}: {kind}" for name, kind in constants.items()), ""]
    lines += ["__all__ = [", *(f'    "{name}",' for name in autoback.__all__), "]"]
    return "\n".join(lines) + "\n"


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The plain values that the package assigns to names of its own, with their types."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id != "__all__":
            yield node.targets[0].id, type(getattr(autoback, node.targets[0].id)).__name__


def names() -> str:
    """autoback/nn/names.py: what can be chosen by name, as types, so that a misspelt name is an error in the editor."""
    from autoback.nn.activations import ACTIVATIONS
    from autoback.nn.initializers import INITIALIZERS
    from autoback.nn.losses import LOSSES
    from autoback.nn.optimizers import OPTIMIZERS
    from autoback.nn.schedules import CURVES
    from autoback.nn.training import GRADIENT_METHODS

    tables = {
        "ActivationName": ACTIVATIONS, "CurveName": CURVES, "GradientMethod": GRADIENT_METHODS,
        "InitializerName": INITIALIZERS, "LossName": LOSSES, "OptimizerName": OPTIMIZERS,
    }  # fmt: skip
    lines = [f'"""What can be chosen by name, as types. {MADE}"""', "", "from typing import Literal, TypeAlias", ""]
    lines += ["__all__ = [" + ", ".join(f'"{name}"' for name in tables) + "]", ""]
    for name, table in tables.items():
        lines += [f"{name}: TypeAlias = Literal["] + [f'    "{each}",' for each in table] + ["]"]
    return "\n".join(lines) + "\n"
