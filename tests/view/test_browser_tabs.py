"""The tabs that the browser tests share: each test gets one as if it were new."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_a_tab_that_is_used_again_is_as_new(tabs: Any, tmp_path: Path) -> None:
    """What a test has emulated, stored, loaded or hovered over does not reach the next one."""
    page = tmp_path / "page.html"
    page.write_text("<title>old</title><p>text", "utf-8")
    used = tabs.open(390, 844, color_scheme="dark", reduced_motion="reduce")
    used.goto(page.as_uri())
    used.emulate_media(media="print", forced_colors="active")
    used.evaluate("localStorage.setItem('left', 'behind')")
    tabs.put_back(used)
    tab = tabs.open(1280, 800)
    assert tab is used
    assert (tab.title(), tab.evaluate("[innerWidth, innerHeight]")) == ("", [1280, 800])
    features = ("print", "(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)", "(forced-colors: active)")
    assert [feature for feature in features if tab.evaluate(f"matchMedia({feature!r}).matches")] == []
    tab.goto(page.as_uri())
    assert tab.evaluate("localStorage.length") == 0
    tabs.put_back(tab)


def test_a_tab_is_drawn_while_another_is_open(tabs: Any) -> None:
    """Each tab has a window of its own: none is hidden behind the others, where a page is drawn once a second."""
    opened = [tabs.open(600, 400) for _ in range(2)]
    assert opened[0].context != opened[1].context
    for tab in opened:
        tabs.put_back(tab)
