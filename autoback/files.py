"""Writing a file whole or not at all."""

import os
import secrets
from pathlib import Path

__all__ = ["write_atomically"]


def write_atomically(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """The path, after it holds `content`; at no moment does it hold half of it.

    path:    where to write; its folder must exist. A symbolic link keeps pointing where it did,
             an existing file keeps its permissions, and a device such as /dev/stdout is written to directly
    content: text, written as UTF-8 with the line ends it has, or bytes
    Raises OSError, with the old file untouched, when the content cannot be written.
    The content goes to a new file in the same folder, which is then renamed: renaming is atomic.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "note.txt"), "∂C/∂w").read_text(encoding="utf-8")
    '∂C/∂w'
    """
    target = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    if target.exists() and not target.is_file() and not target.is_dir():
        target.write_bytes(data)
        return target
    try:
        place = target.resolve()
    except RuntimeError as error:  # so Python before 3.13 calls a link that leads to itself
        raise OSError(f"cannot write {target}: {error}") from None
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
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return target
