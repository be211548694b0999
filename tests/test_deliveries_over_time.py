"""Late, corrected, deleted and repeated rows: the gate against the plain rule, and belief at any moment."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from include import believed, ingest, settings, sql, warehouse
from include.archive import Delivery
from include.believed import SERANG, end_of_day
from include.contract import Dataset
from include.contract_checks import ContractError
from include.contract_reader import read_agencies
from include.gate import judge_without_gx
from include.problem import exit_code
from include.reading import ReadingStopped
from tests.conftest import CONTRACTS
from tests.ordeal.sequences import STATUSES, run_cases

Put = Callable[..., Path]


def test_the_gate_agrees_with_the_plain_rule_in_any_nights() -> None:
    """A few dozen of the battery's sequences; `make ordeal PART=sequences` runs hundreds."""
    fates: Counter[str] = Counter()
    run_cases(30, fates.update)
    assert set(fates) == set(STATUSES)


def test_only_a_contract_with_the_period_in_its_key_may_replace_periods(tmp_path) -> None:
    document = yaml.safe_load((CONTRACTS / "uji" / "_uji__sources.yml").read_text(encoding="utf-8"))
    meta = document["sources"][0]["tables"][0]["config"]["meta"]
    meta["replaces"] = {"scope": "period", "reason": "a test"}
    file = tmp_path / "uji" / "_uji__sources.yml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ContractError, match="the key must have _period"):
        read_agencies(tmp_path)
    meta["key"] = ["nik", "_period"]
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    [agency] = read_agencies(tmp_path)
    assert [dataset.is_whole for dataset in agency.datasets] == [True, False]


def test_the_register_of_households_alone_is_sent_whole() -> None:
    whole = [dataset.table for agency in read_agencies() for dataset in agency.datasets if dataset.is_whole]
    assert whole == ["dinsos.dtsen_keluarga", "dinsos.dtsen_anggota"]


HEADER = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah"


def test_a_correction_is_not_believed_before_it_came(put: Put, timbang: Dataset) -> None:
    put(timbang, f"{HEADER}\n3604050502210001;ANAK;2021-02-05;9,5;1\n", "a.csv", 0)
    night(timbang)
    put(timbang, f"{HEADER}\n3604050502210001;ANAK;2021-02-05;9,7;1\n", "b.csv", 1)
    night(timbang)
    put(timbang, f"{HEADER};Keputusan\n3604050502210001;ANAK;2021-02-05;9,7;1;hapus\n", "c.csv", 2)
    night(timbang)
    with warehouse.connect() as con:
        came = [at for (at,) in con.execute("select received_at from audit.deliveries order by 1").fetchall()]
        at = [came[0] - timedelta(seconds=1), *came]
        query = "select berat from uji.timbang where _known_from <= ? and (_known_to is null or _known_to > ?)"
        believed = [con.execute(query, [moment, moment]).fetchall() for moment in at]
        counts = con.execute(
            "select rows_accepted, rows_superseded from audit.deliveries order by received_at"
        ).fetchall()
    assert believed == [[], [(9.5,)], [(9.7,)], []]
    assert counts == [(0, 1), (0, 1), (0, 1)]


def test_a_task_run_twice_and_a_night_without_a_delivery_change_nothing(put: Put, timbang: Dataset) -> None:
    put(timbang, f"{HEADER}\n3604050502210001;ANAK;2021-02-05;9,5;1\n", "good.csv", 0)
    put(timbang, "Nama;Kolom lain\nANAK;1\n", "bad.csv", 1)
    [receipts] = ingest.receive(timbang)
    [refusal] = ingest.load(timbang, receipts)
    assert ingest.load(timbang, receipts) == [refusal]
    assert refusal.startswith("bad.csv: ")
    judge(timbang)
    before = everything()
    assert ingest.receive(timbang) == []
    judge(timbang)
    assert everything() == before


def test_the_end_of_a_day_is_serangs() -> None:
    assert end_of_day(date(2026, 3, 1)) == datetime(2026, 3, 1, 16, 59, 59, 999999)


@pytest.fixture
def first_day(put: Put, timbang: Dataset, monkeypatch: pytest.MonkeyPatch) -> date:
    """The day on which the one delivery came."""
    put(timbang, f"{HEADER}\n3604050502210001;ANAK;2021-02-05;9,5;1\n", "a.csv", 0)
    night(timbang)
    monkeypatch.setattr(believed, "_prevalence", lambda con: {})
    with warehouse.connect() as con:
        [(moment,)] = con.execute("select counts_from from audit.deliveries").fetchall()
    return moment.replace(tzinfo=UTC).astimezone(SERANG).date()


