"""Runs the services as processes of this machine, each with a log of its own, and kills one with all that it started."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from include.keys import make_env_file
from include.logins import DEFAULT, write_logins
from include.settings import ROOT
from tests.deployment.services import PORTS, Service, read_services

_START_SECONDS = 240
_STOP_SECONDS = 60
# Not as airflow.env says: else the night would begin by the clock, with every agency, before all is up.
_OTHERWISE = {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True"}
_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def missing_programs() -> list[str]:
    """Return which of Debian's packages are not installed here."""
    programs = {"postgresql": bool(_POSTGRES), "redis-server": shutil.which("redis-server") is not None}
    return [package for package, is_here in programs.items() if not is_here]


class Machine:
    """The services below one folder: `data`, the volumes, each container's own files, and the logs."""

    def __init__(self, folder: Path, keys_of: Path) -> None:
        """`keys_of` is the `.env` of the installation; it is made when it is not there."""
        self.folder = folder
        self.ports = {name: _free_port() for name in PORTS}
        make_env_file(keys_of)
        lines = keys_of.read_text(encoding="utf-8").splitlines()
        self.services = read_services(dict(line.split("=", 1) for line in lines), folder, self.ports)
        self.largest: dict[str, int] = defaultdict(int)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._postgres = Path(tempfile.mkdtemp(prefix="tegak_postgres_"))  # its user opens no folder of ours
        for service in self.services:
            for place in ("tmp", "run_airflow"):
                (folder / "containers" / service / place).mkdir(parents=True)
        (folder / "volumes" / "airflow-logs").mkdir(parents=True)
        (folder / "data").mkdir(exist_ok=True)
        write_logins(DEFAULT, folder / "logins.json")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start all in the order of the file's `depends_on`; each is healthy by its own check before the next."""
        self._start_postgres()
        self._start("redis")
        self._await_health("postgres", "redis")
        self._start("init")
        if self._running.pop("init").wait():
            raise RuntimeError(f"init failed:\n{self.log('init')[-2000:]}")
        self._start("api-server", "dag-processor")
        self._await_health("api-server")
        self._start("scheduler", *(name for name in self.services if name.startswith("worker")))
        self._await_health(*self._running)

    def stop(self) -> None:
        """Ask every service to end, in the opposite order; whatever is left is killed."""
        for name in reversed(list(self._running)):
            child = self._running[name]
            tree = _tree(child.pid)
            child.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                child.wait(_STOP_SECONDS)
            _kill(tree)
            child.wait()
            del self._running[name]
        shutil.rmtree(self._postgres, ignore_errors=True)

    def kill(self, name: str) -> None:
        """Kill a service as the death of its machine does: every process in it at once, and it does not come back."""
        child = self._running.pop(name)
        for pid in (tree := _tree(child.pid)):  # nothing in it may start anything in between
            _send(pid, signal.SIGSTOP)
        _kill(tree | _tree(child.pid))
        child.wait()

    def holder(self, pid: int) -> str | None:
        """Return the service that a process belongs to."""
        return next((name for name, child in self._running.items() if pid in _tree(child.pid)), None)

    def weigh(self) -> None:
        """Keep the largest memory of each service, its processes' shared pages counted once."""
        for name, child in self._running.items():
            self.largest[name] = max(self.largest[name], sum(_memory(pid) for pid in _tree(child.pid)))

    def look(self) -> dict[str, Any]:
        """Return the state of the data folder (`tests/ordeal/state.py`), as a worker sees it."""
        code = "import json, sys; from tests.ordeal.state import look; json.dump(look(tables=True), sys.stdout)"
        state: dict[str, Any] = json.loads(self._as_worker("-c", code))
        return state

    def arrival(self) -> list[str]:
        """Return the deliveries in the order in which they came (`tests/deployment/arrival.py`)."""
        order: list[str] = json.loads(self._as_worker("-m", "tests.deployment.arrival"))
        return order

    def receive(self, order: list[str], delivered: Path) -> None:
        """Archive deliveries in an order before any DAG does."""
        self._as_worker("-m", "tests.deployment.arrival", str(delivered), told=json.dumps(order))

    def _as_worker(self, *arguments: str, told: str = "") -> str:
        worker = next(service for service in self.services.values() if "TEGAK_PRIVATE_KEY" in service.environment)
        command: list[str] = [sys.executable, *arguments]
        return subprocess.run(
            command, env=worker.environment, cwd=ROOT, input=told, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _start(self, *names: str) -> None:
        for name in names:
            service = self.services[name]
            self._spawn(name, service.command, service.environment | _OTHERWISE)

    def _spawn(self, name: str, command: list[str], environment: dict[str, str], **more: Any) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                env=environment,
                cwd=more.pop("cwd", ROOT),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **more,
            )

    def _start_postgres(self) -> None:
        """Do what the image's own start does: make the cluster, its user and its database, and let them in by password."""
        environment = self.services["postgres"].environment
        user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if not os.geteuid() else {}
        place = self._postgres
        password = place / "password"
        password.write_text(environment["POSTGRES_PASSWORD"], encoding="utf-8")
        if user:
            for path in (place, password):
                shutil.chown(path, "postgres", "postgres")
        bin_, name = _POSTGRES[-1], environment["POSTGRES_USER"]
        initdb = [bin_ / "initdb", f"--pgdata={place / 'data'}", f"--username={name}", f"--pwfile={password}"]
        quiet: dict[str, Any] = {"capture_output": True, "cwd": place, **user}
        subprocess.run([*initdb, "--auth=scram-sha-256", "--encoding=UTF8"], check=True, **quiet)
        password.unlink()
        database = environment["POSTGRES_DB"]
        single = [bin_ / "postgres", "--single", "-D", place / "data", "postgres"]
        subprocess.run(single, check=True, input=f"create database {database}\n".encode(), **quiet)
        port = environment["PGPORT"]
        served = [str(bin_ / "postgres"), "-D", str(place / "data"), "-p", port, "-h", "127.0.0.1", "-k", ""]
        self._spawn("postgres", served, environment, cwd=place, **user)

    def _await_health(self, *names: str) -> None:
        self._await(lambda: self._is_healthy(names), f"{', '.join(names)} not healthy")

    def _is_healthy(self, names: tuple[str, ...]) -> bool:
        for name in names:
            if self._running[name].poll() is not None:
                raise RuntimeError(f"{name} ended:\n{self.log(name)[-2000:]}")
            if not _is_answered(self.services[name]):
                return False
        return True

    @staticmethod
    def _await(is_so: Callable[[], bool], otherwise: str) -> None:
        until = time.monotonic() + _START_SECONDS
        while not is_so():
            if time.monotonic() > until:
                raise RuntimeError(f"{otherwise} after {_START_SECONDS} s")
            time.sleep(1)


def _is_answered(service: Service) -> bool:
    host = {"PGHOST": "127.0.0.1"} if service.name == "postgres" else {}
    return not subprocess.run(
        service.check, env=service.environment | host, cwd=ROOT, capture_output=True, check=False
    ).returncode


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _tree(root: int) -> set[int]:
    """Return a process and all that come from it, whatever session they are in."""
    children = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
        children[parent].append(int(path.parent.name))
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children[pid]
    return found


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _kill(pids: set[int]) -> None:
    for pid in pids:
        _send(pid, signal.SIGKILL)


def _send(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
