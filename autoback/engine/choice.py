"""Which engine runs: the one in C where it was built from this very table, else the one in Python."""

import os
import warnings
import zlib
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from autoback.engine.operation import Operation

__all__ = ["described", "engine_in_c", "sources"]

_WAY_OUT = "install autoback again (pip install -e .) to build it anew"


def described(table: Iterable[Operation]) -> str:
    """What the C of a table depends on, as text: kept in the extension when it is built, and compared when it is loaded."""
    return "\n".join(f"{row.name}: {row.value}; {', '.join(row.partials)}; {row.constants}" for row in table)


def sources() -> str:
    """A checksum of the files in C and of what writes their rows, kept and compared as the table is; "" where the files are not there."""
    folder = Path(__file__).with_name("c")
    files = sorted([*folder.glob("*.[ch]"), *folder.glob("reader.py")])
    return f"{zlib.crc32(b''.join([file.read_bytes() for file in files])):08x}" if len(files) > 1 else ""


def engine_in_c(table: Iterable[Operation]) -> ModuleType | None:
    """The extension, or None where Python's own engine is to run.

    The environment variable AUTOBACK_ENGINE chooses: `c` or `python`; without it C runs where it can.
    Raises ImportError where C is asked for and cannot run, ValueError for another word.
    """
    asked = os.environ.get("AUTOBACK_ENGINE", "")
    if asked not in ("", "c", "python"):
        raise ValueError(f"AUTOBACK_ENGINE must be 'c' or 'python', got {asked!r}")
    if asked == "python":
        return None
    try:
        extension = import_module("autoback.engine._c")
    except ImportError as error:
        if asked:
            raise ImportError(f"AUTOBACK_ENGINE=c, but the engine in C cannot be loaded ({error}); {_WAY_OUT}") from None
        return None
    if extension.table != described(table):
        stale = "from another table of operations"
    elif sources() not in ("", getattr(extension, "sources", None)):
        stale = "from other files in C than those beside it"
    else:
        return extension
    if asked:
        raise ImportError(f"AUTOBACK_ENGINE=c, but the engine in C was built {stale}; {_WAY_OUT}")
    warnings.warn(f"the engine in C was built {stale}, so the one in Python runs; {_WAY_OUT}", stacklevel=2)
    return None
