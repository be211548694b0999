"""Hostile zips and workbooks, each with what must become of it."""

import bz2
import lzma
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.ordeal.forge import (
    BOOK,
    GOOD,
    RELATIONS,
    SHEET,
    STRINGS,
    bomb,
    csv_of,
    entry,
    good_cells,
    parts,
    row_xml,
    rows_xml,
    sheet_xml,
    text_cell,
    xls,
    xlsx,
    xlsx_with,
    zip_of,
)


@dataclass(frozen=True)
class Case:
    """One hostile file: `refused` is a pattern that its sentence matches; without it rows come in as counted.

    `at_best`: whether it can be read at all is left open; if so, no more than the counted rows come in.
    `raw` are texts that must stand in the raw table's `nama` exactly as they were sent.
    """

    kind: str
    what: str
    make: Callable[[], bytes]
    refused: str | None = None
    accepted: int = 0
    quarantined: int = 0
    name: str | bytes = "kiriman.dat"
    at_best: bool = False
    raw: tuple[str, ...] = ()
    is_heavy: bool = False  # takes seconds to make or to hash: not for every commit
    dataset: tuple[str, str] = ("uji", "timbang")


def zips() -> Iterator[Case]:
    packed, size = bomb()
    text = csv_of()

    def one(what: str, member: Callable[[], bytes], refused: str | None = None, is_heavy: bool = False) -> Case:
        return Case("zip", what, member, refused, 0 if refused else 3, is_heavy=is_heavy)

    bombed = {name: entry(name, part) for name, part in parts().items()}
    huge = {"data": packed, "size": size, "checksum": 0}
    yield one("471 MB from 5.6 MB", lambda: zip_of([entry("a.csv", b"", **huge)]), "inflates to", True)
    for part in (SHEET, STRINGS):
        change = {part: entry(part, b"", **huge)}
        yield one(f"471 MB as {part}", lambda c=change: zip_of((bombed | c).values()), "inflates to", True)
    yield one("30 MB in one line from 30 KB", lambda: zip_of([entry("a.csv", b"x" * 30_000_000)]), "line is longer")
    yield one("1 GB in one line", lambda: zip_of([entry("a.csv", text, size=2**30)]), "inflates to")
    yield one(
        "overlapping entries",
        lambda: zip_of(
            [entry("a", b"A" * 10**6), *(entry(f"b{n}", b"A" * 10**6, shared_offset=0) for n in range(999))]
        ),
        "inflates to",
    )
    yield one(
        "overlapping entries as a workbook",
        lambda: zip_of([*bombed.values(), *(entry(f"b{n}", b"A" * 10**6, shared_offset=0) for n in range(999))]),
        "inflates to",
    )
    yield one("directory says 100 bytes of 30 MB", lambda: zip_of([entry("a", b"x" * 30_000_000, size=100)]), "opened")
    yield one("directory says 471 MB of 100 bytes", lambda: zip_of([entry("a", text, size=471 * 2**20)]), "inflates to")
    yield one(
        "a sheet that its directory shortens",
        lambda: zip_of((bombed | {SHEET: entry(SHEET, parts()[SHEET], size=300)}).values()),
        "opened|broken",
    )
    yield one("a zip in a zip", lambda: zip_of([entry("a.zip", zip_of([entry("b.csv", text)]))]), "one data file")

    def nested() -> bytes:
        content = text
        for _ in range(20):
            content = zip_of([entry("a.zip", content)])
        return content

    yield one("zips twenty deep", nested, "one data file")
    yield one(
        "a bomb in a zip in a zip",
        lambda: zip_of([entry("a.zip", zip_of([entry("b", b"0" * 10**7)] * 9))]),
        "one data file|inflates to",
    )
    for name in (
        "../../../../tmp/tegak_was_here",
        "/tmp/tegak_was_here",
        "..\\..\\tegak_was_here",
        "C:\\tegak.csv",
        "a\0b",
    ):
        yield one(f"member named {name!r}", lambda name=name: zip_of([entry(name, text)]))
    yield one("a link to /etc/passwd", lambda: zip_of([entry("a.csv", b"/etc/passwd", mode=0o120777)]), "no header")
    yield one(
        "member named in red, on two lines", lambda: zip_of([entry("\x1b[31mred\nINFO fine", b"a;b")]), "no header"
    )
    yield one("encrypted", lambda: zip_of([entry("a.csv", text, flags=1)]), "password")
    yield one("compression nobody knows", lambda: zip_of([entry("a.csv", text, method=99)]), "opened")
    spaces = b" " * 20_000_000
    yield one(
        "bzip2, 20 MB from 45 bytes",
        lambda: zip_of([entry("a", spaces, data=bz2.compress(spaces), method=12)]),
        "line is longer",
    )
    packed_lzma = lzma.compress(spaces, lzma.FORMAT_ALONE)
    yield one(
        "LZMA with a 4 GB dictionary",
        lambda: zip_of([entry("a", spaces, data=b"\x09\4\5\0\x5d\xff\xff\xff\xff" + packed_lzma[13:], method=14)]),
        "opened|memory|line is longer",
    )
    yield one("no member", lambda: zip_of([]), "holds 0 files")
    yield one("65,000 empty members", lambda: zip_of(entry(f"{n}", b"") for n in range(65_000)), "exactly one", True)
    yield one("one part twice", lambda: zip_of([*bombed.values(), entry(SHEET, rows_xml())]), "one name")
    yield one("half a zip", lambda: zip_of([entry("a.csv", text * 99)])[:120], "opened")
    yield one("a zip behind a program", lambda: b"MZ\x90\0" + zip_of([entry("a.csv", text)]), "nor text|UTF-8")
    yield one("a deflate stream that does not end", lambda: zip_of([entry("a", text, data=b"\x04" * 500)]), "opened")


