"""The house's docstrings for mkdocstrings: `name: text` lines become a table of arguments, and doctests become examples.

    net:    the network, whose parameters are changed in place
    inputs: N rows of `net.n_inputs` numbers
"""

import re
from collections.abc import Iterator
from typing import Any

import griffe

_ENTRY = re.compile(r"^((?:\w+, )*\w+): +(\S.*)$")


class HouseStyle(griffe.Extension):
    """Rewrites each docstring in the style that griffe parses, in memory."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called with each function, class and module."""
        if obj.docstring and (obj.is_function or obj.is_class):
            names = _parameters(obj)
            obj.docstring.value = "\n".join(_rewritten(obj.docstring.value.splitlines(), names))


def _parameters(obj: griffe.Object) -> set[str]:
    function = obj.members.get("__init__") if obj.is_class else obj
    names = {parameter.name.lstrip("*") for parameter in getattr(function, "parameters", ())}
    return names | set(obj.members if obj.is_class else ())


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
        else:
            yield _escaped(line)
            position += 1


def _escaped(text: str) -> str:
    """Brackets are lists there, not links."""
    return "".join(part if k % 2 else part.replace("[", "\\[") for k, part in enumerate(re.split(r"(`[^`]*`)", text)))
