"""How seconds and memory grow with the rows: whole nights over a tenth of the regency up to several regencies' worth.

`BENCH_FACTORS=0.1,0.3,1,3` says which; each is written, run as `make nightly` runs it, measured and removed. The figures are
kept in `docs/growth.csv`, a measured factor in place of its last rows, and drawn from there. TEGAK_MEMORY is the caller's;
`BENCH_MEMORY_GB` caps all processes of the night together by a control group (needs root).
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from include import settings
from include.room import bytes_below
from include.settings import ROOT
from tests.bench import province
from tests.bench.growth_chart import draw
from tests.bench.lines import Line, line
from tests.bench.measure import Run, Side, SideFailed, run_side
from tests.bench.place import Bench
from tests.bench.side import computing

FACTORS = [float(text) for text in os.environ.get("BENCH_FACTORS", "0.1,0.3,1,3").split(",")]
TABLE = ROOT / "docs" / "growth.csv"
COLUMNS = (
    "factor",
    "rows",
    "weighings",
    "children",
    "step",
    "seconds",
    "cpu_seconds",
    "peak_mb",
    "disk_mb",
    "memory_limit",
    "measured_on",
)
STEPS = ("files", "gate", "build", "audit", "publish", "night")
_TASK = re.compile(r"^(\S+) .*\[DAG TEST\] (starting|end task) task_id=(\S+)", re.MULTILINE)
_GROUP = Path("/sys/fs/cgroup/memory/tegak_growth")
_EVERY_SECONDS = 1.0
_LAST_SIGNS = 3000


@dataclass
class Watch:
    """Looks again and again at a process and all below it, and at its data folder.

    `seen`: moments (UTC), MB of memory that they hold, seconds of computing so far, MB that lie in the folder.
    """

    pid: int
    data: Path
    seen: list[tuple[float, float, float, float]] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def peak(self, since: float, until: float) -> float:
        return max((mb for moment, mb, *_ in self.seen if since <= moment <= until), default=0.0)

    def disk(self, since: float, until: float) -> float:
        return max((mb for moment, *_, mb in self.seen if since <= moment <= until), default=0.0)

    def computed(self, since: float, until: float) -> float:
        return self._at(until) - self._at(since)

    def _at(self, moment: float) -> float:
        """Return the seconds of computing at a moment; steps that follow each other share it, so their sum is right."""
        place = bisect(self.seen, (moment,))
        return self.seen[place - 1][2] if place else 0.0

    def _look(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            with suppress(OSError):  # it ended while we looked
                disk = bytes_below(self.data) / 2**20
                self.seen.append((time.time(), resident_mb(self.pid), computing(self.pid), disk))


def run(bench: Bench) -> list[Line]:
    """Measure each factor; a night that ends badly is told as the section's failure, after the others are kept."""
    lines = []
    for factor in FACTORS:
        folder = bench.folder / f"growth_{factor:g}"
        try:
            rows = _measure(bench, folder, factor)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        _keep(rows)
        lines += [_line(row) for row in rows]
    draw(read_table(), TABLE.with_suffix(".svg"))
    return lines


def read_table() -> list[dict[str, str]]:
    """Return what was measured so far, smallest first."""
    if not TABLE.exists():
        return []
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def resident_mb(pid: int) -> float:
    """Return the memory of a process and of all below it, what they share counted once."""
    total, waiting = 0, [pid]
    while waiting:
        process = Path(f"/proc/{waiting.pop()}")
        try:
            rollup = (process / "smaps_rollup").read_text(encoding="utf-8")
            total += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0])
            for task in (process / "task").iterdir():
                waiting += map(int, (task / "children").read_text(encoding="utf-8").split())
        except (OSError, IndexError):  # it ended while we looked
            continue
    return total / 1024


def steps(log: str) -> Iterator[tuple[str, float, float]]:
    """Give each task of a night's log as its step, with the moments of its begin and its end."""
    begun = 0.0
    for stamp, what, task in _TASK.findall(log):
        moment = datetime.fromisoformat(stamp).timestamp()
        if what == "starting":
            begun = moment
            continue
        name = task.rpartition(".")[2]
        yield {"receive": "files", "load": "files"}.get(name, name), begun, moment


def count() -> Callable[[], dict[str, int]]:
    """Count what a night read, in a process that has the night's data folder."""
    from include import warehouse

    def work() -> dict[str, int]:
        with warehouse.connect(read_only=True) as con:
            [(rows, weighings)] = con.execute(
                "select sum(rows_read), sum(rows_read) filter (dataset = 'penimbangan') from audit.deliveries"
            ).fetchall()
            [(children,)] = con.execute("select count(distinct child_id) from intermediate.int_measurements").fetchall()
        return {"rows": int(rows), "weighings": int(weighings), "children": children}

    return work


