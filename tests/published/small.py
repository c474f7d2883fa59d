"""Small expressions from courses, surveys and readmes."""

from autoback import Value, exp, gradient, hessian, log, maximum, relu, sigmoid, sin
from tests.published.examples import example

CS231N = "Stanford CS231n, Backpropagation, Intuitions: <https://cs231n.github.io/optimization-2/>"


@example("A sum times a number", CS231N, {"f": "-12", "∂f/∂x": "-4", "∂f/∂y": "-4", "∂f/∂z": "3"})
def compound_expression():
    """f = (x + y) z, the first example of the notes."""
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    f = (x + y) * z
    f.backward()
    return {"f": f.data, "∂f/∂x": x.grad, "∂f/∂y": y.grad, "∂f/∂z": z.grad}


@example(
    "A sigmoid neuron", CS231N,
    {"f": "0.73", "∂f/∂w₀": "-0.20", "∂f/∂x₀": "0.39", "∂f/∂w₁": "-0.39", "∂f/∂x₁": "-0.59", "∂f/∂w₂": "0.20"},
)  # fmt: skip
def sigmoid_neuron():
    """f = σ(w₀x₀ + w₁x₁ + w₂), step by step on the page."""
    w0, w1, w2 = Value(2.0, "w₀"), Value(-3.0, "w₁"), Value(-3.0, "w₂")
    x0, x1 = Value(-1.0, "x₀"), Value(-2.0, "x₁")
    f = sigmoid(w0 * x0 + w1 * x1 + w2)
    f.backward()
    return {"f": f.data, "∂f/∂w₀": w0.grad, "∂f/∂x₀": x0.grad, "∂f/∂w₁": w1.grad, "∂f/∂x₁": x1.grad, "∂f/∂w₂": w2.grad}


@example("Patterns in backward flow", CS231N, {"f": "-20", "∂f/∂x": "-8", "∂f/∂y": "6", "∂f/∂z": "2", "∂f/∂w": "0"})
def patterns():
    """A sum distributes a gradient, a maximum routes it, a product exchanges it."""
    x, y, z, w = Value(3.0, "x"), Value(-4.0, "y"), Value(2.0, "z"), Value(-1.0, "w")
    f = 2 * (x * y + maximum(z, w))
    f.backward()
    return {"f": f.data, "∂f/∂x": x.grad, "∂f/∂y": y.grad, "∂f/∂z": z.grad, "∂f/∂w": w.grad}


@example(
    "The long expression of a readme", "micrograd, README: <https://github.com/karpathy/micrograd>",
    {"g": "24.7041", "∂g/∂a": "138.8338", "∂g/∂b": "645.5773"},
)  # fmt: skip
def micrograd_readme():
    """All operators at once, with `+=` and numbers on both sides."""
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return {"g": g.data, "∂g/∂a": a.grad, "∂g/∂b": b.grad}


@example(
    "The sanity check of a test suite", "micrograd, test/test_engine.py: <https://github.com/karpathy/micrograd>",
    {"y": "-20", "∂y/∂x": "46"},
)  # fmt: skip
def micrograd_sanity_check():
    """One number that is used in many places; the original compares with PyTorch."""
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = relu(z) + z * x
    h = relu(z * z)
    y = h + q + q * x
    y.backward()
    return {"y": y.data, "∂y/∂x": x.grad}


@example(
    "The running example of the surveys",
    "Griewank & Walther, Evaluating Derivatives, 2nd ed. (2008), chapter 1; Baydin et al., JMLR 18 (2018), tables 2 and 3: <https://jmlr.org/papers/v18/17-468.html>",
    {"y": "11.652", "∂y/∂x₁": "5.5", "∂y/∂x₂": "1.716"},
)  # fmt: skip
def survey():
    """y = ln x₁ + x₁x₂ − sin x₂ at (2, 5), the trace of both tables."""
    x1, x2 = Value(2.0, "x₁"), Value(5.0, "x₂")
    y = log(x1) + x1 * x2 - sin(x2)
    y.backward()
    return {"y": y.data, "∂y/∂x₁": x1.grad, "∂y/∂x₂": x2.grad}


