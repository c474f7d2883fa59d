"""Other formats of a drawing: PNG by resvg with a font of our own, anything else by Graphviz's `dot` where there is one."""

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from importlib import metadata
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

__all__ = ["LayoutError", "bundle", "picture_element", "png", "programs", "render"]


class LayoutError(RuntimeError):
    """No program is there that could write a format, or none succeeded; the message names what was tried."""


def png(svg: str, scale: float = 2.0) -> bytes | None:
    """A drawing as PNG, the same on every machine; None without resvg-py.

    scale: pixels for each unit of the drawing
    The text is set in DejaVu Sans Condensed, which comes with the package; no font of the machine is read.
    """
    try:
        import resvg_py
    except ImportError:
        return None
    with as_file(files(__package__).joinpath("fonts")) as folder:
        fonts = [str(path) for path in sorted(folder.glob("*.ttf"))]
        family = "DejaVu Sans Condensed"
        rendered = resvg_py.svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=fonts,
            zoom=scale,
            font_family=family,
            serif_family=family,
            sans_serif_family=family,
        )
    return bytes(rendered)


def picture_element(svg: str, label: str) -> str:
    """An HTML element that shows an SVG as a picture, which notebooks keep where they take SVG and frames away."""
    address = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return f'<img src="{address}" alt="{escape(label)}" style="max-width:100%">'


def bundle(svg: str, text: str) -> dict[str, Any]:
    """What a notebook shows of a drawing, best first for each kind of reader.

    As SVG, as an element that is shown also in a notebook that is not trusted, where SVG is not, as PNG where resvg-py
    is installed, and as text.
    """
    drawn = png(svg)
    shown = {"text/plain": text, "image/svg+xml": svg, "text/html": picture_element(svg, text)}
    return shown | ({"image/png": b64encode(drawn).decode()} if drawn else {})


def programs() -> Iterator[Path]:
    """The layout programs of this machine, the best first: `dot` on the PATH, then the one of graphviz-pure."""
    found: set[Path] = set()
    for name in ("dot", "graphviz-pure"):
        if on_path := shutil.which(name):
            found.add(Path(on_path))
            yield Path(on_path)
    try:
        listed = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        listed = []
    for file in listed:  # works as well where the virtual environment is not activated
        path = Path(str(file.locate())).resolve()
        if file.name in ("graphviz-pure", "graphviz-pure.exe") and path not in found and path.is_file():
            yield path


def render(dot: str, format: str) -> bytes:
    """What the first layout program that can makes of a DOT text.

    format: "pdf", "png", ... where the program knows it
    Raises LayoutError when none can.
    """
    complaints = []
    for program in programs():
        try:
            done = subprocess.run([program, f"-T{format}"], input=dot.encode(), capture_output=True, check=False)
        except OSError as error:
            complaints.append(f"{program} does not start: {error.strerror}")
            continue
        if not done.returncode and done.stdout:
            return done.stdout
        complaints.append(f"{program} failed: {_reason(done.stderr) or f'exit code {done.returncode}'}")
    tried = "; ".join(complaints) or "Graphviz's dot was not found"
    wheel = " For .png there is a wheel: pip install resvg-py." if format == "png" else ""
    raise LayoutError(
        f"no program could write a {format}: {tried}. Install Graphviz (https://graphviz.org/download), so that dot is on the PATH.{wheel}"
    )


def _reason(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")[:200]
