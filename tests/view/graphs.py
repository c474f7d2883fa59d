"""Graphs that several tests of the view look at."""

from autoback import FUNCTIONS, Value, tanh


def neuron() -> Value:
    """L = (tanh(w·x + b) − y)², the smallest graph with everything in it."""
    w, x, b, y = Value(0.5, "w"), Value(2.0, "x"), Value(1.0, "b"), Value(0.0, "y")
    loss = (tanh(w * x + b) - y) ** 2
    loss.label = "L"
    return loss


def xor_sample() -> Value:
    """The cost of one XOR sample through a 2-2-1 network with textbook labels."""
    x = [Value(1.0, "x₁"), Value(0.0, "x₂")]
    hidden = [_neuron([0.5, -0.7], 0.1, x, "¹", "₁"), _neuron([0.3, 0.9], -0.2, x, "¹", "₂")]
    cost = (_neuron([1.1, -0.4], 0.05, hidden, "²", "₁") - Value(1.0, "y")) ** 2
    cost.label = "C"
    return cost


def _neuron(weights: list[float], bias: float, inputs: list[Value], layer: str, j: str) -> Value:
    labelled = [Value(w, f"w⁽{layer}⁾{j}{k}") for w, k in zip(weights, "₁₂", strict=True)]
    z = FUNCTIONS["dot"](labelled, inputs) + Value(bias, f"b⁽{layer}⁾{j}")
    z.label = f"z⁽{layer}⁾{j}"
    a = z.tanh()
    a.label = f"a⁽{layer}⁾{j}"
    return a


def wide(n: int) -> Value:
    """A graph of about n nodes: a long sum of products, folded pairwise."""
    terms = [Value(0.1 * k - 1.0, f"w{k}") * Value(0.5, f"x{k}") for k in range(n // 4)]
    while len(terms) > 1:
        terms = [terms[k] + terms[k + 1] if k + 1 < len(terms) else terms[k] for k in range(0, len(terms), 2)]
    return terms[0].tanh()


HOSTILE = (
    "</script><script>document.title='owned'</script>", "<img src=x onerror=\"document.title='owned'\">", "</style>", "--><!--",
    "\"'`><svg onload=document.title='owned'>", "{{script}}", "${document.title='owned'}", "\\u003cscript\\n", "two\nlines\r\ttab",
    "x" * 10_000, "שלום עולם", "a\u202eb", "nul\0", "\ud800half", "]]>", "&lt;b&gt;&amp;", "%3Cb%3E", "", "  ",
)  # fmt: skip
