"""`autoback draw`: the computation graph of an expression as a picture."""

import argparse
from typing import Any

from autoback.commands import SUCCESS
from autoback.commands.arguments import LANGUAGE, Question, add_expression, ending, on_expression, report, write

__all__ = ["add", "run"]

_DESCRIPTION = """\
Draw the graph of an expression: every node with its value and its gradient,
every edge with its local derivative."""

_EXAMPLES = f"""\
{LANGUAGE}

examples:
  autoback draw "L = (tanh(w*x + b) - y)**2" w=0.5 x=2 b=1 y=0 -o graph.svg
  autoback draw "x*x" x=3 --detailed -o square.svg    the sum at x, by eye
  autoback draw "sigmoid(w*x)" w=1 x=2 --elementary -o parts.svg
  autoback draw "x*y" x=3 y=4 --forward > before.svg  without gradients"""


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    parser = subparsers.add_parser("draw", help="draw the graph of an expression", description=_DESCRIPTION, epilog=_EXAMPLES)
    add_expression(parser)
    files = ending(".svg", ".dot", ".gv", ".png", ".pdf")
    where = "a name ending in .svg or .dot, in .png (needs resvg-py) or in .pdf (needs Graphviz); default SVG on stdout"
    parser.add_argument("-o", "--output", type=files, metavar="FILE", help=where)
    parser.add_argument("--detailed", action="store_true", help="write upstream × local = contribution on each edge")
    parser.add_argument("--elementary", action="store_true", help="take compound operations apart")
    parser.add_argument("--forward", action="store_true", help="the values alone, before any backward")
    parser.add_argument("--theme", choices=("light", "dark", "auto"), default="light", help="colours (default %(default)s)")
    parser.add_argument("--direction", choices=("LR", "TB"), default="LR", help="left to right, or top to bottom (default %(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Draw; 0, or 2 for an expression that cannot be read."""

    def work(question: Question) -> int:
        from autoback.view.drawing import draw

        if not arguments.forward:
            question.root.backward()
        drawing = draw(
            question.root,
            style="detailed" if arguments.detailed else "plain",
            theme=arguments.theme,
            elementary=arguments.elementary,
            direction=arguments.direction,
        )
        if arguments.output is None:
            write(None, drawing.svg)
        else:
            report(drawing.save(arguments.output))
        return SUCCESS

    return on_expression(arguments, work)
