"""What stands on the three reports: kecamatan with their intervals, what each OPD reached, the semester's lines."""

from collections import Counter
from datetime import date
from itertools import groupby
from math import ceil, floor
from typing import Any

from include.indonesian import UNKNOWN, month, month_short, number, percent, percent_as_set, quarter, rupiah_short
from include.prints.zone import NOWHERE, Row, Zone, as_of_words, count, legend, newest, share, sign, span

Page = dict[str, Any]

_SEMESTERS = {1: "Semester I {} (Januari–Juni)", 7: "Semester II {} (Juli–Desember)"}
_APPENDICES = {"A": "Lampiran A: intervensi gizi spesifik", "B": "Lampiran B: intervensi gizi sensitif"}
_BY_CHANCE = (
    "Beda kecil tidak membuat peringkat. Kecamatan yang selangnya tumpang tindih tidak dapat diurutkan: "
    "kolom peringkat memuat semua peringkat yang mungkin, bukan satu."
)


def ranking(zone: Zone) -> Page:
    """Return the kecamatan of the newest month, the highest estimate first; without intervals in the alphabet's order."""
    at = newest(zone.rows("stunting_by_kecamatan"), "month")
    rows = [row for row in zone.rows("stunting_by_kecamatan") if row["month"] == at]
    placed = [row for row in rows if row["kecamatan_code"] != NOWHERE]
    estimates = {
        row["area_code"]: row
        for row in zone.rows("area_estimates")
        if row["area_level"] == "kecamatan" and row["month"] == at
    }
    kabupaten = next((row for row in zone.rows("stunting_by_kabupaten") if row["month"] == at), None)
    lines = [_ranked(row, estimates.get(row["kecamatan_code"])) for row in placed]
    lines.sort(key=lambda line: (line["estimate"] is None, -(line["estimate"] or 0), line["name"]))
    ends = [line[end] for line in lines for end in ("low", "high") if line[end] is not None]
    page = {
        "title": f"Stunting menurut kecamatan, {month(at)}" if at else "Stunting menurut kecamatan",
        "kicker": f"{zone.kabupaten}, register e-PPGBM",
        "words": _ranking_words(zone, lines, estimates),
        "lines": lines,
        "has_interval": bool(ends),
        "low_end": max(0, 5 * floor(min(ends, default=0) / 5)),
        "high_end": 5 * ceil(max(ends, default=5) / 5),
        "kabupaten": kabupaten["stunted_pct"] if kabupaten else None,
        "total": _ranked(kabupaten | {"kecamatan_name": zone.kabupaten}, None) if kabupaten else None,
        "elsewhere": [_ranked(row, None) for row in rows if row["kecamatan_code"] == NOWHERE],
    }
    return page | _foot(zone)


def _ranked(row: Row, estimate: Row | None) -> Page:
    has_rank = estimate is not None and estimate["rank_low"] is not None
    return {
        "name": row["kecamatan_name"],
        "pct": share(row, "stunted_pct", "stunted", "height_valid"),
        "stunted": f"{count(row, 'stunted')} / {count(row, 'height_valid')}",
        "measured": f"{count(row, 'measured')} / {count(row, 'due')}",
        "covered": share(row, "coverage_pct", "measured", "due"),
        "estimate": estimate["estimate_pct"] if estimate else None,
        "low": estimate["low_pct"] if estimate else None,
        "high": estimate["high_pct"] if estimate else None,
        "span": span(estimate["low_pct"], estimate["high_pct"]) if estimate else UNKNOWN,
        "rank": _ranks(estimate["rank_low"], estimate["rank_high"]) if estimate and has_rank else UNKNOWN,
        "class": estimate["severity_indonesian"] if estimate else "",
    }


def _ranks(low: int, high: int) -> str:
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def _ranking_words(zone: Zone, lines: list[Page], estimates: dict[str, Row]) -> str:
    if not lines:
        return "Rilis ini belum memuat satu kecamatan pun: tidak ada yang dapat ditampilkan."
    if not estimates:
        return (
            "Disusun menurut abjad, bukan peringkat: zona ini tidak memuat selang, dan tanpa selang beda kecil tidak "
            "membuat peringkat."
        )
    above = sum(row["is_above_kabupaten"] is True for row in estimates.values())
    below = sum(row["is_above_kabupaten"] is False for row in estimates.values())
    rest = len(estimates) - above - below
    return (
        f"{_BY_CHANCE} Dari {len(estimates)} kecamatan, {above} seluruh selangnya di atas angka kabupaten, {below} di "
        f"bawahnya, {rest} tidak dapat dibedakan darinya. Selang tidak mencakup anak yang tidak diukur dan kesalahan mengukur."
    )


