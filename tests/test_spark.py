"""The marts on Spark: all of a night's are equal to DuckDB's. Runs where `make .venv-spark/done` was called and Java is there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from include.settings import ROOT
from include.spark.__main__ import PYTHON
from include.spark.compare import compare_marts
from tests.night import Night, own_keys

installed = pytest.mark.skipif(
    not (PYTHON.exists() and shutil.which("java")),
    reason="needs .venv-spark (make .venv-spark/done) and Java (apt-get install openjdk-17-jre-headless)",
)


def make_spark(home: Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run what `make spark` runs on the night in `home`."""
    environment = os.environ | own_keys(home) | {"TEGAK_DATA": str(home / "data"), "PYTHONPATH": str(ROOT)}
    environment |= {"COLUMNS": "200"} | ({"PATH": path} if path is not None else {})
    environment.pop("JAVA_HOME", None)
    command = [sys.executable, "-m", "include.spark"]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


@installed
def test_all_marts_are_equal_on_spark(night: Night):
    """Every mart of the project, row for row by its key; seeds, staging and linkage are built by Spark too."""
    done = make_spark(night.home)
    with night.warehouse() as con:
        [(marts,)] = con.execute(
            "select count(*) from (select table_name from duckdb_tables() where schema_name = 'marts' "
            "union all select view_name from duckdb_views() where schema_name = 'marts')"
        ).fetchall()
    assert f"{marts} of {marts} marts are equal" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert not list((night.data / "scratch").glob("reading-*")), "plain copies are gone"


def test_without_java_it_says_how_to_get_it(tmp_path: Path):
    done = make_spark(tmp_path, path="")
    assert done.stderr == "Spark needs Java 17, and there is none here: apt-get install openjdk-17-jre-headless\n"
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "data").exists()


@pytest.fixture
def two(tmp_path: Path) -> tuple[duckdb.DuckDBPyConnection, Path]:
    """A mart of two rows as DuckDB has it, and the folder in which Spark's is looked for."""
    mart = {"unique_id": "m", "name": "mart", "resource_type": "model", "schema": "marts"}
    test = {"resource_type": "test", "attached_node": "m", "test_metadata": {"name": "unique"}}
    test["test_metadata"]["kwargs"] = {"column_name": "key"}
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "manifest.json").write_text(json.dumps({"nodes": {"m": mart, "t": test | {"schema": "tests"}}}))
    con = duckdb.connect()
    con.execute("create schema marts")
    con.execute(
        "create table marts.mart as select * from (values (1, 0.5::double, 'a'), (2, null, null)) as t(key, share, word)"
    )
    return con, tmp_path


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("(2, null, null), (1, 0.5::double, 'a')", (0, 0, 0)),
        ("(1, 0.5::double + 4e-10, 'a'), (2, null, null)", (0, 0, 0)),
        ("(1, 0.5::double + 4e-9, 'a'), (2, null, null)", (0, 0, 1)),
        ("(1, null::double, 'b'), (2, 0, null)", (0, 0, 3)),
        ("(1, 'nan'::double, 'a'), (2, null, null)", (0, 0, 1)),
        ("(1, 0.5::double, 'a'), (3, null, null)", (1, 1, 0)),
        ("(1, 0.5::double, 'a'), (2, null, null), (2, null, null)", (0, 1, 0)),
    ],
)
def test_what_differs_is_counted(two: tuple[duckdb.DuckDBPyConnection, Path], rows: str, found: tuple[int, int, int]):
    con, folder = two
    (folder / "marts" / "mart").mkdir(parents=True)
    con.execute(
        f"copy (select * from (values {rows}) as t(key, share, word)) to '{folder}/marts/mart/part.parquet' (format parquet)"
    )
    [mart] = compare_marts(con, folder)
    assert (mart.only_duckdb, mart.only_spark, mart.differing, mart.problem) == (*found, "")
    assert mart.is_equal == (found == (0, 0, 0))


def test_a_mart_that_spark_did_not_build_is_not_equal(two: tuple[duckdb.DuckDBPyConnection, Path]):
    con, folder = two
    [mart] = compare_marts(con, folder)
    assert (mart.is_equal, mart.problem) == (False, "not built on Spark")
    (folder / "marts" / "mart").mkdir(parents=True)
    con.execute(f"copy (select 1 as key) to '{folder}/marts/mart/part.parquet' (format parquet)")
    [mart] = compare_marts(con, folder)
    assert (mart.is_equal, mart.problem) == (False, "other columns or types on Spark")
