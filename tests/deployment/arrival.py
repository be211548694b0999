"""The order in which deliveries came: told of one night, and kept in another, for a child is named by its writing that came first.

`python -m tests.deployment.arrival` prints it, paths below the landing folder; with a folder the paths of standard
input are archived from there one by one. Runs with a worker's environment.
"""

import json
import shutil
import sys
from pathlib import Path

from include import settings
from include.archive import archive_new
from include.contract_reader import read_sound


def tell() -> list[str]:
    """Return all that is archived, what came first before all."""
    receipts = [json.loads(path.read_text(encoding="utf-8")) for path in settings.ARCHIVE.glob("*/*/*.json")]
    receipts.sort(key=lambda receipt: receipt["received_at"])
    return [f"{one['agency']}/{one['dataset']}/{one['period']}/{one['file_name']}" for one in receipts]


def keep(order: list[str], delivered: Path) -> None:
    """Archive each file of a folder of deliveries alone, in that order."""
    datasets = {
        f"{dataset.agency}/{dataset.name}": dataset for agency in read_sound()[0] for dataset in agency.datasets
    }
    for path in order:
        place = settings.LANDING / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(delivered / path, place)
        archive_new(datasets["/".join(path.split("/")[:2])])


if __name__ == "__main__":
    if sys.argv[1:]:
        keep(json.load(sys.stdin), Path(sys.argv[1]))
    else:
        json.dump(tell(), sys.stdout)