def achievements(zone: Zone) -> Page:
    """Return the indicators of the whole kabupaten in the newest quarter by agency, and the money beside the need."""
    rows = [row for row in zone.rows("opd_progress") if row["area_level"] == "kabupaten"]
    at = newest(rows, "quarter")
    rows = [row for row in rows if row["quarter"] == at]
    agencies = {row["agency"]: row for row in zone.rows("agencies")}
    verdicts = {row["indicator_id"]: _is_reached(zone, row) for row in rows}
    missed = Counter(row["agency"] for row in rows if verdicts[row["indicator_id"]] is False)
    order = sorted({row["agency"] for row in rows}, key=lambda agency: (-missed[agency], zone.agency(agency).lower()))
    groups = [
        {
            "agency": zone.agency(agency),
            "name": agencies[agency]["agency_name"] if agency in agencies else "",
            "lines": [_achieved(zone, row) for row in sorted(rows, key=_by_target) if row["agency"] == agency],
        }
        for agency in order
    ]
    money = [row for row in zone.rows("budget_progress") if row["quarter"] == at]
    page = {
        "title": f"Capaian OPD, {quarter(at)}" if at else "Capaian OPD",
        "kicker": f"{zone.kabupaten}, percepatan penurunan stunting",
        "words": _achieved_words(zone, rows, verdicts, {agency: missed[agency] for agency in order if missed[agency]}),
        "groups": groups,
        "has_status": not zone.is_public,
        "money": [_spent(zone, row) for row in sorted(money, key=_by_budget)],
        "has_finding": any("finding" in row for row in money),
    }
    return page | _foot(zone)


def _is_reached(zone: Zone, row: Row) -> bool | None:
    """Return whether the target is reached, None without target or figure; the public zone has no word of the mart on it."""
    if row["target_pct"] is None or row["coverage_pct"] is None:
        return None
    if row["indicator_id"] in zone.downward:
        return bool(row["coverage_pct"] <= row["target_pct"])
    return bool(row["coverage_pct"] >= row["target_pct"])


def _achieved_words(zone: Zone, rows: list[Row], verdicts: dict[str, bool | None], missed: dict[str, int]) -> str:
    if not rows:
        return "Rilis ini belum memuat satu triwulan pun: tidak ada yang dapat ditampilkan."
    judged = [verdict for verdict in verdicts.values() if verdict is not None]
    told = f"{sum(judged)} dari {len(judged)} target tercapai"
    if missed:
        most = (f"{zone.agency(agency)} ({targets})" for agency, targets in missed.items())
        told += f"; paling banyak belum: {', '.join(most)}"
    others = Counter(
        share(row, "coverage_pct", "numerator", "denominator") == UNKNOWN
        for row in rows
        if row["target_pct"] is not None and row["coverage_pct"] is None
    )
    if others[False]:
        told += f". {others[False]} target lain angkanya tidak diterbitkan"
    if others[True]:
        told += f". {others[True]} target lain tidak ada angkanya"
    return f"{told}."


def _by_budget(row: Row) -> tuple[bool, int, str]:
    return row["budget_rp"] is None, -(row["budget_rp"] or 0), row["indicator_id"]


def _by_target(row: Row) -> tuple[bool, str]:
    return row["target_pct"] is None, row["name_indonesian"]


def _figures(zone: Zone, row: Row) -> Page:
    counts = f"{count(row, 'numerator')} / {count(row, 'denominator')}"
    if row["unit"] == "rupiah":
        counts = f"{rupiah_short(row['numerator'])} / {rupiah_short(row['denominator'])}"
    doubt = "*" if row["target_pct"] is not None and not row["is_target_verified"] else ""
    return {
        "name": row["name_indonesian"],
        "is_down": row["indicator_id"] in zone.downward,
        "unit": row["unit"],
        "counts": counts,
        "told": share(row, "coverage_pct", "numerator", "denominator"),
        "pct": row["coverage_pct"],
        "bar_target": row["target_pct"],
        "target": UNKNOWN
        if row["target_pct"] is None
        else f"{percent_as_set(row['target_pct'])}{doubt} ({row['target_year']})",
        "status": row.get("status") or "",
        "completeness": UNKNOWN if row.get("completeness") is None else percent(100 * row["completeness"], 0),
        "as_of": f"{row['source_as_of'].day} {month_short(row['source_as_of'])}" if row["source_as_of"] else UNKNOWN,
    }


