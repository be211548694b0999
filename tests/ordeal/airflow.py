"""Kills of real Airflow nights (`include.run_dags`), and the next real night."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

from include.settings import ROOT
from tests.ordeal.kills import Tally, strike
from tests.ordeal.regency import Regency
from tests.ordeal.stage import Outcome, Place

# what is printed at the moment of the kill
KILLS = (
    r"\[DAG TEST\] starting task_id=penimbangan\.load",
    r"\[DAG TEST\] end task task_id=krs_keluarga\.load",
    r"OK created sql table model intermediate\.int_child_links",
    r"\[DAG TEST\] starting task_id=publish",
)


def kill_real_night(regency: Regency, place: Place, line: str) -> Tally:
    """Kill the DAGs' process when the line is printed; let the DAGs run once more and compare."""
    name = f"Airflow, at {line.replace(chr(92), '')}"

    def kill() -> Outcome:
        regency.put_evening(place)
        _migrate(place)
        return run_dags(place, line)

    return strike(regency, place, name, kill, next_night=lambda: run_dags(place))


def _migrate(place: Place) -> None:
    shutil.rmtree(place.folder / "airflow", ignore_errors=True)
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    subprocess.run(command, env=place.environment, cwd=ROOT, check=True, capture_output=True)


def run_dags(place: Place, kill_at: str | None = None) -> Outcome:
    """Run one night of all DAGs; kill its process group as soon as the line appears."""
    started, sign = time.monotonic(), re.compile(kill_at) if kill_at else None
    child = subprocess.Popen(
        [sys.executable, "-m", "include.run_dags"],
        env=place.environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    printed = []
    for line in child.stdout or ():
        printed.append(line)
        if sign and sign.search(line):
            os.killpg(child.pid, signal.SIGKILL)
            break
    code = child.wait()
    if child.stdout:
        child.stdout.close()
    return Outcome(code, time.monotonic() - started, "".join(printed))
