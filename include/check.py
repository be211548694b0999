"""`make check FILE=...`: a dry run of one delivery. Says what would be accepted and why not the rest; changes nothing."""

import argparse
from pathlib import Path

import duckdb
from rich.table import Table
from rich.text import Text

from include import settings, warehouse
from include.archive import Delivery, deliveries, describe
from include.console import CONSOLE
from include.contract import Dataset
from include.contract_reader import find_dataset
from include.gate import judge_without_gx
from include.load import forget_changed_contract, load_delivery
from include.problem import Problem, run
from include.visible import visible

MOST_FAILURES_SHOWN = 40
_LEAST_PARENTS = 4  # <agency>/<dataset>/<period> below the root


def main() -> int:
    """Return 0 when it would be loaded, 1 when it would be held or refused; raise `Problem` when that cannot be said now."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="in a folder <agency>/<dataset>/<period>, as in the landing folder")
    file = parser.parse_args().file.resolve()
    if not file.is_file() or len(file.parents) < _LEAST_PARENTS:
        raise Problem("Say which: make check FILE=<a file in a folder agency/dataset/period>.")
    dataset = find_dataset(file.parents[2].name, file.parents[1].name)
    known = deliveries(dataset)
    delivery = describe(file, dataset, known)
    with warehouse.open_memory() as con:
        check_delivery(con, dataset, delivery, file)
        return _show(con, dataset, delivery, has_come=delivery in known)


def check_delivery(con: duckdb.DuckDBPyConnection, dataset: Dataset, delivery: Delivery, file: Path) -> None:
    """Load and judge one file in `con`, a database in memory, beside a copy of what is known."""
    warehouse.prepare(con)
    if settings.WAREHOUSE.exists():
        _copy_known(con, dataset)
    forget_changed_contract(con, dataset)
    if not con.execute("select 1 from audit.deliveries where delivery_id = ?", [delivery.delivery_id]).fetchall():
        load_delivery(con, dataset, delivery, file)
    judge_without_gx(con, dataset)


def _copy_known(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    warehouse.attach(con, alias="known")
    for table in ("deliveries", "quarantine", "contracts"):
        con.execute(
            f"insert into audit.{table} select * from known.audit.{table} where agency = ? and dataset = ?",
            [dataset.agency, dataset.name],
        )
    if con.execute("select 1 from audit.contracts").fetchall():
        con.execute(f"create schema if not exists {dataset.agency}")
        for table in (dataset.raw_table, dataset.table):
            con.execute(f"create table {table} as select * from known.{table}")
    con.execute("detach known")


def _show(con: duckdb.DuckDBPyConnection, dataset: Dataset, delivery: Delivery, has_come: bool) -> int:
    [(name, status, reason, sheet, date_order, unread, *counts)] = con.execute(
        "select file_name, status, reason, sheet, date_order, unread_columns, rows_read, rows_accepted, rows_quarantined, rows_duplicate, rows_superseded "
        "from audit.deliveries where delivery_id = ?",
        [delivery.delivery_id],
    ).fetchall()
    if has_come:
        CONSOLE.print(
            f"These bytes came on {delivery.received_at[:10]} as {visible(name)}; nothing would change. What became of them:",
            markup=False,
        )
    verdict = "came once" if status == "removed" else status if has_come else f"would be {status}"
    CONSOLE.print(
        f"{verdict}: {reason if status == 'refused' else '; '.join(filter(None, (visible(name), reason)))}",
        markup=False,
    )
    if found := [
        sheet and f"sheet {visible(sheet)}",
        date_order,
        unread and f"columns in no contract, not read: {visible(unread, 2000)}",
    ]:
        CONSOLE.print("; ".join(filter(None, found)), markup=False)
    words = ("read", "accepted", "quarantined", "duplicate", "superseded")
    CONSOLE.print("rows " + ", ".join(f"{word} {count:,}" for word, count in zip(words, counts, strict=True)))
    failures = con.execute(
        "select delivery_row, column_name, value, reason, severity from audit.quarantine where delivery_id = ? order by all",
        [delivery.delivery_id],
    ).fetchall()
    table = Table("row", "column", "value", "reason", "")
    holds_persons = any(column.pii == "direct" for column in dataset.columns)
    for row, column, value, why, severity in failures[:MOST_FAILURES_SHOWN]:
        table.add_row(
            str(row),
            dataset.header(column),
            Text("(may be a person's)" if holds_persons and value else visible(value or "")),
            Text(visible(why)),
            "" if severity == "error" else "only a warning",
        )
    if failures:
        CONSOLE.print(table)
    if len(failures) > MOST_FAILURES_SHOWN:
        CONSOLE.print(f"... and {len(failures) - MOST_FAILURES_SHOWN:,} more")
    return 0 if status == "loaded" else 1


if __name__ == "__main__":
    run(main)
