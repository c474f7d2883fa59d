"""Code as users write it, for type checkers alone: what stands here passes, but for the lines marked `type: ignore`, which must fail.

mypy and pyright complain where such a mark is not needed, so each of them is a test.
"""

from fractions import Fraction
from pathlib import Path
from typing import assert_type

import numpy as np

import autoback
from autoback import (
    ACTIVATIONS,
    LOSSES,
    MLP,
    SGD,
    Adam,
    Drawing,
    Explanation,
    History,
    Layer,
    Page,
    Value,
    datasets,
    draw,
    explain,
    fit,
    gradient,
    lesson,
    maximum,
    mean,
    predict,
    sigmoid,
    softmax,
    squared_error,
    tanh,
    where,
    worksheet,
)


def numbers() -> None:
    """A Value holds any real number, and no text."""
    for number in (1, 1.5, True, np.float32(1), np.float64(1), np.int64(1), Fraction(1, 2)):
        Value(number)
    Value("1")  # type: ignore
    Value(1j)  # type: ignore
    Value(None)  # type: ignore
    Value(1.0, label=3)  # type: ignore


def operations(v: Value) -> None:
    """Every row is a function and a method; a name that is no row, and text, are errors."""
    assert_type(tanh(v), Value)
    assert_type(autoback.sin(v), Value)
    assert_type(v.tanh().relu(), Value)
    assert_type(v.maximum(0.0), Value)
    assert_type(maximum(v, 0), Value)
    assert_type(maximum(0, v), Value)
    assert_type(maximum(1, 2.5), float)
    assert_type(sigmoid(0.5), float)
    assert_type(where(v > 0, v, -v), Value)
    assert_type(autoback.sum([v, v, v]), Value)
    assert_type(autoback.dot([v, v], [1.0, 2.0]), Value)
    assert_type(softmax([v, 1.0]), list[Value])
    assert_type(softmax([1.0, 2.0]), list[float])
    assert_type(mean([v, 1]), Value)
    assert_type(mean([1, 2]), float)
    assert_type(2 * v + v**2 - 1 / v, Value)
    assert_type(-v + abs(v), Value)
    assert_type(np.float32(2) + v > 1, bool)
    assert_type(v * Fraction(1, 3) + np.int64(2), Value)
    v.tnah()  # type: ignore
    v.hello  # type: ignore # noqa: B018
    v.foo = 3  # type: ignore
    autoback.tahn(v)  # type: ignore
    autoback.sin("x")  # type: ignore
    tanh(v, v)  # type: ignore
    maximum(v)  # type: ignore
    autoback.sum(v)  # type: ignore
    v + "x"  # type: ignore
    v[0]  # type: ignore


def derivatives(v: Value) -> None:
    """A gradient is a Value again; `grad` may be missing."""
    v.backward()
    assert_type(v.grad, float | None)
    assert_type(gradient(v, v), Value)
    assert_type(gradient(v, [v]), list[Value])
    p = Value(1.0)
    p.data -= 0.1 * (p.grad or 0.0)
    p.data = np.float32(1)
    p.data = "1"  # type: ignore


def views(v: Value) -> None:
    """Pictures and pages have types of their own, and options are checked."""
    assert_type(draw(v), Drawing)
    assert_type(draw(v, theme="dark").svg, str)
    assert_type(explain(v, wrt=[v]), Explanation)
    assert_type(lesson(v, "lesson.html"), Page)
    assert_type(worksheet(v), Page)
    assert_type(draw(v).save(Path("x.svg")), Path)
    draw(v, theme="green")  # type: ignore
    draw(v, them="dark")  # type: ignore
    lesson()  # type: ignore


def compiled() -> None:
    """A compiled function is called with numbers."""
    f = autoback.compile(lambda x: x * x)
    f(3.0)
    f.gradient(3.0)
    autoback.compile(3)  # type: ignore
    f.tnah()  # type: ignore


def networks() -> None:
    """Networks, losses, optimisers and their names."""
    net = MLP(2, [2, 1], activation="sigmoid")
    assert_type(Layer(2, 3).parameters(), list[Value])
    x = datasets.XOR
    assert_type(fit(net, x.inputs, x.targets, optimizer=SGD(rate=10.0), epochs=10), History)
    fit(net, [[0.0, 1]], [1], loss="binary_cross_entropy", optimizer="adam")
    fit(net, np.zeros((4, 2)), np.zeros(4), loss=lambda out, target: (out[0] - target[0]) ** 2)
    history = fit(net, x.inputs, x.targets)
    assert_type(history.losses[-1], float)
    assert_type(history.losses[:3], list[float])
    assert_type(predict(net, [[0, 1]]), list[list[float]])
    (net([0, np.float32(1)]) - 1.0).backward()
    net([0.0, 1.0])[0].tanh().backward()
    for output in net([0.0, 1.0]):
        assert_type(output, Value)
    assert_type(squared_error(net([0.0, 1.0]), [1.0]), Value)
    for name in ACTIVATIONS:
        MLP(2, [2, 1], activation=name)
    for loss in LOSSES:
        fit(net, x.inputs, x.targets, loss=loss)
    MLP(2, [2, 1], activation="tahn")  # type: ignore
    MLP(2, [2, 1], output_activation="linear")  # type: ignore
    MLP(2, [2, 1], initializer="xavir")  # type: ignore
    net([0, 1]).sigmoyd()  # type: ignore
    net([0, 1])[0].sigmoyd()  # type: ignore
    fit(net, x.inputs, x.targets, loss="squred_error")  # type: ignore
    fit(net, x.inputs, x.targets, optimizer="adm")  # type: ignore
    fit(net, x.inputs, x.targets, gradient_method="magic")  # type: ignore
    fit(net, x.inputs, x.targets, epoch=10)  # type: ignore
    Adam(lr=0.1)  # type: ignore
