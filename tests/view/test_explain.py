"""Explanations: the chain rule as the textbooks write it, with the graph's own numbers."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback.engine.functions import FUNCTIONS, elementary
from autoback.engine.value import Value, topological_order
from autoback.expression import parse_expression
from autoback.nn.losses import squared_error
from autoback.nn.modules import MLP
from autoback.text import columns
from autoback.view.explain import MOST_PATHS, MOST_STEPS, MOST_USES, explain
from autoback.view.notation import TEXT
from autoback.view.reading import Reading
from autoback.view.snapshot import Snapshot
from tests.graphs import programs
from tests.view.test_rules import understood

NEURON = "L = (tanh(w*x + b) - y)**2"


def graph(text: str, **numbers: float) -> tuple[Value, dict[str, Value]]:
    root, leaves = parse_expression(text).evaluate(**numbers)
    root.backward()
    return root, leaves


def neuron() -> tuple[Value, dict[str, Value]]:
    return graph(NEURON, w=0.5, x=2.0, b=1.0, y=0.0)


def lines(root: Value, wrt: Value | None = None) -> list[str]:
    return [line.strip() for line in explain(root, wrt=wrt).text.splitlines()]


def joined(root: Value, wrt: Value | None = None) -> str:
    """The text with its line ends taken out, for sentences."""
    return re.sub(r"\s+", " ", explain(root, wrt=wrt).text)


def test_a_neuron_reads_as_the_textbook_does():
    """The forward pass, the chain of derivatives and each step of the backward pass, in symbols and in numbers."""
    root, leaves = neuron()
    text = re.sub(r" +", " ", "\n".join(lines(root, leaves["w"]))).splitlines()
    for line in (
        "w·x + b = 0.5 × 2 + 1 = 2",
        "a = tanh(w·x + b) = tanh(2) = 0.964",
        "L = (a − y)² = (0.964 − 0)² = 0.9293",
        "∂L/∂w = ∂L/∂a · ∂a/∂(w·x + b) · ∂(w·x + b)/∂w = 1.928 × 0.07065 × 2 = 0.2724",
        "∂L/∂a = 2 · (a − y) = 2 × (0.964 − 0) = 1.928",
        "∂a/∂(w·x + b) = 1 − a² = 1 − 0.964² ≈ 0.07065",
        "∂L/∂(w·x + b) = ∂L/∂a · ∂a/∂(w·x + b) = 1.928 × 0.07065 = 0.1362",
        "∂(w·x + b)/∂w = x = 2",
        "∂L/∂w = ∂L/∂(w·x + b) · ∂(w·x + b)/∂w = 0.1362 × 2 = 0.2724",
        "So ∂L/∂w = 0.2724: when w grows by a little, L grows by 0.2724 times as much.",
    ):
        assert line in text


def test_a_neuron_taken_apart_reads_the_same():
    """Whether a neuron is one dot product or single multiplications, its sum is one formula."""
    weights, inputs = [Value(0.5, "w₁"), Value(0.25, "w₂")], [Value(2.0, "x₁"), Value(4.0, "x₂")]
    whole = FUNCTIONS["dot"](weights, inputs) + Value(1.0, "b")
    with elementary():
        apart = FUNCTIONS["dot"](weights, inputs) + Value(1.0, "b")
    whole.label = apart.label = "z"
    assert {node.op.name for node in topological_order(apart) if node.op} == {"mul", "add"}
    for z in (whole, apart):
        assert "z = w₁·x₁ + w₂·x₂ + b = 0.5 × 2 + 0.25 × 4 + 1 = 3" in lines(z, weights[0])
        assert "∂z/∂w₁ = x₁ = 2" in lines(z, weights[0])


def test_backward_goes_from_the_root_to_the_leaf():
    """The steps stand in the order in which backward takes them."""
    root, leaves = neuron()
    steps = [line.partition(" is used ")[0] for line in lines(root, leaves["w"]) if " is used " in line]
    assert steps == ["a", "w·x + b", "w"]


def test_a_network_is_told_neuron_by_neuron():
    """A weight's chain goes from the cost through the activation a and the sum z of each layer."""
    net = MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid")
    cost = squared_error(net([1.0, 0.0]), 1.0)
    cost.label = "C"
    cost.backward()
    weight = net.layers[0].neurons[0].weights[0]
    chain = "∂C/∂w⁽¹⁾₁₁ = ∂C/∂a⁽²⁾₁ · ∂a⁽²⁾₁/∂z⁽²⁾₁ · ∂z⁽²⁾₁/∂a⁽¹⁾₁ · ∂a⁽¹⁾₁/∂z⁽¹⁾₁ · ∂z⁽¹⁾₁/∂w⁽¹⁾₁₁"
    assert chain in joined(cost, weight)


