"""The regency of the faults: night one with all but the newest deliveries, night two with those, undisturbed.

The tiny regency, as small as it can be with every dataset and every fault. What night two must end with is taken
from a night that nobody disturbed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from include.settings import ROOT
from tests.ordeal.night import PHASES, STEP
from tests.ordeal.stage import Outcome, Place

# what comes on the second day: two correct files, a held, a refused and a corrected one, of four agencies
NEW = (
    "dinkes/penimbangan/2026-10/Pematang_202610.xls",
    "dinkes/penimbangan/2026-10/Kragilan_202610.csv",
    "dinkes/penimbangan/2026-10/Kragilan_202610_perbaikan.csv",
    "disdukcapil/anak/2026-Q3/anak_2026_Q3.csv",
    "dkbp3a/krs_keluarga/2026-Q3/krs_keluarga_2026_Q3.csv",
    "pupr/air_minum_desa/2026/air_minum_desa_2026.xlsx",
)


@dataclass
class Regency:
    """Two prepared data folders and what their releases and databases hold."""

    folder: Path
    steps: dict[str, float] = field(default_factory=dict)  # seconds of each step of the undisturbed second night
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    delivered: dict[str, str] = field(default_factory=dict)  # SHA-256 of each file of the agencies

    @property
    def evening(self) -> Path:
        """The data folder before the second night: the first release, and new files in the landing folder."""
        return self.folder / "evening"

    @property
    def morning(self) -> Path:
        """The data folder after the undisturbed second night."""
        return self.folder / "morning"

    def parsed(self, place: Place) -> Path:
        """dbt's parse of the project for this place: it holds for one path only."""
        return self.folder / f"dbt_{place.folder.name}"

    def put_evening(self, place: Place) -> None:
        self.put(self.evening, place)

    def put_before(self, phase: str, place: Place) -> list[str]:
        """Make the place what it is when a phase of the second night begins; return the phases still to come."""
        self.put(self.evening if phase == PHASES[0] else self.folder / f"before_{phase}", place)
        return list(PHASES[PHASES.index(phase) :])

    def put(self, source: Path, place: Place) -> None:
        """Make the place's data folder equal to a prepared one."""
        place.fill(source)
        shutil.rmtree(place.data / "dbt")
        shutil.copytree(self.parsed(place), place.data / "dbt")


def prepare(folder: Path, places: list[Place]) -> Regency:
    """Write the regency and run both undisturbed nights in the first place; raise when one does not end well."""
    regency = Regency(folder)
    first = places[0]
    inbox = folder / "inbox"
    write_tiny(inbox, folder / "truth")
    regency.delivered = {str(p.relative_to(inbox)): sha256(p) for p in sorted(inbox.rglob("*")) if p.is_file()}
    landing = first.data / "landing"
    shutil.copytree(inbox, landing)
    for name in NEW:
        (landing / name).unlink()
    _well(first.night())
    regency.old = first.look(tables=True)
    _add_new(inbox, landing)
    shutil.copytree(first.data, regency.evening, symlinks=True)
    shutil.copytree(first.data / "dbt", regency.parsed(first))
    for phase in PHASES:  # each begins in a process of its own, as under Airflow
        if phase != PHASES[0]:
            shutil.copytree(first.data, folder / f"before_{phase}", symlinks=True)
        regency.steps |= _seconds_of(_well(first.night(phases=[phase])))
    regency.new = first.look(tables=True)
    shutil.copytree(first.data, regency.morning, symlinks=True)
    for other in places[1:]:
        other.fill(regency.evening)
        shutil.rmtree(other.data / "dbt")
        _well(other.night(seams=[]))
        shutil.copytree(other.data / "dbt", regency.parsed(other))
    return regency


def write_tiny(landing: Path, truth: Path) -> None:
    write_invented("tiny", landing, truth)


def write_invented(size: str, landing: Path, truth: Path) -> None:
    """Write the deliveries of an invented regency of this size, in a process of its own."""
    command = [sys.executable, "-m", "include.synthetic", "--size", size]
    subprocess.run(
        [*command, "--landing", str(landing), "--truth", str(truth)],
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
    )


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _add_new(inbox: Path, landing: Path) -> None:
    """Put the new files as if they had come a moment ago, in the order of `NEW`."""
    now = time.time() - len(NEW)
    for second, name in enumerate(NEW):
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(inbox / name, landing / name)
        os.utime(landing / name, (now + second, now + second))


def _well(done: Outcome) -> Outcome:
    if done.code:
        raise RuntimeError(f"an undisturbed night failed: {done.why()}\n{done.log[-3000:]}")
    return done


def _seconds_of(done: Outcome) -> dict[str, float]:
    """Return seconds per step, from the moments that the night printed."""
    marks = re.findall(rf"^{re.escape(STEP)}([\d.]+) (.*)$", done.log, re.MULTILINE)
    moments = [(float(moment), name) for moment, name in marks]
    return {name: after - moment for (moment, name), (after, _) in pairwise(moments)}
