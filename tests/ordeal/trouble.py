"""Troubles other than a kill: full disks, a second writer, a clock that goes back, silence, files that change.

Each fault is a function of the regency and a place: it brings the fault about, runs a night under it, judges what
is left, takes the fault away and judges the next night. A night under a fault may fail; it may lose nothing.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.ordeal import judge
from tests.ordeal.kills import Tally, heal
from tests.ordeal.regency import NEW, Regency
from tests.ordeal.stage import Outcome, Place

Fault = Callable[[Regency, Place], Tally]
DATABASE = "warehouse.duckdb"


def under(regency: Regency, place: Place, name: str, night: Callable[[], Outcome], **judged: Any) -> Tally:
    """Run a night under a fault and judge what is left; the next night is the caller's."""
    tally = Tally(name)
    done = night()
    tally.seconds += done.seconds
    state = place.look()
    tally.release = "old" if state["release"]["files"] == regency.old["release"]["files"] else "new"
    tally.failures += judge.after_the_strike(regency, state, **judged)
    if done.code and not done.why():
        tally.failures.append("the night failed without saying why")
    tally.note = f"ended with {done.code}: {done.why()}" if done.code else "ended well"
    return tally


def second_writer(regency: Regency, place: Place) -> Tally:
    """Another process holds the working database during the whole night."""
    regency.put_evening(place)
    code = "import sys, time; from include import warehouse\nwith warehouse.connect() as con: print('open', flush=True); time.sleep(3600)"
    holder = subprocess.Popen([sys.executable, "-c", code], env=place.environment, stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    holder.stdout.readline()
    done = place.night(quick=True)
    holder.kill()
    holder.wait()
    tally = under(regency, place, "second writer", lambda: done)
    if not done.code:
        tally.failures.append("two writers at once, and the night saw nothing")
    heal(regency, place, tally)
    return tally


def tasks_twice(regency: Regency, place: Place) -> Tally:
    """Every task runs twice, as when the scheduler forgets that it did."""
    regency.put_evening(place)
    tally = under(regency, place, "each task twice", lambda: place.night(quick=True, twice=True))
    heal(regency, place, tally)
    return tally


def dbt_killed(regency: Regency, place: Place) -> Tally:
    """dbt alone is killed, the night lives on: it must fail, and publish nothing of the half."""
    regency.put_evening(place)
    done = place.night(dbt_dies=True)
    tally = under(regency, place, "dbt alone killed", lambda: done)
    if not done.code:
        tally.failures.append("dbt was killed and the night ended well")
    heal(regency, place, tally)
    return tally


def silent_month(regency: Regency, place: Place) -> Tally:
    """Nobody delivers for forty-five days: a release all the same, and a line that says who is late."""
    regency.put(regency.morning, place)
    tally = Tally("an agency silent for a month")
    done = place.night(quick=True, seams=[{"kind": "clock", "days": 45}], report=True)
    state = place.look(tables=True)
    tally.failures += judge.after_the_next_night(regency, state)
    tally.release = "new"
    if state["release"]["name"] == regency.new["release"]["name"]:
        tally.failures.append("no release was published")
    late = [line for line in done.log.splitlines() if line.startswith("late: ")]
    tally.note = f"{len(late)} late lines; ended with {done.code}"
    if not late or done.code:
        tally.failures.append(f"nobody was told who is late, or no release: {done.why()}")
    return tally


def clock_back(regency: Regency, place: Place) -> Tally:
    """The clock goes back a day before the second night."""
    regency.put_evening(place)
    before = place.look()["release"]["name"]
    tally = Tally("the clock goes back a day")
    done = place.night(quick=True, seams=[{"kind": "clock", "days": -1}])
    state = place.look(tables=True)
    tally.failures += judge.after_the_next_night(regency, state)
    tally.lost_rows = judge.lost_rows(regency, state)
    tally.release, tally.note = "new", f"ended with {done.code}"
    if done.code or state["release"]["name"] <= before:
        tally.failures.append(f"release {state['release']['name']} follows {before}: {done.why()}")
    return tally


def read_only_releases(regency: Regency, place: Place) -> Tally:
    """Nothing can be written into the folder of releases."""
    regency.put_evening(place)
    seam = {"kind": "file", "target": r"^(os.mkdir|open|os.rename) \S*/releases\b.*", "nth": 0, "action": "forbid"}
    done = place.night(quick=True, seams=[seam])
    tally = under(regency, place, "releases read-only", lambda: done)
    if not done.code:
        tally.failures.append("nothing could be written, and the night ended well")
    heal(regency, place, tally)
    return tally


def half_release(name: str, keep: Callable[[int], bool]) -> Fault:
    """Half of the current release's files are gone: the night publishes a whole one all the same."""

    def fault(regency: Regency, place: Place) -> Tally:
        regency.put_evening(place)
        damaged = (place.data / "current").resolve()
        files = sorted(path for path in damaged.rglob("*") if path.is_file())
        for number, path in enumerate(files):
            if not keep(number):
                path.unlink()
        tally = Tally(name, release="new")
        done = place.night(quick=True)
        tally.note = f"ended with {done.code}: {done.why()}" if done.code else "ended well"
        heal(regency, place, tally, with_public=False)
        # the fault left it there; retention removes it when its day comes
        tally.failures = [told for told in tally.failures if told != f"left behind: releases/{damaged.name}"]
        return tally

    return fault


def vanishing(regency: Regency, place: Place) -> Tally:
    """A landing file is taken away at the moment it is read, and put back the next day."""
    regency.put_evening(place)
    wanted = NEW[0]
    copy = place.folder / "tmp" / "kept"
    shutil.copy2(place.data / "landing" / wanted, copy)
    seam = {"kind": "file", "target": rf"^open \S*landing/{wanted}", "action": "vanish"}
    tally = under(
        regency,
        place,
        "a file vanishes while read",
        lambda: place.night(quick=True, seams=[seam]),
        partly=True,
        moved=True,
    )
    shutil.copy2(copy, place.data / "landing" / wanted)
    copy.unlink()
    os.utime(place.data / "landing" / wanted)
    done = place.night(quick=True)
    state = place.look(tables=True)
    # the file now is the last of its period, not the first: every file is in, and no other number need be the same
    tally.failures += [f"lost: {name}" for name in judge.lost_files(regency, state)]
    tally.failures += [f"accounting: {line}" for line in state["unbalanced"]] + [
        f"left behind: {p}" for p in state["left_behind"]
    ]
    tally.lost_rows = judge.lost_rows(regency, state)
    if done.code:
        tally.failures.append(f"the next night ended with {done.code}: {done.why()}")
    return tally


def growing(regency: Regency, place: Place) -> Tally:
    """A landing file grows while it is read: what is archived is what its name and receipt say."""
    regency.put_evening(place)
    seam = {"kind": "file", "target": rf"^open \S*landing/{NEW[3]}", "nth": 2, "action": "grow"}
    tally = Tally("a file grows while read")
    done = place.night(quick=True, seams=[seam])
    state = place.look()
    tally.failures += [
        f"archive: {key} is not whole" for key, receipt in state["archive"].items() if not receipt["is_whole"]
    ]
    tally.failures += [f"accounting: {line}" for line in state["unbalanced"]] + state["release"]["faults"]
    again = place.night(quick=True)
    state = place.look()
    tally.failures += [
        f"archive: {key} is not whole" for key, receipt in state["archive"].items() if not receipt["is_whole"]
    ]
    tally.failures += [f"accounting: {line}" for line in state["unbalanced"]] + state["release"]["faults"]
    tally.release, tally.note = "new", f"ended with {done.code}, the next with {again.code}"
    if again.code:
        tally.failures.append(f"the next night ended with {again.code}: {again.why()}")
    return tally


def disk_full(free_megabytes: int) -> Fault:
    """The disk has so many megabytes left: a small tmpfs for root, a cap on each file's size for others."""

    def fault(regency: Regency, place: Place) -> Tally:
        name = f"disk full, {free_megabytes} MB left"
        regency.put_evening(place)
        if os.geteuid():
            largest = (place.data / DATABASE).stat().st_size
            limits = {"RLIMIT_FSIZE": largest + free_megabytes * 2**20}
            tally = under(
                regency, place, f"{name} (RLIMIT_FSIZE)", lambda: place.night(quick=True, limits=limits), partly=True
            )
        else:
            tally = _on_tmpfs(regency, place, f"{name} (tmpfs)", free_megabytes)
        heal(regency, place, tally)
        return tally

    return fault


def _on_tmpfs(regency: Regency, place: Place, name: str, free_megabytes: int) -> Tally:
    used = sum(path.stat().st_blocks * 512 for path in place.data.rglob("*") if not path.is_symlink())
    kept = place.folder / "kept"
    place.data.rename(kept)
    place.data.mkdir()
    size = used + free_megabytes * 2**20
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tegak", str(place.data)], check=True)
    try:
        shutil.copytree(kept, place.data, symlinks=True, dirs_exist_ok=True)
        tally = under(regency, place, name, lambda: place.night(quick=True), partly=True)
        shutil.rmtree(kept)
        shutil.copytree(place.data, kept, symlinks=True)
    finally:
        for _ in range(20):  # a process that is just ending may still have a file open
            if subprocess.run(["umount", str(place.data)], check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.5)
    place.data.rmdir()
    kept.rename(place.data)
    return tally


TROUBLES: list[Fault] = [
    *(disk_full(megabytes) for megabytes in (1, 5, 20, 60)),
    second_writer,
    tasks_twice,
    dbt_killed,
    silent_month,
    clock_back,
    read_only_releases,
    half_release("current release without half of its files", lambda number: number % 2 == 0),
    half_release("current release without any file", lambda _: False),
    vanishing,
    growing,
]
