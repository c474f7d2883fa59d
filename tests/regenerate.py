"""Rewrite the documents that are made from the code: `python -m tests.regenerate`, or compare with `--check`."""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from autoback import Value, draw, tanh

ROOT = Path(__file__).resolve().parent.parent


def example() -> str:
    """The picture of the README's first lines."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    loss = (tanh(w * x + b) - 1.0) ** 2
    loss.label = "L"
    loss.backward()
    return str(draw(loss).svg)


def folded() -> str:
    """The folded graph of the page about the GPT: the loss of one name, before any training."""
    from tests.test_gpt import demo

    gpt = demo()
    net, tokens = gpt.GPT(), gpt.encoded("katherine")
    loss = gpt.surprise(net(tokens[:-1]), tokens[1:])
    loss.label = "loss"
    loss.backward()
    return str(draw(loss, fold=net, depth=1, direction="TB").svg)


def operations() -> str:
    """The reference of the table."""
    from autoback.commands.operations import reference

    return str(reference())


def published() -> str:
    """The page of numbers that others have published."""
    from tests.published.contents import PARTS
    from tests.published.examples import page

    return page(PARTS)


def rows() -> str:
    """The rows of the table, for type checkers."""
    from tests import stubs

    return stubs.rows()


def names() -> str:
    """What can be chosen by name, for type checkers."""
    from tests import stubs

    return stubs.names()


def front_door() -> str:
    """The names of the package, for type checkers."""
    from tests import stubs

    return stubs.front_door()


def command_line() -> str:
    """The reference of the commands, from their parsers."""
    from tests import command_line

    return command_line.page()


#: What is made, and how.
DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "autoback/__init__.pyi": front_door,
    "autoback/engine/rows.pyi": rows,
    "autoback/nn/names.py": names,
    "docs/images/example.svg": example,
    "docs/images/gpt_graph.svg": folded,
    "docs/operations.md": operations,
    "docs/reference/command-line.md": command_line,
    "docs/published-numbers.md": published,
}


def same(path: str, kept: str, made: str) -> bool:
    """Whether a document still says what the code makes: to the letter and twelve digits, or in the words of a picture.

    Where a line of a picture bends is up to the layout program and its version, so pictures are
    compared by their texts: labels, numbers, tooltips, style.
    """
    if path.endswith(".svg"):
        return sorted(_texts(kept)) == sorted(_texts(made))
    return _rounded(kept) == _rounded(made)


def _rounded(text: str) -> str:
    """The text without the last digits of long numbers, which are a matter of each machine's exp and tanh."""
    return re.sub(r"(\d[\d.]{12})\d+", r"\1", text)


def _texts(svg: str) -> list[str]:
    return [text for text in re.findall(r">([^<>]+)<", re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)) if text.strip()]


def outdated() -> list[str]:
    """The documents that differ from what the code makes of them today."""
    missing = [path for path in DOCUMENTS if not (ROOT / path).is_file()]
    there = [path for path in DOCUMENTS if path not in missing]
    return missing + [path for path in there if not same(path, (ROOT / path).read_text("utf-8"), DOCUMENTS[path]())]


def main(arguments: list[str]) -> int:
    """Write, or with `--check` compare; 1 when something is outdated."""
    stale = outdated()
    if arguments == ["--check"]:
        complaints = [f"outdated: {path}; run python -m tests.regenerate" for path in stale]
        print("\n".join(complaints) or f"{len(DOCUMENTS)} documents are up to date")
        return 1 if stale else 0
    for path in stale:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(DOCUMENTS[path](), "utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
