"""The three steps of an ingest DAG as plain functions: receive, load, gate."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Any

import duckdb

from include import settings, vault, warehouse
from include.archive import Delivery, archive_new, removed_under
from include.contract import Dataset
from include.gate import pass_gate
from include.inbox import brought_down
from include.lineage import record_gate
from include.load import forget_changed_contract, load_delivery, not_loaded, record_removed
from include.returns import write_returns
from include.standing import take_dismissed
from include.visible import visible

FATES = ("read", "accepted", "quarantined", "duplicate", "superseded")
MOST_DELIVERIES = 50  # the newest: a first night of a regency has hundreds, and Airflow keeps each event


def receive(dataset: Dataset) -> list[list[dict[str, Any]]]:
    """Archive what waits in the landing folder; return all deliveries that are still to be loaded, period by period.

    After a change of the contract these are all there are: they are read again as the contract now says.
    """
    with brought_down(dataset):
        archive_new(dataset)
    try:
        return _to_load(dataset)
    except warehouse.WarehouseBroken:  # it is gone now
        return _to_load(dataset)


def _to_load(dataset: Dataset) -> list[list[dict[str, Any]]]:
    with warehouse.connect() as con:
        forget_changed_contract(con, dataset)
        take_dismissed(con, dataset)
        waiting = not_loaded(con, dataset)
        if not waiting:
            write_returns(con, dataset)  # it may be that the last night ended before it was written
        periods = groupby(sorted(waiting, key=_period), key=_period)
        return [[asdict(delivery) for delivery in deliveries] for _, deliveries in periods]


def _period(delivery: Delivery) -> str:
    return delivery.period or ""  # in the wrong folder: it will be refused


def load(dataset: Dataset, receipts: list[dict[str, Any]]) -> list[str]:
    """Load deliveries, as many at a time as there are threads; return why some were refused. A second run finds them done.

    Most are small: DuckDB reads one in one thread, and another while the next is unsealed, read and split.
    """
    with warehouse.connect() as con:
        with ThreadPoolExecutor(settings.THREADS) as lanes:
            told = list(lanes.map(partial(_load, con, dataset), (Delivery(**receipt) for receipt in receipts)))
        refusals = [why for why in told if why]
        if refusals:
            write_returns(con, dataset)
    return refusals


def _load(shared: duckdb.DuckDBPyConnection, dataset: Dataset, delivery: Delivery) -> str | None:
    """Load one delivery in a transaction of its own; return why it was refused, None when it was not."""
    with shared.cursor() as con:
        con.execute("use warehouse")
        query = "select case status when 'refused' then reason end from audit.deliveries where delivery_id = ?"
        if known := con.execute(query, [delivery.delivery_id]).fetchall():
            return known[0][0]
        if why := removed_under(delivery):
            record_removed(con, delivery, why)
            return None
        with vault.opened(delivery.file) as file:
            return load_delivery(con, dataset, delivery, file)


def gate(dataset: Dataset) -> dict[str, Any]:
    """Judge what was loaded and write the workbook that goes back; return what the asset event tells: rows, no cell."""
    began = datetime.now(UTC)
    verdict = pass_gate(dataset)
    with warehouse.connect() as con:
        write_returns(con, dataset)
        judged = con.execute(
            f"select period, file_name, status, {', '.join(f'rows_{fate}' for fate in FATES)} from audit.deliveries "
            "where delivery_id in (select unnest(?)) order by received_at, file_name",
            [verdict.deliveries],
        ).fetchall()
        deliveries = [
            {"period": period, "file": visible(name), "status": status, **dict(zip(FATES, rows, strict=True))}
            for period, name, status, *rows in judged
        ]
        rows = {fate: sum(delivery[fate] for delivery in deliveries) for fate in FATES}
        if verdict.deliveries:
            record_gate(con, dataset, rows, began)
    return {
        "agency": dataset.agency,
        "dataset": dataset.name,
        "periods": verdict.periods,
        "held": len(verdict.held),
        "rows": rows,
        "deliveries": deliveries[-MOST_DELIVERIES:],
    }
