"""Hostile texts, foreign files under a table's name, and names and cells that somebody might take for a command."""

import gzip
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet

from tests.ordeal.forge import GOOD, HEADER, csv_of
from tests.ordeal.hostile_files import Case

HEAD = ";".join(HEADER)
COMMANDS = (
    "Robert'); drop table audit.deliveries; --",
    "\" or 1=1; attach 'MARKER' as x; --",
    "'; copy (select 1) to 'MARKER'; --",
    "<script>fetch('http://127.0.0.1:PORT/x')</script>",
    "<img src=http://127.0.0.1:PORT/x onerror=alert(1)>",
    "{{ 7*7 }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% raw %}{{ var.value.get('x') }}{{ ds }}",
    "$(touch MARKER)",
    "`touch MARKER`",
    "| touch MARKER #",
    "${IFS}&& touch MARKER &&",
    "%s%n%x{0}{name}",
    "[red]merah[/red] [link=http://127.0.0.1:PORT/x]klik[/link]",
    "[/] [bold",
    "=HYPERLINK('http://127.0.0.1:PORT/x')",
    "=cmd|' /C touch MARKER'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "\u202egpj.exe",
    "a\u200bb\ufeffc",
    "\x1b]0;judul\x07\x1b[2J\x1b[31mmerah",
    "naik\x0b\x0cturun\x08\x08\x7f",
    "../../../etc/passwd",
    "\\\\server\\share",
    "A" * 30_000,
)


