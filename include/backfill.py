"""Reads archived deliveries of some months again, as today's contracts and rules say, and shows what that changes.

`dags/backfill.py` wires it. The preview works on a copy of the working database; only `read_again` outside of it
changes anything, and what readers see changes only by a release.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from include import ingest, settings, warehouse
from include.archive import Delivery, deliveries, removed_under
from include.build import BuildFailed, run_dbt
from include.compare import changes_against_release, show_changes, write_changes
from include.contract import Dataset
from include.contract_reader import find_datasets, read_agencies
from include.copies import BACKFILL, on_a_copy, remove_copy
from include.load import forget_changed_contract, forget_deliveries, not_loaded
from include.nearest import known_or_nearest
from include.problem import Problem
from include.release import current_database

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class BackfillRefused(Problem):
    """The request cannot be met; the message says in one sentence why."""


@dataclass(frozen=True)
class Request:
    """Which deliveries to read again, per dataset."""

    chosen: tuple[tuple[Dataset, tuple[Delivery, ...]], ...]


def read_request(conf: Mapping[str, Any]) -> Request:
    """Return what the parameters ask for; raise `BackfillRefused`, or `ContractError`, when they ask for nothing that there is."""
    name, wanted = conf["agency"], conf["dataset"] or ""
    if not name:
        raise BackfillRefused(f"Say which agency; {known_or_nearest('', [one.name for one in read_agencies()])}.")
    datasets = find_datasets(name, wanted)
    first, last = conf["first_month"], conf["last_month"]
    for month in (first, last):
        if not _MONTH.fullmatch(month or ""):
            raise BackfillRefused(f"{month!r} is no month; write one as 2026-03.")
    if first > last:
        raise BackfillRefused(f"first_month {first} is after last_month {last}.")
    chosen = tuple(
        (dataset, tuple(d for d in deliveries(dataset) if _is_in(d.period, first, last) and not removed_under(d)))
        for dataset in datasets
    )
    if not any(found for _, found in chosen):
        raise BackfillRefused(
            f"Nothing of {'/'.join(filter(None, (name, wanted)))} was delivered for {first} to {last}."
        )
    return Request(tuple((dataset, found) for dataset, found in chosen if found))


def preview(conf: Mapping[str, Any], run: str) -> Path:
    """Build with what is read again on a copy, print and store what changes against the current release.

    Returns the file `data/previews/<run>.csv`. Raises `BackfillRefused` and `BuildFailed`.
    """
    request = read_request(conf)
    if not current_database().exists():
        raise BackfillRefused("There is no release yet to compare with; run make nightly.")
    copy = settings.DATA / BACKFILL
    try:
        with on_a_copy(copy):
            read_again(request)
            # a target of its own: a release reads the night's
            target = ["--target-path", str(settings.DATA / "dbt" / "backfill")]
            if run_dbt("--quiet", "build", *target, "--exclude-resource-type", "unit_test", "--exclude", "source:*"):
                raise BuildFailed("the marts cannot be built with what was read again; dbt's lines above say why.")
            changes = changes_against_release(settings.DATA / "dbt" / "backfill")
    finally:
        remove_copy(copy)
    file = preview_file(run)
    write_changes(changes, file)
    show_changes(changes, file)
    return file


def preview_file(run: str) -> Path:
    """Return where the preview of a run of the DAG lies."""
    return settings.DATA / "previews" / f"{re.sub(r'[^A-Za-z0-9_.-]', '_', run)}.csv"


def read_again(request: Request) -> None:
    """Forget the deliveries, load them from the archive, and let the gate judge them."""
    for dataset, chosen in request.chosen:
        with warehouse.connect() as con:
            forget_changed_contract(con, dataset)
            con.begin()
            forget_deliveries(con, dataset, [delivery.delivery_id for delivery in chosen])
            con.commit()
            waiting = not_loaded(con, dataset)
        ingest.load(dataset, [asdict(delivery) for delivery in waiting])
        ingest.gate(dataset)


def _is_in(period: str | None, first: str, last: str) -> bool:
    """Whether a period (month, quarter or year) shares a month with the range; an unknown one shares none."""
    if period is None:
        return False
    if "Q" in period:
        year, quarter = period.split("-Q")
        begins, ends = f"{year}-{3 * int(quarter) - 2:02}", f"{year}-{3 * int(quarter):02}"
    else:
        begins, ends = (period, period) if "-" in period else (f"{period}-01", f"{period}-12")
    return begins <= last and ends >= first
