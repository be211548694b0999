"""Settles the rows of a dataset: which is believed, since when and until when, and what became of the others.

The rule, in words (`tests/naive_deliveries.py` is the same in plain Python):

* A delivery counts from its arrival. One that is held counts from the first arrival that clears each reason, and
  never when a reason stands. What counts once counts for good.
* The rows of a key are read in the order in which they began to count. A row that was sent before the key's last
  word is stale: superseded, never believed. One that says what the last word says is a duplicate. Any other is
  believed from that moment until the next one that differs; `hapus` is such a word and has no content.
* Where a delivery is the whole of its period (`replaces` in the contract), it says `hapus` of each key that it lacks.
  A workbook that comes back with tickets or decisions is never the whole.

So what is believed at any moment depends on what had arrived by then, never on how nights cut the arrivals.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

import duckdb

from expectations.judgement import Judgement
from include.contract import Dataset
from include.items import settle_items

# 2026-11: a whole register does not lose 3 rows in 10 between two extracts of one period; a cut export does.
LEAST_SHARE_OF_WHOLE = 0.7
# 2026-11: two extracts of that size say that it is no accident.
SAME_SIZE = 0.1


@dataclass
class Verdict:
    """What the gate decided: the deliveries it judged, their periods, and which of them are held and why."""

    deliveries: list[str] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)
    held: dict[str, list[str]] = field(default_factory=dict)


def judgements(dataset: Dataset) -> list[Judgement]:
    """Return the hand-written expectations of a dataset, none when it has no file in `expectations/`."""
    name = f"expectations.{dataset.agency}__{dataset.name}"
    return import_module(name).JUDGEMENTS if find_spec(name) else []


def settle(con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]) -> Verdict:
    """Hold or free these deliveries, then give every row of the dataset its status and its time of belief."""
    arrivals = con.execute(
        "select delivery_id, period, received_at from audit.deliveries where delivery_id in (select unnest(?))",
        [deliveries],
    ).fetchall()
    reasons = _reasons(con, dataset, deliveries)
    verdict = Verdict(deliveries, sorted({period for _, period, _ in arrivals}))
    con.begin()
    for delivery, _, received_at in arrivals:
        standing = [text for text, until in reasons[delivery] if until is None]
        ends = [until for _, until in reasons[delivery] if until is not None]
        if standing:
            verdict.held[delivery] = standing
        decided = ("held", "; ".join(standing), None) if standing else ("loaded", None, max([received_at, *ends]))
        con.execute(
            "update audit.deliveries set status = ?, reason = ?, counts_from = ? where delivery_id = ?",
            [*decided, delivery],
        )
    settle_rows(con, dataset)
    con.commit()
    return verdict


def settle_rows(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Give every row of the dataset its status and its time of belief, within the caller's transaction."""
    _find_status(con, dataset)
    _write(con, dataset)
    _count(con, dataset)
    settle_items(con, dataset)


def batch(dataset: Dataset, deliveries: list[str]) -> str:
    """Return the query of the rows of some deliveries."""
    ids = ", ".join(f"'{delivery}'" for delivery in deliveries)
    return f"select * from {dataset.table} where _delivery_id in ({ids})"


def _reasons(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]
) -> dict[str, list[tuple[str, datetime | None]]]:
    """Return why deliveries are held, each reason with the arrival that cleared it, None while it stands.

    Rows with a ticket have no say: they were judged bad before, and are part of no whole.
    """
    found = con.execute(
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
    reasons: dict[str, list[tuple[str, datetime | None]]] = defaultdict(list)
    for delivery, bad, rows in found:
        reasons[delivery].append((f"{bad:,} of {rows:,} rows are bad, the limit is {dataset.max_bad_share:.0%}", None))
    for judgement in judgements(dataset):
        if judgement.severity == "critical":
            query = judgement.query.format(batch=f"({batch(dataset, deliveries)} and _ticket is null)")
            for delivery, text, *cleared in con.execute(query).fetchall():
                reasons[delivery].append((f"{judgement.reason}: {text}", cleared[0] if cleared else None))
    if dataset.is_whole:
        for delivery, text, until in _shrunk(con, dataset, deliveries):
            reasons[delivery].append((f"it is far smaller than the whole that came before: {text} rows", until))
    return reasons


def _shrunk(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]
) -> list[tuple[str, str, datetime | None]]:
    """Return the deliveries that would end most of a period by being cut; another of that size is the cure."""
    return con.execute(
        f"""
        with sent as (
            select *, max(rows_read) over (
                partition by period order by received_at, delivery_id
                rows between unbounded preceding and 1 preceding
            ) as most
            from audit.deliveries
            where agency = $agency and dataset = $dataset and status in ('waiting', 'loaded', 'held')
                and delivery_id not in ({_partial(dataset)})
        )
        select d.delivery_id, any_value(d.most || ' -> ' || d.rows_read),
            min(greatest(d.received_at, o.received_at)) filter (o.delivery_id is not null)
        from sent as d
        left join sent as o
            on d.period = o.period and d.delivery_id <> o.delivery_id
            and abs(d.rows_read - o.rows_read) <= {SAME_SIZE} * d.rows_read
        where d.delivery_id in (select unnest($deliveries)) and d.rows_read < {LEAST_SHARE_OF_WHOLE} * d.most
        group by d.delivery_id
        """,
        {"agency": dataset.agency, "dataset": dataset.name, "deliveries": deliveries},
    ).fetchall()


