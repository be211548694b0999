"""The landing page and its question: are we on the path to the goal?

The register and the survey each give their own answer, side by side. The task force's zone has the speed, the chance
and the survey (mart `stunting_path`); the public one has the published counts, with an interval worked out from them.
"""

import csv
import os
from math import sqrt

from include import settings
from include.site.charts import NARROW, WIDE, Coverage, Point, path_chart
from include.site.page import Both, Page, Row, Zone, is_hidden, t

GOALS = settings.REGENCY_SEEDS / "ref_stunting_goals.csv"
_Z = 1.959964


def pages(zone: Zone) -> list[Page]:
    """Return the landing page."""
    months = zone.read("from stunting_by_kabupaten order by month")
    road = {"register": [], "survey": []} if zone.is_public else _road(zone)
    goal = read_goal(months[0]["kabupaten_code"]) if months else None
    register = _register(months, road["register"])
    survey = [Point(row["observed_on"], row["observed_pct"], row["low_pct"], row["high_pct"]) for row in road["survey"]]
    coverage = [Coverage(row["month"], row["coverage_pct"], is_hidden(row, "coverage_pct")) for row in months]
    shows = {
        "newest": months[-1] if months else None,
        "goal": goal,
        "answer": answer(register, road, goal),
        "register": road["register"][-1] if road["register"] else None,
        "survey": road["survey"][-1] if road["survey"] else None,
        "charts": [
            (size, path_chart(register, coverage, survey, goal[0] if goal else None, width))
            for size, width in (("wide-only", WIDE), ("narrow-only", NARROW))
            if months
        ],
        "agencies": zone.read("select count(*) as known from agencies")[0]["known"],
        "delivered": len({dataset.partition("/")[0] for dataset in zone.as_of}),
        "first_desa": _count_first(zone),
        "airflow": None if zone.is_public else os.environ.get("AIRFLOW__API__BASE_URL"),
    }
    return [Page("index.html", "index.html.j2", ("Ringkasan", "Overview"), shows)]


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % interval of a share in per cent, by Wilson's score; `whole` is above 0."""
    share, z2 = part / whole, _Z**2
    middle = share + z2 / (2 * whole)
    half = _Z * sqrt(share * (1 - share) / whole + z2 / (4 * whole**2))
    low, high = (middle - half) / (1 + z2 / whole), (middle + half) / (1 + z2 / whole)
    return max(0.0, 100 * low), min(100.0, 100 * high)


def _count_first(zone: Zone) -> int:
    """Return how many desa come first in the newest month; the public zone has no priorities."""
    if not zone.has("desa_priority"):
        return 0
    [counted] = zone.read(
        """
        select count(*) as desa
        from desa_priority
        where priority_group = 'prioritas 1' and month = (select max(month) from desa_priority)
        """
    )
    return counted["desa"]


def _road(zone: Zone) -> dict[str, list[Row]]:
    rows = zone.read(
        "from stunting_path where area_level = 'kabupaten' and observed_pct is not null order by source, observed_on"
    )
    return {source: [row for row in rows if row["source"] == source] for source in ("register", "survey")}


def read_goal(kabupaten: str | None) -> tuple[float, int, bool] | None:
    """Return the regency's goal: per cent, by the end of which year, and whether anybody read its document."""
    with GOALS.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["area_code"] == kabupaten:
                return float(row["target_pct"]), int(row["target_year"]), row["is_verified"] == "true"
    return None


def _register(months: list[Row], road: list[Row]) -> list[Point]:
    """Return the register's months; their intervals from the mart, or from the published counts."""
    told = {row["observed_on"]: (row["low_pct"], row["high_pct"]) for row in road}
    points = []
    for row in months:
        low_high: tuple[float | None, float | None] = told.get(row["month"], (None, None))
        if row["month"] not in told and row["stunted"] is not None and row["height_valid"]:
            low_high = wilson(row["stunted"], row["height_valid"])
        points.append(Point(row["month"], row["stunted_pct"], *low_high))
    return points


def answer(register: list[Point], road: dict[str, list[Row]], goal: tuple[float, int, bool] | None) -> Both:
    """Return the answer in a few words: the survey's where it can tell, for the goal is one of the survey."""
    known = [point for point in register if point.pct is not None]
    if not known:
        return t("Belum dapat dijawab: belum ada angka.", "It cannot be said: there is no figure yet.")
    if goal is None:
        return t("Belum ada target untuk kabupaten ini.", "No goal has been set for this regency.")
    for source, whose in (("survey", _SURVEY), ("register", _REGISTER)):
        if road[source] and (words := _verdict(road[source][-1])):
            return t("{a} {w}", "{b} {v}", a=words[0], b=words[1], w=whose[0], v=whose[1])
    newest = known[-1]
    if newest.low is not None and newest.low > goal[0]:
        return t("Belum sampai, menurut register posyandu.", "Not there yet, by the posyandu register.")
    return t("Belum dapat dikatakan dengan pasti.", "It cannot be said with certainty yet.")


_SURVEY = ("menurut survei.", "by the survey.")
_REGISTER = ("menurut register posyandu.", "by the posyandu register.")
# From which chance on, per cent, the road is said to lead to the goal, and how. Words, not a rule: the chance stands beside.
_CHANCES = (
    (90, ("Ya, bila arah ini berlanjut,", "Yes, if this course goes on,")),
    (50, ("Mungkin,", "Perhaps,")),
    (10, ("Kecil kemungkinannya,", "Not likely,")),
    (0, ("Belum,", "No, not yet,")),
)


def _verdict(row: Row) -> tuple[str, str] | None:
    """Return how a row of `stunting_path` stands to its goal, or None where it cannot tell."""
    if row["high_pct"] is not None and row["high_pct"] <= row["target_pct"]:
        return ("Sudah tercapai,", "The goal is reached,")
    if row["chance_pct"] is None:
        return None
    return next(words for least, words in _CHANCES if row["chance_pct"] >= least)
