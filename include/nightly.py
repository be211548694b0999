"""`make nightly`: one night from the landing folder to a release, with progress, ending in a table for a person."""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from include import alerts, report, retention, room, settings, standing, storage, vault, warehouse
from include.console import CONSOLE
from include.keys import pseudonym_key
from include.nearest import known_or_nearest
from include.private import purge_scratch
from include.problem import Problem, run
from include.progress import prepare_airflow, run_dags
from include.synthetic.population import SIZES


def main() -> int:
    """Return 0 when the night ended with a release or nothing was delivered yet; raise `Problem` when it cannot begin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="", help="invent a regency of this size where nothing was delivered yet")
    size = parser.parse_args().size
    if size and size not in SIZES:
        raise Problem(f"There is no SIZE={size}; {known_or_nearest(size, SIZES)}.")
    # tried from a fresh clone; whoever has a data folder, or has named regencies, waits for true deliveries
    if not settings.DATA.exists() and not os.environ.get("TEGAK_REGENCIES"):
        size = size or "small"
    log = Path(os.environ["AIRFLOW_HOME"]) / "logs" / "nightly.log"
    started, begun = time.monotonic(), datetime.now(UTC)
    vault.data_key("warehouse")  # a wrong key is told before anything is written
    pseudonym_key()
    purge_scratch()
    is_new = not standing.waits() and not any(settings.ARCHIVE.rglob("*.json"))
    if is_new and not storage.is_set(storage.LANDING):  # there true deliveries may wait
        if not size:
            report.show_misplaced()
            report.show_nothing_yet()
            return 0
        CONSOLE.print(
            f"Nothing has been delivered yet: writing the synthetic regency, size {size} (every person is invented)."
        )
        generate = [sys.executable, "-m", "include.synthetic", "--size", size, "--landing", str(settings.LANDING)]
        if code := subprocess.run([*generate, "--truth", str(settings.INVENTED)], check=False).returncode:
            return code  # it has said why
        leave_one_to_try()
    room.check()
    prepare_airflow()
    last = settings.CURRENT.resolve().name
    outcome = run_dags(log)
    with warehouse.connect() as con:
        report.show_deliveries(con, begun)
        report.show_warnings(con)
    report.show_misplaced()
    report.show_alerts(alerts.lines(), begun)
    report.show_steps(outcome.steps, time.monotonic() - started)
    if outcome.code:
        CONSOLE.print("\n[bold red]The night did not end well; the last release stays in place.[/]")
        for error in outcome.errors:
            CONSOLE.print(error, markup=False)
        CONSOLE.print(f"The whole log: {report.shown(log)}")
        return outcome.code
    if not settings.CURRENT.exists():
        report.show_nothing_yet()
        return 0
    retention.show_due()
    if settings.CURRENT.resolve().name == last:
        CONSOLE.print("Nothing is new since the last release, so it stands.")
    report.show_release(settings.CURRENT.resolve())
    return 0


def leave_one_to_try() -> None:
    """Copy a list that will be refused beside the truth, for `make check`: the inbox is empty after the night."""
    with (settings.INVENTED / "files.csv").open(encoding="utf-8", newline="") as stream:
        place = next(row["path"] for row in csv.DictReader(stream) if row["fault"] == "wrong_header")
    copy = settings.INVENTED / report.TO_TRY / place
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings.LANDING / place, copy)


if __name__ == "__main__":
    run(main)
