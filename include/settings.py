"""The one place that says where things lie and which limits hold.

TEGAK_DATA moves everything that is not code (landing, archive, database, releases) to another folder.
"""

import os
from pathlib import Path

# What a process of Tegak writes is its owner's alone; a release opens its public zone by itself.
os.umask(0o077)

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("TEGAK_DATA") or ROOT / "data").resolve()

DBT_PROJECT = ROOT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds"
STAGING = DBT_PROJECT / "models" / "staging"

LANDING = DATA / "landing"
ARCHIVE = DATA / "archive"
RETURNS = DATA / "returns"
LINKAGE = DATA / "linkage"
LINEAGE = DATA / "lineage"
WAREHOUSE = DATA / "warehouse.duckdb"
RELEASES = DATA / "releases"
CURRENT = DATA / "current"

# Caps on one delivery: the largest true file (members of all families of a regency) needs a quarter of them.
MAX_INFLATED_BYTES = 400 * 2**20
MAX_ROWS = 5_000_000
MAX_COLUMNS = 300
MAX_LINE_BYTES = 16 * 2**20
MAX_SHEET_CELLS = 64_000_000  # the workbook reader allots 32 bytes to each, filled or not; these are 2 GB

MEMORY_LIMIT = os.environ.get("TEGAK_MEMORY", "1024MB")
THREADS = 2
