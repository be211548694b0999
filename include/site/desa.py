"""The page on which one finds one's own desa: what the register says of it month by month, and what has reached it.

All desa stand in the page as numbers, column by column, and `static/desa.js` shows one of them; without JavaScript the
table of all desa remains. In those numbers `HIDDEN` is a figure that is suppressed, `TOO_FEW` a share that is not given
because its counts are small, null what nobody knows; percentages are tenths of a point.
"""

import csv
import json
from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from include import indonesian, settings
from include.disclosure import LEAST_DENOMINATOR
from include.months import through
from include.site.english import Pair, in_english, template, translate
from include.site.page import Page, Row, Zone, hidden, is_hidden, is_of_few, newest_that_fit, too_few, unknown
from include.site.path import wilson

HIDDEN, TOO_FEW = -1, -2
COUNTS = ("due", "measured", "height_valid", "stunted")
SHARES = ("coverage_pct", "stunted_pct")
ESTIMATES = ("estimate_pct", "low_pct", "high_pct")
SERIES = (*COUNTS, *SHARES, *ESTIMATES)
"""What each desa has per month, in the order of its numbers."""

VISIT_RULES = settings.SEEDS / "visits" / "ref_visit_rules.csv"
MOST_VILLAGES = 600
"""How many desa the table lists and the page holds the services of; of more it has the figures by month alone."""

Coded = int | None
_GROUP = "prioritas "


@dataclass
class Village:
    """One desa: `series` has a list per name of `SERIES` with one number per month; what a zone has not is empty."""

    code: str
    name: str
    kecamatan: str
    series: dict[str, list[Coded]]
    reached: list[list[Any]] = field(default_factory=list)
    convergence: list[Any] = field(default_factory=list)
    families: list[Coded] = field(default_factory=list)
    priority: list[Any] = field(default_factory=list)
    criteria: list[tuple[str, str]] = field(default_factory=list)
    visits: list[int] = field(default_factory=list)
    visits_of_week: int = 0

    @property
    def group(self) -> str:
        """Return the priority of the newest month in words, empty where the mart has no row of the desa."""
        return self.priority[0] if self.priority else ""

    @property
    def rank(self) -> int | None:
        """Return the number of that priority; a desa of which too little is known has none."""
        return int(self.group.removeprefix(_GROUP)) if self.group.startswith(_GROUP) else None

    def newest(self, column: str) -> Coded:
        """Return the figure of the newest month."""
        return self.series[column][-1] if self.series[column] else None


@dataclass
class Villages:
    """All desa of a zone, those of the first priority first, by kecamatan and name, and the words that their numbers point to."""

    months: list[date]
    all: list[Village]
    months_known: int = 0
    unplaced_due: Coded = None
    unplaced_measured: Coded = None
    quarter: date | None = None
    indicators: list[list[Any]] = field(default_factory=list)
    convergence_quarter: date | None = None
    families_as_of: date | None = None


def pages(zone: Zone) -> list[Page]:
    """Return the page."""
    found = read_villages(zone)
    shows = {"villages": found, "data": as_json(found, zone), "shown": shown, "most": MOST_VILLAGES}
    shows["has_priority"] = zone.has("desa_priority")
    return [Page("desa.html", "desa.html.j2", ("Cari desa", "Find a village"), shows, ("desa.js",))]


def shown(number: Coded, is_share: bool = False) -> Markup:
    """Return a coded number as the table without JavaScript writes it."""
    if number is None:
        return unknown()
    if number < 0:
        return hidden() if number == HIDDEN else too_few()
    return Markup(indonesian.percent(number / 10) if is_share else indonesian.number(number))


def read_villages(zone: Zone) -> Villages:
    """Read all desa of the zone; a desa without a row in a mart has no figures from it."""
    rows = zone.read("select * from stunting_by_desa order by kecamatan_name, desa_name, desa_code, month")
    known = through([row["month"] for row in rows])
    places: dict[str, tuple[str, str]] = {}
    for row in rows:
        places[row["desa_code"]] = (row["desa_name"], row["kecamatan_name"])
    for row in zone.read("select distinct area_code, area_name from opd_progress where area_level = 'desa'"):
        places.setdefault(row["area_code"], (row["area_name"], ""))  # no posyandu counts it, other agencies do
    months = newest_that_fit(known, len(places), 1050 if len(places) <= MOST_VILLAGES else 290, 33)
    villages = {
        code: Village(code, name or "", kecamatan or "", {column: [None] * len(months) for column in SERIES})
        for code, (name, kecamatan) in places.items()
    }
    place = {month: number for number, month in enumerate(months)}
    for row in rows:
        if row["month"] not in place:
            continue
        village = villages[row["desa_code"]]
        for column in (*COUNTS, *SHARES):
            village.series[column][place[row["month"]]] = coded(row, column)
    _add_estimates(zone, villages, place)
    found = Villages(months, [], len(known))
    if len(villages) <= MOST_VILLAGES:
        _add_reached(zone, villages, found)
    _add_convergence(zone, villages, found)
    _add_priority(zone, villages)
    unplaced = villages.pop("unknown", None)
    if unplaced:
        found.unplaced_due, found.unplaced_measured = unplaced.newest("due"), unplaced.newest("measured")
    found.all = sorted(villages.values(), key=lambda one: (one.rank or inf, one.kecamatan, one.name, one.code))
    return found


