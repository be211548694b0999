"""Reads a PDF as anybody can: the words of its pages, and everything its objects hold, inflated."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, StreamObject, TextStringObject

# with what places it: a centred line begins elsewhere when its letters are wider
_TEXT = re.compile(rb"(?:\bq [-\d.\s]+cm\b[^\n]{0,60}?\s)?\bBT\b.*?\bET\b", re.DOTALL)
_DRAWN = ("/Form", "/Image")


def words(path: Path) -> list[str]:
    """Return the text of each page. Fonts number their letters as they like, so no search in the file finds it."""
    return [page.extract_text() for page in PdfReader(path).pages]


def held(path: Path) -> Iterator[bytes]:
    """Yield every string and every stream, inflated where it is deflated."""
    reader = PdfReader(path)
    for found in [reader.trailer, *_objects(reader)]:
        yield from _of(found)


def drawn(path: Path) -> list[bytes]:
    """Return what is painted besides text: lines and areas of pages and figures, and pictures."""
    reader = PdfReader(path)
    pages = [page.get_contents() for page in reader.pages]
    contents = [content.get_data() for content in pages if content is not None]
    contents += [
        found.get_data()
        for found in _objects(reader)
        if isinstance(found, StreamObject) and found.get("/Subtype") in _DRAWN
    ]
    return [_TEXT.sub(b"", content) for content in contents]


def _objects(reader: PdfReader) -> Iterator[Any]:
    numbers = {number for known in reader.xref.values() for number in known} | set(reader.xref_objStm)
    for number in sorted(numbers - {0}):
        try:
            yield reader.get_object(number)
        except PyPdfError:  # an entry of a free object
            continue


def _of(found: Any) -> Iterator[bytes]:
    """References are not followed: each object is visited by its number."""
    if isinstance(found, StreamObject):
        with suppress(PyPdfError, NotImplementedError):  # a picture's own packing
            yield found.get_data()
    if isinstance(found, TextStringObject):
        yield str(found).encode()
    elif isinstance(found, ByteStringObject):
        yield bytes(found)
    elif isinstance(found, ArrayObject):
        for one in list.__iter__(found):
            yield from _of(one)
    elif isinstance(found, DictionaryObject):
        for one in dict.values(found):
            yield from _of(one)
