"""Puts hostile files into the landing folder one by one and looks at what became of each.

For every file: what the expectation says (refused with which sentence, or so many rows accepted and quarantined),
time, peak memory, no program started, no file made outside, no connection, one sentence, balanced rows, and all that
was there before untouched.
"""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Self

import duckdb
from rich.progress import Progress
from rich.table import Column, Table

from include import gate, reading, returns, settings, vault, warehouse
from include.archive import archive_new
from include.contract import Dataset
from include.contract_reader import find_dataset
from include.grid import Refused
from include.load import forget_changed_contract, load_delivery
from tests.ordeal import hostile_files, hostile_texts
from tests.ordeal.forge import GOOD, csv_of
from tests.ordeal.hostile_files import Case
from tests.ordeal.hostile_landing import examine_landing

CONTRACTS = Path(__file__).parents[1] / "fixtures" / "contracts"
TIMBANG, CAPAIAN = find_dataset("uji", "timbang", CONTRACTS), find_dataset("lapor", "capaian", CONTRACTS)
KEYS = ("TEGAK_PRIVATE_KEY", "TEGAK_PSEUDONYM_KEY")
MOST_SECONDS, MOST_BYTES = 3, 300 * 2**20
_RUNS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect")


@dataclass
class Finding:
    """What became of one file; `faults` is empty when all is as it must be."""

    kind: str
    what: str
    outcome: str = ""
    sentence: str = ""
    seconds: float = 0.0
    computing: float = 0.0
    peak_bytes: int = 0
    lost_rows: int = 0
    faults: list[str] = field(default_factory=list)


def cases() -> Iterator[Case]:
    yield from chain(
        hostile_files.zips(), hostile_files.xml(), hostile_files.workbooks(), hostile_files.old_workbooks()
    )
    yield from chain(hostile_texts.texts(), hostile_texts.foreign(), hostile_texts.names())


