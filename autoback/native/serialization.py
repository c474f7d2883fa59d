"""Programs in files: recorded and compiled once, used again without either."""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from autoback.files import write_atomically
from autoback.native.llvm import MachineCode, machine_name
from autoback.native.program import Runnable

__all__ = ["Kept", "load", "save"]

FORMAT = "autoback program 1"
COUNTS = ("n_inputs", "n_parameters", "n_outputs", "width", "work")


class Kept(Runnable):
    """A program out of a file: it runs, but no longer knows its graph, so its errors name the sample alone."""

    def __init__(self, counts: Mapping[str, int], modules: Mapping[int, tuple[str, int, bytes | None]]) -> None:
        self.n_inputs, self.n_parameters, self.n_outputs, self.width, self.work = (counts[name] for name in COUNTS)
        self.modules = modules

    def text(self, width: int) -> tuple[str, int]:
        """As it was written."""
        return self.modules[width][:2]

    def machine(self, width: int, text: str) -> MachineCode:
        """Without compiling, if the file was written on a machine of this kind."""
        return MachineCode(text, self.modules[width][2])


def save(path: str | Path, programs: Sequence[Runnable], about: Mapping[str, Any]) -> None:
    """Write programs with their machine code, for one sample and for blocks, and something `about` them."""
    header: dict[str, Any] = {"format": FORMAT, "machine": machine_name(), "about": dict(about), "programs": []}
    made = BytesIO()
    with ZipFile(made, "w") as file:
        for number, program in enumerate(programs):
            sizes = {}
            for width in {1, program.width}:
                text, sizes[width] = program.text(width)
                file.writestr(f"{number}/{width}.ll", text)
                file.writestr(f"{number}/{width}.o", MachineCode(text).code)
            header["programs"].append({name: getattr(program, name) for name in COUNTS} | {"sizes": sizes})
        file.writestr("program.json", json.dumps(header))
    write_atomically(path, made.getvalue())


def load(path: str | Path) -> tuple[list[Kept], dict[str, Any]]:
    """The programs of a file, and what was said about them.

    MachineCode code is code: load only files that you trust.
    Raises ValueError for a file that `save` did not write.
    """
    try:
        with ZipFile(path) as file:
            header = json.loads(file.read("program.json"))
            if header["format"] != FORMAT:
                raise ValueError(header["format"])
            same = header["machine"] == machine_name()
            programs = []
            for number, counts in enumerate(header["programs"]):
                modules = {
                    int(width): (
                        file.read(f"{number}/{width}.ll").decode(),
                        size,
                        file.read(f"{number}/{width}.o") if same else None,
                    )
                    for width, size in counts["sizes"].items()
                }
                programs.append(Kept(counts, modules))
            about: dict[str, Any] = header["about"]
            return programs, about
    except (BadZipFile, KeyError, ValueError) as error:
        raise ValueError(f"{path} is not a program kept by autoback ({FORMAT!r}): {error}") from None
