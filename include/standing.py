"""What waits for an agency: deliveries that stand refused or held, files that no dataset takes, datasets that are late."""

import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from include import inbox, settings
from include.archive import dismissed
from include.contract import Dataset
from include.contract_reader import read_agencies
from include.nearest import known_or_nearest
from include.storage import LANDING, StorageProblem
from include.visible import visible

MOST_NAMED = 10

# Rows of audit.deliveries that were refused or held and that no later file of the same name and period replaced; what lay in
# no period's folder any later file of its name replaces. What a person dismissed stands no more.
STANDING = """
    select d.*
    from audit.deliveries as d
    where d.status in ('refused', 'held')
        and d.delivery_id not in (select delivery_id from audit.dismissed)
        and not exists (
            from audit.deliveries as later
            where later.agency = d.agency and later.dataset = d.dataset and later.status = 'loaded'
                and later.file_name = d.file_name and (d.period is null or later.period is not distinct from d.period)
                and later.received_at > d.received_at
        )
    """


@dataclass(frozen=True)
class Late:
    """A dataset of which no row was accepted for longer than its contract allows; `days` is None when none ever was."""

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


@dataclass(frozen=True)
class Misplaced:
    """A folder below a landing folder whose files no dataset takes; `files` are named from there on."""

    landing: str
    folder: str
    files: tuple[str, ...]
    known: tuple[str, ...]

    @property
    def place(self) -> str:
        return visible(f"{self.landing}/{self.folder}", 200)

    @property
    def why(self) -> str:
        """What lies there, and where it was likely meant to be."""
        named = ", ".join(visible(name, 100) for name in self.files[:MOST_NAMED])
        more = f" and {len(self.files) - MOST_NAMED:,} more" if len(self.files) > MOST_NAMED else ""
        near = known_or_nearest(self.folder, self.known)
        near = near if near.startswith("nearest") else "make status lists what is known"
        return f"no dataset takes what lies there: {named}{more}; move it to <agency>/<dataset>/<period>/, {near}"

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


def take_dismissed(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Take from the receipts which deliveries a person dismissed: a working database that was rebuilt knows them again."""
    ids = dismissed(dataset)
    con.execute("insert or ignore into audit.dismissed select unnest(?::varchar[])", [ids])


def misplaced() -> list[Misplaced]:
    """Return the folders of the landing folder whose files would lie there for ever."""
    return _nobodys("landing", _waiting())


def misplaced_in_bucket() -> list[Misplaced]:
    """The same of the bucket, for a task: only there Airflow's connections are known. *receive* tells of one that cannot be used."""
    with suppress(StorageProblem):
        return _nobodys(f"bucket of {LANDING}", inbox.waiting())
    return []


def _nobodys(landing: str, waiting: Iterable[tuple[str, str]]) -> list[Misplaced]:
    known, found = _known(), defaultdict(list)
    for folder, file in waiting:
        if folder not in known:
            found[folder].append(file)
    return [Misplaced(landing, folder, tuple(files), known) for folder, files in found.items()]


def waits() -> bool:
    """Say whether a file lies in the landing folder that a dataset takes."""
    known = _known()
    return any(folder in known for folder, _ in _waiting())


def _known() -> tuple[str, ...]:
    return tuple(f"{dataset.agency}/{dataset.name}" for agency in read_agencies() for dataset in agency.datasets)


def _waiting() -> Iterator[tuple[str, str]]:
    """Yield where each file waits, as `<agency>/<dataset>` and its place from there on; links, pipes and devices are nobody's."""
    for path in sorted(settings.LANDING.rglob("*")):
        *folders, name = path.relative_to(settings.LANDING).parts
        if not name.startswith((".", "~$")) and stat.S_ISREG(path.lstat().st_mode):
            yield "/".join(folders[:2]), "/".join((*folders[2:], name))
