"""A new agency costs no Python: its folder in a copy of the project gives it DAG, rules, rows, list and models."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from include import settings
from include.keys import PRIVATE_KEY
from include.settings import ROOT
from tests.workbooks import opened, sheet

KOMINFO = Path(__file__).parent / "fixtures" / "new_agency" / "kominfo"
CODE = ("dags", "dbt_project", "expectations", "include")
DELIVERY = "publikasi_tw3.csv"

_DAG = """
import json
from airflow.dag_processing.dagbag import DagBag

bag = DagBag()
dag = bag.dags["ingest_kominfo"]
mart = bag.dags["stunting_mart"].schedule.asset_condition.objects
print(json.dumps({
    "errors": bag.import_errors,
    "dags": sorted(bag.dags),
    "tasks": sorted(task.task_id for task in dag.tasks),
    "doc": dag.doc_md,
    "schedule": dag.schedule.expression,
    "starts_the_mart": [asset.uri for asset in mart if "kominfo" in asset.uri],
}))
"""
# a night without Airflow: all feeds are received, this one has a file, and what it needs is built as the night builds
_NIGHT = """
import json
from include import build, ingest, settings, warehouse
from include.contract_reader import read_agencies
from include.words import all_rules

for dataset in (dataset for agency in read_agencies() for dataset in agency.datasets):
    for receipts in ingest.receive(dataset):
        assert ingest.load(dataset, receipts) == []
        ingest.gate(dataset)
        rules = {dataset.table: [rule.name for rule in all_rules(dataset)]}
needed = ("--select", "stg_kominfo__publications", "+int_desa_names", "--indirect-selection", "cautious")
left_out = ("--exclude-resource-type", "unit_test", "--exclude", "source:*")
assert build.run_dbt("build", "--quiet", *needed, *left_out) == 0
with warehouse.connect() as con:
    def rows(query): return con.execute(query).fetchall()
    print(json.dumps({
        "rules": rules,
        "fates": rows("select desa_name, _status from kominfo.publikasi order by _row"),
        "checked": rows("select expectation from audit.expectation_results order by 1"),
        "failed": rows("select expectation from audit.expectation_results where not success order by 1"),
        "counts": rows("select status, rows_read, rows_accepted, rows_quarantined from audit.deliveries"),
        "staged": rows('''
            select n.desa_code, p.publications, p.stunting_publications, p.quarter::varchar
            from staging.stg_kominfo__publications as p
            inner join intermediate.int_desa_names as n using (kecamatan_name, desa_name)
            order by 1
        '''),
    }))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's code with one folder more, and one delivery in landing."""
    root = tmp_path_factory.mktemp("project")
    for folder in CODE:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    staging = root / "dbt_project" / "models" / "staging" / "kominfo"
    shutil.copytree(KOMINFO, staging, ignore=shutil.ignore_patterns("*.csv"))
    landing = root / "data" / "landing" / "kominfo" / "publikasi" / "2026-Q3"
    landing.mkdir(parents=True)
    shutil.copy(KOMINFO / DELIVERY, landing)
    return root


def run(project: Path, script: str) -> Any:
    """Run a script against the copy; return the object it printed last."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "TEGAK_"))} | {
        PRIVATE_KEY: os.environ[PRIVATE_KEY],
        "TEGAK_REGENCIES": "36.04",
        "PYTHONPATH": str(project),
        "AIRFLOW_HOME": str(project / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(project / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def night(project: Path) -> Any:
    """What one night found and left in the working database."""
    return run(project, _NIGHT)


def test_it_has_its_dag_and_starts_the_mart(project: Path) -> None:
    dag = run(project, _DAG)
    assert dag["errors"] == {}
    assert dag["tasks"] == ["publikasi.gate", "publikasi.load", "publikasi.receive"]
    assert dag["schedule"] == "50 19 * * *"
    assert "Bidang Informasi dan Komunikasi Publik" in dag["doc"]
    assert dag["starts_the_mart"] == ["tegak://kominfo/publikasi"]


_BROKEN = """
import json
from airflow.dag_processing.dagbag import DagBag
from include import alerts, build
from include.contract_checks import ContractError