@example(
    "Derivatives on the edges", "Olah, Calculus on Computational Graphs (2015): <https://colah.github.io/posts/2015-08-Backprop/>",
    {"e": "6", "∂e/∂a": "2", "∂e/∂b": "5"},
)  # fmt: skip
def olah():
    """e = (a + b)(b + 1) at a = 2, b = 1: two paths lead from b, 1·2 + 1·3 = 5."""
    a, b = Value(2.0, "a"), Value(1.0, "b")
    e = (a + b) * (b + 1)
    e.backward()
    return {"e": e.data, "∂e/∂a": a.grad, "∂e/∂b": b.grad}


@example(
    "tanh, its derivative and a difference quotient", "HIPS autograd, README: <https://github.com/HIPS/autograd>",
    {"tanh′(1)": "0.41997434161402603", "(tanh 1.0001 − tanh 0.9999) / 0.0002": "0.41997434264973155"},
)  # fmt: skip
def hips():
    """tanh written as (1 − e⁻²ˣ) / (1 + e⁻²ˣ), as in the readme."""

    def f(x):
        y = exp(-2.0 * x)
        return (1.0 - y) / (1.0 + y)

    x = Value(1.0, "x")
    f(x).backward()
    return {"tanh′(1)": x.grad, "(tanh 1.0001 − tanh 0.9999) / 0.0002": (f(1.0001) - f(0.9999)) / 0.0002}


@example(
    "The first function of a tutorial", "JAX, Autodidax: JAX core from scratch: <https://docs.jax.dev/en/latest/autodidax.html>",
    {"f(3)": "2.7177599838802657", "f′(3)": "2.979984993200891"},
)  # fmt: skip
def autodidax():
    """f(x) = x − 2 sin x at 3."""
    x = Value(3.0, "x")
    f = -(sin(x) * 2.0) + x
    f.backward()
    return {"f(3)": f.data, "f′(3)": x.grad}


@example(
    "Speelpenning's product", "Speelpenning, PhD thesis, University of Illinois (1980); Griewank & Walther, example 3.3",
    {"y": "120", "∂y/∂x₁": "120", "∂y/∂x₂": "60", "∂y/∂x₃": "40", "∂y/∂x₄": "30", "∂y/∂x₅": "24"},
)  # fmt: skip
def speelpenning():
    """y = x₁x₂…xₙ at xₖ = k: the gradient is n!/k, and costs no more than the product."""
    x = [Value(float(k), f"x{k}") for k in range(1, 6)]
    y = x[0] * x[1] * x[2] * x[3] * x[4]
    y.backward()
    return {"y": y.data} | {f"∂y/∂x{'₁₂₃₄₅'[k]}": x[k].grad for k in range(5)}


@example(
    "Rosenbrock's valley", "Rosenbrock, The Computer Journal 3 (1960); Nocedal & Wright, Numerical Optimization, 2nd ed., exercise 2.1",
    {"f": "24.2", "∂f/∂x": "-215.6", "∂f/∂y": "-88", "∂²f/∂x²": "1330", "∂²f/∂x∂y": "480", "∂²f/∂y²": "200"},
)  # fmt: skip
def rosenbrock():
    """f = 100 (y − x²)² + (1 − x)² at its classic start (−1.2, 1), with all second derivatives."""
    x, y = Value(-1.2, "x"), Value(1.0, "y")
    f = 100.0 * (y - x**2) ** 2 + (1.0 - x) ** 2
    (fxx, fxy), (_, fyy) = hessian(f, [x, y])
    fx, fy = gradient(f, [x, y])
    return {"f": f.data, "∂f/∂x": fx.data, "∂f/∂y": fy.data, "∂²f/∂x²": fxx.data, "∂²f/∂x∂y": fxy.data, "∂²f/∂y²": fyy.data}
