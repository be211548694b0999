"""`make sql`: a read-only SQL prompt on the newest release, locked against reading any other file.

ZONE=public opens what is published to all instead of the task force's own marts.
"""

import os
import readline  # noqa: F401  gives the prompt a history
import sys
from collections.abc import Iterator
from typing import Any

import duckdb

from include import settings
from include.problem import Problem, run
from include.release import TASK_FORCE, ZONES, current_database

LOCKED: dict[str, Any] = {"enable_external_access": False, "lock_configuration": True}


def open_release(zone: str = TASK_FORCE) -> duckdb.DuckDBPyConnection:
    """Open a zone of the current release read-only, with external access off and the configuration locked."""
    return duckdb.connect(str(current_database(zone).resolve()), read_only=True, config=LOCKED)


def main() -> int:
    """Read statements from the terminal or from standard input until it ends; return 1 if one failed."""
    if not settings.CURRENT.exists():
        raise Problem("There is no release yet; run make nightly.")
    zone = os.environ.get("ZONE") or TASK_FORCE
    if zone not in ZONES:
        raise Problem(f"There is no zone {zone}; ZONE is one of {', '.join(ZONES)}.")
    failed = 0
    with open_release(zone) as con:
        if sys.stdin.isatty():
            print("Tables:", ", ".join(row[0] for row in con.execute("show tables").fetchall()), "(end with Ctrl-D)")
        for statement in _statements():
            try:
                print(con.sql(statement) or "done")
            except duckdb.Error as error:
                print(error)
                failed = 1
    return failed


def _statements() -> Iterator[str]:
    """Yield statements, each ended by a semicolon."""
    text = ""
    while True:
        try:
            text += input("" if not sys.stdin.isatty() else "... " if text else "tegak> ") + "\n"
        except EOFError:
            if text.strip():
                yield text
            return
        if text.rstrip().endswith(";"):
            yield text
            text = ""


if __name__ == "__main__":
    run(main)