def test_contributions_of_a_shared_node_are_added():
    """Every use of a shared node is told with upstream × local, and the sum is its gradient."""
    root, leaves = graph("u = x*y; v = x + y; f = u*v", x=2.0, y=3.0)
    assert "x is used twice, by u (mul) and v (add). add distributes: every input gets" in joined(root, leaves["x"])
    assert "written as that use, x₍₁₎ for the first; the contributions of all uses add up." in joined(root, leaves["x"])
    text = re.sub(" +", " ", "\n".join(lines(root, leaves["x"]))).splitlines()
    for line in (
        "∂u/∂x₍₁₎ = y = 3",
        "∂f/∂x₍₁₎ = ∂f/∂u · ∂u/∂x₍₁₎ = 5 × 3 = 15",
        "∂f/∂x₍₂₎ = ∂f/∂v · ∂v/∂x₍₂₎ = 6 × 1 = 6",
        "∂f/∂x = ∂f/∂x₍₁₎ + ∂f/∂x₍₂₎ = 15 + 6 = 21",
    ):
        assert line in text


def test_every_path_is_multiplied_out_and_the_products_added():
    """For a small graph all paths from a leaf to the root are listed with their products."""
    root, leaves = graph("u = x*y; v = x + y; f = u*v", x=2.0, y=3.0)
    text = [re.sub(" +", " ", line) for line in lines(root, leaves["x"])]
    assert "2 paths lead from x to f. Multiply along each, then add:" in text
    assert "x₍₁₎ → u → f = 5 × 3 = 15" in text
    assert "x₍₂₎ → v → f = 6 × 1 = 6" in text
    assert "∂f/∂x = 15 + 6 = 21" in text


def test_a_square_has_two_edges():
    """x·x is a product of two uses of x, each with a slope of its own; only their sum is called ∂f/∂x."""
    root, leaves = graph("f = x*x", x=3.0)
    text = lines(root, leaves["x"])
    assert "f = x·x = 3 × 3 = 9" in text
    assert "∂f/∂x₍₁₎ = x = 3" in text and "∂f/∂x₍₂₎ = x = 3" in text
    assert "∂f/∂x = ∂f/∂x₍₁₎ + ∂f/∂x₍₂₎ = 3 + 3 = 6" in text
    assert {line.rpartition(" = ")[2] for line in text if line.startswith("∂f/∂x ")} == {"6"}


def test_a_constant_exponent_is_told_to_have_no_derivative():
    """x² does not change with its 2 as far as the row is concerned: it is a constant, and the text says so instead of 0."""
    square = Value(3.0, "x") ** 2
    text = joined(square, square.inputs[1])
    assert "2 is a constant of power, which has no derivative with respect to it" in text
    assert "does not change" not in text and "= 0" not in text


def test_a_number_that_is_asked_about_is_a_variable():
    """The nameless 1 of a − 1 is called x when it is asked about, and its gradient is told."""
    root = (Value(3.0, "a") - 1.0) ** 2
    text = lines(root, root.inputs[0].inputs[1])
    assert text[0] == "How L depends on x" and "∂L/∂x = −2 · (a − x) = −2 × (3 − 1) = −4" in text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x + y", "distributes: every input gets the gradient unchanged"),
        ("x - y", "distributes: what is subtracted gets the gradient with its sign turned"),
        ("x * y", "swaps: each factor gets the gradient times the other factor"),
        ("maximum(x, y)", "routes: the input that was chosen gets the whole gradient, the others get none"),
        ("relu(x)*y", "routes: it lets the whole gradient through on one side, and none on the other"),
        ("(x > y)*y", "is flat: it lets no gradient through"),
        ("exp(x) * y", "scales: it multiplies the gradient by its slope at this point"),
    ],
)
def test_what_an_operation_does_to_a_gradient_is_named(text, sentence):
    """Add distributes, multiply swaps, max routes; the sentence comes once in an explanation."""
    root, leaves = graph(text, x=2.0, y=1.0)
    assert joined(root, leaves["x"]).count(sentence) == 1


