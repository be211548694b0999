"""What `make explain` lists for a number is what the number is made of, row for row of the agency's files."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from include import explain, settings, vault, warehouse
from include.explain import Unknown, find_number, ranges, total
from include.explain_indicators import INDICATORS, walk_indicator
from include.explain_weighings import AREAS, COUNTS, walk_weighings
from include.problem import exit_code
from include.score import score
from tests.night import Night


@pytest.fixture
def of_night(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA", night.data)
    monkeypatch.setattr(settings, "WAREHOUSE", night.data / "warehouse.duckdb")
    monkeypatch.setattr(settings, "CURRENT", night.data / "current")


@pytest.fixture
def con(of_night: None) -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse.open_to_read() as con:
        yield con


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["explain", *arguments])
    return exit_code(explain.main)


@pytest.mark.parametrize("column", COUNTS)
def test_the_children_of_the_rows_are_the_number_at_every_tier(con: duckdb.DuckDBPyConnection, column: str) -> None:
    for mart, (code, _) in AREAS.items():
        numbers = con.execute(f"select {code}, strftime(month, '%Y-%m-%d'), {column} from marts.{mart}").fetchall()
        largest = max(numbers, key=lambda number: number[2])
        smallest = min(numbers, key=lambda number: number[2])
        for area, month, value in (largest, smallest):
            walk_weighings(con, code, area, month, column)
            assert total(con) == value, (mart, area, month)


@pytest.mark.parametrize("indicator", INDICATORS)
def test_the_records_of_an_indicator_are_its_numerator_at_every_tier(
    con: duckdb.DuckDBPyConnection, indicator: str
) -> None:
    numbers = con.execute(
        "select area_level, area_code, strftime(quarter, '%Y-%m-%d'), coalesce(numerator, 0) from marts.opd_progress "
        "where indicator_id = ?",
        [indicator],
    ).fetchall()
    assert numbers
    for level, area, quarter, value in numbers:
        walk_indicator(con, indicator, level, area, quarter)
        assert total(con) == value, (level, area)


def test_every_indicator_with_a_feed_can_be_explained_and_most_have_figures(con: duckdb.DuckDBPyConnection) -> None:
    fed = con.execute("select indicator_id from seeds.indicators where source is not null").fetchall()
    assert {indicator for (indicator,) in fed} == {*INDICATORS, "konvergensi_1000hpk"}
    reached = con.execute("select distinct indicator_id from marts.opd_progress where numerator > 0").fetchall()
    assert len(reached) > len(INDICATORS) / 2


def test_the_rows_of_all_desa_are_the_rows_of_the_kabupaten(con: duckdb.DuckDBPyConnection) -> None:
    """No row makes two numbers, none is lost between the tiers."""
    rows = "select delivery_id, delivery_row from walked where counts"
    walk_weighings(con, "kabupaten_code", "36.04", "2026-10-01", "stunted")
    whole = con.execute(rows).fetchall()
    parts = []
    for (desa,) in con.execute("select desa_code from marts.stunting_by_desa where month = '2026-10-01'").fetchall():
        walk_weighings(con, "desa_code", desa, "2026-10-01", "stunted")
        parts += con.execute(rows).fetchall()
    assert len(whole) > 50
    assert sorted(parts) == sorted(whole)


def test_the_cells_of_the_rows_score_below_the_line_and_no_other_does(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """The rows are taken out of the raw cells again and scored by the command that scores any file."""
    walk_weighings(con, "kabupaten_code", "36.04", "2026-10-01", "stunted")
    con.execute(
        f"""
        copy (
            select walked.counts || '-' || row_number() over () as id,
                case children.sex when 'L' then 'm' else 'f' end as sex,
                sent.measured_on - children.born_on as age_days, sent.weight_kg, sent.height_cm as lenhei_cm,
                case lower(sent.position) when 'terlentang' then 'l' when 'berdiri' then 'h' end as measure
            from walked
            inner join dinkes.penimbangan as sent
                on walked.delivery_id = sent._delivery_id and walked.delivery_row = sent._row
            inner join intermediate.int_children as children on walked.subject = children.child_id
            where walked.counts or walked.why like 'counted in height_valid%'
        ) to '{tmp_path}/rows.csv' (header)
        """
    )
    score(tmp_path / "rows.csv", tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as stream:
        scores = [(row["id"].startswith("true"), float(row["zlen"])) for row in csv.DictReader(stream)]
    assert (
        len(scores)
        == con.execute(
            "select sum(height_valid) from marts.stunting_by_kabupaten where month = '2026-10-01'"
        ).fetchall()[0][0]
    )
    assert {(is_counted, z < -2) for is_counted, z in scores} == {(True, True), (False, False)}


def test_a_row_number_is_the_line_of_the_file(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    walk_weighings(con, "kabupaten_code", "36.04", "2026-10-01", "stunted")
    rows = con.execute(
        """
        select distinct on (file_name) agency || '/' || dataset || '/' || left(delivery_id, 64), delivery_row, child_name
        from walked
        inner join audit.deliveries using (delivery_id)
        inner join raw.dinkes__penimbangan on delivery_id = _delivery_id and delivery_row = _row
        where counts and file_name like '%.csv'
        """
    ).fetchall()
    assert rows
    for path, row, child_name in rows:
        content = vault.read_sealed(night.data / "archive" / path).replace(b"\0", b"")
        lines = content.decode("utf-8", errors="replace").splitlines()
        assert child_name in lines[row - 1], (path, row)


def test_every_row_sent_for_the_month_is_counted_or_has_a_reason(con: duckdb.DuckDBPyConnection) -> None:
    walk_weighings(con, "kabupaten_code", "36.04", "2026-10-01", "stunted")
    [(sent,)] = con.execute(
        "select count(*) from dinkes.penimbangan where _period = '2026-10' or date_trunc('month', measured_on) = '2026-10-01'"
    ).fetchall()
    found = con.execute("select count(*), count(*) filter (counts = (why is null)) from walked").fetchall()
    assert found == [(sent, sent)]
    [(quarantined, told)] = con.execute(
        """
        select count(*), count(*) filter (why like 'quarantined, %' or why = 'the whole delivery is held')
        from walked
        inner join dinkes.penimbangan on delivery_id = _delivery_id and delivery_row = _row and _status = 'quarantined'
        """
    ).fetchall()
    assert quarantined == told > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("stunting_by_desa 36.04.11.2003 2026-10", "Say mart, area code, month and column: make explain"),
        ("stunting_by_dsa 36.04.11.2003 2026-10 stunted", "nearest: stunting_by_desa"),
        ("stunting_by_desa 36.04.11.2093 2026-10 stunted", "36.04.11.2003 Pematang"),
        ("stunting_by_desa pemateng 2026-10 stunted", "nearest: 36.04.11.2003 Pematang"),
        ("stunting_by_desa 36.04.11.2003 2027-10 stunted", "2027-10 is no month of stunting_by_desa; nearest: 2026-10"),
        ("opd_progress bumil_ttd90 36.04.11 2026-Q3", "Say opd_progress, indicator, area code, quarter and column"),
        ("opd_progress bumil_ttd 36.04.11 2026-Q3 numerator", "nearest: bumil_ttd90"),
        ("opd_progress mpasi 36.04.11 2026-Q3 numerator", "mpasi is no indicator that can be explained"),
        ("opd_progress bumil_ttd90 kragilan 2026-Q3 numerator", "36.04.11 Kragilan"),
        ("opd_progress bumil_ttd90 unknown 2026-Q3 numerator", "Say which unknown: desa:unknown"),
        ("opd_progress bumil_ttd90 36.04.11 2029-Q3 numerator", "is no quarter of opd_progress; nearest: 2026-Q3"),
        (
            "stunting_by_desa 36.04.11.2003 2026-10 stunting",
            "is no column of stunting_by_desa that can be explained; known: due, ",
        ),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(con: duckdb.DuckDBPyConnection, words: str, message: str) -> None:
    with pytest.raises(Unknown) as error:
        find_number(con, words.split())
    assert message in str(error.value)


def test_files_rows_rules_and_no_name_are_printed(
    of_night: None, night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    listing = tmp_path / "rows.csv"
    assert run(monkeypatch, "stunting_by_kabupaten 36.04 2026-10 stunted_pct", "--csv", str(listing)) == 0
    text = capsys.readouterr().out
    for word in (
        "of height_valid",
        "dinkes/penimbangan",
        "quarantined, ",
        "int_measurements_scored",
        "who2006_lhfa",
    ):
        assert word in text, word
    assert f"Release {night.release().name}: stunted_pct = " in text
    assert listing.stat().st_mode & 0o777 == 0o600
    with listing.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with night.warehouse() as con:
        [(stunted,)] = con.execute(
            "select stunted from marts.stunting_by_kabupaten where month = '2026-10-01'"
        ).fetchall()
        names = {
            row[0] for row in con.execute("select distinct child_name from dinkes.penimbangan").fetchall() if row[0]
        }
    assert sum(row["counts"] == "True" for row in rows) == stunted > 0
    written = {cell for row in rows for cell in row.values()}
    assert written & names == set()


def test_an_agencys_figure_names_its_file_and_the_rules_on_the_way(
    of_night: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "opd_progress bumil_ttd90 36.04.11 2026-Q3 coverage_pct") == 0
    text = capsys.readouterr().out
    for word in ("of denominator", "dinkes/ibu_hamil", "int_pregnancies_delivered", "indicator_parameters"):
        assert word in text, word
    assert "int_measurements" not in text


def test_a_number_that_its_rows_do_not_make_is_said(
    night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("warehouse.duckdb", "keyring.json"):
        shutil.copy(night.data / name, tmp_path)
    (tmp_path / "dbt").symlink_to(night.data / "dbt")
    monkeypatch.setattr(settings, "DATA", tmp_path)
    monkeypatch.setattr(settings, "WAREHOUSE", tmp_path / "warehouse.duckdb")
    monkeypatch.setattr(settings, "CURRENT", tmp_path / "current")
    with warehouse.connect() as con:
        con.execute("update marts.stunting_by_desa set stunted = 999 where desa_code = '36.04.11.2003'")
    assert run(monkeypatch, "stunting_by_desa 36.04.11.2003 2026-10 stunted") == 1
    text = capsys.readouterr().out
    assert "and not 999" in text
    assert "There is no release yet" in text


@pytest.fixture
def other_release(of_night: None, night: Night, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the release that is current, to be changed."""
    for zone in ("task_force", "public"):
        (tmp_path / zone).mkdir()
        shutil.copy(night.release() / zone / "tegak.duckdb", tmp_path / zone)
    monkeypatch.setattr(settings, "CURRENT", tmp_path)
    return tmp_path


