"""Looks for marks in all files under some folders: as they are, disguised, hashed, and inside of packed files.

GNU grep searches for all needles at once; what is packed (zip, xlsx, gz, PDF, Parquet, DuckDB, SQLite) is unpacked
first into a folder of its own. A file that only a key opens is searched as the bytes it is.
"""

import base64
import gzip
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import duckdb
from pypdf.errors import PyPdfError

from include.warehouse import literal
from tests.ordeal import pdf
from tests.ordeal.marks import Mark

_AT_ONCE = 400
_NARROW = ".narrow"
_CATALOG = ("tables", "columns", "views", "types", "functions")
_HASHES = ("md5", "sha1", "sha256")
_PLAIN_BYTES = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True)
class Leak:
    """A mark in a file: where, which kind of mark, in what form."""

    path: str
    kind: str
    form: str


def needles(mark: Mark) -> dict[bytes, str]:
    """Return every form in which a mark may show, with the form's name."""
    found: dict[bytes, str] = {}
    for text in {mark.text, *_parts(mark)}:
        spelt = {text, text.upper(), text.lower(), text.title()}
        for form in spelt:
            raw = form.encode()
            found |= {raw: "plain", raw[::-1]: "reversed"}
            found |= {raw.hex().encode(): "hex", raw.hex().upper().encode(): "hex"}
            for shift in range(3):
                for sign in (base64.b64encode, base64.urlsafe_b64encode):
                    found[_core(sign(b"\0" * shift + raw), shift, len(raw))] = "base64"
            if (coded := quote(form)) != form:
                found |= {coded.encode(): "URL", form.replace(" ", "+").encode(): "URL"}
    for form in {mark.text, mark.text.upper(), mark.text.lower()}:
        for name in _HASHES:
            digest = hashlib.new(name, form.encode()).digest()
            found |= {digest.hex().encode(): name, digest.hex().upper().encode(): name, digest: name}
            found |= {base64.b64encode(digest).rstrip(b"="): name, base64.urlsafe_b64encode(digest).rstrip(b"="): name}
    return found


def _parts(mark: Mark) -> list[str]:
    """The made-up words of a name or an address: one of them is as telling as all."""
    return [word for word in mark.text.split() if len(word) > 6] if mark.kind in ("name", "address") else []


def _core(coded: bytes, shift: int, length: int) -> bytes:
    """Return the characters that the mark alone decides, whatever stands before and after it."""
    first, last = -(-shift * 8 // 6), (shift + length) * 8 // 6
    return coded[first:last]


def search(folders: Iterable[Path], marks: list[Mark], leave_out: Iterable[Path] = ()) -> list[Leak]:
    """Return all leaks under the folders; `leave_out` are folders that may hold the marks."""
    forms: dict[bytes, tuple[str, str]] = {}
    for mark in marks:
        forms |= {needle: (mark.kind, form) for needle, form in needles(mark).items()}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        patterns = scratch / "needles"
        # a digest's bytes may hold a line's end: those few are left to their other forms
        patterns.write_bytes(b"\n".join(needle for needle in forms if b"\n" not in needle and b"\0" not in needle))
        found: set[Leak] = set()
        files = _files(folders, leave_out)
        for start in range(0, len(files), _AT_ONCE):
            found |= _search_some(files[start : start + _AT_ONCE], patterns, scratch, forms)
    return sorted(found, key=lambda leak: (leak.path, leak.kind, leak.form))


def _search_some(files: list[Path], patterns: Path, scratch: Path, forms: dict[bytes, tuple[str, str]]) -> set[Leak]:
    """Search some files and what is packed in them; a process per file would cost more than the search."""
    origin = {str(path): path for path in files}
    plain = _grep(files, patterns)
    for number, path in enumerate(files):
        into = scratch / "unpacked" / str(number)
        into.mkdir(parents=True)
        for part in [path, *unpack(path, into)]:
            origin |= {str(part): path, **_narrow(part, into, path)}
    unpacked = [path for path in (scratch / "unpacked").rglob("*") if path.is_file()]
    hits = plain | _grep(unpacked, patterns)
    shutil.rmtree(scratch / "unpacked")
    plainly = {(origin[where], needle) for where, needle in hits if not where.endswith(_NARROW)}
    return {
        Leak(str(origin[where]), forms[needle][0], "UTF-16" if where.endswith(_NARROW) else forms[needle][1])
        for where, needle in hits
        if not where.endswith(_NARROW) or (origin[where], needle) not in plainly
    }


def _narrow(path: Path, into: Path, origin: Path) -> dict[str, Path]:
    """Texts of two bytes a letter are plain once the zeros are gone: write the file without them."""
    content = path.read_bytes()
    if b"\0" not in content:
        return {}
    out = into / f"{len(list(into.iterdir()))}{_NARROW}"
    out.write_bytes(content.replace(b"\0", b""))
    return {str(out): origin}


def _files(folders: Iterable[Path], leave_out: Iterable[Path]) -> list[Path]:
    without = [path.resolve() for path in leave_out]
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}
    return sorted(path for path in files if not any(path.resolve().is_relative_to(other) for other in without))


