"""The gate between what agencies deliver and what the mart reads: validates, quarantines, settles each row.

The rules are the contract's words (`include/words.py`) and the hand-written judgement in `expectations/`.
Great Expectations validates and its results are stored; the rows to quarantine come from the same rules as
SQL. Afterwards every row has one `_status`, so that read = accepted + quarantined + duplicate + superseded.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import duckdb

from expectations.judgement import Judgement
from include import settings, warehouse
from include.contract import Dataset
from include.words import all_rules, expectation, fails, reason

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult


@dataclass
class Verdict:
    """What the gate decided on one dataset: the periods it judged, and which deliveries are held and why."""

    periods: list[str] = field(default_factory=list)
    held: dict[str, list[str]] = field(default_factory=dict)


class GateDisagrees(Exception):
    """Great Expectations and the quarantine SQL count different failures: one of the two is wrong."""


def judgements(dataset: Dataset) -> list[Judgement]:
    """Return the hand-written expectations of a dataset, none when it has no file in `expectations/`."""
    name = f"expectations.{dataset.agency}__{dataset.name}"
    return import_module(name).JUDGEMENTS if find_spec(name) else []


def pass_gate(dataset: Dataset) -> Verdict:
    """Validate the dataset's waiting deliveries with Great Expectations, then settle its rows.

    Raises `GateDisagrees` when the two engines do not count the same failures.
    """
    with warehouse.connect() as con:
        waiting = _waiting(con, dataset)
        if not waiting:
            return Verdict()
        counts = find_failures(con, dataset, waiting)
    result = _validate(dataset, waiting)
    _compare(dataset, result, counts)
    with warehouse.connect() as con:
        _store(con, dataset, result, waiting)
        return settle(con, dataset, waiting)


def judge_without_gx(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> Verdict:
    """The same decision by SQL alone, for a dry run in a database that no other engine can open."""
    waiting = _waiting(con, dataset)
    if not waiting:
        return Verdict()
    find_failures(con, dataset, waiting)
    return settle(con, dataset, waiting)


def find_failures(con: duckdb.DuckDBPyConnection, dataset: Dataset, waiting: list[str]) -> dict[str, int]:
    """Write all reasons of all bad rows of the waiting deliveries to `audit.quarantine`; return rows per rule."""
    rules = all_rules(dataset)
    con.begin()
    con.execute("delete from audit.quarantine where delivery_id in (select unnest(?))", [waiting])
    broken = ", ".join(f"case when {fails(rule)} then {number} end" for number, rule in enumerate(rules))
    con.execute(
        "create or replace temp table rules (number integer, rule varchar, column_name varchar, severity varchar, reason varchar)"
    )
    con.executemany(
        "insert into rules values (?, ?, ?, ?, ?)",
        [[number, rule.word, rule.column, rule.severity, reason(rule)] for number, rule in enumerate(rules)],
    )
    cells = " ".join(f"when '{column.name}' then cells.{column.name}" for column in dataset.columns)
    con.execute(
        f"""
        insert into audit.quarantine
        with judged as (
            select _delivery_id, _row, list_filter([{broken}], lambda number: number is not null) as numbers
            from {dataset.table}
            where _delivery_id in (select unnest($waiting))
        ),
        failures as (select _delivery_id, _row, unnest(numbers) as number from judged where len(numbers) > 0)
        select f._delivery_id, '{dataset.agency}', '{dataset.name}', f._row, rules.column_name,
            case rules.column_name when '_line' then cells._line {cells} end, rules.rule, rules.severity, rules.reason
        from failures as f
        inner join rules using (number)
        inner join {dataset.raw_table} as cells using (_delivery_id, _row)
        """,
        {"waiting": waiting},
    )
    con.commit()
    return dict(
        con.execute(
            "select column_name || '.' || rule, count(*) from audit.quarantine where delivery_id in (select unnest(?)) "
            "group by all",
            [waiting],
        ).fetchall()
    )


def settle(con: duckdb.DuckDBPyConnection, dataset: Dataset, waiting: list[str]) -> Verdict:
    """Hold deliveries that are too bad, give every row of the dataset its `_status`, and count per delivery.

    Rows of one key in order of arrival: a row equal to the one before it is a duplicate; of the others the
    last is accepted and the earlier ones are superseded.
    """
    periods = con.execute(
        "select distinct period from audit.deliveries where delivery_id in (select unnest(?)) order by period",
        [waiting],
    ).fetchall()
    verdict = Verdict([period for (period,) in periods], _held(con, dataset, waiting))
    con.begin()
    for delivery in waiting:
        why = verdict.held.get(delivery)
        status, text = ("held", "; ".join(why)) if why else ("loaded", None)
        con.execute(
            "update audit.deliveries set status = ?, reason = ? where delivery_id = ?", [status, text, delivery]
        )
    key = ", ".join(dataset.key)
    content = ", ".join(column.name for column in dataset.columns)
    con.execute(
        f"""
        create or replace temp table settled as
        with bad as (
            select distinct delivery_id, row_number from audit.quarantine where severity = 'error'
        ),
        good as (
            select t.rowid as id, {key}, hash({content}) as content, t._received_at, t._delivery_id, t._row
            from {dataset.table} as t
            inner join audit.deliveries as d on t._delivery_id = d.delivery_id and d.status = 'loaded'
            anti join bad on t._delivery_id = bad.delivery_id and t._row = bad.row_number
        ),
        compared as (
            select *, content is not distinct from lag(content) over arrival as is_repeated
            from good
            window arrival as (partition by {key} order by _received_at, _delivery_id, _row)
        )
        select id,
            case
                when is_repeated then 'duplicate'
                when row_number() over (
                    partition by {key}, is_repeated order by _received_at desc, _delivery_id desc, _row desc
                ) = 1 then 'accepted'
                else 'superseded'
            end as status
        from compared
        """
    )
    con.execute(f"update {dataset.table} set _status = 'quarantined'")
    con.execute(f"update {dataset.table} as t set _status = s.status from settled as s where t.rowid = s.id")
    con.execute(
        f"""
        update audit.deliveries as d
        set rows_accepted = c.accepted, rows_quarantined = c.quarantined,
            rows_duplicate = c.duplicate, rows_superseded = c.superseded
        from (
            select _delivery_id,
                count(*) filter (_status = 'accepted') as accepted,
                count(*) filter (_status = 'quarantined') as quarantined,
                count(*) filter (_status = 'duplicate') as duplicate,
                count(*) filter (_status = 'superseded') as superseded
            from {dataset.table}
            group by all
        ) as c
        where d.delivery_id = c._delivery_id
        """
    )
    con.commit()
    return verdict


def _waiting(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[str]:
    """Deliveries to judge: the new ones, and the held ones, whose missing half may have come since."""
    query = (
        "select delivery_id from audit.deliveries where agency = ? and dataset = ? and status in ('waiting', 'held')"
    )
    names = [dataset.agency, dataset.name]
    waiting = con.execute(f"{query} order by received_at", names).fetchall()
    is_new = con.execute(f"{query} and status = 'waiting' limit 1", names).fetchall()
    return [row[0] for row in waiting] if is_new else []


def _held(con: duckdb.DuckDBPyConnection, dataset: Dataset, waiting: list[str]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    too_bad = con.execute(
        """
        select d.delivery_id, count(distinct q.row_number) as bad, any_value(d.rows_read) as rows_read
        from audit.deliveries as d
        inner join audit.quarantine as q on d.delivery_id = q.delivery_id and q.severity = 'error'
        where d.delivery_id in (select unnest(?))
        group by d.delivery_id
        having bad > ? * any_value(d.rows_read)
        """,
        [waiting, dataset.max_bad_share],
    ).fetchall()
    for delivery, bad, rows in too_bad:
        held.setdefault(delivery, []).append(
            f"{bad:,} of {rows:,} rows are bad, the limit is {dataset.max_bad_share:.0%}"
        )
    for judgement in judgements(dataset):
        if judgement.severity == "critical":
            query = judgement.query.format(batch=f"({_batch(dataset, waiting)})")
            for delivery, found in con.execute(f"select _delivery_id, found from ({query})").fetchall():
                held.setdefault(delivery, []).append(f"{judgement.reason}: {found}")
    return held


def _batch(dataset: Dataset, waiting: list[str]) -> str:
    ids = ", ".join(f"'{delivery}'" for delivery in waiting)
    return f"select * from {dataset.table} where _delivery_id in ({ids})"


def _validate(dataset: Dataset, waiting: list[str]) -> ExpectationSuiteValidationResult:
    """Run the suite of the contract and the judgement over the waiting rows, on DuckDB, reading only."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)  # its import alone logs a hundred lines
    import great_expectations as gx  # costs seconds, so only where a gate runs
    from great_expectations.expectations import UnexpectedRowsExpectation

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql(
        "warehouse",
        connection_string=f"duckdb:///{settings.WAREHOUSE}",
        create_temp_table=False,
        kwargs={
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "pool_reset_on_return": None,
            "connect_args": {"read_only": True, "config": warehouse.config()},
        },
    )
    batch = source.add_query_asset(dataset.name, query=_batch(dataset, waiting)).add_batch_definition("waiting")
    suite = context.suites.add(gx.ExpectationSuite(name=f"{dataset.agency}.{dataset.name}"))
    for rule in all_rules(dataset):
        suite.add_expectation(expectation(rule))
    for judgement in judgements(dataset):
        suite.add_expectation(
            UnexpectedRowsExpectation(
                unexpected_rows_query=judgement.query,
                description=judgement.name,
                severity=judgement.severity,
                meta={"rule": judgement.name, "column": None},
            )
        )
    try:
        return batch.get_batch().validate(
            suite,
            result_format={
                "result_format": "SUMMARY",
                "partial_unexpected_count": 0,
                "exclude_unexpected_values": True,
            },
        )
    finally:
        engine = source.get_execution_engine()  # an open connection would shut the writer out
        engine.close()
        source.get_engine().dispose()


