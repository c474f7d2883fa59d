"""The lesson page as a text: what is in it, what is kept out of it, and that it fits the graph."""

import re
import subprocess
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zlib import decompress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback import MLP, OperationError, Value, log
from autoback.text import clean, short
from autoback.view.cards import Deck
from autoback.view.lesson import lesson, worksheet
from autoback.view.lesson.graph import LARGEST
from autoback.view.snapshot import Snapshot
from autoback.view.svg import page_svg
from tests.view.graphs import HOSTILE, neuron, wide, xor_sample
from tests.view.pictures import data_of

SVG = "{http://www.w3.org/2000/svg}"


def picture(snapshot: Snapshot, flow: str = "LR") -> str:
    return page_svg(Deck(snapshot, computed=True).operations(), flow)


class Elements(HTMLParser):
    """Every start tag of a page with its attributes, and the text of style and script elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.tags[-1] if self.tags else ("", {})
        key = attributes.get("id") or tag
        self.texts[key] = self.texts.get(key, "") + data


def test_a_page_for_an_xor_sample_is_below_150_kilobytes() -> None:
    """A whole lesson travels in a mail or a message."""
    assert len(lesson(xor_sample()).html.encode()) < 150_000


def test_a_page_for_a_sample_of_a_2_16_16_1_network_is_below_180_kilobytes() -> None:
    """Three hundred arrows are drawn without what the page can add itself."""
    assert len(lesson((MLP(2, [16, 16, 1], seed=1)([0.0, 1.0]) - 1.0) ** 2).html.encode()) < 180_000


def test_the_policy_forbids_every_request_and_every_foreign_script() -> None:
    """The page allows its own style and script by their hashes and nothing else, not even an inline handler."""
    html = lesson(neuron()).html
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    packed = decompress(b64decode(re.search(r'id="packed">(.*?)</script>', html, re.S)[1])).decode()
    style, loader = [re.search(rf"<{tag}>(.*?)</{tag}>", html, re.S)[1] for tag in ("style", "script")]
    for kind, texts in (("style-src", [style]), ("script-src", [loader, packed])):
        assert rules[kind].split() == [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts]
    assert "unsafe" not in policy and "http" not in policy.replace("http-equiv", "")


def test_no_element_refers_to_anything_outside_the_page() -> None:
    """No address appears in any attribute but the name spaces of SVG."""
    for _, attributes in Elements(lesson(xor_sample()).html).tags:
        for name, value in attributes.items():
            assert name not in ("src", "srcset", "href", "action", "data") and not name.startswith("on")
            assert name in ("xmlns",) or "//" not in re.sub(r"'sha256-[^']*'", "", value or "")  # a digest may contain //


def test_no_element_has_an_inline_style_that_the_policy_would_drop() -> None:
    """Style attributes are refused by the policy, so there are none to be refused."""
    assert not [tag for tag, attributes in Elements(lesson(xor_sample()).html).tags if "style" in attributes]


def test_the_data_holds_every_node_after_its_inputs() -> None:
    """The page can compute in one pass, because its nodes are in topological order."""
    nodes = data_of(lesson(xor_sample()).html)["nodes"]
    assert len(nodes) == 24
    assert all(below < k for k, node in enumerate(nodes) for below in node["inputs"])
    leaves = [node.value for node in Snapshot(xor_sample()).nodes if node.op is None]
    assert [node["value"] for node in nodes if node["op"] is None] == leaves


def test_the_picture_has_a_card_for_each_node_and_a_curve_for_each_edge() -> None:
    """Nodes, edges, labels and numbers of the SVG are those of the graph."""
    snapshot = Snapshot(xor_sample())
    nodes = snapshot.nodes
    root = ElementTree.fromstring(picture(snapshot))
    cards = [g for g in root.iter(f"{SVG}g") if "node" in (g.get("class") or "").split()]
    edges = {path.get("id") for path in root.iter(f"{SVG}path") if "edge" in (path.get("class") or "").split()}
    assert len(cards) == len(nodes)
    assert edges == {f"e{k}-{p}" for k, node in enumerate(nodes) for p in range(len(node.inputs))}
    texts = {text.get("id"): "".join(text.itertext()) for text in root.iter(f"{SVG}text")}
    for k, node in enumerate(nodes):
        if not node.constant:
            assert (texts[f"n{k}v"], texts[f"n{k}g"]) == (short(node.value), short(node.gradient))


def test_x_times_x_has_two_edges_with_a_local_derivative_each() -> None:
    """Both uses of a number used twice are seen."""
    x = Value(3.0, "x")
    root = ElementTree.fromstring(picture(Snapshot(x * x)))
    assert [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "local"] == ["3", "3"]


def test_cards_do_not_overlap() -> None:
    """However wide or deep the graph, no card hides another."""
    for root in (neuron(), xor_sample(), wide(150)):
        boxes = []
        tree = ElementTree.fromstring(picture(Snapshot(root)))
        for group in tree.iter(f"{SVG}g"):
            if group.get("id"):
                x, y = map(float, re.findall(r"-?[\d.]+", group.get("transform")))
                card = group.find(f"{SVG}rect")
                boxes.append((x, y, x + float(card.get("width")), y + float(card.get("height"))))
        for k, (left, top, right, bottom) in enumerate(boxes):
            assert not [b for b in boxes[:k] if left < b[2] - 0.2 and b[0] < right - 0.2 and top < b[3] - 0.2 and b[1] < bottom - 0.2]


def test_edges_run_in_the_direction_of_flow() -> None:
    """Every edge begins before it ends, from left to right or from top to bottom."""
    for flow, axis in (("LR", 0), ("TB", 1)):
        tree = ElementTree.fromstring(picture(Snapshot(xor_sample()), flow))
        for path in tree.iter(f"{SVG}path"):
            if (path.get("class") or "").startswith("edge"):
                numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d"))]
                assert numbers[axis] < numbers[-2 + axis]


@pytest.mark.parametrize("label", [label for label in HOSTILE if label.strip()])
def test_a_hostile_label_adds_no_element(label: str) -> None:
    """Whatever a label contains, the page has the elements it has with a tame one."""
    x, tame = Value(2.0, label), Value(2.0, "x")
    page, other = lesson(x * 3.0, title=label or "t"), lesson(tame * 3.0, title="x")
    plain = [[tag for tag, _ in Elements(html).tags if tag != "tspan"] for html in (page.html, other.html)]  # indices of given names
    assert plain[0] == plain[1]
    page.html.encode("utf-8")


@given(st.text(max_size=40))
def test_any_label_gives_svg_that_parses_and_reads_back(label: str) -> None:
    """The picture is well-formed whatever the label, and its card says the label, made readable."""
    x = Value(2.0, label)
    tree = ElementTree.fromstring(picture(Snapshot(x + x)))
    said = [group.findtext(f"{SVG}title") for group in tree.iter(f"{SVG}g") if group.get("id") == "n0"]
    assert said == [f"{clean(label, 40) or 'x'}, leaf"]


def test_a_label_used_twice_is_numbered() -> None:
    """Every name on the page means one node."""
    assert [node.name for node in Snapshot(Value(1.0, "x") * Value(2.0, "x")).nodes] == ["x", "x#2", "L"]


@pytest.mark.parametrize("page", [lesson, worksheet])
def test_a_stale_graph_is_refused_until_its_refresh_is_chosen(page: Any) -> None:
    """A leaf changed after recording is told; with refresh=True the page follows from the leaves, and the graph is left alone."""
    x = Value(2.0, "x")
    y = x * x
    x.data = 5.0
    with pytest.raises(ValueError, match=r"Stale: a leaf was changed after L was computed; call L.refresh\(\), or choose refresh=True"):
        page(y)
    assert ">25<" in page(y, refresh=True).html
    assert (y.data, x.grad) == (4.0, None)


def test_leaves_moved_outside_a_domain_are_the_engine_s_error() -> None:
    """A graph that can no longer be computed is no lesson."""
    x = Value(2.0, "x")
    y = log(x)
    x.data = -1.0
    with pytest.raises(OperationError, match="log needs x > 0"):
        lesson(y, refresh=True)


def test_what_is_no_graph_is_refused() -> None:
    """A number has no history to learn from."""
    with pytest.raises(TypeError, match="got a float"):
        Snapshot(3.0)


def test_a_graph_too_large_to_read_is_refused_with_a_way_out() -> None:
    """The limit is stated, with the size that came."""
    x = Value(0.0, "x")
    for _ in range(LARGEST):
        x = -x
    with pytest.raises(ValueError, match=f"at most {LARGEST} nodes, this graph has {LARGEST + 1}"):
        lesson(x)


def test_a_huge_graph_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and gradients of a million nodes take minutes; counting them does not."""
    monkeypatch.setattr("autoback.view.lesson.graph.current", lambda *_: pytest.fail("the graph was read"))
    x = Value(0.0, "x")
    for _ in range(LARGEST**2):
        x = -x
    with pytest.raises(ValueError, match=f"at most {LARGEST} nodes, this graph has {LARGEST**2 + 1}; take"):
        lesson(x)


