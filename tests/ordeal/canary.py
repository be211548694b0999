"""The canary: 200 marked persons go through whole nights, and nothing of them is found where they do not belong.

A night through real Airflow, one that fails in the middle of a marked table, `make check` and `make explain`. Then
every file that any of them wrote or printed is searched for every mark in every form (`leaks.py`). Left out are only
the files as the agencies delivered them (what still lies in the landing folder) and the generator's own truth.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from rich.progress import Progress
from rich.table import Table

from include.console import CONSOLE
from include.keys import make_env_file
from include.settings import ROOT
from tests.ordeal.leaks import Leak, search
from tests.ordeal.marks import make_marks, plant
from tests.ordeal.regency import write_tiny
from tests.ordeal.stage import clean_environment

# a value that the code did not foresee: DuckDB then says which, and the traceback goes into Airflow's log
_BREAK = """
import sys
from include import gate, run_dags
from tests.ordeal.marks import make_marks
def broken(con, dataset, deliveries):
    marked = " or ".join(f"upper(child_name) = '{mark.text.upper()}'" for mark in make_marks() if mark.kind == "name")
    con.execute(f"select cast(child_name as integer) from {dataset.table} where {marked}").fetchall()
judged = gate.find_failures
gate.find_failures = lambda con, dataset, ids: (broken if dataset.name == "penimbangan" else judged)(con, dataset, ids)
sys.exit(run_dags.run_night())
"""


def run(progress: Progress) -> dict[str, Any]:
    """Run the nights on a marked regency; return how many marks were found outside."""
    bar = progress.add_task("canary", total=6)
    marks = make_marks()
    with tempfile.TemporaryDirectory(prefix="canary_") as folder:
        home = Path(folder)
        failures = _nights(home, progress, bar)
        leaks = search(
            [home], marks, leave_out=[home / "data" / "landing", home / "data" / "truth", home / "delivered"]
        )
        progress.advance(bar)
        searched = sum(1 for path in home.rglob("*") if path.is_file())
    show(leaks, home, searched)
    return {
        "canary_hits": len(leaks),
        "failures": failures + [f"{leak.kind} as {leak.form} in {leak.path}" for leak in leaks],
    }


def _nights(home: Path, progress: Progress, bar: Any) -> list[str]:
    """Do all that a team does with data; return what did not end as it should."""
    data, printed = home / "data", home / "printed"
    printed.mkdir()
    write_tiny(data / "landing", data / "truth")
    planted = plant(data / "landing", make_marks())
    again = _one_more(data / "landing", home / "delivered")
    CONSOLE.print("planted:", ", ".join(f"{count} {kind}" for kind, count in planted.items()), "of 50 each")
    environment = canary_environment(home)

    def do(name: str, *command: str) -> int:
        with (printed / name).open("wb") as out:
            done = subprocess.run(
                [sys.executable, *command], env=environment, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, check=False
            )
        progress.advance(bar)
        return done.returncode

    failures = []
    if do("nightly", "-m", "include.nightly", "--size", "tiny"):
        failures.append(f"the marked night failed: {_tail(printed / 'nightly')}")
    file = next(again.rglob("*.csv"))
    if do("check", "-m", "include.check", str(file)) not in (0, 1):
        failures.append(f"make check did not work: {_tail(printed / 'check')}")
    if do("explain", "-m", "include.explain", "stunting_by_kabupaten 36.04 2026-09 stunted"):
        failures.append(f"make explain did not work: {_tail(printed / 'explain')}")
    for path in again.rglob("*.csv"):
        target = data / "landing" / path.relative_to(again)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    if not do("failing", "-c", _BREAK):
        failures.append("the night that was to fail did not")
    if do("next", "-m", "include.nightly", "--size", "tiny"):
        failures.append(f"the night after the failing one failed: {_tail(printed / 'next')}")
    return failures


def _one_more(landing: Path, later: Path) -> Path:
    """Make one more marked file, for the failing night: a sent one with a line written twice."""
    path = next(path for path in sorted(landing.rglob("penimbangan/*/*_perbaikan.csv")))
    target = later / path.relative_to(landing).with_name(f"{path.stem}_lagi.csv")
    target.parent.mkdir(parents=True)
    content = path.read_bytes()
    target.write_bytes(content + content.splitlines(keepends=True)[-1])
    return later


def canary_environment(home: Path) -> dict[str, str]:
    """Return settings under which all that is written lies in `home`: temporary files too."""
    for name in ("tmp", "airflow"):
        (home / name).mkdir(exist_ok=True)
    return (
        clean_environment()
        | {
            "TEGAK_DATA": str(home / "data"),
            "AIRFLOW_HOME": str(home / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(home / "tmp"),
        }
        | _keys(home / ".env")
    )


def _keys(file: Path) -> dict[str, str]:
    """Return the keys that only this place knows, made with its first night."""
    make_env_file(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _tail(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "nothing was printed"


def show(leaks: list[Leak], home: Path, searched: int) -> None:
    """Print the hits by place, kind and form."""
    if not leaks:
        CONSOLE.print(f"{searched:,} files searched, no mark found")
        return
    table = Table("place", "kind", "form", "hits")
    places = Counter((_place(leak, home), leak.kind, leak.form) for leak in leaks)
    for (place, kind, form), count in sorted(places.items()):
        table.add_row(place, kind, form, str(count))
    CONSOLE.print(table)


def _place(leak: Leak, home: Path) -> str:
    return "/".join(Path(leak.path).relative_to(home).parts[:3])
