"""Can the numbers be trusted? What the agencies delivered, which rules their rows broke, and how children are measured.

All of it is the task force's; the public zone has what the score and the linkage are worth, and how new each dataset is.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from include import indonesian
from include.site.english import in_english, in_indonesian, translate
from include.site.page import Both, Page, Row, Zone, label, t, told
from include.visible import visible

RULES = {
    "not_null": ("terisi", "filled in"),
    "unique": ("tidak berulang", "not repeated"),
    "accepted_values": ("salah satu isian yang dikenal", "one of the known values"),
    "relationships": ("ada dalam daftar rujukan", "in the list it refers to"),
    "in_range": ("dalam batas yang masuk akal", "within plausible limits"),
    "matches": ("sesuai bentuknya", "of the right form"),
    "not_in_future": ("bukan tanggal yang belum terjadi", "not a date still to come"),
    "not_above": ("tidak melebihi pembandingnya", "not above what it is part of"),
    "once_per": ("dilaporkan satu kali saja", "reported once only"),
    "known_kecamatan": ("kecamatan dikenal", "a known kecamatan"),
    "known_desa": ("desa dikenal di kecamatannya", "a known desa of its kecamatan"),
    "known_desa_code": ("kode desa dikenal", "a known desa code"),
    "readable": ("terbaca sebagai angka atau tanggal", "readable as a number or a date"),
    "whole_row": ("baris utuh, lebarnya benar", "a whole row, of the right width"),
}
"""What each word of a contract asks of a cell, in Indonesian and English."""

LINKAGE = {
    "health register to the others": "register posyandu ke daftar lain",
    "of these, without the child's NIK": "di antaranya, tanpa NIK anak",
    "inside dinkes": "anak yang tercatat dua kali di register",
    "family of BKKBN to its card": "keluarga BKKBN ke kartu keluarga",
    "pregnant woman to her card": "ibu hamil ke kartu keluarga",
}
FAULTS = ("mild", "base", "harsh", "base, names and errors never seen")
SCORES = {
    "risk_points": ("poin risiko anak", "points of the child's risk"),
    "family_points": ("poin risiko keluarga saja", "points of the family's risk alone"),
}
DESIGNS = {
    "prevalent": ("anak yang sudah stunting bulan itu", "children stunted in that month"),
    "incident": ("anak yang menjadi stunting sesudahnya", "children who became stunted later"),
}
LEAST_HEIGHTS = 20
MOST_POSYANDU = 12


@dataclass
class Source:
    """One dataset of an agency: its files and rows added up, and per period what became of the rows."""

    agency: str
    dataset: str
    files: int = 0
    refused: int = 0
    held: int = 0
    removed: int = 0
    rows_held: int = 0
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicate: int = 0
    superseded: int = 0
    newest_period: str = ""
    received_on: date | None = None
    days_after_period: int | None = None
    periods: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def quarantined_pct(self) -> float | None:
        return 100 * self.quarantined / self.read if self.read else None


@dataclass
class Judged:
    """One judgement on whole deliveries, over all periods, and per month the files that passed and that did not."""

    agency: str
    dataset: str
    reason: str
    effect: str
    judged: int = 0
    failed: int = 0
    newest_found: str = ""
    months: dict[date, tuple[int, int]] = field(default_factory=dict)


@dataclass
class Broken:
    """One rule of a contract that rows broke, over all periods, and per month the rows that did."""

    agency: str
    dataset: str
    column: str
    rule: str
    effect: str
    checked: int = 0
    failed: int = 0
    overruled: int = 0
    months: dict[date, tuple[int, int]] = field(default_factory=dict)

    @property
    def words(self) -> Both:
        return t(*RULES.get(self.rule, (self.rule, self.rule)))


def pages(zone: Zone) -> list[Page]:
    """Return the page."""
    shows: dict[str, Any] = {"newest_periods": sorted(zone.as_of.items()), "spark": spark}
    shows |= {"linkage": read_linkage(zone), "night": read_night(zone), "scores": read_scores(zone), "faults": FAULTS}
    shows |= {
        "has_task_force": zone.has("data_quality"),
        "visible": visible,
        "in_indonesian": in_indonesian,
        "held": held,
    }
    if zone.has("data_quality"):
        rules = read_rules(zone)
        shows |= {
            "sources": read_sources(zone),
            "stopped": zone.read(
                "from data_quality where status in ('refused', 'held') order by agency, dataset, period, file_name"
            ),
            "rules_checked": len(rules),
            "broken": sorted((rule for rule in rules if rule.failed), key=lambda rule: -rule.failed),
            "judgements": read_judgements(zone),
            "returned": read_returned(zone),
            "puskesmas": newest(zone, "data_quality_puskesmas", "puskesmas_name, puskesmas_code"),
            "index": read_index(zone),
            "posyandu": read_posyandu(zone),
            "least_heights": LEAST_HEIGHTS,
        }
    return [Page("mutu.html", "mutu.html.j2", ("Mutu data", "Data quality"), shows)]


def read_sources(zone: Zone) -> list[Source]:
    """Add up the deliveries of each dataset; a file that was refused has no rows."""
    found: dict[tuple[str, str], Source] = {}
    for row in zone.read("from data_quality order by agency, dataset, period, file_name, delivery_id"):
        source = found.setdefault((row["agency"], row["dataset"]), Source(row["agency"], row["dataset"]))
        source.files += 1
        if row["status"] in ("refused", "held", "removed"):
            setattr(source, row["status"], getattr(source, row["status"]) + 1)
        for count in ("read", "accepted", "quarantined", "duplicate", "superseded"):
            setattr(source, count, getattr(source, count) + row[f"rows_{count}"])
        source.rows_held += row["rows_quarantined"] if row["status"] == "held" else 0
        period = row["period"] or ""
        good, bad = source.periods.get(period, (0, 0))
        good += row["rows_read"] - row["rows_quarantined"]
        source.periods[period] = (good, bad + row["rows_quarantined"])
        if row["rows_accepted"] and period >= source.newest_period:
            source.newest_period, source.days_after_period = period, row["days_after_period"]
        source.received_on = max(filter(None, (source.received_on, row["received_on"])), default=None)
    return list(found.values())


def read_rules(zone: Zone) -> list[Broken]:
    """Return each rule of each contract with the rows that broke it, over all periods; most broke none."""
    found: dict[tuple[str, ...], Broken] = {}
    for row in zone.read("from data_quality_rules order by agency, dataset, column_name, rule, month"):
        names = (row["agency"], row["dataset"], row["column_name"], row["rule"], row["effect"])
        rule = found.setdefault(names, Broken(*names))
        rule.checked += row["rows_checked"]
        rule.failed += row["rows_failed"]
        rule.overruled += row["rows_overruled"]
        if row["month"]:
            rule.months[row["month"]] = (0, row["rows_failed"])
    return list(found.values())


def read_judgements(zone: Zone) -> list[Judged]:
    """Return each judgement on whole deliveries over all periods, those that found most faults first."""
    found: dict[tuple[str, ...], Judged] = {}
    for row in zone.read("from data_quality_judgements order by agency, dataset, judgement, month"):
        names = (row["agency"], row["dataset"], row["judgement"])
        judged = found.setdefault(names, Judged(row["agency"], row["dataset"], row["reason"], row["effect"]))
        judged.judged += row["deliveries"]
        judged.failed += row["deliveries_failed"]
        judged.newest_found = row["newest_found"] or judged.newest_found
        if row["month"]:
            judged.months[row["month"]] = (row["deliveries"] - row["deliveries_failed"], row["deliveries_failed"])
    return sorted(found.values(), key=lambda judged: -judged.failed)


def read_returned(zone: Zone) -> list[Row]:
    """Return per dataset what became of the rows that went back to its agency."""
    return zone.read(
        """
        select agency, dataset, sum(quarantined) as quarantined, sum(fixed) as fixed, sum(accepted_as_is) as accepted_as_is,
            sum(deleted) as deleted, sum(open) as open, max(oldest_open_days) as oldest_open_days
        from returns_progress
        group by agency, dataset
        order by open desc, agency, dataset
        """
    )


def newest(zone: Zone, table: str, order: str) -> list[Row]:
    """Return the rows of a mart's newest month."""
    return zone.read(f"from {table} where month = (select max(month) from {table}) order by {order}")