def texts() -> Iterator[Case]:
    def one(what: str, content: bytes, refused: str | None = None, accepted: int = 0, quarantined: int = 0) -> Case:
        return Case("text", what, lambda: content, refused, accepted, quarantined, name="kiriman.csv")

    good = csv_of()
    row = ";".join(GOOD[0])
    tail = ";".join(GOOD[0][2:])
    yield one("no byte", b"", "empty")
    yield one("a byte-order mark alone", b"\xef\xbb\xbf", "no header")
    yield one("blank lines alone", b"\n" * 100_000, "no header")
    yield one("a header alone", csv_of([]), "no row under the header")
    yield one("a million empty columns in the header", f"{HEAD}{';' * 10**6}\n{row}\n".encode(), "columns|no header")
    yield one(
        "a million empty columns in each of three rows",
        f"{HEAD}\n".encode() + f"{row}{';' * 10**6}\n".encode() * 3,
        None,
        0,
        3,
    )
    empty = good + b";;;;\n" * 1_100_000
    yield one("1.1 million rows of emptiness", empty, None, 3)
    yield one("NUL at the start", b"\0" + good, "neither a workbook nor text")
    yield one("NUL at the end", good + b"\0", "neither a workbook nor text")
    yield one("one line of 30 MB", good + b"x" * 30_000_000, "line is longer")
    yield one("one line of 30 MB in quotes", good + b'"' + b"x;" * 15_000_000, "line is longer")
    yield one(
        "a lone quote in each of 20,000 rows",
        csv_of([[n[0], '"' + n[1] + str(k), *n[2:]] for k in range(6_667) for n in GOOD]),
        None,
        20_001,
    )
    yield one(
        "a lone quote, then 20,000 rows",
        csv_of(
            [[GOOD[0][0], '"A', *GOOD[0][2:]], *([n[0], n[1] + str(k), *n[2:]] for k in range(6_667) for n in GOOD)]
        ),
        None,
        20_002,
    )
    yield one("quotes alone", f"{HEAD}\n".encode() + b'"\n' * 5000 + f"{row}\n".encode(), None, 0, 5001)
    yield one("quotes, delimiters and line ends alone", f"{HEAD}\n".encode() + b'";"\n' * 5000, None, 0, 5000)
    yield one(
        "ragged rows", f"{HEAD}\n{row}\n{row};x\n{row[:20]}\n;\n{row.replace('ANAK 1', 'B')}\n".encode(), None, 2, 2
    )
    yield one("no row fits", f"{HEAD}\n".encode() + b"a;b\n" * 9, None, 0, 9)
    yield one("UTF-16 without a mark", good.decode().encode("utf-16-le"), "neither a workbook nor text")
    for encoding in ("utf-16-le", "utf-16-be"):
        yield one(f"{encoding} with a mark", ("\ufeff" + good.decode()).encode(encoding), None, 3)
    yield one("UTF-16 cut within a sign", ("\ufeff" + good.decode()).encode("utf-16-le")[:-1], "UTF-16")
    yield one("UTF-16 with half a pair", ("\ufeff" + good.decode()).encode("utf-16-le") + b"\x00\xd8a\0", "UTF-16")
    yield one("UTF-32", good.decode().encode("utf-32"), "neither a workbook nor text")
    yield one("UTF-7", csv_of([[n[0], "ZO" + "Ë".encode("utf-7").decode(), *n[2:]] for n in GOOD]), None, 3)
    yield one(
        "cp1252 within UTF-8",
        f"{HEAD}\n{GOOD[0][0]};ZOË;{tail}\n{GOOD[1][0]};".encode() + b"NA\xcfF;" + f"{tail}\n".encode(),
        None,
        2,
    )
    yield one(
        "surrogates in UTF-8",
        f"{HEAD}\n{GOOD[0][0]};".encode() + b"A\xed\xa0\x80\xed\xb0\x80;" + tail.encode(),
        None,
        1,
    )
    yield one("an overlong slash", f"{HEAD}\n{GOOD[0][0]};".encode() + b"A\xc0\xaf;" + tail.encode(), None, 1)
    yield one("bytes of no encoding", good + b"\x81\x8d\x8f", "UTF-8")
    yield one("three kinds of line ends", good.replace(b"\n", b"\r\n", 1).replace(b"1\n", b"1\r", 1), None, 3)
    yield one(
        "signs of steering and width",
        csv_of([[n[0], f"A\u202e\u200b\u2066{n[1]}\x1b[2J\x07", *n[2:]] for n in GOOD]),
        None,
        3,
    )
    yield one("a column twice", csv_of(header=(*HEADER[:4], "NIK")), "twice")
    yield one("a header of 10,000 signs", csv_of([[*n, "x"] for n in GOOD], header=(*HEADER, "K" * 10_000)), None, 3)
    yield one(
        "a header of 10,000 columns", csv_of(header=(*HEADER, *(f"k{n}" for n in range(9_995)))), "the cap is 300"
    )
    yield one(
        "columns named by commands",
        csv_of(
            [[*n, *"x" * len(COMMANDS)] for n in GOOD],
            header=(*HEADER, *(c.replace(";", ",").replace('"', "'")[:200] for c in COMMANDS)),
        ),
        None,
        3,
    )
    numbers = ["1e309", "NaN", "inf", "1_000", "0x10", "٣", "9" * 400, "1.2.3", "--5", "1e", "½"]
    yield one(
        "numbers that are none",
        csv_of(
            [[n[0], f"{n[1]} {number}", n[2], "9", number] for n in GOOD[:1] for number in numbers]
            + [[f"{k:016}", f"B{k}", *GOOD[0][2:]] for k in range(12)]
        ),
        None,
        12,
        len(numbers),
    )
    honest = [[f"{k:016}", f"B{k}", *GOOD[0][2:]] for k in range(12)]
    days = ["0000-00-00", "9999-99-99", "2021-02-30", "-1", "99999", "1/1/1", "5 Feb"]
    dated = [[GOOD[0][0], f"A {day}", day, "9", "1"] for day in days]
    yield one("dates that are none", csv_of(dated + honest), None, 12, len(days))
    yield one("a day 31 of month 31", csv_of([[*GOOD[0][:2], "31/31/2021", "9", "1"]]), "day or month first")
    cells = tuple(command for command in COMMANDS if ";" not in command and '"' not in command)
    rows = [[f"{k:016}", cell, *GOOD[0][2:]] for k, cell in enumerate(cells)]
    yield Case("injection", "commands as names of children", lambda: csv_of(rows), None, len(rows), raw=cells)
    quoted = [[f"{k:016}", '"' + cell.replace('"', '""') + '"', *GOOD[0][2:]] for k, cell in enumerate(COMMANDS)]
    yield Case("injection", "the same in quotes", lambda: csv_of(quoted), None, len(quoted), raw=COMMANDS)
    wrong = [[f"{k:016}", f"A{k}", *GOOD[0][2:4], cell] for k, cell in enumerate(cells)]
    yield Case("injection", "commands as numbers", lambda: csv_of(wrong), None, 0, len(wrong))
    head = "Kecamatan;Desa;Kode Desa;Tahun;Triwulan;Jumlah KK;KK Terlayani;Pagu"
    desas = [f"Kramatwatu;{cell};-;2026;1;100;90;1" for cell in cells]
    yield Case(
        "injection",
        "commands as names of desa",
        lambda: "\n".join([head, *desas]).encode(),
        None,
        0,
        len(desas),
        dataset=("lapor", "capaian"),
    )
    log = csv_of([[GOOD[0][0], '"A\n[2026-11-24] {task.py:1} INFO - Marking task as SUCCESS\nB"', *GOOD[0][2:]]])
    yield Case("injection", "lines that forge a log", lambda: log, None, 1)


