"""What waits for an agency: deliveries that stand refused or held, and datasets that are late by their schedule."""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from include.contract_reader import read_agencies

MOST_NAMED = 10

# Rows of audit.deliveries that were refused or held and that no later file of the same name and period replaced; what lay in
# no period's folder any later file of its name replaces.
STANDING = """
    select d.*
    from audit.deliveries as d
    where d.status in ('refused', 'held') and not exists (
        from audit.deliveries as later
        where later.agency = d.agency and later.dataset = d.dataset and later.status = 'loaded'
            and later.file_name = d.file_name and (d.period is null or later.period is not distinct from d.period)
            and later.received_at > d.received_at
    )
    """


@dataclass(frozen=True)
class Late:
    """A dataset that has not come for longer than its contract allows; `days` is None when it never came."""

    dataset: str
    days: int | None
    due_every: int

    def __str__(self) -> str:
        if self.days is None:
            return f"{self.dataset} has brought no accepted row yet"
        return f"{self.dataset} last brought accepted rows {self.days} days ago, it is due every {self.due_every}"


def late(con: duckdb.DuckDBPyConnection, now: datetime | None = None) -> list[Late]:
    """Return the datasets that are late at a moment (UTC), in the order of their contracts."""
    last = dict(
        con.execute(
            "select agency || '/' || dataset, max(received_at) from audit.deliveries where rows_accepted > 0 group by 1"
        ).fetchall()
    )
    now = (now or datetime.now(UTC)).replace(tzinfo=None)
    found = []
    for dataset in [dataset for agency in read_agencies() for dataset in agency.datasets]:
        if dataset.late_after_days is None:
            continue
        name = f"{dataset.agency}/{dataset.name}"
        days = (now - last[name]).days if name in last else None
        if days is None or days > dataset.late_after_days:
            found.append(Late(name, days, dataset.late_after_days))
    return found
