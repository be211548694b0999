"""Helpers of the intake's tests: a data folder of their own, and the contracts of an agency that does not exist."""

import tests.own_places  # noqa: F401  before the settings are read

# isort: split
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from include import settings, warehouse
from include.archive import Delivery
from include.contract import Dataset
from include.contract_reader import find_dataset
from include.load import forget_changed_contract, load_delivery
from include.regencies import asked
from include.site.english import translate
from tests.night import Night, run_night, without_network

CONTRACTS = Path(__file__).parent / "fixtures" / "contracts"
settings.work_for(asked())  # so that every dbt which a test starts knows whose seeds it reads


def pytest_configure(config: pytest.Config) -> None:
    """Let dbt parse the project once for all workers: each build would else begin with it."""
    if not getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput"):
        return
    folder = tempfile.mkdtemp()
    config.add_cleanup(lambda: shutil.rmtree(folder))
    project = ["--project-dir", str(settings.DBT_PROJECT), "--profiles-dir", str(settings.DBT_PROJECT)]
    output = ["--target-path", folder, "--log-path", folder]
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "parse", *project, *output]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(settings.ROOT)}, check=True)
    os.environ["DBT_PARTIAL_PARSE_FILE_PATH"] = f"{folder}/partial_parse.msgpack"


def pytest_report_header() -> str:
    """Say how far a night is cut off: native code (DuckDB's) is held back by the namespace alone."""
    way = "in an empty network namespace" if without_network() else "the kernel gives no network namespace"
    return f"nights run with Python's sockets blocked, {way}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, so that none of them keeps one core busy and the other waiting at the end.

    The first worker makes the night that all share; linkage needs none, so it keeps the other busy meanwhile.
    """
    first = ["test_night.py", "test_linkage.py", "test_linkage_outside.py", "test_backfill.py", "test_browser.py"]
    items.sort(key=lambda item: first.index(item.path.name) if item.path.name in first else len(first))


@pytest.fixture(scope="session")
def timbang() -> Dataset:
    return find_dataset("uji", "timbang", CONTRACTS)


@pytest.fixture(scope="session")
def kotor() -> Dataset:
    return find_dataset("uji", "kotor", CONTRACTS)


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """One night of the tiny regency; who changes anything in it works on a copy.

    The first worker that asks runs it and the others wait. Each works on a copy of its own, as DuckDB lets no
    process write what another reads.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared_night"
    shared.mkdir(exist_ok=True)
    told = shared / "told.json"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            (shared / "home").mkdir(exist_ok=True)
            made = run_night(shared / "home")
            told.write_text(json.dumps([made.code, made.output]), encoding="utf-8")
    code, output = json.loads(told.read_text(encoding="utf-8"))
    assert code == 0, output
    home = tmp_path_factory.mktemp("night") / "home"
    return Night(shutil.copytree(shared / "home", home, symlinks=True), code, output)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move everything that is not code to an empty folder."""
    places = {
        "INSTALLATION": "",
        "DATA": "",
        "LANDING": "landing",
        "ARCHIVE": "archive",
        "WAREHOUSE": "warehouse.duckdb",
        "RETURNS": "returns",
        "LINKAGE": "linkage",
        "LINEAGE": "lineage",
        "RELEASES": "releases",
        "CURRENT": "current",
        "INVENTED": "truth",
    }
    for name, place in places.items():
        monkeypatch.setattr(settings, name, tmp_path / place)
    return tmp_path


@dataclass
class Desk:
    """Reads files against contracts in a database in memory, past deliveries and gate."""

    con: duckdb.DuckDBPyConnection
    folder: Path

    def read(
        self, dataset: Dataset, content: bytes, name: str = "file.csv", period: str | None = "2026-10"
    ) -> str | None:
        """Load one file; return why it was refused, None when it was loaded."""
        forget_changed_contract(self.con, dataset)
        file = self.folder / name
        file.write_bytes(content)
        number = self.con.execute("select count(*) from audit.deliveries").fetchall()[0][0]
        delivery = Delivery(
            delivery_id=f"{hashlib.sha256(content).hexdigest()}-{number}",
            agency=dataset.agency,
            dataset=dataset.name,
            period=period,
            file_name=name,
            bytes=len(content),
            received_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            received_from="nobody",
        )
        refusal = load_delivery(self.con, dataset, delivery, file)
        assert refusal is None or len(set(translate(refusal))) == 2, f"english.csv has no row for: {refusal}"
        return refusal

    def rows(self, dataset: Dataset, columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the typed rows of all files read so far, in order of their rows."""
        return self.con.execute(f"select {columns} from {dataset.table} order by _received_at, _row").fetchall()


@pytest.fixture
def desk(data: Path) -> Iterator[Desk]:
    with warehouse.open_memory() as con:
        warehouse.prepare(con)
        yield Desk(con, data)


@pytest.fixture
def put(data: Path) -> Callable[..., Path]:
    """Put a file into the landing folder, as if `minute` minutes after some moment of yesterday."""
    yesterday = datetime.now(UTC) - timedelta(days=1)

    def put_file(dataset: Dataset, content: str, name: str, minute: int, period: str = "2026-10") -> Path:
        folder = settings.LANDING / dataset.agency / dataset.name / period
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        file.write_text(content, encoding="utf-8")
        moment = (yesterday + timedelta(minutes=minute)).timestamp()
        os.utime(file, (moment, moment))
        return file

    return put_file
