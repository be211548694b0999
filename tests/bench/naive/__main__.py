"""One run of the naive DAG: `python -m tests.bench.naive <every how many models one is a task of its own>`.

1 is the design as it stands. A larger number is a sample: the models between are built by one `dbt run`, and the time
of all is reckoned from those that were alone.
"""

import graphlib
import json
import os
import sys

import duckdb

from include import warehouse
from tests.bench.naive.steps import DAGS, Group, dbt, home, write_groups

BUILT = {"model": "run", "snapshot": "snapshot"}


def main(every: int) -> int:
    with duckdb.connect(os.environ["NAIVE_WAREHOUSE"]) as con:
        warehouse.prepare(con)
    dbt("parse")
    write_groups(group_models(json.loads((home() / "dbt" / "manifest.json").read_text(encoding="utf-8")), every))
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.state import DagRunState

    bag = DagBag(DAGS)
    assert not bag.import_errors, bag.import_errors
    return 0 if bag.dags["naive"].test().state == DagRunState.SUCCESS else 1


def group_models(manifest: dict, every: int) -> list[Group]:
    """Return the models in the order in which they read each other, every so many alone, those between together."""
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in BUILT}
    parents = {key: [p for p in node["depends_on"]["nodes"] if p in nodes] for key, node in nodes.items()}
    order = list(graphlib.TopologicalSorter(parents).static_order())
    parts: list[list[str]] = []
    is_open = False  # whether the last part takes more models
    for number, key in enumerate(order):
        is_alone = number % every == 0 or nodes[key]["resource_type"] == "snapshot"
        if is_alone or not is_open:
            parts.append([])
        parts[-1].append(key)
        is_open = not is_alone
    return [
        Group(
            nodes[part[0]]["name"],
            BUILT[nodes[part[0]]["resource_type"]],
            [nodes[key]["name"] for key in part],
            sorted({nodes[parent]["name"] for key in part for parent in parents[key]}),
        )
        for part in parts
    ]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
