"""How fast the two engines are, beside the classes that people know: `python -m tests.benchmarks.engine [--write]`."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import strftime
from typing import Any

import autoback

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance-engine.md"
FACTOR = {"ms": 1e3, "ns": 1e9}

#: What was asked of the engine in C: of a work, and of a peer, the least ratio peer / autoback.
ASKED = {
    ("XOR 2-2-1, sigmoid, 4 points, written out", "micrograd"): 10.0,
    ("2-16-16-1, relu, 100 points", "minigrad"): 1 / 0.6,
    ("digits 64-32-10, relu, batch of 32", "minigrad"): 1 / 0.35,
    ("one-layer GPT, 4,192 parameters, written with sum(w*x)", "plain"): 12.0,
    ("chain of 999: ×, +, relu", "minigrad"): 1 / 0.7,
    ("chain of 99,999: ×, +, relu", "minigrad"): 1 / 0.7,
}


def measured(engine: str) -> dict[str, Any]:
    """The report of `works` on one engine."""
    command = [sys.executable, "-m", "tests.benchmarks.works"]
    done = subprocess.run(command, env={**os.environ, "AUTOBACK_ENGINE": engine}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def page(c: dict[str, Any], python: dict[str, Any], busy: float) -> Iterator[str]:
    """All of it, as Markdown. busy: how many other programs wanted a core when it began"""
    yield "# How fast the engine is"
    yield ""
    yield "    python -m tests.benchmarks.engine --write"
    yield ""
    yield f"measures both engines of autoback {autoback.__version__} and writes this page. Beside them, in one process"
    yield "and in turn, run micrograd 0.1.0, minigrad 0.0.6 (a Value in C, which knows relu only, and to which every number was given as a"
    yield "Value that stays, since it crashes without) and a plain class of forty lines (`tests/benchmarks/plain.py`). All work on the same"
    yield "numbers; the losses of two steps are compared first. Medians of processor time, collector on, with what a run leaves to the"
    yield "collector collected in its own time. Both engines give the same digits to the last bit; each runs in a process of its own, and"
    yield "the peers' times are those of the process with the engine in C."
    yield ""
    yield f"{strftime('%Y-%m-%d')}, {machine()}, Python {platform.python_version()}, one core; load of the machine before: {busy:.1f}."
    yield ""
    yield from works(c, python)
    yield from growth(c, python)
    yield from where_it_loses(c)
    yield from operations(c, python)


def works(c: dict[str, Any], python: dict[str, Any]) -> Iterator[str]:
    """A line for each work; the peers' times are those of the process with the engine in C."""
    yield "## Whole programs"
    yield ""
    yield "Networks are written twice: neuron by neuron as sum(w*x) + b, one node for each × and +, which all classes can do; and with"
    yield "autoback's own `MLP`, one node for each neuron. Every step has forward, backward and update."
    yield ""
    yield "| | C | Python | micrograd | minigrad | plain | asked of C |"
    yield "|---|---|---|---|---|---|---|"
    of_python = {name: times for name, _, times in python["works"]}
    for name, unit, times in c["works"]:
        entries = [times["autoback"], of_python[name]["autoback"], *(times.get(peer) for peer in ("micrograd", "minigrad", "plain"))]
        shown = [f"{entry * FACTOR[unit]:,.4g} {unit}" if entry else "" for entry in entries]
        for k, entry in enumerate(entries[2:], 2):
            shown[k] += f" ({entry / times['autoback']:.3g} ×)" if entry else ""
        goals = [(peer, least) for (work, peer), least in ASKED.items() if work == name and peer in times]
        verdict = "; ".join(
            f"{least:.3g} × {peer}{'' if times[peer] / times['autoback'] >= least else ' (missed)'}" for peer, least in goals
        )
        yield f"| {name} | {' | '.join(shown)} | {verdict} |"
        own = "network of autoback"
        if own in times:
            ratios = [f"{times[peer] / times[own]:.3g} ×" if peer in times else "" for peer in ("micrograd", "minigrad", "plain")]
            cells = [f"{each[own] * FACTOR[unit]:,.4g} {unit}" for each in (times, of_python[name])]
            yield f"| the same with `MLP` | {' | '.join([*cells, *ratios])} | |"
    yield ""


def growth(c: dict[str, Any], python: dict[str, Any]) -> Iterator[str]:
    yield "## Growth"
    yield ""
    yield "A chain of ×, + and tanh: nanoseconds a node to record, walk and free it, with the collector off; then the sum with it on."
    yield "No collector looks at the nodes of the engine in C; in Python it looks through a graph that lives long, and finds nothing."
    yield ""
    yield "| nodes | C: record | backward | free | all | collector on | Python: record | backward | free | all | collector on |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for (length, *ours), (_, *theirs) in zip(c["growth"], python["growth"], strict=True):
        yield f"| {length:,.0f} | {' | '.join(f'{each:,.0f}' for each in (*ours, *theirs))} |"
    yield ""
    yield "Products with a constant, of which each makes two nodes: nanoseconds a node in all, and resident memory."
    yield ""
    yield "| | C | Python |"
    yield "|---|---|---|"
    for label, k, unit in (("10,000 products", 0, "ns"), ("1,000,000 products", 1, "ns"), ("1,000,000 products, memory", 2, "MB")):
        cells = [f"{report['products'][k]:,.0f} {unit}" for report in (c, python)]
        yield f"| {label} | {' | '.join(cells)} |"
    yield ""


def where_it_loses(c: dict[str, Any]) -> Iterator[str]:
    ratio = c["products"][1] / c["products"][0]
    yield "## Where it loses"
    yield ""
    yield f"- A graph of two million nodes costs {ratio:.1f} × as much a node as one of twenty thousand; 1.2 × was the aim. Such a graph"
    yield "  fits no cache: recording waits for the system to clear memory, and walking reads it three times. Linux gives huge pages,"
    yield "  and what held the last graph is kept for the next one, up to 64 MB."
    yield "- `fit(native=True)` compiles a recorded cost: [it is faster](performance.md) than any loop on Values."
    yield "- A small network as `MLP` costs more than the same formulas written out: at two or three inputs the calls of Python between"
    yield "  the nodes take longer than the nodes."
    yield ""


def operations(c: dict[str, Any], python: dict[str, Any]) -> Iterator[str]:
    yield "## Operations"
    yield ""
    yield "One node on leaves that are there already; the second column of each engine also walks back from it."
    yield ""
    yield "| operation | C: record and free | with backward | Python: record and free | with backward |"
    yield "|---|---|---|---|---|"
    for (name, *ours), (_, *theirs) in zip(c["operations"], python["operations"], strict=True):
        yield f"| {name} | {' | '.join(f'{each:,.0f} ns' for each in (*ours, *theirs))} |"


def machine() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    names = (
        [text.split(":", 1)[1].strip() for text in info.read_text().splitlines() if text.startswith("model name")] if info.is_file() else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def main(arguments: Sequence[str]) -> None:
    """Print the page, and with --write keep it in docs/."""
    busy = os.getloadavg()[0]
    text = "\n".join(page(measured("c"), measured("python"), busy)) + "\n"
    print(text)
    if "--write" in arguments:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
