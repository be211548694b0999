"""The three steps of an ingest DAG as plain functions: receive, load, gate."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from include import vault, warehouse
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


def receive(dataset: Dataset) -> list[dict[str, Any]]:
    """Archive what waits in the landing folder; return all deliveries that are still to be loaded.

    After a change of the contract these are all there are: they are read again as the contract now says.
    """
    with brought_down(dataset):
        archive_new(dataset)
    try:
        return _to_load(dataset)
    except warehouse.WarehouseBroken:  # it is gone now
        return _to_load(dataset)


def _to_load(dataset: Dataset) -> list[dict[str, Any]]:
    with warehouse.connect() as con:
        forget_changed_contract(con, dataset)
        take_dismissed(con, dataset)
        waiting = not_loaded(con, dataset)
        if not waiting:
            write_returns(con, dataset)  # it may be that the last night ended before it was written
        return [asdict(delivery) for delivery in waiting]


def load(dataset: Dataset, receipt: dict[str, Any]) -> str | None:
    """Load one delivery; return why it was refused, None when it was loaded. A second run finds it done."""
    delivery = Delivery(**receipt)
    with warehouse.connect() as con:
        query = "select case status when 'refused' then reason end from audit.deliveries where delivery_id = ?"
        if known := con.execute(query, [delivery.delivery_id]).fetchall():
            return known[0][0]
        if why := removed_under(delivery):
            record_removed(con, delivery, why)
            return None
        with vault.opened(delivery.file) as file:
            refusal = load_delivery(con, dataset, delivery, file)
        if refusal:
            write_returns(con, dataset)
    return refusal


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