def test_a_branch_is_told_with_its_reason():
    """Where a rule chooses, the numbers that chose are given, also at a tie."""
    root, leaves = graph("maximum(x, y)", x=2.0, y=2.0)
    assert "since 2 = 2" in joined(root, leaves["x"])
    root, leaves = graph("relu(x)", x=-3.0)
    text = joined(root, leaves["x"])
    assert "= (1 if x > 0, else 0) = 0, since −3 < 0" in text
    assert "a small change of x does not change L to first order" in text


def test_at_a_kink_the_convention_is_told():
    """Where branches meet the gradient is a convention, told once; a small change is not promised anything."""
    root, leaves = graph("relu(x) + y*relu(y)", x=0.0, y=0.0)
    text = joined(root, leaves["x"])
    assert text.count("Here the branches of relu meet, and what counts is a convention: the derivative at 0 is 0.") == 1
    assert "So ∂L/∂x = 0, by the convention of relu: at a kink" in text
    assert "does not change" not in text
    root, leaves = graph("2*maximum(x, y)", x=1.0, y=1.0)
    text = joined(root)
    assert text.count("at a tie each operand gets half of the gradient") == 1
    assert "So ∂L/∂x = 1, by the convention of maximum" in text


def test_a_choice_that_asks_only_for_equality_is_no_kink():
    """`where` at 0 takes its second branch, by definition and not by convention."""
    root, leaves = graph("where(c, x, y)", c=0.0, x=1.0, y=2.0)
    assert "convention" not in joined(root, leaves["y"])


def test_a_missing_backward_is_said():
    """Without a backward the gradient is None, the text says that this is not 0, and changes nothing."""
    root, leaves = parse_expression(NEURON).evaluate(w=0.5, x=2.0, b=1.0, y=0.0)
    text = joined(root, leaves["w"])
    assert "No backward has reached w yet: the gradient is None, which is not the same as 0." in text
    assert "∂L/∂w = 0.2724" in text
    assert leaves["w"].grad is None
    assert root.grad is None


def test_accumulated_gradients_are_said():
    """After a second backward the stored gradient is not the one told, and the text says why."""
    root, leaves = neuron()
    root.backward()
    text = joined(root, leaves["w"])
    assert "The gradient stored at w is 0.2724 + 0.2724 ≈ 0.5449, and not the 0.2724 of this graph alone" in text
    assert "zero_grad() was not called before it." in text


def test_a_stale_graph_is_said_and_told_without_numbers():
    """After a leaf has changed, only rules are told, and the way out; after refresh the numbers are back."""
    root, leaves = neuron()
    leaves["x"].data = 3.0
    text = joined(root, leaves["w"])
    assert "This graph is stale: a leaf was changed after w·x + b had been computed" in text
    assert "Call refresh() on the root, then backward()" in text
    assert "∂L/∂w = ∂L/∂a · ∂a/∂(w·x + b) · ∂(w·x + b)/∂w" in text
    assert not re.search(r"\d\.\d", text)
    several = graph("f = maximum(x, 3) * x", x=4.0)
    several[1]["x"].data = 2.0
    text = lines(several[0], several[1]["x"])
    assert "∂f/∂x = ∂f/∂x₍₁₎ + ∂f/∂x₍₂₎" in text
    assert any(re.fullmatch(r"x₍₂₎ → f += max\(x, 3\)", line) for line in text)
    root.refresh()
    assert "stale" not in joined(root, leaves["w"])


def test_what_does_not_reach_the_root_has_gradient_0():
    """A Value from elsewhere, and the root itself, have plain answers, even when their numbers are equal."""
    root, leaves = graph("f = x*1", x=1.0)
    assert "q does not reach f: no operation leads from one to the other, so ∂f/∂q = 0" in joined(root, Value(1.0, "q"))
    assert "f is the root itself, and changes exactly as much as itself: ∂f/∂f = 1" in joined(root, root)
    assert "∂f/∂x = 1" in joined(root, leaves["x"])