def _measure(bench: Bench, folder: Path, factor: float) -> list[dict[str, Any]]:
    """Write, run and measure the night of one factor; return a row per step."""
    code, environment = folder / "code", bench.environment(folder.name)
    province.settle(code, factor)
    environment |= {"PYTHONPATH": str(code), "AIRFLOW__CORE__DAGS_FOLDER": str(code / "dags")}
    environment |= {"AIRFLOW__CORE__PLUGINS_FOLDER": str(code / "include" / "airflow_plugin")}
    environment |= {"TEGAK_MEMORY": settings.MEMORY_LIMIT}
    data = Path(environment["TEGAK_DATA"])
    bench.step(f"deliveries of {factor:g} regencies")
    asked = {"factor": factor, "landing": str(data / "landing"), "truth": str(folder / "truth")}
    run_side(Side("tests.bench.province:write", asked), environment, code)
    shutil.rmtree(folder / "truth")  # nothing here compares with it, and a province's takes the room of the night
    bench.step(f"a night of {factor:g} regencies")
    begun = time.time()
    whole, watch = _night(environment, code)
    log = (Path(environment["AIRFLOW_HOME"]) / "logs" / "nightly.log").read_text(encoding="utf-8", errors="replace")
    runs = defaultdict(lambda: Run(0.0, 0.0, 0.0), night=whole)
    disk = defaultdict(float, night=watch.disk(begun, time.time()))
    for step, since, until in steps(log):
        so_far = runs[step]
        runs[step] = Run(
            so_far.seconds + until - since,
            so_far.cpu_seconds + watch.computed(since, until),
            max(so_far.peak_mb, watch.peak(since, until)),
        )
        disk[step] = max(disk[step], watch.disk(since, until))
    told = run_side(Side(f"{__name__}:count"), environment, code).told
    _keep_models(data, factor)
    common = {"factor": f"{factor:g}", **told, "memory_limit": settings.MEMORY_LIMIT}
    return [
        common
        | {"step": step, "seconds": f"{runs[step].seconds:.1f}", "cpu_seconds": f"{runs[step].cpu_seconds:.1f}"}
        | {"peak_mb": f"{runs[step].peak_mb:.0f}", "disk_mb": f"{disk[step]:.0f}"}
        | {"measured_on": f"{datetime.now(UTC):%Y-%m-%d}"}
        for step in STEPS
    ]


def _night(environment: dict[str, str], code: Path) -> tuple[Run, Watch]:
    """Run one night of the copied code, its memory watched; raise `SideFailed` when it ends badly."""
    printed = code.parent / "night.txt"
    command = [sys.executable, "-m", "include.nightly", "--size", "regency"]
    cap = os.environ.get("BENCH_MEMORY_GB")
    if cap:
        _GROUP.mkdir(exist_ok=True)
        (_GROUP / "memory.limit_in_bytes").write_text(str(int(cap) * 2**30))
        command = ["sh", "-c", f'echo $$ > {_GROUP}/cgroup.procs && exec "$@"', "sh", *command]
    with printed.open("w", encoding="utf-8") as stream:
        started = time.perf_counter()
        child = subprocess.Popen(command, env=environment, cwd=code, stdout=stream, stderr=subprocess.STDOUT)
        with Watch(child.pid, Path(environment["TEGAK_DATA"])) as watch:
            _, status, usage = os.wait4(child.pid, 0)
        taken = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        text = printed.read_text(encoding="utf-8", errors="replace")
        raise SideFailed(f"the night ended with {child.returncode}: {text[-_LAST_SIGNS:].strip()}")
    return Run(taken, usage.ru_utime + usage.ru_stime, max(mb for _, mb, *_ in watch.seen)), watch


def _keep(rows: list[dict[str, Any]]) -> None:
    """Put a factor's rows in the place of those that were measured before."""
    others = [row for row in read_table() if row["factor"] != rows[0]["factor"]]
    kept = sorted([*others, *rows], key=lambda row: (float(row["factor"]), STEPS.index(row["step"])))
    with TABLE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


def _keep_models(data: Path, factor: float) -> None:
    """Keep the seconds of each model of this factor's build beside the bench's tables, to find what grows."""
    results = json.loads((data / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
    seconds = {one["unique_id"]: round(one["execution_time"], 3) for one in results}
    folder = settings.DATA / "bench"
    folder.mkdir(exist_ok=True)
    (folder / f"growth_models_{factor:g}.json").write_text(json.dumps(seconds, indent=1), encoding="utf-8")


def _line(row: dict[str, Any]) -> Line:
    rows = int(row["rows"])
    note = (
        f"{float(row['seconds']) / rows * 1e6:,.0f} s and {float(row['peak_mb']) / rows * 1e6:,.0f} MB a million rows"
    )
    what = f"{row['step']}, {row['factor']} regencies, {rows:,} rows"
    return line(what, [Run(float(row["seconds"]), float(row["cpu_seconds"]), float(row["peak_mb"]))], note=note)
