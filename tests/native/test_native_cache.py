"""Machine code on disk: found again by another process, and never used when it is damaged or not ours."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from autoback.engine.value import Value
from autoback.native import cache
from autoback.native import llvm as machine
from autoback.native.function import compile as compiled


def forget() -> None:
    """What a new process would not know."""
    machine._COMPILED.clear()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own; its files."""
    monkeypatch.setenv("AUTOBACK_CACHE", str(tmp_path / "cache"))
    forget()
    return tmp_path / "cache" / "native"


def square(x: Value) -> Value:
    return x * x + 0.5


def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are compiled from now on."""
    texts: list[str] = []
    compile_text = machine._compiled

    def note(text: str, *, straight: bool) -> bytes:
        texts.append(text)
        return compile_text(text, straight=straight)

    monkeypatch.setattr(machine, "_compiled", note)
    return texts


def test_a_second_process_compiles_nothing(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The object code is found by the text and the machine; it is readable by its owner alone."""
    assert compiled(square)(2.0) == 4.5
    forget()
    texts = compilations(monkeypatch)
    assert compiled(square)(3.0) == 9.5
    assert texts == []
    if os.name == "posix":
        assert [file.stat().st_mode & 0o777 for file in (files, *files.iterdir())] == [0o700, 0o600]


@pytest.mark.parametrize(
    "damage", [lambda code: b"", lambda code: code[:-9], lambda code: code[:60] + b"x" + code[61:], lambda code: b"hello"]
)
def test_damaged_files_are_compiled_anew(files: Path, damage: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty, cut, changed or something else: the answer is right, and the file is whole again."""
    assert compiled(square)(2.0) == 4.5
    (file,) = files.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))  # type: ignore[operator]
    forget()
    texts = compilations(monkeypatch)
    assert compiled(square)(3.0) == 9.5
    assert len(texts) == 1
    assert file.read_bytes() == whole


def test_another_machine_compiles_for_itself(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code is for one kind of processor and one version of LLVM."""
    assert compiled(square)(2.0) == 4.5
    forget()
    monkeypatch.setattr(machine, "machine_name", lambda: "another")
    texts = compilations(monkeypatch)
    assert compiled(square)(3.0) == 9.5
    assert len(texts) == 1
    assert len(list(files.iterdir())) == 2


@pytest.mark.parametrize(
    ("fact", "other"),
    [
        (machine.binding, ("get_host_cpu_name", lambda: "another")),
        (machine.binding, ("llvm_version_info", (0, 0, 0))),
        (machine, ("_features", dict)),
    ],
    ids=["processor", "version of LLVM", "features"],
)
def test_the_name_of_a_machine_tells_machines_apart(fact: Any, other: tuple[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another processor, other features or another LLVM is another machine, for which no code is there."""
    here = machine.machine_name()
    monkeypatch.setattr(fact, *other)
    assert machine.machine_name.__wrapped__() != here


def test_code_of_another_program_is_not_used(files: Path) -> None:
    """A whole file under a wrong name is not run, for its name is part of what is checked."""
    assert compiled(square)(2.0) == 4.5
    (first,) = files.iterdir()
    forget()
    assert compiled(lambda x: x * 3.0)(2.0) == 6.0
    (second,) = (file for file in files.iterdir() if file != first)
    second.write_bytes(first.read_bytes())
    forget()
    assert compiled(lambda x: x * 3.0)(2.0) == 6.0


@pytest.mark.skipif(os.name != "posix", reason="the profile of a Windows user is private")
def test_what_others_may_write_to_is_not_read(files: Path) -> None:
    """Neither a folder nor a file that group or others may change; nor a symbolic link."""
    cache.write("key", b"code")
    assert cache.read("key") == b"code"
    files.chmod(0o777)
    assert cache.read("key") is None
    files.chmod(0o700)
    (file,) = files.iterdir()
    file.chmod(0o666)
    assert cache.read("key") is None
    file.chmod(0o600)
    file.rename(files.parent / "elsewhere")
    file.symlink_to(files.parent / "elsewhere")
    assert cache.read("key") is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
def test_a_named_pipe_is_not_waited_for(files: Path) -> None:
    """What is no regular file is neither read nor written, and nobody waits for the other end of a pipe."""
    cache.write("key", b"code")
    (file,) = files.iterdir()
    file.unlink()
    os.mkfifo(file, 0o600)
    done: list[bytes | None] = []

    def use() -> bytes | None:
        cache.write("key", b"code")
        return cache.read("key")

    user = threading.Thread(target=lambda: done.append(use()), daemon=True)
    user.start()
    user.join(20.0)
    assert done == [None]


def test_the_files_used_longest_ago_are_deleted(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files together stay below the limit."""
    for k in range(4):
        cache.write(f"key {k}", bytes(1000))
        for age, file in enumerate(sorted(files.iterdir(), key=lambda file: file.stat().st_mtime)):
            os.utime(file, (age, age))
    monkeypatch.setattr(cache, "LARGEST", 3500)
    assert cache.read("key 0") is not None
    cache.write("key 4", bytes(1000))
    assert [cache.read(f"key {k}") is not None for k in range(5)] == [True, False, False, True, True]


def test_where_nothing_can_be_written_programs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is a convenience: "off", or a folder that is a file, is no error."""
    (tmp_path / "file").write_text("")
    for place in ("off", str(tmp_path / "file")):
        monkeypatch.setenv("AUTOBACK_CACHE", place)
        forget()
        assert compiled(square)(2.0) == 4.5


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """`autoback` in the cache folder of the platform."""
    monkeypatch.delenv("AUTOBACK_CACHE")
    assert cache.folder().name in ("autoback", "Cache")  # type: ignore[union-attr]
