"""`make status`: where the installation stands, and what needs a person. Changes nothing."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
from rich.table import Table
from rich.text import Text

from include import alerts, report, retention, room, settings, unchanged, warehouse
from include.console import CONSOLE
from include.contract_reader import read_agencies
from include.problem import Problem, run
from include.standing import STANDING, late, misplaced

# 2026-11: the mart is built every night, so after a day and a half one night is missing.
MOST_HOURS = 36
MOST_SHOWN = 12


def main() -> int:
    """Return 0 when all is well, 1 when something needs a person; raise `Problem` when it cannot be said."""
    with warehouse.open_to_read() as con:
        try:
            needs = [*show_release(con, datetime.now(UTC)), *show_datasets(con)]
        except duckdb.CatalogException:  # it has not the tables that are asked for
            raise Problem("The working database is of another version; the next night builds it anew.") from None
    needs += [*(f"{one}." for one in misplaced()), *show_disk(), *_alerts()]
    retention.show_due()
    for need in needs[:MOST_SHOWN]:
        CONSOLE.print(Text(f"needs a person: {need}", style="bold red"))
    if len(needs) > MOST_SHOWN:
        CONSOLE.print(f"... and {len(needs) - MOST_SHOWN:,} more")
    if not needs:
        CONSOLE.print("Nothing needs a person.")
    return 1 if needs else 0


def show_release(con: duckdb.DuckDBPyConnection, now: datetime) -> list[str]:
    """Print the current release and when a night last made it or let it stand; return what needs a person."""
    if not settings.CURRENT.exists():
        return ["there is no release yet; run make nightly."]
    name = settings.CURRENT.resolve().name
    made = datetime.strptime(name, "%Y-%m-%dT%H%M%S.%f%z")
    seen = max(made, unchanged.confirmed_at(con) or made)
    stands = f", stands since nothing is new, {_age(now - seen)} ago" if seen > made else ""
    CONSOLE.print(f"Release: {name}, {_age(now - made)} old{stands}", markup=False)
    if now - seen <= timedelta(hours=MOST_HOURS):
        return []
    return [f"the release is {_age(now - seen)} old; see the last run of stunting_mart."]


def _age(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    return f"{hours / 24:,.0f} days" if hours >= 48 else f"{hours:.0f} hours"


def show_datasets(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Print one row per dataset and the last arrivals; return the late datasets and the files that stand refused or held."""
    _show_arrivals(con)
    manifest = settings.CURRENT / "manifest.json"
    as_of = json.loads(manifest.read_text(encoding="utf-8"))["as_of"] if manifest.exists() else {}
    came = _by_dataset(con, "select {}, max(received_at)::date from audit.deliveries group by 1")
    waiting = {
        status: _by_dataset(con, f"select {{}}, count(*) from ({STANDING}) where status = '{status}' group by 1")
        for status in ("refused", "held")
    }
    still_open = _by_dataset(con, "select {}, count(*) from audit.items where state = 'open' group by 1")
    warnings = _by_dataset(
        con,
        "select {}, count(*) from audit.expectation_results where severity = 'warning' and not success group by 1",
    )
    overdue = {one.dataset: one for one in late(con)}
    counts = ("refused", "held", "open rows", "warnings")
    table = Table("dataset", "as of", "last came", "late", *map(report.right, counts))
    for name in [f"{d.agency}/{d.name}" for agency in read_agencies() for d in agency.datasets]:
        numbers = [found.get(name, 0) for found in (waiting["refused"], waiting["held"], still_open, warnings)]
        last = f"{came[name]}" if name in came else "never"
        shown = [f"{number:,}" if number else "-" for number in numbers]
        table.add_row(name, as_of.get(name, "-"), last, "late" if name in overdue else "-", *shown)
    CONSOLE.print(table)
    report.show_standing(con)
    files = [
        f"{name}: {count:,} deliveries {status}, named above; the workbook tells the agency why."
        for status, found in waiting.items()
        for name, count in found.items()
    ]
    return [*(f"{one}." for one in overdue.values()), *files]


def _show_arrivals(con: duckdb.DuckDBPyConnection) -> None:
    for last, files, loaded, held, refused, rows in con.execute(
        """
        select max(received_at), count(*), count(*) filter (status = 'loaded'), count(*) filter (status = 'held'),
            count(*) filter (status = 'refused'), coalesce(sum(rows_accepted), 0)
        from audit.deliveries
        where received_at > (select max(received_at) from audit.deliveries) - interval 1 day
        having count(*) > 0
        """
    ).fetchall():
        CONSOLE.print(
            f"Last arrivals, the day to {last:%Y-%m-%d %H:%M} UTC: {files:,} files, {loaded:,} accepted with {rows:,} rows, "
            f"{held:,} held, {refused:,} refused"
        )


def _by_dataset(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    return dict(con.execute(query.format("agency || '/' || dataset")).fetchall())


def show_disk() -> list[str]:
    """Print what takes how much room; return what needs a person."""
    table = Table("on the disk", report.right("MB"))
    places = {"archive": settings.ARCHIVE, "database": settings.WAREHOUSE, "releases": settings.RELEASES}
    for name, place in places.items():
        table.add_row(name, f"{room.bytes_below(place) / 1e6:,.1f}")
    free = shutil.disk_usage(settings.DATA).free
    table.add_row("free", f"{free / 1e6:,.1f}")
    CONSOLE.print(table)
    need = room.estimate().disk
    return [f"only {free / 1e9:.1f} GB are free; the next night needs {need / 1e9:.1f}."] if free < need else []


def _alerts() -> list[str]:
    record = alerts.read_record()
    failed = [f"{one.about} failed: {one.text}" for one in record.standing.values() if one.kind == alerts.FAILED]
    return failed + [f"alerts could not be sent by {way}: {why}" for way, why in record.broken_ways.items()]


if __name__ == "__main__":
    run(main)
