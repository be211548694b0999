"""The working database: a private, encrypted cache of what the archive holds, one writer at a time."""

import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from include import settings, vault
from include.console import CONSOLE
from include.linkage.history import restore_history
from include.private import spill_folder
from include.problem import Problem

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
create table if not exists audit.judgements (
    delivery_id varchar, agency varchar, dataset varchar, judgement varchar, severity varchar, reason varchar,
    found varchar
);
create table if not exists audit.contracts (
    agency varchar, dataset varchar, fingerprint varchar, deliveries_due bigint
);
create table if not exists audit.dismissed (delivery_id varchar primary key);
create table if not exists audit.built (made_of varchar, release varchar, confirmed_at timestamp);
create table if not exists audit.layout (fingerprint varchar);
"""
_LAYOUT = _RECORDS + (Path(__file__).parent / "reading.sql").read_text(encoding="utf-8")
_FINGERPRINT = hashlib.sha256(_LAYOUT.encode()).hexdigest()


class WarehouseBusy(Problem):
    """Another process writes the working database, or reads it while this one wants to write."""


class WarehouseMissing(Problem):
    """There is no working database to read."""


class WarehouseBroken(Exception):
    """A part of the file could not be read; it has been removed, the next receipt loads all from the archive."""


class _Broken(Exception):
    """The file cannot be opened although the key is the right one."""


def config(scratch: Path | None = None) -> dict[str, Any]:
    """Return the settings of every connection: bounded memory and scratch space, nothing fetched from outside."""
    return {
        "memory_limit": settings.MEMORY_LIMIT,
        "threads": settings.THREADS,
        "temp_directory": str(spill_folder(scratch)),
        "checkpoint_threshold": "64MB",  # a night of hundreds of files: four times fewer, an eighth less time to load
        "allocator_background_threads": True,  # gives freed memory back: else a process holds half as much again
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }


@contextmanager
def connect(path: Path | None = None, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the encrypted working database, for writing with the audit tables and the reading macros in place.

    A file that cannot be opened is a cache that broke: it is removed, and all is loaded again from the archive.
    Raises `KeyProblem` before anything is written, `WarehouseBusy`, and `WarehouseMissing` when there is none to read.
    """
    path = path or settings.WAREHOUSE
    try:
        with open_to_read(path) if read_only else _engine() as con:
            if not read_only:
                _attach_or_rebuild(con, path)
            yield con
    except duckdb.Error as error:
        reason = _reason(error)
        if read_only or not isinstance(error, _OF_FILES) or not says_damage(reason):
            raise without_cells(error) from None
        _remove(path, reason)
        raise WarehouseBroken(
            "A part of the working database could not be read, so it is removed; run the night again."
        ) from None


def _reason(error: duckdb.Error) -> str:
    """Return the first line; of a database that cannot be let go the one that says why, for there a block is met last."""
    lines = str(error).splitlines() or [""]
    return lines[-1].rpartition("Original error: ")[2] if "during DETACH failed" in lines[0] else lines[0]


def says_damage(message: str) -> bool:
    """Say whether DuckDB met a block that is not as it was written: seen only when a query reads it."""
    return any(sign in message for sign in _SIGNS_OF_DAMAGE)


def without_cells(error: duckdb.Error) -> duckdb.Error:
    """Return the error without what it quotes and counts: that may be a person's cell, and errors end in logs.

    Of a message of many lines the first is kept: the others show the row or the statement.
    """
    text = without_quoted((str(error).splitlines() or [""])[0])
    if isinstance(error, _OF_VALUES):
        text = _NUMBER.sub("...", text)
    return type(error)(text).with_traceback(error.__traceback__)


def without_quoted(text: str) -> str:
    """Return a message of DuckDB's without what stands in quotes: that may be a cell."""
    return _QUOTED.sub("'...'", text)


def prove() -> None:
    """Read every block once, so that a damaged file is found and removed: the next night makes it anew."""
    with suppress(WarehouseBroken), connect() as con:
        for schema, table in con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall():
            con.execute(f"select bit_xor(hash(t)) from {schema}.{table} as t").fetchall()


