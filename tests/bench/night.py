"""A whole night, from the landing folder to a release, beside the design that everybody writes first (`naive/`).

A night of a regency under that design would take hours: it is measured at small at most, and so is ours beside it.
"""

import json
import os
import shutil
import statistics
import sys

from tests.bench.lines import Line, line
from tests.bench.measure import Run, run_command
from tests.bench.naive.steps import DAGS
from tests.bench.place import Bench

# of so many models one is a task of its own and measured; the others are built between them and reckoned. 1: all.
EVERY = int(os.environ.get("BENCH_EVERY", "15"))


def run(bench: Bench) -> list[Line]:
    lines = [line(f"a whole night, {bench.size}", [bench.night()])]
    size = "small" if bench.size == "regency" else bench.size
    ours, (naive, note) = bench.night(size), _naive(bench, size)
    against = "pandas, Great Expectations on pandas, a dbt run per model"
    both = line(f"a whole night, {size}", [ours], against, [naive], note=note)
    return [*lines, both.slower(5.0, "naive_x")] if size != bench.size else [both.slower(5.0, "naive_x")]


def _naive(bench: Bench, size: str) -> tuple[Run, str]:
    """Run the naive night; return it, with the seconds of all its models reckoned from those that ran alone."""
    folder = bench.folder / f"naive_{size}"
    shutil.rmtree(folder, ignore_errors=True)
    environment = bench.environment(f"naive_{size}") | {
        "NAIVE_HOME": str(folder),
        "NAIVE_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    }
    shutil.copytree(bench.landing(size), folder / "landing")
    run_command([sys.executable, "-m", "airflow", "db", "migrate"], environment)
    bench.step(f"the naive night, {size}")
    run, _ = run_command([sys.executable, "-m", "tests.bench.naive", str(EVERY)], environment)
    return reckoned(
        run, [json.loads(line) for line in (folder / "times.jsonl").read_text(encoding="utf-8").splitlines()]
    )


def reckoned(run: Run, steps: list[dict]) -> tuple[Run, str]:
    """Put each model in for what one alone took. The steps of models are named by what they built."""
    built = [step for step in steps if step["step"].startswith(("run ", "snapshot "))]
    count = sum(len(step["step"].split()) - 1 for step in built)
    alone = [step for step in built if len(step["step"].split()) == 2]

    def whole(taken: float, what: str) -> float:
        return taken - sum(step[what] for step in built) + statistics.mean(step[what] for step in alone) * count

    each = statistics.mean(step["seconds"] for step in alone)
    note = f"{count} models at {each:.1f} s a task" + (f", reckoned from {len(alone)}" if len(alone) < count else "")
    return Run(whole(run.seconds, "seconds"), whole(run.cpu_seconds, "cpu_seconds"), run.peak_mb), note
