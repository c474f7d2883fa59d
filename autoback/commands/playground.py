"""`autoback playground`: a page on which a small network learns, with everything to change."""

import argparse
from typing import Any

from autoback.commands import SUCCESS
from autoback.commands.arguments import ending, write

__all__ = ["add", "run"]

_DESCRIPTION = """\
Write one self-contained page on which a small network learns: choose data or
click points, add layers and neurons, change activations, loss and optimiser,
and watch. It opens from disk and asks nothing of the network. The page's links
and files carry its state; Python loads its files, and the page opens Python's."""

_EXAMPLES = """\
examples:
  autoback playground -o playground.html
  autoback playground --data yin-yang -o classes.html
  autoback playground --net xor.json --data xor -o xor.html   # after xor --save"""

_DATA = ("xor", "moons", "circles", "spirals", "yin-yang")


def add(subparsers: Any) -> None:
    """Describe the arguments to argparse."""
    about = "write a page on which a network learns"
    parser = subparsers.add_parser("playground", help=about, description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("-o", "--output", type=ending(".html"), metavar="FILE", required=True, help="the page, a name ending in .html")
    parser.add_argument("--data", choices=_DATA, default="circles", help="what to begin with (default %(default)s)")
    parser.add_argument(
        "--net", type=ending(".json", ".safetensors"), metavar="FILE", help="a saved network of 2 inputs and 1 to 3 outputs to begin with"
    )
    parser.add_argument("--title", metavar="TEXT", help="the heading of the page")


def run(arguments: argparse.Namespace) -> int:
    """Write the page."""
    from autoback.engine.operations import OPERATIONS
    from autoback.nn.modules import MLP
    from autoback.nn.storage import load
    from autoback.view.playground.playground import SETS, playground

    data = {"data": arguments.data} if arguments.data in SETS else {}  # without any the page begins with XOR
    sizes = [8, 3] if data and SETS[arguments.data].classes == 3 else [4, 1]
    net = load(arguments.net) if arguments.net is not None else MLP(2, sizes)
    logits = OPERATIONS.get(net.activations[-1]) is None  # no operation after the sum: any number
    loss = "squared_error" if not logits else "cross_entropy" if net.n_outputs > 1 else "binary_cross_entropy"
    write(arguments.output, playground(net, loss=loss, title=arguments.title or "Playground", **data).html)
    return SUCCESS
