"""Rewrite the documents that are made from the code: `python -m tests.regenerate`, or compare with `--check`."""

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


def operations() -> str:
    """The reference of the table."""
    from autoback.view.reference import reference

    return str(reference())


#: What is made, and how.
DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "docs/images/example.svg": example,
    "docs/operations.md": operations,
}


def outdated() -> list[str]:
    """The documents that differ from what the code makes of them today."""
    return [path for path, make in DOCUMENTS.items() if not (ROOT / path).is_file() or (ROOT / path).read_text("utf-8") != make()]


def main(arguments: list[str]) -> int:
    """Write, or with `--check` compare; 1 when something is outdated."""
    stale = outdated()
    if arguments == ["--check"]:
        print("\n".join(f"outdated: {path}; run python -m tests.regenerate" for path in stale) or f"{len(DOCUMENTS)} documents are up to date")
        return 1 if stale else 0
    for path in stale:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(DOCUMENTS[path](), "utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
