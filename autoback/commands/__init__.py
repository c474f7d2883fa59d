"""Floor 5: the subcommands of `autoback`, one module each.

A module NAME offers `add(subparsers)`, which describes its arguments to argparse, and
`run(arguments)`, which does the work and returns the exit code. What is wrong with the command
line it raises as `argparse.ArgumentError(None, message)`, what else goes wrong as the error it is.
It imports what is slow where it is used, and is listed in `autoback.cli.COMMANDS`.
"""
