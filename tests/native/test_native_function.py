"""`compile`: functions of plain numbers."""

import copy
import importlib
import math
import pickle
import re
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from autoback.engine.functions import FUNCTIONS
from autoback.engine.gradient import gradient
from autoback.engine.value import RecordingError, Value
from autoback.native.function import compile as compiled
from autoback.native.function import load


def product(x: Value, y: Value) -> Value:
    """x times y, plus one."""
    return x * y + 1.0


def test_one_value_gives_a_number_and_several_a_tuple() -> None:
    """The answer has the form of what the function returns."""
    assert compiled(product)(2.0, 3.0) == 7.0
    assert compiled(lambda x: [x + 1.0, x * 2.0])(3.0) == (4.0, 6.0)
    assert compiled(lambda x: [x])(3.0) == (3.0,)


def test_gradients_have_an_entry_for_each_argument_and_a_row_for_each_value() -> None:
    """One value: a list; several: a list of lists, the Jacobian."""
    assert compiled(product).gradient(2.0, 3.0) == [3.0, 2.0]
    assert compiled(product).value_and_gradient(2.0, 3.0) == (7.0, [3.0, 2.0])
    assert compiled(lambda x, y: [x + y, x * y]).value_and_gradient(2.0, 3.0) == ((5.0, 6.0), [[1.0, 1.0], [3.0, 2.0]])


def test_batches_have_a_row_for_each_sample() -> None:
    """N numbers for one value, N × m for m of them; gradients likewise with one more axis."""
    f, g = compiled(product), compiled(lambda x, y: [x + y, x * y, x])
    points = [[1.0, 2.0], [3.0, 4.0]]
    assert f.batch(points).tolist() == [3.0, 13.0]
    assert g.batch(points).tolist() == [[3.0, 2.0, 1.0], [7.0, 12.0, 3.0]]
    assert f.batch_gradient(points).tolist() == [[2.0, 1.0], [4.0, 3.0]]
    assert g.batch_gradient(points).shape == (2, 3, 2)


def test_arguments_and_constants_are_answers_too() -> None:
    """What is returned need not be computed."""
    f = compiled(lambda x, y: [x, x, 2.0, x * y, Value(0.0)])
    assert f(3.0, 4.0) == (3.0, 3.0, 2.0, 12.0, 0.0)
    assert f.gradient(3.0, 4.0) == [[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [4.0, 3.0], [0.0, 0.0]]
    assert f.batch([[3.0, 4.0]] * 3).tolist() == [[3.0, 3.0, 2.0, 12.0, 0.0]] * 3


def test_a_gradient_inside_the_function_is_recorded_with_it() -> None:
    """A Newton step: the derivative is part of the program."""

    def newton(x: Value) -> Value:
        y = x**3 - 2.0 * x - 5.0
        return x - y / gradient(y, x)

    assert compiled(newton)(2.0) == 2.1


def test_an_empty_batch_is_no_error() -> None:
    """No samples, no answers, whether or not the function was recorded before."""
    f = compiled(product)
    assert f.batch(np.empty((0, 2))).shape == (0,)
    f(1.0, 1.0)
    assert f.batch([]).shape == (0,)
    assert f.batch_gradient([]).shape == (0, 2)


def test_a_function_is_recorded_once() -> None:
    """However often it is called, and for whichever answer."""
    calls = []

    def f(x: Value) -> Value:
        calls.append(x)
        return x * x

    g = compiled(f)
    g(1.0), g.gradient(2.0), g.batch([[1.0], [2.0]]), g(4)
    assert len(calls) == 1


def test_a_branch_on_a_recorded_number_is_refused() -> None:
    """It would freeze into the program; the message names the way out."""
    with pytest.raises(RecordingError, match=r"maximum.*where"):
        compiled(lambda x: x if x > 0.0 else -x)(1.0)


def test_comparisons_are_recorded_as_numbers() -> None:
    """`where` chooses anew in each call."""
    f = compiled(lambda x: FUNCTIONS["where"](x > 1.0, x * 10.0, -x))
    assert (f(2.0), f(1.0), f(0.5)) == (20.0, -1.0, -0.5)


def test_a_function_can_be_recorded_where_the_first_call_fails() -> None:
    """The first numbers may lie outside the domain: the error is theirs alone."""
    f = compiled(FUNCTIONS["log"], arguments=1)
    with pytest.raises(ArithmeticError, match=r"^log\(x1=-1\) is not defined"):
        f(-1.0)
    assert f(1.0) == 0.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f(1.0), TypeError, "product takes 2 numbers, got 1"),
        (lambda f: f(1.0, "a"), TypeError, "real number"),
        (lambda f: f(1.0, math.nan), ValueError, "finite number, got nan"),
        (lambda f: f.gradient(1.0, math.inf), ValueError, "finite number, got inf"),
        (lambda f: f.batch([[1.0]]), ValueError, r"shape \(samples, 2\), got \(1, 1\)"),
        (lambda f: f.batch([[1.0, 2.0], [3.0, math.nan]]), ValueError, "got nan in row 1, column 1"),
        (lambda f: f.batch([["a", "b"]]), TypeError, "rows of 2 real numbers"),
        (lambda f: f.batch([[1.0, 2.0], [3.0]]), TypeError, "rows of 2 real numbers"),
        (lambda f: f.batch([[True, False]]), TypeError, "rows of 2 real numbers"),
    ],
)
def test_wrong_arguments_are_named(call: object, error: type[Exception], message: str) -> None:
    """Before the first call and after it, the error says what was expected and what came."""
    f = compiled(product)
    with pytest.raises(error, match=message):
        call(f)  # type: ignore[operator]
    f(1.0, 2.0)
    with pytest.raises(error, match=message):
        call(f)  # type: ignore[operator]
    assert f(2.0, 3.0) == 7.0


