"""Runs dbt: one `dbt build` for the whole project, in a process of its own."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from include import settings, unchanged, warehouse
from include.contract_reader import read_agencies
from include.lineage import record_build
from include.load import make_missing_tables

TARGET = settings.DATA / "dbt"


class BuildFailed(Exception):
    """dbt could not build a model or one of its tests failed; the message names them."""


def run_dbt(*arguments: str, warehouse: Path | None = None) -> int:
    """Run dbt on the project against the working database; return its exit code.

    The key reaches dbt through `dbt_encryption.py`: no profile, option or file of dbt's ever holds it.
    """
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-path", str(TARGET), *arguments]
    command += ["--project-dir", str(settings.DBT_PROJECT), "--profiles-dir", str(settings.DBT_PROJECT)]
    environment = dbt_environment(warehouse or settings.WAREHOUSE, TARGET)
    return subprocess.run(command, env=environment, check=False).returncode


def dbt_environment(warehouse: Path, target: Path) -> dict[str, str]:
    """Return the environment in which dbt works on a database and leaves its own files in `target`."""
    return os.environ | {
        "TEGAK_WAREHOUSE": str(warehouse),
        "TEGAK_SCRATCH": str(settings.DATA / "scratch"),
        "TEGAK_MEMORY": settings.MEMORY_LIMIT,
        "TEGAK_REGENCY": settings.REGENCY.code,
        "DBT_TARGET_PATH": str(target),
        "PYTHONPATH": str(settings.ROOT),
    }


def build_models() -> None:
    """Build and test all models; raise `BuildFailed` with one line per model or test that failed.

    Tests on sources stay out: the gate has judged those rows. Unit tests stay out: they prove code, not data.
    """
    began = datetime.now(UTC)
    with warehouse.connect() as con:
        make_missing_tables(con, [dataset for agency in read_agencies() for dataset in agency.datasets])
        made_of = unchanged.made_of(con)
        con.execute("delete from audit.built")
    code = run_dbt("build", "--exclude-resource-type", "unit_test", "--exclude", "source:*")
    record_build(TARGET, began)
    if code:
        if warehouse.says_damage(_failures()):
            warehouse.prove()
        raise BuildFailed(_failures() or f"dbt stopped with exit code {code}; its log is in {TARGET.name}/dbt.log.")
    with warehouse.connect() as con:
        con.execute("insert into audit.built values (?, null, null)", [made_of])


def _failures() -> str:
    results = TARGET / "run_results.json"
    if not results.exists():
        return ""
    nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    bad = [node for node in nodes if node["status"] in ("error", "fail")]
    return "\n".join(f"{node['unique_id']}: {warehouse.without_quoted(node['message'])}" for node in bad)
