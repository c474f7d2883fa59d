"""The snippets of the pages run in a folder of their own, so that they may write files."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

#: What needs more than the extra `test` brings: the configuration of the site, and a page whose snippets plot.
collect_ignore = ["site", *(["how-to/matplotlib.md"] if find_spec("matplotlib") is None else [])]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    yield
