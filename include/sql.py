"""`make sql`: a read-only SQL prompt on the newest release, locked against reading any other file.

ZONE=public opens what is published to all instead of the task force's own marts, BELIEVED=1 the marts of
`make believed`. Where the answer goes to a file or a pipe it is CSV, whole: `echo "from stunting_by_desa" | make sql > desa.csv`.
"""

import csv
import os
import readline  # noqa: F401  gives the prompt a history
import shutil
import signal
import sys
from collections.abc import Iterator
from typing import Any

import duckdb

from include import settings, warehouse
from include.cells import harmless
from include.copies import BELIEVED
from include.problem import Problem, run
from include.release import TASK_FORCE, ZONES, current_database

LOCKED: dict[str, Any] = {"enable_external_access": False, "lock_configuration": True}
MOST_ROWS_SHOWN = 500
ROWS_AT_ONCE = 10_000


def open_release(zone: str = TASK_FORCE) -> duckdb.DuckDBPyConnection:
    """Open a zone of the current release read-only, with external access off and the configuration locked."""
    return duckdb.connect(str(current_database(zone).resolve()), read_only=True, config=LOCKED)


def open_believed() -> duckdb.DuckDBPyConnection:
    """Copy the marts that `make believed` built into memory, let go of the encrypted database and lock what is left."""
    path = settings.DATA / BELIEVED
    if not path.exists():
        raise Problem("No day is built yet; run make believed DATE=2026-03-01.")
    con = warehouse.open_to_read(path)
    marts = (
        "select table_name from information_schema.tables where table_catalog = 'warehouse' and table_schema = 'marts'"
    )
    for (mart,) in con.execute(marts).fetchall():
        con.execute(f"create table memory.main.{mart} as from warehouse.marts.{mart}")
    con.execute("use memory")
    con.execute("detach warehouse")
    for name, value in LOCKED.items():  # the lock comes last
        con.execute(f"set {name} = {value}")
    return con


def main() -> int:
    """Answer statements from the terminal or from standard input until it ends; return 1 if one failed."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `make sql | head` ends quietly
    failed = 0
    with _open() as con:
        if sys.stdin.isatty():
            print("Tables:", ", ".join(row[0] for row in con.execute("show tables").fetchall()), "(end with exit)")
        for text in _texts():
            try:
                for statement in con.extract_statements(text):
                    show(con.sql(statement))
            except (duckdb.Error, RuntimeError, KeyboardInterrupt) as error:  # a query broken off is a RuntimeError
                con.interrupt()  # its other threads go on until they are told, and the next statement would wait for them
                print(str(error) or "Broken off.", file=sys.stderr)
                failed = 1
    return failed


def _open() -> duckdb.DuckDBPyConnection:
    if os.environ.get("BELIEVED"):
        return open_believed()
    if not settings.CURRENT.exists():
        raise Problem("There is no release yet; run make nightly.")
    zone = os.environ.get("ZONE") or TASK_FORCE
    if zone not in ZONES:
        raise Problem(f"There is no zone {zone}; ZONE is one of {', '.join(ZONES)}.")
    return open_release(zone)


def show(answer: duckdb.DuckDBPyRelation | None) -> None:
    """Print an answer: to a terminal as a table of its width, to a file or a pipe whole, as CSV."""
    if answer is None:
        print("done", file=sys.stderr)
    elif sys.stdout.isatty():
        answer.show(max_width=shutil.get_terminal_size().columns, max_rows=MOST_ROWS_SHOWN)
    else:
        writer = csv.writer(sys.stdout)
        writer.writerow(answer.columns)
        texts = answer.project("cast(columns(*) as varchar)")
        while rows := texts.fetchmany(ROWS_AT_ONCE):
            writer.writerows([cell and harmless(cell) for cell in row] for row in rows)


def _texts() -> Iterator[str]:
    """Yield what was typed up to a line that ends a statement; Ctrl-C drops what was begun."""
    text = ""
    while True:
        try:
            line = input("" if not sys.stdin.isatty() else "... " if text else "tegak> ")
        except KeyboardInterrupt:
            print()
            text = ""
            continue
        except EOFError:
            line, is_last = "", True
        else:
            is_last = not text and line.strip(" ;") in ("exit", "quit")
        if is_last:
            if text.strip():
                yield text
            return
        text += line + "\n"
        if _is_ended(text):
            yield text
            text = ""


def _is_ended(text: str) -> bool:
    """Say whether the last thing but comments is a semicolon, and none in quotes."""
    tokens = duckdb.tokenize(text)
    return bool(tokens) and text.encode()[tokens[-1][0] :].startswith(b";")


if __name__ == "__main__":
    run(main)
