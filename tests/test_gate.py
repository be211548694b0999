"""Each rule means the same thrice: to Great Expectations, to dbt, and to the SQL that quarantines."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from include import gate, ingest, settings, settle, validate, warehouse, words
from include.contract import Dataset, Rule
from include.contract_reader import find_dataset
from include.gate import GateDisagrees, find_failures, pass_gate
from include.validate import COUNTS_ONLY, run_suite
from include.words import WORDS, all_rules, expectation
from tests.conftest import CONTRACTS

Put = Callable[..., Path]
DESA = "36.04.05.2001"

# Row 2 is the first under the header. {today} and {tomorrow} are Serang's.
DIRTY = """\
Baris;Kode;Kelamin;Berat;Lahir;Desa
1;AA1;L;10;2020-01-01;36.04.05.2001
2;BB2;P;10;2020-01-01;36.04.05.2001
3;BB2;P;10;2020-01-01;36.04.05.2002
4;;P;10;2020-01-01;36.04.05.2001
5;aa1;L;10;2020-01-01;36.04.05.2001
6;CC1234;L;10;2020-01-01;36.04.05.2001
7;DD7;l;10;2020-01-01;36.04.05.2001
8;DD8;-;10;2020-01-01;36.04.05.2001
9;DD9;L;0,9;2020-01-01;36.04.05.2001
10;EE10;L;58;2020-01-01;36.04.05.2001
11;EE11;L;58,1;2020-01-01;36.04.05.2001
12;EE12;L;0,89;2020-01-01;36.04.05.2001
13;EE13;L;sepuluh;2020-01-01;36.04.05.2001
14;EE14;L;10;{today};36.04.05.2001
15;EE15;L;10;{tomorrow};36.04.05.2001
16;EE16;L;10;-;36.04.05.2001
17;EE17;L;10;2020-01-01;36.04.99.9999
18;EE18;L;10;2020-01-01;-
;EE19;L;10;2020-01-01;36.04.05.2001
20;EE20;Laki;-3;{tomorrow};Kramatwatu
21;EE21
"""
# Counts per desa and quarter; a repeat in two spellings of the desa is not told here, it is one desa only to the mart.
REPORTS = """\
Kecamatan;Desa;Kode Desa;Tahun;Triwulan;Jumlah KK;KK Terlayani;Pagu
Kramatwatu;Margasana;36.04.05.2002;2026;1;100;100;0
KEC. KRAMATWATU;Desa marga-sana;36.04.05.2002;2026;2;100;0;1
Padarincang;Kelumpang;-;2026;1;100;90;Rp 1.000.000
Ciomas;Ciomas;-;2026;1;100;90;1
Kragilan;Tegal Mja;-;2026;1;100;90;1
Keramatwatu;Margasana;-;2026;1;100;90;1
-;Margasana;-;2026;3;100;90;1
Kramatwatu;-;-;2026;3;100;90;1
Kramatwatu;123;-;2026;1;100;90;1
Kramatwatu;Pejaten;3604220003;2026;1;100;90;1
Kramatwatu;Pejaten;3604052002;2026;2;100;90;1
Kramatwatu;Pejaten;36.04.99.2002;2026;3;100;90;1
Kramatwatu;Toyomerto;-;2026;1;100;101;1
Kramatwatu;Toyomerto;-;2026;2;100;-;1
Kramatwatu;Toyomerto;-;2026;3;-;90;1
Kramatwatu;Harjatani;-;2026;1;100;90;1
Kramatwatu;Harjatani;-;2026;1;100;91;1
Kramatwatu;Harjatani;-;2026;2;100;90;1
Kramatwatu;Harjatani;-;2026;2;100;90;1
Kramatwatu;Harjatani;-;2026;-;100;90;1
Kramatwatu;Harjatani;-;2026;-;100;91;1
Kramatwatu;Harjatani;-;2026;3;100;90;1
Kramatwatu;Harjatani;-;2026;3;100;90;1
Kramatwatu;Harjatani;-;2026;3;100;90;2
Kramatwatu;Tonjong;-;2026;1;100;90;-5
"""
FAILING = {
    "uji.kotor": {
        "baris.not_null": {20, 22},
        "kode.not_null": {5, 22},
        "kode.unique": {3, 4},
        "kode.matches": {6, 7},
        "kelamin.accepted_values": {8, 21},
        "berat.in_range": {12, 13, 21},
        "lahir.not_in_future": {16, 21},
        "desa.relationships": {18, 21},
    },
    "lapor.capaian": {
        "kecamatan_name.known_kecamatan": {7},
        "desa_name.known_desa": {5, 6, 7, 10},
        "desa_code.known_desa_code": {11, 12, 13},
        "quarter_no.once_per": {17, 18, 23, 24, 25},
        "reached_families.not_above": {14},
        "budget_rp.in_range": {26},
    },
}
IMPLIED = {"uji.kotor": {"_line.whole_row": {22}, "berat.readable": {14}}, "lapor.capaian": {}}
# a row that cannot be split is told once, although its empty cells break not_null as well
TOLD_ONCE = {"uji.kotor": {"kode.not_null": {5}, "baris.not_null": {20}}, "lapor.capaian": {}}
DATASETS = [find_dataset("uji", "kotor", CONTRACTS), find_dataset("lapor", "capaian", CONTRACTS)]
each_table = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.table)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working database that holds the dirty tables, not yet judged; settings point to its folder."""
    folder = tmp_path_factory.mktemp("dirty")
    with pytest.MonkeyPatch.context() as patch:
        for name, place in {"DATA": ".", "LANDING": "landing", "ARCHIVE": "archive", "WAREHOUSE": "w.duckdb"}.items():
            patch.setattr(settings, name, folder / place)
        today = (datetime.now(UTC) + timedelta(hours=7)).date()  # in Serang, where the file is put down
        dirty_rows = DIRTY.format(today=today, tomorrow=today + timedelta(days=1))
        for dataset, period, content in zip(DATASETS, ("2026-10", "2026-Q3"), (dirty_rows, REPORTS), strict=True):
            file = folder / "landing" / dataset.agency / dataset.name / period / "dirty.csv"
            file.parent.mkdir(parents=True)
            file.write_text(content, encoding="utf-8")
            for receipts in ingest.receive(dataset):
                assert ingest.load(dataset, receipts) == []
        yield folder


