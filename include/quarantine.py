"""`make quarantine`: which rows wait for an agency, by rule and column, and where its workbook lies. No cell, no name."""

import argparse
from datetime import UTC, datetime

import duckdb
from rich.table import Table

from include import report, settings, warehouse
from include.console import CONSOLE
from include.contract import Dataset
from include.contract_reader import find_datasets
from include.problem import run
from include.standing import STANDING

MOST_SHOWN = 60


def main() -> int:
    """Return 0 when it was said what waits; raise `Problem` when it cannot be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agency", default="")
    parser.add_argument("--dataset", default="")
    arguments = parser.parse_args()
    chosen = find_datasets(arguments.agency, arguments.dataset)
    with warehouse.open_to_read() as con:
        show(con, chosen, datetime.now(UTC))
    return 0


def show(con: duckdb.DuckDBPyConnection, chosen: list[Dataset], now: datetime) -> None:
    """Print the open items of the datasets at a moment (UTC). A row that breaks two rules counts under each."""
    names = [f"{dataset.agency}/{dataset.name}" for dataset in chosen]
    found = con.execute(
        """
        select i.agency || '/' || i.dataset as name, coalesce(i.period, 'no period'), q.column_name, q.rule,
            count(distinct i.ticket) as rows, max(datediff('day', i.received_at, ?::timestamp)) as days
        from audit.items as i
        inner join audit.quarantine as q
            on i.delivery_id = q.delivery_id and i.delivery_row = q.delivery_row and q.severity = 'error'
        where i.state = 'open' and i.agency || '/' || i.dataset in (select unnest(?))
        group by all
        order by rows desc, 1, 2 desc, 3, 4
        """,
        [now.replace(tzinfo=None), names],
    ).fetchall()
    table = Table("dataset", "period", "column", "rule", report.right("rows"), report.right("oldest, days"))
    for name, period, column, rule, rows, days in found[:MOST_SHOWN]:
        table.add_row(name, period, column, rule, f"{rows:,}", f"{days:,}")
    if found:
        CONSOLE.print(table)
    if len(found) > MOST_SHOWN:
        CONSOLE.print(f"... and {len(found) - MOST_SHOWN:,} more; AGENCY= and DATASET= show less at once")
    _show_totals(con, chosen, names)


def _show_totals(con: duckdb.DuckDBPyConnection, chosen: list[Dataset], names: list[str]) -> None:
    items = _count(con, "audit.items", "state = 'open'", names)
    files = _count(con, f"({STANDING})", "true", names)
    for dataset, name in zip(chosen, names, strict=True):
        if name not in items and name not in files:
            continue
        book = settings.RETURNS / dataset.agency / f"perbaikan_{dataset.name}.xlsx"
        where = report.shown(book) if book.exists() else "no workbook is there: the next gate writes it"
        CONSOLE.print(
            f"{name}: {items.get(name, 0):,} rows open, {files.get(name, 0):,} deliveries refused or held: {where}",
            markup=False,
        )
    if items or files:
        CONSOLE.print("A workbook is locked with its agency's password: make password AGENCY=...")
    else:
        CONSOLE.print("Nothing waits.")


def _count(con: duckdb.DuckDBPyConnection, table: str, which: str, names: list[str]) -> dict[str, int]:
    query = f"select agency || '/' || dataset as name, count(*) from {table} where {which} and name in (select unnest(?)) group by 1"
    return dict(con.execute(query, [names]).fetchall())


if __name__ == "__main__":
    run(main)
