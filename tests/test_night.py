"""The main job as a person runs it: from the agencies' files to a release, twice, and with a failing audit."""

import hashlib
import hmac
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from include import warehouse
from include.build import dbt_environment
from include.contract_reader import read_agencies
from include.keys import PSEUDONYM_KEY
from include.manifest import MANIFESTS, read_files
from include.release import PUBLIC, TASK_FORCE
from include.settings import ROOT
from tests.night import Night, own_keys, run_night
from tests.ordeal.state import hashes

_PSEUDONYM = re.compile(r"\b[0-9a-f]{20}\b")


@pytest.fixture(scope="module")
def release(night: Night):
    with duckdb.connect(str(night.task_force() / "tegak.duckdb"), read_only=True) as con:
        yield con


def test_it_ends_with_a_table_for_a_person(night):
    for word in ("quarantined", "superseded", "stunting", "coverage", "the whole night", "Release:"):
        assert word in night.output
    assert "UNBALANCED" not in night.output


def test_every_row_of_every_file_has_one_fate(night):
    with night.warehouse() as con:
        rows = con.execute(
            "select file_name, rows_read, rows_accepted + rows_quarantined + rows_duplicate + rows_superseded, status "
            "from audit.deliveries"
        ).fetchall()
    assert {status for *_, status in rows} == {"loaded", "held", "refused"}
    assert [row for row in rows if row[1] != row[2]] == []


def test_rows_read_are_the_rows_that_were_written(night):
    """The generator's own list of weighing rows per file is the witness; refused files have no rows."""
    truth = night.data / "truth"
    with night.warehouse() as con:
        unequal = con.execute(
            f"""
            with written as (
                select f.path, count(*) as rows
                from '{truth}/penimbangan_rows.parquet' as r
                inner join read_csv('{truth}/files.csv') as f using (file_no)
                group by all
            )
            select w.path, w.rows, d.rows_read
            from written as w
            inner join audit.deliveries as d
                on w.path = d.agency || '/' || d.dataset || '/' || d.period || '/' || d.file_name
            where d.status <> 'refused' and w.rows <> d.rows_read
            """
        ).fetchall()
    assert unequal == []