def test_the_same_graph_gives_the_same_page() -> None:
    """Pages can be compared and cached: equal graphs are equal bytes, whatever the hash seed."""
    code = "from tests.view.graphs import xor_sample; from autoback.view.lesson import lesson; print(ascii(lesson(xor_sample()).html))"
    here = str(Path(__file__).parents[2])
    printed = []
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": here, "PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.run([sys.executable, "-c", code], cwd=here, env=environment, capture_output=True, text=True, check=True)
        printed.append(run.stdout)
    assert printed[0] == printed[1] == ascii(lesson(xor_sample()).html) + "\n"


def test_save_writes_the_page_and_lesson_saves_when_given_a_path(tmp_path: Path) -> None:
    """The file is the page, as UTF-8."""
    page = lesson(neuron(), tmp_path / "lesson.html")
    assert (tmp_path / "lesson.html").read_bytes() == page.html.encode()
    assert page.save(tmp_path / "again.html").read_bytes() == page.html.encode()


def test_a_notebook_shows_the_same_page_in_a_sandboxed_frame() -> None:
    """The frame's document is the page itself, and it may run scripts but not reach the notebook."""
    page = lesson(neuron())
    (tag, attributes), *instead = Elements(page._repr_html_()).tags
    assert [name for name, _ in instead] == ["template", "img"]  # what is left where a notebook takes frames away
    assert (tag, attributes["sandbox"]) == ("iframe", "allow-scripts")
    assert attributes["srcdoc"] == page.html


def test_training_arguments_for_a_value_are_refused() -> None:
    """A rate means something to a network only."""
    with pytest.raises(TypeError, match="rate: only the lesson of a network"):
        lesson(neuron(), rate=1.0)


@pytest.mark.parametrize(("label", "base", "below"), [("w1", "w", "1"), ("x_12", "x", "12"), ("b_in", "b", "in")])
def test_an_index_as_it_is_typed_is_lowered_in_cards_as_in_formulas(label: str, base: str, below: str) -> None:
    """A command line has no lowered digits, so the card of w1 shows w with a 1 below the line."""
    html = lesson(Value(2.0, label) * Value(3.0, "y")).html
    assert re.search(rf'class="name"[^>]*>{base}<tspan dy="4">{below}</tspan>', html)


def test_the_numbers_of_two_edges_between_the_same_cards_stand_apart() -> None:
    """At x * x each edge has its own number, one above the pair and one below it."""
    x = Value(3.0, "x")
    html = lesson(x * x).html
    heights = [float(y) for y in re.findall(r'class="local[^>]* y="([\d.]+)"', html)]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) > 18
