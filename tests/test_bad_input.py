"""What an agency gets back for each wrong row: its list names row, column, value, what is wrong and what was likely meant."""

from collections.abc import Callable
from pathlib import Path

import pytest

from include import gate, ingest, places, warehouse
from include.contract_reader import find_dataset
from tests.conftest import CONTRACTS, Desk

Put = Callable[..., Path]
HEADER = "Kecamatan;Desa;Kode Desa;Tahun;Triwulan;Jumlah KK;KK Terlayani;Pagu"
GOOD = "Kramatwatu;Margasana;36.04.05.2002;2026;Q;100;90;5000000"  # Q is the quarter

TWICE = "dilaporkan lebih dari sekali dengan isi berbeda; kirim satu baris yang benar"

# what is wrong: the rows, and what the list says of the first of them (column, value, problem)
BAD_INPUT = {
    "a desa written wrong": (
        ["Kragilan;Tegal Mja;-;2026;1;100;90;1"],
        ("Desa", "Tegal Mja", "desa tidak dikenal di kecamatan itu; mungkin: Tegalmaja"),
    ),
    "a desa like several, of which the nearest three": (
        ["Cikeusal;Suka;-;2026;1;100;90;1"],
        ("Desa", "Suka", "desa tidak dikenal di kecamatan itu; mungkin: Sukamaju, Sukaraja, Sukarame"),
    ),
    "a desa that is near an alias": (
        ["Pulo Ampel;Gedung Soko;-;2026;1;100;90;1"],
        ("Desa", "Gedung Soko", "desa tidak dikenal di kecamatan itu; mungkin: Kedungsoka"),
    ),
    "a desa of another kecamatan": (
        ["Ciomas;Ciomas;-;2026;1;100;90;1"],
        ("Desa", "Ciomas", "desa tidak dikenal di kecamatan itu; desa bernama itu ada di kecamatan Padarincang"),
    ),
    "a desa like none": (
        ["Kramatwatu;XXXX;-;2026;1;100;90;1"],
        ("Desa", "XXXX", "desa tidak dikenal di kecamatan itu"),
    ),
    "a kecamatan written wrong": (
        ["Keramatwatu;Margasana;-;2026;1;100;90;1"],
        ("Kecamatan", "Keramatwatu", "kecamatan tidak dikenal; mungkin: Kramatwatu"),
    ),
    "a desa under a kecamatan written wrong": (
        ["Keramatwatu;Margasana;-;2026;1;100;90;1"],
        ("Desa", "Margasana", "desa tidak dikenal di kecamatan itu; kecamatan itu tidak dikenal; mungkin: Kramatwatu"),
    ),
    "a BPS code": (
        ["Kramatwatu;Pejaten;3604220003;2026;1;100;90;1"],
        (
            "Kode Desa",
            "3604220003",
            "kode desa tidak dikenal; kode BPS, bukan Kemendagri; kode Kemendagri desa itu 36.04.05.2002",
        ),
    ),
    "a code without its points": (
        ["Kramatwatu;Pejaten;3604052002;2026;1;100;90;1"],
        ("Kode Desa", "3604052002", "kode desa tidak dikenal; tulis 36.04.05.2002"),
    ),
    "a code of another regency": (
        ["Kramatwatu;Pejaten;36.73.01.1001;2026;1;100;90;1"],
        ("Kode Desa", "36.73.01.1001", "kode desa tidak dikenal"),
    ),
    "a numerator above its denominator": (
        ["Kramatwatu;Pejaten;-;2026;1;100;101;1"],
        ("KK Terlayani", "101", "lebih besar daripada pembandingnya; 101, padahal Jumlah KK 100"),
    ),
    "a quarter reported twice": (
        ["Kramatwatu;Tonjong;-;2026;3;100;90;1", "Kramatwatu;Tonjong;-;2026;3;100;91;1"],
        (
            "Triwulan",
            "3",
            f"{TWICE}; Kecamatan Kramatwatu, Desa Tonjong, Tahun 2026, Triwulan 3 di baris 2 dan 3",
        ),
    ),
    "a quarter reported three times": (
        [f"Kramatwatu;Tonjong;-;2026;3;100;9{n};1" for n in range(3)],
        (
            "Triwulan",
            "3",
            f"{TWICE}; Kecamatan Kramatwatu, Desa Tonjong, Tahun 2026, Triwulan 3 di 3 baris, dari 2 sampai 4",
        ),
    ),
    "a negative budget": (
        ["Kramatwatu;Pejaten;-;2026;1;100;90;-5000000"],
        ("Pagu", "-5000000", "di luar batas 0 sampai 100000000000; periksa satuan dan koma"),
    ),
}


CAPAIAN = find_dataset("lapor", "capaian", CONTRACTS)


def settled(desk: Desk, rows: list[str], name: str = "laporan.csv") -> list[str]:
    """Read and judge one file; return the fate of each row read so far."""
    assert desk.read(CAPAIAN, "\n".join([HEADER, *rows]).encode(), name, "2026-Q3") is None
    gate.judge_without_gx(desk.con, CAPAIAN)
    return [fate for (fate,) in desk.rows(CAPAIAN, "_status")]


def told_of_first(desk: Desk) -> list[tuple[str, str, str]]:
    """Return what the workbook says of the first row under the header: column, cell and reason."""
    found = desk.con.execute(
        "select column_name, value, reason from audit.quarantine where delivery_row = 2"
    ).fetchall()
    return [(CAPAIAN.header(column), value, reason) for column, value, reason in found]


@pytest.mark.parametrize(("rows", "told"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_quarantined_and_told_to_the_agency(
    desk: Desk, rows: list[str], told: tuple[str, str, str]
) -> None:
    good = [GOOD.replace("Q", str(quarter)) for quarter in (1, 2, 3, 4)]
    assert settled(desk, [*rows, *good]) == ["quarantined"] * len(rows) + ["accepted"] * 4
    assert told in told_of_first(desk)


def test_an_equal_row_is_a_duplicate_and_no_fault(desk: Desk) -> None:
    assert settled(desk, [GOOD.replace("Q", "1")] * 2) == ["accepted", "duplicate"]


def test_a_corrected_file_tells_the_quarter_again_and_supersedes(desk: Desk) -> None:
    first = GOOD.replace("Q", "1")
    assert settled(desk, [first], "a.csv") == ["accepted"]
    assert settled(desk, [first.replace(";90;", ";91;")], "b.csv") == ["superseded", "accepted"]


def test_a_spelling_added_to_the_seed_frees_the_rows_that_waited_for_it(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = {name: places.seed_file(name) for name in ("ref_kecamatan", "ref_desa", "ref_desa_aliases")}
    aliases = tmp_path / "ref_desa_aliases.csv"
    aliases.write_bytes(seeds["ref_desa_aliases"].read_bytes())
    monkeypatch.setattr(places, "seed_file", (seeds | {"ref_desa_aliases": aliases}).__getitem__)

    def night() -> list[tuple[str]]:
        for receipts in ingest.receive(CAPAIAN):
            ingest.load(CAPAIAN, receipts)
        with warehouse.connect() as con:
            gate.judge_without_gx(con, CAPAIAN)
            return con.execute("select _status from lapor.capaian").fetchall()

    put(CAPAIAN, f"{HEADER}\nKragilan;Tegal Mja;-;2026;1;100;90;1", "laporan.csv", 0, "2026-Q3")
    assert night() == [("quarantined",)]
    with aliases.open("a", encoding="utf-8") as stream:
        stream.write("36.04.11,Tegal Mja,36.04.11.2012,as the agency writes it\n")
    assert night() == [("accepted",)]
