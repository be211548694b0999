"""dbt-duckdb's plugin that attaches the encrypted working database, so that no file of dbt's holds its key.

Nor a cell: what DuckDB says of a failing model goes to the terminal, to dbt's log and to its results.
"""

import os
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments import local
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from include import warehouse

# they speak of the code, before a row is read, and their author needs the names they quote
_OF_CODE = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)


class Plugin(BasePlugin):
    def initialize(self, plugin_config: dict[str, Any]) -> None:
        # dbt-duckdb has no hook between the statement and its log
        local.DuckDBCursorWrapper = _Cursor  # type: ignore[misc]

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Bound memory and scratch space as everywhere; `run_dbt` says where and how much."""
        scratch = Path(os.environ["TEGAK_SCRATCH"])
        config.update(warehouse.config(scratch) | {"memory_limit": os.environ["TEGAK_MEMORY"]})

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Attach the database that `TEGAK_WAREHOUSE` names. Raises `KeyProblem` and `WarehouseBusy`."""
        warehouse.load_encryption(conn)
        warehouse.attach(conn, Path(os.environ["TEGAK_WAREHOUSE"]), read_only=False)


class _Cursor(local.DuckDBCursorWrapper):
    def execute(self, sql: str, bindings: Any = None) -> Any:
        try:
            return super().execute(sql, bindings)
        except _OF_CODE:
            raise
        except duckdb.Error as error:
            raise warehouse.without_cells(error) from None
