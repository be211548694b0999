"""Turns an agency's file (.xlsx, .xls, .csv, zipped or not) into lines of text cells, and loses none.

Every file becomes a `Grid`: a UTF-8 text file with one line per source row and cells parted by one sign that
occurs in no cell, so that DuckDB can read it without quoting rules, sniffing or type guessing. A plain CSV
without quotes is its own grid; workbooks and quoted CSV are rewritten into a scratch folder.
"""

import csv
import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import python_calamine

from include.contract import Dataset
from include.headers import SEARCHED_ROWS, HeaderError, find_header, map_header, near_names
from include.settings import MAX_COLUMNS, MAX_INFLATED_BYTES, MAX_ROWS

DELIMITERS = (";", ",", "\t", "|")
CELL_END = "\x1f"
LINE_SIGN = "\x01"  # in no line of a grid: DuckDB takes it for a delimiter, so that a line stays whole
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PASSWORD_XLSX = "EncryptedPackage".encode("utf-16-le")  # the stream of an OLE file that hides a whole .xlsx
_SNIFFED_SIGNS = 64 * 1024
_EXCEL_DIGITS = 1e15
# The workbook reader allots 32 bytes to each cell between the first and the last, filled or not; these are 2 GB.
MAX_SHEET_CELLS = 64_000_000
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ElementTree.ParseError,
)
_COLUMN_OF_CELL = re.compile(rb' r="([A-Z]{1,3})[0-9]')
_NUMBER_OF_ROW = re.compile(rb' r="([0-9]{1,7})"')


class Refused(Exception):
    """A delivery cannot be read as its contract says; the message is one sentence for a person."""


@dataclass(frozen=True)
class Grid:
    """One sheet as text: the lines of `path` after the first `skip`, cells parted by `delimiter`.

    `first_row` is the number that the first of these lines has in the agency's file; `positions` maps contract
    columns to cells (0-based); `width` is the number of cells up to the last one that has a header;
    `unknown_headers` are in no contract.
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
    size = file.stat().st_size
    if not magic:
        raise Refused(f"{name}: the file is empty.")
    if size > MAX_INFLATED_BYTES:
        raise Refused(f"{name}: {size:,} bytes, the cap is {MAX_INFLATED_BYTES:,}; send it in parts.")
    if magic == _ZIP:
        return _read_zip(file, name, dataset, scratch)
    if magic == _OLE:
        kind = ".xlsx" if _PASSWORD_XLSX in file.read_bytes() else ".xls"
        return _read_workbook(file, kind, name, dataset, scratch)
    return _read_text(file, name, dataset, scratch)


def _read_zip(file: Path, name: str, dataset: Dataset, scratch: Path) -> Grid:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not _is_folder_data(member)]
            inflated = sum(member.file_size for member in members)
            if inflated > MAX_INFLATED_BYTES:
                raise Refused(
                    f"{name}: inflates to {inflated:,} bytes, the cap is {MAX_INFLATED_BYTES:,}; send it in parts."
                )
            is_workbook = any(member.filename == "xl/workbook.xml" for member in members)
            if is_workbook:
                _check_extent(archive, name)
            elif len(members) != 1 or file.parent == scratch:
                raise Refused(f"{name}: a zip must hold exactly one data file, it holds {len(members)} files.")
            else:
                (scratch / "inner").write_bytes(archive.read(members[0]))
    except _BROKEN_ZIP as error:
        raise Refused(f"{name}: the zip cannot be opened ({error}); send it again without a password.") from error
    if is_workbook:
        return _read_workbook(file, ".xlsx", name, dataset, scratch)
    return read_grid(scratch / "inner", f"{name}/{Path(members[0].filename).name}", dataset, scratch)


def _is_folder_data(member: zipfile.ZipInfo) -> bool:
    """A folder, or what a Mac adds to every zip."""
    return member.is_dir() or member.filename.startswith("__MACOSX/") or Path(member.filename).name == ".DS_Store"


def _check_extent(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a workbook with a stray cell far out: to read it would take the memory of all cells in between."""
    for sheet, member in _visible_sheets(archive):
        columns: set[bytes] = set()
        rows, rest = 0, b""
        with archive.open(member) as stream:
            while piece := stream.read(2**20):
                columns.update(_COLUMN_OF_CELL.findall(rest + piece))
                rows = max([rows, *map(int, _NUMBER_OF_ROW.findall(rest + piece))])
                rest = piece[-20:]
        width = max((_column_number(column) for column in columns), default=0)
        if width > MAX_COLUMNS or rows * width > MAX_SHEET_CELLS:
            raise Refused(_too_large(f"{name}, sheet {sheet!r}", rows, width))


