"""One real night of the tiny regency, run once per test session by the command that `make nightly` calls."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from include import warehouse
from include.settings import ROOT


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


def run_night(home: Path) -> Night:
    """Run `include.nightly` with its own data folder, Airflow home and key."""
    environment = os.environ | {
        "TEGAK_DATA": str(home / "data"),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "TEGAK_PSEUDONYM_KEY": "a key that only this test knows 0123456789",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "include.nightly", "--size", "tiny"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return Night(home, done.returncode, done.stdout + done.stderr)
