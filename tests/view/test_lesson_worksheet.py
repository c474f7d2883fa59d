"""The worksheet: what is blank in the exercise is filled in in the key, and nothing else differs."""

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autoback import Value
from autoback.text import short
from autoback.view.lesson import worksheet
from autoback.view.lesson.paper import PAPERS
from autoback.view.snapshot import Snapshot
from tests.view.graphs import HOSTILE, neuron, wide, xor_sample
from tests.view.test_lesson import Elements

#: What a name with indices is written with.
INSIDE_A_NAME = ("tspan", "mi", "mn", "mo", "mrow", "msub", "mtext")
SVG = "{http://www.w3.org/2000/svg}"


def strips(html: str) -> list[list[ElementTree.Element]]:
    """The strips of the graph in the exercise, and those in the key."""
    return [[ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", half, re.S)] for half in html.split('id="key"')]


def pictures(html: str) -> list[ElementTree.Element]:
    """The whole graph in the exercise, and that in the key."""
    found = []
    for half in strips(html):
        whole = ElementTree.Element("graph")
        whole.extend(half)
        found.append(whole)
    return found


def test_every_result_and_derivative_is_a_blank_in_the_exercise() -> None:
    """The exercise gives the leaves' values only: a blank for each result, gradient and local derivative."""
    nodes = Snapshot(xor_sample()).nodes
    exercise, _ = pictures(worksheet(xor_sample()).html)
    blanks = [element for element in exercise.iter() if element.get("class") == "blank"]
    results = sum(node.op is not None for node in nodes)
    gradients = sum(not node.constant for node in nodes)
    edges = sum(len(node.inputs) - (node.op.constants if node.op else 0) for node in nodes)
    assert len(blanks) == results + gradients + edges
    numbers = ["".join(text.itertext()) for text in exercise.iter(f"{SVG}text") if text.get("class") in ("value", "gradient", "local")]
    assert numbers == [short(node.value) for node in nodes if node.op is None]


def test_the_key_has_every_number_on_a_page_of_its_own() -> None:
    """The key is the same picture with all values and gradients, and begins a new page when printed."""
    html = worksheet(xor_sample()).html
    _, key = pictures(html)
    texts = {text.get("id"): "".join(text.itertext()) for text in key.iter(f"{SVG}text")}
    for k, node in enumerate(Snapshot(xor_sample()).nodes):
        if not node.constant:
            assert (texts[f"key-n{k}v"], texts[f"key-n{k}g"]) == (short(node.value), short(node.gradient))
    assert re.search(r"\.page \+ \.page\s*\{\s*break-before:\s*page;", html)
    assert [attributes["id"] for tag, attributes in Elements(html).tags if tag == "section"] == ["exercise", "key"]


def test_the_key_shows_each_sum_of_contributions() -> None:
    """Where a number is used twice, both contributions stand in its sum."""
    x = Value(3.0, "x")
    assert "= 1 × 3 + 1 × 3 = <b>6</b>" in worksheet(x * x).html


def test_the_key_multiplies_by_the_local_derivative_of_the_input_in_question() -> None:
    """Of L = x·y with x = 3 and y = 4 the key says that x receives 1 × 4 and y receives 1 × 3."""
    html = worksheet(Value(3.0, "x") * Value(4.0, "y")).html
    assert re.findall(r"= (1 × .*?)</li>", html) == ["1 × 3 = <b>3</b>", "1 × 4 = <b>4</b>"]


def test_ids_are_unique_though_two_pictures_stand_on_the_page() -> None:
    """No id occurs twice."""
    ids = [attributes["id"] for _, attributes in Elements(worksheet(neuron()).html).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_runs_no_script_and_asks_for_nothing() -> None:
    """Paper needs no program: the policy allows the style and nothing more."""
    html = worksheet(neuron()).html
    assert "script-src" not in html and "<script" not in html
    assert "default-src 'none'" in html


@pytest.mark.parametrize("label", [label for label in HOSTILE if label.strip()])
def test_a_hostile_label_adds_no_element(label: str) -> None:
    """Labels reach paper as text."""
    pages = [worksheet(Value(2.0, name) * 3.0, title=name or "t").html for name in (label, "x")]
    tags = [[tag for tag, _ in Elements(html).tags if tag not in INSIDE_A_NAME] for html in pages]
    assert tags[0] == tags[1]


def test_worksheet_saves_when_given_a_path(tmp_path: Path) -> None:
    """The file is the page."""
    page = worksheet(neuron(), tmp_path / "sheet.html", title="A neuron")
    assert (tmp_path / "sheet.html").read_text(encoding="utf-8") == page.html
    assert "Answer key: A neuron" in page.html


def test_the_rules_say_all_terms_of_a_sum() -> None:
    """A weighted sum that is called by its first term, w₁·x₁ + …, is written out in the rule of what uses it."""
    exercise = worksheet(xor_sample()).html
    rules = exercise[exercise.index('<ul class="rules">') : exercise.index('id="key"')]
    assert rules.count("<li>") >= 6 and "…" not in rules


def test_the_blanks_of_two_arrows_between_the_same_cards_stand_apart() -> None:
    """In x·x + x each of the arrows has a box of its own to write in."""
    x = Value(3.0, "x")
    boxes = [
        (float(left), float(top), float(left) + float(wide), float(top) + float(high))
        for left, top, wide, high in re.findall(
            r'<rect class="blank" x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"', worksheet(x * x + x).html
        )
    ]
    assert len(boxes) == 4
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def many() -> Value:
    """Sixty leaves, more than a page is high."""
    return wide(240)


def chain() -> Value:
    """Forty tanh in a row."""
    node = Value(0.5, "x")
    for _ in range(40):
        node = node.tanh()
    return node


@pytest.mark.parametrize("graph", [neuron, xor_sample, chain, many])
def test_a_graph_that_is_larger_than_the_paper_is_cut_into_strips(graph: Callable[[], Value]) -> None:
    """No strip is wider or higher than the paper, each card is in one of them, and each is as large as the others."""
    html = worksheet(graph()).html
    paper = next(paper for paper in PAPERS if f"size: A4 {paper.orientation}" in html)
    for half in strips(html):
        for strip in half:
            _, _, wide, high = map(float, strip.get("viewBox").split())
            assert (wide, high) == (float(strip.get("width")), float(strip.get("height")))
            assert wide <= paper.wide + 1 and high <= paper.high + 1
        keys = [group.get("id") for strip in half for group in strip.iter(f"{SVG}g") if group.get("id")]
        assert len(keys) == len(set(keys)) == len(Snapshot(graph()).nodes)


def test_an_arrow_from_another_strip_begins_with_the_name_of_its_card() -> None:
    """What goes on in the next strip says there where it comes from; no arrow into a card is missing."""
    exercise, _ = strips(worksheet(xor_sample()).html)
    assert len(exercise) == 3
    origins = [[text for text in strip.iter() if text.get("class") == "origin"] for strip in exercise]
    names = [["".join(text.itertext()).replace("\u200b", "") for text in texts] for texts in origins]
    assert names == [[], ["w(2)11", "w(2)12", "a(1)1", "a(1)2"], ["a(2)1", "y"]]


def test_a_small_graph_is_one_strip() -> None:
    """What fits on a page is not cut."""
    assert [len(half) for half in strips(worksheet(neuron()).html)] == [1, 1]


def test_a_card_that_is_wider_than_the_paper_stands_in_a_strip_of_its_own() -> None:
    """However long all labels are, every card is in one strip."""
    product = Value(2.0, "W" * 40) * Value(3.0, "M" * 40)
    product.label = "日本語" * 13
    exercise, _ = strips(worksheet(product.tanh() * product).html)
    keys = [group.get("id") for strip in exercise for group in strip.iter(f"{SVG}g") if group.get("id")]
    assert sorted(keys) == [f"n{k}" for k in range(5)]
