"""What an agency decided on a row that went back to it: `benar` keeps the row as it is, `hapus` says it is no more.

A row of `benar` still breaks the rules; its reasons stay in `audit.quarantine`, overruled. It must name who decided,
and must be the row that was sent back, unchanged. It overrules only what the contract says may be true (a child of 155
cm): an empty cell, an unknown place or code, a figure told twice or a day to come is nothing that a mart could use.
"""

import duckdb

from include.contract import Dataset
from include.items import arrival, content, ticket

NO_WORD = "pilih benar atau hapus, atau kosongkan"
NO_NAME = "keputusan benar perlu nama di kolom Diputuskan Oleh"
NO_TICKET = "keputusan benar perlu Tiket dari buku perbaikan; yang ini tidak dikenal"
IMPOSSIBLE = "keputusan benar hanya untuk hasil ukur di luar batas; kesalahan lain di baris ini harus diperbaiki"
CHANGED = "keputusan benar hanya untuk baris yang tidak diubah; periksa lagi atau kosongkan keputusan"


def apply_decisions(con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]) -> None:
    """Overrule the reasons of rows that their agency calls right, drop those of rows it takes back.

    A bad row whose decision counts for nothing gets one more reason: what its decision lacks.
    """
    values = {"agency": dataset.agency, "dataset": dataset.name, "deliveries": deliveries}
    if not con.execute(
        f"""
        select 1 from {dataset.raw_table}
        where _delivery_id in (select unnest(?)) and not is_blank(coalesce(_decision, '')) limit 1
        """,
        [deliveries],
    ).fetchall():
        return
    con.execute(
        f"""
        delete from audit.quarantine as q
        where delivery_id in (select unnest(?)) and exists (
            from {dataset.table} as t
            where t._delivery_id = q.delivery_id and t._row = q.delivery_row and t._decision = 'hapus'
        )
        """,
        [deliveries],
    )
    con.execute(
        f"""
        create or replace temp table decided as
        with bad as (
            select delivery_id, delivery_row,
                bool_and(rule = 'in_range' and list_contains($may_be_true::varchar[], column_name)) as may_be_true
            from audit.quarantine
            where agency = $agency and dataset = $dataset and severity = 'error'
            group by all
        ),
        told as (
            select {arrival("t")} as _arrival, t._delivery_id, t._row, t._ticket, bad.may_be_true as _may_be_true,
                t._decision, t._decided_by, {ticket("t._delivery_id", "t._row", "t._period")} as _own,
                nullif(without_blanks(cells._decision), '') as _said, {content(dataset, "t", "cells")} as _content
            from {dataset.table} as t
            inner join bad on t._delivery_id = bad.delivery_id and t._row = bad.delivery_row
            inner join {dataset.raw_table} as cells on t._delivery_id = cells._delivery_id and t._row = cells._row
        ),
        compared as (
            select d._delivery_id, d._row, any_value(d._said) as said, any_value(d._decision) as decision,
                any_value(d._decided_by) as decided_by, any_value(d._may_be_true) as may_be_true, count(b._row) as times_told,
                count(b._row) filter (b._content = d._content) as times_told_so
            from told as d
            left join told as b on d._ticket in (b._own, b._ticket) and b._arrival < d._arrival
            where d._said is not null and d._delivery_id in (select unnest($deliveries))
            group by d._delivery_id, d._row
        )
        select *,
            case
                when decision is null then $no_word
                when decided_by is null then $no_name
                when times_told = 0 then $no_ticket
                when times_told_so = 0 then $changed
                when not may_be_true then $impossible
            end as lack
        from compared
        """,
        values
        | {"no_word": NO_WORD, "no_name": NO_NAME, "no_ticket": NO_TICKET, "changed": CHANGED, "impossible": IMPOSSIBLE}
        | {"may_be_true": [rule.column for rule in dataset.rules if rule.may_be_true]},
    )
    con.execute(
        """
        update audit.quarantine as q
        set severity = 'overruled'
        from decided as d
        where q.delivery_id = d._delivery_id and q.delivery_row = d._row and d.lack is null and q.severity = 'error'
        """
    )
    con.execute(
        """
        insert into audit.quarantine
        select _delivery_id, ?, ?, _row, '_decision', said, 'decision', 'error', lack from decided where lack is not null
        """,
        [dataset.agency, dataset.name],
    )
