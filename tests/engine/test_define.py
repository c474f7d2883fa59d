"""Operations of the user: one call, and every reader of the table has the new row; what is wrong is refused with the reason."""

import base64
import math
import pickle
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import autoback
from autoback import (
    ACTIVATIONS,
    MLP,
    OPERATIONS,
    SGD,
    StorageError,
    Value,
    check_gradients,
    define_operation,
    explain,
    fit,
    forget_operation,
    gradient,
    jvp,
    lesson,
    load,
    save,
)
from autoback.engine.derive import derivative
from autoback.engine.formula import FormulaError, parse
from autoback.engine.operations import CUSTOM
from autoback.native.function import compile as compiled
from tests import oracles


@pytest.fixture(autouse=True)
def _tidy() -> Iterator[None]:
    """No operation outlives its test."""
    yield
    for name in list(CUSTOM):
        forget_operation(name)


#: One of each kind: derived partials, given ones, two and three inputs, choices, a sum over one sequence and over two.
CASES: dict[str, tuple[str, list[str] | None, tuple[float, float]]] = {
    "swish": ("x / (1 + exp(-1.5 * x))", None, (-2.0, 2.0)),
    "given": ("x / (1.0 + exp(-x))", ["(1.0 + x - out) / (1.0 + exp(-x))"], (-2.0, 2.0)),
    "bell": ("exp(-x * x / 2)", None, (-2.0, 2.0)),
    "huber": ("where(abs(x) < 1, 0.5 * x * x, abs(x) - 0.5)", None, (-3.0, 3.0)),
    "gauss": ("exp(-0.5 * (x - y) * (x - y) / (z * z)) / z", None, (0.5, 2.0)),
    "hypot": ("sqrt(x * x + y * y)", None, (0.5, 2.0)),
    "powers": ("pow(x, 3) - pow(x, y) + pow(2, x)", None, (0.5, 2.0)),
    "everything": ("log1p(expm1(atan(tan(0.3 * x)))) + log2(cos(x) + 2)", None, (-1.0, 1.0)),
    "total": ("sum(tanh(x))", None, (-2.0, 2.0)),
    "weighted": ("sum(x * exp(-y))", ["exp(-y)", "-x * exp(-y)"], (-2.0, 2.0)),
}


def made(name: str) -> object:
    value, partials, domain = CASES[name]
    return define_operation(name, value, partials, domain=domain)


@pytest.mark.parametrize("name", CASES)
def test_a_new_row_passes_every_judge(name: str) -> None:
    """What is defined is judged as the rows of the table are: differences, algebra, the gradient check, and all of it twice."""
    made(name)
    row = OPERATIONS[name]
    for judge in (
        oracles.judge_by_differences,
        oracles.judge_by_algebra,
        oracles.judge_by_check,
        oracles.judge_second_order,
        oracles.judge_second_order_by_algebra,
    ):
        judge(row)


@pytest.mark.parametrize("row", [row for row in OPERATIONS.values() if not row.constants and not row.nary], ids=lambda row: row.name)
def test_derived_partials_are_those_of_the_table(row: autoback.Operation) -> None:
    """Derived from the value alone, the partials of every row of the table are the numbers that the table states."""
    for point in oracles.points(row):
        bindings = dict(zip(row.letters, point, strict=True))
        for k in oracles.variables(row, point):
            if row.domain != (-2.0, 2.0) or oracles.smooth(oracles.value(row), point, k):
                tree = parse(derivative(row.term, row.letters[k]))
                found = oracles.evaluate(tree, {**bindings, "out": oracles.evaluate(row.term, bindings)})
                assert found == pytest.approx(row.forward(*point)[1][k], rel=1e-12, abs=1e-12)


def test_function_method_and_number() -> None:
    """The function is public under its name, works on numbers, and is a method of Value."""
    swish = made("swish")
    assert autoback.swish is swish
    assert "swish" in dir(autoback)
    x = Value(0.5, "x")
    assert (type(autoback.swish(0.5)), autoback.swish(0.5), x.swish().data) == (float, x.swish().data, 0.5 / (1 + math.exp(-0.75)))
    x.swish().backward()
    assert x.grad == gradient(x.swish(), x).data == jvp(x.swish(), x, 1.0).data
    check_gradients(lambda a: a.swish(), [0.5])
    total = made("total")
    assert total([Value(0.1), 0.2]).data == total([0.1, 0.2]) == math.tanh(0.1) + math.tanh(0.2)


