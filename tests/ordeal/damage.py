"""Damage of the working database: blocks, length, foreign bytes, and its log. All is made again from the archive."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.ordeal.kills import Tally, heal
from tests.ordeal.regency import Regency
from tests.ordeal.stage import Place
from tests.ordeal.trouble import DATABASE, Fault, under

_BLOCK = 4096


def damaged(name: str, damage: Callable[[Path], None]) -> Fault:
    """The working database is damaged before the night: at the latest the night after must end as the undisturbed."""

    def fault(regency: Regency, place: Place) -> Tally:
        regency.put_evening(place)
        damage(place.data)
        tally = under(regency, place, f"database {name}", lambda: place.night(quick=True))
        heal(regency, place, tally, made_anew=True)
        return tally

    return fault


def _overwrite(share: float) -> Callable[[Path], None]:
    def damage(data: Path) -> None:
        path = data / DATABASE
        offset = int(share * path.stat().st_size) // _BLOCK * _BLOCK
        with path.open("r+b") as stream:
            stream.seek(min(offset, path.stat().st_size - _BLOCK))
            stream.write(random.Random(share).randbytes(_BLOCK))

    return damage


def _truncate(share: float) -> Callable[[Path], None]:
    return lambda data: os.truncate(data / DATABASE, int(share * (data / DATABASE).stat().st_size))


def _foreign(data: Path) -> None:
    (data / DATABASE).write_bytes(b"nama;nik\nbukan basis data;0\n" * 4000)


def _wal(content: bytes) -> Callable[[Path], None]:
    return lambda data: (data / f"{DATABASE}.wal").write_bytes(content) and None


def foreign_wal(data: Path) -> None:
    """The log of another database: a plain one that holds one table more."""
    code = (
        "import duckdb, os, sys; con = duckdb.connect(sys.argv[1]); con.execute(\"set wal_autocheckpoint = '1GB'\"); "
        "con.execute('create table foreign_rows as select range from range(1000)'); os._exit(0)"
    )
    other = data / "other.duckdb"
    subprocess.run([sys.executable, "-c", code, str(other)], check=True)
    (data / "other.duckdb.wal").replace(data / f"{DATABASE}.wal")
    other.unlink()


def torn_wal(regency: Regency, place: Place) -> Tally:
    """The true log of a killed night, cut in the middle."""
    regency.put_evening(place)
    seam = {"kind": "sql", "target": "^commit$", "moment": "after", "nth": 3}
    place.night(seams=[seam])
    wal = place.data / f"{DATABASE}.wal"
    note = f"a log of {wal.stat().st_size:,} bytes cut to half" if wal.exists() else "the killed night left no log"
    if wal.exists():
        os.truncate(wal, wal.stat().st_size // 2)
    tally = under(regency, place, "database's own log torn", lambda: place.night(quick=True))
    tally.note = f"{note}; {tally.note}"
    heal(regency, place, tally, made_anew=True)
    return tally


DATABASE_FAULTS: list[Fault] = [
    *(damaged(f"overwritten at {share:.0%}", _overwrite(share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
    damaged("cut to half", _truncate(0.5)),
    damaged("cut to nothing", _truncate(0.0)),
    damaged("foreign bytes", _foreign),
    damaged("with a log of noise", _wal(random.Random(1).randbytes(20_000))),
    damaged("with an empty log", _wal(b"")),
    damaged("with another database's log", foreign_wal),
    torn_wal,
]