def open_to_read(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection that only reads; the caller closes it. Raises as `connect` does."""
    con = open_memory()
    try:
        attach(con, path)
    except BaseException:
        con.close()
        raise
    return con


def open_memory() -> duckdb.DuckDBPyConnection:
    """Return a database in memory that can attach the encrypted one."""
    own = spill_folder() / str(next(_NUMBERS))  # DuckDB makes it when it spills
    con = duckdb.connect(config=config() | {"temp_directory": str(own)})
    load_encryption(con)
    return con


# The extension costs 60 ms to load, and a night opens the database some hundred times: a process loads it once. Kept
# with the process and the settings it was made for.
_ENGINE: dict[tuple[int, str], duckdb.DuckDBPyConnection] = {}
_is_kept_open = False
_NUMBERS = count()


@contextmanager
def kept_open() -> Iterator[None]:
    """Leave the working database attached between two `connect` of this process, as long as the block lasts.

    Each detaching writes the youngest row group of each table anew: of hundreds of small files that is a third of the
    work. Whatever else of this process opens the database lets go of it first; other processes are told it is in use.
    """
    global _is_kept_open
    _is_kept_open = True
    try:
        yield
    finally:
        _is_kept_open = False
        _let_go()


def _let_go() -> None:
    """Detach what this process's idle engine still has attached."""
    for made_for in [key for key in _ENGINE if key[0] == os.getpid()]:
        engine = _ENGINE.pop(made_for)
        _detach_all(engine)
        _ENGINE[made_for] = engine


def _detach_all(engine: duckdb.DuckDBPyConnection) -> None:
    for name, _ in _attached(engine):
        engine.execute(f"detach {name}")


def _attached(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return con.execute(
        "select database_name, path from duckdb_databases() where not internal and database_name <> 'memory'"
    ).fetchall()


@contextmanager
def _engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend this process's engine with nothing attached, to one at a time; what it attached is let go afterwards."""
    made_for = (os.getpid(), repr(config()))
    # taken out while it is lent: a second opening gets an engine of its own, and is told that the file is in use
    engine = _ENGINE.pop(made_for, None) or open_memory()
    for other in [key for key in _ENGINE if key[0] == os.getpid()]:  # a parent's engine is not the child's to close
        _ENGINE.pop(other).close()
    try:
        with engine.cursor() as con:
            yield con
        if not _is_kept_open:
            _detach_all(engine)
    except BaseException:
        engine.close()
        raise
    _ENGINE[made_for] = engine


def load_encryption(con: duckdb.DuckDBPyConnection) -> None:
    """Load the cryptography that DuckDB needs to write encrypted files, spill files too.

    The extension lies in a wheel, nothing is fetched.
    """
    folder = Path(str(importlib.util.find_spec("duckdb_extension_httpfs").origin)).parent  # type: ignore[union-attr]
    extension = folder / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    con.execute(f"load {literal(str(extension))}")
    con.execute("set temp_file_encryption = true")


def attach(
    con: duckdb.DuckDBPyConnection, path: Path | None = None, alias: str = "warehouse", read_only: bool = True
) -> None:
    """Attach the working database; as `warehouse` it is the one that unqualified names mean.

    Raises as `connect` does; no message holds the key.
    """
    path = path or settings.WAREHOUSE
    _let_go()
    if read_only and not path.exists():
        raise WarehouseMissing(f"There is no working database {path.name} yet; run make nightly.")
    try:
        _attach(con, path, alias, read_only)
    except _Broken as error:
        raise WarehouseBusy(
            f"The working database cannot be read; run make nightly, which rebuilds it ({error})."
        ) from None
    if alias == "warehouse":
        con.execute("use warehouse")


def _attach(con: duckdb.DuckDBPyConnection, path: Path, alias: str, read_only: bool) -> None:
    key = vault.data_key("warehouse", path.parent, make=not read_only).hex()
    mode = ", read_only" if read_only else ""
    try:
        con.execute(f"attach {literal(str(path))} as {alias} (encryption_key '{key}'{mode})")
    except duckdb.Error as error:
        text = str(error).replace(key, "")
        if "Conflicting lock" in text or "Unique file handle conflict" in text:
            raise WarehouseBusy(
                "The working database is being written by another process; try again when the night has ended."
            ) from None
        if any(reason in text for reason in _NOT_BROKEN):
            raise
        raise _Broken(text.splitlines()[0]) from None


# a quote that does not end is that of a cell with a line's end in it
_QUOTED = re.compile(r"(?<![A-Za-z])(?:'.*'|\".*\"|['\"].*)")
# as an overflow tells it, without quotes; not the number in INT64 or DECIMAL(18,3)
_NUMBER = re.compile(r"(?<![\w.(])-?\d[\w.:+-]*|(?<=\s\()-?\d[\w.:+-]*")
_OF_VALUES = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException)
# a conversion error quotes a cell, which may hold any words
_OF_FILES = (duckdb.IOException, duckdb.InvalidInputException, duckdb.InternalException, duckdb.FatalException)
# of a block, not of the file as a whole
_SIGNS_OF_DAMAGE = ("AES tag", "Corrupt database", "checksum", "Could not read enough bytes", "Failed to load metadata")
# what the machine lacks, and not the file
_NOT_BROKEN = ("No space left", "Permission denied", "Too many open files", "Read-only file system", "Out of Memory")


def _attach_or_rebuild(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    vault.data_key("warehouse", path.parent)  # a bad key stops here, before anything is written
    if _attached(con) == [("warehouse", str(path))]:  # kept open
        con.execute("use warehouse")
        return
    for name, _ in _attached(con):
        con.execute(f"detach {name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    wal = path.with_name(f"{path.name}.wal")
    if not path.exists() and wal.exists():
        wal.unlink()  # DuckDB would add its rows to a new database
    is_new = not path.exists()
    try:
        _attach(con, path, "warehouse", read_only=False)
        if not is_new and (why := _why_not_ours(con)):
            con.execute("detach warehouse")
            raise _Broken(why)
    except _Broken as error:
        _remove(path, str(error))
        is_new = True
        _attach(con, path, "warehouse", read_only=False)
    path.chmod(0o600)
    con.execute("use warehouse")
    if is_new:
        prepare(con)
        restore_history(con)


def _remove(path: Path, reason: str) -> None:
    CONSOLE.print(
        f"The working database is removed and all is loaded again from the archive: {reason.rstrip('.')}.",
        markup=False,
    )
    path.unlink()
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _why_not_ours(con: duckdb.DuckDBPyConnection) -> str | None:
    """Return why the database is not one that this version wrote; None when it is."""
    # DuckDB carries out whatever log lies beside the file; no table of ours is in its schema main
    main = "select 1 from duckdb_tables() where database_name = 'warehouse' and schema_name = 'main'"
    try:
        if con.execute("select fingerprint from warehouse.audit.layout").fetchall() != [(_FINGERPRINT,)]:
            return "it is of another version"
        return "the log of another database was carried out in it" if con.execute(main).fetchall() else None
    except duckdb.CatalogException:
        return "it is of another version"


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make the audit tables and the reading macros in a database that has none yet, all or none."""
    con.begin()
    con.execute(_LAYOUT)
    con.execute("insert into audit.layout values (?)", [_FINGERPRINT])
    con.commit()


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
