"""Drawings in a real browser: letters stay in their cards, nothing covers anything, themes follow the reader."""

from functools import cache

import pytest

from autoback.engine.value import Value
from autoback.nn.modules import MLP
from autoback.view.drawing import draw
from tests.view.pictures import cost, network

pytestmark = pytest.mark.browser

#: Letters that stick out of their card by more than a point, as [text, points].
STICKING_OUT = """() => [...document.querySelectorAll('.autoback-node')].flatMap(card => {
    const frame = card.querySelector('rect, ellipse');
    if (!frame) return [];
    const box = frame.getBBox();
    return [...card.querySelectorAll('text')].map(text => {
        const letters = text.getBBox();
        const over = Math.max(box.x - letters.x, letters.x + letters.width - box.x - box.width);
        return [text.textContent, over];
    }).filter(([, over]) => over > 1);
})"""

#: Pairs of cards, or of a card and a number on an arrow, of which one covers more than a sliver of the other.
COVERED = """() => {
    const boxes = [];
    for (const card of document.querySelectorAll('.autoback-node'))
        if (card.querySelector('rect')) boxes.push([card.dataset.node, card.querySelector('rect').getBBox(), 'card']);
    for (const label of document.querySelectorAll('.autoback-label'))
        for (const text of label.querySelectorAll('text')) boxes.push([label.dataset.edge, text.getBBox(), 'label']);
    const found = [];
    boxes.forEach(([a, p, kind], i) => boxes.slice(i + 1).forEach(([b, q, other]) => {
        const across = Math.min(p.x + p.width, q.x + q.width) - Math.max(p.x, q.x);
        const down = Math.min(p.y + p.height, q.y + q.height) - Math.max(p.y, q.y);
        if (across > 3 && down > 3) found.push(`${kind} ${a} and ${other} ${b}`);
    }));
    return found;
}"""


@cache
def samples():
    """Drawings of every kind, by name."""
    net = network()
    loss = cost(net)
    large = MLP(2, [16, 16, 1], "tanh", "tanh", seed=1)
    wide = Value(-1.234e-123, "日本語 " * 5) * Value(2.0, "WWWWWWWWWWWWWWWWWWWWWW")
    wide.backward()
    return {
        "plain": draw(loss),
        "detailed": draw(loss, style="detailed"),
        "framed": draw(loss, fold=net),
        "downwards": draw(loss, direction="TB"),
        "apart": draw(loss, elementary=True),
        "neurons": draw(loss, fold=net, depth="neuron", style="detailed"),
        "layers": draw(cost(large), fold=large, depth="layer"),
        "crowd": draw(cost(large)),
        "wide": draw(wide, style="detailed"),
        "network": draw(net),
        "network_large": draw(large),
    }


@pytest.mark.parametrize("name", samples())
def test_letters_stay_in_their_cards_and_nothing_is_covered(show, name):
    """Measured with the browser's own fonts, no text leaves its card, and no card or number lies on another."""
    tab = show(samples()[name], name="picture.svg")
    assert tab.evaluate(STICKING_OUT) == []
    assert tab.evaluate(COVERED) == []


@pytest.mark.parametrize(("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 22, 28)")])
def test_auto_follows_the_reader(show, scheme, background):
    """With theme="auto" the same file is light or dark as the reader's system is."""
    tab = show(draw(cost(network()), theme="auto"), name="picture.svg", color_scheme=scheme)
    assert tab.evaluate("getComputedStyle(document.querySelector('.ground')).fill") == background


def test_drawings_in_one_page_keep_their_own_themes(browser):
    """For a reader who wants it dark, an automatic drawing turns dark and the light one beside it does not."""
    loss = cost(network())
    tab = browser.new_page(color_scheme="dark", offline=True)
    tab.set_content("<body>" + draw(loss, theme="auto").svg + draw(loss, theme="light").svg + "</body>")
    fills = tab.evaluate("[...document.querySelectorAll('svg')].map(svg => getComputedStyle(svg.querySelector('.ground')).fill)")
    assert fills == ["rgb(18, 22, 28)", "rgb(255, 255, 255)"]
    tab.close()
