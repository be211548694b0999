"""What the bench of growth stands on: places for several regencies, the steps of a log, corrections, the picture."""

import csv
import datetime
import os
import shutil
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from include.settings import REGENCY_SEEDS, ROOT
from include.synthetic.population import Size, read_regions
from tests.bench import growth, growth_chart, province, year
from tests.bench.place import Bench
from tests.ordeal.stage import Outcome

ONE = Size(None, 0, 0, 1)
LOG = """
2026-11-28T20:00:00.000000Z [info] [DAG TEST] starting task_id=penimbangan.receive map_index=-1
2026-11-28T20:00:01.500000Z [info] [DAG TEST] end task task_id=penimbangan.receive map_index=-1
2026-11-28T20:00:02.000000Z [info] [DAG TEST] starting task_id=penimbangan.gate map_index=-1
2026-11-28T20:00:06.000000Z [info] [DAG TEST] end task task_id=penimbangan.gate map_index=-1
2026-11-28T20:00:06.000000Z [info] [DAG TEST] starting task_id=build map_index=-1
2026-11-28T20:00:16.000000Z [info] [DAG TEST] end task task_id=build map_index=-1
"""


@pytest.fixture
def seeds(tmp_path):
    return shutil.copytree(REGENCY_SEEDS, tmp_path / "regions")


def test_two_regencies_are_twice_the_places_and_no_two_are_alike(seeds):
    one = read_regions(ONE, seeds)
    province.write_regions(seeds, 2)
    two = read_regions(ONE, seeds)
    assert two.desa["desa"].size == 2 * one.desa["desa"].size
    assert two.puskesmas["puskesmas"].size == 2 * one.puskesmas["puskesmas"].size
    assert len(two.aliases) == 2 * len(one.aliases)
    codes = [code for code in two.desa["bps_code"] if code]
    for unique in (two.desa["desa_code"], codes, two.puskesmas["puskesmas_name"]):
        assert len(set(unique)) == len(unique)
    assert len(set(two.desa["kecamatan_name"])) == len(set(two.desa["kecamatan_code"])) == 58
    np.testing.assert_array_equal(two.desa["desa_code"][: one.desa["desa"].size], one.desa["desa_code"])


def test_a_tenth_is_three_kecamatan_with_all_that_lies_in_them(seeds):
    province.write_regions(seeds, 0.1)
    tenth = read_regions(ONE, seeds)
    assert len(set(tenth.desa["kecamatan_code"])) == len(_rows(seeds / "ref_kecamatan_tiles.csv")) == 3
    assert tenth.desa["desa"].size == len(_rows(seeds / "ref_puskesmas_desa.csv"))


def test_neither_a_part_nor_a_whole_number_is_refused(seeds):
    with pytest.raises(ValueError, match=r"1\.5 regencies"):
        province.write_regions(seeds, 1.5)


def test_a_province_has_its_caps_raised_in_its_own_copy(tmp_path):
    province.settle(tmp_path, 12)
    text = (tmp_path / "include" / "settings.py").read_text(encoding="utf-8")
    assert "MAX_ROWS = 5_000_000 * 12\n" in text
    assert "MAX_INFLATED_BYTES = 400 * 2**20 * 12\n" in text
    assert len(_rows(tmp_path / REGENCY_SEEDS.relative_to(ROOT) / "ref_kecamatan.csv")) == 12 * 29


def test_the_steps_of_a_log_are_told_with_their_moments():
    assert [(step, until - since) for step, since, until in growth.steps(LOG)] == [
        ("files", 1.5),
        ("gate", 4.0),
        ("build", 10.0),
    ]


def test_a_watch_sees_memory_computing_and_what_lies_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(growth, "_EVERY_SECONDS", 0.02)
    begun = time.time()
    with growth.Watch(os.getpid(), tmp_path) as watch:
        (tmp_path / "spilled").write_bytes(bytes(3 * 2**20))
        while watch.disk(begun, time.time()) < 3 or watch.computed(begun, time.time()) < 0.1:
            assert time.time() < begun + 60
        (tmp_path / "spilled").unlink()
    assert watch.disk(begun, time.time()) == 3
    assert 10 < watch.peak(begun, time.time()) < 2048


def test_the_picture_has_a_line_for_each_step_and_is_whole(tmp_path):
    table = [
        {"factor": factor, "rows": rows, "step": step, "cpu_seconds": "30", "peak_mb": "900"}
        for factor, rows in (("0.1", "600000"), ("1", "6000000"))
        for step in growth.STEPS
    ]
    growth_chart.draw(table, tmp_path / "growth.svg")
    lines = ElementTree.parse(tmp_path / "growth.svg").findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == len(growth_chart.STYLES) + 1  # and the memory


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("year")
    year.write(str(folder / "inbox"), str(folder / "truth"))()
    return folder / "inbox"


def test_a_correction_is_some_rows_of_a_list_with_other_weights(sent):
    name, text = next(year.corrected(sent))
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == year.ROWS_CORRECTED
    whole = (sent / name).read_text(encoding="utf-8")
    assert all(row["Nama"] in whole for row in rows)
    assert not any(",".join(row.values()) in whole for row in rows)
    datetime.date.fromisoformat(rows[0]["Tanggal Pengukuran"])


class Nights:
    """Stands in for the place of the ordeal: a night takes what waits into the archive and makes a release."""

    pid = os.getpid()

    def __init__(self, folder: Path) -> None:
        self.data, self.taken = folder, list[int]()

    def night(self, **asked: Any) -> Outcome:
        waiting = [path for path in (self.data / "landing").rglob("*.*") if path.is_file()]
        (self.data / "archive").mkdir(exist_ok=True)
        for path in waiting:
            path.rename(self.data / "archive" / f"{len(self.taken)}_{path.name}")
        self.taken.append(len(waiting))
        [clock] = asked["seams"]
        at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=clock["days"])
        (self.data / "releases" / f"{at:%Y-%m-%dT%H%M%S}Z").mkdir(parents=True)
        (self.data / "releases" / f"{at:%Y-%m-%dT%H%M%S}Z" / "manifest.json").write_text("{}", encoding="utf-8")
        return Outcome(0, 1.0, "")


def test_nights_of_a_year_find_what_came_and_leave_files_of_their_own_day(sent, tmp_path, monkeypatch):
    monkeypatch.setattr(year, "NIGHTS", 60)
    inbox = shutil.copytree(sent, tmp_path / "inbox")
    place = Nights(tmp_path / "data")
    nights = list(year._nights(Bench(tmp_path, "tiny", lambda step: None), place, inbox))
    assert place.taken[0] > 5
    assert [bool(taken) for taken in place.taken] == [night.has_news for night in nights]
    assert all(night.has_news for night in nights[:: year.CORRECTION_EVERY])
    assert not all(night.has_news for night in nights)
    assert not [path for path in inbox.rglob("*.*") if path.is_file()]
    assert [night.releases for night in nights] == list(range(1, 61))
    assert (nights[-1].at - nights[0].at).days == year.DAYS
    for release in (place.data / "releases").iterdir():
        made = datetime.datetime.fromtimestamp((release / "manifest.json").stat().st_mtime, datetime.UTC)
        assert f"{made:%Y-%m-%d}" == release.name[:10]
    assert [len(quarter) for quarter in year._quarters(nights)] == [15, 15, 15, 15]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
