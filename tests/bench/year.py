"""A year of nights over the tiny regency, under a clock that moves on: disk must be bounded by the retention rule, time flat.

`BENCH_NIGHTS=40` nights are spread evenly over the year (365: every night). Each night finds what the agencies sent since
the last one, and every fifth without it a puskesmas' correction of some rows; the others let the release stand. The nights do
what the DAGs do, without Airflow and without dbt's tests; what Airflow keeps of its own is measured apart, by the real DAGs.
"""

import csv
import io
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include import settings
from include.room import bytes_below
from tests.bench.lines import Line, line
from tests.bench.measure import Run, Side, run_side
from tests.bench.place import Bench
from tests.bench.side import computing
from tests.ordeal.stage import Place

NIGHTS = int(os.environ.get("BENCH_NIGHTS", "40"))
DAYS, MONTHS = 365, 15  # the first three months are there on the first night
ROWS_CORRECTED, CORRECTION_EVERY = 5, 5
# the newest list of the invented regency is of October 2026; a year of nights ends when it and its corrections are there
LAST_NIGHT = datetime(2026, 11, 25, 22, tzinfo=UTC)
PARTS = ("warehouse.duckdb", "archive", "releases", "returns", "lineage", "linkage", "dbt")
MB = 1e6


@dataclass(frozen=True)
class Night:
    """One night: when, whether anything new came, seconds, those of computing, the MB of each part of the data folder after it."""

    at: datetime
    has_news: bool
    seconds: float
    cpu_seconds: float
    disk: dict[str, float]
    releases: int


def run(bench: Bench) -> list[Line]:
    """Run the nights; return a line per quarter of the year, with what lay on the disk at its end."""
    folder = bench.folder / "year"
    inbox = folder / "inbox"
    run_side(
        Side(f"{__name__}:write", {"landing": str(inbox), "truth": str(folder / "truth")}), bench.environment("inbox")
    )
    place = Place(folder / "place")
    try:
        nights = []
        for night in _nights(bench, place, inbox):
            nights.append(night)
            _write_table(nights)  # what ends a long run early leaves what was measured
    finally:
        place.close()
    return [
        _line(same, number + 1, told)
        for number, part in enumerate(_quarters(nights))
        for told, has_news in (("with news", True), ("without", False))
        if (same := [night for night in part if night.has_news == has_news])
    ]


def write(landing: str, truth: str) -> Callable[[], dict[str, int]]:
    """Write what the agencies of the tiny regency send in the months of a year."""
    from dataclasses import replace

    from include.synthetic.__main__ import write_regency
    from include.synthetic.population import SIZES

    return lambda: {"files": write_regency(replace(SIZES["tiny"], months=MONTHS), Path(landing), Path(truth))}


def _nights(bench: Bench, place: Place, inbox: Path) -> Iterator[Night]:
    landing = place.data / "landing"
    corrections = list(corrected(inbox))
    for number in range(NIGHTS):
        at = LAST_NIGHT - timedelta(days=DAYS * (NIGHTS - 1 - number) / max(1, NIGHTS - 1))
        bench.step(f"night {number + 1} of {NIGHTS}, {at:%Y-%m-%d}")
        has_news = bool(_deliver(inbox, landing, at))
        if not has_news and number % CORRECTION_EVERY == 0:
            has_news = True
            name, text = corrections[number % len(corrections)]
            target = landing / name.with_name(f"{name.stem}_koreksi_{number:03}.csv")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        began, computed = time.time(), computing(place.pid)
        days = (at - datetime.now(UTC)).total_seconds() / 86400
        done = place.night(quick=True, retention=True, may_stand=True, seams=[{"kind": "clock", "days": days}])
        assert not done.code, done.why()
        _date(place.data, began, at)
        disk = {part: bytes_below(place.data / part) / MB for part in PARTS} | {"all": bytes_below(place.data) / MB}
        yield Night(
            at,
            has_news,
            done.seconds,
            computing(place.pid) - computed,
            disk,
            len(list((place.data / "releases").glob("[0-9]*"))),
        )


def _deliver(inbox: Path, landing: Path, at: datetime) -> int:
    """Put what had arrived by a moment into the landing folder; return how many files."""
    arrived = [path for path in inbox.rglob("*.*") if path.is_file() and path.stat().st_mtime <= at.timestamp()]
    for path in arrived:
        target = landing / path.relative_to(inbox)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    return len(arrived)


def corrected(inbox: Path) -> Iterator[tuple[Path, str]]:
    """Give corrections of some rows of each plain weighing list: the weights are a little higher."""
    for path in sorted((inbox / "dinkes" / "penimbangan").rglob("*.csv")):
        try:
            table = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        except UnicodeDecodeError:
            continue
        header = next((number for number, row in enumerate(table) if "Berat" in row), None)
        if header is None or "-" not in table[header + 1][table[header].index("Tanggal Pengukuran")][:5]:
            continue  # a few rows of another order of dates could be read either way, and would be refused
        weight = table[header].index("Berat")
        for first in range(header + 1, len(table) - ROWS_CORRECTED, ROWS_CORRECTED):
            rows = [list(row) for row in table[first : first + ROWS_CORRECTED]]
            for row in rows:
                row[weight] = f"{float(row[weight]) + 0.1:.1f}" if row[weight].replace(".", "").isdigit() else ""
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([table[header], *rows])
            yield path.relative_to(inbox), text.getvalue()


def _date(data: Path, began: float, at: datetime) -> None:
    """Give what a night wrote the time of that night: the retention rule goes by it."""
    for path in data.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_mtime >= began:
            os.utime(path, (at.timestamp(), at.timestamp()))


def _write_table(nights: list[Night]) -> None:
    """Write a row per night, for whoever wants to see how it went between the quarters."""
    table = settings.DATA / "bench" / "year.csv"
    table.parent.mkdir(exist_ok=True)
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["night", "has_news", "seconds", "cpu_seconds", "releases_kept", *nights[0].disk])
        for night in nights:
            disk = [f"{mb:.1f}" for mb in night.disk.values()]
            seconds = [f"{night.seconds:.1f}", f"{night.cpu_seconds:.1f}"]
            writer.writerow([f"{night.at:%Y-%m-%d}", int(night.has_news), *seconds, night.releases, *disk])


def _quarters(nights: list[Night]) -> list[list[Night]]:
    """Share the nights out among the quarters of the year; few nights leave some empty."""
    quarters: list[list[Night]] = [[], [], [], []]
    for night in nights:
        quarters[min(3, (night.at - nights[0].at).days * 4 // DAYS)].append(night)
    return quarters


def _line(nights: list[Night], quarter: int, kind: str) -> Line:
    last = nights[-1]
    told = ", ".join(f"{name} {last.disk[name]:,.0f}" for name in (*PARTS, "all"))
    what = f"a night {kind} of quarter {quarter}, {len(nights)} of {NIGHTS} nights, to {last.at:%Y-%m-%d}"
    runs = [Run(night.seconds, night.cpu_seconds, 0.0) for night in nights]
    return line(what, runs, note=f"{last.releases} releases; MB: {told}")