def dbt(database: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt on a working database, with its own files in `folder`."""
    project = ["--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project")]
    command = [sys.executable, "-m", "dbt.cli.main", "--log-path", str(folder), *arguments, *project]
    environment = dbt_environment(database, folder)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_unit_tests_of_the_models_pass(night):
    """The nightly build leaves them out: they prove the SQL, not the data."""
    done = dbt(night.data / "warehouse.duckdb", night.home / "dbt", "test", "--select", "test_type:unit")
    assert done.returncode == 0, done.stdout[-3000:]
    found = re.search(r"Done\. PASS=(\d+) ", done.stdout)
    assert found
    assert int(found[1]) >= 30


@pytest.mark.parametrize("has_come", [False, True], ids=["all_but_weighings", "weighings_alone"])
def test_the_marts_are_built_while_others_have_not_delivered(night, tmp_path, has_come):
    """Under a scheduler agencies come one by one, and the list of weighings may be the last or the first."""
    for name in ("warehouse.duckdb", "keyring.json"):
        shutil.copy(night.data / name, tmp_path)
    with warehouse.connect(tmp_path / "warehouse.duckdb") as con:
        for dataset in [dataset for agency in read_agencies() for dataset in agency.datasets]:
            if (dataset.table == "dinkes.penimbangan") != has_come:
                con.execute(f"delete from {dataset.table}")
                for table in ("deliveries", "quarantine", "items", "expectation_results", "judgements"):
                    con.execute(
                        f"delete from audit.{table} where agency = ? and dataset = ?", [dataset.agency, dataset.name]
                    )
    left_out = ["--exclude", "source:*", "--exclude-resource-type", "unit_test"]
    done = dbt(tmp_path / "warehouse.duckdb", tmp_path / "dbt", "build", *left_out)
    assert done.returncode == 0, done.stdout[-3000:]


def test_prevalence_is_near_the_truth_that_no_step_has_read(night, release):
    """Register against truth of the same children in the same month: faults and links move it by some points."""
    truth = night.data / "truth"
    [(true_pct, count)] = duckdb.execute(
        f"select 100 * avg(is_stunted::int), count(*) from '{truth}/growth.parquet' where age_days < 1826"
    ).fetchall()
    [(found_pct,)] = release.execute(
        "select 100.0 * sum(stunted) / sum(height_valid) from stunting_by_kabupaten"
    ).fetchall()
    assert count > 300
    assert found_pct == pytest.approx(true_pct, abs=6)


def test_no_identity_leaves_the_private_zone(night, release):
    """Every cell of every published table and Parquet file against every NIK, No KK, name and address there is."""
    truth = night.data / "truth"
    secrets = set()
    for query in (
        f"select name from '{truth}/persons.parquet' union select nik::varchar from '{truth}/persons.parquet'",
        f"select no_kk::varchar from '{truth}/families.parquet' union select kampung from '{truth}/families.parquet'",
        f"select name from '{truth}/register_entries.parquet' union select parents from '{truth}/register_entries.parquet'",
    ):
        secrets |= {str(row[0]).upper() for row in duckdb.execute(query).fetchall() if row[0]}
    with night.warehouse() as con:
        secrets |= {
            row[0].upper()
            for row in con.execute("select distinct child_name from raw.dinkes__penimbangan").fetchall()
            if row[0]
        }
    secrets = {secret for secret in secrets if len(secret) > 4}
    assert len(secrets) > 1000
    tables = [f"'{path}'" for path in night.release().rglob("*.parquet")]
    tables += [row[0] for row in release.execute("show tables").fetchall()]
    public = {
        row[0].upper()
        for row in duckdb.execute(
            "select desa_name from read_csv('dbt_project/regencies/36.04/ref_desa.csv')"
        ).fetchall()
    }
    for table in tables:
        for column in release.execute(f"select * from {table} limit 0").description:
            values = release.execute(f"select distinct {column[0]}::varchar from {table}").fetchall()
            found = {str(value).upper() for (value,) in values} & (secrets - public)
            assert found == set(), (table, column[0])
            # one pseudonym in some thousands has sixteen digits in a row
            texts = [_PSEUDONYM.sub("", str(value)) for (value,) in values]
            assert not any(re.search(r"(?<![\d.])\d{16}(?!\d)", text) for text in texts), (table, column[0])


def test_published_dates_are_months(release):
    """A day of birth or of weighing would point at one child. Days of deliveries, builds and surveys are nobody's."""
    of_nobody = {"received_on", "changed_on", "computed_on", "first_observed_on", "observed_on", "valid_from"}
    for (table,) in release.execute("show tables").fetchall():
        for name, kind, *_ in release.execute(f"describe {table}").fetchall():
            if kind in ("DATE", "TIMESTAMP") and not name.endswith("as_of") and name not in of_nobody:
                days = release.execute(f"select distinct day({name}) from {table} where {name} is not null").fetchall()
                assert set(days) <= {(1,)}, (table, name)


def test_pseudonyms_need_the_key(night, release):
    with night.warehouse() as con:
        private = {row[0] for row in con.execute("select distinct child_id from marts.stunting_risk").fetchall()}
    public = {row[0] for row in release.execute("select distinct child_id from stunting_risk").fetchall()}
    key = own_keys(night.home)[PSEUDONYM_KEY].encode()
    assert public == {hmac.new(key, child.encode(), hashlib.sha256).hexdigest()[:20] for child in private}
    assert public & private == set()


def test_the_manifest_names_each_file_with_its_hash(night):
    manifest = json.loads((night.release() / "manifest.json").read_text())
    names = {str(path.relative_to(night.release())) for path in night.release().rglob("*.*")}
    files = read_files(night.release())
    assert set(files) == names - set(MANIFESTS)
    assert not [name for name in manifest["files"] if name.startswith("task_force")], "everybody reads it"
    for name, digest in files.items():
        assert hashlib.sha256((night.release() / name).read_bytes()).hexdigest() == digest
    assert manifest["as_of"]["dinkes/penimbangan"] == "2026-10"


@pytest.mark.parametrize("zone", [TASK_FORCE, PUBLIC])
def test_any_client_since_duckdb_1_0_can_open_the_release(night, zone):
    """Storage version 64 is the oldest of DuckDB 1.x; it stands in the file's header."""
    head = (night.release() / zone / "tegak.duckdb").read_bytes()[:20]
    assert head[8:12] == b"DUCK"
    assert int.from_bytes(head[12:20], "little") == 64


def test_what_stands_refused_or_held_is_told_once(night):
    told = [json.loads(line) for line in (night.data / "alerts.jsonl").read_text(encoding="utf-8").splitlines()]
    with night.warehouse() as con:
        rows = con.execute("select status from audit.deliveries where status in ('refused', 'held')").fetchall()
    assert sorted(line["kind"] for line in told if line["event"] == "raised") == sorted(status for (status,) in rows)
    assert f"alerts: {len(rows)} new" in night.output


def test_every_published_table_leads_back_to_deliveries(night):
    made_of: dict[str, set[str]] = {}
    for file in (night.data / "lineage").iterdir():
        for event in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            for output in event["outputs"]:
                made_of.setdefault(output["name"], set()).update(one["name"] for one in event["inputs"])
    published = {f"public/{path.stem}" for path in night.public().glob("*.parquet")}
    assert published <= made_of.keys()
    found, reached = set(), {"public/stunting_by_desa"}
    while reached:
        found |= reached
        reached = {name for made in reached for name in made_of.get(made, ())} - found
    assert {"archive/dinkes/penimbangan", "archive/disdukcapil/anak", "marts/stunting_by_desa"} <= found


def test_keys_and_private_files_are_closed_to_others(night):
    for path in (*(night.data / name for name in ("warehouse.duckdb", "archive", "keyring.json")), night.home / ".env"):
        assert path.stat().st_mode & 0o077 == 0, path.name


def parquet_files(night):
    """The bytes of both zones' tables, by their place in the release."""
    return {str(path.relative_to(night.release())): path.read_bytes() for path in night.release().rglob("*.parquet")}


def test_a_night_without_news_lets_the_release_stand(night):
    """It is confirmed, not built again; what is news, `tests/test_status.py` says."""
    release, built = night.release(), (night.data / "dbt" / "run_results.json").stat().st_mtime
    again = night.again()
    assert again.code == 0, again.output
    assert again.release() == release
    assert (night.data / "dbt" / "run_results.json").stat().st_mtime == built
    assert "Nothing is new" in again.output
    with again.warehouse() as con:
        [(name, confirmed_at)] = con.execute("select release, confirmed_at from audit.built").fetchall()
    assert name == release.name
    assert confirmed_at > datetime.strptime(name, "%Y-%m-%dT%H%M%S.%fZ")


def between(con):
    """A hash of each table between what the gate let through and what is published."""
    return {name: value for name, value in hashes(con).items() if name.startswith("intermediate.")}


def test_a_failed_audit_leaves_the_last_release_and_says_why(night, tmp_path):
    """A month of weighings is lost from the archive and the database: the mart shrinks, nothing is published."""
    home = tmp_path / "copy"
    shutil.copytree(night.home, home, symlinks=True)
    built = (home / "data" / "dbt" / "run_results.json").stat().st_mtime
    before = (home / "data" / "current").resolve().name
    with warehouse.connect(home / "data" / "warehouse.duckdb") as con:
        con.execute("delete from dinkes.penimbangan where _period = '2026-10'")
    again = run_night(home)
    assert again.code == 1
    assert (home / "data" / "dbt" / "run_results.json").stat().st_mtime == built, "nothing was built, all was audited"
    assert (home / "data" / "current").resolve().name == before
    assert "rows read, 0 accounted for" in again.output
    assert "the last release stays in place" in again.output


def test_airflow_forgets_the_runs_whose_time_is_over(night, tmp_path):
    records = shutil.copy(night.home / "airflow" / "airflow.db", tmp_path)
    runs = "select count(*) from task_instance"
    with sqlite3.connect(records) as con:
        assert con.execute(runs).fetchone()[0] > 50
        con.execute("update dag_run set start_date = '2026-01-01 00:00:00'")
        con.execute("update task_instance set start_date = '2026-01-01 00:00:00'")
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{records}",
        "PYTHONPATH": str(ROOT),
    }
    code = "from include import run_dags; run_dags._forget_old_runs()"
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True)
    with sqlite3.connect(records) as con:
        assert con.execute(runs).fetchone()[0] == 0
        assert con.execute("select count(*) from dag").fetchone()[0] > 10


