"""Keeps what a rebuild from the landed files cannot give back: since when a writing has meant which child."""

from pathlib import Path

import duckdb

from include import settings

TABLE = "history.child_links_history"


def _file() -> Path:
    return settings.LINKAGE / "history.parquet"


def save_history(con: duckdb.DuckDBPyConnection) -> None:
    """Copy the history beside the database, in one step; the folder is 0700, the file 0600."""
    settings.LINKAGE.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = _file().with_suffix(".part")
    con.execute(f"copy (from {TABLE} order by all) to '{part}' (format parquet, compression zstd)")
    part.chmod(0o600)
    part.replace(_file())


def restore_history(con: duckdb.DuckDBPyConnection) -> None:
    """Give a new working database the history of those before it."""
    if _file().exists():
        con.execute("create schema history")
        con.execute(f"create table {TABLE} as from '{_file()}'")
