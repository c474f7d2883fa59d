"""What all tests share: hypothesis draws the same examples on every machine, and keeps no files."""

import atexit
import os
import tempfile

from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

_home = tempfile.TemporaryDirectory()
atexit.register(_home.cleanup)
set_hypothesis_home_dir(_home.name)  # it would otherwise write into the checkout, even without a database

settings.register_profile(
    "fixed", derandomize=True, deadline=None, print_blob=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", parent=settings.get_profile("fixed"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
