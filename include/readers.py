"""Turns an agency's file (.xlsx, .xls, .csv, zipped or not) into lines of text cells, and loses none.

Every file becomes a `Grid`: a UTF-8 text file with one line per source row and cells parted by one sign that
occurs in no cell, so that DuckDB can read it without quoting rules, sniffing or type guessing. A plain CSV
without quotes is its own grid; workbooks and quoted CSV are rewritten into a scratch folder.
"""

import csv
import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import python_calamine

from include.contract import Dataset
from include.headers import SEARCHED_ROWS, HeaderError, find_header, map_header
from include.settings import MAX_COLUMNS, MAX_INFLATED_BYTES, MAX_ROWS

DELIMITERS = (";", ",", "\t", "|")
CELL_END = "\x1f"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SNIFFED_BYTES = 64 * 1024
_EXCEL_DIGITS = 1e15


class Refused(Exception):
    """A delivery cannot be read as its contract says; the message is one sentence for a person."""


@dataclass(frozen=True)
class Grid:
    """One sheet as text: the lines of `path` after the first `skip`, cells parted by `delimiter`.

    `first_row` is the number that the first of these lines has in the agency's file; `positions` maps contract
    columns to cells (0-based); `width` is the number of cells of a whole row; `unknown_headers` are in no contract.
    """

    path: Path
    delimiter: str
    sheet: str | None
    skip: int
    first_row: int
    width: int
    positions: dict[str, int]
    unknown_headers: list[str]


def read_grid(file: Path, name: str, dataset: Dataset, scratch: Path) -> Grid:
    """Read `file` (called `name` by its agency) against a contract; raise `Refused` when it does not fit."""
    with file.open("rb") as stream:
        magic = stream.read(4)
    if not magic:
        raise Refused(f"{name}: the file is empty.")
    if magic == _ZIP:
        return _read_zip(file, name, dataset, scratch)
    if magic == _OLE:
        return _read_workbook(file, name, dataset, scratch)
    return _read_text(file, name, dataset, scratch)


def _read_zip(file: Path, name: str, dataset: Dataset, scratch: Path) -> Grid:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            inflated = sum(member.file_size for member in members)
            if inflated > MAX_INFLATED_BYTES:
                raise Refused(
                    f"{name}: inflates to {inflated:,} bytes, the cap is {MAX_INFLATED_BYTES:,}; send it in parts."
                )
            if any(member.filename == "xl/workbook.xml" for member in members):
                return _read_workbook(file, name, dataset, scratch)
            if len(members) != 1 or members[0].filename.lower().endswith(".zip"):
                raise Refused(f"{name}: a zip must hold exactly one data file, it holds {len(members)} files.")
            inner = scratch / "inner"
            inner.write_bytes(archive.read(members[0]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Refused(f"{name}: the zip cannot be opened ({error}); send it again without a password.") from error
    inner_name = f"{name}/{Path(members[0].filename).name}"
    return read_grid(inner, inner_name, dataset, scratch)


def _read_workbook(file: Path, name: str, dataset: Dataset, scratch: Path) -> Grid:
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(file))
        visible = python_calamine.SheetVisibleEnum.Visible
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == visible]
        sheets = {sheet: workbook.get_sheet_by_name(sheet) for sheet in names}
    except python_calamine.PasswordError as error:
        raise Refused(f"{name}: the workbook is protected by a password; send it without.") from error
    except python_calamine.CalamineError as error:
        raise Refused(f"{name}: the workbook cannot be opened ({error}); save it again as .xlsx.") from error
    found = {}
    for sheet, cells in sheets.items():
        if cells.total_height > MAX_ROWS or cells.total_width > MAX_COLUMNS:
            size = f"{cells.total_height:,} rows x {cells.total_width:,} columns"
            raise Refused(f"{name}, sheet {sheet!r}: {size}, the cap is {MAX_ROWS:,} x {MAX_COLUMNS:,}.")
        head = [list(map(_cell_text, row)) for row in islice(cells.iter_rows(), SEARCHED_ROWS)]
        row = find_header(head, dataset)
        if row is not None:
            found[sheet] = (row, head[row])
    if not found:
        raise Refused(_no_header(name, f"its visible sheets ({', '.join(names)})", dataset))
    if len(found) > 1:
        raise Refused(f"{name}: the sheets {', '.join(found)} all look like {dataset.name}; leave one.")
    [(sheet, (row, header))] = found.items()
    positions, unknown = _map(header, dataset, f"{name}, sheet {sheet!r}")
    path = scratch / "grid.txt"
    _write_grid(path, (list(map(_cell_text, cells)) for cells in sheets[sheet].iter_rows()))
    rows_above = (sheets[sheet].start or (0, 0))[0]
    return Grid(path, CELL_END, sheet, row + 1, rows_above + row + 2, len(header), positions, unknown)


