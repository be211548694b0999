-- Growth faltering: height-for-age fell by more than the error of measuring explains
-- (ref_measurement_error). To fall in height-for-age is to grow less than a child that
-- keeps its z-score: the missing centimetres are the fall times the standard deviation
-- of WHO's standard at the later age.
-- Under two years a z-score also falls without harm, as a large newborn finds its own
-- curve. There WHO's velocity standards (2009: increments over 2, 3, 4 and 6 months)
-- must agree that the gain is under their -2 SD. From two years on, and over other
-- intervals, WHO has none and the first rule stands alone.
with
    compared as (select * from {{ ref("int_heights_compared") }}),

    errors as (
        select tolerance as height_error_cm
        from {{ ref("ref_measurement_error") }}
        where measure = 'height_cm'
    ),

    standards as (
        select who_age_key, lhfa_m * lhfa_s as sd_cm from {{ ref("int_who_by_age") }}
    ),

    velocities as (
        select
            sex as sex_code,
            interval_months,
            from_age_months,
            l as gain_l,
            m as gain_m,
            s as gain_s
        from {{ ref("who2009_length_velocity") }}
    ),

    measured as (
        select
            compared.*,
            - haz_change * standards.sd_cm as missing_cm,
            round(days / {{ days_per_month() }}) as interval_months,
            case
                when age_days < 731 then round(last_age_days / {{ days_per_month() }})
            end as from_age_months
        from compared
        left join
            standards
            on {{ who_age_key("sex_code", "floor(age_days + 0.5)") }}
            = standards.who_age_key
    ),

    -- the gain as if the interval had been whole months, as the standards have it
    judged as (
        select
            measurement_id,
            child_id,
            measured_on,
            haz_change,
            {{ month_of("last_height_on") }} as haz_change_since,
            case
                -- nobody shrinks: one of the two heights is wrong, which is not known
                when gain_cm < - errors.height_error_cm
                then null
                else
                    missing_cm > errors.height_error_cm
                    and coalesce(
                        gain_cm * interval_months * {{ days_per_month() }} / days
                        < {{ who_measure_at(-2, "gain") }},
                        true
                    )
            end as is_faltering
        from measured
        cross join errors
        left join velocities using (sex_code, interval_months, from_age_months)
    )

select *
from judged
