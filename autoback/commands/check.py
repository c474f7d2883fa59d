"""`autoback check`: the gradients of an expression beside their finite differences."""

import argparse
import math
import sys
from collections.abc import Sequence
from typing import Any

from autoback.commands import FAILURE, SUCCESS
from autoback.commands.arguments import LANGUAGE, Question, add_expression, on_expression
from autoback.engine.check import GradientMismatch, check_gradients, step_sweep, table
from autoback.engine.value import topological_order
from autoback.expression import Expression, ExpressionError

__all__ = ["add", "run"]

_DESCRIPTION = """\
Compare each gradient with a finite difference, and show how the difference
errs as its step shrinks: first by cutting off a curve, then by rounding.
The exit code is 1 when a pair differs."""

_EXAMPLES = f"""\
{LANGUAGE}

examples:
  autoback check "L = (tanh(w*x + b) - y)**2" w=0.5 x=2 b=1 y=0
  autoback check "exp(x)" x=1 --method forward   as (f(x+h) - f(x)) / h
  autoback check "relu(x)" x=0                   what happens at a kink"""

_STEPS = [10.0**-k for k in range(1, 15)]
_BAR = 40


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    parser = subparsers.add_parser("check", help="compare gradients with finite differences", description=_DESCRIPTION, epilog=_EXAMPLES)
    add_expression(parser)
    parser.add_argument("--method", choices=("central", "forward"), default="central", help="of the difference (default %(default)s)")
    parser.add_argument("--step", type=_positive, metavar="H", help="half-width of the difference (default: the best for each input)")
    parser.add_argument("--tolerance", type=_positive, metavar="T", help="largest relative error (default 1e-6 central, 1e-4 forward)")


def run(arguments: argparse.Namespace) -> int:
    """Check; 0 when all gradients agree, 1 when not, 2 for an expression that cannot be read."""

    def work(question: Question) -> int:
        expression = question.expression
        at = [leaf.data for leaf in question.leaves.values()]
        if not at:
            raise ExpressionError("the expression has no variables, so there is no gradient to check")
        code = SUCCESS
        try:
            options = {"step": arguments.step, "method": arguments.method, "tolerance": arguments.tolerance}
            print(f"{table(check_gradients(expression, at, names=expression.variables, **options))}\n")
        except GradientMismatch as mismatch:
            summary, _, rows = str(mismatch).partition("\n")
            print(rows)
            print(f"autoback: {summary}", file=sys.stderr)
            for row in dict.fromkeys(node.op for node in topological_order(question.root) if node.op is not None and node.op.convention):
                print(f"{row.name}: {row.convention}")
            print()
            code = FAILURE
        except ExpressionError as error:  # at the point itself there was an answer
            print(f"autoback: a step of the finite difference leaves the domain, {error.reason}; give a smaller --step", file=sys.stderr)
            code = FAILURE
        print(sweep(expression, at, arguments.method))
        return code

    return on_expression(arguments, work)


def sweep(expression: Expression, at: Sequence[float], method: Any = "central") -> str:
    """The error of the finite difference for steps from 0.1 down to 1e-14, as a table with bars.

    expression: a function of n Values; at: n numbers; method: "central" or "forward"
    A bar is the logarithm of the error: from 1e-16, nothing, to 1, the full width.
    """
    lines = [f"{'step':>6}  {'largest error':>13}  on a logarithmic scale, 1e-16 to 1"]
    for step in _STEPS:
        try:
            [(_, error)] = step_sweep(expression, at, [step], method=method)
        except ExpressionError:
            lines.append(f"{step:6.0e}  {'':13}  leaves the domain of the expression")
        except ValueError:
            lines.append(f"{step:6.0e}  {'':13}  too small to move every input")
        else:
            length = 0 if error == 0.0 else round(_BAR * min(max(math.log10(error) / 16 + 1, 0.0), 1.0))
            lines.append(f"{step:6.0e}  {error:13.1e}  {'█' * length}".rstrip())
    return "\n".join(lines)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a positive number, got {text!r:.40}")
    return number
