-- The scores and the growth of the same weighings, as sums that any area adds up
-- (macros/quality.sql).
with
    measurements as (select * from {{ ref("int_measurements") }}),

    scored as (select * from {{ ref("int_measurements_scored") }}),

    growth as (select * from {{ ref("int_growth_between_weighings") }}),

    counted as (
        select
            {{ month_of("measurements.measured_on") }} as month,
            coalesce(measurements.puskesmas_code, 'unknown') as puskesmas_code,
            coalesce(measurements.posyandu_desa_code, 'unknown') as desa_code,
            coalesce(measurements.posyandu_name, 'unknown') as posyandu_name,
            count(*) as measurements,
            count(*) filter (
                where
                    is_haz_flagged or is_waz_flagged or is_whz_flagged or is_baz_flagged
            ) as flagged,
            {{ z_sums("haz") }},
            {{ z_sums("waz") }},
            {{ z_sums("whz") }},
            count(growth.is_implausible_shrink) as heights_compared,
            count(*) filter (where growth.is_implausible_shrink) as implausible_shrinks
        from measurements
        inner join scored using (measurement_id)
        inner join growth using (measurement_id)
        group by 1, 2, 3, 4
    )

select *
from counted
