"""The project's own rules, checked on dbt's manifest: what a reviewer would otherwise have to look for."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include import settings

MOST_LINES = 100  # of code, comments not counted
PREFIXES = {"staging": "stg_", "intermediate": "int_"}
PII_OF_SOURCES = {"none", "quasi", "direct"}
PII_OF_MARTS = {"none", "quasi", "pseudonym"}
# What is made of a measured body after birth; the risk side must not rest on it.
BODY = {"int_measurements_corrected", "int_measurements_scored", "int_child_month_status"}
RISK = ("int_child_risk_factors", "int_risk_profile_factors", "int_risk_profile_scores")

Node = dict[str, Any]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Parse the project once; no database is opened."""
    target = tmp_path_factory.mktemp("dbt")
    project = ["--project-dir", str(settings.DBT_PROJECT), "--profiles-dir", str(settings.DBT_PROJECT)]
    output = ["--target-path", str(target), "--log-path", str(target)]
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "parse", *project, *output],
        env=os.environ | {"TEGAK_WAREHOUSE": str(target / "unused.duckdb")},
        check=True,
    )
    return json.loads((target / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def models(manifest: Node) -> dict[str, Node]:
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


def layer(model: Node) -> str:
    return Path(model["original_file_path"]).parts[1]


def columns(nodes: Iterator[Node] | list[Node]) -> Iterator[tuple[str, Node]]:
    for node in nodes:
        for column in node["columns"].values():
            yield f"{node['name']}.{column['name']}", column


def generic_tests_on(manifest: Node, model: Node) -> list[Node]:
    nodes = manifest["nodes"].values()
    return [
        node for node in nodes if node["resource_type"] == "test" and node.get("attached_node") == model["unique_id"]
    ]


def ancestors(manifest: Node, start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for parent in manifest["parent_map"][waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return {unique_id.rsplit(".", 1)[1] for unique_id in found}


def test_only_staging_reads_sources(models: dict[str, Node]) -> None:
    readers = {name for name, model in models.items() if model["sources"]}
    assert {name for name in readers if layer(models[name]) != "staging"} == set()


def test_each_source_table_has_one_staging_model(manifest: Node, models: dict[str, Node]) -> None:
    read = sorted(".".join(source) for model in models.values() for source in model["sources"])
    tables = sorted(f"{source['source_name']}.{source['name']}" for source in manifest["sources"].values())
    assert read == tables


def test_staging_reads_only_accepted_rows(models: dict[str, Node]) -> None:
    """The audit's own records have no status of this kind."""
    careless = [
        name
        for name, model in models.items()
        if layer(model) == "staging" and "audit" not in name and "where _status = 'accepted'" not in model["raw_code"]
    ]
    assert careless == []


def test_names_begin_with_their_folders_prefix(models: dict[str, Node]) -> None:
    for name, model in models.items():
        prefix = PREFIXES.get(layer(model), "")
        assert name.startswith(prefix), f"{name} lies in {layer(model)}"
        if layer(model) == "staging":
            assert name.split("__")[0] == f"stg_{Path(model['original_file_path']).parts[2]}", name
        elif not prefix:
            assert not name.startswith(tuple(PREFIXES.values())), name


def test_marts_read_only_intermediate_models_marts_and_seeds(manifest: Node, models: dict[str, Node]) -> None:
    for name, model in models.items():
        if layer(model) == "marts":
            parents = [manifest["nodes"].get(unique_id) for unique_id in model["depends_on"]["nodes"]]
            staged = {parent["name"] for parent in parents if parent and parent["name"].startswith("stg_")}
            assert staged - {"stg_audit__deliveries"} == set(), name


def test_every_model_says_its_grain_first(models: dict[str, Node]) -> None:
    vague = [name for name, model in models.items() if not model["description"].startswith("One row per ")]
    assert vague == []


def test_marts_have_an_enforced_contract_and_a_tested_key(manifest: Node, models: dict[str, Node]) -> None:
    for name, model in models.items():
        if layer(model) == "marts":
            assert model["config"]["contract"]["enforced"], name
            words = {test["test_metadata"]["name"] for test in generic_tests_on(manifest, model)}
            assert "unique" in words, name


def test_columns_of_sources_are_described_and_classed(manifest: Node) -> None:
    for name, column in columns(list(manifest["sources"].values())):
        assert column["description"].strip(), name
        assert column["config"]["meta"]["pii"] in PII_OF_SOURCES, name


def test_columns_of_marts_are_described_and_classed_and_none_is_direct(models: dict[str, Node]) -> None:
    for name, column in columns([model for model in models.values() if layer(model) == "marts"]):
        assert column["description"].strip(), name
        assert column["config"]["meta"]["pii"] in PII_OF_MARTS, name


def test_columns_described_elsewhere_are_classed(models: dict[str, Node]) -> None:
    for name, column in columns(list(models.values())):
        assert column["config"]["meta"].get("pii"), name


def test_no_model_is_long(models: dict[str, Node]) -> None:
    lengths = {name: len(re.findall(r"^ *(?!--)\S", model["raw_code"], re.MULTILINE)) for name, model in models.items()}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_models_use_the_portable_subset(models: dict[str, Node]) -> None:
    """Words that only one engine knows; the same models shall run on Spark one day."""
    for name, model in models.items():
        code = re.sub(r"--.*", "", model["raw_code"]).lower()
        for word in (r"\basof\b", r"\bpivot\b", r"\bby name\b", r"\* replace", r"//", r"\bqualify\b"):
            assert not re.search(word, code), f"{name}: {word}"


@pytest.mark.parametrize("risk", RISK)
def test_risk_does_not_rest_on_the_measured_body(manifest: Node, models: dict[str, Node], risk: str) -> None:
    assert models.keys() >= BODY
    assert ancestors(manifest, models[risk]["unique_id"]) & BODY == set()


def test_factors_and_points_name_the_same_factors(models: dict[str, Node]) -> None:
    seed = (settings.SEEDS / "rules" / "risk_points.csv").read_text(encoding="utf-8").splitlines()[1:]
    code = models["int_risk_profile_factors"]["raw_code"]
    assert {line.split(",")[0] for line in seed} == {word for line in seed if (word := line.split(",")[0]) in code}
