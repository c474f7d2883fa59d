"""Writing a file whole or not at all."""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["write_atomically"]

#: The age in seconds from which an unfinished file is one that a killed process left behind.
_FORGOTTEN = 3600.0

#: The way out of the failures that a user can do something about.
_WAYS_OUT = {
    errno.EACCES: "give a folder that you may write to",
    errno.EPERM: "give a folder that you may write to",
    errno.EROFS: "give a folder that you may write to",
    errno.ENOSPC: "make room, or give a folder on another disk",
    errno.EDQUOT: "make room, or give a folder on another disk",
}


def write_atomically(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """The path, after it holds `content`; at no moment does it hold half of it.

    path:    where to write; its folder must exist. A symbolic link keeps pointing where it did,
             an existing file keeps its permissions, and a device such as /dev/stdout is written to directly
    content: text, written as UTF-8 with the line ends it has, or bytes
    Raises OSError, which names the path, with the old file untouched, when the content cannot be written.
    The content goes to a new file in the same folder, which is then renamed: renaming is atomic.
    What a killed process left of such a file is removed by a later call for the same path, after an hour.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "note.txt"), "∂C/∂w").read_text(encoding="utf-8")
    '∂C/∂w'
    """
    target = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    with _named(target):
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)
            return target
        place = _end(target)
        if not place.parent.is_dir():
            raise FileNotFoundError(f"cannot write {target}: there is no folder {target.parent}; create it first")
        if place.is_dir():
            raise IsADirectoryError(f"cannot write {target}: it is a folder; give the name of a file in it")
        # Not `tempfile`: its files are readable by their owner alone, while a new file should follow the umask.
        beside = place.with_name(f".{place.name[:100]}.{secrets.token_hex(8)}.part")
        try:
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if place.exists():
                beside.chmod(place.stat().st_mode & 0o7777)
            _sweep(place, beside.stat().st_mtime - _FORGOTTEN)
            beside.replace(place)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    return target


def _end(target: Path) -> Path:
    """The file at the end of the symbolic links, whether it is there already or not."""
    try:
        place = target.resolve()
    except RuntimeError as error:  # so Python before 3.13 calls a link that leads to itself; later ones return the link
        raise OSError(f"cannot write {target}: {error}") from None
    if place.is_symlink():
        raise OSError(f"cannot write {target}: it is a symbolic link in a loop; remove it, or give another name")
    return place


@contextmanager
def _named(target: Path) -> Iterator[None]:
    """Within it, an error of the operating system is about the user's file, not about the unfinished one beside it."""
    try:
        yield
    except OSError as error:
        if error.errno is None:  # one of the sentences above
            raise
        way_out = _WAYS_OUT.get(error.errno)
        named = type(error)(f"cannot write {target}: {(error.strerror or str(error)).lower()}{f'; {way_out}' if way_out else ''}")
        named.errno = error.errno
        raise named from error


def _sweep(place: Path, before: float) -> None:
    """Remove the unfinished files of this place that nobody has touched since `before`, in seconds of the file system's clock."""
    unfinished = re.compile(re.escape(f".{place.name[:100]}.") + r"[0-9a-f]{16}\.part")
    for entry in place.parent.iterdir():
        if unfinished.fullmatch(entry.name):
            with suppress(OSError):  # another process may sweep too
                if entry.stat().st_mtime < before:
                    entry.unlink()
