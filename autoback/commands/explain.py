"""`autoback explain`: the chain rule for an expression, told step by step."""

import argparse
from typing import Any

from autoback.commands import SUCCESS
from autoback.commands.arguments import LANGUAGE, Question, add_expression, ending, on_expression, report, write
from autoback.engine.value import Value, topological_order
from autoback.expression import ExpressionError

__all__ = ["add", "run"]

_DESCRIPTION = """\
Tell how the chain rule finds the gradient of an expression: the value of each
step, the rule of each edge in symbols and in numbers, upstream × local, and the
sum wherever a value is used more than once."""

_EXAMPLES = f"""\
{LANGUAGE}

examples:
  autoback explain "L = (tanh(w*x + b) - y)**2" w=0.5 x=2 b=1 y=0 --wrt w
  autoback explain "x*x" x=3
  autoback explain "z = w*x; a = sigmoid(z)" w=1 x=2 --wrt z
  autoback explain "x*y" x=3 y=4 -o chain.html        with real fractions
  autoback explain "x*y" x=3 y=4 --format latex       for a paper"""


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    parser = subparsers.add_parser("explain", help="tell the chain rule step by step", description=_DESCRIPTION, epilog=_EXAMPLES)
    add_expression(parser)
    parser.add_argument(
        "--wrt", action="append", metavar="NAME", help="explain the gradient of this one; may be repeated (default: all variables)"
    )
    parser.add_argument("--format", choices=("text", "latex", "html"), default="text", help="of what goes to stdout (default %(default)s)")
    parser.add_argument(
        "-o", "--output", type=ending(".txt", ".tex", ".html"), metavar="FILE", help="a name ending in .txt, .tex or .html; default stdout"
    )


def run(arguments: argparse.Namespace) -> int:
    """Explain; 0, or 2 for an expression that cannot be read."""

    def work(question: Question) -> int:
        from autoback.view.explain import explain

        targets = [_named(question, name) for name in arguments.wrt or ()]
        question.root.backward()
        explanation = explain(question.root, wrt=targets or None)
        if arguments.output is None:
            write(None, {"text": explanation.text, "latex": explanation.latex, "html": explanation.page}[arguments.format])
        else:
            report(explanation.save(arguments.output))
        return SUCCESS

    return on_expression(arguments, work)


def _named(question: Question, name: str) -> Value:
    if name in question.leaves:
        return question.leaves[name]
    for node in topological_order(question.root):
        if node.label == name:
            return node
    raise ExpressionError(f"--wrt {name}: nothing in the expression has this name; it has {', '.join(question.leaves) or 'no variables'}")
