"""Explanations in a real browser: fractions stand, labels are inert, a phone is wide enough."""

import pytest

from autoback.engine.value import Value
from autoback.expression import parse_expression
from autoback.view.explain import explain
from tests.view.driving import Show

pytestmark = pytest.mark.browser

#: How many fractions there are, and how many of them have their upper part wholly above the lower.
FRACTIONS = """() => {
    const all = [...document.querySelectorAll('mfrac')];
    const boxes = all.map(fraction => [...fraction.children].map(part => part.getBoundingClientRect()));
    return [all.length, boxes.filter(([above, below]) => above.height > 0 && above.bottom <= below.top + 1).length];
}"""


def test_fractions_stand(show: Show) -> None:
    """The browser itself draws the MathML: in each fraction one part is above the other, and nothing is an error."""
    root, leaves = parse_expression("C = (sigmoid(w*x + b) - y)**2 + w/x").evaluate(w=0.5, x=2.0, b=1.0, y=0.0)
    root.backward()
    tab = show(explain(root, wrt=leaves["w"]))
    fractions, standing = tab.evaluate(FRACTIONS)
    assert fractions == standing > 10
    assert tab.title() == "How C depends on w"


@pytest.mark.parametrize("label", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt;"])
def test_a_label_is_shown_as_it_is(show: Show, label: str) -> None:
    """Markup in a label is read, not obeyed: the reader sees its characters."""
    x = Value(2.0, label)
    root = x * x
    root.backward()
    tab = show(explain(root, wrt=x))
    assert label[:20] in tab.locator("h2").inner_text()
    assert tab.locator("section script, section img, section b").count() == 0


def test_a_phone_scrolls_the_equations_not_the_page(show: Show) -> None:
    """On a narrow screen only what is too wide moves sideways."""
    root, _ = parse_expression("C = (sigmoid(w*x + b) - y)**2 + 0.01*w**2").evaluate(w=0.5, x=2.0, b=1.0, y=0.0)
    root.backward()
    tab = show(explain(root), width=390, height=800)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
