"""`autoback xor`: the classic first network, trained in front of you."""

import argparse
import math
import sys
from collections.abc import Sequence
from textwrap import fill
from typing import Any

from autoback.commands import INTERRUPTED, SUCCESS
from autoback.commands.arguments import ending, report
from autoback.engine.value import Value
from autoback.nn.alarms import alarms
from autoback.nn.arguments import few
from autoback.nn.datasets import XOR
from autoback.nn.evaluation import cost
from autoback.nn.health import outcome_of, run_quantities
from autoback.nn.history import History
from autoback.nn.losses import squared_error
from autoback.nn.modules import MLP
from autoback.nn.names import GradientMethod
from autoback.nn.optimizers import SGD
from autoback.nn.storage import save
from autoback.nn.sweep import sweep
from autoback.nn.training import fit

__all__ = ["add", "run"]

_DESCRIPTION = """\
Train the 2-2-1 sigmoid network on XOR by full-batch gradient descent, and print
what it answers.

The weights start from the generator x <- 16807*x mod (2^31 - 1), uniform
between 0 and 1; with the default seed, 69, this is a published run, digit by
digit. The MSE is the mean over the four samples of the squared error. Some
seeds, such as 42, lead into a flat valley at MSE 0.125 and stay there."""

_EXAMPLES = """\
examples:
  autoback xor                              the published table
  autoback xor --seed 42                    a seed that sticks
  autoback xor --seeds 60 --native          which of the seeds 1 to 60 stick
  autoback xor --method finite-differences  without backprop, and how slow it is
  autoback xor --save xor.json              keep the trained network
  autoback xor --steps 0 --lesson xor.html  a page about the untrained network,
                                            whose gradients are large"""