class Bench:
    """A data folder with one good delivery in it, and the traps that a command in a file would spring."""

    def __init__(self) -> None:
        self.marker = settings.DATA / "tegak_was_here"
        self.trap = socket.create_server(("127.0.0.1", 0))
        self.trap.setblocking(False)
        self.started: list[str] = []
        self.is_watching = False
        self.answer: dict[str, Any] = {}
        sys.addaudithook(self._watch)
        self.con = duckdb.connect(
            config=warehouse.config()
        )  # in memory: to open the encrypted one takes longer than a file
        warehouse.prepare(self.con)
        for dataset in (TIMBANG, CAPAIAN):
            forget_changed_contract(self.con, dataset)
        others = csv_of([[row[0].replace("36", "99", 1), *row[1:]] for row in GOOD])
        self._deliver(Case("", "", lambda: others), Finding("", ""), is_kept=True)
        self.before = self._state()

    def __enter__(self) -> Self:
        ask = reading.SERVER.ask

        def remember(job: reading.Job) -> dict[str, Any]:
            self.answer = ask(job)
            return self.answer

        reading.SERVER.ask = remember  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        del reading.SERVER.ask
        self.trap.close()

    def examine(self, case: Case) -> Finding:
        """Deliver one file and return what became of it."""
        finding = Finding(case.kind, case.what)
        self.answer, self.started = {}, []
        before, base = self._children(), _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        try:
            self._deliver(case, finding)
        except Exception as error:  # noqa: BLE001  the battery goes on and tells it
            finding.faults.append(f"crashed: {error!r}")
        finding.peak_bytes = self.answer.get("peak_bytes", 0) + max(0, _memory("VmHWM") - base)
        self._look_around(finding, before)
        return finding

    def _deliver(self, case: Case, finding: Finding, *, is_kept: bool = False) -> None:
        dataset = {TIMBANG.name: TIMBANG, CAPAIAN.name: CAPAIAN}[case.dataset[1]]
        period = f"2026-{'Q3' if dataset.period == 'quarter' else '10'}"
        folder = settings.LANDING / dataset.agency / dataset.name / period
        folder.mkdir(parents=True, exist_ok=True)
        name = case.name if isinstance(case.name, bytes) else case.name.replace("MARKER", self.marker.name).encode()
        content = self._aimed(case.make())
        path = os.path.join(os.fsencode(folder), name)  # noqa: PTH118  a name of bytes
        with open(path, "wb") as stream:  # noqa: PTH123
            stream.write(content)
        begun, computed = time.monotonic(), time.process_time()
        self.is_watching = True
        [delivery] = archive_new(dataset)
        with vault.opened(delivery.file) as file:
            refusal = load_delivery(self.con, dataset, delivery, file)
        finding.seconds = time.monotonic() - begun
        finding.computing = time.process_time() - computed + self.answer.get("cpu_seconds", 0)
        if refusal is None:
            gate.judge_without_gx(self.con, dataset)
        if case.kind in ("file name", "injection"):
            returns.write_returns(self.con, dataset)
        self.is_watching = False
        self._compare(case, finding, dataset, delivery.delivery_id, refusal)
        if not is_kept:
            self._forget(dataset, delivery.delivery_id)
        Path(os.fsdecode(path)).unlink(missing_ok=True)

    def _aimed(self, content: bytes) -> bytes:
        port = str(self.trap.getsockname()[1]).encode()
        return content.replace(b"MARKER", bytes(self.marker)).replace(b":PORT", b":" + port)

    def _compare(self, case: Case, finding: Finding, dataset: Dataset, delivery: str, refusal: str | None) -> None:
        con = self.con
        [(read, *fates)] = con.execute(
            "select rows_read, rows_accepted, rows_quarantined, rows_duplicate, rows_superseded from audit.deliveries "
            "where delivery_id = ?",
            [delivery],
        ).fetchall()
        raw, typed = (
            con.execute(f"select count(*) from {table} where _delivery_id = ?", [delivery]).fetchall()[0][0]
            for table in (dataset.raw_table, dataset.table)
        )
        if refusal is not None:
            finding.outcome, finding.sentence = "refused", refusal
            self._compare_sentence(case, finding)
            if read or raw or typed:
                finding.faults.append("refused, and there are rows")
            return
        finding.outcome = f"{fates[0]:,} accepted, {fates[1]:,} quarantined"
        if not read == raw == typed == sum(fates):
            finding.faults.append(f"{read} read, {raw} raw, {typed} typed, {fates} settled")
        if case.refused and not case.at_best:
            finding.faults.append("read, should be refused")
        expected = [case.accepted, case.quarantined]
        if case.at_best:
            return
        finding.lost_rows = max(0, sum(expected) - read)
        if fates[:2] != expected:
            finding.faults.append(f"{fates[:2]} rows instead of {expected}")
        if case.raw:
            names = con.execute(
                f"select nama from {dataset.raw_table} where _delivery_id = ? order by _row", [delivery]
            )
            for sent, (kept,) in zip(case.raw, names.fetchall(), strict=True):
                cell = self._aimed(sent.encode()).decode()
                if kept not in (cell, " ".join(cell.splitlines())):
                    finding.faults.append(f"a cell was changed: {kept!r}")

    def _compare_sentence(self, case: Case, finding: Finding) -> None:
        sentence = finding.sentence
        if case.refused is None:
            finding.lost_rows = case.accepted + case.quarantined
            finding.faults.append(f"refused, should be read: {sentence}")
        elif not re.search(case.refused, sentence):
            finding.faults.append(f"refused with another reason: {sentence}")
        if not (sentence.isprintable() and sentence.endswith(".") and len(sentence) < 2000):
            finding.faults.append(f"no plain sentence: {sentence!r}")
        if "reader failed" in sentence:
            finding.faults.append(f"the reader has a fault: {sentence}")
        if finding.computing > MOST_SECONDS or finding.peak_bytes > MOST_BYTES:
            finding.faults.append(f"refused after {finding.computing:.1f} s and {finding.peak_bytes // 2**20} MB")

    def _look_around(self, finding: Finding, children: set[str]) -> None:
        """Look whether something was executed or changed that is not this delivery's."""
        self.is_watching = False
        if self.marker.exists() or Path(f"/tmp/{self.marker.name}").exists():
            finding.faults.append("a command was executed")
        if self.started or self._children() != children:
            finding.faults.append(f"a program was started: {self.started}")
        try:
            self.trap.accept()
            finding.faults.append("a connection was opened")
        except BlockingIOError:
            pass
        if left := [path.name for path in settings.DATA.rglob("tmp*") if path.is_dir()]:
            finding.faults.append(f"scratch is left behind: {left}")
        if finding.faults and "crashed" in finding.faults[-1]:
            return
        if (now := self._state()) != self.before:
            finding.faults.append(f"the tables are not as before: {now}")

    def _state(self) -> list[Any]:
        tables = self.con.execute(
            "select schema_name, table_name from duckdb_tables() where not temporary order by all"
        )
        found: list[Any] = [tables.fetchall()]
        for query in (
            "select * exclude (_received_at) from uji.timbang order by _row",
            "select file_name, status, rows_read, rows_accepted from audit.deliveries",
        ):
            found.append([tuple(map(str, row)) for row in self.con.execute(query).fetchall()])
        return found

    def _forget(self, dataset: Dataset, delivery: str) -> None:
        """Take the delivery out of the tables again, so that the next is looked at alone."""
        for table in (dataset.raw_table, dataset.table):
            self.con.execute(f"delete from {table} where _delivery_id = ?", [delivery])
        for table in ("quarantine", "deliveries"):
            self.con.execute(f"delete from audit.{table} where delivery_id = ?", [delivery])
        for path in (settings.ARCHIVE / dataset.agency / dataset.name).glob(f"{delivery[:64]}*"):
            path.unlink()

    def _watch(self, event: str, arguments: Any) -> None:
        is_server = event == "subprocess.Popen" and "include.reading_server" in arguments[1]
        if self.is_watching and event.startswith(_RUNS) and not is_server:
            self.started.append(f"{event} {arguments}")

    def _children(self) -> set[str]:
        found = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        server = reading.SERVER.process_id
        below = Path(f"/proc/{server}/task/{server}/children").read_text().split() if server else []
        return {*found, *below} - {str(server)}


