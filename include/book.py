"""What all workbooks for people have in common: a guide, cells that stay texts, a password, and no half-written file."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from include.cells import harmless
from include.locked import lock
from include.private import scratch_folder, write_private

GUIDE = "Petunjuk"
MARKED, TO_FILL, HEAD = "#F8CBAD", "#FFF2CC", "#D9E1F2"
_LONGEST_CELL = 32_767
_TEXT = 49  # the number of a spreadsheet's format 'text': what is typed there stays as typed
_DATE = "yyyy-mm-dd"
_A4 = 9  # the number of the paper in a workbook


@dataclass
class Book:
    """A workbook being written, and the looks of its cells."""

    pages: Any
    head: Any
    title: Any
    prose: Any
    text: Any
    marked: Any
    fill: Any
    date: Any
    date_marked: Any
    date_fill: Any
    line: Any
    line_date: Any
    line_number: Any


@contextmanager
def private_book(path: Path, password: str, record: Callable[[bytes], None] | None = None) -> Iterator[Book]:
    """Write a workbook row by row; it appears at `path` locked, whole, and closed to others, or not at all.

    Memory does not grow with its rows: they wait in a folder that only the owner can read, gone at the end.
    `record` is given the file before it appears; when it raises, nothing appears.
    """
    content = io.BytesIO()
    with (
        scratch_folder() as folder,
        xlsxwriter.Workbook(content, {"constant_memory": True, "tmpdir": str(folder)}) as pages,
    ):
        yield _looks(pages)
    locked = lock(content.getvalue(), password)
    if record:
        record(locked)
    write_private(path, locked)


def _looks(pages: Any) -> Book:
    def look(**settings: object) -> Any:
        return pages.add_format(settings)

    return Book(
        pages=pages,
        head=look(bold=True, bg_color=HEAD, border=1, text_wrap=True, valign="top"),
        title=look(bold=True, font_size=14),
        prose=look(text_wrap=True, valign="top"),
        text=look(num_format=_TEXT),
        marked=look(num_format=_TEXT, bg_color=MARKED),
        fill=look(num_format=_TEXT, bg_color=TO_FILL, border=4),
        date=look(num_format=_DATE),
        date_marked=look(num_format=_DATE, bg_color=MARKED),
        date_fill=look(num_format="dd/mm/yyyy", bg_color=TO_FILL, border=4),
        line=look(num_format=_TEXT, text_wrap=True, valign="top", border=1),
        line_date=look(num_format=_DATE, align="left", valign="top", border=1),
        line_number=look(valign="top", border=1),
    )


def add_guide(book: Book, lines: Sequence[str]) -> None:
    """Add the guide; its first line is the title."""
    page = book.pages.add_worksheet(GUIDE)
    page.set_column(0, 0, 110)
    for number, line in enumerate(lines):
        page.write_string(number, 0, line, book.prose if number else book.title)


def add_page(book: Book, name: str, widths: dict[str, int], frozen: int = 0) -> Any:
    """Add a sheet with a header; `frozen` columns stay in sight on the left."""
    page = book.pages.add_worksheet(name)
    for place, (column, width) in enumerate(widths.items()):
        page.set_column(place, place, width)
        page.write_string(0, place, column, book.head)
    page.freeze_panes(1, frozen)
    return page


def set_up_print(page: Any, title: str, rows: int, columns: int) -> None:
    """Let a list be printed: A4 across, its whole width on each page, the header again, a place for two signatures."""
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.95)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.print_area(0, 0, rows, columns - 1)
    quoted = title.replace("&", "&&")  # else a sign of the layout
    page.set_header(f"&L&B{quoted}&RRAHASIA: data pribadi, UU 27/2022")
    page.set_footer("&LPetugas: ..............................&CMengetahui: ..............................&R&P / &N")


def write_cell(page: Any, number: int, place: int, value: object, look: Any, of_number: Any = None) -> None:
    """Write numbers and dates as such and all else as text; no value can become a formula or a link."""
    if value is None or value == "":
        page.write_blank(number, place, None, look)
    elif isinstance(value, date):
        page.write_datetime(number, place, value, look)
    elif isinstance(value, int | float):
        page.write_number(number, place, value, of_number)
    else:
        text = str(value)
        if not text.isprintable():  # signs that XML cannot hold would break the whole file
            text = "".join(sign if sign.isprintable() else " " for sign in text)
        page.write_string(number, place, harmless(text)[:_LONGEST_CELL], look)


def choice(words: Sequence[str] | type[date]) -> dict[str, Any]:
    """Return the check of a column to fill in: one of these words, or a date."""
    if isinstance(words, type):
        return {
            "validate": "date",
            "criteria": ">=",
            "value": date(2020, 1, 1),
            "error_title": "Bukan tanggal",
            "error_message": "Tulis tanggal, misalnya 31/12/2026.",
        }
    return {
        "validate": "list",
        "source": list(words),
        "error_title": "Pilihan tidak dikenal",
        "error_message": f"Pilih salah satu: {', '.join(words)}.",
    }


def private_folder(path: Path) -> Path:
    """Return the folder, made when missing, closed to others."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
