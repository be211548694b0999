"""What goes back to an agency, what comes back from it, and what became of each bad row."""

import ast
import io
import os
import re
import stat
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include import ingest, returns, settings, warehouse
from include.contract import Column, Dataset
from include.contract_reader import find_dataset
from include.decisions import IMPOSSIBLE
from include.gate import judge_without_gx
from include.locked import lock
from include.returns import write_returns
from include.settings import ROOT
from include.site.english import translate
from include.vault import password
from tests.test_gate import weighings
from tests.workbooks import Row, filled_in, items, opened, path_of, sheet

Put = Callable[..., Path]
WEIGHINGS = find_dataset("dinkes", "penimbangan")
HEADER = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah\n"


def night(dataset: Dataset) -> None:
    """What the ingest DAG does, but for Great Expectations."""
    for receipts in ingest.receive(dataset):
        ingest.load(dataset, receipts)
    with warehouse.connect() as con:
        judge_without_gx(con, dataset)
        write_returns(con, dataset)


def ask(sql: str) -> list[tuple[Any, ...]]:
    with warehouse.connect() as con:
        return con.execute(sql).fetchall()


def states(dataset: Dataset) -> dict[str, int]:
    return dict(ask(f"select state, count(*) from audit.items where dataset = '{dataset.name}' group by 1"))


def send(dataset: Dataset, content: bytes, minute: int, name: str = "perbaikan.xlsx", period: str = "2026-11") -> None:
    folder = settings.LANDING / dataset.agency / dataset.name / period
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    moment = time.time() - 3600 + 60 * minute
    os.utime(folder / name, (moment, moment))


def with_bad_heights(rows: int, bad: int, month: int = 9) -> str:
    head, *lines = weighings(rows, month).split("\n")
    return "\n".join([head, *(line.replace(";101.3;", ";400;") if n < bad else line for n, line in enumerate(lines))])


def mended(number: int, row: Row) -> Row:
    return row | {"Tinggi": f"{90 + number % 10},5"}


def test_200_corrections_make_200_items_fixed_and_no_row_is_lost_or_counted_twice(put: Put) -> None:
    put(WEIGHINGS, with_bad_heights(4_100, 200), "a.csv", 0, "2026-09")
    night(WEIGHINGS)
    assert states(WEIGHINGS) == {"open": 200}
    send(WEIGHINGS, filled_in(WEIGHINGS, mended), 1)
    night(WEIGHINGS)
    assert states(WEIGHINGS) == {"fixed": 200}
    assert not path_of(WEIGHINGS).exists()
    counts = ask(
        "select file_name, rows_read, rows_accepted, rows_quarantined, rows_duplicate + rows_superseded "
        "from audit.deliveries order by 1"
    )
    assert counts == [("a.csv", 4100, 3900, 200, 0), ("perbaikan.xlsx", 200, 200, 0, 0)]
    accepted = ask(
        "select count(*), count(distinct child_nik), any_value(_period), count(distinct _period) "
        "from dinkes.penimbangan where _status = 'accepted'"
    )
    assert accepted == [(4100, 4100, "2026-09", 1)], "a returned row keeps the period of its first file"


def test_each_decision_has_its_count_and_what_is_left_is_asked_again(put: Put) -> None:
    put(WEIGHINGS, with_bad_heights(900, 40), "a.csv", 0, "2026-09")
    night(WEIGHINGS)
    first = items(WEIGHINGS)

    def decide(number: int, row: Row) -> Row | None:
        match number:
            case 0 | 1:
                return row | {"Keputusan": "benar", "Diputuskan Oleh": "Sri"}
            case 2:
                return row | {"Keputusan": "hapus", "Diputuskan Oleh": "Sri"}
            case 3:
                return row | {"Keputusan": "benar"}
            case 4:
                return row | {"Keputusan": "benar", "Diputuskan Oleh": "Sri", "Berat": "13"}
            case 5:
                return row | {"Keputusan": "benar", "Diputuskan Oleh": "Sri", "Tiket": "T2026-09-000000000000"}
            case 6:
                return row | {"Keputusan": "mungkin"}
            case 7:
                return row
            case 8 | 9:
                return None
            case 10:
                return row | {"Keputusan": "sudah", "Tinggi": "95"}
        return mended(number, row)

    send(WEIGHINGS, filled_in(WEIGHINGS, decide), 1)
    night(WEIGHINGS)
    assert states(WEIGHINGS) == {"fixed": 30, "accepted_as_is": 2, "deleted": 1, "open": 7}
    told = {row["Tiket"]: row["Masalah"] for row in items(WEIGHINGS)}
    assert set(told) == {first[number]["Tiket"] for number in (3, 4, 5, 6, 7, 8, 9)}
    for number, words in {3: "perlu nama", 4: "tidak diubah", 5: "tidak dikenal", 6: "pilih benar atau hapus"}.items():
        assert words in told[first[number]["Tiket"]]
    assert ask("select count(*) from dinkes.penimbangan where _status = 'accepted' and height_cm = 400") == [(2,)]
    counts = "select status, rows_read, rows_accepted, rows_quarantined, rows_superseded from audit.deliveries"
    assert ask(f"{counts} where file_name = 'perbaikan.xlsx'") == [("loaded", 38, 32, 5, 1)], "no tolerance holds it"


