"""`make spark`: the marts of the last night made on Spark too, and compared with DuckDB's row for row.

Spark runs in `.venv-spark`, in a process of its own, on copies of the tables that the loader wrote. They are plain
Parquet: the folder is its owner's alone and gone afterwards.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import duckdb
from rich.table import Table

from include import settings, warehouse
from include.console import CONSOLE
from include.private import scratch_folder
from include.problem import Problem, run
from include.report import right
from include.spark.compare import Compared, compare_marts

PYTHON = Path(os.environ.get("TEGAK_SPARK_VENV") or settings.ROOT / ".venv-spark") / "bin" / "python"
# what dbt makes, and the cells as text, which no model reads
NOT_COPIED = "('seeds', 'intermediate', 'marts', 'raw')"
PASSED_ON = ("PATH", "HOME", "JAVA_HOME", "TEGAK_SPARK_MASTER", "TEGAK_REGENCY")


def main() -> int:
    """Return 0 when every mart is equal; raise `Problem` when there is nothing to begin with."""
    _look_for_spark()
    with warehouse.connect(read_only=True) as con, scratch_folder() as folder:
        _export(con, folder / "sources")
        CONSOLE.print("Building on Spark what the night built on DuckDB; a tiny regency takes minutes.")
        failures = _build(folder)
        compared = compare_marts(con, folder)
    for failure in failures:
        CONSOLE.print(failure, markup=False)
    _show(compared)
    return 0 if compared and not failures and all(mart.is_equal for mart in compared) else 1


def _look_for_spark() -> None:
    """Raise `Problem` when Spark lacks something here."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise Problem("Spark needs Java 17, and there is none here: apt-get install openjdk-17-jre-headless")
    if not PYTHON.exists():
        raise Problem("Spark is an extra and not installed here: make .venv-spark/done")


def _export(con: duckdb.DuckDBPyConnection, sources: Path) -> None:
    """Copy the tables that the loader wrote, and the history of links."""
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() "
        f"where database_name = current_database() and schema_name not in {NOT_COPIED} order by all"
    ).fetchall()
    for schema, table in tables:
        (sources / schema).mkdir(parents=True, exist_ok=True)
        con.execute(f"copy {schema}.{table} to '{sources / schema / table}.parquet' (format parquet)")


def _build(folder: Path) -> list[str]:
    """Run dbt on Spark; return one line per model that failed, without what it quotes: that may be a cell."""
    command = [str(PYTHON), str(settings.ROOT / "include" / "spark" / "build.py"), str(folder)]
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with (folder / "log").open("w") as log:
        code = subprocess.run(command, env=environment, cwd=folder, stdout=log, stderr=log, check=False).returncode
    results = folder / "dbt" / "run_results.json"
    nodes = json.loads(results.read_text(encoding="utf-8"))["results"] if results.exists() else []
    bad = [node for node in nodes if node["status"] in ("error", "fail")]
    failures = [f"{node['unique_id']}: {_first_line(node['message'])}" for node in bad]
    return failures or ([f"Spark stopped with exit code {code}."] if code else [])


def _first_line(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return warehouse.without_quoted(" ".join(lines[:2]))


def _show(compared: list[Compared]) -> None:
    table = Table("mart", *map(right, ("rows", "only DuckDB", "only Spark", "cells", "differing")), "")
    for mart in compared:
        counts = (mart.rows, mart.only_duckdb, mart.only_spark, mart.cells, mart.differing)
        table.add_row(mart.name, *(f"{count:,}" for count in counts), mart.problem)
    CONSOLE.print(table)
    equal = sum(mart.is_equal for mart in compared)
    CONSOLE.print(f"{equal} of {len(compared)} marts are equal on DuckDB and Spark, row for row and to 1e-9.")


if __name__ == "__main__":
    run(main)
