"""Keeps what a rebuild from the landed files cannot give back: since when a writing has meant which child."""

from pathlib import Path

import duckdb

from include import settings, vault
from include.private import scratch_folder

TABLE = "history.child_links_history"


def _file() -> Path:
    return settings.LINKAGE / "history.sealed"


def save_history(con: duckdb.DuckDBPyConnection) -> None:
    """Copy the history beside the database, encrypted and in one step."""
    with scratch_folder() as folder:
        plain = folder / "history.parquet"
        con.execute(f"copy (from {TABLE} order by all) to '{plain}' (format parquet, compression zstd)")
        vault.write_sealed(_file(), plain.read_bytes())
    _plain_file().unlink(missing_ok=True)


def restore_history(con: duckdb.DuckDBPyConnection) -> None:
    """Give a new working database the history of those before it. Raises `SealBroken`."""
    if _file().exists():
        with vault.opened(_file()) as plain:
            _read(con, plain)
    elif _plain_file().exists():
        _read(con, _plain_file())


def _read(con: duckdb.DuckDBPyConnection, plain: Path) -> None:
    con.execute("create schema history")
    con.execute(f"create table {TABLE} as from read_parquet('{plain}')")


def _plain_file() -> Path:
    """What a version that did not encrypt has left."""
    return settings.LINKAGE / "history.parquet"
