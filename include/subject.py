"""`make subject`: every row of one person, with its file, for whoever asks what is kept about them (UU 27/2022).

The NIK, or name and birth date, are asked for at the prompt: on a command line they would stay in the shell's history.
So is who asks and why: like `make by-name` it is recorded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from include import settings, warehouse
from include.book import private_folder
from include.contract import Dataset
from include.contract_reader import read_agencies
from include.ledger import open_ledger, pseudonym, user
from include.problem import Problem, run
from include.visible import escaped


@dataclass(frozen=True)
class Row:
    """One row about the person: where it stands, what became of it, its cells under the agency's own headers."""

    dataset: str
    period: str
    file_name: str
    delivery_id: str
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
        for file_name, period, row, delivery, status, *cells in con.execute(
            "select d.file_name, t._period, t._row, d.delivery_id, coalesce(t._status, 'waiting'), "
            f"{known} from {dataset.table} as t "
            f"inner join audit.deliveries as d on t._delivery_id = d.delivery_id where {condition} order by 2, 1, 3",
            values,
        ).fetchall():
            headers = [column.headers[0] for column in dataset.columns]
            named = {header: cell for header, cell in zip(headers, cells, strict=True) if cell is not None}
            found.append(Row(f"{dataset.agency}/{dataset.name}", period, file_name, delivery, row, status, named))
    return found


def children_of(con: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> list[str]:
    """Return the keys of the children that the rows are about; none before the marts were first built."""
    if not rows:
        return []
    try:
        found = con.execute(
            "select distinct links.child_id "
            "from (select unnest(?) as delivery_id, unnest(?) as delivery_row) as shown "
            "inner join intermediate.int_persons as persons using (delivery_id, delivery_row) "
            "inner join intermediate.int_child_links as links using (agency, identity_key) order by 1",
            [[row.delivery_id for row in rows], [row.row for row in rows]],
        ).fetchall()
    except duckdb.CatalogException:
        return []
    return [child for (child,) in found]


def _condition(dataset: Dataset, number: str | None, name: str | None, born_on: date | None) -> tuple[str, list[Any]]:
    direct = [column for column in dataset.columns if column.pii == "direct"]
    if number:
        columns = [column.name for column in direct if column.data_type == "char(16)"]
        return " or ".join(f"t.{column} = ?" for column in columns), [number] * len(columns)
    names = [column.name for column in direct if column.data_type == "varchar"]
    dates = [column.name for column in direct if column.data_type == "date"]
    if not names or not dates:
        return "", []
    # written with two blanks it is the same name
    spelled = " or ".join(
        f"contains(regexp_replace(upper(t.{column}), '\\s+', ' ', 'g'), upper(?))" for column in names
    )
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
    """Ask, search, record, print; return 1 when nothing was found, raise `Problem` when an answer is missing."""
    number = "".join(input("NIK atau No KK (kosong: cari dengan nama): ").replace("'", "").split()) or None
    if number and not re.fullmatch("[0-9]{16}", number):
        raise Problem("NIK dan No KK terdiri atas 16 angka.")
    name = None if number else " ".join(input("Nama: ").split())
    try:
        born_on = None if number else date.fromisoformat(input("Tanggal lahir (YYYY-MM-DD): ").strip())
    except ValueError:
        raise Problem("Tanggal lahir ditulis YYYY-MM-DD.") from None
    if not number and not name:
        raise Problem("NIK, atau nama dan tanggal lahir, harus diisi.")
    purpose = input("Untuk siapa, dan mengapa: ").strip()
    if not purpose:
        raise Problem("Untuk siapa dan mengapa harus diisi: setiap pencarian dicatat.")
    datasets = [dataset for agency in read_agencies() for dataset in agency.datasets]
    with warehouse.connect(read_only=True) as con:
        rows = rows_of(con, datasets, number, name, born_on)
        children = children_of(con, rows)
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": user(),
        "purpose": purpose,
        "list": "subject",
        "rows": len(rows),
        # of what was asked for, then of the children as the releases name them
        "pseudonyms": [pseudonym(number or f"{name} {born_on}".upper()), *map(pseudonym, children)],
    }
    with open_ledger(private_folder(settings.DATA / "by_name") / "ledger.jsonl") as ledger:
        ledger.append(entry)
    for row in rows:
        print(f"{row.dataset} {row.period} {escaped(row.file_name)} baris {row.row} ({row.status})")
        for header, cell in row.cells.items():
            print(f"    {header}: {escaped(str(cell))}")
    print(f"{len(rows)} baris di {len({row.dataset for row in rows})} kumpulan data.")
    return 0 if rows else 1


if __name__ == "__main__":
    run(main)