@each_table
def test_the_quarantine_sql_finds_the_failing_rows(dirty: Path, dataset: Dataset) -> None:
    with warehouse.connect() as con:
        deliveries = [row[0] for row in con.execute(f"select distinct _delivery_id from {dataset.table}").fetchall()]
        counts = find_failures(con, dataset, deliveries)
        found = con.execute(
            "select column_name || '.' || rule, delivery_row from audit.quarantine where dataset = ?", [dataset.name]
        ).fetchall()
    rows: dict[str, set[int]] = {}
    for rule, row in found:
        rows.setdefault(rule, set()).add(row)
    failing = FAILING[dataset.table] | IMPLIED[dataset.table]
    assert rows == failing | TOLD_ONCE[dataset.table]
    assert counts == {rule: len(rows) for rule, rows in failing.items()}


@each_table
def test_great_expectations_finds_the_same_rows(dirty: Path, dataset: Dataset) -> None:
    rows_too = {"result_format": "COMPLETE", "unexpected_index_column_names": ["_row"]}
    result = run_suite(dataset, [], f"select * from {dataset.table}", rows_too)
    found = {}
    for one in result.results:
        assert not one.exception_info.get("raised_exception"), one.exception_info
        rows = one.result.get("unexpected_index_list") or one.result.get("details", {}).get("unexpected_rows") or []
        found[one.expectation_config.meta["rule"]] = {row["_row"] for row in rows}
    assert {rule: rows for rule, rows in found.items() if rows} == FAILING[dataset.table] | IMPLIED[dataset.table]
    assert sorted(found) == sorted(rule.name for rule in all_rules(dataset))


