"""Publishes: writes an immutable release folder and switches `current` to it in one step.

A release holds one DuckDB file, one Parquet file per mart, the dictionary and a manifest with the hash of each
file. What a column is (`pii`) is declared in the marts' YAML; pseudonyms are made here, with a key that no
database ever holds.
"""

import csv
import hashlib
import hmac
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from include import settings, warehouse
from include.build import TARGET
from include.keys import pseudonym_key
from include.linkage.history import save_history
from include.linkage.review import write_review

DATABASE = "tegak.duckdb"
PUBLISHED = {"none", "quasi", "pseudonym"}


class ReleaseRefused(Exception):
    """A mart holds a column that must not leave the private zone, or one that is not classed."""


def publish_release() -> Path:
    """Write the marts as a new release, make it current, return its folder.

    Raises `ReleaseRefused` for a column classed as direct identifier or not classed at all.
    """
    marts = _marts()
    name = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
    part = settings.RELEASES / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with warehouse.connect() as con:
        _write_database(con, marts, part / DATABASE, name)
        as_of = _as_of(con)
        write_review(con)
        save_history(con)
    _write_parquet(part, marts)
    _write_dictionary(part, marts)
    files = {path.name: _sha256(path) for path in sorted(part.iterdir())}
    manifest = {"release": name, "as_of": as_of, "files": files}
    (part / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    _sync(part)
    release = settings.RELEASES / name
    part.rename(release)
    switch_current(release)
    return release


def switch_current(release: Path, current: Path | None = None) -> None:
    """Point `current` at a release in one atomic step: a reader sees the old one or the new one, whole."""
    current = current or settings.CURRENT
    link = current.with_name(f".{current.name}.next")
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(release, current.parent))
    link.replace(current)


def _marts() -> dict[str, list[dict[str, Any]]]:
    """Return the columns of each mart from dbt's manifest: name, data_type, description, pii."""
    nodes = json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    marts = {node["name"]: node for node in nodes if node["resource_type"] == "model" and node["schema"] == "marts"}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, node in sorted(marts.items()):
        found[name] = [
            {
                "mart": name,
                "column": column["name"],
                "type": column["data_type"],
                "pii": column["config"]["meta"].get("pii"),
                "description": " ".join(column["description"].split()),
            }
            for column in node["columns"].values()
        ]
        for column in found[name]:
            if column["pii"] not in PUBLISHED:
                raise ReleaseRefused(f"{name}.{column['column']} is classed {column['pii']}: it may not be published.")
    return found


def _write_database(
    con: duckdb.DuckDBPyConnection, marts: dict[str, list[dict[str, Any]]], path: Path, release: str
) -> None:
    key = pseudonym_key()

    def pseudonym(value: str) -> str:
        return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:20]

    con.create_function("pseudonym", pseudonym, ["VARCHAR"], "VARCHAR")
    # v1.0.0 is the oldest storage that every 1.x client opens
    con.execute(f"attach '{path}' as published (storage_version 'v1.0.0')")
    for mart, columns in marts.items():
        named = ", ".join(
            f"p_{c['column']}.pseudonym as {c['column']}" if c["pii"] == "pseudonym" else f"m.{c['column']}"
            for c in columns
        )
        keyed = " ".join(
            f"left join (select id, pseudonym(id) as pseudonym from (select distinct {c['column']} as id from marts.{mart})) "
            f"as p_{c['column']} on m.{c['column']} = p_{c['column']}.id"
            for c in columns
            if c["pii"] == "pseudonym"
        )
        con.execute(f"create table published.{mart} as select {named} from marts.{mart} as m {keyed} order by all")
        for column in columns:
            comment = column["description"].replace("'", "''")
            con.execute(f"comment on column published.{mart}.{column['column']} is '{comment}'")
    con.execute("create table published.release_info as select ? as release", [release])
    con.execute("checkpoint published")
    con.execute("detach published")


def _as_of(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the newest period that was accepted per dataset."""
    rows = con.execute(
        "select agency || '/' || dataset, max(period) from audit.deliveries where rows_accepted > 0 group by 1 order by 1"
    ).fetchall()
    return dict(rows)


def _write_parquet(folder: Path, marts: dict[str, list[dict[str, Any]]]) -> None:
    with duckdb.connect(str(folder / DATABASE), read_only=True, config=warehouse.config()) as con:
        for mart in marts:
            con.execute(f"copy {mart} to '{folder / mart}.parquet' (format parquet, compression zstd)")


def _write_dictionary(folder: Path, marts: dict[str, list[dict[str, Any]]]) -> None:
    with (folder / "dictionary.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["mart", "column", "type", "pii", "description"])
        writer.writeheader()
        writer.writerows(column for columns in marts.values() for column in columns)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for path in [*folder.iterdir(), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
