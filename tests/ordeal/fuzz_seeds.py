"""What the fuzzer starts from and how it changes it: honest files of every kind, and mutations that know the kinds."""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator

import xlsxwriter
import xlwt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.ordeal.forge import GOOD, HEADER, csv_of, entry, xls, xlsx, zip_of
from tests.ordeal.hostile_texts import COMMANDS

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
_PIECES = [b'"', b"'", b";", b",", b"\t", b"|", b"\r", b"\n", b"\r\n", b"\0", b"\x01", b"\x1f", b"\x0b", b"\xff\xfe"]
_PIECES += [
    b"\xef\xbb\xbf",
    b"\xc3\x8b",
    b"\xcb",
    b"\xed\xa0\x80",
    b"\xe2\x80\xa8",
    b"\xc2\xa0",
    b";;;;",
    b'"";',
    b'\n"',
]
_PIECES += [
    b"NIK",
    b"Nama",
    b"1e309",
    b"NaN",
    b"-1",
    b"31/12/2021",
    b"05/02/2021",
    b"<!DOCTYPE",
    b"</row>",
    b'r="XFD9"',
]
_PIECES += [command.encode() for command in COMMANDS if len(command) < 200]
_CELL = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(alphabet=st.sampled_from(list(";,\t|\"'\r\n a1\x01\x1f\x85\u2028")), max_size=8),
    st.sampled_from(["3604050502210001", "2021-02-05", "31/12/2021", "9,5", "1.234", "-", "", "1e309", *COMMANDS[:20]]),
)


def grids(count: int) -> list[list[list[str]]]:
    """Return so many tables made by Hypothesis, the same ones each time."""
    made: list[list[list[str]]] = []

    @settings(
        max_examples=count, derandomize=True, database=None, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.lists(st.lists(_CELL, min_size=1, max_size=7), max_size=9), st.integers(0, 3))
    def collect(rows: list[list[str]], titles: int) -> None:
        made.append([*([["DATA"]] * titles), list(HEADER), *GOOD, *rows, *GOOD[:titles]])

    collect()
    return made[:count]


def as_csv(rows: list[list[str]], dice: random.Random) -> bytes:
    text = io.StringIO()
    quoting = dice.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
    delimiter, end = dice.choice(";,\t|"), dice.choice(["\n", "\r\n", "\r"])
    if quoting == csv.QUOTE_NONE:
        text.write(end.join(delimiter.join(row) for row in rows))
    else:
        csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    return text.getvalue().encode(dice.choice(ENCODINGS), errors="replace")


def as_xlsx(rows: list[list[str]], dice: random.Random) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet("Data")
        write = sheet.write_row if dice.random() < 0.5 else sheet.write_column
        for number, row in enumerate(rows):
            (sheet.write_row if number <= 4 else write)(number, 0, [cell[:30_000] for cell in row])
    return content.getvalue()


def as_xls(rows: list[list[str]], _: random.Random) -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Data")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell[:30_000])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def seeds(count: int, seed: int) -> Iterator[bytes]:
    """Yield honest files and files of generated tables, in turn as text, .xlsx, .xls and zipped."""
    dice = random.Random(seed)
    yield from (csv_of(), xlsx(), xls(), zip_of([entry("a.csv", csv_of())]), zip_of([entry("a.xlsx", xlsx())]))
    writers: list[Callable[[list[list[str]], random.Random], bytes]] = [as_csv, as_csv, as_csv, as_xlsx, as_xls]
    for number, rows in enumerate(grids(count)):
        content = writers[number % len(writers)](rows, dice)
        yield zip_of([entry("a", content)]) if number % 7 == 0 else content


def mutate(data: bytes, seed: int, by_bytes: Callable[[bytes], bytes] | None = None) -> bytes:
    """Return the file changed: within a member when it is a zip, by pieces of text, or byte by byte."""
    dice = random.Random(seed)
    if data.startswith(b"PK") and dice.random() < 0.8:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = {member.filename: archive.read(member) for member in archive.infolist()[:40]}
        except Exception:  # noqa: BLE001  a zip that is broken already is changed byte by byte
            members = {}
        if members:
            name = dice.choice([*members, *[name for name in members if "sheet" in name or "Strings" in name] * 3])
            members[name] = mutate(members[name], dice.randrange(2**32), by_bytes)
            return zip_of(entry(name, part) for name, part in members.items())
    if by_bytes and dice.random() < 0.3:
        return by_bytes(data)
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 3, 8])):
        _change(changed, dice)
    return bytes(changed[: 256 * 1024])


def _change(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data) + 1)
    match dice.randrange(7):
        case 0:
            data[at:at] = dice.choice(_PIECES)
        case 1:
            del data[at : at + dice.choice([1, 2, 8, 64, 999])]
        case 2:
            data[at : at + 1] = dice.randbytes(1)
        case 3:  # a line again, elsewhere
            lines = bytes(data).split(b"\n")
            lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
            data[:] = b"\n".join(lines)
        case 4:
            lines = bytes(data).split(b"\n")
            dice.shuffle(lines)
            data[:] = b"\n".join(lines)
        case 5:
            data[at : at + 4] = dice.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"9999"])
        case 6:
            row = ";".join(dice.choice(GOOD)).encode()
            data[at:at] = b"\n" + row + b"\n"
