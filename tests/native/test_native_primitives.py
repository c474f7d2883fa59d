"""The vector versions of exp, log, tanh, … against the math module."""

import ctypes
import math

import numpy as np
import pytest

from autoback.native import primitives
from autoback.native.builder import Builder, FormulaReader
from autoback.native.llvm import MachineCode

RANGES = {
    "exp": [(-745.0, 709.7), (-1.0, 1.0), (-745.0, -700.0)],
    "expm1": [(-60.0, 709.7), (-1.2, 1.2), (-1e-5, 1e-5)],
    "tanh": [(-25.0, 25.0), (-1.0, 1.0), (-1e-4, 1e-4)],
    "log": [(1e-300, 1e300), (0.5, 2.0), (0.99, 1.01), (5e-324, 1e-308)],
    "log1p": [(-0.9999, 10.0), (-0.1, 0.1), (-1e-8, 1e-8), (1e3, 1e300)],
    "sin": [(-10.0, 10.0)],
    "cos": [(-10.0, 10.0)],
    "tan": [(-1.5, 1.5)],
    "atan": [(-10.0, 10.0)],
    "sqrt": [(0.0, 10.0)],
    "asinh": [(-10.0, 10.0), (-1e300, 1e300)],
    "acosh": [(1.0, 10.0)],
    "atanh": [(-0.999, 0.999)],
    "erf": [(-6.0, 6.0)],
    "erfc": [(-6.0, 27.0)],
}


def on_vectors(function: str, x: np.ndarray, width: int) -> np.ndarray:
    code = Builder()
    for i in code.loop("%n"):
        at = code.times(i, width)
        argument = code.load("%x", at, width)
        code.store(FormulaReader(code, width, {"x": argument}).call(function, [argument]), "%y", at, width)
    code.do("ret void")
    text = code.function("void", "f", "ptr %x, ptr %y, i64 %n") + primitives.definitions(list(code.used))
    y = np.empty_like(x)
    MachineCode(text).function("f", None, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64])(x.ctypes.data, y.ctypes.data, len(x) // width)
    return y


@pytest.mark.parametrize("width", [2, 4, 8, 32])
@pytest.mark.parametrize("function", RANGES)
def test_a_vector_function_is_within_four_ulp_of_math(function: str, width: int) -> None:
    """In every range that a polynomial treats differently, no lane is more than 4 units in the last place off."""
    rng = np.random.default_rng(width)
    x = np.concatenate([rng.uniform(low, high, 2048) for low, high in RANGES[function]])
    want = np.array([getattr(math, function)(number) for number in x])
    assert np.max(np.abs(on_vectors(function, x, width) - want) / np.spacing(np.abs(want))) <= 4.0


@pytest.mark.parametrize(
    ("function", "want"),
    [
        ("exp", [1.0, 1.0, math.inf, 0.0, math.nan, math.inf]),
        ("expm1", [0.0, 0.0, math.inf, -1.0, math.nan, math.inf]),
        ("tanh", [0.0, -0.0, 1.0, -1.0, math.nan, 1.0]),
        ("log", [-math.inf, -math.inf, math.inf, math.nan, math.nan, math.log(1e308)]),
        ("log1p", [0.0, -0.0, math.inf, math.nan, math.nan, math.log1p(1e308)]),
    ],
)
def test_a_vector_function_follows_ieee_at_the_edges(function: str, want: list[float]) -> None:
    """0, −0, ∞, −∞, nan and 1e308 give what the standard says, and raise nothing."""
    got = on_vectors(function, np.array([0.0, -0.0, math.inf, -math.inf, math.nan, 1e308, 1.0, 1.0]), 8)
    np.testing.assert_allclose(got[:6], want, rtol=1e-15)