METHODS: dict[str, GradientMethod] = {"backprop": "backprop", "finite-differences": "finite_differences"}


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    parser = subparsers.add_parser("xor", help="train the classic 2-2-1 network on XOR", description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("--seed", type=int, default=69, metavar="N", help="of the first weights (default %(default)s)")
    parser.add_argument("--seeds", type=_seeds, metavar="N", help="train from each of the seeds 1 to N, and see which get stuck")
    parser.add_argument("--steps", type=_steps, default=10_000, metavar="N", help="of gradient descent (default %(default)s)")
    parser.add_argument("--rate", type=_rate, default=10.0, metavar="R", help="how far each step goes (default %(default)s)")
    parser.add_argument("--method", choices=list(METHODS), default="backprop", help="where gradients come from (default %(default)s)")
    parser.add_argument("--native", action="store_true", help="train with compiled code (needs llvmlite and numpy)")
    parser.add_argument(
        "--save", type=ending(".safetensors", ".json"), metavar="FILE", help="write the trained network: .safetensors or .json"
    )
    drawn = "draw the cost of the sample 1 xor 1, with its gradients; with --seeds, the curves"
    parser.add_argument("--svg", type=ending(".svg"), metavar="FILE", help=drawn)
    parser.add_argument("--lesson", type=ending(".html"), metavar="FILE", help="write a page to step through the same computation")


def run(arguments: argparse.Namespace) -> int:
    """Train, print the table and whatever else was asked for; 130 when it was interrupted."""
    if arguments.native and arguments.method != "backprop":
        raise argparse.ArgumentError(None, "--native trains by backprop; leave out --native or --method")
    if arguments.seeds is not None:
        return _sweep(arguments)
    net = _network(arguments.seed)
    before = cost(net, XOR.inputs, XOR.targets).data
    history = _train(net, arguments, METHODS[arguments.method], progress=arguments.steps > 0 and sys.stderr.isatty())
    after = cost(net, XOR.inputs, XOR.targets).data
    interrupted = history.stopped == "interrupted"
    answers = [net(x).data for x in XOR.inputs]

    print(f"MSE before: {before:.6f}")
    print(f"MSE after:  {after:.6f}")
    for (x, y), answer in zip(XOR.inputs, answers, strict=True):
        print(f"{x:.0f} xor {y:.0f}: {answer:.6f}")
    curve = [*history.losses, after]
    verdict = _verdict(net, history)
    if verdict:
        print(f"\n{verdict}")
    if len(curve) > 1:
        print(f"\n{fall(curve)}")
    sys.stdout.flush()
    if arguments.method != "backprop" and history.steps and not interrupted:
        print(f"\n{_comparison(arguments, history, after)}")
    _write(net, arguments)
    if interrupted:
        print(f"autoback: interrupted after {history.steps} of {arguments.steps} steps; the table is of that moment", file=sys.stderr)
        return INTERRUPTED
    return SUCCESS


def _network(seed: int) -> MLP:
    return MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid", initializer="park_miller", seed=seed)


def _train(net: MLP, arguments: argparse.Namespace, method: GradientMethod, progress: bool) -> History:
    return fit(
        net, XOR.inputs, XOR.targets, loss="squared_error", optimizer=SGD(rate=arguments.rate), epochs=arguments.steps,
        progress=progress, gradient_method=method, native=arguments.native,
    )  # fmt: skip


def _sweep(arguments: argparse.Namespace) -> int:
    """Train from many seeds and print the table; 130 when it was interrupted."""
    alone = [f"--{name}" for name in ("save", "lesson") if getattr(arguments, name)] + ["--method"] * (arguments.method != "backprop")
    if alone:
        raise argparse.ArgumentError(None, f"--seeds trains many networks by backprop; leave out {' and '.join(alone)}, or --seeds")
    swept = sweep(
        _network, XOR.inputs, XOR.targets, seeds=range(1, arguments.seeds + 1), optimizer=SGD(rate=arguments.rate),
        epochs=arguments.steps, native=arguments.native, progress=sys.stderr.isatty(),
    )  # fmt: skip
    print(swept)
    sys.stdout.flush()
    if arguments.svg:
        from autoback.view.drawing import draw

        report(draw(swept).save(arguments.svg))
    if swept.missing or any(run.history.stopped == "interrupted" for run in swept.runs):
        print("autoback: interrupted; the table is of that moment", file=sys.stderr)
        return INTERRUPTED
    return SUCCESS


def _verdict(net: MLP, history: History) -> str:
    """What to say when the network has not learned XOR; nothing when it has."""
    outcome = outcome_of(net, XOR.inputs, XOR.targets)
    stuck = list(alarms("network", run_quantities(history, outcome)))
    if stuck:
        return fill(f"{stuck[0]}, such as --seed 69.", 80)
    if not (outcome.wrong and history.steps):
        return ""
    return f"Not learned after {history.steps} steps, see {few(outcome.wrong)}.\nMore --steps, another --rate or another --seed may do."


def fall(curve: Sequence[float], width: int = 60) -> str:
    """How a loss fell, as text: after 0, 1, 2, 5, 10, … steps and after the last, the loss and a bar.

    curve: the loss after 0, 1, 2, … steps
    width: of the longest bar, in characters; the scale is logarithmic, since losses fall by powers of ten

    >>> print(fall([1.0, 0.1, 0.02, 0.01], width=20))
    how the MSE fell (10 blocks are a factor of ten)
    step       MSE
       0  1.000000  ████████████████████
       1  0.100000  ██████████
       2  0.020000  ███
       3  0.010000
    """
    last = len(curve) - 1
    marks = [mark * 10**power for power in range(len(str(last))) for mark in (1, 2, 5)]
    logarithms = {step: math.log10(max(curve[step], 1e-15)) for step in [0, *(step for step in marks if step < last), last]}
    low, high = math.floor(min(logarithms.values())), math.ceil(max(logarithms.values()))
    blocks = width // max(1, high - low)
    digits = max(4, len(str(last)))
    lines = [f"how the MSE fell ({blocks} blocks are a factor of ten)", f"{'step':>{digits}}  {'MSE':>8}"]
    for step, logarithm in logarithms.items():
        lines.append(f"{step:>{digits}}  {curve[step]:8.6f}  {'█' * round(blocks * (logarithm - low))}".rstrip())
    return "\n".join(lines)


def _comparison(arguments: argparse.Namespace, slow: History, after: float) -> str:
    net = _network(arguments.seed)
    fast = _train(net, arguments, "backprop", progress=False)
    if not fast.steps:
        return ""
    per_slow, per_fast = slow.seconds / slow.steps, fast.seconds / fast.steps
    return (
        f"finite differences  {per_slow * 1e6:8.1f} µs a step  MSE after: {after:.6f}\n"
        f"backprop            {per_fast * 1e6:8.1f} µs a step  MSE after: {cost(net, XOR.inputs, XOR.targets).data:.6f}\n"
        f"Finite differences took {per_slow / per_fast:.1f} times as long: they run the network once for\n"
        f"each of its {len(net.parameters())} parameters, where backprop runs it once forward and once back."
    )


def _write(net: MLP, arguments: argparse.Namespace) -> None:
    """The files that were asked for, each named on stderr once it is there."""
    if arguments.save:
        report(save(net, arguments.save))
    if arguments.svg or arguments.lesson:
        sample = squared_error(net([1.0, 1.0]), [Value(0.0, "y")])
        sample.label = "C"
        net.zero_grad()
        sample.backward()
        if arguments.svg:
            from autoback.view.drawing import draw

            report(draw(sample, fold=net).save(arguments.svg))
        if arguments.lesson:
            from autoback.view.lesson import lesson

            report(lesson(sample, title="1 xor 1").save(arguments.lesson))


# Wrong words on the command line are said before the training, not after it


def _steps(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"steps must be a whole number of at least 0, got {text!r}")
    return int(text)


def _seeds(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"seeds must be a whole number of at least 1, got {text!r}")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not (math.isfinite(rate) and rate > 0.0):
        raise argparse.ArgumentTypeError(f"the rate must be a positive number, got {text!r}")
    return rate
