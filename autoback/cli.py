"""The command line: `autoback NAME ...` hands over to autoback/commands/NAME.py."""

import argparse
import io
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from autoback.commands import FAILURE, INTERRUPTED, PIPE_CLOSED, USAGE

__all__ = ["COMMANDS", "main"]

#: The subcommands, in the order of the help text. Only the module of the one asked for is imported.
COMMANDS: tuple[str, ...] = ("xor", "draw", "explain", "lesson", "playground", "worksheet", "check", "operations")


class _Closed(io.TextIOBase):
    """Where stdout is closed: results have nowhere to go, which is a failure, but only once there are some."""

    def write(self, text: str) -> int:
        raise OSError("cannot print the results: stdout is closed")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps line ends, and gives long options room beside their help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, and whose help keeps the line ends of its examples."""

    def __init__(self, **options: object) -> None:
        super().__init__(**{"formatter_class": _Formatter, "allow_abbrev": False, **options})  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"autoback: {message} (see {self.prog} --help)\n")


_COMPLETION = "print what makes bash or zsh complete this command (needs shtab), as in: autoback --completion bash > FILE"


class _Completion(argparse.Action):
    """Prints the completion script of a shell, for the parser with all its commands."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: object, values: object, option: str | None = None) -> NoReturn:
        try:
            import shtab
        except ImportError:
            raise ImportError("completion needs shtab: pip install shtab") from None
        for each in _all(parser):
            if "autoback.commands.arguments.ending" in f"{getattr(each.type, '__module__', '')}.{getattr(each.type, '__qualname__', '')}":
                each.complete = shtab.FILE  # type: ignore[attr-defined]
        print(shtab.complete(parser, shell=str(values)))
        parser.exit()


def _all(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _all(command)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    argv: the words after `autoback`; default those of the process
    0 is success, 1 a failure, 2 a wrong command line, 130 Ctrl-C. Results go to stdout, everything
    else to stderr, where an error is one line.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    # A stream that was closed before the start, as by `autoback ... >&-`, is None.
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # for the rest of the process
    if sys.stdout is None:
        sys.stdout = _Closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without ∂ shows ?, not a traceback
    try:
        arguments = _parser(words).parse_args(words)
        code = int(import_module(f"autoback.commands.{arguments.command}").run(arguments))
        sys.stdout.flush()
    except SystemExit as stop:  # argparse: 0 after --help, 2 after an error
        return stop.code if isinstance(stop.code, int) else FAILURE
    except argparse.ArgumentError as error:  # from a command: words that are right one by one, but not together
        print(f"autoback: {error} (see autoback {words[0]} --help)", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("autoback: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `autoback ... | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains again at exit
        return PIPE_CLOSED
    except (ArithmeticError, AssertionError, ImportError, OSError, RuntimeError, ValueError) as error:
        print(f"autoback: {error}", file=sys.stderr)
        return FAILURE
    return code


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for these words: with the one command they name, or with all of them for the help text."""
    from autoback import __version__, engine_name

    parser = _Parser(
        prog="autoback",
        description="A scalar autograd engine with a neural-net layer on top.",
        epilog="Each command has its own help with examples: autoback xor --help",
    )
    version = f"autoback {__version__}, engine in {engine_name.capitalize()}"
    parser.add_argument("--completion", action=_Completion, choices=("bash", "zsh"), metavar="SHELL", help=_COMPLETION)
    parser.add_argument("-V", "--version", action="version", version=version)
    subparsers = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    for name in [words[0]] if words and words[0] in COMMANDS else COMMANDS:
        import_module(f"autoback.commands.{name}").add(subparsers)
    return parser
