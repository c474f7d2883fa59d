"""The command line: its table, its errors and its exit codes."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from autoback.cli import COMMANDS, main
from autoback.commands.xor import fall
from autoback.nn.modules import MLP
from autoback.nn.optimizers import SGD
from autoback.nn.storage import load

TABLE = """\
MSE before: 0.356169
MSE after:  0.000025
0 xor 0: 0.004951
0 xor 1: 0.995321
1 xor 0: 0.994319
1 xor 1: 0.004433
"""


def run(capsys, *words):
    """Exit code, stdout and stderr of one command."""
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_xor_prints_the_published_table(capsys):
    """Without arguments it is the published run: first the table, digit by digit, then how the loss fell."""
    code, out, _ = run(capsys, "xor")
    assert code == 0
    assert out.startswith(TABLE + "\nhow the MSE fell")
    assert "Stuck" not in out


def test_python_m_autoback_is_the_command():
    """`python -m autoback` does the same in a process of its own; without a terminal there is no progress bar."""
    done = subprocess.run([sys.executable, "-m", "autoback", "xor", "--steps", "50"], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.startswith("MSE before: 0.356169\nMSE after:  0.250011\n")
    assert done.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="closes streams with a shell of POSIX")
@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        ("operations tanh >&-", 1, "", "autoback: cannot print the results: stdout is closed\n"),
        ("operations nonsense >&-", 2, "", "autoback: there is no operation 'nonsense'; autoback operations lists them all\n"),
        ("operations nonsense 2>&-", 2, "", ""),
        ("operations nonsense >&- 2>&-", 2, "", ""),
    ],
)
def test_a_closed_stream_is_told_or_stays_silent(words, code, out, err):
    """With stdout closed results cannot be printed, in one line; with stderr closed no message goes elsewhere."""
    command = f"{shlex.quote(sys.executable)} -m autoback {words}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_a_terminal_sees_the_progress(capsys, monkeypatch):
    """On a terminal a bar on stderr counts the steps."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "50/50" in run(capsys, "xor", "--steps", "50")[2]


@pytest.mark.parametrize("seed", [21, 29, 42])
def test_a_seed_that_sticks_is_said_plainly(capsys, seed):
    """A run that ends in the valley at 0.125 says that it is stuck, on which samples, and what to do."""
    code, out, _ = run(capsys, "xor", "--seed", str(seed), "--steps", "4000")
    assert code == 0
    assert "MSE after:  0.125" in out
    first, second = [f"({x}, {y})" for x, y in re.findall(r"^(\d) xor (\d): 0\.[45]", out, re.MULTILINE)]
    said = re.search(r"Stuck: the loss stands still at 0\.125\d*, and 2 of 4 answers stay wrong: (.*?)\. ", " ".join(out.split("\n")))
    assert said and said[1] == f"{first}, {second}"
    assert "--seed 69" in out


def test_a_run_that_is_too_short_is_not_called_stuck(capsys):
    """On its way the network is not stuck: more steps may do."""
    _, out, _ = run(capsys, "xor", "--steps", "20")
    assert "Stuck" not in out
    assert "Not learned after 20 steps" in out


def test_many_seeds_are_swept(capsys, tmp_path):
    """--seeds trains from each seed, says which stick, and draws their curves."""
    path = tmp_path / "seeds.svg"
    code, out, err = run(capsys, "xor", "--seeds", "21", "--steps", "1500", "--svg", str(path))
    assert (code, err) == (0, f"wrote {path}\n")
    assert re.search(r"^ +21 +1500 +0\.13 +2  stuck$", out, re.MULTILINE)
    assert "1 of 21 stuck (seed 21); best is seed" in out
    assert "stuck" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [["--save", "a.json"], ["--lesson", "a.html"], ["--method", "finite-differences"]])
def test_many_seeds_are_not_saved(capsys, words):
    """What is about one network is refused with --seeds, with the way out."""
    code, out, err = run(capsys, "xor", "--seeds", "2", *words)
    assert (code, out) == (2, "")
    assert f"leave out {words[0]}, or --seeds" in err


@pytest.mark.parametrize("count", ["0", "-1", "x"])
def test_the_number_of_seeds_is_checked(capsys, count):
    """At least one."""
    assert "at least 1" in run(capsys, "xor", f"--seeds={count}")[2]


def test_no_steps_show_the_untrained_network(capsys):
    """With 0 steps the table is of the initial weights, and nothing has fallen."""
    code, out, _ = run(capsys, "xor", "--steps", "0")
    assert code == 0
    assert out.splitlines()[:3] == ["MSE before: 0.356169", "MSE after:  0.356169", "0 xor 0: 0.814987"]
    assert len(out.splitlines()) == 6