bag = DagBag()
try:
    build.build_models()
except ContractError as error:
    said = str(error)
alerts.note_failure({"ti": bag.dags["stunting_mart"].get_task("build"), "exception": ContractError(said)})
print(json.dumps({
    "errors": {path.rpartition("/")[2]: error.strip().splitlines()[-1] for path, error in bag.import_errors.items()},
    "dags": sorted(bag.dags),
    "starts_the_mart": [asset.uri for asset in bag.dags["stunting_mart"].schedule.asset_condition.objects],
    "build": said,
    "told": alerts.tell_of_night(),
    "alerts": [line["text"] for line in alerts.lines() if line["event"] == "raised"],
}))
"""


def test_its_broken_contract_stops_no_other_agency_and_nothing_is_built(project: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(project, tmp_path / "project"))
    contract = root / "dbt_project" / "models" / "staging" / "kominfo" / "_kominfo__sources.yml"
    contract.write_text(contract.read_text(encoding="utf-8").replace("tolerance:", "tolerence:"), encoding="utf-8")
    found, whole = run(root, _BROKEN), run(project, _DAG)
    says = (
        "_kominfo__sources.yml, table publikasi, meta: tolerance is missing; tolerence is unknown, nearest: tolerance."
    )
    assert found["errors"] == {"contracts.py": f"include.contract_checks.ContractError: {says}"}
    assert found["dags"] == [dag for dag in whole["dags"] if dag != "ingest_kominfo"]
    assert [asset for asset in found["starts_the_mart"] if "kominfo" in asset] == []
    assert (found["build"], found["alerts"]) == (says, [says])
    assert found["told"]["new"] == 1


def test_its_delivery_passes_the_gate_by_its_own_rules(night: Any) -> None:
    [[table, rules]] = night["rules"].items()
    assert table == "kominfo.publikasi"
    assert {"desa_name.known_desa", "quarter_no.once_per", "stunting_publications.not_above"} < set(rules)
    assert night["checked"] == [[rule] for rule in sorted(rules)]
    assert night["failed"] == [["desa_name.known_desa"], ["stunting_publications.not_above"]]
    assert night["counts"] == [["loaded", 3, 2, 1]]
    assert night["fates"] == [["Marga Sana", "accepted"], ["Sukabares", "accepted"], ["Tegal Mja", "quarantined"]]


def test_its_bad_row_goes_back_with_its_reasons(project: Path, night: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA", project / "data")  # the keyring of the password
    content = opened(project / "data" / "returns" / "kominfo" / "perbaikan_publikasi.xlsx", "kominfo")
    [told] = sheet(content, "Perbaikan")
    assert told["Asal"] == f"2026-Q3, {DELIVERY}, baris 4"
    assert told["Masalah"] == (
        "Desa: desa tidak dikenal di kecamatan itu; mungkin: Tegalmaja; "
        "Publikasi Stunting: lebih besar daripada pembandingnya; 9, padahal Jumlah Publikasi 5"
    )


def test_its_rows_are_staged_and_its_desa_get_their_codes(night: Any) -> None:
    assert night["staged"] == [["36.04.05.2002", 12, 4, "2026-07-01"], ["36.04.27.2005", 8, None, "2026-07-01"]]


def test_it_is_described_in_the_docs(project: Path, night: Any) -> None:
    manifest = json.loads((project / "data" / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    source = manifest["sources"]["source.tegak.kominfo.publikasi"]
    assert source["columns"]["stunting_publications"]["description"] == "Those of them about stunting."
    assert {column["config"]["meta"]["pii"] for column in source["columns"].values()} == {"none"}
    staged = manifest["nodes"]["model.tegak.stg_kominfo__publications"]
    assert staged["description"].startswith("One row per desa and quarter")
    assert staged["depends_on"]["nodes"] == ["source.tegak.kominfo.publikasi"]
