"""Runs DAGs in a child process and shows its progress: a bar per DAG, dbt's own count, what failed."""

import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.progress import Progress, TaskID

from include.console import bars

_TASK = re.compile(r"^(\S+) .*\[DAG TEST\] (starting|end task) task_id=(\S+)")
_DAG = re.compile(r"^\[NIGHT\] dag (\S+)")
_NOTE = re.compile(r"^\[NIGHT\] (mart started .*)")
_ENDED = re.compile(r"^\[NIGHT\] ended (\S+)")
_FAILED = re.compile(r"^\[NIGHT\] failed (.*)")
_DBT = re.compile(r"(\d+) of (\d+) (?:OK|PASS|WARN|ERROR|FAIL)")


@dataclass
class Outcome:
    """How the child ended: exit code, seconds per step, the errors it printed, the ids of its runs."""

    code: int = 0
    steps: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    errors: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)


def run_dags(log: Path, *arguments: str) -> Outcome:
    """Run `include.run_dags` in a child, all it prints goes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    outcome = Outcome()
    child = subprocess.Popen(
        [sys.executable, "-m", "include.run_dags", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with log.open("w", encoding="utf-8") as lines, bars() as progress:
        bar = progress.add_task("starting Airflow", total=None)
        dag, begun = "", datetime.now().astimezone()
        for line in child.stdout or ():
            lines.write(line)
            if found := _DAG.match(line):
                _fill(progress, bar)
                dag = found[1]
                bar = progress.add_task(dag, total=None)
            elif found := _ENDED.match(line):
                outcome.runs.append(found[1])
            elif found := _FAILED.match(line):
                outcome.errors.append(found[1])
            elif found := _NOTE.match(line):
                progress.console.print(found[1])
            elif found := _TASK.match(line):
                moment = datetime.fromisoformat(found[1])
                if found[2] == "starting":
                    begun = moment
                    progress.update(bar, description=f"{dag} {found[3]}")
                else:
                    outcome.steps[f"{dag} {found[3]}"] += (moment - begun).total_seconds()
                    progress.advance(bar)
            elif found := _DBT.search(line):
                progress.update(bar, description=f"{dag} dbt {found[1]} of {found[2]}")
        if not outcome.errors:
            _fill(progress, bar)
    outcome.code = child.wait()
    return outcome


def _fill(progress: Progress, bar: TaskID) -> None:
    """Show a bar as full and its clock as stopped; how many steps there would be nobody knows before."""
    steps = max(1, progress.tasks[bar].completed)
    progress.update(bar, total=steps, completed=steps)


def prepare_airflow() -> None:
    """Make or update Airflow's own database."""
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
