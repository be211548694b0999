"""What lies in a data folder: the release that readers see, the rows, the archive, and what should not lie there.

Runs in a process of its own whose settings point to that folder. All counts are made here anew, by other SQL
than the night's own.
"""

import hashlib
import json
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb

from include import settings, vault, warehouse
from include.archive import Delivery
from include.manifest import MANIFESTS, read_files
from tests.ordeal.alike import digest

# What two equal nights may write differently: when something came or was judged, and the name of a release.
VARIES = {"received_at", "_received_at", "first_received_at", "checked_at", "counts_from", "put_at", "release"}
VARIES |= {"made_of", "confirmed_at", "_known_from", "_known_to", "known_from", "known_to"}
VARIES |= {"dbt_valid_from", "dbt_valid_to", "dbt_updated_at", "dbt_scd_id"}
DAMAGED = "damaged"
LEFT_BEHIND = ("*.part", ".*.part", ".*.next", "tmp*", "*.tmp")


def look(tables: bool) -> dict[str, Any]:
    """Return the folder's state; with `tables` also a hash of each table of the working database."""
    found: dict[str, Any] = {"release": _release(), "archive": _archive(), "landing": _landing()}
    found["left_behind"] = _left_behind()
    found["returns"] = _returns()
    found |= _warehouse(tables)
    return found


def _release() -> dict[str, Any]:
    if not settings.CURRENT.exists():
        return {"name": None, "faults": [], "files": {}, "alike": {}, "tables": {}}
    folder = settings.CURRENT.resolve()
    paths = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    digests = {name: _sha256(path) for name, path in paths.items()}
    faults, declared = [], {}
    try:
        declared = read_files(folder)
    except OSError:
        faults.append("the release lacks a manifest")
    for name in sorted(set(declared) ^ (set(digests) - set(MANIFESTS))):
        faults.append(f"{name} stands in the folder or in the manifest only")
    faults += [
        f"{name} is not what the manifest says" for name, digest in declared.items() if digests.get(name) != digest
    ]
    tables = {}
    for name, path in paths.items():
        if path.suffix == ".duckdb":
            try:
                with duckdb.connect(str(path), read_only=True) as con:
                    tables |= {f"{name}:{table}": value for table, value in hashes(con).items()}
            except duckdb.Error as error:
                faults.append(f"{name} cannot be read: {error}")
    # the manifests hold the hashes of all, and a database its own tables
    compared = {name: path for name, path in paths.items() if name not in MANIFESTS and path.suffix != ".duckdb"}
    alike = {name: digest(path, folder.name) for name, path in compared.items()}
    return {"name": folder.name, "faults": faults, "files": digests, "alike": alike, "tables": tables}


def hashes(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return rows and a hash, whatever their order, of each table; columns in `VARIES` are left out."""
    found = {}
    for schema, table, columns in con.execute(
        """
        select schema_name, table_name, list(column_name order by column_index)
        from duckdb_columns()
        inner join duckdb_tables() using (database_name, schema_name, table_name)
        where database_name = current_database()
        group by all
        order by all
        """
    ).fetchall():
        kept = ", ".join(f'"{column}"' for column in columns if column not in VARIES)
        if not kept:
            continue
        query = f'select count(*), coalesce(sum(hash({kept})::hugeint), 0)::varchar from "{schema}"."{table}"'
        try:
            [(rows, value)] = con.execute(query).fetchall()
            found[f"{schema}.{table}"] = f"{rows} {value}"
        except duckdb.InvalidInputException:
            found[f"{schema}.{table}"] = DAMAGED
    return found


def _warehouse(tables: bool) -> dict[str, Any]:
    """Return the accounting of the working database, or why it cannot be opened."""
    nothing: dict[str, Any] = {"deliveries": {}, "unbalanced": [], "tables": {}, "unreadable": None}
    if not settings.WAREHOUSE.exists():
        return nothing
    try:
        with warehouse.connect(read_only=True) as con:
            deliveries = _deliveries(con)
            return nothing | {
                "deliveries": deliveries,
                "unbalanced": _unbalanced(con, deliveries),
                "tables": hashes(con) if tables else {},
            }
    except Exception as error:  # noqa: BLE001 it is judged by whoever looks
        return nothing | {"unreadable": f"{type(error).__name__}: {error}"}


def _deliveries(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    rows = con.execute(
        "select delivery_id, agency, dataset, period, file_name, status, rows_read from audit.deliveries"
    )
    names = ("agency", "dataset", "period", "file_name", "status", "rows_read")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows.fetchall()}


def _unbalanced(con: duckdb.DuckDBPyConnection, deliveries: dict[str, dict[str, Any]]) -> list[str]:
    """Count the rows themselves: one in raw and one typed for each row read, and one status once it is judged."""
    found = []
    typed: dict[str, Counter[str]] = {}
    raw: Counter[str] = Counter()
    for agency, dataset in sorted({(d["agency"], d["dataset"]) for d in deliveries.values()}):
        for delivery, status, rows in con.execute(
            f"select _delivery_id, coalesce(_status, 'waiting'), count(*) from {agency}.{dataset} group by all"
        ).fetchall():
            typed.setdefault(delivery, Counter())[status] += rows
        raw.update(
            dict(con.execute(f"select _delivery_id, count(*) from raw.{agency}__{dataset} group by 1").fetchall())
        )
    for delivery, d in deliveries.items():
        counts = typed.get(delivery, Counter())
        wanted = 0 if d["status"] == "refused" else d["rows_read"]
        judged = sum(rows for status, rows in counts.items() if status != "waiting")
        is_judged = d["status"] in ("loaded", "held")
        if not (wanted == sum(counts.values()) == raw[delivery]) or (is_judged and judged != wanted):
            found.append(f"{d['file_name']}: {wanted} rows read, {dict(counts)} typed, {raw[delivery]} raw")
    return found


def _archive() -> dict[str, Any]:
    """Return what each receipt says but its times, and what the archive holds of each."""
    found: dict[str, Any] = {}
    for path in sorted(settings.ARCHIVE.rglob("*.json")):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        found[receipt["delivery_id"]] = {
            **{key: value for key, value in receipt.items() if key not in VARIES},
            "is_whole": _is_whole(receipt),
        }
    return found


def _is_whole(receipt: dict[str, Any]) -> bool:
    names = {field.name for field in fields(Delivery)}
    delivery = Delivery(**{name: value for name, value in receipt.items() if name in names})
    try:
        return hashlib.sha256(vault.read_sealed(delivery.file)).hexdigest() == delivery.sha256
    except (OSError, vault.SealBroken):
        return False


def _landing() -> dict[str, str]:
    files = [path for path in settings.LANDING.rglob("*") if path.is_file()]
    return {str(path.relative_to(settings.LANDING)): _sha256(path) for path in sorted(files)}


def _returns() -> list[str]:
    return sorted(str(path.relative_to(settings.RETURNS)) for path in settings.RETURNS.rglob("*") if path.is_file())


def _left_behind() -> list[str]:
    """Return what only a killed night leaves: parts, links to come, and scratch."""
    found = {path for sign in LEFT_BEHIND for path in settings.DATA.rglob(sign)}
    scratch = settings.DATA / "scratch"
    found |= {path for path in scratch.rglob("*") if path.is_file() or path.name.startswith("reading-")}
    known = set() if not settings.RELEASES.exists() else set(settings.RELEASES.iterdir())
    found |= {path for path in known if not (path / "manifest.json").exists()}
    return sorted(str(path.relative_to(settings.DATA)) for path in found)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
