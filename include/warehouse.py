"""The working database: a private cache of what the archive holds, one writer at a time."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from include import settings
from include.linkage.history import restore_history

_RECORDS = """
create schema if not exists raw;
create schema if not exists audit;
create table if not exists audit.deliveries (
    delivery_id varchar primary key, agency varchar, dataset varchar, period varchar, file_name varchar, bytes bigint,
    received_at timestamp, received_from varchar, sheet varchar, date_order varchar, unread_columns varchar,
    status varchar, reason varchar, counts_from timestamp, rows_read bigint default 0, rows_accepted bigint default 0,
    rows_quarantined bigint default 0, rows_duplicate bigint default 0, rows_superseded bigint default 0
);
create table if not exists audit.quarantine (
    delivery_id varchar, agency varchar, dataset varchar, delivery_row bigint, column_name varchar, value varchar,
    rule varchar, severity varchar, reason varchar
);
create table if not exists audit.items (
    ticket varchar, agency varchar, dataset varchar, period varchar, delivery_id varchar, delivery_row bigint,
    received_at timestamp, state varchar
);
create table if not exists audit.returns (agency varchar, dataset varchar, state varchar);
create table if not exists audit.expectation_results (
    agency varchar, dataset varchar, expectation varchar, column_name varchar, severity varchar, success boolean,
    element_count bigint, unexpected_count bigint, checked_at timestamp
);
create table if not exists audit.contracts (agency varchar, dataset varchar, fingerprint varchar);
create table if not exists audit.layout (fingerprint varchar);
"""
_FINGERPRINT = hashlib.sha256(_RECORDS.encode()).hexdigest()


def config() -> dict[str, Any]:
    """Return the settings of every connection: bounded memory and scratch space, nothing fetched from outside."""
    return {
        "memory_limit": settings.MEMORY_LIMIT,
        "threads": settings.THREADS,
        "temp_directory": str(settings.DATA / "scratch"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }


@contextmanager
def connect(path: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the working database for writing, with the audit tables and the reading macros in place."""
    path = path or settings.WAREHOUSE
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not _has_this_layout(path):
        path.unlink()  # a cache of another version: all is loaded again from the archive
    is_new = not path.exists()
    with duckdb.connect(str(path), config=config()) as con:
        path.chmod(0o600)
        prepare(con)
        if is_new:
            restore_history(con)
        yield con


def _has_this_layout(path: Path) -> bool:
    with duckdb.connect(str(path), config=config()) as con:
        try:
            return con.execute("select fingerprint from audit.layout").fetchall() == [(_FINGERPRINT,)]
        except duckdb.CatalogException:
            return False


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make the audit tables and the reading macros in a database that has none yet."""
    con.execute(_RECORDS)
    con.execute("insert into audit.layout select ? where not exists (from audit.layout)", [_FINGERPRINT])
    con.execute((Path(__file__).parent / "reading.sql").read_text(encoding="utf-8"))


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
