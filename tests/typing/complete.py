"""Whether every public name is typed: what pyright's --verifytypes finds in the classes and functions that `autoback` offers.

    python -m tests.typing.complete    # prints what is missing; 1 when there is something

pyright counts inner rooms as public too, since their modules have no underscore; mypy reads those strictly.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import autoback

ROOT = Path(autoback.__file__).resolve().parent.parent


def public() -> set[str]:
    """The full names of what the package offers, each where it is defined."""
    found = {"autoback"}
    for name in {*autoback.__all__, "compile"}:
        thing: Any = getattr(autoback, name)
        if isinstance(thing, ModuleType):
            found.add(thing.__name__)
        elif getattr(thing, "__module__", "").startswith("autoback."):
            found.add(f"{thing.__module__}.{thing.__qualname__}" if hasattr(thing, "__qualname__") else f"autoback.{name}")
        else:
            found.add(f"autoback.engine.rows.{name}" if name in autoback.OPERATIONS else f"autoback.{name}")
    return found | {"autoback.engine.rows.Rows", "autoback.native.function.Compiled"}


def symbols() -> list[dict[str, Any]]:
    """What pyright says of every symbol of the package, installed as users have it: in an environment, not in its folder."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "environment")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
        packages = Path(sysconfig.get_path("purelib", vars={"base": str(place)}))
        shutil.copytree(ROOT / "autoback", packages / "autoback", ignore=shutil.ignore_patterns("__pycache__"))
        Path(packages, "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")), encoding="utf-8")
        search = os.pathsep.join([str(place / ("Scripts" if os.name == "nt" else "bin")), os.environ["PATH"]])
        command = [sys.executable, "-m", "pyright", "--verifytypes", "autoback", "--ignoreexternal", "--outputjson"]
        done = subprocess.run(command, cwd=folder, env={**os.environ, "PATH": search}, capture_output=True, encoding="utf-8", check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)["typeCompleteness"]["symbols"]
    return found


def main() -> int:
    """Print the public symbols without a type, and how many have one."""
    names = public()
    ours = [symbol for symbol in symbols() if symbol["name"] in names or symbol["name"].rpartition(".")[0] in names]
    missing = [symbol for symbol in ours if not symbol["isTypeKnown"] or symbol["isTypeAmbiguous"]]
    for symbol in missing:
        print(symbol["name"], *(note["message"] for note in symbol["diagnostics"]), sep="\n  ")
    print(f"{len(ours) - len(missing)} of {len(ours)} public symbols have a type")
    return 1 if missing or len(ours) < len(names) else 0


if __name__ == "__main__":
    sys.exit(main())
