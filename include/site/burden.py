"""Where is the burden: the page peta.html, a map by month and each kecamatan's course.

The map's classes are those of public-health severity (`ref_severity_classes`), of the prevalence as counted. An area is
in no class when too few were measured (`ref_estimate_rules`), nobody was, its count is suppressed, or nothing is known:
four states of their own, told apart by pattern and word.
"""

import csv
from collections import defaultdict
from datetime import date
from math import ceil
from typing import Any

from include import settings
from include.indonesian import HIDDEN as HIDDEN_SIGN
from include.indonesian import UNKNOWN as UNKNOWN_SIGN
from include.indonesian import month, number, percent
from include.months import through
from include.site.english import in_english
from include.site.lines import Course, draw_course
from include.site.page import Page, Row, Zone, is_hidden, is_of_few, newest_that_fit, t
from include.site.path import read_goal
from include.site.shapes import NoShapes, Shapes, boundaries_folder, read_shapes
from include.site.tiles import lay_out, read_kecamatan, size

CLASSES = settings.SEEDS / "rules" / "ref_severity_classes.csv"
RULES = settings.SEEDS / "rules" / "ref_estimate_rules.csv"
MOST_MONTHS = 36
"""The newest months that the map holds; with very many desa it holds fewer, as a page stays under a megabyte."""

FEW, HIDDEN, UNMEASURED, UNKNOWN = "f", "s", "m", "u"
_LEVELS = ("kecamatan", "desa")


def pages(zone: Zone) -> list[Page]:
    """Return the page of the map."""
    known = through([row["month"] for row in zone.read("select distinct month from stunting_by_kecamatan")])
    [counted] = zone.read("select count(distinct desa_code) as desa from stunting_by_desa")
    shapes, trouble = _shapes()
    drawn = sum(map(len, shapes.desa.values())) if shapes else 0
    months = newest_that_fit(known[-MOST_MONTHS:], counted["desa"], 300 + drawn / max(counted["desa"], 1), 30)
    classes = read_classes()
    least = _least_heights()
    rows = {level: _by_area(zone, level, months) for level in _LEVELS}
    intervals = {} if zone.is_public else _intervals(zone)
    names = read_kecamatan() | {code: of[-1]["kecamatan_name"] for code, of in rows["kecamatan"].items()}
    desa: dict[str, list[str]] = defaultdict(list)
    for code, of in rows["desa"].items():
        desa[of[-1]["kecamatan_code"]].append(code)
    areas = {
        code: _area(of, months, classes, least, intervals, names)
        for level in _LEVELS
        for code, of in sorted(rows[level].items())
    }
    highest = max((row["stunted_pct"] or 0 for of in rows["kecamatan"].values() for row in of), default=0)
    top = max(30.0, 10.0 * ceil(highest / 10))
    [kabupaten] = zone.read("select any_value(kabupaten_code) as code from stunting_by_kabupaten")
    goal = read_goal(kabupaten["code"])
    tiles = lay_out(names, desa)
    shows = {
        "months": months,
        "months_known": len(known),
        "top": top,
        "goal": goal,
        "classes": classes,
        "least": least,
        "tiles": tiles,
        "box": size(tiles),
        "areas": areas,
        "newest": _newest(areas, months),
        "shapes": shapes,
        "shape_trouble": trouble,
        "map_data": {"months": [(month(day), in_english(month(day))) for day in months], "areas": areas},
        "courses": [
            _course(rows["kecamatan"][code], months, intervals, names[code], top, goal[0] if goal else None)
            for code in sorted(rows["kecamatan"], key=lambda code: names[code])
        ],
        "without": sorted(name for code, name in names.items() if code not in rows["kecamatan"]),
        "of_no_place": _of_no_place(zone, months),
    }
    return [Page("peta.html", "map.html.j2", ("Peta", "Map"), shows, ("map.js",))]


def read_classes() -> list[Row]:
    """Return the classes of severity, the lowest first, with the limits as the legend writes them."""
    with CLASSES.open(encoding="utf-8", newline="") as stream:
        rows = [dict(row) for row in csv.DictReader(stream)]
    return [
        {
            "words": t(row["severity_indonesian"], row["severity"]),
            "lower": float(row["lower_pct"]),
            "upper": float(row["upper_pct"]),
        }
        for row in rows
    ]


def state(row: Row | None, classes: list[Row], least: int) -> str:
    """Return the number of a row's class, or the letter of why it is in none."""
    if row is None:
        return UNKNOWN
    if is_hidden(row, "stunted_pct"):
        return HIDDEN
    if row["stunted_pct"] is None:
        if is_of_few(row, "stunted_pct"):
            return FEW
        return UNMEASURED if row["measured"] == 0 or row["height_valid"] == 0 else UNKNOWN
    if row["height_valid"] is not None and row["height_valid"] < least:
        return FEW
    return next((str(n) for n, one in enumerate(classes) if one["lower"] <= row["stunted_pct"] < one["upper"]), UNKNOWN)


def _least_heights() -> int:
    with RULES.open(encoding="utf-8", newline="") as stream:
        return next(int(row["value"]) for row in csv.DictReader(stream) if row["rule"] == "min_heights")


