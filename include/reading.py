"""Reads a delivery in a child process with limits: what a hostile file does, it does to that child alone.

One server process per process that reads is started once, with an environment of its own that holds no secret;
it forks a child per delivery. `multiprocessing`'s forkserver does not serve here: it hands on the environment, runs
the caller's main module again in every child, and refuses to work in a daemonic process.
"""

import json
import os
import pickle
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

from include import settings
from include.contract import Dataset
from include.grid import DELIVERY, INNER, OPENED, TABLE, Grid, Refused
from include.headers import OWN_COLUMNS
from include.limits import Limits
from include.visible import visible

_MOST_ANSWER_BYTES = 4 * 2**20
_BROKEN = (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)


class ReadingStopped(Exception):
    """The reader was stopped from outside or by a full disk: no fault of the file, so the task is tried again."""


@dataclass(frozen=True)
class Job:
    """What the child is asked: read `scratch/delivery`, which its agency calls `name`."""

    name: str
    dataset: Dataset
    scratch: Path
    limits: Limits
    password: str | None


def read_grid(
    file: Path, name: str, dataset: Dataset, scratch: Path, password: Callable[[], str] | None = None
) -> Grid:
    """Read `file` (called `name` by its agency) against a contract; raise `Refused` when it does not fit.

    `password` tells the agency's own, for a workbook that went out locked; it is asked only where one may be.

    Raises `ReadingStopped` when the child was killed by somebody else or the disk is full.
    """
    shown = visible(name)
    status = file.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise Refused(f"{shown}: not a regular file; send the file itself, no link and no device.")
    (scratch / DELIVERY).symlink_to(file.resolve())  # DuckDB takes *, ? and .gz in a name for more than a name
    with file.open("rb") as stream:
        may_be_locked = stream.read(4) in (b"\xd0\xcf\x11\xe0", b"PK\x03\x04")
    job = Job(shown, dataset, scratch, Limits.of(status.st_size), password() if password and may_be_locked else None)
    answer = SERVER.ask(job)
    if "grid" not in answer:
        raise Refused(_refusal(answer, job))
    found = answer["grid"]
    # what a broken child says is checked before it gets into SQL or opens a file
    path = scratch / {DELIVERY: DELIVERY, INNER: INNER, OPENED: OPENED, TABLE: TABLE}[found["path"]]
    names = {column.name for column in dataset.columns} | set(OWN_COLUMNS)
    return Grid(
        path=path,
        delimiter=str(found["delimiter"]),
        sheet=None if found["sheet"] is None else str(found["sheet"]),
        skip=int(found["skip"]),
        first_row=int(found["first_row"]),
        width=int(found["width"]),
        positions={name: int(position) for name, position in found["positions"].items() if name in names},
        unknown_headers=list(map(str, found["unknown_headers"])),
    )


def _refusal(answer: dict[str, Any], job: Job) -> str:
    limits, megabytes = job.limits, job.limits.memory // 2**20
    killed_by = answer.get("signal")
    if "refused" in answer:
        return str(answer["refused"])
    if "fault" in answer:
        return (
            f"{job.name}: the reader failed on it ({answer['fault']}); save it again as .xlsx and tell the engineers."
        )
    if answer.get("limit") == "written":
        return f"{job.name}: its table is larger than {limits.written:,} bytes; send it in parts."
    if answer.get("limit") == "memory" or killed_by == signal.SIGABRT:
        return f"{job.name}: to read it takes more than {megabytes:,} MB of memory; delete stray cells or send it in parts."
    if killed_by in _BROKEN:
        return f"{job.name}: the file is broken; save it again as .xlsx."
    if answer.get("limit") == "wall":
        return f"{job.name}: reading it took longer than {limits.wall_seconds} s; send it in parts."
    if killed_by == signal.SIGXCPU or answer["cpu_seconds"] >= limits.cpu_seconds:
        return f"{job.name}: reading it took more than {limits.cpu_seconds} s of computing; send it in parts."
    raise ReadingStopped(f"{job.name}: the reading process was stopped ({answer}).")


class Server:
    """The connection to this process's server, started at the first question and after it was lost."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._channel: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, job: Job) -> dict[str, Any]:
        with self._lock:
            channel = self._channel or self._start()
            try:
                channel.send_bytes(pickle.dumps(job))
                if not channel.poll(job.limits.wall_seconds + 30):
                    raise ReadingStopped(f"{job.name}: the reading process does not answer.")
                answer: dict[str, Any] = json.loads(channel.recv_bytes(_MOST_ANSWER_BYTES))
            except (OSError, EOFError) as error:
                self.stop()
                raise ReadingStopped(f"{job.name}: the reading process ended ({error!r}).") from error
            except BaseException:
                self.stop()
                raise
        if "os_error" in answer:
            raise ReadingStopped(f"{job.name}: {answer['os_error']}")
        return answer

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "include.reading_server", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(settings.ROOT)},
            start_new_session=True,
        )
        theirs.close()
        self._channel = Connection(ours.detach())
        return self._channel

    def stop(self) -> None:
        """End the server; the next question starts another."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None

    def forget(self) -> None:
        """In a process forked from the one that started the server: the server is not ours."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.returncode = 0  # so that Popen does not wait for another's child
        self.__init__()  # type: ignore[misc]


SERVER = Server()
os.register_at_fork(after_in_child=SERVER.forget)
