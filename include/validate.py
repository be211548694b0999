"""Validates the rows to judge with Great Expectations, on DuckDB and reading only.

The suite is the contract's words and the judgement in `expectations/`. Only counts come out, no value of a row.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.judgement import Judgement
from include import warehouse
from include.contract import Dataset
from include.words import all_rules, expectation

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult


COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}


@dataclass(frozen=True)
class Result:
    """What one expectation found; `rule` names a contract's rule or a judgement."""

    rule: str
    column: str | None
    severity: str
    success: bool
    has_raised: bool
    element_count: int | None
    unexpected_count: int


def validate(dataset: Dataset, judgements: list[Judgement], batch: str) -> list[Result]:
    """Validate the rows of `batch`, a query, against the dataset's suite; return a result per expectation."""
    return [_result(one) for one in run_suite(dataset, judgements, batch, COUNTS_ONLY).results]


def run_suite(
    dataset: Dataset, judgements: list[Judgement], query: str, result_format: dict[str, Any]
) -> "ExpectationSuiteValidationResult":
    """Run the suite in Great Expectations and return its own result, in the form that `result_format` asks for."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)  # its import alone logs a hundred lines
    import great_expectations as gx  # costs seconds, so only where a gate runs
    from sqlalchemy.pool import StaticPool

    from include.gx_rules import ExpectQueryToFindNoRows

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql(
        "warehouse",
        connection_string="duckdb:///:memory:",
        create_temp_table=False,
        kwargs={
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "pool_reset_on_return": None,
            "creator": _open,
            "poolclass": StaticPool,
        },
    )
    batch = source.add_query_asset(dataset.name, query=query).add_batch_definition("waiting")
    suite = gx.ExpectationSuite(name=f"{dataset.agency}.{dataset.name}")
    for rule in all_rules(dataset):
        suite.add_expectation(expectation(rule, dataset))
    for judgement in judgements:
        suite.add_expectation(
            ExpectQueryToFindNoRows(
                unexpected_rows_query=judgement.query,
                description=judgement.name,
                severity=judgement.severity,
                meta={"rule": judgement.name, "column": None},
            )
        )
    context.suites.add(suite)  # last: one that the context knows is written anew, whole, with each expectation added
    try:
        return batch.get_batch().validate(
            suite,
            result_format=result_format,
        )
    finally:
        engine = source.get_execution_engine()  # an open connection would shut the writer out
        engine.close()
        source.get_engine().dispose()


def _open() -> Any:
    """Return a connection to the encrypted working database in the form that SQLAlchemy's dialect expects."""
    from duckdb_sqlalchemy import ConnectionWrapper

    con = warehouse.open_memory()
    warehouse.attach(con)
    return ConnectionWrapper(con)


def _result(one: "ExpectationValidationResult") -> Result:
    config = one.expectation_config
    # an exception is reported flat, or once per metric that failed
    info = one.exception_info or {}
    return Result(
        rule=config.meta["rule"],
        column=config.meta["column"],
        severity=config.severity,
        success=bool(one.success),
        has_raised=any(part.get("raised_exception") for part in (info, *info.values()) if isinstance(part, dict)),
        element_count=one.result.get("element_count"),
        unexpected_count=int(one.result.get("unexpected_count", one.result.get("observed_value", 0))),
    )
