"""The project's own rules, checked on dbt's manifest: what a reviewer would otherwise have to look for."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include import settings
from include.byname import LISTS
from include.disclosure.registry import read_public_marts
from include.star import SHEETS

SUPERSET = settings.ROOT / "include" / "superset" / "assets"
MOST_LINES = 100  # of code, comments not counted
PREFIXES = {"staging": "stg_", "intermediate": "int_"}
PII_OF_SOURCES = {"none", "quasi", "direct"}
PII_OF_MARTS = {"none", "quasi", "pseudonym"}
# What is made of a measured body after birth, models and columns; the risk side must not rest on it.
BODY = {
    "int_measurements_linked",
    "int_measurements",
    "int_measurements_corrected",
    "int_measurements_scored",
    "int_measurements_compared",
    "int_growth_between_weighings",
    "int_heights_compared",
    "int_height_changes",
    "int_child_posyandu",
    "int_area_weighings_counted",
    "int_area_scores_counted",
    "int_child_months_measured",
    "int_child_months_carried",
}
BODY_COLUMNS = re.compile(
    r"\b(height_cm|corrected_height_cm|weight_kg|muac_cm|head_cm|bmi|position|has_oedema|(last_)?(haz|waz|whz|baz)|acz|hcz"
    r"|is_stunted|is_severely_stunted|is_underweight|is_wasted|is_severely_wasted|weight_gain_code|is_2t|haz_change|is_faltering)\b"
)
RISK = ("int_child_risk_factors", "int_risk_profile_factors", "int_risk_profile_scores")
# The date of the oldest input, of what was counted, received or computed, of a survey, or from which a target holds.
DATES = re.compile(r"(^|_)as_of$|^(received|computed|changed|observed)_on$|^valid_from$")
PLACES = {"kecamatan_name": "kecamatan", "desa_name": "desa"}
# Of an area or of WHO's tables and not of a person: there a name may have another class.
NOT_OF_PERSONS = (
    "area_estimates",
    "agencies",
    "convergence",
    "data_quality",
    "dim_",
    "fact_",
    "krs_by_",
    "opd_progress",
    "budget_progress",
    "indicator_catalogue",
    "measurement_index",
    "semester_report",
    "stunting_by_",
    "stunting_path",
    "desa_",
    "int_area_",
    "int_convergence_",
    "int_kecamatan_",
    "int_desa_",
    "int_growth_quarters",
    "int_indicator",
    "int_puskesmas_",
    "int_who_",
)

# Numbers that a public mart publishes as they are: targets, money, lines of a form, accuracy on invented data.
NOT_OF_PERSONS_COUNTED = {
    *("target_pct", "target_year", "line_no", "quarters_used", "budget_rp", "spent_rp", "spent_pct", "sub_activities"),
    *("precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high"),
    *("f1", "f1_low", "f1_high", "review_pct"),
}

# Marts that nothing of ours shows, and who reads them.
ASKED_BY_HAND = {
    "child_changes": "who kept a child's key of an older release finds its new one",
    "reconciliation": "analysts who compare register and survey, fault by fault",
    "risk_calibration": "analysts who judge the score, with risk_quality",
    "stunting_risk": "analysts of the task force; officers get visit_list, which is made of it",
}

Node = dict[str, Any]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Parse the project once; no database is opened."""
    target = tmp_path_factory.mktemp("dbt")
    project = ["--project-dir", str(settings.DBT_PROJECT), "--profiles-dir", str(settings.DBT_PROJECT)]
    output = ["--target-path", str(target), "--log-path", str(target)]
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "parse", *project, *output],
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


def code_of(model: Node) -> str:
    return re.sub(r"--.*", "", model["raw_code"])


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


@pytest.mark.parametrize(("column", "role"), PLACES.items(), ids=PLACES)
def test_every_place_an_agency_writes_is_looked_up(
    manifest: Node, models: dict[str, Node], column: str, role: str
) -> None:
    """Otherwise a new agency's desa would silently be unknown: names get their codes by the role of their column."""
    roles = {
        source["unique_id"]: {one["config"]["meta"].get("link") for one in source["columns"].values()}
        for source in manifest["sources"].values()
    }
    naming = {
        source
        for model in models.values()
        if layer(model) == "staging" and re.search(rf"\b{column}\b", code_of(model))
        for source in model["depends_on"]["nodes"]
    }
    assert naming
    assert {source for source in naming if role not in roles[source]} == set()
    assert 'feeds_with("kecamatan")' in models["int_places_written"]["raw_code"]


