"""Estimates the points of record linkage from the regency's own records, with Splink, an optional extra.

    python -m include.linkage.estimate

Writes the seed linkage_points.csv anew, and charts into data/linkage/charts. Nothing of it runs at night: points are
data, and they move by this command only. Splink sees the same levels as the SQL of the models, from the one macro
that declares them.
"""

import csv
import importlib
import json
import logging
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import jinja2
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from include import settings, warehouse
from include.console import CONSOLE
from include.linkage.pair_book import folder
from include.problem import Problem, run

Levels = dict[str, list[tuple[str, str]]]
"""Of each comparison, its levels in order: a name, and a condition on `l.<column>` and `r.<column>`."""
Probabilities = Mapping[tuple[str, str], Mapping[str, Any]]
"""What of a (comparison, level) is fixed before training."""

MACRO = settings.DBT_PROJECT / "macros" / "linkage_levels.sql"
POINTS = settings.SEEDS / "linkage" / "linkage_points.csv"

# A level at which one of the two records says nothing: no evidence, and no part of any estimate.
MISSING = "missing"
# A NIK with one digit off is too rare among strangers for a sample of pairs to hold any: 1 in 300,000, from the count
# of the last serials that 16 digits less one leave open.
FIXED: Probabilities = {("nik", "one_off"): {"u_probability": 3e-6, "fix_u_probability": True}}

# What a rule compares it cannot estimate, so that each comparison needs another rule that leaves it free.
TRAINING_RULES = (
    "l.born_on = r.born_on",
    "l.name_key = r.name_key",
    "l.nik = r.nik",
)
SURE_RULES = ("l.nik = r.nik", "l.name_key = r.name_key and l.born_on = r.born_on")
SURE_RULES_FIND = 0.7
RANDOM_PAIRS = 5e6
PAIRS_A_RULE = 1e6
SEED = 3604
# A share below this rests on a handful of pairs: the level counts as one that never occurs.
RAREST = 1e-6


class EstimateError(Problem):
    """The points cannot be estimated; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Estimate:
    """The shares of matches (m) and of strangers (u) at one level, as Splink found them; None where it saw none."""

    m: float | None
    u: float | None

    @property
    def points(self) -> int | None:
        """Decibans: ten points say ten times more often among matches than among strangers."""
        if self.m is None or self.u is None or min(self.m, self.u) < RAREST:
            return None
        return round(10 * math.log10(self.m / self.u))


Estimates = dict[tuple[str, str], Estimate]


def read_levels() -> Levels:
    """Return the levels that the macro declares, as the models see them."""
    macros: Any = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(MACRO.read_text(encoding="utf-8")).module
    levels: dict[str, list[list[str]]] = json.loads(macros.linkage_levels())
    return {comparison: [(name, sql) for name, sql in rows] for comparison, rows in levels.items()}


def read_points() -> list[dict[str, str]]:
    """Return the rows of the seed of points."""
    with POINTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_points(rows: list[dict[str, str]]) -> None:
    """Write the seed of points whole or not at all."""
    new = POINTS.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["comparison", "level", "points", "note"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    new.replace(POINTS)


def splink_settings(
    levels: Levels, link_type: str, probabilities: Probabilities = FIXED, blocks: Iterable[str] = ()
) -> dict[str, Any]:
    """Return our levels as settings of Splink."""
    return {
        "link_type": link_type,
        "unique_id_column_name": "record_id",
        "comparisons": [
            {
                "output_column_name": comparison,
                "comparison_levels": [
                    _splink_level(name, sql, probabilities.get((comparison, name), {})) for name, sql in rows
                ],
            }
            for comparison, rows in levels.items()
        ],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in blocks],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "max_iterations": 50,
    }


def _splink_level(name: str, sql: str, fixed: Mapping[str, Any]) -> dict[str, Any]:
    condition = "ELSE" if sql.strip() == "true" else re.sub(r"\b([lr])\.(\w+)", r"\2_\1", sql)
    if name == MISSING:
        return {"sql_condition": condition, "label_for_charts": name, "is_null_level": True}
    return {"sql_condition": condition, "label_for_charts": name, **fixed}


def make_linker(con: duckdb.DuckDBPyConnection, records: str, model: dict[str, Any]) -> Any:
    """Return a Splink linker over a table of records, one input a register."""
    try:
        splink = importlib.import_module("splink")
    except ModuleNotFoundError as error:
        raise EstimateError(
            "Splink is not installed; add the extra with: "
            "VIRTUAL_ENV=.venv .venv/bin/uv pip install --require-hashes -r requirements-linkage.txt"
        ) from error
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = splink.DuckDBAPI(connection=con)
    if model["link_type"] == "dedupe_only":
        return splink.Linker(database.register(records), model, log_level=None)
    inputs = []
    for (agency,) in con.execute(f"select distinct agency from {records} order by agency").fetchall():
        con.execute(f"create or replace view records_of_{agency} as select * from {records} where agency = '{agency}'")
        inputs.append(database.register(f"records_of_{agency}", dataset_display_name=agency))
    return splink.Linker(inputs, model, log_level=None)


def link_type_of(con: duckdb.DuckDBPyConnection, records: str) -> str:
    """Return how the records are paired: across registers, or inside the only one."""
    ((agencies,),) = con.execute(f"select count(distinct agency) from {records}").fetchall()
    return "link_only" if agencies > 1 else "dedupe_only"


def train(
    con: duckdb.DuckDBPyConnection,
    records: str,
    linker: Any,
    progress: Progress | None = None,
    random_pairs: float = RANDOM_PAIRS,
) -> None:
    """Let Splink estimate u from pairs drawn at random, and m by expectation maximisation over each rule's pairs."""
    _say(progress, "matches that are sure")
    linker.training.estimate_probability_two_random_records_match(list(SURE_RULES), recall=SURE_RULES_FIND)
    _say(progress, f"u, from {random_pairs:,.0f} pairs at most drawn at random")
    linker.training.estimate_u_using_random_sampling(max_pairs=random_pairs, seed=SEED, min_count_per_level=1000)
    for rule in TRAINING_RULES:
        if _has_pairs(con, records, rule):
            _say(progress, f"m, where {rule}")
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True, max_pairs=PAIRS_A_RULE, record_sample_proportion=0.3
            )


