"""What a night says at its end: each delivery's rows, what to look at, how long it took, the prevalence."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.table import Column, Table
from rich.text import Text

from include import settings
from include.alerts import FAILED
from include.console import CONSOLE
from include.release import DATABASE, TASK_FORCE
from include.standing import STANDING, late, misplaced
from include.storage import ABOUT
from include.visible import visible

MOST_DELIVERIES_SHOWN = 60
MOST_REASONS_SHOWN = 5
TO_TRY = "coba"  # where a faulty delivery of an invented regency lies, beside its truth


def show_deliveries(con: duckdb.DuckDBPyConnection, begun: datetime) -> None:
    """Print the row accounting per delivery that came since the night has begun, and what stands refused or held."""
    rows = con.execute(
        """
        select agency || '/' || dataset, coalesce(period, 'no period') || '/' || file_name, status,
            rows_read, rows_accepted, rows_quarantined, rows_duplicate, rows_superseded
        from audit.deliveries
        where received_at >= ?
        order by agency, dataset, period, received_at
        """,
        [begun.astimezone(UTC).replace(tzinfo=None)],
    ).fetchall()
    counts = ("read", "accepted", "quarantined", "duplicate", "superseded")
    table = Table("dataset", Column("delivery", no_wrap=True), "state", *map(right, counts))
    for dataset, delivery, status, *numbers in rows if len(rows) <= MOST_DELIVERIES_SHOWN else _totals(rows):
        is_balanced = "waiting" in status or numbers[0] == sum(numbers[1:])
        table.add_row(
            dataset,
            Text(visible(delivery)),
            status if is_balanced else "UNBALANCED",
            *(f"{number:,}" for number in numbers),
        )
    CONSOLE.print(table if rows else "No file came tonight.")
    show_standing(con, begun)


def show_standing(con: duckdb.DuckDBPyConnection, begun: datetime | None = None) -> None:
    """Print the deliveries that stand refused or held, the newest first, with the reason and what ends it.

    Those that came since the night has begun are told as of tonight.
    """
    rows = con.execute(
        "select status, concat_ws('/', agency, dataset, coalesce(period, 'no period'), file_name), reason, received_at "
        f"from ({STANDING}) order by received_at desc, 2"
    ).fetchall()
    for status, delivery, reason, received_at in rows[:MOST_DELIVERIES_SHOWN]:
        is_new = begun is not None and received_at.replace(tzinfo=UTC) >= begun
        when = "tonight" if is_new else f"since {received_at:%Y-%m-%d}"
        CONSOLE.print(f"{status} {when}: {visible(delivery)}\n    {visible(reason or '', 2000)}", markup=False)
    if len(rows) > MOST_DELIVERIES_SHOWN:
        CONSOLE.print(f"... and {len(rows) - MOST_DELIVERIES_SHOWN:,} older ones")
    if rows:
        CONSOLE.print(
            "    each is over when a mended one comes under the same name; of what will never come: "
            'make dismiss FILE=<as named here> WHY="..."',
            markup=False,
        )


def _totals(rows: list[Any]) -> list[Any]:
    """Add up the deliveries of each dataset: a year of a regency is hundreds of files."""
    states: dict[str, Counter[str]] = defaultdict(Counter)
    totals: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for dataset, _, status, *numbers in rows:
        states[dataset][status] += 1
        totals[dataset] = [a + b for a, b in zip(totals[dataset], numbers, strict=True)]
    return [
        (
            dataset,
            "1 file" if states[dataset].total() == 1 else f"{states[dataset].total()} files",
            ", ".join(f"{count} {status}" for status, count in sorted(states[dataset].items()) if status != "loaded"),
            *numbers,
        )
        for dataset, numbers in totals.items()
    ]


def show_warnings(con: duckdb.DuckDBPyConnection) -> None:
    """Print the commonest reasons of quarantine, the judgement that only warns, and who is late."""
    for dataset, column, rule, rows in con.execute(
        f"""
        select agency || '/' || dataset, column_name, rule, count(*) as rows
        from audit.quarantine
        where severity = 'error'
        group by all
        order by rows desc, 1, 2, 3
        limit {MOST_REASONS_SHOWN}
        """
    ).fetchall():
        CONSOLE.print(f"quarantined: {rows:,} rows of {dataset}, {column} {rule}", markup=False)
    _show_returned(con)
    for dataset, expectation, count in con.execute(
        """
        select agency || '/' || dataset, expectation, unexpected_count
        from audit.expectation_results
        where severity = 'warning' and not success
        order by all
        """
    ).fetchall():
        CONSOLE.print(f"warning: {dataset}, {expectation} ({count:,})", markup=False)
    for one in late(con):
        CONSOLE.print(f"late: {one}", markup=False)


def show_misplaced() -> None:
    """Print the files of the landing folder that no dataset takes."""
    for one in misplaced():
        CONSOLE.print(f"misplaced: {one}", markup=False)


def _show_returned(con: duckdb.DuckDBPyConnection) -> None:
    """Print per dataset what became of the rows that went back to its agency."""
    for dataset, still_open, fixed, as_is, deleted in con.execute(
        """
        select agency || '/' || dataset, count(*) filter (state = 'open') as still_open,
            count(*) filter (state = 'fixed'), count(*) filter (state = 'accepted_as_is'),
            count(*) filter (state = 'deleted')
        from audit.items
        group by 1
        order by still_open desc, 1
        """
    ).fetchall():
        CONSOLE.print(
            f"returned: {dataset}, {still_open:,} rows open, {fixed:,} fixed, {as_is:,} accepted as they are, "
            f"{deleted:,} deleted",
            markup=False,
        )
    CONSOLE.print(f"    the agencies' workbooks lie locked in {shown(settings.RETURNS)}", markup=False)


def show_alerts(lines: list[dict[str, Any]], since: datetime) -> None:
    """Print which alerts the night raised, what object storage refused, and by which way no alert could be sent.

    `lines` are those of the record.
    """
    tonight = [line for line in lines if datetime.fromisoformat(line["at"]) >= since.replace(microsecond=0)]
    if raised := [line for line in tonight if line["event"] == "raised"]:
        CONSOLE.print(f"alerts: {len(raised):,} new, in {shown(settings.DATA / 'alerts.jsonl')}", markup=False)
    for line in raised:
        is_said = line["kind"] != FAILED or line["about"].startswith(ABOUT)  # above or below
        why = "" if is_said else f": {line['text']}"
        CONSOLE.print(f"    {line['kind']}: {line['about']}{why}", markup=False)
    for text in dict.fromkeys(line["text"] for line in tonight if line.get("about", "").startswith(ABOUT)):
        CONSOLE.print(f"{ABOUT}: {text}", markup=False)
    for line in tonight:
        if line["event"] == "not sent":
            CONSOLE.print(f"alerts: not sent by {line['way']}: {line['text']}", markup=False)


def show_steps(steps: dict[str, float], seconds: float) -> None:
    """Print how long each step of each DAG took."""
    table = Table("step", right("seconds"))
    for step, duration in steps.items():
        if duration >= 0.1:
            table.add_row(step, f"{duration:.1f}")
    table.add_row("the whole night", f"{seconds:.1f}")
    CONSOLE.print(table)


def show_nothing_yet() -> None:
    """Print why there is no release, and what to do."""
    CONSOLE.print(
        "Nothing was delivered yet, so nothing is published: put files into "
        f"{shown(settings.LANDING)}/<agency>/<dataset>/<period>/, or say SIZE=small to try an invented regency.",
        markup=False,
    )


def show_release(release: Path) -> None:
    """Print the prevalence per month with numerator, denominator and coverage, and where the release lies."""
    with duckdb.connect(str(release / TASK_FORCE / DATABASE), read_only=True) as con:
        rows = con.execute(
            "select month, due, measured, coverage_pct, height_valid, stunted, stunted_pct "
            "from stunting_by_kabupaten order by month"
        ).fetchall()
    table = Table("month", *map(right, ("due", "measured", "coverage", "valid height", "stunted", "stunting")))
    for month, due, measured, coverage_pct, height_valid, stunted, stunted_pct in rows:
        counts = (f"{due:,}", f"{measured:,}", _percent(coverage_pct), f"{height_valid:,}", f"{stunted:,}")
        table.add_row(f"{month:%Y-%m}", *counts, _percent(stunted_pct))
    CONSOLE.print(table)
    CONSOLE.print(f"Release: {shown(release)} ({shown(settings.CURRENT)} points to it)", markup=False)
    CONSOLE.print(f"To look at: {shown(settings.CURRENT / TASK_FORCE / 'site' / 'index.html')}", markup=False)
    to_try = next((settings.INVENTED / TO_TRY).rglob("*.csv"), None)
    CONSOLE.print(
        f"Next: make status, make sql, make check FILE={shown(to_try) if to_try else '<a delivery>'}",
        markup=False,
        soft_wrap=True,
    )


def shown(path: Path) -> str:
    """Return a path as a person in the project's folder would write it."""
    return str(path.relative_to(settings.ROOT)) if path.is_relative_to(settings.ROOT) else str(path)


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} %"


def right(name: str) -> Column:
    """Return a column of numbers."""
    return Column(name, justify="right")
