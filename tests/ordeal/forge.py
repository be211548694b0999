"""Makes files that no honest program writes: zips with every field free, workbooks with any part replaced."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import xlsxwriter
import xlwt

HEADER = ("NIK", "Nama", "Tgl Lahir", "Berat (kg)", "Jumlah")
GOOD = [[f"36040505022{number:05}", f"ANAK {number}", "2021-02-05", "9.5", "1"] for number in range(1, 4)]
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
DEFLATED = 8


@dataclass(frozen=True)
class Entry:
    """One member as its headers tell it; `data` is what lies there, packed already."""

    name: bytes
    data: bytes
    size: int
    checksum: int
    method: int = DEFLATED
    flags: int = 0
    mode: int = 0o100644
    shared_offset: int | None = None


def entry(name: bytes | str, content: bytes, **claims: int) -> Entry:
    """Return an honest member, but for `claims`."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    name = name.encode() if isinstance(name, str) else name
    return replace(Entry(name, data, len(content), zlib.crc32(content)), **claims)


def zip_of(entries: Iterable[Entry]) -> bytes:
    """Return a zip whose headers say what each entry claims."""
    body, directory = bytearray(), bytearray()
    entries = list(entries)
    for one in entries:
        offset = len(body) if one.shared_offset is None else one.shared_offset
        fields = (one.flags, one.method, 0, 0x5A21, one.checksum, len(one.data), one.size, len(one.name), 0)
        if one.shared_offset is None:
            body += struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, *fields) + one.name + one.data
        directory += (
            struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 0x314, 20, *fields, 0, 0, 0, one.mode << 16, offset)
            + one.name
        )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return bytes(body + directory + end)


@cache
def bomb(size: int = 471 * 2**20) -> tuple[bytes, int]:
    """Return deflated lines of text that inflate to some 84 times as much, and how much that is."""
    line = b"%s;" + b"A" * 1000 + b"\n"
    block = b"".join(line % f"{number * 2654435761 % 2**32:08x}".encode() for number in range(16_000))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(block) + packer.flush(
        zlib.Z_FULL_FLUSH
    )  # a block that may stand anywhere, any number of times
    times = size // len(block) + 1
    return packed * times + b"\x03\x00", len(block) * times


def csv_of(rows: Iterable[Sequence[str]] = GOOD, header: Sequence[str] = HEADER, end: str = "\n") -> bytes:
    return end.join(";".join(row) for row in [header, *rows]).encode() + end.encode()


@cache
def xlsx() -> bytes:
    """Return an honest workbook of three good rows."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet("Data")
        for number, row in enumerate([HEADER, *GOOD]):
            sheet.write_row(number, 0, row)
    return content.getvalue()


def xls(rows: Sequence[Sequence[str]] = GOOD, far: tuple[int, int] | None = None) -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Data")
    for number, row in enumerate([HEADER, *rows]):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    if far:
        sheet.write(*far, "x")
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def parts() -> dict[str, bytes]:
    """Return the parts of an honest workbook by name."""
    with zipfile.ZipFile(io.BytesIO(xlsx())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def xlsx_with(**changed: bytes) -> bytes:
    """Return the workbook with parts replaced or added; keys are `sheet`, `strings`, `book`, `relations` or a path."""
    places = {"sheet": SHEET, "strings": STRINGS, "book": BOOK, "relations": RELATIONS}
    return zip_of(
        entry(name, part) for name, part in (parts() | {places.get(k, k): v for k, v in changed.items()}).items()
    )


def rows_xml(*rows: str) -> bytes:
    """Return a sheet of the header, then rows given as XML of their cells."""
    head = "".join(text_cell(name) for name in HEADER)
    body = "".join(f"<row>{cells}</row>" for cells in (head, *rows))
    return sheet_xml(body)


def sheet_xml(body: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'.encode()


def text_cell(text: str, place: str = "", quote: str = '"') -> str:
    where = f" r={quote}{place}{quote}" if place else ""
    return f'<c{where} t="inlineStr"><is><t>{text}</t></is></c>'


def row_xml(number: int, cells: str, quote: str = '"') -> str:
    return f"<row r={quote}{number}{quote}>{cells}</row>"


def good_cells(number: int = 1) -> str:
    return "".join(map(text_cell, GOOD[number - 1]))