@each_table
def test_great_expectations_counts_in_one_pass_and_fetches_no_row(dirty: Path, dataset: Dataset) -> None:
    statements: list[str] = []

    def note(_con: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        run_suite(dataset, [], f"select * from {dataset.table}", COUNTS_ONLY)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len([text for text in statements if "sum(CASE" in text]) == 1
    windows = [rule for rule in all_rules(dataset) if WORDS[rule.word].over_rows]
    assert len([text for text in statements if "unexpected_row_count" in text]) == len(windows)
    assert not [text for text in statements if text.lstrip().lower().startswith("select _row")]


def test_a_column_of_which_no_cell_can_be_read_fails(dirty: Path) -> None:
    dataset = DATASETS[0]
    query = f"select * replace (null::double as berat, ['berat'] as _unreadable) from {dataset.table}"
    [result] = [one for one in validate.validate(dataset, [], query) if one.rule == "berat.readable"]
    assert (result.success, result.unexpected_count) == (False, result.element_count)


PROJECT = """
name: uji
version: "1.0.0"
profile: uji
flags: {send_anonymous_usage_stats: false}
data_tests: {+store_failures: true, +schema: failures}
seeds: {uji: {+column_types: {desa_code: varchar, kecamatan_code: varchar, bps_code: varchar}}}
"""
PROFILE = "uji: {target: t, outputs: {t: {type: duckdb, path: w.duckdb, threads: 1}}}"
# what dbt keeps of a failing row when it does not keep the row itself
KEPT_VALUE = {"unique": "unique_field", "accepted_values": "value_field", "relationships": "from_field"}
PLACES = ("ref_kecamatan", "ref_desa", "ref_desa_aliases")


def test_dbt_finds_the_same_rows(dirty: Path, tmp_path: Path) -> None:
    for folder in ("models", "seeds", "macros", "tests"):
        (tmp_path / folder).mkdir()
    with warehouse.connect(read_only=True) as con:
        con.execute(f"attach '{tmp_path}/w.duckdb' as plain")
        con.execute("copy from database warehouse to plain")
    for dataset in DATASETS:
        shutil.copy(CONTRACTS / dataset.agency / f"_{dataset.agency}__sources.yml", tmp_path / "models")
    for seed in PLACES:
        shutil.copy(settings.REGENCY_SEEDS / f"{seed}.csv", tmp_path / "seeds")
    for macros in ("names.sql", "keys.sql", "dialect.sql"):
        shutil.copy(settings.DBT_PROJECT / "macros" / macros, tmp_path / "macros")
    shutil.copytree(settings.DBT_PROJECT / "tests" / "generic", tmp_path / "tests" / "generic")
    (tmp_path / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    sources = [f"source:{dataset.table}" for dataset in DATASETS]
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--select", *PLACES, *sources]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    nodes = json.loads((tmp_path / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    found: dict[str, dict[str, set[int]]] = {}
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as con:
        for test in nodes:
            table = ".".join(test["sources"][0]) if test["resource_type"] == "test" else None
            if table in FAILING:
                found.setdefault(table, {})[_rule(test)] = _failing_rows(con, test, table)
    assert found == FAILING, done.stdout


def _rule(test: dict[str, Any]) -> str:
    return f"{test['column_name']}.{test['test_metadata']['name']}"


def _failing_rows(con: duckdb.DuckDBPyConnection, test: dict[str, Any], table: str) -> set[int]:
    kept, column = KEPT_VALUE.get(test["test_metadata"]["name"]), test["column_name"]
    condition = f"{column} in (select {kept} from failing)" if kept else "_row in (select _row from failing)"
    query = f"with failing as (select * from {test['relation_name']}) select _row from {table} where {condition}"
    return {row for (row,) in con.execute(query).fetchall()}


@pytest.fixture
def clean(data: Path, timbang: Dataset, put: Put) -> Dataset:
    """One delivery of three good rows and a bad one, loaded and waiting for the gate."""
    rows = [f"360405050221000{n};ANAK {n};2021-02-05;9,5;1" for n in range(3)] + ["3604050502210009;-;2021-02-05;9;1"]
    put(timbang, "\n".join(["NIK;Nama;Tgl Lahir;Berat (kg);Jumlah", *rows]), "a.csv", 0)
    for receipts in ingest.receive(timbang):
        assert ingest.load(timbang, receipts) == []
    return timbang


def test_the_gate_settles_the_rows_and_keeps_counts_without_any_value(clean: Dataset) -> None:
    verdict = ingest.gate(clean)
    assert (verdict["periods"], verdict["held"]) == (["2026-10"], 0)
    with warehouse.connect() as con:
        settled = con.execute("select _row, _status from uji.timbang order by _row").fetchall()
        assert settled == [(2, "accepted"), (3, "accepted"), (4, "accepted"), (5, "quarantined")]
        results = con.execute(
            "select expectation, success, unexpected_count from audit.expectation_results order by 1"
        ).fetchall()
        kept = con.execute("select * from audit.expectation_results").fetchall()
    assert results == [
        ("_line.whole_row", True, 0),
        ("berat.readable", True, 0),
        ("jumlah.readable", True, 0),
        ("lahir.readable", True, 0),
        ("nama.not_null", False, 1),
    ]
    assert "ANAK" not in str(kept)
    assert "36040505" not in str(kept)


def test_a_second_pass_has_nothing_to_judge(clean: Dataset) -> None:
    ingest.gate(clean)
    assert pass_gate(clean).periods == []
    with warehouse.connect() as con:
        assert con.execute("select count(*) from audit.expectation_results").fetchall() == [(5,)]


def test_what_stops_half_way_settles_nothing(clean: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise OSError("no room is left")

    def settled() -> list[tuple[object, ...]]:
        with warehouse.connect() as con:
            return con.execute(
                "select d.status, t._row, t._status from audit.deliveries as d, uji.timbang as t order by t._row"
            ).fetchall()

    before = settled()
    monkeypatch.setattr(settle, "settle_items", stop)
    with pytest.raises(OSError, match="no room"):
        pass_gate(clean)
    assert settled() == before
    assert {status for status, _, _ in before} == {"waiting"}


@pytest.mark.parametrize("wrong", ["nama is null and false", "nama is not null"])
def test_the_gate_stops_when_its_two_engines_disagree(
    clean: Dataset, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setitem(words.WORDS, "not_null", replace(words.WORDS["not_null"], fails=lambda rule, dataset: wrong))
    with pytest.raises(GateDisagrees, match=r"uji/timbang: nama\.not_null fails 1 rows in Great Expectations"):
        pass_gate(clean)
    with warehouse.connect() as con:
        assert con.execute("select count(*) from uji.timbang where _status = 'accepted'").fetchall() == [(0,)]
        assert con.execute("select status from audit.deliveries").fetchall() == [("waiting",)]


def test_the_gate_stops_when_great_expectations_cannot_run_a_rule(
    clean: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_such = Rule("not_null", "tidak_ada", {}, "error", 1.0)
    monkeypatch.setattr(validate, "expectation", lambda rule, dataset: expectation(no_such, dataset))
    with pytest.raises(GateDisagrees, match="could not be validated"):
        pass_gate(clean)


def test_a_file_and_its_correction_in_one_night_are_not_doubles_of_each_other(
    data: Path, kotor: Dataset, put: Put
) -> None:
    header = "Baris;Kode;Kelamin;Berat;Lahir;Desa\n"
    put(kotor, f"{header}1;AA1;L;10;2020-01-01;{DESA}\n2;AA2;L;10;2020-01-01;{DESA}\n", "a.csv", 0)
    put(kotor, f"{header}1;AA1;L;11;2020-01-01;{DESA}\n2;AA2;L;10;2020-01-01;{DESA}\n", "b.csv", 1)
    for receipts in ingest.receive(kotor):
        ingest.load(kotor, receipts)
    assert ingest.gate(kotor)["held"] == 0
    with warehouse.connect() as con:
        accepted = con.execute("select kode, berat from uji.kotor where _status = 'accepted' order by 1").fetchall()
    assert accepted == [("AA1", 11.0), ("AA2", 10.0)]


# --- judgement on the real weighings ---------------------------------------------------------------------------------

WEIGHINGS = find_dataset("dinkes", "penimbangan")
COLUMNS = {
    "NIK": "{nik:016}",
    "Nama": "ANAK {n}",
    "JK": "L",
    "Tgl Lahir": "2021-02-05",
    "BB Lahir": "3",
    "Nama Ortu": "IBU",
    "Kab/Kota": "{regency}",
    "Kec": "Kramatwatu",
    "Pukesmas": "{puskesmas}",
    "Desa/Kel": "Margasana",
    "Posyandu": "Melati",
    "Tanggal Pengukuran": "2026-{month:02}-14",
    "Berat": "14.5",
    "Tinggi": "{height}",
    "LiLA": "15",
}


def weighings(
    rows: int, month: int, regency: str = "SERANG", puskesmas: str = "Kramatwatu", height: str = "101.3"
) -> str:
    cells = [
        ";".join(COLUMNS.values()).format(
            n=n, nik=3604050502210000 + n, month=month, regency=regency, puskesmas=puskesmas, height=height
        )
        for n in range(rows)
    ]
    return "\n".join([";".join(COLUMNS), *cells])


def after(put: Put, *files: tuple[int, str]) -> list[tuple[str, str]]:
    """Load files of months, judge them, and return status and reason of each."""
    for minute, (month, content) in enumerate(files):
        put(WEIGHINGS, content, f"{minute}.csv", minute, f"2026-{month:02}")
    for receipts in ingest.receive(WEIGHINGS):
        assert ingest.load(WEIGHINGS, receipts) == []
    with warehouse.connect() as con:
        gate.judge_without_gx(con, WEIGHINGS)
        query = "select status, coalesce(reason, '') from audit.deliveries order by file_name"
        return con.execute(query).fetchall()


@pytest.mark.parametrize(
    ("regency", "status"),
    [("SERANG", "loaded"), ("KAB. SERANG", "loaded"), ("Kabupaten Serang", "loaded"), ("PANDEGLANG", "held")]
    + [("KOTA SERANG", "held")],  # the city is another regency of the same name
)
def test_an_export_made_for_another_regency_is_held(put: Put, regency: str, status: str) -> None:
    [(found, reason)] = after(put, (9, weighings(50, 9, regency)))
    assert found == status
    assert ("regency" in reason) == (status == "held")


def test_one_family_that_moved_does_not_hold_an_export(put: Put) -> None:
    content = weighings(200, 9).replace(";SERANG;", ";LEBAK;", 1)
    assert after(put, (9, content)) == [("loaded", "")]


def test_an_export_cut_short_is_held_and_a_whole_one_frees_it(put: Put) -> None:
    assert after(put, (8, weighings(100, 8)), (9, weighings(60, 9)))[1][0] == "held"
    with warehouse.connect() as con:
        months = con.execute("select _period, count(*) from dinkes.penimbangan where _status = 'accepted' group by all")
        assert months.fetchall() == [("2026-08", 100)]
    found = after(put, (8, weighings(100, 8)), (9, weighings(60, 9)), (9, weighings(99, 9)))
    assert [status for status, _ in found] == ["loaded", "loaded", "loaded"]


@pytest.mark.parametrize(("before", "now"), [(100, 70), (49, 10)])
def test_a_smaller_month_within_bounds_is_no_export_cut_short(put: Put, before: int, now: int) -> None:
    assert after(put, (8, weighings(before, 8)), (9, weighings(now, 9))) == [("loaded", ""), ("loaded", "")]


def test_a_warning_is_listed_for_the_agency_and_quarantines_nothing(put: Put) -> None:
    assert after(put, (9, weighings(50, 9).replace(";3;IBU", ";3100;IBU"))) == [("loaded", "")]  # grams for kilograms
    with warehouse.connect() as con:
        assert con.execute("select distinct column_name, severity from audit.quarantine").fetchall() == [
            ("birth_weight_kg", "warn")
        ]
        assert con.execute("select distinct _status from dinkes.penimbangan").fetchall() == [("accepted",)]


def test_each_puskesmas_is_compared_with_itself(put: Put) -> None:
    first = (8, weighings(100, 8) + weighings(100, 8, puskesmas="Anyar").partition("\n")[2].join(["\n", ""]))
    second = (9, weighings(100, 9) + weighings(20, 9, puskesmas="Anyar").partition("\n")[2].join(["\n", ""]))
    assert after(put, first, second)[1][0] == "held"


def test_whole_centimetres_and_masked_niks_are_reported_and_hold_nothing(data: Path, put: Put) -> None:
    content = weighings(60, 9, height="101").replace("360405050221", "36040*******")
    put(WEIGHINGS, content, "a.csv", 0, "2026-09")
    for receipts in ingest.receive(WEIGHINGS):
        ingest.load(WEIGHINGS, receipts)
    assert ingest.gate(WEIGHINGS)["held"] == 0
    with warehouse.connect() as con:
        failed = con.execute(
            "select expectation from audit.expectation_results where not success order by 1"
        ).fetchall()
        judged = con.execute("select judgement, severity, found from audit.judgements order by 1").fetchall()
    assert failed == [("height_digit_preference",), ("masked_nik_share",)]
    assert judged == [
        ("height_digit_preference", "warning", "100.0 %"),
        ("masked_nik_share", "warning", "100.0 %"),
        ("other_regency_share", "critical", None),
        ("row_volume_against_last_period", "critical", None),
    ]


def test_the_gate_stops_when_its_two_engines_judge_differently(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(WEIGHINGS, weighings(60, 9, height="101"), "a.csv", 0, "2026-09")
    for receipts in ingest.receive(WEIGHINGS):
        ingest.load(WEIGHINGS, receipts)
    monkeypatch.setattr(gate, "_judge", lambda con, dataset, deliveries: {})
    with pytest.raises(GateDisagrees, match="height_digit_preference fails 1 rows in Great Expectations, 0 in our SQL"):
        pass_gate(WEIGHINGS)


MONEY = "Kode Indikator;Kode Sub Kegiatan;Sub Kegiatan;Perangkat Daerah;Tahun;Triwulan;Pagu;Realisasi\n"
FUNDS = "Kode Desa;Nama Desa;Tahun;Triwulan;Pagu Dana Desa;Anggaran Stunting;Realisasi Stunting\n"


@pytest.mark.parametrize(
    ("dataset", "head", "row"),
    [
        (find_dataset("bappeda", "anggaran"), MONEY, "stunting;5.01.03.2.02.0006;Monitoring;Bappeda;2026;{};900;{}"),
        (find_dataset("dpmd", "dana_desa"), FUNDS, "36.04.05.2001;Kramatwatu;2026;{};9000;900;{}"),
    ],
    ids=["budgets", "village funds"],
)
@pytest.mark.parametrize(("spent", "failed"), [(100, []), (99, [("spending_falls_between_quarters",)])])
def test_spending_that_falls_in_the_year_is_reported_and_holds_nothing(
    put: Put, dataset: Dataset, head: str, row: str, spent: int, failed: list[tuple[str]]
) -> None:
    put(dataset, head + row.format(2, 100), "a.csv", 0, "2026-Q2")
    put(dataset, head + row.format(3, spent), "b.csv", 1, "2026-Q3")
    for receipts in ingest.receive(dataset):
        assert ingest.load(dataset, receipts) == []
    assert ingest.gate(dataset)["held"] == 0
    with warehouse.connect() as con:
        found = con.execute("select expectation from audit.expectation_results where not success").fetchall()
        accepted = con.execute(f"select count(*) from {dataset.table} where _status = 'accepted'").fetchall()
    assert (found, accepted) == (failed, [(2,)])