def xml() -> Iterator[Case]:
    def one(what: str, refused: str | None, accepted: int = 0, at_best: bool = False, **changed: bytes) -> Case:
        return Case("xml", what, lambda: xlsx_with(**changed), refused, accepted, at_best=at_best)

    laughs = (
        b'<!DOCTYPE w [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in b"bcdefghij")
        + b"]>"
    )
    outside = b'<!DOCTYPE w [<!ENTITY j SYSTEM "%s">]>'
    inside = {
        "book": parts()[BOOK],
        "relations": parts()[RELATIONS],
        "strings": parts()[STRINGS],
        "sheet": parts()[SHEET],
    }

    def with_entities(key: str, declared: bytes) -> bytes:
        head, body = inside[key].split(b"?>", 1)
        return head + b"?>" + declared + body.replace(b'"Data"', b'"&j;"').replace(b"ANAK 1", b"&j;")

    for key in ("book", "relations"):
        yield one(f"billion laughs in the {key}", "XML entities", **{key: with_entities(key, laughs)})
        for where in (b"file:///etc/passwd", b"http://127.0.0.1:PORT/x"):
            yield one(f"{where.decode()} in the {key}", "XML entities", **{key: with_entities(key, outside % where)})
    for key in ("strings", "sheet"):
        yield one(f"billion laughs in the {key}", "XML entities", **{key: with_entities(key, laughs)})
        yield one(
            f"file:///etc/passwd in the {key}",
            "XML entities",
            **{key: with_entities(key, outside % b"file:///etc/passwd")},
        )
    yield one(
        "UTF-16 with entities",
        "XML entities",
        book=with_entities("book", laughs).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    )
    yield one("a million nested elements in the book", "opened|memory|broken", book=b"<workbook>" + b"<a>" * 10**6)
    yield one("a million nested elements in the sheet", ".", sheet=b"<worksheet>" + b"<a>" * 10**6)
    yield one("a book that is no XML", "opened", book=b"\0\1\2" * 999)
    yield one(
        "a sheet outside the workbook",
        "opened|no header",
        relations=inside["relations"].replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd"),
    )
    yield one("no relations", "opened", relations=b"")


