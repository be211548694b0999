"""The DAG that everybody writes first: a task per dataset, then a task per dbt model."""

import pendulum
from airflow.sdk import DAG, task

from include.contract_reader import read_agencies
from tests.bench.naive import steps


@task
def take_in(agency: str, dataset: str) -> None:
    steps.take_in(agency, dataset)


@task
def dbt(*arguments: str) -> None:
    steps.dbt(*arguments)


@task
def publish() -> None:
    steps.publish()


with DAG("naive", schedule=None, start_date=pendulum.datetime(2026, 1, 1)):
    seeds = dbt.override(task_id="seed")("seed", "--full-refresh")
    for agency in read_agencies():
        for dataset in agency.datasets:
            take_in.override(task_id=f"{agency.name}__{dataset.name}")(agency.name, dataset.name) >> seeds
    tests = dbt.override(task_id="test")("test", "--exclude", "source:*", "--exclude-resource-type", "unit_test")
    built_by: dict[str, str] = {}  # the task of each model
    tasks = {}
    for group in steps.groups():
        made = tasks[group.name] = dbt.override(task_id=group.name)(group.command, "--select", *group.models)
        built_by |= dict.fromkeys(group.models, group.name)
        seeds >> made >> tests
        for other in {built_by[parent] for parent in group.parents} - {group.name}:
            tasks[other] >> made
    tests >> publish()
