"""Builds the engine in C with the package: a hook of hatchling, named in pyproject.toml.

The extension is optional. Where there is no compiler, no header of Python or no interpreter lock, the package is
installed without it and says so in one line; the engine in Python then runs. Everything here is run at build time only.
"""

import importlib.util
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
NAME = f"_c{sysconfig.get_config_var('EXT_SUFFIX')}"


class NotBuilt(Exception):
    """Why there is no extension, as a sentence."""


@contextmanager
def _engine() -> Iterator[ModuleType]:
    """The reader of the table, imported without the package, whose dependencies a build does not have."""
    names = ("autoback", "autoback.engine", "autoback.engine.c")
    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "autoback"}
    for name in before:
        del sys.modules[name]
    try:
        for name, folder in zip(names, (HERE.parents[1], HERE.parent, HERE), strict=True):
            room = ModuleType(name)
            room.__path__ = [str(folder)]
            sys.modules[name] = room
        yield importlib.import_module("autoback.engine.c.reader")
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "autoback"]:
            del sys.modules[name]
        sys.modules.update(before)


def rows() -> str:
    """The text of rows.h."""
    with _engine() as reader:
        return str(reader.rows(importlib.import_module("autoback.engine.operations").OPERATIONS.values()))


def build(target: Path) -> Path:
    """Compile the extension into the folder `target` and return its file. Raises NotBuilt with the reason."""
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise NotBuilt("this Python is free-threaded, and the engine in C needs the interpreter lock")
    try:
        from setuptools import Distribution, Extension
    except ImportError as error:
        raise NotBuilt(f"setuptools is missing ({error})") from None
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "rows.h").write_text(rows(), "utf-8")
        # The numbers are those of Python's math module: nothing may be contracted or reassociated.
        msvc, others = ["/O2", "/fp:precise", "/std:c11", "/utf-8"], ["-O2", "-g0", "-std=c11", "-ffp-contract=off", "-fvisibility=hidden"]
        extension = Extension(
            "autoback.engine._c",
            [str(path) for path in sorted(HERE.glob("*.c"))],
            include_dirs=[work, str(HERE)],
            extra_compile_args=msvc if sys.platform == "win32" else others,
        )
        command = Distribution({"name": "autoback", "ext_modules": [extension]}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = work, str(Path(work) / "objects")
        try:
            command.ensure_finalized()
            command.run()
            built = next(Path(work).rglob(NAME))
        except (Exception, SystemExit) as error:  # whatever a tool chain may raise: the package is whole without it
            reason = getattr(error, "cmd", None)  # of a command that failed its name is enough: its words stand above
            raise NotBuilt(f"the compiler did not succeed ({reason[0] if reason else error})") from None
        target.mkdir(parents=True, exist_ok=True)
        whole = target / NAME
        whole.unlink(missing_ok=True)  # a new file: a running Python may still use the old one
        whole.write_bytes(built.read_bytes())
    return whole


def get_build_hook() -> type:
    """What hatchling asks a hook's file for."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class Hook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
        """Puts the extension into a wheel, or beside the engine's Python for an editable installation."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build, and say in one line what came of it."""
            if self.target_name != "wheel":
                return
            self.folder = tempfile.TemporaryDirectory()
            target = HERE.parent if version == "editable" else Path(self.folder.name)
            try:
                built = build(target)
            except NotBuilt as reason:
                self.app.display_info(f"autoback is built without its engine in C, because {reason}; the engine in Python runs")
                (target / NAME).unlink(missing_ok=True)  # an old one would only be refused
                return
            self.app.display_info("autoback is built with its engine in C")
            if version != "editable":
                build_data["pure_python"], build_data["infer_tag"] = False, True
                build_data["force_include"][str(built)] = f"autoback/engine/{NAME}"

        def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
            """Remove what was built beside the wheel."""
            if self.target_name == "wheel":
                self.folder.cleanup()

    return Hook


def main() -> None:
    """Build the extension beside the engine's Python and print where it lies, or exit with the reason why there is none."""
    try:
        print(build(HERE.parent))
    except NotBuilt as reason:
        sys.exit(f"not built: {reason}")


if __name__ == "__main__":
    main()
