"""`make nightly`: one night from the landing folder to a release, with progress, ending in a table for a person."""

import argparse
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from include import alerts, report, retention, room, settings, storage, vault, warehouse
from include.console import CONSOLE
from include.keys import pseudonym_key
from include.nearest import known_or_nearest
from include.private import purge_scratch
from include.problem import Problem, run
from include.progress import prepare_airflow, run_dags
from include.synthetic.population import SIZES

LOG = Path(os.environ["AIRFLOW_HOME"]) / "logs" / "nightly.log"


def main() -> int:
    """Return 0 when the night ended with a release; raise `Problem` when it cannot begin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="small")
    size = parser.parse_args().size
    if size not in SIZES:
        raise Problem(f"There is no SIZE={size}; {known_or_nearest(size, SIZES)}.")
    started, begun = time.monotonic(), datetime.now(UTC)
    vault.data_key("warehouse")  # a wrong key is told before anything is written
    pseudonym_key()
    purge_scratch()
    is_new = not any(settings.LANDING.rglob("*.*")) and not any(settings.ARCHIVE.rglob("*.json"))
    if is_new and not storage.is_set(storage.LANDING):  # there true deliveries may wait
        CONSOLE.print(
            f"Nothing has been delivered yet: writing the synthetic regency, size {size} (every person is invented)."
        )
        generate = [sys.executable, "-m", "include.synthetic", "--size", size, "--landing", str(settings.LANDING)]
        subprocess.run([*generate, "--truth", str(settings.DATA / "truth")], check=True)
    room.check()
    prepare_airflow()
    last = settings.CURRENT.resolve().name
    outcome = run_dags(LOG)
    with warehouse.connect() as con:
        report.show_deliveries(con)
        report.show_warnings(con)
    report.show_alerts(alerts.lines(), begun)
    report.show_steps(outcome.steps, time.monotonic() - started)
    if outcome.code:
        CONSOLE.print("\n[bold red]The night did not end well; the last release stays in place.[/]")
        for error in outcome.errors:
            CONSOLE.print(error, markup=False)
        CONSOLE.print(f"The whole log: {report.shown(LOG)}")
        return outcome.code
    retention.show_due()
    if settings.CURRENT.resolve().name == last:
        CONSOLE.print("Nothing is new since the last release, so it stands.")
    report.show_release(settings.CURRENT.resolve())
    return 0


if __name__ == "__main__":
    run(main)
