"""Backpropagation against the formulas of the textbooks, written out here as plain loops in two conventions."""

import math
import random
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoback.engine.value import Value
from autoback.nn.evaluation import cost
from autoback.nn.modules import MLP

# σ and σ′ of each activation, from z alone and not from the library's table.
SIGMA = {
    "identity": (lambda z: z, lambda z: 1.0),
    "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), lambda z: math.exp(-z) / (1 + math.exp(-z)) ** 2),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else z / 100, lambda z: 1.0 if z > 0 else 0.01),
    "softplus": (lambda z: math.log(1 + math.exp(z)), lambda z: 1 / (1 + math.exp(-z))),
    "sin": (math.sin, math.cos),
}


@st.composite
def problems(draw):
    """A network of random shape and activations with random parameters, and samples for it."""
    n_inputs = draw(st.integers(1, 4))
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    activations = draw(st.lists(st.sampled_from(sorted(SIGMA)), min_size=len(sizes), max_size=len(sizes)))
    net = MLP(n_inputs, sizes, activations)
    dice = random.Random(draw(st.integers(0, 2**32)))
    for parameter in net.parameters():
        parameter.data = dice.uniform(-1.5, 1.5)
    count = draw(st.integers(1, 5))
    x = [[dice.uniform(-2, 2) for _ in range(n_inputs)] for _ in range(count)]
    y = [[dice.uniform(-2, 2) for _ in range(sizes[-1])] for _ in range(count)]
    return net, x, y


def numbers(net):
    """(w, b): w[l][j][k] and b[l][j] as plain numbers, layers counting from 0."""
    w = [[[weight.data for weight in neuron.weights] for neuron in layer.neurons] for layer in net.layers]
    return w, [[neuron.bias.data for neuron in layer.neurons] for layer in net.layers]


def forward(net, x):
    """(a, z) of one sample: a[0] is the input, a[l + 1] and z[l] belong to layer l."""
    w, b = numbers(net)
    a, z = [x], []
    for layer, name in enumerate(net.activations):
        z.append([sum(w[layer][j][k] * a[-1][k] for k in range(len(a[-1]))) + b[layer][j] for j in range(len(b[layer]))])
        a.append([SIGMA[name][0](number) for number in z[-1]])
    return a, z


def four_loops(net, x, y):
    """Gradients (w, b) of the mean cost as the C tutorial takes them: samples, layers from the last, neurons, their inputs."""
    w, b = numbers(net)
    gw = [[[0.0 for _ in row] for row in matrix] for matrix in w]
    gb = [[0.0 for _ in row] for row in b]
    for i in range(len(x)):
        a, z = forward(net, x[i])
        ga = [[0.0] * len(row) for row in a]
        for j in range(len(y[i])):
            ga[-1][j] = 2 * (a[-1][j] - y[i][j])
        for layer in range(len(w) - 1, -1, -1):
            slope = SIGMA[net.activations[layer]][1]
            for j in range(len(w[layer])):
                gz = ga[layer + 1][j] * slope(z[layer][j])
                gb[layer][j] += gz / len(x)
                for k in range(len(w[layer][j])):
                    gw[layer][j][k] += gz * a[layer][k] / len(x)
                    ga[layer][k] += gz * w[layer][j][k]
    return gw, gb


def recursion(net, x, y):
    """The same gradients by the layer recursion ∂C/∂a⁽ˡ⁻¹⁾ₖ = Σⱼ wⱼₖ σ′(zⱼ) ∂C/∂a⁽ˡ⁾ⱼ, with ∂C/∂wⱼₖ = aₖ ∂C/∂bⱼ."""
    w, b = numbers(net)

    def along_activation(a, z, target, layer, k):
        if layer == len(w):
            return 2 * (a[layer][k] - target[k])
        slope = SIGMA[net.activations[layer]][1]
        return sum(w[layer][j][k] * slope(z[layer][j]) * along_activation(a, z, target, layer + 1, j) for j in range(len(w[layer])))

    def along_bias(i, layer, j):
        a, z = forward(net, x[i])
        return SIGMA[net.activations[layer]][1](z[layer][j]) * along_activation(a, z, y[i], layer + 1, j)

    def along_weight(i, layer, j, k):
        return forward(net, x[i])[0][layer][k] * along_bias(i, layer, j)

    n = len(x)
    gb = [[sum(along_bias(i, layer, j) for i in range(n)) / n for j in range(len(b[layer]))] for layer in range(len(b))]
    gw = [
        [[sum(along_weight(i, layer, j, k) for i in range(n)) / n for k in range(len(row))] for j, row in enumerate(matrix)]
        for layer, matrix in enumerate(w)
    ]
    return gw, gb


def in_order(gw, gb):
    return [number for matrix, row in zip(gw, gb, strict=True) for number in [*chain(*matrix), *row]]


@pytest.mark.parametrize("closed_form", [four_loops, recursion])
@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_backward_gives_the_closed_form_gradients(closed_form, problem):
    """For random shapes, activations and samples, `backward` gives what the textbook's formulas give."""
    net, x, y = problem
    cost(net, x, y).backward()
    expected = in_order(*closed_form(net, x, y))
    assert [parameter.grad for parameter in net.parameters()] == pytest.approx(expected, rel=1e-9, abs=1e-11)


@settings(max_examples=30, deadline=None)
@given(problem=problems())
def test_gradients_are_the_mean_of_the_samples_gradients(problem):
    """The gradient of the mean cost is the mean of the gradients of the samples' costs, one backward each."""
    net, x, y = problem
    for row, target in zip(x, y, strict=True):
        cost(net, [row], [target]).backward()
    summed = [parameter.grad for parameter in net.parameters()]
    net.zero_grad()
    cost(net, x, y).backward()
    assert [parameter.grad for parameter in net.parameters()] == pytest.approx([s / len(x) for s in summed], rel=1e-9, abs=1e-11)


def test_the_closed_forms_notice_a_wrong_gradient():
    """A slope off by one part in a million is told apart, so the comparison above can fail."""
    net = MLP(2, [3, 2], ["tanh", "sigmoid"], seed=1)
    x, y = [[0.5, -1.0]], [[1.0, 0.0]]
    expected = in_order(*four_loops(net, x, y))
    assert [g * (1 + 1e-6) for g in expected] != pytest.approx(expected, rel=1e-9, abs=1e-11)
    assert all(abs(g) > 1e-6 for g in expected)


def test_the_classic_network_has_its_published_gradients():
    """The XOR network from the Park-Miller seed 69 has the published gradients before its first step."""
    net = MLP(2, [2, 1], "sigmoid", "sigmoid", initializer="park_miller", seed=69)
    total = cost(net, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    total.backward()
    first, second = net.layers
    by_row = [neuron.weights[k].grad for k in range(2) for neuron in first.neurons]
    gradients = [*by_row, *(neuron.bias.grad for neuron in first.neurons), *(p.grad for p in second.parameters())]
    published = [0.00216676, 0.00733083, 0.00231692, 0.00808551, 0.00487069, 0.01813271, 0.06512207, 0.05702115, 0.0935991]
    assert [round(g, 8) for g in gradients] == published
    assert isinstance(total, Value)
    assert round(total.data, 6) == 0.356169
