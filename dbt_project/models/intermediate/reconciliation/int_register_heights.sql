-- The one height by which a child is counted in a month (int_child_months_measured),
-- with the height under which a child of its sex and age is stunted. A score is rounded
-- to two decimals before it is judged, so that height lies at -2.005.
with
    measurements as (select * from {{ ref("int_measurements") }}),

    scored as (
        select *
        from {{ ref("int_measurements_scored") }}
        where haz is not null and not is_haz_flagged
    ),

    who_by_age as (select * from {{ ref("int_who_by_age") }}),

    child_months as (select * from {{ ref("int_child_months") }}),

    valid as (
        select
            measurements.child_id,
            {{ month_of("measurements.measured_on") }} as month,
            case measurements.sex when 'L' then 1 when 'P' then 2 end as sex_code,
            measurements.puskesmas_code,
            measurements.age_days,
            measurements.position,
            measurements.height_cm,
            scored.corrected_height_cm,
            scored.haz,
            row_number() over (
                partition by
                    measurements.child_id, {{ month_of("measurements.measured_on") }}
                order by measurements.measured_on desc
            ) as rank
        from measurements
        inner join scored using (measurement_id)
    ),

    limited as (
        select
            valid.child_id,
            valid.month,
            coalesce(valid.puskesmas_code, 'unknown') as puskesmas_code,
            valid.age_days,
            valid.position,
            valid.height_cm,
            valid.corrected_height_cm,
            valid.haz,
            {{ who_measure_at(-2.005, "by_day.lhfa") }} as limit_cm,
            {{ who_measure_at(-2.005, "by_month.lhfa") }} as limit_of_month_cm,
            -- how many z a centimetre is
            1 / (by_day.lhfa_m * by_day.lhfa_s) as z_per_cm
        from valid
        inner join child_months using (child_id, month)
        inner join
            who_by_age as by_day
            on by_day.who_age_key
            = {{ who_age_key("valid.sex_code", "floor(valid.age_days + 0.5)") }}
        -- e-PPGBM's way: the table of the completed month
        inner join
            who_by_age as by_month
            on by_month.who_age_key
            = {{
                who_age_key(
                    "valid.sex_code",
                    "floor("
                    ~ completed_months("valid.age_days")
                    ~ " * "
                    ~ days_per_month()
                    ~ " + 0.5)",
                )
            }}
        where valid.rank = 1
    )

select *
from limited
