"""The console of the commands: as wide as the terminal, wide enough for the tables when there is none."""

import sys

from rich.console import Console

CONSOLE = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