def coded(row: Row, column: str) -> Coded:
    """Return a figure of a row as the page's number, tenths of a point for a share."""
    value = row[column]
    if value is None:
        return HIDDEN if is_hidden(row, column) else TOO_FEW if is_of_few(row, column) else None
    return tenths(value) if column.endswith("_pct") else int(value)


def tenths(value: float) -> int:
    """Return a percentage in tenths of a point, rounded exactly as it is written elsewhere on the site."""
    return int(f"{value:.1f}".replace(".", ""))


def _add_estimates(zone: Zone, villages: dict[str, Village], place: dict[date, int]) -> None:
    """Add the intervals: the estimates where the zone has them, else Wilson's of the published counts."""
    if zone.has("area_estimates"):
        for row in zone.read("select * from area_estimates where area_level = 'desa'"):
            if row["area_code"] in villages and row["month"] in place:
                for column in ESTIMATES:
                    villages[row["area_code"]].series[column][place[row["month"]]] = coded(row, column)
        return
    for village in villages.values():
        for number in place.values():
            cases, of = village.series["stunted"][number], village.series["height_valid"][number]
            if HIDDEN in (cases, of):
                village.series["low_pct"][number] = village.series["high_pct"][number] = HIDDEN
            elif cases is not None and of is not None and 0 <= cases <= of and of > 0:
                low, high = wilson(cases, of)
                village.series["low_pct"][number] = tenths(low)
                village.series["high_pct"][number] = tenths(high)


def _add_reached(zone: Zone, villages: dict[str, Village], found: Villages) -> None:
    """Add each indicator of the newest quarter: its number, numerator, denominator, percent, status."""
    rows = zone.read(
        """
        select * from opd_progress
        where area_level = 'desa' and quarter = (select max(quarter) from opd_progress where area_level = 'desa')
            and indicator_id <> 'stunting'  -- the page says it by month
        order by agency, name_indonesian, indicator_id
        """
    )
    names = zone.read("select distinct indicator_id, name_english, direction from indicator_catalogue")
    told = {row["indicator_id"]: (row["name_english"], int(row["direction"] == "down")) for row in names}
    agencies = _short_names(zone)
    numbers: dict[str, int] = {}
    for row in rows:
        found.quarter = row["quarter"]
        name = row["indicator_id"]
        if name not in numbers:
            numbers[name] = len(numbers)
            target = None if row["target_pct"] is None else tenths(row["target_pct"])
            agency = agencies.get(row["agency"], row["agency"])
            english, falls = told.get(name, (row["name_indonesian"], 0))
            described = [row["name_indonesian"], english, agency, translate(row["unit"])]
            found.indicators.append([*described, target, int(bool(row["is_target_verified"])), falls])
        figures = [coded(row, column) for column in ("numerator", "denominator", "coverage_pct")]
        if row["area_code"] in villages:
            villages[row["area_code"]].reached.append([numbers[name], *figures, row.get("status") or ""])


def _add_convergence(zone: Zone, villages: dict[str, Village], found: Villages) -> None:
    """Add households with all services due to them, and families at risk, of the newest quarter."""
    agencies = _short_names(zone)
    for row in _newest(zone, "convergence", "quarter", "area_level = 'desa'"):
        found.convergence_quarter = row["quarter"]
        if row["area_code"] in villages:
            figures = [coded(row, column) for column in ("households", "converged_low_pct", "converged_high_pct")]
            # which service lacks most is the task force's alone
            agency = row.get("most_lacking_agency") or ""
            lacking = [row.get("most_lacking_service") or "", agencies.get(agency, agency)]
            villages[row["area_code"]].convergence = [*figures, *lacking]
    for row in _newest(zone, "krs_by_desa", "quarter", "true"):
        found.families_as_of = row["round_as_of"]
        if row["desa_code"] in villages:
            columns = ("given_at_risk", "given_known", "accompanied", "accompanied_known")
            villages[row["desa_code"]].families = [coded(row, column) for column in columns]


