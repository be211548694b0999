"""Runs one side of a comparison in a process of its own, again and again in turns, and compares what it took.

Each run is a new process, so that nobody's memory or cache is another's. What is timed is the work alone: a side
first prepares (imports, opens, fills) and then returns the work (`side.py`).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from include.settings import ROOT

TOLD = "[BENCH] "
_LAST_SIGNS = 3000


class SideFailed(Exception):
    """A side ended with an error; the message is the end of what it printed."""


@dataclass(frozen=True)
class Run:
    """One run: seconds on the clock, seconds of computing, MB of the largest process, and what it told of itself."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    told: dict[str, Any] = field(default_factory=dict)

    def scaled(self, factor: float) -> "Run":
        """Reckon a sample's run up to all; the memory stays that of the sample."""
        return replace(self, seconds=self.seconds * factor, cpu_seconds=self.cpu_seconds * factor)


@dataclass(frozen=True)
class Spread:
    """The median of several runs with the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Side:
    """A function of a section that prepares and returns the work, and what it is given."""

    function: str  # module:function
    arguments: dict[str, Any] = field(default_factory=dict)
    path: str = ""  # a folder of packages that only this side needs


def ratio(ours: list[Run], theirs: list[Run]) -> Spread:
    """Compare run by run, as the two of one turn had the same machine: how many times ours took what theirs took."""
    return Spread.of([our.seconds / their.seconds for our, their in zip(ours, theirs, strict=True)])


def seconds(runs: list[Run]) -> Spread:
    return Spread.of([run.seconds for run in runs])


def cpu(runs: list[Run]) -> float:
    return statistics.median(run.cpu_seconds for run in runs)


def peak(runs: list[Run]) -> float:
    return max(run.peak_mb for run in runs)


def alternate(
    sides: dict[str, Side], environment: dict[str, str], rounds: int, step: Callable[[str], None]
) -> dict[str, list[Run]]:
    """Run the sides in turns, A B A B, so that a slow minute of the machine is everybody's."""
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            step(name)
            runs[name].append(run_side(side, environment))
    return runs


def run_side(side: Side, environment: dict[str, str], code: Path = ROOT) -> Run:
    """Run one side once, of the code in a folder; raise `SideFailed`."""
    command = [sys.executable, "-m", "tests.bench.side", side.function, json.dumps(side.arguments), side.path]
    whole, printed = run_command(command, environment, code)
    [told] = [json.loads(line.removeprefix(TOLD)) for line in printed.splitlines() if line.startswith(TOLD)]
    return Run(told.pop("seconds"), told.pop("cpu_seconds"), whole.peak_mb, told)


def run_command(command: list[str], environment: dict[str, str], code: Path = ROOT) -> tuple[Run, str]:
    """Run a command to its end in the folder of its code; return the run and what it printed. Raises `SideFailed`.

    The peak is that of the largest process among it and those that it waited for.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as printed:
        started = time.perf_counter()
        child = subprocess.Popen(command, env=environment, cwd=code, stdout=printed, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        taken = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read()
    if child.returncode:
        raise SideFailed(f"{' '.join(command[1:4])} ended with {child.returncode}: {text[-_LAST_SIGNS:].strip()}")
    return Run(taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), text
