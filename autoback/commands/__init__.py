"""Floor 5: the subcommands of `autoback`, one module each.

A module NAME offers `add(subparsers)`, which describes its arguments to argparse, and
`run(arguments)`, which does the work and returns the exit code. What is wrong with the command
line it raises as `argparse.ArgumentError(None, message)`, what else goes wrong as the error it is.
It imports what is slow where it is used, and is listed in `autoback.cli.COMMANDS`.
"""

__all__ = ["FAILURE", "INTERRUPTED", "PIPE_CLOSED", "SUCCESS", "USAGE"]

#: The exit codes: all is well; it could not be done; the command line is wrong; Ctrl-C; nobody reads the output any more.
SUCCESS, FAILURE, USAGE, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141
