"""The three steps of an ingest DAG as plain functions: receive, load, judge."""

from dataclasses import asdict
from typing import Any

from include import warehouse
from include.contract import Dataset
from include.gate import pass_gate
from include.load import forget_changed_contract, load_delivery, waiting
from include.receive import Receipt, receive_waiting


def receive_deliveries(dataset: Dataset) -> list[dict[str, Any]]:
    """Archive what waits in the landing folder; return the receipts of all deliveries not loaded yet."""
    receive_waiting(dataset)
    with warehouse.connect() as con:
        forget_changed_contract(con, dataset)
        return [asdict(receipt) for receipt in waiting(con, dataset)]


def load_one(dataset: Dataset, delivery: dict[str, Any]) -> str | None:
    """Load one delivery; return why it was refused, None when it was loaded."""
    receipt = Receipt(**delivery)
    with warehouse.connect() as con:
        return load_delivery(con, dataset, receipt, receipt.file)


def judge(dataset: Dataset) -> dict[str, Any]:
    """Pass the gate; return agency, dataset, the periods that changed and the number of held deliveries."""
    verdict = pass_gate(dataset)
    return {
        "agency": dataset.agency,
        "dataset": dataset.name,
        "periods": verdict.periods,
        "held": len(verdict.held),
    }
