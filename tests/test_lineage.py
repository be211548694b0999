"""The lineage events as OpenLineage's own library would write them, and what they must not hold."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    data_quality_assertions_dataset,
    input_statistics_input_dataset,
    job_type_job,
    output_statistics_output_dataset,
    parent_run,
)
from openlineage.client.serde import Serde

from include import retention, settings, warehouse
from include.copies import on_a_copy
from include.lineage import record_build, record_gate, record_release
from tests.conftest import Desk

BEGAN = datetime(2026, 11, 24, 15, tzinfo=UTC)
ROWS = {"read": 12, "accepted": 10, "quarantined": 2, "duplicate": 0, "superseded": 0}


def written() -> list[dict[str, Any]]:
    [file] = settings.LINEAGE.glob("*.jsonl")
    assert file.stat().st_mode & 0o777 == 0o600
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def by_the_library(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event as the library writes one of the same content."""
    made = {
        "parent": lambda f: parent_run.ParentRunFacet(
            run=parent_run.Run(**f["run"]), job=parent_run.Job(**f["job"]), producer=f["_producer"]
        ),
        "jobType": lambda f: job_type_job.JobTypeJobFacet(
            f["processingType"], f["integration"], f["jobType"], producer=f["_producer"]
        ),
        "inputStatistics": lambda f: input_statistics_input_dataset.InputStatisticsInputDatasetFacet(
            f["rowCount"], producer=f["_producer"]
        ),
        "outputStatistics": lambda f: output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            f["rowCount"], producer=f["_producer"]
        ),
        "dataQualityAssertions": lambda f: data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            [data_quality_assertions_dataset.Assertion(**one) for one in f["assertions"]], producer=f["_producer"]
        ),
    }

    def facets(holder: dict[str, Any], name: str = "facets") -> dict[str, Any]:
        return {key: made[key](facet) for key, facet in holder.get(name, {}).items()}

    told = RunEvent(
        eventType=RunState[event["eventType"]],
        eventTime=event["eventTime"],
        run=Run(event["run"]["runId"], facets(event["run"])),
        job=Job(event["job"]["namespace"], event["job"]["name"], facets(event["job"])),
        inputs=[
            InputDataset(one["namespace"], one["name"], facets=facets(one), inputFacets=facets(one, "inputFacets"))
            for one in event["inputs"]
        ],
        outputs=[
            OutputDataset(one["namespace"], one["name"], facets=facets(one), outputFacets=facets(one, "outputFacets"))
            for one in event["outputs"]
        ],
        producer=event["producer"],
    )
    return json.loads(Serde.to_json(told))


def without_empty(value: Any) -> Any:
    """The library writes what is empty, we leave it out."""
    if isinstance(value, dict):
        return {key: without_empty(part) for key, part in value.items() if key not in HOLDERS or part}
    return [without_empty(part) for part in value] if isinstance(value, list) else value


