"""The gate between what agencies deliver and what the mart reads: validates, quarantines, settles each row.

The rules are the contract's words (`include/words.py`) and the hand-written judgement in `expectations/`.
Great Expectations validates and its results are stored; the rows to quarantine come from the same rules as
SQL. Afterwards every row has one `_status`, so that read = accepted + quarantined + duplicate + superseded.
"""

import duckdb

from include import warehouse
from include.contract import Dataset, Rule
from include.decisions import apply_decisions
from include.settle import Verdict, batch, judgements, settle
from include.validate import Result, validate
from include.words import all_rules, fails, hint, reason


class GateDisagrees(Exception):
    """Great Expectations and our SQL count different failures: one of the two is wrong."""


def pass_gate(dataset: Dataset) -> Verdict:
    """Judge the dataset's new deliveries: find the bad rows, let Great Expectations count them too, settle all rows.

    Every rule and judgement runs in both engines on purpose: the SQL names rows and reasons, Great Expectations is the
    witness.
    Raises `GateDisagrees` when the two engines do not count the same failures.
    """
    with warehouse.connect() as con:
        deliveries = _to_judge(con, dataset)
        if not deliveries:
            return Verdict()
        counts = find_failures(con, dataset, deliveries) | _judge(con, dataset, deliveries)
    results = validate(dataset, judgements(dataset), batch(dataset, deliveries))
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


def _judge(con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]) -> dict[str, int]:
    """Write what each judgement found in each of these deliveries, null where nothing; return failing ones per judgement."""
    con.begin()
    con.execute("delete from audit.judgements where delivery_id in (select unnest(?))", [deliveries])
    for judgement in judgements(dataset):
        con.execute(
            f"""
            insert into audit.judgements
            select delivery_id, $agency, $dataset, $name, $severity, $reason, found
            from (select unnest($deliveries) as delivery_id)
            left join ({judgement.query.format(batch=f"({batch(dataset, deliveries)})")}) on delivery_id = _delivery_id
            """,
            {"agency": dataset.agency, "dataset": dataset.name, "deliveries": deliveries}
            | {"name": judgement.name, "severity": judgement.severity, "reason": judgement.reason},
        )
    con.commit()
    return dict(
        con.execute(
            "select judgement, count(found) from audit.judgements where delivery_id in (select unnest(?)) group by all",
            [deliveries],
        ).fetchall()
    )


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


def _to_judge(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[str]:
    """Deliveries to judge: the new ones, and the held ones, whose missing half may have come since.

    The others need no second look: what counts once counts for good (`settle.py`).
    """
    query = (
        "select delivery_id from audit.deliveries where agency = ? and dataset = ? and status in ('waiting', 'held')"
    )
    names = [dataset.agency, dataset.name]
    deliveries = con.execute(f"{query} order by received_at", names).fetchall()
    is_new = con.execute(f"{query} and status = 'waiting' limit 1", names).fetchall()
    return [row[0] for row in deliveries] if is_new else []


def _compare(dataset: Dataset, results: list[Result], counts: dict[str, int]) -> None:
    for result in results:
        where = f"{dataset.agency}/{dataset.name}: {result.rule}"
        if result.has_raised:
            raise GateDisagrees(f"{where} could not be validated.")
        if result.unexpected_count != counts.get(result.rule, 0):
            raise GateDisagrees(
                f"{where} fails {result.unexpected_count} rows in Great Expectations, {counts.get(result.rule, 0)} in our SQL."
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
