"""What all tests share: hypothesis draws the same examples on every machine, and keeps no files; workers collect the same tests."""

import atexit
import gc
import os
import re
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

_home = tempfile.TemporaryDirectory()
atexit.register(_home.cleanup)
set_hypothesis_home_dir(_home.name)  # it would otherwise write into the checkout, even without a database

os.environ.setdefault("AUTOBACK_CACHE", "off")  # machine code of tests stays in their process

settings.register_profile(
    "fixed", derandomize=True, deadline=None, print_blob=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", parent=settings.get_profile("fixed"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

MOST_WORKERS = 8  # each worker imports everything and may start a browser of its own


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto` starts one worker a core, and no more than a laptop has memory for."""
    return min(MOST_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A worker that has nothing left takes tests from the others, for tests differ in length by a factor of a thousand."""
    if config.getvalue("dist") != "load":  # which `-n` alone means
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a name that differs from process to process, for then parallel workers could not agree on what to run."""
    bad = [item.nodeid for item in items if re.search(r" at 0x[0-9a-f]{6}", item.nodeid)]
    if bad:
        raise pytest.UsageError("the name of a test holds an address in memory; give its parameters ids:\n" + "\n".join(bad))


@pytest.fixture
def no_collector_callbacks() -> Iterator[None]:
    """For tests that interrupt: hypothesis times the collector in a callback, where an interruption would be printed and lost."""
    kept = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks[:] = kept
