"""The gate between what agencies deliver and what the mart reads: validates, quarantines, settles each row.

The rules are the contract's words (`include/words.py`) and the hand-written judgement in `expectations/`.
Great Expectations validates and its results are stored; the rows to quarantine come from the same rules as
SQL. Afterwards every row has one `_status`, so that read = accepted + quarantined + duplicate + superseded.
"""

from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

import duckdb

from expectations.judgement import Judgement
from include import warehouse
from include.contract import Dataset, Rule
from include.decisions import apply_decisions
from include.items import settle_items
from include.validate import Result, validate
from include.words import all_rules, fails, hint, reason


@dataclass
class Verdict:
    """What the gate decided: the deliveries it judged, their periods, and which of them are held and why."""

    deliveries: list[str] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)
    held: dict[str, list[str]] = field(default_factory=dict)


class GateDisagrees(Exception):
    """Great Expectations and the quarantine SQL count different failures: one of the two is wrong."""


def judgements(dataset: Dataset) -> list[Judgement]:
    """Return the hand-written expectations of a dataset, none when it has no file in `expectations/`."""
    name = f"expectations.{dataset.agency}__{dataset.name}"
    return import_module(name).JUDGEMENTS if find_spec(name) else []


def pass_gate(dataset: Dataset) -> Verdict:
    """Judge the dataset's new deliveries: find the bad rows, let Great Expectations count them too, settle all rows.

    Every rule runs in both engines on purpose: the SQL names rows and reasons, Great Expectations is the witness.
    Raises `GateDisagrees` when the two engines do not count the same failures.
    """
    with warehouse.connect() as con:
        deliveries = _to_judge(con, dataset)
        if not deliveries:
            return Verdict()
        counts = find_failures(con, dataset, deliveries)
    results = validate(dataset, judgements(dataset), _batch(dataset, deliveries))
    _compare(dataset, results, counts)
    with warehouse.connect() as con:
        _store(con, dataset, results)
        return settle(con, dataset, deliveries)


