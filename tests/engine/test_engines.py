"""The engine in C beside the engine in Python: the same digits, the same words, the same pickles."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import autoback
from autoback import OPERATIONS, Value
from autoback.engine import choice

ROOT = Path(__file__).resolve().parents[2]
BUILT = pytest.mark.skipif(find_spec("autoback.engine._c") is None, reason="the engine in C is not built here")


def run(engine: str, *words: str) -> str:
    """What a program prints, run by this engine."""
    # Both read the same hashes, so that nothing but the engine differs.
    environment = {**os.environ, "AUTOBACK_ENGINE": engine, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@BUILT
def test_random_programs_are_told_alike() -> None:
    """Every operator, mixed operands, changes, copies, second gradients and errors: equal to the last bit and word."""
    python, c = (run(engine, "-m", "tests.engine.programs", "0", "120").splitlines() for engine in ("python", "c"))
    assert (python[0], c[0]) == ("python", "c")
    assert len(python) > 5000
    assert [(ours, theirs) for ours, theirs in zip(python[1:], c[1:], strict=True) if ours != theirs] == []


GRAPH = """
import pickle, sys
from autoback import Value, dot, tanh
x, y = Value(0.3, "x"), Value(-2.0, "y")
root = tanh(dot([x, y, x], [y, x, 2.0])) / x
root.backward()
"""
WRITE = GRAPH + "pickle.dump([root, x], open(sys.argv[1], 'wb'))"
READ = (
    GRAPH
    + """
from tests.engine.programs import described
twin, leaf = pickle.load(open(sys.argv[1], "rb"))
assert described(twin) == described(root), described(twin)
leaf.data = x.data = 0.5
twin.refresh(); root.refresh()
assert described(twin) == described(root)
"""
)


@BUILT
@pytest.mark.parametrize(("writer", "reader"), [("python", "c"), ("c", "python")])
def test_pickles_travel_between_the_engines(writer: str, reader: str, tmp_path: Path) -> None:
    """What one engine has pickled the other reads, with every field and what is shared."""
    run(writer, "-c", WRITE, str(tmp_path / "graph"))
    run(reader, "-c", READ, str(tmp_path / "graph"))


@BUILT
def test_the_environment_chooses() -> None:
    """AUTOBACK_ENGINE=python or c names the engine; without it C runs."""
    script = "import autoback; print(autoback.engine_name)"
    assert [run(engine, "-c", script).strip() for engine in ("python", "c", "")] == ["python", "c", "c"]


def test_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt engine is an error that names the two."""
    monkeypatch.setenv("AUTOBACK_ENGINE", "rust")
    with pytest.raises(ValueError, match="AUTOBACK_ENGINE must be 'c' or 'python', got 'rust'"):
        choice.engine_in_c(OPERATIONS.values())


def test_a_missing_extension_is_an_error_only_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extension Python runs; who asks for C reads why there is none, and how to get it."""
    monkeypatch.setitem(sys.modules, "autoback.engine._c", None)
    monkeypatch.setenv("AUTOBACK_ENGINE", "")
    assert choice.engine_in_c(OPERATIONS.values()) is None
    monkeypatch.setenv("AUTOBACK_ENGINE", "c")
    with pytest.raises(ImportError, match=r"the engine in C cannot be loaded .*; install autoback again"):
        choice.engine_in_c(OPERATIONS.values())


@BUILT
def test_an_extension_of_another_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the table has changed the compiled rows are old: Python runs and says so."""
    monkeypatch.setenv("AUTOBACK_ENGINE", "")
    fewer = list(OPERATIONS.values())[:-1]
    with pytest.warns(UserWarning, match="was built from another table of operations, so the one in Python runs; install autoback again"):
        assert choice.engine_in_c(fewer) is None
    monkeypatch.setenv("AUTOBACK_ENGINE", "c")
    with pytest.raises(ImportError, match="was built from another table"):
        choice.engine_in_c(fewer)


@BUILT
def test_an_extension_of_other_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a file in C has changed the extension is old, and is refused before it is used; without the files nothing is compared."""
    monkeypatch.setenv("AUTOBACK_ENGINE", "")
    monkeypatch.setattr(choice, "sources", lambda: "00000000")
    with pytest.warns(UserWarning, match="was built from other files in C than those beside it, so the one in Python runs"):
        assert choice.engine_in_c(OPERATIONS.values()) is None
    monkeypatch.setenv("AUTOBACK_ENGINE", "c")
    with pytest.raises(ImportError, match="was built from other files in C"):
        choice.engine_in_c(OPERATIONS.values())
    monkeypatch.setattr(choice, "sources", lambda: "")
    assert choice.engine_in_c(OPERATIONS.values()) is not None


def test_the_class_is_one_for_its_readers() -> None:
    """Name, module, help, signature and methods are those of the class in value.py, whichever engine runs."""
    import inspect

    assert (Value.__name__, Value.__qualname__, Value.__module__) == ("Value", "Value", "autoback.engine.value")
    assert list(inspect.signature(Value).parameters) == ["data", "label"]
    assert "A node of a computation graph" in (Value.__doc__ or "")
    assert "Inner nodes start afresh" in (Value.backward.__doc__ or "")
    assert "each after its inputs" in (autoback.topological_order.__doc__ or "")
    assert str(inspect.signature(autoback.topological_order)).startswith("(*roots")
    for row in OPERATIONS.values():
        function = getattr(autoback, row.name)
        assert (function.__name__, function.__module__) == (row.name, "autoback")
        assert row.value in function.__doc__
        inspect.signature(function)


CLASSES = """
from autoback import Value
class Plain(Value):
    __slots__ = ()
class Wide(Value):
    pass
for node, other in (Value(2.0) * 3.0, Plain), (Plain(2.0), Value), (Wide(1.0), Plain), (Value(1.0), Wide):
    kept = type(node)
    for change in setattr, object.__setattr__:
        try:
            change(node, "__class__", other)
        except TypeError as error:
            print(error)
    assert node.__class__ is type(node) is kept
    assert isinstance(node, Value)
    del node
"""


@BUILT
def test_a_node_in_c_keeps_its_class() -> None:
    """Another class, which would give the node's memory up in another way, is refused in words; the program runs to its end."""
    said = run("c", "-c", CLASSES).splitlines()
    classes = [name for name in ("Value", "Plain", "Wide", "Value") for _ in range(2)]
    assert said == [f"a node keeps its class, {name}; make a node of the other class" for name in classes]


def test_a_file_in_c_is_short() -> None:
    """The C is read as the Python is: one idea a file, at most 400 lines, and not one derivative."""
    for path in sorted((ROOT / "autoback" / "engine" / "c").glob("*.[ch]")):
        text = path.read_text("utf-8")
        assert text.startswith("/*"), path.name
        assert len(text.splitlines()) <= 400, path.name
