"""Turns an agency's file (.xlsx, .xls, .csv, zipped or not) into lines of text cells, and loses none.

Every file becomes a `Grid`: a UTF-8 text file with one line per source row and cells parted by one sign that
occurs in no cell, so that DuckDB can read it without quoting rules, sniffing or type guessing. A plain CSV
without quotes is its own grid; workbooks and quoted CSV are rewritten into a scratch folder. What a file is, its
first bytes say, not its name. All this happens in a child process with limits (`include/reading.py`).
"""

import errno
import lzma
import mmap
import struct
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

from defusedxml import DefusedXmlException

from include.contract import Dataset
from include.grid import DELIVERY, INNER, OPENED, Grid, Refused
from include.limits import Limits
from include.locked import unlock
from include.textfile import read_text
from include.visible import visible
from include.workbook import check_extent, read_workbook, refuse_entities

_ZIP, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0"
_PASSWORD_XLSX = "EncryptedPackage".encode("utf-16-le")  # the stream of an OLE file that hides a whole .xlsx
_OTHERS = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a database",
}
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    IndexError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    ElementTree.ParseError,
)


def read_delivery(
    file: Path, name: str, dataset: Dataset, scratch: Path, limits: Limits, password: str | None = None
) -> Grid:
    """Read `file` (called `name` by its agency) against a contract; raise `Refused` when it does not fit.

    `password` opens a workbook that we locked ourselves for this agency.
    """
    with file.open("rb") as stream:
        magic = stream.read(16)
    size = file.stat().st_size
    if not magic:
        raise Refused(f"{name}: the file is empty.")
    if size > limits.inflated:
        raise Refused(f"{name}: {size:,} bytes, the cap is {limits.inflated:,}; send it in parts.")
    if magic.startswith(_ZIP):
        return _read_zip(file, name, dataset, scratch, limits, password)
    if magic.startswith(_OLE):
        if not _is_locked(file):
            return read_workbook(file, ".xls", name, dataset, scratch)
        opened = unlock(file.read_bytes(), password) if password else None
        if opened is None:
            raise Refused(f"{name}: the workbook is protected by a password; send it without.")
        (scratch / OPENED).write_bytes(opened)
        return read_delivery(scratch / OPENED, name, dataset, scratch, limits)
    for sign, kind in _OTHERS.items():
        if magic.startswith(sign):
            raise Refused(f"{name}: {kind}, neither a workbook nor text; save it as .xlsx or .csv.")
    return read_text(file, name, dataset, scratch)


def _is_locked(file: Path) -> bool:
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(_PASSWORD_XLSX) >= 0


def _read_zip(file: Path, name: str, dataset: Dataset, scratch: Path, limits: Limits, password: str | None) -> Grid:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not _is_folder_data(member)]
            inflated = sum(member.file_size for member in members)
            if inflated > limits.inflated:
                raise Refused(
                    f"{name}: inflates to {inflated:,} bytes, the cap is {limits.inflated:,} for a file of its size; "
                    "send it in parts."
                )
            if len({member.filename for member in members}) < len(members):
                raise Refused(f"{name}: the zip holds two files of one name; save it again.")
            is_workbook = any(member.filename == "xl/workbook.xml" for member in members)
            if is_workbook:
                refuse_entities(archive, name)
                check_extent(archive, name)
            elif len(members) != 1 or file.name != DELIVERY:
                raise Refused(f"{name}: a zip must hold exactly one data file, it holds {len(members)} files.")
            else:
                _inflate(archive, members[0], scratch / INNER)
    except DefusedXmlException as error:
        raise Refused(f"{name}: the workbook declares XML entities, which no workbook needs; save it again.") from error
    except _BROKEN_ZIP as error:
        raise Refused(_what_is_wrong(name, error)) from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # a full disk is no fault of the zip; a seek before its start is
            raise
        raise Refused(f"{name}: the zip cannot be opened (its offsets are wrong); send it again.") from error
    if is_workbook:
        return read_workbook(file, ".xlsx", name, dataset, scratch)
    inner = visible(Path(members[0].filename).name)
    return read_delivery(scratch / INNER, f"{name}/{inner}", dataset, scratch, limits, password)


def _what_is_wrong(name: str, error: Exception) -> str:
    if isinstance(error, NotImplementedError):
        why = visible(str(error))
        return (
            f"{name}: cannot be opened, it is packed in a way that is not read ({why}); pack it again as a plain zip."
        )
    if "password" in str(error):
        return f"{name}: cannot be opened, it is locked with a password; send it again without one."
    return f"{name}: cannot be opened, it is cut off or damaged; send it again."


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    """Write the member under a name of ours: what it is called, and whether it is a link, does not matter."""
    with archive.open(member) as stream, path.open("wb") as inner:
        while piece := stream.read(2**20):  # no more than the directory says, which was added up above
            inner.write(piece)


def _is_folder_data(member: zipfile.ZipInfo) -> bool:
    """A folder, or what a Mac adds to every zip."""
    return member.is_dir() or member.filename.startswith("__MACOSX/") or Path(member.filename).name == ".DS_Store"
