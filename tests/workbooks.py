"""Opens the workbooks that go to agencies, and fills them in as an agency does."""

import io
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import python_calamine
import xlsxwriter

from include import settings
from include.contract import Dataset
from include.locked import unlock
from include.vault import password

Row = dict[str, Any]


def path_of(dataset: Dataset) -> Path:
    return settings.RETURNS / dataset.agency / f"perbaikan_{dataset.name}.xlsx"


@lru_cache(maxsize=4)
def _unlocked(content: bytes, agency: str) -> bytes | None:
    return unlock(content, password(agency))


def content_of(path: Path, agency: str) -> bytes:
    """Return a workbook that its agency may have saved without the password."""
    return _unlocked(path.read_bytes(), agency) or path.read_bytes()


def opened(path: Path, agency: str) -> bytes:
    content = _unlocked(path.read_bytes(), agency)
    assert content, "it opens with its agency's password"
    return content


def sheet(content: bytes, name: str) -> list[Row]:
    """Return the rows under the header of a sheet, none when the workbook lacks it."""
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        if name not in book.sheet_names:
            return []
        head, *rows = book.get_sheet_by_name(name).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def items(dataset: Dataset, name: str = "Perbaikan") -> list[Row]:
    return sheet(opened(path_of(dataset), dataset.agency), name)


def filled_in(dataset: Dataset, fill: Callable[[int, Row], Row | None]) -> bytes:
    """Return the dataset's workbook after an agency changed, kept or dropped (None) each row, saved without password."""
    rows = items(dataset)
    saved = io.BytesIO()
    with xlsxwriter.Workbook(saved, {"in_memory": True}) as book:
        book.add_worksheet("Petunjuk").write_string(0, 0, "Perbaikan data")
        page = book.add_worksheet("Perbaikan")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        kept = [filled for number, row in enumerate(rows) if (filled := fill(number, row)) is not None]
        for place, name in enumerate(rows[0]):
            page.write_string(0, place, name)
            for number, row in enumerate(kept, start=1):
                cell = row[name]
                if isinstance(cell, date):
                    page.write_datetime(number, place, cell, day)
                else:
                    page.write_string(number, place, str(cell))
    return saved.getvalue()
