"""`autoback worksheet`: an exercise sheet about an expression, to print."""

import argparse
from typing import Any

from autoback.commands import SUCCESS
from autoback.commands.arguments import LANGUAGE, Question, add_expression, ending, on_expression, write

__all__ = ["add", "run"]

_DESCRIPTION = """\
Write an exercise sheet for A4 paper: the graph of an expression with its
gradients left blank, and the answers on a page of their own."""

_EXAMPLES = f"""\
{LANGUAGE}

examples:
  autoback worksheet "L = (tanh(w*x) - y)**2" w=0.5 x=2 y=0 -o sheet.html
  autoback worksheet "x*x" x=3 -o square.html"""


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    parser = subparsers.add_parser("worksheet", help="write an exercise sheet to print", description=_DESCRIPTION, epilog=_EXAMPLES)
    add_expression(parser)
    parser.add_argument("-o", "--output", type=ending(".html"), metavar="FILE", required=True, help="the sheet, a name ending in .html")


def run(arguments: argparse.Namespace) -> int:
    """Write the sheet; 0, or 2 for an expression that cannot be read."""

    def work(question: Question) -> int:
        from autoback.view.lesson.worksheet import worksheet

        question.root.backward()
        write(arguments.output, worksheet(question.root).html)
        return SUCCESS

    return on_expression(arguments, work)
