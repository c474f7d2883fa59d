"""The layout program's SVG made ready for pages: one scope per drawing, tooltips, both themes, centred text."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from autoback.view.dot import SLASH

__all__ = ["finish"]

_SVG = "{http://www.w3.org/2000/svg}"
_TITLE = "{http://www.w3.org/1999/xlink}title"
_FONTS = "Arial, Helvetica, 'Liberation Sans', Arimo, sans-serif"
_CARDS = {"leaf", "operation", "neuron", "layer", "inputs", "between", "cost", "more"}
_RADIUS = 6.0  # of a card's corners, in points
_COORDINATES = re.compile(r"-?\d+(?:\.\d+)?")


def finish(source: bytes, dot: str, name: str, background: str, dark: Mapping[str, str] | None = None) -> str:
    """An SVG for a page, the same bytes for the same picture.

    source:     what the layout program made of `dot`
    name:       read out by screen readers in place of the picture
    background: the colour that letters on lines are set off with
    dark:       for each colour its counterpart in dark mode; None to keep one theme
    The classes begin with a name made from the picture's content, and no id is left in it, so
    several drawings can stand in one page.
    """
    scope = "autoback-" + hashlib.sha256(f"{dot}{sorted((dark or {}).items())}".encode()).hexdigest()[:12]
    ET.register_namespace("", _SVG[1:-1])
    root = ET.fromstring(source)
    root.attrib |= {"class": f"autoback {scope}", "role": "img", "aria-label": name, "font-family": _FONTS}
    root.set("style", "max-width:100%;height:auto")
    graph = root[0]
    front = ET.Element(f"{_SVG}g", {"class": "autoback-labels"})
    for element in list(graph.iter(f"{_SVG}g")):
        _unwrap(element)
    for element in graph:
        kind, *rest = element.get("class", "").split() or [""]
        if kind in ("node", "edge", "cluster"):
            _clean(element, kind, rest)
        if kind == "node":
            _centre(element)
            if _CARDS.intersection(rest):
                _round(element)
        elif kind == "edge":
            _to_front(element, front, background)
    graph.append(front)
    heading = graph.find(f"{_SVG}title")
    if heading is not None:
        graph.remove(heading)
    graph.set("class", "autoback-graph")
    for element in root.iter():
        for attribute in ("id", "font-family", "{http://www.w3.org/XML/1998/namespace}space"):
            if element is not root:
                element.attrib.pop(attribute, None)
    if dark:
        style = ET.Element(f"{_SVG}style")
        style.text = "".join(_rules(scope, dark))
        root.insert(0, style)
    return ET.tostring(root, encoding="unicode") + "\n"


def _unwrap(group: ET.Element) -> None:
    """Take the links away that only carry a tooltip; the tooltip stays as an attribute of the group."""
    for k, child in reversed(list(enumerate(list(group)))):
        if child.tag == f"{_SVG}g" and child.get("id", "").startswith("a_"):
            anchor = child[0]
            group.set("tooltip", anchor.get(_TITLE, "").replace(SLASH, "\\"))
            group[k : k + 1] = list(anchor)


def _clean(element: ET.Element, kind: str, rest: list[str]) -> None:
    element.set("class", " ".join([f"autoback-{kind}", *(f"autoback-{name}" for name in rest if name != "back")]))
    title = element.find(f"{_SVG}title")
    tooltip = element.attrib.pop("tooltip", "")
    if title is not None:
        if kind != "cluster":
            name = title.text or ""
            element.set(f"data-{kind}", "->".join(reversed(name.split("->"))) if "back" in rest else name)
        title.text = tooltip
        if not tooltip:
            element.remove(title)


def _round(card: ET.Element) -> None:
    """Give a card round corners, and the band at its foot the two it shares; the layout program has only large ones."""
    shapes = [child for child in card if child.tag == f"{_SVG}polygon"]
    if not shapes:
        return
    outer = _box(shapes[0])
    for shape in shapes:
        left, top, right, bottom = box = _box(shape)
        del shape.attrib["points"]
        if all(abs(a - b) < 3.0 for a, b in zip(box, outer, strict=True)):
            shape.tag = f"{_SVG}rect"
            numbers = {"x": left, "y": top, "width": right - left, "height": bottom - top, "rx": _RADIUS}
            shape.attrib |= {name: f"{number:.6g}" for name, number in numbers.items()}
        else:
            r = _RADIUS - 1.0
            shape.tag = f"{_SVG}path"
            corners = f"V{bottom - r:.6g}a{r:g},{r:g} 0 0 1 {-r:g},{r:g}H{left + r:.6g}a{r:g},{r:g} 0 0 1 {-r:g},{-r:g}Z"
            shape.set("d", f"M{left:.6g},{top:.6g}H{right:.6g}{corners}")


def _box(shape: ET.Element) -> tuple[float, float, float, float]:
    numbers = [float(number) for number in _COORDINATES.findall(shape.get("points") or shape.get("d") or "")]
    across, down = numbers[::2], numbers[1::2]
    return min(across), min(down), max(across), max(down)


def _centre(node: ET.Element) -> None:
    """Set each line of a card in its middle, measured by the reader's own font; runs in one line are joined."""
    outline = next((child for child in node if child.tag in (f"{_SVG}path", f"{_SVG}polygon", f"{_SVG}ellipse")), None)
    texts = [child for child in node if child.tag == f"{_SVG}text"]
    if outline is None or not texts:
        return
    if outline.get("cx"):
        middle = float(outline.get("cx", ""))
    else:
        left, _, right, _ = _box(outline)
        middle = (left + right) / 2
    lines: dict[str, ET.Element] = {}
    for text in texts:
        text.set("text-anchor", "middle")
        text.set("x", f"{middle:g}")
        first = lines.setdefault(text.get("y", ""), text)
        if first is not text:
            span = ET.SubElement(first, f"{_SVG}tspan", {k: v for k, v in text.attrib.items() if k in ("fill", "font-size", "font-weight")})
            span.set("font-weight", text.get("font-weight", "normal"))
            span.text = text.text
            node.remove(text)


def _to_front(edge: ET.Element, front: ET.Element, background: str) -> None:
    """Move what is written on a line above all lines, with a rim of background round the letters."""
    texts = [child for child in edge if child.tag == f"{_SVG}text"]
    if not texts:
        return
    label = ET.SubElement(front, f"{_SVG}g", {"class": "autoback-label", "data-edge": edge.get("data-edge", "")})
    title = edge.find(f"{_SVG}title")
    if title is not None:
        ET.SubElement(label, f"{_SVG}title").text = title.text
    for text in texts:
        edge.remove(text)
        label.append(text)
        text.attrib |= {"stroke": background, "stroke-width": "3", "stroke-linejoin": "round", "paint-order": "stroke"}


def _rules(scope: str, dark: Mapping[str, str]) -> Iterator[str]:
    yield "@media (prefers-color-scheme: dark) {"
    for light, other in dark.items():
        for property in ("fill", "stroke"):
            yield f'.{scope} [{property}="{light}"]{{{property}:{other}}}'
    yield "}"
