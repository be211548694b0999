"""Publishes: writes an immutable release folder and switches `current` to it in one step.

A release has two zones, each with one DuckDB file and one Parquet file per mart. `task_force/` (folder mode 0700)
holds all marts with exact counts and pseudonyms; `public/` holds the marts whose audience is public, protected by
`include.disclosure`. Each has a site, prints and a workbook, made of its own tables alone. Beside them lie the dictionary
and a manifest with the hash of each file (of the task force's in its own zone). What a column is (`pii`) and who may see a mart (`audience`) is declared in
the marts' YAML; pseudonyms are made here, with a key that no database ever holds.
"""

import csv
import hashlib
import hmac
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from include import settings, warehouse
from include.build import TARGET
from include.comments import RELEASE_INFO, comment_on, write_parquet, write_release_info
from include.disclosure.registry import SEEN, read_public_marts
from include.disclosure.tables import BEHIND, SUPPRESSED_SAYS, Narrowed, write_public
from include.keys import pseudonym_key
from include.lineage import record_release
from include.linkage.history import save_history
from include.linkage.review import write_review
from include.manifest import CLOSED, write_manifests

DATABASE = "tegak.duckdb"
TASK_FORCE, PUBLIC = CLOSED, "public"
SITE = "site"
ZONES = (TASK_FORCE, PUBLIC)
PUBLISHED = {"none", "quasi", "pseudonym"}
_NAME = "%Y-%m-%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Mart:
    """What a mart's YAML says of it; `columns` have mart, column, type, pii and description."""

    description: str
    columns: list[dict[str, Any]]


Marts = dict[str, Mart]


class ReleaseRefused(Exception):
    """A mart holds a column that must not leave the private zone, or one that is not classed."""


def publish_release() -> Path:
    """Write the marts as a new release, make it current, return its folder.

    Raises `ReleaseRefused` for a column classed as direct identifier or not classed at all, and when a reader
    could narrow what the public zone suppresses.
    """
    marts, began = _marts(), datetime.now(UTC)
    settings.RELEASES.mkdir(parents=True, exist_ok=True)
    name = _next_name()
    part = settings.RELEASES / f".{name}.part"
    for left_over in settings.RELEASES.glob(".*.part"):  # of a night that was killed
        shutil.rmtree(left_over)
    try:
        _write_release(part, name, marts)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    release = settings.RELEASES / name
    part.rename(release)
    switch_current(release)
    with warehouse.connect() as con:
        con.execute("update audit.built set release = ?", [name])
    record_release(release, marts, began)
    return release


def _write_release(part: Path, name: str, marts: Marts) -> None:
    """Write all files of a release, on disk before this returns."""
    for zone in ZONES:
        (part / zone).mkdir(parents=True)
    (part / TASK_FORCE).chmod(0o700)
    with warehouse.connect() as con:
        _write_task_force(con, marts, part / TASK_FORCE / DATABASE, name)
        try:
            figures = write_public(con, part, name, _last_release())
        except Narrowed as error:
            raise ReleaseRefused(str(error)) from error
        as_of = _as_of(con)
        write_review(con)
        save_history(con)
    for zone in ZONES:
        with duckdb.connect(str(part / zone / DATABASE), read_only=True, config=warehouse.config()) as con:
            write_parquet(con, part / zone)
    _write_dictionary(part, marts)
    for zone in ZONES:
        _write_products(part / zone, name, as_of)
    files = {str(path.relative_to(part)): _sha256(path) for path in sorted(part.rglob("*.*"))}
    write_manifests(part, {"release": name, "as_of": as_of, "disclosure": asdict(figures)}, files)
    _let_all_read(part)
    _sync(part)


def _write_products(zone: Path, release: str, as_of: dict[str, str]) -> None:
    """Write what people look at, from the zone's own tables alone; the site comes last, for it lists the others."""
    from include.prints.build import write_prints  # here, as all that opens a release would wait for their libraries
    from include.site.build import write_site
    from include.site.dbt_docs import write_dbt_docs
    from include.star import write_workbook

    write_workbook(zone, release, as_of)
    write_prints(zone, release, as_of)
    (zone / SITE).mkdir()
    write_dbt_docs(TARGET, zone / SITE / "dbt.html")
    write_site(zone, release, as_of)