def judge_without_gx(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> Verdict:
    """The same decision by SQL alone, for a dry run in a database that no other engine can open."""
    deliveries = _to_judge(con, dataset)
    if not deliveries:
        return Verdict()
    find_failures(con, dataset, deliveries)
    return settle(con, dataset, deliveries)


def find_failures(con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]) -> dict[str, int]:
    """Write all reasons of all bad rows of these deliveries to `audit.quarantine`; return rows per rule."""
    rules = all_rules(dataset)
    con.begin()
    con.execute("delete from audit.quarantine where delivery_id in (select unnest(?))", [deliveries])
    broken = ", ".join(f"case when {fails(rule, dataset)} then {number} end" for number, rule in enumerate(rules))
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
            where _delivery_id in (select unnest($deliveries))
        ),
        failures as (select _delivery_id, _row, unnest(numbers) as number from judged where len(numbers) > 0)
        select f._delivery_id, '{dataset.agency}', '{dataset.name}', f._row, rules.column_name,
            case rules.column_name when '_line' then cells._line {cells} end, rules.rule, rules.severity, rules.reason
        from failures as f
        inner join rules using (number)
        inner join {dataset.raw_table} as cells using (_delivery_id, _row)
        """,
        {"deliveries": deliveries},
    )
    counts = con.execute(
        "select column_name || '.' || rule, count(*) from audit.quarantine where delivery_id in (select unnest(?)) "
        "group by all",
        [deliveries],
    ).fetchall()
    for rule in rules:
        if rule.name in dict(counts):
            _propose(con, dataset, rule, deliveries)
    # a cell that cannot be read is null as well: one reason is enough for the agency
    con.execute(
        """
        delete from audit.quarantine as q
        where rule = 'not_null' and delivery_id in (select unnest(?)) and exists (
            from audit.quarantine as r
            where r.rule in ('readable', 'whole_row') and r.delivery_id = q.delivery_id
                and r.delivery_row = q.delivery_row and r.column_name in (q.column_name, '_line')
        )
        """,
        [deliveries],
    )
    apply_decisions(con, dataset, deliveries)
    con.commit()
    return dict(counts)


def _propose(con: duckdb.DuckDBPyConnection, dataset: Dataset, rule: Rule, deliveries: list[str]) -> None:
    """Add to the reasons of one rule what each bad row may mean instead, where the word can say it."""
    proposal = hint(rule, dataset)
    if proposal is None:
        return
    con.execute(
        f"""
        update audit.quarantine as q
        set reason = q.reason || '; ' || proposed.hint
        from (
            select bad._delivery_id, bad._row, {proposal} as hint
            from {dataset.table} as bad
            inner join audit.quarantine as told
                on bad._delivery_id = told.delivery_id and bad._row = told.delivery_row
                and told.rule = $word and told.column_name = $column
            where bad._delivery_id in (select unnest($deliveries))
        ) as proposed
        where q.delivery_id = proposed._delivery_id and q.delivery_row = proposed._row
            and q.rule = $word and q.column_name = $column and proposed.hint is not null
        """,
        {"word": rule.word, "column": rule.column, "deliveries": deliveries},
    )


def settle(con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]) -> Verdict:
    """Hold deliveries that are too bad, give every row of the dataset its `_status`, and count per delivery.

    Rows of one key in order of arrival: a row equal to the one before it is a duplicate; of the others the
    last is accepted and the earlier ones are superseded.
    """
    periods = con.execute(
        "select distinct period from audit.deliveries where delivery_id in (select unnest(?)) order by period",
        [deliveries],
    ).fetchall()
    verdict = Verdict(deliveries, [period for (period,) in periods], _held(con, dataset, deliveries))
    con.begin()
    for delivery in deliveries:
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
            select distinct delivery_id, delivery_row from audit.quarantine where severity = 'error'
        ),
        good as (
            select t.rowid as id, {key}, hash({content}) as content, t._received_at, t._delivery_id, t._row
            from {dataset.table} as t
            anti join bad on t._delivery_id = bad.delivery_id and t._row = bad.delivery_row
            -- no join: a contract may have a column of the same name as one of ours
            where t._delivery_id in (select delivery_id from audit.deliveries where status = 'loaded')
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
    settle_items(con, dataset)
    con.commit()
    return verdict


def _to_judge(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[str]:
    """Deliveries to judge: the new ones, and the held ones, whose missing half may have come since."""
    query = (
        "select delivery_id from audit.deliveries where agency = ? and dataset = ? and status in ('waiting', 'held')"
    )
    names = [dataset.agency, dataset.name]
    deliveries = con.execute(f"{query} order by received_at", names).fetchall()
    is_new = con.execute(f"{query} and status = 'waiting' limit 1", names).fetchall()
    return [row[0] for row in deliveries] if is_new else []


def _held(con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]) -> dict[str, list[str]]:
    """Rows with a ticket have been judged bad before: how many of them still are says nothing of their file."""
    held: dict[str, list[str]] = {}
    too_bad = con.execute(
        f"""
        with bad as (
            select distinct delivery_id as _delivery_id, delivery_row as _row from audit.quarantine where severity = 'error'
        )
        select t._delivery_id, count(bad._row) as _bad, count(*) as _rows
        from {dataset.table} as t
        left join bad on t._delivery_id = bad._delivery_id and t._row = bad._row
        where t._delivery_id in (select unnest(?)) and t._ticket is null
        group by t._delivery_id
        having _bad > ? * _rows
        """,
        [deliveries, dataset.max_bad_share],
    ).fetchall()
    for delivery, bad, rows in too_bad:
        held.setdefault(delivery, []).append(
            f"{bad:,} of {rows:,} rows are bad, the limit is {dataset.max_bad_share:.0%}"
        )
    for judgement in judgements(dataset):
        if judgement.severity == "critical":
            query = judgement.query.format(batch=f"({_batch(dataset, deliveries)} and _ticket is null)")
            for delivery, found in con.execute(f"select _delivery_id, found from ({query})").fetchall():
                held.setdefault(delivery, []).append(f"{judgement.reason}: {found}")
    return held


def _batch(dataset: Dataset, deliveries: list[str]) -> str:
    ids = ", ".join(f"'{delivery}'" for delivery in deliveries)
    return f"select * from {dataset.table} where _delivery_id in ({ids})"


def _compare(dataset: Dataset, results: list[Result], counts: dict[str, int]) -> None:
    rules = {rule.name for rule in all_rules(dataset)}
    for result in results:
        where = f"{dataset.agency}/{dataset.name}: {result.rule}"
        if result.has_raised:
            raise GateDisagrees(f"{where} could not be validated.")
        if result.rule in rules and result.unexpected_count != counts.get(result.rule, 0):
            raise GateDisagrees(
                f"{where} fails {result.unexpected_count} rows in Great Expectations, "
                f"{counts.get(result.rule, 0)} in the quarantine SQL."
            )


def _store(con: duckdb.DuckDBPyConnection, dataset: Dataset, results: list[Result]) -> None:
    con.execute(
        "delete from audit.expectation_results where agency = ? and dataset = ?", [dataset.agency, dataset.name]
    )
    con.executemany(
        "insert into audit.expectation_results values (?, ?, ?, ?, ?, ?, ?, ?, now()::timestamp)",
        [
            [dataset.agency, dataset.name, r.rule, r.column, r.severity, r.success, r.element_count, r.unexpected_count]
            for r in results
        ],
    )
