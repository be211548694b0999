"""Knows whether anything is new since the current release: a night without news lets it stand, for a rebuild would
give the same rows (`tests/test_night.py` shows it, file by file).

`audit.built` says of what the marts were built and as which release they went out; a build that begins empties it.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from include import settings, warehouse
from include.keys import pseudonym_key
from include.manifest import read_files
from include.site.shapes import boundaries_folder

_CODE = ("dbt_project", "expectations", "include", "requirements.txt")


def anything_delivered() -> bool:
    """Say whether any delivery was ever received: before that a night is no failure, and there is nothing to build."""
    with warehouse.connect() as con:
        return con.execute("from audit.deliveries limit 1").fetchone() is not None


def since_release() -> bool:
    """Say whether the marts and the current release are made of just what there is now."""
    with warehouse.connect() as con:
        return _released(con) is not None


def confirm() -> str | None:
    """Note that the current release was looked at and stands, return its name; None when something is new."""
    with warehouse.connect() as con:
        if (release := _released(con)) is not None:
            con.execute("update audit.built set confirmed_at = ?", [datetime.now(UTC).replace(tzinfo=None)])
        return release


def confirmed_at(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return when a night last let the current release stand."""
    [(moment,)] = con.execute("select max(confirmed_at) from audit.built").fetchall()
    return moment and moment.replace(tzinfo=UTC)


def _released(con: duckdb.DuckDBPyConnection) -> str | None:
    if not _is_whole(settings.CURRENT):
        return None
    release = settings.CURRENT.resolve().name
    is_same = con.execute("select made_of, release from audit.built").fetchall() == [(made_of(con), release)]
    return release if is_same else None


def _is_whole(release: Path) -> bool:
    """Say whether each file of a release is what the manifests say: a damaged one is written anew."""
    try:
        for name, digest in read_files(release).items():
            with (release / name).open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
                    return False
    except (OSError, ValueError):
        return False
    return True


def made_of(con: duckdb.DuckDBPyConnection) -> str:
    """Return one hash of all that a release depends on: what the gates decided, code and seeds, key and boundaries.

    Whatever changes a typed row changes the records of its delivery too.
    """
    found = hashlib.sha256(pseudonym_key())
    folders = [settings.ROOT / name for name in _CODE] + [folder for folder in [boundaries_folder()] if folder]
    others = {folder for folder in settings.REGENCY_SEEDS.parent.iterdir() if folder != settings.REGENCY_SEEDS}
    for folder in folders:
        for path in sorted([folder, *folder.rglob("*")]):
            if path.is_file() and path.suffix != ".pyc" and path.parent not in others:
                found.update(f"{path}\n{path.stat().st_size}\n".encode() + path.read_bytes())
    for (table,) in con.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'audit' "
        "and table_name not in ('built', 'dismissed') order by 1"
    ).fetchall():
        rows = con.execute(f"select count(*), sum(hash(t)::hugeint) from audit.{table} as t").fetchall()
        found.update(f"{table} {rows}\n".encode())
    return found.hexdigest()