def test_native_code() -> None:
    """A compiled function computes it to the last bit, with its first and second derivatives."""
    swish, gauss = made("swish"), made("gauss")
    f = compiled(lambda x, y: swish(x) * gauss(x, y, 1.5))
    x, y = Value(0.3), Value(0.8)
    z = swish(x) * gauss(x, y, 1.5)
    z.backward()
    assert f(0.3, 0.8) == z.data
    assert f.gradient(0.3, 0.8) == [x.grad, y.grad]


def test_an_activation() -> None:
    """A row of one input is an activation, which trains eagerly and natively, and is saved by its name."""
    made("swish")
    made("hypot")
    assert "swish" in ACTIVATIONS
    assert "hypot" not in ACTIVATIONS
    losses = []
    XOR = autoback.datasets.XOR
    for native in (False, True):
        net = MLP(2, [3, 1], activation="swish", output_activation="sigmoid", seed=1)
        history = fit(net, XOR.inputs, XOR.targets, optimizer=SGD(0.5), epochs=20, native=native)
        losses.append(history.losses[-1])
    assert losses[0] == pytest.approx(losses[1], rel=1e-10)


def test_a_saved_network_is_refused_by_the_name_it_misses(tmp_path: Path) -> None:
    """A network with an activation of one's own comes back where that is defined; elsewhere the error names it."""
    made("swish")
    net = MLP(2, [3, 1], activation="swish")
    save(net, tmp_path / "net.json")
    assert load(tmp_path / "net.json")([1.0, 2.0]).data == net([1.0, 2.0]).data
    forget_operation("swish")
    with pytest.raises((StorageError, ValueError), match="swish"):
        load(tmp_path / "net.json")


def test_pages_and_words() -> None:
    """Explanation, lesson and the command line's table show it."""
    swish = made("swish")
    x = Value(0.5, "x")
    assert "1.5" in explain(swish(x)).text
    packed = re.search(r'id="packed">([^<]*)<', lesson(swish(x)).html)
    assert packed
    assert re.search(r'"swish": ?\{', zlib.decompress(base64.b64decode(packed[1])).decode())
    assert autoback.draw(swish(x)).svg.count("swish") >= 1


def test_a_graph_travels_with_its_operation() -> None:
    """A pickle states the row, so that a process that does not know the operation has it afterwards."""
    swish = made("swish")
    y = swish(Value(0.5, "x"))
    y.backward()
    data = pickle.dumps((y, y.op, swish))
    again, row, function = pickle.loads(data)
    assert (again.op is y.op, row is y.op, function is swish) == (True, True, True)
    data = pickle.dumps((y, y.op))
    program = (
        f"import pickle, sys; sys.path[:0] = {sys.path!r}; import autoback\n"
        "y, row = pickle.loads(sys.stdin.buffer.read())\n"
        "print(y.data, autoback.swish(0.5), y.op is row is autoback.OPERATIONS['swish'], autoback.gradient(y, y.inputs[0]).data)"
    )
    run = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    assert run.stdout.decode().split() == [repr(y.data), repr(y.data), "True", repr(y.inputs[0].grad)]
    forget_operation("swish")
    define_operation("swish", "x / (1 + exp(-2 * x))")
    with pytest.raises(ValueError, match=r"swish means x / \(1 \+ exp\(-1\.5 \* x\)\) where this was saved, and .* here"):
        pickle.loads(data)


