"""One run of one side: `python -m tests.bench.side <module>:<function> <arguments as JSON>`.

The function prepares and returns the work; the work is timed and returns what it tells of itself.
"""

import json
import os
import sys
import time
from importlib import import_module

from tests.bench.measure import TOLD


def main(function: str, arguments: str) -> None:
    module, _, name = function.partition(":")
    work = getattr(import_module(module), name)(**json.loads(arguments))
    before, started = os.times(), time.perf_counter()
    told = work() or {}
    taken, after = time.perf_counter() - started, os.times()
    told |= {"seconds": taken, "cpu_seconds": sum(after[:4]) - sum(before[:4])}
    print(f"\n{TOLD}{json.dumps(told)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
