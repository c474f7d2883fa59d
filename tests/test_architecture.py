"""The house keeps its plan: floors, small files, docstrings, demos on public names, a tidy top level."""

import ast
import builtins
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import autoback

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "autoback"
MODULES = sorted(PACKAGE.rglob("*.py"))
DEMOS = sorted((ROOT / "demos").glob("*.py"))

#: A file imports only from its own floor or a lower one. The package's front door re-exports from the first four.
FLOORS = {
    "files": 1, "text": 1, "engine": 1, "expression": 2, "native": 2, "nn": 3, "view": 4, "": 5, "commands": 5, "cli": 5, "__main__": 5,
}  # fmt: skip


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(module: str) -> str:
    """The part of the package that `autoback.engine.value` is in: engine; "" for the package itself."""
    return module.split(".")[1] if "." in module else ""


def imports(text: str, package: str) -> Iterator[str]:
    """The modules of autoback that a text imports, at its top or inside a function, from where it stands in the package."""
    for node in ast.walk(ast.parse(text)):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            here = package.split(".")
            above = here[: len(here) + 1 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            # From the front door one gets its names, or a room.
            modules = [f"autoback.{alias.name}" if base == "autoback" and alias.name in FLOORS else base for alias in node.names]
        yield from (module for module in modules if module.split(".")[0] == "autoback")


def test_the_import_reader_sees_every_form() -> None:
    """Imports inside functions, relative ones, and rooms imported through the front door are all seen."""
    text = "import autoback.cli\ndef f():\n    from .modules import MLP\nfrom autoback import view, Value\nfrom ..engine import value"
    assert sorted(imports(text, "autoback.nn")) == ["autoback", "autoback.cli", "autoback.engine", "autoback.nn.modules", "autoback.view"]


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=name)
def test_imports_go_down(path: Path) -> None:
    """A file imports from its own floor or a lower one, and never from the package's front door."""
    own = FLOORS[path.relative_to(PACKAGE).parts[0].removesuffix(".py")]
    package = ".".join(path.relative_to(ROOT).parent.parts)
    assert [module for module in imports(path.read_text("utf-8"), package) if FLOORS[room(module)] > own] == []


def test_every_room_has_a_floor() -> None:
    """A new folder or file of the package is given its floor here."""
    found = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert found - {"__init__"} <= set(FLOORS)


@pytest.mark.parametrize("path", MODULES + DEMOS, ids=name)
def test_a_file_opens_with_a_line_that_says_what_it_is(path: Path) -> None:
    """The first line of every module is the first line of its docstring: one sentence."""
    text = path.read_text("utf-8")
    opening = text.splitlines()[0]
    assert opening.startswith('"""')
    assert (ast.get_docstring(ast.parse(text)) or "").splitlines()[0].rstrip()[-1] in ".:"


@pytest.mark.parametrize("path", [path for path in sorted(PACKAGE.rglob("*")) if path.suffix in (".py", ".js", ".css", ".html")], ids=name)
def test_files_are_short(path: Path) -> None:
    """A file reads in one sitting: at most 400 lines."""
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", DEMOS, ids=name)
def test_demos_use_public_names(path: Path) -> None:
    """A demo imports names that `autoback` offers, and nothing from its rooms."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert [alias.name for alias in node.names if alias.name.startswith("autoback.")] == []
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autoback":
            assert node.module == "autoback", f"line {node.lineno}"
            hiding = {each for each in vars(builtins) if hasattr(autoback, each)}  # such as max, which is not for `import *`
            public = {*autoback.__all__, *hiding}
            assert {alias.name for alias in node.names} - public == set()


def test_public_names_exist_and_hide_nothing() -> None:
    """Every name in __all__ is there once, and none hides a function of Python's own."""
    assert len(set(autoback.__all__)) == len(autoback.__all__)
    assert [public for public in autoback.__all__ if not hasattr(autoback, public)] == []
    assert [public for public in autoback.__all__ if hasattr(builtins, public)] == []


# The repository


def tracked() -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.split("\0") if path]


def test_the_top_level_is_tidy() -> None:
    """At the top stand pyproject.toml, README.md, LICENSE, autoback, tests, demos, docs and dot-files only."""
    top = {path.split("/")[0] for path in tracked()}
    allowed = {"pyproject.toml", "README.md", "LICENSE", "autoback", "tests", "demos", "docs"}
    assert [entry for entry in sorted(top) if entry not in allowed and not entry.startswith(".")] == []


#: Where a file lives on one machine is no business of another.
MACHINE = re.compile(r"(?<![\w.<])(/(?:" + "|".join(["tmp", "home", "root", "work", "Users", "opt", "mnt"]) + r")/\w|[A-Z]:\\\\?[A-Z])")


def test_no_file_names_a_path_of_some_machine() -> None:
    """No tracked text names a directory that exists on one machine only."""
    found = []
    for path in tracked():
        data = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b""
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
            if MACHINE.search(line):
                found.append(f"{path}:{number}: {line.strip():.80}")
    assert found == []


@pytest.mark.parametrize("line", ["see /{}/brief", "open('/{}/x.py')", "in /{}/someone/y"])
@pytest.mark.parametrize("place", ["tmp", "home", "work", "Users"])
def test_the_search_for_paths_finds_them(line: str, place: str) -> None:
    """The pattern above can fail."""
    assert MACHINE.search(line.format(place))
