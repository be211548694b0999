"""The DAGs as Airflow sees them, in a process of their own with an Airflow home of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.contract import Agency
from include.contract_reader import read_agencies
from include.settings import ROOT
from include.settle import judgements
from include.words import all_rules

GOLDEN = Path(__file__).parent / "golden" / "dags.txt"

_DESCRIBE = """
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import AssetAny

began = time.process_time()
bag = DagBag()
computing = time.process_time() - began
dags = {
    dag_id: {
        "schedule": getattr(getattr(dag.schedule, "timetable", dag.schedule), "expression", None),
        "assets": sorted(a.uri for a in (getattr(dag.schedule, "asset_condition", None) or AssetAny()).objects),
        "doc": dag.doc_md,
        "max_active_runs": dag.max_active_runs,
        "tasks": {
            task.task_id: {
                "pool": task.pool,
                "retries": task.retries,
                "timeout": task.execution_timeout and task.execution_timeout.total_seconds(),
                "mapped": task.is_mapped,
                "outlets": [asset.uri for asset in task.outlets],
                "after": sorted(task.upstream_task_ids),
            }
            for task in dag.tasks
        },
    }
    for dag_id, dag in bag.dags.items()
}
heavy = sorted({"great_expectations", "dbt", "pandas", "duckdb"} & set(sys.modules))
print(json.dumps({"dags": dags, "errors": bag.import_errors, "computing": computing, "heavy": heavy}))
"""


# what Airflow calls before a task runs, of tasks of two regencies in one process
_ENTER = """
from include import settings
from include.regencies import RegencyProblem

first, second = (bag.dags[f"ingest_{code}_dinkes"] for code in ("36.04", "99.01"))
hooks = [first.get_task("penimbangan.receive")._pre_execute_hook]
hooks += [first.get_task("penimbangan.load").partial_kwargs["pre_execute"]]
hooks += [second.get_task("penimbangan.receive")._pre_execute_hook]
hooks += [second.get_task("penimbangan.load").partial_kwargs["pre_execute"]]
told = []
for hook in hooks:
    try:
        hook({})
        told.append(str(settings.WAREHOUSE))
    except RegencyProblem as problem:
        told.append(str(problem))
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def agencies() -> list[Agency]:
    return read_agencies()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("airflow")
    migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
    subprocess.run(migrate, env=environment_of(home), check=True, capture_output=True)
    return home


def environment_of(home: Path) -> dict[str, str]:
    return os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture(scope="module")
def bag(home: Path) -> dict:
    command = [sys.executable, "-c", _DESCRIBE]
    done = subprocess.run(command, env=environment_of(home), check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def two(home: Path) -> tuple[dict, list[str]]:
    """The DAGs of an installation with two regencies, and what becomes of a process that runs tasks of both."""
    asked = {"TEGAK_REGENCIES": "36.04,99.01", "TEGAK_REGENCY": "", "TEGAK_DATA": str(home / "data")}
    command = [sys.executable, "-c", _DESCRIBE + _ENTER]
    done = subprocess.run(command, env=environment_of(home) | asked, check=True, capture_output=True, text=True)
    described, told = done.stdout.splitlines()[-2:]
    return json.loads(described), json.loads(told)


def test_every_dag_file_imports(bag):
    assert bag["errors"] == {}


def test_import_takes_little_computing_and_pulls_in_nothing_heavy(bag):
    assert bag["computing"] < 3  # the scheduler does it every half minute
    assert bag["heavy"] == []


def test_golden_list_of_dags_tasks_and_rules(bag, agencies):
    """A changed contract or DAG shows as a readable diff; TEGAK_WRITE_GOLDEN=1 writes the new list."""
    lines = []
    for dag_id, dag in sorted(bag["dags"].items()):
        lines.append(f"dag {dag_id}, {dag['schedule'] or 'by hand'}")
        lines += [f"  or when {asset} changes" for asset in dag["assets"]]
        for task_id, task in sorted(dag["tasks"].items()):
            mapped = ", one per period" if task["mapped"] else ""
            outlets = f", updates {' '.join(task['outlets'])}" if task["outlets"] else ""
            after = f", after {' '.join(task['after'])}" if task["after"] else ""
            lines.append(f"  task {task_id}{mapped}{after}, pool {task['pool']}{outlets}")
    for dataset in (dataset for agency in agencies for dataset in agency.datasets):
        lines.append(f"rules of {dataset.table}, key {' '.join(dataset.key)}, at most {dataset.max_bad_share:.0%} bad")
        lines += [f"  {rule.severity} {rule.name} {json.dumps(rule.arguments)}" for rule in all_rules(dataset)]
        lines += [f"  {judgement.severity} {judgement.name}" for judgement in judgements(dataset)]
    text = "\n".join(lines) + "\n"
    if os.environ.get("TEGAK_WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_there_is_one_dag_per_agency_at_its_schedule(bag, agencies):
    ingest = {dag_id: dag["schedule"] for dag_id, dag in bag["dags"].items() if dag_id.startswith("ingest_")}
    assert ingest == {f"ingest_{agency.name}": agency.schedule for agency in agencies}


def test_each_dataset_is_an_asset_and_the_mart_waits_for_all_of_them(bag, agencies):
    made = {uri for dag in bag["dags"].values() for task in dag["tasks"].values() for uri in task["outlets"]}
    assert made == {f"tegak://{d.agency}/{d.name}" for agency in agencies for d in agency.datasets}
    assert made == set(bag["dags"]["stunting_mart"]["assets"])


def test_whatever_writes_the_warehouse_shares_one_slot(bag):
    for dag in bag["dags"].values():
        assert dag["max_active_runs"] == 1
        for task_id, task in dag["tasks"].items():
            assert task["retries"] >= 1
            assert task["timeout"]
            assert task["pool"] == "warehouse_writer", task_id


def test_people_find_owner_and_legal_basis_in_the_user_interface(bag, agencies):
    for agency in agencies:
        doc = bag["dags"][f"ingest_{agency.name}"]["doc"]
        assert agency.owner in doc
        assert agency.basis in doc


def test_of_two_regencies_each_has_all_the_dags_of_one(bag, two):
    """The code is in each DAG's id, in its pool and in its assets; a mart waits for its own regency's alone."""
    described, _ = two
    assert described["errors"] == {}
    assert len(described["dags"]) == 2 * len(bag["dags"])
    for code in ("36.04", "99.01"):
        for dag_id, alone in bag["dags"].items():
            kind, found, agency = dag_id.partition("ingest_")
            dag = described["dags"][f"ingest_{code}_{agency}" if found else f"{kind}_{code}"]
            text = json.dumps(dag).replace(f"warehouse_writer_{code}", "warehouse_writer")
            assert json.loads(text.replace(f"tegak://{code}/", "tegak://")) == alone
    pools = {task["pool"] for dag in described["dags"].values() for task in dag["tasks"].values()}
    assert pools == {"warehouse_writer_36.04", "warehouse_writer_99.01"}


def test_a_process_that_ran_a_task_of_one_regency_runs_none_of_another(home, two):
    _, (received, loaded, *refused) = two
    assert received == loaded == str(home / "data" / "36.04" / "warehouse.duckdb")
    assert refused == ["This process works for 36.04: it does nothing for 99.01."] * 2