def test_what_cannot_be_compiled_is_named() -> None:
    """No function, no telling signature, no Value."""
    with pytest.raises(TypeError, match="a function of Values, got a int"):
        compiled(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="arguments=n"):
        compiled(lambda *x: x[0])
    with pytest.raises(TypeError, match="must return a Value"):
        compiled(lambda x: "x")(1.0)  # type: ignore[arg-type,return-value]
    with pytest.raises(ValueError, match="at least one argument, got 0"):
        compiled(product, arguments=0)


def test_it_keeps_the_name_and_the_docstring() -> None:
    """A compiled function introduces itself as the function it was."""
    f = compiled(product)
    assert (f.__name__, f.__doc__, repr(f)) == ("product", "x times y, plus one.", "<compiled product, 2 arguments>")


def test_two_threads_may_call_at_once() -> None:
    """Each has memory of its own."""
    f = compiled(lambda x: FUNCTIONS["sin"](x) * FUNCTIONS["cos"](x) + x)
    wrong = []

    def work(start: int) -> None:
        for k in range(start, start + 2000):
            x = k / 1000.0
            if abs(f(x) - (math.sin(x) * math.cos(x) + x)) > 1e-15 * max(1.0, x):
                wrong.append(x)

    f(0.0)
    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 5000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_without_the_extra_one_sentence_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing the room without llvmlite says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for name in [name for name in sys.modules if name.startswith("autoback.native")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=re.escape("pip install 'autoback[native]'")):
        importlib.import_module("autoback.native.function")


def test_a_function_can_be_kept_and_used_again_without_compiling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file holds the machine code; loading it neither records nor compiles."""
    f = compiled(lambda x, y: [FUNCTIONS["tanh"](x) * y, x / y])
    wanted = f.value_and_gradient(0.5, 2.0)
    f.save(tmp_path / "f.zip")
    monkeypatch.setattr("autoback.native.llvm._KEPT", {})
    monkeypatch.setattr("autoback.native.llvm.llvm.create_pass_builder", None)  # compiling would need it
    g = load(tmp_path / "f.zip")
    assert g.value_and_gradient(0.5, 2.0) == wanted
    assert g.batch([[0.5, 2.0]] * 5).shape == (5, 2)
    with pytest.raises(ArithmeticError, match="not finite"):
        g(1.0, 0.0)


def test_a_kept_function_is_compiled_anew_on_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MachineCode code is for one kind of processor; the LLVM text beside it is for all."""
    f = compiled(product)
    f(1.0, 2.0)
    monkeypatch.setattr("autoback.native.serialization.machine_name", lambda: "another")
    f.save(tmp_path / "f.zip")
    monkeypatch.undo()
    assert load(tmp_path / "f.zip")(2.0, 3.0) == 7.0


def test_what_is_no_kept_function_is_refused(tmp_path: Path) -> None:
    """A file of another kind, and a function that was never recorded."""
    (tmp_path / "f.zip").write_text("hello")
    with pytest.raises(ValueError, match="not a program kept by autoback"):
        load(tmp_path / "f.zip")
    with pytest.raises(ValueError, match="call it once"):
        compiled(product).save(tmp_path / "g.zip")


def test_an_argument_that_gets_new_data_is_refused() -> None:
    """The assignment is no operation, so a program could not repeat it."""

    def shifted(x: Value) -> Value:
        x.data = 7.0
        return x * x

    with pytest.raises(RecordingError, match="shifted changed the data of its argument x1"):
        compiled(shifted)(2.0)


def test_the_number_of_arguments_is_a_whole_number() -> None:
    """Said before anything is recorded."""
    for wrong in (1.5, "2", True):
        with pytest.raises(TypeError, match="arguments must be a whole number"):
            compiled(product, wrong)  # type: ignore[arg-type]


def test_what_is_no_number_is_refused_at_every_call_alike() -> None:
    """The first call records and the second does not; both say the same."""
    f = compiled(product)
    for _ in range(2):
        for wrong, error in (("2", TypeError), (None, TypeError), (1j, TypeError), (math.nan, ValueError), (10**400, ValueError)):
            with pytest.raises(error, match="a Value holds"):
                f(1.0, wrong)  # type: ignore[arg-type]
        assert f(2.0, 3.0) == 7.0


def test_no_points_have_values_of_the_usual_shape() -> None:
    """Once it is known how many Values the function gives."""
    f = compiled(lambda x, y: (x * y, x + y, x - y))
    assert f.batch([]).shape == (0,)
    f(1.0, 2.0)
    assert f.batch([]).shape == (0, 3)
    assert f.batch_gradient(np.empty((0, 2))).shape == (0, 3, 2)


def test_a_constant_of_any_real_kind_is_a_value() -> None:
    """As it is in the engine."""
    assert compiled(lambda x: np.float32(0.5)).value_and_gradient(3.0) == (0.5, [0.0])


def test_a_used_function_can_be_copied_and_pickled(tmp_path: Path) -> None:
    """The copy records anew; a loaded function has nothing to record, and says so."""
    f = compiled(FUNCTIONS["tanh"])
    assert f(0.5) == copy.deepcopy(f)(0.5) == pickle.loads(pickle.dumps(f))(0.5) == math.tanh(0.5)
    f.save(tmp_path / "f.zip")
    with pytest.raises(TypeError, match="load tanh from its file"):
        pickle.dumps(load(tmp_path / "f.zip"))
