-- Desa, kecamatan and puskesmas are ways of dividing the same records: each must add up
-- to the kabupaten, known and due. Sums over nothing are 0 on both sides.
with
    totals as (
        select
            area_level,
            indicator_id,
            quarter,
            coalesce(sum(numerator), 0) as numerator,
            coalesce(sum(denominator), 0) as denominator,
            coalesce(sum(records_known), 0) as records_known,
            coalesce(sum(records_due), 0) as records_due
        from {{ ref("opd_progress") }}
        group by area_level, indicator_id, quarter
    ),

    kabupaten as (select * from totals where area_level = 'kabupaten')

select totals.*
from totals
left join kabupaten using (indicator_id, quarter)
where
    kabupaten.indicator_id is null
    or totals.numerator <> kabupaten.numerator
    or totals.denominator <> kabupaten.denominator
    or totals.records_known <> kabupaten.records_known
    or totals.records_due <> kabupaten.records_due
