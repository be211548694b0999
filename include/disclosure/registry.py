"""What the marts' YAML declares of their counts: the one place where a column becomes a cell.

A public mart declares each of its columns, in `config.meta` of the column, as one of

* `public: as_is`: codes, names, dates, rules, money, what was measured on invented data; not made of persons,
* `cell: <measure>`: a count of persons. The same measure, area and period is the same count in every mart;
  `within: <measure>` says that all counted here are counted there, `adds: <measure>` that it is of two quarters,
  `persons: <SQL>` in which rows it counts persons, where that is not as the mart says,
* `derived: <SQL>`: worked out anew from the columns as published; `share(a, b)` is a percentage of two cells, with a
  third argument where they have a `persons` of their own,
* `coarse: <digits>`: a statistic of the whole regency that is no ratio of published counts, rounded,
* `public: withheld`: left out.

`config.meta.cells` of the mart says what a row is (SQL of level, area, period, item), which rows count persons,
and which columns are `sums` of others in the row.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from include.build import TARGET
from include.disclosure import LEAST_DENOMINATOR, ROUNDING, THRESHOLD

# What the dictionary says of each kind.
SEEN = {
    "as_is": "as it is",
    "cell": (
        f"rounded to {ROUNDING}; 1 to {THRESHOLD - 1}, and what would betray them, empty and named in the column suppressed"
    ),
    "derived": f"worked out anew from the rounded counts, empty where the denominator is under {LEAST_DENOMINATOR}",
    "coarse": "with fewer digits",
    "withheld": "left out",
}


@dataclass(frozen=True)
class Column:
    """One column of a public mart; `kind` is as_is, cell, derived, coarse or withheld."""

    name: str
    kind: str
    description: str
    measure: str = ""
    within: str = ""
    adds: str = ""
    persons: str = "true"
    formula: str = ""


@dataclass(frozen=True)
class PublicMart:
    """One public mart: its columns in order and, when it has cells, what its rows are."""

    name: str
    columns: list[Column]
    level: str = "''"
    area: str = "''"
    period: str = "''"
    item: str = "''"
    persons: str = "true"
    sums: dict[str, list[str]] = field(default_factory=dict)
    description: str = ""

    @property
    def cells(self) -> list[Column]:
        return [column for column in self.columns if column.kind == "cell"]


def read_public_marts(nodes: dict[str, Any] | None = None) -> list[PublicMart]:
    """Return the public marts as dbt's manifest has them; raise `ValueError` for a column that is not declared."""
    nodes = nodes or json.loads((TARGET / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    found = []
    for node in sorted(nodes.values(), key=lambda node: str(node["name"])):
        meta = node["config"].get("meta", {})
        if node["resource_type"] == "model" and meta.get("audience") == "public":
            cells = meta.get("cells", {})
            persons = cells.get("persons", PublicMart.persons)
            columns = [_column(node["name"], column, persons) for column in node["columns"].values()]
            description = " ".join(node["description"].split())
            found.append(PublicMart(node["name"], columns, **cells, description=description))
    return found


def _column(mart: str, column: dict[str, Any], persons: str) -> Column:
    meta = column["config"]["meta"]
    told = {key: meta[key] for key in ("public", "cell", "derived", "coarse") if key in meta}
    if len(told) != 1 or told.get("public", "as_is") not in ("as_is", "withheld"):
        raise ValueError(f"{mart}.{column['name']}: say what the public sees of it: public, cell, derived or coarse.")
    [(kind, value)] = told.items()
    return Column(
        name=column["name"],
        kind=str(value) if kind == "public" else kind,
        description=" ".join(column["description"].split()),
        measure=str(value) if kind == "cell" else "",
        within=meta.get("within", ""),
        adds=meta.get("adds", ""),
        persons=meta.get("persons", persons),
        formula=str(value) if kind in ("derived", "coarse") else "",
    )
