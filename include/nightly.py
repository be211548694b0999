"""`make nightly`: one night from the landing folder to a release, with progress, ending in a table for a person."""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from include import settings, warehouse
from include.console import CONSOLE

LOG = Path(os.environ["AIRFLOW_HOME"]) / "logs" / "nightly.log"
MOST_ROWS_SHOWN = 60
MOST_REASONS_SHOWN = 5

_TASK = re.compile(r"^(\S+) .*\[DAG TEST\] (starting|end task) task_id=(\S+)")
_DAG = re.compile(r"^\[NIGHT\] dag (\S+)")
_NOTE = re.compile(r"^\[NIGHT\] (mart started .*|failed .*)")
_DBT = re.compile(r"(\d+) of (\d+) (?:OK|PASS|WARN|ERROR|FAIL)")
_ERROR = re.compile(r"^(?:include|dags)\.\S+?\.(\w+): (.*)|\w*(Refused|Failed|Disagrees|Problem|ContractError): (.*)")


def main() -> int:
    """Return 0 when the night ended with a release."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="small", choices=["tiny", "small", "regency"])
    size = parser.parse_args().size
    started = time.monotonic()
    if not any(settings.LANDING.rglob("*.*")):
        CONSOLE.print(
            f"The landing folder is empty: writing the synthetic regency, size {size} (every person is invented)."
        )
        generate = [sys.executable, "-m", "include.synthetic", "--size", size, "--landing", str(settings.LANDING)]
        subprocess.run([*generate, "--truth", str(settings.DATA / "truth")], check=True)
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    code, steps, errors = _run_dags()
    _show_deliveries()
    _show_steps(steps, time.monotonic() - started)
    if code:
        CONSOLE.print("\n[bold red]The night did not end well; the last release stays in place.[/]")
        for error in errors:
            CONSOLE.print(error, markup=False)
        CONSOLE.print(f"The whole log: {_shown(LOG)}")
        return code
    _show_prevalence()
    return 0


def _run_dags() -> tuple[int, dict[str, float], list[str]]:
    """Run the DAGs in a child; return its exit code, seconds per step, and the errors it printed."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    steps: dict[str, float] = defaultdict(float)
    errors: list[str] = []
    child = subprocess.Popen(
        [sys.executable, "-m", "include.airflow_night"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with LOG.open("w", encoding="utf-8") as log, Progress(*columns, console=CONSOLE) as progress:
        bar = progress.add_task("starting Airflow", total=None)
        dag, begun = "", datetime.now().astimezone()
        for line in child.stdout or ():
            log.write(line)
            if found := _DAG.match(line):
                dag = found[1]
                bar = progress.add_task(dag, total=None)
            elif found := _NOTE.match(line):
                progress.console.print(found[1])
            elif found := _TASK.match(line):
                moment = datetime.fromisoformat(found[1])
                if found[2] == "starting":
                    begun = moment
                    progress.update(bar, description=f"{dag} {found[3]}")
                else:
                    steps[f"{dag} {found[3]}"] += (moment - begun).total_seconds()
                    progress.advance(bar)
            elif found := _DBT.search(line):
                progress.update(bar, description=f"{dag} dbt {found[1]} of {found[2]}")
            elif found := _ERROR.search(line):
                errors.append(line.strip())
    return child.wait(), steps, list(dict.fromkeys(errors))


def _show_deliveries() -> None:
    with warehouse.connect() as con:
        rows = con.execute(
            """
            select agency || '/' || dataset, coalesce(period, 'no period') || '/' || file_name, status, reason,
                rows_read, rows_accepted, rows_quarantined, rows_duplicate, rows_superseded
            from audit.deliveries
            order by agency, dataset, period, received_at
            """
        ).fetchall()
        reasons = con.execute(
            f"""
            select agency || '/' || dataset, column_name, rule, count(*) as rows
            from audit.quarantine
            where severity = 'error'
            group by all
            order by rows desc, all
            limit {MOST_REASONS_SHOWN}
            """
        ).fetchall()
    table = Table(
        "dataset", "delivery", "", *map(_right, ("read", "accepted", "quarantined", "duplicate", "superseded"))
    )
    shown = rows if len(rows) <= MOST_ROWS_SHOWN else _totals(rows)
    for dataset, delivery, status, _, *counts in shown:
        is_balanced = counts[0] == sum(counts[1:])
        table.add_row(dataset, delivery, status if is_balanced else "UNBALANCED", *(f"{count:,}" for count in counts))
    CONSOLE.print(table)
    for dataset, delivery, status, reason, *_ in rows:
        if reason:
            CONSOLE.print(f"{status}: {dataset}/{delivery}\n    {reason}", markup=False)
    for dataset, column, rule, count in reasons:
        CONSOLE.print(f"quarantined: {count:,} rows of {dataset}, {column} {rule}", markup=False)
    if reasons:
        CONSOLE.print("    make check FILE=<the file in data/landing> lists row, column, value and what to do")


def _totals(rows: list[Any]) -> list[Any]:
    """Add up the deliveries of each dataset: a year of a regency is hundreds of files."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0] * 6)
    for dataset, _, _, _, *counts in rows:
        totals[dataset] = [a + b for a, b in zip(totals[dataset], [1, *counts], strict=True)]
    return [(dataset, f"{files} files", "", None, *counts) for dataset, (files, *counts) in totals.items()]


def _show_steps(steps: dict[str, float], seconds: float) -> None:
    table = Table("step", _right("seconds"))
    for step, duration in steps.items():
        if duration >= 0.1:
            table.add_row(step, f"{duration:.1f}")
    table.add_row("the whole night", f"{seconds:.1f}")
    CONSOLE.print(table)


def _show_prevalence() -> None:
    release = settings.CURRENT.resolve()
    with duckdb.connect(str(release / "tegak.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select month, due, measured, measured_pct, height_valid, stunted, stunted_pct "
            "from stunting_by_kabupaten order by month"
        ).fetchall()
    table = Table("month", *map(_right, ("due", "measured", "coverage", "valid height", "stunted", "stunting")))
    for month, due, measured, measured_pct, height_valid, stunted, stunted_pct in rows:
        counts = (f"{due:,}", f"{measured:,}", _percent(measured_pct), f"{height_valid:,}", f"{stunted:,}")
        table.add_row(f"{month:%Y-%m}", *counts, _percent(stunted_pct))
    CONSOLE.print(table)
    CONSOLE.print(f"Release: {_shown(release)} (data/current points to it)", markup=False)
    CONSOLE.print("Next: make sql, make up, make check FILE=<a delivery>")


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} %"


def _shown(path: Path) -> str:
    return str(path.relative_to(settings.ROOT)) if path.is_relative_to(settings.ROOT) else str(path)


def _right(name: str) -> Column:
    return Column(name, justify="right")


if __name__ == "__main__":
    sys.exit(main())
