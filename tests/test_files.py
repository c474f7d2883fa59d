"""Files are written whole or not at all."""

import errno
import os
import re
import stat
import time
from pathlib import Path

import pytest

from autoback.files import write_atomically


def test_text_is_written_as_utf_8_with_its_line_ends(tmp_path):
    """Text reaches the disk as UTF-8, and no line end is translated."""
    path = write_atomically(tmp_path / "a.txt", "∂C/∂w\r\nσ\n")
    assert path.read_bytes() == "∂C/∂w\r\nσ\n".encode()


def test_bytes_are_written_as_they_are(tmp_path):
    """Bytes reach the disk unchanged."""
    assert write_atomically(tmp_path / "a.bin", b"\x00\xff\r\n").read_bytes() == b"\x00\xff\r\n"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    """When the last step fails, the old content stands and the half-written file is gone."""
    path = tmp_path / "a.txt"
    path.write_text("old")

    def broken(self, target):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_nothing_behind(tmp_path, monkeypatch):
    """Ctrl-C in the middle of writing leaves no half-written file."""

    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.txt", "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_permissions_are_those_of_the_old_file_or_of_the_umask(tmp_path):
    """An existing file keeps its permissions; a new one is as readable as any other new file."""
    path, other = tmp_path / "a.txt", tmp_path / "other.txt"
    path.write_text("old")
    path.chmod(0o640)
    write_atomically(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    other.write_text("plain")
    assert write_atomically(tmp_path / "b.txt", "new").stat().st_mode == other.stat().st_mode


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights elsewhere")
def test_a_symbolic_link_keeps_pointing(tmp_path):
    """Writing through a link changes the file it points to, and the link stays a link."""
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no /dev/null here")
def test_a_device_is_written_to_directly():
    """A device is written to, not replaced by a file."""
    write_atomically("/dev/null", "anything")
    assert Path("/dev/null").is_char_device()


def test_a_missing_folder_is_named(tmp_path):
    """The error names the folder that is missing and what to do."""
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing; create it first"):
        write_atomically(tmp_path / "missing" / "a.txt", "new")


def test_a_folder_is_refused(tmp_path):
    """A folder is not a file that could be written."""
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        write_atomically(tmp_path, "new")


def test_a_link_that_leads_to_itself_is_refused(tmp_path):
    """There is no file at its end; on every version of Python that is an OSError."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OSError, match=r"cannot write .*loop"):
        write_atomically(tmp_path / "loop", "new")
    assert [path.is_symlink() for path in tmp_path.iterdir()] == [True]


@pytest.mark.parametrize(
    ("number", "way_out"),
    [(errno.EACCES, "give a folder that you may write to"), (errno.ENOSPC, "make room"), (errno.EIO, "")],
    ids=["read-only folder", "full disk", "broken disk"],
)
def test_an_error_of_the_system_names_the_user_s_file(tmp_path, monkeypatch, number, way_out):
    """The message is about the file that was asked for, not about the unfinished one; its number and class stay."""

    def refused(self, mode):
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, "open", refused)
    path = tmp_path / "a.txt"
    with pytest.raises(OSError, match=rf"^cannot write {re.escape(str(path))}: .*{way_out}") as caught:
        write_atomically(path, "new")
    assert caught.value.errno == number
    assert type(caught.value) is type(OSError(number, ""))


def test_what_a_killed_process_left_is_removed_after_an_hour(tmp_path):
    """An old unfinished file of the same name goes; a young one, of a process at work, and that of another file stay."""
    old, young, other = (tmp_path / f".{name}.{'0' * 15}{digit}.part" for name, digit in (("a.txt", 1), ("a.txt", 2), ("b.txt", 1)))
    for path in (old, young, other):
        path.write_text("half")
    for path, minutes in ((old, 61), (young, 59), (other, 61)):
        os.utime(path, (time.time() - 60 * minutes,) * 2)
    write_atomically(tmp_path / "a.txt", "new")
    assert sorted(tmp_path.iterdir()) == sorted([young, other, tmp_path / "a.txt"])
