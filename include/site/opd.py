"""What has each agency (OPD) done against its target, and the money: the page capaian.html."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from markupsafe import Markup

from include.indonesian import number, percent, rupiah_short
from include.site.page import Page, Row, Zone, figure, in_both, is_hidden, is_of_few, t, told

QUARTERS_SHOWN = 6
NO_DATA, NO_TARGET, REACHED, NOT_REACHED = "belum ada data", "tanpa target", "tercapai", "belum tercapai"
UNVERIFIED = ", target belum terverifikasi"

_TONES = {NO_DATA: "nodata", REACHED: "good", NOT_REACHED: "behind"}
# Of budget_progress, what to look at first.
_FINDINGS = (
    "kebutuhan tanpa uang",
    "uang dan kebutuhan",
    "target tercapai, dana tersedia",
    "target tercapai, tanpa dana",
    "uang tanpa kebutuhan",
    "tanpa uang dan tanpa kebutuhan",
    "tidak diketahui",
)


def pages(zone: Zone) -> list[Page]:
    """Return the page of the agencies: the newest quarter of the kabupaten, its money, and the quarters before."""
    rows = zone.read(
        """
        select progress.*, agencies.short_name, agencies.agency_name, catalogue.name_english, catalogue.direction
        from opd_progress as progress
        left join agencies using (agency)
        left join (select distinct indicator_id, name_english, direction from indicator_catalogue) as catalogue
            using (indicator_id)
        where area_level = 'kabupaten'
        order by quarter, lower(short_name), indicator_id
        """
    )
    quarters = sorted({row["quarter"] for row in rows}, reverse=True)
    newest = [_worded(row) for row in rows if row["quarter"] == quarters[0]]
    with_target = [row for row in newest if row["target_pct"] is not None and row["tone"] in ("good", "behind")]
    agencies = _by_agency(newest)
    shows: dict[str, Any] = {
        "share": lambda value: percent(100 * value, 0),
        "quarter": quarters[0] if quarters else None,
        "reached": sum(row["tone"] == "good" for row in with_target),
        "with_target": len(with_target),
        "without_data": sum(row["tone"] == "nodata" for row in newest),
        "agencies": agencies,
        "lagging": ", ".join(f"{group['short']} {group['missed']}" for group in agencies if group["missed"]),
        "money": _money(zone, newest, quarters[0]) if quarters else [],
        "findings": [],
        "quarters": quarters[:QUARTERS_SHOWN],
        "courses": _courses(rows, quarters[:QUARTERS_SHOWN]),
    }
    shows["findings"] = [] if zone.is_public else _findings(shows["money"])
    return [Page("capaian.html", "opd.html.j2", ("Capaian OPD", "Agencies"), shows)]


def _worded(row: Row) -> Row:
    """Add to a row of `opd_progress` what the page says of it: its status in words, its counts, where it stands."""
    status = row["status"] if "status" in row else _status(row)
    tone, words = _TONES.get(status.partition(",")[0], "plain"), told(status)
    if is_hidden(row, "coverage_pct") or is_of_few(row, "coverage_pct"):
        tone, words = "plain", t("angka tidak diterbitkan", "figure not published")
    # an amount of money has its unit in it
    unit = "" if row["unit"] == "rupiah" else told(row["unit"])
    numerator, denominator = _counted(row, "numerator"), _counted(row, "denominator")
    counts = t("{n} dari {d} {u}", "{n} of {d} {u}", n=numerator, d=denominator, u=unit)
    is_down = row["direction"] == "down"
    return {**row, "tone": tone, "words": words, "counts": counts, "is_down": is_down}


def _counted(row: Row, column: str) -> Markup:
    return figure(row, column, in_both(rupiah_short) if row["unit"] == "rupiah" else number)


def _status(row: Row) -> str:
    """Say of published figures what the mart says of exact ones; the public zone does not have the mart's word."""
    if row["coverage_pct"] is None:
        return NO_DATA
    if row["target_pct"] is None:
        return NO_TARGET
    gap = row["coverage_pct"] - row["target_pct"]
    is_reached = gap <= 0 if row["direction"] == "down" else gap >= 0
    return (REACHED if is_reached else NOT_REACHED) + ("" if row["is_target_verified"] else UNVERIFIED)


def _by_agency(newest: list[Row]) -> list[dict[str, Any]]:
    """Group the newest quarter by agency, the one that missed most targets first; in it what is farthest from its target
    first and what nobody counts last.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in newest:
        agency = {"agency": row["agency"], "short": row["short_name"] or row["agency"], "name": row["agency_name"]}
        found.setdefault(row["agency"], {**agency, "rows": []})["rows"].append(row)
    for group in found.values():
        group["rows"].sort(key=_distance)
        group["reached"] = sum(row["tone"] == "good" for row in group["rows"])
        group["missed"] = sum(row["tone"] == "behind" for row in group["rows"])
        group["aimed"] = group["reached"] + group["missed"]
    return sorted(found.values(), key=lambda group: (-group["missed"], -group["aimed"], group["short"].lower()))


def _distance(row: Row) -> tuple[int, float, str]:
    order = {"behind": 0, "good": 1, "plain": 2, "nodata": 3}[row["tone"]]
    gap = 0.0
    if row["coverage_pct"] is not None and row["target_pct"] is not None:
        gap = -abs(row["target_pct"] - row["coverage_pct"])
    return order, gap, row["indicator_id"]


def _money(zone: Zone, newest: list[Row], quarter: date) -> list[Row]:
    """Return budget and spending of a quarter's indicators, the largest first, with the finding where the zone has it."""
    named = {row["indicator_id"]: row for row in newest}
    rows = zone.read(
        "from budget_progress where quarter = ? order by budget_rp desc nulls last, indicator_id", [quarter]
    )
    for row in rows:
        row["of"] = named.get(row["indicator_id"])
        row["short_name"] = row["of"]["short_name"] if row["of"] else row["agency"]
        row["name_english"] = (row["of"] or {}).get("name_english") or row["name_indonesian"]
    return rows


def _findings(money: list[Row]) -> list[Row]:
    """Count the indicators of each finding, with their money; what needs money and has none stands first."""
    found = []
    for finding in _FINDINGS:
        rows = [row for row in money if row["finding"] == finding]
        budget, spent = _sum(row["budget_rp"] for row in rows), _sum(row["spent_rp"] for row in rows)
        share = 100 * spent / budget if budget and spent is not None else None
        found.append({"words": told(finding), "count": len(rows), "budget_rp": budget, "spent_pct": share})
    return [row for row in found if row["count"]]


def _sum(amounts: Iterable[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _courses(rows: list[Row], quarters: list[date]) -> list[Row]:
    """Return each indicator with its row of each quarter shown, or None where it has none."""
    found: dict[str, Row] = {}
    for row in rows:
        course = found.setdefault(row["indicator_id"], {**row, "by_quarter": {}})
        course["by_quarter"][row["quarter"]] = row
    for course in found.values():
        course["cells"] = [course["by_quarter"].get(quarter) for quarter in quarters]
    return sorted(
        found.values(), key=lambda row: ((row["short_name"] or row["agency"]).lower(), row["name_indonesian"])
    )
