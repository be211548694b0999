with
    linked as (select * from {{ ref("int_measurements_linked") }}),

    counted as (
        select
            coalesce(puskesmas_code, 'unknown') as puskesmas_code,
            {{ month_of("measured_on") }} as month,
            count(*) as rows_accepted,
            count(*) filter (where is_same_day_duplicate) as same_day_duplicates,
            count(*) filter (where age_days < 0) as rows_before_birth,
            100.0
            * count(*) filter (where is_nik_missing)
            / count(*) as nik_missing_pct,
            100.0 * count(*) filter (where is_nik_lost) / count(*) as nik_lost_pct,
            100.0
            * count(*) filter (where position is null)
            / count(*) as position_unknown_pct,
            -- lying from two years on, or standing before
            100.0
            * count(*) filter (where (position = 'lying') = (age_days >= 731))
            / nullif(count(position), 0) as position_unexpected_pct,
            count(height_cm) as heights,
            -- a tenth of true heights end in .0
            100.0
            * count(*) filter (where height_cm = floor(height_cm))
            / nullif(count(height_cm), 0) as whole_cm_pct
        from linked
        group by 1, 2
    )

select *
from counted