def test_a_number_that_the_release_does_not_have_so_is_said(
    other_release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect(str(other_release / "task_force" / "tegak.duckdb")) as con:
        con.execute("update stunting_by_desa set stunted = 999 where desa_code = '36.04.11.2003'")
        con.execute("delete from stunting_by_desa where desa_code = '36.04.11.2001'")
    assert run(monkeypatch, "stunting_by_desa 36.04.11.2003 2026-10 stunted") == 1
    text = capsys.readouterr().out
    assert "by " in text
    assert "The release says 999 and the working database " in text
    assert run(monkeypatch, "stunting_by_desa 36.04.11.2001 2026-10 stunted") == 1
    assert "The release says no such row" in capsys.readouterr().out


def test_what_the_public_sees_stands_beside_it_when_it_differs(
    other_release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    exact = "select due from marts.stunting_by_desa where desa_code = '36.04.11.2003' and month = '2026-10-01'"
    with warehouse.open_to_read() as con:
        [(due,)] = con.execute(exact).fetchall()
    for column, shown, suppressed, said in (
        ("due", due, "stunted", None),
        ("due", due + 2, "stunted", f"The public sees: {due + 2}, rounded"),
        ("due", None, "due, stunted", "The public sees: nothing, it is suppressed"),
        ("stunted_pct", None, "", "The public sees: nothing, it is of fewer than 20"),
    ):
        with duckdb.connect(str(other_release / "public" / "tegak.duckdb")) as con:
            con.execute(f"update stunting_by_desa set {column} = ?, suppressed = ?", [shown, suppressed])
        assert run(monkeypatch, f"stunting_by_desa 36.04.11.2003 2026-10 {column}") == 0
        text = capsys.readouterr().out
        assert said in text if said else "The public sees" not in text


def test_without_marts_there_is_one_sentence(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with warehouse.connect():
        pass
    assert run(monkeypatch, "stunting_by_desa 36.04.11.2003 2026-10 stunted") == 2
    assert capsys.readouterr().err == "The working database holds no marts yet; run make nightly.\n"


def test_unknown_is_not_zero(
    of_night: None, night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with night.warehouse() as con:
        [(indicator, level, area, quarter)] = con.execute(
            "select indicator_id, area_level, area_code, year(quarter) || '-Q' || quarter(quarter) from marts.opd_progress "
            "where numerator is null and records_known = 0 and records_due = 1 and indicator_id in ('bimwin', 'bkb_hadir') "
            "order by all limit 1"
        ).fetchall()
    assert run(monkeypatch, f"opd_progress {indicator} {level}:{area} {quarter} coverage_pct") == 0
    text = capsys.readouterr().out
    assert "coverage_pct = not known\nnumerator is not known: 0 of 1 records known" in text
    assert "numerator 0" not in text


def test_a_list_is_written_where_there_is_none_and_else_nothing_is_done(
    of_night: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine")
    for target, said in (
        (there, "is there already"),
        (tmp_path, "is there already"),
        (tmp_path / "none" / "rows.csv", "its folder is not there"),
    ):
        assert run(monkeypatch, "stunting_by_desa 36.04.11.2003 2026-10 stunted", "--csv", str(target)) == 2
        told = capsys.readouterr()
        assert (said in told.err, told.out) == (True, "")
    assert there.read_text() == "mine"


def test_without_a_database_it_says_what_to_do(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "stunting_by_desa 36.04.11.2003 2026-10 stunted") == 2
    assert "run make nightly" in capsys.readouterr().err


def test_row_numbers_are_written_as_a_person_would() -> None:
    assert ranges([2, 5, 6, 7]) == "2, 5-7"
    assert ranges(list(range(2, 100, 2))).endswith("30 and 34 more")
