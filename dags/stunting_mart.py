"""The mart: one dbt build, its audit, and a release, whenever an agency's data changed and every night."""

import pendulum
from airflow.sdk import DAG, Asset, AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from include.alerts import tell_of_night
from include.contract_reader import read_sound
from include.links import SiteLink, linked
from include.regencies import read_regencies

NIGHTLY = CronTriggerTimetable("0 22 * * *", timezone="Asia/Jakarta")
LIMITS = {"retries": 1, "execution_timeout": pendulum.duration(hours=2)}


@task
def build() -> None:
    """Run `dbt build` once when anything is new since the release, not before the first delivery; fail on a broken contract."""
    from include import build, room, unchanged

    if not unchanged.anything_delivered():
        raise AirflowSkipException("Nothing was delivered yet, so nothing is built.")
    if not unchanged.since_release():
        room.check()
        build.build_models()


@task
def audit() -> None:
    """Compare what was built with the row accounting and with the last release; a failure leaves that in place."""
    from include.audit import audit_build

    audit_build()


@task
def publish() -> str:
    """Write the release and switch `current` to it, or let it stand; remove what is expired; copy what stands to a bucket."""
    from include import release, release_copy, retention, unchanged

    name = unchanged.confirm() or release.publish_release().name
    retention.remove_expired()
    release_copy.copy_current()
    return name


for regency in read_regencies():
    assets = [Asset(regency.asset(one.agency, one.name)) for agency in read_sound()[0] for one in agency.datasets]
    with DAG(
        regency.named("stunting_mart"),
        description=__doc__,
        schedule=AssetOrTimeSchedule(timetable=NIGHTLY, assets=AssetAny(*assets)),
        max_active_runs=1,
        default_args=LIMITS | regency.for_tasks,
    ):
        # a teardown runs whatever came before, and does not decide how the run ended
        alert = task(task_id="alert")(tell_of_night)().as_teardown()
        build() >> audit() >> linked(publish(), SiteLink(regency)) >> alert
