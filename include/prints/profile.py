"""What stands on the profile of one desa, as texts and the few numbers that its charts are drawn from."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from math import ceil
from typing import Any

from include.indonesian import UNKNOWN, month, month_short, number, percent, percent_as_set, quarter
from include.months import through
from include.prints.zone import (
    NOWHERE,
    Row,
    Zone,
    as_of_words,
    count,
    is_hidden,
    legend,
    newest,
    share,
    sign,
    span,
)

Page = dict[str, Any]

TOO_FEW = "terlalu sedikit diukur"  # the words of area_estimates where there is no verdict
ELSEWHERE = ("stunting", "konvergensi_1000hpk")  # have a place of their own on the page
HOUSES = ("sanitasi_layak", "air_minum_layak", "desa_stop_babs")
MOST_MONTHS, MOST_SERVICES, MOST_STEPS, MOST_GAPS = 30, 20, 6, 3
MOST_ACTIONS = 6  # of one category; with more the page's type would become too small to read
_MOST_LABELS = 6
_LONGEST = 90  # signs of a name; the longest of the regency has 16
_DO = {"rujuk": "Rujuk", "temukan": "Temukan", "cegah": "Cegah"}


class Profiles:
    """Makes the pages of all desa of a zone from its tables, each table gone through once."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.month = newest((*zone.rows("stunting_by_kabupaten"), *zone.rows("stunting_by_desa")), "month")
        self.quarter = newest(zone.rows("opd_progress"), "quarter")
        self.months = {row["month"]: row for row in zone.rows("stunting_by_kabupaten")}
        self.kecamatan = {(row["kecamatan_code"], row["month"]): row for row in zone.rows("stunting_by_kecamatan")}
        self.counted = _by(zone.rows("stunting_by_desa"), lambda row: row["desa_code"])
        self.estimates = _by(_of_desa(zone.rows("area_estimates")), lambda row: row["area_code"])
        self.progress = _by(_of_desa(zone.rows("opd_progress")), lambda row: row["area_code"])
        self.convergence = _by(_of_desa(zone.rows("convergence")), lambda row: row["area_code"])
        self.priority = _by(zone.rows("desa_priority"), lambda row: row["desa_code"])
        self.families = _by(zone.rows("krs_by_desa"), lambda row: row["desa_code"])
        self.downward = zone.downward
        self.visits = _by(zone.visits, lambda row: row["desa_code"])

    def codes(self) -> list[str]:
        """Return the desa that have a page: all that a table tells something of."""
        return sorted({*self.counted, *self.progress, *self.priority, *self.families} - {NOWHERE})

    def page(self, code: str) -> Page:
        """Return what stands on the profile of one desa."""
        rows = self.counted.get(code, [])
        now = next((row for row in rows if row["month"] == self.month), None)
        place = self._place(code)
        estimate = next((row for row in self.estimates.get(code, []) if row["month"] == self.month), None)
        indicators = [row for row in self.progress.get(code, []) if row["quarter"] == self.quarter]
        services = [row for row in indicators if row["indicator_id"] not in (*ELSEWHERE, *HOUSES)]
        services.sort(key=lambda row: (row["target_pct"] is None, row["agency"], row["indicator_id"]))
        return {
            "title": f"Profil Desa {place['desa']}",
            "desa": place["desa"],
            "path": f"Kecamatan {place['kecamatan']}, {self.zone.kabupaten}",
            "code": code,
            "month": month(self.month) if self.month else "belum ada bulan",
            "headline": self._headline(now, estimate, place),
            "chart": self._chart(rows, code),
            "quarter": quarter(self.quarter) if self.quarter else "belum ada triwulan",
            "services": [self._service(row) for row in services[:MOST_SERVICES]],
            "left_out": max(0, len(services) - MOST_SERVICES),
            "houses": [self._service(row) for row in indicators if row["indicator_id"] in HOUSES],
            "open_defecation": self._open_defecation(code),
            "families": self._families(code),
            "convergence": self._convergence(code),
            "priority": self._priority(code),
            "steps": self._steps(code, now, indicators),
            "survey": self._survey(),
            "sign": sign(self.zone),
            "legend": legend(self.zone),
            "as_of": as_of_words(self.zone),
            "release": self.zone.release,
        }

    def _place(self, code: str) -> dict[str, str]:
        for row in (*self.counted.get(code, []), *self.priority.get(code, []), *self.families.get(code, [])):
            return {
                "desa": shorten(row["desa_name"]),
                "kecamatan": shorten(row["kecamatan_name"]),
                "code": row["kecamatan_code"],
            }
        name = next((row["area_name"] for row in self.progress.get(code, [])), code)
        return {"desa": shorten(name), "kecamatan": UNKNOWN, "code": ""}

    def _headline(self, now: Row | None, estimate: Row | None, place: dict[str, str]) -> Page:
        return {
            "pct": share(now, "stunted_pct", "stunted", "height_valid"),
            "counts": [
                ["stunting dari yang tingginya sah", f"{count(now, 'stunted')} / {count(now, 'height_valid')}"],
                ["diukur dari sasaran", f"{count(now, 'measured')} / {count(now, 'due')}"],
                ["cakupan", share(now, "coverage_pct", "measured", "due")],
                ["sangat pendek", count(now, "severely_stunted")],
                ["berat badan kurang", count(now, "underweight")],
                ["gizi kurang dan buruk", count(now, "wasted")],
            ],
            "estimate": None if self.zone.is_public else percent(estimate["estimate_pct"] if estimate else None),
            "interval": _interval(estimate),
            "words": self._compared(now, estimate, place),
        }

    def _compared(self, now: Row | None, estimate: Row | None, place: dict[str, str]) -> str:
        """Say in words how the desa stands to its kecamatan and the kabupaten, no more than the interval allows."""
        if self.month is None:
            return "Rilis ini belum memuat satu bulan pun."
        if now is None or (not now["height_valid"] and not is_hidden(now, "height_valid")):
            return "Bulan ini tidak ada balita dengan tinggi badan yang sah: prevalensinya tidak diketahui, bukan nol."
        kecamatan = self.kecamatan.get((place["code"], self.month))
        others = [
            (f"Kecamatan {place['kecamatan']}", kecamatan["stunted_pct"] if kecamatan else None),
            (self.zone.kabupaten, self.months[self.month]["stunted_pct"] if self.month in self.months else None),
        ]
        told = [(name, pct) for name, pct in others if pct is not None]
        if estimate is None:
            beside = ", ".join(f"{name} {percent(pct)}" for name, pct in told)
            return f"{beside}. Tanpa selang, beda kecil belum berarti apa-apa: desa kecil berayun karena kebetulan."
        if estimate["severity_indonesian"] == TOO_FEW or estimate["low_pct"] is None:
            return "Terlalu sedikit balita diukur untuk dibandingkan dengan kecamatan dan kabupaten."
        verdicts: dict[str, list[str]] = defaultdict(list)
        for name, pct in told:
            verdict = "tidak dapat dibedakan dari"
            if estimate["low_pct"] > pct:
                verdict = "lebih tinggi daripada"
            elif estimate["high_pct"] < pct:
                verdict = "lebih rendah daripada"
            verdicts[verdict].append(f"{name} ({percent(pct)})")
        said = "; ".join(f"{verdict} {' dan '.join(names)}" for verdict, names in verdicts.items())
        doubt, _, classes = estimate["severity_indonesian"].rpartition(": ")
        severity = f"{classes} ({doubt})" if doubt else f"{classes} seluruhnya"
        return f"{said[:1].upper()}{said[1:]}. Kelas menurut de Onis: {severity}."

    def _chart(self, rows: list[Row], code: str) -> Page:
        """Return one point per month of the release, known or not, on a scale from zero."""
        counted = {row["month"]: row for row in rows}
        estimates = {row["month"]: row for row in self.estimates.get(code, [])}
        months = through([*self.months, *counted])[-MOST_MONTHS:]
        points = [self._point(at, counted.get(at), estimates.get(at)) for at in months]
        heights = [point[key] for point in points for key in ("pct", "high", "kabupaten") if point[key] is not None]
        every = ceil(len(points) / _MOST_LABELS)
        for place, point in enumerate(points):  # counted from the end: the newest month is always told
            point["label"] = month_short(months[place]) if (len(points) - 1 - place) % every == 0 else ""
        known = [point for point in points if point["pct"] is not None]
        told = ", ".join(f"{point['name']} {point['told']}" for point in points)
        return {
            "points": points,
            "top": max(10, 10 * ceil(max(heights, default=0) / 10)),
            "has_interval": any(point["low"] is not None for point in points),
            "words": f"Prevalensi stunting per bulan: {told}." if points else "Belum ada data bulanan.",
            "note": {0: "Belum ada bulan dengan prevalensi yang diketahui.", 1: _ONE_MONTH}.get(len(known), ""),
        }

    def _point(self, at: date, counted: Row | None, estimate: Row | None) -> Page:
        return {
            "name": month_short(at),
            "pct": counted["stunted_pct"] if counted else None,
            "told": share(counted, "stunted_pct", "stunted", "height_valid"),
            "low": estimate["low_pct"] if estimate else None,
            "high": estimate["high_pct"] if estimate else None,
            "kabupaten": self.months[at]["stunted_pct"] if at in self.months else None,
            "coverage": counted["coverage_pct"] if counted else None,
            "covered": share(counted, "coverage_pct", "measured", "due"),
        }

    def _service(self, row: Row) -> Page:
        if row["unit"] == "desa":  # of one desa there is no percentage: it is so, or it is not
            no = "tidak" if row["indicator_id"] in self.downward else "belum"
            told = {None: UNKNOWN, 0: no}.get(row["numerator"], "ya")
            return self._line(row, "", told, None)
        counts = f"{count(row, 'numerator')} / {count(row, 'denominator')}"
        if row["unit"] == "rupiah" and row["numerator"] is not None and row["denominator"] is not None:
            counts = " / ".join(number(row[part] / 1e6, 1) for part in ("numerator", "denominator")) + " juta"
        return self._line(row, counts, share(row, "coverage_pct", "numerator", "denominator"), row["coverage_pct"])

    def _line(self, row: Row, counts: str, told: str, pct: float | None) -> Page:
        return {
            "name": shorten(row["name_indonesian"]),
            "agency": self.zone.agency(row["agency"]),
            "counts": counts,
            "told": told,
            "pct": pct,
            "target": row["target_pct"] if row["unit"] != "desa" else None,
        }

    def _open_defecation(self, code: str) -> str | None:
        pct = next((row["open_defecation_pct"] for row in self.priority.get(code, [])), None)
        return None if pct is None else percent(pct)

    def _families(self, code: str) -> str | None:
        rows = self.families.get(code, [])
        row = next((row for row in rows if row["quarter"] == newest(rows, "quarter")), None)
        if row is None:
            return None
        pct = share(row, "given_at_risk_pct", "given_at_risk", "given_known")
        return f"{count(row, 'given_at_risk')} / {count(row, 'given_known')} ({pct})"

    def _convergence(self, code: str) -> Page | None:
        row = next((row for row in self.convergence.get(code, []) if row["quarter"] == self.quarter), None)
        if row is None:
            return None
        low = share(row, "converged_low_pct", "all_services", "households")
        high = share(row, "converged_high_pct", "all_services", "not_known", "households")
        lacking = row.get("most_lacking_service")
        return {
            "low": row["converged_low_pct"],
            "high": row["converged_high_pct"],
            "told": f"{low} sampai {high}" if low != high else low,
            "households": count(row, "households"),
            "all": count(row, "all_services"),
            "lacking": f"Paling kurang: {lacking} ({count(row, 'most_lacking_households')} rumah tangga, "
            f"{self.zone.agency(row['most_lacking_agency'])})."
            if lacking
            else "",
        }

    def _priority(self, code: str) -> Page | None:
        row = next(iter(self.priority.get(code, [])), None)
        if row is None:
            return None
        possible = row["possible_group"]
        return {
            "group": row["priority_group"].capitalize(),
            "possible": possible if possible != row["priority_group"] else None,
            "reasons": _parts(row["reasons"]),
            "undecided": _parts(row["undecided"]),
            "unknowns": _parts(row["unknowns"]),
        }

    def _steps(self, code: str, now: Row | None, indicators: list[Row]) -> list[Page]:
        """Return what to do next: children by the visit list where the zone has it, then the widest gaps."""
        steps = []
        visits = _by(self.visits.get(code, []), lambda row: row["category"])
        for category, word in _DO.items():
            if rows := visits.get(category):
                week = sum(row["first_week"] for row in rows)
                first = f", {number(week)} di antaranya pekan pertama" if week else ""
                steps.append(
                    {
                        "what": f"{word} {number(sum(row['children'] for row in rows))} anak{first}",
                        "how": _actions(rows),
                        "who": self.zone.agency(rows[0]["agency"]),
                    }
                )
        if not self.visits and now is not None and now["due"] and now["measured"] is not None:
            missing = now["due"] - now["measured"]
            if missing > 0:
                how = "cari, ajak ke posyandu atau ukur di rumah."
                steps.append({"what": f"Ukur sekitar {number(missing)} balita yang belum", "how": how, "who": "Dinkes"})
        gaps = [(row["target_pct"] - row["coverage_pct"], row) for row in indicators if self._has_gap(row)]
        for _, row in sorted(gaps, key=lambda gap: (-gap[0], gap[1]["indicator_id"]))[:MOST_GAPS]:
            if len(steps) < MOST_STEPS:
                told = f"{percent(row['coverage_pct'])} dari target {percent_as_set(row['target_pct'])}"
                doubt = "" if row["is_target_verified"] else ", target belum terverifikasi"
                what = f"Kejar target: {_inside(shorten(row['name_indonesian']))}"
                steps.append({"what": what, "how": f"{told}{doubt}.", "who": self.zone.agency(row["agency"])})
        return steps

    def _has_gap(self, row: Row) -> bool:
        known = row["target_pct"] is not None and row["coverage_pct"] is not None and row["unit"] != "desa"
        return known and row["indicator_id"] not in self.downward and row["coverage_pct"] < row["target_pct"]

    def _survey(self) -> str:
        surveys = [row for row in self.zone.rows("stunting_path") if row["source"] == "survey"]
        surveys = [row for row in surveys if row["area_level"] == "kabupaten"]
        last = newest(surveys, "observed_on")
        row = next((row for row in surveys if row["observed_on"] == last), None)
        if row is None:
            return "Survei (SSGI) tidak memberi angka desa."
        told = f"{percent(row['observed_pct'])} ({span(row['low_pct'], row['high_pct'])})"
        return f"Survei terakhir, {row['observed_on'].year}: {self.zone.kabupaten} {told}; survei tidak memberi angka desa."


_ONE_MONTH = "Baru satu bulan yang diketahui: arah belum dapat dilihat."


def shorten(name: str) -> str:
    """Return a name that has room on a page."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _interval(estimate: Row | None) -> str:
    return span(estimate["low_pct"], estimate["high_pct"]) if estimate else UNKNOWN


def _actions(rows: list[Row]) -> str:
    """Return the actions with their children, in the order of their turn; the numbers add up to all children."""
    told = [f"{row['action']} ({number(row['children'])})" for row in rows[:MOST_ACTIONS]]
    if rest := sum(row["children"] for row in rows[MOST_ACTIONS:]):
        told.append(f"dan {number(rest)} anak dengan tindakan lain")
    return "; ".join(told) + "."


def _inside(name: str) -> str:
    """Return a name as it stands inside a sentence; KB and MP-ASI keep their capitals."""
    return f"{name[:1].lower()}{name[1:]}" if name[1:2].islower() else name


def _by(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    gathered: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        gathered[key(row)].append(row)
    return dict(gathered)


def _of_desa(rows: Iterable[Row]) -> Iterable[Row]:
    return (row for row in rows if row["area_level"] == "desa")


def _parts(text: str | None) -> list[str]:
    return text.split("; ") if text else []
