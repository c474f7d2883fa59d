"""A real browser for the tests marked `browser`, and a page in it that fails its test on any error or request."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.view.driving import until

REQUIRED = os.environ.get("AUTOBACK_REQUIRE_BROWSER") == "1"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def unavailable(reason: str) -> None:
    """Skip the test for this reason, or fail it where a browser is required."""
    if REQUIRED:
        pytest.fail(f"{reason}, and AUTOBACK_REQUIRE_BROWSER=1 requires one")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, the system's own; skips where there is none, or fails if AUTOBACK_REQUIRE_BROWSER=1."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        unavailable(f"no browser on the PATH ({', '.join(PROGRAMS)})")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        unavailable("playwright is not installed, which drives the browser")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


class Tabs:
    """Tabs of one browser that are used again: a new one costs twice as much as the test that needs it.

    Each has a window of its own. Behind another tab a page is drawn once a second, and a click waits for two drawings.
    """

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._idle: list[Any] = []

    def open(self, width: int, height: int, **media: Any) -> Any:
        """A tab as if it were new: nothing in it, the mouse in the corner, the media features as asked."""
        tab = self._idle.pop() if self._idle else self._browser.new_context(offline=True).new_page()
        tab.set_default_timeout(10_000)
        tab.set_viewport_size({"width": width, "height": height})
        usual = {"media": "screen", "color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}
        tab.emulate_media(**usual | media)
        return tab

    def put_back(self, tab: Any) -> None:
        """Keep a tab for the next test; what ran in it has ended, and what it stored is gone."""
        if tab.is_closed():
            return
        tab.evaluate("try { localStorage.clear(); sessionStorage.clear() } catch {}")
        tab.goto("about:blank")
        tab.mouse.move(0, 0)
        self._idle.append(tab)


@pytest.fixture(scope="session")
def tabs(browser: Any) -> Tabs:
    """The tabs of this worker's browser."""
    return Tabs(browser)


def foreign(url: str, address: str) -> bool:
    """Whether a request asks for more than the page, whose link may have a #, and what the page made itself for a worker."""
    return url.partition("#")[0] != address and not url.startswith("blob:")


@pytest.fixture
def show(tabs: Tabs, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """show(page, **media) opens a Page from disk; any console error, exception or request fails the test."""
    opened, complaints = [], []

    def shown(page: Any, *, width: int = 1280, height: int = 800, name: str = "page.html", **media: Any) -> Any:
        address = page.save(tmp_path / name).as_uri()
        tab = tabs.open(width, height, **media)
        watch = {
            "console": lambda message: complaints.append(f"console: {message.text}") if message.type in ("error", "warning") else None,
            "pageerror": lambda error: complaints.append(f"exception: {error}"),
            "request": lambda request: complaints.append(f"request: {request.url}") if foreign(request.url, address) else None,
        }
        opened.append((tab, watch))
        for event, look in watch.items():
            tab.on(event, look)
        tab.goto(address)
        # A script that unpacks itself is there a moment after the page.
        until(tab, "document.getElementById('packed') === null || (window.autoback?.lesson ?? window.autoback?.playground) !== undefined")
        return tab

    yield shown
    for tab, watch in opened:
        for event, look in watch.items():
            tab.remove_listener(event, look)
        tabs.put_back(tab)
    assert complaints == []
