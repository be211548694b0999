"""One DAG per agency, made from its contract: keep what came, load file by file, pass the gate."""

from typing import Any

import pendulum
from airflow.sdk import DAG, Asset, TaskGroup, task
from airflow.sdk.exceptions import AirflowSkipException

from include.contract import Dataset, find_dataset, read_agencies

ONE_WRITER = "warehouse_writer"
PATIENCE = {"retries": 2, "retry_delay": pendulum.duration(minutes=5), "execution_timeout": pendulum.duration(hours=1)}


@task(pool=ONE_WRITER)
def receive(agency: str, name: str) -> list[dict]:
    """Archive the files that wait in the landing folder; return every delivery that is not loaded yet."""
    from include import ingest

    return ingest.receive(find_dataset(agency, name))


@task(pool=ONE_WRITER, map_index_template="{{ delivery['file_name'] }}")
def load(agency: str, name: str, delivery: dict) -> None:
    """Load one file; a refused one is skipped with its reason, the others go on."""
    from include import ingest

    if refusal := ingest.load(find_dataset(agency, name), delivery):
        raise AirflowSkipException(refusal)


def wire(dataset: Dataset) -> None:
    """Wire the three steps of one dataset; the asset event says what the gate let through."""
    agency, name = dataset.agency, dataset.name
    asset = Asset(f"tegak://{agency}/{name}")

    @task(pool=ONE_WRITER, outlets=[asset], trigger_rule="none_failed_min_one_success")
    def gate(agency: str, name: str, outlet_events: Any = None) -> None:
        from include import ingest

        outlet_events[asset].extra = ingest.gate(find_dataset(agency, name))

    with TaskGroup(name, tooltip=dataset.description):
        load.partial(agency=agency, name=name).expand(delivery=receive(agency, name)) >> gate(agency, name)


for agency in read_agencies():
    with DAG(
        f"ingest_{agency.name}",
        description=agency.description,
        doc_md=f"{agency.description}\n\nOwner: {agency.owner}\n\nLegal basis: {agency.basis}",
        schedule=agency.schedule,
        start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Jakarta"),
        catchup=False,
        max_active_runs=1,
        tags=["ingest", agency.name],
        default_args=PATIENCE | {"owner": agency.owner},
    ):
        for dataset in agency.datasets:
            wire(dataset)