def workbooks() -> Iterator[Case]:
    def one(
        what: str, refused: str | None, accepted: int = 0, quarantined: int = 0, at_best: bool = False, **changed: bytes
    ) -> Case:
        return Case("workbook", what, lambda: xlsx_with(**changed), refused, accepted, quarantined, at_best=at_best)

    macro = {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b'Sub Auto_Open()\nShell "touch MARKER"\nEnd Sub'}
    yield one("macros (.xlsm)", None, 3, **macro)
    yield one(
        "a link to another workbook by DDE",
        None,
        3,
        **{
            "xl/externalLinks/externalLink1.xml": b"<externalLink><ddeLink ddeService='cmd' ddeTopic='/c calc'/></externalLink>"
        },
    )
    book = parts()[BOOK].replace(b"</sheets>", b'<sheet name="Makro" sheetId="9" r:id="rId9"/></sheets>')
    kind = b"http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
    relation = b'<Relationship Id="rId9" Type="%s" Target="macrosheets/sheet1.xml"/></Relationships>' % kind
    yield one(
        "an XLM macro sheet",
        "opened",
        book=book,
        relations=parts()[RELATIONS].replace(b"</Relationships>", relation),
        **{"xl/macrosheets/sheet1.xml": rows_xml(text_cell('=EXEC("touch MARKER")'))},
    )
    formula = "<c t=\"str\"><f>cmd|' /C touch MARKER'!A0</f><v>3604050502200009</v></c>" + "".join(
        map(text_cell, GOOD[0][1:])
    )
    yield one("a DDE formula with a stored value", None, 1, sheet=rows_xml(formula))
    far = row_xml(1, text_cell("NIK", "A1")) + row_xml(1_048_576, text_cell("x", "XFD1048576"))
    yield one("a stray cell far out", "stray cells", sheet=sheet_xml(far))
    yield one("20,000 cells without a place", "columns|cap", sheet=rows_xml("<c><v>1</v></c>" * 20_000))
    for row, place in ((1, "ZZZZZZ1"), (4294967295, "E4294967295")):
        odd = sheet_xml(row_xml(row, text_cell("NIK", place)))
        yield one(f"a cell at {place}", "stray|opened|broken|memory", sheet=odd)
    hidden = row_xml(1, text_cell("NIK", "A1", "'"), "'") + row_xml(1_048_576, text_cell("x", "IV1048576", "'"), "'")
    yield one("a far cell with its place in single quotes", "memory|stray|opened", sheet=sheet_xml(hidden))
    head = "".join(text_cell(name) for name in ("NIK", "Nama", "Tgl Lahir", "Berat (kg)", "Jumlah"))
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="E{n}" s="1"/></row>' for n in range(3, 1_100_001))
    empty = sheet_xml(f'<row r="1">{head}</row><row r="2">{good_cells()}</row>{blank}')
    yield Case("workbook", "1.1 million rows of emptiness", lambda: xlsx_with(sheet=empty), None, 1, is_heavy=True)
    names = b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="4294967295" uniqueCount="4294967295">'
    yield one(
        "four billion strings announced",
        "opened|memory|broken",
        3,
        at_best=True,
        strings=parts()[STRINGS].replace(parts()[STRINGS].split(b"<si>")[0], names),
    )
    yield one(
        "a sheet that announces 17 billion cells",
        None,
        1,
        sheet=rows_xml(good_cells()).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'),
    )
    long = names.replace(b"4294967295", b"1") + b"<si><t>" + b"A" * 32_000 + b"</t></si></sst>"
    yield one(
        "one string of 32,000 signs in 100,000 cells",
        "memory",
        strings=long,
        sheet=rows_xml(*['<c t="s"><v>0</v></c>' * 5] * 20_000),
    )
    yield one(
        "a string that is not there",
        "opened|broken|no header",
        strings=long,
        sheet=rows_xml('<c t="s"><v>7</v></c>' * 5),
    )
    unseen = parts()[BOOK].replace(b'sheetId="1"', b'sheetId="1" state="veryHidden"')
    yield one("only a hidden sheet", "no header", book=unseen)
    numbers = ["1e309", "-1e309", "NaN", "1e-400", "0x10", "", "99999999999999999999"]
    rows = [
        f'{text_cell(GOOD[0][0])}{text_cell(f"B{n}")}<c s="1"><v>44232</v></c><c><v>{number}</v></c><c><v>1</v></c>'
        for n, number in enumerate(numbers)
    ]
    yield one("numbers beyond all numbers", "opened|broken", 7, at_best=True, sheet=rows_xml(*rows))
    dated = parts()["xl/styles.xml"].replace(
        b'<cellXfs count="1"><xf numFmtId="0" ',
        b'<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="14" applyNumberFormat="1" ',
    )
    for serial in ("-1", "0", "2958466", "1e300", "NaN", "60"):
        cells = f'{text_cell(GOOD[0][0])}{text_cell("B")}<c s="1"><v>{serial}</v></c><c><v>9</v></c><c><v>1</v></c>'
        yield one(
            f"the date with serial {serial}",
            "opened|broken",
            1,
            at_best=True,
            sheet=rows_xml(cells),
            **{"xl/styles.xml": dated},
        )
    bad = sheet_xml(f"<row>{head}</row><row>{good_cells()}</row>" + "<row>" + text_cell("x" * 40_000) * 5 + "</row>")
    yield one("cells longer than Excel allows", None, 1, 1, sheet=bad)
    evil = "]]&gt;&lt;script&gt;{{ 7*7 }}[red]&#10;$(touch MARKER)"
    named = parts()[BOOK].replace(b'name="Data"', f'name="{evil}"'.encode())
    yield one("a sheet named with markup, Jinja and shell", None, 3, book=named)
    yield one("such a sheet without the header", "no header", book=named, sheet=sheet_xml(""))
    for tenth in range(1, 10):
        yield Case("workbook", f"an .xlsx cut at {tenth}/10", lambda t=tenth: xlsx()[: len(xlsx()) * t // 10], "again")


def old_workbooks() -> Iterator[Case]:
    rows = [[f"{n:016}", f"ANAK {n}", "2021-02-05", "9", "1"] for n in range(300)]
    for tenth in range(1, 10):
        yield Case("xls", f"an .xls cut at {tenth}/10", lambda t=tenth: xls(rows)[: len(xls(rows)) * t // 10], "again")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    yield Case("xls", "OLE garbage", lambda: ole + random.Random(1).randbytes(200_000), "opened|broken|password")
    yield Case("xls", "an OLE header of ones", lambda: ole + b"\xff" * 4096, "opened|broken|memory")
    yield Case(
        "xls",
        "OLE that says it is locked",
        lambda: ole + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "password",
    )
    yield Case("xls", "a stray cell far out", lambda: xls(far=(65535, 255)), "memory|stray")

    def flipped(seed: int) -> bytes:
        content, dice = bytearray(xls(rows)), random.Random(seed)
        for _ in range(400):
            content[dice.randrange(512, len(content))] = dice.randrange(256)
        return bytes(content)

    for seed in range(3):
        yield Case("xls", f"400 bytes changed ({seed})", lambda s=seed: flipped(s), ".", 300, 300, at_best=True)