def read_index(zone: Zone) -> dict[str, Any]:
    """Return the newest month's index of measuring: its indicators, and per puskesmas one row of it for each."""
    rows = newest(zone, "measurement_index", "sort_order, puskesmas_name, puskesmas_code")
    names = {row["indicator"]: row for row in rows}
    table: dict[str, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: (row["puskesmas_name"], row["puskesmas_code"])):
        table.setdefault(row["puskesmas_code"], {})[row["indicator"]] = row
    return {"indicators": list(names.values()), "puskesmas": table}


def read_posyandu(zone: Zone) -> list[Row]:
    """Return the newest month's posyandu with most heights in whole centimetres, of those with enough heights to tell."""
    return zone.read(
        """
        from data_quality_posyandu
        where month = (select max(month) from data_quality_posyandu) and heights >= ? and whole_cm_pct is not null
        order by whole_cm_pct desc, heights desc, desa_code, posyandu_name
        limit ?
        """,
        [LEAST_HEIGHTS, MOST_POSYANDU],
    )


def read_linkage(zone: Zone) -> list[tuple[Both, dict[str, Row]]]:
    """Return what the linkage is worth on invented data: for each task its row per level of faults."""
    rows = zone.read("from linkage_quality where kind = 'measured on invented data' order by all")
    by_task = {
        task: {row["faults"]: row for row in rows if row["figure"] == task and row["faults"] in FAULTS}
        for task in LINKAGE
    }
    return [(told(LINKAGE[task]), found) for task, found in by_task.items() if found]


