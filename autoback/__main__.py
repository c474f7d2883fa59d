"""`python -m autoback`: the same as the command `autoback`."""

import sys

from autoback.cli import main

if __name__ == "__main__":
    sys.exit(main())