def test_defining_again_and_forgetting() -> None:
    """The same again changes nothing, something else needs the old one to be forgotten; graphs that hold it keep working."""
    swish = made("swish")
    assert made("swish") is swish
    with pytest.raises(ValueError, match=r"there is an operation swish already, .*; choose another name; forget_operation\('swish'\)"):
        define_operation("swish", "x * x")
    y = swish(Value(0.5))
    forget_operation("swish")
    y.refresh()
    y.backward()
    assert gradient(y, y.inputs[0]).data == y.inputs[0].grad
    assert not hasattr(autoback, "swish")
    assert not hasattr(Value, "swish")
    with pytest.raises(ValueError, match="'tanh' is not an operation of your own; those are: none"):
        forget_operation("tanh")


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (("tanh", "x"), {}, ValueError, r"there is an operation tanh already, tanh\(x\); choose another name$"),
        (("backward", "x"), {}, ValueError, "backward is a name of autoback already"),
        (("fit", "x"), {}, ValueError, "fit is a name of autoback already"),
        (("draw", "x"), {}, ValueError, "draw is a name of autoback already"),
        (("out", "x"), {}, ValueError, "out is a name of autoback already"),
        (("two words", "x"), {}, ValueError, "name must be a word"),
        (("lambda", "x"), {}, ValueError, "name must be a word"),
        ((3, "x"), {}, TypeError, "name must be a string, got a int: 3"),
        (("mine", 3), {}, TypeError, "value must be a string, got a int: 3"),
        (("mine", "x ** 2"), {}, FormulaError, r"'x \*\* 2' is not in the rule language.*write pow"),
        (("mine", "w + 1"), {}, FormulaError, "its names are x, y, z, out"),
        (("mine", "x +"), {}, FormulaError, "is not a formula"),
        (("mine", "1.0"), {}, ValueError, "value must be a formula of the inputs x, .* with the names none"),
        (("mine", "y"), {}, ValueError, "with the names y"),
        (("mine", "out + x"), {}, ValueError, "with the names x, out"),
        (("mine", "x * y", ["y"]), {}, ValueError, r"partials must be one formula for each of x, y, got \['y'\]"),
        (("mine", "x", "1.0"), {}, ValueError, "partials must be one formula for each of x, got '1.0'"),
        (("mine", "x * x", ["x"]), {}, ValueError, r"the partial of mine along x, x, is .* at x=.*, where differences of its value give"),
        (("mine", "x * x * y", ["2 * x * y", "x"]), {}, ValueError, r"the partial of mine along y, x, is .* at x=.*, y="),
        (("mine", "log(x)"), {"domain": (-2.0, -1.0)}, ValueError, r"in the domain from -2 to -1 no partial .*: mine\(.*\) is not defined"),
        (("mine", "x"), {"domain": (1.0, 1.0)}, ValueError, "domain must be two finite numbers, the lower first"),
        (("mine", "x"), {"domain": (0.0, math.inf)}, ValueError, "domain must be two finite numbers"),
        (("mine", "x"), {"domain": 3}, TypeError, "domain must be two numbers, low and high, got 3"),
        (("mine", "x"), {"domain": ("0", "1")}, TypeError, "domain must be two numbers, low and high, got"),
        (("mine", "x"), {"range": 5}, TypeError, "range must be two numbers, low and high, got 5"),
        (("mine", "x"), {"range": (3, 2)}, ValueError, r"range must be two numbers, the lower first, got \(3, 2\)"),
        (("mine", "x"), {"range": (math.nan, 2.0)}, ValueError, "range must be two numbers, the lower first"),
        (("mine", "x"), {"symbol": 3}, TypeError, "symbol must be a string, got a int: 3"),
        (("mine", "x"), {"symbol": "\x01"}, ValueError, r"symbol must be one line of text that can be shown, got '\\x01'"),
        (("mine", "x"), {"symbol": " "}, ValueError, "symbol must be one line of text that can be shown"),
        (("mine", "x"), {"convention": 3}, TypeError, "convention must be a string, got a int: 3"),
        (("mine", "x"), {"hint": None}, TypeError, "hint must be a string, got a NoneType: None"),
        (("mine", "x"), {"hint": "a\nb"}, ValueError, "hint must be one line of text"),
        (("mine", "x"), {"activation": "yes"}, TypeError, "activation must be True, False or None, got a str: 'yes'"),
        (("mine", "x * y"), {"activation": True}, ValueError, r"an activation has one input and takes no sequence, got 'x \* y'"),
        (("mine", "sum(x)"), {"activation": True}, ValueError, "an activation has one input and takes no sequence"),
        (("mine", "x", [None]), {}, TypeError, r"partials must be strings, one formula for each of x, got \[None\]"),
        (("mine", "x", 3), {}, TypeError, "partials must be strings, one formula for each of x, got 3"),
        (("identity", "x"), {}, ValueError, "identity is a name of autoback already"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(arguments: tuple[str, ...], options: dict[str, object], error: type[Exception], message: str) -> None:
    """Every wrong definition has its reason, and leaves nothing behind."""
    before = list(OPERATIONS)
    with pytest.raises(error, match=message):
        define_operation(*arguments, **options)  # type: ignore[arg-type]
    assert (list(OPERATIONS), CUSTOM) == (before, set())
