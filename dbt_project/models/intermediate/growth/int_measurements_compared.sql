with
    measurements as (select * from {{ ref("int_measurements") }}),

    scored as (
        select measurement_id, corrected_height_cm
        from {{ ref("int_measurements_scored") }}
    ),

    -- the water of oedema is weighed too: such a weight says nothing of growth
    measured as (
        select
            measurements.measurement_id,
            measurements.child_id,
            measurements.sex,
            measurements.measured_on,
            {{ month_of("measurements.measured_on") }} as month,
            {{ completed_months("measurements.age_days") }} as age_months,
            case
                when not coalesce(measurements.has_oedema, false)
                then measurements.weight_kg
            end as weight_kg,
            {{ lying_cm("scored.corrected_height_cm", "measurements.age_days") }}
            as height_cm
        from measurements
        inner join scored using (measurement_id)
    ),

    compared as (
        select
            *,
            {{ of_known("lag", "weight_kg") }} over child as last_weight_kg,
            {{
                of_known(
                    "lag", "case when weight_kg is not null then measured_on end"
                )
            }} over child as last_weighed_on,
            {{ of_known("lag", "height_cm") }} over child as last_height_cm,
            {{
                of_known(
                    "lag", "case when height_cm is not null then measured_on end"
                )
            }} over child as last_height_on
        from measured
        window child as (partition by child_id order by measured_on nulls last)
    )

select *
from compared
