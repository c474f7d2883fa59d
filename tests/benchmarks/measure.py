"""How benchmarks measure: medians of processor time, C compiled on the spot, tables in Markdown.

Everything runs on one thread, for the processor's time of several would count what they wait for each other.
"""

import ctypes
import importlib.metadata
import os
import platform
import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before NumPy is imported
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import numpy as np  # noqa: E402

from autoback.native.llvm import machine_name  # noqa: E402

HERE = Path(__file__).parent
Row = tuple[str, str, float, str]  # what, how, seconds, note


def medians(*runs: Callable[[], object], repeats: int = 31) -> list[float]:
    """The median time of the processor for each call, in seconds, all in turn after one to warm up.

    It is the processor's time, of all threads together, for other programs on the machine do not count then.
    """
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(repeats + 1):
        for run, taken in zip(runs, times, strict=True):
            start = process_time()
            run()
            taken.append(process_time() - start)
    return [statistics.median(taken[1:]) for taken in times]


def median(run: Callable[[], object], repeats: int = 51) -> float:
    """The median time of the processor for one call, in seconds."""
    return medians(run, repeats=repeats)[0]


def built(source: str, *flags: str) -> Any:
    """A C file compiled and loaded; its function `train` returns the last cost."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "bench.so"
        subprocess.run(["gcc", "-shared", "-fPIC", *flags, str(HERE / "c" / source), "-lm", "-o", str(library)], check=True)
        function = ctypes.CDLL(str(library)).train
    function.restype = ctypes.c_double
    return function


def doubles(array: np.ndarray) -> Any:
    """A pointer for C."""
    return array.ctypes.data_as(ctypes.c_void_p)


def same(what: str, got: Any, want: Any, tolerance: float = 1e-6) -> None:
    """Refuse to compare the speed of different results."""
    if not np.allclose(got, want, rtol=tolerance, atol=tolerance):
        raise SystemExit(f"{what}: results differ by {np.max(np.abs(np.asarray(got) - np.asarray(want))):g}, so times mean nothing")


def shown(seconds: float) -> str:
    """A time with three digits and its unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def table(rows: list[Row]) -> str:
    """The rows as Markdown; the ratio is to the last line of autoback above."""
    lines = ["| what | who | median | against autoback | |", "|---|---|---:|---:|---|"]
    base = 1.0
    for what, who, seconds, note in rows:
        if what:
            base = seconds
        lines.append(f"| {what} | {who} | {shown(seconds)} | {seconds / base:.3g} × | {note} |")
    return "\n".join(lines)


def versions() -> str:
    """The machine and what ran on it."""
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    found = [f"Python {platform.python_version()}", f"gcc {gcc}"]
    for name in ("numpy", "llvmlite", "jax", "casadi", "torch", "micrograd"):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    name = re.sub(r"-[0-9a-f]{12}-", ", ", machine_name())  # without the hash of the processor's features
    return f"{name}, {os.cpu_count()} cores, {platform.system()}; {', '.join(found)}."
