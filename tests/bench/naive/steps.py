"""What the tasks of the naive DAG do; each writes down how long it took."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from include.contract_reader import find_dataset
from include.settings import DBT_PROJECT, REGENCY, ROOT
from tests.bench.naive.intake import take_in as take_in_dataset

PROFILES = Path(__file__).parent
DAGS = PROFILES / "dags"
MODELS, TIMES = "models.json", "times.jsonl"


@dataclass(frozen=True)
class Group:
    """The models that one task builds: one, as everybody does, or several that are not measured alone."""

    name: str
    command: str
    models: list[str]
    parents: list[str]


def home() -> Path:
    return Path(os.environ["NAIVE_HOME"])


def groups() -> list[Group]:
    return [Group(**group) for group in json.loads((home() / MODELS).read_text(encoding="utf-8"))]


def write_groups(groups: list[Group]) -> None:
    (home() / MODELS).write_text(json.dumps([asdict(group) for group in groups]), encoding="utf-8")


def take_in(agency: str, dataset: str) -> None:
    with timed(f"{agency}__{dataset}"), duckdb.connect(os.environ["NAIVE_WAREHOUSE"]) as con:
        take_in_dataset(con, find_dataset(agency, dataset), home() / "landing")


def dbt(command: str, *arguments: str) -> None:
    """Run dbt on the project in a process of its own; raise when it fails."""
    places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(PROFILES), "--log-path", str(home() / "dbt")]
    environment = os.environ | {"DBT_TARGET_PATH": str(home() / "dbt"), "PYTHONPATH": str(ROOT)}
    environment |= {"TEGAK_REGENCY": REGENCY.code}
    with timed(" ".join((command, *arguments[1:]))):
        done = subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", command, *arguments, *places],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stdout[-2000:])


def publish() -> None:
    """Write each mart as a Parquet file."""
    folder = home() / "release"
    folder.mkdir(exist_ok=True)
    with timed("publish"), duckdb.connect(os.environ["NAIVE_WAREHOUSE"]) as con:
        query = "select table_name from information_schema.tables where table_schema = 'marts'"
        for (name,) in con.execute(query).fetchall():
            con.execute(f"copy marts.{name} to '{folder / name}.parquet' (format parquet)")


@contextmanager
def timed(step: str) -> Iterator[None]:
    before, started = os.times(), time.perf_counter()
    yield
    taken, after = time.perf_counter() - started, os.times()
    told = {"step": step, "seconds": taken, "cpu_seconds": sum(after[:4]) - sum(before[:4])}
    with (home() / TIMES).open("a", encoding="utf-8") as times:
        times.write(f"{json.dumps(told)}\n")
