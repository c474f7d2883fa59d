"""Random expressions with random labels through parse, draw, explain, lesson and worksheet."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from autoback.engine.value import Value, topological_order
from autoback.expression import ExpressionError, parse_expression
from autoback.text import columns
from autoback.view.drawing import draw
from autoback.view.explain import explain
from autoback.view.lesson import lesson, worksheet
from tests.view.test_expression import NUMBERS, expressions

SVG = "{http://www.w3.org/2000/svg}"
INDEXED = ("tspan", "mi", "mn", "mtext", "mrow", "msub", "msup", "msubsup")  # what a name with indices is written with
LABELS = st.text(max_size=40) | st.sampled_from(
    ["", "<script>alert(1)</script>", "a&b", 'say "hi"', "back\\slash", "two\nlines", "w" * 10_000, "שלום", "w⁽¹⁾₁₂", "]]>", "-->", "%s"]
)  # fmt: skip


class Tags(list):
    """The start tags of a page, in order, as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attributes: self.append(tag)
        parser.feed(page)
        parser.close()


def drawn(text: str, labels: list[str]) -> Value | None:
    """The graph of an expression with the labels of its leaves replaced, after a backward; None where it cannot be computed."""
    expression = parse_expression(text)
    try:
        root, leaves = expression.evaluate(**{name: NUMBERS[name] for name in expression.variables})
    except ExpressionError:
        return None
    for leaf, label in zip(leaves.values(), labels, strict=False):
        leaf.label = label
    root.backward()
    return root


@settings(max_examples=60)
@given(expressions, st.lists(LABELS, min_size=4, max_size=4))
def test_any_expression_with_any_labels_can_be_seen(text, labels):
    """Every picture has all edges, every explanation fits, every page is whole, and no label becomes markup."""
    root = drawn(text, labels)
    if root is None:
        return
    edges = sum(len(node.inputs) for node in topological_order(root))

    picture = ET.fromstring(draw(root, style="detailed").svg)
    assert len([group for group in picture.iter(f"{SVG}g") if "edge" in group.get("class", "").split()]) == edges
    assert not [element for element in picture.iter() if element.tag.removeprefix(SVG) in ("script", "img", "foreignObject")]

    explanation = explain(root)
    assert max(map(columns, explanation.text.splitlines())) <= 80
    assert "<script" not in explanation.mathml

    for page in (lesson, worksheet):
        plain, labelled = Tags(page(drawn(text, list("abcd"))).html), Tags(page(root).html)
        assert set(labelled) <= {*plain, *INDEXED}
        assert [labelled.count(tag) for tag in ("script", "style", "html")] == [plain.count(tag) for tag in ("script", "style", "html")]
