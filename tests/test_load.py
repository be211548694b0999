"""Deliveries from the landing folder to settled rows: deliveries, corrections, held and refused files, the dry run."""

import dataclasses
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.judgement import Judgement
from include import alerts, check, gate, ingest, load, settings, settle, vault, warehouse
from include.archive import archive_new, deliveries
from include.contract import Dataset
from include.contract_reader import find_dataset
from include.gate import judge_without_gx
from include.load import forget_changed_contract, load_delivery, not_loaded
from include.problem import exit_code
from tests.ordeal.damage import foreign_wal

FIXTURES = Path(__file__).parent / "fixtures"
HEADER = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah\n"
ANI, BUDI, CITRA = "3604050502210001", "3604050502210002", "3604050502210003"
Put = Callable[..., Path]


def weighing(nik: str, name: str, berat: str = "9,5") -> str:
    return f"{nik};{name};2021-02-05;{berat};1\n"


FIRST = HEADER + weighing(ANI, "ANI") + weighing(BUDI, "BUDI") + weighing(CITRA, "CITRA")
CORRECTED = FIRST.replace(weighing(BUDI, "BUDI"), weighing(BUDI, "BUDI", "10,5"))


def night(*datasets: Dataset) -> None:
    """What the ingest DAG does, but for Great Expectations."""
    for dataset in datasets:
        for receipts in ingest.receive(dataset):
            ingest.load(dataset, receipts)
        with warehouse.connect() as con:
            judge_without_gx(con, dataset)


def ask(sql: str) -> list[tuple[Any, ...]]:
    with warehouse.connect(read_only=True) as con:
        return con.execute(sql).fetchall()


def counts() -> dict[str, tuple[Any, ...]]:
    """Of each file: status, rows read, accepted, quarantined, duplicate, superseded. Read is always their sum."""
    found = ask(
        "select file_name, status, rows_read, rows_accepted, rows_quarantined, rows_duplicate, rows_superseded "
        "from audit.deliveries order by received_at"
    )
    for _, status, read, *parts in found:
        assert read == sum(parts) or status == "refused"
    settled = ask("select coalesce(sum(rows_read), 0) from audit.deliveries where status <> 'refused'")
    assert settled == ask("select count(*) from uji.timbang where _status is not null")
    return {name if i == 0 else f"{name} again": rest for i, (name, *rest) in _numbered(found)}


def _numbered(found: list[tuple[Any, ...]]) -> list[tuple[int, Any]]:
    return [(sum(other[0] == one[0] for other in found[:at]), one) for at, one in enumerate(found)]


def weights() -> dict[str, float | None]:
    """The accepted weight of each child; one row each."""
    found = ask("select nama, berat from uji.timbang where _status = 'accepted'")
    assert len(found) == len(dict(found))
    return dict(found)


# --- deliveries and corrections ----------------------------------------------------------------------------------------


def test_a_file_is_kept_unaltered_and_out_of_others_sight(timbang: Dataset, put: Put) -> None:
    file = put(timbang, FIRST, "a.csv", 0)
    [delivery] = archive_new(timbang)
    assert vault.read_sealed(delivery.file) == FIRST.encode()
    assert b"ANI" not in delivery.file.read_bytes()
    assert delivery.file.name == hashlib.sha256(FIRST.encode()).hexdigest()
    assert (delivery.period, delivery.file_name, delivery.bytes) == ("2026-10", "a.csv", len(FIRST.encode()))
    assert stat.S_IMODE(settings.ARCHIVE.stat().st_mode) == 0o700
    assert not file.exists()
    assert deliveries(timbang) == [delivery]


