"""One real night of the tiny regency, run once per test session by the command that `make nightly` calls."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from include import warehouse
from include.keys import PRIVATE_KEY, PSEUDONYM_KEY, make_env_file, pseudonym_key_of
from include.regencies import Regency
from include.settings import ROOT

OFFLINE = ROOT / "tests" / "offline"


@dataclass(frozen=True)
class Night:
    """Where a night ran, how it ended and what it printed."""

    home: Path
    code: int
    output: str

    @property
    def data(self) -> Path:
        return self.home / "data"

    def again(self) -> "Night":
        """Run the next night in the same place."""
        return run_night(self.home)

    def warehouse(self) -> duckdb.DuckDBPyConnection:
        return warehouse.open_to_read(self.data / "warehouse.duckdb")

    def release(self) -> Path:
        return (self.data / "current").resolve()

    def task_force(self) -> Path:
        """Where the task force's zone of the current release lies: exact counts, pseudonyms."""
        return self.release() / "task_force"

    def public(self) -> Path:
        """Where the public zone of the current release lies: suppressed and rounded."""
        return self.release() / "public"

    def connections(self) -> str:
        """Return what tried to leave this machine, with its call stack; empty when nothing did."""
        record = self.home / "connections.txt"
        return record.read_text(encoding="utf-8") if record.exists() else ""


def without_network() -> list[str]:
    """Return the command that runs another one in an empty network namespace; empty where the kernel forbids it."""
    unshare = [shutil.which("unshare") or "unshare", "--map-current-user", "--net"]
    tried = subprocess.run(["true"] if not shutil.which("unshare") else [*unshare, "true"], check=False)
    return unshare if shutil.which("unshare") and tried.returncode == 0 else []


def own_keys(home: Path) -> dict[str, str]:
    """Return the keys of this night, as `.env` has them, made with its first run.

    The private key is that of the whole test run: with it tests open the working database. The pseudonym key is the one
    that the regency would have beside others in an installation with this `.env` (`test_regencies.py` compares the two).
    """
    make_env_file(home / ".env")
    lines = (home / ".env").read_text(encoding="utf-8").splitlines()
    made = {name: value for name, _, value in (line.partition("=") for line in lines)}
    own = pseudonym_key_of(Regency("36.04", is_alone=False), made[PSEUDONYM_KEY]).decode()
    return made | {PRIVATE_KEY: os.environ[PRIVATE_KEY], PSEUDONYM_KEY: own}


def run_night(home: Path, **settings: str) -> Night:
    """Run `include.nightly` with its own data folder, Airflow home and keys, cut off from the network.

    With settings it has them besides, and this machine's loopback, for a store that listens there.
    """
    return _run(home, ["include.nightly", "--size", "tiny"], settings)


def run_backfill(home: Path, conf: dict[str, Any]) -> Night:
    """Run the DAG `backfill` where a night ran before, as a person does."""
    return _run(home, ["airflow", "dags", "test", "backfill", "--conf", json.dumps(conf)])


def _run(home: Path, module: list[str], settings: dict[str, str] | None = None) -> Night:
    environment = (
        os.environ
        | {
            "TEGAK_DATA": str(home / "data"),
            "AIRFLOW_HOME": str(home / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "PYTHONPATH": f"{OFFLINE}:{ROOT}",
            "TEGAK_CONNECTIONS": str(home / "connections.txt"),
        }
        | own_keys(home)
        | (settings or {})
    )
    done = subprocess.run(
        [*([] if settings else without_network()), sys.executable, "-m", *module],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return Night(home, done.returncode, done.stdout + done.stderr)