def _has_pairs(con: duckdb.DuckDBPyConnection, records: str, rule: str) -> bool:
    pair = f"select 1 from {records} as l inner join {records} as r on {rule} and l.record_id < r.record_id limit 1"
    return bool(con.execute(pair).fetchall())


def _say(progress: Progress | None, step: str) -> None:
    if progress:
        for task in progress.task_ids:
            progress.update(task, total=1, completed=1)
        progress.add_task(step, total=None)


def estimates(linker: Any) -> Estimates:
    """Return what a trained linker found, by comparison and level."""
    return {
        (comparison["output_column_name"], level["label_for_charts"]): Estimate(
            level.get("m_probability"), level.get("u_probability")
        )
        for comparison in linker.misc.save_model_to_json()["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    }


def move_points(rows: list[dict[str, str]], found: Estimates) -> list[dict[str, str]]:
    """Return the rows with the points found; a level that never occurs keeps its own."""
    moved = []
    for row in rows:
        estimate = found.get((row["comparison"], row["level"]))
        points = estimate.points if estimate else None
        moved.append(row if points is None else row | {"points": str(points)})
    return moved


def draw_charts(linker: Any, pair: tuple[dict[str, Any], dict[str, Any]] | None) -> Path:
    """Save the charts as pages that fetch nothing, with their scripts inside; return their folder."""
    charts = folder() / "charts"
    charts.mkdir(exist_ok=True)
    drawn = {
        "match_weights": linker.visualisations.match_weights_chart(),
        "m_u_parameters": linker.visualisations.m_u_parameters_chart(),
    }
    if pair:
        scored = linker.inference.score_pair(*pair).as_record_list()
        drawn["waterfall"] = linker.visualisations.waterfall_chart(scored, remove_sensitive_data=True)
    for name, chart in drawn.items():
        (charts / f"{name}.html").write_text(chart.to_html(inline=True), encoding="utf-8")
    return charts


def print_table(before: list[dict[str, str]], after: list[dict[str, str]], found: Estimates) -> None:
    """Print the points before and after, with what they come from."""
    table = Table("comparison", "level", "m", "u", "before", "after", "")
    for old, new in zip(before, after, strict=True):
        estimate = found.get((old["comparison"], old["level"]), Estimate(None, None))
        m, u = ("" if value is None else f"{value:.2g}" for value in (estimate.m, estimate.u))
        if old["level"] == MISSING:
            remark = "no evidence"
        elif estimate.points is None:
            remark = "never occurs: points kept"
        elif (old["comparison"], old["level"]) in FIXED:
            remark = "u set by hand"
        else:
            remark = ""
        table.add_row(old["comparison"], old["level"], m, u, old["points"], new["points"], remark)
    CONSOLE.print(table)


def estimate_points() -> None:
    """Estimate the points from the working database, write the seed and draw the charts."""
    levels, before = read_levels(), read_points()
    with warehouse.open_memory() as con:
        read_records(con)
        linker = make_linker(con, "records", splink_settings(levels, link_type_of(con, "records")))
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=CONSOLE) as progress:
            train(con, "records", linker, progress)
            _say(progress, "charts")
            found = estimates(linker)
            charts = draw_charts(linker, find_pair(con))
    after = move_points(before, found)
    write_points(after)
    print_table(before, after, found)
    CONSOLE.print(f"{POINTS.relative_to(settings.ROOT)} written; the next night links by it. Charts: {charts}")


def read_records(con: duckdb.DuckDBPyConnection) -> None:
    """Copy the records of the last night into the table `records`."""
    try:
        warehouse.attach(con, alias="night")
        con.execute("create table records as from night.intermediate.int_linkage_records")
    except duckdb.CatalogException as error:
        raise EstimateError("The working database holds no records to link yet; run `make nightly` first.") from error


def find_pair(con: duckdb.DuckDBPyConnection) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the two records of the pair whose points are nearest to the threshold of a link: the most instructive."""
    try:
        pairs = con.execute(
            """
            select record_l, record_r
            from night.intermediate.int_linkage_pairs
            cross join (select points as threshold from night.seeds.linkage_thresholds where name = 'link')
            order by abs(points - threshold), record_l, record_r
            limit 1
            """
        ).fetchall()
    except duckdb.CatalogException:
        return None
    sides = []
    for record in pairs[0] if pairs else ():
        row = con.execute("select *, agency as source_dataset from records where record_id = ?", [record]).fetchall()
        sides.append(dict(zip([column[0] for column in con.description or ()], row[0], strict=True)))
    return (sides[0], sides[1]) if sides else None


def main() -> int:
    """Command line. Raises `Problem` when the points cannot be estimated."""
    estimate_points()
    return 0


if __name__ == "__main__":
    run(main)
