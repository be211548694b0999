"""Two expectations for what only SQL can say, counted where Great Expectations would fetch rows to count them.

Its own `UnexpectedRowsExpectation` asks twice, for the rows and for their number, each time over the whole batch. Here
`ExpectRowsToKeepRule` is a condition that Great Expectations puts into its one pass with all the others, and
`ExpectQueryToFindNoRows` asks for rows only where the result is to name them (`COMPLETE`). Import costs seconds.
"""

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)
from great_expectations.validator.validator import ValidationDependencies


class ColumnValuesKeepRule(ColumnMapMetricProvider):
    """The condition `broken_if`, SQL that is true of a row that breaks the rule; never true of unknown."""

    condition_metric_name = "column_values.keep_rule"
    condition_value_keys = ("broken_if",)
    filter_column_isnull = False  # a cell that cannot be read is null

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, broken_if: str, **kwargs: Any) -> Any:
        return sa.not_(sa.literal_column(f"({broken_if})"))


class ExpectRowsToKeepRule(ColumnMapExpectation):
    """No row is such that `broken_if` is true."""

    broken_if: str
    map_metric: ClassVar[str] = "column_values.keep_rule"
    success_keys: ClassVar[tuple[str, ...]] = ("broken_if", "mostly")

    def _validate(self, *arguments: Any, **named: Any) -> Any:
        found: Any = super()._validate(*arguments, **named)
        # the share that it would judge by is of cells that are not null
        return found | {"success": not found["result"]["unexpected_count"]}


class ExpectQueryToFindNoRows(UnexpectedRowsExpectation):
    """The query finds no row; the rows come out with `COMPLETE` alone."""

    def get_validation_dependencies(self, *arguments: Any, **named: Any) -> ValidationDependencies:
        asked: ValidationDependencies = super().get_validation_dependencies(*arguments, **named)
        if asked.result_format.get("result_format") != "COMPLETE":
            asked.remove_metric_configuration("unexpected_rows_query.table")
        return asked

    def _validate(self, metrics: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        return super()._validate({"unexpected_rows_query.table": None} | metrics, *arguments, **named)
