"""Writes pairs of writings of children into a workbook that a person judges in a spreadsheet.

The workbook holds personal data: it is locked with the registrar's password, and its folder is closed to others.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from include import settings
from include.book import add_guide, add_page, choice, private_book, private_folder, write_cell
from include.vault import password

JUDGE = "disdukcapil"
# what a pair shows of either side, as SQL over a record and its desa
FIELDS = {
    "Nama": "child_name",
    "Tanggal Lahir": "strftime(born_on, '%d-%m-%Y')",
    "Jenis Kelamin": "sex",
    "Orang Tua": "parent_names",
    "NIK": "nik",
    "No KK": "no_kk",
    "Desa": "coalesce(desa_name, desa_code)",
}
FIELD_WIDTHS = {
    f"{field} {side}": width
    for field, width in zip(FIELDS, (26, 14, 8, 30, 19, 19, 18), strict=True)
    for side in ("A", "B")
}
FIELDS_WANTED = ", ".join(f'{side.lower()}."{field}" as "{field} {side}"' for field in FIELDS for side in ("A", "B"))
SIDES = f"""
    select agency, identity_key, {", ".join(f'{sql} as "{field}"' for field, sql in FIELDS.items())}
    from intermediate.int_child_records
    left join seeds.ref_desa using (desa_code)
    """


def folder() -> Path:
    """Return the folder of what people judge; it is made when missing, and closed to others."""
    return private_folder(settings.DATA / "linkage")


def fetch(
    con: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a query, each by the names of its columns."""
    rows = con.execute(query, dict(values or {})).fetchall()
    names = [column[0] for column in con.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def write_pair_book(
    path: Path,
    guide: Sequence[str],
    sheet: str,
    widths: Mapping[str, int],
    rows: Sequence[Mapping[str, Any]],
    to_fill: Mapping[str, Sequence[str] | type[date] | None],
) -> None:
    """Write the guide (its first line is the title) and the pairs, one a row, in columns named by `widths`.

    `to_fill` are the columns for the judge: with the words to choose from, `date`, or None for any text.
    """
    with private_book(path, password(JUDGE)) as book:
        add_guide(book, guide)
        page = add_page(book, sheet, dict(widths), frozen=2)
        page.autofilter(0, 0, len(rows), len(widths) - 1)
        for number, row in enumerate(rows, start=1):
            differing = _differing(row)
            for place, column in enumerate(widths):
                look = book.fill if column in to_fill else book.marked if column in differing else book.text
                look = book.date_fill if to_fill.get(column) is date else look
                write_cell(page, number, place, row.get(column), look)
        for column, words in to_fill.items():
            if words is not None:
                place = list(widths).index(column)
                page.data_validation(1, place, len(rows), place, choice(words))


def _differing(row: Mapping[str, Any]) -> set[str]:
    """Return the cells of both sides where both say something and not the same."""
    return {
        f"{field} {side}"
        for field in FIELDS
        if (a := row.get(f"{field} A")) and (b := row.get(f"{field} B")) and _comparable(a) != _comparable(b)
        for side in ("A", "B")
    }


def _comparable(value: object) -> list[list[str]]:
    """Case and blanks do not count, nor which of two parents stands first."""
    return sorted(part.split() for part in re.split("[/,]", str(value).upper()))
