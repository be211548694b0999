"""What a preview says of made-up marts: which rows came, went and changed, per mart and period."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from include import warehouse
from include.compare import Change, changes_against_release, write_changes
from include.keys import pseudonym_key
from include.release import current_database

# name: columns, key, and the rows of the last release and of the build in hand, as SQL
MARTS: dict[str, tuple[list[str], list[str], str, str]] = {
    "stunting_by_kabupaten": (
        ["month", "stunted_pct"],
        ["month"],
        "(date '2026-08-01', 20.0), (date '2026-09-01', 21.0), (date '2026-10-01', 22.0)",
        "(date '2026-08-01', 20.0), (date '2026-09-01', 25.5), (date '2026-11-01', 23.0)",
    ),
    "stunting_risk": (
        ["child_id", "month", "score"],
        ["child_id"],
        "('p-ani', date '2026-09-01', 4), ('p-budi', date '2026-09-01', 2), ('p-citra', date '2026-10-01', 7)",
        "('ani', date '2026-09-01', 4), ('budi', date '2026-10-01', 3), ('dewi', date '2026-10-01', 7)",
    ),
    "opd_progress": (
        ["quarter", "agency"],
        [],
        "(date '2026-07-01', 'dinkes'), (date '2026-07-01', 'dinkes'), (date '2026-07-01', 'perkim')",
        "(date '2026-07-01', 'dinkes'), (date '2026-07-01', 'pupr'), (null, 'perkim')",
    ),
    "semester_report": (
        ["semester", "line", "pct"],
        ["semester", "line"],
        "(date '2026-01-01', 1, 20.0), (date '2026-07-01', 1, 20.0)",
        "(date '2026-01-01', 1, 21.0), (date '2026-07-01', 1, 20.0)",
    ),
    "agencies": (["agency"], ["agency"], "('dinkes'), ('perkim')", "('dinkes'), ('pupr'), ('dpmd')"),
}


@pytest.fixture
def target(data: Path) -> Path:
    """A target folder of dbt, a working database and a current release with nothing in them."""
    current_database().parent.mkdir(parents=True)
    (data / "target").mkdir()
    with warehouse.connect() as con:
        con.execute("create schema marts")
    with duckdb.connect(str(current_database())) as con:
        con.execute("create table release_info as select 'r1' as release")
    declare(data / "target", {})
    return data / "target"


def declare(target: Path, marts: dict[str, tuple[list[str], list[str]]]) -> None:
    """Write the manifest, as far as it is read here: models with columns, tests with keys."""
    nodes: dict[str, Any] = {
        "model.other": {"resource_type": "model", "schema": "intermediate", "name": "int_other", "columns": {}}
    }
    for name, (columns, key) in marts.items():
        nodes[f"model.{name}"] = {
            "resource_type": "model",
            "schema": "marts",
            "name": name,
            "unique_id": f"model.{name}",
            "columns": {c: {"config": {"meta": {"pii": "pseudonym" if c == "child_id" else "none"}}} for c in columns},
        }
        test = (
            {"name": "unique", "kwargs": {"column_name": key[0]}}
            if len(key) == 1
            else {"name": "unique_combination", "kwargs": {"columns": key}}
        )
        nodes[f"test.{name}"] = {
            "resource_type": "test",
            "schema": "tests",
            "name": f"test_{name}",
            "attached_node": f"model.{name}" if key else None,
            "test_metadata": test,
        }
    (target / "manifest.json").write_text(json.dumps({"nodes": nodes}), encoding="utf-8")


def release(name: str, columns: list[str], rows: str) -> None:
    """Put a mart into the current release, with its pseudonyms; p-ani is the pseudonym of ani."""
    with duckdb.connect(str(current_database())) as con:
        con.execute(f"create table {name} as select * from (values {rows}) as t({', '.join(columns)})")
        if "child_id" in columns:
            for person in ("ani", "budi", "citra"):
                keyed = hmac.new(pseudonym_key(), person.encode(), hashlib.sha256).hexdigest()[:20]
                con.execute(f"update {name} set child_id = ? where child_id = ?", [keyed, f"p-{person}"])


def build(name: str, columns: list[str], rows: str) -> None:
    with warehouse.connect() as con:
        con.execute(f"create table marts.{name} as select * from (values {rows}) as t({', '.join(columns)})")


def test_rows_added_gone_and_changed_are_counted_per_mart_and_period(target: Path) -> None:
    declare(target, {name: (columns, key) for name, (columns, key, *_) in MARTS.items()})
    for name, (columns, _, before, after) in MARTS.items():
        release(name, columns, before)
        build(name, columns, after)
    assert changes_against_release(target) == [
        Change("agencies", "", rows_added=2, rows_gone=1),
        Change("opd_progress", "", rows_added=1),
        Change("opd_progress", "2026-07-01", rows_added=1, rows_gone=2),
        Change("semester_report", "2026-01-01", rows_changed=1),
        Change("stunting_by_kabupaten", "2026-09-01", 0, 0, 1, 21.0, 25.5),
        Change("stunting_by_kabupaten", "2026-10-01", 0, 1, 0, 22.0, None),
        Change("stunting_by_kabupaten", "2026-11-01", 1, 0, 0, None, 23.0),
        # a child is known by its pseudonym; that of budi moved to another month and scores differently
        Change("stunting_risk", "2026-10-01", rows_added=1, rows_gone=1, rows_changed=1),
    ]


def test_equal_releases_give_nothing(target: Path) -> None:
    declare(target, {name: (columns, key) for name, (columns, key, *_) in MARTS.items()})
    for name, (columns, _, before, _) in MARTS.items():
        release(name, columns, before)
        build(name, columns, before.replace("p-", ""))
    assert changes_against_release(target) == []


def test_a_mart_that_one_side_lacks_is_added_or_gone_whole(target: Path) -> None:
    declare(target, {"new": (["month", "n"], ["month"])})
    build("new", ["month", "n"], "(date '2026-09-01', 1), (date '2026-09-01', 2), (null, 3)")
    release("old", ["quarter", "n"], "(date '2026-07-01', 1), (date '2026-07-01', 1)")
    release("list", ["n"], "(1), (2)")
    assert changes_against_release(target) == [
        Change("list", "", rows_gone=2),
        Change("new", "", rows_added=1),
        Change("new", "2026-09-01", rows_added=2),
        Change("old", "2026-07-01", rows_gone=2),
    ]


def test_a_column_that_one_side_lacks_is_named_and_the_rows_are_compared_without_it(target: Path) -> None:
    declare(target, {"m": (["month", "n", "fresh"], ["month"])})
    release("m", ["month", "n", "stale"], "(date '2026-09-01', 1, 'x'), (date '2026-10-01', 1, 'x')")
    build("m", ["month", "n", "fresh"], "(date '2026-09-01', 1, 'y'), (date '2026-10-01', 2, 'y')")
    assert changes_against_release(target) == [
        Change("m", "", columns_added="fresh", columns_gone="stale"),
        Change("m", "2026-10-01", rows_changed=1),
    ]


def test_a_key_or_a_prevalence_that_one_side_lacks_is_no_error(target: Path) -> None:
    """Without the key no row can be called changed: it is gone and added."""
    columns = ["month", "sex", "stunted_pct", "n"]
    declare(target, {"stunting_by_kabupaten": (columns, ["month", "sex"])})
    release("stunting_by_kabupaten", ["month", "n"], "(date '2026-09-01', 1), (date '2026-10-01', 5)")
    build("stunting_by_kabupaten", columns, "(date '2026-09-01', 'L', 1.0, 1), (date '2026-10-01', 'L', 1.0, 6)")
    assert changes_against_release(target) == [
        Change("stunting_by_kabupaten", "", columns_added="sex, stunted_pct"),
        Change("stunting_by_kabupaten", "2026-10-01", rows_added=1, rows_gone=1),
    ]


def test_what_is_stored_is_for_the_owner_and_has_one_line_per_change(tmp_path: Path) -> None:
    file = tmp_path / "previews" / "a.csv"
    write_changes([Change("m", "2026-10-01", 1, 2, 3, 20.5, None)], file)
    head, line = file.read_text(encoding="utf-8").splitlines()
    assert dict(zip(head.split(","), line.split(","), strict=True)) == {
        "mart": "m",
        "period": "2026-10-01",
        "rows_added": "1",
        "rows_gone": "2",
        "rows_changed": "3",
        "stunted_pct_before": "20.5",
        "stunted_pct_after": "",
        "columns_added": "",
        "columns_gone": "",
    }
    assert file.parent.stat().st_mode & 0o077 == 0
