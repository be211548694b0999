"""The rules behind a mart, read from dbt's manifest: its models with their definitions, its seeds with their rows."""

import json
from typing import Any

import duckdb
from rich.table import Table

from include import settings
from include.console import CONSOLE

MOST_ROWS_SHOWN = 8


def show_rules(con: duckdb.DuckDBPyConnection, mart: str, column: str) -> None:
    """Print what a column is, the models that make it in the order they are built, and the seeds they read."""
    manifest = json.loads((settings.DATA / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    nodes, parents = manifest["nodes"], manifest["parent_map"]
    start = f"model.tegak.{mart}"
    CONSOLE.print(f"{column}: {_line(nodes[start]['columns'][column]['description'])}", markup=False)
    behind = [nodes[name] for name in ancestors(parents, start) if name in nodes]
    table = Table("model", "one row per ...", title="models, in the order they are built")
    for model in behind:
        if model["resource_type"] == "model":
            table.add_row(model["name"], _definition(model))
    CONSOLE.print(table, markup=False)
    table = Table("seed", "one row per ...", "rows", "verified", title="seeds they read: thresholds, codes, standards")
    for seed in behind:
        if seed["resource_type"] == "seed":
            table.add_row(seed["name"], _definition(seed), *_counts(con, seed))
    CONSOLE.print(table, markup=False)
    for seed in behind:
        if seed["unique_id"] in parents[start] and seed["resource_type"] == "seed":
            _show_seed(con, seed["name"])


def ancestors(parents: dict[str, list[str]], start: str) -> list[str]:
    """Return the node and all it rests on, each after what it reads."""
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        for parent in sorted(parents.get(name, [])):
            if parent not in found:
                visit(parent)
        found[name] = None

    visit(start)
    return list(found)


def _counts(con: duckdb.DuckDBPyConnection, seed: dict[str, Any]) -> tuple[str, str]:
    verified = "count(*) filter (is_verified)" if "is_verified" in seed["columns"] else "null"
    [(rows, sure)] = con.execute(f"select count(*), {verified} from seeds.{seed['name']}").fetchall()
    return f"{rows:,}", "" if sure is None else f"{sure:,}"


def _show_seed(con: duckdb.DuckDBPyConnection, seed: str) -> None:
    rows = con.execute(f"select * from seeds.{seed} limit {MOST_ROWS_SHOWN + 1}")
    head = [column[0] for column in rows.description]
    found = rows.fetchall()
    if len(found) <= MOST_ROWS_SHOWN:
        table = Table(*head, title=seed)
        for row in found:
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        CONSOLE.print(table, markup=False)


def _definition(node: dict[str, Any]) -> str:
    return _line(node["description"]).split(". ")[0].removeprefix("One row per ").rstrip(".")


def _line(text: str) -> str:
    return " ".join(text.split())
