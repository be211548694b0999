"""A night that would run out of disk or memory is not begun, and says what it needs."""

import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from include import room, settings
from include.settings import ROOT

Usage = namedtuple("Usage", "total used free")
GB = 10**9


def lay(place: Path, size: int) -> None:
    """Put a file of that size, which takes no room, where deliveries lie."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    os.truncate(place, size)


def offer(monkeypatch: pytest.MonkeyPatch, free: float, memory: float | None) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, int(free)))
    monkeypatch.setattr(room, "available_memory", lambda: None if memory is None else int(memory))


@pytest.fixture
def delivered(data: Path) -> Path:
    """As many bytes as the regency's first year has, and the archive's of a month more."""
    lay(data / "landing" / "dinkes" / "penimbangan" / "2026-10" / "a.csv", GB // 10)
    lay(data / "archive" / "dinkes" / "penimbangan" / ("0" * 64), GB)
    return data


def test_where_there_is_room_nothing_is_said(delivered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, 100 * GB, 64 * GB)
    room.check()


def test_little_disk_is_told_with_place_need_reason_and_what_to_do(
    delivered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need = room.estimate()
    offer(monkeypatch, need.disk - GB, 64 * GB)
    with pytest.raises(room.TooLittleRoom) as told:
        room.check()
    said = str(told.value)
    assert f"{(need.disk - GB) / GB:.1f} GB are free where {delivered} lies, {need.disk / GB:.1f} GB are needed" in said
    assert "0.1 GB for deliveries on their way to the archive" in said
    assert "Free 1.0 GB there, or put TEGAK_DATA on a larger disk." in said
    assert said.endswith("Nothing was begun; the last release stays in place.")
    assert "memory" not in said


def test_little_memory_is_told_alike(delivered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need = room.estimate()
    offer(monkeypatch, 100 * GB, need.memory - GB)
    with pytest.raises(room.TooLittleRoom) as told:
        room.check()
    said = str(told.value)
    assert (
        f"{(need.memory - GB) / GB:.1f} GB are available to this process, {need.memory / GB:.1f} GB are needed" in said
    )
    assert "give this machine or container 1.0 GB more, or set TEGAK_MEMORY lower" in said
    assert "disk for this night" not in said


def test_both_are_told_at_once(delivered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, 0, 0)
    with pytest.raises(room.TooLittleRoom, match=r"(?s)Too little disk.*\nToo little memory.*\nNothing was begun"):
        room.check()


def test_need_grows_with_what_came(data: Path) -> None:
    needs = []
    for size in (0, 10**7, 10**9):
        lay(data / "landing" / "a.csv", size)
        needs.append(room.estimate())
    assert needs[0].disk < needs[1].disk < needs[2].disk
    assert needs[0].memory < needs[1].memory < needs[2].memory


def test_what_waits_needs_room_once_unless_it_lies_on_another_disk(
    delivered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(delivered / "landing" / "dinsos" / "bansos" / "2026-Q3" / "b.csv", GB // 5)
    assert room.estimate().archive == GB // 5
    monkeypatch.setattr(room, "_are_apart", lambda one, other: True)
    assert room.estimate().archive == GB // 10 + GB // 5


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no second file system is known here")
def test_folders_of_two_disks_are_apart(tmp_path: Path) -> None:
    assert room._are_apart(tmp_path, Path("/proc"))
    assert not room._are_apart(tmp_path, tmp_path.parent)
    assert not room._are_apart(tmp_path, tmp_path / "none")


def test_a_database_that_has_grown_needs_little_more(delivered: Path) -> None:
    before = room.estimate()
    lay(settings.WAREHOUSE, 20 * GB)
    assert room.estimate().database == 0
    assert room.estimate().disk == before.disk - before.database


@pytest.mark.parametrize(("limit", "size"), [("1GB", GB), ("512 MB", 512 * 10**6), ("2GiB", 2 * 2**30)])
def test_duckdb_takes_no_more_than_its_limit(
    delivered: Path, monkeypatch: pytest.MonkeyPatch, limit: str, size: int
) -> None:
    monkeypatch.setattr(settings, "MEMORY_LIMIT", "8000GB")
    unlimited = room.estimate().memory
    monkeypatch.setattr(settings, "MEMORY_LIMIT", limit)
    lay(delivered / "landing" / "b.csv", 100 * GB)
    assert room.estimate().memory < unlimited + size
    lay(delivered / "landing" / "c.csv", 1000 * GB)
    first = room.estimate().memory
    lay(delivered / "landing" / "d.csv", 1000 * GB)
    assert room.estimate().memory == first


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    files = {"memory.max": f"{4 * GB}\n", "memory.current": f"{3 * GB}\n"}
    files["memory.stat"] = f"anon {GB}\ninactive_file {GB}\nactive_file {GB // 2}\n"
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert room._left_in_container(tmp_path) == [4 * GB - 3 * GB + GB + GB // 2]
    (tmp_path / "memory.max").write_text("max\n", encoding="utf-8")
    assert room._left_in_container(tmp_path) == []
    assert room._left_in_container(tmp_path / "none") == []


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="this kernel does not say how much memory is available")
def test_what_the_kernel_says_is_read() -> None:
    available = room.available_memory()
    assert available is not None
    assert available > 2**20


def test_where_no_kernel_says_it_only_the_disk_is_looked_at(delivered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, 100 * GB, None)
    room.check()


def test_a_night_ends_before_it_begins(tmp_path: Path) -> None:
    """`make nightly` itself: nothing is read, no database of Airflow's is made."""
    waiting = tmp_path / "data" / "landing" / "dinkes" / "penimbangan" / "2026-10" / "a.csv"
    lay(waiting, 10**13)  # a hole in the disk's own account
    environment = os.environ | {
        "TEGAK_DATA": str(tmp_path / "data"),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "TEGAK_PSEUDONYM_KEY": "0" * 32,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "include.nightly"], env=environment, capture_output=True, text=True, check=False
    )
    said = " ".join(done.stderr.split())
    assert done.returncode == 2, done.stdout
    assert re.search(r"Too little disk for this night: [\d.]+ GB are free where \S+ lies, \d+\.\d GB are needed", said)
    assert waiting.exists()
    assert not (tmp_path / "airflow").exists()
