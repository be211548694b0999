"""The impact assessment says what the code does, and one person's rows can be found."""

import hashlib
import hmac
import json
from datetime import date

import pytest

from include import ingest, settings, subject, warehouse
from include.contract_reader import read_agencies
from include.dpia import DOCUMENT, filled
from include.problem import Problem
from include.subject import rows_of

WEIGHED = (
    b"NIK,Nama,Tgl Lahir,Berat (kg),Jumlah\n3604110101230001,Sari,01-02-2023,9.1,1\n-,Budi Hartono,13-02-2023,8,2\n"
)


def test_the_assessment_has_the_tables_of_the_code():
    document = DOCUMENT.read_text(encoding="utf-8")
    assert filled(document) == document, "run .venv/bin/python -m include.dpia and read the diff"


def test_every_dataset_stands_in_the_assessment():
    document = DOCUMENT.read_text(encoding="utf-8")
    names = [f"{dataset.agency}/{dataset.name}" for agency in read_agencies() for dataset in agency.datasets]
    assert [name for name in names if name not in document] == []


def test_a_person_is_found_by_number(desk, timbang, kotor):
    assert desk.read(timbang, WEIGHED) is None
    [row] = rows_of(desk.con, [timbang, kotor], number="3604110101230001")
    assert (row.dataset, row.period, row.file_name, row.row) == ("uji/timbang", "2026-10", "file.csv", 2)
    assert row.cells == {
        "NIK": "3604110101230001",
        "Nama": "Sari",
        "Tgl Lahir": date(2023, 2, 1),
        "Berat (kg)": 9.1,
        "Jumlah": 1,
    }
    assert rows_of(desk.con, [timbang, kotor], number="3604110101230002") == []


def test_a_person_without_a_number_is_found_by_name_and_birth_date(desk, timbang):
    assert desk.read(timbang, WEIGHED) is None
    [row] = rows_of(desk.con, [timbang], name="budi", born_on=date(2023, 2, 13))
    assert row.cells["Nama"] == "Budi Hartono"
    assert rows_of(desk.con, [timbang], name="budi", born_on=date(2023, 2, 14)) == []


NUMBER, KEY = "3604110101230001", "a key that only this test knows 0123456789"


@pytest.fixture
def asked(put, timbang, monkeypatch):
    """Let `make subject` find a row with control signs, and return how to answer its questions."""
    monkeypatch.setenv("TEGAK_PSEUDONYM_KEY", KEY)
    monkeypatch.setattr(subject, "read_agencies", lambda: read_agencies(settings.ROOT / "tests/fixtures/contracts"))
    content = f"NIK;Nama;Tgl Lahir;Berat (kg);Jumlah\n{NUMBER};SA\x1b[31mRI;2023-02-01;9,1;1\n"
    put(timbang, content, "a\x1b[2J.csv", 0)
    [receipts] = ingest.receive(timbang)
    assert ingest.load(timbang, receipts) == []
    with warehouse.connect() as con:
        con.execute("create schema if not exists intermediate")
        con.execute(
            "create table intermediate.int_persons as select delivery_id, 2 as delivery_row, 'a' as agency, 'k' as identity_key "
            "from audit.deliveries"
        )
        con.execute(
            "create table intermediate.int_child_links as select 'a' as agency, 'k' as identity_key, 'uji:1' as child_id"
        )

    def answer(*answers: str) -> int:
        waiting = iter(answers)
        monkeypatch.setattr("builtins.input", lambda _: next(waiting))
        return subject.main()

    return answer


def test_no_control_sign_of_a_delivery_reaches_the_terminal(asked, capsys):
    assert asked(NUMBER, "ibu dari anak itu, hak akses") == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert NUMBER in said, "the person is owed the whole cell"
    assert ("SA\\x1b[31mRI" in said, "a\\x1b[2J.csv" in said) == (True, True)


def test_a_search_is_recorded_with_its_reason_and_without_a_name(asked):
    ledger = settings.DATA / "by_name" / "ledger.jsonl"
    with pytest.raises(Problem, match="mengapa"):
        asked(NUMBER, " ")
    assert not ledger.exists()
    assert asked(NUMBER, "ibu dari anak itu, hak akses") == 0
    assert asked("", "Tidak Ada", "2023-02-02", "petugas, hak akses") == 1
    text = ledger.read_text(encoding="utf-8")
    found, nobody = map(json.loads, text.splitlines())
    assert (found["list"], found["purpose"], found["rows"]) == ("subject", "ibu dari anak itu, hak akses", 1)
    assert found["pseudonyms"] == [of(NUMBER), of("uji:1")]
    assert (nobody["rows"], nobody["pseudonyms"]) == (0, [of("TIDAK ADA 2023-02-02")])
    assert not [told for told in (NUMBER, "RI", "Tidak Ada") if told in text]


def test_a_number_is_read_as_the_load_reads_it(asked):
    assert asked(f"'{NUMBER[:4]} {NUMBER[4:10]} {NUMBER[10:]}", "ibu dari anak itu") == 0
    ledger = (settings.DATA / "by_name" / "ledger.jsonl").read_text(encoding="utf-8")
    assert json.loads(ledger.splitlines()[-1])["pseudonyms"][0] == of(NUMBER)
    with pytest.raises(Problem, match="16 angka"):
        asked(NUMBER[:-1], "ibu dari anak itu")


def test_a_name_with_two_blanks_is_the_same_name(desk, timbang):
    desk.read(timbang, f"NIK;Nama;Tgl Lahir;Berat (kg);Jumlah\n{NUMBER};SITI  AMINAH;2023-02-01;9,1;1\n".encode())
    assert len(rows_of(desk.con, [timbang], name="Siti Aminah", born_on=date(2023, 2, 1))) == 1


def of(told: str) -> str:
    return hmac.new(KEY.encode(), told.encode(), hashlib.sha256).hexdigest()[:20]
