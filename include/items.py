"""Follows each bad row until it is settled: `audit.items`, one row per row that went back to its agency.

A bad row that comes again is the same item, not another one: by its ticket, by its key, by its cells, or at its place
in a file of the same name. An item is closed by what arrived after its last new wording: by a good row with its ticket
or its key, or by a file of the same name and period that no longer has it (any file of the period, where one is the
whole of it). Else it is open.
"""

from collections.abc import Sequence

import duckdb

from include.contract import Dataset
from include.vault import lasting_key
from include.warehouse import literal


def ticket(delivery: str, row: str, period: str) -> str:
    """Return SQL of a row's ticket, for example T2026-10-3F9A1C2077BE. It begins with a letter: no number, no date.

    Keyed, so that nobody can make the ticket of another's row.
    """
    key = literal(lasting_key("tickets").hex())
    return f"'T' || coalesce({period}, '') || '-' || upper(left(sha256({key} || {delivery} || '/' || {row}), 12))"


def arrival(table: str) -> str:
    """Return SQL of a row's place in the order of arrival, that of its delivery first."""
    return f"struct_pack(at := {table}._received_at, delivery := {table}._delivery_id, row_no := {table}._row)"


def cell_shown(column: str, data_type: str, typed: str, raw: str) -> str:
    """Return SQL of a cell as the workbook shows it: a date that was read as a date, all else as delivered."""
    as_delivered = (
        f"coalesce(regexp_replace(without_blanks(without_guard({raw}.{column})), '[[:cntrl:]]', '', 'g'), '')"
    )
    return f"coalesce({typed}.{column}::varchar, {as_delivered})" if data_type == "date" else as_delivered


def content(dataset: Dataset, typed: str, raw: str) -> str:
    """Return SQL of one number for all cells of a row, equal when the agency changed none of them."""
    return f"hash({', '.join(cell_shown(c.name, c.data_type, typed, raw) for c in dataset.columns)}, {raw}._line)"


