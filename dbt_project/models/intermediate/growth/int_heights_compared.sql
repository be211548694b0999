-- Each valid height beside the child's latest valid one at least 8 weeks before and no
-- older than half a year (ref_height_comparison).
with
    measurements as (
        select
            measurement_id,
            child_id,
            case sex when 'L' then 1 when 'P' then 2 end as sex_code,
            age_days,
            measured_on
        from {{ ref("int_measurements") }}
    ),

    scored as (
        select measurement_id, haz, corrected_height_cm
        from {{ ref("int_measurements_scored") }}
        where not is_haz_flagged
    ),

    limits as (
        select
            max(days) filter (where name = 'min_days') as min_days,
            max(days) filter (where name = 'max_days') as max_days
        from {{ ref("ref_height_comparison") }}
    ),

    lying as (
        select
            measurements.*,
            scored.haz,
            {{ lying_cm("scored.corrected_height_cm", "age_days") }} as lying_cm
        from measurements
        inner join scored using (measurement_id)
    ),

    paired as (
        select
            lying.*,
            last_value(haz) over earlier as last_haz,
            last_value(lying_cm) over earlier as last_lying_cm,
            last_value(age_days) over earlier as last_age_days,
            last_value(measured_on) over earlier as last_height_on
        from lying
        cross join limits
        window
            earlier as (
                partition by child_id
                order by
                    age_days nulls last
                    range
                    between {{ compared_days("max_days") }} preceding
                    and {{ compared_days("min_days") }} preceding
            )
    ),

    compared as (
        select
            measurement_id,
            child_id,
            measured_on,
            sex_code,
            age_days,
            last_age_days,
            last_height_on,
            age_days - last_age_days as days,
            round(haz - last_haz, 2) as haz_change,
            lying_cm - last_lying_cm as gain_cm
        from paired
        where last_haz is not null
    )

select *
from compared
