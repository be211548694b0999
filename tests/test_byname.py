"""Lists with names leave by one command: locked, for a purpose, and recorded before the file appears."""

import hashlib
import hmac
import io
import json
import re
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from include import book, byname, settings, warehouse
from include import ledger as ledger_module
from include.book import private_folder
from include.ledger import LedgerBroken, open_ledger
from include.locked import unlock
from include.private import write_private
from include.problem import exit_code
from tests.night import Night
from tests.workbooks import sheet

KEY = "a key that only this test knows 0123456789"
PURPOSE = "kunjungan rumah pekan pertama"


@pytest.fixture
def desa(night: Night, data: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The desa with the longest visit list; what is written goes into a folder of the test's own."""
    monkeypatch.setattr(settings, "WAREHOUSE", night.data / "warehouse.duckdb")
    monkeypatch.setenv("TEGAK_PSEUDONYM_KEY", KEY)
    query = "select desa_code from marts.visit_list where desa_code <> 'unknown' group by 1 order by count(*) desc, 1"
    with warehouse.connect(read_only=True) as con:
        return str(con.execute(f"{query} limit 1").fetchall()[0][0])


def desa_of_nobody() -> str:
    query = "select min(desa_code) from seeds.ref_desa where desa_code not in (select desa_code from marts.visit_list)"
    with warehouse.connect(read_only=True) as con:
        return str(con.execute(query).fetchall()[0][0])


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    recipient = [] if "--for" in arguments else ["--for", "TPK"]
    code = exit_code(lambda: byname.main([*arguments, *recipient]))
    said = capsys.readouterr()
    return code, said.err or said.out


def parts(content: bytes, *names: str) -> list[str]:
    """Return parts of an unlocked workbook as they lie in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return [package.read(f"xl/{name}.xml").decode() for name in names]


def written() -> list[str]:
    folder = settings.DATA / "by_name"
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize(("name", "has_nik"), [("visit_list", False), ("audit_candidates", True)])
def test_it_writes_a_locked_list_and_a_line_in_the_ledger(
    desa: str, capsys: pytest.CaptureFixture[str], name: str, has_nik: bool
) -> None:
    code, said = run(capsys, name, desa, "--purpose", PURPOSE, "--for", "TPK")
    assert code == 0, said
    [file, ledger] = sorted((settings.DATA / "by_name").iterdir(), key=lambda path: path.suffix, reverse=True)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, ledger, file.parent)] == [0o600, 0o600, 0o700]
    password = said.rstrip().rpartition(" ")[2]
    content = unlock(file.read_bytes(), password)
    assert content
    rows = sheet(content, "Daftar")
    key = byname.LISTS[name].key
    with warehouse.connect(read_only=True) as con:
        persons = con.execute(
            f"select {key}, person_name from marts.{name} "
            f"inner join intermediate.int_persons_listed on {key} = subject_id where desa_code = ?",
            [desa],
        ).fetchall()
    assert sorted(row["Nama"] for row in rows) == sorted(person or "" for _, person in persons)
    assert ("NIK" in rows[0]) == has_nik
    if name == "visit_list":
        assert {row["OPD"] for row in rows} <= {"Dinkes", "DKBP3A"}
    else:
        assert not any("_" in str(cell) for row in rows for cell in row.values()), "a class is said in words"
    entry = json.loads(ledger.read_text(encoding="utf-8"))
    pseudonyms = [hmac.new(KEY.encode(), subject.encode(), hashlib.sha256).hexdigest()[:20] for subject, _ in persons]
    assert sorted(entry.pop("pseudonyms")) == sorted(pseudonyms)
    told = {
        "list": name,
        "desa": desa,
        "purpose": PURPOSE,
        "for": "TPK",
        "week": None,
        "persons": len(rows),
        "file": file.name,
    }
    assert told.items() <= entry.items()
    assert entry["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert password not in ledger.read_text(encoding="utf-8")
    assert not any(person in ledger.read_text(encoding="utf-8") for _, person in persons if person)


def test_a_week_has_its_children_alone(desa: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "visit_list", desa, "--week", "2", "--purpose", PURPOSE)
    assert code == 0, said
    [file] = (settings.DATA / "by_name").glob("*.xlsx")
    content = unlock(file.read_bytes(), said.rstrip().rpartition(" ")[2])
    assert content
    with warehouse.connect(read_only=True) as con:
        found = con.execute(
            "select visit_week = 2, month, count(*) from marts.visit_list where desa_code = ? group by all order by 1",
            [desa],
        ).fetchall()
    [(_, _, others), (_, month, persons)] = found
    assert others
    assert month == date(2026, 10, 1)
    assert [row["Pekan"] for row in sheet(content, "Daftar")] == [2.0] * persons
    entry = json.loads((settings.DATA / "by_name" / "ledger.jsonl").read_text(encoding="utf-8"))
    assert (entry["week"], entry["persons"], len(entry["pseudonyms"])) == (2, persons, persons)


@pytest.mark.parametrize("name", byname.LISTS)
def test_a_list_prints_on_a4_across_with_its_header_and_room_to_sign(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def persons(name: str, desa: str) -> tuple[str, list[dict[str, Any]]]:
        cells = dict.fromkeys(byname.LISTS[name].columns, "kata-kata yang panjang") | {
            "Tanggal Lahir": date(2025, 1, 2)
        }
        months = [date(2026, 10, 1), date(2026, 9, 1)]
        return "Pejaten & <Baru>", [
            {"subject_id": f"dinkes:{number}", "month": months[number % 2]} | cells | {"Pekan": number // 6 + 1}
            for number in range(60)
        ]

    monkeypatch.setenv("TEGAK_PSEUDONYM_KEY", KEY)
    monkeypatch.setattr(byname, "_persons", persons)
    code, said = run(capsys, name, "36.04.05.2003", "--purpose", PURPOSE)
    assert code == 0, said
    [file] = (settings.DATA / "by_name").glob("*.xlsx")
    content = unlock(file.read_bytes(), said.rstrip().rpartition(" ")[2])
    assert content
    page, names = parts(content, "worksheets/sheet2", "workbook")
    [set_up] = re.findall(r"<pageSetup [^>]*>", page)
    assert all(f' {one}"' in set_up for one in ('paperSize="9', 'orientation="landscape', 'fitToHeight="0'))
    assert '<pageSetUpPr fitToPage="1"/>' in page
    assert all(
        words in page
        for words in ("Petugas:", "Mengetahui:", "Pejaten &amp;&amp; &lt;Baru&gt; (36.04.05.2003)", "RAHASIA")
    )
    assert f"&amp;BDaftar dengan nama: {byname.LISTS[name].title}, desa " in page
    assert "Keadaan September\u00a02026 dan Oktober\u00a02026" in page
    assert '<autoFilter ref="A1:' in page
    assert 'name="_xlnm.Print_Titles" localSheetId="1">Daftar!$1:$1<' in names
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([0-9.]+)"', page)]
    assert sum(widths) < 225, "else the type is too small to read: A4 across has room for 140 signs of 11 points"
    assert all(row[column] == "" for row in sheet(content, "Daftar") for column in byname.LISTS[name].to_fill_in)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["visit_list"], "Keadaan Oktober 2026, kunjungan semua pekan"),
        (["visit_list", "--week", "1"], "Keadaan Oktober 2026, kunjungan pekan ke-1"),
        (["audit_candidates"], "Keadaan Oktober 2026"),
    ],
)
def test_the_guide_says_in_words_what_of_when_and_made_when(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Clock":
            return cls(2026, 11, 28, 17, 5, tzinfo=UTC)

    name, *options = arguments
    row = {"subject_id": "dinkes:1", "month": date(2026, 10, 1), "Pekan": 1}
    monkeypatch.setenv("TEGAK_PSEUDONYM_KEY", KEY)
    monkeypatch.setattr(byname, "datetime", Clock)
    monkeypatch.setattr(byname, "_persons", lambda name, desa: ("Pejaten", [row]))
    code, said = run(capsys, name, "36.04.05.2003", *options, "--purpose", PURPOSE)
    assert code == 0, said
    [file] = (settings.DATA / "by_name").glob("*.xlsx")
    content = unlock(file.read_bytes(), said.rstrip().rpartition(" ")[2])
    assert content
    [texts] = parts(content, "worksheets/sheet1")
    told = re.findall(r"<t[^>]*>(.*?)</t>", texts.replace("\u00a0", " "))[:3]
    title = f"Daftar dengan nama: {byname.LISTS[name].title}, desa Pejaten (36.04.05.2003)"
    assert told[:2] == [title, says]
    assert told[2].startswith("Dibuat 29 November 2026 00.05 WIB oleh ")
    ledger = (settings.DATA / "by_name" / "ledger.jsonl").read_text(encoding="utf-8")
    assert json.loads(ledger)["at"] == "2026-11-28T17:05:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["visit_list", "{desa}"], "10 letters or more"),
        (["visit_list", "{desa}", "--purpose", "123456789012 !"], "10 letters or more"),
        (["visit_list", "{desa}", "--purpose", PURPOSE, "--for", "-"], "Say who gets the list"),
        (["visit_list", "36.04.99.2001", "--purpose", PURPOSE], "this one is not"),
        (["visit_list", "'; drop table x; --", "--purpose", PURPOSE], "this one is not"),
        (["visit_list", "{nobody}", "--purpose", PURPOSE], "has nobody in"),
        (["visit_list", "{desa}", "--week", "99", "--purpose", PURPOSE], "a number from 1 to "),
        (["visit_list", "{desa}", "--week", "satu", "--purpose", PURPOSE], "a number from 1 to "),
        (["audit_candidates", "{desa}", "--week", "1", "--purpose", PURPOSE], "has no weeks"),
        (["stunting_risk", "{desa}", "--purpose", PURPOSE], "LIST is visit_list or audit_candidates"),
    ],
)
def test_what_is_refused_leaves_nothing(
    desa: str, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    code, said = run(capsys, *(argument.format(desa=desa, nobody=desa_of_nobody()) for argument in arguments))
    assert (code, said.count("\n"), words in said) == (2, 1, True), said
    assert written() == []


@pytest.fixture
def two_lines(desa: str, capsys: pytest.CaptureFixture[str]) -> Path:
    for _ in range(2):
        assert run(capsys, "visit_list", desa, "--purpose", PURPOSE)[0] == 0
    return settings.DATA / "by_name" / "ledger.jsonl"


def changed(lines: list[bytes], number: int) -> list[bytes]:
    return [line.replace(b"pertama", b"kedua") if place == number else line for place, line in enumerate(lines, 1)]


def recomputed(lines: list[bytes]) -> list[bytes]:
    """The first line left out and the rest sealed anew, by someone who has read the code but not the key."""
    sealed, before = [], "0" * 64
    for line in lines[1:]:
        body = line[: line.index(b', "seal"')] + b"}"
        before = hmac.new(b"guessed", before.encode() + body, hashlib.sha256).hexdigest()
        sealed.append(body[:-1] + b', "seal": "' + before.encode() + b'"}')
    return sealed


@pytest.mark.parametrize(
    ("spoil", "number", "words"),
    [
        (lambda lines: changed(lines, 1), 1, "is not as it was written"),
        (lambda lines: changed(lines, 2), 2, "is not as it was written"),
        (lambda lines: changed(lines, 3), 3, "is not as it was written"),
        (lambda lines: lines[1:], 1, "is not as it was written"),
        (lambda lines: [*lines[:1], *lines[2:]], 2, "is not as it was written"),
        (lambda lines: [*lines[:1], b"", *lines[1:]], 2, "is not as it was written"),
        (lambda lines: [b"[]"], 1, "is not as it was written"),
        (recomputed, 1, "is not as it was written"),
        (lambda lines: lines[:2], 3, "were cut off"),
        (lambda lines: [], 1, "were cut off"),
    ],
)
@pytest.mark.usefixtures("data")
def test_a_changed_ledger_is_refused_with_the_number_of_its_line(
    spoil: Callable[[list[bytes]], list[bytes]], number: int, words: str
) -> None:
    path = private_folder(settings.DATA / "by_name") / "ledger.jsonl"
    for _ in range(3):
        with open_ledger(path) as ledger:
            ledger.append({"purpose": PURPOSE})
    written_lines = path.read_bytes().splitlines()
    broken = b"".join(line + b"\n" for line in spoil(written_lines))
    path.write_bytes(broken)
    with pytest.raises(LedgerBroken, match=rf"line {number} .*{words}"), open_ledger(path) as ledger:
        pass
    assert path.read_bytes() == broken
    path.write_bytes(b"\n".join(written_lines))
    with pytest.raises(LedgerBroken, match="line 3 "), open_ledger(path):
        pass
    path.write_bytes(b"".join(line + b"\n" for line in written_lines))
    with open_ledger(path) as ledger:
        ledger.append({"purpose": PURPOSE})


@pytest.mark.usefixtures("data")
def test_a_line_whose_command_was_killed_before_the_head_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    path = private_folder(settings.DATA / "by_name") / "ledger.jsonl"
    for number in range(2):
        with open_ledger(path) as ledger, monkeypatch.context() as patch:
            patch.setattr(ledger_module, "write_private", killed)
            with pytest.raises(KeyboardInterrupt):
                ledger.append({"number": number})
    with open_ledger(path):
        assert [json.loads(line)["number"] for line in path.read_bytes().splitlines()] == [0, 1]


def test_a_ledger_without_a_lists_line_lets_no_list_out(
    desa: str, two_lines: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All its lines cut, and the head taken away: the lists that left tell."""
    two_lines.write_bytes(b"")
    (settings.DATA / "by_name.head").unlink()
    before = written()
    code, said = run(capsys, "visit_list", desa, "--purpose", PURPOSE)
    assert (code, "were cut off" in said, written()) == (2, True, before)


def test_the_line_is_written_before_the_file_appears(
    desa: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(path: Path, content: bytes) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(book, "write_private", stop)
    with pytest.raises(OSError, match="disk full"):
        byname.main(["visit_list", desa, "--purpose", PURPOSE, "--for", "TPK"])
    assert written() == ["ledger.jsonl"]
    assert json.loads((settings.DATA / "by_name" / "ledger.jsonl").read_text(encoding="utf-8"))["list"] == "visit_list"
    monkeypatch.setattr(book, "write_private", write_private)
    assert run(capsys, "visit_list", desa, "--purpose", PURPOSE)[0] == 0, "and the chain goes on"