def settle_items(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Write the dataset's items anew, from all its rows as the gate has settled them."""
    names = {"agency": dataset.agency, "dataset": dataset.name}
    _gather_bad_rows(con, dataset, names)
    _group_into_items(con, dataset)
    _find_events(con, dataset, names)
    con.execute("delete from audit.items where agency = $agency and dataset = $dataset", names)
    con.execute(
        """
        insert into audit.items
        select min_by(_own, _place), $agency, $dataset, min_by(_period, _place), max_by(_delivery_id, _place),
            max_by(_row, _place), min(_received_at), coalesce(any_value(e._state), 'open')
        from item_rows
        left join (select _item, max_by(_state, _arrival) as _state from item_events group by all) as e using (_item)
        group by _item
        """,
        names,
    )


def _gather_bad_rows(con: duckdb.DuckDBPyConnection, dataset: Dataset, names: dict[str, str]) -> None:
    """Make `bad_rows`: `_place` is the order of arrival; `_given` the ticket a row came with, `_own` the one it would get."""
    key = ", ".join(dataset.key)
    is_whole_key = " and ".join(f"t.{column} is not null" for column in dataset.key)
    con.execute(
        f"""
        create or replace temp table bad_rows as
        with bad as (
            select distinct q.delivery_id, q.delivery_row, d.file_name, d.period as file_period
            from audit.quarantine as q
            inner join audit.deliveries as d using (delivery_id)
            where q.agency = $agency and q.dataset = $dataset and q.severity = 'error' and d.status in ('loaded', 'held')
        ),
        told as (
            select {arrival("t")} as _arrival, t._received_at, t._delivery_id, t._row,
                t._period, t._ticket as _given, {ticket("t._delivery_id", "t._row", "t._period")} as _own,
                bad.file_name as _file_name, bad.file_period as _file_period,
                {content(dataset, "t", "cells")} as _content, {is_whole_key} as _is_whole_key,
                {_of("t", [column for column in dataset.key if column != "_period"])}
            from {dataset.table} as t
            inner join bad on t._delivery_id = bad.delivery_id and t._row = bad.delivery_row
            inner join {dataset.raw_table} as cells on t._delivery_id = cells._delivery_id and t._row = cells._row
        )
        select *, row_number() over (order by _arrival) as _place,
            row_number() over (partition by _delivery_id, {key} order by _row) as _nth_of_key,
            row_number() over (partition by _delivery_id, _period, _content order by _row) as _nth_of_content
        from told
        """,
        names,
    )


def _group_into_items(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Make `item_rows`: to which item each bad row belongs, and whether it repeats a wording of that item."""
    key = ", ".join(dataset.key)
    con.execute(
        f"""
        create or replace temp table item_rows as
        with recursive named as (select _own, min(_place) as _place from bad_rows group by all),
        compared as (
            select b.*, named._place as _by_ticket,
                case when _is_whole_key then lag(b._place) over (partition by {key}, _nth_of_key order by b._place) end
                    as _by_key,
                lag(b._place) over (partition by _period, _content, _nth_of_content order by b._place) as _by_content,
                lag(b._place) over (partition by _file_name, _file_period, _row order by b._place) as _by_file
            from bad_rows as b
            left join named on b._given = named._own and named._place < b._place
        ),
        linked as (select *, coalesce(_by_ticket, _by_key, _by_content) as _before from compared),
        rooted as (
            select *, _place as _root from linked where _before is null
            union all
            select linked.*, rooted._root from linked inner join rooted on linked._before = rooted._place
        ),
        -- what is left may be the same line of a file that came again, unless that item is in the file already
        joined as (
            select r._root, c._root as _joins
            from rooted as r
            inner join rooted as c on r._by_file = c._place
            where r._place = r._root and r._given is null
                and (c._root, r._delivery_id) not in (select (_root, _delivery_id) from rooted)
        ),
        grouped as (
            select _root, _root as _item from rooted where _place = _root and _root not in (select _root from joined)
            union all
            select joined._root, grouped._item from joined inner join grouped on joined._joins = grouped._root
        )
        select *, row_number() over (partition by _item, _content order by _place) > 1 as _is_repeated
        from rooted
        inner join grouped using (_root)
        """
    )


def _find_events(con: duckdb.DuckDBPyConnection, dataset: Dataset, names: dict[str, str]) -> None:
    """Make `item_events`: what closes an item, after the arrival of its last new wording."""
    key = ", ".join(dataset.key)
    same_file = "true" if dataset.is_whole else "r._file_name = d.file_name"
    con.execute(
        f"""
        create or replace temp table item_events as
        with items as (
            select _item, max(_arrival) filter (not _is_repeated) as _last_new
            from item_rows
            group by all
        ),
        returned as (select distinct _delivery_id from {dataset.table} where _ticket is not null),
        as_is as (
            select distinct delivery_id, delivery_row
            from audit.quarantine
            where agency = $agency and dataset = $dataset and severity = 'overruled'
        ),
        good as (
            select {arrival("t")} as _arrival, t._ticket as _given, {_of("t", dataset.key)},
                case
                    when t._decision = 'hapus' then 'deleted'
                    when as_is.delivery_id is not null then 'accepted_as_is'
                    else 'fixed'
                end as _state
            from {dataset.table} as t
            left join as_is on t._delivery_id = as_is.delivery_id and t._row = as_is.delivery_row
            where t._status <> 'quarantined'
        ),
        events as (
            select r._item, g._arrival, g._state
            from good as g
            inner join item_rows as r on g._given = r._own
            union all
            select r._item, g._arrival, g._state
            from good as g
            inner join (select distinct _item, {key} from item_rows where _is_whole_key) as r using ({key})
        ),
        -- the newest delivery under each of the names that the item's files had
        newest as (
            select r._item, max_by(d.delivery_id, (d.received_at, d.delivery_id)) as _delivery_id,
                max(d.received_at) as _at
            from (select distinct _item, _file_name, _file_period from item_rows where _given is null) as r
            inner join audit.deliveries as d on r._file_period = d.period and {same_file}
            where d.agency = $agency and d.dataset = $dataset and d.status = 'loaded'
                and d.delivery_id not in (select _delivery_id from returned)
            group by r._item, r._file_name, r._file_period
        )
        select e._item, e._arrival, e._state
        from events as e
        inner join items using (_item)
        where e._arrival > items._last_new
        union all
        select n._item, struct_pack(at := n._at, delivery := n._delivery_id, row_no := 0::bigint), 'fixed'
        from newest as n
        inner join items using (_item)
        where n._at > items._last_new.at
            and (n._item, n._delivery_id) not in (select (_item, _delivery_id) from item_rows)
        """,
        names,
    )


def _of(table: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)
