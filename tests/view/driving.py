"""How a test drives a page: keys, focus, and waiting."""

from collections.abc import Callable
from typing import Any

Show = Callable[..., Any]


def text(tab: Any, place: str) -> str:
    return tab.locator(place).inner_text()


def press(tab: Any, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def focused(tab: Any) -> str:
    """The id, mode or label of the element that has the focus."""
    return tab.evaluate(
        "(() => { const e = document.activeElement; return e.id || e.dataset.mode || e.getAttribute('aria-label') || ''; })()"
    )


def tab_to(tab: Any, wanted: str) -> None:
    """Press Tab until the element with this id, mode or label has the focus."""
    for _ in range(80):
        if focused(tab) == wanted:
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


def until(tab: Any, condition: str) -> None:
    """Wait, at most ten seconds, for a condition; asked from outside, since the page's policy forbids `eval` within."""
    for _ in range(1000):
        if tab.evaluate(condition):
            return
        tab.wait_for_timeout(10)
    raise AssertionError(f"never came true: {condition}")


def drawn(tab: Any) -> None:
    """Wait until what has changed is laid out and drawn: the first frame may have begun before the change."""
    tab.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def unreachable_or_nameless(tab: Any) -> list[str]:
    """The visible, enabled controls of a page that Tab does not reach, or that have no name to be read out."""
    controls = tab.evaluate(
        "(() => { window.controls = [...document.querySelectorAll('button, input, select, summary, [tabindex=\\'0\\']')]"
        ".filter((e) => e.checkVisibility() && !e.disabled); document.activeElement.blur(); window.scrollTo(0, 0);"
        "return window.controls.map((e) => e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim()); })()"
    )
    reached = set()
    for _ in range(len(controls) + 2):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("window.controls.indexOf(document.activeElement)"))
    return [f"{name or 'nameless'} ({k})" for k, name in enumerate(controls) if not name or k not in reached]


def step_of(tab: Any) -> int:
    return int(tab.locator("#scrub").input_value())


def enter(tab: Any, mode: str) -> None:
    """Enter one way to learn, by its button."""
    tab.click(f"[data-mode={mode}]")
