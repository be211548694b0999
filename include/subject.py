"""`make subject`: every row of one person, with its file, for whoever asks what is kept about them (UU 27/2022).

The NIK, or name and birth date, are asked for at the prompt: on a command line they would stay in the shell's history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from include import warehouse
from include.contract import Dataset
from include.contract_reader import read_agencies
from include.problem import Problem, run


@dataclass(frozen=True)
class Row:
    """One row about the person: where it stands, what became of it, its cells under the agency's own headers."""

    dataset: str
    period: str
    file_name: str
    row: int
    status: str
    cells: dict[str, Any]


def rows_of(
    con: duckdb.DuckDBPyConnection,
    datasets: Sequence[Dataset],
    number: str | None = None,
    name: str | None = None,
    born_on: date | None = None,
) -> list[Row]:
    """Return the rows in which a NIK or No KK stands, or a name in a person's columns together with a birth date.

    Quarantined and superseded rows count too: they are kept. A dataset of which nothing has come is passed over.
    """
    found: list[Row] = []
    for dataset in datasets:
        condition, values = _condition(dataset, number, name, born_on)
        if not condition or not _exists(con, dataset):
            continue
        known = ", ".join(f"t.{column.name}" for column in dataset.columns)
        for file_name, period, row, status, *cells in con.execute(
            f"select d.file_name, t._period, t._row, coalesce(t._status, 'waiting'), {known} from {dataset.table} as t "
            f"inner join audit.deliveries as d on t._delivery_id = d.delivery_id where {condition} order by 2, 1, 3",
            values,
        ).fetchall():
            headers = [column.headers[0] for column in dataset.columns]
            named = {header: cell for header, cell in zip(headers, cells, strict=True) if cell is not None}
            found.append(Row(f"{dataset.agency}/{dataset.name}", period, file_name, row, status, named))
    return found


def _condition(dataset: Dataset, number: str | None, name: str | None, born_on: date | None) -> tuple[str, list[Any]]:
    direct = [column for column in dataset.columns if column.pii == "direct"]
    if number:
        columns = [column.name for column in direct if column.data_type == "char(16)"]
        return " or ".join(f"t.{column} = ?" for column in columns), [number] * len(columns)
    names = [column.name for column in direct if column.data_type == "varchar"]
    dates = [column.name for column in direct if column.data_type == "date"]
    if not names or not dates:
        return "", []
    spelled = " or ".join(f"contains(upper(t.{column}), upper(?))" for column in names)
    born = " or ".join(f"t.{column} = ?" for column in dates)
    return f"({spelled}) and ({born})", [name] * len(names) + [born_on] * len(dates)


def _exists(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> bool:
    return bool(
        con.execute(
            "select 1 from duckdb_tables() "
            "where database_name = current_database() and schema_name = ? and table_name = ?",
            [dataset.agency, dataset.name],
        ).fetchall()
    )


def main() -> int:
    """Ask, search, print; return 1 when nothing was found, raise `Problem` when the question is incomplete."""
    number = input("NIK atau No KK (kosong: cari dengan nama): ").strip() or None
    name = None if number else input("Nama: ").strip()
    try:
        born_on = None if number else date.fromisoformat(input("Tanggal lahir (YYYY-MM-DD): ").strip())
    except ValueError:
        raise Problem("Tanggal lahir ditulis YYYY-MM-DD.") from None
    if not number and not name:
        raise Problem("NIK, atau nama dan tanggal lahir, harus diisi.")
    datasets = [dataset for agency in read_agencies() for dataset in agency.datasets]
    with warehouse.connect(read_only=True) as con:
        rows = rows_of(con, datasets, number, name, born_on)
    for row in rows:
        print(f"{row.dataset} {row.period} {row.file_name} baris {row.row} ({row.status})")
        for header, cell in row.cells.items():
            print(f"    {header}: {cell}")
    print(f"{len(rows)} baris di {len({row.dataset for row in rows})} kumpulan data.")
    return 0 if rows else 1


if __name__ == "__main__":
    run(main)
