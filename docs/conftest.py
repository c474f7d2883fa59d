"""The snippets of the pages run in a folder of their own, so that they may write files."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

#: Pages whose snippets need more than the extra `test` brings.
collect_ignore = ["how-to/matplotlib.md"] if find_spec("matplotlib") is None else []


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    yield
