"""Machine code on disk, so that a second run of a script does not compile again.

Each file holds the object code of one text. The folder belongs to the user alone: a folder or a file
that another user owns or may write to is not read. A file that is damaged is not used. Nothing here
raises: where files cannot be read or written, programs are compiled as if there were no cache.
"""

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from autoback.files import write_atomically

__all__ = ["folder", "read", "write"]

#: The most bytes of all files together; the files that were used longest ago are deleted first.
LARGEST = 128 << 20

_MAGIC = b"autoback machine code 1\n"
_DIGEST = 32


def folder() -> Path | None:
    """Where the files are: $AUTOBACK_CACHE, or `autoback` in the user's cache folder; None if that is "off"."""
    chosen = os.environ.get("AUTOBACK_CACHE")
    if chosen:
        return None if chosen.lower() == "off" else Path(chosen)
    with suppress(RuntimeError):  # a user without a home
        home = Path.home()
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "autoback" / "Cache"
        if sys.platform == "darwin":
            return home / "Library" / "Caches" / "autoback"
        return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "autoback"
    return None


def read(key: str) -> bytes | None:
    """The object code that was written under this key, or None."""
    place = _place(key)
    with suppress(OSError):
        if place is None or not _ours(place.parent.stat()):
            return None
        with open(place, "rb", opener=_opened) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or not _ours(status):
                return None
            content = file.read()
        start = len(_MAGIC) + _DIGEST
        code = content[start:]
        if content[:start] == _MAGIC + _digest(key, code):
            os.utime(place)  # it was used just now
            return code
    return None


def write(key: str, code: bytes) -> None:
    """Keep object code under a key, and delete old files where there are too many."""
    place = _place(key)
    with suppress(OSError):
        if place is None:
            return
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _ours(place.parent.stat()):
            return
        if place.exists() and not place.is_file():  # a pipe or a device would be written to, and a pipe waits for a reader
            return
        write_atomically(place, _MAGIC + _digest(key, code) + code)
        place.chmod(0o600)
        _shrink(place.parent)


def _shrink(files: Path) -> None:
    found = sorted(((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in os.scandir(files)), reverse=True)
    total = 0
    for _, size, path in found:
        total += size
        if total > LARGEST:
            Path(path).unlink()


def _place(key: str) -> Path | None:
    found = folder()
    return found / "native" / f"{hashlib.sha256(key.encode()).hexdigest()}.o" if found is not None else None


def _opened(place: str, flags: int) -> int:
    """Open for reading, no link where the platform can say so, and without waiting for whoever would write to a pipe."""
    return os.open(place, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _digest(key: str, code: bytes) -> bytes:
    return hashlib.sha256(key.encode() + code).digest()


def _ours(status: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user and nobody else may write to it."""
    if not hasattr(os, "geteuid"):
        return True  # Windows: the folder lies in the user's profile, which only the user can open
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
