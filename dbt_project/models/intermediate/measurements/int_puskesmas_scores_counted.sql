with
    measurements as (select * from {{ ref("int_measurements") }}),

    scored as (select * from {{ ref("int_measurements_scored") }}),

    growth as (select * from {{ ref("int_growth_between_weighings") }}),

    counted as (
        select
            coalesce(measurements.puskesmas_code, 'unknown') as puskesmas_code,
            {{ month_of("measurements.measured_on") }} as month,
            -- random error of measuring widens it: about 1.2 where heights are good;
            -- rounded, as the last digits depend on the order of summing
            round(
                stddev_samp(scored.haz) filter (where not scored.is_haz_flagged), 3
            ) as haz_sd,
            100.0 * count(*) filter (
                where
                    scored.is_haz_flagged
                    or scored.is_waz_flagged
                    or scored.is_whz_flagged
                    or scored.is_baz_flagged
            )
            / count(*) as flagged_pct,
            count(*) filter (where growth.is_implausible_shrink) as implausible_shrinks
        from measurements
        inner join scored using (measurement_id)
        inner join growth using (measurement_id)
        group by 1, 2
    )

select *
from counted
