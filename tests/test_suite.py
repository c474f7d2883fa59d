"""The test suite itself: parallel workers agree on it."""

from types import SimpleNamespace

import pytest

from tests.conftest import pytest_collection_modifyitems


def test_names_that_differ_from_process_to_process_are_refused() -> None:
    """A parameter whose repr holds an address must be given an id, or the workers of `pytest -n` would collect different tests."""
    pytest_collection_modifyitems([SimpleNamespace(nodeid="tests/test_x.py::test_y[sgd]")])
    with pytest.raises(pytest.UsageError, match="give its parameters ids"):
        pytest_collection_modifyitems([SimpleNamespace(nodeid="tests/test_x.py::test_y[<function f at 0x7f2f3247b1a0>]")])
