"""`make deployment`: nights of docker-compose.yml's services as processes of this machine, one worker killed in mid-night.

A night nobody disturbs, then one for each task of `KILLED` while which the worker that runs it is killed. After each the
release, the archive and every table must be as after the first (`tests/ordeal/state.py`), whose order of arrival they keep.
"""

import argparse
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from include.console import CONSOLE
from tests.deployment.machine import Machine, missing_programs
from tests.deployment.page import Page

AGENCIES = ("dinkes", "dinsos", "dkbp3a")
MART = "stunting_mart"
KILLED = ("penimbangan.load", "build")
# They tell of changes from one build to the next, and what was killed came after a build without it; the two pages count their rows.
BETWEEN = re.compile(
    r"history\.child_links_history|marts\.child_changes|.*main\.child_changes|.*/child_changes\.parquet|"
    r"task_force/site/(kamus|unduhan)\.html"
)
_NIGHT_SECONDS = 2700
_POLL_SECONDS = 0.5


@dataclass
class Night:
    """How a night went: seconds, runs by DAG and state, tries beyond the first, what was killed, what came when, what it left."""

    name: str
    seconds: float = 0
    runs: Counter[str] = field(default_factory=Counter)
    tries: dict[str, int] = field(default_factory=dict)
    killed: str = ""
    recovered: float = 0
    order: list[str] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    largest: dict[str, int] = field(default_factory=dict)


def main() -> int:
    """Return 0 when every night ended well and left what the first left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kill", nargs="*", default=KILLED, help="tasks whose worker is killed; default: %(default)s")
    kill = parser.parse_args().kill
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # its services end with it
    if missing := missing_programs():
        CONSOLE.print(f"Not installed here: apt-get install {' '.join(missing)}")
        return 2
    with tempfile.TemporaryDirectory(prefix="tegak_deployment_") as work:
        delivered = Path(work) / "landing"
        _deliver(delivered)
        nights: list[Night] = []
        for name, task in [("undisturbed", ""), *((f"worker killed in {task}", task) for task in kill)]:
            nights.append(_night(Path(work), delivered, name, task, nights[0].order if nights else []))
            if nights[1:]:
                nights[-1].failures += _differences(nights[0].state, nights[-1].state)
            _show(nights[-1])
    for night in nights:
        for failure in night.failures:
            CONSOLE.print(f"{night.name}: {failure}", markup=False)
    failures = sum(len(night.failures) for night in nights)
    print(f"deployment nights={len(nights)} kills={sum(bool(night.killed) for night in nights)} failures={failures}")
    return 1 if failures else 0


def _deliver(folder: Path) -> None:
    """Write the tiny synthetic regency's deliveries of three agencies."""
    whole = folder.with_name("whole")
    write = [sys.executable, "-m", "include.synthetic", "--size", "tiny", "--landing", str(whole)]
    subprocess.run([*write, "--truth", str(folder.with_name("truth"))], check=True, stdout=subprocess.DEVNULL)
    for agency in AGENCIES:
        shutil.copytree(whole / agency, folder / agency)


def _night(work: Path, delivered: Path, name: str, task: str, order: list[str]) -> Night:
    folder = work / name.replace(" ", "_")
    (folder / "data").mkdir(parents=True)
    ring = work / "keyring.json"  # tickets are made with it: with another one no night is equal
    if ring.exists():
        shutil.copy2(ring, folder / "data")
    night = Night(name)
    with Machine(folder, work / ".env") as machine:
        machine.start()
        machine.receive(order, delivered)
        shutil.copytree(
            delivered, folder / "data" / "landing", dirs_exist_ok=True
        )  # once more: the DAGs find what is known
        logins = json.loads((folder / "logins.json").read_text(encoding="utf-8"))
        page = Page(machine.ports["api-server"], "operator", logins["operator"])
        started = time.monotonic()
        _begin(page)
        _watch(machine, page, night, task, started)
        night.seconds = time.monotonic() - started
        _publish_anew(machine, page, night)
        _judge(page, night, task)
        night.largest = dict(machine.largest)
        night.order = machine.arrival()
    shutil.copy2(folder / "data" / "keyring.json", ring)
    night.state = machine.look()
    night.failures += [f"release: {fault}" for fault in night.state["release"]["faults"]]
    night.failures += [f"accounting: {line}" for line in night.state["unbalanced"]]
    night.failures += [f"left behind: {path}" for path in night.state["left_behind"]]
    return night