def test_a_backup_taken_as_documented_is_put_back_and_the_next_night_changes_no_number(night, tmp_path):
    """The working database is not in it: all is loaded again from the archive, and no last digit is another.

    The same files byte for byte, no delivery another, no row between what the gate let through and the marts.
    """
    told = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    copy, put_back = re.findall(r"^    (tar -[cx]zf backup/data.tar.gz.*)$", told, re.MULTILINE)
    home = tmp_path / "another machine"
    (home / "backup").mkdir(parents=True)
    (night.home / "backup").symlink_to(home / "backup")
    subprocess.run(copy, shell=True, cwd=night.home, check=True)
    subprocess.run(put_back, shell=True, cwd=home, check=True)
    shutil.copy(night.home / ".env", home)
    assert {path.name for path in night.data.iterdir()} - {path.name for path in (home / "data").iterdir()} == {
        "dbt",
        "scratch",
        "warehouse.duckdb",
    }
    shutil.rmtree(home / "data" / "landing" / "dinsos")
    rebuilt = run_night(home)
    assert rebuilt.code == 0, rebuilt.output
    assert rebuilt.release().name != night.release().name
    assert parquet_files(rebuilt) == parquet_files(night)
    with night.warehouse() as before, rebuilt.warehouse() as after:
        deliveries = "select * from audit.deliveries order by all"
        assert after.execute(deliveries).fetchall() == before.execute(deliveries).fetchall()
        assert between(after) == between(before)
