"""dbt-duckdb's plugin that attaches the encrypted working database, so that no file of dbt's holds its key."""

import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from include import warehouse


class Plugin(BasePlugin):
    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Bound memory and scratch space as everywhere; `run_dbt` says where and how much."""
        limits = {"memory_limit": os.environ["TEGAK_MEMORY"], "temp_directory": os.environ["TEGAK_SCRATCH"]}
        config.update(warehouse.config() | limits)

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Attach the database that `TEGAK_WAREHOUSE` names. Raises `KeyProblem` and `WarehouseBusy`."""
        warehouse.load_encryption(conn)
        warehouse.attach(conn, Path(os.environ["TEGAK_WAREHOUSE"]), read_only=False)
