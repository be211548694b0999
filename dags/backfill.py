"""Reads an agency's deliveries of some months again: first a preview of what changes, then, when asked, a release."""

from typing import Any

import pendulum
from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException

from include.regencies import read_regencies

PARAMS = {
    "agency": Param("", type="string", description="for example dinkes"),
    "dataset": Param("", type="string", description="empty: all of the agency"),
    "first_month": Param("", type="string", description="for example 2026-03"),
    "last_month": Param("", type="string"),
    "publish": Param(False, type="boolean", description="false: only the preview, in data/previews"),
}
LIMITS = {"retries": 1, "execution_timeout": pendulum.duration(hours=3)}


@task
def preview(params: Any = None, run_id: Any = None) -> str:
    """Read and build on a copy of the working database; the file says which numbers change."""
    from include import backfill, problem

    try:
        return str(backfill.preview(params, run_id))
    except problem.Problem as refusal:  # asking again changes nothing
        raise AirflowFailException(str(refusal)) from refusal


@task.short_circuit
def is_to_publish(params: Any = None) -> bool:
    return params["publish"]


@task
def publish(params: Any = None) -> str:
    """Read again in the working database, then build, audit and publish as every night."""
    from include import audit, backfill, build, release, release_copy

    backfill.read_again(backfill.read_request(params))
    build.build_models()
    audit.audit_build()
    name = release.publish_release().name
    release_copy.copy_current()
    return name


for regency in read_regencies():
    with DAG(
        regency.named("backfill"),
        description=__doc__,
        schedule=None,
        params=PARAMS,
        max_active_runs=1,
        default_args=LIMITS | regency.for_tasks,
    ):
        preview() >> is_to_publish() >> publish()
