"""Writes pairs of writings of children into a workbook that a person judges in a spreadsheet.

The workbook holds personal data: its folder and the file are closed to others. It appears whole or not at all.
"""

import io
import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from include import settings

GUIDE = "Petunjuk"
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
_DIFFERS, _TO_FILL, _HEAD = "#F8CBAD", "#FFF2CC", "#D9E1F2"
_LONGEST_CELL = 32_767
_TEXT = 49  # the number of a spreadsheet's format 'text'


def folder() -> Path:
    """Return the folder of what people judge; it is made when missing, and closed to others."""
    path = settings.DATA / "linkage"
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


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
    content = io.BytesIO()
    # in memory: what the writer leaves in a shared scratch folder could be read by others
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        _write_guide(book, guide)
        page = book.add_worksheet(sheet)
        columns = list(widths)
        head = book.add_format({"bold": True, "bg_color": _HEAD, "border": 1, "text_wrap": True, "valign": "top"})
        for place, column in enumerate(columns):
            page.set_column(place, place, widths[column])
            page.write_string(0, place, column, head)
        page.freeze_panes(1, 2)
        page.autofilter(0, 0, len(rows), len(columns) - 1)
        styles = _styles(book)
        for number, row in enumerate(rows, start=1):
            differing = _differing(row)
            for place, column in enumerate(columns):
                kind = "fill" if column in to_fill else "differs" if column in differing else "plain"
                style = styles["date" if to_fill.get(column) is date else kind]
                _write_cell(page, number, place, row.get(column), style)
        for column, choice in to_fill.items():
            if choice is not None:
                place = columns.index(column)
                page.data_validation(1, place, len(rows), place, _validation(choice))
    _replace(path, content.getvalue())


def _write_guide(book: Any, guide: Sequence[str]) -> None:
    page = book.add_worksheet(GUIDE)
    page.set_column(0, 0, 110)
    title = book.add_format({"bold": True, "font_size": 14})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    for number, line in enumerate(guide):
        page.write_string(number, 0, line, text if number else title)


def _styles(book: Any) -> dict[str, Any]:
    """A cell of the format 'text' that begins with = stays a text also when somebody edits it."""
    return {
        "plain": book.add_format({"num_format": _TEXT}),
        "differs": book.add_format({"num_format": _TEXT, "bg_color": _DIFFERS}),
        "fill": book.add_format({"num_format": _TEXT, "bg_color": _TO_FILL, "border": 4}),
        "date": book.add_format({"num_format": "dd/mm/yyyy", "bg_color": _TO_FILL, "border": 4}),
    }


def _write_cell(page: Any, number: int, place: int, value: object, style: Any) -> None:
    """Write numbers as numbers and all else as text; no value can become a formula or a link."""
    if value is None:
        page.write_blank(number, place, None, style)
    elif isinstance(value, int | float):
        page.write_number(number, place, value)
    else:
        page.write_string(number, place, str(value)[:_LONGEST_CELL], style)


def _validation(choice: Sequence[str] | type[date]) -> dict[str, Any]:
    if isinstance(choice, type):
        return {
            "validate": "date",
            "criteria": ">=",
            "value": date(2020, 1, 1),
            "error_title": "Bukan tanggal",
            "error_message": "Tulis tanggal, misalnya 31/12/2026.",
        }
    return {
        "validate": "list",
        "source": list(choice),
        "error_title": "Pilihan tidak dikenal",
        "error_message": f"Pilih salah satu: {', '.join(choice)}.",
    }


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


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    part.replace(path)
