"""dbt-duckdb's plugin that attaches the encrypted working database, so that no file of dbt's holds its key."""

import os
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from include import warehouse


class Plugin(BasePlugin):
    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Attach the database that `TEGAK_WAREHOUSE` names. Raises `KeyProblem` and `WarehouseBusy`."""
        warehouse.load_encryption(conn)
        warehouse.attach(conn, Path(os.environ["TEGAK_WAREHOUSE"]), read_only=False)
