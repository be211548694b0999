"""Judgement on weighings: what no single row can show. Each limit is dated and has its reason."""

from expectations.judgement import Judgement
from include.places import seed

JUDGEMENTS = [
    Judgement(
        name="other_regency_share",
        severity="critical",
        # 2026-11: over 1 % of rows from elsewhere means the export was made for another regency; a city (kota) of
        # the same name is one.
        reason="over 1 % of the rows are from another regency",
        query=f"""
            select _delivery_id, round(100 * avg(is_elsewhere::int), 1) || ' %' as found
            from (
                select _delivery_id,
                    not contains(lower(regency_name), lower(kabupaten_name))
                    or (contains(lower(regency_name), 'kota') and not contains(lower(kabupaten_name), 'kota')) as is_elsewhere
                from {{batch}}, {seed("ref_kabupaten")}
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
            with judged as (
                select distinct _delivery_id, _received_at, puskesmas_name, _period from {batch}
            ),
            firsts as (
                select puskesmas_name, _period as month, min(_received_at) as came_at
                from dinkes.penimbangan
                where puskesmas_name in (select puskesmas_name from judged)
                group by puskesmas_name, _period, child_name, born_on, desa_name, measured_on
            ),
            arrivals as (select puskesmas_name, month, came_at, count(*) as new_rows from firsts group by all),
            moments as (
                select *, _received_at as moment from judged
                union
                select judged.*, came_at
                from judged
                inner join arrivals using (puskesmas_name)
                where came_at > _received_at
            ),
            volumes as (
                select moments.*, month, sum(new_rows)::integer as volume
                from moments
                inner join arrivals using (puskesmas_name)
                where came_at <= moment and month <= _period
                group by all
            ),
            compared as (
                select _delivery_id, puskesmas_name, _period, moment,
                    max(volume) filter (month = _period) as volume,
                    arg_max(volume, month) filter (month < _period) as before
                from volumes
                group by all
            ),
            puskesmas as (
                select _delivery_id, arg_min(before || ' -> ' || volume, moment) as found,
                    arg_min(coalesce(before >= 50 and volume < 0.7 * before, false), moment) as is_cut,
                    min(moment) filter (not coalesce(before >= 50 and volume < 0.7 * before, false)) as until
                from compared
                group by _delivery_id, puskesmas_name, _period
            )
            select _delivery_id, min(found) as found, case when count(*) = count(until) then max(until) end as until
            from puskesmas
            where is_cut
            group by _delivery_id
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
