"""Pages on paper: a worksheet is printed large enough to write in and never shrunk to fit; the playground without controls."""

import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from autoback import MLP, Value
from autoback.view.lesson import lesson, worksheet
from tests.view.driving import Show
from tests.view.graphs import neuron, wide, xor_sample

pytestmark = pytest.mark.browser

#: Millimetres and points in a CSS pixel.
MM, PT = 25.4 / 96, 72 / 96

#: Chromium writes a page in units of 0.24 pt, which are 3.125 in a CSS pixel.
FULL_SIZE = 3.125


def square() -> Value:
    x = Value(3.0, "x")
    return x * x + x


def chain() -> Value:
    node = Value(0.5, "x")
    for _ in range(40):
        node = node.tanh()
    return node


def leaves() -> Value:
    return wide(120)


graphs = pytest.mark.parametrize(("graph", "count"), [(neuron, 2), (xor_sample, 5), (square, 2), (chain, 7), (leaves, None)])


def printed(show: Show, graph: Callable[[], Value]) -> tuple[Any, bytes]:
    tab = show(worksheet(graph()))
    tab.emulate_media(media="print")
    return tab, tab.pdf(prefer_css_page_size=True)


@graphs
def test_a_worksheet_prints_on_a4_at_its_full_size(show: Show, graph: Callable[[], Value], count: int | None) -> None:
    """Every sheet is A4, and the browser has not shrunk what stands on it, so that body type is 10.5 pt."""
    tab, pdf = printed(show, graph)
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(sheets) == count or count is None
    for sheet in sheets:
        assert sorted(map(float, sheet)) == pytest.approx([595.3, 841.9], abs=1.0)
    scales = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue
        scales += [float(number) for number in re.findall(rb"(?<![\d.])([\d.]+) 0 0 \1 [-\d.]+ [-\d.]+ cm", text)[:1]]
    assert scales == pytest.approx([FULL_SIZE] * len(scales), rel=0.01) and len(scales) >= len(sheets)
    assert float(tab.evaluate("getComputedStyle(document.querySelector('ol')).fontSize").removesuffix("px")) * PT >= 9.0


@graphs
def test_there_is_room_to_write_in_every_blank(show: Show, graph: Callable[[], Value], count: int | None) -> None:
    """A box on an arrow is at least 20 × 6 mm, a line in a card as long with as much above it, and no two boxes overlap."""
    tab, _ = printed(show, graph)
    boxes = tab.evaluate(
        "[...document.querySelectorAll('#exercise rect.blank')].map((e) => { const r = e.getBoundingClientRect();"
        "return [r.left, r.top, r.width, r.height]; })"
    )
    rules = tab.evaluate(
        "[...document.querySelectorAll('#exercise path.blank')].map((e) => { const r = e.getBoundingClientRect();"
        "return [r.width, r.top - e.closest('.node').getBoundingClientRect().top]; })"
    )
    assert all(broad * MM >= 20.0 and high * MM >= 6.0 for _, _, broad, high in boxes) and boxes
    assert all(long * MM >= 20.0 and above * MM >= 6.0 for long, above in rules) and rules
    for k, (left, top, broad, high) in enumerate(boxes):
        for x, y, w, h in boxes[:k]:
            assert left + broad <= x + 0.5 or x + w <= left + 0.5 or top + high <= y + 0.5 or y + h <= top + 0.5


@graphs
def test_all_type_on_paper_is_at_least_nine_points(show: Show, graph: Callable[[], Value], count: int | None) -> None:
    """Names, numbers, rules and sums; only an index may be smaller than 9 pt, as in every printed formula, and none is below 7 pt."""
    tab, _ = printed(show, graph)
    sizes = tab.evaluate(
        "[...document.querySelectorAll('main *')].filter((e) => !e.closest('defs, title') &&"
        "[...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())).map((e) => [e.tagName.toLowerCase(),"
        "parseFloat(getComputedStyle(e).fontSize)])"
    )
    assert min(size for tag, size in sizes if tag not in ("tspan", "mi", "mn", "mo", "mtext")) * PT >= 9.0
    assert min(size for _, size in sizes) * PT >= 7.0


def test_nothing_of_a_sheet_is_wider_than_the_paper(show: Show) -> None:
    """The strips of a graph end where the paper does."""
    tab, _ = printed(show, xor_sample)
    tab.set_viewport_size({"width": 1032, "height": 700})
    assert tab.evaluate("Math.max(...[...document.querySelectorAll('.graph, li, p')].map((e) => e.getBoundingClientRect().right))") < 1033


def test_printing_the_playground_prints_no_controls_and_splits_no_picture(show: Show) -> None:
    """Picture, curve, health and samples come on paper, each whole and in its colours; buttons and what makes data do not."""
    tab = show(lesson(MLP(2, [3, 1], seed=1), data="moons"))
    tab.emulate_media(media="print")
    assert tab.locator("button").evaluate_all("all => all.filter((e) => e.checkVisibility()).length") == 0
    sheets = tab.locator(".sheet").evaluate_all(
        "all => all.filter((e) => e.checkVisibility()).map((e) => [getComputedStyle(e).breakInside, getComputedStyle(e).printColorAdjust])"
    )
    assert len(sheets) >= 5 and set(map(tuple, sheets)) == {("avoid", "exact")}
    tab.set_viewport_size({"width": 718, "height": 1000})  # what A4 leaves within Chromium's margins
    assert tab.evaluate("document.documentElement.scrollWidth") <= 718