def test_without_wrt_every_labelled_leaf_is_told():
    """By default all leaves that have a name are explained, and their gradients listed."""
    root, _ = neuron()
    text = lines(root)
    assert text[0] == "How L depends on w, x, b and y"
    for gradient in ("∂L/∂w = 0.2724", "∂L/∂x = 0.06811", "∂L/∂b = 0.1362", "∂L/∂y = −1.928"):
        assert gradient in text


def test_of_very_many_leaves_the_first_are_told():
    """A network's forty parameters are too many for one explanation, which says how to ask for another."""
    leaves = [Value(float(k), f"w{k}") for k in range(40)]
    root = FUNCTIONS["sum"]([leaf * leaf for leaf in leaves])
    root.backward()
    text = joined(root)
    assert text.startswith("How L depends on w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11 and 28 more ")
    assert "Of these 40, the first 12 are told; ask for another with wrt." in text
    assert "∂L/∂w11 = " in text
    assert "∂L/∂w12 = " not in text


def test_several_values_may_be_asked_for():
    """wrt takes a sequence, whose order is kept, and repeats are told once."""
    root, leaves = neuron()
    assert explain(root, wrt=[leaves["b"], leaves["w"], leaves["b"]]).text.startswith("How L depends on b and w\n")


@pytest.mark.parametrize(("root", "wrt"), [(3.0, None), (Value(1.0), "x"), (Value(1.0), [2.0])])
def test_only_values_can_be_explained(root, wrt):
    """A number or a name in the place of a Value is refused."""
    with pytest.raises(TypeError, match="Value"):
        explain(root, wrt=wrt)


def test_nameless_nodes_get_names_that_are_free():
    """Whatever the labels are, no name is given twice."""
    v, other = Value(2.0, "v₁"), Value(3.0, "v₁")
    snapshot = Snapshot((v * other + v * other * v * other).tanh() * v)
    names = [node.name for node in snapshot.nodes]
    assert len(set(names)) == len(names)
    assert (snapshot[v].name, snapshot[other].name) == ("v₁", "v₁#2")


def test_a_thousand_uses_are_bounded_and_said():
    """Of many uses the largest are shown, and the others summed up in one number."""
    x = Value(1.0, "x")
    root = FUNCTIONS["dot"]([Value(float(k)) for k in range(1000)], [x] * 1000)
    root.backward()
    text = joined(root, x)
    assert "x is used 1000 times, by L (dot)." in text
    assert f"The other {1000 - MOST_USES} uses are smaller and contribute together" in text
    assert "= 499500" in text
    assert len(text) < 4000


def test_many_paths_are_counted_not_walked():
    """Where paths are too many, their number is told and why backward needs few steps."""
    x = Value(1.0, "x")
    y = x
    for _ in range(5_000):
        y = (y + y) * 0.5
    text = joined(y, x)
    assert "More than 10¹⁵⁰⁵ paths lead from x to L, too many to walk one by one." in text
    assert f"({5_000 - MOST_STEPS} more nodes in between are treated in the same way.)" in text
    assert len(text) < 20_000
    small = x
    for _ in range(5):
        small = (small * small).exp() * 0.01
    assert MOST_PATHS < 32
    assert "32 paths lead from x to L" in joined(small, x)


def test_the_same_graph_gives_the_same_text():
    """Two explanations of equal graphs are equal, character by character."""
    assert explain(neuron()[0]) == explain(neuron()[0])


def test_a_notebook_shows_the_mathml():
    """An Explanation prints as text, also at the prompt, and shows itself as HTML in a notebook."""
    explanation = explain(neuron()[0])
    assert str(explanation) == repr(explanation) == explanation.text
    assert explanation._repr_mimebundle_()["text/markdown"] == explanation.markdown


@pytest.mark.parametrize(
    ("name", "start"), [("e.txt", "How L depends on "), ("e.tex", r"\paragraph{How $L$"), ("e.HTML", "<!doctype html>")]
)
def test_an_explanation_is_saved_as_its_name_says(tmp_path, name, start):
    """The ending of a file name chooses text, LaTeX or a page."""
    path = explain(neuron()[0]).save(tmp_path / name)
    assert path.read_text(encoding="utf-8").startswith(start)


def test_an_unknown_ending_is_refused(tmp_path):
    """A name that does not say what to write is an error, and nothing is written."""
    with pytest.raises(ValueError, match=r"must end in \.txt, \.tex or \.html"):
        explain(neuron()[0]).save(tmp_path / "e.doc")
    assert list(tmp_path.iterdir()) == []


