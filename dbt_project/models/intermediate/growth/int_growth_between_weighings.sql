-- What changed since the last time. Weight goes by the card's minimum gain (KBM,
-- ref_weight_gain_minimum): N gained enough, T did not, O not weighed the month before,
-- B first weighing; twice T running is 2T. Height does not fall: a fall within the
-- error of measuring (ref_measurement_error) is noise, only a larger one says that a
-- height is wrong. Which of the two is wrong is not known, so both stay scored: a known
-- error that data_quality_puskesmas counts.
with
    compared as (select * from {{ ref("int_measurements_compared") }}),

    minimum_gains as (select * from {{ ref("ref_weight_gain_minimum") }}),

    errors as (
        select tolerance as height_error_cm
        from {{ ref("ref_measurement_error") }}
        where measure = 'height_cm'
    ),

    gained as (
        select
            compared.*,
            case
                when compared.weight_kg is null
                then null
                when compared.last_weighed_on is null
                then 'B'
                when
                    {{
                        dbt.datediff(
                            "compared.last_weighed_on", "compared.month", "month"
                        )
                    }} > 1
                then 'O'
                when compared.month = {{ month_of("compared.last_weighed_on") }}
                then null
                when
                    round((compared.weight_kg - compared.last_weight_kg) * 1000)
                    >= minimum_gains.minimum_gain_g
                then 'N'
                when minimum_gains.minimum_gain_g is not null
                then 'T'
            end as weight_gain_code
        from compared
        left join minimum_gains using (sex, age_months)
    ),

    described as (
        select
            gained.measurement_id,
            gained.child_id,
            {{ dbt.datediff("last_weighed_on", "measured_on", "day") }} as weight_days,
            weight_kg - last_weight_kg as weight_gained_kg,
            weight_gain_code,
            case
                when weight_gain_code is not null
                then
                    weight_gain_code = 'T'
                    and coalesce(
                        {{ of_known("lag", "weight_gain_code") }} over (
                            partition by child_id order by measured_on nulls last
                        )
                        = 'T',
                        false
                    )
            end as is_2t,
            {{ dbt.datediff("last_height_on", "measured_on", "day") }} as height_days,
            round(height_cm - last_height_cm, 2) as height_gained_cm,
            round(height_cm - last_height_cm, 2)
            < - errors.height_error_cm as is_implausible_shrink
        from gained
        cross join errors
    )

select *
from described
