"""Scripts and styles made smaller without changing what they mean: no comments, no indentation, no blanks around signs.

Only as far as it is safe without understanding the language: line ends stay, names stay, and strings, templates and
patterns stay as they are.
"""

import re

__all__ = ["squeezed_script", "squeezed_style"]

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*)|(?P<kept>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
    r"""|(?<=[\s(,=:\[!&|?])/(?![/*\s])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)"""
    r"""|(?P<template>`)|(?P<open>\{)|(?P<close>\})|(?P<code>[^"'`/{}]+|/)"""
)
_TEMPLATE = re.compile(r"(?P<text>(?:[^`\\$]|\\.|\$(?!\{))*)(?P<end>`|\$\{)", re.S)


def squeezed_script(script: str) -> str:
    """A script whose divisions have blanks around them, and whose statements end in a semicolon or a line end.

    >>> squeezed_script('const f = (a, b) => `${a ? `, ${ b }` : ""} kept`; // a remark')
    'const f=(a,b)=>`${a?`, ${ b }`:""} kept`;\\n'
    """
    pieces: list[str] = []  # finished text, strings and the like among it
    inside: list[int] = []  # for each template around: how many braces are open within its ${
    at = 0
    while at < len(script):
        token = _TOKEN.match(script, at)
        if token is None:
            raise ValueError(f"a script that cannot be read from {script[at : at + 40]!r} on")
        at, kind = token.end(), token.lastgroup
        if kind == "template" or (kind == "close" and inside and inside[-1] == 0):
            piece = token[0]
            if kind == "close":
                inside.pop()
            text = _TEMPLATE.match(script, at)
            if text is None:
                raise ValueError("a template without an end")
            at = text.end()
            if text["end"] != "`":
                inside.append(0)
            pieces.append("\0" + piece + text[0] + "\0")
            continue
        if inside and kind in ("open", "close"):
            inside[-1] += 1 if kind == "open" else -1
        pieces.append(f"\0{token[0]}\0" if kind == "kept" else "" if kind == "comment" else token[0])
    parts = re.split("\0(.*?)\0", "".join(pieces), flags=re.S)  # code, kept, code, kept, ...
    return "".join(part if k % 2 else _tight(part) for k, part in enumerate(parts)).strip() + "\n"


def _tight(code: str) -> str:
    return re.sub(r" ?([{}()=<>*?:;,&|!\[\]]) ?", r"\1", re.sub(r"\s*\n\s*", "\n", code))


def squeezed_style(style: str) -> str:
    """A style sheet without comments and needless blanks.

    >>> squeezed_style("/* all */ a, b { color: red; }")
    'a,b{color:red;}'
    """
    return re.sub(r"\s*([{};,])\s*|(:) ", r"\1\2", re.sub(r"/\*.*?\*/", "", style, flags=re.S)).strip()
