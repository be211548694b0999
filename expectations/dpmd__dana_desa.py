"""Judgement on village funds: spending is cumulative in the year, which no single row can show."""

from expectations.judgement import Judgement

JUDGEMENTS = [
    Judgement(
        name="spending_falls_between_quarters",
        severity="warning",
        # 2026-11: spending counts from the year's beginning; less than a quarter before is a correction or a slip.
        reason="less was spent up to this quarter than up to an earlier one of the year",
        query="""
            select batch._delivery_id, count(distinct batch._row) || ' desa' as found
            from {batch} as batch
            inner join dpmd.dana_desa as before using (desa_code, year)
            where before.quarter_no < batch.quarter_no and before.stunting_spent_rp > batch.stunting_spent_rp
                and before._received_at <= batch._received_at
                and (before._delivery_id, before._row) not in (
                    select (delivery_id, delivery_row) from audit.quarantine where severity = 'error'
                )
            group by batch._delivery_id
        """,
    ),
]
