"""Tells whether two files of two releases say the same: their releases' names are put out of them before.

A release's name is the moment of its publishing; pages, prints and workbooks show it. A file that does not name its
release must be equal byte for byte. The sizes of files that the page of downloads tells are put out too: packed, a
name takes a few bytes more or less than another.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from pypdf import PdfReader

from tests.ordeal import pdf

_TEXTS = {".html", ".svg", ".json", ".jsonl", ".js", ".css", ".txt", ".csv", ".xml"}
_PACKED = {".xlsx", ".zip"}
_NAME = b"<release>"
_SIZE = re.compile("\\b\\d+(,\\d)?\u00a0[KM]B\\b".encode())


def digest(path: Path, release: str) -> str:
    """Return a hash of what a file says, whichever release says it.

    Of a workbook its members are compared, of a PDF the words of each page, what is drawn, and its properties: with
    other digits in the name its fonts hold other letters, so its bytes differ.
    """
    name = release.encode()
    if path.suffix in _TEXTS:
        return _hash([_SIZE.sub(b"<size>", path.read_bytes().replace(name, _NAME))])
    if path.suffix in _PACKED:
        with zipfile.ZipFile(path) as archive:
            members = [(member, archive.read(member)) for member in sorted(archive.namelist())]
        return _hash(part.replace(name, _NAME) for member, content in members for part in (member.encode(), content))
    if path.suffix == ".pdf":
        properties = [f"{key} {value}" for key, value in sorted((PdfReader(path).metadata or {}).items())]
        said = [text.encode().replace(name, _NAME) for text in (*pdf.words(path), *properties)]
        return _hash([*said, *pdf.drawn(path)])
    return _hash([path.read_bytes()])


def _hash(parts: Iterable[bytes]) -> str:
    """Hash parts with their lengths, so that nothing moves unseen from one to the next."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()
