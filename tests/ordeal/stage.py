"""Places where nights are killed: each has its own folder and its own process that forks nights (`night.py`)."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.settings import ROOT
from tests.ordeal.night import STEP

Watch = Callable[[str, float], bool]  # what was printed, seconds since the start: kill now?
KEYS = {"TEGAK_PSEUDONYM_KEY": "a key that only the ordeal knows 0123456789", "TEGAK_PRIVATE_KEY": "5a" * 32}
_POLL_SECONDS = 0.01
_LONGEST_NIGHT = 900.0


@dataclass(frozen=True)
class Outcome:
    """How a night ended: exit code (-9 killed), seconds, and all that it printed."""

    code: int
    seconds: float
    log: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    def why(self) -> str:
        """Return its last error, or its last line."""
        lines = [line for line in self.log.splitlines() if line.strip()]
        errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Busy|Failed|Refused|Problem)\b", line)]
        return (errors or lines or ["nothing was printed"])[-1][:300]


def clean_environment() -> dict[str, str]:
    """Return the environment without the caller's own data folder, keys and Airflow home, for the repository's regency."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEGAK_", "AIRFLOW_HOME"))}
    return kept | {"TEGAK_REGENCIES": "36.04"}


def environment_of(folder: Path) -> dict[str, str]:
    """Return the environment in which a night runs in `folder`: data, an Airflow home, temporary files, keys of its own."""
    for name in ("tmp", "airflow"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return clean_environment() | {
        "TEGAK_DATA": str(folder / "data"),
        **KEYS,
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(folder / "tmp"),
    }


class Place:
    """A folder for one night at a time: `data`, an Airflow home, temporary files, the log; `root` has the code it runs."""

    def __init__(self, folder: Path, keys: dict[str, str] = KEYS, root: Path = ROOT) -> None:
        self.folder, self.data, self.log = folder, folder / "data", folder / "night.log"
        self.root = root
        self.environment = environment_of(folder) | keys
        self._server = self._start()

    def _start(self) -> subprocess.Popen[str]:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.ordeal.night"],
            env=self.environment,
            cwd=self.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        while (line := self._line(server)) != "ready":
            assert line, "the process that forks nights did not start"
        return server

    @staticmethod
    def _line(server: subprocess.Popen[str]) -> str:
        assert server.stdout
        return server.stdout.readline().strip()

    @property
    def pid(self) -> int:
        """The process whose children the nights are."""
        return self._server.pid

    def close(self) -> None:
        """End the process and remove the folder."""
        if self._server.stdin:
            self._server.stdin.close()
        self._server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fill(self, source: Path) -> None:
        """Make the data folder equal to `source`."""
        self.clear()
        shutil.copytree(source, self.data, symlinks=True)

    def clear(self) -> None:
        for path in [self.data, *(self.folder / "tmp").iterdir()]:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def night(self, watch: Watch | None = None, **asked: Any) -> Outcome:
        """Run a night; `watch` is asked again and again whether to kill it now."""
        return self._run({"do": "night"} | asked, watch)

    def look(self, tables: bool = False) -> dict[str, Any]:
        """Return the state of the data folder (`state.py`)."""
        out = self.folder / "state.json"
        done = self._run({"do": "look", "out": str(out), "tables": tables}, None)
        assert done.code == 0, done.log
        state: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return state

    def _run(self, request: dict[str, Any], watch: Watch | None) -> Outcome:
        self.log.unlink(missing_ok=True)
        assert self._server.stdin
        started = time.monotonic()
        self._server.stdin.write(json.dumps(request | {"log": str(self.log)}) + "\n")
        self._server.stdin.flush()
        pid = int(self._line(self._server))
        if watch:
            self._watch(pid, watch, started)
        code = int(self._line(self._server))
        seconds = time.monotonic() - started
        _kill_group(pid)  # whatever a killed leader left; it is gone already when the night ended by itself
        return Outcome(code, seconds, self._printed())

    def _watch(self, pid: int, watch: Watch, started: float) -> None:
        while _is_running(pid):
            seconds = time.monotonic() - started
            if seconds > _LONGEST_NIGHT or watch(self._printed(), seconds):
                _kill_group(pid)
                return
            time.sleep(_POLL_SECONDS)

    def _printed(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def after_step(step: str, seconds: float) -> Watch:
    """Kill so many seconds after the step of that name began."""
    sign, begun = re.compile(rf"{re.escape(STEP)}[\d.]+ {re.escape(step)}$", re.MULTILINE), list[float]()

    def watch(printed: str, now: float) -> bool:
        if not begun and sign.search(printed):
            begun.append(now)
        return bool(begun) and now - begun[0] >= seconds

    return watch


def at_line(pattern: str) -> Watch:
    """Kill when a line that the pattern finds was printed."""
    sign = re.compile(pattern)
    return lambda printed, _: bool(sign.search(printed))