def read_night(zone: Zone) -> list[Row]:
    """Return what the night's linkage counted: in the public zone, what of it is published."""
    return zone.read("from linkage_quality where kind = 'this night' order by figure")


def read_scores(zone: Zone) -> list[tuple[Both, Both, Row]]:
    """Return how well the risk score tells who is or becomes stunted: its name, which children, the row."""
    rows = zone.read("from risk_quality where group_kind = 'all' order by design desc, score desc")
    return [
        (
            t(*SCORES.get(row["score"], (row["score"],) * 2)),
            t(*DESIGNS.get(row["design"], (row["design"],) * 2)),
            row,
        )
        for row in rows
    ]


def held(reason: str) -> Both:
    """Return why a file was held, in both languages; what refused one may quote its cells, which stay as they came."""
    halves = zip(*map(translate, reason.split("; ")), strict=True)  # reasons are joined so
    return Both(*(escape(in_indonesian("; ".join(half))) for half in halves))


def spark(bars: dict[Any, tuple[int, int]]) -> Markup:
    """Draw one small bar per period, good rows with the bad ones on top; those who hear the page are told the bad."""
    known = list(bars.items())
    most = max((good + bad for _, (good, bad) in known), default=0)
    if not most:
        return Markup("")
    height, step = 28, 9 if len(known) <= 14 else 5
    parts = []
    for place, (_, (good, bad)) in enumerate(known):
        tall, top = round(height * good / most, 1), max(1.5, round(height * bad / most, 1)) if bad else 0
        x = place * step
        parts.append(
            f'<path d="M{x} {height + 2 - tall}h{step - 2}v{tall}h-{step - 2}z" class="good"/>' if good else ""
        )
        parts.append(
            f'<path d="M{x} {height + 2 - tall - top:.1f}h{step - 2}v{top}h-{step - 2}z" class="bad"/>' if bad else ""
        )
    width = len(known) * step
    return Markup('<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" role="img" {}>{}</svg>').format(
        width, height + 3, width, height + 3, _spoken(bars), Markup("".join(parts))
    )


def _spoken(bars: dict[Any, tuple[int, int]]) -> Markup:
    """Return a small chart in words."""
    names = [indonesian.period(name) if isinstance(name, str) else indonesian.month_short(name) for name in bars]
    said = ", ".join(f"{name} {indonesian.number(bad)}" for name, (_, bad) in zip(names, bars.values(), strict=True))
    return label(f"Bermasalah per periode: {said}", f"With faults by period: {in_english(said)}")
