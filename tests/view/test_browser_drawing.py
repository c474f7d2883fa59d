"""Drawings in a real browser: letters stay in their cards, nothing covers anything, themes follow the reader."""

from functools import cache
from itertools import combinations

import pytest

from autoback.engine.value import Value
from autoback.nn.modules import MLP
from autoback.view.drawing import draw
from autoback.view.lesson import lesson
from tests.view.driving import enter, press
from tests.view.graphs import xor_sample
from tests.view.pictures import cost, network

pytestmark = pytest.mark.browser

#: Letters that stick out of their card by more than a point, as [text, points], and how many letters there are.
STICKING_OUT = """() => [...document.querySelectorAll('.node')].flatMap(card => {
    const box = card.querySelector('rect, circle').getBBox();
    return [...card.querySelectorAll('text')].map(text => {
        const letters = text.getBBox();
        return [text.textContent, Math.max(box.x - letters.x, letters.x + letters.width - box.x - box.width)];
    });
})"""

#: The cards, and the numbers on arrows, in the unit of the screen: [name, kind, left, top, right, bottom].
BOXES = """() => {
    const edges = (r) => [r.left, r.top, r.right, r.bottom];
    const box = (name, kind, element) => [name, kind, ...edges(element.getBoundingClientRect())];
    return [...[...document.querySelectorAll('.node > rect.card')].map(card => box(card.parentNode.dataset.node, 'card', card)),
            ...[...document.querySelectorAll('.label')].map(label => box(label.dataset.edge, 'label', label.querySelector('text')))];
}"""

#: For each number on an arrow: how far its middle is from its own arrow and from the nearest other, from which card to which.
DISTANCES = """([arrows, numbers]) => {
    const seen = (place) => [...document.querySelectorAll(place)].filter(e => e.getBoundingClientRect().width > 0);
    const lines = seen(arrows), ends = (e) => e.closest('[data-edge]')?.dataset.edge ?? e.id.replace(/l$/, '');
    const points = lines.map(line => { const m = line.getScreenCTM(), all = line.getTotalLength();
        return Array.from({ length: 201 }, (_, k) => line.getPointAtLength((k / 200) * all).matrixTransform(m)); });
    return seen(numbers).map(number => {
        const r = number.getBoundingClientRect(), x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2;
        const far = points.map(each => Math.min(...each.map(p => Math.hypot(p.x - x, p.y - y))));
        const nearest = (own) => Math.min(99, ...far.filter((_, k) => (ends(lines[k]) === ends(number)) === own));
        const unit = lines[0].getScreenCTM().a;
        return [nearest(true) / unit, nearest(false) / unit, number.textContent];
    });
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
    letters = tab.evaluate(STICKING_OUT)
    assert letters and [(text, over) for text, over in letters if over > 1] == []
    covered = []
    for (a, kind, *p), (b, other, *q) in combinations(tab.evaluate(BOXES), 2):
        across, down = min(p[2], q[2]) - max(p[0], q[0]), min(p[3], q[3]) - max(p[1], q[1])
        covered += [f"{kind} {a} and {other} {b}"] if across > 2 and down > 2 else []
    assert covered == []


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


def products():
    """q·q + q·a: four arrows, two of them between the same cards."""
    q, a = Value(1.0, "q"), Value(4.0, "a")
    root = q * q + q * a
    root.backward()
    return root


def square():
    x = Value(3.0, "x")
    root = x * x
    root.backward()
    return root


def sample():
    root = xor_sample()
    root.backward()
    return root


@pytest.mark.parametrize("graph", [square, products, sample])
@pytest.mark.parametrize("style", ["plain", "detailed", "lesson"])
def test_a_number_stands_on_its_own_arrow(show, graph, style):
    """No arrow between other cards comes nearer to the middle of a number than the arrow that it belongs to, which is close."""
    if style == "lesson":
        tab = show(lesson(graph()), width=1600, height=900)
        enter(tab, "walk")
        press(tab, "End")
        found = tab.evaluate(DISTANCES, ["svg.graph path.edge:not(.frozen)", "svg.graph .local"])
    else:
        tab = show(draw(graph(), style=style), name="picture.svg", width=2400, height=900)
        found = tab.evaluate(DISTANCES, [".edge path.line", ".label text"])
    assert found
    for own, other, said in found:
        assert own <= 14.0 and other > own + 1.0, (said, own, other)


def test_the_numbers_on_the_arrows_of_a_square_stand_apart_from_the_card(show):
    """Between x and x·x there is room for two numbers and for the arrows' ends."""
    tab = show(draw(square()), name="picture.svg")
    boxes = tab.evaluate(BOXES)
    x, y = sorted((left, right) for _, kind, left, _, right, _ in boxes if kind == "card")
    labels = [(left, right) for _, kind, left, _, right, _ in boxes if kind == "label"]
    assert len(labels) == 2 and all(left >= x[1] + 3 and right <= y[0] - 3 for left, right in labels)
