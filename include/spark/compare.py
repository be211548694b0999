"""Compares the marts that Spark made with those of the night: the same rows by their key, the same cells."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from include.compare import is_mart, key_of

# relative above 1, absolute below
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Compared:
    """One mart on both engines. `cells`: of the rows that both have; `problem`: why nothing could be compared."""

    name: str
    rows: int = 0
    only_duckdb: int = 0
    only_spark: int = 0
    cells: int = 0
    differing: int = 0
    problem: str = ""

    @property
    def is_equal(self) -> bool:
        return not (self.problem or self.only_duckdb or self.only_spark or self.differing)


def compare_marts(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Compared]:
    """Return one line per mart of the project; `con` has the night's, `folder/marts/<mart>` Spark's Parquet."""
    manifest = folder / "dbt" / "manifest.json"
    if not manifest.exists():
        return []
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    marts = sorted((node for node in nodes.values() if is_mart(node)), key=lambda node: str(node["name"]))
    return [_compare(con, mart["name"], key_of(nodes, mart), folder / "marts" / mart["name"]) for mart in marts]


def _compare(con: duckdb.DuckDBPyConnection, name: str, key: list[str], made: Path) -> Compared:
    if not made.exists():
        return Compared(name, problem="not built on Spark")
    ours, theirs = f"marts.{name}", f"read_parquet('{made}/*.parquet')"
    types = _types(con, ours)
    if types != _types(con, theirs):
        return Compared(name, problem="other columns or types on Spark")
    # a key that comes twice is told apart by its number
    number = f"row_number() over (partition by {', '.join(key)}) as _number"
    same = " and ".join(f"a.{column} is not distinct from b.{column}" for column in (*key, "_number"))
    differing = " + ".join(f"cast({_differs(column, kind)} as bigint)" for column, kind in types.items())
    both = "a._number is not null and b._number is not null"
    [(only_a, only_b, rows, cells)] = con.execute(
        f"""
        select count(*) filter (b._number is null), count(*) filter (a._number is null),
            count(*) filter ({both}), coalesce(sum({differing}) filter ({both}), 0)
        from (select *, {number} from {ours}) as a
        full join (select *, {number} from {theirs}) as b on {same}
        """
    ).fetchall()
    return Compared(name, rows + only_a, only_a, only_b, rows * len(types), int(cells))


def _types(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, Any]:
    return {name: kind for name, kind, *_ in con.execute(f"describe from {relation}").fetchall()}


def _differs(column: str, kind: str) -> str:
    a, b = f"a.{column}", f"b.{column}"
    differs = f"{a} is distinct from {b}"
    if kind != "DOUBLE":
        return f"({differs})"
    return f"({differs} and not coalesce(abs({a} - {b}) <= {TOLERANCE} * greatest(1, abs({a})), false))"
