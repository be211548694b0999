"""Turns an agency's file (.xlsx, .xls, .csv, zipped or not) into lines of text cells, and loses none.

Every file becomes a `Grid`: a UTF-8 text file with one line per source row and cells parted by one sign that
occurs in no cell, so that DuckDB can read it without quoting rules, sniffing or type guessing. A plain CSV
without quotes is its own grid; workbooks and quoted CSV are rewritten into a scratch folder. What a file is, its
first bytes say, not its name.
"""

import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

from include.contract import Dataset
from include.grid import Grid, Refused
from include.settings import MAX_INFLATED_BYTES
from include.textfile import read_text
from include.workbook import check_extent, read_workbook

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PASSWORD_XLSX = "EncryptedPackage".encode("utf-16-le")  # the stream of an OLE file that hides a whole .xlsx
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ElementTree.ParseError,
)


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
        return read_workbook(file, kind, name, dataset, scratch)
    return read_text(file, name, dataset, scratch)


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
                check_extent(archive, name)
            elif len(members) != 1 or file.parent == scratch:
                raise Refused(f"{name}: a zip must hold exactly one data file, it holds {len(members)} files.")
            else:
                (scratch / "inner").write_bytes(archive.read(members[0]))
    except _BROKEN_ZIP as error:
        raise Refused(f"{name}: the zip cannot be opened ({error}); send it again without a password.") from error
    if is_workbook:
        return read_workbook(file, ".xlsx", name, dataset, scratch)
    return read_grid(scratch / "inner", f"{name}/{Path(members[0].filename).name}", dataset, scratch)


def _is_folder_data(member: zipfile.ZipInfo) -> bool:
    """A folder, or what a Mac adds to every zip."""
    return member.is_dir() or member.filename.startswith("__MACOSX/") or Path(member.filename).name == ".DS_Store"
