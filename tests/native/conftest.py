"""Without the extra `native` there is nothing to test here."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("llvmlite") and find_spec("numpy") else ["test_*.py"]
