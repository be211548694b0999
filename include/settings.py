"""The one place that says where things lie and which limits hold.

TEGAK_DATA moves everything that is not code (landing, archive, database, releases) to another folder. Where an
installation works for several regencies, each has a folder of its own in there, and a process works for one of them:
TEGAK_REGENCY says for which, or `work_for` does. Without either there are no places, and never those of two.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include import regencies

# What a process of Tegak writes is its owner's alone; a release opens its public zone by itself.
os.umask(0o077)

ROOT = Path(__file__).resolve().parents[1]
INSTALLATION = Path(os.environ.get("TEGAK_DATA") or ROOT / "data").resolve()

DBT_PROJECT = ROOT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds"
STAGING = DBT_PROJECT / "models" / "staging"

REGENCY: regencies.Regency
REGENCY_SEEDS: Path
DATA: Path
LANDING: Path
ARCHIVE: Path
RETURNS: Path
LINKAGE: Path
LINEAGE: Path
WAREHOUSE: Path
RELEASES: Path
CURRENT: Path
INVENTED: Path  # what the invented regency leaves beside its deliveries

# Caps on one delivery: the largest true file (members of all families of a regency) needs a quarter of them.
MAX_INFLATED_BYTES = 400 * 2**20
MAX_ROWS = 5_000_000
MAX_COLUMNS = 300
MAX_LINE_BYTES = 16 * 2**20
MAX_SHEET_CELLS = 64_000_000  # the workbook reader allots 32 bytes to each, filled or not; these are 2 GB

MEMORY_LIMIT = os.environ.get("TEGAK_MEMORY", "1024MB")
THREADS = 2


def data_of(regency: regencies.Regency) -> Path:
    """Return the folder of a regency's data: TEGAK_DATA itself when it is alone."""
    return INSTALLATION if regency.is_alone else INSTALLATION / regency.code


def work_for(regency: regencies.Regency) -> None:
    """Give this process and its children the places of a regency, for good.

    Raises `RegencyProblem`, before anything has changed, when it works for another one or the regency has no seeds.
    """
    chosen = globals().get("REGENCY")
    if chosen is not None and chosen != regency:
        raise regencies.RegencyProblem(f"This process works for {chosen.code}: it does nothing for {regency.code}.")
    if chosen is None:
        data, seeds = data_of(regency), regencies.seeds_of(regency.code)
        os.environ["TEGAK_REGENCY"] = regency.code
        globals().update(
            REGENCY=regency,
            REGENCY_SEEDS=seeds,
            DATA=data,
            LANDING=data / "landing",
            ARCHIVE=data / "archive",
            RETURNS=data / "returns",
            LINKAGE=data / "linkage",
            LINEAGE=data / "lineage",
            WAREHOUSE=data / "warehouse.duckdb",
            RELEASES=data / "releases",
            CURRENT=data / "current",
            INVENTED=data / "truth",
        )


if not TYPE_CHECKING:  # a checker shall still miss what is not declared above

    def __getattr__(name: str) -> Any:
        """Settle, when the first place is asked for, for which regency this process works. Raises `RegencyProblem`."""
        if name not in __annotations__ or "REGENCY" in globals():
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        work_for(regencies.asked())
        return globals()[name]
