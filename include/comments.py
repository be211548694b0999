"""Says what each published table and column is, inside the files themselves: whoever opens one needs no second document.

In DuckDB they are comments, in Parquet the key-value metadata `description` (of the table) and `columns` (JSON, column
to description). The words are those of the marts' YAML.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb

from include import settings
from include.warehouse import literal

# the type of each column and what it is
RELEASE_INFO = {
    "release": ("varchar", "Name of the release, the moment of its night in UTC."),
    "is_invented": (
        "boolean",
        "Whether deliveries of an invented regency are in it: then no figure is of a true child.",
    ),
}


def comment_on(
    con: duckdb.DuckDBPyConnection, database: str, table: str, description: str, columns: Mapping[str, str]
) -> None:
    """Attach the descriptions to a table of an attached database and to its columns."""
    con.execute(f"comment on table {database}.{table} is {literal(description)}")
    for column, text in columns.items():
        con.execute(f"comment on column {database}.{table}.{column} is {literal(text)}")


def write_release_info(con: duckdb.DuckDBPyConnection, database: str, release: str) -> None:
    """Write the one table of a zone that is no mart: which release this is."""
    values = [release, settings.INVENTED.exists()]
    con.execute(f"create table {database}.release_info as select ? as release, ? as is_invented", values)
    texts = {name: text for name, (_, text) in RELEASE_INFO.items()}
    comment_on(con, database, "release_info", "One row: which release this file is of.", texts)


def read_comments(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, dict[str, str]]]:
    """Return of each mart of an open zone its description and those of its columns, in their order."""
    found: dict[str, tuple[str, dict[str, str]]] = {
        table: (comment or "", {})
        for table, comment in con.execute(
            "select table_name, comment from duckdb_tables() where table_name <> 'release_info' order by 1"
        ).fetchall()
    }
    for table, column, comment in con.execute(
        "select table_name, column_name, comment from duckdb_columns() where not internal order by table_name, column_index"
    ).fetchall():
        if table in found:
            found[table][1][column] = comment or ""
    return found


def write_parquet(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write each mart of an open zone as a Parquet file of its name, with its descriptions."""
    for table, (description, columns) in read_comments(con).items():
        told = f"description: {literal(description)}, columns: {literal(json.dumps(columns, ensure_ascii=False))}"
        con.execute(
            f"copy {table} to {literal(f'{folder / table}.parquet')} (format parquet, compression zstd, kv_metadata {{{told}}})"
        )
