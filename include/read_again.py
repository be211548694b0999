"""`make backfill AGENCY=dinkes FROM=2026-03 TO=2026-05`: reads deliveries again and shows which numbers change.

Runs the DAG `backfill` with its progress, then prints its preview. PUBLISH=1 also publishes what was previewed.
"""

import argparse
import json
import os
from pathlib import Path

from include import report, settings, warehouse
from include.backfill import preview_file, read_request
from include.compare import read_changes, show_changes
from include.console import CONSOLE
from include.problem import Problem, run
from include.progress import prepare_airflow, run_dags

LOG = Path(os.environ["AIRFLOW_HOME"]) / "logs" / "backfill.log"


def main() -> int:
    """Return 0 when the preview is there (and published, when asked), 1 when a step failed; raise `Problem` for a request that cannot be met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agency", default="")
    parser.add_argument("--dataset", default="")
    parser.add_argument("--from", dest="first", default="")
    parser.add_argument("--to", dest="last", default="")
    parser.add_argument("--publish", action="store_true")
    asked = parser.parse_args()
    conf = {"agency": asked.agency, "dataset": asked.dataset, "first_month": asked.first, "last_month": asked.last}
    request = read_request(conf)
    warehouse.open_to_read().close()
    if not settings.CURRENT.exists():
        raise Problem("There is no release yet to compare with; run make nightly.")
    for dataset, chosen in request.chosen:
        CONSOLE.print(f"{dataset.agency}/{dataset.name}: {len(chosen):,} deliveries are read again", markup=False)
    prepare_airflow()
    outcome = run_dags(LOG, json.dumps({**conf, "publish": asked.publish}))
    files = [preview_file(run) for run in outcome.runs]
    for file in files:
        if file.exists():
            show_changes(read_changes(file), file)
    if outcome.code:
        for error in outcome.errors:
            CONSOLE.print(error, markup=False)
        CONSOLE.print(f"Nothing was published. The whole log: {report.shown(LOG)}", markup=False)
        return 1
    if asked.publish:
        CONSOLE.print(f"Release: {report.shown(settings.CURRENT.resolve())}", markup=False)
    else:
        CONSOLE.print("Nothing is changed yet: PUBLISH=1 does it and publishes.")
    return 0


if __name__ == "__main__":
    run(main)
