"""The server that forks one limited child per delivery; `include/reading.py` starts it and asks it.

The child gives up what it does not need before it opens the file: memory, time, disk, open files, core dumps, and
by an audit hook every way in which Python starts a program or opens a connection.
"""

import errno
import gc
import json
import os
import pickle
import resource
import sys
import traceback
from dataclasses import asdict
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NoReturn

from include.grid import DELIVERY, Refused
from include.limits import Limits
from include.readers import read_delivery
from include.reading import Job

_MOST_ANSWER_BYTES = 2 * 2**20
_FORBIDDEN = ("subprocess.", "os.exec", "os.system", "os.posix_spawn", "os.fork", "socket.")


def serve(channel: Connection) -> None:
    """Answer questions until the asking process is gone."""
    gc.freeze()  # what is loaded now stays shared with the children
    while True:
        try:
            question = channel.recv_bytes()
        except (EOFError, OSError):
            return
        channel.send_bytes(json.dumps(_read_in_child(pickle.loads(question), channel)).encode())


def _read_in_child(job: Job, channel: Connection) -> dict[str, Any]:
    answers, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answers)
        channel.close()
        _answer(job, Connection(mouth, readable=False))
    os.close(mouth)
    ear = Connection(answers, writable=False)
    answer: dict[str, Any] = {}
    try:
        ready = wait([ear, channel], job.limits.wall_seconds)
        if not ready:
            answer = {"limit": "wall"}
        elif ear in ready:
            answer = json.loads(ear.recv_bytes(_MOST_ANSWER_BYTES))
    except (EOFError, OSError, ValueError):
        pass  # it ended without a word: its signal says why
    finally:
        ear.close()
    if answer or channel.poll():
        os.kill(child, 9)
    _, status, usage = os.wait4(child, 0)
    if not answer:
        answer = {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None}
    return answer | {"cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss * 1024}


def _answer(job: Job, mouth: Connection) -> NoReturn:
    """Read in this process, tell what came of it, end."""
    is_ours = True
    try:
        is_ours = _confine(job.limits)
        grid = read_delivery(job.scratch / DELIVERY, job.name, job.dataset, job.scratch, job.limits, job.password)
        answer: dict[str, Any] = {"grid": asdict(grid) | {"path": grid.path.name}}
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"limit": "memory"} if is_ours else {"os_error": "not enough memory"}
    except OSError as error:
        is_limit = error.errno == errno.EFBIG
        answer = {"limit": "written"} if is_limit else {"os_error": error.strerror or type(error).__name__}
    except BaseException as error:  # noqa: BLE001  whatever it is; its text may hold a cell, so only the place
        place = traceback.extract_tb(error.__traceback__)[-1]
        answer = {"fault": f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"}
    mouth.send_bytes(json.dumps(answer).encode())
    os._exit(0)


def _confine(limits: Limits) -> bool:
    """Set the limits; return whether memory is bounded by ours and not by a narrower one of the whole night."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # a panic of the workbook reader would print cells
        os.dup2(nowhere, stream)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.written, limits.written))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    wanted, (_, most) = used + limits.memory, resource.getrlimit(resource.RLIMIT_AS)
    is_ours = most == resource.RLIM_INFINITY or wanted <= most
    resource.setrlimit(resource.RLIMIT_AS, (wanted, wanted) if is_ours else (most, most))
    sys.addaudithook(_forbid)
    return is_ours


def _forbid(event: str, _: object) -> None:
    if event.startswith(_FORBIDDEN):
        raise RuntimeError(f"{event} is not for a reader")


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