def _read_text(file: Path, name: str, dataset: Dataset, scratch: Path) -> Grid:
    size = file.stat().st_size
    if size > MAX_INFLATED_BYTES:
        raise Refused(f"{name}: {size:,} bytes, the cap is {MAX_INFLATED_BYTES:,}; send it in parts.")
    data = file.read_bytes()
    encoding = _encoding(data, name)
    path = file
    if encoding != "utf-8" or not _has_one_line_end(data):
        path = scratch / "utf8.txt"
        data = data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").encode()
        path.write_bytes(data)
    if b"\0" in data[:_SNIFFED_BYTES]:
        raise Refused(f"{name}: neither a workbook nor text; save it as .xlsx or .csv.")
    head = data[:_SNIFFED_BYTES].decode(errors="ignore").splitlines()[:SEARCHED_ROWS]
    if head and head[0].lstrip().lower().startswith(("<html", "<!doctype", "<table")):
        raise Refused(f"{name}: a web page under a table's name; open it in Excel and save it as .xlsx.")
    best: tuple[int, int, str, list[str]] | None = None
    for delimiter in DELIMITERS:
        rows = list(csv.reader(head, delimiter=delimiter))
        row = find_header(rows, dataset)
        if row is not None and (best is None or len(rows[row]) > best[0]):
            best = (len(rows[row]), row, delimiter, rows[row])
    if best is None:
        raise Refused(_no_header(name, "its first 15 lines", dataset))
    width, row, delimiter, header = best
    if width > MAX_COLUMNS:
        raise Refused(f"{name}: {width:,} columns, the cap is {MAX_COLUMNS:,}.")
    positions, unknown = _map(header, dataset, name)
    if b'"' in data:
        path = scratch / "grid.txt"
        _write_grid(path, _quoted_rows(data.decode(), delimiter, width))
        delimiter = CELL_END
    return Grid(path, delimiter, None, row + 1, row + 2, width, positions, unknown)


def _encoding(data: bytes, name: str) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Refused(f"{name}: the text is neither UTF-8, UTF-16 nor CP1252; save it as CSV UTF-8.")


def _has_one_line_end(data: bytes) -> bool:
    returns = data.count(b"\r")
    return returns == 0 or returns == data.count(b"\n") == data.count(b"\r\n")


def _quoted_rows(text: str, delimiter: str, width: int) -> Iterator[list[str]]:
    """Yield the rows of a quoted CSV. A lone quote would swallow lines: then quotes are read as letters."""
    lines = text.splitlines(keepends=True)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
        is_sound = sum(len(row) not in (0, 1, width) for row in rows) <= sum(
            len(row) not in (0, 1, width) for row in csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        )
    except csv.Error:
        is_sound = False
    if not is_sound:
        rows = list(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE))
    yield from rows


def _write_grid(path: Path, rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        for row in rows:
            stream.write(CELL_END.join(map(_one_line, row)) + "\n")


def _one_line(cell: str) -> str:
    return " ".join(cell.replace(CELL_END, " ").splitlines()) if not cell.isprintable() else cell


def _cell_text(cell: object) -> str:
    """Return what the cell holds as text; a number beyond Excel's 15 digits keeps its E form, never digits."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        if abs(cell) >= _EXCEL_DIGITS:
            return f"{cell:.14E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    return str(cell)


def _map(header: list[str], dataset: Dataset, where: str) -> tuple[dict[str, int], list[str]]:
    try:
        return map_header(header, dataset)
    except HeaderError as error:
        raise Refused(f"{where}: {error}.") from error


def _no_header(name: str, where: str, dataset: Dataset) -> str:
    needed = ", ".join(column.headers[0] for column in dataset.columns if not column.optional)
    return f"{name}: no header of {dataset.agency}/{dataset.name} in {where}; it needs the columns {needed}."