def _achieved(zone: Zone, row: Row) -> Page:
    trend = row.get("trend_points")
    day = row["source_as_of"]
    # a yearly count holds from its year's first quarter, and is of the day it came as long as the year lasts
    yearly = {"as_of": f"tahun {day.year}"} if day and day >= _next_quarter(row["quarter"]) else {}
    told = {
        "gap": count(row, "gap_count") if row.get("gap_count") is not None else "",
        "trend": "" if trend is None else f"{'+' if trend > 0 else ''}{number(trend, 1)}",
    }
    return _figures(zone, row) | told | yearly


def _spent(zone: Zone, row: Row) -> Page:
    return {
        "name": row["name_indonesian"],
        "agency": zone.agency(row["agency"]),
        "budget": rupiah_short(row["budget_rp"]),
        "spent": rupiah_short(row["spent_rp"]),
        "told": UNKNOWN if row["spent_pct"] is None else percent(row["spent_pct"]),
        "pct": row["spent_pct"],
        "finding": row.get("finding") or "",
    }


def semester(zone: Zone) -> Page:
    """Return the lines of Lampiran A and B of the newest semester, with the one before beside them."""
    rows = zone.rows("semester_report")
    at = newest(rows, "semester")
    before = {row["indicator_id"]: row for row in rows if at and row["semester"] == _before(at)}
    now = sorted((row for row in rows if row["semester"] == at), key=lambda row: (row["appendix"], row["line_no"]))
    appendices = [
        {
            "name": _APPENDICES.get(appendix, f"Lampiran {appendix}"),
            "lines": [_reported(zone, row, before.get(row["indicator_id"])) for row in lines],
        }
        for appendix, lines in groupby(now, lambda row: row["appendix"])
    ]
    name = _SEMESTERS[at.month].format(at.year) if at else ""
    if at and not _has_second_quarter(zone, at, now):
        name += f" – SEMENTARA: baru {quarter(at)}"
    page = {
        "title": f"Laporan {name}" if at else "Laporan semester",
        "kicker": f"{zone.kabupaten}, percepatan penurunan stunting, Perpres 72/2021",
        "words": _semester_words(zone, now),
        "appendices": appendices,
        "has_before": bool(before),
        "has_status": not zone.is_public,
        "signed_by": f"Ketua TPPS {zone.kabupaten}",
    }
    return page | _foot(zone)


def _has_second_quarter(zone: Zone, semester: date, lines: list[Row]) -> bool:
    second, ids = _next_quarter(semester), {row["indicator_id"] for row in lines}
    rows = [row for row in zone.rows("opd_progress") if row["area_level"] == "kabupaten" and row["quarter"] == second]
    return any(row["indicator_id"] in ids and count(row, "numerator") != UNKNOWN for row in rows)


def _next_quarter(day: date) -> date:
    return date(day.year + day.month // 10, (day.month + 2) % 12 + 1, 1)


def _before(semester: date) -> date:
    return date(semester.year, 1, 1) if semester.month > 1 else date(semester.year - 1, 7, 1)


def _reported(zone: Zone, row: Row, before: Row | None) -> Page:
    gap = row.get("gap_points")
    return _figures(zone, row) | {
        "number": f"{row['appendix']}{row['line_no']}",
        "agency": zone.agency(row["agency"]),
        "before": share(before, "coverage_pct", "numerator", "denominator"),
        "gap": "" if gap is None else number(gap, 1),
        "quarters": number(row["quarters_used"]),
    }


def _semester_words(zone: Zone, rows: list[Row]) -> str:
    if not rows:
        return "Rilis ini belum memuat satu semester pun: tidak ada yang dapat dilaporkan."
    known = [row for row in rows if row["quarters_used"]]
    told = f"{len(rows)} baris, {len(known)} dengan data, {len(rows) - len(known)} belum ada data."
    if not zone.is_public:
        reached = sum(str(row["status"]).startswith("tercapai") for row in known)
        missed = sum(str(row["status"]).startswith("belum tercapai") for row in known)
        without = sum(row["target_pct"] is None for row in known)
        told += f" {reached} tercapai, {missed} belum tercapai, {without} tanpa target"
        nobody = len(known) - reached - missed - without
        told += f", {nobody} tanpa sasaran." if nobody else "."
    return f"{told} Kolom TW: berapa triwulan semester ini yang sudah terhitung."


def _foot(zone: Zone) -> Page:
    return {"sign": sign(zone), "legend": legend(zone), "as_of": as_of_words(zone), "release": zone.release}