def _find_status(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Our own names begin with _, as no contract's may."""
    key = ", ".join(dataset.key)
    content = ", ".join(f"t.{column.name}" for column in dataset.columns)
    is_in_order = not con.execute(
        "select 1 from audit.deliveries where agency = ? and dataset = ? and counts_from > received_at limit 1",
        [dataset.agency, dataset.name],
    ).fetchall()
    # one pass over a million rows less, on nearly every night
    timely = (
        "true"
        if is_in_order
        else f"_number = max(_number) over (partition by {key} order by _turn, _row rows unbounded preceding)"
    )
    con.execute(
        f"""
        create or replace temp table settled as
        with counting as (
            select delivery_id as _delivery_id, period as _of_period, counts_from as _since,
                delivery_id not in ({_partial(dataset)}) as _is_whole,
                row_number() over (order by received_at, delivery_id) as _number,
                row_number() over (order by counts_from, received_at, delivery_id) as _turn
            from audit.deliveries
            where agency = $agency and dataset = $dataset and status = 'loaded'
        ),
        bad as (
            select distinct delivery_id as _delivery_id, delivery_row as _row
            from audit.quarantine
            where agency = $agency and dataset = $dataset and severity = 'error'
        ),
        said as (
            select t.rowid as _id, {_of("t", dataset.key)}, d._number, d._turn, d._since, t._row,
                case when t._decision is distinct from 'hapus' then hash({content}) end as _content
            from {dataset.table} as t
            inner join counting as d on t._delivery_id = d._delivery_id
            anti join bad on t._delivery_id = bad._delivery_id and t._row = bad._row
            {_lacking(dataset) if dataset.is_whole else ""}
        ),
        timed as (
            select *, {timely} as _is_timely
            from said
        ),
        compared as (
            select *, _content is not distinct from lag(_content) over (
                partition by {key}, _is_timely order by _turn, _row
            ) as _is_repeated
            from timed
        ),
        followed as (
            select _id, _since, _content is not null and _is_timely as _is_word, _is_repeated,
                lead(_since) over (partition by {key}, _is_timely, _is_repeated order by _turn, _row) as _until
            from compared
        )
        select _id,
            case
                when not _is_word then 'superseded'
                when _is_repeated then 'duplicate'
                when _until is null then 'accepted'
                else 'superseded'
            end as _status,
            case when _is_word and not _is_repeated then _since end as _known_from,
            case when _is_word and not _is_repeated then _until end as _known_to
        from followed
        where _id is not null
        """,
        {"agency": dataset.agency, "dataset": dataset.name},
    )


def _partial(dataset: Dataset) -> str:
    return f"select _delivery_id from {dataset.table} where _ticket is not null or _decision is not null"


def _lacking(dataset: Dataset) -> str:
    """SQL of the `hapus` that a whole delivery says of each key of its period that it lacks, however bad the row."""
    key = ", ".join(dataset.key)
    return f"""
        union all by name
        select *, null as _content
        from (
            select known.*, d._number, d._turn, d._since, 0 as _row
            from (
                select distinct {key}
                from {dataset.table}
                where _period in (select _of_period from counting group by all having count(*) > 1)
            ) as known
            inner join counting as d on known._period = d._of_period and d._is_whole
            except
            select {_of("t", dataset.key)}, d._number, d._turn, d._since, 0
            from {dataset.table} as t
            inner join counting as d on t._delivery_id = d._delivery_id
        )"""


def _write(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Write what was settled where it changes something: on most nights that is little."""
    con.execute(
        f"""
        update {dataset.table} as t
        set _status = s._status, _known_from = s._known_from, _known_to = s._known_to
        from (
            select all_rows.rowid as _id, coalesce(settled._status, 'quarantined') as _status,
                settled._known_from, settled._known_to
            from {dataset.table} as all_rows
            left join settled on all_rows.rowid = settled._id
            where all_rows._status is distinct from coalesce(settled._status, 'quarantined')
                or all_rows._known_from is distinct from settled._known_from
                or all_rows._known_to is distinct from settled._known_to
        ) as s
        where t.rowid = s._id
        """
    )


def _count(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
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


def _of(table: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)
