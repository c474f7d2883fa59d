"""The front door: what tools see of the package, with its extras and without."""

import subprocess
import sys

import pytest

LOOK = """
import sys
for name in ("llvmlite", "numpy"):
    sys.modules[name] = None
import inspect, pydoc, unittest.mock
import autoback
print(pydoc.render_doc(autoback, renderer=pydoc.plaintext))
assert dict(inspect.getmembers(autoback))["compile"].__name__ == "compile"
assert hasattr(autoback, "compile") and pydoc.locate("autoback.compile") is not None
with unittest.mock.patch.object(autoback, "compile"):
    pass
from autoback import compile
try:
    compile(lambda x: x)
except ImportError as error:
    print("on call:", error)
"""


def test_tools_can_look_at_the_package_without_its_extras():
    """help, pydoc, inspect, hasattr and mock work without llvmlite and numpy; only a call of `compile` says what is missing."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", LOOK], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    for name in ("class Value", "tanh(", "draw(", "CLASSES", "FUNCTIONS", "DATA"):
        assert name in done.stdout
    assert done.stdout.rstrip().endswith("on call: native code needs llvmlite and numpy: pip install llvmlite numpy")


def test_an_unknown_name_is_an_attribute_error():
    """What the package does not have, it does not have, also by `hasattr` and by `from autoback import`."""
    import autoback

    with pytest.raises(AttributeError, match="module 'autoback' has no attribute 'tahn'"):
        autoback.tahn  # noqa: B018