def _begin(page: Page) -> None:
    """Start the agencies' DAGs side by side; the mart is started by their assets."""
    ours = [*(f"ingest_{agency}" for agency in AGENCIES), MART]
    while not page.dags() >= set(ours):
        time.sleep(1)
    for dag in ours:
        page.unpause(dag)
    for dag in ours[:-1]:
        page.trigger(dag)


def _publish_anew(machine: Machine, page: Page, night: Night) -> None:
    """Build and publish as if there had been no release: what is suppressed follows the release before, and how many there were is chance."""
    (machine.folder / "data" / "current").unlink()
    shutil.rmtree(machine.folder / "data" / "releases")
    page.trigger(MART)
    _watch(machine, page, night, "", time.monotonic())


def _watch(machine: Machine, page: Page, night: Night, task: str, started: float) -> None:
    """Wait until nothing runs and no asset waits; on the way kill the worker that runs the task."""
    quiet = 0
    killed_at = 0.0
    while quiet < 5:
        if time.monotonic() - started > _NIGHT_SECONDS:
            night.failures.append(f"not ended after {_NIGHT_SECONDS} s")
            return
        machine.weigh()
        running = page.tasks("running")
        for one in running:
            key = _name(one)
            if task and not night.killed and one["task_id"] == task and one["pid"]:
                holder = machine.holder(one["pid"])
                if holder:
                    machine.kill(holder)
                    night.killed, killed_at = f"{holder} in {key}", time.monotonic()
            elif killed_at and not night.recovered and one["task_id"] == task and one["try_number"] > 1:
                night.recovered = time.monotonic() - killed_at
        is_ended = all(run["state"] in ("success", "failed") for run in page.runs()) and not page.events_wait(MART)
        quiet = quiet + 1 if is_ended else 0
        time.sleep(_POLL_SECONDS)


def _judge(page: Page, night: Night, task: str) -> None:
    for run in page.runs():
        night.runs[f"{run['dag_id']} {run['state']}"] += 1
        if run["state"] != "success":
            night.failures.append(f"{run['dag_id']} {run['dag_run_id']} ended {run['state']}")
    for done in page.tasks("success"):
        if done["try_number"] > 1:
            night.tries[_name(done)] = done["try_number"]
        if not page.log(done, done["try_number"]).strip():
            night.failures.append(f"{_name(done)}: its log cannot be read in the page")
    if task and not night.killed:
        night.failures.append(f"{task} was never seen running, nothing was killed")


def _name(task: dict[str, Any]) -> str:
    index = f"[{task['map_index']}]" if task["map_index"] >= 0 else ""
    return f"{task['dag_id']}.{task['task_id']}{index}"


def _differences(wanted: dict[str, Any], there: dict[str, Any]) -> list[str]:
    found = []
    for what in ("alike", "tables"):
        found += _unequal(f"release {what}", wanted["release"][what], there["release"][what])
    for what in ("tables", "archive", "landing", "deliveries"):
        found += _unequal(what, wanted[what], there[what])
    if wanted["returns"] != there["returns"]:
        found.append("returns differ")
    return found


def _unequal(what: str, wanted: dict[str, Any], there: dict[str, Any]) -> list[str]:
    names = sorted(name for name in set(wanted) | set(there) if not BETWEEN.fullmatch(name))
    return [f"{what}: {name} differs" for name in names if wanted.get(name) != there.get(name)]


def _show(night: Night) -> None:
    table = Table("night", "seconds", "runs", "killed, tried again after", "tries", "largest, MB")
    table.add_row(
        night.name,
        f"{night.seconds:.0f}",
        "\n".join(f"{run} {count}" for run, count in sorted(night.runs.items())),
        f"{night.killed}\n{night.recovered:.0f} s" if night.killed else "",
        "\n".join(f"{name} {tries}" for name, tries in night.tries.items()),
        "\n".join(f"{name} {size / 2**20:.0f}" for name, size in night.largest.items()),
    )
    CONSOLE.print(table)


if __name__ == "__main__":
    sys.exit(main())