def test_right_as_it_is_counts_for_a_measure_out_of_bounds_and_for_no_other_fault(put: Put) -> None:
    """What the models cannot use would fail their own tests, and with them the night of all agencies."""
    faults = [
        ("ANAK 0", "400", "L", "2026-09-14"),
        ("-", "101.3", "L", "2026-09-14"),
        ("ANAK 2", "101.3", "X", "2026-09-14"),
        ("ANAK 3", "101.3", "L", "2030-09-14"),
        ("ANAK 4", "101.3", "L", "empat belas"),
        ("-", "400", "L", "2026-09-14"),
        ("ANAK 6", "20", "L", "2026-09-14"),
    ]
    head, *lines = weighings(900, 9).split("\n")
    for number, (name, height, sex, day) in enumerate(faults):
        usual = (f";ANAK {number};L;", ";101.3;", ";2026-09-14;")
        for old, new in zip(usual, (f";{name};{sex};", f";{height};", f";{day};"), strict=True):
            assert old in lines[number]
            lines[number] = lines[number].replace(old, new)
    put(WEIGHINGS, "\n".join([head, *lines]), "a.csv", 0, "2026-09")
    night(WEIGHINGS)
    asked = items(WEIGHINGS)
    assert len(asked) == len(faults)
    send(WEIGHINGS, filled_in(WEIGHINGS, lambda _, row: row | {"Keputusan": "benar", "Diputuskan Oleh": "Sri"}), 1)
    night(WEIGHINGS)
    assert states(WEIGHINGS) == {"accepted_as_is": 2, "open": 5}
    accepted = "select height_cm from dinkes.penimbangan where _status = 'accepted' and _ticket is not null order by 1"
    assert ask(accepted) == [(20,), (400,)]
    left = items(WEIGHINGS)
    assert {row["Tiket"] for row in left} == {asked[number]["Tiket"] for number in range(1, 6)}
    assert all(IMPOSSIBLE in row["Masalah"] for row in left)


def test_the_workbook_is_in_the_agencys_columns_with_what_is_wrong_marked(put: Put) -> None:
    put(WEIGHINGS, with_bad_heights(100, 2), "a.csv", 0, "2026-09")
    put(WEIGHINGS, "Nama;Tangal\nANI;1\n", "b.csv", 1, "2026-10")
    night(WEIGHINGS)
    path = path_of(WEIGHINGS)
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    [first, _] = items(WEIGHINGS)
    assert list(first)[:2] == ["Tiket", "Masalah"]
    assert list(first)[2:-3] == [column.headers[0] for column in WEIGHINGS.columns]
    assert list(first)[-3:] == ["Keputusan", "Diputuskan Oleh", "Asal"]
    assert first["Masalah"] == "Tinggi: di luar batas 38 sampai 150; periksa satuan dan koma"
    assert (first["Tinggi"], first["Tgl Lahir"], first["Asal"]) == ("400", date(2021, 2, 5), "2026-09, a.csv, baris 2")
    [file] = items(WEIGHINGS, "Berkas")
    assert (file["Berkas"], file["Nasib"].partition(":")[0]) == ("b.csv", "ditolak")
    assert file["Rincian"].startswith("b.csv: tidak ada judul kolom dinkes/penimbangan pada 15 baris pertamanya; yang")
    assert file["Dalam bahasa Inggris"].startswith(
        "b.csv: no header of dinkes/penimbangan in its first 15 lines; it needs"
    )
    content = opened(path, "dinkes")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        page = book.read("xl/worksheets/sheet2.xml").decode()
    [usual, *_] = re.findall(r'<c r="Q2" s="(\d+)"', page)
    [marked] = re.findall(r'<c r="R2" s="(\d+)"', page)
    assert usual != marked
    assert '<formula1>"benar,hapus"</formula1>' in page


def test_with_nothing_to_tell_there_is_no_workbook(timbang: Dataset, put: Put) -> None:
    put(timbang, HEADER + row_of(1, "ANI"), "a.csv", 0)
    night(timbang)
    assert not path_of(timbang).exists()


