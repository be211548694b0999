"""Reads a text file (.csv): encoding, delimiter and quotes are found out, no line is lost.

The file is read in pieces, never as a whole: one of 100 MB takes no more memory than one of 1 MB.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from include.contract import Dataset
from include.grid import CELL_END, LINE_SIGN, TABLE, Grid, Refused, fit_header, named_width, no_header, write_grid
from include.headers import SEARCHED_ROWS, find_header
from include.settings import MAX_COLUMNS, MAX_LINE_BYTES

DELIMITERS = (";", ",", "\t", "|")
_PIECE = 2**20
_SNIFFED_SIGNS = 64 * 1024
_MOST_CELL_SIGNS = 2**20  # a quoted cell longer than this is none: its quote is a letter


@dataclass(frozen=True)
class _Text:
    """A text file as far as its bytes say: whether it has quotes, and whether it is its own grid."""

    file: Path
    encoding: str
    has_quotes: bool
    is_grid: bool

    def open(self) -> TextIO:
        """Open with the line ends that editors and Excel know; `str.splitlines` knows more and would part cells."""
        return self.file.open(encoding=self.encoding, newline=None)


def read_text(file: Path, name: str, dataset: Dataset, scratch: Path) -> Grid:
    text = _survey(file, name)
    with text.open() as stream:
        head = lines_of(stream.read(_SNIFFED_SIGNS))[:SEARCHED_ROWS]
    if any(line.lstrip().lower().startswith(("<html", "<!doctype", "<table", "<?xml")) for line in head):
        raise Refused(f"{name}: a web page under a table's name; open it in Excel and save it as .xlsx.")
    delimiter, row, lines_above, header = _find_header(head, name, dataset)
    if len(header) > MAX_COLUMNS:
        raise Refused(f"{name}: {len(header):,} columns, the cap is {MAX_COLUMNS:,}.")
    positions, unknown = fit_header(header, dataset, name)
    width = named_width(header)
    if text.is_grid:
        return Grid(file, delimiter, None, lines_above, row + 2, width, positions, unknown)
    path = scratch / TABLE
    with text.open() as stream:
        lines = (line.removesuffix("\n") for line in islice(stream, lines_above, None))
        rows = quoted_rows(lines, delimiter, width) if text.has_quotes else (line.split(delimiter) for line in lines)
        write_grid(path, rows)
    return Grid(path, CELL_END, None, 0, row + 2, width, positions, unknown)


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


def _survey(file: Path, name: str) -> _Text:
    """Read the file once from end to end; refuse what is no text and what has a line without end."""
    with file.open("rb") as stream:
        start = stream.read(3)
    encodings = ["utf-8", "cp1252"]
    if start.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    elif start.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return _survey_as(encoding, file, name)
        except UnicodeDecodeError:
            continue
    raise Refused(f"{name}: the text is neither UTF-8, UTF-16 nor CP1252; save it as CSV UTF-8.")


def _survey_as(encoding: str, file: Path, name: str) -> _Text:
    decoder = codecs.getincrementaldecoder(encoding)()
    returns = newlines = both = open_line = 0
    has_quotes, has_line_sign, last = False, False, b""
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            signs = decoder.decode(piece)
            if "\0" in signs:
                raise Refused(f"{name}: neither a workbook nor text; save it as .xlsx or .csv.")
            has_quotes = has_quotes or '"' in signs
            has_line_sign = has_line_sign or LINE_SIGN in signs
            returns += piece.count(b"\r")
            newlines += piece.count(b"\n")
            both += piece.count(b"\r\n") + (last == b"\r" and piece[:1] == b"\n")
            last = piece[-1:]
            first_end, last_end = _line_ends(signs)
            open_line += len(signs) if first_end < 0 else first_end
            if open_line > MAX_LINE_BYTES:
                raise Refused(f"{name}: a line is longer than {MAX_LINE_BYTES:,} bytes; save it again as .xlsx.")
            open_line = open_line if first_end < 0 else len(signs) - last_end
    decoder.decode(b"", final=True)
    has_one_line_end = returns == 0 or returns == newlines == both
    is_grid = encoding == "utf-8" and has_one_line_end and not has_quotes and not has_line_sign
    return _Text(file, encoding, has_quotes, is_grid)


def _line_ends(signs: str) -> tuple[int, int]:
    """Return where the first line end of a piece stands and where its last, -1 when there is none."""
    firsts = [at for at in (signs.find("\n"), signs.find("\r")) if at >= 0]
    return min(firsts, default=-1), max(signs.rfind("\n"), signs.rfind("\r"))


def lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def quoted_rows(lines: Iterable[str], delimiter: str, width: int) -> Iterator[list[str]]:
    """Yield the rows of a quoted CSV. A lone quote would swallow lines: then its line's quotes are read as letters.

    Lines belong together when a quoted cell is open at the end of the first, they make a row of the header's
    width together, and they do not each make one alone.
    """
    source = iter(lines)
    ahead: deque[str] = deque()
    while (line := ahead.popleft() if ahead else next(source, None)) is not None:
        row = _parse(line, delimiter)
        if row is None and line.count('"') % 2:
            following = _lines_up_to_closing(line, ahead, source)
            together = [line, *islice(ahead, following)]
            row = _parse("\n".join(together), delimiter) if following else None
            are_rows_alone = all(part.count(delimiter) >= width - 1 for part in together)
            if row is not None and (are_rows_alone or len(row) < width or any(row[width:])):
                row = None
            for _ in range(following if row is not None else 0):
                ahead.popleft()
        yield line.split(delimiter) if row is None else row


def _lines_up_to_closing(line: str, ahead: deque[str], source: Iterator[str]) -> int:
    """Return how many of the lines ahead belong to the cell open at the end of `line`, 0 when none closes it."""
    length = len(line)
    for number in range(_MOST_CELL_SIGNS):
        if number == len(ahead):
            if (following := next(source, None)) is None:
                return 0
            ahead.append(following)
        length += len(ahead[number]) + 1
        if ahead[number].count('"') % 2:
            return number + 1
        if length > _MOST_CELL_SIGNS:
            return 0
    return 0


def _parse(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of one row, None when its quotes are not in order."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None
