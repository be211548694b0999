"""Removes what has been kept long enough, as `ref_retention.csv` says; the end of each publish calls it.

A raw file leaves a receipt that says when and under which rule it went, and its delivery stays on record with no
rows, so that a rebuild from what is left gives what the night has.
"""

import csv
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from include import settings, warehouse
from include.alerts import forget_before
from include.archive import Delivery, deliveries, drop_removed, mark_removed, removed_under
from include.console import CONSOLE
from include.contract_reader import read_agencies
from include.load import forget_deliveries, record_removed
from include.settle import settle_rows


@dataclass(frozen=True)
class Rule:
    """One row of the seed."""

    what: str
    keep_days: int
    basis: str
    is_verified: bool

    def __str__(self) -> str:
        return f"{self.what}: {self.keep_days:,} days{'' if self.is_verified else ', unverified'} ({self.basis})"


@dataclass(frozen=True)
class Due:
    """One thing whose time is over. `delivery`: it is a raw file of the archive."""

    rule: Rule
    path: Path
    delivery: Delivery | None = None


def read_rules() -> dict[str, Rule]:
    """Return the rules by what they are for."""
    with (settings.SEEDS / "rules" / "ref_retention.csv").open(encoding="utf-8") as stream:
        return {
            row["what"]: Rule(row["what"], int(row["keep_days"]), row["basis"], row["is_verified"] == "true")
            for row in csv.DictReader(stream)
        }


def due(now: datetime) -> list[Due]:
    """Return what is to go at a moment (UTC), in order of rule and path."""
    rules = read_rules()
    found = [*_releases(rules, now), *_raw_files(rules["raw_files"], now)]
    folders = {
        "returns": settings.RETURNS,
        "previews": settings.DATA / "previews",
        "lineage": settings.LINEAGE,
        "prints": settings.DATA / "print",
    }
    kept = {what: [path for path in folder.rglob("*") if path.is_file()] for what, folder in folders.items()}
    kept["by_name"] = list((settings.DATA / "by_name").glob("*.xlsx"))  # never the ledger: it says whom a leak reached
    kept["believed"] = list(settings.DATA.glob("believed.*"))
    for what, paths in kept.items():
        rule = rules[what]
        found += [Due(rule, path) for path in paths if _made(path) < now - timedelta(days=rule.keep_days)]
    return sorted(found, key=lambda one: (one.rule.what, one.path, one.delivery.delivery_id if one.delivery else ""))


def remove_expired(now: datetime | None = None) -> int:
    """Remove what is due, print what went under which rule, return how many."""
    now = now or datetime.now(UTC)
    for left in settings.RELEASES.glob(".*.gone"):  # a night was killed while it removed this one
        shutil.rmtree(left)
    found, rules = due(now), read_rules()
    for one in found:
        if one.delivery:
            mark_removed(one.delivery, str(one.rule), f"{now:%Y-%m-%d}")
        elif one.path.is_dir():
            _remove_folder(one.path)
        else:
            one.path.unlink(missing_ok=True)
    _forget_removed()
    forget_before(now - timedelta(days=rules["alerts"].keep_days))
    for rule, number in _numbers(found).items():
        CONSOLE.print(f"removed: {number:,} under the rule {rule}", markup=False)
    return len(found)


def show_due(days: int = 7) -> None:
    """Print what the coming days will remove, for the nightly report: nothing goes without a warning."""
    for rule, number in _numbers(due(datetime.now(UTC) + timedelta(days=days))).items():
        CONSOLE.print(f"to be removed within {days} days: {number:,} under the rule {rule}", markup=False)


def _numbers(found: list[Due]) -> dict[str, int]:
    rules = [str(one.rule) for one in found]
    return {rule: rules.count(rule) for rule in dict.fromkeys(rules)}


def _releases(rules: dict[str, Rule], now: datetime) -> list[Due]:
    """All of the last days stay, then the last one of each month; the current one stays whatever its age."""
    folders = [path for path in settings.RELEASES.glob("????-??-*Z") if path.is_dir()]
    last_of_month = {path.name[:7]: path for path in sorted(folders)}
    found = []
    for path in folders:
        rule = rules["monthly_releases" if last_of_month[path.name[:7]] == path else "releases"]
        made = datetime.fromisoformat(f"{path.name[:10]}T00:00:00+00:00")
        if path != settings.CURRENT.resolve() and made < now - timedelta(days=rule.keep_days):
            found.append(Due(rule, path))
    return found


def _raw_files(rule: Rule, now: datetime) -> list[Due]:
    return [
        Due(rule, delivery.file, delivery)
        for agency in read_agencies()
        for dataset in agency.datasets
        for delivery in deliveries(dataset)
        if removed_under(delivery) is None
        and _ends(delivery) < (now - timedelta(days=rule.keep_days)).date()
        # a file that came late is kept as long as one that came in time
        and delivery.received_at < (now - timedelta(days=rule.keep_days)).isoformat()
    ]


def _ends(delivery: Delivery) -> date:
    """Return the day after a delivery's period; without a period the day it came."""
    period = delivery.period
    if period is None:
        return datetime.fromisoformat(delivery.received_at).date()
    year, month = int(period[:4]), 12
    if "Q" in period:
        month = 3 * int(period[-1])
    elif "-" in period:
        month = int(period[5:])
    return date(year + month // 12, month % 12 + 1, 1)


def _forget_removed() -> None:
    """Take the bytes and rows of what is marked as removed; what a killed night left is taken by the next."""
    for dataset in [dataset for agency in read_agencies() for dataset in agency.datasets]:
        marked = drop_removed(dataset)
        if not marked:
            continue
        with warehouse.connect() as con:
            known = con.execute("select delivery_id from audit.deliveries where status <> 'removed'").fetchall()
            left = [delivery for delivery in marked if (delivery.delivery_id,) in known]
            if left:
                con.begin()
                forget_deliveries(con, dataset, [delivery.delivery_id for delivery in left])
                for delivery in left:
                    record_removed(con, delivery, removed_under(delivery) or "")
                settle_rows(con, dataset)  # a row that was a removed one's double counts now
                con.commit()


def _remove_folder(path: Path) -> None:
    """Out of sight in one step, so that no reader finds half a release."""
    hidden = path.with_name(f".{path.name}.gone")
    path.rename(hidden)
    shutil.rmtree(hidden)


def _made(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
