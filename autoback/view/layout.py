"""Running the layout program: Graphviz's `dot` where there is one, the graphviz-pure wheel where not."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

__all__ = ["LayoutError", "programs", "render"]


class LayoutError(RuntimeError):
    """No layout program is there, or none could draw the picture; the message names what was tried."""


def programs() -> Iterator[Path]:
    """The layout programs of this machine, the best first: `dot` on the PATH, then graphviz-pure.

    The wheel's program is found through the files of the installed package and beside this Python,
    so it works as well where the virtual environment is not activated.
    """
    found = set()
    for candidate in _candidates():
        path = Path(candidate)
        if path not in found and path.is_file() and os.access(path, os.X_OK):
            found.add(path)
            yield path


def _candidates() -> Iterator[str | os.PathLike[str]]:
    for name in ("dot", "graphviz-pure"):
        on_path = shutil.which(name)
        if on_path:
            yield on_path
    try:
        files = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name in ("graphviz-pure", "graphviz-pure.exe"):
            yield Path(str(file.locate())).resolve()
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        yield folder / ("graphviz-pure.exe" if os.name == "nt" else "graphviz-pure")


def render(dot: str, format: str, edges: int | None = None) -> bytes:
    """What the first layout program that can makes of a picture.

    dot:    the picture in the DOT language
    format: "svg", or "png", "pdf", ... where the program knows it
    edges:  how many edges an SVG must come back with; a program that loses some is not believed
    Raises LayoutError when none can.
    """
    complaints = []
    for program in programs():
        try:
            done = subprocess.run([program, f"-T{format}"], input=dot.encode(), capture_output=True, check=False)
        except OSError as error:
            complaints.append(f"{program} does not start: {error.strerror}")
            continue
        if done.returncode or not done.stdout:
            complaints.append(f"{program} failed: {_reason(done.stderr) or f'exit code {done.returncode}'}")
        elif edges is not None and format == "svg" and (drawn := len(re.findall(rb'<g id="[^"]*" class="edge', done.stdout))) != edges:
            complaints.append(f"{program} drew {drawn} of {edges} edges")
        else:
            return done.stdout
    tried = "; ".join(complaints) or "neither Graphviz's dot nor graphviz-pure was found"
    wheel = "" if format == "pdf" else ", or the wheel: pip install graphviz-pure"  # which knows no PDF
    raise LayoutError(
        f"no layout program could make a {format}: {tried}. Install Graphviz (https://graphviz.org/download), "
        f"so that dot is on the PATH{wheel}"
    )


def _reason(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line and "width of" not in line and "cell size" not in line), "")[:200]
