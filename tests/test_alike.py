"""Two releases that say the same are alike whatever their names; one that says anything else is not."""

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from tests.ordeal.alike import digest

# of one width and of another, as digits are in most fonts
NAMES = ("2026-11-24T223734.740215Z", "2026-11-25T111111.111111Z")


def page(path: Path, release: str, count: int) -> None:
    path.write_text(f"<p>Rilis <code>{release}</code></p><td>{count}</td>", encoding="utf-8")


def workbook(path: Path, release: str, count: int) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": f"Tegak {release}", "created": datetime(2026, 1, 1)})
        book.add_worksheet("Petunjuk").write_string(0, 0, release)
        book.add_worksheet("data").write_number(0, 0, count)


def print_of(path: Path, content: bytes, title: str) -> None:
    writer = PdfWriter()
    sheet = writer.add_blank_page(595, 842)
    stream = StreamObject()
    stream.set_data(content)
    sheet[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    writer.add_metadata({"/Title": title})
    writer.write(path)


def bar(path: Path, release: str, count: int) -> None:
    print_of(path, f"q 0 0 {count} 10 re f Q q 1 0 0 1 {len(release)} 9 cm BT ({release}) Tj ET Q".encode(), release)


def titled(path: Path, release: str, count: int) -> None:
    print_of(path, b"q 0 0 10 10 re f Q", f"{count} anak, rilis {release}")


def typeset(path: Path, release: str, count: int) -> None:
    source = f'#set document(title: "{release}", date: none)\n#align(center)[Rilis {release}]\n\n{count} anak #rect(width: 9%)'
    path.write_bytes(pytest.importorskip("typst").compile(source.encode()))


def other(path: Path, release: str, count: int) -> None:
    path.write_bytes(count.to_bytes(4, "big"))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        *((f"a.{ending}", page) for ending in ("html", "svg", "json", "csv")),
        ("a.xlsx", workbook),
        ("a.pdf", bar),
        ("a.pdf", titled),
        ("a.pdf", typeset),
        ("a.parquet", other),
    ],
)
def test_equal_but_for_the_release_is_alike_and_a_changed_figure_is_not(
    tmp_path: Path, name: str, write: Callable[[Path, str, int], None]
) -> None:
    digests = []
    for number, (release, count) in enumerate([(NAMES[0], 7), (NAMES[1], 7), (NAMES[1], 8)]):
        file = tmp_path / str(number) / name
        file.parent.mkdir()
        write(file, release, count)
        digests.append(digest(file, release))
    assert digests[0] == digests[1]
    assert digests[1] != digests[2]


def test_a_page_that_names_another_release_is_not_alike(tmp_path: Path) -> None:
    for release in NAMES:
        page(tmp_path / f"{release}.html", NAMES[0], 7)
    assert digest(tmp_path / f"{NAMES[0]}.html", NAMES[0]) != digest(tmp_path / f"{NAMES[1]}.html", NAMES[1])


def test_a_member_more_is_not_alike(tmp_path: Path) -> None:
    for name, members in (("a.zip", ["x"]), ("b.zip", ["x", "y"])):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member in members:
                archive.writestr(member, "")
    assert digest(tmp_path / "a.zip", NAMES[0]) != digest(tmp_path / "b.zip", NAMES[0])