def _grep(files: list[Path], patterns: Path) -> set[tuple[str, bytes]]:
    """Return which needle lies in which of the files."""
    if not files:
        return set()
    done = subprocess.run(
        ["grep", "-aoHZFf", str(patterns), "--", *map(str, files)], env=_PLAIN_BYTES, capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    hits = [line.partition(b"\0") for line in done.stdout.split(b"\n") if line]
    return {(os.fsdecode(where), needle) for where, _, needle in hits}


def unpack(path: Path, into: Path) -> list[Path]:
    """Return what a packed file holds, as files; nothing for one that is not packed or that only a key opens."""
    with path.open("rb") as stream:
        head = stream.read(16)
    number = len(list(into.iterdir()))
    try:
        if head.startswith(b"PK\x03\x04"):
            return _unzip(path, into)
        if head.startswith(b"\x1f\x8b"):
            out = into / f"gz{number}"
            out.write_bytes(gzip.decompress(path.read_bytes()))
            return [out, *unpack(out, into)]
        if head.startswith(b"PAR1"):
            # named as what it is: a member of a zip has no ending that says so
            return [_dump(duckdb.connect(), f"read_parquet({literal(str(path))})", into / f"parquet{number}")]
        if b"%PDF-" in head:
            return [_dump_pdf(path, into / f"pdf{number}")]
        if head[8:12] == b"DUCK":
            return _dump_database(path, into)
        if head.startswith(b"SQLite format 3"):
            return [_dump_sqlite(path, into / f"sqlite{number}")]
    except (duckdb.Error, sqlite3.Error, zipfile.BadZipFile, PyPdfError, OSError, EOFError, RuntimeError):
        return []
    return []


def _unzip(path: Path, into: Path) -> list[Path]:
    found = []
    with zipfile.ZipFile(path) as archive:
        for number, member in enumerate(archive.infolist()):
            out = into / f"{path.name}.{number}"
            out.write_bytes(archive.read(member))
            found += [out, *unpack(out, into)]
    return found


def _dump(con: duckdb.DuckDBPyConnection, source: str, out: Path) -> Path:
    """Write a table's cells as text, unquoted and each on lines of its own."""
    out.write_text("\n".join(str(cell) for row in con.execute(f"from {source}").fetchall() for cell in row))
    return out


def _dump_database(path: Path, into: Path) -> list[Path]:
    """Write the cells of all tables, and what the catalog says of tables, columns, views, macros and types."""
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        dumped = [_dump(con, f'"{schema}"."{table}"', into / f"{schema}.{table}") for schema, table in tables]
        return dumped + [
            _dump(con, f"(from duckdb_{what}() where not internal)", into / f"catalog.{what}") for what in _CATALOG
        ]


def _dump_pdf(path: Path, out: Path) -> Path:
    """Write the words of its pages and all that its objects hold."""
    said = [" ".join(text.split()).encode() for text in pdf.words(path)]
    out.write_bytes(b"\n".join([*said, *pdf.held(path)]))
    return out


def _dump_sqlite(path: Path, out: Path) -> Path:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as con:
        cells = []
        for (table,) in con.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in con.execute(f'select * from "{table}"').fetchall():
                cells += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row if cell is not None]
    out.write_bytes(b"\n".join(cells))
    return out
