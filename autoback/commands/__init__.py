"""Floor 5: the subcommands of `autoback`, one module each.

A module NAME offers `add(subparsers)`, which describes its arguments to argparse, and
`run(arguments)`, which does the work and returns the exit code. It imports what is slow
inside `run`, and is listed in `autoback.cli.COMMANDS`.
"""
