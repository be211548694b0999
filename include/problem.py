"""What a person must mend before a command can do what they ask: told as one sentence, without a traceback, with code 2."""

import sys
from collections.abc import Callable
from typing import NoReturn


class Problem(Exception):
    """Nothing was done; the message says what is wrong, where, and what to do. It holds no cell of a delivery."""


def exit_code(main: Callable[[], int | None]) -> int:
    """Return what a command returns, 0 done and 1 looked and found something wrong, or 2 with a `Problem` told on stderr."""
    try:
        return main() or 0
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2


def run(main: Callable[[], int | None]) -> NoReturn:
    """End the process with the command's code."""
    sys.exit(exit_code(main))
