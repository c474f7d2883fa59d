"""The house's docstrings for mkdocstrings: `name: text` lines become a table of arguments, and doctests become examples.

    net:    the network, whose parameters are changed in place
    inputs: N rows of `net.n_inputs` numbers
"""

import re
from collections.abc import Iterator
from typing import Any

import griffe

_ENTRY = re.compile(r"^((?:\w+, )*\w+): +(\S.*)$")


#: A line in columns, which Markdown would run together.
_COLUMNS = re.compile(r"\S {3,}\S")


class HouseStyle(griffe.Extension):
    """Rewrites each docstring in the style that griffe parses, in memory."""

    def on_function_instance(self, *, func: griffe.Function, **_: Any) -> None:
        """Called with each function and method."""
        _rewrite(func, {parameter.name.lstrip("*") for parameter in func.parameters})

    def on_class_members(self, *, cls: griffe.Class, **_: Any) -> None:
        """Called with each class, once its members are known: the attributes of a dataclass are its arguments."""
        constructor = cls.members.get("__init__")
        _rewrite(cls, {parameter.name.lstrip("*") for parameter in getattr(constructor, "parameters", ())} | set(cls.members))


def _rewrite(obj: griffe.Object, names: set[str]) -> None:
    if obj.docstring:
        obj.docstring.value = "\n".join(_rewritten(obj.docstring.value.splitlines(), names))


def _rewritten(lines: list[str], names: set[str]) -> Iterator[str]:
    position = 0
    while position < len(lines):
        line = lines[position]
        entry = _ENTRY.match(line)
        if entry and set(entry[1].split(", ")) <= names:
            yield from ("", "Args:")
            while position < len(lines) and (entry := _ENTRY.match(lines[position])) and set(entry[1].split(", ")) <= names:
                text, position = [entry[2]], position + 1
                while position < len(lines) and lines[position].startswith("    "):
                    text, position = [*text, lines[position].strip()], position + 1
                for name in entry[1].split(", "):
                    yield f"    {name}: {_escaped(' '.join(text))}"
            yield ""
        elif line.startswith(">>>"):
            yield from ("", "Examples:")
            while position < len(lines):
                yield f"    {lines[position]}".replace("<BLANKLINE>", "")
                position += 1
        elif _COLUMNS.search(line):
            yield from ("", "```text")
            while position < len(lines) and _COLUMNS.search(lines[position]):
                yield lines[position]
                position += 1
            yield from ("```", "")
        else:
            if line.startswith(("Source", "Raises")):
                yield ""
            yield _escaped(line)
            position += 1


def _escaped(text: str) -> str:
    """Brackets are lists there, not links."""
    return "".join(part if k % 2 else part.replace("[", "\\[") for k, part in enumerate(re.split(r"(`[^`]*`)", text)))