def _visible_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield name and zip member of each sheet that is not hidden."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet"):
        reference = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        target = targets.get(reference, "").removeprefix("/xl/")
        if sheet.get("state", "visible") == "visible" and target.startswith("worksheets/"):
            yield sheet.get("name", ""), f"xl/{target}"


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _read_workbook(file: Path, kind: str, name: str, dataset: Dataset, scratch: Path) -> Grid:
    named = scratch / f"workbook{kind}"  # the reader believes the extension, and only then knows of passwords
    named.symlink_to(file.resolve())
    try:
        sheets = _open_visible_sheets(named)
    except python_calamine.PasswordError as error:
        raise Refused(f"{name}: the workbook is protected by a password; send it without.") from error
    except python_calamine.CalamineError as error:
        raise Refused(f"{name}: the workbook cannot be opened ({error}); save it again as .xlsx.") from error
    except BaseException as error:  # a broken .xls makes the reader panic, and a panic is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(f"{name}: the workbook is broken; save it again as .xlsx.") from error
    found, heads = {}, []
    for sheet, cells in sheets.items():
        if cells.total_height > MAX_ROWS or cells.total_width > MAX_COLUMNS:
            raise Refused(_too_large(f"{name}, sheet {sheet!r}", cells.total_height, cells.total_width))
        head = [list(map(_cell_text, row)) for row in islice(cells.iter_rows(), SEARCHED_ROWS)]
        heads += head
        row = find_header(head, dataset)
        if row is not None:
            found[sheet] = (row, head[row])
    if not found:
        raise Refused(_no_header(name, f"its visible sheets ({', '.join(sheets)})", heads, dataset))
    if len(found) > 1:
        raise Refused(f"{name}: the sheets {', '.join(found)} all look like {dataset.name}; leave one.")
    [(sheet, (row, header))] = found.items()
    positions, unknown = _map(header, dataset, f"{name}, sheet {sheet!r}")
    path, width = scratch / "grid.txt", _named_width(header)
    _write_grid(path, (list(map(_cell_text, cells[:width])) for cells in sheets[sheet].iter_rows()))
    return Grid(path, CELL_END, sheet, row + 1, row + 2, width, positions, unknown)


def _open_visible_sheets(file: Path) -> dict[str, python_calamine.CalamineSheet]:
    with python_calamine.CalamineWorkbook.from_path(file) as workbook:
        return {
            sheet.name: workbook.get_sheet_by_name(sheet.name)
            for sheet in workbook.sheets_metadata
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible
            and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        }


def _read_text(file: Path, name: str, dataset: Dataset, scratch: Path) -> Grid:
    data = file.read_bytes()
    text, encoding = _decode(data, name)
    if "\0" in text:
        raise Refused(f"{name}: neither a workbook nor text; save it as .xlsx or .csv.")
    is_grid = encoding == "utf-8" and _has_one_line_end(data) and '"' not in text and LINE_SIGN not in text
    head = _lines(text[:_SNIFFED_SIGNS])[:SEARCHED_ROWS]
    if any(line.lstrip().lower().startswith(("<html", "<!doctype", "<table", "<?xml")) for line in head):
        raise Refused(f"{name}: a web page under a table's name; open it in Excel and save it as .xlsx.")
    delimiter, row, lines_above, header = _find_text_header(head, name, dataset)
    if len(header) > MAX_COLUMNS:
        raise Refused(f"{name}: {len(header):,} columns, the cap is {MAX_COLUMNS:,}.")
    positions, unknown = _map(header, dataset, name)
    width = _named_width(header)
    if is_grid:
        return Grid(file, delimiter, None, lines_above, row + 2, width, positions, unknown)
    lines = _lines(text)[lines_above:]
    rows = _quoted_rows(lines, delimiter, width) if '"' in text else (line.split(delimiter) for line in lines)
    _write_grid(scratch / "grid.txt", rows)
    return Grid(scratch / "grid.txt", CELL_END, None, 0, row + 2, width, positions, unknown)


