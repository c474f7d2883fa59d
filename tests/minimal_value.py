"""A scalar autograd engine as people write it by hand, in 40 lines, and the few other names that `demos/gpt.py` takes from autoback.

It takes nothing from autoback but the first weights: what both compute, they compute in their own ways.
"""

import math

import autoback


class Value:
    """A number, its gradient, and the numbers it came from, each with a local derivative."""

    def __init__(self, data, parents=(), partials=()):
        self.data, self.grad, self.parents, self.partials = data, 0.0, parents, partials

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n):
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def __neg__(self):
        return self * -1.0

    def __truediv__(self, other):
        return self * (other**-1 if isinstance(other, Value) else 1.0 / other)

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack += [(node, True), *((parent, False) for parent in node.parents)]
        self.grad = 1.0
        for node in reversed(order):
            for parent, partial in zip(node.parents, node.partials, strict=True):
                parent.grad += partial * node.grad


def exp(x):
    return Value(math.exp(x.data), (x,), (math.exp(x.data),))


def log(x):
    return Value(math.log(x.data), (x,), (1.0 / x.data,))


def relu(x):
    return Value(max(0.0, x.data), (x,), (float(x.data > 0.0),))


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def mean(values):
    return sum(values) / len(values)


def softmax(logits):
    powers = [exp(z) for z in logits]
    total = sum(powers)
    return [power / total for power in powers]


def cross_entropy(logits, target):
    return -log(softmax(logits)[target])


class Module:
    """Parameters in the order in which the attributes were set."""

    def __call__(self, sample):
        return self.forward(sample)

    def parameters(self):
        def within(thing):
            if isinstance(thing, Value):
                return [thing]
            if isinstance(thing, Module):
                return thing.parameters()
            return [value for each in thing for value in within(each)] if isinstance(thing, list) else []

        return within(list(vars(self).values()))

    def zero_grad(self):
        for parameter in self.parameters():
            parameter.grad = 0.0


class Embedding(Module):
    def __init__(self, n_tokens, size, **options):
        self.weight = _numbers(autoback.Embedding(n_tokens, size, **options))

    def forward(self, token):
        return self.weight[token]


class Layer(Module):
    def __init__(self, n_inputs, n_outputs, activation, **options):
        self.weight = _numbers(autoback.Layer(n_inputs, n_outputs, activation, **options))
        self.activation = activation

    def forward(self, inputs):
        sums = [dot(row, inputs) for row in self.weight]
        return [relu(z) for z in sums] if self.activation == "relu" else sums


def _numbers(module):
    return [[Value(number) for number in row] for row in module.state_dict()["weight"]]


class Adam:
    """Kingma & Ba, algorithm 1."""

    def __init__(self, rate, betas):
        self.rate, self.betas, self.steps, self.state = rate, betas, 0, {}

    def step(self, parameters):
        self.steps += 1
        b1, b2 = self.betas
        for p in parameters:
            m, v = self.state.get(p, (0.0, 0.0))
            m, v = b1 * m + (1 - b1) * p.grad, b2 * v + (1 - b2) * p.grad**2
            self.state[p] = m, v
            p.data -= self.rate(self.steps) * (m / (1 - b1**self.steps)) / ((v / (1 - b2**self.steps)) ** 0.5 + 1e-8)


draw = fit = None  # pictures and the loop of training are autoback's alone