def test_the_rate_is_the_one_given(capsys):
    """Another rate gives another path."""
    _, fast, _ = run(capsys, "xor", "--steps", "100", "--rate", "10")
    _, slow, _ = run(capsys, "xor", "--steps", "100", "--rate", "0.5")
    assert fast.splitlines()[0] == slow.splitlines()[0]
    assert fast.splitlines()[1] != slow.splitlines()[1]


def test_finite_differences_report_the_ratio_of_times(capsys):
    """Trained without backprop the table is nearly the same, and both times and their ratio follow."""
    code, out, _ = run(capsys, "xor", "--steps", "60", "--method", "finite-differences")
    assert code == 0
    times = re.findall(r"^(finite differences|backprop) +(\d+\.\d) µs a step  MSE after: (\d\.\d{6})$", out, re.MULTILINE)
    assert [method for method, _, _ in times] == ["finite differences", "backprop"]
    assert float(times[0][2]) == pytest.approx(float(times[1][2]), abs=1e-4)
    ratio = float(re.search(r"took (\d+\.\d) times as long", out)[1])
    assert ratio == pytest.approx(float(times[0][1]) / float(times[1][1]), abs=0.1)


def test_native_code_gives_the_same_table(capsys):
    """Compiled, the published run has the published numbers too."""
    pytest.importorskip("llvmlite", reason="the extra `native` is not installed")
    code, out, _ = run(capsys, "xor", "--native")
    assert code == 0
    assert out.startswith(TABLE)


@pytest.mark.parametrize("ending", [".json", ".safetensors"])
def test_save_keeps_the_trained_network(capsys, tmp_path, ending):
    """The saved network gives the answers of the table."""
    path = tmp_path / f"xor{ending}"
    code, out, err = run(capsys, "xor", "--steps", "300", "--save", str(path))
    assert code == 0
    assert f"1 xor 0: {load(path)([1.0, 0.0]):.6f}" in out
    assert f"wrote {path}" in err


def test_ctrl_c_prints_the_table_so_far(capsys, monkeypatch, tmp_path):
    """An interrupted run prints the table of that moment, saves what was asked for, says so, and exits with 130."""
    update = SGD.rate_at

    def interrupted(self, step):
        if step == 31:
            raise KeyboardInterrupt
        return update(self, step)

    _, expected, _ = run(capsys, "xor", "--steps", "30")
    monkeypatch.setattr(SGD, "rate_at", interrupted)
    path = tmp_path / "xor.json"
    code, out, err = run(capsys, "xor", "--save", str(path))
    assert code == 130
    assert out.splitlines()[:6] == expected.splitlines()[:6]
    assert "interrupted after 30 of 10000 steps" in err
    assert f"0 xor 0: {load(path)([0.0, 0.0]):.6f}" in out


def test_an_interrupt_anywhere_else_is_one_line(capsys, monkeypatch):
    """Ctrl-C outside the training ends without a traceback, with exit code 130."""

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(MLP, "__init__", interrupted)
    assert run(capsys, "xor") == (130, "", "autoback: interrupted\n")


WRONG = {
    "no command": ((), "required: COMMAND"),
    "an unknown command": (("train",), "invalid choice: 'train'"),
    "an unknown option": (("xor", "--speed", "3"), "unrecognized arguments: --speed 3"),
    "a negative number of steps": (("xor", "--steps", "-1"), "whole number of at least 0, got '-1'"),
    "a seed in words": (("xor", "--seed", "lucky"), "invalid int value: 'lucky'"),
    "a rate of NaN": (("xor", "--rate", "nan"), "a positive number, got 'nan'"),
    "a rate of 0": (("xor", "--rate", "0"), "a positive number, got '0'"),
    "an unknown method": (("xor", "--method", "magic"), "invalid choice: 'magic'"),
    "a pickle": (("xor", "--save", "net.pkl"), "must end in .safetensors or .json, got 'net.pkl'"),
    "two ways that exclude each other": (("xor", "--native", "--method", "finite-differences"), "--native trains by backprop"),
    "no such folder": (("xor", "--svg", "nowhere/at/all.svg"), "there is no folder nowhere/at; create it first"),
}