def _compare(dataset: Dataset, result: ExpectationSuiteValidationResult, counts: dict[str, int]) -> None:
    rules = {rule.name for rule in all_rules(dataset)}
    for one in result.results:
        rule = one.expectation_config.meta["rule"]
        if _raised(one):
            raise GateDisagrees(f"{dataset.agency}/{dataset.name}: {rule} could not be validated.")
        if rule in rules and _unexpected(one) != counts.get(rule, 0):
            raise GateDisagrees(
                f"{dataset.agency}/{dataset.name}: {rule} fails {_unexpected(one)} rows in Great Expectations, "
                f"{counts.get(rule, 0)} in the quarantine SQL."
            )


def _raised(one: ExpectationValidationResult) -> bool:
    """Great Expectations reports an exception flat, or once per metric that failed."""
    info = one.exception_info or {}
    return any(part.get("raised_exception") for part in (info, *info.values()) if isinstance(part, dict))


def _unexpected(one: ExpectationValidationResult) -> int:
    return int(one.result.get("unexpected_count", one.result.get("observed_value", 0)))


def _store(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, result: ExpectationSuiteValidationResult, waiting: list[str]
) -> None:
    """Keep counts only: a result holds no value of any row."""
    con.executemany(
        "insert into audit.expectation_results values (?, ?, ?, ?, ?, ?, ?, ?, ?, now()::timestamp)",
        [
            [
                *(dataset.agency, dataset.name, f"{len(waiting)} deliveries"),
                *(one.expectation_config.meta["rule"], one.expectation_config.meta["column"]),
                *(one.expectation_config.severity, one.success, one.result.get("element_count"), _unexpected(one)),
            ]
            for one in result.results
        ],
    )
