"""One run of one side: `python -m tests.bench.side <module>:<function> <arguments as JSON> <folder of more packages>`.

The function prepares and returns the work; the work is timed and returns what it tells of itself.
"""

import json
import os
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from tests.bench.measure import TOLD


def main(function: str, arguments: str, packages: str) -> None:
    if packages:  # behind all others: some of them bring an old module of a name that the standard library has
        sys.path.append(packages)
    module, _, name = function.partition(":")
    work = getattr(import_module(module), name)(**json.loads(arguments))
    before, started = computing(), time.perf_counter()
    told = work() or {}
    taken, after = time.perf_counter() - started, computing()
    print(f"\n{TOLD}{json.dumps(told | {'seconds': taken, 'cpu_seconds': after - before})}")


def computing(pid: int | None = None) -> float:
    """Return the seconds of computing of a process, this one, and of all below it, those that live on (the reader) too."""
    ticks = 0
    waiting = [pid or os.getpid()]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended while we looked: then another waited for it
            fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # its own, and of the children it waited for
            for task in (process / "task").iterdir():
                waiting += map(int, (task / "children").read_text(encoding="utf-8").split())
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(*sys.argv[1:])
