"""A real browser for the tests marked `browser`, and a page in it that fails its test on any error or request."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """show(page, **context) opens a Page from disk; any console error, exception or request fails the test."""
    contexts, complaints = [], []

    def opened(page: Any, *, width: int = 1280, height: int = 800, name: str = "page.html", **options: Any) -> Any:
        address = page.save(tmp_path / name).as_uri()
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        tab.on("console", lambda message: complaints.append(f"console: {message.text}") if message.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
        tab.on("request", lambda request: complaints.append(f"request: {request.url}") if request.url != address else None)
        tab.goto(address)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
