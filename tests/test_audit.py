"""What keeps a build from being published: rows unaccounted for, nothing accepted, bounds against the last release."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from include import settings, warehouse
from include.audit import AuditFailed, audit_build


@pytest.fixture
def place(data: Path) -> Path:
    """A working database with one accepted row, a mart of 100 children, and a last release that looks the same."""
    (settings.CURRENT / "task_force").mkdir(parents=True)
    with warehouse.connect() as con:
        con.execute(
            "insert into audit.deliveries (delivery_id, agency, dataset, file_name, status, rows_read, rows_accepted) "
            "values ('a', 'pupr', 'air_minum_desa', 'air.csv', 'loaded', 1, 1)"
        )
        con.execute("create schema pupr")
        con.execute("create table pupr.air_minum_desa as select 'a' as _delivery_id, 2 as _row, 'accepted' as _status")
        con.execute("create schema marts")
        _write_marts(con, "marts.")
    with duckdb.connect(str(settings.CURRENT / "task_force" / "tegak.duckdb")) as con:
        _write_marts(con, "")
    return data


def _write_marts(con: duckdb.DuckDBPyConnection, schema: str) -> None:
    con.execute(
        f"create table {schema}stunting_risk as "
        "select range as child_id, date '2026-10-01' - interval 1 month * (range % 2) as month from range(100)"
    )
    con.execute(
        f"create table {schema}stunting_by_kabupaten as select ?::date as month, 24.0::double as stunted_pct, 2000 as height_valid",
        [date(2026, 10, 1)],
    )


def change(statement: str) -> None:
    with warehouse.connect() as con:
        con.execute(statement)


def test_what_balances_and_moves_little_may_be_published(place: Path) -> None:
    change("update marts.stunting_by_kabupaten set stunted_pct = 25.5")
    change("delete from marts.stunting_risk where child_id < 5")
    audit_build()


def test_a_row_without_a_fate_is_named_with_its_file(place: Path) -> None:
    change("update pupr.air_minum_desa set _status = null")
    with pytest.raises(AuditFailed, match=r"pupr/air_minum_desa/air\.csv: 1 rows read, 0 accounted for; delete"):
        audit_build()


def test_two_files_of_one_name_and_length_are_two_deliveries(place: Path) -> None:
    change(
        "insert into audit.deliveries (delivery_id, agency, dataset, file_name, status, rows_read, rows_accepted) "
        "values ('b', 'pupr', 'air_minum_desa', 'air.csv', 'loaded', 1, 1)"
    )
    change("insert into pupr.air_minum_desa values ('b', 2, 'accepted')")
    audit_build()


def test_a_delivery_that_waits_for_its_gate_is_not_judged(place: Path) -> None:
    """Airflow starts the mart when the first dataset has changed; the others may still be on their way."""
    change(
        "insert into audit.deliveries (delivery_id, agency, dataset, status, rows_read) values ('b', 'pupr', 'air_minum_desa', 'waiting', 9)"
    )
    audit_build()


def test_nothing_accepted_is_nothing_to_publish(place: Path) -> None:
    change("update audit.deliveries set rows_accepted = 0")
    with pytest.raises(AuditFailed, match="no agency's row has been accepted"):
        audit_build()


def test_a_mart_that_lost_a_tenth_of_its_rows_is_named(place: Path) -> None:
    change("delete from marts.stunting_risk where child_id < 11")
    with pytest.raises(AuditFailed, match="stunting_risk: 100 rows in the last release, 89 now"):
        audit_build()


def test_a_new_month_makes_no_lost_rows_good(place: Path) -> None:
    change("delete from marts.stunting_risk where child_id < 11")
    change("insert into marts.stunting_risk select range, date '2026-11-01' from range(100)")
    with pytest.raises(AuditFailed, match="stunting_risk: 100 rows in the last release, 89 now"):
        audit_build()


@pytest.mark.parametrize("columns", ["range as child_id, date '2026-10-01' as month", "range as points"])
def test_what_tells_of_the_newest_month_alone_may_shrink(place: Path, columns: str) -> None:
    change(f"create table marts.visit_list as select {columns} from range(10)")
    with duckdb.connect(str(settings.CURRENT / "task_force" / "tegak.duckdb")) as con:
        con.execute(f"create table visit_list as select {columns} from range(100)")
    audit_build()


def test_a_prevalence_that_jumped_is_named_with_its_month(place: Path) -> None:
    change("update marts.stunting_by_kabupaten set stunted_pct = 27.5")
    with pytest.raises(AuditFailed, match=r"stunting in 2026-10: 24\.0 % in the last release, 27\.5 % now"):
        audit_build()


@pytest.mark.parametrize("heights", ["height_valid = 2300", "height_valid = 900"])
def test_a_month_whose_lists_still_come_may_move(place: Path, heights: str) -> None:
    """The lists of a month come over weeks; a night that failed for it would fail until somebody looked."""
    if heights == "height_valid = 900":  # too few to say
        with duckdb.connect(str(settings.CURRENT / "task_force" / "tegak.duckdb")) as con:
            con.execute(f"update stunting_by_kabupaten set {heights}")
    change(f"update marts.stunting_by_kabupaten set stunted_pct = 31.0, {heights}")
    audit_build()


def test_heights_that_were_lost_are_named_with_their_month(place: Path) -> None:
    change("update marts.stunting_by_kabupaten set height_valid = 1700")
    with pytest.raises(AuditFailed, match="heights in 2026-10: 2000 in the last release, 1700 now"):
        audit_build()


def test_a_month_that_vanished_is_named_unless_its_files_time_was_over(place: Path) -> None:
    change("delete from marts.stunting_by_kabupaten")
    with pytest.raises(AuditFailed, match="heights in 2026-10: 2000 in the last release, 0 now"):
        audit_build()
    change(
        "insert into audit.deliveries (delivery_id, agency, dataset, period, file_name, status, rows_read, rows_accepted, "
        "rows_quarantined, rows_duplicate, rows_superseded) "
        "values ('x', 'dinkes', 'penimbangan', '2026-10', 'x.csv', 'removed', 0, 0, 0, 0, 0)"
    )
    audit_build()


def test_all_findings_are_said_at_once(place: Path) -> None:
    change("update pupr.air_minum_desa set _status = null")
    change("delete from marts.stunting_risk")
    with pytest.raises(AuditFailed) as failure:
        audit_build()
    assert len(str(failure.value).splitlines()) == 2