def _find_text_header(head: list[str], name: str, dataset: Dataset) -> tuple[str, int, int, list[str]]:
    """Return the delimiter, and of the header its 0-based row, the lines up to its end, and its cells.

    A lone quote in a title can swallow the header: then it is looked for with quotes read as letters.
    """
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        best: tuple[str, int, int, list[str]] | None = None
        for delimiter in DELIMITERS:
            reader = csv.reader([f"{line}\n" for line in head], delimiter=delimiter, quoting=quoting)
            rows = [(cells, reader.line_num) for cells in reader]
            row = find_header([cells for cells, _ in rows], dataset)
            if row is not None and (best is None or len(rows[row][0]) > len(best[3])):
                best = (delimiter, row, rows[row][1], rows[row][0])
        if best is not None:
            return best
    cells = [re.split("[;,\t|]", line) for line in head]
    raise Refused(_no_header(name, f"its first {SEARCHED_ROWS} lines", cells, dataset))


def _decode(data: bytes, name: str) -> tuple[str, str]:
    encodings = ["utf-8", "cp1252"]
    if data.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Refused(f"{name}: the text is neither UTF-8, UTF-16 nor CP1252; save it as CSV UTF-8.")


def _has_one_line_end(data: bytes) -> bool:
    returns = data.count(b"\r")
    return returns == 0 or returns == data.count(b"\n") == data.count(b"\r\n")


def _lines(text: str) -> list[str]:
    """Split at the ends that editors and Excel know; `str.splitlines` knows more and would part cells."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _quoted_rows(lines: list[str], delimiter: str, width: int) -> Iterator[list[str]]:
    """Yield the rows of a quoted CSV. A lone quote would swallow lines: then its line's quotes are read as letters.

    Lines belong together when a quoted cell is open at the end of the first, they make a row of the header's
    width together, and they do not each make one alone.
    """
    at = 0
    while at < len(lines):
        row, end = _parse(lines[at], delimiter), at + 1
        if row is None and lines[at].count('"') % 2:
            closing = (i for i in range(at + 1, len(lines)) if lines[i].count('"') % 2)
            end = next(closing, at) + 1
            row = _parse("\n".join(lines[at:end]), delimiter)
            are_rows_alone = all(line.count(delimiter) >= width - 1 for line in lines[at:end])
            if row is not None and (are_rows_alone or len(row) < width or any(row[width:])):
                row = None
        if row is None:
            row, end = lines[at].split(delimiter), at + 1
        yield row
        at = end


def _parse(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of one row, None when its quotes are not in order."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _write_grid(path: Path, rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        for row in rows:
            stream.write(CELL_END.join(map(_one_line, row)) + "\n")


def _one_line(cell: str) -> str:
    if cell.isprintable():
        return cell
    return " ".join(cell.replace(CELL_END, " ").replace(LINE_SIGN, " ").splitlines())


def _cell_text(cell: object) -> str:
    """Return what the cell holds as text; a number beyond Excel's 15 digits keeps its E form, never digits."""
    if isinstance(cell, str):
        return cell
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


def _named_width(header: list[str]) -> int:
    return max(index for index, cell in enumerate(header, start=1) if cell.strip())


def _too_large(where: str, rows: int, columns: int) -> str:
    return (
        f"{where}: {rows:,} rows x {columns:,} columns, the cap is {MAX_ROWS:,} x {MAX_COLUMNS:,} "
        f"and {MAX_SHEET_CELLS:,} cells; delete stray cells far right and far below."
    )


def _no_header(name: str, where: str, rows: list[list[str]], dataset: Dataset) -> str:
    needed = ", ".join(column.headers[0] for column in dataset.columns if not column.optional)
    nearest = ", ".join(map(repr, near_names(rows, dataset)[:10]))
    return (
        f"{name}: no header of {dataset.agency}/{dataset.name} in {where}; it needs the columns {needed}; "
        f"{f'nearest is {nearest}' if nearest else 'nothing is near them'}."
    )
