"""Fuzzes the readers: 10,000 mutated files, guided by the coverage of our own code where atheris can be installed."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rich.progress import Progress
from rich.table import Column, Table

from include import reading, settings
from include.contract_reader import find_dataset
from include.grid import Refused

CASES = 10_000
SEED = 20_261_124
_MOST_DEATHS = 25


def fuzz(folder: Path, cases: int, seed: int, watch: Any = None) -> tuple[Counter[str], list[str]]:
    """Run so many cases; return the counts and what went wrong. A process that dies is followed by another."""
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for turn in range(_MOST_DEATHS):
        if counts["cases"] >= cases:
            break
        own = folder / f"turn-{turn}"
        own.mkdir()
        arguments = [str(own), str(cases - counts["cases"]), str(seed + turn)]
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.ordeal.fuzz_reader", *arguments],
            env=os.environ | {"TEGAK_PSEUDONYM_KEY": "5" * 64},
            cwd=settings.ROOT,
            stdout=subprocess.DEVNULL,
            stderr=(own / "log").open("wb"),
        )
        while child.poll() is None:
            time.sleep(0.2)
            if watch:
                watch(counts["cases"] + _told(own)["counts"].get("cases", 0))
        told = _told(own)
        counts.update(told["counts"])
        failures += told["failures"]
        if child.returncode == 0:
            continue
        counts.update(cases=1, died=1)
        failures += _after_death(own, child.returncode)
        if not told["counts"]:
            failures.append(f"the fuzzing process ended with {child.returncode} before its first cases")
            break
    else:
        failures.append(f"the fuzzing process died {_MOST_DEATHS} times")
    return counts, failures


def _told(folder: Path) -> dict[str, Any]:
    path = folder / "counts.json"
    return json.loads(path.read_text()) if path.exists() else {"counts": {}, "failures": []}


def _after_death(folder: Path, code: int) -> list[str]:
    """The file that killed the fuzzing process must be refused by a child with limits, and only that child may die."""
    dataset = find_dataset("uji", "timbang", Path(__file__).parents[1] / "fixtures" / "contracts")
    scratch = folder / "after-death"
    scratch.mkdir()
    try:
        reading.read_grid(folder / "last", "x.dat", dataset, scratch)
    except Refused:
        return []
    except Exception as error:  # noqa: BLE001  that is what is looked for
        return [f"after death by {code}: {error!r} ({folder / 'last'})"]
    return [f"died by {code}, and a child with limits reads it ({folder / 'last'})"]


def run(progress: Progress) -> dict[str, Any]:
    """Fuzz 10,000 cases and print the counts."""
    bar = progress.add_task("fuzzing the readers", total=CASES)
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="tegak-fuzz-"))
    counts, failures = fuzz(folder, CASES, SEED, lambda done: progress.update(bar, completed=done))
    if failures:
        failures.append(f"the files that failed are kept in {folder}")
    else:
        shutil.rmtree(folder)
    table = Table("fuzzed", Column("", justify="right"))
    for words, name in {
        "files": "cases",
        "refused with a sentence": "refused",
        "read": "read",
        "rows read": "rows",
        "rows accepted": "accepted",
        "rows quarantined": "quarantined",
        "rows duplicate or superseded": "repeated",
        "rows lost": "lost",
        "children that a file killed": "died",
    }.items():
        table.add_row(words, f"{counts[name]:,}")
    table.add_row("seconds", f"{time.monotonic() - started:.0f}")
    progress.console.print(table)
    return {"fuzzed": counts["cases"], "lost_rows": counts["lost"], "failures": failures}
