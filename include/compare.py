"""Compares the marts in the working database with the current release: rows added, gone and changed per month."""

import csv
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from rich.table import Table

from include import warehouse
from include.console import CONSOLE
from include.keys import pseudonym_key
from include.release import current_database
from include.report import right, shown

MOST_CHANGES_SHOWN = 40
PERIODS = ("month", "quarter", "semester", "period", "year")


@dataclass(frozen=True)
class Change:
    """What changes in one mart and period. A mart without a key has no changed rows, they are gone and added.

    `stunted_pct_*`: the prevalence in per cent, in the mart of the whole regency only. `columns_*`: names of columns
    that one side lacks; they stand in a row of their own, without period, and rows are compared without them.
    """

    mart: str
    period: str
    rows_added: int = 0
    rows_gone: int = 0
    rows_changed: int = 0
    stunted_pct_before: float | None = None
    stunted_pct_after: float | None = None
    columns_added: str = ""
    columns_gone: str = ""


def changes_against_release(target: Path) -> list[Change]:
    """Return the changes per mart and period; `target` is the dbt target folder of the build in hand."""
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    built = {node["name"]: node for node in nodes.values() if is_mart(node)}
    secret = pseudonym_key()

    def pseudonym(value: str) -> str:
        return hmac.new(secret, value.encode(), hashlib.sha256).hexdigest()[:20]

    changes = []
    with warehouse.connect() as con:
        con.create_function("pseudonym", pseudonym, ["VARCHAR"], "VARCHAR")
        con.execute(f"attach {warehouse.literal(str(current_database()))} as released (read_only)")
        released: dict[str, list[str]] = dict(
            con.execute(
                "select table_name, list(column_name order by column_index) from duckdb_columns() "
                "where database_name = 'released' and table_name <> 'release_info' group by all"
            ).fetchall()
        )
        for name in built.keys() & released.keys():
            mart = built[name]
            added = [column for column in mart["columns"] if column not in released[name]]
            gone = [column for column in released[name] if column not in mart["columns"]]
            if added or gone:
                changes.append(Change(name, "", columns_added=", ".join(added), columns_gone=", ".join(gone)))
            query = _query(mart, key_of(nodes, mart), released[name])
            changes += [Change(name, *row) for row in con.execute(query).fetchall()]
        for name in built.keys() - released.keys():
            rows = con.execute(_whole(f"marts.{name}", list(built[name]["columns"]))).fetchall()
            changes += [Change(name, period, rows_added=number) for period, number in rows]
        for name in released.keys() - built.keys():
            rows = con.execute(_whole(f"released.{name}", released[name])).fetchall()
            changes += [Change(name, period, rows_gone=number) for period, number in rows]
        con.execute("detach released")
        con.remove_function("pseudonym")
    return sorted(changes, key=lambda change: (change.mart, change.period))


def is_mart(node: dict[str, Any]) -> bool:
    return bool(node["resource_type"] == "model" and node["schema"] == "marts")


def _whole(table: str, columns: list[str]) -> str:
    """Return the query that counts the rows of a mart that the other side does not have."""
    period = next((name for name in PERIODS if name in columns), None)
    return f"select coalesce({period or 'null'}::varchar, ''), count(*) from {table} group by 1"


def key_of(nodes: dict[str, Any], mart: dict[str, Any]) -> list[str]:
    """Return the columns that the mart's own test calls unique, none where it has no such test."""
    for node in nodes.values():
        if node["resource_type"] == "test" and node.get("attached_node") == mart["unique_id"]:
            test = node["test_metadata"]
            if test["name"] == "unique_combination":
                return list(test["kwargs"]["columns"])
            if test["name"] == "unique":
                return [test["kwargs"]["column_name"]]
    return []


def _query(mart: dict[str, Any], key: list[str], known: list[str]) -> str:
    columns = [name for name in mart["columns"] if name in known]
    if not set(key) <= set(columns):
        key = []
    pii = {name: column["config"]["meta"].get("pii") for name, column in mart["columns"].items()}
    named = ", ".join(f"pseudonym({c}) as {c}" if pii[c] == "pseudonym" else c for c in columns)
    period = next((name for name in PERIODS if name in columns), None)
    text = f"coalesce(coalesce(a.{period}, b.{period})::varchar, '')" if period else "''"
    has_prevalence = mart["name"] == "stunting_by_kabupaten" and "stunted_pct" in columns
    prevalence = "any_value({}.stunted_pct)" if has_prevalence else "null::double"
    content = ", ".join(columns)
    # rows without a key are told apart by all they say, and equal ones by their number
    number = f"row_number() over (partition by {', '.join(key) or content})"
    same = " and ".join(f"a.{column} is not distinct from b.{column}" for column in (*(key or columns), "_number"))
    return f"""
        with after as (select {named} from marts.{mart["name"]}),
        a as (select *, hash({content}) as _content, {number} as _number from after),
        b as (select {content}, hash({content}) as _content, {number} as _number from released.{mart["name"]})
        select {text} as period,
            count(*) filter (b._content is null) as added, count(*) filter (a._content is null) as gone,
            count(*) filter (a._content <> b._content) as changed,
            {prevalence.format("b")}, {prevalence.format("a")}
        from a full join b on {same}
        group by 1
        having added + gone + changed > 0
    """


def write_changes(changes: list[Change], file: Path) -> None:
    """Write the changes as CSV, into a folder for the owner only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [field.name for field in fields(Change)])
        writer.writeheader()
        writer.writerows(map(asdict, changes))


def read_changes(file: Path) -> list[Change]:
    """Return what `write_changes` wrote."""
    with file.open(encoding="utf-8", newline="") as stream:
        return [
            Change(
                mart=row["mart"],
                period=row["period"],
                rows_added=int(row["rows_added"]),
                rows_gone=int(row["rows_gone"]),
                rows_changed=int(row["rows_changed"]),
                stunted_pct_before=float(row["stunted_pct_before"]) if row["stunted_pct_before"] else None,
                stunted_pct_after=float(row["stunted_pct_after"]) if row["stunted_pct_after"] else None,
                columns_added=row["columns_added"],
                columns_gone=row["columns_gone"],
            )
            for row in csv.DictReader(stream)
        ]


def show_changes(changes: list[Change], file: Path) -> None:
    """Print the changes, the regency's prevalence first."""
    if not changes:
        CONSOLE.print(f"No published number changes: {shown(file)}", markup=False)
        return
    titles = map(right, ("added", "gone", "changed", "stunted % before", "after"))
    table = Table("mart", "period", *titles, "new columns", "lost columns")
    ordered = sorted(changes, key=lambda change: change.mart != "stunting_by_kabupaten")
    for change in ordered[:MOST_CHANGES_SHOWN]:
        counts = (f"{count:,}" for count in (change.rows_added, change.rows_gone, change.rows_changed))
        prevalence = (change.stunted_pct_before, change.stunted_pct_after)
        shares = ("" if pct is None else f"{pct:.1f}" for pct in prevalence)
        table.add_row(change.mart, change.period, *counts, *shares, change.columns_added, change.columns_gone)
    CONSOLE.print(table)
    if len(changes) > MOST_CHANGES_SHOWN:
        CONSOLE.print(f"... and {len(changes) - MOST_CHANGES_SHOWN:,} more")
    CONSOLE.print(f"What would change, {len(changes):,} marts and periods: {shown(file)}", markup=False)
