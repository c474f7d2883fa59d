"""A Value of forty lines, tuned, as people write it for themselves: the measure of what a library adds and takes."""

import math
from typing import Any


class Value:
    """A number, its gradient, its inputs and its local derivatives."""

    __slots__ = ("data", "grad", "inputs", "partials")

    def __init__(self, data: float, inputs: tuple[Any, ...] = (), partials: tuple[float, ...] = ()) -> None:
        self.data, self.grad, self.inputs, self.partials = data, 0.0, inputs, partials

    def __add__(self, other: Any) -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n: float) -> "Value":
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def exp(self) -> "Value":
        e = math.exp(self.data)
        return Value(e, (self,), (e,))

    def log(self) -> "Value":
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> "Value":
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def tanh(self) -> "Value":
        t = math.tanh(self.data)
        return Value(t, (self,), (1 - t * t,))

    def sigmoid(self) -> "Value":
        s = 1 / (1 + math.exp(-self.data))
        return Value(s, (self,), (s * (1 - s),))

    def __neg__(self) -> "Value":
        return self * -1.0

    def __sub__(self, other: Any) -> "Value":
        return self + -other

    def __truediv__(self, other: Any) -> "Value":
        return self * other**-1.0

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        order, seen, stack = [], {self}, [(self, iter(self.inputs))]
        while stack:
            node, inputs = stack[-1]
            for below in inputs:
                if below not in seen:
                    seen.add(below)
                    stack.append((below, iter(below.inputs)))
                    break
            else:
                order.append(node)
                stack.pop()
        self.grad = 1.0
        for node in reversed(order):
            for below, partial in zip(node.inputs, node.partials):  # noqa: B905  # equal by construction
                below.grad += node.grad * partial
