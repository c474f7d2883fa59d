"""The page about the command line, made from the parsers of the commands: the same on every version of Python."""

import argparse
from collections.abc import Iterator

from autoback.cli import COMMANDS, _parser

__all__ = ["page"]

_OPENING = """\
# The command line

`autoback COMMAND ...`, or `python -m autoback COMMAND ...`. `autoback COMMAND --help` says what stands here.
Results go to stdout, everything else to stderr. The exit code is 0 for success, 1 for a failure, 2 for a wrong
command line, and 130 after Ctrl-C. `autoback --completion bash` prints what makes a shell complete all this.
"""


def page() -> str:
    """One section for each command: what it does, its arguments as a table, its examples."""
    parser = _parser([])
    [commands] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    parts = [_OPENING]
    for name in COMMANDS:
        command: argparse.ArgumentParser = commands.choices[name]
        text, _, examples = (command.epilog or "").partition("examples:\n")
        parts += [f"## autoback {name}\n", f"{_plain(command.description or '')}\n"]
        parts += ["| argument | meaning |\n|---|---|\n" + "".join(_row(action) for action in command._actions if action.dest != "help")]
        parts += [f"{_plain(text)}\n"] * bool(text.strip())
        parts += ["\n".join(f"    {line[2:]}".rstrip() for line in examples.splitlines()) + "\n"]
    return "\n".join(parts)


def _row(action: argparse.Action) -> str:
    return f"| {_escaped(' '.join(_words(action)))} | {_escaped((action.help or '') % {**vars(action), 'prog': 'autoback'})} |\n"


def _words(action: argparse.Action) -> Iterator[str]:
    value = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper())
    if not action.option_strings:
        yield f"`{value}{' ...' * (action.nargs == '*')}`"
    else:
        takes = "" if action.nargs == 0 else f" {value}"
        yield ", ".join(f"`{option}{takes}`" for option in action.option_strings)


def _plain(text: str) -> str:
    """Text in which no sign means anything to Markdown."""
    return text.strip().replace("*", "\\*").replace("<", "&lt;")


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
