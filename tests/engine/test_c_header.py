"""`c_header`: a graph as C, compiled and compared with Python to the last bit."""

import ctypes
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from autoback import OPERATIONS, Value, c_header, dot, greater, sigmoid, tanh, where
from autoback import sum as total
from autoback.engine.functions import FUNCTIONS

COMPILER = shutil.which("gcc") or shutil.which("cc")


def compiled(header: str, folder: Path, several: bool = False) -> ctypes.CDLL:
    """The header in a shared library, with all warnings being errors."""
    if COMPILER is None:
        pytest.skip("needs a C compiler")
    (folder / "f.h").write_text(header, "utf-8")
    if several:
        calls = "void slope(const double *x, double *y, double *g) { f_gradient(x, y, g); }"
    else:
        calls = "double value(const double *x) { return f(x); }\ndouble slope(const double *x, double *g) { return f_gradient(x, g); }"
    (folder / "f.c").write_text(f'#include "f.h"\n{calls}\n', "utf-8")
    options = ["-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-Wno-unknown-pragmas", "-ffp-contract=off"]
    command = [COMPILER, *options, "-shared", "-fPIC", "f.c", "-o", "f.so", "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    library = ctypes.CDLL(str(folder / "f.so"))
    if not several:
        library.value.restype = library.slope.restype = ctypes.c_double
    return library


def doubles(numbers: list[float]) -> ctypes.Array[ctypes.c_double]:
    return (ctypes.c_double * len(numbers))(*numbers)


def test_every_row_is_the_same_in_c(tmp_path: Path) -> None:
    """One function that uses every row of the table: value and gradient are Python's at fifty points, bit by bit."""
    inputs = [Value(0.5, f"x{k}") for k in range(3)]

    def graph(x: list[Value]) -> Value:
        between = [sigmoid(v) for v in x]
        made = [between[0] ** 2, between[1] ** -0.5, between[2] ** 0.0]
        for row in OPERATIONS.values():
            low, high = row.domain
            inside = [each * (high - low) + low for each in between]
            made.append(FUNCTIONS[row.name](*([inside, [*inside[1:], x[0]]][: row.arity] if row.nary else inside[: row.arity])))
        return tanh(total(made) * 0.01) + where(greater(x[0], x[1]), x[2], made[5])

    library = compiled(c_header(graph(inputs), inputs), tmp_path)
    r = random.Random(1)
    for _ in range(50):
        at = [r.uniform(-3.0, 3.0) for _ in inputs]
        leaves = [Value(number) for number in at]
        root = graph(leaves)
        root.backward()
        slopes = doubles([0.0] * 3)
        assert library.value(doubles(at)).hex() == root.data.hex()
        assert library.slope(doubles(at), slopes).hex() == root.data.hex()
        assert [slope.hex() for slope in slopes] == [float(leaf.grad or 0.0).hex() for leaf in leaves]


def test_several_outputs(tmp_path: Path) -> None:
    """m outputs give m values and m rows of the gradient; other leaves are constants."""
    w, x = Value(0.25, "w */ x"), Value(-1.5)
    free = Value(7.0)
    first, second = dot([w, x], [x, 3.0]), x.exp()
    library = compiled(c_header([first, second, x], [w, x, free], "f"), tmp_path, several=True)
    values, slopes = doubles([0.0] * 3), doubles([0.0] * 9)
    library.slope(doubles([0.25, -1.5, 7.0]), values, slopes)
    assert list(values) == [first.data, second.data, -1.5]
    assert list(slopes) == [-1.5, 3.25, 0.0, 0.0, second.data, 0.0, 0.0, 1.0, 0.0]


def test_ieee_outside_a_domain(tmp_path: Path) -> None:
    """C raises nothing: a logarithm of a negative number is nan, and what overflows on the way may still have its answer."""
    x = Value(0.5)
    library = compiled(c_header(x.log() + sigmoid(x), x), tmp_path)
    assert library.value(doubles([-1.0])) != library.value(doubles([-1.0]))
    (tmp_path / "far").mkdir()
    assert compiled(c_header(sigmoid(x), x), tmp_path / "far").value(doubles([-1000.0])) == 0.0


def test_what_is_refused() -> None:
    """Inputs are leaves, and names are C's."""
    x = Value(1.0)
    with pytest.raises(TypeError, match="takes Values, got a float"):
        c_header(x, [1.0])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="must be a leaf, got the result of mul"):
        c_header(x * x, x * 2.0)
    with pytest.raises(ValueError, match="at least one output and one input"):
        c_header([], x)
    for name in ("a-b", "double", ""):
        with pytest.raises(ValueError, match="is no name of a function in C"):
            c_header(x, x, name)


OF_C = """
    exp expf sin sinl jn lgamma_r fmaximum_num roundevenf32x isnan fadd double_t size_t NAN INFINITY M_PI FP_NAN HUGE_VAL DBL_MAX
    abs printf memcpy main _Bool _f bool autoback_maximum autoback_f AUTOBACK_FORMULA_H
"""


@pytest.mark.parametrize("name", OF_C.split())
def test_names_of_c_are_refused(name: str) -> None:
    """A function with a name of the language, of its library or of the header itself would not compile."""
    with pytest.raises(ValueError, match=f"'{name}' is "):
        c_header(Value(1.0), Value(1.0), name)


def test_a_name_is_a_string() -> None:
    """Another type is named."""
    with pytest.raises(TypeError, match="name must be a string, got a int: 3"):
        c_header(Value(1.0), Value(1.0), 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["formula", "F", "x", "g", "values", "loss", "expected", "sine", "mainly", "single"])
def test_names_that_only_look_like_those_of_c_compile(name: str, tmp_path: Path) -> None:
    """Names near those of C, of the header's variables and of its guards are free; f and F stand in one program."""
    x = Value(1.5)
    (tmp_path / "other.h").write_text(c_header(x * x, x, name), "utf-8")
    header = '#include "other.h"\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n' + c_header(x * x * x, x, "f")
    header += f"static inline double both(const double *at) {{ return f(at) - {name}(at); }}\n"
    assert compiled(header, tmp_path).value(doubles([2.0])) == 8.0
