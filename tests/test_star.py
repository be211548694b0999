"""The star schema: the workbook of a zone, and what a release's own files say of its tables."""

import io
import json
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pytest
import python_calamine

from include import settings
from include.compare import key_of
from include.star import DICTIONARY, GUIDE, MONTHS, QUARTERS, WORKBOOK, write_workbook
from tests.night import Night

ZONES = ("public", "task_force")
AS_OF = {"dinkes/penimbangan": "2026-10"}
DIMENSIONS = {
    "desa_code": "dim_desa.desa_code",
    "kecamatan_code": "dim_kecamatan.kecamatan_code",
    "puskesmas_code": "dim_puskesmas.puskesmas_code",
    "month": "dim_month.month",
    "quarter": "dim_month.month",
    "agency": "dim_opd.agency",
    "indicator_id": "dim_indicator.indicator_id",
}
MONTHS_OF_DELIVERIES = {"data_quality_judgements", "data_quality_rules", "returns_progress"}


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A public zone of three years with one desa of an awkward name, some of its tables, and one of them empty."""
    monkeypatch.setattr(settings, "DATA", tmp_path)
    folder = tmp_path / "public"
    folder.mkdir()
    with duckdb.connect(str(folder / "tegak.duckdb")) as con:
        con.execute("create table dim_desa (desa_code varchar, desa_name varchar, is_puskesmas_verified boolean)")
        con.execute(
            """insert into dim_desa values ('36.04.05.2001', '=1+1 "Desa" <b>', false), ('36.04.05.2002', null, null)"""
        )
        con.execute(
            "create table fact_stunting as select '36.04.05.2001' as desa_code, month::date as month, 10 as due, "
            "null::bigint as stunted, 12.34 :: double as stunted_pct, 'stunted' as suppressed "
            "from range(date '2024-01-01', date '2027-01-01', interval 1 month) as r(month)"
        )
        con.execute(
            "create table fact_indicator as select 'i' as indicator_id, month::date as month, 1::bigint as numerator "
            "from range(date '2024-01-01', date '2027-01-01', interval 3 month) as r(month)"
        )
        con.execute("create table stunting_by_kabupaten (month date, due bigint)")
        con.execute("create table release_info as select 'r' as release")
        con.execute("comment on table dim_desa is 'One row per desa.'")
        con.execute("comment on column dim_desa.desa_code is 'Kemendagri code.'")
    return folder


def sheets(path: Path) -> dict[str, list[list[object]]]:
    book = python_calamine.CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_sheet_per_table_of_the_zone_the_guide_first(zone: Path) -> None:
    found = sheets(write_workbook(zone, "2026-11-24T1", AS_OF))
    assert list(found) == [GUIDE, "fact_stunting", "stunting_by_kabupaten", "fact_indicator", "dim_desa", DICTIONARY]
    guide = {str(left): str(right) for left, right in found[GUIDE]}
    assert guide["Rilis"] == "2026-11-24T1"
    assert guide["dinkes/penimbangan"] == "2026-10"
    assert "tabel tingkatnya sendiri" in guide["Jangan menjumlah baris"]
    assert "di bawah 20" in guide["Persentase kosong"]
    assert guide["fact_stunting"].startswith(f"{MONTHS} baris dari 36")
    assert guide["fact_indicator"].startswith(f"{QUARTERS} baris dari 12")
    assert ["dim_desa", "desa_code", "Kemendagri code."] in found[DICTIONARY]


def test_codes_are_texts_and_no_name_is_a_formula(zone: Path) -> None:
    found = sheets(write_workbook(zone, "r", AS_OF))
    assert found["dim_desa"][1:] == [["36.04.05.2001", '\'=1+1 "Desa" <b>', False], ["36.04.05.2002", "", ""]]
    first = found["fact_stunting"][1]
    assert first[:3] == ["36.04.05.2001", date(2025, 1, 1), 10]


def test_suppressed_is_hatched_and_unknown_is_not(zone: Path) -> None:
    path = write_workbook(zone, "r", AS_OF)
    with zipfile.ZipFile(path) as book:
        pages = {name: book.read(name).decode() for name in book.namelist()}
    shown = next(
        page for page in pages.values() if "fact_stunting" not in page and "36.04.05.2001" in page and 'r="D2"' in page
    )
    [style] = re.findall(r'<c r="D2" s="(\d+)"/>', shown)
    fills = re.findall(r"<fill>.*?</fill>", pages["xl/styles.xml"])
    looks = re.findall(r"<xf [^>]*fillId=\"(\d+)\"", pages["xl/styles.xml"].split("<cellXfs")[1])
    assert 'patternType="' in fills[int(looks[int(style)])]
    assert "solid" not in fills[int(looks[int(style)])]
    names = next(page for page in pages.values() if "&lt;b&gt;" in page)
    assert 'r="B3"' not in names  # a name that is unknown is no cell at all


def test_a_table_without_rows_says_so(zone: Path) -> None:
    assert sheets(write_workbook(zone, "r", AS_OF))["stunting_by_kabupaten"][1] == [
        "Tidak ada baris dalam rilis ini.",
        "",
    ]


def test_an_empty_release_still_has_its_guide(zone: Path) -> None:
    with duckdb.connect(str(zone / "tegak.duckdb")) as con:
        for table in ("dim_desa", "fact_stunting", "fact_indicator", "stunting_by_kabupaten"):
            con.execute(f"drop table {table}")
    found = sheets(write_workbook(zone, "r", {}))
    assert list(found) == [GUIDE, DICTIONARY]
    assert "Belum ada kiriman yang diterima." in {line[1] for line in found[GUIDE]}


def test_the_same_tables_give_the_same_bytes(zone: Path) -> None:
    once = write_workbook(zone, "r", AS_OF).read_bytes()
    assert write_workbook(zone, "r", AS_OF).read_bytes() == once
    assert write_workbook(zone, "s", AS_OF).read_bytes() != once
    assert [path.name for path in zone.iterdir() if path.name not in ("tegak.duckdb", WORKBOOK)] == []


@pytest.mark.parametrize("name", ZONES)
def test_a_release_says_what_each_of_its_tables_and_columns_is(night: Night, name: str) -> None:
    folder = night.release() / name
    with duckdb.connect(str(folder / "tegak.duckdb"), read_only=True) as con:
        silent = con.execute("select table_name from duckdb_tables() where coalesce(comment, '') = ''").fetchall()
        silent += con.execute(
            "select table_name, column_name from duckdb_columns() where not internal and coalesce(comment, '') = ''"
        ).fetchall()
        assert silent == []
        comments = dict(
            con.execute("select column_name, comment from duckdb_columns() where table_name = 'dim_month'").fetchall()
        )
    told = duckdb.sql(
        f"select key::varchar, decode(value) from parquet_kv_metadata('{folder / 'dim_month'}.parquet')"
    ).fetchall()
    assert json.loads(dict(told)["columns"]) == comments
    assert dict(told)["description"].startswith("One row per month")


@pytest.mark.parametrize("name", ZONES)
def test_facts_say_what_their_marts_say_and_find_their_dimensions(night: Night, name: str) -> None:
    """In the public zone too: the same counts are suppressed, so the star betrays nothing."""
    hidden = ", suppressed" if name == "public" else ""
    counts = f"due, measured, coverage_pct, height_valid, stunted, stunted_pct, wasted, flagged{hidden}"
    figures = f"numerator, denominator, coverage_pct, records_known, records_due, completeness{hidden}"
    pairs = {
        f"select desa_code, month, {counts} from fact_stunting": f"select desa_code, month, {counts} from stunting_by_desa",
        f"select indicator_id, desa_code, month, {figures} from fact_indicator": (
            f"select indicator_id, area_code, quarter, {figures} from opd_progress where area_level = 'desa'"
        ),
    }
    with duckdb.connect(str(night.release() / name / "tegak.duckdb"), read_only=True) as con:
        for fact, mart in pairs.items():
            assert con.execute(f"select count(*) from ({fact})").fetchall()[0][0] > 0
            assert con.execute(f"({fact}) except all ({mart})").fetchall() == []
            assert con.execute(f"({mart}) except all ({fact})").fetchall() == []
        for fact, keys in (
            ("fact_stunting", "desa month kecamatan puskesmas"),
            ("fact_indicator", "desa month indicator opd"),
        ):
            for key in keys.split():
                column = {"month": "month", "indicator": "indicator_id", "opd": "agency"}.get(key, f"{key}_code")
                assert con.execute(f"from {fact} anti join dim_{key} using ({column})").fetchall() == []


def test_a_kecamatan_of_the_star_lacks_nothing_but_what_no_desa_is_known_of(night: Night) -> None:
    """That stands in its kecamatan in opd_progress alone; all kecamatan together have the same in both."""
    figures = "sum(numerator), sum(denominator), sum(records_known), sum(records_due)"
    unplaced = "(select indicator_id, month from fact_indicator where desa_code = 'unknown')"
    star = f"select indicator_id, month, kecamatan_code, {figures} from fact_indicator where (indicator_id, month)"
    mart = f"select indicator_id, quarter, area_code, {figures} from opd_progress where area_level = 'kecamatan'"
    placed = f"{star} not in {unplaced} group by all"
    told = f"{mart} and (indicator_id, quarter) not in {unplaced} group by all"
    counted = f"select indicator_id, month, {figures} from fact_indicator group by all"
    whole = f"select indicator_id, quarter, {figures} from opd_progress where area_level = 'kabupaten' group by all"
    with duckdb.connect(str(night.task_force() / "tegak.duckdb"), read_only=True) as con:
        for found, query in ((con.sql(placed), told), (con.sql(told), placed), (con.sql(counted), whole)):
            assert len(found) > 0
            assert found.except_(con.sql(query)).fetchall() == []


@pytest.mark.parametrize("name", ZONES)
def test_the_page_on_bi_has_each_table_with_its_key_and_its_joins(night: Night, name: str) -> None:
    page = (settings.ROOT / "docs" / "bi.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| `(\w+)` \| (.*?) \| (both|task force) \| (.*?) ?\|$", page, re.MULTILINE)
    told = {
        table: (re.findall(r"\w+", key), set(re.findall(r"\w+", joins)))
        for table, key, zone, joins in lines
        if zone == "both" or name == "task_force"
    }
    nodes = json.loads((night.data / "dbt" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    marts = {node["name"]: node for node in nodes.values() if node["resource_type"] == "model"}
    with duckdb.connect(str(night.release() / name / "tegak.duckdb"), read_only=True) as con:
        assert told.keys() == {table for (table,) in con.execute("select table_name from duckdb_tables()").fetchall()}
        for table, (key, joins) in told.items():
            columns = {column for column, *_ in con.execute(f"from {table} limit 0").description or []}
            joining = set() if table.startswith("dim_") else columns & DIMENSIONS.keys()
            assert joins == joining - ({"month"} if table in MONTHS_OF_DELIVERIES else set()), table
            assert key == (key_of(nodes, marts[table]) if table in marts else []), table
            for column in joins:
                dimension, found = DIMENSIONS[column].split(".")
                assert (
                    con.execute(
                        f"from {table} anti join {dimension} on {table}.{column} = {dimension}.{found}"
                    ).fetchall()
                    == []
                )


@pytest.mark.parametrize("name", ZONES)
def test_the_workbook_of_a_release_can_be_read(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    folder = tmp_path / name
    shutil.copytree(night.release() / name, folder)
    found = sheets(write_workbook(folder, "r", AS_OF))
    assert len(found["dim_desa"]) > 300
    assert len(found["fact_stunting"]) > 10
    assert len(io.BytesIO((folder / WORKBOOK).read_bytes()).getvalue()) < 20 * 2**20
