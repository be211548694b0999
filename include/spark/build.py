"""Builds the dbt project on Spark: runs in `.venv-spark`, where nothing else of Tegak can be imported.

    python include/spark/build.py FOLDER

FOLDER holds `sources/<schema>/<table>.parquet`, as `include/spark/__main__.py` writes them; dbt's files come into
`FOLDER/dbt`, each mart as Parquet into `FOLDER/marts/<mart>`.
"""

import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"

# Text, numbers and time as the project means them on every engine: a backslash and "name" as in standard SQL, a fault
# an error and not a null, moments in UTC and without a zone.
DIALECT = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}


# Unit tests and tests are DuckDB's: the marts are compared with what passed them. A snapshot needs a table format that
# can merge.
BUILD = ["build", "--target", "spark", "--exclude-resource-type", "test", "unit_test", "snapshot"]


def main(folder: Path) -> int:
    """Return 0 when all was built."""
    session = begin(folder)
    try:
        read_sources(session, folder)
        places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(folder / "dbt")]
        done = dbtRunner().invoke([*BUILD, *places, "--log-path", str(folder / "dbt")])
        if session.catalog.databaseExists("marts"):
            # Spark lists the views of this session, from which the seeds were made, in every schema
            for mart in (table for table in session.catalog.listTables("marts") if not table.isTemporary):
                session.table(f"marts.{mart.name}").write.parquet(str(folder / "marts" / mart.name))
        return 0 if done.success else 1
    finally:
        session.stop()


def read_sources(session: SparkSession, folder: Path) -> None:
    """Name the exported tables as dbt's sources."""
    for table in sorted((folder / "sources").glob("*/*.parquet")):
        session.sql(f"create database if not exists {table.parent.name}")
        session.sql(f"create table {table.parent.name}.{table.stem} using parquet location '{table}'")


def begin(folder: Path) -> SparkSession:
    """Return the session that dbt-spark finds: on this machine, without network, page or Hive's own database."""
    builder = SparkSession.builder.master(os.environ.get("TEGAK_SPARK_MASTER", "local[2]")).appName("tegak")
    places = {
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.local.dir": str(folder / "spill"),
        "spark.driver.memory": "3g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": "8",
        "spark.ui.enabled": "false",
    }
    for name, value in (DIALECT | places).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