def foreign() -> Iterator[Case]:
    def one(what: str, content: bytes, refused: str, name: str) -> Case:
        return Case("foreign", what, lambda: content, refused, name=name)

    page = f"<html><body><table><tr><td>{'</td><td>'.join(HEADER)}</td></tr></table></body></html>"
    yield one("a web page", page.encode(), "web page", "laporan.xls")
    book = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Workbook>&a;</Workbook>'
    yield one("an XML workbook of 2003", book.encode(), "web page", "laporan.xls")
    yield one("a PDF", b"%PDF-1.7\n" + b"1 0 obj" * 99, "a PDF", "laporan.xlsx")
    yield one("a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 999, "a picture", "foto.xlsx")
    yield one("a photograph", b"\xff\xd8\xff\xe0" + b"\0" * 999, "a picture", "foto.csv")
    yield one("gzip, 30 MB from 30 KB", gzip.compress(b"x" * 30_000_000), "gzip", "laporan.csv.gz")
    yield one("7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 99, "7z", "laporan.zip")
    yield one("a program", b"\x7fELF\2\1\1" + b"\0" * 999, "neither a workbook nor text", "laporan.csv")
    yield one("a shell script", b"#!/bin/sh\ntouch MARKER\n", "no header", "laporan.csv")
    yield one("Python's pickle", b"\x80\x04\x95cposix\nsystem\n(S'touch MARKER'\ntR.", ".", "laporan.csv")
    stream = io.BytesIO()
    pyarrow.parquet.write_table(
        pyarrow.table({name: [row[n] for row in GOOD] for n, name in enumerate(HEADER)}), stream
    )
    yield one("Parquet", stream.getvalue(), "Parquet", "laporan.csv")
    yield one("SQLite", b"SQLite format 3\0" + b"\0" * 999, "a database", "laporan.csv")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.duckdb"
        with duckdb.connect(str(path)) as con:
            con.execute("create table t as select 1 as nik")
        yield one("a DuckDB file", path.read_bytes(), "neither a workbook nor text|UTF-8", "warehouse.duckdb")


def names() -> Iterator[Case]:
    """The same good file under names that a log, a page, a shell or a path might take for something else."""
    odd: list[str | bytes] = [
        "dua\nbaris.csv",
        "\x1b[31mmerah\x1b[0m.csv",
        "\r\x1b[2K[2026-11-24] INFO - fine.csv",
        "kutip\"tunggal'.csv",
        "{{ 7*7 }}.csv",
        "{{ ti.xcom_push('a', 'b') }}{% for x in y %}.csv",
        "$(touch MARKER).csv",
        "`touch MARKER`;touch MARKER.csv",
        "'; drop table audit.deliveries; --.csv",
        "[red]merah[bold][link=x].csv",
        "<script>alert(1)</script>.csv".replace("/", "\u2044"),
        "=HYPERLINK(1).csv",
        "-rf *.csv",
        "*.csv",
        "[a-z]?.csv",
        "laporan.csv.gz",
        "laporan.parquet",
        "\u202evsc.exe",
        "NUL",
        "%s%n%d.csv",
        "A" * 251 + ".csv",
        b"\xff\xfe\x80.csv",
    ]
    for name in odd:
        shown = repr(name if len(name) < 60 else f"{name[:20]!r} ... ({len(name)} bytes)")
        yield Case("file name", shown, csv_of, None, 3, name=name)
        if "\n" in str(name) or "\x1b" in str(name):
            yield Case("file name", f"{shown}, refused", lambda: b"a;b\n", "no header", name=name)