def tags(html: str) -> set[str]:
    return {element.tag for element in ET.fromstring(html.replace("&#x2061;", "").replace("&#xa0;", " ")).iter()}


KNOWN_TAGS = {"section", "div", "h2", "h3", "p", "math", "mtable", "mtr", "mtd", "mrow", "mfrac", "mi", "mn", "mo", "mtext"}
KNOWN_TAGS |= {"msup", "msub", "msubsup", "msqrt"}


@given(st.lists(st.text(max_size=60), min_size=3, max_size=3))
def test_labels_are_never_obeyed(labels):
    """Whatever stands in labels, the text keeps to 80 columns, MathML stays MathML, LaTeX stays balanced."""
    w, x, b = (Value(float(k), label) for k, label in enumerate(labels, 1))
    root = (w * x + b).tanh() * w
    root.label = labels[0] * 2
    root.backward()
    explanation = explain(root)
    assert max(map(columns, explanation.text.splitlines())) <= 80
    assert tags(explanation.mathml) <= KNOWN_TAGS
    plain = re.sub(r"\\[{}$%#&_]", "", explanation.latex)
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0


@pytest.mark.parametrize(
    "label", [
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&lt;b&gt;",
        r"\input{/etc/passwd}", "$x$ % # _ ^ ~", "a\nb\x00c", "w" * 10_000, "שלום", "日本" * 40,
    ],
)  # fmt: skip
def test_hostile_labels_are_inert(label):
    """Markup, LaTeX commands and huge or odd labels reach the reader as harmless characters."""
    x = Value(2.0, label)
    root = x * x.exp()
    root.backward()
    explanation = explain(root, wrt=x)
    assert tags(explanation.mathml) <= KNOWN_TAGS
    assert r"\input" not in explanation.latex
    assert max(map(columns, explanation.text.splitlines())) <= 80
    assert len(explanation.text) < 5000


@given(programs(8))
def test_contributions_and_paths_add_up_to_the_gradient(program):
    """In any graph: at each node the uses add up to its gradient, the products along all paths do too, and it can be told."""
    leaves = program.leaves()
    root = program(*leaves)
    root.backward()
    snapshot = Snapshot(root, variables=leaves)
    reading = Reading(snapshot, leaves)
    gradients = {node: snapshot[node].gradient for node in snapshot.order}
    for node in reading.shown:
        total = math.fsum(gradients[edge.above] * edge.factor for edge in reading.uses[node]) + (node is root)
        assert math.isclose(total, gradients[node], rel_tol=1e-9, abs_tol=1e-12)
    for leaf in leaves:
        assert gradients.get(leaf, 0.0) == (leaf.grad or 0.0)
        count = reading.count_paths(leaf)
        if count < 1000:
            paths = list(reading.paths(leaf))
            assert len(paths) == count
            products = math.fsum(math.prod(edge.factor for edge in path) for path in paths)
            assert math.isclose(products, gradients.get(leaf, 0.0), rel_tol=1e-9, abs_tol=1e-12)
    assert max(map(columns, explain(root).text.splitlines())) <= 80


@given(programs(8))
def test_every_rule_in_symbols_is_the_derivative(program):
    """In any graph, the rule of an edge and the formula of a node, worked out by a reader, give the recorded numbers."""
    leaves = program.leaves()
    root = program(*leaves)
    snapshot = Snapshot(root, variables=leaves)
    reading = Reading(snapshot, leaves)
    plain = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
    names = {snapshot[node].name.translate(plain): node.data for node in snapshot.order if snapshot.names.is_word(node)}
    for node in reading.shown:
        if node.op is not None:
            rule = reading.value_rule(node, TEXT)
            shown = (rule.definition or rule.symbols).text
            if "…" not in shown:
                assert math.isclose(understood(shown.translate(plain), names), node.data, rel_tol=1e-6, abs_tol=1e-9), shown
        for edge in reading.uses[node]:
            shown = reading.edge_rule(edge, TEXT).symbols.text
            if "…" in shown:
                continue
            assert math.isclose(understood(shown.translate(plain), names), edge.factor, rel_tol=1e-2, abs_tol=1e-3), shown