def _memory(which: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{which}:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]


def examine_all(chosen: Iterable[Case]) -> Iterator[Finding]:
    with Bench() as bench:
        for case in chosen:
            yield bench.examine(case)
    yield from examine_landing(TIMBANG)
    yield _gigabyte(TIMBANG)


def _gigabyte(dataset: Dataset) -> Finding:
    """A plain file of one line of 1 GB: refused by its size, without a look into it."""
    finding = Finding("text", "one line of 1 GB")
    with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
        path = Path(folder) / "besar.csv"
        with path.open("wb") as stream:
            stream.truncate(2**30)
        begun = time.monotonic()
        try:
            reading.read_grid(path, "besar.csv", dataset, Path(folder))
            finding.faults.append("read, should be refused")
        except Refused as refusal:
            finding.outcome, finding.sentence = "refused", str(refusal)
        finding.seconds = finding.computing = time.monotonic() - begun
    if "the cap is" not in finding.sentence:
        finding.faults.append(f"another reason: {finding.sentence}")
    return finding


def run(progress: Progress) -> dict[str, Any]:
    """Examine all files in a process of their own; print a table by kind."""
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.ordeal.hostile"],
            env=os.environ | {"TEGAK_DATA": f"{folder}/data"} | dict.fromkeys(KEYS, secrets.token_hex(32)),
            cwd=settings.ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        bar = progress.add_task("hostile files", total=None)
        findings = []
        for line in child.stdout or ():
            findings.append(Finding(**json.loads(line)))
            progress.update(bar, advance=1)
        code = child.wait()
    progress.console.print(_table(findings))
    failures = [f"{f.kind}, {f.what}: {fault}" for f in findings for fault in f.faults]
    if code:
        failures.append(f"the examination ended with {code} after {len(findings)} files")
    return {"files": len(findings), "lost_rows": sum(f.lost_rows for f in findings), "failures": failures}


def _table(findings: list[Finding]) -> Table:
    right = [Column(name, justify="right") for name in ("files", "refused", "read", "wrong", "slowest, s", "most MB")]
    table = Table("hostile files", *right)
    for kind, files in Counter(finding.kind for finding in findings).items():
        of_kind = [finding for finding in findings if finding.kind == kind]
        refused = sum(finding.outcome == "refused" for finding in of_kind)
        table.add_row(
            kind,
            f"{files}",
            f"{refused}",
            f"{files - refused}",
            f"{sum(bool(finding.faults) for finding in of_kind)}",
            f"{max(finding.seconds for finding in of_kind):.1f}",
            f"{max(finding.peak_bytes for finding in of_kind) // 2**20}",
        )
    return table


if __name__ == "__main__":
    settings.DATA.mkdir(parents=True, exist_ok=True)
    for one in examine_all(cases()):
        print(json.dumps(asdict(one)), flush=True)
    reading.SERVER.stop()