HOLDERS = ("facets", "inputFacets", "outputFacets", "params")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """dbt's own files of a build of two models, one of which failed, and a test."""
    folder = tmp_path / "dbt"
    folder.mkdir()

    def node(kind: str, schema: str, name: str, *after: str) -> dict[str, Any]:
        return {"resource_type": kind, "schema": schema, "name": name, "depends_on": {"nodes": list(after)}}

    nodes = {
        "seed.tegak.ref": node("seed", "seeds", "ref_desa"),
        "model.tegak.stg": node("model", "staging", "stg_uji", "source.tegak.uji.timbang", "seed.tegak.ref"),
        "model.tegak.mart": node("model", "marts", "mart", "model.tegak.stg"),
        "test.tegak.unique": node("test", "tests", "unique_mart", "model.tegak.mart"),
    }
    sources = {"source.tegak.uji.timbang": {"resource_type": "source", "source_name": "uji", "name": "timbang"}}
    timing = [{"started_at": "2026-11-24T15:00:01.000000Z", "completed_at": "2026-11-24T15:00:02.000000Z"}]
    results = [
        {"unique_id": id_, "status": status, "timing": timing, "message": "could not convert 'SITI AMINAH'"}
        for id_, status in (
            ("seed.tegak.ref", "success"),
            ("model.tegak.stg", "success"),
            ("model.tegak.mart", "error"),
            ("test.tegak.unique", "fail"),
        )
    ]
    (folder / "manifest.json").write_text(json.dumps({"nodes": nodes, "sources": sources}), encoding="utf-8")
    (folder / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    return folder


def test_the_events_are_those_of_the_library(data: Path, desk: Desk, timbang: Any, target: Path) -> None:
    desk.con.execute(
        "insert into audit.expectation_results (agency, dataset, expectation, column_name, severity, success) "
        "values ('uji', 'timbang', 'nik.not_null', 'nik', 'error', false), ('uji', 'timbang', 'volume', null, 'warning', true)"
    )
    record_gate(desk.con, timbang, ROWS, BEGAN)
    record_build(target, BEGAN)
    (data / "r" / "public").mkdir(parents=True)
    (data / "r" / "public" / "mart.parquet").touch()
    record_release(data / "r", ["mart"], BEGAN)
    events = written()
    assert len(events) == 2 + (2 + 2 * 2) + 2
    for event in events:
        assert without_empty(by_the_library(event)) == event
    assert {assertion["assertion"] for assertion in read_rules(events)} == {"nik.not_null", "volume"}


def read_rules(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    [read] = events[1]["inputs"]
    return read["inputFacets"]["dataQualityAssertions"]["assertions"]


def test_a_number_leads_back_to_the_deliveries(data: Path, desk: Desk, timbang: Any, target: Path) -> None:
    record_gate(desk.con, timbang, ROWS, BEGAN)
    record_build(target, BEGAN)
    (data / "r" / "public").mkdir(parents=True)
    (data / "r" / "public" / "mart.parquet").touch()
    (data / "r" / "public" / "no_mart.parquet").touch()
    record_release(data / "r", ["mart"], BEGAN)
    made_of = {
        output["name"]: {one["name"] for one in event["inputs"]} for event in written() for output in event["outputs"]
    }
    assert made_of == {
        "uji/timbang": {"archive/uji/timbang"},
        "staging/stg_uji": {"uji/timbang", "seeds/ref_desa"},
        "marts/mart": {"staging/stg_uji"},
        "public/mart": {"marts/mart"},
    }
    kinds = {event["job"]["name"]: event["eventType"] for event in written()}
    assert kinds["dbt.stg_uji"] == "COMPLETE"
    assert kinds["dbt.mart"] == kinds["stunting_mart.build"] == "FAIL"


def test_no_message_and_no_cell_is_in_an_event(data: Path, target: Path) -> None:
    record_build(target, BEGAN)
    assert "SITI" not in json.dumps(written())


def test_a_build_that_did_not_begin_records_nothing(data: Path, target: Path) -> None:
    old = (BEGAN - timedelta(days=1)).timestamp()
    os.utime(target / "run_results.json", (old, old))
    record_build(target, BEGAN)
    (target / "run_results.json").unlink()
    record_build(target, BEGAN)
    assert not settings.LINEAGE.exists()


def test_a_preview_leaves_no_lineage(data: Path, timbang: Any) -> None:
    with warehouse.connect():
        pass
    with on_a_copy(data / "copy.duckdb"), warehouse.connect() as con:
        record_gate(con, timbang, ROWS, BEGAN)
        assert list(data.glob("copy.lineage/*.jsonl"))
    assert data / "lineage" == settings.LINEAGE
    assert not settings.LINEAGE.exists()


def test_a_month_goes_when_its_time_is_over(data: Path, desk: Desk, timbang: Any) -> None:
    record_gate(desk.con, timbang, ROWS, BEGAN)
    keep = retention.read_rules()["lineage"].keep_days
    assert retention.due(datetime.now(UTC) + timedelta(days=keep - 1)) == []
    [due] = retention.due(datetime.now(UTC) + timedelta(days=keep + 1))
    assert due.path.parent == settings.LINEAGE
