"""The rules behind a mart, read from dbt's manifest: its models with their definitions, its seeds with their rows."""

import json
from typing import Any

import duckdb
from rich.table import Table

from include import settings
from include.console import CONSOLE

MOST_ROWS_SHOWN = 8
MOST_COLUMNS_SHOWN = 7
Parents = dict[str, list[str]]


def show_rules(con: duckdb.DuckDBPyConnection, mart: str, column: str, dataset: str, word: str) -> None:
    """Print what a column is, the models from a dataset to its mart in the order they are built, and their seeds.

    Rows are shown of seeds that the mart itself reads when they are few, and of any seed those that name `word`.
    """
    manifest = json.loads((settings.DATA / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    nodes, parents = manifest["nodes"], manifest["parent_map"]
    start = f"model.tegak.{mart}"
    CONSOLE.print(f"{column}: {_line(nodes[start]['columns'][column]['description'])}", markup=False)
    names = models_between(parents, f"source.tegak.{dataset.replace('/', '.')}", start)
    table = Table("model", "one row per ...", title=f"models from {dataset} to {mart}, in the order they are built")
    for name in names:
        table.add_row(nodes[name]["name"], _definition(nodes[name]))
    CONSOLE.print(table, markup=False)
    seeds = sorted({parent for name in names for parent in parents[name] if parent.startswith("seed.")})
    table = Table("seed", "one row per ...", "rows", "verified", title="seeds they read: thresholds, codes, standards")
    for name in seeds:
        table.add_row(nodes[name]["name"], _definition(nodes[name]), *_counts(con, nodes[name]))
    CONSOLE.print(table, markup=False)
    for name in seeds:
        _show_seed(con, nodes[name]["name"], word, is_read_by_mart=name in parents[start])


def models_between(parents: Parents, source: str, start: str) -> list[str]:
    """Return the models between a source and a model, and those that they read and that rest on seeds alone."""
    order = ancestors(parents, start)
    between = [name for name in order if source in ancestors(parents, name)]
    beside = {
        node
        for name in between
        for parent in parents[name]
        if not any(node.startswith("source.") for node in ancestors(parents, parent))
        for node in ancestors(parents, parent)
    }
    return [name for name in order if name.startswith("model.") and (name in between or name in beside)]


def ancestors(parents: Parents, start: str) -> list[str]:
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


def _show_seed(con: duckdb.DuckDBPyConnection, seed: str, word: str, is_read_by_mart: bool) -> None:
    selected = con.execute(f"select * from seeds.{seed}")
    head = [column[0] for column in selected.description]
    found = selected.fetchall()
    if not is_read_by_mart or len(found) > MOST_ROWS_SHOWN:
        found = [row for row in found if word in row][:MOST_ROWS_SHOWN]
    if not found:
        return
    cells = [head, *(["" if cell is None else str(cell) for cell in row] for row in found)]
    if len(head) > MOST_COLUMNS_SHOWN:  # too wide to read: turned on its side
        cells = [["column", *(["row"] * len(found))], *map(list, zip(*cells, strict=True))]
    table = Table(*cells[0], title=seed)
    for row in cells[1:]:
        table.add_row(*row)
    CONSOLE.print(table, markup=False)


def _definition(node: dict[str, Any]) -> str:
    return _line(node["description"]).split(". ")[0].removeprefix("One row per ").rstrip(".")


def _line(text: str) -> str:
    return " ".join(text.split())
