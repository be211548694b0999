"""Says before a night begins whether disk and memory suffice for it, with the figures: both grow with the bytes delivered.

docs/deployment.md has what was measured on three sizes of the invented regency, and where the factors lie above it.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from include import settings
from include.problem import Problem

MB = 2**20
# On the disk, by the bytes in the archive: what lies there when a night has ended, and what it takes while it runs.
_DATABASE = (140 * MB, 2.5)
_RELEASE = (60 * MB, 0.15)  # with what dbt leaves
_SCRATCH = (60 * MB, 1.0)
# In memory: Airflow, Great Expectations and dbt together, and DuckDB's part, which TEGAK_MEMORY limits.
_PROGRAMS = 800 * MB
_DUCKDB = 4.0
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


class TooLittleRoom(Problem):
    """A night would run out of disk or memory; the message says where, how much, why, and what to do."""


@dataclass(frozen=True)
class Need:
    """What a night over today's archive and landing folder needs, in bytes."""

    archive: int
    database: int
    release: int
    scratch: int
    memory: int

    @property
    def disk(self) -> int:
        return self.archive + self.database + self.release + self.scratch


def estimate() -> Need:
    """Return what the next night needs beyond what lies on the disk already."""
    landing, archive = bytes_below(settings.LANDING), bytes_below(settings.ARCHIVE)
    delivered = landing + archive
    return Need(
        archive=landing if _are_apart(settings.LANDING, settings.ARCHIVE) else _largest_below(settings.LANDING),
        database=max(0, _by(_DATABASE, delivered) - bytes_below(settings.WAREHOUSE)),
        release=_by(_RELEASE, delivered),
        scratch=_by(_SCRATCH, delivered),
        memory=_PROGRAMS + min(int(_DUCKDB * delivered), _limit(settings.MEMORY_LIMIT)),
    )


def check() -> None:
    """Raise `TooLittleRoom` when the next night would not fit."""
    need = estimate()
    settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    free, available = shutil.disk_usage(settings.DATA).free, available_memory()
    problems = []
    if free < need.disk:
        problems.append(
            f"Too little disk for this night: {_gb(free)} are free where {settings.DATA} lies, {_gb(need.disk)} are needed "
            f"({_gb(need.archive)} for deliveries on their way to the archive, {_gb(need.database)} for the working database to grow, "
            f"{_gb(need.release)} for a release, {_gb(need.scratch)} while it runs). "
            f"Free {_gb(need.disk - free)} there, or put TEGAK_DATA on a larger disk."
        )
    if available is not None and available < need.memory:
        problems.append(
            f"Too little memory for this night: {_gb(available)} are available to this process, {_gb(need.memory)} are needed "
            f"({_gb(_PROGRAMS)} for Airflow, dbt and Great Expectations, the rest for DuckDB, whose limit is TEGAK_MEMORY="
            f"{settings.MEMORY_LIMIT}). End other programs, give this machine or container {_gb(need.memory - available)} more, "
            "or set TEGAK_MEMORY lower: DuckDB then works on the disk, more slowly."
        )
    if problems:
        raise TooLittleRoom("\n".join([*problems, "Nothing was begun; the last release stays in place."]))


def available_memory() -> int | None:
    """Return what this process may still take, of the machine and of its container; None where no kernel says it."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    fields = dict(line.split(":") for line in meminfo.read_text(encoding="utf-8").splitlines())
    return min([int(fields["MemAvailable"].split()[0]) * 1024, *_left_in_container()])


def _left_in_container(group: Path = Path("/sys/fs/cgroup")) -> list[int]:
    """Return what the container's limit leaves; what the kernel keeps of files it gives up when it must."""
    try:
        limit = (group / "memory.max").read_text(encoding="utf-8").strip()
        taken = int((group / "memory.current").read_text(encoding="utf-8"))
        lines = (group / "memory.stat").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    if limit == "max":
        return []
    files = sum(int(line.split()[1]) for line in lines if line.startswith(("inactive_file ", "active_file ")))
    return [int(limit) - taken + files]


def bytes_below(place: Path) -> int:
    """Return the bytes of a file or folder. What cannot be looked at counts nothing: a night may take it away meanwhile."""
    files = [place] if place.is_file() else place.rglob("*")
    return sum(os.lstat(file).st_size for file in files if file.is_file())


def _largest_below(place: Path) -> int:
    """Return the bytes of the largest file below a folder: for a moment it lies there and in the archive."""
    return max((os.lstat(file).st_size for file in place.rglob("*") if file.is_file()), default=0)


def _are_apart(one: Path, other: Path) -> bool:
    """Return whether two folders lie on different disks, so that what leaves the one frees nothing for the other."""
    return one.exists() and other.exists() and one.stat().st_dev != other.stat().st_dev


def _by(rule: tuple[int, float], delivered: int) -> int:
    fixed, per_byte = rule
    return int(fixed + per_byte * delivered)


def _limit(text: str) -> int:
    """Return DuckDB's memory limit in bytes (`4GB`); one that we cannot read limits nothing here."""
    number = text.strip().rstrip("KMGTIBkmgtib ")
    unit = text.strip()[len(number) :].strip().upper()
    return int(float(number) * _UNITS[unit]) if unit in _UNITS else 2**63


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
