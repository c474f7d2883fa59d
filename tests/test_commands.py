"""The commands that show: draw, explain, lesson, playground, worksheet, check, operations."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from autoback import MLP, save
from autoback.cli import main
from autoback.commands.playground import _DATA
from autoback.engine.operations import OPERATIONS
from autoback.view.playground.playground import SETS

NEURON = ("L = (tanh(w*x + b) - y)**2", "w=0.5", "x=2", "b=1", "y=0")


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("options", [(), ("--detailed",), ("--elementary",), ("--forward",), ("--theme", "dark"), ("--direction", "TB")])
def test_draw_prints_an_svg(capsys, options):
    """Without a file name the picture goes to stdout, as one SVG."""
    code, out, err = run(capsys, "draw", *NEURON, *options)
    assert (code, err) == (0, "")
    assert ET.fromstring(out).tag == "{http://www.w3.org/2000/svg}svg"


def test_draw_shows_gradients_unless_told_not_to(capsys):
    """The drawing has gradients; with --forward it says that there are none."""
    _, with_gradients, _ = run(capsys, "draw", "x*x", "x=3")
    _, without, _ = run(capsys, "draw", "x*x", "x=3", "--forward")
    assert "No gradients yet" not in with_gradients
    assert "No gradients yet" in without


@pytest.mark.parametrize("name", ["graph.svg", "graph.dot", "GRAPH.SVG"])
def test_draw_writes_a_file_and_says_so(capsys, tmp_path, name):
    """With -o the picture goes to a file whose ending chooses the format; stdout stays empty."""
    path = tmp_path / name
    code, out, err = run(capsys, "draw", *NEURON, "-o", str(path))
    assert (code, out, err) == (0, "", f"wrote {path}\n")
    assert path.read_text(encoding="utf-8").lstrip().startswith("<svg" if path.suffix.lower() == ".svg" else "digraph")


def test_a_picture_that_cannot_be_made_is_one_line_and_code_1(capsys, monkeypatch, tmp_path):
    """Without a program for the format there is a line with the way out, no traceback and no file."""
    monkeypatch.setattr("autoback.view.convert.programs", lambda: iter(()))
    path = tmp_path / "graph.pdf"
    code, out, err = run(capsys, "draw", *NEURON, "-o", str(path))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "no program could write a pdf" in err
    assert not path.exists()


def test_explain_tells_the_chain_rule(capsys):
    """The explanation of one weight reads as the textbook does, and fits the terminal."""
    code, out, err = run(capsys, "explain", *NEURON, "--wrt", "w")
    assert (code, err) == (0, "")
    assert "∂L/∂w = ∂L/∂a · ∂a/∂(w·x + b) · ∂(w·x + b)/∂w = 1.928 × 0.07065 × 2" in out
    assert max(map(len, out.splitlines())) <= 80


def test_explain_takes_intermediate_names(capsys):
    """--wrt may name a step between, and may be repeated."""
    code, out, _ = run(capsys, "explain", "z = w*x; a = sigmoid(z)", "w=1", "x=2", "--wrt", "z", "--wrt", "w")
    assert code == 0
    assert out.startswith("How a depends on z and w\n")


@pytest.mark.parametrize(("name", "start"), [("e.html", "<!doctype html>"), ("e.tex", "\\paragraph{"), ("e.txt", "How L depends on ")])
def test_explain_writes_the_format_of_the_file_name(capsys, tmp_path, name, start):
    """A name ending in .html, .tex or .txt gets HTML, LaTeX or text."""
    path = tmp_path / name
    assert run(capsys, "explain", *NEURON, "-o", str(path)) == (0, "", f"wrote {path}\n")
    assert path.read_text(encoding="utf-8").startswith(start)


def test_explain_prints_another_format_on_request(capsys):
    """--format latex prints LaTeX."""
    _, out, _ = run(capsys, "explain", *NEURON, "--format", "latex")
    assert r"\frac{\partial L}{\partial w}" in out


@pytest.mark.parametrize("command", ["lesson", "worksheet"])
def test_pages_are_written(capsys, tmp_path, command):
    """A lesson and a worksheet are each one HTML file."""
    path = tmp_path / "page.html"
    code, out, err = run(capsys, command, *NEURON, "-o", str(path))
    assert (code, out, err) == (0, "", f"wrote {path}\n")
    assert "<html" in path.read_text(encoding="utf-8")[:200].lower()


@pytest.mark.parametrize("data", _DATA)
def test_a_playground_begins_with_each_set(capsys, tmp_path, data):
    """The page is one file that begins with the set asked for, and the command knows the sets of the page."""
    path = tmp_path / "page.html"
    code, out, err = run(capsys, "playground", "--data", data, "-o", str(path))
    assert (code, out, err) == (0, "", f"wrote {path}\n")
    assert f'"set":"{data}"' in path.read_text(encoding="utf-8")
    assert set(_DATA) == {"xor", *SETS}


def test_a_playground_begins_with_a_saved_network(capsys, tmp_path):
    """A file of `save` brings its weights; one that is none, or is of another shape, is one line of error."""
    page, file = tmp_path / "page.html", save(MLP(2, [3, 1], seed=5), tmp_path / "net.json")
    assert run(capsys, "playground", "--net", str(file), "-o", str(page))[0] == 0
    assert repr(MLP(2, [3, 1], seed=5).layers[0].neurons[0].weights[0].data) in page.read_text(encoding="utf-8")
    code, _, err = run(capsys, "playground", "--net", str(file), "--data", "yin-yang", "-o", str(page))
    assert (code, err) == (1, "autoback: yin-yang has 3 classes, so the network needs 3 outputs, got 1\n")
    code, _, err = run(capsys, "playground", "--net", str(save(MLP(3, [1]), tmp_path / "other.json")), "-o", str(page))
    assert code == 1 and "2 inputs and 1 to 3 outputs, got 3 and 1" in err


def test_check_prints_the_pairs_and_the_sweep(capsys):
    """Each gradient stands beside its difference, and the error of the difference falls and rises with the step."""
    code, out, err = run(capsys, "check", *NEURON)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["input", "w", "x", "b", "y"]
    errors = [float(line.split()[1]) for line in lines if re.match(r" ?1e-\d\d  +\d", line)]
    assert len(errors) == 14
    assert errors[0] > errors[4] < errors[13]


def test_check_fails_at_a_kink_and_says_why(capsys):
    """Where a gradient differs from its difference the exit code is 1, stderr has one line, stdout the convention."""
    code, out, err = run(capsys, "check", "relu(x)", "x=0")
    assert code == 1
    assert err == "autoback: 1 of 1 gradients differ from the central difference by more than 1e-06\n"
    assert "relu: the derivative at 0 is 0" in out


def test_check_goes_on_where_a_step_leaves_the_domain(capsys):
    """A step that leads out of the domain, or that is lost in a large number, is named, and the others are tried."""
    _, out, _ = run(capsys, "check", "log(x)", "x=0.05")
    assert out.count("leaves the domain") == 1
    _, out, _ = run(capsys, "check", "x*1", "x=1000", "--method", "forward")
    assert out.count("too small to move") == 1


def test_check_says_when_its_own_step_leaves_the_domain(capsys):
    """The expression has a value at the point, so it is not the expression that is wrong."""
    code, out, err = run(capsys, "check", "log(x)", "x=1e-20")
    assert code == 1
    assert out.startswith("  step")
    assert err.startswith("autoback: a step of the finite difference leaves the domain, log(-6.05545e-06) is not defined")
    assert err.endswith("give a smaller --step\n")
    assert run(capsys, "check", "log(x)", "x=1e-20", "--step", "1e-23")[0] == 0


def test_check_needs_a_variable(capsys):
    """A constant has no gradient to check."""
    assert run(capsys, "check", "2 + 3") == (2, "", "autoback: the expression has no variables, so there is no gradient to check\n")


def test_operations_prints_every_row(capsys):
    """The table names every operation, and fits the terminal."""
    code, out, _ = run(capsys, "operations")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:] if not line.startswith(" ")] == list(OPERATIONS)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_prints_one_row(capsys, name):
    """One row is told with its rule, its way with a gradient and the Python function made from it."""
    code, out, _ = run(capsys, "operations", name)
    assert code == 0
    assert out.startswith(f"{name} ")
    assert "∂out/∂x" in out
    assert f"  def {name}_row(" in out
    assert max(map(len, out.split("made from it:")[0].splitlines())) <= 80


def test_an_unknown_operation_is_one_line(capsys):
    """A misspelt operation is answered with the nearest."""
    assert run(capsys, "operations", "tnah") == (2, "", "autoback: there is no operation 'tnah'; did you mean tanh?\n")
    code, _, err = run(capsys, "operations", "xyzzy")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize("command", ["draw", "explain", "check", "lesson", "worksheet"])
def test_a_mistake_in_an_expression_is_pointed_at(capsys, tmp_path, command):
    """A wrong expression is exit code 2, with the column and a caret on stderr, and no file is written."""
    output = () if command == "check" else ("-o", str(tmp_path / ("page.html" if command != "draw" else "graph.svg")))
    code, out, err = run(capsys, command, "w + x^2", "w=1", "x=2", *output)
    assert (code, out) == (2, "")
    assert err == "autoback: column 6: this operator is not known; a power is written **\n  w + x^2\n       ^\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("w*x", "w=1"), "no number for x; give x=NUMBER"),
        (("w*x", "w=1", "x=2", "v=3"), "there is no variable v in the expression; it has w, x"),
        (("w*x", "w=1", "2"), "expected NAME=NUMBER, such as x=2, got '2'"),
        (("w*x", "w=1", "w=2"), "w is given twice, as 1 and as 2"),
        (("w*x", "w=1", "x=y"), "x needs a number, such as x=2 or x=pi/2, got 'y'"),
        (("w*x", "w=1", "x=nan"), "x needs a number, such as x=2 or x=pi/2, got 'nan'"),
        (("w*x", "w=1", "x=1/0"), "x needs a number, such as x=2 or x=pi/2, got '1/0'"),
        (("w*x", "w=1", "x=2", "--wrt", "v"), "--wrt v: nothing in the expression has this name; it has w, x"),
    ],
)
def test_a_wrong_number_is_one_line_and_code_2(capsys, words, message):
    """Numbers that do not fit the expression are each named, in one line."""
    assert run(capsys, "explain", *words) == (2, "", f"autoback: {message}\n")


def test_numbers_may_be_written_as_formulas(capsys):
    """x=pi/2 and x=-1/3 are numbers too."""
    code, out, _ = run(capsys, "explain", "sin(x)", "x=pi/2")
    assert code == 0
    assert "sin(1.571) = 1" in out


def test_an_expression_may_begin_with_a_minus_sign(capsys):
    """After -- nothing is an option."""
    assert run(capsys, "explain", "--", "-x", "x=1")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("draw", "x", "x=1", "-o", "graph.exe"), "must end in .svg or .dot or .gv or .png or .pdf, got 'graph.exe'"),
        (("explain", "x", "x=1", "-o", "e.doc"), "must end in .txt or .tex or .html, got 'e.doc'"),
        (("lesson", "x", "x=1"), "required: -o/--output"),
        (("check", "x", "x=1", "--step", "0"), "expected a positive number, got '0'"),
        (("check", "x", "x=1", "--tolerance", "small"), "expected a positive number, got 'small'"),
    ],
)
def test_a_wrong_option_is_one_line_and_code_2(capsys, words, message):
    """A wrong option is told in one line before anything is computed."""
    code, out, err = run(capsys, *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_a_folder_that_is_missing_is_a_wrong_name(capsys, tmp_path):
    """A file that has no place is exit code 2 and one line, before anything is computed."""
    path = Path(tmp_path, "nowhere", "page.html")
    code, out, err = run(capsys, "lesson", "x*x", "x=3", "-o", str(path))
    assert (code, out) == (2, "")
    assert err == f"autoback: argument -o/--output: there is no folder {path.parent}; create it first (see autoback lesson --help)\n"


def test_an_overflow_is_pointed_at(capsys):
    """A computation that leaves the numbers is told with the place in the expression where it happened."""
    code, _, err = run(capsys, "explain", "1 + exp(x)", "x=1000")
    assert code == 2
    assert err.startswith("autoback: column 5: exp(x=1000) is not finite: exp overflows above 709.78")
    assert err.endswith("\n  1 + exp(x)\n      ^\n")