PREVALENCE = believed._prevalence


def believe(monkeypatch: pytest.MonkeyPatch, day: date, run_dbt: Callable[..., int]) -> int:
    monkeypatch.setattr("sys.argv", ["believed", str(day)])
    monkeypatch.setattr(believed, "run_dbt", run_dbt)
    return exit_code(believed.main)


def make_marts(*_: str) -> int:
    with warehouse.connect() as con:
        con.execute("create schema marts; create table marts.t as select 7 as n; create view marts.v as from marts.t")
    return 0


def test_a_day_to_come_and_one_before_the_first_are_refused(
    first_day: date, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for day, said in (
        (datetime.now(SERANG).date() + timedelta(days=1), " has not come yet; give a day up to "),
        (first_day - timedelta(days=1), f"; the first delivery came on {first_day}."),
    ):
        assert believe(monkeypatch, day, make_marts) == 2
        assert said in capsys.readouterr().err


def test_without_marts_nothing_is_built_and_nothing_goes(
    first_day: date, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(believed, "_prevalence", PREVALENCE)
    (settings.DATA / "believed.duckdb").write_bytes(b"of another day")
    assert believe(monkeypatch, first_day, make_marts) == 2
    assert capsys.readouterr().err == "The working database holds no marts yet; run make nightly.\n"
    assert (settings.DATA / "believed.duckdb").exists()


def test_what_is_broken_off_leaves_no_database_of_another_day(first_day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(*_: str) -> int:
        assert not (settings.DATA / "believed.duckdb").exists()
        raise KeyboardInterrupt

    for run_dbt, code in ((broken_off, None), (lambda *_: 1, 1)):
        assert believe(monkeypatch, first_day, make_marts) == 0
        assert [path.name for path in settings.DATA.glob("*believed*")] == ["believed.duckdb"]
        if code is None:
            with pytest.raises(KeyboardInterrupt):
                believe(monkeypatch, first_day, run_dbt)
        else:
            assert believe(monkeypatch, first_day, run_dbt) == code
        assert not list(settings.DATA.glob("*believed*"))


def test_the_marts_of_a_day_can_be_asked_and_nothing_else(
    first_day: date, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert believe(monkeypatch, first_day, make_marts) == 0
    assert "encrypted; read them by make sql BELIEVED=1" in capsys.readouterr().out
    with sql.open_believed() as con:
        assert con.execute("show tables").fetchall() == [("t",), ("v",)]
        assert con.execute("from v").fetchall() == [(7,)]
        for statement in (
            "from warehouse.uji.timbang",
            "from read_text('/etc/hostname')",
            "set enable_external_access = true",
            f"attach '{settings.DATA / 'believed.duckdb'}' as other",
        ):
            with pytest.raises(duckdb.Error):
                con.execute(statement).fetchall()


def test_files_are_loaded_side_by_side_and_one_that_stops_leaves_none_half(
    put: Put, timbang: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "THREADS", 4)
    for file in range(12):
        rows = [f"36040505022100{file:02};ANAK;2021-02-{day:02};9,5;1" for day in range(1, 4)]
        put(timbang, "\n".join([HEADER, *rows, ""]), f"{file}.csv", file)
    [receipts] = ingest.receive(timbang)
    loading = ingest.load_delivery

    def stopped(con: Any, dataset: Dataset, delivery: Delivery, file: Path) -> str | None:
        if delivery.file_name == "5.csv":
            raise ReadingStopped("5.csv: the disk is full.")
        return loading(con, dataset, delivery, file)

    monkeypatch.setattr(ingest, "load_delivery", stopped)
    with pytest.raises(ReadingStopped, match="the disk is full"):
        ingest.load(timbang, receipts)
    monkeypatch.setattr(ingest, "load_delivery", loading)
    assert ingest.load(timbang, receipts) == []
    with warehouse.connect() as con:
        counts = con.execute("select count(*) from uji.timbang group by _delivery_id").fetchall()
        assert con.execute("select count(*), sum(rows_read) from audit.deliveries").fetchall() == [(12, 36)]
    assert counts == [(3,)] * 12


def night(dataset: Dataset) -> None:
    for receipts in ingest.receive(dataset):
        assert ingest.load(dataset, receipts) == []
    judge(dataset)


def judge(dataset: Dataset) -> None:
    with warehouse.connect() as con:
        judge_without_gx(con, dataset)


def everything() -> list[list[Any]]:
    with warehouse.connect() as con:
        return [con.execute(f"from {table} order by all").fetchall() for table in ("uji.timbang", "audit.deliveries")]
