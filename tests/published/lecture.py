"""Lecture 1 of "Neural Networks: Zero to Hero", and its exercise sheet."""

from autoback import Value, cross_entropy, exp, gradient, log, sin, tanh
from tests.published.examples import example

LECTURE = "Karpathy, The spelled-out intro to neural networks and backpropagation (2022): <https://github.com/karpathy/nn-zero-to-hero>"
SHEET = "the exercises to the same lecture, Google Colab 1FPTx1RXtBfc4MaTkf7viZZD4U2F9gtKN"


@example(
    "An expression, its gradient and one step", LECTURE,
    {
        "L": "-8", "∂L/∂a": "6", "∂L/∂b": "-4", "∂L/∂c": "-2", "∂L/∂f": "4", "L after the step": "-7.286496",
        "slope by h = 0.001": "-3.9999999999995595",
    },
)  # fmt: skip
def expression():
    """L = (ab + c) f; then every leaf moves by 0.01 of its gradient, and L grows. The slope of b by a nudge, too."""

    def loss(a, b, c, f):
        return (a * b + c) * f

    leaves = [Value(x, name) for x, name in zip((2.0, -3.0, 10.0, -2.0), "abcf", strict=True)]
    L = loss(*leaves)
    L.backward()
    slope = (loss(2.0, -3.0 + 0.001, 10.0, -2.0) - loss(2.0, -3.0, 10.0, -2.0)) / 0.001
    gradients = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.data += 0.01 * leaf.grad
    names = ("∂L/∂a", "∂L/∂b", "∂L/∂c", "∂L/∂f")
    return {"L": L.data, **dict(zip(names, gradients, strict=True)), "L after the step": loss(*leaves).data, "slope by h = 0.001": slope}


@example("A number used twice", LECTURE, {"f": "-6", "∂f/∂a": "-3", "∂f/∂b": "-8"})
def used_twice():
    """f = (ab)(a + b) at −2 and 3: the lecture's example of gradients that must add up."""
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    f = (a * b) * (a + b)
    f.backward()
    return {"f": f.data, "∂f/∂a": a.grad, "∂f/∂b": b.grad}


NEURON = {"o": "0.7071067811865476", "∂o/∂x₁": "-1.5", "∂o/∂w₁": "1.0", "∂o/∂x₂": "0.5", "∂o/∂w₂": "0.0"}


@example("A tanh neuron", LECTURE, NEURON)
def tanh_neuron():
    """o = tanh(x₁w₁ + x₂w₂ + b), with the b that makes the numbers come out round."""
    x1, x2, w1, w2 = Value(2.0, "x₁"), Value(0.0, "x₂"), Value(-3.0, "w₁"), Value(1.0, "w₂")
    b = Value(6.8813735870195432, "b")
    o = tanh(x1 * w1 + x2 * w2 + b)
    o.backward()
    return {"o": o.data, "∂o/∂x₁": x1.grad, "∂o/∂w₁": w1.grad, "∂o/∂x₂": x2.grad, "∂o/∂w₂": w2.grad}


@example("The same neuron, its tanh taken apart", LECTURE, NEURON)
def tanh_from_exp():
    """o = (e²ⁿ − 1) / (e²ⁿ + 1): smaller operations, the same numbers."""
    x1, x2, w1, w2 = Value(2.0, "x₁"), Value(0.0, "x₂"), Value(-3.0, "w₁"), Value(1.0, "w₂")
    b = Value(6.8813735870195432, "b")
    e = exp(2 * (x1 * w1 + x2 * w2 + b))
    o = (e - 1) / (e + 1)
    o.backward()
    return {"o": o.data, "∂o/∂x₁": x1.grad, "∂o/∂w₁": w1.grad, "∂o/∂x₂": x2.grad, "∂o/∂w₂": w2.grad}


@example(
    "Exercise 1: derivatives of a function", SHEET,
    {"f(2, 3, 4)": "6.336362190988558", "∂f/∂a": "-12.353553390593273", "∂f/∂b": "10.25699027111255", "∂f/∂c": "0.0625"},
)  # fmt: skip
def exercise_derivatives():
    """The gradient that the sheet asks for by hand, by differences and by symmetric differences, is computed here by backpropagation."""
    a, b, c = Value(2.0, "a"), Value(3.0, "b"), Value(4.0, "c")
    f = -(a**3) + sin(3 * b) - 1.0 / c + b**2.5 - a**0.5
    df = gradient(f, [a, b, c])
    return {"f(2, 3, 4)": f.data, "∂f/∂a": df[0].data, "∂f/∂b": df[1].data, "∂f/∂c": df[2].data}


SOFTMAX = {
    "loss": "2.1755153626167147", "∂/∂z₁": "0.041772570515350445", "∂/∂z₂": "0.8390245074625319",
    "∂/∂z₃": "0.005653302662216329", "∂/∂z₄": "-0.8864503806400986",
}  # fmt: skip


@example("Exercise 2: softmax and negative log likelihood", SHEET, SOFTMAX)
def exercise_softmax():
    """−log of the probability of class 3 for the logits 0, 3, −2, 1, operation by operation as the sheet writes it."""
    logits = [Value(z, "z" + k) for z, k in zip((0.0, 3.0, -2.0, 1.0), "₁₂₃₄", strict=True)]
    counts = [exp(z) for z in logits]
    denominator = counts[0] + counts[1] + counts[2] + counts[3]
    probabilities = [count / denominator for count in counts]
    loss = -log(probabilities[3])
    loss.backward()
    return {"loss": loss.data} | {f"∂/∂{z.label}": z.grad for z in logits}


@example("Exercise 2 in one line", SHEET, SOFTMAX)
def exercise_cross_entropy():
    """The same by `cross_entropy`, which no logit overflows."""
    logits = [Value(z, "z" + k) for z, k in zip((0.0, 3.0, -2.0, 1.0), "₁₂₃₄", strict=True)]
    loss = cross_entropy(logits, 3)
    loss.backward()
    return {"loss": loss.data} | {f"∂/∂{z.label}": z.grad for z in logits}
