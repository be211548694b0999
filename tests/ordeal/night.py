"""Nights that may be killed: a process that has the slow libraries loaded forks one child per night.

The child does exactly what the DAGs do, without Airflow: receive, load and gate of each dataset in order, build,
audit, publish. `python -m tests.ordeal.night` reads one JSON request a line and answers with the child's process
id, then with its exit code. The child leads a process group of its own, so that one SIGKILL ends all of it.
Nothing of `include` is loaded before the fork, for it takes its folders from the environment when it is.
"""

import importlib
import json
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

PHASES = ("intake", "build", "publish")  # a night's parts; the audit goes with what it lets out
SLOW = ("duckdb", "great_expectations", "dbt.cli.main", "dbt.adapters.duckdb", "duckdb_sqlalchemy", "pypdf")
STEP = "[STEP] "


def serve() -> None:
    """Answer requests until standard input ends."""
    for name in SLOW:
        importlib.import_module(name)
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _child(json.loads(line))
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _child(request: dict[str, Any]) -> None:
    """Do what is asked, with all that is printed in the log; never return."""
    code = 1
    try:
        os.setsid()
        _redirect(request["log"])
        if request.get("group"):
            Path(request["group"], "cgroup.procs").write_text(str(os.getpid()), encoding="utf-8")
        os.environ |= request.get("env", {})
        for limit, value in request.get("limits", {}).items():
            resource.setrlimit(getattr(resource, limit), (value, value))
        code = {"night": run_night, "look": _look}[request["do"]](request)
    except BaseException:  # noqa: BLE001 whatever it was, this process must not go on as the one that forks
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _redirect(log: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def _look(request: dict[str, Any]) -> int:
    from tests.ordeal.state import look

    Path(request["out"]).write_text(json.dumps(look(tables=request["tables"])), encoding="utf-8")
    return 0


def run_night(request: dict[str, Any]) -> int:
    """Run one night, or the `phases` of it; return 1 when a step failed, as the scheduler would see it."""
    phases = request.get("phases", PHASES)
    dbt = Dbt(quick=request.get("quick", False), dies=request.get("dbt_dies", False))
    from include import audit, build, ingest, release, report, retention, unchanged, warehouse
    from include.contract_reader import read_agencies
    from tests.ordeal import seams

    build.subprocess = SimpleNamespace(run=dbt.run)
    for seam in request.get("seams", []):
        seams.arm(seam)
    times = 2 if request.get("twice") else 1

    def step(name: str, do: Callable[..., Any], *arguments: Any) -> Any:
        _say(name)
        for _ in range(times):
            done = do(*arguments)
        return done

    good = True
    for dataset in [dataset for agency in read_agencies() for dataset in agency.datasets]:
        name = f"{dataset.agency}/{dataset.name}"
        if "intake" not in phases or name not in request.get("datasets", [name]):
            continue
        try:
            waiting = step(f"receive {name}", ingest.receive, dataset)
            for receipts in waiting:
                step(f"load {name}", ingest.load, dataset, receipts)
            if waiting:
                step(f"gate {name}", ingest.gate, dataset)
        except Exception:  # noqa: BLE001 as in Airflow one dataset's failure keeps no other from its turn
            traceback.print_exc()
            good = False
    stands = bool(request.get("may_stand")) and unchanged.since_release()
    for phase, name, do in (
        *([] if stands else [("build", "build", build.build_models)]),
        ("publish", "audit", audit.audit_build),
        ("publish", "publish", unchanged.confirm if stands else release.publish_release),
    ):
        if phase not in phases:
            continue
        try:
            step(name, do)
        except Exception:  # noqa: BLE001 as in Airflow
            traceback.print_exc()
            return 1
    if request.get("retention"):
        step("retention", retention.remove_expired)
    _say("end")
    if request.get("report"):
        with warehouse.connect() as con:
            report.show_warnings(con)
    return 0 if good else 1


def _say(step: str) -> None:
    print(f"{STEP}{time.monotonic():.3f} {step}", flush=True)


class Dbt:
    """A fork of this process, made before any database was open, that waits to be dbt: its start costs nothing then.

    `quick` leaves out dbt's tests: they are queries over tables that are compared anyway.
    """

    def __init__(self, quick: bool, dies: bool) -> None:
        self._read, self._write = os.pipe()
        self._quick, self._dies = quick, dies
        self._pid = os.fork()
        if not self._pid:
            os.close(self._write)
            with os.fdopen(self._read) as stream:
                asked = stream.read()
            os._exit(_be_dbt(**json.loads(asked)) if asked else 0)
        os.close(self._read)

    def run(self, command: list[str], env: dict[str, str], check: bool = False) -> SimpleNamespace:
        """Stand in for `subprocess.run` of a dbt command; only one is run in a night."""
        assert command[1:3] == ["-m", "dbt.cli.main"], command
        arguments = command[3:]
        if self._quick:
            place = arguments.index("unit_test")
            arguments[place : place + 1] = ["unit_test", "test"]
            arguments += ["--threads", "1"]
        if self._pid:
            with os.fdopen(self._write, "w") as stream:
                json.dump({"arguments": arguments, "env": env}, stream)
            pid, self._pid = self._pid, 0
            if self._dies:
                threading.Timer(12, os.kill, (pid, signal.SIGKILL)).start()
        elif not (pid := os.fork()):
            os._exit(_be_dbt(arguments, env))
        _, status = os.waitpid(pid, 0)
        return SimpleNamespace(returncode=os.waitstatus_to_exitcode(status))


def _be_dbt(arguments: list[str], env: dict[str, str]) -> int:
    from dbt.cli.main import cli

    os.environ.clear()
    os.environ.update(env)
    code: Any = 0
    try:
        cli(arguments)
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 as a process of its own would end
        traceback.print_exc()
        code = 2
    sys.stdout.flush()
    return int(code or 0)


if __name__ == "__main__":
    serve()
