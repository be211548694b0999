"""Write one delivery as a file: text of any delimiter and encoding, or a workbook, perhaps zipped."""

import datetime
import io
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import xlsxwriter
import xlwt

STAMP = datetime.datetime(2026, 1, 1)  # fixed, so that the same seed gives the same bytes
SERIAL_ZERO = datetime.date(1899, 12, 30)
Cell = str | int | float | datetime.date | None


@dataclass(frozen=True)
class Form:
    """The way in which an office saves a list; the fields are those of layouts.yml."""

    file: str = "csv"
    layout: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    decimal: str = "."
    dates: str = "%Y-%m-%d"
    missing: str = ""
    nik: str = "text"
    titles: int = 0
    is_zipped: bool = False
    has_hidden_sheet: bool = False

    @property
    def suffix(self) -> str:
        return ".zip" if self.is_zipped else f".{self.file}"

    @property
    def rows_above(self) -> int:
        """The rows above the first data row: titles and header."""
        return self.titles + 1


@dataclass(frozen=True)
class Sheet:
    """A table to write: a query whose column names are the header, rows above it, and a hidden table beside it."""

    query: str
    titles: tuple[str, ...] = ()
    hidden: str | None = field(default=None)


def write_file(connection: duckdb.DuckDBPyConnection, sheet: Sheet, form: Form, path: Path) -> None:
    """Write a sheet to a path in a form; the same query on the same data gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.with_suffix(f".{form.file}") if form.is_zipped else path
    if form.file == "csv":
        _write_text(connection, sheet, form, plain)
    elif form.file == "xlsx":
        _write_xlsx(connection, sheet, form, plain)
    else:
        _write_xls(connection, sheet, form, plain)
    if form.is_zipped:
        _zip(plain, path)


def _write_text(connection: duckdb.DuckDBPyConnection, sheet: Sheet, form: Form, path: Path) -> None:
    delimiter = "\\t" if form.delimiter == "\t" else form.delimiter
    connection.execute(f"copy ({sheet.query}) to '{path}' (format csv, header true, delimiter e'{delimiter}')")
    if form.encoding == "utf-8" and form.newline == "\n" and not sheet.titles:
        return
    untitled = path.rename(path.with_suffix(".untitled"))
    with (
        untitled.open(encoding="utf-8", newline="") as lines,  # a province's list is larger than memory
        path.open("w", encoding=form.encoding, newline=form.newline) as stream,
    ):
        stream.writelines(f"{title}\n" for title in sheet.titles)
        shutil.copyfileobj(lines, stream, 2**20)
    untitled.unlink()


def _write_xlsx(connection: duckdb.DuckDBPyConnection, sheet: Sheet, form: Form, path: Path) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": STAMP})
        date_style = book.add_format({"num_format": "dd/mm/yyyy"})
        tables = [("Sheet1", sheet.query, sheet.titles)]
        if sheet.hidden:
            tables.insert(0, ("Arsip", sheet.hidden, ()))
        for name, query, titles in tables:
            page = book.add_worksheet(name)
            if name == "Arsip":
                page.hide()
            else:
                page.activate()
                page.set_first_sheet()
            for number, row in enumerate(_rows(connection, query, titles)):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        page.write_string(number, column, cell)
                    elif isinstance(cell, datetime.date):
                        serial = (cell - SERIAL_ZERO).days
                        page.write_number(number, column, serial, None if form.dates == "serial" else date_style)
                    elif cell is not None:
                        page.write_number(number, column, cell)


def _write_xls(connection: duckdb.DuckDBPyConnection, sheet: Sheet, form: Form, path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("Sheet1")
    date_style = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    plain_style = xlwt.easyxf()
    for number, row in enumerate(_rows(connection, sheet.query, sheet.titles)):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime.date):
                serial = (cell - SERIAL_ZERO).days
                page.write(number, column, serial, plain_style if form.dates == "serial" else date_style)
            elif cell is not None and cell != "":
                page.write(number, column, cell, plain_style)
        if number % 500 == 499:
            page.flush_row_data()
    book.save(str(path))


def _rows(connection: duckdb.DuckDBPyConnection, query: str, titles: tuple[str, ...]) -> list[tuple[Cell, ...]]:
    rows = connection.execute(query).fetchall()
    header = tuple(column[0] for column in connection.description or ())
    return [*((title,) for title in titles), header, *rows]


def _zip(plain: Path, path: Path) -> None:
    """Pack a file and remove it; the name and date inside are fixed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo(f"data{plain.suffix}", date_time=STAMP.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, plain.read_bytes(), compresslevel=1)
    plain.unlink()
    path.write_bytes(packed.getvalue())
