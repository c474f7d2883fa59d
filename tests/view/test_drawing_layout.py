"""Running the layout program: which one, from where, and what when there is none."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autoback.engine.value import Value
from autoback.view import layout
from autoback.view.drawing import draw
from autoback.view.layout import LayoutError, programs, render

DOT = "digraph { a -> b; a -> b }"


def script(folder, name, text):
    """A program made of a few lines of Python."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def only(monkeypatch, *paths):
    monkeypatch.setattr(layout, "_candidates", lambda: iter(paths))


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")


def test_there_is_a_layout_program_here():
    """The wheel is a dependency, so at least its program is found, each program once."""
    found = list(programs())
    assert found and len(set(found)) == len(found)


def test_the_wheel_is_found_without_an_activated_environment():
    """Called as /some/venv/bin/python with an empty PATH, a drawing is still made."""
    code = "from autoback.engine.value import Value\nfrom autoback.view.drawing import draw\nprint(draw(Value(1.0).sin()).svg[:4])"
    environment = {name: value for name, value in os.environ.items() if name in ("SYSTEMROOT", "PYTHONPATH", "COVERAGE_PROCESS_START")}
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**environment, "PATH": "", "PYTHONPATH": root}, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "<svg", done.stderr


@needs_scripts
def test_dot_on_the_path_comes_first(monkeypatch, tmp_path):
    """Where Graphviz is installed it is used."""
    dot = script(tmp_path, "dot", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert next(programs()) == dot


@needs_scripts
def test_a_program_that_fails_gives_way_to_the_next(monkeypatch, tmp_path):
    """A dot that is broken is passed over, not fatal."""
    broken = script(tmp_path, "dot", "sys.exit(3)")
    only(monkeypatch, broken, *programs())
    assert render(DOT, "svg", edges=2).startswith(b"<?xml")


@needs_scripts
def test_a_program_that_loses_edges_is_not_believed(monkeypatch, tmp_path):
    """What comes back is counted: an exit code of 0 is not enough."""
    lossy = script(tmp_path, "dot", 'print(\'<svg><g id="edge1" class="edge"></g></svg>\')')
    only(monkeypatch, lossy)
    with pytest.raises(LayoutError, match="drew 1 of 2 edges"):
        render(DOT, "svg", edges=2)


@needs_scripts
def test_a_file_that_cannot_start_is_named(monkeypatch, tmp_path):
    """A program without an interpreter is passed over, and named when there is no other."""
    ghost = script(tmp_path, "dot", "")
    ghost.write_text("#!/nowhere/at/all\n", encoding="utf-8")
    only(monkeypatch, ghost)
    with pytest.raises(LayoutError, match="does not start"):
        render(DOT, "svg")


def test_without_any_program_the_error_names_both(monkeypatch):
    """The way out is Graphviz or the wheel."""
    only(monkeypatch)
    with pytest.raises(LayoutError, match=r"(?s)Graphviz's dot nor graphviz-pure was found.*pip install graphviz-pure"):
        draw(Value(1.0).sin()).svg  # noqa: B018


@needs_scripts
def test_the_wheel_is_no_way_out_for_what_it_cannot_make(monkeypatch, tmp_path):
    """graphviz-pure writes no PDF, so for one only Graphviz is recommended."""
    only(monkeypatch, script(tmp_path, "dot", "sys.exit(3)"))
    with pytest.raises(LayoutError) as caught:
        render(DOT, "pdf")
    assert "Install Graphviz" in str(caught.value)
    assert "pip install" not in str(caught.value)


def test_what_the_program_complains_about_reaches_the_reader():
    """A text that is no DOT raises an error with the program's own words."""
    with pytest.raises(LayoutError, match="syntax error"):
        render("digraph { a -> ", "svg")


def test_an_unneeded_program_is_never_run(monkeypatch):
    """The DOT text is there without any layout program."""
    only(monkeypatch)
    assert draw(Value(1.0).sin()).dot.startswith("digraph")