@pytest.mark.parametrize(("words", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_line_is_one_line_and_code_2(capsys, words, message):
    """A wrong command line is told in one line on stderr before anything is trained; the exit code is 2."""
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"autoback: .*\(see autoback.* --help\)\n", err)
    assert message in err


def test_a_failure_is_one_line_and_code_1(capsys, tmp_path):
    """What cannot be done is told in one line on stderr; the exit code is 1, and no half-written file is left."""
    folder = tmp_path / "xor.json"
    folder.mkdir()
    code, _, err = run(capsys, "xor", "--steps", "1", "--save", str(folder))
    assert code == 1
    assert err.splitlines()[-1] == f"autoback: cannot write {folder}: it is a folder; give the name of a file in it"
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("words", [("--help",), *((name, "--help") for name in COMMANDS)])
def test_every_command_has_help_with_examples(capsys, words):
    """The help of each command fits 80 columns and shows how to call it; that of the whole lists the commands."""
    code, out, _ = run(capsys, *words)
    assert code == 0
    if len(words) == 1:
        assert all(re.search(rf"^    {name} ", out, re.MULTILINE) for name in COMMANDS)
    else:
        assert "examples:\n  autoback " in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_version_is_the_package_s(capsys):
    """`autoback --version` names the version and the engine that runs."""
    from autoback import __version__, engine_name

    assert run(capsys, "--version") == (0, f"autoback {__version__}, engine in {engine_name.capitalize()}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_can_complete_the_command(capsys, shell):
    """`--completion` prints a script for the shell that knows every command and the options of each."""
    pytest.importorskip("shtab", reason="the extra `completion` is not installed")
    code, out, err = run(capsys, "--completion", shell)
    assert (code, err) == (0, "")
    for word in (*COMMANDS, "--detailed", "--native", "finite-differences"):
        assert word in out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_commands_and_options(capsys, tmp_path):
    """In bash, `autoback w` becomes worksheet, and the theme of a drawing is offered."""
    pytest.importorskip("shtab", reason="the extra `completion` is not installed")
    script = tmp_path / "completion"
    script.write_text(run(capsys, "--completion", "bash")[1], encoding="utf-8")
    for words, offered in ((["autoback", "w"], ["worksheet"]), (["autoback", "draw", "x*x", "--theme", ""], ["light", "dark", "auto"])):
        command = (
            f"source {script}; COMP_WORDS=({' '.join(word or chr(39) * 2 for word in words)}); COMP_CWORD={len(words) - 1}; "
            "_shtab_autoback 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        done = subprocess.run(["bash", "-c", command], capture_output=True, encoding="utf-8", check=False)
        assert set(offered) <= set(done.stdout.split()), done.stderr


def test_completion_without_shtab_is_one_sentence(capsys, monkeypatch):
    """Where shtab is missing, one line says what to install."""
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert run(capsys, "--completion", "bash") == (1, "", "autoback: completion needs shtab: pip install shtab\n")


def test_one_command_imports_no_other():
    """`autoback xor` waits neither for the modules of the other commands nor for those that draw."""
    program = "import sys; from autoback.cli import main; main(['xor', '--steps', '1']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    modules = done.stdout.splitlines()[-1].split()
    assert {name for name in modules if name.startswith("autoback.commands.")} == {"autoback.commands.arguments", "autoback.commands.xor"}
    assert not {"autoback.view.drawing", "graphviz", "llvmlite", "numpy", "sklearn"} & set(modules)


def test_a_reader_who_leaves_early_is_no_error():
    """`autoback ... | head -1` ends quietly."""
    program = "import sys; from autoback.cli import main; sys.exit(main(['xor', '--steps', '1']))"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.close()
    assert process.returncode == 141


def test_a_terminal_without_greek_shows_a_question_mark():
    """Where the output cannot be encoded it is written as ?, not as a traceback."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "autoback", "xor", "--steps", "3"],
        capture_output=True,
        check=True,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert b"???" in done.stdout


@pytest.mark.parametrize("curve", [[0.25], [0.0, 0.0], [1.0, 0.0], [0.5] * 7, [1e-300, 1e300]])
def test_any_curve_can_be_shown(curve):
    """Flat, vanishing and single losses have a table too, whose bars are at most 60 characters."""
    lines = fall(curve).splitlines()
    assert max(line.count("█") for line in lines) <= 60
    assert lines[-1].split()[0] == str(len(curve) - 1)


def test_longer_bars_are_larger_losses():
    """The bars fall as the losses do, in equal steps for equal factors."""
    bars = [line.count("█") for line in fall([1.0, 0.1, 0.01], width=40).splitlines()[2:]]
    assert bars == [40, 20, 0]


def test_the_graph_and_the_lesson_are_of_one_sample(capsys, tmp_path):
    """`--svg` and `--lesson` write the cost of 1 xor 1, whose weights all have a gradient, each named on stderr."""
    svg, page = tmp_path / "xor.svg", tmp_path / "xor.html"
    code, out, err = run(capsys, "xor", "--steps", "0", "--svg", str(svg), "--lesson", str(page))
    assert code == 0
    assert err.endswith(f"wrote {svg}\nwrote {page}\n")
    assert "1 xor 1: 0.836528" in out
    assert "0.8365" in svg.read_text(encoding="utf-8")
    assert svg.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    assert "<h1>1 xor 1</h1>" in page.read_text(encoding="utf-8")
