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

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from include import report, retention, settings, vault, warehouse
from include.console import CONSOLE
from include.keys import KeyProblem, pseudonym_key
from include.private import purge_scratch

LOG = Path(os.environ["AIRFLOW_HOME"]) / "logs" / "nightly.log"

_TASK = re.compile(r"^(\S+) .*\[DAG TEST\] (starting|end task) task_id=(\S+)")
_DAG = re.compile(r"^\[NIGHT\] dag (\S+)")
_NOTE = re.compile(r"^\[NIGHT\] (mart started .*)")
_FAILED = re.compile(r"^\[NIGHT\] failed (.*)")
_DBT = re.compile(r"(\d+) of (\d+) (?:OK|PASS|WARN|ERROR|FAIL)")


def main() -> int:
    """Return 0 when the night ended with a release."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="small", choices=["tiny", "small", "regency"])
    size = parser.parse_args().size
    started = time.monotonic()
    try:
        vault.data_key("warehouse")
        pseudonym_key()
    except KeyProblem as problem:  # before anything is written
        CONSOLE.print(str(problem), markup=False)
        return 2
    purge_scratch()
    warehouse.prove()
    if not any(settings.LANDING.rglob("*.*")) and not any(settings.ARCHIVE.rglob("*.json")):
        CONSOLE.print(
            f"Nothing has been delivered yet: writing the synthetic regency, size {size} (every person is invented)."
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
    with warehouse.connect() as con:
        report.show_deliveries(con)
        report.show_warnings(con)
    report.show_steps(steps, time.monotonic() - started)
    if code:
        CONSOLE.print("\n[bold red]The night did not end well; the last release stays in place.[/]")
        for error in errors:
            CONSOLE.print(error, markup=False)
        CONSOLE.print(f"The whole log: {report.shown(LOG)}")
        return code
    retention.show_due()
    report.show_release(settings.CURRENT.resolve())
    return 0


def _run_dags() -> tuple[int, dict[str, float], list[str]]:
    """Run the DAGs in a child; return its exit code, seconds per step, and the errors it printed."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    steps: dict[str, float] = defaultdict(float)
    errors: list[str] = []
    child = subprocess.Popen(
        [sys.executable, "-m", "include.run_dags"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
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
            elif found := _FAILED.match(line):
                errors.append(found[1])
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
    return child.wait(), steps, errors


if __name__ == "__main__":
    sys.exit(main())
