"""A model that fails on a cell: dbt says which model and what kind of error, on no way the cell."""

import traceback
from pathlib import Path

import pytest

from include import build, settings, warehouse

CELL, NUMBER = "SITIMAH\nAMINAHWATI", 3604050502210001
PROJECT = "name: uji\nversion: 1.0.0\nprofile: tegak\nflags: {send_anonymous_usage_stats: false}\n"
MODELS = {
    "quoted": "select name::integer as n from warehouse.raw.persons",
    "counted": "select nik * nik as n from warehouse.raw.persons",
    "folded": "select nik::tinyint as n from warehouse.raw.persons",
    "of_code": "select nope as n from warehouse.raw.persons",
}


@pytest.fixture
def target(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of dbt's with models that fail on the cells of one person in the working database."""
    project, target = data / "project", data / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (project / "profiles.yml").write_bytes((settings.DBT_PROJECT / "profiles.yml").read_bytes())
    for name, query in MODELS.items():
        (project / "models" / f"{name}.sql").write_text("{{ config(materialized='table') }} " + query, encoding="utf-8")
    with warehouse.connect() as con:
        con.execute("create table raw.persons as select ? as name, ?::bigint as nik", [CELL, NUMBER])
    monkeypatch.setattr(settings, "DBT_PROJECT", project)
    monkeypatch.setattr(build, "TARGET", target)
    monkeypatch.delenv("DBT_PARTIAL_PARSE_FILE_PATH", raising=False)
    return target


def test_no_cell_of_a_failing_model_is_written_anywhere(target: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(build.BuildFailed) as failed:
        build.build_models()
    written = {path.name: path.read_text(encoding="utf-8", errors="replace") for path in target.rglob("*.*")}
    written |= {"terminal": "".join(capfd.readouterr()), "exception": "".join(traceback.format_exception(failed.value))}
    for where in ("terminal", "dbt.log", "run_results.json"):
        assert "Could not convert string '...'" in written[where], where
        assert "Overflow in multiplication of INT64 (... * ...)" in written[where], where
        assert 'Referenced column "nope"' in written[where].replace("\\", ""), f"{where}: the author needs the name"
    for name in MODELS:
        assert f"model.uji.{name}: " in str(failed.value)
    for where, text in written.items():
        for cell in (*CELL.split("\n"), str(NUMBER)):
            assert cell not in text, where


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select ?::integer", "Conversion Error: Could not convert string '...'"),
        ("select strptime(?, '%Y')", "Invalid Input Error: Could not parse string '...'"),
        (f"select {NUMBER} * {NUMBER} || ?", "Out of Range Error: Overflow in multiplication of INT64 (... * ...)!"),
        (
            f"select ({NUMBER}::bigint)::integer || ?",
            (
                "Conversion Error: Type INT64 with value ... can't be cast because the value is out of range for the "
                "destination type INT32"
            ),
        ),
    ],
)
def test_an_error_tells_neither_a_cell_with_a_line_end_nor_a_number(data: Path, query: str, told: str) -> None:
    with pytest.raises(warehouse.duckdb.Error) as raised, warehouse.connect() as con:
        con.execute(query, [CELL])
    assert str(raised.value) == told