def test_a_warning_goes_with_the_row_it_was_about(kotor: Dataset, put: Put) -> None:
    def only_told(column: Column) -> Column:
        return replace(column, rules=tuple(replace(rule, severity="warn") for rule in column.rules))

    lenient = replace(kotor, columns=tuple(map(only_told, kotor.columns)))
    line = "Baris;Kode;Kelamin;Berat;Lahir;Desa\n1;AA1;L;{};2020-01-01;36.04.05.2001\n"
    put(lenient, line.format("0,5"), "a.csv", 0)
    night(lenient)
    [row] = sheet(opened(path_of(lenient), lenient.agency), "Periksa")
    assert row["Masalah"] == "di luar batas 0,9 sampai 58; periksa satuan dan koma"
    put(lenient, line.format("10,5"), "a.csv", 1)
    night(lenient)
    assert not path_of(lenient).exists()


def test_the_guide_counts_as_indonesians_do(timbang: Dataset) -> None:
    assert "berisi 20.000 dari 25.312 baris" in returns._guide(timbang, 20_000, 25_312, 0)[1]


def test_a_locked_workbook_comes_back_locked(timbang: Dataset, put: Put) -> None:
    put(timbang, f"{HEADER}3604050502210001;-;2021-02-05;9,5;1\n3604050502210002;BUDI;2021-02-05;9;1\n", "a.csv", 0)
    night(timbang)
    filled = filled_in(timbang, lambda number, row: row | {"Nama": "ANI"})
    send(timbang, lock(filled, password("uji")), 1)
    send(timbang, lock(filled, "another"), 2, "locked by another.xlsx")
    night(timbang)
    assert states(timbang) == {"fixed": 1}
    assert ask("select nama from uji.timbang where _status = 'accepted' order by 1") == [("ANI",), ("BUDI",)]
    assert [row["Berkas"] for row in items(timbang, "Berkas")] == ["locked by another.xlsx"]


def row_of(nik: int, name: str, born: str = "2021-02-05", weight: str = "9") -> str:
    return f"36040505022100{nik:02};{name};{born};{weight};1\n"


def test_a_bad_row_that_comes_again_is_the_same_item(timbang: Dataset, put: Put) -> None:
    bad = row_of(1, "-") + row_of(2, "-")
    put(timbang, HEADER + bad + row_of(3, "CITRA") + row_of(4, "DEWI"), "a.csv", 0)
    night(timbang)
    first = [row["Tiket"] for row in items(timbang)]
    put(timbang, HEADER + row_of(3, "CITRA") + bad + row_of(4, "DEWI", weight="8"), "b.csv", 1)
    night(timbang)
    assert states(timbang) == {"open": 2}
    assert [row["Tiket"] for row in items(timbang)] == first
    assert {row["Asal"] for row in items(timbang)} == {"2026-10, b.csv, baris 3", "2026-10, b.csv, baris 4"}
    put(
        timbang,
        HEADER + row_of(1, "ANI") + row_of(2, "-", weight="7") + row_of(3, "CITRA") + row_of(4, "DEWI"),
        "a.csv",
        2,
    )
    night(timbang)
    assert states(timbang) == {"fixed": 1, "open": 1}, "its file came again: one row is mended, one is bad anew"
    send(timbang, HEADER.encode() + bad.encode() + row_of(5, "EKO").encode(), 3, "old export.csv", "2026-10")
    night(timbang)
    assert states(timbang) == {"fixed": 1, "open": 1}, "the old wording of a fixed row does not open it again"


def test_a_correction_is_known_by_its_key(kotor: Dataset, put: Put) -> None:
    header = "Baris;Kode;Kelamin;Berat;Lahir;Desa\n"
    put(kotor, f"{header}1;AA1;x;10;2020-01-01;36.04.05.2001\n2;AA2;L;10;2020-01-01;36.04.05.2001\n", "a.csv", 0)
    night(kotor)
    assert states(kotor) == {"open": 1}
    put(kotor, f"{header}1;AA1;P;10;2020-01-01;36.04.05.2001\n", "another name.csv", 1, "2026-11")
    night(kotor)
    assert states(kotor) == {"fixed": 1}


