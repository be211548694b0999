-- WHO's rules of prevalence: a flagged score counts as missing, each index by itself; a
-- child with oedema counts as z = -3.1 in wasting and underweight. The month is told by
-- its latest valid score. Here alone is said from which score on a child is stunted,
-- underweight or wasted.
with
    measurements as (select * from {{ ref("int_measurements") }}),

    scored as (select * from {{ ref("int_measurements_scored") }}),

    growth as (select * from {{ ref("int_growth_between_weighings") }}),

    valid as (
        select
            measurements.child_id,
            {{ month_of("measurements.measured_on") }} as month,
            measurements.measured_on,
            coalesce(measurements.has_oedema, false) as has_oedema,
            case when not scored.is_haz_flagged then scored.haz end as haz,
            case
                when measurements.has_oedema
                then -3.1
                when not scored.is_waz_flagged
                then scored.waz
            end as waz,
            case
                when measurements.has_oedema
                then -3.1
                when not scored.is_whz_flagged
                then scored.whz
            end as whz,
            case
                when measurements.has_oedema
                then -3.1
                when not scored.is_baz_flagged
                then scored.baz
            end as baz,
            coalesce(scored.is_haz_flagged, false)
            or coalesce(scored.is_waz_flagged, false)
            or coalesce(scored.is_whz_flagged, false)
            or coalesce(scored.is_baz_flagged, false) as is_flagged,
            growth.weight_gain_code,
            growth.is_2t
        from measurements
        inner join scored using (measurement_id)
        inner join growth using (measurement_id)
        -- a child who came and was neither weighed nor measured is not measured
        where measurements.weight_kg is not null or measurements.height_cm is not null
    ),

    latest as (
        select
            child_id,
            month,
            bool_or(has_oedema) as has_oedema,
            bool_or(is_flagged) as is_flagged,
            max_by(haz, measured_on) filter (where haz is not null) as haz,
            max(measured_on) filter (where haz is not null) as height_on,
            max_by(waz, measured_on) filter (where waz is not null) as waz,
            max_by(whz, measured_on) filter (where whz is not null) as whz,
            max_by(baz, measured_on) filter (where baz is not null) as baz,
            -- only the first weighing of a month has a code
            max(weight_gain_code) as weight_gain_code,
            bool_or(is_2t) as is_2t
        from valid
        group by child_id, month
    ),

    classed as (
        select
            *,
            haz < -2 as is_stunted,
            haz < -3 as is_severely_stunted,
            waz < -2 as is_underweight,
            whz < -2 as is_wasted,
            whz < -3 as is_severely_wasted
        from latest
    )

select *
from classed
