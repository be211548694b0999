"""Reads the one visible sheet of a workbook (.xlsx, .xls) that has the contract's header."""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import defusedxml.ElementTree
import python_calamine

from include.contract import Dataset
from include.grid import CELL_END, TABLE, Grid, Refused, fit_header, named_width, no_header, write_grid
from include.headers import SEARCHED_ROWS, find_header
from include.settings import MAX_COLUMNS, MAX_ROWS, MAX_SHEET_CELLS
from include.visible import visible

_EXCEL_DIGITS = 1e15
_PROLOG_BYTES = 4096
_COLUMN_OF_CELL = re.compile(rb' r="([A-Z]{1,9})[0-9]')
_NUMBER_OF_ROW = re.compile(rb' r="([0-9]{1,18})"')


def read_workbook(file: Path, kind: str, name: str, dataset: Dataset, scratch: Path) -> Grid:
    named = scratch / f"workbook{kind}"  # the reader believes the extension, and only then knows of passwords
    named.symlink_to(file.resolve())
    try:
        return _read_sheets(_open_visible_sheets(named), name, dataset, scratch)
    except python_calamine.PasswordError as error:
        raise Refused(f"{name}: the workbook is protected by a password; send it without.") from error
    except python_calamine.CalamineError as error:
        raise Refused(
            f"{name}: the workbook cannot be opened ({visible(str(error))}); save it again as .xlsx."
        ) from error
    except BaseException as error:  # a broken workbook makes the reader panic, and a panic is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(f"{name}: the workbook is broken; save it again as .xlsx.") from error


def _read_sheets(sheets: dict[str, python_calamine.CalamineSheet], name: str, dataset: Dataset, scratch: Path) -> Grid:
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
        raise Refused(no_header(name, f"its visible sheets ({visible(', '.join(sheets))})", heads, dataset))
    if len(found) > 1:
        raise Refused(f"{name}: the sheets {visible(', '.join(found))} all look like {dataset.name}; leave one.")
    [(sheet, (row, header))] = found.items()
    positions, unknown = fit_header(header, dataset, f"{name}, sheet {sheet!r}")
    path, width = scratch / TABLE, named_width(header)
    write_grid(path, (list(map(_cell_text, cells[:width])) for cells in sheets[sheet].iter_rows()))
    return Grid(path, CELL_END, sheet, row + 1, row + 2, width, positions, unknown)


def _open_visible_sheets(file: Path) -> dict[str, python_calamine.CalamineSheet]:
    with python_calamine.CalamineWorkbook.from_path(file) as workbook:
        return {
            sheet.name: workbook.get_sheet_by_name(sheet.name)
            for sheet in workbook.sheets_metadata
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible
            and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        }


def check_extent(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a workbook with a stray cell far out: to read it would take the memory of all cells in between."""
    for sheet, member in _visible_sheets(archive):
        columns: set[bytes] = set()
        rows, rest = 0, b""
        with archive.open(member) as stream:
            while piece := stream.read(2**20):
                columns.update(_COLUMN_OF_CELL.findall(rest + piece))
                rows = max([rows, *map(int, _NUMBER_OF_ROW.findall(rest + piece))])
                rest = piece[-40:]
        width = max((_column_number(column) for column in columns), default=0)
        if width > MAX_COLUMNS or rows * width > MAX_SHEET_CELLS:
            raise Refused(_too_large(f"{name}, sheet {sheet!r}", rows, width))


def refuse_entities(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a workbook whose parts declare entities: Excel writes none, and a reader might follow them."""
    for member in archive.infolist():
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as stream:
                start = stream.read(_PROLOG_BYTES)
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                raise Refused(f"{name}: the workbook declares XML entities, which no workbook needs; save it again.")


def _visible_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield name and zip member of each sheet that is not hidden."""
    relations = defusedxml.ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for sheet in defusedxml.ElementTree.fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True).iterfind(
        "{*}sheets/{*}sheet"
    ):
        reference = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        target = targets.get(reference, "").removeprefix("/xl/")
        if sheet.get("state", "visible") == "visible" and target.startswith("worksheets/"):
            yield sheet.get("name", ""), f"xl/{target}"


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


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


def _too_large(where: str, rows: int, columns: int) -> str:
    return (
        f"{where}: {rows:,} rows x {columns:,} columns, the cap is {MAX_ROWS:,} x {MAX_COLUMNS:,} "
        f"and {MAX_SHEET_CELLS:,} cells; delete stray cells far right and far below."
    )
