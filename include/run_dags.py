"""Runs one night of real Airflow DAG runs in this process: every ingest DAG, then the mart; or one backfill.

Of `include/` only this, `links.py`, `storage.py` and `airflow_plugin/` import Airflow. A scheduler does the same from the DAGs'
schedules; here a person waits for the end, so nothing is retried after minutes.
"""

import json
import sys
from datetime import datetime
from typing import Any

import pendulum
from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.models.pool import Pool
from airflow.sdk import DAG, timezone
from airflow.utils.db_cleanup import run_cleanup
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from sqlalchemy import select

from include import settings
from include.retention import read_rules
from include.warehouse import kept_open

# what Airflow keeps of each run; what a DAG is stays
_RECORDS = ["log", "xcom", "task_instance", "task_instance_history", "dag_run", "asset_event", "job"]


def run_night() -> int:
    """Run the DAGs; return 0 when all of them succeeded."""
    bag, regency = DagBag(), settings.REGENCY
    for path, error in bag.import_errors.items():
        print(f"[NIGHT] failed {path}: {error.strip().splitlines()[-1]}")
    _make_pool()
    started = timezone.utcnow()
    ingest = sorted(dag_id for dag_id in bag.dags if dag_id.startswith(regency.named("ingest", "")))
    with kept_open():
        succeeded = [_run(bag.dags[dag_id]) for dag_id in ingest]
    changed = _changed_assets(started)
    print(f"[NIGHT] mart started by {', '.join(changed) or 'its nightly schedule'}")
    succeeded.append(_run(bag.dags[regency.named("stunting_mart")]))
    _forget_old_runs()
    return 0 if all(succeeded) and not bag.import_errors else 1


def run_backfill(conf: dict[str, Any]) -> int:
    """Run the backfill DAG with its parameters; return 0 when it succeeded."""
    bag = DagBag()
    _make_pool()
    return 0 if _run(bag.dags[settings.REGENCY.named("backfill")], conf) else 1


def _forget_old_runs() -> None:
    """Let Airflow forget the runs whose time is over, with the receipts that its tasks handed on: they name files."""
    before = pendulum.now("UTC").subtract(days=read_rules()["airflow_records"].keep_days)
    run_cleanup(clean_before_timestamp=before, table_names=_RECORDS, skip_archive=True, confirm=False)


def _make_pool() -> None:
    pool = settings.REGENCY.named("warehouse_writer")
    Pool.create_or_update_pool(pool, slots=1, description="DuckDB has one writer", include_deferred=False)


def _run(dag: DAG, conf: dict[str, Any] | None = None) -> bool:
    print(f"[NIGHT] dag {dag.dag_id}", flush=True)
    for task in dag.tasks:
        task.retries = 0
        task.on_failure_callback = [*_listed(task.on_failure_callback), _tell]
    run = dag.test(run_conf=conf)
    print(f"[NIGHT] ended {run.run_id}", flush=True)
    return run.state == DagRunState.SUCCESS


def _listed(callbacks: Any) -> list[Any]:
    """A task has one callback, many or none; all but ours stay."""
    return [] if callbacks is None else [callbacks] if callable(callbacks) else list(callbacks)


def _tell(context: Any) -> None:
    for line in str(context["exception"]).splitlines():
        print(f"[NIGHT] failed {context['ti'].task_id}: {line}", flush=True)


def _changed_assets(since: datetime) -> list[str]:
    with create_session() as session:
        events = session.scalars(select(AssetEvent).where(AssetEvent.timestamp >= since)).all()
        return sorted({event.asset.uri.removeprefix("tegak://") for event in events})


if __name__ == "__main__":
    sys.exit(run_backfill(json.loads(sys.argv[1])) if sys.argv[1:] else run_night())
