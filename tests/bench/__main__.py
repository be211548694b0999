"""`make bench`: how fast everything is, beside other ways to do it; `make bench PART=<section>` measures one section.

Each comparison runs in turns on the same machine, so that a ratio holds where seconds do not. The last line holds all
figures; the tables lie in `data/bench/`.
"""

import argparse
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from include import settings
from include.console import CONSOLE, bars
from tests.bench import report
from tests.bench.lines import Line
from tests.bench.place import Bench

SECTIONS = ("night", "intake", "gate", "zscores", "linkage", "products")
LONG = ("growth", "year")  # alone, for they take hours


def main() -> int:
    """Return 0 when every section was measured, whether or not a goal was reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=[*SECTIONS, *LONG, ""], help="one section alone")
    parser.add_argument("--size", default="small", choices=["tiny", "small", "regency"])
    options = parser.parse_args()
    facts, measured, failures = report.machine(), dict[str, list[Line]](), list[str]()
    folder = Path(tempfile.mkdtemp(prefix="bench_", dir=_made(settings.DATA)))
    try:
        with bars() as progress:
            sections = [options.part] if options.part else SECTIONS
            bar = progress.add_task("bench", total=len(sections))
            bench = Bench(folder, options.size, lambda step: progress.update(bar, description=step))
            for name in sections:
                try:
                    measured[name] = import_module(f"tests.bench.{name}").run(bench)
                except Exception as error:  # noqa: BLE001 it is told below, and keeps no other section from running
                    failures.append(f"{name}: {type(error).__name__}: {error}")
                progress.advance(bar)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lines = [line for part in measured.values() for line in part]
    last = report.last_line(lines, bench.nights.get(options.size))
    CONSOLE.print(report.table(lines))
    CONSOLE.print(f"{report.write(settings.DATA / 'bench', measured, options.size, facts, last)}", markup=False)
    for failure in failures:
        CONSOLE.print(failure, markup=False)
    print(last)
    return 1 if failures else 0


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
