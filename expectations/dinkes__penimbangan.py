"""Judgement on weighings: what no single row can show. Each limit is dated and has its reason."""

from expectations.judgement import Judgement

JUDGEMENTS = [
    Judgement(
        name="other_regency_share",
        severity="critical",
        # 2026-11: over 1 % of rows from elsewhere means the export was made for another regency; the city (kota)
        # of Serang is one.
        reason="over 1 % of the rows are from another regency",
        query="""
            select _delivery_id, round(100 * avg(is_elsewhere::int), 1) || ' %' as found
            from (
                select _delivery_id, regency_name not ilike '%serang%' or regency_name ilike '%kota%' as is_elsewhere
                from {batch}
            )
            group by _delivery_id
            having avg(is_elsewhere::int) > 0.01
        """,
    ),
    Judgement(
        name="row_volume_against_last_period",
        severity="critical",
        # 2026-11: a fall by more than 30 % is an export cut short far more often than a month without weighing.
        reason="the rows of a puskesmas fell by over 30 % from one month to the next",
        query="""
            with volumes as (
                select puskesmas_name, _period, count(distinct (child_name, born_on, desa_name, measured_on)) as volume
                from dinkes.penimbangan
                group by all
            ),
            compared as (
                select puskesmas_name, _period, volume, lag(volume) over (partition by puskesmas_name order by _period) as before
                from volumes
            )
            select batch._delivery_id, any_value(before || ' -> ' || volume) as found
            from {batch} as batch
            inner join compared using (puskesmas_name, _period)
            where before >= 50 and volume < 0.7 * before
            group by batch._delivery_id
        """,
    ),
    Judgement(
        name="height_digit_preference",
        severity="warning",
        # 2026-11: a tenth of heights should end in .0; over 60 % are rounded or cut to whole centimetres.
        reason="over 60 % of the heights are whole centimetres",
        query="""
            select _delivery_id, round(100 * avg((height_cm = floor(height_cm))::int)) || ' %' as found
            from {batch}
            group by _delivery_id
            having avg((height_cm = floor(height_cm))::int) > 0.6
        """,
    ),
    Judgement(
        name="masked_nik_share",
        severity="warning",
        # 2026-11: without NIK children can only be joined by name; ask the agency for an unmasked export.
        reason="over 50 % of the NIK are masked or cut",
        query="""
            select _delivery_id, round(100 * avg(list_contains(_lost, 'child_nik')::int)) || ' %' as found
            from {batch}
            group by _delivery_id
            having avg(list_contains(_lost, 'child_nik')::int) > 0.5
        """,
    ),
]
