"""Where a night can be struck, without any hook in the code that runs at night.

A seam is found at run time: a function by its name, a statement by its words on the way to DuckDB, a file's
operation by Python's audit events. At its n-th passing it kills the whole process group, tears the file that is
about to get its name, or does what a fault asks for.
"""

import importlib
import os
import re
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Self

FILE_EVENTS = ("open", "os.rename", "os.remove", "os.symlink", "os.mkdir", "shutil.rmtree", "subprocess.Popen")


def kill(*_: str) -> None:
    """End this night as a power cut does: no handler, no cleaning up, no child left."""
    os.killpg(0, signal.SIGKILL)


def tear(*paths: str) -> None:
    """Leave half of the file that was about to be renamed, then kill: it was still being written."""
    os.truncate(paths[0], Path(paths[0]).stat().st_size // 2)
    kill()


def vanish(*paths: str) -> None:
    """Take the file away just before it is opened."""
    Path(paths[0]).unlink(missing_ok=True)


def grow(*paths: str) -> None:
    """Append to the file just before it is opened, without another event of this kind."""
    descriptor = os.open(paths[0], os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, b"\n")
    os.close(descriptor)


def forbid(*paths: str) -> None:
    """Fail as a folder does that is mounted read-only."""
    raise OSError(30, "Read-only file system", paths[0])


ACTIONS = {"kill": kill, "tear": tear, "vanish": vanish, "grow": grow, "forbid": forbid}


def arm(seam: dict[str, Any]) -> None:
    """Set one seam: `kind`, `target`, `moment` (before, after), `nth` (0: each time), `action`."""
    kinds: dict[str, Callable[..., None]] = {"call": _arm_call, "sql": _arm_sql, "file": _arm_file, "clock": _arm_clock}
    kinds[seam["kind"]](seam)


class _Count:
    """Calls the action at the n-th passing."""

    def __init__(self, seam: dict[str, Any]) -> None:
        self._nth, self._passed = seam.get("nth", 1), 0
        self._action = ACTIONS[seam.get("action", "kill")]
        self._active = False

    def passed(self, *paths: str) -> None:
        if self._active:  # what the action itself does is no passing
            return
        self._passed += 1
        if self._nth in (0, self._passed):
            self._active = True
            try:
                self._action(*paths)
            finally:
                self._active = False


def _arm_call(seam: dict[str, Any]) -> None:
    """Wrap a function wherever `include` has it by name; a name that is gone is an error."""
    module_name, name = seam["target"].split(":")
    original = getattr(importlib.import_module(module_name), name)
    count = _Count(seam)

    @wraps(original)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if seam["moment"] == "before":
            count.passed()
        done = original(*arguments, **named)
        if seam["moment"] == "after":
            count.passed()
        return done

    _replace(original, wrapped)


def _replace(original: Any, new: Any) -> None:
    for module in [module for name, module in sys.modules.items() if name.startswith("include.")]:
        for key, value in list(vars(module).items()):
            if value is original:
                setattr(module, key, new)


def _arm_sql(seam: dict[str, Any]) -> None:
    """Watch the statements of every connection that `include` opens itself."""
    import duckdb

    connect, count, pattern = duckdb.connect, _Count(seam), re.compile(seam["target"], re.DOTALL)

    class Watched:
        def __init__(self, con: Any) -> None:
            self._con = con

        def __enter__(self) -> Self:
            self._con.__enter__()
            return self

        def __exit__(self, *error: object) -> Any:
            return self._con.__exit__(*error)

        def __getattr__(self, name: str) -> Any:
            value = getattr(self._con, name)
            if name in ("begin", "commit", "rollback"):
                return lambda: self._pass(name, value)
            return value

        def cursor(self) -> "Watched":
            return Watched(self._con.cursor())

        def execute(self, sql: Any, *values: Any, **named: Any) -> Any:
            return self._pass(sql, lambda: self._con.execute(sql, *values, **named))

        def executemany(self, sql: Any, *values: Any) -> Any:
            return self._pass(sql, lambda: self._con.executemany(sql, *values))

        def _pass(self, sql: Any, do: Callable[[], Any]) -> Any:
            is_it = bool(pattern.search(str(sql)))
            if is_it and seam["moment"] == "before":
                count.passed()
            done = do()
            if is_it and seam["moment"] == "after":
                count.passed()
            return done

    def watched(*arguments: Any, **named: Any) -> Any:
        con = connect(*arguments, **named)
        caller = sys._getframe(1).f_globals["__name__"]
        return Watched(con) if caller.startswith("include.") else con

    duckdb.connect = watched


def _arm_file(seam: dict[str, Any]) -> None:
    """Watch what Python does with files; an event comes before the deed. `target`: event and path, as a pattern."""
    count, pattern = _Count(seam), re.compile(seam["target"])

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in FILE_EVENTS:
            paths = [os.fsdecode(a) for a in arguments if isinstance(a, str | bytes | os.PathLike)]
            if pattern.search(" ".join([event, *paths])):
                count.passed(*paths)

    sys.addaudithook(hook)


def _arm_clock(seam: dict[str, Any]) -> None:
    """Shift what `include` takes for the present, by days."""
    shift = timedelta(days=seam["days"])

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + shift

    _replace(datetime, Shifted)
