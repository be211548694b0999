"""Reads a text file (.csv): encoding, delimiter and quotes are found out, no line is lost."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from include.contract import Dataset
from include.grid import CELL_END, LINE_SIGN, Grid, Refused, fit_header, named_width, no_header, write_grid
from include.headers import SEARCHED_ROWS, find_header
from include.settings import MAX_COLUMNS

DELIMITERS = (";", ",", "\t", "|")
_SNIFFED_SIGNS = 64 * 1024


def read_text(file: Path, name: str, dataset: Dataset, scratch: Path) -> Grid:
    data = file.read_bytes()
    text, encoding = _decode(data, name)
    if "\0" in text:
        raise Refused(f"{name}: neither a workbook nor text; save it as .xlsx or .csv.")
    is_grid = encoding == "utf-8" and _has_one_line_end(data) and '"' not in text and LINE_SIGN not in text
    head = lines_of(text[:_SNIFFED_SIGNS])[:SEARCHED_ROWS]
    if any(line.lstrip().lower().startswith(("<html", "<!doctype", "<table", "<?xml")) for line in head):
        raise Refused(f"{name}: a web page under a table's name; open it in Excel and save it as .xlsx.")
    delimiter, row, lines_above, header = _find_header(head, name, dataset)
    if len(header) > MAX_COLUMNS:
        raise Refused(f"{name}: {len(header):,} columns, the cap is {MAX_COLUMNS:,}.")
    positions, unknown = fit_header(header, dataset, name)
    width = named_width(header)
    if is_grid:
        return Grid(file, delimiter, None, lines_above, row + 2, width, positions, unknown)
    lines = lines_of(text)[lines_above:]
    rows = quoted_rows(lines, delimiter, width) if '"' in text else (line.split(delimiter) for line in lines)
    write_grid(scratch / "grid.txt", rows)
    return Grid(scratch / "grid.txt", CELL_END, None, 0, row + 2, width, positions, unknown)


def _find_header(head: list[str], name: str, dataset: Dataset) -> tuple[str, int, int, list[str]]:
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
    raise Refused(no_header(name, f"its first {SEARCHED_ROWS} lines", cells, dataset))


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


def lines_of(text: str) -> list[str]:
    """Split at the ends that editors and Excel know; `str.splitlines` knows more and would part cells."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def quoted_rows(lines: list[str], delimiter: str, width: int) -> Iterator[list[str]]:
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
