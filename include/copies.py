"""Works on a copy of the working database: what is built there touches neither the database nor what readers see."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include import settings, warehouse

BELIEVED, BACKFILL = COPIES = "believed.duckdb", "backfill.duckdb"  # in the data folder, beside its key


@contextmanager
def on_a_copy(target: Path) -> Iterator[Path]:
    """Copy the working database to `target` and let all steps work there, with no list for an agency and no lineage written.

    Raises what `warehouse.connect` raises when another process writes the working database.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    target.with_name(f"{target.name}.wal").unlink(missing_ok=True)
    with warehouse.connect() as con:
        con.execute("checkpoint")
        # by a process of its own: closing the file here would drop DuckDB's lock on it
        subprocess.run(["cp", str(settings.WAREHOUSE), str(target)], check=True)
    target.chmod(0o600)
    places = settings.WAREHOUSE, settings.RETURNS, settings.LINEAGE
    settings.WAREHOUSE, settings.RETURNS = target, target.with_suffix(".returns")
    settings.LINEAGE = target.with_suffix(".lineage")
    try:
        yield target
    finally:
        settings.WAREHOUSE, settings.RETURNS, settings.LINEAGE = places


def remove_copy(target: Path) -> None:
    """Remove a copy and what was written beside it, also what a killed process left of them."""
    for leftover in target.parent.glob(f"{target.stem}.*"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