def _add_priority(zone: Zone, villages: dict[str, Village]) -> None:
    """Add why the desa comes first or does not, and how many children are on the list of visits."""
    if zone.has("desa_priority"):
        for row in _newest(zone, "desa_priority", "month", "true"):
            if row["desa_code"] in villages:
                texts = [row[column] or "" for column in ("priority_group", "possible_group", "reasons")]
                counts = [row["criteria_met"], row["criteria_known"]]
                villages[row["desa_code"]].priority = [*texts, *counts]
    if zone.has("desa_criteria"):
        for row in _newest(zone, "desa_criteria", "month", "true", "label"):
            if row["desa_code"] in villages:
                villages[row["desa_code"]].criteria.append((row["label"], row["state"]))
    if zone.has("visit_list"):
        categories = visit_categories()
        for row in zone.read(
            """
            select desa_code, category, count(*) as children, count(*) filter (visit_week = 1) as of_week
            from visit_list
            group by all
            """
        ):
            if row["desa_code"] in villages:
                village = villages[row["desa_code"]]
                village.visits = village.visits or [0] * len(categories)
                village.visits[categories.index(row["category"])] = row["children"]
                village.visits_of_week += row["of_week"]


def visit_categories() -> list[str]:
    """Return the categories of visits, the most urgent first."""
    with VISIT_RULES.open(encoding="utf-8", newline="") as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: int(row["priority"]))
    return list(dict.fromkeys(row["category"] for row in rows))


def _short_names(zone: Zone) -> dict[str, str]:
    return {row["agency"]: row["short_name"] for row in zone.read("from agencies")}


def _newest(zone: Zone, table: str, period: str, where: str, order: str = "all") -> list[Row]:
    newest = f"{period} = (select max({period}) from {table} where {where})"
    return zone.read(f"select * from {table} where {where} and {newest} order by {order}")


def as_json(villages: Villages, zone: Zone) -> Markup:
    """Return what the page's script reads, safe inside an element of script.

    A text of a mart is the number of its words in both languages; a reason has the values of their places as well.
    """
    words: dict[Pair, int] = {}
    kecamatan: dict[str, int] = {}
    states: dict[str, int] = {}
    rows = []

    def number(text: str) -> int | None:
        return words.setdefault(translate(text), len(words)) if text else None

    def reason(text: str) -> list[Any]:
        pair, values = template(text)
        return [words.setdefault(pair, len(words)), *values]

    for one in villages.all:
        reached = [[*row[:-1], number(row[-1])] for row in one.reached]
        criteria = [[number(label), states.setdefault(state, len(states))] for label, state in one.criteria]
        convergence = [*one.convergence[:3], number(one.convergence[3]), one.convergence[4]] if one.convergence else []
        priority: list[Any] = []
        if one.priority:
            group, possible, reasons, *counts = one.priority
            priority = [number(group), number(possible), list(map(reason, filter(None, reasons.split("; ")))), *counts]
        series = [trimmed(one.series[column]) for column in SERIES]
        place = kecamatan.setdefault(one.kecamatan, len(kecamatan))
        told = [convergence, one.families, priority, criteria, one.visits, one.visits_of_week]
        rows.append([one.code, one.name, place, series, reached, *told])
    content = {
        "public": zone.is_public,
        "least": LEAST_DENOMINATOR,
        "months": [month.isoformat()[:7] for month in villages.months],
        "quarter": _both(indonesian.quarter(villages.quarter)),
        "convergenceQuarter": _both(indonesian.quarter(villages.convergence_quarter)),
        "familiesAsOf": _both(indonesian.date(villages.families_as_of)),
        "indicators": villages.indicators,
        "words": list(words),
        "kecamatan": list(kecamatan),
        "states": list(states),
        "visits": list(map(translate, visit_categories())),
        "desa": rows,
    }
    return htmlsafe_json_dumps(content, json.dumps, ensure_ascii=False, separators=(",", ":"))


def _both(text: str) -> Pair:
    return text, in_english(text)


def trimmed(numbers: list[Coded]) -> list[Coded]:
    """Return a series without the unknown months at its end, or nothing of one that is unknown throughout."""
    last = max((place for place, number in enumerate(numbers) if number is not None), default=-1)
    return numbers[: last + 1]
