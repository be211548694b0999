"""A small part of `make ordeal PART=hostile` and `PART=fuzz`, and the process in which deliveries are read."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from include import locked, reading, vault
from include.contract import Dataset
from include.grid import Refused
from include.settings import ROOT
from include.visible import visible
from tests.conftest import Desk
from tests.ordeal.forge import csv_of, entry, xlsx, zip_of
from tests.ordeal.fuzz import fuzz
from tests.ordeal.hostile import KEYS, Bench, cases
from tests.ordeal.hostile_landing import examine_landing

CHOSEN = {
    "overlapping entries",
    "directory says 100 bytes of 30 MB",
    "zips twenty deep",
    "member named '../../../../tmp/tegak_was_here'",
    "a link to /etc/passwd",
    "billion laughs in the book",
    "http://127.0.0.1:PORT/x in the relations",
    "macros (.xlsm)",
    "one string of 32,000 signs in 100,000 cells",
    "numbers beyond all numbers",
    "an .xlsx cut at 5/10",
    "an .xls cut at 5/10",
    "a million empty columns in the header",
    "one line of 30 MB",
    "ragged rows",
    "commands as names of children",
    "SQLite",
}


@pytest.fixture(autouse=True)
def _own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.setenv(name, "5" * 64)


@pytest.fixture
def server() -> Iterator[reading.Server]:
    yield reading.SERVER
    reading.SERVER.stop()


def test_hostile_files_are_refused_or_read_row_by_row_and_do_nothing_else(data: Path, timbang: Dataset) -> None:
    assert data.exists()
    chosen = [case for case in cases() if case.what in CHOSEN or (case.kind == "file name" and "\\n" in case.what)]
    assert len(chosen) >= len(CHOSEN)
    with Bench() as bench:
        findings = [bench.examine(case) for case in chosen]
    findings += examine_landing(timbang)
    assert [(finding.what, finding.faults) for finding in findings if finding.faults] == []


def test_a_hundred_mutated_files_are_read_or_refused_and_lose_no_row(tmp_path: Path) -> None:
    counts, failures = fuzz(tmp_path, 100, 7)
    assert failures == []
    assert (counts["cases"], counts["lost"]) == (100, 0)
    assert counts["settled"] == counts["rows"] > 0


def read(folder: Path, dataset: Dataset, content: bytes = b"") -> int:
    """Read one file in the child; return the width of its grid."""
    scratch = folder / f"scratch-{os.getpid()}-{len(list(folder.iterdir()))}"
    scratch.mkdir()
    file = scratch / "file"
    file.write_bytes(content or csv_of())
    return reading.read_grid(file, "a.csv", dataset, scratch).width


def test_the_reading_process_inherits_no_secret(tmp_path: Path, timbang: Dataset, server: reading.Server) -> None:
    server.stop()
    read(tmp_path, timbang)
    inherited = Path(f"/proc/{server.process_id}/environ").read_text().split("\0")
    assert {line.partition("=")[0] for line in inherited if line} == {"PATH", "LANG", "PYTHONPATH"}


def test_a_killed_server_is_no_fault_of_the_file_and_another_takes_its_place(
    tmp_path: Path, timbang: Dataset, server: reading.Server
) -> None:
    assert read(tmp_path, timbang) == 5
    first = server.process_id
    os.kill(first or 0, signal.SIGKILL)
    with pytest.raises(reading.ReadingStopped):
        read(tmp_path, timbang)
    assert read(tmp_path, timbang) == 5
    assert server.process_id != first


def _read_in_daemon(folder: Path, dataset: Dataset, answers: "multiprocessing.Queue[int]") -> None:
    answers.put(read(folder, dataset))


def test_a_daemonic_and_forked_process_reads_by_a_server_of_its_own(
    tmp_path: Path, timbang: Dataset, server: reading.Server
) -> None:
    read(tmp_path, timbang)
    context = multiprocessing.get_context("fork")  # as Airflow forks its tasks
    answers = context.Queue()
    process = context.Process(target=_read_in_daemon, args=(tmp_path, timbang, answers), daemon=True)
    process.start()
    assert answers.get(timeout=60) == 5
    process.join()
    assert read(tmp_path, timbang) == 5
    assert server.process_id is not None


@pytest.mark.parametrize(
    "act", ["subprocess.run(['true'], check=True)", "socket.socket()", "os.execv('/bin/true', ['true'])"]
)
def test_a_reader_starts_no_program_and_connects_to_nothing(act: str) -> None:
    """In a process of its own, as the ban cannot be lifted."""
    code = f"""
import os, socket, subprocess
from include import reading_server
from include.limits import Limits
reading_server._confine(Limits.of(1_000))
try:
    {act}
except RuntimeError as ban:
    os._exit(7 if "is not for a reader" in str(ban) else 1)
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 7


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"signal": signal.SIGSEGV}, "broken"),
        ({"signal": signal.SIGABRT}, "MB of memory"),
        ({"signal": signal.SIGXCPU}, "s of computing"),
        ({"limit": "wall"}, "took longer than"),
        ({"limit": "written"}, "its table is larger"),
        ({"fault": "ValueError in workbook.py, line 1"}, "tell the engineers"),
        ({"signal": signal.SIGKILL}, None),
        ({"os_error": "No space left on device"}, None),
    ],
)
def test_what_ends_a_child_is_a_refusal_only_when_the_file_is_to_blame(
    tmp_path: Path, timbang: Dataset, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object], told: str | None
) -> None:
    monkeypatch.setattr(reading.SERVER, "ask", lambda _: {"cpu_seconds": 0.1} | fault)
    with pytest.raises(Refused if told else reading.ReadingStopped, match=told):
        read(tmp_path, timbang)


@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_workbook_locked_with_the_agencys_password_comes_in_and_no_other(
    desk: Desk, timbang: Dataset, is_zipped: bool
) -> None:
    def content(password: str) -> bytes:
        book = locked.lock(xlsx(), password)
        return zip_of([entry("a.xlsx", book)]) if is_zipped else book

    assert desk.read(timbang, content(vault.password(timbang.agency)), "perbaikan.xlsx") is None
    assert len(desk.rows(timbang, "nik")) == 3
    assert "password" in (desk.read(timbang, content(vault.password("dinkes")), "lain.xlsx") or "")


def test_a_foreign_name_is_shown_on_one_line_without_steering_the_terminal() -> None:
    assert visible("a\n\x1b[31mb\u202e\udcff é.csv") == "a\\n\\x1b[31mb\\u202e\\udcff é.csv"
    assert len(visible("A" * 999)) == 120
    assert visible("KIA 3604050502210001.xlsx") == "KIA ****************.xlsx", "it may be a NIK"