def _by_area(zone: Zone, level: str, months: list[date]) -> dict[str, list[Row]]:
    """Return the rows of each known area in order of month; children of no known place are on no map."""
    found: dict[str, list[Row]] = defaultdict(list)
    table = f"stunting_by_{level}"
    for row in zone.read(f"from {table} where {level}_code <> 'unknown' order by {level}_code, month"):
        if row["month"] in months:
            found[row[f"{level}_code"]].append(row)
    return dict(found)


def _intervals(zone: Zone) -> dict[tuple[str, date], tuple[float, float]]:
    rows = zone.read("from area_estimates where area_level in ('desa', 'kecamatan') and low_pct is not null")
    return {(row["area_code"], row["month"]): (row["low_pct"], row["high_pct"]) for row in rows}


def _area(
    of: list[Row],
    months: list[date],
    classes: list[Row],
    least: int,
    intervals: dict[tuple[str, date], tuple[float, float]],
    names: dict[str, str],
) -> dict[str, Any]:
    """Return an area as map.js reads it: a figure per month, null unknown and -1 suppressed; shares in tenths."""
    by_month = {row["month"]: row for row in of}
    level = "desa" if "desa_code" in of[-1] else "kecamatan"
    code = of[-1][f"{level}_code"]
    found: dict[str, Any] = {
        "n": of[-1][f"{level}_name"],
        "k": names.get(of[-1]["kecamatan_code"], "") if level == "desa" else "",
        "s": "".join(state(by_month.get(day), classes, least) for day in months),
    }
    for key, column in (("d", "due"), ("m", "measured"), ("v", "height_valid"), ("c", "stunted")):
        found[key] = [_told(by_month.get(day), column) for day in months]
    found["p"] = [_tenths(_told(by_month.get(day), "stunted_pct")) for day in months]
    if intervals:
        both = [intervals.get((code, day), (None, None)) for day in months]
        found["l"], found["h"] = ([_tenths(value) for value in ends] for ends in zip(*both, strict=True))
    return found


def _told(row: Row | None, column: str) -> Any:
    if row is None:
        return None
    return -1 if is_hidden(row, column) else row[column]


def _tenths(value: float | None) -> int | None:
    # by the same rounding as the page's words
    return -1 if value == -1 else None if value is None else int(f"{value:.1f}".replace(".", ""))


def _newest(areas: dict[str, Any], months: list[date]) -> dict[str, Row]:
    """Return what stands on the map before any JavaScript runs: the newest month's state and words by area."""
    if not months:
        return {}
    return {
        code: {"state": area["s"][-1], "share": _share(area), "words": _words(area)} for code, area in areas.items()
    }


def _share(area: dict[str, Any]) -> str:
    """Return the newest share of an area, or the sign of why there is none."""
    share = area["p"][-1]
    if share is None or share < 0:
        return HIDDEN_SIGN if area["s"][-1] == HIDDEN else UNKNOWN_SIGN
    return percent(share / 10)


_STATES = {
    HIDDEN: "disembunyikan",
    UNMEASURED: "tidak ada yang diukur",
    UNKNOWN: "tidak diketahui",
}


def _words(area: dict[str, Any]) -> str:
    """Return the newest month of an area in words; map.js says the same of the others."""
    last = {key: area[key][-1] for key in "dmvcp"}
    place = f"Desa {area['n']}, {area['k']}" if area["k"] else f"Kecamatan {area['n']}"
    if last["p"] is not None and last["p"] >= 0:
        share = percent(last["p"] / 10)
        share += " (terlalu sedikit yang diukur untuk kelas)" if area["s"][-1] == FEW else ""
    else:
        share = _STATES.get(area["s"][-1], "terlalu sedikit untuk persentase")
    return f"{place}: {share}; diukur {_count(last['m'])} dari {_count(last['d'])} sasaran"


def _count(value: int | None) -> str:
    return f"{HIDDEN_SIGN} (disembunyikan)" if value == -1 else number(value)


def _shapes() -> tuple[Shapes | None, tuple[str, str] | None]:
    """Return the shapes of the configured folder; a folder that does not do costs its picture, not the page."""
    folder = boundaries_folder()
    if folder is None:
        return None, None
    try:
        return read_shapes(folder), None
    except NoShapes as error:
        return None, (str(error.args[0]), str(error.args[1]))


def _course(
    of: list[Row],
    months: list[date],
    intervals: dict[tuple[str, date], tuple[float, float]],
    name: str,
    top: float,
    goal: float | None,
) -> dict[str, Any]:
    by_month = {row["month"]: row for row in of}
    code = of[-1]["kecamatan_code"]
    steps = []
    for day in months:
        row = by_month.get(day, {"stunted_pct": None})
        low, high = intervals.get((code, day), (None, None))
        steps.append(Course(row["stunted_pct"], low, high, is_hidden(row, "stunted_pct")))
    return {"name": name, "row": of[-1], "svg": draw_course(steps, name, months[0], months[-1], top, goal)}


def _of_no_place(zone: Zone, months: list[date]) -> Row | None:
    rows = zone.read("from stunting_by_desa where desa_code = 'unknown' order by month desc limit 1")
    return rows[0] if rows and rows[0]["month"] == months[-1] and rows[0]["due"] != 0 else None
