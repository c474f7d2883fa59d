"""A lesson page: one HTML file with its style, script and data inside, that opens from disk and asks nobody for anything."""

import json
import os
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from zlib import compress

from autoback.engine.copying import rerecorded
from autoback.engine.value import Value
from autoback.files import write_atomically
from autoback.view.colors import variables
from autoback.view.convert import picture_element
from autoback.view.notation import MATHML
from autoback.view.snapshot import Snapshot

__all__ = ["Page", "assemble", "current", "described", "read", "scripted", "texts"]

#: The rooms that pages are made from.
_ROOMS = ("pages", "lesson", "playground")


@dataclass(frozen=True)
class Page:
    """A finished page: `.html` is its whole text, `save(path)` writes it, a notebook shows it in place.

    picture: an SVG of what the page is about, for notebooks that do not trust it
    """

    html: str
    picture: str = ""

    def __repr__(self) -> str:
        return f"Page({len(self.html.encode()) / 1000:.0f} kB; save(path) writes it)"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page as UTF-8, whole or not at all; the path it was written to."""
        return write_atomically(path, self.html)

    def _repr_html_(self) -> str:
        # A frame of its own keeps the page's style and keys apart from the notebook's. A notebook that is not trusted takes
        # the frame away, and the template round the picture, which browsers do not show otherwise.
        instead = f"<template>{picture_element(self.picture, 'picture of the page')}</template>" if self.picture else ""
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts" title="autoback lesson" '
            'width="100%" height="860" style="border: 0; border-radius: 12px"></iframe>' + instead
        )


def current(root: Value, refresh: bool) -> Snapshot:
    """The snapshot of a graph for a page, on which every number follows from the leaves.

    refresh: take a stale graph as its leaves are now; the graph itself is left alone
    Raises TypeError for what is no Value, ValueError for a stale graph without `refresh`, OperationError where the leaves
    now lie outside the domain of an operation.
    """
    snapshot = Snapshot(root)
    if not snapshot.stale:
        return snapshot
    if not refresh:
        raise ValueError(f"{snapshot.notes()[0].partition(';')[0]}; call {snapshot.name}.refresh(), or choose refresh=True for this page")
    return Snapshot(rerecorded(root)[root])


def described(snapshot: Snapshot, k: int) -> dict[str, Any]:
    """A node as the page's data: what cannot be computed there, and nothing else.

    name, op, inputs; value: of a leaf; constant: true for a number that the reader does not vary
    math:  the name as MathML where it is a phrase, such as w·x + b, which needs parentheses in a larger formula
    marks: for each input its name along this edge, x₍₂₎ for the second use of x; left out where no input is used twice
    """
    node = snapshot.nodes[k]
    fields: dict[str, Any] = {"name": node.name, "op": node.op.name if node.op else None, "inputs": node.inputs}
    if node.op is None:
        fields["value"] = node.value
    elif not snapshot.names.is_word(snapshot.order[k]):
        fields["math"] = snapshot.names.phrase(snapshot.order[k], MATHML).text
    if node.constant:
        fields["constant"] = True
    if any(len(snapshot.uses[below]) > 1 for below in node.inputs):
        fields["marks"] = [snapshot.mark(k, position).text for position in range(len(node.inputs))]
    return fields


def assemble(
    template: str,
    *,
    styles: Sequence[str],
    scripts: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    more_style: str = "",
    picture: str = "",
    words: str = "texts.json",
    before: str = "",
    workers: bool = False,
    **parts: str,
) -> Page:
    """A page from its pieces, which are files of the rooms of pages.

    template: an HTML file from <body> on, which head.html goes before; its places are {{title}}, {{script}}, {{data}}, the
              names of `parts`, and {{say walk.title}} for a text of `words`
    styles, scripts: the files to join; data: what it works on
    words: the file of texts; before: JavaScript that comes first, such as the rules of rows
    workers: whether the script makes workers of itself
    more_style: rules for this page alone; picture: an SVG of what it is about
    parts:    texts, already escaped, for the template's other places
    The policy allows this one style and this one script, by their hashes, and no request at all. A template with a place
    {{packed}} gets its script compressed there, a third of its size, and in {{script}} the lines that unpack it.
    """
    style = variables() + "".join(map(read, styles)) + more_style
    script = '(() => {\n"use strict";\n' + before + "".join(map(read, scripts)) + "})();\n" if scripts else ""
    policy = f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    shell = read(template)
    packed = b64encode(compress(script.encode(), 9)).decode() if "{{packed}}" in shell else ""
    loader = read("unpack.js") if packed else script
    if workers:
        policy += "; worker-src blob:"
    if script:
        policy += f"; script-src '{_hash(loader)}'" + f" '{_hash(script)}'" * bool(packed)
    held = scripted(data) if data else ""
    places = {**parts, "style": style, "script": loader, "packed": packed, "policy": policy, "data": held}
    said = re.sub(r"\{\{say ([^}]+)\}\}", lambda place: escape(_said(place[1], words)), read("head.html") + shell)
    return Page(re.sub(r"\{\{(\w+)\}\}", lambda place: places[place[1]], said), picture)


def scripted(data: Any) -> str:
    """Data as JavaScript. In a script element only '<' can do harm: it may open a comment or close the element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def texts(name: str = "texts.json") -> dict[str, Any]:
    """Everything a page says, by key: one file to read, and to translate. That of the lesson, or of playground.json the playground."""
    found: dict[str, Any] = json.loads(read(name))
    return found


def _said(key: str, words: str) -> str:
    text: Any = texts(words)
    for part in key.split("."):
        text = text[part]
    return str(text)


def read(name: str) -> str:
    """The text of a file of these rooms; no two of them have files of one name, but for Python's."""
    places = [files("autoback.view") / room / name for room in _ROOMS]
    return next(place for place in places if place.is_file()).read_text(encoding="utf-8")



def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