def test_the_same_bytes_again_change_nothing(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    night(timbang)
    before = (counts(), ask("select * from uji.timbang"), ask("select * from audit.quarantine"))
    night(timbang)
    put(timbang, FIRST, "a salinan.csv", 5)
    assert archive_new(timbang) == []
    night(timbang)
    assert (counts(), ask("select * from uji.timbang"), ask("select * from audit.quarantine")) == before
    assert before[0] == {"a.csv": ["loaded", 3, 3, 0, 0, 0]}


def test_a_corrected_file_supersedes_by_key(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    night(timbang)
    put(timbang, CORRECTED, "a revisi.csv", 5)
    night(timbang)
    assert counts() == {"a.csv": ["loaded", 3, 2, 0, 0, 1], "a revisi.csv": ["loaded", 3, 1, 0, 2, 0]}
    assert weights() == {"ANI": 9.5, "BUDI": 10.5, "CITRA": 9.5}


def test_a_correction_of_the_same_night_comes_after_what_it_corrects(timbang: Dataset, put: Put) -> None:
    put(timbang, CORRECTED, "a.csv", 5)
    put(timbang, FIRST, "b.csv", 0)
    night(timbang)
    assert weights()["BUDI"] == 10.5


def test_first_corrected_first_again_and_the_third_wins(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    night(timbang)
    put(timbang, CORRECTED, "a.csv", 5)
    night(timbang)
    assert weights()["BUDI"] == 10.5
    os.utime(put(timbang, FIRST, "a.csv", 10))
    night(timbang)
    assert weights() == {"ANI": 9.5, "BUDI": 9.5, "CITRA": 9.5}
    rows = ask("select rows_accepted, rows_duplicate, rows_superseded from audit.deliveries order by received_at")
    assert rows == [(2, 0, 1), (0, 2, 1), (1, 2, 0)]
    counts()
    night(timbang)
    assert len(deliveries(timbang)) == 3, "the third is received once"


def test_first_corrected_and_the_old_values_in_a_new_file_and_the_third_wins(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    put(timbang, CORRECTED, "b.csv", 1)
    put(timbang, HEADER + weighing(BUDI, "BUDI"), "c.csv", 2)
    night(timbang)
    assert weights()["BUDI"] == 9.5
    assert counts()["c.csv"] == ["loaded", 1, 1, 0, 0, 0]


def test_within_one_file_equal_rows_are_duplicates_and_of_unequal_ones_the_last_counts(
    timbang: Dataset, put: Put
) -> None:
    rows = [weighing(ANI, "ANI"), weighing(ANI, "ANI"), weighing(BUDI, "BUDI", "8"), weighing(BUDI, "BUDI", "9")]
    put(timbang, HEADER + "".join(rows), "a.csv", 0)
    night(timbang)
    assert counts() == {"a.csv": ["loaded", 4, 2, 0, 1, 1]}
    assert weights() == {"ANI": 9.5, "BUDI": 9.0}


def test_lost_and_missing_key_parts_are_equal_to_each_other(timbang: Dataset, put: Put) -> None:
    rows = [weighing("36040**********", "ANI"), weighing("", "ANI"), weighing("36040**********", "BUDI")]
    put(timbang, HEADER + "".join(rows) + weighing(ANI, "ANI", "7"), "a.csv", 0)
    night(timbang)
    assert counts() == {"a.csv": ["loaded", 4, 3, 0, 1, 0]}
    accepted = ask("select nik, nama from uji.timbang where _status = 'accepted' order by _row")
    assert accepted == [(None, "ANI"), (None, "BUDI"), (ANI, "ANI")]


def test_values_that_move_between_columns_are_another_content(timbang: Dataset, put: Put) -> None:
    by_nik, header = dataclasses.replace(timbang, key=("nik",)), HEADER.replace("\n", ";Catatan\n")
    put(by_nik, f"{header}{ANI};SITIAMINAH;;;;\n", "a.csv", 0)
    put(by_nik, f"{header}{ANI};SITI;;;;AMINAH\n", "b.csv", 1)
    put(by_nik, f"{header}{BUDI};BUDI;;5;;\n", "c.csv", 2)
    put(by_nik, f"{header}{BUDI};BUDI;;;5;\n", "d.csv", 3)
    night(by_nik)
    accepted = ask("select nama, berat, jumlah, catatan from uji.timbang where _status = 'accepted' order by nama")
    assert accepted == [("BUDI", None, 5, None), ("SITI", None, None, "AMINAH")]


def test_a_bad_row_is_quarantined_and_does_not_supersede_the_good_one(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    put(timbang, CORRECTED.replace("10,5", "10 kg"), "b.csv", 1)
    night(timbang)
    assert counts()["b.csv"] == ["loaded", 3, 0, 1, 2, 0]
    assert weights()["BUDI"] == 9.5
    assert ask("select delivery_row, column_name, value, rule, severity from audit.quarantine") == [
        (3, "berat", "10 kg", "readable", "error")
    ]


# --- where a file lies -----------------------------------------------------------------------------------------------


def test_a_file_outside_a_periods_folder_is_refused_and_moving_it_there_helps(timbang: Dataset, put: Put) -> None:
    file = put(timbang, FIRST, "a.csv", 0, period="Oktober")
    night(timbang)
    [(status, reason)] = ask("select status, reason from audit.deliveries")
    assert status == "refused"
    assert reason == (
        "a.csv: it lies in 'Oktober', which is no period; put the file in landing/uji/timbang/<month>/, for example 2026-10."
    )
    target = file.parents[1] / "2026-10" / file.name
    target.parent.mkdir()
    file.rename(target)
    night(timbang)
    assert ask("select status, period from audit.deliveries order by received_at") == [
        ("refused", None),
        ("loaded", "2026-10"),
    ]
    assert len(weights()) == 3


def test_equal_files_of_two_periods_are_two_deliveries(timbang: Dataset, put: Put) -> None:
    by_period = dataclasses.replace(timbang, key=("nik", "_period"))
    put(by_period, FIRST, "a.csv", 0, period="2026-09")
    put(by_period, FIRST, "a.csv", 1, period="2026-10")
    night(by_period)
    night(by_period)
    assert ask("select period, rows_accepted from audit.deliveries order by period") == [("2026-09", 3), ("2026-10", 3)]


def test_equal_files_of_two_datasets_are_two_deliveries(timbang: Dataset, kotor: Dataset, put: Put) -> None:
    """A list put into the wrong folder is refused there; moved into the right one it is read."""
    put(kotor, FIRST, "a.csv", 0)
    night(kotor)
    put(timbang, FIRST, "a.csv", 1)
    night(timbang)
    found = ask("select dataset, status, rows_accepted from audit.deliveries order by received_at")
    assert found == [("kotor", "refused", 0), ("timbang", "loaded", 3)]
    night(kotor, timbang)
    assert len(ask("from audit.deliveries")) == 2


def test_what_belongs_to_another_user_keeps_no_other_file_back(
    timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = put(timbang, FIRST, "a.csv", 0), put(timbang, CORRECTED, "b.csv", 1)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == theirs:
            raise PermissionError
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    night(timbang)
    assert (theirs.exists(), ours.exists()) == (True, False)
    assert weights()["BUDI"] == 10.5
    [said] = [alert.text for alert, _ in alerts.read_record().failures.values()]
    assert said.startswith(
        "uji/timbang/2026-10/a.csv could not be taken: the file or its folder belongs to another user"
    )


def test_half_written_and_hidden_files_are_left_alone(timbang: Dataset, put: Put) -> None:
    for name in ("~$a.xlsx", ".a.csv.swp"):
        put(timbang, FIRST, name, 0)
    assert archive_new(timbang) == []


# --- refused and held ------------------------------------------------------------------------------------------------


def test_refused_files_are_kept_and_all_others_go_on(timbang: Dataset, kotor: Dataset, put: Put) -> None:
    locked = put(timbang, "", "rahasia.xlsx", 0)
    shutil.copyfile(FIXTURES / "password_is_rahasia.xlsx", locked)
    put(timbang, "<html><table></table></html>", "laporan.xls", 1)
    put(timbang, "Kode;Uraian\n1;2\n", "lain.csv", 2)
    put(timbang, FIRST, "a.csv", 3)
    put(kotor, "Baris;Kode;Kelamin;Berat;Lahir;Desa\n1;AA1;L;9;2021-01-01;36.04.05.2001\n", "k.csv", 0)
    night(timbang, kotor)
    found = dict(ask("select file_name, reason from audit.deliveries where status = 'refused'"))
    assert sorted(found) == ["lain.csv", "laporan.xls", "rahasia.xlsx"]
    assert "password" in found["rahasia.xlsx"]
    assert "web page" in found["laporan.xls"]
    assert ask("select file_name from audit.deliveries where status = 'loaded' order by 1") == [("a.csv",), ("k.csv",)]
    kept = {delivery.file_name: vault.read_sealed(delivery.file) for delivery in deliveries(timbang)}
    assert kept["rahasia.xlsx"] == (FIXTURES / "password_is_rahasia.xlsx").read_bytes()
    night(timbang, kotor)
    assert len(ask("select * from audit.deliveries")) == 5, "a refused file is not tried again every night"


def test_a_delivery_with_too_many_bad_rows_is_held_and_the_last_good_data_stay(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    night(timbang)
    put(timbang, CORRECTED.replace(";ANI;", ";;").replace(";CITRA;", ";-;"), "b.csv", 1)  # 2 of 3 without a name
    night(timbang)
    assert counts() == {"a.csv": ["loaded", 3, 3, 0, 0, 0], "b.csv": ["held", 3, 0, 3, 0, 0]}
    assert weights() == {"ANI": 9.5, "BUDI": 9.5, "CITRA": 9.5}
    [(reason,)] = ask("select reason from audit.deliveries where status = 'held'")
    assert "2" in reason
    assert "50" in reason


def test_as_many_bad_rows_as_the_contract_tolerates_are_no_reason_to_hold(timbang: Dataset, put: Put) -> None:
    put(timbang, HEADER + weighing(ANI, "ANI") + weighing(BUDI, ""), "a.csv", 0)  # half, and half is tolerated
    night(timbang)
    assert counts() == {"a.csv": ["loaded", 2, 1, 1, 0, 0]}


FOUR_ROWS = Judgement(
    name="four_rows",
    severity="critical",
    reason="fewer than four rows came for the period",
    query="""
        with arrivals as (
            select _period, _received_at, sum(count(*)) over (partition by _period order by _received_at) as volume
            from uji.timbang
            group by _period, _received_at
        )
        select batch._delivery_id, any_value(own.volume)::integer as found, any_value(cleared._received_at) as until
        from {batch} as batch
        inner join arrivals as own using (_period, _received_at)
        left join (
            select _period, min(_received_at) as _received_at from arrivals where volume >= 4 group by all
        ) as cleared using (_period)
        where own.volume < 4
        group by batch._delivery_id
    """,
)


def test_a_held_delivery_is_judged_again_when_its_other_half_comes(
    timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (gate, settle):
        monkeypatch.setattr(module, "judgements", lambda dataset: [FOUR_ROWS])
    put(timbang, HEADER + weighing(ANI, "ANI") + weighing(BUDI, "BUDI"), "utara.csv", 0)
    night(timbang)
    assert counts() == {"utara.csv": ["held", 2, 0, 2, 0, 0]}
    assert ask("select reason from audit.deliveries") == [("fewer than four rows came for the period: 2",)]
    night(timbang)
    assert counts() == {"utara.csv": ["held", 2, 0, 2, 0, 0]}
    put(timbang, HEADER + weighing(CITRA, "CITRA") + weighing("", "DEWI"), "selatan.csv", 5)
    night(timbang)
    assert counts() == {"utara.csv": ["loaded", 2, 2, 0, 0, 0], "selatan.csv": ["loaded", 2, 2, 0, 0, 0]}
    assert ask("select reason from audit.deliveries") == [(None,), (None,)]


# --- killed nights, changed contracts --------------------------------------------------------------------------------


class KilledError(BaseException):
    """Stands for a night that ends in the middle."""


def test_a_night_killed_after_archiving_is_caught_up_by_the_next(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    archive_new(timbang)
    shutil.rmtree(settings.LANDING)
    night(timbang)
    assert counts() == {"a.csv": ["loaded", 3, 3, 0, 0, 0]}


def test_a_night_killed_while_loading_leaves_nothing_half_done(
    timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KilledError

    put(timbang, FIRST, "a.csv", 0)
    with monkeypatch.context() as patch:
        patch.setattr(load, "_insert_values", killed)
        with pytest.raises(KilledError):
            night(timbang)
    assert ask("select count(*) from raw.uji__timbang") == [(0,)]
    assert ask("select count(*) from audit.deliveries") == [(0,)]
    night(timbang)
    assert counts() == {"a.csv": ["loaded", 3, 3, 0, 0, 0]}


def test_a_night_killed_before_the_gate_is_judged_by_the_next(
    timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KilledError

    put(timbang, FIRST, "a.csv", 0)
    with monkeypatch.context() as patch:
        patch.setattr(gate, "find_failures", killed)
        with pytest.raises(KilledError):
            night(timbang)
    assert ask("select count(*) from uji.timbang where _status = 'accepted'") == [(0,)]
    night(timbang)
    assert counts() == {"a.csv": ["loaded", 3, 3, 0, 0, 0]}


def test_an_archive_cut_off_in_the_middle_is_archived_whole_the_next_time(
    timbang: Dataset, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(timbang, FIRST, "a.csv", 0)
    [delivery] = archive_new(timbang)
    delivery.file.with_name(f"{delivery.delivery_id}.json").unlink()
    delivery.file.write_bytes(delivery.file.read_bytes()[:20])
    put(timbang, FIRST, "a.csv", 0)
    [again] = archive_new(timbang)
    assert vault.read_sealed(again.file) == FIRST.encode()


def test_a_changed_contract_reads_the_archive_again(timbang: Dataset, put: Put) -> None:
    put(timbang, HEADER + weighing(ANI, "ANI", "0"), "a.csv", 0)
    put(timbang, HEADER + weighing(BUDI, "-", "8"), "b.csv", 1)
    night(timbang)
    assert weights() == {"ANI": None}
    shutil.rmtree(settings.LANDING)
    columns = [dataclasses.replace(column, missing=(), rules=()) for column in timbang.columns]
    night(dataclasses.replace(timbang, columns=tuple(columns)))
    assert weights() == {"ANI": 0.0, "-": 8.0}
    assert counts() == {"a.csv": ["loaded", 1, 1, 0, 0, 0], "b.csv": ["loaded", 1, 1, 0, 0, 0]}
    assert ask("select count(*) from audit.quarantine") == [(0,)]


# --- the dry run -----------------------------------------------------------------------------------------------------

WATER = find_dataset("pupr", "air_minum_desa")
WATER_HEADER = "Kecamatan;Desa;Tahun;Jumlah KK;KK Layak;KK Aman\n"
DESA = duckdb.execute(
    f"""
    select kecamatan_name, desa_name
    from '{settings.REGENCY_SEEDS}/ref_desa.csv' inner join '{settings.REGENCY_SEEDS}/ref_kecamatan.csv' using (kecamatan_code)
    order by desa_code limit 40
    """
).fetchall()
WATER_LINES = [f"{kecamatan};{desa};2026;1.200;900;-\n" for kecamatan, desa in DESA]
WATER_ROWS = "".join(WATER_LINES)


def everything(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
        if "scratch" not in path.parts  # a process's own, and gone with it
    }


def dry_run(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["check", str(file)])
    monkeypatch.setattr(check.CONSOLE, "width", 200)
    code = exit_code(check.main)
    return code, " ".join("".join(capsys.readouterr()).split())


def test_a_dry_run_says_what_is_wrong_and_changes_nothing(
    data: Path, put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(WATER, WATER_HEADER + WATER_ROWS, "a.csv", 0, period="2026")
    night(WATER)
    lines = WATER_LINES.copy()
    lines[7] = lines[7].replace("1.200", "banyak")
    lines[9] = lines[9].replace("1.200", "1.300")
    file = put(WATER, WATER_HEADER + "".join(lines), "b.csv", 1, period="2026")
    before = everything(data)
    code, said = dry_run(file, monkeypatch, capsys)
    assert everything(data) == before
    assert code == 0
    assert "would be loaded: b.csv" in said
    assert "read 40, accepted 1, quarantined 1, duplicate 38, superseded 0" in said
    # row 9 of the file, its column as the agency calls it, the cell as it stands there, the reason
    assert "9 │ Jumlah KK │ banyak │ tidak terbaca" in said


def test_a_dry_run_works_before_the_first_night(
    data: Path, put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = put(WATER, WATER_HEADER + WATER_ROWS, "a.csv", 0, period="2026")
    before = everything(data)
    assert dry_run(file, monkeypatch, capsys)[0] == 0
    (data / "keyring.json").unlink()  # made by whatever comes first, as .env is
    assert everything(data) == before


def test_a_dry_run_of_a_bad_file_says_that_it_would_be_refused_or_held(
    put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = put(WATER, "Kode;Uraian\n1;2\n", "a.csv", 0, period="2026")
    code, said = dry_run(refused, monkeypatch, capsys)
    assert code == 1
    assert "would be refused: a.csv" in said
    assert "nothing is near them" in said
    held = put(WATER, WATER_HEADER + WATER_ROWS.replace(";2026;", ";26;"), "b.csv", 0, period="2026")
    code, said = dry_run(held, monkeypatch, capsys)
    assert code == 1
    assert "would be held: b.csv" in said


def test_a_dry_run_of_a_file_that_came_before_says_when_and_as_what(
    put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(WATER, WATER_HEADER + WATER_ROWS, "a.csv", 0, period="2026")
    night(WATER)
    code, said = dry_run(put(WATER, WATER_HEADER + WATER_ROWS, "salinan.csv", 1, period="2026"), monkeypatch, capsys)
    [(day,)] = ask("select received_at::date::varchar from audit.deliveries")
    assert code == 0
    assert f"These bytes came on {day} as a.csv; nothing would change. What became of them: loaded: a.csv" in said


def test_a_dry_run_of_a_wrong_folder_names_it(
    put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = put(WATER, WATER_HEADER + WATER_ROWS, "a.csv", 0, period="2026-9")
    assert "it lies in '2026-9', which is no period; put the file in" in dry_run(file, monkeypatch, capsys)[1]


def test_a_dry_run_of_a_file_that_waits_for_the_gate(
    put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(WATER, WATER_HEADER + WATER_ROWS, "a.csv", 0, period="2026")
    archive_new(WATER)
    file = put(WATER, WATER_HEADER + WATER_ROWS, "a.csv", 0, period="2026")
    with warehouse.connect() as con:
        forget_changed_contract(con, WATER)
        [delivery] = not_loaded(con, WATER)
        load_delivery(con, WATER, delivery, file)
    code, said = dry_run(file, monkeypatch, capsys)
    assert code == 0
    assert "read 40, accepted 40" in said


def test_a_dry_run_during_the_night_asks_for_patience(
    put: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(WATER, WATER_HEADER + WATER_ROWS, "a.csv", 0, period="2026")
    night(WATER)
    file = put(WATER, WATER_HEADER + WATER_ROWS, "a.csv", 0, period="2026")
    script = (
        "from pathlib import Path; from include import warehouse\n"
        f"with warehouse.connect(Path({str(settings.WAREHOUSE)!r})): print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "held\n"
        code, said = dry_run(file, monkeypatch, capsys)
        writer.communicate("\n")
    assert code == 2
    assert "try again" in said


def test_a_dry_run_of_a_file_in_no_agencys_folder_names_the_contracts(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(WATER_HEADER)
    code, said = dry_run(file, monkeypatch, capsys)
    assert code == 2
    assert "pupr/air_minum_desa" in said


def test_an_old_file_copied_again_does_not_replace_its_correction(timbang: Dataset, put: Put) -> None:
    """Copied once more before the correction came, with a newer time: the correction is still the last word."""
    put(timbang, FIRST, "a.csv", 0)
    night(timbang)
    copied = put(timbang, FIRST, "a.csv", 60 * 48)
    correction = put(timbang, CORRECTED, "b.csv", 1)
    moment = time.time() - 1
    os.utime(copied, (moment, moment))
    os.utime(correction, (moment + 0.5, moment + 0.5))
    night(timbang)
    night(timbang)
    assert weights()["BUDI"] == 10.5


def test_a_database_of_another_version_is_loaded_again(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    night(timbang)
    before = counts()
    with warehouse.connect() as con:
        con.execute("update audit.layout set fingerprint = 'of last year'")
        con.execute("alter table audit.deliveries drop column unread_columns")
    night(timbang)
    assert counts() == before


def test_the_log_of_another_database_is_not_believed(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    night(timbang)
    before = counts()
    foreign_wal(settings.DATA)
    night(timbang)
    assert counts() == before
    assert ask("select 1 from duckdb_tables() where table_name = 'foreign_rows'") == []


def test_a_database_kept_open_is_let_go_for_whoever_reads_it(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    put(timbang, CORRECTED, "b.csv", 1)
    with warehouse.kept_open():
        night(timbang)
        [engine] = warehouse._ENGINE.values()
        assert [name for name, _ in warehouse._attached(engine)] == ["warehouse"]
        with warehouse.open_to_read() as reader:
            assert warehouse._attached(engine) == []
            assert len(reader.execute(f"from {timbang.table}").fetchall()) > 1
        night(timbang)
        assert [name for name, _ in warehouse._attached(engine)] == ["warehouse"]
    assert warehouse._attached(engine) == []


def test_models_find_the_tables_of_a_dataset_whose_dag_has_not_run(timbang: Dataset, kotor: Dataset, put: Put) -> None:
    """One agency's asset starts the mart before the others have run for the first time."""
    put(timbang, FIRST, "a.csv", 0)
    night(timbang)
    before = counts()
    with warehouse.connect() as con:
        load.make_missing_tables(con, [timbang, kotor])
    assert counts() == before
    assert ask(f"select count(*) from {timbang.table}") == [(3,)]
    assert ask(f"select count(*) from {kotor.table}") == ask(f"select count(*) from {kotor.raw_table}") == [(0,)]


def test_what_waits_in_the_archive_is_still_loaded_into_them(timbang: Dataset, put: Put) -> None:
    put(timbang, FIRST, "a.csv", 0)
    archive_new(timbang)
    with warehouse.connect() as con:
        load.make_missing_tables(con, [timbang])
    assert ask("select deliveries_due from audit.contracts") == [(1,)]  # the audit lets no release out before
    night(timbang)
    assert counts()["a.csv"][:2] == ["loaded", 3]