def _let_all_read(release: Path) -> None:
    """Let others reach the public zone, the dictionary and the manifest; they cannot list what lies on the way."""
    for folder in (settings.INSTALLATION, settings.DATA, settings.RELEASES, release):
        folder.chmod(0o711)
    public = release / PUBLIC
    for path in [public, *public.rglob("*"), *release.glob("*.*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def current_database(zone: str = TASK_FORCE) -> Path:
    """Return where the database of a zone of the current release lies; it need not exist."""
    return settings.CURRENT / zone / DATABASE


def switch_current(release: Path, current: Path | None = None) -> None:
    """Point `current` at a release in one atomic step: a reader sees the old one or the new one, whole."""
    current = current or settings.CURRENT
    link = current.with_name(f".{current.name}.next")
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(release, current.parent))
    link.replace(current)


def _last_release() -> Path | None:
    """Return the folder of the current release, when it has both zones."""
    last = settings.CURRENT.resolve()
    needed = [last / BEHIND, *(last / zone / DATABASE for zone in ZONES)]
    return last if all(file.exists() for file in needed) else None


def _next_name() -> str:
    """Return the moment as a name; when the clock went back, the first moment after the newest release."""
    moment = datetime.now(UTC)
    names = [path.name for path in settings.RELEASES.iterdir() if not path.name.startswith(".")]
    if names:
        newest = datetime.strptime(max(names), _NAME).replace(tzinfo=UTC)
        moment = max(moment, newest + timedelta(microseconds=1))
    return moment.strftime(_NAME)


def _marts() -> Marts:
    """Return the description and the columns of each mart from dbt's manifest."""
    nodes = json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    marts = {node["name"]: node for node in nodes if node["resource_type"] == "model" and node["schema"] == "marts"}
    found: Marts = {}
    for name, node in sorted(marts.items()):
        columns = [
            {
                "mart": name,
                "column": column["name"],
                "type": column["data_type"],
                "pii": column["config"]["meta"].get("pii"),
                "description": " ".join(column["description"].split()),
            }
            for column in node["columns"].values()
        ]
        found[name] = Mart(" ".join(node["description"].split()), columns)
        for column in columns:
            if column["pii"] not in PUBLISHED:
                raise ReleaseRefused(f"{name}.{column['column']} is classed {column['pii']}: it may not be published.")
    return found


def _write_task_force(con: duckdb.DuckDBPyConnection, marts: Marts, path: Path, release: str) -> None:
    key = pseudonym_key()

    def pseudonym(value: str) -> str:
        return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:20]

    con.create_function("pseudonym", pseudonym, ["VARCHAR"], "VARCHAR")
    # v1.0.0 is the oldest storage that every 1.x client opens
    con.execute(f"attach {warehouse.literal(str(path))} as published (storage_version 'v1.0.0')")
    for mart, told in marts.items():
        columns = told.columns
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
        comment_on(con, "published", mart, told.description, {c["column"]: c["description"] for c in columns})
    con.remove_function("pseudonym")  # else the process's engine would keep it, and with it the key
    write_release_info(con, "published", release)
    con.execute("checkpoint published")
    con.execute("detach published")


def _as_of(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the newest period that was accepted per dataset."""
    rows = con.execute(
        "select agency || '/' || dataset, max(period) from audit.deliveries where rows_accepted > 0 group by 1 order by 1"
    ).fetchall()
    return dict(rows)


def _write_dictionary(folder: Path, marts: Marts) -> None:
    """Write one row per column of the task force's tables, with what the public sees of it (empty: not the mart), and per one of its own."""
    public = {(mart.name, column.name): column for mart in read_public_marts() for column in mart.columns}
    with (folder / "dictionary.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["mart", "column", "type", "pii", "public", "description"])
        writer.writeheader()
        for column in (column for mart in marts.values() for column in mart.columns):
            seen = public.get((column["mart"], column["column"]))
            writer.writerow({**column, "public": SEEN[seen.kind] if seen else ""})
        for name, (kind, text) in RELEASE_INFO.items():
            told = {"mart": "release_info", "column": name, "type": kind, "pii": "none"}
            writer.writerow({**told, "public": SEEN["as_is"], "description": text})
        for mart in read_public_marts():
            if mart.cells:
                told = {"mart": mart.name, "column": "suppressed", "type": "varchar", "pii": "none"}
                writer.writerow({**told, "public": "in the public zone alone", "description": SUPPRESSED_SAYS})


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
