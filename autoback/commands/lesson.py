"""`autoback lesson`: a page on which to step through an expression, and to touch it."""

import argparse
from typing import Any

from autoback.commands import SUCCESS
from autoback.commands.arguments import LANGUAGE, Question, add_expression, ending, on_expression, write

__all__ = ["add", "run"]

_DESCRIPTION = """\
Write one self-contained page about an expression: send a ripple through its
graph, walk back along the chain rule, move the numbers, answer a quiz. It opens
from disk and asks nothing of the network."""

_EXAMPLES = f"""\
{LANGUAGE}

examples:
  autoback lesson "L = (tanh(w*x + b) - y)**2" w=0.5 x=2 b=1 y=0 -o lesson.html
  autoback lesson "x*x" x=3 -o square.html"""


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    parser = subparsers.add_parser("lesson", help="write a page to step through an expression", description=_DESCRIPTION, epilog=_EXAMPLES)
    add_expression(parser)
    parser.add_argument("-o", "--output", type=ending(".html"), metavar="FILE", required=True, help="the page, a name ending in .html")
    parser.add_argument("--title", metavar="TEXT", help="the heading of the page")


def run(arguments: argparse.Namespace) -> int:
    """Write the page; 0, or 2 for an expression that cannot be read."""

    def work(question: Question) -> int:
        from autoback.view.lesson import lesson

        question.root.backward()
        write(arguments.output, lesson(question.root, title=arguments.title).html)
        return SUCCESS

    return on_expression(arguments, work)
