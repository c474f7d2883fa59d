"""Every demo runs, says what it shows, and uses public names alone."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DEMOS = sorted((ROOT / "demos").glob("*.py"))

# What each demo must have printed, in its quick mode, for its point to have been made.
SHOWN = {
    "adding": r"33 parameters, 256 sums .*\nloss 3\.3\d+, \d+ of 256 right\nloss 3\.0\d+, \d\d of 256 right\n",
    "autoencoder": r"off by 0\.271 if .*\noff by 0\.2[34]\d after eight numbers",
    "digits": r"held out: (9[5-9]\.\d|100\.0)% right",
    "finite_differences": r"w⁽¹⁾₁₁ +0\.000540 +0\.0021\d+ +0\.00216604 +0\.00216676\n",
    "gpt": r"4192 parameters\nsteps 1 to 10: loss 3\.19\d+\nsteps 11 to 20: loss 2\.8\d+\nnew names: [a-z, ]*\n"
    r"gpt_attention.svg: .*\ngpt_graph.svg: ",
    "networks_of_1986": r"right after 384 sweeps .*\nsymmetry: 64 of 64 right.*\n +-2\.98 +11\.84 +-5\.94 +5\.94 +-11\.84 +2\.98\n(.*\n)*"
    r"encoder: 8 of 8 patterns come back",
    "own_operation": r"1\.141120; by differences 1\.141120\ntanh : off by 0\.\d+ .*\nsnake: off by 0\.0\d+ where it was taught, by 0\.2",
    "shared_weights": r"shared weights 690 parameters, 5\d% right; .*\nlayers +685 parameters, 3\d% right",
    "two_moons": r"epoch 1: loss 0\.\d+, \d+% right\n[#.]",
    "xor": r"MSE before: 0\.356169\nMSE after:  0\.00\d+\n0 xor 0: 0\.0\d+\n0 xor 1: 0\.9\d+\n1 xor 0: 0\.9\d+\n1 xor 1: 0\.0\d+\n",
}


def run(demo, folder):
    """What a demo prints in its quick mode, run in a folder of its own, any warning being an error.

    The encoding is that of a Windows machine whose output goes to a file.
    """
    if "datasets.digits()" in demo.read_text("utf-8"):
        pytest.importorskip("sklearn", reason="the extra `data` is not installed")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(demo), "--quick"],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.stem)
def test_a_demo_runs_and_shows_what_it_is_for(demo, tmp_path):
    """Each script runs with --quick, without a warning, prints something, and where we know it, the right thing."""
    out = run(demo, tmp_path)
    assert out.strip()
    assert re.search(SHOWN.get(demo.stem, ""), out), out


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.stem)
def test_a_demo_says_what_it_shows_and_how_to_run_it(demo):
    """Each script opens with a docstring: a sentence, and the command line."""
    doc = ast.get_docstring(ast.parse(demo.read_text(encoding="utf-8")))
    assert len(doc.splitlines()[0]) > 20
    assert f"python demos/{demo.name}" in doc


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.stem)
def test_a_demo_needs_autoback_alone(demo):
    """Demos import from `autoback` and from Python's own library, so that a reader can copy them."""
    for node in ast.walk(ast.parse(demo.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            assert all(name == "autoback" or name.split(".")[0] in sys.stdlib_module_names for name in modules), modules


def test_a_demo_that_shows_something_wrong_would_be_noticed():
    """The judge can fail: a table of other numbers is not the XOR table."""
    good = "MSE before: 0.356169\nMSE after:  0.000025\n0 xor 0: 0.004951\n0 xor 1: 0.995321\n1 xor 0: 0.994319\n1 xor 1: 0.004433\n"
    assert re.search(SHOWN["xor"], good)
    assert not re.search(SHOWN["xor"], good.replace("0.995321", "0.500000"))
    assert not re.search(SHOWN["digits"], "held out: 94.9% right")