def test_staging_reads_only_believed_rows(models: dict[str, Node]) -> None:
    """The audit's own records have no status of this kind."""
    careless = [
        name
        for name, model in models.items()
        if layer(model) == "staging" and "audit" not in name and "where {{ is_believed() }}" not in model["raw_code"]
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
            assert words & {"unique", "unique_combination"}, name


def test_every_mart_with_figures_says_how_old_they_are(models: dict[str, Node]) -> None:
    """A figure is as old as the oldest thing it rests on, and says so in a column of its own."""
    figures = {"integer", "bigint", "double"}
    dateless = {
        name
        for name, model in models.items()
        if layer(model) == "marts"
        and any(column["data_type"] in figures for column in model["columns"].values())
        and not any(DATES.search(column) for column in model["columns"])
    }
    assert dateless == set()


def test_columns_of_sources_are_described_and_classed(manifest: Node) -> None:
    for name, column in columns(list(manifest["sources"].values())):
        assert column["description"].strip(), name
        assert column["config"]["meta"]["pii"] in PII_OF_SOURCES, name


def test_columns_of_marts_are_described_and_classed_and_none_is_direct(models: dict[str, Node]) -> None:
    for name, column in columns([model for model in models.values() if layer(model) == "marts"]):
        assert column["description"].strip(), name
        assert column["config"]["meta"]["pii"] in PII_OF_MARTS, name


def test_each_mart_says_who_may_see_it_and_none_of_the_public_ones_has_a_pseudonym(models: dict[str, Node]) -> None:
    for model in (model for model in models.values() if layer(model) == "marts"):
        audience = model["config"]["meta"].get("audience")
        assert audience in ("public", "task_force"), model["name"]
        if audience == "public":
            assert "pseudonym" not in {column["config"]["meta"]["pii"] for _, column in columns([model])}, model["name"]


def test_each_column_of_a_public_mart_says_what_the_public_sees(manifest: Node, models: dict[str, Node]) -> None:
    """A count that is no cell, or a figure that is worked out from exact counts, would leave unprotected."""
    marts = read_public_marts(manifest["nodes"])
    assert len(marts) > 10
    measures = {column.measure for mart in marts for column in mart.cells}
    for mart in marts:
        for column in mart.columns:
            name = f"{mart.name}.{column.name}"
            number = models[mart.name]["columns"][column.name]["data_type"] in ("integer", "bigint", "double")
            # a number that is published as it is: of rules, money, invented data; not of persons
            assert not (number and column.kind == "as_is") or column.name in NOT_OF_PERSONS_COUNTED, name
            assert {column.within, column.adds} <= measures | {""}, name
            assert column.kind != "coarse" or int(column.formula) <= 2, name
        assert set(mart.sums) <= {column.name for column in mart.cells}


def test_each_mart_is_shown_somewhere_or_told_why_not(manifest: Node, models: dict[str, Node]) -> None:
    """The exposures say who is hit when a mart changes: one that stands nowhere is forgotten, or not needed."""
    marts = {name for name, model in models.items() if layer(model) == "marts"}
    shown = {
        one["name"]: {node.rsplit(".", 1)[1] for node in one["depends_on"]["nodes"]} for one in exposures(manifest)
    }
    assert marts - set().union(*shown.values()) == ASKED_BY_HAND.keys()
    assert {name for name in shown if not shown[name] <= marts} == set()


def exposures(manifest: Node) -> list[Node]:
    return list(manifest["exposures"].values())


def test_the_exposures_name_what_their_code_reads(manifest: Node, models: dict[str, Node]) -> None:
    """Those that are one place of our code; the site and the prints are many."""
    queries = [path.read_text(encoding="utf-8") for path in (SUPERSET / "datasets").glob("*.yaml")]
    read = {
        "workbook": {sheet.table for sheet in SHEETS},
        "superset_dashboard": {name for name in models if re.search(rf"\b{name}\b", " ".join(queries))},
        "by_name_lists": set(LISTS),
    }
    told = {one["name"]: {node.rsplit(".", 1)[1] for node in one["depends_on"]["nodes"]} for one in exposures(manifest)}
    assert {name: told[name] for name in read} == read


def test_the_star_shares_its_cells_with_the_marts_it_is_made_of(manifest: Node) -> None:
    """The same measure, level, area and period is the same count: then a fact tells nothing that is not told already."""
    marts = {mart.name: mart for mart in read_public_marts(manifest["nodes"])}
    for fact, source, renamed in (
        ("fact_stunting", "stunting_by_desa", {}),
        ("fact_indicator", "opd_progress", {"month": "quarter", "desa_code": "area_code"}),
    ):
        mart, of = marts[fact], marts[source]
        assert {c.name: (c.measure, c.within) for c in mart.cells} == {c.name: (c.measure, c.within) for c in of.cells}
        assert (mart.item, mart.persons) == (of.item, of.persons)
        assert mart.level == "'desa'"
        assert {renamed.get(mart.area, mart.area), renamed.get(mart.period, mart.period)} == {of.area, of.period}


def test_each_key_of_a_fact_is_tested_against_its_dimension(manifest: Node, models: dict[str, Node]) -> None:
    for fact in (name for name in models if name.startswith("fact_")):
        tested = {
            test["test_metadata"]["kwargs"]["column_name"]
            for test in generic_tests_on(manifest, models[fact])
            if test["test_metadata"]["name"] == "relationships"
        }
        keys = {"desa_code", "kecamatan_code", "puskesmas_code", "month", "agency", "indicator_id"}
        assert tested == keys & models[fact]["columns"].keys(), fact


def test_threshold_and_rounding_stand_in_one_place() -> None:
    files = [*(settings.ROOT / "include" / "disclosure").glob("*.py"), settings.ROOT / "include" / "release.py"]
    placed = [
        file.name for file in files for _ in re.findall(r"^(?:THRESHOLD|ROUNDING) = ", file.read_text(), re.MULTILINE)
    ]
    assert placed == ["__init__.py", "__init__.py"]


def test_columns_described_elsewhere_are_classed(models: dict[str, Node]) -> None:
    for name, column in columns(list(models.values())):
        assert column["config"]["meta"].get("pii"), name


def test_one_name_has_one_class(manifest: Node, models: dict[str, Node]) -> None:
    # a delivery without a single name or number of a person is of areas
    named = [
        s for s in manifest["sources"].values() if any(c["config"]["meta"]["pii"] == "direct" for _, c in columns([s]))
    ]
    people = [*named, *(m for m in models.values() if not m["name"].startswith(NOT_OF_PERSONS))]
    classes: dict[str, dict[str, list[str]]] = {}
    for name, column in columns(people):
        pii = column["config"]["meta"]["pii"]
        classes.setdefault(column["name"], {}).setdefault(pii, []).append(name)
    assert {name: found for name, found in classes.items() if len(found) > 1} == {}


def test_no_model_is_long(models: dict[str, Node]) -> None:
    lengths = {name: len(re.findall(r"^ *(?!--)\S", model["raw_code"], re.MULTILINE)) for name, model in models.items()}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_models_use_the_portable_subset(models: dict[str, Node]) -> None:
    """Words that only one engine knows; the same models shall run on Spark one day."""
    for name, model in models.items():
        code = code_of(model).lower()
        for word in (r"\basof\b", r"\bpivot\b", r"\bby name\b", r"\* replace", r"//", r"\bqualify\b"):
            assert not re.search(word, code), f"{name}: {word}"


@pytest.mark.parametrize("risk", RISK)
def test_risk_does_not_rest_on_the_measured_body(manifest: Node, models: dict[str, Node], risk: str) -> None:
    """No model of the body is among the ancestors, and no ancestor behind staging names a column of the body."""
    assert models.keys() >= BODY
    behind = ancestors(manifest, models[risk]["unique_id"])
    assert behind & BODY == set()
    read = {name: BODY_COLUMNS.findall(code_of(models[name])) for name in (behind & models.keys()) | {risk}}
    assert {name for name, words in read.items() if words and layer(models[name]) != "staging"} == set()


@pytest.mark.parametrize("risk", RISK)
def test_families_at_risk_are_no_part_of_the_score(manifest: Node, models: dict[str, Node], risk: str) -> None:
    """BKKBN's list says whom to accompany; a score that knew it would foretell who is accompanied."""
    listed = {name for name in models if name.startswith(("int_krs_", "int_bkkbn_", "int_card_rounds"))}
    assert listed
    assert ancestors(manifest, models[risk]["unique_id"]) & listed == set()


def test_factors_and_points_name_the_same_factors(models: dict[str, Node]) -> None:
    with (settings.SEEDS / "rules" / "risk_points.csv").open(newline="", encoding="utf-8") as file:
        factors = {row["factor"] for row in csv.DictReader(file)}
    unpivoted = re.findall(r"'(\w+)'", code_of(models["int_risk_profile_factors"]))
    [profile] = re.findall(r"risk_profile\(\s*\[(.*?)\]", code_of(models["int_child_risk_factors"]), re.DOTALL)
    assert sorted(unpivoted) == sorted(re.findall(r'"(\w+)"', profile)) == sorted(factors)


def test_an_indicator_is_counted_exactly_when_it_has_a_source(models: dict[str, Node]) -> None:
    """Else the catalogue would name a source without figures, or figures without a source."""
    with (settings.SEEDS / "indicators" / "indicators.csv").open(newline="", encoding="utf-8") as file:
        indicators = {row["indicator_id"]: row["source"] for row in csv.DictReader(file)}
    counting = [code_of(model) for name, model in models.items() if name.startswith("int_indicators_")]
    counted = {name for code in counting for name in re.findall(r"""["'](\w+)["']""", code)} & indicators.keys()
    assert counted == {name for name, source in indicators.items() if source}
