"""One DAG per agency (and regency), made from its contract: keep what came, load it period by period, pass the gate."""

from itertools import product
from typing import Any

import pendulum
from airflow.sdk import DAG, Asset, CronTriggerTimetable, TaskGroup, task
from airflow.sdk.exceptions import AirflowSkipException

from include.contract import Dataset
from include.contract_reader import read_sound
from include.links import QualityLink, linked
from include.regencies import Regency, read_regencies

LIMITS = {"retries": 2, "execution_timeout": pendulum.duration(hours=1)}
FIRST = {"priority_weight": 10, "weight_rule": "absolute"}  # before a mart that waits


def wire(dataset: Dataset, regency: Regency) -> None:
    """Wire the three steps of one dataset; the asset event says what the gate let through."""
    asset = Asset(regency.asset(dataset.agency, dataset.name))

    @task
    def receive() -> list[list[dict]]:
        from include import ingest  # here, as it takes the time of DuckDB's import

        return ingest.receive(dataset)

    @task(map_index_template="{{ deliveries[0]['period'] or 'no period' }} ({{ deliveries | length }})")
    def load(deliveries: list[dict]) -> None:
        from include import ingest

        refusals = ingest.load(dataset, deliveries)
        if len(refusals) == len(deliveries):
            raise AirflowSkipException("\n".join(refusals))
        print("\n".join(refusals))

    @task(outlets=[asset], trigger_rule="none_failed_min_one_success")
    def gate(outlet_events: Any = None) -> dict:
        from include import ingest

        outlet_events[asset].extra = told = ingest.gate(dataset)
        return told

    with TaskGroup(dataset.name, tooltip=dataset.description):
        load.expand(deliveries=receive()) >> linked(gate(), QualityLink(regency))


for regency, agency in product(read_regencies(), read_sound()[0]):  # contracts.py tells of the others
    with DAG(
        regency.named("ingest", agency.name),
        description=agency.description,
        doc_md=f"{agency.description}\n\nOwner: {agency.owner}\n\nLegal basis: {agency.basis}",
        schedule=CronTriggerTimetable(agency.schedule, timezone="Asia/Jakarta"),
        max_active_runs=1,
        default_args=LIMITS | FIRST | {"owner": agency.owner} | regency.for_tasks,
    ):
        for dataset in agency.datasets:
            wire(dataset, regency)
