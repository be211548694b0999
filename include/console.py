"""The console of the commands: as wide as the terminal, wide enough for the tables when there is none; and its bars."""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

CONSOLE = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def bars() -> Progress:
    """Return the bars of a long command: what it does now, how much of it is done, for how long."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=CONSOLE,
    )
