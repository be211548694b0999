"""Tells in OpenLineage's words what was made of what: `data/lineage/<month>.jsonl`, one RunEvent per line.

Three jobs report: each gate (archive -> typed rows), each model of a dbt build, and publishing. A tool that reads
OpenLineage files follows a number from the release to the deliveries. Names of tables and counts of rows only: no cell,
no name of a file. The events are written by hand, as Airflow's own provider leaves out assets of a scheme of ours and
costs each task a fifth of a second of computing; `tests/test_lineage.py` reads them with OpenLineage's own library.
"""

import json
import os
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from include import settings
from include.contract import Dataset

NAMESPACE = "tegak"
PRODUCER = "urn:tegak:lineage"
_SPEC = "https://openlineage.io/spec"
EVENT = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
# the versions of the facets' schemas
_FACETS = {
    "parent": f"{_SPEC}/facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet",
    "jobType": f"{_SPEC}/facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet",
    "inputStatistics": f"{_SPEC}/facets/1-0-0/InputStatisticsInputDatasetFacet.json#/$defs/InputStatisticsInputDatasetFacet",
    "outputStatistics": f"{_SPEC}/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
    "dataQualityAssertions": f"{_SPEC}/facets/1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet",
}
_BUILT = ("model", "snapshot")


def record_gate(con: duckdb.DuckDBPyConnection, dataset: Dataset, rows: dict[str, int], began: datetime) -> None:
    """Record what a gate let through: `rows` read and accepted of the deliveries it judged, and the rules it tried."""
    tried = con.execute(
        "select expectation as assertion, success, column_name as column from audit.expectation_results "
        "where agency = ? and dataset = ? order by all",
        [dataset.agency, dataset.name],
    ).fetchall()
    assertions = [
        {"assertion": name, "success": success} | ({"column": column} if column else {})
        for name, success, column in tried
    ]
    name = f"{dataset.agency}/{dataset.name}"
    found = _facet("inputStatistics", rowCount=rows["read"]) | _facet("dataQualityAssertions", assertions=assertions)
    read = _dataset(f"archive/{name}") | {"inputFacets": found}
    kept = _dataset(name) | {"outputFacets": _facet("outputStatistics", rowCount=rows["accepted"])}
    job = _job(f"ingest_{dataset.agency}.{dataset.name}.gate", "AIRFLOW", "TASK")
    _write(_events(_run(), job, [read], [kept], began, datetime.now(UTC)))


def record_build(target: Path, began: datetime) -> None:
    """Record each model that a dbt build made since a moment, from its artifacts in `target`; a failed one as such."""
    results = _results(target, began)
    if not results:
        return
    nodes, sources = _nodes(target)
    build_job, build_run = _job("stunting_mart.build", "AIRFLOW", "TASK"), _run()
    parent = _facet("parent", run=build_run, job={"namespace": _namespace(), "name": build_job["name"]})
    events: list[dict[str, Any]] = []
    for one in results:
        node = nodes.get(one["unique_id"])
        if not node or node["resource_type"] not in _BUILT:  # an exposure is no node
            continue
        started, ended = (datetime.fromisoformat(moment) for moment in _span(one["timing"]))
        inputs = [_dataset(_name(nodes.get(id_) or sources[id_])) for id_ in sorted(node["depends_on"]["nodes"])]
        job = _job(f"dbt.{node['name']}", "DBT", node["resource_type"].upper())
        is_good = one["status"] == "success"
        events += _events({**_run(), "facets": parent}, job, inputs, [_dataset(_name(node))], started, ended, is_good)
    is_good = all(event["eventType"] != "FAIL" for event in events)
    whole = _events(build_run, build_job, [], [], began, datetime.now(UTC), is_good)
    _write([whole[0], *events, whole[1]])


def record_release(release: Path, marts: Iterable[str], began: datetime) -> None:
    """Record which marts a release has in which zone."""
    names = set(marts)
    outputs = [
        _dataset(f"{file.parent.name}/{file.stem}")
        for file in sorted(release.glob("*/*.parquet"))
        if file.stem in names
    ]
    inputs = [_dataset(f"marts/{name}") for name in sorted(names)]
    job = _job("stunting_mart.publish", "AIRFLOW", "TASK")
    _write(_events(_run(), job, inputs, outputs, began, datetime.now(UTC)))


def _results(target: Path, since: datetime) -> list[dict[str, Any]]:
    """Return what ran. A build that stopped before its first model leaves the file of the last one."""
    file = target / "run_results.json"
    if not file.exists() or datetime.fromtimestamp(file.stat().st_mtime, UTC) < since:
        return []
    return [one for one in json.loads(file.read_text(encoding="utf-8"))["results"] if one["timing"]]


def _nodes(target: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return manifest["nodes"], manifest["sources"]


def _name(node: dict[str, Any]) -> str:
    """A source is called as its gate calls it, all else by its schema and name."""
    return f"{node['source_name'] if node['resource_type'] == 'source' else node['schema']}/{node['name']}"


def _span(timing: list[dict[str, str]]) -> tuple[str, str]:
    return timing[0]["started_at"], timing[-1]["completed_at"]


def _events(
    run: dict[str, Any],
    job: dict[str, Any],
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
    began: datetime,
    ended: datetime,
    is_good: bool = True,
) -> list[dict[str, Any]]:
    """Return the two events of a run that has ended."""
    same = {"run": run, "job": job, "producer": PRODUCER, "schemaURL": EVENT}
    return [
        {"eventType": "START", "eventTime": began.isoformat(), **same, "inputs": [], "outputs": []},
        {
            "eventType": "COMPLETE" if is_good else "FAIL",
            "eventTime": ended.isoformat(),
            **same,
            "inputs": inputs,
            "outputs": outputs,
        },
    ]


def _run() -> dict[str, Any]:
    return {"runId": str(uuid.uuid4())}


def _job(name: str, integration: str, kind: str) -> dict[str, Any]:
    facet = _facet("jobType", processingType="BATCH", integration=integration, jobType=kind)
    return {"namespace": _namespace(), "name": name, "facets": facet}


def _dataset(name: str) -> dict[str, Any]:
    return {"namespace": _namespace(), "name": name}


def _namespace() -> str:
    return settings.REGENCY.named(NAMESPACE)


def _facet(name: str, **content: Any) -> dict[str, Any]:
    return {name: {"_producer": PRODUCER, "_schemaURL": _FACETS[name], **content}}


def _write(events: list[dict[str, Any]]) -> None:
    settings.LINEAGE.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in events)
    file = settings.LINEAGE / f"{datetime.now(UTC):%Y-%m}.jsonl"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
