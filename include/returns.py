"""Writes what goes back to the agencies: per delivery a list of its bad cells, in their own column names.

The lists hold personal data: `data/returns/` is closed to others, as the archive is.
"""

import csv
from pathlib import Path
from typing import Any

import duckdb

from include import settings
from include.contract import Dataset

COLUMNS = ("baris", "kolom", "nilai", "masalah", "tingkat")
LEVELS = {"error": "salah, baris tidak dipakai", "warn": "periksa, baris dipakai"}
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t")


def write_returns(con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]) -> None:
    """Write the list of each of these deliveries; one without a bad cell gets none, and its old list goes."""
    for delivery in deliveries:
        [(period, file_name, reason)] = con.execute(
            "select period, file_name, reason from audit.deliveries where delivery_id = ?", [delivery]
        ).fetchall()
        path = settings.RETURNS / dataset.agency / dataset.name / (period or "tanpa periode") / f"{file_name}.csv"
        rows = [("", "seluruh berkas", "", reason, LEVELS["error"])] if reason else []
        rows += _bad_cells(con, dataset, delivery)
        if rows:
            _write(path, rows)
        else:
            path.unlink(missing_ok=True)


def _bad_cells(con: duckdb.DuckDBPyConnection, dataset: Dataset, delivery: str) -> list[Any]:
    failures = con.execute(
        "select delivery_row, column_name, value, reason, severity from audit.quarantine where delivery_id = ? order by all",
        [delivery],
    ).fetchall()
    return [
        (row, dataset.header(column), _as_text(value), why, LEVELS[severity])
        for row, column, value, why, severity in failures
    ]


def _as_text(value: str | None) -> str:
    """A spreadsheet must not take an agency's cell for a formula."""
    return f"'{value}" if value and len(value) > 1 and value.startswith(_FORMULA_SIGNS) else value or ""


def _write(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    settings.RETURNS.chmod(0o700)
    # semicolons and the byte-order mark make Excel in Indonesian open it as a table
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