def test_a_changed_rule_frees_the_rows_it_no_longer_calls_bad(put: Put) -> None:
    put(WEIGHINGS, with_bad_heights(900, 20).replace(";400;", ";160;", 12), "a.csv", 0, "2026-09")
    night(WEIGHINGS)
    send(WEIGHINGS, filled_in(WEIGHINGS, lambda number, row: mended(number, row) if number >= 17 else None), 1)
    night(WEIGHINGS)
    assert states(WEIGHINGS) == {"open": 17, "fixed": 3}
    before = {row["Tiket"] for row in items(WEIGHINGS) if row["Tinggi"] == "400"}
    night(with_height_up_to(WEIGHINGS, 165))
    assert states(WEIGHINGS) == {"open": 5, "fixed": 3}, "a row that breaks no rule any more is no item"
    assert {row["Tiket"] for row in items(WEIGHINGS)} == before, "the others are asked again by the same ticket"
    assert ask("select count(*) from dinkes.penimbangan where _status = 'accepted'") == [(895,)]


def with_height_up_to(dataset: Dataset, most: float) -> Dataset:
    def widen(column: Column) -> Column:
        rules = (
            replace(rule, arguments={"min": 38, "max": most}) if rule.word == "in_range" else rule
            for rule in column.rules
        )
        return replace(column, rules=tuple(rules)) if column.name == "height_cm" else column

    return replace(dataset, columns=tuple(map(widen, dataset.columns)))


def test_one_unclear_date_does_not_refuse_the_whole_workbook(timbang: Dataset, put: Put) -> None:
    put(timbang, HEADER + row_of(1, "-", "05/02/2021") + row_of(2, "BUDI", "25/02/2021"), "a.csv", 0)
    put(timbang, HEADER + row_of(3, "-", "02/25/2021") + row_of(4, "DEWI", "02/26/2021"), "b.csv", 1)
    night(timbang)
    assert {row["Tgl Lahir"] for row in items(timbang)} == {date(2021, 2, 5), date(2021, 2, 25)}
    dates = {0: date(2021, 2, 5), 1: "03/04/2021"}
    send(timbang, filled_in(timbang, lambda number, row: row | {"Nama": "ANI", "Tgl Lahir": dates[number]}), 2)
    night(timbang)
    assert states(timbang) == {"fixed": 1, "open": 1}
    [asked] = items(timbang)
    assert asked["Masalah"] == "Tgl Lahir: tidak terbaca sebagai angka atau tanggal"


def test_formulas_of_a_cell_reach_the_workbook_as_text_and_come_back_as_they_were(timbang: Dataset, put: Put) -> None:
    note = "=cmd|' /C calc'!A1"
    put(timbang, f"Catatan;{HEADER}{note};{row_of(1, '-')}ok;{row_of(2, 'BUDI')}", "a.csv", 0)
    night(timbang)
    [asked] = items(timbang)
    assert asked["Catatan"] == f"'{note}"
    send(timbang, filled_in(timbang, lambda number, row: row | {"Nama": "ANI"}), 1)
    night(timbang)
    assert ask("select catatan from uji.timbang where nama = 'ANI'") == [(note,)]


def refusals() -> Iterator[str]:
    """Every sentence that refuses a file, as the readers put it together: a name, a colon, what is wrong; x9 for values."""
    for module in ("grid", "load", "readers", "reading", "textfile", "workbook"):
        for node in ast.walk(ast.parse((ROOT / "include" / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                text = "".join(part.value if isinstance(part, ast.Constant) else "x9" for part in node.values)
                if re.fullmatch(r"x9: .*[a-z].*\.", text) and "the reading process" not in text:  # that is no refusal
                    yield text


@pytest.mark.parametrize("refusal", sorted(set(refusals())))
def test_why_a_file_is_refused_is_told_in_indonesian(refusal: str) -> None:
    assert translate(refusal)[1] == refusal
    assert len(set(translate(refusal)[0].split()) & {"the", "is", "it", "send", "save"}) == 0


def test_there_are_as_many_refusals_as_are_told() -> None:
    assert len(set(refusals())) > 25


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "b.csv: 'Tinggi' is missing, nearest is 'Tingi'; 'Berat' is missing, nothing is near it.",
            "b.csv: 'Tinggi' tidak ada, yang terdekat 'Tingi'; 'Berat' tidak ada, tidak ada yang mirip.",
        ),
        (
            "a.pdf: a PDF, neither a workbook nor text; save it as .xlsx or .csv.",
            "a.pdf: PDF, bukan buku kerja dan bukan teks; simpan sebagai .xlsx atau .csv.",
        ),
        (
            "a.csv: no header of uji/timbang in its first 15 lines; it needs the columns NIK, Nama; nothing is near them.",
            "a.csv: tidak ada judul kolom uji/timbang pada 15 baris pertamanya; yang diperlukan NIK, Nama; tidak ada yang mirip.",
        ),
        ("278 of 1,845 rows are bad, the limit is 5%", "278 dari 1,845 baris salah, batasnya 5%"),
    ],
)
def test_refusals_and_holds_in_indonesian(said: str, told: str) -> None:
    assert translate(said)[0] == told
