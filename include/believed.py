"""`make believed DATE=2026-03-01`: builds the marts as they were believed at the end of that day in Serang.

Only the agencies' rows are of that day: links, seeds and contracts are today's, so that a difference to today's
figures is news from the agencies and nothing else. The marts lie in `data/believed.duckdb`, private and encrypted as the
working database, until the next call; `make sql BELIEVED=1` reads them.
"""

import argparse
import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
from rich.table import Column, Table

from include import settings, warehouse
from include.build import run_dbt
from include.console import CONSOLE
from include.copies import BELIEVED, on_a_copy, remove_copy
from include.problem import Problem, run

SERANG = ZoneInfo("Asia/Jakarta")
# stunted, of so many valid heights, per cent
Prevalence = tuple[int, int, float | None]


def main() -> int:
    """Return 0 when the marts were built, 1 when dbt failed; raise `Problem` when there is nothing to build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("date", help="a day, as 2026-03-01")
    text = parser.parse_args().date
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Problem("Say which day: make believed DATE=2026-03-01.") from None
    today = datetime.now(SERANG).date()
    if day > today:
        raise Problem(f"{day} has not come yet; give a day up to {today}.")
    with warehouse.open_to_read() as con:
        [(first,)] = con.execute("select min(counts_from) from audit.deliveries").fetchall()
        if first is None:
            raise Problem("Nothing has come yet; run make nightly.")
        try:
            published = _prevalence(con)
        except duckdb.CatalogException:
            raise Problem("The working database holds no marts yet; run make nightly.") from None
    first_day = first.replace(tzinfo=UTC).astimezone(SERANG).date()
    if day < first_day:
        raise Problem(f"Nothing had come by {day}; the first delivery came on {first_day}.")
    # what is broken off leaves no database under the name, neither of this day nor of the day asked for before
    believed = settings.DATA / BELIEVED
    believed.unlink(missing_ok=True)
    part = believed.with_suffix(".part.duckdb")
    try:
        with on_a_copy(part):
            code = _build(end_of_day(day), published)
        if code == 0:
            part.rename(believed)
            CONSOLE.print(
                f"All marts as believed on {day}: {BELIEVED} in the data folder, encrypted; read them by make sql BELIEVED=1",
                markup=False,
            )
        return code
    finally:
        remove_copy(part)


def end_of_day(day: date) -> datetime:
    """Return the last moment of a day in Serang, in UTC and without a zone, as the database has it."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), SERANG)
    return (midnight - timedelta(microseconds=1)).astimezone(UTC).replace(tzinfo=None)


def _build(moment: datetime, today: dict[date, Prevalence]) -> int:
    # a target of its own: a release reads the night's
    target = ["--target-path", str(settings.DATA / "dbt" / "believed")]
    if run_dbt("--quiet", "run", *target, "--vars", json.dumps({"believed_on": f"{moment}"})):
        return 1
    with warehouse.connect() as con:
        then = _prevalence(con)
    headers = ("stunted then", "of", "believed then", "today")
    table = Table("month", *(Column(header, justify="right") for header in headers))
    for month in sorted(today | then):
        stunted, valid, share = then.get(month, (None, None, None))
        now = today.get(month, (None, None, None))[2]
        table.add_row(f"{month:%Y-%m}", _count(stunted), _count(valid), _percent(share), _percent(now))
    CONSOLE.print(table)
    return 0


def _prevalence(con: duckdb.DuckDBPyConnection) -> dict[date, Prevalence]:
    rows = con.execute("select month, stunted, height_valid, stunted_pct from marts.stunting_by_kabupaten").fetchall()
    return {month: (stunted, valid, share) for month, stunted, valid, share in rows}


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1f} %"


if __name__ == "__main__":
    run(main)
